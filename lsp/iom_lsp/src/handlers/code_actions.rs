use std::collections::HashMap;

use iom_base::Span;
use iom_diagnostics::{Applicability, Fix};
use tower_lsp_server::ls_types::{
    CodeAction, CodeActionKind, CodeActionOrCommand, CodeActionParams, CodeActionResponse, Diagnostic,
    TextEdit, WorkspaceEdit,
};

use super::Result;
use crate::snapshot::Snapshot;

/// The fixes of the diagnostics that a range touches.
pub fn in_range(snapshot: &Snapshot, asked: CodeActionParams) -> Result<Option<CodeActionResponse>> {
    let Some(file) = snapshot.file(&asked.text_document.uri)? else { return Ok(None) };
    let wanted = file.text_range(asked.range);
    let mut actions = Vec::new();
    for found in snapshot.found(&file).iter().filter(|found| !found.fixes.is_empty()) {
        let place = found.primary.place.range();
        if place.start() <= wanted.end() && wanted.start() <= place.end() {
            let diagnostic = snapshot.diagnostic(&file, found);
            actions.extend(found.fixes.iter().map(|fix| quick_fix(snapshot, fix, &diagnostic)));
        }
    }
    Ok(Some(actions))
}

fn quick_fix(snapshot: &Snapshot, fix: &Fix<Span>, diagnostic: &Diagnostic) -> CodeActionOrCommand {
    let mut changes = HashMap::new();
    for edit in &fix.edits {
        let Some(place) = snapshot.location_of(edit.place) else { continue };
        let edit = TextEdit { range: place.range, new_text: edit.text.clone() };
        changes.entry(place.uri).or_insert_with(Vec::new).push(edit);
    }
    CodeActionOrCommand::CodeAction(CodeAction {
        title: fix.title.clone(),
        kind: Some(CodeActionKind::QUICKFIX),
        diagnostics: Some(vec![diagnostic.clone()]),
        edit: Some(WorkspaceEdit { changes: Some(changes), ..WorkspaceEdit::default() }),
        is_preferred: Some(fix.applicability == Applicability::Safe),
        ..CodeAction::default()
    })
}
