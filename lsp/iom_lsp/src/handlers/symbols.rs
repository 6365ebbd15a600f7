use tower_lsp_server::ls_types::{DocumentSymbolParams, DocumentSymbolResponse};

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
