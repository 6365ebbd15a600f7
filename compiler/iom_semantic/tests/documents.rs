//! Every `iom` block of the README, of CONTRIBUTING and of the specification is checked, and says what it says it says.
//!
//! A comment `// error: [IOM0201]` (or `warning`) names a diagnostic whose place is on that line; there must be no others.
//! A comment `// type: list<int>` states the type of the largest expression on its line. Which blocks belong together is
//! said in `documents/blocks.rs`; the verdicts of their tests are looked at by the tests of `iomc`.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may fail loudly")]

#[path = "documents/blocks.rs"]
mod blocks;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use iom_diagnostics::render::SourceTexts;
use iom_semantic::Host;
use iom_semantic::check::types_of;
use iom_semantic::items::items;
use iom_semantic::names::file_by_id;

use blocks::{Block, blocks, documents, root, shown, workspaces};

/// Line in the document, and what is said about it: a severity with a code, or a type.
type Remark = (usize, String);

/// What the comments of a block announce.
fn expected(block: &Block) -> BTreeSet<Remark> {
    let mut found = BTreeSet::new();
    for (number, line) in block.text.lines().enumerate() {
        let line_number = block.line + number + 1;
        for severity in ["error", "warning"] {
            for part in line.split(&format!("// {severity}: [")).skip(1) {
                let code = part.split(']').next().unwrap_or_default();
                found.insert((line_number, format!("{severity} {code}")));
            }
        }
        if let Some((_, ty)) = line.split_once("// type: ") {
            found.insert((line_number, format!("type {}", ty.trim())));
        }
    }
    found
}

/// What the compiler says about the `iom` files among the blocks.
fn reported(files: &[Block]) -> BTreeSet<Remark> {
    let mut host = Host::new();
    let files: Vec<(String, &Block)> = files
        .iter()
        .filter(|block| block.language == "iom")
        .map(|block| (block.file.clone().unwrap_or_else(|| "block.iom".to_owned()), block))
        .collect();
    host.set_files(files.iter().map(|(name, block)| (name.as_str(), block.text.as_str())));
    for wanted in host.wanted_data_files() {
        // A catalog's file is one of the example's, or of the repository's tests.
        host.set_data_file(&wanted, std::fs::read_to_string(root().join(wanted.as_str())).ok());
    }
    let mut found = BTreeSet::new();
    for diagnostic in host.diagnostics() {
        let path = host.path(diagnostic.primary.place.file).to_owned();
        let Some((_, block)) = files.iter().find(|(name, _)| *name == path) else { continue };
        let lines = iom_base::Lines::new(&block.text);
        let line = lines.line_column(diagnostic.primary.place.start()).line as usize;
        let severity = if diagnostic.is_error() { "error" } else { "warning" };
        found.insert((block.line + line, format!("{severity} {}", diagnostic.code)));
    }
    for (name, block) in &files {
        found.extend(types(&host, name, block));
    }
    found
}

/// The types of the largest expressions on the lines that state a type.
fn types(host: &Host, name: &str, block: &Block) -> BTreeSet<Remark> {
    let db = host.database();
    let Some(file) = host.file_id(name).and_then(|id| file_by_id(db, id)) else { return BTreeSet::new() };
    let mut placed: Vec<(usize, usize, String)> = Vec::new();
    for item in items(db, file) {
        for (node, ty) in &types_of(db, *item) {
            let range = item.span(db, *node).range();
            placed.push((range.start().into(), range.end().into(), ty.to_string()));
        }
    }
    let mut found = BTreeSet::new();
    let mut start = 0;
    for (number, line) in block.text.split_inclusive('\n').enumerate() {
        let end = start + line.len();
        if line.contains("// type: ") {
            // The last of the largest: what was learnt about a value is said after what it is by itself.
            let largest = placed
                .iter()
                .filter(|(from, to, _)| start <= *from && *to <= end)
                .max_by_key(|(from, to, _)| to - from);
            let ty = largest.map_or("nothing", |(_, _, ty)| ty);
            found.insert((block.line + number + 1, format!("type {ty}")));
        }
        start = end;
    }
    found
}

/// What the first checked block of each diagnostic's page, with the files around it, makes the compiler say, word for word.
#[test]
fn the_mistakes_on_the_pages_read_well() {
    for code in iom_diagnostics::REGISTRY {
        let mark = format!(": [{code}]");
        let workspaces = workspaces(&blocks(code.page()));
        let Some(files) = workspaces.iter().find(|files| files.iter().any(|file| file.text.contains(&mark)))
        else {
            continue;
        };
        let mut host = Host::new();
        for file in files.iter().filter(|file| file.language == "iom") {
            host.set_file(file.file.as_deref().unwrap_or("page.iom"), &file.text);
        }
        let said = iom_diagnostics::render::human(&host.diagnostics(), &host, false);
        insta::with_settings!({ snapshot_path => "snapshots/pages", prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!(code.slug(), said);
        });
    }
}

#[test]
fn every_block_says_what_the_compiler_says() {
    let mut wrong = String::new();
    let mut count = 0;
    for path in documents() {
        let text = std::fs::read_to_string(&path).unwrap();
        let name = shown(&path);
        for files in workspaces(&blocks(&text)) {
            count += files.len();
            let wanted: BTreeSet<Remark> = files.iter().flat_map(expected).collect();
            let found = reported(&files);
            for (line, remark) in wanted.difference(&found) {
                let _ = writeln!(wrong, "{name}:{line}: {remark} is announced and not given");
            }
            for (line, remark) in found.difference(&wanted) {
                let _ = writeln!(wrong, "{name}:{line}: {remark} is given and not announced");
            }
        }
    }
    assert!(count > 50, "only {count} blocks found");
    assert!(wrong.is_empty(), "\n{wrong}");
}
