//! What a file declares, without a look inside.

use rowan::GreenNode;
use smol_str::SmolStr;
use text_size::TextSize;

use crate::{SyntaxKind, SyntaxNode, lower::name_of, tree::Tree};

/// A declaration at the top of a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DeclarationSyntax {
    /// The declaration with its doc comments and nothing else around it: edits elsewhere leave it equal.
    pub green: GreenNode,
    /// Where it starts in the file.
    pub offset: TextSize,
    pub keyword: &'static str,
    /// What [`Declaration::name`](crate::ast::Declaration::name) gives; empty if it has none.
    pub name: SmolStr,
}

/// The declarations at the top of a file, in order.
pub fn declarations(file: &SyntaxNode) -> Vec<DeclarationSyntax> {
    file.children()
        .filter(|node| node.kind().is_declaration())
        .map(|node| {
            let text = node.text().to_string();
            DeclarationSyntax {
                name: name_of(Tree::of_green(node.green(), &text).root()),
                green: node.green().to_owned(),
                offset: node.text_range().start(),
                keyword: keyword(node.kind()),
            }
        })
        .collect()
}

/// The word a declaration node starts with.
pub(crate) fn keyword(kind: SyntaxKind) -> &'static str {
    let number = kind as usize - SyntaxKind::ModuleDeclaration as usize + SyntaxKind::ModuleKw as usize;
    SyntaxKind::ALL.get(number).and_then(|kind| kind.word()).unwrap_or_default()
}
