//! Every `iom` block of the README, of CONTRIBUTING and of the specification is checked, and says what it says it says.
//!
//! A comment `// error: [IOM0201]` (or `warning`) names a diagnostic whose place is on that line; there must be no others.
//! Blocks of one document that begin with `module` are files of one workspace; every other block stands alone. A block
//! marked `iom,ignore` is not for the compiler, and the text before it says why.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use iom_diagnostics::render::SourceTexts;
use iom_semantic::Host;

struct Block {
    /// Line of the fence, from 1.
    line: usize,
    text: String,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn documents() -> Vec<PathBuf> {
    let mut found = vec![root().join("README.md"), root().join("CONTRIBUTING.md")];
    let mut folders = vec![root().join("spec")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "md") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn blocks(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<(bool, Block)> = None;
    for (number, line) in text.lines().enumerate() {
        match (&mut open, line.trim_start().strip_prefix("```")) {
            (None, Some(info)) => {
                open = Some((info.trim() == "iom", Block { line: number + 1, text: String::new() }));
            }
            (Some(_), Some(_)) => {
                if let Some((true, block)) = open.take() {
                    blocks.push(block);
                }
            }
            (Some((_, block)), None) => {
                block.text.push_str(line);
                block.text.push('\n');
            }
            (None, None) => {}
        }
    }
    blocks
}

/// Blocks that are checked together.
fn workspaces(blocks: Vec<Block>) -> Vec<Vec<Block>> {
    let mut together: Vec<Block> = Vec::new();
    let mut alone: Vec<Vec<Block>> = Vec::new();
    for block in blocks {
        let module = block.text.lines().find(|line| line.starts_with("module ")).map(str::to_owned);
        let is_new =
            |module: &String| !together.iter().any(|other| other.text.lines().any(|line| line == module));
        match module {
            Some(module) if is_new(&module) => together.push(block),
            _ => alone.push(vec![block]),
        }
    }
    if !together.is_empty() {
        alone.push(together);
    }
    alone
}

/// Line in the document, severity, code.
type Remark = (usize, String, String);

fn expected(block: &Block) -> BTreeSet<Remark> {
    let mut found = BTreeSet::new();
    for (number, line) in block.text.lines().enumerate() {
        for severity in ["error", "warning"] {
            let mark = format!("// {severity}: [");
            for part in line.split(&mark).skip(1) {
                let code = part.split(']').next().unwrap_or_default();
                found.insert((block.line + number + 1, severity.to_owned(), code.to_owned()));
            }
        }
    }
    found
}

fn reported(files: &[Block]) -> BTreeSet<Remark> {
    let mut host = Host::new();
    let names: Vec<String> = files.iter().map(|block| format!("line{}.iom", block.line)).collect();
    host.set_files(names.iter().zip(files).map(|(name, block)| (name.as_str(), block.text.as_str())));
    let mut found = BTreeSet::new();
    for diagnostic in host.diagnostics() {
        let path = host.path(diagnostic.primary.place.file).to_owned();
        let Some(position) = names.iter().position(|name| *name == path) else { continue };
        let lines = iom_base::Lines::new(&files[position].text);
        let line = lines.line_column(diagnostic.primary.place.start()).line as usize;
        let severity = if diagnostic.is_error() { "error" } else { "warning" };
        found.insert((files[position].line + line, severity.to_owned(), diagnostic.code.to_string()));
    }
    found
}

#[test]
fn every_block_says_what_the_compiler_says() {
    let mut wrong = String::new();
    let mut count = 0;
    for path in documents() {
        let text = std::fs::read_to_string(&path).unwrap();
        let name = path.strip_prefix(root()).unwrap_or(&path).display().to_string();
        for files in workspaces(blocks(&text)) {
            count += files.len();
            let wanted: BTreeSet<Remark> = files.iter().flat_map(expected).collect();
            let found = reported(&files);
            for (line, severity, code) in wanted.difference(&found) {
                let _ = writeln!(wrong, "{name}:{line}: {severity} {code} is announced and not given");
            }
            for (line, severity, code) in found.difference(&wanted) {
                let _ = writeln!(wrong, "{name}:{line}: {severity} {code} is given and not announced");
            }
        }
    }
    assert!(count > 50, "only {count} blocks found");
    assert!(wrong.is_empty(), "\n{wrong}");
}
