//! What stands in braces: bodies, records, the bodies of kinds, record types; and the recovery inside them.

use super::{
    clauses,
    combinators::{
        Input, Rule, Rules, attempt, by_hand, counted, counted_as, define as define_rule, demand, failed,
        first_of, many, next_word, node, optional, position, rule, sequence, skip, skip_to, token, when,
        word,
    },
    expressions::key,
    problems,
    state::State,
    strays::{self, Around},
    types::type_field,
    wanted,
};
use crate::SyntaxKind::{self, *};

/// What may stand in a pair of braces.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Fields, clauses and declarations.
    Body,
    /// Fields.
    Record,
    /// Fields with types, clauses and declarations.
    Kind,
    /// Fields with types, and `derive`.
    RecordType,
}

impl Place {
    fn takes_types(self) -> bool {
        matches!(self, Place::Kind | Place::RecordType)
    }

    fn takes_clauses(self) -> bool {
        matches!(self, Place::Kind | Place::Body)
    }
}

/// Defines bodies, records and the values of fields.
pub(super) fn define(rules: &Rules) {
    define_rule(&rules.field_value, field_value(rules));
    define_rule(&rules.record, node(RecordExpr, members(Place::Record, field(rules), rules)));
    let clause = clauses::clause(rules);
    let inner = first_of([field(rules), clause.clone(), rule(&rules.declaration)]);
    define_rule(&rules.body, node(Body, members(Place::Body, inner, rules)));
    let inner = first_of([type_field(rules), clause, rule(&rules.declaration)]);
    define_rule(&rules.kind_body, node(Body, members(Place::Kind, inner, rules)));
    define_rule(&rules.for_clause, counted_as(8, clauses::for_clause(rules)));
}

/// `{ x: int  derive y: int = .x }`
pub(super) fn record_type(rules: &Rules) -> Rule {
    let derive = when(|state, at| state.kind(at) == DeriveKw, clauses::derive(rules));
    node(RecordType, members(Place::RecordType, first_of([type_field(rules), derive]), rules))
}

/// `override a.b: value`
fn field(rules: &Rules) -> Rule {
    let dotted = sequence([token(Dot), key()]);
    let value = demand_value(rules);
    let rest = sequence([node(FieldPath, sequence([key(), many(dotted)])), token(Colon), value]);
    first_of([
        when(State::is_field_start, node(Field, rest.clone())),
        when(State::is_override, node(Field, sequence([word(OverrideKw), rest]))),
    ])
}

/// The value of a field, which is missing where the next field starts.
fn demand_value(rules: &Rules) -> Rule {
    let value = rule(&rules.field_value);
    by_hand(move |input| {
        let at = position(input);
        let state = input.state();
        let is_missing = state.is_field_start(at) || state.is_member_word(at) && state.kind(at + 1) == LBrace;
        if is_missing || !attempt(input, &value) {
            input.state().report(at, |state| problems::missing_value(state, at));
        }
        Ok(())
    })
}

/// An expression or `escalate to ..`, and its tails.
fn field_value(rules: &Rules) -> Rule {
    let escalate = when(
        |state, at| state.kind(at) == EscalateKw && state.kind(at + 1) == ToKw && state.goes_on(at),
        sequence([word(EscalateKw), word(ToKw), demand(rule(&rules.expression), wanted::ESCALATE_TO)]),
    );
    let tail = |kind: SyntaxKind| {
        node(Tail, sequence([next_word(kind), demand(rule(&rules.expression), wanted::EXPRESSION)]))
    };
    let then =
        node(Tail, sequence([next_word(ThenKw), demand(rule(&rules.field_value), wanted::EXPRESSION)]));
    let tails = many(first_of([tail(UntilKw), tail(BecauseKw), tail(EveryKw), tail(DueKw)]));
    let head = first_of([node(EscalateValue, escalate), rule(&rules.expression)]);
    counted(node(FieldValue, sequence([head, tails, optional(then)])))
}

/// The members in a pair of braces. Between two of them one comma is allowed.
fn members(place: Place, member: Rule, rules: &Rules) -> Rule {
    let value = demand_value(rules);
    let type_ = demand(rule(&rules.type_), wanted::TYPE);
    by_hand(move |input| {
        let at = position(input);
        if input.state().kind(at) != LBrace || at >= input.state().len() {
            return failed();
        }
        let start = at;
        let closing = input.state().partner(at);
        skip(input, 1);
        let around = std::mem::replace(&mut input.state().kind_body, at);
        let mut previous = at + 1;
        while position(input) < closing {
            let at = position(input);
            if !attempt(input, &member) || position(input) == at {
                // What follows right after a mistake, on its line, belongs to it.
                input.state().mute_after_error(previous, at);
                let rest = if place.takes_types() { &type_ } else { &value };
                faulty_member(input, place, rest, closing, start);
            }
            previous = at;
            let at = position(input);
            if at < closing && input.state().kind(at) == Comma {
                skip(input, 1);
                previous = at + 1;
            }
        }
        input.state().kind_body = around;
        skip(input, 1);
        Ok(())
    })
}

/// A place where no member starts: reports it and goes on as well as it can. Takes at least one token, or corrects one.
fn faulty_member(input: &mut Input<'_>, place: Place, value: &Rule, closing: usize, open: usize) {
    let at = position(input);
    let state = input.state();
    // Looking around is only worth it where something is said.
    let is_told = place.takes_clauses() && state.may_report(at);
    let around = is_told.then(|| Around::of(state, open, place.takes_types()));
    let habit = around.as_ref().and_then(|around| strays::meant_clause(state, at, around));
    if let Some(kind) = habit.or_else(|| meant_member(state, at, place)) {
        state.report(at, |state| problems::unknown_clause(state, at, kind));
        state.correct(at, kind);
        return;
    }
    if let Some(problem) = around.as_ref().and_then(|around| strays::stray(state, at, around)) {
        state.report(at, |_| problem);
        let next = next_member(input.state(), at, closing, place);
        return skip_to(input, next);
    }
    if lacks_colon(state, at) {
        state.report(at, |state| problems::missing_colon(state, at));
        let takes_types = place.takes_types();
        skip(input, 1);
        if takes_types {
            return value_without_colon(input, value, at, TypeField);
        }
        input.state().push_node(FieldPath, at, at + 1);
        return value_without_colon(input, value, at, Field);
    }
    state.report(at, |state| match (place, &around) {
        _ if state.kind(at) == Comma => {
            problems::unexpected(state, at, "one comma between two fields is enough")
        }
        (Place::Record, _) if state.is_member_word(at) => problems::misplaced(
            state,
            at,
            "records hold fields only",
            "write `name: value`, or move the clause out",
        ),
        _ if state.kind(at) == ElseKw => problems::else_for_default(state, at),
        _ if let Some(name) = operator_path(state, at) => problems::operator_path(state, at, name),
        (_, Some(around)) => problems::no_member(state, at, "a field or a clause", around.next_step()),
        (_, None) => problems::expected(state, at, wanted::FIELD),
    });
    let next = next_member(input.state(), at, closing, place);
    skip_to(input, next);
}

fn value_without_colon(input: &mut Input<'_>, value: &Rule, start: usize, kind: SyntaxKind) {
    let at = position(input);
    if input.state().kind(at) == Eq {
        skip(input, 1);
    }
    attempt(input, value);
    let end = position(input);
    input.state().push_node(kind, start, end);
}

/// The clause or declaration that a misspelt word was meant to start.
fn meant_member(state: &mut State, at: usize, place: Place) -> Option<SyntaxKind> {
    let is_value = matches!(state.kind(at + 1), Eq | Comma | RBrace | Dot | QuestionDot)
        || matches!(state.kind(at + 1), EqEq | BangEq | Lt | LtEq | Gt | GtEq);
    let is_word = state.kind(at) == Name && !is_value;
    if !is_word || !place.takes_clauses() || !state.may_report(at) {
        return None;
    }
    problems::meant_word(state, at, |kind| {
        kind.is_clause_keyword() || (kind.is_declaration_keyword() && !matches!(kind, ModuleKw | UseKw))
    })
}

/// `a 1`, `a = 1`, `a { .. }`
fn lacks_colon(state: &State, at: usize) -> bool {
    let next = at + 1;
    let is_value = match state.kind(next) {
        Eq | LBrace => true,
        Dot | LParen | LBracket | Minus => false,
        _ => state.starts_expression(next) && !state.is_field_start(next) && !state.is_member_word(next),
    };
    state.is_key(at) && !state.is_member_word(at) && !state.kind(at).is_operator_word() && is_value
}

/// At the `:` of a dotted path that starts with an operator word: that word.
fn operator_path(state: &State, at: usize) -> Option<usize> {
    let mut first = at.checked_sub(1)?;
    while first >= 2 && state.is_key(first) && state.kind(first - 1) == Dot {
        first -= 2;
        // The word before a leading dot may be the operator itself.
        if !state.is_key(first) {
            return None;
        }
    }
    (state.kind(at) == Colon && first + 1 < at && state.kind(first).is_operator_word()).then_some(first)
}

/// Where the next member starts after a mistake.
fn next_member(state: &State, from: usize, closing: usize, place: Place) -> usize {
    let mut at = state.partner(from) + 1;
    while at < closing {
        let after_break = matches!(state.kind(at - 1), RBrace | Comma);
        let is_member = !matches!(state.kind(at - 1), InKw | Dot) && state.is_field_start(at)
            || state.is_override(at)
            || state.is_member_word(at) && place != Place::Record && (after_break || state.is_line_start(at));
        if is_member {
            return at;
        }
        at = state.partner(at) + 1;
    }
    closing
}
