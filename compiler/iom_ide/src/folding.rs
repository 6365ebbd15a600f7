//! Which lines can be folded away: blocks, imports, comments.

use iom_base::TextRange;
use iom_semantic::items::tree;
use iom_syntax::{SyntaxElement, SyntaxKind, SyntaxNode};

use crate::Analysis;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FoldKind {
    Block,
    Imports,
    Comment,
}

/// Lines that can be folded: from the end of the line that a range starts on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Fold {
    pub range: TextRange,
    pub kind: FoldKind,
}

impl Analysis {
    pub fn folds(&self, path: &str) -> Vec<Fold> {
        let Some(file) = self.source(path) else { return Vec::new() };
        let text: &str = file.text(self.db());
        let root = SyntaxNode::new_root(tree(self.db(), file).clone());
        let mut folds = blocks(&root);
        folds.extend(imports(&root));
        folds.extend(comments(&root));
        // One that does not go over several lines hides nothing.
        folds.retain(|fold| {
            text.get(std::ops::Range::<usize>::from(fold.range)).is_some_and(|one| one.contains('\n'))
        });
        folds.sort_by_key(|fold| (fold.range.start(), fold.range.end()));
        folds
    }
}

fn blocks(root: &SyntaxNode) -> Vec<Fold> {
    use SyntaxKind as K;
    let is_block = |kind: SyntaxKind| {
        matches!(
            kind,
            K::Body
                | K::RecordExpr
                | K::RecordType
                | K::SetExpr
                | K::ListExpr
                | K::ListComprehension
                | K::MapComprehension
                | K::MatchExpr
                | K::UseNames
                | K::Parameters
                | K::Arguments
        )
    };
    let nodes = root.descendants().filter(|node| is_block(node.kind()));
    nodes.map(|node| Fold { range: node.text_range(), kind: FoldKind::Block }).collect()
}

/// `use` declarations with nothing but blanks between them.
fn imports(root: &SyntaxNode) -> Vec<Fold> {
    runs(root.children_with_tokens(), |element| match element.kind() {
        SyntaxKind::UseDeclaration => Some(true),
        SyntaxKind::Whitespace => None,
        _ => Some(false),
    })
    .into_iter()
    .map(|range| Fold { range, kind: FoldKind::Imports })
    .collect()
}

fn comments(root: &SyntaxNode) -> Vec<Fold> {
    let tokens = root.descendants_with_tokens().filter(|element| element.as_token().is_some());
    let runs = runs(tokens, |element| match element.kind() {
        SyntaxKind::Comment | SyntaxKind::DocComment | SyntaxKind::FileComment => Some(true),
        // A blank line ends what is said.
        SyntaxKind::Whitespace => {
            let lines = element.as_token().map_or(0, |token| token.text().matches('\n').count());
            (lines > 1).then_some(false)
        }
        _ => Some(false),
    });
    runs.into_iter().map(|range| Fold { range, kind: FoldKind::Comment }).collect()
}

/// The ranges of neighbours of one sort; those that are neither here nor there do not part them.
fn runs(
    elements: impl Iterator<Item = SyntaxElement>,
    is_one: impl Fn(&SyntaxElement) -> Option<bool>,
) -> Vec<TextRange> {
    let mut found: Vec<TextRange> = Vec::new();
    let mut is_open = false;
    for element in elements {
        match is_one(&element) {
            Some(true) => {
                match found.last_mut().filter(|_| is_open) {
                    Some(last) => *last = last.cover(element.text_range()),
                    None => found.push(element.text_range()),
                }
                is_open = true;
            }
            Some(false) => is_open = false,
            None => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::fixture::Fixture;

    #[test]
    fn blocks_imports_and_comments_fold() {
        let text = "//! One.\n//! Two.\nmodule m\n\nuse a\nuse b\n\n// x\n\n/// Doc\n/// more.\npolicy p {\n  for r: Resource {\n    require match r {\n      _ => [\n        true,\n      ]\n    }\n  }\n}\nresource broken: K {\n  a: {\n";
        let fixture = Fixture::new(text);
        let line = |at: iom_base::TextSize| text[..usize::from(at)].matches('\n').count() + 1;
        let folds = fixture.analysis.folds("main.iom");
        let shown: Vec<String> = folds
            .iter()
            .map(|fold| format!("{:?} {}-{}", fold.kind, line(fold.range.start()), line(fold.range.end())))
            .collect();
        insta::assert_snapshot!(shown.join("\n"));
    }
}
