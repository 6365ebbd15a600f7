//! What the client is told unasked. Nobody who has something to say waits for it.

use std::any::TypeId;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;
use tokio::sync::Notify;
use tower_lsp_server::Client;
use tower_lsp_server::ls_types::notification::Notification;
use tower_lsp_server::ls_types::{
    CodeLensParams, Diagnostic, DocumentDiagnosticParams, InlayHintParams, MessageType, Registration,
    SemanticTokensParams, SemanticTokensRangeParams, Uri, WorkspaceDiagnosticParams,
};

/// Says what is put in, in order; of several lists of diagnostics of one file that wait, only the last.
#[derive(Clone)]
pub struct Outbox {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    waiting: Mutex<Waiting>,
    is_filled: Notify,
}

#[derive(Default)]
struct Waiting {
    /// By the URI's text.
    diagnostics: BTreeMap<String, Told>,
    log: Vec<String>,
    /// What the workspace as a whole comes to; the last counts.
    decision: Option<Value>,
    /// Capabilities that are to be registered.
    registrations: Vec<Registration>,
    refreshes: Vec<Refresh>,
    /// What the client has asked for before: nothing else can be asked for again.
    asked: Vec<Refresh>,
    /// The client has not answered the last time that it was asked to do so.
    refreshing: Vec<Refresh>,
}

struct Told {
    uri: Uri,
    diagnostics: Vec<Diagnostic>,
    version: Option<i32>,
}

/// Beyond the protocol: for a status bar.
enum WorkspaceDecision {}

impl Notification for WorkspaceDecision {
    type Params = Value;
    const METHOD: &'static str = "iom/workspaceDecision";
}

/// What the client is to ask for again.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Refresh {
    Diagnostics,
    Lenses,
    Hints,
    Tokens,
}

impl Refresh {
    /// What is asked for with parameters of this type, as far as it can be asked for again.
    fn of<P: 'static>() -> Option<Refresh> {
        let parameters = TypeId::of::<P>();
        let kinds = [
            (TypeId::of::<DocumentDiagnosticParams>(), Refresh::Diagnostics),
            (TypeId::of::<WorkspaceDiagnosticParams>(), Refresh::Diagnostics),
            (TypeId::of::<CodeLensParams>(), Refresh::Lenses),
            (TypeId::of::<InlayHintParams>(), Refresh::Hints),
            (TypeId::of::<SemanticTokensParams>(), Refresh::Tokens),
            (TypeId::of::<SemanticTokensRangeParams>(), Refresh::Tokens),
        ];
        kinds.into_iter().find(|(kind, _)| *kind == parameters).map(|(_, what)| what)
    }
}

impl Outbox {
    /// Must be called inside the runtime.
    pub fn start(client: Client) -> Outbox {
        let outbox = Outbox { shared: Arc::default() };
        tokio::spawn(outbox.clone().send(client));
        outbox
    }

    pub fn diagnostics(&self, uri: Uri, diagnostics: Vec<Diagnostic>, version: Option<i32>) {
        self.put(|waiting| {
            waiting.diagnostics.insert(uri.as_str().to_owned(), Told { uri, diagnostics, version });
        });
    }

    /// What the workspace as a whole comes to: `{ decision, text }`.
    pub fn decision(&self, decision: Value) {
        self.put(|waiting| waiting.decision = Some(decision));
    }

    pub fn log(&self, text: String) {
        self.put(|waiting| waiting.log.push(text));
    }

    pub fn register(&self, registrations: Vec<Registration>) {
        self.put(|waiting| waiting.registrations.extend(registrations));
    }

    /// The client asks, with parameters of this type.
    pub fn was_asked<P: 'static>(&self) {
        let Some(what) = Refresh::of::<P>() else { return };
        let asked = &mut self.waiting().asked;
        if !asked.contains(&what) {
            asked.push(what);
        }
    }

    /// Has the client ask again for what it asked for before.
    pub fn refresh(&self, what: Refresh) {
        self.put(|waiting| {
            if waiting.asked.contains(&what) && !waiting.refreshes.contains(&what) {
                waiting.refreshes.push(what);
            }
        });
    }

    fn put(&self, put: impl FnOnce(&mut Waiting)) {
        put(&mut self.waiting());
        self.shared.is_filled.notify_one();
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.shared.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn send(self, client: Client) {
        loop {
            self.shared.is_filled.notified().await;
            let decision = self.waiting().decision.take();
            if let Some(decision) = decision {
                client.send_notification::<WorkspaceDecision>(decision).await;
            }
            let (log, diagnostics, registrations, refreshes) = self.take();
            for text in log {
                client.log_message(MessageType::ERROR, text).await;
            }
            for told in diagnostics.into_values() {
                client.publish_diagnostics(told.uri, told.diagnostics, told.version).await;
            }
            if !registrations.is_empty() {
                let client = client.clone();
                // The client answers when it likes; one that refuses sends no changes, which saving makes up for.
                tokio::spawn(async move { drop(client.register_capability(registrations).await) });
            }
            for what in refreshes {
                tokio::spawn(self.clone().ask_again(client.clone(), what));
            }
        }
    }

    fn take(&self) -> (Vec<String>, BTreeMap<String, Told>, Vec<Registration>, Vec<Refresh>) {
        let mut waiting = self.waiting();
        let waiting = &mut *waiting;
        let (now, later) = std::mem::take(&mut waiting.refreshes)
            .into_iter()
            .partition(|what| !waiting.refreshing.contains(what));
        waiting.refreshes = later;
        waiting.refreshing.extend(&now);
        let (log, diagnostics) = (std::mem::take(&mut waiting.log), std::mem::take(&mut waiting.diagnostics));
        (log, diagnostics, std::mem::take(&mut waiting.registrations), now)
    }

    async fn ask_again(self, client: Client, what: Refresh) {
        // A client that refuses has been told what there is to tell.
        let _ = match what {
            Refresh::Diagnostics => client.workspace_diagnostic_refresh().await,
            Refresh::Lenses => client.code_lens_refresh().await,
            Refresh::Hints => client.inlay_hint_refresh().await,
            Refresh::Tokens => client.semantic_tokens_refresh().await,
        };
        self.put(|waiting| waiting.refreshing.retain(|one| *one != what));
    }
}
