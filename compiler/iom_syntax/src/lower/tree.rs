//! Looking for children in the tree.

use text_size::TextRange;

use crate::{SyntaxElement, SyntaxKind, SyntaxNode, SyntaxToken};

/// The first child of a kind.
pub(super) fn child(node: &SyntaxNode, kind: SyntaxKind) -> Option<SyntaxNode> {
    children(node, kind).next()
}

/// All children of a kind.
pub(super) fn children(node: &SyntaxNode, kind: SyntaxKind) -> impl Iterator<Item = SyntaxNode> {
    node.children().filter(move |child| child.kind() == kind)
}

/// The expressions among the children.
pub(super) fn expressions(node: &SyntaxNode) -> impl Iterator<Item = SyntaxNode> {
    node.children().filter(|child| child.kind().is_expression())
}

/// The first type among the children.
pub(super) fn type_child(node: &SyntaxNode) -> Option<SyntaxNode> {
    node.children().find(|child| child.kind().is_type())
}

/// The tokens right in the node, trivia left out.
pub(super) fn tokens(node: &SyntaxNode) -> impl Iterator<Item = SyntaxToken> {
    node.children_with_tokens()
        .filter_map(SyntaxElement::into_token)
        .filter(|token| !token.kind().is_trivia())
}

/// The first token of a kind right in the node.
pub(super) fn token(node: &SyntaxNode, kind: SyntaxKind) -> Option<SyntaxToken> {
    tokens(node).find(|token| token.kind() == kind)
}

pub(super) fn has_token(node: &SyntaxNode, kind: SyntaxKind) -> bool {
    token(node, kind).is_some()
}

/// The names right in the node.
pub(super) fn names(node: &SyntaxNode) -> impl Iterator<Item = SyntaxToken> {
    tokens(node).filter(|token| token.kind() == SyntaxKind::Name)
}

/// The names and strings right in the node.
pub(super) fn keys(node: &SyntaxNode) -> impl Iterator<Item = SyntaxToken> {
    tokens(node).filter(|token| matches!(token.kind(), SyntaxKind::Name | SyntaxKind::String))
}

/// The expression between the token `after` and the next one.
pub(super) fn expression_after(node: &SyntaxNode, after: SyntaxKind) -> Option<SyntaxNode> {
    let mut elements = node.children_with_tokens().skip_while(move |element| element.kind() != after);
    elements.next()?;
    elements
        .take_while(|element| element.as_node().is_some() || element.kind().is_trivia())
        .filter_map(SyntaxElement::into_node)
        .find(|child| child.kind().is_expression())
}

/// The part of a clause that starts with a keyword.
pub(super) fn part(node: &SyntaxNode, keyword: SyntaxKind) -> Option<SyntaxNode> {
    children(node, SyntaxKind::ClausePart).find(|part| has_token(part, keyword))
}

/// The empty range at the end of a node, for what is missing in it.
pub(super) fn end_of(node: &SyntaxNode) -> TextRange {
    TextRange::empty(node.text_range().end())
}

/// A node's range without the doc comments it starts with.
pub(super) fn range_without_docs(node: &SyntaxNode) -> TextRange {
    let start = node.children_with_tokens().find(|element| !element.kind().is_trivia());
    let start = start.map_or(node.text_range().start(), |element| element.text_range().start());
    TextRange::new(start, node.text_range().end())
}

/// The text of the doc comments a node starts with.
pub(super) fn docs(node: &SyntaxNode) -> Option<String> {
    let lines: Vec<String> = node
        .children_with_tokens()
        .filter_map(SyntaxElement::into_token)
        .take_while(|token| token.kind().is_trivia())
        .filter(|token| token.kind() == SyntaxKind::DocComment)
        .map(|token| {
            let line = token.text().trim_start_matches('/').trim_end();
            line.strip_prefix(' ').unwrap_or(line).to_owned()
        })
        .collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}
