//! The grammar, in chumsky, over the balanced tokens of the bracket matcher.
//!
//! It is predictive: every rule is chosen by looking at the next tokens (in sound text at most four, apart from dotted field
//! paths), fails only on its first token, and once begun never gives up: what it misses it reports and goes on without. So
//! nothing is parsed twice, one mistake is one error, and what was read before and after a mistake stays in the tree. The
//! contextual words (R1 to R3 of the grammar in the specification) are decided by the predicates of `state.rs`.
//!
//! Recovery is by hand: brackets are balanced before (`brackets`), so a rule in brackets always ends at its closing one;
//! between members and declarations the next field, clause or keyword is looked for (`bodies.rs`, `declarations.rs`); and an
//! error is not reported where an earlier one explains it (`State::may_report`).
//!
//! The parsers' output is `()`: a finished node is a row in a list, children before parents, from which the tree is built.

mod adapters;
mod bodies;
mod clauses;
mod combinators;
mod declarations;
mod expressions;
mod habits;
mod operators;
mod postfix;
mod primaries;
mod problems;
mod state;
mod strays;
mod tests_and_sources;
mod types;
mod wanted;

use chumsky::{Parser, input::Stream};
use iom_diagnostics::Diagnostic;
use text_size::TextRange;

pub(crate) use self::state::NodeEntry;
use self::{combinators::Rule, state::State};
use crate::{brackets::Balanced, lexer::Token};

/// What a text is parsed as.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Entry {
    File,
    Expression,
}

/// What the grammar made of the tokens.
pub(crate) struct Outcome {
    pub tokens: Vec<Token>,
    pub nodes: Vec<NodeEntry>,
    pub errors: Vec<Diagnostic<TextRange>>,
}

/// The entry rules, built once per thread.
struct Grammar {
    file: Rule,
    expression: Rule,
}

thread_local! {
    static GRAMMAR: Grammar = grammar();
}

fn grammar() -> Grammar {
    let rules = combinators::Rules::declare();
    expressions::define(&rules);
    types::define(&rules);
    bodies::define(&rules);
    declarations::define(&rules);
    Grammar { file: declarations::file(&rules), expression: expressions::alone(&rules) }
}

/// Runs the grammar.
pub(crate) fn run(text: &str, balanced: Balanced, entry: Entry) -> Outcome {
    let stream = Stream::from_iter(balanced.tokens.clone());
    let mut state = State::new(text, balanced);
    GRAMMAR.with(|grammar| {
        let rule = match entry {
            Entry::File => &grammar.file,
            Entry::Expression => &grammar.expression,
        };
        // The entry rules take every token and never fail.
        let _ = rule.check_with_state(stream, &mut state);
    });
    state.finish()
}
