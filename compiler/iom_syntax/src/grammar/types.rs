//! Types.

use super::{
    combinators::{
        Rule, Rules, attempt, by_hand, counted, define as define_rule, delimited, demand, first_of,
        next_kind, node, optional, position, rule, sequence, skip, token, when, word,
    },
    expressions::type_name,
    problems,
    state::State,
    wanted,
};
use crate::SyntaxKind::{self, *};

/// Defines the types.
pub(super) fn define(rules: &Rules) {
    define_rule(&rules.type_primary, counted(primary(rules)));
    define_rule(&rules.type_, counted(first_of([ordered(rules), union(rules)])));
}

/// `a "A" < b < c`
fn ordered(rules: &Rules) -> Rule {
    // A text that begins a field, `"a": ..` or `"a".b: ..`, is no spelling.
    let wire = when(|state, at| !state.is_field_start(at), token(String));
    let alternative = node(OrderedAlternative, sequence([super::expressions::any_name(), optional(wire)]));
    let refined = refined(rules);
    let run = by_hand(move |input| {
        loop {
            if !attempt(input, &alternative) {
                let at = position(input);
                input.state().report(at, |state| problems::expected(state, at, wanted::NAME));
            }
            let at = position(input);
            match input.state().kind(at) {
                Lt => skip(input, 1),
                Pipe => break,
                _ => return Ok(()),
            }
        }
        while next_kind(input) == Pipe {
            let at = position(input);
            input.state().report(at, |state| {
                problems::not_chainable(
                    state,
                    at,
                    "an ordered union has no `|`",
                    "write `<` between all alternatives, or `|` between all",
                )
            });
            skip(input, 1);
            attempt(input, &refined);
        }
        Ok(())
    });
    when(starts_ordered, node(OrderedType, run))
}

fn starts_ordered(state: &State, at: usize) -> bool {
    let is_prefix = matches!(state.kind(at), RefKw | LinkKw | SecretKw | ListKw | SetKw | MapKw);
    let next = if state.kind(at + 1) == String { at + 2 } else { at + 1 };
    state.is_name(at) && !is_prefix && state.kind(next) == Lt
}

/// `refined | refined`
fn union(rules: &Rules) -> Rule {
    let refined = refined(rules);
    by_hand(move |input| {
        let start = position(input);
        input.check(&refined)?;
        let mut is_union = false;
        while next_kind(input) == Pipe {
            is_union = true;
            skip(input, 1);
            if !attempt(input, &refined) {
                let at = position(input);
                input.state().report(at, |state| problems::expected(state, at, wanted::TYPE));
            }
        }
        let end = position(input);
        if is_union {
            input.state().push_node(UnionType, start, end);
        }
        Ok(())
    })
}

/// A type and its refinements.
fn refined(rules: &Rules) -> Rule {
    let base = rule(&rules.type_primary);
    let refinement = refinement(rules);
    by_hand(move |input| {
        let start = position(input);
        input.check(&base)?;
        let mut is_refined = false;
        while attempt(input, &refinement) {
            is_refined = true;
        }
        let end = position(input);
        if is_refined {
            input.state().push_node(RefinedType, start, end);
        }
        Ok(())
    })
}

fn refinement(rules: &Rules) -> Rule {
    let led = |kind: SyntaxKind, rest: Rule| {
        let is_here = move |state: &State, at: usize| state.kind(at) == kind && !state.is_field_start(at);
        node(Refinement, sequence([when(is_here, word(kind)), rest]))
    };
    let wire = when(|state, at| !state.is_field_start(at), token(String));
    let range = || demand(rule(&rules.range), wanted::EXPRESSION);
    let condition = delimited(LParen, demand(rule(&rules.expression), wanted::CONDITION), wanted::PAREN_REST);
    // Without parentheses the condition is reported and read all the same.
    let bare = rule(&rules.or);
    let condition = by_hand(move |input| {
        if !attempt(input, &condition) {
            let at = position(input);
            input.state().report(at, |state| problems::expected(state, at, wanted::WHERE_TYPE));
            attempt(input, &bare);
        }
        Ok(())
    });
    first_of([
        node(Refinement, wire),
        led(InKw, range()),
        led(MatchingKw, demand(token(RawString), wanted::RAW_STRING)),
        led(SizeKw, range()),
        led(NocaseKw, by_hand(|_| Ok(()))),
        led(WhereKw, condition),
    ])
}

/// A prefix and a type; or a name, a text, parentheses or a record, and a `?`.
fn primary(rules: &Rules) -> Rule {
    let prefix = first_of([word(RefKw), word(LinkKw), word(SecretKw)]);
    let prefixed =
        node(PrefixedType, sequence([prefix, demand(rule(&rules.type_primary), wanted::PREFIXED_TYPE)]));
    let parenthesised =
        node(ParenType, delimited(LParen, demand(rule(&rules.type_), wanted::TYPE), wanted::PAREN_REST));
    let base = first_of([
        when(|state, at| !state.is_declaration_here(at), type_name(rules)),
        node(TextType, token(String)),
        parenthesised,
        super::bodies::record_type(rules),
    ]);
    let optional_base = by_hand(move |input| {
        let start = position(input);
        input.check(&base)?;
        let at = position(input);
        if input.state().kind(at) == Question {
            skip(input, 1);
            input.state().push_node(OptionalType, start, at + 1);
        }
        Ok(())
    });
    first_of([prefixed, optional_base])
}

/// `name: type = default`
pub(super) fn type_field(rules: &Rules) -> Rule {
    let default = sequence([token(Eq), demand(rule(&rules.expression), wanted::EXPRESSION)]);
    let name = by_hand(|input| {
        let at = position(input);
        skip(input, 1);
        let mut next = at + 1;
        if input.state().kind(next) == Dot {
            input.state().report(next, |state| {
                problems::misplaced(
                    state,
                    next,
                    "a field of a kind has no dotted name",
                    "declare a record: `a: { b: int }`",
                )
            });
            while input.state().kind(next) == Dot {
                next += 2;
            }
            skip(input, next - at - 1);
        }
        Ok(())
    });
    let field = sequence([
        name,
        token(Colon),
        first_of([value_for_type(rules), demand(field_type(rules), wanted::TYPE)]),
        optional(default),
    ]);
    when(State::is_field_start, node(TypeField, field))
}

/// A value where the type of a field should stand. One error for the whole body: it was meant for another place.
fn value_for_type(rules: &Rules) -> Rule {
    let value = rule(&rules.field_value);
    let taken = by_hand(move |input| {
        let at = position(input);
        let state = input.state();
        if state.body_with_values == Some(state.kind_body) {
            state.mute(at);
        }
        state.body_with_values = Some(state.kind_body);
        state.report(at, |state| problems::value_for_type(state, at));
        input.check(&value)
    });
    when(State::is_value_only, node(Error, taken))
}

/// The type of a field, unless the next field starts where it should stand.
fn field_type(rules: &Rules) -> Rule {
    when(|state, at| !state.is_field_start(at) || state.kind(at) == String, rule(&rules.type_))
}

/// `name: type = default` in parentheses
pub(super) fn parameters(rules: &Rules) -> Rule {
    let default = sequence([token(Eq), demand(rule(&rules.expression), wanted::EXPRESSION)]);
    let parameter = node(
        Parameter,
        sequence([
            super::expressions::binding_name(),
            demand(token(Colon), wanted::COLON),
            demand(rule(&rules.type_), wanted::TYPE),
            optional(default),
        ]),
    );
    node(
        Parameters,
        super::combinators::list(super::combinators::List {
            opening: LParen,
            item: parameter,
            wanted: wanted::PARAMETER,
            items: "parameters",
        }),
    )
}
