//! How fast text becomes tokens, a tree and owned syntax: `cargo bench -p iom_syntax`.

#![allow(clippy::unwrap_used, reason = "a benchmark may fail loudly")]

use std::path::Path;

use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use iom_syntax::{declarations, lexer, lower, parse};

fn main() {
    divan::main();
}

/// A megabyte of the corpus's sound files.
fn text() -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/corpus/ok");
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let text: String = paths.iter().map(|path| std::fs::read_to_string(path).unwrap() + "\n").collect();
    text.repeat(1 + (1 << 20) / text.len())
}

#[divan::bench]
fn lexing(bencher: Bencher<'_, '_>) {
    let text = text();
    bencher.counter(BytesCount::of_str(&text)).bench(|| lexer::lex(black_box(&text)));
}

#[divan::bench]
fn parsing(bencher: Bencher<'_, '_>) {
    let text = text();
    bencher.counter(BytesCount::of_str(&text)).bench(|| parse(black_box(&text)));
}

#[divan::bench]
fn lowering(bencher: Bencher<'_, '_>) {
    let text = text();
    let outline = declarations(&parse(&text).syntax());
    bencher
        .counter(BytesCount::of_str(&text))
        .bench(|| outline.iter().map(|declaration| lower(&declaration.green)).collect::<Vec<_>>());
}

#[divan::bench]
fn one_line(bencher: Bencher<'_, '_>) {
    bencher.bench(|| parse(black_box("const a = 1\n")));
}
