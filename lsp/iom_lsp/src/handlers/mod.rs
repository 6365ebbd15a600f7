//! One function for each kind of request: a snapshot and the parameters go in, the answer comes out.

pub mod code_actions;
pub mod code_lenses;
pub mod commands;
pub mod completion;
pub mod diagnostics;
pub mod formatting;
pub mod hierarchies;
pub mod hover;
pub mod inlay_hints;
pub mod library;
pub mod navigation;
pub mod rename;
pub mod semantic_tokens;
pub mod signature_help;
pub mod structure;
pub mod symbols;

pub use tower_lsp_server::jsonrpc::Result;
use tower_lsp_server::ls_types::{MarkupContent, MarkupKind};

fn markdown(value: String) -> MarkupContent {
    MarkupContent { kind: MarkupKind::Markdown, value }
}

#[cfg(test)]
mod tests;
