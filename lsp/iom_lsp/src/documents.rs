use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use iom_base::Lines;
use tower_lsp_server::ls_types::{TextDocumentContentChangeEvent, Uri};

use crate::convert::{Encoding, offset};

/// What the paths of files of the standard library start with.
pub const LIBRARY: &str = "std:";

/// The scheme of their names for editors: they are in the server, and on no disk.
pub const LIBRARY_SCHEME: &str = "iom-std";

/// Files that are open in the editor, by path: their texts are the editor's, not the disk's.
pub type OpenDocuments = BTreeMap<String, OpenDocument>;

#[derive(Clone, Debug)]
pub struct OpenDocument {
    /// As the editor writes it.
    pub uri: Uri,
    pub version: i32,
    /// When it was changed last, as the host counts.
    pub changed: u64,
}

/// Applies edits one after the other, each to the text that the one before left.
pub fn change(text: &mut String, changes: Vec<TextDocumentContentChangeEvent>, encoding: Encoding) {
    for change in changes {
        match change.range {
            None => *text = change.text,
            Some(range) => {
                let lines = Lines::new(text);
                let start = offset(text, &lines, range.start, encoding);
                let end = offset(text, &lines, range.end, encoding).max(start);
                text.replace_range(start..end, &change.text);
            }
        }
    }
}

/// How files are called inside the workspace and for the editor.
#[derive(Clone, Debug, Default)]
pub struct Paths {
    pub root: PathBuf,
}

impl Paths {
    /// Relative to the workspace, also for files of dependencies beside it; what is no file keeps its whole URI.
    pub fn path(&self, uri: &Uri) -> String {
        if let Some(file) = uri.as_str().strip_prefix(LIBRARY_SCHEME).and_then(|rest| rest.strip_prefix(":/"))
        {
            return format!("{LIBRARY}{file}");
        }
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
        if let Some(file) = path.strip_prefix(LIBRARY) {
            return format!("{LIBRARY_SCHEME}:/{file}").parse().ok();
        }
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
