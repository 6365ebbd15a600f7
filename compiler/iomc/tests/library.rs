//! The standard library's own tests and layout, as a user would run them.

#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::process::{Command, Output};

fn iomc(arguments: &[&str]) -> Output {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    Command::new(env!("CARGO_BIN_EXE_iomc")).args(arguments).current_dir(root).output().unwrap()
}

#[test]
fn the_library_passes_its_tests() {
    let run = iomc(&["test", "stdlib"]);
    let text = String::from_utf8_lossy(&run.stdout).into_owned() + &String::from_utf8_lossy(&run.stderr);
    assert_eq!(run.status.code(), Some(0), "{text}");
    assert!(text.lines().filter(|line| line.starts_with("ok ")).count() >= 14, "{text}");
}

#[test]
fn the_library_and_the_examples_are_formatted() {
    for folder in ["stdlib", "examples/payments"] {
        let run = iomc(&["fmt", "--check", folder]);
        assert_eq!(run.status.code(), Some(0), "{}", String::from_utf8_lossy(&run.stdout));
    }
}
