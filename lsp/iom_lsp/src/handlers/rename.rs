use std::collections::HashMap;

use tower_lsp_server::jsonrpc::{Error, ErrorCode};
use tower_lsp_server::ls_types::{
    PrepareRenameResponse, RenameParams, TextDocumentPositionParams, TextEdit, WorkspaceEdit,
};

use super::Result;
use crate::snapshot::Snapshot;

/// Whether what stands at a position can have another name, and what it is called.
///
/// # Errors
/// Why it cannot.
pub fn prepare(
    snapshot: &Snapshot,
    asked: TextDocumentPositionParams,
) -> Result<Option<PrepareRenameResponse>> {
    let Some(file) = snapshot.file(&asked.text_document.uri)? else { return Ok(None) };
    let found = snapshot.analysis.prepare_rename(&file.path, file.offset(asked.position)).map_err(refused)?;
    let range = file.range(found.range);
    Ok(Some(PrepareRenameResponse::RangeWithPlaceholder { range, placeholder: found.name }))
}

/// The edits that give what stands at a position another name, in all files.
///
/// # Errors
/// Why it cannot have it.
pub fn rename(snapshot: &Snapshot, asked: RenameParams) -> Result<Option<WorkspaceEdit>> {
    let at = asked.text_document_position;
    let Some(file) = snapshot.file(&at.text_document.uri)? else { return Ok(None) };
    let found = snapshot.analysis.rename(&file.path, file.offset(at.position), &asked.new_name);
    let mut changes = HashMap::new();
    for (id, edits) in found.map_err(refused)? {
        let path = snapshot.analysis.path(id);
        let (Some(uri), Some(file)) = (snapshot.uri(path), snapshot.file_at(path)) else { continue };
        let edits = edits.into_iter();
        let edits = edits.map(|edit| TextEdit { range: file.range(edit.range), new_text: edit.text });
        changes.insert(uri, edits.collect());
    }
    Ok(Some(WorkspaceEdit { changes: Some(changes), ..WorkspaceEdit::default() }))
}

fn refused(why: String) -> Error {
    /// "Request failed": what was asked for is fine, and cannot be done.
    const REQUEST_FAILED: i64 = -32803;
    Error { message: why.into(), ..Error::new(ErrorCode::ServerError(REQUEST_FAILED)) }
}
