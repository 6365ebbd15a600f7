//! The `.tf` files beside a plan. A plan says what will be and lists which references an expression has, but neither the
//! values of `local`s nor where anything is written; the configuration that it was made of says both.
//!
//! Nothing is evaluated here: what a value is stays the plan's to say.

mod local;
mod module;
mod written;

use std::collections::BTreeMap;

use hcl_edit::parser::parse_body;
use rustc_hash::FxHashMap;
use sha2::{Digest, Sha256};

use crate::document::LineStarts;
use crate::terraform_plan::addresses;
pub(crate) use local::Local;
use module::Module;

/// Reads what configuration consists of. Names are relative to the folder of the root module, with `/` between steps.
pub trait Files {
    /// The `.tf` files of a folder, sorted by name: their names and texts; `None` where there is no such folder.
    ///
    /// # Errors
    /// Why a file that is there cannot be read, with its name.
    fn configuration(&mut self, folder: &str) -> Result<Option<Vec<(String, String)>>, String>;

    /// The text of one file, if it is there and is text.
    fn text(&mut self, file: &str) -> Option<String>;
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
        reading.installed();
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
        installed.or_else(|| joined(&caller.folder, caller.calls.get(call)?))
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
    /// What `terraform init` installed, if it ran. A list that is not as expected is as good as none: the calls of local
    /// folders are found without it.
    fn installed(&mut self) {
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
        let Some(text) = self.files.text(INSTALLED) else { return };
        let Ok(installed) = serde_json::from_str::<Installed>(&text) else { return };
        let folders = installed.modules.into_iter().filter(|entry| !entry.key.is_empty());
        self.sources.installed =
            folders.filter_map(|entry| Some((entry.key, joined("", &entry.dir)?))).collect();
    }

    /// Reads the files of a folder; whether there are any.
    fn folder(&mut self, folder: &str) -> Result<bool, SourcesError> {
        let files = self.files.configuration(folder).map_err(SourcesError::Unusable)?.unwrap_or_default();
        let mut module = Module { folder: folder.to_owned(), ..Module::default() };
        let is_there = !files.is_empty();
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

    /// Follows the calls from the root on. A folder that is called often is read once; only what `terraform init` noted
    /// depends on the whole path of calls, and it lists those paths.
    fn calls(&mut self, missing: &mut BTreeMap<String, String>) -> Result<(), SourcesError> {
        let mut folders: Vec<String> = self.sources.installed.values().cloned().collect();
        folders.sort();
        folders.dedup();
        for folder in &folders {
            if !self.sources.modules.contains_key(folder) {
                self.folder(folder)?;
            }
        }
        folders.push(String::new());
        let mut next = 0;
        while let Some(folder) = folders.get(next).cloned() {
            next += 1;
            let Some(module) = self.sources.modules.get(&folder) else { continue };
            let mut calls: Vec<(String, String)> =
                module.calls.iter().map(|(name, source)| (name.clone(), source.clone())).collect();
            calls.sort();
            for (name, source) in calls {
                let called = joined(&folder, &source);
                let is_known =
                    called.as_ref().is_some_and(|called| self.sources.modules.contains_key(called));
                if is_known || self.is_installed(&name) {
                    continue;
                }
                match called {
                    Some(called) if folders.len() < MOST_FOLDERS && self.folder(&called)? => {
                        folders.push(called)
                    }
                    _ => {
                        missing.insert(format!("module.{name}"), source);
                    }
                }
            }
        }
        Ok(())
    }

    /// Whether a call of this name was installed, in whatever module.
    fn is_installed(&self, name: &str) -> bool {
        let is_it = |path: &String| path.rsplit('.').next() == Some(name);
        self.sources
            .installed
            .iter()
            .any(|(path, folder)| is_it(path) && self.sources.modules.contains_key(folder))
    }
}

/// A local module's folder as seen from the root; `None` for modules of a registry or a repository.
fn joined(folder: &str, source: &str) -> Option<String> {
    let is_local = source.starts_with("./") || source.starts_with("../") || matches!(source, "." | "..");
    let is_installed = folder.is_empty() && !source.contains("://") && !source.starts_with('/');
    if !is_local && !is_installed {
        return None;
    }
    let mut steps: Vec<&str> = folder.split('/').filter(|step| !step.is_empty()).collect();
    for step in source.split('/') {
        match step {
            "" | "." => {}
            ".." if steps.last().is_some_and(|last| *last != "..") => {
                steps.pop();
            }
            step => steps.push(step),
        }
    }
    Some(steps.join("/"))
}

#[cfg(test)]
mod tests;
