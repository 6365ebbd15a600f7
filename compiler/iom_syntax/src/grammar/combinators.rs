//! The few combinators of our own that the rules are written with, beside chumsky's.

use chumsky::{error::EmptyErr, extra, input::InputRef, input::Stream, prelude::*, recursive::Indirect};

use super::{problems, state::State, wanted::Wanted};
use crate::{SyntaxKind, lexer::Token};

pub(super) type Tokens = Stream<std::vec::IntoIter<Token>>;
/// Errors are kept in the state, so chumsky's own carry nothing.
pub(super) type Extra = extra::Full<EmptyErr, State, ()>;
pub(super) type Rule = Boxed<'static, 'static, Tokens, (), Extra>;
pub(super) type Input<'p> = InputRef<'static, 'p, Tokens, Extra>;
pub(super) type Step = Result<(), EmptyErr>;
type Declared = Recursive<Indirect<'static, 'static, Tokens, (), Extra>>;

/// The rules that are used before they are defined.
pub(super) struct Rules {
    pub expression: Declared,
    /// An expression without a `where` of its own.
    pub or: Declared,
    pub not: Declared,
    pub coalesce: Declared,
    pub range: Declared,
    pub unary: Declared,
    pub type_: Declared,
    pub type_primary: Declared,
    pub field_value: Declared,
    pub record: Declared,
    pub body: Declared,
    pub kind_body: Declared,
    pub for_clause: Declared,
    pub declaration: Declared,
}

impl Rules {
    pub fn declare() -> Rules {
        Rules {
            expression: Recursive::declare(),
            or: Recursive::declare(),
            not: Recursive::declare(),
            coalesce: Recursive::declare(),
            range: Recursive::declare(),
            unary: Recursive::declare(),
            type_: Recursive::declare(),
            type_primary: Recursive::declare(),
            field_value: Recursive::declare(),
            record: Recursive::declare(),
            body: Recursive::declare(),
            kind_body: Recursive::declare(),
            for_clause: Recursive::declare(),
            declaration: Recursive::declare(),
        }
    }
}

/// Defines a declared rule.
pub(super) fn define(declared: &Declared, rule: Rule) {
    declared.clone().define(rule);
}

/// A declared rule, to be used in others.
pub(super) fn rule(declared: &Declared) -> Rule {
    declared.clone().boxed()
}

pub(super) fn position(input: &Input<'_>) -> usize {
    *input.cursor().inner()
}

/// The kind of the next token.
pub(super) fn next_kind(input: &mut Input<'_>) -> SyntaxKind {
    let at = position(input);
    input.state().kind(at)
}

pub(super) fn failed() -> Step {
    Err(EmptyErr::default())
}

/// A rule by hand.
pub(super) fn by_hand(run: impl Fn(&mut Input<'_>) -> Step + 'static) -> Rule {
    custom(run).boxed()
}

/// Runs a rule; if it fails nothing has happened.
pub(super) fn attempt(input: &mut Input<'_>, rule: &Rule) -> bool {
    let before = input.save();
    let is_ok = input.check(rule).is_ok();
    if !is_ok {
        input.rewind(before);
    }
    is_ok
}

pub(super) fn skip(input: &mut Input<'_>, count: usize) {
    for _ in 0..count {
        input.skip();
    }
}

/// Skips up to the token `to`, as an error node.
pub(super) fn skip_to(input: &mut Input<'_>, to: usize) {
    let from = position(input);
    skip(input, to.saturating_sub(from));
    input.state().push_node(SyntaxKind::Error, from, to);
}

/// One rule after another.
pub(super) fn sequence<const N: usize>(rules: [Rule; N]) -> Rule {
    group(rules).ignored().boxed()
}

/// The first rule that does not fail.
pub(super) fn first_of<const N: usize>(rules: [Rule; N]) -> Rule {
    choice(rules).boxed()
}

pub(super) fn optional(rule: Rule) -> Rule {
    rule.or_not().ignored().boxed()
}

/// A rule as often as it goes.
pub(super) fn many(rule: Rule) -> Rule {
    rule.repeated().boxed()
}

/// A token of this kind.
pub(super) fn token(kind: SyntaxKind) -> Rule {
    by_hand(move |input| {
        let at = position(input);
        if at >= input.state().len() || input.state().kind(at) != kind {
            return failed();
        }
        input.skip();
        Ok(())
    })
}

/// A word of the language, used as one.
pub(super) fn word(kind: SyntaxKind) -> Rule {
    by_hand(move |input| {
        let at = position(input);
        if input.state().kind(at) != kind {
            return failed();
        }
        input.skip();
        input.state().push_node(kind, at, at + 1);
        Ok(())
    })
}

/// A word that goes on with what stands before it, unless it starts a field, an arm or an alternative.
pub(super) fn next_word(kind: SyntaxKind) -> Rule {
    when(move |state, at| state.continues_with(at, kind), word(kind))
}

/// A rule that is tried only where the predicate holds.
pub(super) fn when(predicate: impl Fn(&State, usize) -> bool + 'static, rule: Rule) -> Rule {
    by_hand(move |input| {
        let at = position(input);
        if at >= input.state().len() || !predicate(input.state(), at) {
            return failed();
        }
        input.check(&rule)
    })
}

/// A node around what a rule takes.
pub(super) fn node(kind: SyntaxKind, rule: Rule) -> Rule {
    by_hand(move |input| {
        let start = position(input);
        input.check(&rule)?;
        let end = position(input);
        input.state().push_node(kind, start, end);
        Ok(())
    })
}

/// A rule that has to succeed here. If it does not, that is reported, and parsing goes on as if it had.
pub(super) fn demand(rule: Rule, wanted: &'static Wanted) -> Rule {
    by_hand(move |input| {
        if !attempt(input, &rule) {
            let at = position(input);
            input.state().report(at, |state| problems::expected(state, at, wanted));
        }
        Ok(())
    })
}

/// How many tokens are skipped to find the `{` of a body.
const MAX_TOKENS_BEFORE_BODY: usize = 64;

/// A body that has to be here. What stands before its `{` on the same line is reported and skipped.
pub(super) fn demand_body(rule: Rule, wanted: &'static Wanted) -> Rule {
    by_hand(move |input| {
        if attempt(input, &rule) {
            return Ok(());
        }
        let at = position(input);
        let state = input.state();
        state.report(at, |state| problems::expected(state, at, wanted));
        let mut brace = at;
        let limit = state.len().min(at + MAX_TOKENS_BEFORE_BODY);
        while brace < limit && !state.is_line_start(brace) && !state.kind(brace).is_closing() {
            if state.kind(brace) == SyntaxKind::LBrace {
                skip_to(input, brace);
                attempt(input, &rule);
                return Ok(());
            }
            brace = state.partner(brace) + 1;
        }
        Ok(())
    })
}

/// Counts the depth of a rule that calls itself.
pub(super) fn counted(rule: Rule) -> Rule {
    counted_as(1, rule)
}

/// Counts a rule whose nodes are costly to walk as several levels.
pub(super) fn counted_as(levels: u32, rule: Rule) -> Rule {
    by_hand(move |input| {
        let at = position(input);
        let may_enter = input.state().enter(levels);
        let result = if may_enter {
            input.check(&rule)
        } else {
            input.state().report(at, |state| crate::builder::too_deep(state.range(at)));
            failed()
        };
        input.state().leave(levels);
        result
    })
}

/// Chooses a rule by the kind of the next token.
pub(super) fn led_by(rules: Vec<(SyntaxKind, Rule)>) -> Rule {
    let mut table: Vec<Option<Rule>> = vec![None; SyntaxKind::ALL.len()];
    for (kind, rule) in rules {
        table[kind as usize] = Some(rule);
    }
    by_hand(move |input| {
        let at = position(input);
        match &table[input.state().kind(at) as usize] {
            Some(rule) if at < input.state().len() => input.check(rule),
            _ => failed(),
        }
    })
}

/// A keyword and what follows it, as a node.
pub(super) fn led_node(keyword: SyntaxKind, kind: SyntaxKind, rest: Rule) -> (SyntaxKind, Rule) {
    (keyword, node(kind, sequence([word(keyword), rest])))
}

/// What stands in brackets: the inner rule, then the closing bracket. Tokens the inner rule leaves over are reported and
/// skipped.
pub(super) fn delimited(opening: SyntaxKind, inner: Rule, left_over: &'static Wanted) -> Rule {
    by_hand(move |input| {
        let at = position(input);
        if input.state().kind(at) != opening || at >= input.state().len() {
            return failed();
        }
        let closing = input.state().partner(at);
        input.skip();
        attempt(input, &inner);
        let at = position(input);
        if at < closing {
            input.state().report(at, |state| problems::expected(state, at, left_over));
            skip_to(input, closing);
        }
        skip(input, 1);
        Ok(())
    })
}

/// Items with commas between, in brackets; a comma after the last is allowed.
pub(super) struct List {
    pub opening: SyntaxKind,
    pub item: Rule,
    pub wanted: &'static Wanted,
    /// For the error about a missing comma: "list elements".
    pub items: &'static str,
}

/// A whole list with its brackets.
pub(super) fn list(list: List) -> Rule {
    by_hand(move |input| {
        let at = position(input);
        if input.state().kind(at) != list.opening || at >= input.state().len() {
            return failed();
        }
        let closing = input.state().partner(at);
        input.skip();
        list_items(input, &list, closing);
        skip(input, 1);
        Ok(())
    })
}

/// The items of a list, up to the closing bracket.
pub(super) fn list_items(input: &mut Input<'_>, list: &List, closing: usize) {
    let mut lacks_comma = false;
    while position(input) < closing {
        let start = position(input);
        if !attempt(input, &list.item) || position(input) == start {
            input.state().report(start, |state| problems::expected(state, start, list.wanted));
            // Skips nothing if a comma stands here; then that is what is wrong, and it is taken below.
            skip_list_item(input, closing);
        }
        let at = position(input);
        if at >= closing {
            return;
        }
        if input.state().kind(at) == SyntaxKind::Comma {
            input.skip();
        } else if problems::is_comma_missing(input.state(), at) {
            if !lacks_comma {
                input.state().report(at, |state| problems::missing_comma(state, at, list.items));
            }
            lacks_comma = true;
        } else {
            input.state().report(at, |state| problems::in_list(state, at, list.items));
            skip_list_item(input, closing);
            if position(input) < closing {
                input.skip();
            }
        }
    }
}

/// Skips to the next comma of this list or to its end.
fn skip_list_item(input: &mut Input<'_>, closing: usize) {
    let mut at = position(input);
    while at < closing && input.state().kind(at) != SyntaxKind::Comma {
        at = input.state().partner(at) + 1;
    }
    skip_to(input, at.min(closing));
}
