use tower_lsp_server::ls_types::{Hover, HoverContents, HoverParams};

use super::{Result, markdown};
use crate::snapshot::Snapshot;

/// What stands at a position, and what the rules say of it.
pub fn at(snapshot: &Snapshot, asked: HoverParams) -> Result<Option<Hover>> {
    let at = asked.text_document_position_params;
    let Some(file) = snapshot.file(&at.text_document.uri)? else { return Ok(None) };
    let offset = file.offset(at.position);
    let what = snapshot.analysis.hover(&file.path, offset);
    let live = snapshot.live.as_ref().map(|report| &report.live);
    let verdicts = live.and_then(|live| live.hover(&snapshot.analysis, &file.path, offset.into()));
    let range = what.as_ref().map(|hover| file.range(hover.range));
    let parts: Vec<String> = what.map(|hover| hover.markdown).into_iter().chain(verdicts).collect();
    Ok((!parts.is_empty())
        .then(|| Hover { contents: HoverContents::Markup(markdown(parts.join("\n\n---\n\n"))), range }))
}
