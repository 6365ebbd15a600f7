//! The corpus under `tests/corpus`: what must parse, what must not, and with which words.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may fail loudly")]

mod common;

use common::{corpus, render, shape};
use iom_base::Lines;
use iom_syntax::{Before, SyntaxKind, declarations, lower, lower_file, lower_file_again, parse};

#[test]
fn sound_files_parse_without_error_and_without_loss() {
    for (name, text) in corpus("ok") {
        let parse = parse(&text);
        assert_eq!(render(&text, &parse.errors), "", "{name}");
        assert_eq!(parse.syntax().text().to_string(), text, "{name}");
    }
}

/// Newlines and comments never matter: the tree is the same however the tokens are separated.
#[test]
fn trivia_do_not_change_the_tree() {
    for (name, text) in corpus("ok") {
        let expected = shape(&parse(&text).syntax());
        for separator in [" ", "\n", "\n// a comment { [ \"\n"] {
            let spaced = respaced(&text, separator);
            let parse = parse(&spaced);
            assert_eq!(render(&spaced, &parse.errors), "", "{name} separated by {separator:?}");
            assert_eq!(shape(&parse.syntax()), expected, "{name} separated by {separator:?}");
        }
    }
}

/// The tokens of a text with something else between them; strings stay whole.
fn respaced(text: &str, separator: &str) -> String {
    let mut spaced = String::new();
    let mut strings = 0;
    for token in parse(text).syntax().descendants_with_tokens().filter_map(|element| element.into_token()) {
        if token.kind().is_trivia() {
            continue;
        }
        match token.kind() {
            SyntaxKind::StringStart => strings += 1,
            SyntaxKind::StringEnd => strings -= 1,
            _ => {}
        }
        spaced.push_str(token.text());
        // Inside an interpolation no newline is allowed.
        spaced.push_str(if strings > 0 { "" } else { separator });
        let is_word = token.text().ends_with(|letter: char| letter.is_ascii_alphanumeric() || letter == '_');
        if strings > 0 && token.kind() != SyntaxKind::StringText && is_word {
            spaced.push(' ');
        }
    }
    spaced
}

#[test]
fn faulty_files_give_one_or_two_errors_where_they_should() {
    for (name, text) in corpus("err") {
        let errors = parse(&text).errors;
        let header = text.lines().next().unwrap_or_default();
        let place = header
            .strip_prefix("// error at ")
            .and_then(|rest| rest.split_once(": "))
            .map(|(place, _)| place);
        let (line, column) = place.and_then(|place| place.split_once(':')).expect("a header with a place");
        let (line, column): (u32, u32) = (line.parse().unwrap(), column.parse().unwrap());
        assert!((1..=2).contains(&errors.len()), "{name}: {}", render(&text, &errors));
        let lines = Lines::new(&text);
        let is_there = errors.iter().any(|error| {
            let start = lines.line_column(error.primary.place.start());
            let end = lines.line_column(error.primary.place.end());
            // The header points at where the reading stopped: inside the place of the error, or right beside it.
            start.line == line && start.column <= column + 1 && column <= end.column + 1
        });
        assert!(is_there, "{name} has no error at {line}:{column}: {}", render(&text, &errors));
    }
}

#[test]
fn errors_read_well() {
    let rendered: String = corpus("err")
        .into_iter()
        .map(|(name, text)| format!("{name}\n{}\n", render(&text, &parse(&text).errors)))
        .collect();
    insta::assert_snapshot!(rendered);
}

#[test]
fn the_outline_agrees_with_the_lowered_declarations() {
    for folder in ["ok", "err"] {
        for (name, text) in corpus(folder) {
            let parsed = parse(&text);
            let file = lower_file(&text);
            let outline = declarations(&parsed.syntax());
            assert_eq!(file.errors, parsed.errors, "{name}");
            assert_eq!(file.declarations.len(), outline.len(), "{name}");
            for (outlined, lowered) in outline.into_iter().zip(file.declarations) {
                let (declaration, spans) = lower(&outlined.green);
                assert_eq!((lowered.keyword, &lowered.name), (outlined.keyword, &outlined.name), "{name}");
                assert_eq!((lowered.offset, &lowered.spans), (outlined.offset, &spans), "{name}");
                assert_eq!(*lowered.declaration, declaration, "{name}");
                assert_eq!(outlined.keyword, declaration.keyword(), "{name}");
                let lowered = declaration.name().map(|name| name.text.clone()).unwrap_or_default();
                assert_eq!(outlined.name, lowered, "{name}");
            }
        }
    }
}

/// What edits put in: sound and unsound, whole declarations and pieces of them.
const PIECES: [&str; 24] = [
    "",
    "",
    "\n",
    " ",
    "x",
    "{",
    "}",
    "(",
    ")",
    "\"",
    "\"{",
    "\"\"\"",
    "//",
    "/// doc\n",
    "\n// c\n",
    "const a: int = 1\n",
    "\nresource r: K { a: 1 }\n",
    "kind",
    "policy p {",
    ",",
    ": ",
    "'",
    "\u{200b}",
    "5 == ",
];

#[test]
fn a_changed_file_is_lowered_like_a_new_one() {
    let mut dice = 0x9e37_79b9_7f4a_7c15_u64;
    let mut roll = move |count: usize| {
        dice ^= dice << 13;
        dice ^= dice >> 7;
        dice ^= dice << 17;
        (dice >> 11) as usize % count.max(1)
    };
    let cases: usize = std::env::var("IOM_CASES").ok().and_then(|count| count.parse().ok()).unwrap_or(100);
    let all: String = corpus("ok").into_iter().map(|(_, text)| format!("{text}\n")).collect();
    let texts = corpus("ok").into_iter().map(|(_, text)| text).chain([all]);
    for text in texts {
        let lowered = lower_file(&text);
        if !lowered.errors.is_empty() {
            continue;
        }
        let before = Before { text: text.as_str().into(), declarations: lowered.declarations };
        for _ in 0..cases {
            let mut changed = text.clone();
            for _ in 0..=roll(2) {
                let mut from = roll(changed.len() + 1);
                let mut to = (from + roll(3) * roll(40)).min(changed.len());
                while !changed.is_char_boundary(from) {
                    from -= 1;
                }
                while !changed.is_char_boundary(to) {
                    to += 1;
                }
                changed.replace_range(from..to, PIECES[roll(PIECES.len())]);
            }
            assert_eq!(lower_file_again(&changed, &before), lower_file(&changed), "{changed}");
        }
    }
}
