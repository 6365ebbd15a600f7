//! What the documents show is run: tests of `iom` blocks pass, tables of expressions hold, commands of `console` blocks
//! print what stands below them, and what is shown as data can be read.

mod console;
mod link;
mod table;

use std::fmt::Write as _;
use std::path::Path;

use crate::support::{folder, iomc};

#[path = "../../../../iom_semantic/tests/documents/blocks.rs"]
mod blocks;

use blocks::{Block, blocks, documents, shown, workspaces};

/// Blocks that are shown and not run.
const DATA: &[&str] = &["text", "ebnf", "sh", "hcl", "yaml", "json", "toml", "csv", "iom,ignore"];

/// The instant of tests that say none.
const AT: &str = "2027-01-01T00:00:00Z";

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).expect("a document")
}

#[test]
fn every_fence_says_what_the_block_is() {
    let mut wrong = String::new();
    for path in documents() {
        for block in blocks(&read(&path)) {
            let problem = match block.language.as_str() {
                "json" => serde_json::from_str::<serde_json::Value>(&block.text).err().map(|e| e.to_string()),
                "toml" => toml::from_str::<toml::Table>(&block.text).err().map(|e| e.to_string()),
                "iom" | "console" => None,
                language if DATA.contains(&language) => None,
                language => Some(format!("`{language}` is no fence that the tests know")),
            };
            if let Some(problem) = problem {
                let _ = writeln!(wrong, "{}:{}: {problem}", shown(&path), block.line);
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// What `iomc test` says about files that are looked at together; `None` where all tests pass.
fn failed_tests(files: &[(&str, &str)]) -> Option<String> {
    let folder = folder(files);
    let ran = iomc(folder.path(), &["test", ".", "--at", AT, "--quiet"]);
    (ran.status != 0).then(|| format!("{}{}", ran.stdout, ran.stderr))
}

#[test]
fn every_test_of_a_block_passes() {
    let mut wrong = String::new();
    let mut count = 0;
    for path in documents() {
        for files in workspaces(&blocks(&read(&path))) {
            let says = |what: &str| files.iter().any(|block| block.text.contains(what));
            let mut lines = files.iter().flat_map(|block| block.text.lines());
            let has_tests = lines.any(|line| line.starts_with("test \""));
            if !has_tests || says("// error: [") {
                continue;
            }
            count += 1;
            let name = |block: &'_ Block| block.file.clone().unwrap_or_else(|| "block.iom".to_owned());
            let names: Vec<String> = files.iter().map(name).collect();
            let files: Vec<(&str, &str)> =
                names.iter().zip(&files).map(|(name, block)| (name.as_str(), block.text.as_str())).collect();
            // A test that shows a failure says so on its first line.
            let wanted = says("// fails\n");
            match failed_tests(&files) {
                Some(problem) if !wanted => {
                    let _ = writeln!(wrong, "{}: {names:?}\n{problem}", shown(&path));
                }
                None if wanted => {
                    let _ = writeln!(wrong, "{}: {names:?}: no test fails", shown(&path));
                }
                _ => {}
            }
        }
    }
    assert!(count > 5, "only {count} blocks with tests found");
    assert!(wrong.is_empty(), "\n{wrong}");
}
