//! The clauses of tests, and the sources of data and catalogs.

use super::{
    combinators::{
        Rule, Rules, by_hand, demand, failed, first_of, led_node, next_word, node, optional, position, rule,
        sequence, skip, token, when, word,
    },
    expressions::{any_name, part},
    problems,
    state::State,
    wanted,
};
use crate::SyntaxKind::{self, *};

/// `given { .. }`, `given built { .. }`, `given plan "p.json"`, `given terraform """..."""`
pub(super) fn given(rules: &Rules) -> (SyntaxKind, Rule) {
    let content = first_of([rule(&rules.body), token(String), token(LongString)]);
    let named =
        sequence([when(|state, at| !state.is_field_start(at), any_name()), demand(content, wanted::GIVEN)]);
    // `given resource x: ..`: what is given stands in braces.
    let declaration = rule(&rules.declaration);
    let is_declaration =
        |state: &State, at: usize| state.kind(at).is_declaration_keyword() && state.is_name(at + 1);
    let bare = by_hand(move |input| {
        let at = position(input);
        if !is_declaration(input.state(), at) {
            return failed();
        }
        input.state().report(at, |state| problems::bare_given(state, at));
        input.check(&declaration)?;
        let end = position(input);
        input.state().push_node(Body, at, end);
        Ok(())
    });
    led_node(GivenKw, GivenClause, demand(first_of([rule(&rules.body), bare, named]), wanted::GIVEN))
}

fn is_verdict(state: &State, at: usize) -> bool {
    matches!(state.kind(at), PassesKw | FailsKw | UnknownKw | ExceptedKw | NotApplicableKw)
        && state.goes_on(at)
}

fn verdict() -> Rule {
    by_hand(|input| {
        let at = position(input);
        if !is_verdict(input.state(), at) {
            return failed();
        }
        let kind = input.state().kind(at);
        skip(input, 1);
        input.state().push_node(kind, at, at + 1);
        Ok(())
    })
}

/// `expect p fails x`: the `on` was forgotten.
fn bare_subject(rules: &Rules) -> Rule {
    let subject = rule(&rules.expression);
    let is_subject = |state: &State, at: usize| {
        state.is_free_name(at)
            && !state.is_line_start(at)
            && !state.is_member_word(at)
            && !state.is_field_start(at)
    };
    let bare = by_hand(move |input| {
        let at = position(input);
        input.state().report(at, |state| problems::missing_on(state, at));
        input.check(&subject)?;
        let end = position(input);
        input.state().push_node(ClausePart, at, end);
        Ok(())
    });
    when(is_subject, bare)
}

/// `expect condition`, or `expect [after fix] policy fails on x because "..."`
pub(super) fn expect(rules: &Rules) -> (SyntaxKind, Rule) {
    let tails = || {
        [
            optional(first_of([part(ClausePart, OnKw, rule(&rules.expression)), bare_subject(rules)])),
            optional(node(
                ClausePart,
                sequence([next_word(BecauseKw), demand(token(String), wanted::STRING)]),
            )),
        ]
    };
    let is_after_fix = |state: &State, at: usize| {
        state.kind(at) == AfterKw && state.kind(at + 1) == FixKw && state.starts_expression(at + 2)
    };
    let [on, because] = tails();
    let after_fix = sequence([
        when(is_after_fix, word(AfterKw)),
        word(FixKw),
        demand(rule(&rules.expression), wanted::EXPRESSION),
        demand(verdict(), wanted::VERDICT),
        on,
        because,
    ]);
    let [on, because] = tails();
    let plain = sequence([
        demand(rule(&rules.expression), wanted::CONDITION),
        optional(sequence([verdict(), on, because])),
    ]);
    led_node(ExpectKw, ExpectClause, first_of([after_fix, plain]))
}

/// `from json "file" at ".path" { .. }`
pub(super) fn source(rules: &Rules) -> Rule {
    node(
        Source,
        sequence([
            word(FromKw),
            demand(any_name(), wanted::FORMAT),
            demand(token(String), wanted::FILE_STRING),
            optional(sequence([next_word(AtKw), demand(token(String), wanted::STRING)])),
            optional(rule(&rules.body)),
        ]),
    )
}
