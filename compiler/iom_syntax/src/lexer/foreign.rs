//! Signs of other languages: what iom writes instead.

use iom_diagnostics::{Applicability, Diagnostic, Edit, code};
use text_size::{TextRange, TextSize};

use crate::SyntaxKind;

/// What was meant by an operator of another language, so that the rest is read as if it stood there.
pub(super) fn sign(text: &str, place: TextRange) -> (SyntaxKind, Diagnostic<TextRange>) {
    use SyntaxKind::{AndKw, BangEq, Colon, Eq, EqEq, MatchingKw, NotKw, OrKw};
    let (kind, by) = match text {
        "&&" => (AndKw, "and"),
        "||" => (OrKw, "or"),
        "===" => (EqEq, "=="),
        "!==" | "<>" => (BangEq, "!="),
        ":=" => (Eq, "="),
        "->" => (Colon, ":"),
        "=~" => return (MatchingKw, unknown(text, place).help("write `text matching r\"..\"`")),
        "!~" => return (MatchingKw, unknown(text, place).help("write `not (text matching r\"..\")`")),
        _ => return (NotKw, replaced(text, place, "not ", "write `not`")),
    };
    (kind, replaced(text, place, by, &format!("write `{by}`")))
}

/// Text that starts no token.
pub(super) fn explain(text: &str, place: TextRange) -> Diagnostic<TextRange> {
    match text {
        "&" => replaced(text, place, "and", "write `and`"),
        ";" => replaced(text, place, "", "leave the semicolon out; nothing needs one"),
        "“" | "”" | "„" => replaced(text, place, "\"", "write a straight quote"),
        "%" => unknown(text, place).help("a percentage is a string, for example \"50%\""),
        _ if text.starts_with('#') => {
            let sign = TextRange::at(place.start(), TextSize::new(1));
            Diagnostic::new(code::BAD_TEXT, place, "comments do not start with `#`")
                .help("a comment starts with `//`")
                .fix(
                    "write `//`",
                    Applicability::Suggested,
                    vec![Edit { place: sign, text: "//".to_owned() }],
                )
        }
        _ => unknown(&text.escape_debug().to_string(), place)
            .help("names are made of ASCII letters, digits and `_`; other text stands in a string"),
    }
}

fn unknown(text: &str, place: TextRange) -> Diagnostic<TextRange> {
    Diagnostic::new(code::BAD_TEXT, place, format!("`{text}` is not part of the language"))
}

fn replaced(text: &str, place: TextRange, by: &str, title: &str) -> Diagnostic<TextRange> {
    unknown(text, place).help(title).fix(
        title,
        Applicability::Suggested,
        vec![Edit { place, text: by.to_owned() }],
    )
}
