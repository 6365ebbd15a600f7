//! One thread owns the workspace and its open documents, and takes messages in the order in which the client sent them.
//! Requests are handed out, and diagnostics told, when no message waits: a burst of key strokes is checked once.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use iom_ide::{Analysis, LiveReport};
use iom_project::Workspace;
use iom_project::lock::{self, Locking};
use tokio::sync::oneshot;
use tower_lsp_server::ls_types::{
    DidChangeWatchedFilesRegistrationOptions, FileChangeType, FileEvent, FileSystemWatcher, GlobPattern,
    Registration, TextDocumentContentChangeEvent, TextDocumentItem, Uri,
};

use crate::capabilities::Client;
use crate::documents::{self, LIBRARY, OpenDocument, OpenDocuments, Paths};
use crate::handlers::{commands, semantic_tokens};
use crate::judge::{self, Order};
use crate::outbox::Outbox;
use crate::pool::{Pool, STACK};
use crate::problems::Problem;
use crate::publish::{Files, Publish, Told};
use crate::request::{Request, internal_error, message_of};
use crate::snapshot::Snapshot;

/// What the client did or asks.
pub enum Message {
    Start {
        root: Option<PathBuf>,
        client: Client,
        is_trusted: bool,
    },
    /// The client listens from now on.
    Started,
    /// A moment after that.
    Settled,
    Open(TextDocumentItem),
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
    ChangedOnDisk(Vec<FileEvent>),
    Ask(Box<dyn Request>),
    /// What the judge found; no report where state or data cannot be read.
    Judged {
        live: Option<Arc<LiveReport>>,
        problems: Vec<Problem>,
    },
    /// Answered when everything that came before is.
    Shutdown {
        reply: oneshot::Sender<()>,
    },
    End,
}

/// Starts the thread and its pool.
///
/// # Errors
/// Where the operating system gives no threads.
pub fn start(outbox: Outbox) -> (Sender<Message>, io::Result<()>) {
    let (sender, receiver) = channel();
    let started = Pool::start(&sender).and_then(|pool| {
        let judge = judge::start(sender.clone(), outbox.clone())?;
        let run = move || Host::new(outbox, pool, judge).run(&receiver);
        thread::Builder::new().name("iom workspace".to_owned()).stack_size(STACK).spawn(run)
    });
    (sender, started.map(drop))
}

struct Host {
    outbox: Outbox,
    pool: Pool,
    judge: Sender<Order>,
    /// Somebody trusts what is in the folder.
    is_trusted: bool,
    client: Client,
    analysis: Analysis,
    paths: Arc<Paths>,
    documents: Arc<OpenDocuments>,
    /// Of the open documents, by path.
    texts: BTreeMap<String, String>,
    /// The text of `iom.toml`: the editor's where it is open there, else the disk's.
    manifest: Option<Arc<str>>,
    /// Of the workspace itself, and of its state.
    problems: (Vec<Problem>, Vec<Problem>),
    live: Option<Arc<LiveReport>>,
    has_workspace: bool,
    /// Counts changes.
    clock: u64,
    /// Requests that wait for a snapshot.
    asked: Vec<Box<dyn Request>>,
    is_listened_to: bool,
    /// Since diagnostics were told last, something changed: in an open document, or elsewhere.
    is_edited: bool,
    is_changed_elsewhere: bool,
    told: Told,
    told_tokens: Arc<semantic_tokens::Told>,
}

impl Host {
    fn new(outbox: Outbox, pool: Pool, judge: Sender<Order>) -> Host {
        Host {
            outbox,
            pool,
            judge,
            is_trusted: false,
            client: Client::default(),
            analysis: Analysis::new(PathBuf::new()),
            paths: Arc::default(),
            documents: Arc::default(),
            texts: BTreeMap::new(),
            manifest: None,
            problems: (Vec::new(), Vec::new()),
            has_workspace: false,
            clock: 0,
            asked: Vec::new(),
            is_listened_to: false,
            is_edited: false,
            is_changed_elsewhere: false,
            told: Told::default(),
            told_tokens: Arc::default(),
            live: None,
        }
    }

    fn run(mut self, messages: &Receiver<Message>) {
        /// Whoever never stops writing gets answers all the same.
        const MOST_AT_ONCE: usize = 100;
        while let Ok(message) = messages.recv() {
            let others = std::iter::from_fn(|| messages.try_recv().ok()).take(MOST_AT_ONCE);
            for message in std::iter::once(message).chain(others) {
                match message {
                    Message::End => {
                        self.order(Order::End);
                        return;
                    }
                    Message::Shutdown { reply } => self.shut_down(messages, reply),
                    message => self.guarded(|host| host.handle(message)),
                }
            }
            self.guarded(Host::hand_out);
            self.guarded(Host::tell_changes);
        }
    }

    /// A mistake of ours in one message must not end the session.
    fn guarded(&mut self, work: impl FnOnce(&mut Host)) {
        if let Err(thrown) = catch_unwind(AssertUnwindSafe(|| work(self))) {
            self.outbox.log(internal_error(&message_of(thrown.as_ref())));
        }
    }

    fn handle(&mut self, message: Message) {
        match message {
            Message::Ask(mut request) => {
                request.asked(self.clock);
                self.asked.push(request);
            }
            Message::Start { root, client, is_trusted } => {
                (self.client, self.is_trusted) = (client, is_trusted);
                if let Some(root) = root {
                    self.change(|host| host.load_workspace(&root));
                }
            }
            Message::Started => {
                self.is_listened_to = true;
                (self.is_edited, self.is_changed_elsewhere) = (true, true);
            }
            // What changed between the first look at the disk and this moment was told by nobody.
            Message::Settled if self.client.watches_files => {
                self.watch();
                self.is_changed_elsewhere = true;
                self.change(Host::reload);
            }
            Message::Settled => {}
            Message::Open(document) => {
                self.is_edited = true;
                self.change(|host| host.open(document));
                self.outdate();
            }
            Message::Change { uri, version, changes } => {
                self.is_edited = true;
                self.change(|host| host.edit(&uri, version, changes));
                self.outdate();
            }
            Message::Close { uri } => {
                self.is_changed_elsewhere = true;
                self.change(|host| host.close(&uri));
                self.outdate();
            }
            // Whoever watches files tells what changed.
            Message::Saved if self.client.watches_files => {}
            Message::Saved => {
                self.is_changed_elsewhere = true;
                self.change(Host::reload);
                self.order(Order::LookAtDisk);
            }
            Message::ChangedOnDisk(events) => {
                self.is_changed_elsewhere = true;
                self.change(|host| host.follow(&events));
                self.order(Order::LookAtDisk);
            }
            Message::Judged { live, problems } => {
                self.is_changed_elsewhere = true;
                self.clock += 1;
                let known = live.as_ref().map(|known| &known.live);
                self.outbox.decision(commands::decision(known));
                (self.live, self.problems.1) = (live, problems);
            }
            Message::Shutdown { .. } | Message::End => {}
        }
    }

    /// Changes the workspace. Nobody looks at it meanwhile: what waited for a thread waits again, what is being worked on
    /// ends.
    fn change(&mut self, change: impl FnOnce(&mut Host)) {
        self.clock += 1;
        let waiting = self.pool.take_waiting();
        self.asked.extend(waiting.into_iter().filter_map(Request::after_change));
        self.analysis.end_clones();
        change(self);
    }

    /// Rules have been edited: what is known of state will be judged again.
    fn outdate(&mut self) {
        if let Some(live) = self.live.as_ref().filter(|live| !live.is_outdated) {
            self.live = Some(Arc::new(LiveReport { is_outdated: true, ..(**live).clone() }));
        }
        self.order(Order::Edited);
    }

    fn order(&self, order: Order) {
        // A judge that ended has said why.
        let _ = self.judge.send(order);
    }

    fn snapshot(&self, asked: u64) -> Snapshot {
        Snapshot {
            analysis: self.analysis.clone(),
            documents: self.documents.clone(),
            paths: self.paths.clone(),
            client: self.client,
            manifest: self.manifest.clone(),
            live: self.live.clone(),
            problems: self.problems.0.iter().chain(&self.problems.1).cloned().collect(),
            told_tokens: self.told_tokens.clone(),
            asked,
        }
    }

    fn hand_out(&mut self) {
        for mut request in std::mem::take(&mut self.asked) {
            let snapshot = self.snapshot(request.asked(self.clock));
            self.pool.submit(request, snapshot);
        }
    }

    /// Has the client know what changed.
    fn tell_changes(&mut self) {
        if !self.is_listened_to {
            return;
        }
        let (is_edited, elsewhere) =
            (std::mem::take(&mut self.is_edited), std::mem::take(&mut self.is_changed_elsewhere));
        // After its own edits the client asks again by itself.
        if elsewhere {
            self.client.refreshes().into_iter().for_each(|what| self.outbox.refresh(what));
        }
        if !self.client.pulls_diagnostics && (is_edited || elsewhere) {
            for files in [Files::Open, Files::Others] {
                let publish = Publish { files, told: self.told.clone(), outbox: self.outbox.clone() };
                self.pool.submit(Box::new(publish), self.snapshot(self.clock));
            }
        }
    }

    fn shut_down(&mut self, messages: &Receiver<Message>, reply: oneshot::Sender<()>) {
        const LONGEST: Duration = Duration::from_secs(10);
        self.guarded(Host::hand_out);
        self.pool.wait_until_idle(LONGEST);
        // What the last edit ended comes back, and is answered too.
        let back: Vec<Message> = messages.try_iter().collect();
        for message in back {
            self.guarded(|host| host.handle(message));
        }
        self.guarded(Host::hand_out);
        self.pool.wait_until_idle(LONGEST);
        let _ = reply.send(());
    }

    fn open(&mut self, document: TextDocumentItem) {
        let TextDocumentItem { uri, version, text, .. } = document;
        if !self.has_workspace
            && let Some(file) = uri.to_file_path()
        {
            self.load_workspace(&file);
        }
        let path = self.paths.path(&uri);
        self.set_text(&path, &text);
        self.analysis.open_file(&path);
        let opened = OpenDocument { uri, version, changed: self.clock };
        Arc::make_mut(&mut self.documents).insert(path.clone(), opened);
        self.texts.insert(path, text);
    }

    fn edit(&mut self, uri: &Uri, version: i32, changes: Vec<TextDocumentContentChangeEvent>) {
        let path = self.paths.path(uri);
        let Some(text) = self.texts.get_mut(&path) else { return };
        documents::change(text, changes, self.client.encoding);
        let text = std::mem::take(text);
        self.set_text(&path, &text);
        if let Some(document) = Arc::make_mut(&mut self.documents).get_mut(&path) {
            (document.version, document.changed) = (version, self.clock);
        }
        self.texts.insert(path, text);
    }

    fn close(&mut self, uri: &Uri) {
        let path = self.paths.path(uri);
        Arc::make_mut(&mut self.documents).remove(&path);
        self.texts.remove(&path);
        self.read_from_disk(&path);
    }

    fn load_workspace(&mut self, around: &Path) {
        self.has_workspace = true;
        let folder = if around.is_dir() { around } else { around.parent().unwrap_or(around) };
        let Some(workspace) = self.read(around) else {
            self.paths = Arc::new(Paths { root: folder.to_owned() });
            self.analysis = Analysis::new(folder.to_owned());
            return;
        };
        let root = workspace.root.as_std_path().to_owned();
        self.paths = Arc::new(Paths { root: root.clone() });
        self.analysis = Analysis::new(root);
        self.take(workspace);
    }

    /// The workspace as it is on disk. Where it cannot be read, which is said, open files are all there is.
    fn read(&self, around: &Path) -> Option<Workspace> {
        // Only a folder or a program can be looked around.
        let is_program = around.extension().is_some_and(|extension| extension == "iom");
        let around = if around.is_dir() || is_program { around } else { around.parent()? };
        let path = around.to_str()?;
        let found = match self.is_trusted {
            true => Workspace::find(Some(path)),
            false => Workspace::inside(path).map(Some),
        };
        found.unwrap_or_else(|failure| {
            self.outbox.log(failure.text());
            None
        })
    }

    /// Makes what was read known where no editor has a file open, and forgets files that are gone.
    fn take(&mut self, mut workspace: Workspace) {
        self.analysis.set_packages(workspace.packages.clone());
        if !self.documents.contains_key(iom_manifest::FILE_NAME) {
            let path = self.paths.root.join(iom_manifest::FILE_NAME);
            let text = workspace.has_manifest.then(|| fs::read_to_string(path).ok());
            self.manifest = text.flatten().map(Into::into);
        }
        let files = || workspace.files.iter().chain(&workspace.dependency_files);
        let closed = files().filter(|file| !self.documents.contains_key(&file.path));
        self.analysis.set_files(closed.map(|file| (file.path.as_str(), file.text.as_str())));
        let known: BTreeSet<&str> = files().map(|file| file.path.as_str()).collect();
        for path in self.analysis.paths() {
            if !known.contains(path.as_str()) && !self.documents.contains_key(path.as_str()) {
                self.analysis.remove_file(&path);
            }
        }
        self.analysis.read_data_files_again();
        let (locked, _) = lock::check(&workspace, &self.analysis.reference_files(), Locking::Verify);
        workspace.diagnostics.extend(locked);
        self.problems.0 = Problem::of_workspace(&workspace);
        (workspace.files, workspace.dependency_files) = (Vec::new(), Vec::new());
        self.order(Order::Workspace(Arc::new(workspace)));
    }

    /// Follows the disk.
    fn reload(&mut self) {
        let root = self.paths.root.clone();
        if let Some(workspace) = self.read(&root) {
            self.take(workspace);
        }
    }

    /// Files changed on disk. Where some came or went, or packages may be others, all are looked for.
    fn follow(&mut self, events: &[FileEvent]) {
        let changed: Vec<(String, FileChangeType)> =
            events.iter().map(|event| (self.paths.path(&event.uri), event.typ)).collect();
        let is_known = |path: &str| self.analysis.text(path).is_some();
        let is_simple = |(path, kind): &(String, FileChangeType)| {
            let is_of_workspace = path.ends_with(".iom") || path.ends_with(iom_manifest::FILE_NAME);
            !is_of_workspace || path.ends_with(".iom") && *kind == FileChangeType::CHANGED && is_known(path)
        };
        if !changed.iter().all(is_simple) {
            self.reload();
            return;
        }
        self.analysis.read_data_files_again();
        for (path, _) in &changed {
            if !self.documents.contains_key(path) && self.analysis.text(path).is_some() {
                self.read_from_disk(path);
            }
        }
    }

    fn read_from_disk(&mut self, path: &str) {
        if path.starts_with(LIBRARY) {
            return;
        }
        let text = fs::read_to_string(self.paths.root.join(path));
        if path == iom_manifest::FILE_NAME {
            self.manifest = text.ok().map(Into::into);
            return;
        }
        match text {
            Ok(text) if path.ends_with(".iom") => self.analysis.set_files([(path, text.as_str())]),
            _ => self.analysis.remove_file(path),
        }
    }

    fn set_text(&mut self, path: &str, text: &str) {
        if path.starts_with(LIBRARY) {
            return; // What an editor shows of the library is what the server gave it.
        }
        if path == iom_manifest::FILE_NAME {
            self.manifest = Some(text.into());
        } else {
            self.analysis.set_files([(path, text)]);
        }
    }

    /// Has the client tell what changes on disk, and says what could not be said at the beginning.
    fn watch(&mut self) {
        if self.client.registers_types {
            let selector = serde_json::json!({ "documentSelector": [{ "language": "iom" }] });
            self.outbox.register(vec![Registration {
                id: "iom types".to_owned(),
                method: "textDocument/prepareTypeHierarchy".to_owned(),
                register_options: Some(selector),
            }]);
        }
        if !self.client.watches_files {
            return;
        }
        let watcher = |pattern: &str| FileSystemWatcher {
            glob_pattern: GlobPattern::String(pattern.to_owned()),
            kind: None,
        };
        // What state may be, and what declarations may name.
        let others = "**/*.{json,jsonl,ndjson,yaml,yml,tf,tfvars,tfstate,template,csv,tsv}";
        let watchers = ["**/*.iom", "**/iom.toml", others].map(watcher).to_vec();
        let options = DidChangeWatchedFilesRegistrationOptions { watchers };
        self.outbox.register(vec![Registration {
            id: "iom files".to_owned(),
            method: "workspace/didChangeWatchedFiles".to_owned(),
            register_options: serde_json::to_value(options).ok(),
        }]);
    }
}
