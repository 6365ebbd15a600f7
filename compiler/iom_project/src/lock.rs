//! `iom.lock`: what the dependencies were when somebody last looked.

use std::fmt::Write as _;
use std::fs;

use camino::{Utf8Path, Utf8PathBuf};
use iom_base::Span;
use iom_diagnostics::{Diagnostic, code};
use sha2::{Digest, Sha256};
use smol_str::SmolStr;
use toml::de::{DeTable, DeValue};

use crate::failure::reason;
use crate::workspace::Workspace;
use iom_manifest as manifest;

const FILE_NAME: &str = "iom.lock";

/// What a command does about the lock file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Locking {
    /// Compares, and writes nothing.
    Verify,
    /// Compares, and writes down what is new.
    Extend,
    /// Writes down what there is.
    Update,
}

/// One package with the hash over everything it is made of.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Entry {
    name: String,
    path: String,
    sha256: String,
}

/// What is to be written once the command has done its work.
#[derive(Debug)]
pub struct Pending {
    path: Utf8PathBuf,
    text: String,
}

impl Pending {
    /// A workspace that cannot be written to can be judged all the same: then this says why.
    pub fn write(&self) -> Result<(), String> {
        fs::write(&self.path, &self.text)
            .map_err(|error| format!("note: {FILE_NAME} can't be written: {}\n", reason(&error)))
    }
}

/// Compares the dependencies with the lock file. `reference_files` are the files that declarations name, relative to the
/// workspace.
pub fn check(
    workspace: &Workspace,
    reference_files: &[SmolStr],
    locking: Locking,
) -> (Vec<Diagnostic<Span>>, Option<Pending>) {
    let mut found = Vec::new();
    if workspace.packages.all.is_empty() {
        return (found, None);
    }
    let path = workspace.root.join(FILE_NAME);
    let written = fs::read_to_string(&path).ok();
    let known = written.as_deref().and_then(read);
    if written.is_some() && known.is_none() && locking != Locking::Update {
        let message = format!("{FILE_NAME} cannot be read");
        let diagnostic = Diagnostic::new(code::LOCK_MISMATCH, first_place(workspace), message);
        found.push(diagnostic.help("run `iomc check --update-lock` to write it anew"));
        return (found, None);
    }
    let entries: Vec<Entry> = entries(workspace, reference_files);
    if locking != Locking::Update {
        let known = known.unwrap_or_default();
        found.extend(entries.iter().filter_map(|entry| mismatch(workspace, entry, &known)));
    }
    let text = text_of(&entries);
    let is_new = locking != Locking::Verify && found.is_empty() && written.as_deref() != Some(text.as_str());
    (found, is_new.then_some(Pending { path, text }))
}

fn mismatch(workspace: &Workspace, entry: &Entry, known: &[Entry]) -> Option<Diagnostic<Span>> {
    let locked = known.iter().find(|other| other.name == entry.name && other.path == entry.path)?;
    if locked.sha256 == entry.sha256 {
        return None;
    }
    let message = format!("`{}` is not what {FILE_NAME} says it was", entry.name);
    let diagnostic = Diagnostic::new(code::LOCK_MISMATCH, place_of(workspace, &entry.name), message)
        .label("has changed")
        .note(format!("{} was locked with another content", entry.path))
        .help("look at what changed there, then run `iomc check --update-lock`");
    Some(diagnostic)
}

fn entries(workspace: &Workspace, reference_files: &[SmolStr]) -> Vec<Entry> {
    let mut entries: Vec<Entry> = workspace
        .packages
        .all
        .iter()
        .map(|package| {
            let is_its = |path: &str| {
                workspace.packages.holding(path).is_some_and(|holding| holding.name == package.name)
            };
            let sources = workspace.dependency_files.iter().map(|file| file.path.as_str());
            let mut files: Vec<String> = vec![format!("{}/{}", package.folder, manifest::FILE_NAME)];
            files.extend(
                sources
                    .chain(reference_files.iter().map(SmolStr::as_str))
                    .filter(|path| is_its(path))
                    .map(str::to_owned),
            );
            files.sort();
            files.dedup();
            Entry {
                name: package.name.to_string(),
                path: package.folder.to_string(),
                sha256: hash(&workspace.root, &package.folder, &files),
            }
        })
        .collect();
    entries.sort_by(|left, right| left.name.cmp(&right.name));
    entries
}

/// Over the files in order of their paths below the package's folder: path, length and bytes of each.
fn hash(root: &Utf8Path, folder: &str, files: &[String]) -> String {
    let mut hasher = Sha256::new();
    for path in files {
        let below = path.strip_prefix(folder).unwrap_or(path);
        let bytes = fs::read(root.join(path)).unwrap_or_default();
        hasher.update((below.len() as u64).to_le_bytes());
        hasher.update(below.as_bytes());
        hasher.update((bytes.len() as u64).to_le_bytes());
        hasher.update(&bytes);
    }
    hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn text_of(entries: &[Entry]) -> String {
    let mut text = String::from("# Written by iomc; renewed by `iomc check --update-lock`.\nversion = 1\n");
    for entry in entries {
        // Writing to a string cannot fail. TOML's basic strings escape as Rust's do, for what paths hold.
        let _ = write!(
            text,
            "\n[[package]]\nname = {:?}\npath = {:?}\nsha256 = {:?}\n",
            entry.name, entry.path, entry.sha256
        );
    }
    text
}

/// `None` where the text is no lock file.
fn read(text: &str) -> Option<Vec<Entry>> {
    let document = DeTable::parse(text).ok()?;
    let value = |table: &DeTable<'_>, key: &str| -> Option<String> {
        match table.iter().find(|(name, _)| name.get_ref() == key)?.1.get_ref() {
            DeValue::String(text) => Some(text.to_string()),
            _ => None,
        }
    };
    let packages = document.get_ref().iter().find(|(name, _)| name.get_ref() == "package");
    let Some((_, packages)) = packages else { return Some(Vec::new()) };
    let DeValue::Array(items) = packages.get_ref() else { return None };
    items
        .iter()
        .map(|item| match item.get_ref() {
            DeValue::Table(table) => Some(Entry {
                name: value(table, "name")?,
                path: value(table, "path")?,
                sha256: value(table, "sha256")?,
            }),
            _ => None,
        })
        .collect()
}

/// Where the workspace names a package; where it comes through another one, the first dependency of all.
fn place_of(workspace: &Workspace, name: &str) -> Span {
    let dependencies = workspace.manifest.dependencies.iter();
    let named = dependencies.filter(|one| one.path.is_some() && one.name.replace('-', "_") == name);
    named.map(|one| one.place).next().unwrap_or_else(|| first_place(workspace))
}

fn first_place(workspace: &Workspace) -> Span {
    let dependencies = workspace.manifest.dependencies.iter();
    let mut by_path = dependencies.filter(|one| one.path.is_some()).map(|one| one.place);
    by_path.next().unwrap_or_else(|| Span::new(iom_base::FileId(u32::MAX), iom_base::TextRange::default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let entries = vec![
            Entry { name: "a".into(), path: "../a \"b\"".into(), sha256: "00".into() },
            Entry { name: "b".into(), path: "vendor/b".into(), sha256: "11".into() },
        ];
        assert_eq!(read(&text_of(&entries)), Some(entries));
        assert_eq!(read("version = 1\n"), Some(Vec::new()));
        assert_eq!(read("package = 3\n"), None);
        assert_eq!(read("[["), None);
    }
}
