//! What needs no meaning: folds, selections, links.

use iom_ide::{FoldKind, LinkTarget};
use tower_lsp_server::ls_types::{
    DocumentLink, DocumentLinkParams, FoldingRange, FoldingRangeKind, FoldingRangeParams, SelectionRange,
    SelectionRangeParams, Uri,
};

use super::Result;
use crate::snapshot::Snapshot;

pub fn folds(snapshot: &Snapshot, asked: FoldingRangeParams) -> Result<Option<Vec<FoldingRange>>> {
    let Some(file) = snapshot.file(&asked.text_document.uri)? else { return Ok(None) };
    let fold = |one: &iom_ide::Fold| {
        let range = file.range(one.range);
        // The line with the closing bracket stays.
        let end_line = match one.kind {
            FoldKind::Block => range.end.line.saturating_sub(1),
            FoldKind::Imports | FoldKind::Comment => range.end.line,
        };
        (end_line > range.start.line).then_some(FoldingRange {
            start_line: range.start.line,
            start_character: None,
            end_line,
            end_character: None,
            kind: match one.kind {
                FoldKind::Block => None,
                FoldKind::Imports => Some(FoldingRangeKind::Imports),
                FoldKind::Comment => Some(FoldingRangeKind::Comment),
            },
            collapsed_text: None,
        })
    };
    Ok(Some(snapshot.analysis.folds(&file.path).iter().filter_map(fold).collect()))
}

pub fn selections(snapshot: &Snapshot, asked: SelectionRangeParams) -> Result<Option<Vec<SelectionRange>>> {
    let Some(file) = snapshot.file(&asked.text_document.uri)? else { return Ok(None) };
    let chain = |offset: u32| {
        let ranges = snapshot.analysis.selections(&file.path, offset);
        let mut outer = None;
        for range in ranges.into_iter().rev() {
            outer = Some(SelectionRange { range: file.range(range), parent: outer.map(Box::new) });
        }
        // Every position has an answer.
        outer.unwrap_or_else(|| {
            let here = file.position(offset);
            SelectionRange {
                range: tower_lsp_server::ls_types::Range { start: here, end: here },
                parent: None,
            }
        })
    };
    Ok(Some(asked.positions.into_iter().map(|position| chain(file.offset(position))).collect()))
}

pub fn links(snapshot: &Snapshot, asked: DocumentLinkParams) -> Result<Option<Vec<DocumentLink>>> {
    let Some(file) = snapshot.file(&asked.text_document.uri)? else { return Ok(None) };
    let link = |one: &iom_ide::Link| {
        let target: Uri = match &one.target {
            LinkTarget::File(path) => snapshot.uri(path)?,
            LinkTarget::Address(address) => address.parse().ok()?,
        };
        Some(DocumentLink { range: file.range(one.range), target: Some(target), tooltip: None, data: None })
    };
    Ok(Some(snapshot.analysis.links(&file.path).iter().filter_map(link).collect()))
}
