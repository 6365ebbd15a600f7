//! The `.tf` files that a plan was made of.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read};
use std::sync::Arc;

use camino::{Utf8Component, Utf8Path, Utf8PathBuf};
use iom_diagnostics::code;
use iom_state::terraform_sources::{Files, SourcesError, TerraformSources};

use crate::failure::Failure;
use crate::failure::reason;
use crate::fence::Fence;
use crate::walk::forward_slashes;

/// Configuration, read; its texts are kept for excerpts.
#[derive(Debug)]
pub struct Configuration {
    pub sources: Arc<TerraformSources>,
    texts: BTreeMap<String, String>,
}

/// A file of configuration is written by hand: a larger one is something else.
const MOST_BYTES: u64 = 64 << 20;

impl Configuration {
    /// Reads the root module in a folder, which reports call `name`, and the modules it calls.
    pub fn read(folder: &Utf8Path, name: &str, fence: Option<&Fence>) -> Result<Configuration, Failure> {
        fence.map_or(Ok(()), |fence| fence.check(folder, name))?;
        let mut reading = Reading::of(folder, name, fence);
        let failed = |message: String| Failure::coded(code::UNREADABLE_SOURCE, message);
        if !reading.root.is_dir() {
            return Err(failed(format!("{name}: there is no such folder"))
                .help("--source takes the folder with the .tf files that the plan was made of"));
        }
        let sources = TerraformSources::read(&mut reading).map_err(|error| match error {
            SourcesError::Nothing => failed(format!("{name}: there are no .tf files here")),
            SourcesError::Unusable(text) => failed(text),
        })?;
        Ok(Configuration { sources: Arc::new(sources), texts: reading.texts })
    }

    /// The text of a file, by the name that places have.
    pub fn text(&self, file: &str) -> Option<&str> {
        self.texts.get(file).map(String::as_str)
    }
}

/// The files that configuration in a folder consists of, as far as it can be read: names as shown, and paths.
pub fn files(folder: &Utf8Path, name: &str, fence: Option<&Fence>) -> Vec<(String, Utf8PathBuf)> {
    let mut reading = Reading::of(folder, name, fence);
    // What cannot be read is said where it is judged; its files are watched all the same, so that mending it is seen.
    let _ = TerraformSources::read(&mut reading);
    reading.paths.into_iter().collect()
}

/// Reads the files of configuration, and keeps what it read.
#[derive(Debug)]
pub struct Reading<'a> {
    root: &'a Utf8Path,
    name: &'a Utf8Path,
    texts: BTreeMap<String, String>,
    paths: BTreeMap<String, Utf8PathBuf>,
    fence: Option<&'a Fence>,
}

impl Reading<'_> {
    /// Files of a folder, which reports call `name`.
    pub fn of<'a>(folder: &'a Utf8Path, name: &'a str, fence: Option<&'a Fence>) -> Reading<'a> {
        let name = Utf8Path::new(name);
        Reading { root: folder, name, texts: BTreeMap::new(), paths: BTreeMap::new(), fence }
    }

    /// What lies beyond the fence is not there.
    fn may_read(&self, path: &Utf8Path) -> bool {
        self.fence.is_none_or(|fence| fence.holds(path))
    }
}

impl Files for Reading<'_> {
    fn configuration(&mut self, folder: &str) -> Result<Option<Vec<(String, String)>>, String> {
        let name = if folder.is_empty() { self.name.to_owned() } else { self.name.join(folder) };
        let Ok(entries) = self.root.join(folder).read_dir_utf8() else { return Ok(None) };
        let paths = entries.filter_map(|entry| Some(entry.ok()?.into_path()));
        let is_configuration = |path: &Utf8PathBuf| {
            let name = path.file_name().unwrap_or_default();
            (name.ends_with(".tf") || name.ends_with(".tf.json"))
                && !is_ignored(name)
                && path.is_file()
                && self.may_read(path)
        };
        let mut paths: Vec<Utf8PathBuf> = paths.filter(is_configuration).collect();
        paths.sort();
        let mut files = Vec::with_capacity(paths.len());
        for path in paths {
            let name = shown(&name.join(path.file_name().unwrap_or_default()));
            let text = text(&path).map_err(|error| format!("{name}: {}", reason(&error)))?;
            self.texts.insert(name.clone(), text.clone());
            self.paths.insert(name.clone(), path);
            files.push((name, text));
        }
        Ok((!files.is_empty()).then_some(files))
    }

    fn text(&mut self, file: &str) -> Option<String> {
        let path = self.root.join(file);
        self.may_read(&path).then(|| text(&path).ok())?
    }

    fn list(&mut self, folder: &str) -> Vec<String> {
        let folder = self.root.join(folder);
        if self.may_read(&folder) { names_in(&folder, Utf8Path::is_file) } else { Vec::new() }
    }

    fn folders(&mut self, folder: &str) -> Vec<String> {
        let folder = self.root.join(folder);
        if self.may_read(&folder) { names_in(&folder, Utf8Path::is_dir) } else { Vec::new() }
    }
}

fn names_in(folder: &Utf8Path, is_wanted: fn(&Utf8Path) -> bool) -> Vec<String> {
    let Ok(entries) = folder.read_dir_utf8() else { return Vec::new() };
    let entries = entries.filter_map(Result::ok).filter(|entry| is_wanted(entry.path()));
    let mut names: Vec<String> = entries.map(|entry| entry.file_name().to_owned()).collect();
    names.sort();
    names
}

/// Files that Terraform leaves out: what editors leave behind.
fn is_ignored(name: &str) -> bool {
    name.starts_with('.') || name.ends_with('~') || (name.starts_with('#') && name.ends_with('#'))
}

/// A path without detours: `examples/a/../../main.tf` is `main.tf`.
pub fn shown(path: &Utf8Path) -> String {
    let mut short = Utf8PathBuf::new();
    for step in path.components() {
        match step {
            Utf8Component::CurDir => {}
            Utf8Component::ParentDir
                if matches!(short.components().next_back(), Some(Utf8Component::Normal(_))) =>
            {
                short.pop();
            }
            step => short.push(step),
        }
    }
    forward_slashes(&short)
}

fn text(path: &Utf8Path) -> io::Result<String> {
    let mut text = String::new();
    fs::File::open(path)?.take(MOST_BYTES + 1).read_to_string(&mut text)?;
    if text.len() as u64 > MOST_BYTES {
        return Err(io::Error::other("more than 64 MiB are no configuration"));
    }
    Ok(text)
}
