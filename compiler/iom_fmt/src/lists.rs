//! Lists: elements with commas between.

use iom_syntax::{SyntaxElement, SyntaxKind, SyntaxNode, SyntaxToken};

use crate::{
    layout::{Layout, elements},
    printer::{Gap, has_newline},
};

/// How the elements of a list are set.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// The brackets hug the elements; line breaks between elements stay.
    Hugging,
    /// The brackets stand on lines of their own; line breaks between elements stay.
    Open,
    /// Every element on a line of its own.
    Exploded,
}

impl Layout<'_> {
    /// A node whose brackets hold elements with commas between them.
    pub(crate) fn list(&mut self, node: &SyntaxNode, gap: Gap) {
        let all = elements(node);
        let items: Vec<SyntaxElement> = all
            .iter()
            .filter(|element| !is_bracket(element.kind()) && element.kind() != SyntaxKind::Comma)
            .cloned()
            .collect();
        let (Some(open), Some(close)) = (bracket(all.first()), bracket(all.last())) else {
            return self.children(node, all, gap);
        };
        let shape = self.shape(node, &items, &open, &close, gap);
        self.element(&SyntaxElement::Token(open), gap);
        if shape == Shape::Hugging {
            self.hugging(&items, &close);
        } else {
            self.open_list(&items, &close, shape);
        }
    }

    fn shape(
        &self,
        node: &SyntaxNode,
        items: &[SyntaxElement],
        open: &SyntaxToken,
        close: &SyntaxToken,
        gap: Gap,
    ) -> Shape {
        let (Some(first), Some(last)) = (items.first(), items.last()) else { return Shape::Hugging };
        if self.is_flat {
            return Shape::Hugging;
        }
        let breaks = |from: usize, to: usize| has_newline(&self.source[from..to]);
        let start = usize::from(open.text_range().end());
        let end = usize::from(close.text_range().start());
        if breaks(start, start_of(first)) || breaks(usize::from(last.text_range().end()), end) {
            Shape::Open
        } else if items.len() > 1 && self.is_one_line(node) && !self.fits(node, gap) {
            Shape::Exploded
        } else {
            Shape::Hugging
        }
    }

    fn hugging(&mut self, items: &[SyntaxElement], close: &SyntaxToken) {
        for (number, item) in items.iter().enumerate() {
            let gap = match number {
                0 => Gap::Nothing,
                _ if self.is_flat => Gap::Blank,
                _ => Gap::Keep { blank: true, indent: self.continuation() },
            };
            if number > 0 {
                self.printer.synthetic(",");
            }
            self.element(item, gap);
        }
        let base = self.printer.line_indent;
        self.printer.closing(close, Gap::Nothing, base);
    }

    fn open_list(&mut self, items: &[SyntaxElement], close: &SyntaxToken, shape: Shape) {
        let base = self.printer.line_indent;
        let before = std::mem::replace(&mut self.statement, base + 2);
        for (number, item) in items.iter().enumerate() {
            let gap = match (number, shape) {
                (0, _) => Gap::TightLine(base + 2),
                (_, Shape::Exploded) => Gap::Line(base + 2),
                (_, _) => Gap::KeepLine(base + 2),
            };
            self.element(item, gap);
            self.printer.synthetic(",");
        }
        self.statement = before;
        self.printer.closing(close, Gap::TightLine(base), base);
    }
}

fn is_bracket(kind: SyntaxKind) -> bool {
    use SyntaxKind::*;
    matches!(kind, LBracket | RBracket | LParen | RParen | LBrace | RBrace)
}

fn bracket(element: Option<&SyntaxElement>) -> Option<SyntaxToken> {
    element?.as_token().filter(|token| is_bracket(token.kind())).cloned()
}

fn start_of(element: &SyntaxElement) -> usize {
    usize::from(element.text_range().start())
}
