//! How fast the lexer and the parser are. Not a test of anything: run it with
//! `cargo test -p iom_syntax --release --test throughput -- --ignored --nocapture`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may fail loudly")]

mod common;

use std::{hint::black_box, time::Instant};

use iom_syntax::{declarations, lexer, lower, parse};

#[test]
#[ignore = "a measurement"]
fn throughput() {
    let text: String = common::corpus("ok").into_iter().map(|(_, text)| text + "\n").collect();
    let text = text.repeat(1 + (1 << 20) / text.len());
    let measure = |name: &str, run: &dyn Fn()| {
        // The best of several rounds: other work on the machine only makes a round slower.
        let time = || {
            let start = Instant::now();
            run();
            start.elapsed().as_secs_f64()
        };
        let seconds = (0..15).map(|_| time()).fold(f64::INFINITY, f64::min);
        eprintln!("{name}: {:.1} MB/s", text.len() as f64 / seconds / 1e6);
    };
    measure("lex", &|| {
        black_box(lexer::lex(&text));
    });
    measure("parse", &|| {
        black_box(parse(&text));
    });
    let file = parse(&text).syntax();
    measure("declarations", &|| {
        black_box(declarations(&file));
    });
    let outline = declarations(&file);
    measure("lower", &|| {
        for declaration in &outline {
            black_box(lower(&declaration.green));
        }
    });
    let start = Instant::now();
    (0..10_000).for_each(|_| {
        black_box(parse(black_box("const a = 1\n")));
    });
    eprintln!("one line: {:.1} us", start.elapsed().as_secs_f64() * 1e6 / 1e4);
}
