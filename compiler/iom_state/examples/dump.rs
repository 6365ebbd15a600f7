//! Imports files and prints what was read: `dump FILE...` in full, `dump --summary FILE|DIR...` one line per file;
//! `--format=kubernetes` and the like say what they are.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use iom_state::document::{Document, Everything, Format};
use iom_state::tape::{NodeIndex, NodeValue, Strings};

#[path = "../tests/dump/mod.rs"]
mod dump;

fn main() -> ExitCode {
    let (flags, paths): (Vec<String>, Vec<String>) =
        std::env::args().skip(1).partition(|argument| argument.starts_with("--"));
    let is_summary = flags.iter().any(|flag| flag == "--summary");
    let format = flags.iter().find_map(|flag| flag.strip_prefix("--format=")).and_then(|name| {
        [Format::TerraformPlan, Format::TerraformState, Format::Kubernetes, Format::Cloudformation]
            .into_iter()
            .find(|format| format.name() == name)
    });
    let mut files = Vec::new();
    for path in &paths {
        collect(Path::new(path), &mut files);
    }
    let (mut read, mut refused) = (0, 0);
    for file in &files {
        let bytes = match std::fs::read(file) {
            Ok(bytes) => bytes,
            Err(error) => {
                eprintln!("{}: {error}", file.display());
                return ExitCode::from(2);
            }
        };
        let mut strings = Strings::default();
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let about = iom_state::About { format, name: &name, ..iom_state::About::default() };
        match iom_state::import_file(&bytes, &about, &Everything, &mut strings) {
            Ok(document) => {
                read += 1;
                if is_summary {
                    println!("{}: {}", file.display(), summary(&document));
                } else {
                    print!("{}", dump::dump(&document, &strings));
                }
            }
            Err(error) => {
                refused += 1;
                println!("{}: {:?}: {error}", file.display(), error.kind);
            }
        }
    }
    if is_summary {
        println!("{read} read, {refused} refused");
    }
    ExitCode::SUCCESS
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(path) else {
        files.push(path.to_owned());
        return;
    };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        collect(&path, files);
    }
}

fn summary(document: &Document) -> String {
    let references: usize = document.tape.marks.values().map(|mark| mark.references.len()).sum();
    let single = document
        .tape
        .marks
        .values()
        .flat_map(|mark| &mark.references)
        .filter(|reference| reference.targets.len() == 1)
        .count();
    let unresolved = document.tape.marks.values().filter(|mark| mark.unresolved_in.is_some()).count();
    let nodes = (0..document.tape.len() as u32).map(NodeIndex);
    let unknown =
        nodes.filter(|index| matches!(document.tape.node(*index).value, NodeValue::Unknown(_))).count();
    format!(
        "{} objects, {} nodes, {unknown} unknown, {references} references ({single} single), {unresolved} unresolved, {} remarks",
        document.objects.len(),
        document.tape.len(),
        document.remarks.len()
    )
}
