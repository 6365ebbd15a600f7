//! A folder that is one source: configuration of Terraform, or manifests.

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;
use std::fs;

use camino::{Utf8Path, Utf8PathBuf};
use iom_state::Folder;
use iom_state::terraform_sources::Files;

use crate::configuration::Reading;
use crate::failure::reason;
use crate::fence::Fence;

use super::MOST_BYTES;

/// A folder and what of it is read.
#[derive(Debug)]
pub struct StateFolder {
    root: Utf8PathBuf,
    files: Vec<FolderFile>,
    /// Texts of configuration, as they were read; by name.
    configuration: RefCell<BTreeMap<String, String>>,
    texts: OnceCell<BTreeMap<String, String>>,
    fence: Option<Fence>,
}

/// A file that is read when it is needed.
#[derive(Debug)]
struct FolderFile {
    name: String,
    /// The hash of what was imported.
    imported: OnceCell<String>,
    text: OnceCell<Option<String>>,
}

impl StateFolder {
    /// A folder of which these files are read, relative to it; none where it is one of configuration.
    pub fn new(root: Utf8PathBuf, names: Vec<String>, fence: Option<&Fence>) -> StateFolder {
        let file = |name| FolderFile { name, imported: OnceCell::new(), text: OnceCell::new() };
        StateFolder {
            root,
            files: names.into_iter().map(file).collect(),
            configuration: RefCell::default(),
            texts: OnceCell::new(),
            fence: fence.cloned(),
        }
    }

    /// The folder while it is imported.
    pub fn reading(&self) -> FolderReading<'_> {
        FolderReading { folder: self, configuration: Reading::of(&self.root, "", self.fence.as_ref()) }
    }

    /// How many bytes its files have, as far as that is known.
    pub fn size(&self) -> u64 {
        let sizes = self.files.iter().map(|file| fs::metadata(self.root.join(&file.name)));
        sizes.map(|found| found.map_or(0, |found| found.len())).sum()
    }

    /// The text of a file as it was imported, read again; `None` where it has changed since.
    pub fn text(&self, name: &str) -> Option<&str> {
        if let Some(file) = self.files.iter().find(|file| file.name == name) {
            let read = || {
                let bytes = fs::read(self.root.join(name)).ok()?;
                let is_same = file.imported.get().is_some_and(|hash| *hash == iom_state::sha256(&bytes));
                is_same.then(|| iom_state::text(&bytes).map(std::borrow::Cow::into_owned))?
            };
            return file.text.get_or_init(read).as_deref();
        }
        self.texts.get_or_init(|| self.configuration.take()).get(name).map(String::as_str)
    }
}

/// A folder while it is imported.
pub struct FolderReading<'f> {
    folder: &'f StateFolder,
    configuration: Reading<'f>,
}

impl Files for FolderReading<'_> {
    fn configuration(&mut self, folder: &str) -> Result<Option<Vec<(String, String)>>, String> {
        let files = self.configuration.configuration(folder)?;
        let mut kept = self.folder.configuration.borrow_mut();
        for (name, text) in files.iter().flatten() {
            kept.insert(name.clone(), text.clone());
        }
        Ok(files)
    }

    fn text(&mut self, file: &str) -> Option<String> {
        let text = self.configuration.text(file)?;
        self.folder.configuration.borrow_mut().insert(file.to_owned(), text.clone());
        Some(text)
    }

    fn list(&mut self, folder: &str) -> Vec<String> {
        self.configuration.list(folder)
    }

    fn folders(&mut self, folder: &str) -> Vec<String> {
        self.configuration.folders(folder)
    }
}

impl Folder for FolderReading<'_> {
    fn names(&self) -> Vec<String> {
        self.folder.files.iter().map(|file| file.name.clone()).collect()
    }

    fn bytes(&mut self, name: &str) -> Result<Vec<u8>, String> {
        let bytes = read(&self.folder.root.join(name))?;
        if let Some(file) = self.folder.files.iter().find(|file| file.name == name) {
            file.imported.get_or_init(|| iom_state::sha256(&bytes));
        }
        Ok(bytes)
    }
}

fn read(path: &Utf8Path) -> Result<Vec<u8>, String> {
    let found = fs::metadata(path).map_err(|error| reason(&error).to_string())?;
    if found.len() > MOST_BYTES {
        return Err("more than 4 GiB are not read".to_owned());
    }
    fs::read(path).map_err(|error| reason(&error))
}
