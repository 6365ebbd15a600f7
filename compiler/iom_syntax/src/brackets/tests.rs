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
