//! The fenced blocks of the documents: the README, CONTRIBUTING, an example's README and everything below `spec/`.
//!
//! A block whose text has a `module` line, and a block whose fence names a file (`iom storage.iom`, `json plan.json`), are
//! files of one workspace per document. A file that is given a second time replaces the first from there on. Every other
//! `iom` block stands alone. `iom,ignore` is not for the compiler, and the text before it says why.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

#[derive(Clone, Debug)]
pub struct Block {
    /// Line of the fence, from 1.
    pub line: usize,
    /// The first word of the fence: `iom`, `console`, `json` or others.
    pub language: String,
    /// The file of the document's workspace that the block is.
    pub file: Option<String>,
    pub text: String,
}

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

pub fn documents() -> Vec<PathBuf> {
    let named = ["README.md", "CONTRIBUTING.md", "examples/estate/README.md"];
    let mut found: Vec<PathBuf> = named.iter().map(|name| root().join(name)).collect();
    let mut folders = vec![root().join("spec")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
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

/// The path as readers know it.
pub fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}

pub fn blocks(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for (number, line) in text.lines().enumerate() {
        match (&mut open, line.trim_start().strip_prefix("```")) {
            (None, Some(info)) => {
                let mut words = info.split_whitespace();
                let language = words.next().unwrap_or_default().to_owned();
                let file = words.next().map(str::to_owned);
                open = Some(Block { line: number + 1, language, file, text: String::new() });
            }
            (Some(_), Some(_)) => blocks.extend(open.take().map(named_by_its_module)),
            (Some(block), None) => {
                block.text.push_str(line);
                block.text.push('\n');
            }
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a block is not closed");
    blocks
}

/// `module payments.prod` stands in `payments/prod.iom` where nothing else is said.
fn named_by_its_module(mut block: Block) -> Block {
    if block.language == "iom" && block.file.is_none() {
        let module = block.text.lines().find_map(|line| line.strip_prefix("module "));
        block.file = module.map(|name| format!("{}.iom", name.trim().replace('.', "/")));
    }
    block
}

/// Blocks of a document that are looked at together: its files as they are before one of them is given again, and once
/// more at the end; and each block that stands alone.
pub fn workspaces(blocks: &[Block]) -> Vec<Vec<Block>> {
    let mut files: BTreeMap<String, Block> = BTreeMap::new();
    let mut found: Vec<Vec<Block>> = Vec::new();
    for block in blocks {
        match &block.file {
            Some(file) => {
                if files.contains_key(file) {
                    found.push(files.values().cloned().collect());
                }
                files.insert(file.clone(), block.clone());
            }
            None if block.language == "iom" => found.push(vec![block.clone()]),
            None => {}
        }
    }
    if !files.is_empty() {
        found.push(files.into_values().collect());
    }
    found
}
