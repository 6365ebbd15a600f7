use iom_base::TextSize;
use iom_ide::live::{CallItem, CallLink, Live, TypeItem};
use serde_json::{Value, json};
use tower_lsp_server::ls_types::{
    CallHierarchyIncomingCall, CallHierarchyIncomingCallsParams, CallHierarchyItem,
    CallHierarchyOutgoingCall, CallHierarchyOutgoingCallsParams, CallHierarchyPrepareParams, Location,
    SymbolKind, TypeHierarchyItem, TypeHierarchyPrepareParams, TypeHierarchySubtypesParams,
    TypeHierarchySupertypesParams,
};

use super::Result;
use crate::snapshot::Snapshot;

pub fn call_item(
    snapshot: &Snapshot,
    asked: CallHierarchyPrepareParams,
) -> Result<Option<Vec<CallHierarchyItem>>> {
    let asked = asked.text_document_position_params;
    let Some(file) = snapshot.file(&asked.text_document.uri)? else { return Ok(None) };
    let offset = TextSize::new(file.offset(asked.position));
    let item = live(snapshot).and_then(|live| live.call_item(&snapshot.analysis, &file.path, offset));
    Ok(item.and_then(|item| called(snapshot, &item)).map(|item| vec![item]))
}

/// What depends on a resource.
pub fn incoming(
    snapshot: &Snapshot,
    asked: CallHierarchyIncomingCallsParams,
) -> Result<Option<Vec<CallHierarchyIncomingCall>>> {
    let name = name_in(asked.item.data, asked.item.name);
    let links = live(snapshot).map(|live| live.incoming(&snapshot.analysis, &name)).unwrap_or_default();
    let call = |link: CallLink| {
        let from = linked(snapshot, &link)?;
        let from_ranges = vec![from.selection_range];
        Some(CallHierarchyIncomingCall { from, from_ranges })
    };
    Ok(Some(links.into_iter().filter_map(call).collect()))
}

/// What a resource depends on.
pub fn outgoing(
    snapshot: &Snapshot,
    asked: CallHierarchyOutgoingCallsParams,
) -> Result<Option<Vec<CallHierarchyOutgoingCall>>> {
    let from_ranges = vec![asked.item.selection_range];
    let name = name_in(asked.item.data, asked.item.name);
    let links = live(snapshot).map(|live| live.outgoing(&snapshot.analysis, &name)).unwrap_or_default();
    let call = |link: CallLink| {
        let to = linked(snapshot, &link)?;
        Some(CallHierarchyOutgoingCall { to, from_ranges: from_ranges.clone() })
    };
    Ok(Some(links.into_iter().filter_map(call).collect()))
}

pub fn type_item(
    snapshot: &Snapshot,
    asked: TypeHierarchyPrepareParams,
) -> Result<Option<Vec<TypeHierarchyItem>>> {
    let asked = asked.text_document_position_params;
    let Some(file) = snapshot.file(&asked.text_document.uri)? else { return Ok(None) };
    let item = snapshot.analysis.type_item(&file.path, TextSize::new(file.offset(asked.position)));
    Ok(item.and_then(|item| typed(snapshot, &item)).map(|item| vec![item]))
}

pub fn supertypes(
    snapshot: &Snapshot,
    asked: TypeHierarchySupertypesParams,
) -> Result<Option<Vec<TypeHierarchyItem>>> {
    let name = name_in(asked.item.data, asked.item.name);
    let found = live(snapshot).map(|live| live.supertypes(&snapshot.analysis, &name)).unwrap_or_default();
    Ok(Some(found.iter().filter_map(|item| typed(snapshot, item)).collect()))
}

pub fn subtypes(
    snapshot: &Snapshot,
    asked: TypeHierarchySubtypesParams,
) -> Result<Option<Vec<TypeHierarchyItem>>> {
    let name = name_in(asked.item.data, asked.item.name);
    let found = live(snapshot).map(|live| live.subtypes(&snapshot.analysis, &name)).unwrap_or_default();
    Ok(Some(found.iter().filter_map(|item| typed(snapshot, item)).collect()))
}

fn live(snapshot: &Snapshot) -> Option<&Live> {
    snapshot.live.as_ref().map(|known| &known.live)
}

/// The name by which an item is asked for.
fn name_in(data: Option<Value>, shown: String) -> String {
    let name = data.as_ref().and_then(|data| data.get("name")).and_then(Value::as_str);
    name.map(str::to_owned).unwrap_or(shown)
}

fn linked(snapshot: &Snapshot, link: &CallLink) -> Option<CallHierarchyItem> {
    let mut item = called(snapshot, &link.item)?;
    item.detail = Some(format!("{} · {}", link.item.detail, link.through));
    Some(item)
}

/// What nothing describes has no place, and cannot be shown in a tree of places.
fn called(snapshot: &Snapshot, item: &CallItem) -> Option<CallHierarchyItem> {
    let Location { uri, range } = snapshot.place(item.place.as_ref()?)?;
    Some(CallHierarchyItem {
        name: item.name.to_string(),
        kind: SymbolKind::OBJECT,
        tags: None,
        detail: Some(item.detail.clone()),
        uri,
        range,
        selection_range: range,
        data: Some(json!({ "name": item.name })),
    })
}

fn typed(snapshot: &Snapshot, item: &TypeItem) -> Option<TypeHierarchyItem> {
    let (path, range) = item.place.as_ref()?;
    let Location { uri, range } = snapshot.location(path, *range)?;
    Some(TypeHierarchyItem {
        name: item.name.to_string(),
        kind: match item.keyword {
            "trait" => SymbolKind::INTERFACE,
            "kind" => SymbolKind::CLASS,
            "blueprint" => SymbolKind::FUNCTION,
            _ => SymbolKind::OBJECT,
        },
        tags: None,
        detail: Some(item.keyword.to_owned()),
        uri,
        range,
        selection_range: range,
        data: Some(json!({ "name": item.name })),
    })
}
