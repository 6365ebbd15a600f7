//! The tree as a list of rows in the order of the text. Neither building nor walking it allocates per node: files are lowered
//! from it, and rowan's tree is made of it for those who need parents.

use rowan::{GreenNode, GreenNodeBuilder, GreenNodeData, Language, NodeOrToken};
use text_size::{TextRange, TextSize};

use crate::{Iom, SyntaxKind};

/// A node or a token.
#[derive(Clone, Copy, Debug)]
struct Row {
    kind: SyntaxKind,
    range: TextRange,
    /// The row after its last descendant.
    end: u32,
}

/// A lossless tree over a text. The first row is the root.
pub(crate) struct Tree<'t> {
    text: &'t str,
    rows: Vec<Row>,
}

/// Puts rows together in the order of the text.
pub(crate) struct TreeBuilder<'t> {
    tree: Tree<'t>,
    open: Vec<u32>,
    offset: TextSize,
}

impl<'t> TreeBuilder<'t> {
    pub fn new(text: &'t str, expected: usize) -> TreeBuilder<'t> {
        let rows = Vec::with_capacity(expected);
        TreeBuilder { tree: Tree { text, rows }, open: Vec::new(), offset: TextSize::new(0) }
    }

    pub fn start_node(&mut self, kind: SyntaxKind) {
        self.open.push(self.tree.rows.len() as u32);
        self.tree.rows.push(Row { kind, range: TextRange::empty(self.offset), end: 0 });
    }

    /// Adds the next token of the text.
    pub fn token(&mut self, kind: SyntaxKind, length: TextSize) {
        let range = TextRange::at(self.offset, length);
        self.offset = range.end();
        let end = self.tree.rows.len() as u32 + 1;
        self.tree.rows.push(Row { kind, range, end });
    }

    pub fn finish_node(&mut self) {
        let end = self.tree.rows.len() as u32;
        if let Some(row) = self.open.pop().and_then(|at| self.tree.rows.get_mut(at as usize)) {
            row.range = TextRange::new(row.range.start(), self.offset);
            row.end = end;
        }
    }

    pub fn finish(self) -> Tree<'t> {
        self.tree
    }
}

impl<'t> Tree<'t> {
    /// The rows of a tree of rowan's, over its text.
    pub fn of_green(green: &GreenNodeData, text: &'t str) -> Tree<'t> {
        let mut builder = TreeBuilder::new(text, text.len() / 2);
        builder.start_node(Iom::kind_from_raw(green.kind()));
        let mut open = vec![green.children()];
        while let Some(children) = open.last_mut() {
            match children.next() {
                Some(NodeOrToken::Node(node)) => {
                    builder.start_node(Iom::kind_from_raw(node.kind()));
                    open.push(node.children());
                }
                Some(NodeOrToken::Token(token)) => {
                    builder.token(Iom::kind_from_raw(token.kind()), token.text_len());
                }
                None => {
                    builder.finish_node();
                    open.pop();
                }
            }
        }
        builder.finish()
    }

    pub fn root(&self) -> Node<'_> {
        Node(Element { tree: self, at: 0 })
    }

    pub fn green(&self) -> GreenNode {
        let mut builder = GreenNodeBuilder::new();
        let mut open: Vec<u32> = Vec::new();
        for (at, row) in (0..).zip(&self.rows) {
            while open.pop_if(|end| *end <= at).is_some() {
                builder.finish_node();
            }
            if row.kind.is_token() {
                builder.token(row.kind.into(), &self.text[row.range]);
            } else {
                builder.start_node(row.kind.into());
                open.push(row.end);
            }
        }
        open.iter().for_each(|_| builder.finish_node());
        builder.finish()
    }
}

/// A node or a token, with a look at what is inside.
#[derive(Clone, Copy)]
pub(crate) struct Element<'t> {
    tree: &'t Tree<'t>,
    at: u32,
}

#[derive(Clone, Copy)]
pub(crate) struct Node<'t>(Element<'t>);

#[derive(Clone, Copy)]
pub(crate) struct Token<'t>(Element<'t>);

impl<'t> Element<'t> {
    fn row(self) -> Row {
        self.tree.rows[self.at as usize]
    }

    pub fn kind(self) -> SyntaxKind {
        self.row().kind
    }

    pub fn text_range(self) -> TextRange {
        self.row().range
    }

    pub fn node(self) -> Option<Node<'t>> {
        (!self.kind().is_token()).then_some(Node(self))
    }

    pub fn token(self) -> Option<Token<'t>> {
        self.kind().is_token().then_some(Token(self))
    }
}

impl<'t> Node<'t> {
    pub fn kind(self) -> SyntaxKind {
        self.0.kind()
    }

    pub fn text_range(self) -> TextRange {
        self.0.text_range()
    }

    pub fn children_with_tokens(self) -> impl Iterator<Item = Element<'t>> + Clone {
        let Node(Element { tree, at }) = self;
        let end = self.0.row().end;
        let first = Some(at + 1).filter(|first| *first < end);
        std::iter::successors(first, move |at| {
            let next = tree.rows.get(*at as usize)?.end;
            (next < end).then_some(next)
        })
        .map(move |at| Element { tree, at })
    }

    pub fn children(self) -> impl Iterator<Item = Node<'t>> + Clone {
        self.children_with_tokens().filter_map(Element::node)
    }
}

impl<'t> Token<'t> {
    pub fn kind(self) -> SyntaxKind {
        self.0.kind()
    }

    pub fn text_range(self) -> TextRange {
        self.0.text_range()
    }

    pub fn text(self) -> &'t str {
        &self.0.tree.text[self.text_range()]
    }
}
