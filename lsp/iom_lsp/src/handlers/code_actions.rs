use std::collections::HashMap;

use iom_base::TextRange;
use iom_diagnostics::Applicability;
use iom_ide::{ActionKind, FileEdit};
use tower_lsp_server::ls_types::{
    self, CodeAction, CodeActionKind, CodeActionOrCommand, CodeActionParams, CodeActionResponse, CreateFile,
    CreateFileOptions, Diagnostic, DocumentChangeOperation, DocumentChanges, NumberOrString, OneOf,
    OptionalVersionedTextDocumentIdentifier, Range, ResourceOp, TextDocumentEdit, TextEdit, WorkspaceEdit,
};

use super::Result;
use crate::capabilities::FIX_ALL;
use crate::snapshot::{File, Snapshot};

/// What can be done in a range; what is done to a whole file only where it is asked for by name.
pub fn in_range(snapshot: &Snapshot, asked: CodeActionParams) -> Result<Option<CodeActionResponse>> {
    let Some(file) = snapshot.file(&asked.text_document.uri)? else { return Ok(None) };
    if file.path == iom_manifest::FILE_NAME {
        return Ok(Some(of_manifest(snapshot, &file, file.text_range(asked.range))));
    }
    let analysis = &snapshot.analysis;
    let wants = Wants(asked.context.only);
    let mut actions = Vec::new();
    if wants.has(&CodeActionKind::QUICKFIX) {
        let live = snapshot.live.as_ref().map(|known| &known.live);
        actions.extend(analysis.code_actions(&file.path, file.text_range(asked.range), live));
    }
    if wants.names(&FIX_ALL) {
        actions.extend(analysis.fix_all(&file.path));
    }
    if wants.names(&CodeActionKind::SOURCE_ORGANIZE_IMPORTS) {
        actions.extend(analysis.organize_imports(&file.path));
    }
    if actions.is_empty() {
        return Ok(Some(Vec::new()));
    }
    let diagnostics = snapshot.diagnostics(&file);
    let shown = actions.into_iter().filter_map(|action| shown(snapshot, &file, &diagnostics, action));
    Ok(Some(shown.map(CodeActionOrCommand::CodeAction).collect()))
}

/// The fixes of what is wrong in `iom.toml`, of which the front end knows nothing.
fn of_manifest(snapshot: &Snapshot, file: &File<'_>, wanted: TextRange) -> CodeActionResponse {
    let found = snapshot.found(file);
    let touches = |place: TextRange| place.start() <= wanted.end() && wanted.start() <= place.end();
    let here = found.iter().filter(|one| touches(one.primary.place.range()));
    let fixes = here.flat_map(|one| one.fixes.iter().map(move |fix| (one, fix)));
    let actions = fixes.filter_map(|(one, fix)| {
        let edit = |edit: &iom_diagnostics::Edit| FileEdit {
            path: file.path.as_str().into(),
            range: edit.place.range(),
            text: edit.text.clone(),
            is_new_file: false,
        };
        let edits: Vec<FileEdit> = fix.edits.iter().map(edit).collect();
        Some(CodeActionOrCommand::CodeAction(CodeAction {
            title: fix.title.clone(),
            kind: Some(CodeActionKind::QUICKFIX),
            diagnostics: Some(vec![snapshot.diagnostic(file, one)]),
            edit: Some(workspace_edit(snapshot, &edits)?),
            is_preferred: (fix.applicability == Applicability::Safe).then_some(true),
            ..CodeAction::default()
        }))
    });
    actions.collect()
}

/// The kinds that are asked for; `source` asks for everything below it.
struct Wants(Option<Vec<CodeActionKind>>);

impl Wants {
    fn has(&self, kind: &CodeActionKind) -> bool {
        self.0.is_none() || self.names(kind)
    }

    fn names(&self, kind: &CodeActionKind) -> bool {
        let is_above = |asked: &CodeActionKind| {
            let rest = kind.as_str().strip_prefix(asked.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.') || asked.as_str().is_empty())
        };
        self.0.as_ref().is_some_and(|asked| asked.iter().any(is_above))
    }
}

fn shown(
    snapshot: &Snapshot,
    file: &File<'_>,
    diagnostics: &[Diagnostic],
    action: iom_ide::CodeAction,
) -> Option<CodeAction> {
    let about = action.about.map(|(range, code)| {
        let (range, code) = (file.range(range), Some(NumberOrString::String(code.to_string())));
        let is_it = |one: &&Diagnostic| one.range == range && one.code == code;
        diagnostics.iter().filter(is_it).cloned().collect::<Vec<_>>()
    });
    Some(CodeAction {
        title: action.title,
        kind: Some(match action.kind {
            ActionKind::QuickFix => CodeActionKind::QUICKFIX,
            ActionKind::FixAll => FIX_ALL,
            ActionKind::OrganizeImports => CodeActionKind::SOURCE_ORGANIZE_IMPORTS,
        }),
        diagnostics: about.filter(|about| !about.is_empty()),
        edit: Some(workspace_edit(snapshot, &action.edits)?),
        is_preferred: action.is_preferred.then_some(true),
        ..CodeAction::default()
    })
}

/// Edits of the workspace; nothing where a file would have to be made and the client makes none.
#[allow(clippy::mutable_key_type, reason = "the protocol's map is by address, which nobody changes")]
fn workspace_edit(snapshot: &Snapshot, edits: &[FileEdit]) -> Option<WorkspaceEdit> {
    if edits.iter().any(|edit| edit.is_new_file) {
        return snapshot.client.creates_files.then(|| with_new_files(snapshot, edits)).flatten();
    }
    let mut changes: HashMap<ls_types::Uri, Vec<TextEdit>> = HashMap::new();
    for edit in edits {
        let range = snapshot.file_at(&edit.path)?.range(edit.range);
        let uri = snapshot.uri(&edit.path)?;
        changes.entry(uri).or_default().push(TextEdit { range, new_text: edit.text.clone() });
    }
    Some(WorkspaceEdit { changes: Some(changes), ..WorkspaceEdit::default() })
}

fn with_new_files(snapshot: &Snapshot, edits: &[FileEdit]) -> Option<WorkspaceEdit> {
    let mut operations = Vec::new();
    for edit in edits {
        let uri = snapshot.uri(&edit.path)?;
        if edit.is_new_file {
            let options = CreateFileOptions { overwrite: None, ignore_if_exists: Some(true) };
            let create = CreateFile { uri: uri.clone(), options: Some(options), annotation_id: None };
            operations.push(DocumentChangeOperation::Op(ResourceOp::Create(create)));
        }
        let range = snapshot.file_at(&edit.path).map_or(Range::default(), |file| file.range(edit.range));
        let version = snapshot.documents.get(edit.path.as_str()).map(|document| document.version);
        operations.push(DocumentChangeOperation::Edit(TextDocumentEdit {
            text_document: OptionalVersionedTextDocumentIdentifier { uri, version },
            edits: vec![OneOf::Left(TextEdit { range, new_text: edit.text.clone() })],
        }));
    }
    let document_changes = Some(DocumentChanges::Operations(operations));
    Some(WorkspaceEdit { document_changes, ..WorkspaceEdit::default() })
}
