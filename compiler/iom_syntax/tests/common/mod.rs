//! What the tests of the parser share.
#![allow(dead_code, reason = "each test binary uses a part")]

use std::{fmt::Write, fs, path::PathBuf};

use iom_base::{Lines, TextRange};
use iom_diagnostics::Diagnostic;
use iom_syntax::{SyntaxElement, SyntaxNode};

/// The files of a folder of the corpus, by name.
pub fn corpus(folder: &str) -> Vec<(String, String)> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/corpus").join(folder);
    let mut files: Vec<(String, String)> = fs::read_dir(&path)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "iom"))
        .map(|path| {
            (path.file_stem().unwrap().to_string_lossy().into_owned(), fs::read_to_string(&path).unwrap())
        })
        .collect();
    files.sort();
    assert!(files.len() > 40, "the corpus is missing");
    files
}

/// Errors, one a line: place, code, message, help.
pub fn render(text: &str, errors: &[Diagnostic<TextRange>]) -> String {
    let lines = Lines::new(text);
    let mut rendered = String::new();
    for error in errors {
        let place = lines.line_column(error.primary.place.start());
        write!(rendered, "{}:{} {} {}", place.line, place.column, error.code, error.message).unwrap();
        if let Some(help) = &error.help {
            write!(rendered, " | {help}").unwrap();
        }
        rendered.push('\n');
    }
    rendered
}

/// Kinds and texts of a tree, trivia left out.
pub fn shape(node: &SyntaxNode) -> String {
    let mut text = String::new();
    write_shape(node, &mut text);
    text
}

fn write_shape(node: &SyntaxNode, text: &mut String) {
    write!(text, "({:?}", node.kind()).unwrap();
    for child in node.children_with_tokens() {
        match child {
            SyntaxElement::Node(child) => write_shape(&child, text),
            SyntaxElement::Token(token) if token.kind().is_trivia() => {}
            SyntaxElement::Token(token) => write!(text, " {:?}={}", token.kind(), token.text()).unwrap(),
        }
    }
    text.push(')');
}
