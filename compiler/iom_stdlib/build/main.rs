//! Makes the index of the standard library: reads every `.iom` file below `stdlib/`, and writes what they declare as Rust
//! constants beside the texts, and their declarations' syntax beside those. Nothing is parsed at run time, neither to find a
//! name, an alias, a control or a source type nor to read what is declared.

// A build script stops by panicking: the message is what the person who broke a library file sees.
#![allow(clippy::panic, clippy::expect_used)]

mod facts;
mod names;
mod syntax;
mod write;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use facts::LibraryFile;
use syntax::StoredSyntax;

/// Where the library is, seen from this crate.
const LIBRARY: &str = "../../stdlib";

fn main() {
    let crate_folder =
        PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo says where the crate is"));
    let root = crate_folder.join(LIBRARY);
    println!("cargo::rerun-if-changed={}", root.display());
    let mut paths = Vec::new();
    collect(&root, String::new(), &mut paths);
    // The order of folders on disk is arbitrary; positions in the index are ids of files.
    paths.sort();

    let mut faults = Vec::new();
    let mut files = Vec::new();
    let mut syntax = StoredSyntax::default();
    for path in &paths {
        let text =
            fs::read_to_string(root.join(path)).unwrap_or_else(|error| panic!("stdlib/{path}: {error}"));
        let parse = iom_syntax::parse(&text);
        for error in parse.errors() {
            let (line, column) = position(&text, error.primary.place.start().into());
            let help = error.help.as_deref().map(|help| format!(" ({help})")).unwrap_or_default();
            faults.push(format!("stdlib/{path}:{line}:{column}: {}{help}", error.message));
        }
        // Tests of the library are checked for syntax, but no part of it.
        if !path.ends_with("_test.iom") {
            files.push(LibraryFile::read(path, &parse.syntax()));
            syntax.add(&text);
        }
    }
    faults.extend(names::resolve(&mut files));
    if !faults.is_empty() {
        panic!("the standard library has mistakes:\n{}\n", faults.join("\n"));
    }

    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo says where to write"));
    fs::write(out.join("index.rs"), write::index(&files)).expect("the index can be written");
    fs::write(out.join("syntax.rs"), syntax.index()).expect("the index of the syntax can be written");
    fs::write(out.join("syntax.bin"), syntax.bytes()).expect("the syntax can be written");
}

/// Paths of all `.iom` files below a folder, relative to the library, with `/` on every platform.
fn collect(folder: &Path, prefix: String, paths: &mut Vec<String>) {
    println!("cargo::rerun-if-changed={}", folder.display());
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    for entry in entries {
        let entry = entry.unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        let name = entry.file_name().into_string().unwrap_or_else(|name| panic!("{name:?} is no UTF-8"));
        let path = entry.path();
        if path.is_dir() {
            collect(&path, format!("{prefix}{name}/"), paths);
        } else if name.ends_with(".iom") {
            println!("cargo::rerun-if-changed={}", path.display());
            paths.push(format!("{prefix}{name}"));
        }
    }
}

/// Line and column of a byte, both from 1.
fn position(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or(before).chars().count() + 1;
    (line, column)
}
