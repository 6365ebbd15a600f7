//! No order changes a report: of files, of declarations in them, of the sources of state.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use iom_eval::facts::{Estate, StateSource};
use iom_eval::judge::{Options, judge};
use iom_eval::program::{Program as Rules, Scope};
use iom_semantic::{Host, LibrarySelection};
use iom_state::document::Layer;
use iom_state::tape::Strings;
use serde_json::Value as Json;

use crate::{cases, common, program};

#[derive(Clone)]
struct Workspace {
    /// Path and text.
    files: Vec<(String, String)>,
    data_files: Vec<(String, String)>,
    /// Path, layer and text.
    sources: Vec<(String, Layer, String)>,
}

impl Workspace {
    /// What a run over it says, without the places in `.iom` files, which move with the declarations.
    fn report(&self) -> Json {
        let mut host = Host::new();
        for (path, text) in &self.files {
            host.set_file(path, text);
        }
        for wanted in host.wanted_data_files() {
            let found = self.data_files.iter().find(|(path, _)| *path == wanted);
            host.set_data_file(&wanted, found.map(|(_, text)| text.clone()));
        }
        let found = host.diagnostics();
        assert!(!host.has_errors(), "{}", iom_diagnostics::render::human(&found, &host, false));
        let mut strings = Strings::default();
        let model = Arc::new(host.model(&LibrarySelection::None));
        let rules = Rules::compile(model, &Scope::default(), &Default::default(), &mut strings);
        let sources = self.sources.iter().map(|(path, layer, text)| {
            let document = iom_state::import(text.as_bytes(), None, &rules.demand, &mut strings).unwrap();
            StateSource::new(path, *layer, document)
        });
        let sources = sources.collect();
        let estate = Estate::build(Arc::new(rules), strings, sources, common::NOW);
        let options = Options {
            model_hash: Some("sha256:0".into()),
            is_workspace: true,
            with_passes: true,
            ..Options::default()
        };
        let mut report = serde_json::to_value(judge(&estate, &options)).unwrap();
        without_places(&mut report);
        for list in ["diagnostics", "sources"] {
            if let Some(items) = report[list].as_array_mut() {
                items.sort_by_key(Json::to_string);
            }
        }
        report
    }

    fn shuffled(&self, dice: &mut impl FnMut(usize) -> usize) -> Workspace {
        let mut shuffled = self.clone();
        for (_, text) in &mut shuffled.files {
            *text = shuffled_declarations(text, dice);
        }
        // A file's name decides where it comes in the list of files.
        let paths: Vec<String> = (0..self.files.len()).map(|number| format!("file{number}.iom")).collect();
        shuffle(&mut shuffled.files, dice);
        for ((path, _), other) in shuffled.files.iter_mut().zip(paths) {
            let folder = Path::new(&*path).parent().map(Path::to_owned).unwrap_or_default();
            *path = folder.join(other).to_string_lossy().into_owned();
        }
        shuffle(&mut shuffled.files, dice);
        shuffle(&mut shuffled.sources, dice);
        shuffled
    }
}

fn shuffle<T>(items: &mut [T], dice: &mut impl FnMut(usize) -> usize) {
    for at in (1..items.len()).rev() {
        items.swap(at, dice(at + 1));
    }
}

/// The declarations of a text with the comments before them: each begins at the left margin.
fn declarations(text: &str) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    let mut comments = String::new();
    for line in text.lines() {
        if line.starts_with("//") {
            comments.push_str(line);
            comments.push('\n');
            continue;
        }
        let begins = line.starts_with(|first: char| first.is_ascii_alphabetic());
        if begins || parts.is_empty() {
            parts.push(String::new());
        }
        let part = parts.last_mut().unwrap();
        part.push_str(&std::mem::take(&mut comments));
        part.push_str(line);
        part.push('\n');
    }
    parts
}

fn shuffled_declarations(text: &str, dice: &mut impl FnMut(usize) -> usize) -> String {
    let is_head = |part: &String| {
        part.lines().any(|line| line.starts_with("module ") || line.starts_with("use "))
            || part.trim().is_empty()
    };
    let (head, mut rest): (Vec<String>, Vec<String>) = declarations(text).into_iter().partition(is_head);
    shuffle(&mut rest, dice);
    head.concat() + &rest.concat()
}

/// Takes every place out that is in a file of the language.
fn without_places(value: &mut Json) {
    match value {
        Json::Array(items) => items.iter_mut().for_each(without_places),
        Json::Object(fields) => {
            if fields.get("file").and_then(Json::as_str).is_some_and(|file| file.ends_with(".iom")) {
                for field in ["file", "line", "column", "range"] {
                    fields.remove(field);
                }
            }
            fields.values_mut().for_each(without_places);
        }
        _ => {}
    }
}

fn dice(seed: u64) -> impl FnMut(usize) -> usize {
    let mut state = (seed + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    move |count| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as usize % count.max(1)
    }
}

/// A generated program, in several files.
fn generated(seed: u64) -> Workspace {
    let program = program(seed);
    let mut files: Vec<(String, String)> =
        (0..3).map(|number| (format!("part{number}.iom"), String::new())).collect();
    for (number, part) in declarations(&program.to_string()).into_iter().enumerate() {
        files[number % 3].1.push_str(&part);
    }
    let sources = program.state.plans().into_iter().enumerate();
    let sources =
        sources.map(|(number, (layer, plan))| (format!("plan{number}.json"), layer, plan.json().to_string()));
    Workspace { files, data_files: Vec::new(), sources: sources.collect() }
}

/// All files of a workspace of the repository, over plans of the repository.
fn written(folder: &str, plans: &[&str]) -> Workspace {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut workspace = Workspace { files: Vec::new(), data_files: Vec::new(), sources: Vec::new() };
    let mut folders = vec![root.join(folder)];
    while let Some(current) = folders.pop() {
        for path in std::fs::read_dir(current).unwrap().map(|entry| entry.unwrap().path()) {
            let name = path.strip_prefix(root.join(folder)).unwrap().to_string_lossy().into_owned();
            match path.extension().and_then(|extension| extension.to_str()) {
                None if path.is_dir() => folders.push(path),
                Some("iom") => workspace.files.push((name, std::fs::read_to_string(path).unwrap())),
                Some("json") => workspace.data_files.push((name, std::fs::read_to_string(path).unwrap())),
                _ => {}
            }
        }
    }
    workspace.files.sort();
    for plan in plans {
        let text = std::fs::read_to_string(root.join(plan)).unwrap();
        workspace.sources.push(((*plan).to_owned(), Layer::Built, text));
    }
    workspace
}

#[test]
fn no_order_changes_what_is_said_of_generated_programs() {
    for seed in 0..cases(600) / 10 {
        let workspace = generated(seed);
        let shuffled = workspace.shuffled(&mut dice(seed));
        same(&workspace.report(), &shuffled.report(), &format!("seed {seed}"));
    }
}

#[test]
fn no_order_changes_what_is_said_of_written_workspaces() {
    const PLANS: [&str; 2] =
        ["examples/payments/state/storage-plan.json", "examples/payments/state/network-plan.json"];
    for folder in ["examples/payments", "tests/bench/estate"] {
        let workspace = written(folder, &PLANS);
        let report = workspace.report();
        assert!(report["findings"].as_array().is_some_and(|findings| findings.len() > 10), "{folder}");
        for seed in 0..3 {
            let shuffled = workspace.shuffled(&mut dice(seed)).report();
            same(&report, &shuffled, folder);
        }
    }
}

/// Equal; else the first thing that differs is shown, not two reports.
fn same(expected: &Json, found: &Json, place: &str) {
    match (expected, found) {
        (Json::Object(left), Json::Object(right)) if left.len() == right.len() => {
            for (name, value) in left {
                same(value, &right[name], &format!("{place}/{name}"));
            }
        }
        (Json::Array(left), Json::Array(right)) if left.len() == right.len() => {
            for (number, (left, right)) in left.iter().zip(right).enumerate() {
                same(left, right, &format!("{place}/{number}"));
            }
        }
        _ => assert_eq!(expected, found, "{place}"),
    }
}
