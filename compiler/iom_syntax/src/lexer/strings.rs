//! Strings: quotes nest inside interpolations, and nothing but a long string leaves its line.

use iom_diagnostics::{Applicability, Diagnostic, Edit, code};
use text_size::TextRange;

use super::{Lexer, OpenInterpolation, range};
use crate::SyntaxKind;

/// The error for a string whose end is missing.
pub(super) fn unclosed(start: usize, end: usize) -> Diagnostic<TextRange> {
    Diagnostic::new(code::UNCLOSED_STRING, range(start, end), "this string is not closed")
        .label("it has to end on this line")
        .help("put a `\"` at its end; text of several lines stands in `\"\"\"`")
        .fix(
            "close the string",
            Applicability::Suggested,
            vec![Edit { place: range(end, end), text: "\"".to_owned() }],
        )
}

/// Why a stretch of string text ends.
enum Stop {
    Quote,
    Brace,
    /// The end of the line or of the file.
    End,
}

impl Lexer<'_> {
    /// After an opening quote.
    pub(super) fn string(&mut self, start: usize) {
        let rest = self.logos.remainder();
        if rest.starts_with("\"\"") {
            return self.long_string(start);
        }
        let content = start + 1;
        let (stop, length) = self.scan_text(content);
        let end = content + length;
        match stop {
            Stop::Quote => {
                self.logos.bump(length + 1);
                self.push(SyntaxKind::String, start, end + 1);
            }
            Stop::End => {
                let end = content + before_closing_brackets(&self.text[content..end]);
                self.report(unclosed(start, end));
                self.lexed.faulty.push(range(start, end));
                self.logos.bump(end - content);
                self.push(SyntaxKind::String, start, end);
            }
            Stop::Brace if self.text[end..].starts_with("{\\") => self.json_like(start, end),
            Stop::Brace => {
                self.push(SyntaxKind::StringStart, start, content);
                self.logos.bump(length);
                self.open_interpolation(start, content, end);
            }
        }
    }

    /// After the `}` that closes an interpolation: the text up to the next interpolation or the end.
    pub(super) fn string_rest(&mut self, string_start: usize) {
        let content = self.logos.span().end;
        let (stop, mut length) = self.scan_text(content);
        if matches!(stop, Stop::End) {
            length = before_closing_brackets(&self.text[content..content + length]);
        }
        let end = content + length;
        self.logos.bump(length);
        match stop {
            Stop::Brace => self.open_interpolation(string_start, content, end),
            Stop::Quote => {
                self.text_token(content, end);
                self.logos.bump(1);
                self.push(SyntaxKind::StringEnd, end, end + 1);
            }
            Stop::End => {
                self.text_token(content, end);
                self.push(SyntaxKind::StringEnd, end, end);
                self.report(unclosed(string_start, end));
                self.lexed.faulty.push(range(string_start, end));
            }
        }
    }

    fn text_token(&mut self, start: usize, end: usize) {
        if start < end {
            self.push(SyntaxKind::StringText, start, end);
        }
    }

    fn open_interpolation(&mut self, string_start: usize, content: usize, brace: usize) {
        self.text_token(content, brace);
        self.logos.bump(1);
        self.push(SyntaxKind::InterpolationOpen, brace, brace + 1);
        self.interpolations.push(OpenInterpolation { string_start, braces: 0 });
    }

    /// How far the text of a string goes from `start`, with a look at its escapes.
    fn scan_text(&mut self, start: usize) -> (Stop, usize) {
        let bytes = &self.text.as_bytes()[start..];
        let mut at = 0;
        loop {
            match bytes.get(at) {
                None | Some(b'\n') => return (Stop::End, at - usize::from(at > 0 && bytes[at - 1] == b'\r')),
                Some(b'"') => return (Stop::Quote, at),
                Some(b'{') => return (Stop::Brace, at),
                Some(b'\\') => at += self.escape(start + at),
                Some(_) => at += 1,
            }
        }
    }

    /// The length of the escape at `at`; a bad one is reported.
    fn escape(&mut self, at: usize) -> usize {
        let rest = &self.text[at..];
        if let Some((length, _)) = unescape_one(rest) {
            return length;
        }
        let length = rest.chars().take(2).filter(|letter| *letter != '\n').map(char::len_utf8).sum();
        let place = range(at, at + length);
        let message = format!("`{}` is not an escape", rest[..length].escape_debug());
        self.report(
            Diagnostic::new(code::BAD_LITERAL, place, message)
                .help("escapes are \\\" \\\\ \\{ \\} \\n \\t \\u{..}; a regex stands in r\"..\""),
        );
        length
    }

    /// `"{\"a\": 1}"`: JSON, whose braces would interpolate. The whole string is taken as text.
    fn json_like(&mut self, start: usize, brace: usize) {
        let bytes = self.text.as_bytes();
        let mut end = brace;
        while end < bytes.len() && bytes[end] != b'\n' && bytes[end] != b'"' {
            end +=
                if bytes[end] == b'\\' && end + 1 < bytes.len() && bytes[end + 1] != b'\n' { 2 } else { 1 };
        }
        while !self.text.is_char_boundary(end) {
            end += 1;
        }
        let end = (end + usize::from(bytes.get(end) == Some(&b'"'))).min(bytes.len());
        self.report(
            Diagnostic::new(code::BAD_LITERAL, range(start, end), "`{` starts an interpolation in a string")
                .help("write `\\{`, or put the text in r#\"..\"#, where nothing is interpolated"),
        );
        self.logos.bump(end - start - 1);
        self.push(SyntaxKind::String, start, end);
    }

    fn long_string(&mut self, start: usize) {
        let rest = &self.logos.remainder()[2..];
        let length = match rest.find("\"\"\"") {
            Some(length) => length + 3,
            None => {
                let place = range(start, start + 3);
                self.report(
                    Diagnostic::new(code::UNCLOSED_STRING, place, "this long string is not closed")
                        .help("put `\"\"\"` at its end"),
                );
                rest.len()
            }
        };
        self.logos.bump(2 + length);
        self.push(SyntaxKind::LongString, start, start + 3 + length);
    }

    /// After `r"` or `r#"`.
    pub(super) fn raw_string(&mut self, start: usize) {
        let content = self.logos.span().end;
        let closing = if self.text[start..content].contains('#') { "\"#" } else { "\"" };
        let rest = self.logos.remainder();
        let mut length = 0;
        loop {
            length += rest[length..].find(['"', '\n']).unwrap_or(rest.len() - length);
            if rest[length..].starts_with(closing) {
                length += closing.len();
                break;
            }
            if !rest[length..].starts_with('"') {
                self.report(unclosed_raw(start, content + length, closing));
                break;
            }
            length += 1;
        }
        self.logos.bump(length);
        self.push(SyntaxKind::RawString, start, content + length);
    }

    /// `'text'`: another language's string. It is taken as a string.
    pub(super) fn single_quoted(&mut self, start: usize, end: usize) {
        let rest = &self.text[end..];
        let Some(length) = rest.find(['\'', '\n']).filter(|length| rest[*length..].starts_with('\'')) else {
            self.push(SyntaxKind::ErrorToken, start, end);
            self.report(
                Diagnostic::new(code::BAD_TEXT, range(start, end), "`'` is not part of the language")
                    .help("strings take double quotes"),
            );
            return;
        };
        let place = range(start, end + length + 1);
        let edits = vec![
            Edit { place: range(start, end), text: "\"".to_owned() },
            Edit { place: range(end + length, end + length + 1), text: "\"".to_owned() },
        ];
        self.report(
            Diagnostic::new(code::BAD_LITERAL, place, "strings take double quotes").help("write \"..\"").fix(
                "use double quotes",
                Applicability::Suggested,
                edits,
            ),
        );
        self.logos.bump(length + 1);
        self.push(SyntaxKind::String, start, end + length + 1);
    }
}

fn unclosed_raw(start: usize, end: usize, closing: &str) -> Diagnostic<TextRange> {
    Diagnostic::new(code::UNCLOSED_STRING, range(start, end), "this raw string is not closed")
        .label("it has to end on this line")
        .help(format!("put `{closing}` at its end"))
        .fix(
            "close the string",
            Applicability::Suggested,
            vec![Edit { place: range(end, end), text: closing.to_owned() }],
        )
}

/// How much of an unclosed string is likely to be its text: brackets at the end of the line, after a blank, close
/// something outside.
fn before_closing_brackets(text: &str) -> usize {
    let trimmed = text.trim_end_matches([' ', '\t', '}', ')', ']', ',']);
    let rest = &text[trimmed.len()..];
    if rest.starts_with([' ', '\t']) && rest.contains(['}', ')', ']']) { trimmed.len() } else { text.len() }
}

/// The length of the escape a text starts with and what it stands for, if it is one.
fn unescape_one(text: &str) -> Option<(usize, char)> {
    let after = text.strip_prefix('\\')?;
    let plain = match after.chars().next()? {
        letter @ ('"' | '\\' | '{' | '}') => letter,
        'n' => '\n',
        't' => '\t',
        'u' => {
            let digits = after.strip_prefix("u{")?;
            let length = digits.find('}')?;
            let number = u32::from_str_radix(digits.get(..length.min(8))?, 16).ok()?;
            return Some((4 + length, char::from_u32(number)?));
        }
        _ => return None,
    };
    Some((2, plain))
}

/// What the text of a string stands for. Bad escapes stand for themselves.
pub(crate) fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(backslash) = rest.find('\\') {
        plain.push_str(&rest[..backslash]);
        rest = &rest[backslash..];
        let length = match unescape_one(rest) {
            Some((length, letter)) => {
                plain.push(letter);
                length
            }
            None => {
                plain.push('\\');
                1
            }
        };
        rest = &rest[length..];
    }
    plain.push_str(rest);
    plain
}
