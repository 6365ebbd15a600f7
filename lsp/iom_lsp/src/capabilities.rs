//! What the client can do, and what is offered to it.

use tower_lsp_server::ls_types::{
    ClientCapabilities, CodeActionKind, CodeActionOptions, CodeActionProviderCapability, DiagnosticOptions,
    DiagnosticServerCapabilities, OneOf, PositionEncodingKind, ServerCapabilities,
    TextDocumentSyncCapability, TextDocumentSyncKind, TextDocumentSyncOptions, TextDocumentSyncSaveOptions,
};

use crate::convert::Encoding;
use crate::outbox::Refresh;

/// What matters of what a client can do.
#[derive(Clone, Copy, Debug, Default)]
pub struct Client {
    pub encoding: Encoding,
    /// It asks for diagnostics and can be told to ask again. One that cannot would show what is no longer true: it is told.
    pub pulls_diagnostics: bool,
    /// It watches files for those who ask it to.
    pub watches_files: bool,
    pub refreshes_lenses: bool,
    pub refreshes_hints: bool,
    pub refreshes_tokens: bool,
}

impl Client {
    pub fn of(offered: &ClientCapabilities) -> Client {
        let workspace = offered.workspace.as_ref();
        let asks = offered.text_document.as_ref().is_some_and(|document| document.diagnostic.is_some());
        let refreshes = workspace.and_then(|workspace| workspace.diagnostics.as_ref()?.refresh_support);
        let watches = workspace.and_then(|workspace| workspace.did_change_watched_files.as_ref());
        let lenses = workspace.and_then(|workspace| workspace.code_lens.as_ref()?.refresh_support);
        let hints = workspace.and_then(|workspace| workspace.inlay_hint.as_ref()?.refresh_support);
        let tokens = workspace.and_then(|workspace| workspace.semantic_tokens.as_ref()?.refresh_support);
        Client {
            encoding: encoding(offered),
            pulls_diagnostics: asks && refreshes == Some(true),
            watches_files: watches.is_some_and(|watches| watches.dynamic_registration == Some(true)),
            refreshes_lenses: lenses == Some(true),
            refreshes_hints: hints == Some(true),
            refreshes_tokens: tokens == Some(true),
        }
    }

    /// What it can be told to ask for again.
    pub fn refreshes(&self) -> Vec<Refresh> {
        let all = [
            (self.pulls_diagnostics, Refresh::Diagnostics),
            (self.refreshes_lenses, Refresh::Lenses),
            (self.refreshes_hints, Refresh::Hints),
            (self.refreshes_tokens, Refresh::Tokens),
        ];
        all.into_iter().filter_map(|(can, what)| can.then_some(what)).collect()
    }
}

/// The way to count characters that costs least, of those that the client can; every client can UTF-16.
fn encoding(offered: &ClientCapabilities) -> Encoding {
    let general = offered.general.as_ref();
    let offered = general.and_then(|general| general.position_encodings.as_deref()).unwrap_or_default();
    if offered.contains(&PositionEncodingKind::UTF8) {
        Encoding::Utf8
    } else if offered.contains(&PositionEncodingKind::UTF16)
        || !offered.contains(&PositionEncodingKind::UTF32)
    {
        Encoding::Utf16
    } else {
        Encoding::Utf32
    }
}

/// What this server does for a client.
pub fn offered(client: &Client) -> ServerCapabilities {
    ServerCapabilities {
        position_encoding: Some(match client.encoding {
            Encoding::Utf8 => PositionEncodingKind::UTF8,
            Encoding::Utf16 => PositionEncodingKind::UTF16,
            Encoding::Utf32 => PositionEncodingKind::UTF32,
        }),
        text_document_sync: Some(TextDocumentSyncCapability::Options(TextDocumentSyncOptions {
            open_close: Some(true),
            change: Some(TextDocumentSyncKind::INCREMENTAL),
            save: Some(TextDocumentSyncSaveOptions::Supported(true)),
            ..TextDocumentSyncOptions::default()
        })),
        diagnostic_provider: client.pulls_diagnostics.then(|| {
            DiagnosticServerCapabilities::Options(DiagnosticOptions {
                identifier: Some("iom".to_owned()),
                inter_file_dependencies: true,
                workspace_diagnostics: true,
                ..DiagnosticOptions::default()
            })
        }),
        document_formatting_provider: Some(OneOf::Left(true)),
        document_range_formatting_provider: Some(OneOf::Left(true)),
        document_symbol_provider: Some(OneOf::Left(true)),
        code_action_provider: Some(CodeActionProviderCapability::Options(CodeActionOptions {
            code_action_kinds: Some(vec![CodeActionKind::QUICKFIX]),
            ..CodeActionOptions::default()
        })),
        ..ServerCapabilities::default()
    }
}
