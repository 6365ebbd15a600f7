//! Clauses of policies, kinds, blueprints and authorities.

use super::{
    adapters,
    combinators::{
        List, Rule, Rules, by_hand, demand, demand_body, failed, first_of, led_by, led_node, list, many,
        next_word, node, optional, position, rule, sequence, skip, token, when, word,
    },
    expressions::{any_name, binder, binding_name, kind_binder, part},
    problems,
    state::State,
    tests_and_sources, wanted,
};
use crate::SyntaxKind::{self, *};

/// Any clause, by its word. A word that starts a field is none.
pub(super) fn clause(rules: &Rules) -> Rule {
    let led = led_by(vec![
        (ForKw, rule(&rules.for_clause)),
        (RequireKw, require(rules)),
        judgement(rules, AllowKw, AllowClause),
        judgement(rules, DenyKw, DenyClause),
        escalate(rules),
        let_clause(rules),
        (DeriveKw, derive(rules)),
        transition(),
        identity(),
        (FromKw, adapters::adapter(rules)),
        (KeyKw, adapters::key_clause(rules)),
        (PartKw, adapters::part_clause(rules, PartKw)),
        (PartsKw, adapters::part_clause(rules, PartsKw)),
        judges(rules),
        build(rules),
        tests_and_sources::given(rules),
        tests_and_sources::expect(rules),
        (AliasKw, aliased(rules)),
    ]);
    when(|state, at| !state.is_field_start(at), led)
}

/// The first token after `alias "X" alias "Y"`.
fn after_aliases(state: &State, mut at: usize) -> usize {
    while state.kind(at) == AliasKw && !state.is_field_start(at) {
        at += 1;
        at += usize::from(state.kind(at) == String);
    }
    at
}

fn alias() -> Rule {
    let is_alias = |state: &State, at: usize| state.kind(at) == AliasKw && !state.is_field_start(at);
    node(Alias, sequence([when(is_alias, word(AliasKw)), demand(token(String), wanted::STRING)]))
}

/// A clause with aliases before it.
fn aliased(rules: &Rules) -> Rule {
    let is_for = |state: &State, at: usize| state.kind(after_aliases(state, at)) == ForKw;
    let is_require = |state: &State, at: usize| state.kind(after_aliases(state, at)) == RequireKw;
    let lonely = by_hand(|input| {
        let at = position(input);
        let next = after_aliases(input.state(), at);
        skip(input, next - at);
        input.state().push_node(Error, at, next);
        input.state().report(next, |state| problems::expected(state, next, wanted::ALIASED));
        Ok(())
    });
    first_of([when(is_for, rule(&rules.for_clause)), when(is_require, require(rules)), lonely])
}

/// `for binder { .. }`; several `for` nest.
pub(super) fn for_clause(rules: &Rules) -> Rule {
    let require = require(rules);
    // The body of one clause without its braces: the clause is read all the same.
    let bare = by_hand(move |input| {
        let at = position(input);
        if input.state().kind(at) != RequireKw {
            return failed();
        }
        input.state().report(at, |state| problems::expected(state, at, wanted::FOR_BODY));
        input.check(&require)?;
        let end = position(input);
        input.state().push_node(Body, at, end);
        Ok(())
    });
    let nested = when(|state, at| state.kind(at) == ForKw, rule(&rules.for_clause));
    let inner = first_of([rule(&rules.body), nested, bare]);
    node(
        ForClause,
        sequence([
            many(alias()),
            word(ForKw),
            needless_each(),
            demand(binder(rules), wanted::BINDER_NAME),
            demand_body(inner, wanted::FOR_BODY),
        ]),
    )
}

/// `for each b: Kind`, as people say it.
fn needless_each() -> Rule {
    by_hand(|input| {
        let at = position(input);
        let state = input.state();
        let is_it = matches!(state.text(at), "each" | "every" | "all" | "any") && state.is_name(at + 1);
        if is_it {
            state.report(at, |state| problems::needless_word(state, at, "write `for x: Kind`"));
            skip(input, 1);
        }
        Ok(())
    })
}

fn require(rules: &Rules) -> Rule {
    let label = when(|state, at| state.is_name(at) && state.kind(at + 1) == Colon, any_name());
    let fix = node(
        FixPart,
        sequence([next_word(FixKw), optional(any_name()), demand(rule(&rules.record), wanted::RECORD)]),
    );
    node(
        RequireClause,
        sequence([
            many(alias()),
            word(RequireKw),
            optional(sequence([label, token(Colon)])),
            demand(rule(&rules.expression), wanted::CONDITION),
            optional(part(ClausePart, AtKw, rule(&rules.expression))),
            optional(part(ClausePart, ElseKw, rule(&rules.expression))),
            optional(fix),
        ]),
    )
}

/// `allow when ..`, `deny when .. else ..`
fn judgement(rules: &Rules, keyword: SyntaxKind, kind: SyntaxKind) -> (SyntaxKind, Rule) {
    let rest = sequence([
        demand(word(WhenKw), wanted::WHEN),
        demand(rule(&rules.expression), wanted::CONDITION),
        optional(part(ClausePart, ElseKw, rule(&rules.expression))),
    ]);
    led_node(keyword, kind, rest)
}

fn escalate(rules: &Rules) -> (SyntaxKind, Rule) {
    let rest = sequence([
        demand(word(ToKw), wanted::TO),
        demand(rule(&rules.expression), wanted::ESCALATE_TO),
        optional(part(ClausePart, WhenKw, rule(&rules.expression))),
        optional(part(ClausePart, ElseKw, rule(&rules.expression))),
    ]);
    led_node(EscalateKw, EscalateClause, rest)
}

fn let_clause(rules: &Rules) -> (SyntaxKind, Rule) {
    let rest = sequence([
        demand(binding_name(), wanted::NAME),
        demand(token(Eq), wanted::EQUALS),
        demand(rule(&rules.expression), wanted::EXPRESSION),
    ]);
    led_node(LetKw, LetClause, rest)
}

/// `derive name: type = expr`
pub(super) fn derive(rules: &Rules) -> Rule {
    node(
        DeriveClause,
        sequence([
            word(DeriveKw),
            demand(any_name(), wanted::NAME),
            demand(token(Colon), wanted::COLON),
            demand(rule(&rules.type_), wanted::TYPE),
            demand(token(Eq), wanted::EQUALS),
            demand(rule(&rules.expression), wanted::EXPRESSION),
        ]),
    )
}

fn transition() -> (SyntaxKind, Rule) {
    let step = node(
        TransitionStep,
        sequence([any_name(), demand(token(FatArrow), wanted::STEP_ARROW), demand(any_name(), wanted::NAME)]),
    );
    let steps = list(List { opening: LBracket, item: step, wanted: wanted::STEP, items: "steps" });
    let rest = sequence([
        demand(any_name(), wanted::NAME),
        demand(token(Colon), wanted::COLON),
        demand(steps, wanted::STEPS),
    ]);
    led_node(TransitionKw, TransitionClause, rest)
}

fn identity() -> (SyntaxKind, Rule) {
    let names = list(List { opening: LParen, item: any_name(), wanted: wanted::NAME, items: "names" });
    led_node(IdentityKw, IdentityClause, demand(first_of([any_name(), names]), wanted::IDENTITY))
}

/// `judges x: Kind { .. }`
fn judges(rules: &Rules) -> (SyntaxKind, Rule) {
    let rest =
        sequence([demand(kind_binder(rules), wanted::NAME), demand_body(rule(&rules.body), wanted::BODY)]);
    led_node(JudgesKw, JudgesClause, rest)
}

/// `build terraform { .. }`
fn build(rules: &Rules) -> (SyntaxKind, Rule) {
    let rest = sequence([demand(any_name(), wanted::NAME), demand_body(rule(&rules.body), wanted::BODY)]);
    led_node(BuildKw, BuildClause, rest)
}
