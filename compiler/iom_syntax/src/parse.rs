//! The way from text to tree.

use iom_diagnostics::{Diagnostic, code};
use rowan::GreenNode;
use text_size::{TextRange, TextSize};

use crate::hidden::hidden_characters;
use crate::{SyntaxNode, brackets, builder, grammar, lexer, tree::Tree};

/// The largest file that is parsed.
pub const MAX_FILE_SIZE: usize = 16 << 20;

/// How many errors each phase reports at most: a file with more is no source of ours.
pub(crate) const MAX_ERRORS: usize = 500;

/// A lossless tree and what is wrong with the text. Cheap to clone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Parse {
    /// The root; its text is the text that was parsed, byte for byte.
    pub green: GreenNode,
    /// In the order of their places.
    pub errors: Vec<Diagnostic<TextRange>>,
}

impl Parse {
    /// The tree with parents and offsets.
    pub fn syntax(&self) -> SyntaxNode {
        SyntaxNode::new_root(self.green.clone())
    }

    pub fn errors(&self) -> &[Diagnostic<TextRange>] {
        &self.errors
    }
}

/// Parses a file. Never fails: what could not be read stands in the tree as error nodes, and is reported.
pub fn parse(text: &str) -> Parse {
    let parsed = parse_with(text, grammar::Entry::File);
    Parse { green: parsed.tree.green(), errors: parsed.errors }
}

/// The tree of a text, and what is wrong with it in the order of the places.
pub(crate) struct Parsed<'t> {
    pub tree: Tree<'t>,
    pub errors: Vec<Diagnostic<TextRange>>,
    /// Strings are closed and brackets match: what is wrong, if anything, is wrong with single declarations.
    pub is_well_nested: bool,
}

pub(crate) fn parse_with(text: &str, entry: grammar::Entry) -> Parsed<'_> {
    if text.len() > MAX_FILE_SIZE {
        return too_large(text);
    }
    let lexed = lexer::lex(text);
    let mut errors = lexed.errors.clone();
    let balanced = brackets::balance(text, &lexed, &mut errors);
    let is_well_nested = errors.is_empty();
    let outcome = grammar::run(text, balanced, entry);
    errors.extend(outcome.errors);
    let tree = builder::build(text, &lexed.tokens, &outcome.tokens, outcome.nodes, &mut errors);
    let is_reported = |place: TextRange| errors.iter().any(|error| error.primary.place.contains_range(place));
    let hidden: Vec<_> =
        hidden_characters(text).into_iter().filter(|found| !is_reported(found.primary.place)).collect();
    errors.extend(hidden);
    errors.sort_by_key(|error| (error.primary.place.start(), error.primary.place.end()));
    Parsed { tree, errors, is_well_nested }
}

fn too_large(text: &str) -> Parsed<'_> {
    let message = format!("the file is larger than {} MiB", MAX_FILE_SIZE >> 20);
    let error = Diagnostic::new(code::TOO_LARGE, TextRange::empty(TextSize::new(0)), message)
        .help("split it into several modules");
    Parsed { tree: builder::one_token(text), errors: vec![error], is_well_nested: false }
}
