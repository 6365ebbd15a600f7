//! Declarations and files.

use super::{
    combinators::{
        Input, List, Rule, Rules, attempt, by_hand, counted_as, define as define_rule, demand, demand_body,
        failed, first_of, led_by, led_node, list, many, node, optional, position, rule, sequence, skip,
        skip_to, token, when, word,
    },
    expressions::{any_name, in_binder, key, kind_binder, path},
    habits, problems,
    state::State,
    tests_and_sources::source,
    types::parameters,
    wanted,
};
use crate::SyntaxKind::{self, *};

/// Defines the declarations that may stand inside a body.
pub(super) fn define(rules: &Rules) {
    let any = any_declaration(rules);
    let inner = by_hand(move |input| {
        let at = position(input);
        let state = input.state();
        let kind = state.kind(at);
        if !kind.is_declaration_keyword() || state.is_field_start(at) {
            return failed();
        }
        if matches!(kind, ModuleKw | UseKw) {
            if !state.is_name(at + 1) {
                return failed();
            }
            let message = format!("`{}` stands at the top of a file", state.text(at));
            state.report(at, |state| {
                problems::misplaced(state, at, &message, "move it before the declarations")
            });
        }
        input.check(&any)
    });
    define_rule(&rules.declaration, counted_as(8, inner));
}

/// A whole file.
pub(super) fn file(rules: &Rules) -> Rule {
    let declaration = any_declaration(rules);
    by_hand(move |input| {
        let mut previous = 0;
        while position(input) < input.state().len() {
            let at = position(input);
            if attempt(input, &declaration) {
                let at = position(input);
                if input.state().kind(at) == Comma {
                    skip(input, 1);
                }
            } else {
                input.state().mute_after_error(previous, at);
                faulty_declaration(input);
            }
            previous = at;
        }
        Ok(())
    })
}

/// A place where no declaration starts. Takes at least one token, or corrects one.
fn faulty_declaration(input: &mut Input<'_>) {
    let at = position(input);
    let state = input.state();
    let may_be_keyword = state.may_report(at)
        && state.kind(at) == Name
        && (state.is_name(at + 1) || state.kind(at + 1) == String);
    let meant = if may_be_keyword {
        let habit = habits::declaration(state.text(at));
        habit.or_else(|| problems::meant_word(state, at, SyntaxKind::is_declaration_keyword))
    } else {
        None
    };
    state.report(at, |state| match state.kind(at) {
        kind if kind.is_name() => problems::unknown_declaration(state, at, meant),
        _ => {
            problems::unexpected(state, at, "a declaration starts with a word such as `resource` or `policy`")
        }
    });
    if let Some(kind) = meant {
        return state.correct(at, kind);
    }
    let next = next_declaration(state, at);
    skip_to(input, next);
}

/// Where the next declaration starts after a mistake.
fn next_declaration(state: &State, from: usize) -> usize {
    let mut at = state.partner(from) + 1;
    while at < state.len() {
        let after_break = state.is_line_start(at) || matches!(state.kind(at - 1), RBrace | Comma);
        if state.kind(at).is_declaration_keyword()
            && after_break
            && (state.is_name(at + 1) || state.kind(at + 1) == String)
        {
            return at;
        }
        at = state.partner(at) + 1;
    }
    at
}

/// The name that a declaration gives: any word, unless the next declaration starts there.
fn declared_name() -> Rule {
    when(|state, at| !state.is_declaration_here(at), any_name())
}

fn any_declaration(rules: &Rules) -> Rule {
    let body = || demand_body(rule(&rules.body), wanted::BODY);
    let name = || demand(declared_name(), wanted::NAME);
    let named_body = |keyword, kind| led_node(keyword, kind, sequence([name(), body()]));
    led_by(vec![
        led_node(ModuleKw, ModuleDeclaration, demand(path(), wanted::PATH)),
        use_declaration(),
        led_node(
            ApplyKw,
            ApplyDeclaration,
            sequence([demand(rule(&rules.expression), wanted::PATH), optional(rule(&rules.body))]),
        ),
        type_declaration(rules),
        const_declaration(rules),
        function(rules),
        resource(rules),
        kind(rules, KindKw, KindDeclaration),
        kind(rules, TraitKw, TraitDeclaration),
        blueprint(rules),
        shape(rules),
        extend(rules),
        led_node(BindKw, BindDeclaration, sequence([demand(kind_binder(rules), wanted::NAME), body()])),
        rule_set(rules, PolicyKw, PolicyDeclaration),
        rule_set(rules, AuthorityKw, AuthorityDeclaration),
        named_body(ExceptionKw, ExceptionDeclaration),
        named_body(BreakglassKw, BreakglassDeclaration),
        named_body(EvidenceKw, EvidenceDeclaration),
        named_body(GroupKw, GroupDeclaration),
        led_node(
            CatalogKw,
            CatalogDeclaration,
            sequence([name(), demand(first_of([source(rules), rule(&rules.body)]), wanted::CATALOG_SOURCE)]),
        ),
        led_node(ControlKw, ControlDeclaration, sequence([demand(key(), wanted::CONTROL_KEY), body()])),
        data(rules),
        test(rules),
        led_node(AmendKw, AmendDeclaration, sequence([demand(path(), wanted::PATH), body()])),
        tolerate(rules),
    ])
}

/// `use a.b.{c, d}`, `use a.b.*`, `use a.b as c`
fn use_declaration() -> (SyntaxKind, Rule) {
    let names = list(List { opening: LBrace, item: any_name(), wanted: wanted::USE_NAME, items: "names" });
    let names = sequence([token(Dot), first_of([node(UseNames, names), node(UseNames, token(Star))])]);
    let alias = sequence([word(AsKw), demand(any_name(), wanted::NAME)]);
    led_node(
        UseKw,
        UseDeclaration,
        sequence([demand(path(), wanted::PATH), optional(names), optional(alias)]),
    )
}

fn type_declaration(rules: &Rules) -> (SyntaxKind, Rule) {
    let rest = sequence([
        demand(declared_name(), wanted::NAME),
        demand(token(Eq), wanted::EQUALS),
        demand(rule(&rules.type_), wanted::TYPE),
    ]);
    led_node(TypeKw, TypeDeclaration, rest)
}

fn const_declaration(rules: &Rules) -> (SyntaxKind, Rule) {
    let is_type = |state: &State, at: usize| state.is_name(at) && !state.is_line_start(at);
    let colon = first_of([token(Colon), when(is_type, missing_colon())]);
    let rest = sequence([
        demand(declared_name(), wanted::NAME),
        optional(sequence([colon, demand(rule(&rules.type_), wanted::TYPE)])),
        demand(token(Eq), wanted::EQUALS),
        demand(rule(&rules.expression), wanted::EXPRESSION),
    ]);
    led_node(ConstKw, ConstDeclaration, rest)
}

/// Takes nothing: `const a int = 1`.
fn missing_colon() -> Rule {
    by_hand(|input| {
        let at = position(input);
        input.state().report(at, |state| problems::expected(state, at, wanted::COLON_OR_EQUALS));
        Ok(())
    })
}

fn function(rules: &Rules) -> (SyntaxKind, Rule) {
    let rest = sequence([
        demand(declared_name(), wanted::NAME),
        demand(parameters(rules), wanted::PARAMETERS),
        demand(token(Colon), wanted::COLON),
        demand(rule(&rules.type_), wanted::TYPE),
        demand(token(Eq), wanted::EQUALS),
        demand(rule(&rules.expression), wanted::EXPRESSION),
    ]);
    led_node(FnKw, FunctionDeclaration, rest)
}

/// `resource x for n in 1..4: Kind { .. }`, `resource x: Kind = y with { .. }`, `resource x = Blueprint(..)`
fn resource(rules: &Rules) -> (SyntaxKind, Rule) {
    let binder = demand(in_binder(rules), wanted::BINDER_NAME);
    let binder = by_hand(move |input| {
        input.state().ends_at_equals = true;
        let result = input.check(&binder);
        input.state().ends_at_equals = false;
        result
    });
    let each = when(|state, at| state.kind(at) == ForKw, sequence([word(ForKw), binder]));
    let equals = sequence([token(Eq), demand(rule(&rules.expression), wanted::EXPRESSION)]);
    let value = first_of([rule(&rules.body), equals.clone()]);
    let typed = sequence([
        token(Colon),
        demand(path(), wanted::KIND_PATH),
        demand(value.clone(), wanted::RESOURCE_VALUE),
    ]);
    // `resource x { .. }` and `resource x Kind { .. }`: the rest is read all the same.
    let untyped = by_hand(move |input| {
        let at = position(input);
        input.state().report(at, |state| problems::expected(state, at, wanted::RESOURCE_KIND));
        if input.state().kind(at) == Name {
            attempt(input, &path());
        }
        attempt(input, &value);
        Ok(())
    });
    let rest =
        sequence([demand(declared_name(), wanted::NAME), optional(each), first_of([typed, equals, untyped])]);
    led_node(ResourceKw, ResourceDeclaration, rest)
}

/// `: a, b`
fn traits() -> Rule {
    let another = sequence([token(Comma), demand(path(), wanted::KIND_PATH)]);
    node(Traits, sequence([token(Colon), demand(path(), wanted::KIND_PATH), many(another)]))
}

fn kind(rules: &Rules, keyword: SyntaxKind, kind: SyntaxKind) -> (SyntaxKind, Rule) {
    let rest = sequence([
        demand(declared_name(), wanted::NAME),
        optional(traits()),
        demand_body(rule(&rules.kind_body), wanted::BODY),
    ]);
    led_node(keyword, kind, rest)
}

fn blueprint(rules: &Rules) -> (SyntaxKind, Rule) {
    let rest = sequence([
        demand(declared_name(), wanted::NAME),
        demand(parameters(rules), wanted::PARAMETERS),
        optional(traits()),
        demand_body(rule(&rules.body), wanted::BODY),
    ]);
    led_node(BlueprintKw, BlueprintDeclaration, rest)
}

fn shape(rules: &Rules) -> (SyntaxKind, Rule) {
    let rest = sequence([
        demand(declared_name(), wanted::NAME),
        demand(token(Colon), wanted::KIND_COLON),
        demand(path(), wanted::KIND_PATH),
        demand_body(rule(&rules.body), wanted::BODY),
    ]);
    led_node(ShapeKw, ShapeDeclaration, rest)
}

fn extend(rules: &Rules) -> (SyntaxKind, Rule) {
    let rest = sequence([
        demand(path(), wanted::KIND_PATH),
        demand(word(WithKw), wanted::WITH),
        demand(path(), wanted::KIND_PATH),
        demand_body(rule(&rules.body), wanted::BODY),
    ]);
    led_node(ExtendKw, ExtendDeclaration, rest)
}

/// A policy or an authority.
fn rule_set(rules: &Rules, keyword: SyntaxKind, kind: SyntaxKind) -> (SyntaxKind, Rule) {
    let rest = sequence([
        demand(declared_name(), wanted::NAME),
        optional(parameters(rules)),
        demand_body(rule(&rules.body), wanted::BODY),
    ]);
    led_node(keyword, kind, rest)
}

fn data(rules: &Rules) -> (SyntaxKind, Rule) {
    let rest = sequence([
        demand(declared_name(), wanted::NAME),
        demand(token(Colon), wanted::COLON),
        demand(rule(&rules.type_), wanted::TYPE),
        demand(source(rules), wanted::FROM),
    ]);
    led_node(DataKw, DataDeclaration, rest)
}

fn test(rules: &Rules) -> (SyntaxKind, Rule) {
    // `test name { .. }`: the name is taken for the title, so that the body is read.
    let title = by_hand(|input| {
        let at = position(input);
        if input.state().kind(at) != String {
            input.state().report(at, |state| problems::expected(state, at, wanted::TITLE));
            if !input.state().is_name(at) || input.state().kind(at + 1) != LBrace {
                return Ok(());
            }
        }
        skip(input, 1);
        Ok(())
    });
    led_node(TestKw, TestDeclaration, sequence([title, demand_body(rule(&rules.body), wanted::BODY)]))
}

fn tolerate(rules: &Rules) -> (SyntaxKind, Rule) {
    let rest = sequence([
        demand(any_name(), wanted::NAME),
        demand(word(OfKw), wanted::OF),
        demand(kind_binder(rules), wanted::NAME),
        demand_body(rule(&rules.body), wanted::BODY),
    ]);
    led_node(TolerateKw, TolerateDeclaration, rest)
}
