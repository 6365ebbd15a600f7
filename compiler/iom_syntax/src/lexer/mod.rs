//! Text to tokens, without loss: the lengths of the tokens add up to the text.
//!
//! Logos finds the tokens; strings are scanned by hand, because the tokens inside an interpolation are real tokens and
//! strings nest in them.

mod foreign;
mod literals;
mod strings;

use iom_diagnostics::Diagnostic;
use logos::Logos;
use text_size::{TextRange, TextSize};

pub(crate) use self::{literals::meant_unit, strings::unescape};
use crate::{SyntaxKind, parse::MAX_ERRORS};

/// One token. An empty range means that the lexer or the bracket matcher put it in where one was missing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Token {
    pub kind: SyntaxKind,
    pub range: TextRange,
}

impl Token {
    pub(crate) fn new(kind: SyntaxKind, start: usize, end: usize) -> Token {
        Token { kind, range: range(start, end) }
    }

    pub(crate) fn is_virtual(self) -> bool {
        self.range.is_empty()
    }
}

/// What [`lex`] finds.
#[derive(Debug, Default)]
pub struct Lexed {
    pub tokens: Vec<Token>,
    pub errors: Vec<Diagnostic<TextRange>>,
    /// Where what is wrong has been said already, so that further errors would be consequences: strings that are not
    /// closed.
    pub faulty: Vec<TextRange>,
}

pub(crate) fn range(start: usize, end: usize) -> TextRange {
    TextRange::new(TextSize::new(start as u32), TextSize::new(end as u32))
}

/// All tokens of a text, trivia included. The text must be shorter than 4 GiB; the parser takes much less.
pub fn lex(text: &str) -> Lexed {
    let mut lexer = Lexer {
        logos: SyntaxKind::lexer(text),
        text,
        lexed: Lexed { tokens: Vec::with_capacity(text.len() / 3), ..Lexed::default() },
        interpolations: Vec::new(),
    };
    while lexer.step() {}
    lexer.close_interpolations(text.len());
    lexer.lexed
}

/// An interpolation that is being lexed.
struct OpenInterpolation {
    /// Where the string around it starts.
    string_start: usize,
    /// How many `{` are open inside.
    braces: u32,
}

struct Lexer<'t> {
    logos: logos::Lexer<'t, SyntaxKind>,
    text: &'t str,
    lexed: Lexed,
    interpolations: Vec<OpenInterpolation>,
}

impl Lexer<'_> {
    fn step(&mut self) -> bool {
        let Some(result) = self.logos.next() else { return false };
        let span = self.logos.span();
        match result {
            Ok(SyntaxKind::String) => self.string(span.start),
            Ok(SyntaxKind::RawString) => self.raw_string(span.start),
            Ok(SyntaxKind::BadLiteral) => {
                self.report(literals::explain(&self.text[span.clone()], range(span.start, span.end)));
                self.push(SyntaxKind::BadLiteral, span.start, span.end);
            }
            Ok(SyntaxKind::ForeignSign) => {
                let (kind, error) = foreign::sign(&self.text[span.clone()], range(span.start, span.end));
                self.report(error);
                self.push(kind, span.start, span.end);
            }
            Ok(SyntaxKind::Whitespace) => {
                if !self.interpolations.is_empty() && self.text[span.clone()].contains('\n') {
                    self.close_interpolations(span.start);
                }
                self.push(SyntaxKind::Whitespace, span.start, span.end);
            }
            Ok(SyntaxKind::LBrace) => {
                if let Some(open) = self.interpolations.last_mut() {
                    open.braces += 1;
                }
                self.push(SyntaxKind::LBrace, span.start, span.end);
            }
            Ok(SyntaxKind::RBrace) => self.right_brace(span.start, span.end),
            Ok(kind) => self.push(kind, span.start, span.end),
            Err(()) => self.foreign(span.start, span.end),
        }
        true
    }

    fn report(&mut self, error: Diagnostic<TextRange>) {
        if self.lexed.errors.len() < MAX_ERRORS {
            self.lexed.errors.push(error);
        }
    }

    fn push(&mut self, kind: SyntaxKind, start: usize, end: usize) {
        self.lexed.tokens.push(Token::new(kind, start, end));
    }

    fn right_brace(&mut self, start: usize, end: usize) {
        match self.interpolations.last_mut() {
            Some(open) if open.braces > 0 => open.braces -= 1,
            Some(open) => {
                let string_start = open.string_start;
                self.interpolations.pop();
                self.push(SyntaxKind::InterpolationClose, start, end);
                return self.string_rest(string_start);
            }
            None => {}
        }
        self.push(SyntaxKind::RBrace, start, end);
    }

    /// A string ends at its line, so an interpolation does too: ends are put in for all that are open.
    fn close_interpolations(&mut self, at: usize) {
        let Some(outermost) = self.interpolations.first() else { return };
        let place = range(outermost.string_start, at);
        while self.lexed.errors.pop_if(|error| place.contains_range(error.primary.place)).is_some() {}
        self.report(strings::unclosed(outermost.string_start, at));
        self.lexed.faulty.push(place);
        while self.interpolations.pop().is_some() {
            self.push(SyntaxKind::InterpolationClose, at, at);
            self.push(SyntaxKind::StringEnd, at, at);
        }
    }

    /// Text that starts no token.
    fn foreign(&mut self, start: usize, mut end: usize) {
        let rest = &self.text[start..];
        if rest.starts_with('#') {
            end = start + rest.find('\n').unwrap_or(rest.len());
            self.logos.bump(end - self.logos.span().end);
        } else if rest.starts_with('\'') {
            return self.single_quoted(start, end);
        }
        let joined = match self.lexed.tokens.last_mut() {
            Some(last)
                if last.kind == SyntaxKind::ErrorToken && last.range.end() == range(start, end).start() =>
            {
                last.range = TextRange::new(last.range.start(), range(start, end).end());
                true
            }
            _ => false,
        };
        if !joined {
            self.push(SyntaxKind::ErrorToken, start, end);
            self.report(foreign::explain(&self.text[start..end], range(start, end)));
        }
    }
}

#[cfg(test)]
mod tests;
