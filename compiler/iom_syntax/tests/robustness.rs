//! No input makes the parser panic, overflow the stack or lose a byte.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may fail loudly")]

mod common;

use common::{corpus, render};
use iom_syntax::{SyntaxKind, declarations, lower, parse, parse_expression};
use proptest::prelude::*;

/// Parses, checks that nothing is lost, and lowers all declarations.
fn survives(text: &str) -> usize {
    let parse = parse(text);
    assert_eq!(parse.syntax().text().to_string(), text);
    for declaration in declarations(&parse.syntax()) {
        lower(&declaration.green);
    }
    parse_expression(text);
    parse.errors.len()
}

/// Text that looks a little like the language.
fn token_soup() -> impl Strategy<Value = String> {
    let words = SyntaxKind::ALL.iter().filter_map(|kind| kind.word()).map(str::to_owned);
    let marks = [
        "{",
        "}",
        "(",
        ")",
        "[",
        "]",
        ",",
        ":",
        ".",
        "..",
        "?",
        "?.",
        "??",
        "=",
        "==",
        "!=",
        "<",
        "<=",
        ">",
        ">=",
        "=>",
        "|",
        "+",
        "++",
        "-",
        "*",
        "/",
        "^",
        "$x",
        "x",
        "y",
        "1",
        "2h",
        "3GiB",
        "1.2.3",
        "2027-01-01",
        "10.0.0.1",
        "\"",
        "\"s\"",
        "\"a{",
        "}b\"",
        "\"\"\"",
        "r\"x\"",
        "r#\"",
        "'",
        "\\",
        "\n",
        "\n\n",
        "// c\n",
        "/// d\n",
        "é",
        "::/0",
    ];
    let pieces: Vec<String> = words.chain(marks.into_iter().map(str::to_owned)).collect();
    let glue = prop::sample::select(vec!["", " ", " ", " ", "\n"]);
    prop::collection::vec((prop::sample::select(pieces), glue), 0..60)
        .prop_map(|pieces| pieces.into_iter().flat_map(|(piece, glue)| [piece, glue.to_owned()]).collect())
}

/// How many cases a property is tried on: `IOM_CASES` where that is set.
fn cases(usual: u32) -> u32 {
    std::env::var("IOM_CASES").ok().and_then(|count| count.parse().ok()).unwrap_or(usual)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(300), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_survives(text in "\\PC{0,80}") {
        survives(&text);
    }

    #[test]
    fn any_bytes_survive(bytes in prop::collection::vec(any::<u8>(), 0..120)) {
        survives(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn token_soups_survive(text in token_soup()) {
        survives(&text);
    }

    #[test]
    fn mutated_files_survive(
        file in any::<prop::sample::Index>(),
        cut in any::<prop::sample::Index>(),
        length in 0usize..20,
        insert in token_soup(),
    ) {
        let files = corpus("ok");
        let (_, text) = &files[file.index(files.len())];
        let boundary = |mut at: usize| {
            while !text.is_char_boundary(at) {
                at -= 1;
            }
            at
        };
        let from = boundary(cut.index(text.len()));
        let to = boundary((from + length).min(text.len())).max(from);
        let insert = if length % 3 == 0 { insert.as_str() } else { "" };
        survives(&format!("{}{insert}{}", &text[..from], &text[to..]));
    }
}

/// Every prefix of a file, as it is while it is typed.
#[test]
fn prefixes_survive() {
    for (_, text) in
        corpus("ok").into_iter().filter(|(name, _)| name.starts_with("tour") || name == "strings")
    {
        for end in (0..text.len()).step_by(7).filter(|end| text.is_char_boundary(*end)) {
            survives(&text[..end]);
        }
    }
}

#[test]
fn long_chains_end_in_an_error_and_not_in_an_overflow() {
    let (count, fewer) = (100_000, 10_000);
    let chains = [
        ("not ".repeat(count), "x".to_owned()),
        ("- ".repeat(count), "x".to_owned()),
        ("a ?? ".repeat(count), "x".to_owned()),
        ("a + ".repeat(count), "x".to_owned()),
        ("a and ".repeat(fewer), "x".to_owned()),
        ("a == ".repeat(fewer), "x".to_owned()),
        ("a .. ".repeat(fewer), "x".to_owned()),
        ("if a then b else ".repeat(count), "x".to_owned()),
        ("if ".repeat(fewer), "x".to_owned()),
        ("let x = y: ".repeat(count), "x".to_owned()),
        ("all x in xs: ".repeat(count), "x".to_owned()),
        ("x".to_owned(), ".y".repeat(count)),
        ("x".to_owned(), "()".repeat(fewer)),
        ("x".to_owned(), "[0]".repeat(fewer)),
        ("x".to_owned(), " as list".repeat(fewer)),
        ("x".to_owned(), " with {}".repeat(fewer)),
        ("(".repeat(count), "x".to_owned()),
        ("[".repeat(fewer), "]".repeat(fewer)),
        ("{".repeat(fewer), "}".repeat(fewer)),
        ("\"{".repeat(fewer), "}\"".repeat(fewer)),
        ("{a: ".repeat(fewer), "1".to_owned()),
        ("match x { y => ".repeat(fewer), "1".to_owned()),
    ];
    for (left, right) in chains {
        let text = format!("const a = {left}{right}\nconst b = 1\n");
        let shown = &text[..40];
        let errors = survives(&text);
        assert!((1..=501).contains(&errors), "{shown}: {errors}");
    }
}

#[test]
fn deep_types_and_bodies_survive() {
    for text in [
        format!("type T = {}int", "ref ".repeat(10_000)),
        format!("type T = {}int", "list<".repeat(10_000)),
        format!("type T = {}int", "{ a: ".repeat(10_000)),
        format!("type T = {}int", "(".repeat(10_000)),
        format!("policy p {{ {} }}", "for x in y ".repeat(10_000)),
        format!("policy p {{ {} }}", "for x in y {".repeat(10_000)),
        format!("policy p {{ a: b {} }}", "then b ".repeat(10_000)),
        format!("{} {{ }}", "policy p { ".repeat(10_000)),
        "alias \"x\" ".repeat(10_000),
    ] {
        assert!(survives(&text) >= 1, "{}", &text[..40]);
    }
}

/// As deep as is allowed: everything that walks the tree has to bear it on a thread's small stack.
#[test]
fn the_deepest_allowed_nesting_is_no_error() {
    let deep = 250;
    for (left, right) in [("[", "]"), ("(", ")"), ("f(x: ", ")"), ("- ", ""), ("not ", "")] {
        let text = format!("const a = {}x{}", left.repeat(deep), right.repeat(deep));
        let parse = parse(&text);
        assert_eq!(render(&text, &parse.errors), "", "{left}");
        survives(&text);
    }
}

#[test]
fn a_file_that_is_too_large_is_refused() {
    let text = " ".repeat(iom_syntax::MAX_FILE_SIZE + 1);
    let parse = parse(&text);
    assert_eq!(parse.errors.len(), 1);
    assert_eq!(parse.errors[0].code.slug(), "too-large");
    assert_eq!(usize::from(parse.syntax().text().len()), text.len());
}

#[test]
fn parses_can_be_shared_between_threads() {
    fn is_shareable<T: Send + Sync + Clone>() {}
    is_shareable::<iom_syntax::Parse>();
}
