//! The project's paper against the project: tests that are named exist, links lead somewhere, and the commands that the
//! README promises are the ones that CI runs.

#![allow(clippy::panic, reason = "a test may fail loudly")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The Rust sources at a path of the repository: one file, or all of a folder.
fn rust_sources(path: &Path) -> Vec<PathBuf> {
    if path.is_file() {
        return vec![path.to_owned()];
    }
    let mut sources = Vec::new();
    for entry in std::fs::read_dir(path).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            sources.extend(rust_sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            sources.push(path);
        }
    }
    sources
}

/// The rows of the first table with this first column: the cells without their blanks.
fn table_rows(text: &str) -> Vec<Vec<String>> {
    let cells = |line: &str| line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect();
    text.lines().filter(|line| line.starts_with('|')).map(cells).collect()
}

struct Requirement {
    id: String,
    proof: String,
}

fn requirements() -> Vec<Requirement> {
    table_rows(&read("spec/requirements.md"))
        .into_iter()
        .filter(|cells| cells[0].starts_with(|letter: char| letter.is_ascii_uppercase()) && cells[0] != "Id")
        .map(|cells| {
            assert_eq!(cells.len(), 3, "the row of {} does not have three cells", cells[0]);
            Requirement { id: cells[0].clone(), proof: cells[2].clone() }
        })
        .collect()
}

/// `` `test_name` in `path` ``, several of them parted by semicolons.
fn named_tests(proof: &str) -> Vec<(String, String)> {
    let named = proof.split(';').map(str::trim).filter(|part| part.starts_with('`'));
    named
        .map(|part| {
            let (name, path) =
                part.split_once(" in ").unwrap_or_else(|| panic!("`{part}` does not say in which path"));
            (name.trim_matches('`').to_owned(), path.trim_matches('`').to_owned())
        })
        .collect()
}

fn has_test(path: &str, name: &str) -> bool {
    let start = format!("fn {name}(");
    let sources = rust_sources(&root().join(path));
    sources.iter().any(|source| std::fs::read_to_string(source).is_ok_and(|text| text.contains(&start)))
}

#[test]
fn every_named_test_exists() {
    for Requirement { id, proof } in requirements() {
        let tests = named_tests(&proof);
        assert!(proof.starts_with("open") == tests.is_empty(), "{id} is neither open nor proved: {proof}");
        for (name, path) in tests {
            assert!(has_test(&path, &name), "{id} names the test `{name}`, which is not in `{path}`");
        }
    }
}

#[test]
fn every_requirement_is_listed_once() {
    let ids: Vec<String> = requirements().into_iter().map(|row| row.id).collect();
    let distinct: BTreeSet<&String> = ids.iter().collect();
    assert_eq!(ids.len(), distinct.len());
    let numbers = [
        ('P', 7),
        ('S', 11),
        ('I', 9),
        ('B', 3),
        ('R', 5),
        ('A', 14),
        ('E', 9),
        ('D', 6),
        ('V', 6),
        ('T', 7),
    ];
    for (group, last) in numbers {
        for number in 1..=last {
            let id = format!("{group}{number}");
            assert!(distinct.contains(&id), "{id} is missing");
        }
    }
}

/// The commands that the README shows in `sh` blocks on its first screen.
fn readme_commands(readme: &str) -> Vec<String> {
    let blocks = readme.split("```sh\n").skip(1).filter_map(|rest| rest.split("```").next());
    blocks.flat_map(str::lines).map(str::to_owned).collect()
}

#[test]
fn the_readme_shows_exactly_the_two_commands() {
    let commands = readme_commands(&read("README.md"));
    assert_eq!(commands.len(), 2, "{commands:?}");
    assert!(
        commands[0].starts_with("cargo run --release -p iomc -- eval examples/payments"),
        "{}",
        commands[0]
    );
    assert_eq!(commands[1], "cargo test");
}

#[test]
fn the_files_of_the_readme_check_together() {
    let readme = read("README.md");
    let mut host = iom_semantic::Host::new();
    let blocks: Vec<&str> =
        readme.split("```iom\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert_eq!(blocks.len(), 3, "one file per team");
    for (number, block) in blocks.iter().enumerate() {
        host.set_file(&format!("{number}.iom"), block);
    }
    assert_eq!(iom_diagnostics::render::human(&host.diagnostics(), &host, false), "");
}

#[test]
fn links_between_our_pages_lead_somewhere() {
    for page in ["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "spec/decisions.md"] {
        let text = read(page);
        let folder = root().join(page).parent().unwrap().to_owned();
        for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let file = target.split('#').next().unwrap_or_default();
            let is_ours = !file.is_empty() && !file.contains(':');
            assert!(!is_ours || folder.join(file).exists(), "{page} links to {target}, which does not exist");
        }
    }
}

#[test]
fn every_decision_says_why_and_what_follows() {
    let text = read("spec/decisions.md");
    let decisions: Vec<&str> = text.split("\n## ").skip(1).collect();
    assert!(!decisions.is_empty());
    for decision in decisions {
        let title = decision.lines().next().unwrap_or_default();
        for part in ["Context: ", "Decision: ", "Consequence: "] {
            assert!(
                decision.contains(&format!("\n{part}")),
                "the decision \"{title}\" has no line `{part}..`"
            );
        }
    }
}

#[test]
fn the_grammar_names_the_declaration_keywords() {
    let grammar = read("spec/grammar.ebnf");
    for keyword in ["policy", "resource", "evidence", "catalog", "kind", "trait", "exception", "test"] {
        assert!(grammar.contains(&format!("\"{keyword}\"")), "{keyword}");
    }
}
