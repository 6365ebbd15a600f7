//! The client's side of the protocol. Every method sends exactly one message before it waits for anything: methods run at the
//! same time, and only what happens before their first wait is in order.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::time::Duration;

use tokio::sync::oneshot;
use tower_lsp_server::LanguageServer;
use tower_lsp_server::jsonrpc::Result;
use tower_lsp_server::ls_types::{
    CallHierarchyIncomingCall, CallHierarchyIncomingCallsParams, CallHierarchyItem,
    CallHierarchyOutgoingCall, CallHierarchyOutgoingCallsParams, CallHierarchyPrepareParams,
    CodeActionParams, CodeActionResponse, CodeLens, CodeLensParams, CompletionItem, CompletionParams,
    CompletionResponse, DidChangeTextDocumentParams, DidChangeWatchedFilesParams, DidCloseTextDocumentParams,
    DidOpenTextDocumentParams, DidSaveTextDocumentParams, DocumentDiagnosticParams,
    DocumentDiagnosticReportResult, DocumentFormattingParams, DocumentHighlight, DocumentHighlightParams,
    DocumentLink, DocumentLinkParams, DocumentOnTypeFormattingParams, DocumentRangeFormattingParams,
    DocumentSymbolParams, DocumentSymbolResponse, ExecuteCommandParams, FoldingRange, FoldingRangeParams,
    GotoDefinitionParams, GotoDefinitionResponse, Hover, HoverParams, InitializeParams, InitializeResult,
    InitializedParams, InlayHint, InlayHintParams, LSPAny, Location, PrepareRenameResponse, ReferenceParams,
    RenameParams, SelectionRange, SelectionRangeParams, SemanticTokensDeltaParams,
    SemanticTokensFullDeltaResult, SemanticTokensParams, SemanticTokensRangeParams,
    SemanticTokensRangeResult, SemanticTokensResult, ServerInfo, SignatureHelp, SignatureHelpParams,
    TextDocumentPositionParams, TextEdit, TypeHierarchyItem, TypeHierarchyPrepareParams,
    TypeHierarchySubtypesParams, TypeHierarchySupertypesParams, WorkspaceDiagnosticParams,
    WorkspaceDiagnosticReportResult, WorkspaceEdit, WorkspaceSymbolParams, WorkspaceSymbolResponse,
};

use crate::capabilities::{Client, offered};
use crate::handlers;
use crate::handlers::library::{TextDocumentContent, TextDocumentContentParams};
use crate::host::Message;
use crate::outbox::Outbox;
use crate::request::Urgency::{Urgent, Usual};
use crate::request::{Asked, Handler, Urgency};

/// How long after the start a client is first asked for something. One that opens a file, asks and leaves, as programs
/// do, is asked for nothing, which not all of them bear.
const SETTLING: Duration = Duration::from_secs(2);

pub struct IomServer {
    host: Sender<Message>,
    outbox: Outbox,
    /// The client asked for the end.
    is_ended: Arc<AtomicBool>,
}

impl IomServer {
    pub fn new(host: Sender<Message>, outbox: Outbox, is_ended: Arc<AtomicBool>) -> IomServer {
        IomServer { host, outbox, is_ended }
    }

    fn send(&self, message: Message) {
        // After the host's end every request is answered with an error.
        let _ = self.host.send(message);
    }

    /// Has a request answered by the pool.
    async fn ask<P, R>(&self, urgency: Urgency, parameters: P, handler: Handler<P, R>) -> Result<R>
    where
        P: Clone + Send + 'static,
        R: Send + 'static,
    {
        self.outbox.was_asked::<P>();
        let (request, answer) = Asked::new(urgency, parameters, handler, self.outbox.clone());
        self.send(Message::Ask(Box::new(request)));
        answer.get().await
    }
}

impl IomServer {
    /// `workspace/textDocumentContent`
    pub async fn text_document_content(
        &self,
        asked: TextDocumentContentParams,
    ) -> Result<TextDocumentContent> {
        self.ask(Usual, asked, handlers::library::content).await
    }
}

impl Drop for IomServer {
    fn drop(&mut self) {
        self.send(Message::End);
    }
}

#[allow(deprecated, reason = "older clients name the root in the older way only")]
fn root(parameters: &InitializeParams) -> Option<PathBuf> {
    let folder =
        parameters.workspace_folders.as_ref().and_then(|folders| folders.first()).map(|folder| &folder.uri);
    let uri = folder.or(parameters.root_uri.as_ref())?;
    uri.to_file_path().map(|path| path.into_owned())
}

/// Whether the client says that somebody trusts what is in the folder: `"initializationOptions": { "trusted": true }`.
fn is_trusted(parameters: &InitializeParams) -> bool {
    let options = parameters.initialization_options.as_ref();
    options.and_then(|options| options.get("trusted")?.as_bool()).unwrap_or(false)
}

impl LanguageServer for IomServer {
    async fn initialize(&self, parameters: InitializeParams) -> Result<InitializeResult> {
        let client = Client::of(&parameters.capabilities);
        let is_trusted = is_trusted(&parameters);
        self.send(Message::Start { root: root(&parameters), client, is_trusted });
        Ok(InitializeResult {
            capabilities: offered(&client),
            server_info: Some(ServerInfo {
                name: "iom-lsp".to_owned(),
                version: Some(env!("CARGO_PKG_VERSION").to_owned()),
            }),
            ..InitializeResult::default()
        })
    }

    async fn initialized(&self, _: InitializedParams) {
        self.send(Message::Started);
        let host = self.host.clone();
        tokio::spawn(async move {
            tokio::time::sleep(SETTLING).await;
            let _ = host.send(Message::Settled);
        });
    }

    async fn did_open(&self, parameters: DidOpenTextDocumentParams) {
        self.send(Message::Open(parameters.text_document));
    }

    async fn did_change(&self, parameters: DidChangeTextDocumentParams) {
        let document = parameters.text_document;
        let changes = parameters.content_changes;
        self.send(Message::Change { uri: document.uri, version: document.version, changes });
    }

    async fn did_save(&self, _: DidSaveTextDocumentParams) {
        self.send(Message::Saved);
    }

    async fn did_close(&self, parameters: DidCloseTextDocumentParams) {
        self.send(Message::Close { uri: parameters.text_document.uri });
    }

    async fn did_change_watched_files(&self, parameters: DidChangeWatchedFilesParams) {
        self.send(Message::ChangedOnDisk(parameters.changes));
    }

    async fn diagnostic(&self, asked: DocumentDiagnosticParams) -> Result<DocumentDiagnosticReportResult> {
        self.ask(Urgent, asked, handlers::diagnostics::document).await
    }

    async fn workspace_diagnostic(
        &self,
        asked: WorkspaceDiagnosticParams,
    ) -> Result<WorkspaceDiagnosticReportResult> {
        self.ask(Usual, asked, handlers::diagnostics::workspace).await
    }

    async fn formatting(&self, asked: DocumentFormattingParams) -> Result<Option<Vec<TextEdit>>> {
        self.ask(Urgent, asked, handlers::formatting::document).await
    }

    async fn range_formatting(&self, asked: DocumentRangeFormattingParams) -> Result<Option<Vec<TextEdit>>> {
        self.ask(Urgent, asked, handlers::formatting::range).await
    }

    async fn document_symbol(&self, asked: DocumentSymbolParams) -> Result<Option<DocumentSymbolResponse>> {
        self.ask(Usual, asked, handlers::symbols::document).await
    }

    async fn symbol(&self, asked: WorkspaceSymbolParams) -> Result<Option<WorkspaceSymbolResponse>> {
        self.ask(Usual, asked, handlers::symbols::workspace).await
    }

    async fn hover(&self, asked: HoverParams) -> Result<Option<Hover>> {
        self.ask(Urgent, asked, handlers::hover::at).await
    }

    async fn completion(&self, asked: CompletionParams) -> Result<Option<CompletionResponse>> {
        self.ask(Urgent, asked, handlers::completion::list).await
    }

    async fn completion_resolve(&self, asked: CompletionItem) -> Result<CompletionItem> {
        self.ask(Urgent, asked, handlers::completion::resolve).await
    }

    async fn signature_help(&self, asked: SignatureHelpParams) -> Result<Option<SignatureHelp>> {
        self.ask(Urgent, asked, handlers::signature_help::at).await
    }

    async fn goto_definition(&self, asked: GotoDefinitionParams) -> Result<Option<GotoDefinitionResponse>> {
        self.ask(Urgent, asked, handlers::navigation::definition).await
    }

    async fn goto_type_definition(
        &self,
        asked: GotoDefinitionParams,
    ) -> Result<Option<GotoDefinitionResponse>> {
        self.ask(Urgent, asked, handlers::navigation::type_definition).await
    }

    async fn goto_implementation(
        &self,
        asked: GotoDefinitionParams,
    ) -> Result<Option<GotoDefinitionResponse>> {
        self.ask(Usual, asked, handlers::navigation::implementation).await
    }

    async fn references(&self, asked: ReferenceParams) -> Result<Option<Vec<Location>>> {
        self.ask(Usual, asked, handlers::navigation::references).await
    }

    async fn document_highlight(
        &self,
        asked: DocumentHighlightParams,
    ) -> Result<Option<Vec<DocumentHighlight>>> {
        self.ask(Urgent, asked, handlers::navigation::highlights).await
    }

    async fn prepare_rename(
        &self,
        asked: TextDocumentPositionParams,
    ) -> Result<Option<PrepareRenameResponse>> {
        self.ask(Usual, asked, handlers::rename::prepare).await
    }

    async fn rename(&self, asked: RenameParams) -> Result<Option<WorkspaceEdit>> {
        self.ask(Usual, asked, handlers::rename::rename).await
    }

    async fn document_link(&self, asked: DocumentLinkParams) -> Result<Option<Vec<DocumentLink>>> {
        self.ask(Usual, asked, handlers::structure::links).await
    }

    async fn folding_range(&self, asked: FoldingRangeParams) -> Result<Option<Vec<FoldingRange>>> {
        self.ask(Usual, asked, handlers::structure::folds).await
    }

    async fn selection_range(&self, asked: SelectionRangeParams) -> Result<Option<Vec<SelectionRange>>> {
        self.ask(Urgent, asked, handlers::structure::selections).await
    }

    async fn semantic_tokens_full(
        &self,
        asked: SemanticTokensParams,
    ) -> Result<Option<SemanticTokensResult>> {
        self.ask(Usual, asked, handlers::semantic_tokens::full).await
    }

    async fn semantic_tokens_full_delta(
        &self,
        asked: SemanticTokensDeltaParams,
    ) -> Result<Option<SemanticTokensFullDeltaResult>> {
        self.ask(Usual, asked, handlers::semantic_tokens::delta).await
    }

    async fn semantic_tokens_range(
        &self,
        asked: SemanticTokensRangeParams,
    ) -> Result<Option<SemanticTokensRangeResult>> {
        self.ask(Usual, asked, handlers::semantic_tokens::range).await
    }

    async fn inlay_hint(&self, asked: InlayHintParams) -> Result<Option<Vec<InlayHint>>> {
        self.ask(Usual, asked, handlers::inlay_hints::in_range).await
    }

    async fn code_action(&self, asked: CodeActionParams) -> Result<Option<CodeActionResponse>> {
        self.ask(Urgent, asked, handlers::code_actions::in_range).await
    }

    async fn code_lens(&self, asked: CodeLensParams) -> Result<Option<Vec<CodeLens>>> {
        self.ask(Usual, asked, handlers::code_lenses::document).await
    }

    async fn on_type_formatting(
        &self,
        asked: DocumentOnTypeFormattingParams,
    ) -> Result<Option<Vec<TextEdit>>> {
        self.ask(Urgent, asked, handlers::formatting::on_type).await
    }

    async fn execute_command(&self, asked: ExecuteCommandParams) -> Result<Option<LSPAny>> {
        self.ask(Usual, asked, handlers::commands::execute).await
    }

    async fn prepare_call_hierarchy(
        &self,
        asked: CallHierarchyPrepareParams,
    ) -> Result<Option<Vec<CallHierarchyItem>>> {
        self.ask(Usual, asked, handlers::hierarchies::call_item).await
    }

    async fn incoming_calls(
        &self,
        asked: CallHierarchyIncomingCallsParams,
    ) -> Result<Option<Vec<CallHierarchyIncomingCall>>> {
        self.ask(Usual, asked, handlers::hierarchies::incoming).await
    }

    async fn outgoing_calls(
        &self,
        asked: CallHierarchyOutgoingCallsParams,
    ) -> Result<Option<Vec<CallHierarchyOutgoingCall>>> {
        self.ask(Usual, asked, handlers::hierarchies::outgoing).await
    }

    async fn prepare_type_hierarchy(
        &self,
        asked: TypeHierarchyPrepareParams,
    ) -> Result<Option<Vec<TypeHierarchyItem>>> {
        self.ask(Usual, asked, handlers::hierarchies::type_item).await
    }

    async fn supertypes(
        &self,
        asked: TypeHierarchySupertypesParams,
    ) -> Result<Option<Vec<TypeHierarchyItem>>> {
        self.ask(Usual, asked, handlers::hierarchies::supertypes).await
    }

    async fn subtypes(&self, asked: TypeHierarchySubtypesParams) -> Result<Option<Vec<TypeHierarchyItem>>> {
        self.ask(Usual, asked, handlers::hierarchies::subtypes).await
    }

    /// Everything that was asked before is answered first.
    async fn shutdown(&self) -> Result<()> {
        self.is_ended.store(true, Ordering::Release);
        let (reply, answer) = oneshot::channel();
        self.send(Message::Shutdown { reply });
        // A host that has ended already has nothing left to answer.
        let _ = answer.await;
        Ok(())
    }
}
