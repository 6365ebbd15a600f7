//! The README shows what the command prints.

#![allow(clippy::panic, clippy::unwrap_used, reason = "a test may fail loudly")]

use std::path::Path;
use std::process::Command;

#[test]
fn the_verdict_in_the_readme_is_what_the_example_gives() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let readme = std::fs::read_to_string(root.join("README.md")).unwrap();
    let command =
        readme.lines().find(|line| line.starts_with("cargo run") && line.contains(" -- eval ")).unwrap();
    let arguments = command.split(" -- ").nth(1).unwrap().split(' ');
    let run = Command::new(env!("CARGO_BIN_EXE_iomc")).args(arguments).current_dir(&root).output().unwrap();
    assert_eq!(run.status.code(), Some(1), "{}", String::from_utf8_lossy(&run.stderr));

    let printed = String::from_utf8(run.stdout).unwrap();
    let shown =
        readme.split("<!-- verdict:begin -->").nth(1).unwrap().split("<!-- verdict:end -->").next().unwrap();
    // `...` stands for what is left out; the rest is in the output, in this order.
    let mut rest = printed.as_str();
    for part in shown.replace("```text", "").replace("```", "").split("\n...\n") {
        let part = part.trim_matches('\n');
        let at = rest
            .find(part)
            .unwrap_or_else(|| panic!("the README shows this, and the command does not:\n{part}"));
        rest = &rest[at + part.len()..];
    }
}
