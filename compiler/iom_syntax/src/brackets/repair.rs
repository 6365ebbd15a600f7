//! Repairing the brackets of a file where they do not match.

use iom_diagnostics::{Applicability, Diagnostic, Edit, code};
use text_size::{TextRange, TextSize};

use super::MAX_BRACKETS;
use crate::{SyntaxKind, lexer::Token, parse::MAX_ERRORS};

/// How many tokens are looked back over for the head of a body whose `{` is missing.
const MAX_LOOK_BACK: usize = 4096;

#[derive(Clone, Copy)]
struct Open {
    kind: SyntaxKind,
    /// The number of the token among the repaired ones.
    at: usize,
    range: TextRange,
    /// The column of the first token on its line.
    indent: usize,
}

pub(super) struct Repair<'t, 'e> {
    text: &'t str,
    errors: &'e mut Vec<Diagnostic<TextRange>>,
    faulty: &'e mut Vec<TextRange>,
    tokens: Vec<Token>,
    /// The column of each repaired token that starts a line.
    columns: Vec<Option<usize>>,
    open: Vec<Open>,
    /// How many brackets beyond the limit are open.
    too_deep: usize,
    indent: usize,
    end: usize,
    /// How many more closing than opening brackets of a kind the file has: so many opening ones are missing.
    excess: [isize; 3],
    /// A closing bracket that is likely to come next, because it was swapped with the one before it.
    swapped: Option<SyntaxKind>,
}

impl<'t, 'e> Repair<'t, 'e> {
    pub fn new(
        text: &'t str,
        errors: &'e mut Vec<Diagnostic<TextRange>>,
        faulty: &'e mut Vec<TextRange>,
    ) -> Repair<'t, 'e> {
        Repair {
            text,
            errors,
            faulty,
            tokens: Vec::new(),
            columns: Vec::new(),
            open: Vec::new(),
            too_deep: 0,
            indent: 0,
            end: 0,
            excess: [0; 3],
            swapped: None,
        }
    }

    /// The tokens with brackets put in or left out.
    pub fn run(mut self, tokens: &[Token]) -> Vec<Token> {
        for token in tokens {
            if let Some(closing) = token.kind.closing() {
                self.count(closing, -1);
            }
            self.count(token.kind, 1);
        }
        for (at, token) in tokens.iter().enumerate() {
            let column = self.column(*token);
            self.end = usize::from(token.range.end());
            if let Some(column) = column {
                self.indent = column;
            }
            if column == Some(0) && !self.open.is_empty() && starts_declaration(&tokens[at..]) {
                self.close_down_to(0, Some(*token));
                self.too_deep = 0;
            }
            if self.too_deep > 0 {
                self.hidden(*token);
            } else if token.kind.closing().is_some() {
                self.opening(*token, column);
            } else if token.kind.is_closing() {
                self.closing(*token, column);
            } else {
                self.push(*token, column);
            }
        }
        if !self.open.is_empty() {
            self.close_down_to(0, None);
        }
        self.tokens
    }

    /// The column of a token that is the first of its line.
    fn column(&self, token: Token) -> Option<usize> {
        let start = usize::from(token.range.start());
        match self.text[self.end..start].rfind('\n') {
            Some(newline) => Some(start - (self.end + newline + 1)),
            None => (self.end == 0).then_some(start),
        }
    }

    fn push(&mut self, token: Token, column: Option<usize>) {
        self.tokens.push(token);
        self.columns.push(column);
    }

    /// A token inside brackets that nest too deep.
    fn hidden(&mut self, token: Token) {
        if token.kind.closing().is_some() {
            self.too_deep += 1;
        } else if token.kind.is_closing() {
            self.too_deep -= 1;
        }
    }

    fn opening(&mut self, token: Token, column: Option<usize>) {
        if self.open.len() == MAX_BRACKETS {
            self.push_error(
                Diagnostic::new(
                    code::TOO_DEEP,
                    token.range,
                    format!("brackets nest at most {MAX_BRACKETS} deep"),
                )
                .help("give the inner part a name of its own with `const` or `let`"),
            );
            self.too_deep = 1;
            return;
        }
        self.open.push(Open {
            kind: token.kind,
            at: self.tokens.len(),
            range: token.range,
            indent: self.indent,
        });
        self.push(token, column);
    }

    fn closing(&mut self, token: Token, column: Option<usize>) {
        if self.swapped.take() == Some(token.kind) {
            return self.faulty.push(token.range);
        }
        if self.lacks_opening(token.kind) && self.has_no_opening(token, column) {
            self.count(token.kind, -1);
            return;
        }
        // Brackets never match across the border of an interpolation.
        let is_interpolation = matches!(token.kind, SyntaxKind::InterpolationClose | SyntaxKind::StringEnd);
        let floor = match self.open.iter().rposition(|open| open.kind == SyntaxKind::InterpolationOpen) {
            Some(floor) if !is_interpolation => floor + 1,
            _ => 0,
        };
        let matching = |open: &Open| open.kind.closing() == Some(token.kind);
        let Some(nearest) = self.open[floor..].iter().rposition(matching).map(|at| at + floor) else {
            self.stray(token);
            return;
        };
        // A `}` at the start of a line closes the body that starts in its column, if that is not the innermost one.
        let aligned = column.filter(|column| self.open[nearest].indent > *column).and_then(|column| {
            self.open[floor..].iter().rposition(|open| matching(open) && open.indent == column)
        });
        let index = aligned.map_or(nearest, |at| at + floor);
        if aligned.is_none() && index + 2 == self.open.len() {
            self.swapped = self.open.last().and_then(|open| open.kind.closing());
        }
        self.close_down_to(index + 1, Some(token));
        self.open.pop();
        self.push(token, column);
    }

    fn push_error(&mut self, error: Diagnostic<TextRange>) {
        if self.errors.len() < MAX_ERRORS {
            self.errors.push(error);
        }
    }

    /// Counts a closing bracket.
    fn count(&mut self, kind: SyntaxKind, change: isize) {
        if let Some(number) = bracket_number(kind) {
            self.excess[number] += change;
        }
    }

    fn lacks_opening(&self, kind: SyntaxKind) -> bool {
        bracket_number(kind).is_some_and(|number| self.excess[number] > 0)
    }

    /// In a file where opening brackets are missing: whether that of this one is. Then it is dealt with.
    fn has_no_opening(&mut self, token: Token, column: Option<usize>) -> bool {
        let last = self.open.last().copied();
        let matches_last = last.is_some_and(|open| open.kind.closing() == Some(token.kind));
        if token.kind == SyntaxKind::RBrace
            && let Some(column) = column
            && last.is_none_or(|open| open.indent < column)
            && self.open_body_above(column)
        {
            self.push(token, Some(column));
            return true;
        }
        let is_block = last.is_some_and(|open| self.columns.get(open.at + 1).is_some_and(Option::is_some));
        let is_stray = !matches_last || token.kind == SyntaxKind::RBrace && is_block && column.is_none();
        if is_stray {
            self.stray(token);
        }
        is_stray
    }

    /// A `}` at the start of a line, further in than anything that is open: the `{` is missing at the end of the last line
    /// that starts in its column. Puts it there, if there is such a line.
    fn open_body_above(&mut self, column: usize) -> bool {
        let floor = self.open.last().map_or(0, |open| open.at + 1);
        let starts_line = |at: &usize| self.columns[*at].is_some();
        let nearby = (floor..self.tokens.len()).rev().take(MAX_LOOK_BACK);
        let header = nearby.filter(starts_line).find(|at| self.columns[*at] <= Some(column));
        let Some(header) = header.filter(|at| self.columns[*at] == Some(column)) else { return false };
        let at = (header + 1..self.tokens.len()).find(starts_line).unwrap_or(self.tokens.len());
        let place = self.tokens[at - 1].range;
        let end = TextRange::empty(place.end());
        let is_open = self.tokens[at - 1].kind == SyntaxKind::LBrace;
        if is_open {
            return false;
        }
        self.push_error(
            Diagnostic::new(
                code::UNCLOSED_BRACKET,
                place,
                "the body is not opened: a `{` is missing after this",
            )
            .help("put a `{` at the end of this line")
            .fix(
                "insert `{`",
                Applicability::Suggested,
                vec![Edit { place: end, text: " {".to_owned() }],
            ),
        );
        self.tokens.insert(at, Token { kind: SyntaxKind::LBrace, range: end });
        self.columns.insert(at, None);
        true
    }

    fn stray(&mut self, token: Token) {
        self.faulty.push(token.range);
        let text = &self.text[token.range];
        self.push_error(
            Diagnostic::new(code::UNEXPECTED_TOKEN, token.range, format!("this `{text}` closes nothing"))
                .help("take it out, or put the bracket it belongs to before it")
                .fix(
                    "take it out",
                    Applicability::Suggested,
                    vec![Edit { place: token.range, text: String::new() }],
                ),
        );
    }

    /// Closes all brackets from number `keep` on; one error for all of them.
    fn close_down_to(&mut self, keep: usize, before: Option<Token>) {
        let Some(innermost) = self.open.get(keep..).and_then(|open| open.last()).copied() else { return };
        if matches!(innermost.kind, SyntaxKind::LBrace | SyntaxKind::LParen | SyntaxKind::LBracket) {
            self.report(innermost, keep, before);
        }
        while self.open.len() > keep
            && let Some(open) = self.open.pop()
        {
            let at = self.place_of_end(open);
            let end = match at.checked_sub(1).map(|last| self.tokens[last]) {
                Some(last) => last.range.end(),
                None => TextSize::new(0),
            };
            // What is inside a body may have mistakes of its own; what is inside other brackets is of one piece.
            let from = if open.kind == SyntaxKind::LBrace { end } else { open.range.start() };
            self.faulty.push(TextRange::new(from, end));
            if let Some(kind) = open.kind.closing() {
                self.tokens.insert(at, Token { kind, range: TextRange::empty(end) });
                self.columns.insert(at, None);
            }
        }
    }

    fn report(&mut self, innermost: Open, keep: usize, before: Option<Token>) {
        let bracket = &self.text[innermost.range];
        let closing = if bracket == "{" {
            "}"
        } else if bracket == "(" {
            ")"
        } else {
            "]"
        };
        let at = self.place_of_end(innermost);
        let next = self.tokens.get(at).copied().or(before);
        let place = match next {
            Some(next) => next.range,
            None => TextRange::empty(TextSize::of(self.text)),
        };
        let found = match next {
            Some(next) => format!("before this `{}`", &self.text[next.range]),
            None => "at the end of the file".to_owned(),
        };
        let what = if bracket == "{" { "the body is not closed" } else { "the bracket is not closed" };
        let insert = match at.checked_sub(1).map(|last| self.tokens[last]) {
            Some(last) => TextRange::empty(last.range.end()),
            None => place,
        };
        let mut error = Diagnostic::new(
            code::UNCLOSED_BRACKET,
            place,
            format!("{what}: a `{closing}` is missing {found}"),
        )
        .also(innermost.range, format!("this `{bracket}` is open"))
        .help(format!("put a `{closing}` where it ends"))
        .fix(
            format!("insert `{closing}`"),
            Applicability::Suggested,
            vec![Edit { place: insert, text: format!(" {closing}") }],
        );
        let others =
            self.open[keep..].iter().rev().skip(1).filter(|open| open.kind != SyntaxKind::StringStart);
        for open in others.take(3) {
            error = error.also(open.range, "and this one");
        }
        self.push_error(error);
    }

    /// Where the closing bracket is put: before the first line after the opening one that is indented no further than the
    /// line of the opening one, because there the thing it belongs to ended; else here.
    fn place_of_end(&self, open: Open) -> usize {
        let mut depth = 0usize;
        for at in open.at + 1..self.tokens.len() {
            let token = self.tokens[at];
            if token.kind.is_closing() {
                depth = depth.saturating_sub(1);
                continue;
            }
            if depth == 0 && self.columns[at].is_some_and(|column| column <= open.indent) {
                return at;
            }
            if token.kind.closing().is_some() {
                depth += 1;
            }
        }
        self.tokens.len()
    }
}

fn bracket_number(closing: SyntaxKind) -> Option<usize> {
    match closing {
        SyntaxKind::RBrace => Some(0),
        SyntaxKind::RParen => Some(1),
        SyntaxKind::RBracket => Some(2),
        _ => None,
    }
}

/// Whether a line starts a declaration; in a file whose brackets do not match such a line ends all open bodies.
fn starts_declaration(tokens: &[Token]) -> bool {
    let kind = |at: usize| tokens.get(at).map(|token| token.kind);
    let Some(first) = kind(0).filter(|first| first.is_declaration_keyword()) else { return false };
    match kind(1) {
        Some(SyntaxKind::String) => matches!(first, SyntaxKind::TestKw | SyntaxKind::ControlKw),
        Some(second) => second.is_name(),
        None => false,
    }
}
