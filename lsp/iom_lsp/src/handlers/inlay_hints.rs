use iom_ide::HintKind;
use tower_lsp_server::ls_types::{InlayHint, InlayHintKind, InlayHintLabel, InlayHintParams};

use super::Result;
use crate::snapshot::Snapshot;

/// What nobody wrote, in a range.
pub fn in_range(snapshot: &Snapshot, asked: InlayHintParams) -> Result<Option<Vec<InlayHint>>> {
    let Some(file) = snapshot.file(&asked.text_document.uri)? else { return Ok(None) };
    let hints = snapshot.analysis.inlay_hints(&file.path, file.text_range(asked.range));
    let hint = |one: iom_ide::InlayHint| InlayHint {
        position: file.position(one.offset.into()),
        label: InlayHintLabel::String(one.label),
        kind: match one.kind {
            HintKind::Type => Some(InlayHintKind::TYPE),
            HintKind::Parameter => Some(InlayHintKind::PARAMETER),
            HintKind::Default => None,
        },
        text_edits: None,
        tooltip: None,
        padding_left: None,
        padding_right: (one.kind == HintKind::Parameter).then_some(true),
        data: None,
    };
    Ok(Some(hints.into_iter().map(hint).collect()))
}
