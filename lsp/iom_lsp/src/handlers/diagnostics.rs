//! Diagnostics for clients that ask for them.

use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};

use rustc_hash::FxHasher;
use tower_lsp_server::jsonrpc::{Error, ErrorCode};
use tower_lsp_server::ls_types::{
    Diagnostic, DocumentDiagnosticParams, DocumentDiagnosticReport, DocumentDiagnosticReportResult,
    FullDocumentDiagnosticReport, RelatedFullDocumentDiagnosticReport,
    RelatedUnchangedDocumentDiagnosticReport, UnchangedDocumentDiagnosticReport, WorkspaceDiagnosticParams,
    WorkspaceDiagnosticReport, WorkspaceDiagnosticReportResult, WorkspaceDocumentDiagnosticReport,
    WorkspaceFullDocumentDiagnosticReport, WorkspaceUnchangedDocumentDiagnosticReport,
};

use super::Result;
use crate::snapshot::Snapshot;

/// What is wrong in a document.
///
/// # Errors
/// "Server cancelled, ask again" where it has been edited since it was asked.
pub fn document(
    snapshot: &Snapshot,
    asked: DocumentDiagnosticParams,
) -> Result<DocumentDiagnosticReportResult> {
    let file = snapshot.file(&asked.text_document.uri).map_err(|_| ask_again())?;
    let items = file.map(|file| snapshot.diagnostics(&file)).unwrap_or_default();
    let id = result_id(&items);
    let report = if asked.previous_result_id.as_ref() == Some(&id) {
        let unchanged = UnchangedDocumentDiagnosticReport { result_id: id };
        DocumentDiagnosticReport::Unchanged(RelatedUnchangedDocumentDiagnosticReport {
            related_documents: None,
            unchanged_document_diagnostic_report: unchanged,
        })
    } else {
        let full = FullDocumentDiagnosticReport { result_id: Some(id), items };
        DocumentDiagnosticReport::Full(RelatedFullDocumentDiagnosticReport {
            related_documents: None,
            full_document_diagnostic_report: full,
        })
    };
    Ok(DocumentDiagnosticReportResult::Report(report))
}

/// What is wrong in all files. Those with nothing wrong are only named where the client knows something else.
pub fn workspace(
    snapshot: &Snapshot,
    asked: WorkspaceDiagnosticParams,
) -> Result<WorkspaceDiagnosticReportResult> {
    let known = asked.previous_result_ids.into_iter().map(|known| (known.uri.as_str().to_owned(), known));
    let mut known: BTreeMap<String, _> = known.collect();
    let mut items = Vec::new();
    for path in snapshot.paths() {
        let (Some(file), Some(uri)) = (snapshot.file_at(&path), snapshot.uri(&path)) else { continue };
        let version = snapshot.documents.get(&path).map(|document| document.version.into());
        let found = snapshot.diagnostics(&file);
        let id = result_id(&found);
        match known.remove(uri.as_str()) {
            Some(before) if before.value == id => {
                let unchanged = UnchangedDocumentDiagnosticReport { result_id: id };
                items.push(WorkspaceDocumentDiagnosticReport::Unchanged(
                    WorkspaceUnchangedDocumentDiagnosticReport {
                        uri,
                        version,
                        unchanged_document_diagnostic_report: unchanged,
                    },
                ));
            }
            None if found.is_empty() => {}
            _ => {
                let full = FullDocumentDiagnosticReport { result_id: Some(id), items: found };
                let full_document_diagnostic_report = full;
                items.push(WorkspaceDocumentDiagnosticReport::Full(WorkspaceFullDocumentDiagnosticReport {
                    uri,
                    version,
                    full_document_diagnostic_report,
                }));
            }
        }
    }
    // Files that are gone have nothing wrong.
    items.extend(known.into_values().map(|gone| {
        WorkspaceDocumentDiagnosticReport::Full(WorkspaceFullDocumentDiagnosticReport {
            uri: gone.uri,
            version: None,
            full_document_diagnostic_report: FullDocumentDiagnosticReport::default(),
        })
    }));
    Ok(WorkspaceDiagnosticReportResult::Report(WorkspaceDiagnosticReport { items }))
}

/// Equal for equal diagnostics.
fn result_id(items: &[Diagnostic]) -> String {
    let mut hasher = FxHasher::default();
    for item in items {
        serde_json::to_vec(item).unwrap_or_default().hash(&mut hasher);
    }
    format!("{:x}", hasher.finish())
}

fn ask_again() -> Error {
    const SERVER_CANCELLED: i64 = -32802;
    let mut error = Error::new(ErrorCode::ServerError(SERVER_CANCELLED));
    error.data = Some(serde_json::json!({ "retriggerRequest": true }));
    error
}
