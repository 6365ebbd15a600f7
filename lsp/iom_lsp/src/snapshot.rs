use std::sync::Arc;

use iom_base::{FileId, Lines, Span, TextRange, TextSize};
use iom_diagnostics::Diagnostic;
use iom_diagnostics::render::SourceTexts;
use iom_ide::{Analysis, LiveReport};
use iom_project::masking;
use tower_lsp_server::jsonrpc::{Error, ErrorCode, Result};
use tower_lsp_server::ls_types::{self, Location, Position, Range, Uri};

use crate::capabilities::Client;
use crate::convert::{self, Encoding};
use crate::documents::{LIBRARY, OpenDocuments, Paths};
use crate::handlers::semantic_tokens::Told;
use crate::problems::Problem;

/// The workspace as it is when a request is answered.
#[derive(Clone)]
pub struct Snapshot {
    pub analysis: Analysis,
    pub documents: Arc<OpenDocuments>,
    pub paths: Arc<Paths>,
    pub client: Client,
    /// The text of `iom.toml`: the editor's where it is open there, else the disk's.
    pub manifest: Option<Arc<str>>,
    /// What the rules say of the workspace's state; nothing before it was judged for the first time.
    pub live: Option<Arc<LiveReport>>,
    /// What is wrong around the rules: packages, state, files that cannot be read.
    pub problems: Arc<[Problem]>,
    /// The colours that the client knows.
    pub told_tokens: Arc<Told>,
    /// When the request came, as the host counts changes.
    pub asked: u64,
}

/// A file of a snapshot, with what it takes to turn places in it into the protocol's.
pub struct File<'s> {
    pub path: String,
    pub text: &'s str,
    pub lines: Lines,
    pub encoding: Encoding,
}

impl Snapshot {
    /// The file that a request is about; `None` where nothing is known of it.
    ///
    /// # Errors
    /// "Content modified" where its text is another than when the request came: positions in it mean something else now.
    pub fn file(&self, uri: &Uri) -> Result<Option<File<'_>>> {
        let path = self.paths.path(uri);
        if self.documents.get(&path).is_some_and(|document| document.changed > self.asked) {
            return Err(Error::new(ErrorCode::ContentModified));
        }
        Ok(self.file_at(&path))
    }

    /// A file by its path in the workspace.
    pub fn file_at(&self, path: &str) -> Option<File<'_>> {
        let is_manifest = path == iom_manifest::FILE_NAME;
        let text = if is_manifest { self.manifest.as_deref() } else { self.analysis.text(path) };
        // What is no text has problems all the same.
        let has_problems = || self.problems.iter().any(|problem| problem.path == path);
        let text = text.or_else(|| has_problems().then_some(""))?;
        Some(File { path: path.to_owned(), text, lines: Lines::new(text), encoding: self.client.encoding })
    }

    /// The paths of all files with diagnostics of their own, sorted.
    pub fn paths(&self) -> Vec<String> {
        let mut paths: Vec<String> = self.analysis.paths().iter().map(ToString::to_string).collect();
        paths.extend(self.manifest.is_some().then(|| iom_manifest::FILE_NAME.to_owned()));
        paths.extend(self.problems.iter().map(|problem| problem.path.clone()));
        paths.sort();
        paths.dedup();
        paths
    }

    /// The name that the editor uses for a file; nothing for one that it cannot show.
    pub fn uri(&self, path: &str) -> Option<Uri> {
        if path.starts_with(LIBRARY) && !self.client.reads_library {
            return None;
        }
        self.documents.get(path).map(|document| document.uri.clone()).or_else(|| self.paths.uri(path))
    }

    /// A place in any file, for the editor.
    pub fn location(&self, path: &str, range: TextRange) -> Option<Location> {
        Some(Location { uri: self.uri(path)?, range: self.file_at(path)?.range(range) })
    }

    /// The same for a place as diagnostics have them.
    pub fn location_of(&self, place: Span) -> Option<Location> {
        self.location(self.analysis.path(place.file), place.range())
    }

    /// Everything that is wrong with a file, as `iomc check` says it, without the secrets in it, and what the rules say of what
    /// it declares.
    pub fn diagnostics(&self, file: &File<'_>) -> Vec<ls_types::Diagnostic> {
        let found = masking::masked_diagnostics(&self.found(file), &Texts { snapshot: self, file });
        let mut shown: Vec<_> = found.iter().map(|found| self.converted(file, found)).collect();
        shown.extend(self.verdicts(file));
        shown
    }

    /// The same in our own words.
    pub fn found(&self, file: &File<'_>) -> Arc<[Diagnostic<Span>]> {
        let of_rules = if file.path == iom_manifest::FILE_NAME {
            iom_manifest::read(file.text, THIS_FILE).1.into()
        } else {
            self.analysis.diagnostics(&file.path)
        };
        let mut problems = self.problems.iter().filter(|problem| problem.path == file.path).peekable();
        if problems.peek().is_none() {
            return of_rules;
        }
        of_rules.iter().cloned().chain(problems.map(|problem| problem.shown(file.text))).collect()
    }

    /// A diagnostic of a file, for the editor, without the secrets in it.
    pub fn diagnostic(&self, file: &File<'_>, found: &Diagnostic<Span>) -> ls_types::Diagnostic {
        let texts = Texts { snapshot: self, file };
        let masked = masking::masked_diagnostics(std::slice::from_ref(found), &texts);
        self.converted(file, masked.first().unwrap_or(found))
    }

    fn converted(&self, file: &File<'_>, found: &Diagnostic<Span>) -> ls_types::Diagnostic {
        convert::diagnostic(found, file.range(found.primary.place.range()), |place| {
            if place.file == THIS_FILE {
                self.location(&file.path, place.range())
            } else {
                self.location_of(place)
            }
        })
    }
}

/// Of places in the file at hand where the front end knows none of it: `iom.toml`.
pub const THIS_FILE: FileId = FileId(u32::MAX);

/// The texts that diagnostics of a file point into.
struct Texts<'s> {
    snapshot: &'s Snapshot,
    file: &'s File<'s>,
}

impl SourceTexts for Texts<'_> {
    fn path(&self, file: FileId) -> &str {
        if file == THIS_FILE { &self.file.path } else { self.snapshot.analysis.path(file) }
    }

    fn text(&self, file: FileId) -> &str {
        if file == THIS_FILE { self.file.text } else { self.snapshot.analysis.text_of(file) }
    }
}

impl File<'_> {
    /// The byte offset of a position; what lies past an end is taken as that end.
    pub fn offset(&self, position: Position) -> u32 {
        convert::offset(self.text, &self.lines, position, self.encoding) as u32
    }

    /// Bytes of a range; an end before the start is taken as the start.
    pub fn text_range(&self, range: Range) -> TextRange {
        let (start, end) = (self.offset(range.start), self.offset(range.end));
        TextRange::new(start.into(), end.max(start).into())
    }

    pub fn position(&self, offset: u32) -> Position {
        convert::position(&self.lines, TextSize::new(offset), self.encoding)
    }

    pub fn range(&self, range: TextRange) -> Range {
        convert::range(&self.lines, range, self.encoding)
    }
}
