//! Inputs on which a fuzz target once failed, each with the name of what it is about in `fuzz/regressions/TARGET`, held
//! against the same properties.

#[path = "../../../../fuzz/src/inventories.rs"]
mod inventories;
#[path = "../../../../fuzz/src/manifests.rs"]
mod manifests;
#[path = "../../../../fuzz/src/properties.rs"]
mod properties;
#[path = "../../../../fuzz/src/terraform.rs"]
mod terraform;

use std::fs;
use std::path::{Path, PathBuf};

use iom_syntax::SyntaxKind;

use crate::support::repository;

type Property = fn(&str);

const TARGETS: &[(&str, Property)] = &[
    ("lexer", properties::lexer),
    ("parser", properties::parser),
    ("formatter", properties::formatter),
    ("checker", properties::checker),
    ("inventory", inventories::inventory),
    ("schema", inventories::schema),
    ("cloudformation", manifests::cloudformation),
    ("kubernetes", manifests::kubernetes),
    ("terraform_sources", terraform::terraform_sources),
    ("terraform_state", terraform::terraform_state),
];

fn files_of(folder: PathBuf) -> Vec<PathBuf> {
    let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

fn hold(property: Property, path: &Path) {
    let text = fs::read_to_string(path).unwrap();
    if let Err(panic) = std::panic::catch_unwind(|| property(&text)) {
        eprintln!("with {}", path.display());
        std::panic::resume_unwind(panic);
    }
}

#[test]
fn what_once_broke_a_property_does_so_no_more() {
    for folder in files_of(repository().join("fuzz/regressions")) {
        let target = TARGETS.iter().find(|(name, _)| folder.ends_with(name));
        let (_, property) = target.unwrap_or_else(|| panic!("no target is called like {}", folder.display()));
        for path in files_of(folder) {
            hold(*property, &path);
        }
    }
}

/// What the fuzzers begin with is no finding.
#[test]
fn the_corpus_of_the_parser_breaks_no_property() {
    for folder in ["tests/corpus/ok", "tests/corpus/err"] {
        for path in files_of(repository().join(folder)) {
            for (_, property) in &TARGETS[..3] {
                hold(*property, &path);
            }
        }
    }
}

#[test]
fn manifests_and_templates_break_no_property() {
    for name in ["kubernetes", "cloudformation"] {
        let (_, property) = TARGETS.iter().find(|(target, _)| *target == name).unwrap();
        for path in files_of(repository().join("tests/state").join(name)) {
            hold(*property, &path);
        }
    }
}

#[test]
fn the_fuzzers_know_every_word_of_the_language() {
    let words = fs::read_to_string(repository().join("fuzz/iom.dict")).unwrap();
    for word in SyntaxKind::ALL.iter().filter_map(|kind| kind.word()) {
        assert!(words.lines().any(|line| line == format!("\"{word}\"")), "{word} is not in fuzz/iom.dict");
    }
}
