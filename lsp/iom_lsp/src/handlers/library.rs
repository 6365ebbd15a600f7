//! Files of the standard library, which are in the server and not on disk.

use serde::{Deserialize, Serialize};
use tower_lsp_server::jsonrpc::Error;
use tower_lsp_server::ls_types::Uri;

use super::Result;
use crate::snapshot::Snapshot;

#[derive(Clone, Debug, Deserialize)]
pub struct TextDocumentContentParams {
    pub uri: Uri,
}

#[derive(Clone, Debug, Serialize)]
pub struct TextDocumentContent {
    pub text: String,
}

/// `workspace/textDocumentContent`: the text of a file of the library.
///
/// # Errors
/// Where there is no such file. Files on disk are the client's to read.
pub fn content(snapshot: &Snapshot, asked: TextDocumentContentParams) -> Result<TextDocumentContent> {
    let path = snapshot.paths.path(&asked.uri);
    let text = path.starts_with("std:").then(|| snapshot.analysis.text(&path)).flatten();
    match text {
        Some(text) => Ok(TextDocumentContent { text: text.to_owned() }),
        None => Err(Error::invalid_params(format!("`{}` is no file of the library", asked.uri.as_str()))),
    }
}
