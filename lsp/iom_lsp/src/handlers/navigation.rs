//! From a word to what it means, and to all places that mean it.

use iom_ide::{Access, Destination};
use tower_lsp_server::ls_types::{
    DocumentHighlight, DocumentHighlightKind, DocumentHighlightParams, GotoDefinitionParams,
    GotoDefinitionResponse, Location, LocationLink, ReferenceParams, TextDocumentPositionParams,
};

use super::Result;
use crate::snapshot::{File, Snapshot};

pub fn definition(
    snapshot: &Snapshot,
    asked: GotoDefinitionParams,
) -> Result<Option<GotoDefinitionResponse>> {
    destinations(snapshot, &asked.text_document_position_params, |file, offset| {
        snapshot.analysis.definition(&file.path, offset)
    })
}

pub fn type_definition(
    snapshot: &Snapshot,
    asked: GotoDefinitionParams,
) -> Result<Option<GotoDefinitionResponse>> {
    destinations(snapshot, &asked.text_document_position_params, |file, offset| {
        snapshot.analysis.type_definition(&file.path, offset)
    })
}

pub fn implementation(
    snapshot: &Snapshot,
    asked: GotoDefinitionParams,
) -> Result<Option<GotoDefinitionResponse>> {
    destinations(snapshot, &asked.text_document_position_params, |file, offset| {
        snapshot.analysis.implementation(&file.path, offset)
    })
}

fn destinations(
    snapshot: &Snapshot,
    at: &TextDocumentPositionParams,
    find: impl Fn(&File<'_>, u32) -> Vec<Destination>,
) -> Result<Option<GotoDefinitionResponse>> {
    let Some(file) = snapshot.file(&at.text_document.uri)? else { return Ok(None) };
    let found = find(&file, file.offset(at.position));
    if !snapshot.client.follows_links {
        let places = found.iter().filter_map(|one| snapshot.location_of(one.name));
        return Ok(Some(GotoDefinitionResponse::Array(places.collect())));
    }
    let link = |one: &Destination| {
        let name = snapshot.location_of(one.name)?;
        Some(LocationLink {
            origin_selection_range: Some(file.range(one.origin)),
            target_range: snapshot.location_of(one.whole)?.range,
            target_selection_range: name.range,
            target_uri: name.uri,
        })
    };
    Ok(Some(GotoDefinitionResponse::Link(found.iter().filter_map(link).collect())))
}

pub fn references(snapshot: &Snapshot, asked: ReferenceParams) -> Result<Option<Vec<Location>>> {
    let at = asked.text_document_position;
    let Some(file) = snapshot.file(&at.text_document.uri)? else { return Ok(None) };
    let is_wanted = asked.context.include_declaration;
    let found = snapshot.analysis.references(&file.path, file.offset(at.position), is_wanted);
    Ok(Some(found.iter().filter_map(|one| snapshot.location_of(one.place)).collect()))
}

pub fn highlights(
    snapshot: &Snapshot,
    asked: DocumentHighlightParams,
) -> Result<Option<Vec<DocumentHighlight>>> {
    let at = asked.text_document_position_params;
    let Some(file) = snapshot.file(&at.text_document.uri)? else { return Ok(None) };
    let found = snapshot.analysis.highlights(&file.path, file.offset(at.position));
    let highlight = |one: &iom_ide::Reference| DocumentHighlight {
        range: file.range(one.place.range()),
        kind: Some(match one.access {
            Access::Read => DocumentHighlightKind::READ,
            Access::Declaration | Access::Write => DocumentHighlightKind::WRITE,
        }),
    };
    Ok(Some(found.iter().map(highlight).collect()))
}
