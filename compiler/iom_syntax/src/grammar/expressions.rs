//! Expressions from the outside: names, paths, binders and the entry rules.

use super::{
    combinators::{
        Rule, Rules, attempt, by_hand, demand, failed, first_of, node, optional, position, rule, sequence,
        skip, skip_to, token, when, word,
    },
    operators::{by_part, define_operators, where_part},
    postfix::postfixes,
    primaries::primary,
    problems, wanted,
};
use crate::SyntaxKind::{self, *};

/// Defines the expressions.
pub(super) fn define(rules: &Rules) {
    let primary = primary(rules);
    define_operators(rules, postfixes(rules, primary.clone()), primary);
}

/// One expression and nothing else, for `iomc query`.
pub(super) fn alone(rules: &Rules) -> Rule {
    let expression = demand(rule(&rules.expression), wanted::EXPRESSION);
    by_hand(move |input| {
        input.check(&expression)?;
        let at = position(input);
        let end = input.state().len();
        if at < end {
            input.state().report(at, |state| problems::expected(state, at, wanted::LEFT_OVER));
            skip_to(input, end);
        }
        Ok(())
    })
}

/// Any name: every word may be one.
pub(super) fn any_name() -> Rule {
    by_hand(|input| {
        let at = position(input);
        if !input.state().is_name(at) {
            return failed();
        }
        skip(input, 1);
        Ok(())
    })
}

/// The name of a binder, a parameter, a `let` or a `part`: reserved words are reported.
pub(super) fn binding_name() -> Rule {
    by_hand(|input| {
        let at = position(input);
        if !input.state().is_name(at) {
            return failed();
        }
        let kind = input.state().kind(at);
        if kind.is_reserved() {
            // `for x, in xs`: the word is what should come next.
            if !matches!(input.state().kind(at + 1), InKw | Comma | Colon | Eq) {
                return failed();
            }
            input.state().report(at, |state| problems::reserved_name(state, at));
        }
        skip(input, 1);
        Ok(())
    })
}

/// A name or a string.
pub(super) fn key() -> Rule {
    by_hand(|input| {
        let at = position(input);
        if !input.state().is_key(at) {
            return failed();
        }
        skip(input, 1);
        Ok(())
    })
}

/// `a.b."c"`
pub(super) fn path() -> Rule {
    node(Path, path_tokens())
}

/// A path without its node. A dot that no key follows is left alone where `{` or `*` does.
fn path_tokens() -> Rule {
    by_hand(|input| {
        let at = position(input);
        if !input.state().is_name(at) {
            return failed();
        }
        skip(input, 1);
        loop {
            let at = position(input);
            let state = input.state();
            if state.kind(at) != Dot || matches!(state.kind(at + 1), LBrace | Star) {
                return Ok(());
            }
            if state.is_key(at + 1) {
                skip(input, 2);
            } else {
                skip(input, 1);
                input.state().report(at + 1, |state| problems::expected(state, at + 1, wanted::KEY));
                return Ok(());
            }
        }
    })
}

/// A type as it stands after `as` and in patterns: a path, or `list<T>`, `set<T>`, `map<K, V>`.
pub(super) fn type_name(rules: &Rules) -> Rule {
    first_of([generic_type(rules), node(PathType, path())])
}

/// `list<T>`; `<` opens arguments only after these three words.
fn generic_type(rules: &Rules) -> Rule {
    let argument = rule(&rules.type_);
    let head = when(|state, at| state.kind(at + 1) == Lt, first_of([word(ListKw), word(SetKw), word(MapKw)]));
    let arguments = by_hand(move |input| {
        skip(input, 1);
        loop {
            if !attempt(input, &argument) {
                let at = position(input);
                input.state().report(at, |state| problems::expected(state, at, wanted::TYPE));
            }
            let at = position(input);
            if input.state().kind(at) != Comma {
                return Ok(());
            }
            skip(input, 1);
        }
    });
    node(GenericType, sequence([head, arguments, demand(token(Gt), wanted::TYPE_ARGUMENTS)]))
}

/// `x in xs`, `k, v in m`, with `by` and `where`
pub(super) fn in_binder(rules: &Rules) -> Rule {
    let second = sequence([token(Comma), demand(binding_name(), wanted::BINDER_NAME)]);
    node(
        InBinder,
        sequence([
            binding_name(),
            optional(second),
            demand(word(InKw), wanted::IN),
            demand(rule(&rules.or), wanted::EXPRESSION),
            optional(by_part(rules)),
            optional(where_part(rules)),
        ]),
    )
}

/// `x: Kind`, with `by` and `where`
pub(super) fn kind_binder(rules: &Rules) -> Rule {
    node(
        KindBinder,
        sequence([
            binding_name(),
            demand(token(Colon), wanted::BINDER_REST),
            demand(path(), wanted::KIND_PATH),
            optional(by_part(rules)),
            optional(where_part(rules)),
        ]),
    )
}

/// Either binder, chosen by what follows the name.
pub(super) fn binder(rules: &Rules) -> Rule {
    let kind = when(|state, at| !matches!(state.kind(at + 1), InKw | Comma), kind_binder(rules));
    let other = when(|state, at| matches!(state.kind(at + 1), InKw | Comma), in_binder(rules));
    first_of([other, kind])
}

/// A keyword followed by an expression, as a node.
pub(super) fn part(kind: SyntaxKind, keyword: SyntaxKind, value: Rule) -> Rule {
    node(kind, sequence([super::combinators::next_word(keyword), demand(value, wanted::EXPRESSION)]))
}
