//! What follows a primary expression: fields, indices, calls, `with` and `as`.

use super::{
    combinators::{
        List, Rule, Rules, attempt, by_hand, delimited, demand, first_of, list, next_word, node, position,
        rule, sequence, token, when,
    },
    expressions::{key, type_name},
    wanted,
};
use crate::SyntaxKind::{self, *};

/// A first expression and the postfixes after it; each makes a node that starts where the first starts.
pub(super) fn postfixes(rules: &Rules, primary: Rule) -> Rule {
    let kinds: [(SyntaxKind, Rule); 5] = [
        (FieldExpr, field()),
        (IndexExpr, index(rules)),
        (CallExpr, call(rules)),
        (WithExpr, with(rules)),
        (AsExpr, cast(rules)),
    ];
    by_hand(move |input| {
        let start = position(input);
        input.check(&primary)?;
        'next: loop {
            let at = position(input);
            let next = input.state().kind(at);
            if !matches!(next, Dot | QuestionDot | Question | LBracket | LParen | WithKw | AsKw) {
                return Ok(());
            }
            for (kind, rule) in &kinds {
                if attempt(input, rule) {
                    let end = position(input);
                    input.state().push_node(*kind, start, end);
                    continue 'next;
                }
            }
            return Ok(());
        }
    })
}

/// `.name`, `?.name`
fn field() -> Rule {
    sequence([first_of([token(Dot), token(QuestionDot)]), demand(key(), wanted::KEY)])
}

/// `[index]`, `?[index]`
fn index(rules: &Rules) -> Rule {
    let brackets =
        delimited(LBracket, demand(rule(&rules.expression), wanted::EXPRESSION), wanted::INDEX_REST);
    first_of([
        brackets.clone(),
        when(|state, at| state.kind(at + 1) == LBracket, sequence([token(Question), brackets])),
    ])
}

/// `(a, name: b)`
fn call(rules: &Rules) -> Rule {
    let name =
        when(|state, at| state.is_name(at) && state.kind(at + 1) == Colon, super::expressions::any_name());
    let argument = first_of([
        node(Argument, sequence([name, token(Colon), demand(rule(&rules.expression), wanted::EXPRESSION)])),
        node(Argument, rule(&rules.expression)),
    ]);
    node(
        Arguments,
        list(List { opening: LParen, item: argument, wanted: wanted::ARGUMENT, items: "arguments" }),
    )
}

/// `with { .. }`
fn with(rules: &Rules) -> Rule {
    sequence([next_word(WithKw), demand(rule(&rules.record), wanted::RECORD)])
}

/// `as { .. }`, `as list<T>`
fn cast(rules: &Rules) -> Rule {
    let target = first_of([rule(&rules.record), type_name(rules)]);
    sequence([next_word(AsKw), demand(target, wanted::AS_TARGET)])
}
