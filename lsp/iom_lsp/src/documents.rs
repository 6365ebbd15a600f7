use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

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
    /// Relative to the workspace, also for files of dependencies beside it; other files keep their whole path.
    pub fn path(&self, uri: &Uri) -> String {
        let Some(path) = uri.to_file_path() else { return uri.as_str().to_owned() };
        let mut up = String::new();
        for folder in self.root.ancestors().filter(|folder| folder.parent().is_some()) {
            if let Ok(inside) = path.strip_prefix(folder) {
                return up + &inside.to_string_lossy().replace('\\', "/");
            }
            up.push_str("../");
        }
        path.to_string_lossy().replace('\\', "/")
    }

    pub fn uri(&self, path: &str) -> Option<Uri> {
        let mut whole = PathBuf::new();
        for part in self.root.join(Path::new(path)).components() {
            match part {
                Component::ParentDir => drop(whole.pop()),
                part => whole.push(part),
            }
        }
        Uri::from_file_path(whole)
    }
}
