//! Looking for children in the tree.

use text_size::TextRange;

use crate::SyntaxKind;
use crate::tree::{Element, Node, Token};

/// The first child of a kind.
pub(super) fn child(node: Node<'_>, kind: SyntaxKind) -> Option<Node<'_>> {
    children(node, kind).next()
}

/// All children of a kind.
pub(super) fn children(node: Node<'_>, kind: SyntaxKind) -> impl Iterator<Item = Node<'_>> + Clone {
    node.children().filter(move |child| child.kind() == kind)
}

/// The expressions among the children.
pub(super) fn expressions(node: Node<'_>) -> impl Iterator<Item = Node<'_>> + Clone {
    node.children().filter(|child| child.kind().is_expression())
}

/// The first type among the children.
pub(super) fn type_child(node: Node<'_>) -> Option<Node<'_>> {
    node.children().find(|child| child.kind().is_type())
}

/// The tokens right in the node, trivia left out.
pub(super) fn tokens(node: Node<'_>) -> impl Iterator<Item = Token<'_>> + Clone {
    node.children_with_tokens().filter_map(Element::token).filter(|token| !token.kind().is_trivia())
}

/// The first token of a kind right in the node.
pub(super) fn token(node: Node<'_>, kind: SyntaxKind) -> Option<Token<'_>> {
    tokens(node).find(|token| token.kind() == kind)
}

pub(super) fn has_token(node: Node<'_>, kind: SyntaxKind) -> bool {
    token(node, kind).is_some()
}

/// The names right in the node.
pub(super) fn names(node: Node<'_>) -> impl Iterator<Item = Token<'_>> + Clone {
    tokens(node).filter(|token| token.kind() == SyntaxKind::Name)
}

/// The names and strings right in the node.
pub(super) fn keys(node: Node<'_>) -> impl Iterator<Item = Token<'_>> + Clone {
    tokens(node).filter(|token| matches!(token.kind(), SyntaxKind::Name | SyntaxKind::String))
}

/// The expression between the token `after` and the next one.
pub(super) fn expression_after(node: Node<'_>, after: SyntaxKind) -> Option<Node<'_>> {
    let mut elements = node.children_with_tokens().skip_while(move |element| element.kind() != after);
    elements.next()?;
    elements
        .take_while(|element| element.node().is_some() || element.kind().is_trivia())
        .filter_map(Element::node)
        .find(|child| child.kind().is_expression())
}

/// The part of a clause that starts with a keyword.
pub(super) fn part(node: Node<'_>, keyword: SyntaxKind) -> Option<Node<'_>> {
    children(node, SyntaxKind::ClausePart).find(|part| has_token(*part, keyword))
}

/// The empty range at the end of a node, for what is missing in it.
pub(super) fn end_of(node: Node<'_>) -> TextRange {
    TextRange::empty(node.text_range().end())
}

/// A node's range without the doc comments it starts with.
pub(super) fn range_without_docs(node: Node<'_>) -> TextRange {
    let start = node.children_with_tokens().find(|element| !element.kind().is_trivia());
    let start = start.map_or(node.text_range().start(), |element| element.text_range().start());
    TextRange::new(start, node.text_range().end())
}

/// The text of the doc comments a node starts with.
pub(super) fn docs(node: Node<'_>) -> Option<Box<str>> {
    let lines: Vec<String> = node
        .children_with_tokens()
        .filter_map(Element::token)
        .take_while(|token| token.kind().is_trivia())
        .filter(|token| token.kind() == SyntaxKind::DocComment)
        .map(|token| {
            let line = token.text().trim_start_matches('/').trim_end();
            line.strip_prefix(' ').unwrap_or(line).to_owned()
        })
        .collect();
    (!lines.is_empty()).then(|| lines.join("\n").into())
}
