//! The parser against the grammar of the specification: both read the same language.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may fail loudly")]

#[path = "../common/mod.rs"]
mod common;
mod ebnf;
mod generate;
mod recognise;

use std::path::PathBuf;

use common::{corpus, render, shape};
use ebnf::Grammar;
use generate::Generator;
use iom_syntax::{declarations, lower, parse};
use recognise::Recogniser;

fn grammar() -> Grammar {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../spec/grammar.ebnf");
    ebnf::read(&std::fs::read_to_string(path).unwrap())
}

/// How many cases a property is tried on: `IOM_CASES` where that is set.
fn cases(usual: u64) -> u64 {
    std::env::var("IOM_CASES").ok().and_then(|count| count.parse().ok()).unwrap_or(usual)
}

#[test]
fn sentences_of_the_grammar_parse() {
    let grammar = grammar();
    for seed in 1..=cases(400) {
        let tokens = Generator::new(&grammar, seed).file();
        let text = tokens.join(" ");
        let parsed = parse(&text);
        assert_eq!(render(&text, &parsed.errors), "", "seed {seed}: {text}");
        assert_eq!(parsed.syntax().text().to_string(), text, "seed {seed}");
    }
}

/// Blanks, newlines and comments never change the tree, and what is lowered from it.
#[test]
fn what_stands_between_tokens_never_changes_the_tree() {
    let grammar = grammar();
    for seed in 1..=cases(80) {
        let tokens = Generator::new(&grammar, seed).file();
        let plain = tokens.join(" ");
        let root = parse(&plain).syntax();
        let lowered = |root: &iom_syntax::SyntaxNode| {
            let all = declarations(root);
            all.iter().map(|one| format!("{:?}", lower(&one.green).0.kind)).collect::<Vec<_>>()
        };
        for separator in ["\n", "\n\n  ", "\n// { [ \" a comment\n"] {
            let spaced = parse(&tokens.join(separator));
            assert_eq!(spaced.errors, [], "seed {seed}: {plain}");
            assert_eq!(shape(&spaced.syntax()), shape(&root), "seed {seed}: {plain}");
            assert_eq!(lowered(&spaced.syntax()), lowered(&root), "seed {seed}: {plain}");
        }
    }
}

#[test]
fn the_grammar_accepts_every_sound_file() {
    let grammar = grammar();
    let recogniser = Recogniser::new(&grammar);
    for (name, text) in corpus("ok") {
        if let Err(place) = recogniser.accepts(&text) {
            panic!("{name}: the grammar ends at {:.60?}", &text[place..]);
        }
    }
}

/// Faulty files whose fault is one of words or of layout, which the grammar says in comments (R1 to R3): the plain rules
/// take them.
const BEYOND_THE_RULES: &[&str] = &["depth", "module_in_body", "operator_dotted_field", "ref_enum_value"];

#[test]
fn the_grammar_refuses_faulty_files() {
    let grammar = grammar();
    let recogniser = Recogniser::new(&grammar);
    let accepted: Vec<String> = corpus("err")
        .into_iter()
        .filter(|(_, text)| recogniser.accepts(text).is_ok())
        .map(|(name, _)| name)
        .collect();
    assert_eq!(accepted, BEYOND_THE_RULES);
}
