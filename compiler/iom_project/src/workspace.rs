//! Which files a command is about: a workspace (the folder of an `iom.toml`), a plain folder, or one `.iom` file.

use std::fs;
use std::io;

use camino::{Utf8Path, Utf8PathBuf};
use iom_base::{FileId, Span, TextRange, TextSize};
use iom_diagnostics::render::SourceTexts;
use iom_diagnostics::{Diagnostic, code};
use iom_semantic::Packages;
use iom_syntax::MAX_FILE_SIZE;

use crate::failure::Failure;
use crate::failure::reason;
use crate::fence::Fence;
use crate::walk;
use iom_manifest::{self as manifest, Manifest};

/// What a command works on.
#[derive(Debug, Default)]
pub struct Workspace {
    /// The folder that paths are relative to.
    pub root: Utf8PathBuf,
    pub manifest: Manifest,
    /// The manifest is a file, and not made up.
    pub has_manifest: bool,
    /// Its own, in order of their paths.
    pub files: Vec<SourceText>,
    /// Those of its dependencies.
    pub dependency_files: Vec<SourceText>,
    pub packages: Packages,
    /// What is wrong before any file is parsed: the manifest, files that cannot be read.
    pub diagnostics: Vec<Diagnostic<Span>>,
    /// Texts that only those diagnostics point into.
    pub own_texts: OwnTexts,
    /// The folder or file inside the workspace that was asked for: results are limited to it.
    pub focus: Option<String>,
    /// What nothing that is read may lie outside of; nothing where the workspace is trusted, as on the command line.
    pub fence: Option<Fence>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceText {
    /// Relative to the workspace, with forward slashes.
    pub path: String,
    pub text: String,
}

/// Texts that the front end does not know, with ids out of its way.
#[derive(Debug, Default)]
pub struct OwnTexts {
    files: Vec<(String, String)>,
}

const FIRST_OWN_FILE: u32 = 1 << 31;

impl OwnTexts {
    pub fn add(&mut self, path: impl Into<String>, text: impl Into<String>) -> FileId {
        let position = u32::try_from(self.files.len()).unwrap_or(0);
        self.files.push((path.into(), text.into()));
        FileId(FIRST_OWN_FILE + position)
    }

    pub fn has(&self, file: FileId) -> bool {
        file.0 >= FIRST_OWN_FILE
    }

    fn get(&self, file: FileId) -> Option<&(String, String)> {
        self.files.get(usize::try_from(file.0.checked_sub(FIRST_OWN_FILE)?).ok()?)
    }
}

impl SourceTexts for OwnTexts {
    fn path(&self, file: FileId) -> &str {
        self.get(file).map_or("", |(path, _)| path)
    }

    fn text(&self, file: FileId) -> &str {
        self.get(file).map_or("", |(_, text)| text)
    }
}

impl Workspace {
    /// The workspace that a path names, or, without one, the workspace around the current folder; `None` where there is
    /// none.
    pub fn find(path: Option<&str>) -> Result<Option<Workspace>, Failure> {
        let Some(path) = path else {
            let Some(root) = manifest_above(&current_folder()?) else { return Ok(None) };
            return Workspace { root, ..Workspace::default() }.load(true).map(Some);
        };
        let given = absolute(path)?;
        let found =
            fs::metadata(&given).map_err(|error| Failure::new(format!("{path}: {}", reason(&error))))?;
        let folder = if found.is_dir() {
            given.clone()
        } else {
            given.parent().map_or_else(Utf8PathBuf::new, Utf8Path::to_owned)
        };
        if !found.is_dir() && given.extension() != Some("iom") {
            let failure = Failure::new(format!("{path}: this is neither a folder nor an .iom file"));
            return Err(failure.help(format!("to judge state, write --state {path}")));
        }
        match manifest_above(&folder) {
            Some(root) => {
                let focus = given.strip_prefix(&root).ok().filter(|inside| !inside.as_str().is_empty());
                let focus = focus.map(walk::forward_slashes);
                Workspace { root, focus, ..Workspace::default() }.load(true).map(Some)
            }
            None if found.is_dir() => {
                Workspace { root: folder, ..Workspace::default() }.load(false).map(Some)
            }
            None => Workspace { root: folder, ..Workspace::default() }.with_file(&given).map(Some),
        }
    }

    /// [`Workspace::find`] for commands that are about sources only.
    pub fn require(path: Option<&str>) -> Result<Workspace, Failure> {
        Workspace::find(path)?.ok_or_else(|| {
            let file = manifest::FILE_NAME;
            Failure::coded(code::NO_WORKSPACE, format!("there is no {file} here or in any folder above"))
                .help("name a folder or an .iom file")
        })
    }

    /// The workspace in a folder that an editor has open, or the one file: nothing outside the folder is read, wherever paths
    /// and links lead.
    pub fn inside(path: &str) -> Result<Workspace, Failure> {
        let given = absolute(path)?;
        let folder = if given.is_dir() { given.as_path() } else { given.parent().unwrap_or(&given) };
        let fence = Some(Fence::around(folder));
        let workspace = Workspace { root: folder.to_owned(), fence, ..Workspace::default() };
        let has_manifest = is_plain_file(&folder.join(manifest::FILE_NAME));
        if has_manifest || given.is_dir() {
            return workspace.load(has_manifest);
        }
        workspace.with_file(&given)
    }

    fn with_file(mut self, file: &Utf8Path) -> Result<Workspace, Failure> {
        if let Some(name) = file.file_name() {
            self.add_file(name)?;
        }
        Ok(self)
    }

    fn load(mut self, has_manifest: bool) -> Result<Workspace, Failure> {
        self.has_manifest = has_manifest;
        if has_manifest {
            self.read_manifest()?;
        }
        for path in walk::iom_files(&self.root)? {
            self.add_file(&path)?;
        }
        crate::packages::load(&mut self)?;
        Ok(self)
    }

    fn read_manifest(&mut self) -> Result<(), Failure> {
        let path = self.root.join(manifest::FILE_NAME);
        let bytes = fs::read(&path).map_err(|error| Failure::new(format!("{path}: {}", reason(&error))))?;
        match String::from_utf8(bytes) {
            Ok(text) => {
                let file = self.own_texts.add(manifest::FILE_NAME, text.as_str());
                let (manifest, diagnostics) = manifest::read(&text, file);
                self.manifest = manifest;
                self.diagnostics.extend(diagnostics);
            }
            Err(error) => self.not_utf8(manifest::FILE_NAME, error.as_bytes()),
        }
        Ok(())
    }

    fn add_file(&mut self, path: &str) -> Result<(), Failure> {
        let read = self.source_text(path)?;
        self.files.extend(read);
        Ok(())
    }

    /// A file of a dependency; the path is relative to this workspace.
    pub fn add_dependency_file(&mut self, path: &str) -> Result<(), Failure> {
        let read = self.source_text(path)?;
        self.dependency_files.extend(read);
        Ok(())
    }

    /// The text of a file; `None` with a diagnostic where it is none.
    fn source_text(&mut self, path: &str) -> Result<Option<SourceText>, Failure> {
        let full = self.root.join(path);
        let failed = |error: io::Error| Failure::new(format!("{path}: {}", reason(&error)));
        let size = fs::metadata(&full).map_err(failed)?.len();
        if size > MAX_FILE_SIZE as u64 {
            // The parser would say the same, but only after the file was read.
            let place = start_of(self.own_texts.add(path, ""));
            let message = format!("the file is larger than {} MiB", MAX_FILE_SIZE >> 20);
            let diagnostic = Diagnostic::new(code::TOO_LARGE, place, message);
            self.diagnostics.push(diagnostic.help("split it into several modules"));
            return Ok(None);
        }
        match String::from_utf8(fs::read(&full).map_err(failed)?) {
            Ok(text) => Ok(Some(SourceText { path: path.to_owned(), text })),
            Err(error) => {
                self.not_utf8(path, error.as_bytes());
                Ok(None)
            }
        }
    }

    /// A file that a declaration names, relative to this workspace. It lies in the workspace or in one of its dependencies,
    /// also where a link leads.
    pub fn reference_file(&self, path: &str) -> Result<Utf8PathBuf, String> {
        let full = self.root.join(path);
        let real = full.canonicalize_utf8().map_err(|error| reason(&error))?;
        let folders = self.packages.all.iter().map(|package| self.root.join(package.folder.as_str()));
        let mut folders = std::iter::once(self.root.clone()).chain(folders);
        let is_inside =
            |folder: Utf8PathBuf| folder.canonicalize_utf8().is_ok_and(|folder| real.starts_with(folder));
        if folders.any(is_inside) {
            Ok(full)
        } else {
            Err("a link leads out of the workspace there".to_owned())
        }
    }

    fn not_utf8(&mut self, path: &str, bytes: &[u8]) {
        let place = start_of(self.own_texts.add(path, ""));
        self.diagnostics.push(not_utf8(place, bytes));
    }
}

/// A file, and no link to one.
fn is_plain_file(path: &Utf8Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|found| found.is_file())
}

fn start_of(file: FileId) -> Span {
    Span::new(file, TextRange::empty(TextSize::new(0)))
}

/// A file that is text in another encoding, or no text.
fn not_utf8(place: Span, bytes: &[u8]) -> Diagnostic<Span> {
    let valid = std::str::from_utf8(bytes).err().map_or(bytes.len(), |error| error.valid_up_to());
    let line = bytes[..valid].iter().filter(|byte| **byte == b'\n').count() + 1;
    let is_utf16 = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
    let message = if is_utf16 {
        "the file is UTF-16; iom is written in UTF-8".to_owned()
    } else {
        format!("line {line} is not valid UTF-8")
    };
    Diagnostic::new(code::BAD_TEXT, place, message).help("save the file as UTF-8")
}

fn current_folder() -> Result<Utf8PathBuf, Failure> {
    let folder = std::env::current_dir()
        .map_err(|error| Failure::new(format!("the current folder can't be found: {}", reason(&error))))?;
    utf8(folder)
}

/// Absolute and without `.` and `..`, as the folders above a path are asked for.
fn absolute(path: &str) -> Result<Utf8PathBuf, Failure> {
    match fs::canonicalize(path) {
        Ok(found) => utf8(found),
        Err(error) => Err(Failure::new(format!("{path}: {}", reason(&error)))),
    }
}

fn utf8(path: std::path::PathBuf) -> Result<Utf8PathBuf, Failure> {
    Utf8PathBuf::from_path_buf(path)
        .map_err(|path| Failure::new(format!("{}: the folder's name is not valid Unicode", path.display())))
}

/// The nearest folder, from this one up, that has an `iom.toml`.
fn manifest_above(folder: &Utf8Path) -> Option<Utf8PathBuf> {
    folder.ancestors().find(|folder| folder.join(manifest::FILE_NAME).is_file()).map(Utf8Path::to_owned)
}
