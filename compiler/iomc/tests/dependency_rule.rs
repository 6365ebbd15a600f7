//! Holds the crates to the dependency rule of `CONTRIBUTING.md`: each may use only those of earlier layers, and the
//! crates that work on plain text and plain data never see salsa.

#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand};

/// From the bottom up. Crates of one layer do not use each other.
const LAYERS: &[&[&str]] = &[
    &["iom_base"],
    &["iom_diagnostics"],
    &["iom_syntax", "iom_model"],
    // Its index is made by parsing the library when it is built.
    &["iom_stdlib"],
    &["iom_fmt", "iom_semantic", "iom_state"],
    &["iom_eval", "iom_manifest", "iom_schema"],
    &["iom_project"],
    &["iom_ide"],
    &["iom_lsp"],
    &["iomc"],
];

/// Crates that others may take into their own programs without an incremental engine.
const WITHOUT_SALSA: &[&str] =
    &["iom_syntax", "iom_fmt", "iom_model", "iom_state", "iom_manifest", "iom_schema"];

fn workspace() -> Metadata {
    MetadataCommand::new()
        .manifest_path(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml"))
        .no_deps()
        .other_options(["--offline".to_owned()])
        .exec()
        .unwrap()
}

fn layer(name: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.contains(&name))
}

/// What each crate of the workspace needs outside its tests.
fn needs(workspace: &Metadata) -> BTreeMap<String, BTreeSet<String>> {
    let packages = workspace.packages.iter();
    packages
        .map(|package| {
            let needed =
                package.dependencies.iter().filter(|needed| needed.kind != DependencyKind::Development);
            (package.name.to_string(), needed.map(|needed| needed.name.clone()).collect())
        })
        .collect()
}

#[test]
fn every_crate_has_a_layer() {
    let members: BTreeSet<String> = needs(&workspace()).into_keys().collect();
    let layers: BTreeSet<String> = LAYERS.concat().into_iter().map(str::to_owned).collect();
    assert_eq!(members, layers, "a new crate needs a place in LAYERS and in CONTRIBUTING.md");
}

#[test]
fn crates_use_only_earlier_layers() {
    for (user, needed) in needs(&workspace()) {
        for used in needed.iter().filter(|used| layer(used).is_some()) {
            assert!(layer(used) < layer(&user), "{user} may not use {used}");
        }
    }
}

#[test]
fn plain_crates_never_see_salsa() {
    let needs = needs(&workspace());
    let locked = locked_dependencies();
    for start in WITHOUT_SALSA {
        let mut reached = BTreeSet::new();
        let mut open = vec![(*start).to_owned()];
        while let Some(name) = open.pop() {
            if reached.insert(name.clone()) {
                // The lock file does not tell test dependencies apart, so our own crates answer for themselves.
                open.extend(needs.get(&name).or_else(|| locked.get(&name)).into_iter().flatten().cloned());
            }
        }
        let salsa: Vec<&String> = reached.iter().filter(|name| name.starts_with("salsa")).collect();
        assert!(salsa.is_empty(), "{start} reaches {salsa:?}");
        assert!(reached.len() > 1, "{start} was not found");
    }
}

/// Every locked package with the packages it needs, by name; versions of one name are taken together.
fn locked_dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../Cargo.lock");
    let lock: toml::Table = std::fs::read_to_string(path).unwrap().parse().unwrap();
    let mut locked: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for package in lock["package"].as_array().unwrap() {
        let needed = locked.entry(package["name"].as_str().unwrap().to_owned()).or_default();
        let listed = package.get("dependencies").and_then(toml::Value::as_array).into_iter().flatten();
        // `name`, or `name version` where several versions are locked.
        needed.extend(listed.filter_map(|entry| entry.as_str()?.split(' ').next().map(str::to_owned)));
    }
    locked
}
