use tower_lsp_server::ls_types::{
    Documentation, ParameterInformation, ParameterLabel, SignatureHelp, SignatureHelpParams,
    SignatureInformation,
};

use super::{Result, markdown};
use crate::snapshot::Snapshot;

/// What the call around a position takes.
pub fn at(snapshot: &Snapshot, asked: SignatureHelpParams) -> Result<Option<SignatureHelp>> {
    let at = asked.text_document_position_params;
    let Some(file) = snapshot.file(&at.text_document.uri)? else { return Ok(None) };
    let Some(found) = snapshot.analysis.signature_help(&file.path, file.offset(at.position)) else {
        return Ok(None);
    };
    let parameter = |place: &std::ops::Range<usize>| ParameterInformation {
        label: ParameterLabel::Simple(found.label[place.clone()].to_owned()),
        documentation: None,
    };
    let active_parameter = found.active.and_then(|at| u32::try_from(at).ok());
    let signature = SignatureInformation {
        parameters: Some(found.parameters.iter().map(parameter).collect()),
        documentation: found.doc.map(|doc| Documentation::MarkupContent(markdown(doc))),
        label: found.label,
        active_parameter,
    };
    Ok(Some(SignatureHelp { signatures: vec![signature], active_signature: Some(0), active_parameter }))
}
