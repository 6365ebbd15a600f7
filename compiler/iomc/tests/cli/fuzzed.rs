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
    ("terraform_plan", terraform::terraform_plan),
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
fn manifests_templates_and_plans_break_no_property() {
    let folders = [
        ("kubernetes", "kubernetes"),
        ("cloudformation", "cloudformation"),
        ("terraform_plan", "terraform-plan"),
    ];
    for (name, folder) in folders {
        let (_, property) = TARGETS.iter().find(|(target, _)| *target == name).unwrap();
        let files = files_of(repository().join("tests/state").join(folder));
        // A README, and text in another encoding.
        let is_text = |path: &PathBuf| {
            path.extension().is_some_and(|it| it != "md") && fs::read_to_string(path).is_ok()
        };
        for path in files.into_iter().filter(is_text) {
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
