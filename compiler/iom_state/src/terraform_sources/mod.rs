//! The `.tf` files beside a plan. A plan says what will be and lists which references an expression has, but neither the
//! values of `local`s nor where anything is written; the configuration that it was made of says both.
//!
//! Nothing is evaluated here: what a value is stays the plan's to say.

mod local;
mod module;
mod written;

use std::collections::BTreeMap;

use hcl_edit::parser::parse_body;
use rustc_hash::{FxHashMap, FxHashSet};
use sha2::{Digest, Sha256};

use crate::document::LineStarts;
use crate::terraform_plan::addresses;
pub(crate) use local::Local;
use module::Module;

/// Reads what configuration consists of. Names are relative to the folder of the root module, with `/` between steps.
pub trait Files {
    /// The `.tf` and `.tf.json` files of a folder, sorted by name: their names and texts; `None` where there is no such
    /// folder.
    ///
    /// # Errors
    /// Why a file that is there cannot be read, with its name.
    fn configuration(&mut self, folder: &str) -> Result<Option<Vec<(String, String)>>, String>;

    /// The text of one file, if it is there and is text.
    fn text(&mut self, file: &str) -> Option<String>;

    /// The names of the files that stand in a folder, without the folder.
    fn list(&mut self, _folder: &str) -> Vec<String> {
        Vec::new()
    }

    /// The names of the folders in a folder, without it.
    fn folders(&mut self, _folder: &str) -> Vec<String> {
        Vec::new()
    }
}

/// The configuration of a root module and of the modules it calls, as far as they are at hand.
#[derive(Clone, Debug)]
pub struct TerraformSources {
    files: Vec<SourceFile>,
    /// By folder; the root module's is the empty text.
    modules: FxHashMap<String, Module>,
    /// The folders of module calls as `terraform init` notes them: `vpc.subnets` is the call `subnets` inside of `vpc`.
    installed: FxHashMap<String, String>,
    /// Modules that are called and not here, as `module.vpc`: sorted, each with the folder or address it was looked for.
    pub missing: Vec<(String, String)>,
    /// Lower-case hex of the SHA-256 of all names and texts.
    pub sha256: String,
}

/// A file, without its text.
#[derive(Clone, Debug)]
struct SourceFile {
    name: String,
    lines: LineStarts,
}

/// Where something is written: file, line and column, both from 1.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct WrittenPlace<'a> {
    pub file: &'a str,
    pub line: u32,
    pub column: u32,
}

/// Why configuration cannot be used.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SourcesError {
    /// The root module's folder has no `.tf` files.
    Nothing,
    /// In plain words, with the file's name and the place in it.
    Unusable(String),
}

/// More folders than this are no configuration that a person has.
const MOST_FOLDERS: usize = 4096;

/// Where `terraform init` notes what it installed.
const INSTALLED: &str = ".terraform/modules/modules.json";

impl TerraformSources {
    /// Reads the root module and every module that is called and at hand.
    ///
    /// # Errors
    /// Where a file cannot be read or is no configuration: half of it would give half of the answers.
    pub fn read(files: &mut dyn Files) -> Result<TerraformSources, SourcesError> {
        let mut reading = Reading {
            files,
            hash: Sha256::new(),
            sources: TerraformSources {
                files: Vec::new(),
                modules: FxHashMap::default(),
                installed: FxHashMap::default(),
                missing: Vec::new(),
                sha256: String::new(),
            },
        };
        reading.sources.installed = installed_folders(reading.files);
        let mut missing = BTreeMap::new();
        if !reading.folder("")? {
            return Err(SourcesError::Nothing);
        }
        reading.calls(&mut missing)?;
        let Reading { hash, mut sources, .. } = reading;
        sources.missing = missing.into_iter().collect();
        sources.sha256 = crate::hexadecimal(&hash.finalize());
        Ok(sources)
    }

    /// How many files were read.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// The module behind the calls of an address: `module.a["k"].module.b` is what `b` calls in what `a` calls.
    fn module(&self, address: &str) -> Option<&Module> {
        let mut path = String::new();
        let mut module = self.modules.get("")?;
        let mut steps = addresses::steps(address);
        while let (Some(_), Some(call)) = (steps.next(), steps.next()) {
            if !path.is_empty() {
                path.push('.');
            }
            path.push_str(call.name);
            let folder = self.folder_of(&path, module, call.name)?;
            module = self.modules.get(&folder)?;
        }
        Some(module)
    }

    fn folder_of(&self, path: &str, caller: &Module, call: &str) -> Option<String> {
        let installed = self.installed.get(path).cloned();
        installed.or_else(|| local_folder(&caller.folder, caller.calls.get(call)?))
    }

    /// The value of a `local` of a module instance.
    pub(crate) fn local(&self, module: &str, name: &str) -> Option<&Local> {
        self.module(module)?.locals.get(name)
    }

    /// Where the value of an object stands in the configuration: as near as can be told, at least its block.
    ///
    /// `path` is a JSON pointer into the object's attributes, `/ingress/0/from_port`, or empty for the block.
    pub fn place(&self, address: &str, path: &str) -> Option<WrittenPlace<'_>> {
        let address = addresses::resource_address(address)?;
        let block = self.module(address.module)?.resources.get(address.local)?;
        let file = self.files.get(block.file as usize)?;
        let (line, column) = file.lines.place(block.written.at(path));
        Some(WrittenPlace { file: &file.name, line, column })
    }
}

/// Configuration being read.
struct Reading<'f> {
    files: &'f mut dyn Files,
    hash: Sha256,
    sources: TerraformSources,
}

impl Reading<'_> {
    /// Reads the files of a folder; whether there are any.
    fn folder(&mut self, folder: &str) -> Result<bool, SourcesError> {
        let files = self.files.configuration(folder).map_err(SourcesError::Unusable)?.unwrap_or_default();
        let mut module = Module { folder: folder.to_owned(), ..Module::default() };
        let is_there = !files.is_empty();
        // What is written in JSON is not looked into: nothing but places would come of it.
        let files: Vec<_> = files.into_iter().filter(|(name, _)| !name.ends_with(".json")).collect();
        for (name, text) in files {
            self.hash.update((name.len() as u64).to_be_bytes());
            self.hash.update(&name);
            self.hash.update((text.len() as u64).to_be_bytes());
            self.hash.update(&text);
            if text.len() > u32::MAX as usize {
                return Err(SourcesError::Unusable(format!("{name}: more than 4 GiB are not read")));
            }
            let body = parse_body(&text).map_err(|error| {
                let (line, column) = (error.location().line(), error.location().column());
                let message = error.message();
                SourcesError::Unusable(format!(
                    "{name}:{line}:{column}: this is no Terraform configuration: {message}"
                ))
            })?;
            module.add(&body, self.sources.files.len() as u32);
            self.sources.files.push(SourceFile { name, lines: LineStarts::of(&text) });
        }
        if is_there {
            self.sources.modules.insert(folder.to_owned(), module);
        }
        Ok(is_there)
    }

    /// Follows the calls from the root on, each by its path: what `terraform init` noted depends on all of it. Below the
    /// paths that it noted only the folder counts, and a folder that is called often is looked at once.
    fn calls(&mut self, missing: &mut BTreeMap<String, String>) -> Result<(), SourcesError> {
        let mut noted: FxHashSet<String> = FxHashSet::default();
        for path in self.sources.installed.keys() {
            noted.extend(path.match_indices('.').filter_map(|(end, _)| path.get(..end)).map(str::to_owned));
        }
        let mut left = vec![(String::new(), String::new())];
        let mut seen: FxHashSet<String> = FxHashSet::default();
        while let Some((path, folder)) = left.pop() {
            if !(noted.contains(&path) || seen.insert(folder.clone())) {
                continue;
            }
            let Some(module) = self.sources.modules.get(&folder) else { continue };
            let mut calls: Vec<(String, String)> =
                module.calls.iter().map(|(name, source)| (name.clone(), source.clone())).collect();
            calls.sort();
            for (name, source) in calls {
                let separator = if path.is_empty() { "" } else { "." };
                let inside = format!("{path}{separator}{name}");
                let noted = self.sources.installed.get(&inside).cloned();
                let mut found = None;
                for called in [noted, local_folder(&folder, &source)].into_iter().flatten() {
                    if found.is_none() && self.is_there(&called)? {
                        found = Some(called);
                    }
                }
                match found {
                    Some(called) => left.push((inside, called)),
                    None => {
                        missing.insert(format!("module.{name}"), source);
                    }
                }
            }
        }
        Ok(())
    }

    /// Reads a folder, unless it is read already; whether there is a module in it.
    fn is_there(&mut self, folder: &str) -> Result<bool, SourcesError> {
        if self.sources.modules.contains_key(folder) {
            return Ok(true);
        }
        if self.sources.modules.len() >= MOST_FOLDERS {
            return Ok(false);
        }
        self.folder(folder)
    }
}

/// What `terraform init` installed, if it ran: folders by the path of the calls, `vpc.subnets`. A list that is not as
/// expected is as good as none: the calls of local folders are found without it.
pub(crate) fn installed_folders(files: &mut dyn Files) -> FxHashMap<String, String> {
    #[derive(serde::Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Installed {
        modules: Vec<Entry>,
    }
    #[derive(serde::Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Entry {
        key: String,
        dir: String,
    }
    let Some(text) = files.text(INSTALLED) else { return FxHashMap::default() };
    let Ok(installed) = serde_json::from_str::<Installed>(&text) else { return FxHashMap::default() };
    let folders = installed.modules.into_iter().filter(|entry| !entry.key.is_empty());
    folders.map(|entry| (entry.key, joined("", &entry.dir))).collect()
}

/// A local module's folder as seen from the root; `None` for modules of a registry or a repository.
pub(crate) fn local_folder(folder: &str, source: &str) -> Option<String> {
    let is_local = source.starts_with("./") || source.starts_with("../") || matches!(source, "." | "..");
    is_local.then(|| joined(folder, source))
}

/// A path that goes on from a folder, without detours. One from the top of the file system stays one.
fn joined(folder: &str, path: &str) -> String {
    let from = if path.starts_with('/') { "" } else { folder };
    let is_absolute = path.starts_with('/') || folder.starts_with('/');
    let mut steps: Vec<&str> = Vec::new();
    for step in from.split('/').chain(path.split('/')) {
        match step {
            "" | "." => {}
            ".." if steps.last().is_some_and(|last| *last != "..") => {
                steps.pop();
            }
            step => steps.push(step),
        }
    }
    let joined = steps.join("/");
    if is_absolute { format!("/{joined}") } else { joined }
}

#[cfg(test)]
mod tests;
