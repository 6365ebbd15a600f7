//! Primary expressions: literals, names, everything in brackets, and what extends as far right as possible.

use super::{
    combinators::{
        List, Rule, Rules, attempt, by_hand, counted, delimited, demand, failed, first_of, led_by, list,
        many, node, optional, position, rule, sequence, skip, skip_to, token, when, word,
    },
    expressions::{any_name, binding_name, in_binder, key, type_name},
    problems,
    state::State,
    wanted,
};
use crate::{SyntaxKind::*, lexer::meant_unit};

pub(super) fn primary(rules: &Rules) -> Rule {
    let quantifier = when(|state, at| state.is_quantifier(at), counted(quantified(rules)));
    let parenthesised =
        delimited(LParen, demand(rule(&rules.expression), wanted::EXPRESSION), wanted::PAREN_REST);
    let literal = literal();
    let mut led = vec![
        (Dot, dot_field()),
        (AllKw, quantifier.clone()),
        (AnyKw, quantifier.clone()),
        (NoneKw, quantifier),
        (StringStart, string_expression(rules)),
        (LParen, node(ParenExpr, parenthesised)),
        (LBracket, in_square_brackets(rules)),
        (LBrace, in_braces(rules)),
        (Caret, node(Outer, token(Caret))),
        (Context, node(ContextExpr, token(Context))),
        (IfKw, counted(conditional(rules))),
        (LetKw, counted(let_expression(rules))),
        (MatchKw, match_expression(rules)),
    ];
    for kind in
        [Number, Duration, Size, Date, Ipv4, BadLiteral, String, LongString, RawString, TrueKw, FalseKw]
    {
        led.push((kind, literal.clone()));
    }
    first_of([led_by(led), name(), reserved_operand()])
}

/// A literal that is one token.
pub(super) fn literal() -> Rule {
    by_hand(|input| {
        let at = position(input);
        let kind = input.state().kind(at);
        if at >= input.state().len() {
            return failed();
        }
        match kind {
            Number | Duration | Size | Date | Ipv4 | BadLiteral | String | LongString | RawString => {}
            TrueKw | FalseKw => input.state().push_node(kind, at, at + 1),
            _ => return failed(),
        }
        skip(input, 1);
        input.state().push_node(Literal, at, at + 1);
        if kind == Number && is_loose_unit(input.state(), at + 1) {
            input.state().report(at + 1, |state| problems::loose_unit(state, at));
            skip_to(input, at + 2);
        }
        Ok(())
    })
}

/// `30 days`: a word that can only be the unit of the number before it.
fn is_loose_unit(state: &State, at: usize) -> bool {
    state.kind(at) == Name
        && !state.is_line_start(at)
        && !state.is_field_start(at)
        && !state.is_arm_start(at)
        && meant_unit(state.text(at)).is_some()
}

fn name() -> Rule {
    let is_value = |state: &State, at: usize| {
        state.is_free_name(at) && !state.is_declaration_here(at) && !state.is_member_here(at)
    };
    node(NameExpr, when(is_value, any_name()))
}

/// `.x`: field x of the thing at hand
pub(super) fn dot_field() -> Rule {
    node(DotField, sequence([token(Dot), demand(key(), wanted::KEY)]))
}

/// A string with interpolations.
fn string_expression(rules: &Rules) -> Rule {
    let expression = demand(rule(&rules.expression), wanted::INTERPOLATION);
    let interpolation =
        node(Interpolation, delimited(InterpolationOpen, expression, wanted::INTERPOLATION_REST));
    let parts = many(first_of([token(StringText), interpolation]));
    node(StringExpr, delimited(StringStart, parts, wanted::LEFT_OVER))
}

/// A list, or a list comprehension.
fn in_square_brackets(rules: &Rules) -> Rule {
    let value = sequence([
        demand(token(Colon), wanted::COMPREHENSION_COLON),
        demand(rule(&rules.expression), wanted::EXPRESSION),
    ]);
    let comprehension =
        delimited(LBracket, sequence([comprehension_binders(rules), value]), wanted::COMPREHENSION_REST);
    let elements = List {
        opening: LBracket,
        item: rule(&rules.expression),
        wanted: wanted::LIST_ELEMENT,
        items: "list elements",
    };
    first_of([
        when(|state, at| state.is_comprehension(at + 1), node(ListComprehension, comprehension)),
        node(ListExpr, list(elements)),
    ])
}

fn comprehension_binders(rules: &Rules) -> Rule {
    let binder = sequence([word(ForKw), demand(in_binder(rules), wanted::BINDER_NAME)]);
    many(when(|state, at| state.is_comprehension(at), binder))
}

/// A record, a map comprehension or a set.
fn in_braces(rules: &Rules) -> Rule {
    let value = sequence([
        demand(token(Colon), wanted::COMPREHENSION_COLON),
        demand(rule(&rules.expression), wanted::EXPRESSION),
        demand(token(FatArrow), wanted::MAP_ARROW),
        demand(rule(&rules.expression), wanted::EXPRESSION),
    ]);
    let comprehension =
        delimited(LBrace, sequence([comprehension_binders(rules), value]), wanted::COMPREHENSION_REST);
    let elements = List {
        opening: LBrace,
        item: rule(&rules.expression),
        wanted: wanted::SET_ELEMENT,
        items: "set elements",
    };
    first_of([
        when(starts_record, rule(&rules.record)),
        when(|state, at| state.is_comprehension(at + 1), node(MapComprehension, comprehension)),
        when(|state, at| !starts_body(state, at), node(SetExpr, list(elements))),
    ])
}

/// `{` starts a body, where a value is missed before it: a clause or a declaration follows.
fn starts_body(state: &State, at: usize) -> bool {
    state.is_member_here(at + 1) || state.kind(at + 1) == ForKw
}

/// `{` starts a record or a map: nothing is inside, or a field. A field further on, without a comma before it, can be in no
/// set either: then the first field lacks its colon.
fn starts_record(state: &State, at: usize) -> bool {
    state.kind(at) == LBrace
        && (state.kind(at + 1) == RBrace
            || state.is_field_start(at + 1)
            || state.is_override(at + 1)
            || state.has_field_inside(at))
}

/// `all x in xs: condition`
fn quantified(rules: &Rules) -> Rule {
    let quantifier = first_of([word(AllKw), word(AnyKw), word(NoneKw)]);
    node(
        QuantifierExpr,
        sequence([
            quantifier,
            in_binder(rules),
            demand(token(Colon), wanted::QUANTIFIER_COLON),
            demand(rule(&rules.expression), wanted::CONDITION),
        ]),
    )
}

fn conditional(rules: &Rules) -> Rule {
    node(
        IfExpr,
        sequence([
            when(State::goes_on, word(IfKw)),
            demand(rule(&rules.expression), wanted::CONDITION),
            demand(word(ThenKw), wanted::THEN),
            demand(rule(&rules.expression), wanted::EXPRESSION),
            demand(word(ElseKw), wanted::ELSE),
            demand(rule(&rules.expression), wanted::EXPRESSION),
        ]),
    )
}

fn let_expression(rules: &Rules) -> Rule {
    node(
        LetExpr,
        sequence([
            when(State::goes_on, word(LetKw)),
            demand(binding_name(), wanted::NAME),
            demand(token(Eq), wanted::EQUALS),
            demand(rule(&rules.expression), wanted::EXPRESSION),
            demand(token(Colon), wanted::LET_COLON),
            demand(rule(&rules.expression), wanted::EXPRESSION),
        ]),
    )
}

fn match_expression(rules: &Rules) -> Rule {
    node(
        MatchExpr,
        sequence([
            when(State::goes_on, word(MatchKw)),
            demand(rule(&rules.expression), wanted::EXPRESSION),
            demand(arms(rules), wanted::MATCH_ARMS),
        ]),
    )
}

fn arms(rules: &Rules) -> Rule {
    let alternative = sequence([token(Pipe), demand(pattern(rules), wanted::PATTERN)]);
    let arm = node(
        Arm,
        sequence([
            pattern(rules),
            many(alternative),
            demand(token(FatArrow), wanted::ARROW),
            demand(rule(&rules.expression), wanted::EXPRESSION),
        ]),
    );
    by_hand(move |input| {
        let at = position(input);
        if input.state().kind(at) != LBrace || at >= input.state().len() {
            return failed();
        }
        let closing = input.state().partner(at);
        skip(input, 1);
        while position(input) < closing {
            let at = position(input);
            if !attempt(input, &arm) {
                input.state().report(at, |state| problems::expected(state, at, wanted::PATTERN));
                let next = next_arm(input.state(), at, closing);
                skip_to(input, next);
            }
            let at = position(input);
            if input.state().kind(at) == Comma && at < closing {
                skip(input, 1);
            }
        }
        skip(input, 1);
        Ok(())
    })
}

/// The start of the first arm after a faulty one: it begins a line or follows a comma.
fn next_arm(state: &State, from: usize, closing: usize) -> usize {
    let mut at = state.partner(from) + 1;
    while at < closing {
        if state.is_line_start(at) || state.kind(at - 1) == Comma {
            return at;
        }
        at = state.partner(at) + 1;
    }
    closing
}

fn pattern(rules: &Rules) -> Rule {
    let binder = when(State::is_free_name, any_name());
    first_of([
        node(Pattern, literal_pattern()),
        node(Pattern, sequence([type_name(rules), optional(binder)])),
    ])
}

fn literal_pattern() -> Rule {
    when(
        |state, at| matches!(state.kind(at), Number | Duration | Size | Date | Ipv4 | String | BadLiteral),
        literal(),
    )
}

/// A reserved word that was meant to be a value: it is reported and taken, so that the rest is read as usual.
fn reserved_operand() -> Rule {
    by_hand(|input| {
        let at = position(input);
        let state = input.state();
        if !state.kind(at).is_reserved() || state.is_field_start(at) || !is_alone(state, at) {
            return failed();
        }
        state.report(at, |state| problems::reserved_value(state, at));
        skip(input, 1);
        input.state().push_node(ErrorExpr, at, at + 1);
        Ok(())
    })
}

/// Whether nothing follows a reserved word that it could begin or go on with.
fn is_alone(state: &State, at: usize) -> bool {
    at + 1 >= state.len()
        || matches!(state.kind(at + 1), RBrace | RParen | RBracket | Comma | InterpolationClose)
        || state.is_field_start(at + 1)
        || (state.is_line_start(at + 1) && !state.is_line_start(at))
}
