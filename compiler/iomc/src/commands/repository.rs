use std::cell::RefCell;
use std::collections::HashMap;
use std::env;

use camino::{Utf8Component, Utf8Path, Utf8PathBuf};
use iom_eval::report::rendering::RootedPaths;

use crate::walk;

/// Says where the workspace was checked out in a run of GitHub Actions.
const CHECKOUT: &str = "GITHUB_WORKSPACE";

/// The tree that reports for services are about: the checkout of a workflow, else the current folder.
pub struct Repository {
    root: Utf8PathBuf,
    /// Folders that the report's paths may be relative to.
    folders: Vec<Utf8PathBuf>,
    known: RefCell<HashMap<String, Option<String>>>,
}

impl Repository {
    /// With the folder of the workspace, which may be empty.
    pub fn around(workspace: &Utf8Path) -> Repository {
        let current = env::current_dir().ok().and_then(|folder| Utf8PathBuf::from_path_buf(folder).ok());
        let current = current.unwrap_or_default();
        let checkout = env::var(CHECKOUT).ok().map(|folder| normal(Utf8Path::new(&folder)));
        let root = checkout.filter(|checkout| !checkout.as_str().is_empty() && current.starts_with(checkout));
        let mut folders = vec![current.clone()];
        if !workspace.as_str().is_empty() {
            folders.push(normal(&current.join(workspace)));
        }
        Repository { root: root.unwrap_or(current), folders, known: RefCell::default() }
    }

    fn find(&self, file: &str) -> Option<String> {
        let candidates = self.folders.iter().map(|folder| normal(&folder.join(file)));
        let found = candidates.into_iter().find(|path| path.starts_with(&self.root) && path.is_file())?;
        Some(walk::forward_slashes(found.strip_prefix(&self.root).ok()?))
    }
}

impl RootedPaths for Repository {
    fn path(&self, file: &str) -> Option<String> {
        if let Some(found) = self.known.borrow().get(file) {
            return found.clone();
        }
        let found = self.find(file);
        self.known.borrow_mut().insert(file.to_owned(), found.clone());
        found
    }
}

/// Without `.` and `..`, as far as the path itself says.
fn normal(path: &Utf8Path) -> Utf8PathBuf {
    let mut plain = Utf8PathBuf::new();
    for component in path.components() {
        match component {
            Utf8Component::CurDir => {}
            Utf8Component::ParentDir => {
                plain.pop();
            }
            other => plain.push(other),
        }
    }
    plain
}
