//! What the client can do, and what is offered to it.

use serde_json::json;
use tower_lsp_server::ls_types::{
    CallHierarchyServerCapability, ClientCapabilities, CodeActionKind, CodeActionOptions,
    CodeActionProviderCapability, CodeLensOptions, CompletionOptions, DiagnosticOptions,
    DiagnosticServerCapabilities, DocumentLinkOptions, DocumentOnTypeFormattingOptions,
    ExecuteCommandOptions, FoldingRangeProviderCapability, HoverProviderCapability,
    ImplementationProviderCapability, OneOf, PositionEncodingKind, RenameOptions, ResourceOperationKind,
    SelectionRangeProviderCapability, SemanticTokensFullOptions, SemanticTokensOptions,
    SemanticTokensServerCapabilities, ServerCapabilities, SignatureHelpOptions, TextDocumentSyncCapability,
    TextDocumentSyncKind, TextDocumentSyncOptions, TextDocumentSyncSaveOptions,
    TypeDefinitionProviderCapability, WorkDoneProgressOptions,
};

use crate::convert::Encoding;
use crate::documents::LIBRARY_SCHEME;
use crate::handlers::{commands, semantic_tokens};
use crate::outbox::Refresh;

/// All safe fixes of a file at once.
pub const FIX_ALL: CodeActionKind = CodeActionKind::new("source.fixAll.iom");

/// What matters of what a client can do.
#[derive(Clone, Copy, Debug, Default)]
pub struct Client {
    pub encoding: Encoding,
    /// It asks for diagnostics and can be told to ask again. One that cannot would show what is no longer true: it is told.
    pub pulls_diagnostics: bool,
    /// It watches files for those who ask it to.
    pub watches_files: bool,
    /// It makes files that an edit needs.
    pub creates_files: bool,
    /// It learns after the beginning that there are type hierarchies: the answer to `initialize` has no word for them.
    pub registers_types: bool,
    pub refreshes_lenses: bool,
    pub refreshes_hints: bool,
    pub refreshes_tokens: bool,
    /// Places come with the word that they were asked for.
    pub follows_links: bool,
    /// Suggestions may have places to fill in.
    pub takes_snippets: bool,
    /// It shows documents that are in the server: those of the standard library.
    pub reads_library: bool,
}

impl Client {
    pub fn of(offered: &ClientCapabilities) -> Client {
        let workspace = offered.workspace.as_ref();
        let asks = offered.text_document.as_ref().is_some_and(|document| document.diagnostic.is_some());
        let refreshes = workspace.and_then(|workspace| workspace.diagnostics.as_ref()?.refresh_support);
        let watches = workspace.and_then(|workspace| workspace.did_change_watched_files.as_ref());
        let edits = workspace.and_then(|workspace| workspace.workspace_edit.as_ref());
        let operations = edits.and_then(|edits| edits.resource_operations.as_ref());
        let document = offered.text_document.as_ref();
        let types = document.and_then(|document| document.type_hierarchy.as_ref()?.dynamic_registration);
        let lenses = workspace.and_then(|workspace| workspace.code_lens.as_ref()?.refresh_support);
        let hints = workspace.and_then(|workspace| workspace.inlay_hint.as_ref()?.refresh_support);
        let tokens = workspace.and_then(|workspace| workspace.semantic_tokens.as_ref()?.refresh_support);
        let document = offered.text_document.as_ref();
        let links = document.and_then(|document| document.definition.as_ref()?.link_support);
        let item = document.and_then(|document| document.completion.as_ref()?.completion_item.as_ref());
        let snippets = item.and_then(|item| item.snippet_support);
        let content = offered.experimental.as_ref().and_then(|more| more["textDocumentContent"].as_bool());
        Client {
            encoding: encoding(offered),
            pulls_diagnostics: asks && refreshes == Some(true),
            watches_files: watches.is_some_and(|watches| watches.dynamic_registration == Some(true)),
            creates_files: operations.is_some_and(|kinds| kinds.contains(&ResourceOperationKind::Create)),
            registers_types: types == Some(true),
            refreshes_lenses: lenses == Some(true),
            refreshes_hints: hints == Some(true),
            refreshes_tokens: tokens == Some(true),
            follows_links: links == Some(true),
            takes_snippets: snippets == Some(true),
            reads_library: content == Some(true),
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
        workspace_symbol_provider: Some(OneOf::Left(true)),
        hover_provider: Some(HoverProviderCapability::Simple(true)),
        completion_provider: Some(CompletionOptions {
            resolve_provider: Some(true),
            trigger_characters: Some([".", ":", "\"", "[", "$"].map(str::to_owned).to_vec()),
            ..CompletionOptions::default()
        }),
        signature_help_provider: Some(SignatureHelpOptions {
            trigger_characters: Some(["(", ","].map(str::to_owned).to_vec()),
            ..SignatureHelpOptions::default()
        }),
        definition_provider: Some(OneOf::Left(true)),
        type_definition_provider: Some(TypeDefinitionProviderCapability::Simple(true)),
        implementation_provider: Some(ImplementationProviderCapability::Simple(true)),
        references_provider: Some(OneOf::Left(true)),
        document_highlight_provider: Some(OneOf::Left(true)),
        rename_provider: Some(OneOf::Right(RenameOptions {
            prepare_provider: Some(true),
            work_done_progress_options: WorkDoneProgressOptions::default(),
        })),
        document_link_provider: Some(DocumentLinkOptions {
            resolve_provider: Some(false),
            work_done_progress_options: WorkDoneProgressOptions::default(),
        }),
        folding_range_provider: Some(FoldingRangeProviderCapability::Simple(true)),
        selection_range_provider: Some(SelectionRangeProviderCapability::Simple(true)),
        semantic_tokens_provider: Some(SemanticTokensServerCapabilities::SemanticTokensOptions(
            SemanticTokensOptions {
                legend: semantic_tokens::legend(),
                range: Some(true),
                full: Some(SemanticTokensFullOptions::Delta { delta: Some(true) }),
                ..SemanticTokensOptions::default()
            },
        )),
        inlay_hint_provider: Some(OneOf::Left(true)),
        experimental: Some(json!({ "textDocumentContent": { "schemes": [LIBRARY_SCHEME] } })),
        code_action_provider: Some(CodeActionProviderCapability::Options(CodeActionOptions {
            code_action_kinds: Some(vec![
                CodeActionKind::QUICKFIX,
                FIX_ALL,
                CodeActionKind::SOURCE_ORGANIZE_IMPORTS,
            ]),
            ..CodeActionOptions::default()
        })),
        code_lens_provider: Some(CodeLensOptions { resolve_provider: Some(false) }),
        call_hierarchy_provider: Some(CallHierarchyServerCapability::Simple(true)),
        document_on_type_formatting_provider: Some(DocumentOnTypeFormattingOptions {
            first_trigger_character: "}".to_owned(),
            more_trigger_character: Some(vec!["\n".to_owned()]),
        }),
        execute_command_provider: Some(ExecuteCommandOptions {
            commands: commands::ALL.map(str::to_owned).to_vec(),
            ..ExecuteCommandOptions::default()
        }),
        ..ServerCapabilities::default()
    }
}
