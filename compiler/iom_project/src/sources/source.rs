use std::borrow::Cow;
use std::cell::{Cell, OnceCell, RefCell};
use std::fs::File;
use std::io::{self, Read, Seek};
use std::sync::Arc;

use camino::Utf8Path;
use iom_base::Span;
use iom_diagnostics::code;
use iom_model::Duration;
use iom_state::About;
use iom_state::document::{Document, Format, ImportError, ImportErrorKind, Layer, Wanted};
use iom_state::rewritten::{Difference, Imprint};
use iom_state::tape::Strings;
use iom_stdlib::secrets;

use super::folder::StateFolder;
use super::unreadable;
use crate::configuration::{Configuration, shown};
use crate::failure::Failure;

/// Files from this size on are read piece by piece, if that is possible.
const LARGE: u64 = 1 << 20;

/// Files of a folder that may be left out because they cannot be used.
const MOST_SKIPPED: usize = 1000;

/// One source that can be read.
#[derive(Debug)]
pub struct Source {
    /// As reports call it.
    pub name: String,
    pub layer: Option<Layer>,
    pub format: Option<Format>,
    pub(super) content: Content,
    /// Nobody named it: what of it cannot be used is left out and told.
    pub(super) is_found: bool,
    /// Files that were left out.
    pub(super) skipped: RefCell<Vec<SkippedFile>>,
    /// Where a manifest names it; nothing for `--state`.
    pub place: Option<Span>,
    /// What a manifest says about it beyond its place; nothing for `--state`.
    pub claims: Claims,
    /// The hash of what was imported.
    imported: OnceCell<String>,
    /// The configuration that a plan was made of.
    pub configuration: Option<Arc<Configuration>>,
    text: OnceCell<Option<String>>,
    /// It was read piece by piece.
    is_in_pieces: Cell<bool>,
}

fn may_hold_secrets(mut file: &File) -> io::Result<bool> {
    /// What is looked for may stand across the border of two pieces.
    const BORDER: usize = 64;
    file.rewind()?;
    let mut buffer = vec![0; 1 << 18];
    let mut kept = 0;
    let found = loop {
        let read = file.read(&mut buffer[kept..])?;
        if read == 0 {
            break false;
        }
        let filled = kept + read;
        if secrets::may_be_in(&buffer[..filled]) {
            break true;
        }
        kept = BORDER.min(filled);
        buffer.copy_within(filled - kept..filled, 0);
    };
    file.rewind()?;
    Ok(found)
}

#[derive(Debug)]
pub(super) enum Content {
    File(File),
    /// What can be read only once.
    Bytes(Vec<u8>),
    Folder(StateFolder),
}

impl Source {
    pub(super) fn new(name: &str, content: Content) -> Source {
        Source {
            name: name.to_owned(),
            layer: None,
            format: None,
            content,
            is_found: false,
            skipped: RefCell::default(),
            place: None,
            claims: Claims::default(),
            imported: OnceCell::new(),
            configuration: None,
            text: OnceCell::new(),
            is_in_pieces: Cell::new(false),
        }
    }

    /// Whether anything in the source looks like a secret or is called like one. What can't be read does not; a folder may,
    /// since its files are not looked at before they are imported.
    pub fn may_hold_secrets(&self) -> bool {
        match &self.content {
            Content::Bytes(bytes) => secrets::may_be_in(bytes),
            Content::File(file) => may_hold_secrets(file).unwrap_or(false),
            Content::Folder(_) => true,
        }
    }

    /// What is wanted of the source: a document for each layer that it describes.
    pub fn import(&self, wanted: &dyn Wanted, strings: &mut Strings) -> Result<Vec<Document>, Failure> {
        match &self.content {
            Content::Folder(folder) => self.import_folder(folder, wanted, strings),
            _ => Ok(vec![self.import_file(wanted, strings)?]),
        }
    }

    /// What of a source that nobody named cannot be used is an empty one.
    fn skip(&self, error: &ImportError) -> Result<Document, Failure> {
        if !self.is_found {
            return Err(self.unusable(error));
        }
        self.skipped.borrow_mut().push(self.skipped_file(error));
        Ok(Document::of(self.format.unwrap_or(Format::TerraformPlan)))
    }

    fn import_file(&self, wanted: &dyn Wanted, strings: &mut Strings) -> Result<Document, Failure> {
        let sources = self.configuration.as_ref().map(|configuration| &configuration.sources);
        let document = match self.import_in_pieces(wanted, strings) {
            Some(document) => Document { sources: sources.cloned(), ..document },
            None => {
                let bytes = self.bytes().map_err(|error| unreadable(&self.name, &error))?;
                let name = self.name.rsplit('/').next().unwrap_or_default();
                let about = About { format: self.format, name, sources };
                let imported = iom_state::import_file(&bytes, &about, wanted, strings);
                match imported {
                    Ok(document) => document,
                    Err(error) => return self.skip(&error),
                }
            }
        };
        self.imported.get_or_init(|| document.sha256.clone());
        Ok(document)
    }

    /// Of a folder that nobody named, files that cannot be used are left out.
    fn import_folder(
        &self,
        folder: &StateFolder,
        wanted: &dyn Wanted,
        strings: &mut Strings,
    ) -> Result<Vec<Document>, Failure> {
        let mut count = 0;
        let mut on_error = |error: ImportError| {
            count += 1;
            if !self.is_found || count > MOST_SKIPPED {
                return Err(error);
            }
            self.skipped.borrow_mut().push(self.skipped_file(&error));
            Ok(())
        };
        let format = self.format.unwrap_or(Format::Terraform);
        let imported =
            iom_state::import_folder(&mut folder.reading(), format, &mut on_error, wanted, strings);
        imported.or_else(|error| Ok(vec![self.skip(&error)?]))
    }

    /// A file of the source, as reports show it.
    fn file(&self, name: &str) -> String {
        shown(&Utf8Path::new(&self.name).join(name))
    }

    /// Files that were left out: known once the source was imported.
    pub fn skipped(&self) -> Vec<SkippedFile> {
        self.skipped.borrow().clone()
    }

    /// Whether files of this source that are state could not be used.
    pub fn lacks_files(&self) -> bool {
        self.skipped.borrow().iter().any(|file| file.why != super::NOT_KNOWN)
    }

    fn skipped_file(&self, error: &ImportError) -> SkippedFile {
        let file = error.file.as_ref().map_or_else(|| self.name.clone(), |file| self.file(file));
        SkippedFile { file, place: error.place, why: error.message.clone() }
    }

    fn import_in_pieces(&self, wanted: &dyn Wanted, strings: &mut Strings) -> Option<Document> {
        let Content::File(file) = &self.content else { return None };
        let is_large = file.metadata().is_ok_and(|found| found.len() >= LARGE);
        let document =
            is_large.then(|| iom_state::import_in_pieces(&mut &*file, self.format, wanted, strings))?;
        self.is_in_pieces.set(document.is_some());
        document
    }

    /// What to remember of the file, which was imported, so that it can be compared; nothing where that can't be done.
    pub(super) fn imprint(&self, document: &Document) -> Option<Imprint> {
        let Content::File(file) = &self.content else { return None };
        let mut file = self.is_in_pieces.get().then_some(file)?;
        let offsets = Imprint::offsets(document)?;
        file.rewind().ok()?;
        let imprint = Imprint::of(&mut file, &offsets, &document.sha256);
        file.rewind().ok()?;
        imprint
    }

    /// What is different about the file; nothing where that can't be told.
    pub(super) fn compare(&self, imprint: &mut Imprint) -> Option<Difference> {
        let Content::File(file) = &self.content else { return None };
        let mut file = file;
        file.rewind().ok()?;
        let difference = imprint.compare(&mut file);
        file.rewind().ok()?;
        difference
    }

    /// Whether a file has a hash.
    pub(super) fn says(&self, sha256: &str) -> bool {
        self.bytes().is_ok_and(|bytes| iom_state::sha256(&bytes) == sha256)
    }

    /// Says that what was read has a hash.
    pub(super) fn is_read(&self, sha256: &str) {
        self.imported.get_or_init(|| sha256.to_owned());
    }

    /// How many bytes it has, as far as that is known.
    pub fn size(&self) -> u64 {
        match &self.content {
            Content::Bytes(bytes) => bytes.len() as u64,
            Content::Folder(folder) => folder.size(),
            Content::File(file) => file.metadata().map_or(0, |found| found.len()),
        }
    }

    fn bytes(&self) -> io::Result<Cow<'_, [u8]>> {
        match &self.content {
            Content::Bytes(bytes) => Ok(Cow::Borrowed(bytes)),
            Content::Folder(_) => Err(io::Error::from(io::ErrorKind::IsADirectory)),
            Content::File(file) => {
                let mut file = file;
                file.rewind()?;
                let mut bytes = Vec::new();
                // Knows the size, so nothing is copied while it grows.
                file.read_to_end(&mut bytes)?;
                Ok(Cow::Owned(bytes))
            }
        }
    }

    /// The text of a file of the source as it was imported, read again; `None` where it is another source's, or has changed
    /// since.
    pub fn text(&self, file: &str) -> Option<&str> {
        if let Content::Folder(folder) = &self.content {
            let inside = match self.name.as_str() {
                "." => file,
                name => file.strip_prefix(name.trim_end_matches('/'))?.strip_prefix('/')?,
            };
            return folder.text(inside);
        }
        if self.name != file {
            return None;
        }
        let read = || {
            let bytes = self.bytes().ok()?;
            let is_same = self.imported.get().is_some_and(|imported| *imported == iom_state::sha256(&bytes));
            if is_same { iom_state::text(&bytes).map(Cow::into_owned) } else { None }
        };
        self.text.get_or_init(read).as_deref()
    }

    /// `plan.json:3:14: what is wrong`
    fn unusable(&self, error: &ImportError) -> Failure {
        let code = match error.kind {
            // Nobody said that it is a plan: it is something, but nobody knows what.
            ImportErrorKind::NotThisFormat if self.format.is_none() => code::UNKNOWN_FORMAT,
            ImportErrorKind::Malformed => code::UNREADABLE_SOURCE,
            ImportErrorKind::NotThisFormat => code::NOT_A_PLAN,
            ImportErrorKind::UnsupportedVersion => code::UNSUPPORTED_VERSION,
        };
        let name = match (&error.file, self.name.as_str()) {
            (Some(file), _) => self.file(file),
            (None, "-") => "standard input".to_owned(),
            (None, name) => name.to_owned(),
        };
        let place = error.place.map(|(line, column)| format!(":{line}:{column}")).unwrap_or_default();
        let pointer = error.pointer.as_deref().filter(|pointer| !pointer.is_empty());
        let pointer = pointer.map(|pointer| format!(" (at {pointer})")).unwrap_or_default();
        Failure::coded(code, format!("{name}{place}: {}{pointer}", error.message))
    }
}

/// A file that was found and left out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SkippedFile {
    /// As reports show it.
    pub file: String,
    /// Line and column of what is wrong, both from 1.
    pub place: Option<(u32, u32)>,
    pub why: String,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Claims {
    /// The workspace claims this estate.
    pub manages: bool,
    pub environment: Option<String>,
    pub fresh_for: Option<Duration>,
    /// Does not list everything: cannot prove that something is missing.
    pub partial: bool,
    /// Ids known to lie outside.
    pub external: Vec<String>,
    pub surroundings: iom_manifest::Surroundings,
}
