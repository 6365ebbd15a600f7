//! From the tree of one declaration to the owned syntax of [`ast`](crate::ast).
//!
//! Places are relative to the start of the declaration, and go into a [`SpanMap`]. Faulty input lowers too: what is not
//! in the tree becomes a missing expression or type, or an empty name.

mod clauses;
mod declarations;
mod expressions;
mod postfix;
mod tree;
mod types;

use iom_diagnostics::Diagnostic;
use rowan::GreenNode;
use smol_str::SmolStr;
use text_size::TextRange;

use crate::{
    SyntaxKind, SyntaxNode, SyntaxToken,
    ast::{Body, Declaration, Expr, ExprKind, Name, NodeId, Path, SpanMap, Text},
    grammar, lexer, parse,
};

/// Lowers a declaration. The ids of its nodes are numbered in source order, 0 is the declaration.
pub fn lower(green: &GreenNode) -> (Declaration, SpanMap) {
    let node = SyntaxNode::new_root(green.clone());
    let mut lower = Lower::default();
    let declaration = lower.declaration(&node);
    (declaration, lower.spans)
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
    let parse = parse::parse_with(text, grammar::Entry::Expression);
    let root = parse.syntax();
    let mut lower = Lower::default();
    let expression = match tree::expressions(&root).next() {
        Some(node) => lower.expression(&node),
        None => Expr { id: lower.id(root.text_range()), kind: ExprKind::Missing },
    };
    ParsedExpression { expression, spans: lower.spans, errors: parse.errors }
}

/// The name a declaration gives; what [`Declaration::name`] says of it when it is lowered.
pub(crate) fn name_of(declaration: &SyntaxNode) -> SmolStr {
    use SyntaxKind::*;
    let token = match declaration.kind() {
        ModuleDeclaration | UseDeclaration | ApplyDeclaration | BindDeclaration => None,
        ExtendDeclaration | AmendDeclaration => {
            tree::child(declaration, Path).and_then(|path| tree::keys(&path).last())
        }
        _ => tree::keys(declaration).next(),
    };
    token.map(|token| name_text(&token)).unwrap_or_default()
}

/// The text of a name, or of a string that stands for one.
fn name_text(token: &SyntaxToken) -> SmolStr {
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

#[derive(Default)]
struct Lower {
    spans: SpanMap,
}

impl Lower {
    fn id(&mut self, range: TextRange) -> NodeId {
        self.spans.push(range)
    }

    /// The id of a node; doc comments before it are not of its place.
    fn node_id(&mut self, node: &SyntaxNode) -> NodeId {
        self.id(tree::range_without_docs(node))
    }

    fn name(&mut self, token: &SyntaxToken) -> Name {
        Name {
            id: self.id(token.text_range()),
            text: name_text(token),
            quoted: token.kind() == SyntaxKind::String,
        }
    }

    /// A name that may be missing from the node it belongs to.
    fn name_or_missing(&mut self, token: Option<SyntaxToken>, node: &SyntaxNode) -> Name {
        match token {
            Some(token) => self.name(&token),
            None => self.missing_name(node),
        }
    }

    fn missing_name(&mut self, node: &SyntaxNode) -> Name {
        Name { id: self.id(tree::end_of(node)), text: SmolStr::default(), quoted: false }
    }

    fn text_or_missing(&mut self, token: Option<SyntaxToken>, node: &SyntaxNode) -> Text {
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

    fn path(&mut self, path: &SyntaxNode) -> Path {
        let id = self.node_id(path);
        let mut segments: Vec<Name> = tree::keys(path).map(|token| self.name(&token)).collect();
        if segments.is_empty() {
            segments.push(self.missing_name(path));
        }
        Path { id, segments }
    }

    fn path_or_missing(&mut self, path: Option<SyntaxNode>, node: &SyntaxNode) -> Path {
        match path {
            Some(path) => self.path(&path),
            None => Path { id: self.id(tree::end_of(node)), segments: vec![self.missing_name(node)] },
        }
    }

    fn body_of(&mut self, node: &SyntaxNode) -> Body {
        match tree::child(node, SyntaxKind::Body) {
            Some(body) => self.body(&body),
            None => Body { id: self.id(tree::end_of(node)), members: Vec::new() },
        }
    }
}
