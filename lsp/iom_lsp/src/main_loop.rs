//! One thread owns the workspace and takes messages in the order in which the client sent them. Diagnostics are told when no
//! message waits: a burst of key strokes is checked once.

use std::collections::BTreeMap;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use iom_base::{FileId, Lines, TextRange};
use iom_ide::Analysis;
use tokio::sync::oneshot;
use tower_lsp_server::ls_types::{
    CodeAction, CodeActionKind, CodeActionOrCommand, Diagnostic, DocumentSymbol, Range,
    TextDocumentContentChangeEvent, TextEdit, Uri, WorkspaceEdit,
};

use crate::LoadWorkspace;
use crate::convert::{self, Context, Encoding};
use crate::documents::{Documents, Paths};
use crate::publisher::Publisher;

/// What the client did or asks.
pub enum Message {
    Start {
        root: Option<PathBuf>,
        encoding: Encoding,
    },
    Open {
        uri: Uri,
        version: i32,
        text: String,
    },
    Change {
        uri: Uri,
        version: i32,
        changes: Vec<TextDocumentContentChangeEvent>,
    },
    /// Some file was saved: a moment to look at what else changed on disk.
    Saved,
    Close {
        uri: Uri,
    },
    ChangedOnDisk {
        uris: Vec<Uri>,
    },
    Format {
        uri: Uri,
        reply: oneshot::Sender<Option<Vec<TextEdit>>>,
    },
    FormatRange {
        uri: Uri,
        range: Range,
        reply: oneshot::Sender<Vec<TextEdit>>,
    },
    Symbols {
        uri: Uri,
        reply: oneshot::Sender<Vec<DocumentSymbol>>,
    },
    Actions {
        uri: Uri,
        range: Range,
        reply: oneshot::Sender<Vec<CodeActionOrCommand>>,
    },
}

/// Starts the thread; it ends with the last sender.
pub fn start(load: Option<LoadWorkspace>, publisher: Publisher) -> Sender<Message> {
    let (sender, receiver) = channel();
    let run = move || MainLoop::new(load, publisher).run(&receiver);
    // Without a thread every answer is empty, which the client sees; there is nobody else to tell.
    let _ = thread::Builder::new().name("iom workspace".to_owned()).stack_size(256 << 20).spawn(run);
    sender
}

struct MainLoop {
    load: Option<LoadWorkspace>,
    publisher: Publisher,
    analysis: Analysis,
    paths: Paths,
    documents: Documents,
    /// The text of `iom.toml`: the editor's where it is open there, else the disk's.
    manifest: Option<String>,
    encoding: Encoding,
    has_workspace: bool,
    /// What the client was told, by path.
    published: BTreeMap<String, Vec<Diagnostic>>,
}

impl MainLoop {
    fn new(load: Option<LoadWorkspace>, publisher: Publisher) -> MainLoop {
        MainLoop {
            load,
            publisher,
            analysis: Analysis::new(PathBuf::new()),
            paths: Paths { root: PathBuf::new() },
            documents: Documents::default(),
            manifest: None,
            encoding: Encoding::Utf16,
            has_workspace: false,
            published: BTreeMap::new(),
        }
    }

    fn run(mut self, receiver: &Receiver<Message>) {
        while let Ok(message) = receiver.recv() {
            let mut next = Some(message);
            while let Some(message) = next {
                self.guarded(|this| this.handle(message));
                next = receiver.try_recv().ok();
            }
            self.guarded(MainLoop::publish);
        }
    }

    /// A bug in one answer must not end the session.
    fn guarded(&mut self, work: impl FnOnce(&mut MainLoop)) {
        if catch_unwind(AssertUnwindSafe(|| work(self))).is_err() {
            self.publisher.log("iom: internal error (IOM0999); please report what you did".to_owned());
        }
    }

    fn handle(&mut self, message: Message) {
        match message {
            Message::Start { root, encoding } => {
                self.encoding = encoding;
                if let Some(root) = root {
                    self.load_workspace(root);
                }
            }
            Message::Open { uri, version, text } => {
                if !self.has_workspace
                    && let Some(file) = uri.to_file_path()
                {
                    self.load_workspace(file.into_owned());
                }
                let path = self.paths.path(&uri);
                self.set_text(&path, &text);
                self.analysis.open_file(&path);
                // Told even where there is nothing to tell: the client may wait for it.
                self.published.remove(&path);
                self.documents.open(path, uri, version, text);
            }
            Message::Change { uri, version, changes } => {
                let path = self.paths.path(&uri);
                if let Some(text) = self.documents.change(&path, version, changes, self.encoding) {
                    let text = text.to_owned();
                    self.set_text(&path, &text);
                }
            }
            Message::Saved => self.refresh(),
            Message::Close { uri } => {
                let path = self.paths.path(&uri);
                self.documents.close(&path);
                self.read_from_disk(&path);
            }
            Message::ChangedOnDisk { uris } => {
                for uri in uris {
                    let path = self.paths.path(&uri);
                    if self.documents.get(&path).is_none() {
                        self.read_from_disk(&path);
                    }
                }
            }
            // A client that gave up is no failure.
            Message::Format { uri, reply } => drop(reply.send(self.formatted(&uri))),
            Message::FormatRange { uri, range, reply } => drop(reply.send(self.formatted_range(&uri, range))),
            Message::Symbols { uri, reply } => drop(reply.send(self.symbols(&uri))),
            Message::Actions { uri, range, reply } => drop(reply.send(self.actions(&uri, range))),
        }
    }

    fn load_workspace(&mut self, around: PathBuf) {
        let loaded = self.load.as_ref().and_then(|load| load(&around));
        self.has_workspace = true;
        match loaded {
            Some(loaded) => {
                self.paths.root = loaded.root.clone();
                self.analysis = Analysis::new(loaded.root);
                self.analysis.set_packages(loaded.packages);
                let files = loaded.files.iter().map(|(path, text)| (path.as_str(), text.as_str()));
                self.analysis.set_files(files);
                self.manifest = loaded.manifest;
            }
            None => {
                let folder =
                    if around.is_dir() { around } else { around.parent().map_or(around.clone(), Into::into) };
                self.paths.root = folder.clone();
                self.analysis = Analysis::new(folder);
            }
        }
    }

    /// Follows the disk where no editor has a file open. Not every client tells what changes there.
    fn refresh(&mut self) {
        let Some(loaded) = self.load.as_ref().and_then(|load| load(&self.paths.root)) else { return };
        self.analysis.set_packages(loaded.packages.clone());
        if self.documents.get(iom_manifest::FILE_NAME).is_none() {
            self.manifest = loaded.manifest;
        }
        let closed = loaded.files.iter().filter(|(path, _)| self.documents.get(path).is_none());
        self.analysis.set_files(closed.map(|(path, text)| (path.as_str(), text.as_str())));
        for path in self.analysis.paths() {
            let is_on_disk = loaded.files.binary_search_by(|(known, _)| known.as_str().cmp(&path)).is_ok();
            if !is_on_disk && self.documents.get(&path).is_none() {
                self.analysis.remove_file(&path);
            }
        }
    }

    fn read_from_disk(&mut self, path: &str) {
        let text = fs::read_to_string(self.paths.root.join(path));
        if path == iom_manifest::FILE_NAME {
            self.manifest = text.ok();
            return;
        }
        match text {
            Ok(text) if path.ends_with(".iom") => self.analysis.set_files([(path, text.as_str())]),
            _ => self.analysis.remove_file(path),
        }
    }

    fn set_text(&mut self, path: &str, text: &str) {
        if path == iom_manifest::FILE_NAME {
            self.manifest = Some(text.to_owned());
        } else {
            self.analysis.set_files([(path, text)]);
        }
    }

    /// The name the editor uses for a file.
    fn uri(&self, path: &str) -> Option<Uri> {
        self.documents.get(path).map(|document| document.uri.clone()).or_else(|| self.paths.uri(path))
    }

    /// Tells what changed since the last time.
    fn publish(&mut self) {
        let mut current: BTreeMap<String, Vec<Diagnostic>> = BTreeMap::new();
        let found = self.analysis.paths().into_iter().map(|path| {
            let diagnostics = self.diagnostics(&path);
            (path.to_string(), diagnostics)
        });
        let of_manifest = (iom_manifest::FILE_NAME.to_owned(), self.manifest_diagnostics());
        for (path, diagnostics) in found.chain([of_manifest]) {
            if !diagnostics.is_empty() || self.documents.get(&path).is_some() {
                current.insert(path, diagnostics);
            }
        }
        let gone = self.published.keys().filter(|path| !current.contains_key(*path));
        let nothing = Vec::new();
        for (path, diagnostics) in current.iter().chain(gone.map(|path| (path, &nothing))) {
            if self.published.get(path) != Some(diagnostics)
                && let Some(uri) = self.uri(path)
            {
                let version = self.documents.get(path).map(|document| document.version);
                self.publisher.diagnostics(uri, diagnostics.clone(), version);
            }
        }
        self.published = current;
    }

    fn diagnostics(&self, path: &str) -> Vec<Diagnostic> {
        let found = self.analysis.diagnostics(path);
        self.analysis.text(path).map_or_else(Vec::new, |text| self.shown(text, &found))
    }

    fn manifest_diagnostics(&self) -> Vec<Diagnostic> {
        let Some(text) = &self.manifest else { return Vec::new() };
        // Its places are in itself: the file needs no number that others know.
        let (_, found) = iom_manifest::read(text, FileId(u32::MAX));
        self.shown(text, &found)
    }

    /// Diagnostics of a text, as the protocol has them.
    fn shown(&self, text: &str, found: &[iom_diagnostics::Diagnostic]) -> Vec<Diagnostic> {
        if found.is_empty() {
            return Vec::new();
        }
        let lines = Lines::new(text);
        let uri = |path: &str| self.uri(path);
        let context = Context { analysis: &self.analysis, encoding: self.encoding, uri: &uri };
        found.iter().map(|one| context.diagnostic(&lines, one)).collect()
    }

    /// One edit that replaces the whole text; none where nothing would change.
    fn formatted(&self, uri: &Uri) -> Option<Vec<TextEdit>> {
        let path = self.paths.path(uri);
        let (text, formatted) = (self.analysis.text(&path)?, self.analysis.formatted(&path)?);
        if text == formatted {
            return Some(Vec::new());
        }
        let lines = Lines::new(text);
        let end = convert::position(&lines, lines.index().len(), self.encoding);
        Some(vec![TextEdit { range: Range { start: Default::default(), end }, new_text: formatted }])
    }

    fn formatted_range(&self, uri: &Uri, range: Range) -> Vec<TextEdit> {
        let path = self.paths.path(uri);
        let Some(text) = self.analysis.text(&path) else { return Vec::new() };
        let lines = Lines::new(text);
        let offset = |position| convert::offset(text, &lines, position, self.encoding) as u32;
        let (start, end) = (offset(range.start), offset(range.end));
        let wanted = TextRange::new(start.min(end).into(), start.max(end).into());
        let edits = self.analysis.formatted_range(&path, wanted);
        let place = |range| convert::range(&lines, range, self.encoding);
        edits.into_iter().map(|edit| TextEdit { range: place(edit.range), new_text: edit.new_text }).collect()
    }

    fn symbols(&self, uri: &Uri) -> Vec<DocumentSymbol> {
        let path = self.paths.path(uri);
        let Some(text) = self.analysis.text(&path) else { return Vec::new() };
        let lines = Lines::new(text);
        self.analysis.symbols(&path).iter().map(|one| convert::symbol(&lines, one, self.encoding)).collect()
    }

    /// The fixes of the diagnostics that a range touches.
    fn actions(&self, uri: &Uri, range: Range) -> Vec<CodeActionOrCommand> {
        let path = self.paths.path(uri);
        let Some(text) = self.analysis.text(&path) else { return Vec::new() };
        let lines = Lines::new(text);
        let named = |path: &str| self.uri(path);
        let context = Context { analysis: &self.analysis, encoding: self.encoding, uri: &named };
        let mut actions = Vec::new();
        for found in self.analysis.diagnostics(&path) {
            let diagnostic = context.diagnostic(&lines, &found);
            if diagnostic.range.start > range.end || range.start > diagnostic.range.end {
                continue;
            }
            for fix in &found.fixes {
                let mut changes = std::collections::HashMap::new();
                for edit in &fix.edits {
                    let Some(place) = context.location(edit.place) else { continue };
                    let edit = TextEdit { range: place.range, new_text: edit.text.clone() };
                    changes.entry(place.uri).or_insert_with(Vec::new).push(edit);
                }
                actions.push(CodeActionOrCommand::CodeAction(CodeAction {
                    title: fix.title.clone(),
                    kind: Some(CodeActionKind::QUICKFIX),
                    diagnostics: Some(vec![diagnostic.clone()]),
                    edit: Some(WorkspaceEdit { changes: Some(changes), ..WorkspaceEdit::default() }),
                    is_preferred: Some(fix.applicability == iom_diagnostics::Applicability::Safe),
                    ..CodeAction::default()
                }));
            }
        }
        actions
    }
}
