//! The lossless tree, from all tokens and the flat list of nodes that the grammar found.

use iom_diagnostics::{Diagnostic, code};
use text_size::{TextRange, TextSize};

use crate::{
    SyntaxKind,
    grammar::NodeEntry,
    lexer::Token,
    tree::{Tree, TreeBuilder},
};

/// How deep nodes nest at most, and how deep expressions and types do: long chains of operators nest without a bracket.
/// Everything that walks a tree or the lowered syntax recursively relies on it.
const MAX_DEPTH: usize = 800;
const MAX_EXPRESSION_DEPTH: usize = 300;

/// A file that is not parsed at all.
pub(crate) fn one_token(text: &str) -> Tree<'_> {
    let mut builder = TreeBuilder::new(text, 2);
    builder.start_node(SyntaxKind::File);
    builder.token(SyntaxKind::ErrorToken, TextSize::of(text));
    builder.finish_node();
    builder.finish()
}

/// Builds the tree. `all` are the tokens of the text, `parsed` those the grammar saw.
pub(crate) fn build<'t>(
    text: &'t str,
    all: &[Token],
    parsed: &[Token],
    mut nodes: Vec<NodeEntry>,
    errors: &mut Vec<Diagnostic<TextRange>>,
) -> Tree<'t> {
    in_preorder(&mut nodes);
    limit_depth(&mut nodes, parsed, errors);
    let builder = TreeBuilder::new(text, all.len() + nodes.len() + 1);
    let mut build = Build { text, all, raw: 0, builder };
    build.builder.start_node(SyntaxKind::File);
    let mut open: Vec<u32> = Vec::new();
    let mut next = nodes.iter().copied().peekable();
    let mut at = 0u32;
    while (at as usize) < parsed.len() {
        while open.last() == Some(&at) {
            build.builder.finish_node();
            open.pop();
        }
        let mut kind = None;
        let mut width = 1;
        while let Some(node) = next.next_if(|node| node.start == at) {
            if node.kind.is_token() {
                kind = Some(node.kind);
                width = node.end - node.start;
            } else {
                build.open(node.kind, parsed[at as usize]);
                open.push(node.end);
            }
        }
        build.token(&parsed[at as usize..(at + width) as usize], kind);
        at += width;
    }
    for _ in open {
        build.builder.finish_node();
    }
    build.rest();
    build.builder.finish_node();
    build.builder.finish()
}

/// The grammar lists a node after its children; here it comes before them.
///
/// A subtree is a stretch of the list in both orders, and each of its ancestors moves it one place to the right.
fn in_preorder(nodes: &mut Vec<NodeEntry>) {
    // How many nodes are in each subtree; the subtrees that wait for their parent are on the stack.
    let mut sizes = vec![1; nodes.len()];
    let mut waiting: Vec<usize> = Vec::new();
    for (number, node) in nodes.iter().enumerate() {
        while let Some(child) = waiting.pop_if(|child| nodes[*child].start >= node.start) {
            sizes[number] += sizes[child];
        }
        waiting.push(number);
    }
    let mut ordered = nodes.clone();
    let mut ancestors: Vec<usize> = Vec::new();
    for (number, node) in nodes.iter().enumerate().rev() {
        while ancestors.pop_if(|first| *first > number).is_some() {}
        let first = number + 1 - sizes[number];
        ordered[first + ancestors.len()] = *node;
        ancestors.push(first);
    }
    *nodes = ordered;
}

/// Takes out the nodes that nest too deep, and says so once for each outermost place.
fn limit_depth(nodes: &mut Vec<NodeEntry>, parsed: &[Token], errors: &mut Vec<Diagnostic<TextRange>>) {
    let mut open: Vec<(u32, bool)> = Vec::new();
    let mut expressions = 0;
    let mut reported_to = 0;
    nodes.retain(|node| {
        while let Some((_, is_expression)) = open.pop_if(|(end, _)| *end <= node.start) {
            expressions -= usize::from(is_expression);
        }
        if node.kind.is_token() {
            return true;
        }
        let is_expression = node.kind.is_expression() || node.kind.is_type();
        expressions += usize::from(is_expression);
        open.push((node.end, is_expression));
        if open.len() <= MAX_DEPTH && expressions <= MAX_EXPRESSION_DEPTH {
            return true;
        }
        if node.start >= reported_to {
            reported_to = open.first().map_or(node.end, |(end, _)| *end);
            errors.push(too_deep(parsed[node.start as usize].range));
        }
        false
    });
}

/// The error for an expression that nests too deep without brackets.
pub(crate) fn too_deep(place: TextRange) -> Diagnostic<TextRange> {
    Diagnostic::new(code::TOO_DEEP, place, "this expression nests too deep")
        .help("give a part of it a name of its own with `const` or `let`")
}

struct Build<'t, 'a> {
    text: &'t str,
    all: &'a [Token],
    /// The next of all tokens.
    raw: usize,
    builder: TreeBuilder<'t>,
}

impl Build<'_, '_> {
    /// Opens a node at its first token. The doc comments right before it go into the node if it takes them.
    fn open(&mut self, kind: SyntaxKind, first: Token) {
        let end = self.end_of_trivia(first);
        let docs = if kind.takes_docs() { self.start_of_docs(end) } else { end };
        self.raw_up_to(docs);
        self.builder.start_node(kind);
        self.raw_up_to(end);
    }

    /// The number of the raw token that is, or follows the place of, `token`.
    fn end_of_trivia(&self, token: Token) -> usize {
        let mut end = self.raw;
        if token.is_virtual() {
            return end;
        }
        while self.all.get(end).is_some_and(|raw| raw.range.start() < token.range.start() || raw.is_virtual())
        {
            end += 1;
        }
        end
    }

    /// Where the doc comments right before raw token `end` start: no blank line and no other comment is among them.
    fn start_of_docs(&self, end: usize) -> usize {
        let mut start = end;
        let mut at = end;
        while at > self.raw {
            let token = self.all[at - 1];
            let text = &self.text[token.range];
            match token.kind {
                SyntaxKind::DocComment => start = at - 1,
                SyntaxKind::Whitespace if text.bytes().filter(|byte| *byte == b'\n').count() <= 1 => {}
                _ => break,
            }
            at -= 1;
        }
        start
    }

    fn raw_up_to(&mut self, end: usize) {
        while self.raw < end {
            let token = self.all[self.raw];
            if !token.is_virtual() {
                // Not trivia and not seen by the grammar: hidden by the bracket matcher.
                let kind = if token.kind.is_trivia() { token.kind } else { SyntaxKind::ErrorToken };
                self.builder.token(kind, token.range.len());
            }
            self.raw += 1;
        }
    }

    /// Puts out one token, or several that the grammar joined.
    fn token(&mut self, tokens: &[Token], kind: Option<SyntaxKind>) {
        let (Some(first), Some(last)) = (tokens.first(), tokens.last()) else { return };
        if last.is_virtual() {
            return;
        }
        self.raw_up_to(self.end_of_trivia(*first));
        let kind = kind.unwrap_or(if first.kind.is_keyword() { SyntaxKind::Name } else { first.kind });
        let range = TextRange::new(first.range.start(), last.range.end());
        self.builder.token(kind, range.len());
        while self.all.get(self.raw).is_some_and(|raw| raw.range.start() < range.end()) {
            self.raw += 1;
        }
    }

    fn rest(&mut self) {
        self.raw_up_to(self.all.len());
    }
}
