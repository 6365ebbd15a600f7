//! Primary expressions: literals, names, everything in brackets, and what extends as far right as possible.

use super::{
    combinators::{
        List, Rule, Rules, attempt, by_hand, counted, delimited, demand, failed, first_of, list, many, node,
        optional, position, rule, sequence, skip, skip_to, token, when, word,
    },
    expressions::{any_name, binding_name, in_binder, key, type_name},
    problems,
    state::State,
    wanted,
};
use crate::SyntaxKind::*;

pub(super) fn primary(rules: &Rules) -> Rule {
    first_of([
        literal(),
        dot_field(),
        when(|state, at| state.is_quantifier(at), counted(quantified(rules))),
        name(),
        string_expression(rules),
        node(
            ParenExpr,
            delimited(LParen, demand(rule(&rules.expression), wanted::EXPRESSION), wanted::PAREN_REST),
        ),
        in_square_brackets(rules),
        in_braces(rules),
        node(Outer, token(Caret)),
        node(ContextExpr, token(Context)),
        counted(conditional(rules)),
        counted(let_expression(rules)),
        match_expression(rules),
        faulty_operand(rules),
    ])
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
        Ok(())
    })
}

fn name() -> Rule {
    node(NameExpr, when(|state, at| state.is_free_name(at) && !state.is_declaration_here(at), any_name()))
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
        node(SetExpr, list(elements)),
    ])
}

/// `{` starts a record or a map: nothing is inside, or a field.
fn starts_record(state: &State, at: usize) -> bool {
    state.kind(at) == LBrace
        && (state.kind(at + 1) == RBrace || state.is_field_start(at + 1) || state.is_override(at + 1))
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
                let next = next_arm(input.state(), at + 1, closing);
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
    let mut at = from;
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

/// What cannot be a value but was meant to be one: it is reported and taken, so that the rest is read as usual.
fn faulty_operand(rules: &Rules) -> Rule {
    let operand = rule(&rules.unary);
    by_hand(move |input| {
        let at = position(input);
        let kind = input.state().kind(at);
        let is_text = kind == ErrorToken && at < input.state().len();
        let is_word = kind.is_reserved() && !input.state().is_field_start(at) && is_alone(input.state(), at);
        if !is_text && !is_word {
            return failed();
        }
        input.state().report(at, |state| problems::reserved_value(state, at));
        skip(input, 1);
        // `!x`: what follows a foreign operator is its operand.
        if is_text && !input.state().is_line_start(at + 1) && !input.state().is_field_start(at + 1) {
            attempt(input, &operand);
        }
        let end = position(input);
        input.state().push_node(ErrorExpr, at, end);
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
