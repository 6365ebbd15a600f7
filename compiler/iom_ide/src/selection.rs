//! What is selected step by step: the word, what it is part of, and so on to the whole file.

use iom_base::{TextRange, TextSize};
use iom_semantic::items::tree;
use iom_syntax::{SyntaxKind, SyntaxNode};

use crate::Analysis;

impl Analysis {
    /// The ranges around an offset, the smallest first; each contains the one before.
    pub fn selections(&self, path: &str, offset: u32) -> Vec<TextRange> {
        let Some(file) = self.source(path) else { return Vec::new() };
        let root = SyntaxNode::new_root(tree(self.db(), file).clone());
        let offset = TextSize::new(offset).min(root.text_range().end());
        let mut tokens = root.token_at_offset(offset);
        // Of two tokens that touch there a word is meant rather than a sign.
        let (first, second) = (tokens.next(), tokens.next());
        let is_word = |kind: SyntaxKind| crate::spot::is_word(kind) || kind == SyntaxKind::Number;
        let token = match (first, second) {
            (Some(first), Some(second)) if is_word(first.kind()) && !is_word(second.kind()) => first,
            (_, Some(second)) => second,
            (Some(first), None) => first,
            (None, _) => return vec![root.text_range()],
        };
        let mut ranges = Vec::new();
        if !token.kind().is_trivia() || token.kind() != SyntaxKind::Whitespace {
            ranges.push(token.text_range());
        }
        for node in token.parent_ancestors() {
            ranges.extend(inner(&node).filter(|inner| inner.contains_inclusive(offset)));
            ranges.push(node.text_range());
        }
        let mut kept: Vec<TextRange> = Vec::new();
        for range in ranges {
            if kept.last().is_none_or(|last| range.contains_range(*last) && range != *last) {
                kept.push(range);
            }
        }
        kept
    }
}

/// What stands between the braces or brackets of a node.
fn inner(node: &SyntaxNode) -> Option<TextRange> {
    use SyntaxKind as K;
    let tokens = || node.children_with_tokens().filter_map(|element| element.into_token());
    let open = tokens().find(|token| matches!(token.kind(), K::LBrace | K::LBracket | K::LParen))?;
    let close =
        tokens().filter(|token| matches!(token.kind(), K::RBrace | K::RBracket | K::RParen)).last()?;
    let (start, end) = (open.text_range().end(), close.text_range().start());
    (start < end).then(|| TextRange::new(start, end))
}

#[cfg(test)]
mod tests {
    use crate::fixture::Fixture;

    #[test]
    fn a_selection_grows_step_by_step() {
        let shown = |text: &str| {
            let fixture = Fixture::new(text);
            let found = fixture.analysis.selections("main.iom", fixture.offset);
            let text = text.replace("$0", "");
            found.iter().map(|range| format!("[{}]", text[*range].trim_end())).collect::<Vec<_>>().join("\n")
        };
        let answers = [
            shown("policy p { for s: K { require s.si$0ze < 4 and \"世界\" != s.name } }"),
            shown("resource a: K { disk: { gib: [1, 2$0"),
            shown("$0"),
        ];
        insta::assert_snapshot!(answers.join("\n---\n"));
    }
}
