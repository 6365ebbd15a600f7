use iom_ide::{Completion, CompletionKind};
use serde_json::Value;
use tower_lsp_server::ls_types::{
    CompletionItem, CompletionItemKind, CompletionList, CompletionParams, CompletionResponse,
    CompletionTextEdit, Documentation, InsertTextFormat, TextEdit,
};

use super::{Result, markdown};
use crate::snapshot::{File, Snapshot};

/// What could be written at a position, the best first.
pub fn list(snapshot: &Snapshot, asked: CompletionParams) -> Result<Option<CompletionResponse>> {
    let at = asked.text_document_position;
    let Some(file) = snapshot.file(&at.text_document.uri)? else { return Ok(None) };
    let found = snapshot.analysis.completions(&file.path, file.offset(at.position));
    let items = found.items.iter().enumerate();
    let items = items.map(|(number, one)| item(snapshot, &file, one, number)).collect();
    let list = CompletionList { is_incomplete: found.is_incomplete, items };
    Ok(Some(CompletionResponse::List(list)))
}

fn item(snapshot: &Snapshot, file: &File<'_>, one: &Completion, number: usize) -> CompletionItem {
    let is_snippet = snapshot.client.takes_snippets && one.insert.contains('$');
    let new_text = if is_snippet { one.insert.clone() } else { one.plain() };
    let edit =
        |edit: &iom_ide::TextEdit| TextEdit { range: file.range(edit.range), new_text: edit.text.clone() };
    let also: Vec<TextEdit> = one.also.iter().map(edit).collect();
    let detail = match (one.detail.as_str(), one.is_required) {
        ("", true) => Some("required".to_owned()),
        ("", false) => None,
        (detail, true) => Some(format!("{detail} (required)")),
        (detail, false) => Some(detail.to_owned()),
    };
    CompletionItem {
        label: one.label.clone(),
        kind: Some(kind(one.kind)),
        detail,
        // Clients sort by the alphabet: the order is that of the list.
        sort_text: Some(format!("{number:04}")),
        filter_text: Some(file.text[one.replaced].to_owned()).filter(|_| one.label.starts_with("all ")),
        preselect: (number == 0 && one.is_required).then_some(true),
        insert_text_format: Some(if is_snippet {
            InsertTextFormat::SNIPPET
        } else {
            InsertTextFormat::PLAIN_TEXT
        }),
        text_edit: Some(CompletionTextEdit::Edit(TextEdit { range: file.range(one.replaced), new_text })),
        additional_text_edits: (!also.is_empty()).then_some(also),
        data: (!one.about.is_empty()).then(|| Value::String(one.about.clone())),
        ..CompletionItem::default()
    }
}

fn kind(kind: CompletionKind) -> CompletionItemKind {
    match kind {
        CompletionKind::Keyword => CompletionItemKind::KEYWORD,
        CompletionKind::Field => CompletionItemKind::FIELD,
        CompletionKind::Value => CompletionItemKind::ENUM_MEMBER,
        CompletionKind::Local => CompletionItemKind::VARIABLE,
        CompletionKind::Constant => CompletionItemKind::CONSTANT,
        CompletionKind::Function => CompletionItemKind::FUNCTION,
        CompletionKind::Resource => CompletionItemKind::REFERENCE,
        CompletionKind::Kind => CompletionItemKind::CLASS,
        CompletionKind::Trait => CompletionItemKind::INTERFACE,
        CompletionKind::Type => CompletionItemKind::STRUCT,
        CompletionKind::Module => CompletionItemKind::MODULE,
        CompletionKind::Policy => CompletionItemKind::EVENT,
        CompletionKind::Blueprint => CompletionItemKind::CONSTRUCTOR,
        CompletionKind::Control => CompletionItemKind::VALUE,
        CompletionKind::Other => CompletionItemKind::TEXT,
    }
}

/// What is said of one of them.
pub fn resolve(snapshot: &Snapshot, mut asked: CompletionItem) -> Result<CompletionItem> {
    if let Some(Value::String(about)) = &asked.data
        && let Some(doc) = snapshot.analysis.completion_doc(about)
    {
        asked.documentation = Some(Documentation::MarkupContent(markdown(doc)));
    }
    Ok(asked)
}
