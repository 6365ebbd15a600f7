use tower_lsp_server::ls_types::{
    DocumentSymbolParams, DocumentSymbolResponse, OneOf, WorkspaceSymbol, WorkspaceSymbolParams,
    WorkspaceSymbolResponse,
};

use super::Result;
use crate::convert;
use crate::snapshot::Snapshot;

/// What a file declares, in order.
pub fn document(snapshot: &Snapshot, asked: DocumentSymbolParams) -> Result<Option<DocumentSymbolResponse>> {
    let Some(file) = snapshot.file(&asked.text_document.uri)? else { return Ok(None) };
    let symbols = snapshot.analysis.symbols(&file.path);
    let symbols = symbols.iter().map(|one| convert::symbol(&file.lines, one, file.encoding));
    Ok(Some(DocumentSymbolResponse::Nested(symbols.collect())))
}

/// Declarations of the workspace by some of their letters.
pub fn workspace(
    snapshot: &Snapshot,
    asked: WorkspaceSymbolParams,
) -> Result<Option<WorkspaceSymbolResponse>> {
    let found = snapshot.analysis.workspace_symbols(&asked.query);
    let symbol = |one: &iom_ide::FoundSymbol| {
        Some(WorkspaceSymbol {
            name: one.name.to_string(),
            kind: convert::symbol_kind(one.keyword),
            tags: None,
            container_name: Some(one.container.to_string()).filter(|container| !container.is_empty()),
            location: OneOf::Left(snapshot.location_of(one.place)?),
            data: None,
        })
    };
    Ok(Some(WorkspaceSymbolResponse::Nested(found.iter().filter_map(symbol).collect())))
}
