//! The bracket matcher: runs over the tokens before the grammar does.
//!
//! What the grammar sees is always balanced. A missing bracket is reported once, at the place where it is missed and with
//! its opening one, and an empty token stands in for it. A stray closing bracket, and everything deeper than the limit, is
//! hidden from the grammar. So no faulty bracket can make the grammar lose its way.

use iom_diagnostics::{Applicability, Diagnostic, Edit, code};
use text_size::{TextRange, TextSize};

use crate::{
    SyntaxKind,
    lexer::{Lexed, Token},
};

/// How deep brackets nest at most.
pub(crate) const MAX_BRACKETS: usize = 256;

/// The tokens the grammar sees: no trivia, all brackets balanced.
#[derive(Debug, Default)]
pub(crate) struct Balanced {
    pub tokens: Vec<Token>,
    /// For every opening bracket the number of its closing one; 0 for all other tokens.
    pub partners: Vec<u32>,
    /// Whether a token is the first of its line.
    pub line_starts: Vec<bool>,
    /// How many brackets are open around each token.
    pub depths: Vec<u16>,
    /// Tokens about which no error is worth saying: something is wrong right before or around them that has been said.
    pub tainted: Vec<bool>,
}

/// Balances the brackets of a file.
pub(crate) fn balance(text: &str, lexed: &Lexed, errors: &mut Vec<Diagnostic<TextRange>>) -> Balanced {
    let is_seen = |kind: SyntaxKind| !kind.is_trivia() && kind != SyntaxKind::ErrorToken;
    let significant: Vec<Token> = lexed.tokens.iter().copied().filter(|token| is_seen(token.kind)).collect();
    let mut faulty = lexed.faulty.clone();
    faulty.extend(
        lexed.tokens.iter().filter(|token| token.kind == SyntaxKind::ErrorToken).map(|token| token.range),
    );
    let (tokens, partners) = match partners(&significant) {
        Some(partners) => (significant, partners),
        None => {
            let repaired = Repair::new(text, errors, &mut faulty).run(&significant);
            let partners = partners(&repaired).unwrap_or_else(|| vec![0; repaired.len()]);
            (repaired, partners)
        }
    };
    let line_starts = line_starts(text, &tokens);
    let depths = depths(&tokens);
    faulty.sort_by_key(|range| range.start());
    let tainted = tainted(&tokens, &faulty);
    Balanced { tokens, partners, line_starts, depths, tainted }
}

/// Marks the tokens in faulty places and the first token after each.
fn tainted(tokens: &[Token], faulty: &[TextRange]) -> Vec<bool> {
    let mut tainted = vec![false; tokens.len()];
    for range in faulty {
        let first = tokens.partition_point(|token| token.range.start() < range.start());
        for (at, token) in tokens.iter().enumerate().skip(first) {
            tainted[at] = true;
            if token.range.start() >= range.end() && !token.is_virtual() {
                break;
            }
        }
    }
    tainted
}

/// The partner of each opening bracket, or nothing if the brackets do not match or nest too deep.
fn partners(tokens: &[Token]) -> Option<Vec<u32>> {
    let mut partners = vec![0; tokens.len()];
    let mut open: Vec<usize> = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        if token.kind.closing().is_some() {
            open.push(at);
            if open.len() > MAX_BRACKETS {
                return None;
            }
        } else if token.kind.is_closing() {
            let opening = open.pop()?;
            if tokens[opening].kind.closing() != Some(token.kind) {
                return None;
            }
            partners[opening] = at as u32;
        }
    }
    open.is_empty().then_some(partners)
}

fn line_starts(text: &str, tokens: &[Token]) -> Vec<bool> {
    let mut before = 0;
    tokens
        .iter()
        .map(|token| {
            let start = usize::from(token.range.start());
            let starts_line = before == 0 || text[before..start].contains('\n');
            before = usize::from(token.range.end());
            starts_line
        })
        .collect()
}

fn depths(tokens: &[Token]) -> Vec<u16> {
    let mut depth = 0u16;
    tokens
        .iter()
        .map(|token| {
            if token.kind.is_closing() {
                depth = depth.saturating_sub(1);
            }
            let around = depth;
            if token.kind.closing().is_some() {
                depth += 1;
            }
            around
        })
        .collect()
}

#[derive(Clone, Copy)]
struct Open {
    kind: SyntaxKind,
    /// The number of the token among the repaired ones.
    at: usize,
    range: TextRange,
    /// The column of the first token on its line.
    indent: usize,
}

struct Repair<'t, 'e> {
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
    fn new(
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

    fn run(mut self, tokens: &[Token]) -> Vec<Token> {
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
            self.errors.push(
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
        let header =
            (floor..self.tokens.len()).rev().filter(starts_line).find(|at| self.columns[*at] <= Some(column));
        let Some(header) = header.filter(|at| self.columns[*at] == Some(column)) else { return false };
        let at = (header + 1..self.tokens.len()).find(starts_line).unwrap_or(self.tokens.len());
        let place = self.tokens[at - 1].range;
        let end = TextRange::empty(place.end());
        let is_open = self.tokens[at - 1].kind == SyntaxKind::LBrace;
        if is_open {
            return false;
        }
        self.errors.push(
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
        self.errors.push(
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
        self.errors.push(error);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lexer::lex;

    fn errors(text: &str) -> Vec<(u32, String)> {
        let mut errors = Vec::new();
        let balanced = balance(text, &lex(text), &mut errors);
        assert!(partners(&balanced.tokens).is_some(), "{text}");
        errors.into_iter().map(|error| (u32::from(error.primary.place.start()), error.message)).collect()
    }

    #[test]
    fn a_missing_brace_costs_one_error() {
        let text = "policy a {\n  for b: A {\n    require b\n}\npolicy c { }\n";
        let found = errors(text);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].1, "the body is not closed: a `}` is missing before this `}`");
    }

    #[test]
    fn a_bracket_ends_with_its_lines() {
        let text = "resource r: K {\n  a: f(1,\n    2\n  b: 3\n}\n";
        let found = errors(text);
        assert_eq!(found, [(34, "the bracket is not closed: a `)` is missing before this `b`".to_owned())]);
    }

    #[test]
    fn a_stray_bracket_is_named() {
        assert_eq!(errors("const a = 1)"), [(11, "this `)` closes nothing".to_owned())]);
    }
}
