//! The client's side of the protocol. Every handler sends exactly one message before it waits for anything: handlers run at
//! the same time, and only what happens before their first wait is in order.

use std::path::PathBuf;
use std::sync::mpsc::Sender;

use tokio::sync::oneshot;
use tower_lsp_server::LanguageServer;
use tower_lsp_server::jsonrpc::Result;
use tower_lsp_server::ls_types::{
    CodeActionKind, CodeActionOptions, CodeActionParams, CodeActionProviderCapability, CodeActionResponse,
    DidChangeTextDocumentParams, DidChangeWatchedFilesParams, DidCloseTextDocumentParams,
    DidOpenTextDocumentParams, DidSaveTextDocumentParams, DocumentFormattingParams,
    DocumentRangeFormattingParams, DocumentSymbolParams, DocumentSymbolResponse, InitializeParams,
    InitializeResult, OneOf, PositionEncodingKind, ServerCapabilities, ServerInfo,
    TextDocumentSyncCapability, TextDocumentSyncKind, TextDocumentSyncOptions, TextDocumentSyncSaveOptions,
    TextEdit,
};

use crate::convert::Encoding;
use crate::main_loop::Message;

pub struct IomServer {
    main_loop: Sender<Message>,
}

impl IomServer {
    pub fn new(main_loop: Sender<Message>) -> IomServer {
        IomServer { main_loop }
    }

    fn send(&self, message: Message) {
        // After the main loop ended every request is answered with nothing.
        let _ = self.main_loop.send(message);
    }

    async fn ask<T: Default>(&self, message: impl FnOnce(oneshot::Sender<T>) -> Message) -> T {
        let (reply, answer) = oneshot::channel();
        self.send(message(reply));
        answer.await.unwrap_or_default()
    }
}

/// UTF-8 where the client can count so, else what every client can.
fn encoding(parameters: &InitializeParams) -> Encoding {
    let general = parameters.capabilities.general.as_ref();
    let offered = general.and_then(|general| general.position_encodings.as_deref()).unwrap_or_default();
    if offered.contains(&PositionEncodingKind::UTF8) { Encoding::Utf8 } else { Encoding::Utf16 }
}

#[allow(deprecated, reason = "older clients name the root in the older way only")]
fn root(parameters: &InitializeParams) -> Option<PathBuf> {
    let folder =
        parameters.workspace_folders.as_ref().and_then(|folders| folders.first()).map(|folder| &folder.uri);
    let uri = folder.or(parameters.root_uri.as_ref())?;
    uri.to_file_path().map(|path| path.into_owned())
}

impl LanguageServer for IomServer {
    async fn initialize(&self, parameters: InitializeParams) -> Result<InitializeResult> {
        let encoding = encoding(&parameters);
        self.send(Message::Start { root: root(&parameters), encoding });
        Ok(InitializeResult {
            capabilities: ServerCapabilities {
                position_encoding: Some(match encoding {
                    Encoding::Utf8 => PositionEncodingKind::UTF8,
                    Encoding::Utf16 => PositionEncodingKind::UTF16,
                }),
                text_document_sync: Some(TextDocumentSyncCapability::Options(TextDocumentSyncOptions {
                    open_close: Some(true),
                    change: Some(TextDocumentSyncKind::INCREMENTAL),
                    save: Some(TextDocumentSyncSaveOptions::Supported(true)),
                    ..TextDocumentSyncOptions::default()
                })),
                document_formatting_provider: Some(OneOf::Left(true)),
                document_range_formatting_provider: Some(OneOf::Left(true)),
                document_symbol_provider: Some(OneOf::Left(true)),
                code_action_provider: Some(CodeActionProviderCapability::Options(CodeActionOptions {
                    code_action_kinds: Some(vec![CodeActionKind::QUICKFIX]),
                    ..CodeActionOptions::default()
                })),
                ..ServerCapabilities::default()
            },
            server_info: Some(ServerInfo {
                name: "iom-lsp".to_owned(),
                version: Some(env!("CARGO_PKG_VERSION").to_owned()),
            }),
            ..InitializeResult::default()
        })
    }

    async fn did_open(&self, parameters: DidOpenTextDocumentParams) {
        let document = parameters.text_document;
        self.send(Message::Open { uri: document.uri, version: document.version, text: document.text });
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
        let uris = parameters.changes.into_iter().map(|change| change.uri).collect();
        self.send(Message::ChangedOnDisk { uris });
    }

    async fn formatting(&self, parameters: DocumentFormattingParams) -> Result<Option<Vec<TextEdit>>> {
        let uri = parameters.text_document.uri;
        Ok(self.ask(|reply| Message::Format { uri, reply }).await)
    }

    async fn range_formatting(
        &self,
        parameters: DocumentRangeFormattingParams,
    ) -> Result<Option<Vec<TextEdit>>> {
        let (uri, range) = (parameters.text_document.uri, parameters.range);
        Ok(Some(self.ask(|reply| Message::FormatRange { uri, range, reply }).await))
    }

    async fn document_symbol(
        &self,
        parameters: DocumentSymbolParams,
    ) -> Result<Option<DocumentSymbolResponse>> {
        let uri = parameters.text_document.uri;
        let symbols = self.ask(|reply| Message::Symbols { uri, reply }).await;
        Ok(Some(DocumentSymbolResponse::Nested(symbols)))
    }

    async fn code_action(&self, parameters: CodeActionParams) -> Result<Option<CodeActionResponse>> {
        let (uri, range) = (parameters.text_document.uri, parameters.range);
        Ok(Some(self.ask(|reply| Message::Actions { uri, range, reply }).await))
    }

    async fn shutdown(&self) -> Result<()> {
        Ok(())
    }
}
