//! From the tree of one declaration to the owned syntax of [`ast`](crate::ast).
//!
//! Places are relative to the start of the declaration, and go into a [`SpanMap`]. Faulty input lowers too: what is not
//! in the tree becomes a missing expression or type, or an empty name.

mod again;
mod clauses;
mod declarations;
mod expressions;
mod postfix;
mod tree;
mod types;

pub use again::{Before, lower_file_again};

use std::sync::Arc;

use iom_diagnostics::Diagnostic;
use rowan::GreenNodeData;
use smol_str::SmolStr;
use text_size::{TextRange, TextSize};

use crate::{
    SyntaxKind,
    ast::{Body, Declaration, Expr, ExprKind, Name, NodeId, Path, SpanMap, Text},
    grammar, lexer, outline, parse,
    tree::{Node, Token, Tree},
};

/// Lowers a declaration. The ids of its nodes are numbered in source order, 0 is the declaration.
pub fn lower(green: &GreenNodeData) -> (Declaration, SpanMap) {
    let text = green.to_string();
    let tree = Tree::of_green(green, &text);
    Lower::default().whole_declaration(tree.root())
}

/// A file without its tree.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LoweredFile {
    /// In order.
    pub declarations: Vec<LoweredDeclaration>,
    /// In the order of their places.
    pub errors: Vec<Diagnostic<TextRange>>,
}

/// A declaration at the top of a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LoweredDeclaration {
    pub keyword: &'static str,
    /// What [`Declaration::name`] gives; empty if it has none.
    pub name: SmolStr,
    /// Where it starts in the file, with its doc comments.
    pub offset: TextSize,
    pub declaration: Arc<Declaration>,
    /// Relative to the offset.
    pub spans: SpanMap,
}

/// Parses a file and lowers all that it declares. The same as [`parse`](crate::parse), [`declarations`](crate::declarations)
/// and [`lower`], in less time and without a tree that somebody has to keep.
pub fn lower_file(text: &str) -> LoweredFile {
    let parsed = parse::parse_with(text, grammar::Entry::File);
    LoweredFile { declarations: declarations_of(&parsed.tree), errors: parsed.errors }
}

/// The declarations at the top of a tree.
fn declarations_of(tree: &Tree<'_>) -> Vec<LoweredDeclaration> {
    let mut lower = Lower::default();
    let nodes = tree.root().children().filter(|node| node.kind().is_declaration());
    let declarations = nodes.map(|node| {
        let (declaration, spans) = lower.whole_declaration(node);
        LoweredDeclaration {
            keyword: outline::keyword(node.kind()),
            name: name_of(node),
            offset: node.text_range().start(),
            declaration: Arc::new(declaration),
            spans,
        }
    });
    declarations.collect()
}

/// An expression on its own, and what is wrong with it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ParsedExpression {
    pub expression: Expr,
    /// The places of its nodes in the text.
    pub spans: SpanMap,
    pub errors: Vec<Diagnostic<TextRange>>,
}

/// Parses one expression, for queries from outside of files.
pub fn parse_expression(text: &str) -> ParsedExpression {
    let parse::Parsed { tree, errors, .. } = parse::parse_with(text, grammar::Entry::Expression);
    let root = tree.root();
    let mut lower = Lower::default();
    let expression = match tree::expressions(root).next() {
        Some(node) => lower.expression(node),
        None => Expr { id: lower.id(root.text_range()), kind: ExprKind::Missing },
    };
    ParsedExpression { expression, spans: lower.take_spans(), errors }
}

/// A list without room to spare: what is lowered is kept for long and never grows.
fn exact<N, T>(nodes: impl Iterator<Item = N> + Clone, lower: impl FnMut(N) -> T) -> Vec<T> {
    let mut items = Vec::with_capacity(nodes.clone().count());
    items.extend(nodes.map(lower));
    items
}

/// The name a declaration gives; what [`Declaration::name`] says of it when it is lowered.
pub(crate) fn name_of(declaration: Node<'_>) -> SmolStr {
    use SyntaxKind::*;
    let token = match declaration.kind() {
        ModuleDeclaration | UseDeclaration | ApplyDeclaration | BindDeclaration => None,
        ExtendDeclaration | AmendDeclaration => {
            tree::child(declaration, Path).and_then(|path| tree::keys(path).last())
        }
        _ => tree::keys(declaration).next(),
    };
    token.map(|token| name_text(token)).unwrap_or_default()
}

/// The text of a name, or of a string that stands for one.
fn name_text(token: Token<'_>) -> SmolStr {
    if token.kind() == SyntaxKind::String { string_text(token.text()) } else { token.text().into() }
}

/// The text of a string literal without interpolation.
fn string_text(literal: &str) -> SmolStr {
    let quote = if literal.starts_with('\'') { '\'' } else { '"' };
    let inner = literal.strip_prefix(quote).unwrap_or(literal);
    let closed = inner.strip_suffix(quote).filter(|rest| !ends_in_escape(rest)).unwrap_or(inner);
    if closed.contains('\\') { lexer::unescape(closed).into() } else { closed.into() }
}

/// Whether the quote after this text was escaped, so that the string is not closed.
fn ends_in_escape(text: &str) -> bool {
    text.bytes().rev().take_while(|byte| *byte == b'\\').count() % 2 == 1
}

/// The text between triple quotes.
fn long_text(literal: &str) -> SmolStr {
    let inner = literal.strip_prefix("\"\"\"").unwrap_or(literal);
    inner.strip_suffix("\"\"\"").unwrap_or(inner).into()
}

/// The text of a raw string.
fn raw_text(literal: &str) -> SmolStr {
    let (open, close) = if literal.starts_with("r#") { ("r#\"", "\"#") } else { ("r\"", "\"") };
    let inner = literal.strip_prefix(open).unwrap_or(literal);
    inner.strip_suffix(close).unwrap_or(inner).into()
}

/// Lowers one declaration after the other.
#[derive(Default)]
struct Lower {
    /// Where the declaration at hand starts.
    start: TextSize,
    /// Of its nodes so far, relative to the start.
    ranges: Vec<TextRange>,
}

impl Lower {
    fn whole_declaration(&mut self, node: Node<'_>) -> (Declaration, SpanMap) {
        self.start = node.text_range().start();
        let declaration = self.declaration(node);
        (declaration, self.take_spans())
    }

    /// The places of what was lowered. The next declaration starts anew, in the room of this one.
    fn take_spans(&mut self) -> SpanMap {
        let spans = SpanMap::new(&self.ranges);
        self.ranges.clear();
        spans
    }

    fn id(&mut self, range: TextRange) -> NodeId {
        let id = NodeId(self.ranges.len() as u32);
        self.ranges.push(range - self.start);
        id
    }

    /// The id of a node; doc comments before it are not of its place.
    fn node_id(&mut self, node: Node<'_>) -> NodeId {
        self.id(tree::range_without_docs(node))
    }

    fn name(&mut self, token: Token<'_>) -> Name {
        Name {
            id: self.id(token.text_range()),
            text: name_text(token),
            quoted: token.kind() == SyntaxKind::String,
        }
    }

    /// A name that may be missing from the node it belongs to.
    fn name_or_missing(&mut self, token: Option<Token<'_>>, node: Node<'_>) -> Name {
        match token {
            Some(token) => self.name(token),
            None => self.missing_name(node),
        }
    }

    fn missing_name(&mut self, node: Node<'_>) -> Name {
        Name { id: self.id(tree::end_of(node)), text: SmolStr::default(), quoted: false }
    }

    fn text_or_missing(&mut self, token: Option<Token<'_>>, node: Node<'_>) -> Text {
        match token {
            Some(token) => {
                let text = match token.kind() {
                    SyntaxKind::LongString => long_text(token.text()),
                    _ => string_text(token.text()),
                };
                Text { id: self.id(token.text_range()), text }
            }
            None => Text { id: self.id(tree::end_of(node)), text: SmolStr::default() },
        }
    }

    fn path(&mut self, path: Node<'_>) -> Path {
        let id = self.node_id(path);
        let mut segments: Vec<Name> = exact(tree::keys(path), |token| self.name(token));
        if segments.is_empty() {
            segments.push(self.missing_name(path));
        }
        Path { id, segments: segments.into() }
    }

    fn path_or_missing(&mut self, path: Option<Node<'_>>, node: Node<'_>) -> Path {
        match path {
            Some(path) => self.path(path),
            None => Path { id: self.id(tree::end_of(node)), segments: Box::new([self.missing_name(node)]) },
        }
    }

    fn body_of(&mut self, node: Node<'_>) -> Body {
        match tree::child(node, SyntaxKind::Body) {
            Some(body) => self.body(body),
            None => Body { id: self.id(tree::end_of(node)), members: Vec::new() },
        }
    }
}
