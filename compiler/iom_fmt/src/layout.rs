//! Where lines break.

use std::cell::Cell;

use iom_base::TextRange;
use iom_syntax::{SyntaxElement, SyntaxKind, SyntaxNode, SyntaxToken};

use crate::{
    LINE_WIDTH,
    printer::{Gap, Printer, has_newline},
    spacing::is_spaced,
};

/// Formats a file that has no syntax error.
pub(crate) fn file(source: &str, file: &SyntaxNode) -> String {
    let mut layout = Layout::new(source, 0, false);
    for declaration in file.children() {
        layout.member(&declaration, Gap::Line(0), 0);
    }
    layout.printer.finish()
}

pub(crate) struct Layout<'t> {
    pub source: &'t str,
    pub printer: Printer<'t>,
    /// Nothing breaks: the width of one line is measured, or a string is written.
    pub is_flat: bool,
    /// The indentation of the member that is being written; what goes on in another line is indented further.
    pub statement: usize,
    /// The member does not fit into its line, so its parts start new ones.
    breaks_parts: bool,
    /// Not even its first part fits, so its outermost operators start new lines.
    breaks_operators: bool,
    /// The last expression that was measured, and whether it is too wide.
    last_width: Cell<Option<(TextRange, bool)>>,
}

impl<'t> Layout<'t> {
    fn new(source: &'t str, position: usize, is_flat: bool) -> Layout<'t> {
        let printer = Printer::new(source, position);
        Layout {
            source,
            printer,
            is_flat,
            statement: 0,
            breaks_parts: false,
            breaks_operators: false,
            last_width: Cell::new(None),
        }
    }

    /// The indentation of a line that goes on with a member.
    pub fn continuation(&self) -> usize {
        self.statement + 2
    }

    /// Whether nothing in a node starts a new line, as far as its author had a say.
    pub fn is_one_line(&self, node: &SyntaxNode) -> bool {
        let children = elements(node);
        let breaks = children.windows(2).any(|pair| {
            let between = self.between(&pair[0], &pair[1]);
            between.contains("//") || has_newline(between) && keeps_break(node, &pair[0], &pair[1])
        });
        !breaks
            && children.iter().all(|child| match child {
                SyntaxElement::Node(node) => self.is_one_line(node),
                SyntaxElement::Token(token) => !has_newline(token.text()),
            })
    }

    /// The white space, comments and commas between two neighbours.
    fn between(&self, left: &SyntaxElement, right: &SyntaxElement) -> &'t str {
        match (last_of(left), first_of(right)) {
            (Some(left), Some(right)) => {
                &self.source[usize::from(left.text_range().end())..usize::from(right.text_range().start())]
            }
            _ => "",
        }
    }

    /// The width of a node written on one line.
    fn flat_width(&self, node: &SyntaxNode) -> usize {
        let Some(first) = first_token(node) else { return 0 };
        let mut flat = Layout::new(self.source, usize::from(first.text_range().start()), true);
        flat.node(node, Gap::Nothing);
        flat.printer.column()
    }

    /// The width of a member without its parts.
    fn head_width(&self, member: &SyntaxNode) -> usize {
        let Some(first) = first_token(member) else { return 0 };
        let mut flat = Layout::new(self.source, usize::from(first.text_range().start()), true);
        let head = elements(member).into_iter().filter(|element| !is_part(element.kind())).collect();
        flat.children(member, head, Gap::Nothing);
        flat.printer.column()
    }

    /// Whether a node was written on one line and fits into the rest of this one.
    pub fn fits(&self, node: &SyntaxNode, gap: Gap) -> bool {
        let blanks = match gap {
            Gap::Blank | Gap::Keep { blank: true, .. } => 1,
            Gap::TwoBlanks => 2,
            _ => 0,
        };
        self.is_flat
            || (self.is_one_line(node)
                && self.printer.column() + blanks + self.flat_width(node) <= LINE_WIDTH)
    }

    /// A declaration, a field, a clause or an arm, on a line of its own or in a row.
    pub fn member(&mut self, node: &SyntaxNode, gap: Gap, indent: usize) {
        let before = (self.statement, self.breaks_parts, self.breaks_operators);
        self.statement = indent;
        self.breaks_parts =
            !self.is_flat && self.is_one_line(node) && indent + self.flat_width(node) > LINE_WIDTH;
        self.breaks_operators = self.breaks_parts && indent + self.head_width(node) > LINE_WIDTH;
        self.node(node, gap);
        (self.statement, self.breaks_parts, self.breaks_operators) = before;
    }

    /// Any node; `gap` is what stands before it.
    pub fn node(&mut self, node: &SyntaxNode, gap: Gap) {
        use SyntaxKind::*;
        match node.kind() {
            Body | RecordExpr | RecordType | MatchExpr => self.braces(node, gap),
            ListExpr | SetExpr | Arguments | Parameters | UseNames => self.list(node, gap),
            // A string ends with its line, so what it interpolates stays on it, however wide.
            StringExpr => {
                let before = std::mem::replace(&mut self.is_flat, true);
                self.children(node, elements(node), gap);
                self.is_flat = before;
            }
            _ => self.children(node, elements(node), gap),
        }
    }

    /// The children of a node one after another.
    pub fn children(&mut self, node: &SyntaxNode, children: Vec<SyntaxElement>, gap: Gap) {
        let mut left: Option<&SyntaxElement> = None;
        for child in &children {
            let gap = match left {
                Some(left) => self.gap(node, left, child),
                None => gap,
            };
            self.element(child, gap);
            left = Some(child);
        }
    }

    pub fn element(&mut self, element: &SyntaxElement, gap: Gap) {
        match element {
            SyntaxElement::Node(node) => self.node(node, gap),
            SyntaxElement::Token(token) => self.printer.token(token, gap, self.continuation()),
        }
    }

    /// What stands between two children of a node.
    fn gap(&self, parent: &SyntaxNode, left: &SyntaxElement, right: &SyntaxElement) -> Gap {
        let (Some(last), Some(first)) = (last_of(left), first_of(right)) else { return Gap::Nothing };
        let blank = is_spaced(&last, &first);
        if self.is_flat {
            return if blank { Gap::Blank } else { Gap::Nothing };
        }
        if self.breaks_parts && is_part(right.kind()) {
            return Gap::TightLine(self.continuation());
        }
        let is_operator = right.kind() == SyntaxKind::Operator && blank;
        if is_operator && self.breaks_after(right)
            || self.breaks_operators
                && (is_operator && is_outermost_junction(parent, right)
                    || is_joint(parent, left, right) && self.is_too_wide(parent))
        {
            return Gap::TightLine(self.continuation());
        }
        if may_break(parent.kind(), left, right) {
            let is_same_level = right.kind() == SyntaxKind::ForClause || left.kind() == SyntaxKind::Alias;
            let indent = if is_same_level { self.statement } else { self.continuation() };
            return Gap::Keep { blank, indent };
        }
        if blank { Gap::Blank } else { Gap::Nothing }
    }

    /// Whether a part of a member does not even fit into a line of its own.
    fn is_too_wide(&self, node: &SyntaxNode) -> bool {
        // What an expression begins with stands where the whole begins, and comes apart with it.
        let mut whole = node.clone();
        while let Some(around) = whole.parent().filter(|around| {
            around.kind() == SyntaxKind::BinaryExpr && around.first_child().as_ref() == Some(&whole)
        }) {
            whole = around;
        }
        // The joints of one expression ask one after the other.
        let place = whole.text_range();
        if let Some((known, is_wide)) = self.last_width.get()
            && known == place
        {
            return is_wide;
        }
        let is_wide = self.continuation() + self.flat_width(&whole) > LINE_WIDTH;
        self.last_width.set(Some((place, is_wide)));
        is_wide
    }

    /// Whether the author broke the line after an operator: then it is broken before it.
    fn breaks_after(&self, operator: &SyntaxElement) -> bool {
        let mut next = operator.next_sibling_or_token();
        while let Some(found) = next.take_if(|found| found.kind().is_trivia()) {
            next = found.next_sibling_or_token();
        }
        next.is_some_and(|next| has_newline(self.between(operator, &next)))
    }

    /// Members in braces: in a row if they were written so and fit, else one a line.
    fn braces(&mut self, node: &SyntaxNode, gap: Gap) {
        let all = elements(node);
        let Some(open) = all.iter().position(|element| element.kind() == SyntaxKind::LBrace) else {
            return self.children(node, all, gap);
        };
        let is_row = self.fits(node, gap);
        let head = all[..=open].to_vec();
        let members: Vec<SyntaxNode> =
            all[open..].iter().filter_map(|element| element.as_node().cloned()).collect();
        let close = all.last().and_then(|element| element.as_token().cloned());
        self.children(node, head, gap);
        let base = self.printer.line_indent;
        for (number, member) in members.iter().enumerate() {
            let gap = match (is_row, number) {
                (true, 0) => Gap::Blank,
                (true, _) => Gap::TwoBlanks,
                (false, 0) => Gap::TightLine(base + 2),
                (false, _) => Gap::Line(base + 2),
            };
            self.member(member, gap, base + 2);
        }
        let Some(close) = close else { return };
        let gap = match (members.is_empty(), is_row) {
            (true, _) if node.kind() != SyntaxKind::Body => Gap::Nothing,
            (true, _) | (false, true) => Gap::Blank,
            (false, false) => Gap::TightLine(base),
        };
        self.printer.closing(&close, gap, base);
    }
}

/// The parts of a clause, which start new lines together if the clause does not fit into one.
fn is_part(kind: SyntaxKind) -> bool {
    matches!(kind, SyntaxKind::ClausePart | SyntaxKind::FixPart)
}

/// Where an expression that is too wide for a line comes apart.
fn is_joint(parent: &SyntaxNode, left: &SyntaxElement, right: &SyntaxElement) -> bool {
    use SyntaxKind::*;
    match right.kind() {
        Operator => {
            let sign = first_of(right).map(|token| token.kind());
            parent.kind() == BinaryExpr
                && matches!(sign, Some(AndKw | OrKw | PlusPlus | QuestionQuestion | Plus | Minus))
        }
        ThenKw | ElseKw => parent.kind() == IfExpr,
        ForKw => matches!(parent.kind(), ListComprehension | MapComprehension) && !is_opening(left.kind()),
        _ => false,
    }
}

/// Whether an operator joins parts of a value, and nothing but the same operator surrounds it in its member.
fn is_outermost_junction(parent: &SyntaxNode, operator: &SyntaxElement) -> bool {
    let word = first_of(operator).map(|token| token.kind());
    use SyntaxKind::{AndKw, OrKw, PlusPlus, QuestionQuestion};
    if !matches!(word, Some(AndKw | OrKw | PlusPlus | QuestionQuestion)) {
        return false;
    }
    let is_same = |node: &SyntaxNode| {
        node.children()
            .find(|child| child.kind() == SyntaxKind::Operator)
            .is_some_and(|operator| first_token(&operator).map(|token| token.kind()) == word)
    };
    let around = parent.ancestors().skip(1).find(|node| match node.kind() {
        SyntaxKind::FieldValue => false,
        SyntaxKind::BinaryExpr => !is_same(node),
        _ => true,
    });
    around.is_some_and(|node| {
        node.kind().is_clause() || node.kind().is_declaration() || node.kind() == SyntaxKind::Field
    })
}

/// Where a line break of the author's stays.
fn may_break(parent: SyntaxKind, left: &SyntaxElement, right: &SyntaxElement) -> bool {
    use SyntaxKind::*;
    let stays_before = match right.kind() {
        ClausePart | FixPart | WherePart | ByPart | Tail | Source => true,
        Operator => parent == BinaryExpr,
        ForClause => parent == ForClause,
        ThenKw | ElseKw => parent == IfExpr,
        IsKw => parent == IsExpr,
        Dot | QuestionDot => parent == FieldExpr,
        Pipe | Lt => matches!(parent, UnionType | OrderedType),
        ForKw => matches!(parent, ListComprehension | MapComprehension),
        _ => false,
    };
    let stays_after = match left.kind() {
        Eq | FatArrow | Comma | Alias => true,
        Colon => {
            matches!(parent, Field | QuantifierExpr | LetExpr | ListComprehension | MapComprehension)
        }
        _ => false,
    };
    stays_before || stays_after
}

/// Whether a line break between two neighbours stays, or moves in front of an operator.
fn keeps_break(parent: &SyntaxNode, left: &SyntaxElement, right: &SyntaxElement) -> bool {
    use SyntaxKind::*;
    let is_empty = is_opening(left.kind()) && is_closing(right.kind());
    match parent.kind() {
        Body | RecordExpr | RecordType | ListExpr | SetExpr | Arguments | Parameters | UseNames => !is_empty,
        MatchExpr => !is_empty && !matches!(right.kind(), LBrace) && left.kind() != MatchKw,
        BinaryExpr if left.kind() == Operator => first_of(left).is_some_and(|token| token.kind() != DotDot),
        _ => may_break(parent.kind(), left, right),
    }
}

fn is_opening(kind: SyntaxKind) -> bool {
    matches!(kind, SyntaxKind::LBrace | SyntaxKind::LBracket | SyntaxKind::LParen)
}

fn is_closing(kind: SyntaxKind) -> bool {
    matches!(kind, SyntaxKind::RBrace | SyntaxKind::RBracket | SyntaxKind::RParen)
}

/// The children of a node without white space and comments.
pub(crate) fn elements(node: &SyntaxNode) -> Vec<SyntaxElement> {
    node.children_with_tokens().filter(|element| !element.kind().is_trivia()).collect()
}

fn first_of(element: &SyntaxElement) -> Option<SyntaxToken> {
    match element {
        SyntaxElement::Node(node) => first_token(node),
        SyntaxElement::Token(token) => Some(token.clone()),
    }
}

fn last_of(element: &SyntaxElement) -> Option<SyntaxToken> {
    match element {
        SyntaxElement::Node(node) => last_token(node),
        SyntaxElement::Token(token) => Some(token.clone()),
    }
}

/// The first token of a node that is no comment.
pub(crate) fn first_token(node: &SyntaxNode) -> Option<SyntaxToken> {
    after_trivia(node.first_token()?)
}

/// The token itself, or the first one after it that is neither white space nor a comment.
fn after_trivia(token: SyntaxToken) -> Option<SyntaxToken> {
    std::iter::successors(Some(token), SyntaxToken::next_token).find(|token| !token.kind().is_trivia())
}

fn last_token(node: &SyntaxNode) -> Option<SyntaxToken> {
    std::iter::successors(node.last_token(), SyntaxToken::prev_token).find(|token| !token.kind().is_trivia())
}
