use tower_lsp_server::ls_types::{
    DocumentFormattingParams, DocumentOnTypeFormattingParams, DocumentRangeFormattingParams, Range, TextEdit,
};

use super::Result;
use crate::snapshot::Snapshot;

/// One edit that replaces the whole text; none where nothing would change, nothing where it does not parse.
pub fn document(snapshot: &Snapshot, asked: DocumentFormattingParams) -> Result<Option<Vec<TextEdit>>> {
    let Some(file) = snapshot.file(&asked.text_document.uri)? else { return Ok(None) };
    let Some(formatted) = snapshot.analysis.formatted(&file.path) else { return Ok(None) };
    if file.text == formatted {
        return Ok(Some(Vec::new()));
    }
    let end = file.position(u32::MAX);
    Ok(Some(vec![TextEdit { range: Range { start: Default::default(), end }, new_text: formatted }]))
}

/// What would change in the lines that a range touches.
pub fn range(snapshot: &Snapshot, asked: DocumentRangeFormattingParams) -> Result<Option<Vec<TextEdit>>> {
    let Some(file) = snapshot.file(&asked.text_document.uri)? else { return Ok(None) };
    let edits = snapshot.analysis.formatted_range(&file.path, file.text_range(asked.range));
    let edits =
        edits.into_iter().map(|edit| TextEdit { range: file.range(edit.range), new_text: edit.new_text });
    Ok(Some(edits.collect()))
}

/// What would change in what was just finished: the line before the cursor's, or what a brace closes. The cursor's own line
/// stays as it is.
pub fn on_type(snapshot: &Snapshot, asked: DocumentOnTypeFormattingParams) -> Result<Option<Vec<TextEdit>>> {
    let place = asked.text_document_position;
    let Some(file) = snapshot.file(&place.text_document.uri)? else { return Ok(None) };
    let edits =
        snapshot.analysis.formatted_on_type(&file.path, file.offset(place.position).into(), &asked.ch);
    let shown =
        edits.into_iter().map(|edit| TextEdit { range: file.range(edit.range), new_text: edit.new_text });
    Ok(Some(shown.collect()))
}
