//! Diagnostics for clients that do not ask for them: what has changed is told, file by file.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use iom_ide::FileDiagnostics;
use tower_lsp_server::ls_types::Diagnostic;

use crate::outbox::Outbox;
use crate::request::{Attempt, Request, Urgency, attempt, internal_error};
use crate::snapshot::Snapshot;

/// What the client was told, by path.
pub type Told = Arc<Mutex<BTreeMap<String, ToldFile>>>;

pub struct ToldFile {
    /// As they were found: as long as it is the same list, there is nothing to tell.
    found: FileDiagnostics,
    live: Option<u64>,
    version: Option<i32>,
    shown: Vec<Diagnostic>,
}

/// Tells what changed.
pub struct Publish {
    pub files: Files,
    pub told: Told,
    pub outbox: Outbox,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Files {
    /// Somebody looks at them, and may be typing.
    Open,
    Others,
}

impl Request for Publish {
    fn urgency(&self) -> Urgency {
        match self.files {
            Files::Open => Urgency::Urgent,
            Files::Others => Urgency::Usual,
        }
    }

    fn asked(&mut self, now: u64) -> u64 {
        now
    }

    fn answer(self: Box<Self>, snapshot: Snapshot) -> Option<Box<dyn Request>> {
        match attempt(snapshot, |snapshot| self.publish(snapshot)) {
            Attempt::Done(()) => None,
            Attempt::Ended => Some(self),
            Attempt::Failed(why) => {
                self.outbox.log(internal_error(&why));
                None
            }
        }
    }

    /// Whoever changes the workspace publishes again.
    fn after_change(self: Box<Self>) -> Option<Box<dyn Request>> {
        None
    }
}

impl Publish {
    fn publish(&self, snapshot: &Snapshot) {
        match self.files {
            Files::Open => snapshot.documents.keys().for_each(|path| self.file(snapshot, path)),
            Files::Others => {
                let paths = snapshot.paths();
                let closed = paths.iter().filter(|path| !snapshot.documents.contains_key(*path));
                closed.for_each(|path| self.file(snapshot, path));
                self.forget_others(snapshot, &paths);
            }
        }
    }

    fn file(&self, snapshot: &Snapshot, path: &str) {
        let Some(file) = snapshot.file_at(path) else { return };
        let found = snapshot.found(&file);
        let live = snapshot.live.as_ref().map(|live| live.revision);
        let version = snapshot.documents.get(path).map(|document| document.version);
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = told.get(path)
            && known.version == version
            && known.live == live
            && Arc::ptr_eq(&known.found, &found)
        {
            return;
        }
        let shown = snapshot.diagnostics(&file);
        let is_known = told.get(path).is_some_and(|known| known.version == version && known.shown == shown);
        let is_nothing = version.is_none() && shown.is_empty() && !told.contains_key(path);
        if !is_known
            && !is_nothing
            && let Some(uri) = snapshot.uri(path)
        {
            self.outbox.diagnostics(uri, shown.clone(), version);
        }
        told.insert(path.to_owned(), ToldFile { found, live, version, shown });
    }

    /// Files that are gone have nothing wrong.
    fn forget_others(&self, snapshot: &Snapshot, paths: &[String]) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.retain(|path, known| {
            let is_there = paths.binary_search(path).is_ok() || snapshot.documents.contains_key(path);
            if !is_there
                && !known.shown.is_empty()
                && let Some(uri) = snapshot.uri(path)
            {
                self.outbox.diagnostics(uri, Vec::new(), None);
            }
            is_there
        });
    }
}
