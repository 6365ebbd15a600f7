use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use iom_base::Lines;
use tower_lsp_server::ls_types::{TextDocumentContentChangeEvent, Uri};

use crate::convert::{Encoding, offset};

/// Files that are open in the editor: their texts are the editor's, not the disk's.
#[derive(Default)]
pub struct Documents {
    open: BTreeMap<String, Document>,
}

pub struct Document {
    pub uri: Uri,
    pub version: i32,
    pub text: String,
}

impl Documents {
    pub fn open(&mut self, path: String, uri: Uri, version: i32, text: String) {
        self.open.insert(path, Document { uri, version, text });
    }

    pub fn close(&mut self, path: &str) {
        self.open.remove(path);
    }

    pub fn get(&self, path: &str) -> Option<&Document> {
        self.open.get(path)
    }

    /// Applies edits one after the other, each to the text that the one before left.
    pub fn change(
        &mut self,
        path: &str,
        version: i32,
        changes: Vec<TextDocumentContentChangeEvent>,
        encoding: Encoding,
    ) -> Option<&str> {
        let document = self.open.get_mut(path)?;
        document.version = version;
        for change in changes {
            match change.range {
                None => document.text = change.text,
                Some(range) => {
                    let lines = Lines::new(&document.text);
                    let start = offset(&document.text, &lines, range.start, encoding);
                    let end = offset(&document.text, &lines, range.end, encoding).max(start);
                    document.text.replace_range(start..end, &change.text);
                }
            }
        }
        Some(&document.text)
    }
}

/// How files are called inside the workspace and for the editor.
pub struct Paths {
    pub root: PathBuf,
}

impl Paths {
    /// Relative to the workspace; files outside keep their whole path.
    pub fn path(&self, uri: &Uri) -> String {
        let Some(path) = uri.to_file_path() else { return uri.as_str().to_owned() };
        let inside = path.strip_prefix(&self.root).unwrap_or(&path);
        inside.to_string_lossy().replace('\\', "/")
    }

    pub fn uri(&self, path: &str) -> Option<Uri> {
        Uri::from_file_path(self.root.join(Path::new(path)))
    }
}
