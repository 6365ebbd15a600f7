//! The binary operators: one rule for each level of precedence, loosest first, as in the grammar of the specification.

use super::{
    combinators::{
        Input, Rule, Rules, Step, attempt, by_hand, counted, define, demand, failed, first_of, next_word,
        node, position, rule, sequence, skip, token,
    },
    expressions::path,
    problems,
    state::State,
    wanted::{self, Wanted},
};
use crate::SyntaxKind::{self, *};

pub(super) fn define_operators(rules: &Rules, postfix: Rule, primary: Rule) {
    // Most expressions are one token: they need not go through all the levels.
    let any = filtered(rules);
    let expression = by_hand(move |input| {
        let at = position(input);
        let is_whole = input.state().is_whole_expression(at);
        input.check(if is_whole { &primary } else { &any })
    });
    define(&rules.expression, counted(expression));
    define(&rules.or, disjunction(rules));
    define(&rules.not, negation(rules));
    define(&rules.coalesce, coalescing(rules));
    define(&rules.range, range_level(rules));
    define(&rules.unary, unary(rules, postfix));
}

/// `or [where or]`
fn filtered(rules: &Rules) -> Rule {
    no_chain(
        rule(&rules.or),
        operator(&[WhereKw]),
        "one `where` follows another",
        "use `and` between the conditions",
    )
}

fn disjunction(rules: &Rules) -> Rule {
    let and = left_chain(rule(&rules.not), operator(&[AndKw]));
    left_chain(and, operator(&[OrKw]))
}

/// `not not`, or a comparison
fn negation(rules: &Rules) -> Rule {
    let not = prefix(next_word(NotKw), rule(&rules.not));
    first_of([counted(not), comparison(rules)])
}

/// Comparison words and signs; none chains.
fn comparison(rules: &Rules) -> Rule {
    let operand = rule(&rules.coalesce);
    let is = by_hand(|input| {
        let at = position(input);
        if !input.state().continues_with(at, IsKw) {
            return failed();
        }
        take_word(input, IsKw);
        let at = position(input);
        if input.state().kind(at) == NotKw {
            take_word(input, NotKw);
        }
        Ok(())
    });
    let test = sequence([is.clone(), demand(path(), wanted::IS_TEST)]);
    let sign = node(Operator, by_hand(comparison_operator));
    by_hand(move |input| {
        let start = position(input);
        input.check(&operand)?;
        let mut is_first = true;
        loop {
            let at = position(input);
            let kind = if attempt(input, &test) {
                IsExpr
            } else if attempt(input, &sign) {
                demand_operand(input, &operand, wanted::OPERAND);
                BinaryExpr
            } else {
                return Ok(());
            };
            if !is_first {
                input.state().report(at, |state| {
                    problems::not_chainable(
                        state,
                        at,
                        "one comparison follows another",
                        "write `and` between two comparisons: `0 < x and x < 10`",
                    )
                });
            }
            is_first = false;
            let end = position(input);
            input.state().push_node(kind, start, end);
        }
    })
}

fn comparison_operator(input: &mut Input<'_>) -> Step {
    let at = position(input);
    let state = input.state();
    match state.kind(at) {
        EqEq | BangEq | Lt | LtEq => skip(input, 1),
        Eq if !state.ends_at_equals => {
            state.report(at, |state| problems::single_equals(state, at));
            state.push_node(EqEq, at, at + 1);
            skip(input, 1);
        }
        Gt if state.is_joint(at) && state.kind(at + 1) == Eq => {
            state.push_node(GtEq, at, at + 2);
            skip(input, 2);
        }
        Gt => skip(input, 1),
        NotKw if state.kind(at + 1) == InKw && state.goes_on(at) && state.goes_on(at + 1) => {
            take_word(input, NotKw);
            take_word(input, InKw);
        }
        kind @ (InKw | ContainsKw | OverlapsKw | CoversKw | WithinKw | ConformsKw | MatchesKw
        | MatchingKw | LikeKw)
            if state.goes_on(at) =>
        {
            take_word(input, kind);
        }
        _ => return failed(),
    }
    Ok(())
}

/// `??` and `default` group to the right.
fn coalescing(rules: &Rules) -> Rule {
    let named = no_chain(
        rule(&rules.range),
        operator(&[NamedKw]),
        "one `named` follows another",
        "put one of the two in parentheses",
    );
    let operator = operator(&[QuestionQuestion, DefaultKw]);
    let right = counted(rule(&rules.coalesce));
    by_hand(move |input| {
        let start = position(input);
        input.check(&named)?;
        if attempt(input, &operator) {
            demand_operand(input, &right, wanted::OPERAND);
            let end = position(input);
            input.state().push_node(BinaryExpr, start, end);
        }
        Ok(())
    })
}

/// `add [.. add]`
fn range_level(rules: &Rules) -> Rule {
    let multiply = left_chain(rule(&rules.unary), operator(&[Star, Slash]));
    let add = left_chain(multiply, operator(&[Plus, Minus, PlusPlus]));
    let dots = operator(&[DotDot]);
    by_hand(move |input| {
        let start = position(input);
        input.check(&add)?;
        let mut is_first = true;
        loop {
            let at = position(input);
            if !attempt(input, &dots) {
                return Ok(());
            }
            if !is_first {
                input.state().report(at, |state| {
                    problems::not_chainable(
                        state,
                        at,
                        "a range has two ends, and here is a third",
                        "write `1..4`",
                    )
                });
            }
            is_first = false;
            let next = position(input);
            let is_field = input.state().is_field_start(next) && !input.state().awaits_colon(at);
            if is_field {
                input.state().report(next, |state| problems::expected(state, next, wanted::RANGE_END));
            } else {
                demand_operand(input, &add, wanted::RANGE_END);
            }
            let end = position(input);
            input.state().push_node(BinaryExpr, start, end);
        }
    })
}

fn unary(rules: &Rules, postfix: Rule) -> Rule {
    let minus = prefix(token(Minus), rule(&rules.unary));
    let reference = first_of([next_word(RefKw), next_word(RefsKw)]);
    first_of([counted(minus), prefix(reference, postfix.clone()), postfix])
}

/// A prefix operator and its operand.
fn prefix(operator: Rule, operand: Rule) -> Rule {
    node(PrefixExpr, sequence([node(Operator, operator), demand(operand, wanted::OPERAND)]))
}

/// One of several operators, signs or words, as a node.
fn operator(kinds: &'static [SyntaxKind]) -> Rule {
    by_hand(move |input| {
        let at = position(input);
        let kind = input.state().kind(at);
        if !kinds.contains(&kind) || at >= input.state().len() {
            return failed();
        }
        if kind.is_keyword() {
            if !input.state().goes_on(at) {
                return failed();
            }
            take_word(input, kind);
        } else {
            skip(input, 1);
        }
        input.state().push_node(Operator, at, at + 1);
        Ok(())
    })
}

fn take_word(input: &mut Input<'_>, kind: SyntaxKind) {
    let at = position(input);
    skip(input, 1);
    input.state().push_node(kind, at, at + 1);
}

/// Operators that group to the left.
fn left_chain(operand: Rule, operator: Rule) -> Rule {
    by_hand(move |input| {
        let start = position(input);
        input.check(&operand)?;
        while attempt(input, &operator) {
            demand_operand(input, &operand, wanted::OPERAND);
            let end = position(input);
            input.state().push_node(BinaryExpr, start, end);
        }
        Ok(())
    })
}

/// An operator that stands once. A second one is reported and read as if it grouped to the left.
fn no_chain(operand: Rule, operator: Rule, message: &'static str, help: &'static str) -> Rule {
    by_hand(move |input| {
        let start = position(input);
        input.check(&operand)?;
        let mut is_first = true;
        loop {
            let at = position(input);
            if !attempt(input, &operator) {
                return Ok(());
            }
            if !is_first {
                input.state().report(at, |state| problems::not_chainable(state, at, message, help));
            }
            is_first = false;
            demand_operand(input, &operand, wanted::OPERAND);
            let end = position(input);
            input.state().push_node(BinaryExpr, start, end);
        }
    })
}

/// An operand that has to be there.
fn demand_operand(input: &mut Input<'_>, operand: &Rule, wanted: &'static Wanted) {
    if !attempt(input, operand) {
        let at = position(input);
        input.state().report(at, |state: &State| problems::expected(state, at, wanted));
    }
}

/// `where or`, where it is not part of an expression.
pub(super) fn where_part(rules: &Rules) -> Rule {
    node(WherePart, sequence([next_word(WhereKw), demand(rule(&rules.or), wanted::CONDITION)]))
}

/// `by or` of a binder.
pub(super) fn by_part(rules: &Rules) -> Rule {
    node(ByPart, sequence([next_word(ByKw), demand(rule(&rules.or), wanted::EXPRESSION)]))
}
