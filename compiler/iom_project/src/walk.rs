use camino::Utf8Path;
use ignore::{DirEntry, WalkBuilder};

use crate::failure::Failure;
use iom_manifest as manifest;

/// More files than this are no workspace but a disk.
const MOST_FILES: usize = 100_000;

/// The `.iom` files of a workspace, relative to its root, sorted. Hidden files, what a `.gitignore` in the workspace names,
/// links and workspaces inside this one are left out. Nothing outside the folder changes the result.
pub fn iom_files(root: &Utf8Path) -> Result<Vec<String>, Failure> {
    list(root, ".iom files", is_workspace, |name| name.ends_with(".iom"))
}

/// The files of a folder that may be state, relative to it, sorted; as above, but for workspaces.
pub fn files(root: &Utf8Path, is_wanted: impl Fn(&str) -> bool) -> Result<Vec<String>, Failure> {
    list(root, "files of state", |_| false, is_wanted)
}

fn list(
    root: &Utf8Path,
    what: &str,
    leaves_out: fn(&DirEntry) -> bool,
    is_wanted: impl Fn(&str) -> bool,
) -> Result<Vec<String>, Failure> {
    let walk = WalkBuilder::new(root)
        .parents(false)
        .require_git(false)
        .git_global(false)
        .git_exclude(false)
        .filter_entry(move |entry| entry.depth() == 0 || !leaves_out(entry))
        .build();
    let mut files = Vec::new();
    for entry in walk {
        let entry = entry.map_err(|error| Failure::new(format!("{root}: can't be listed: {error}")))?;
        let is_file = entry.file_type().is_some_and(|kind| kind.is_file());
        if !is_file || !is_wanted(&entry.path().to_string_lossy()) {
            continue;
        }
        let path = Utf8Path::from_path(entry.path()).and_then(|path| path.strip_prefix(root).ok());
        let path = path.ok_or_else(|| {
            Failure::new(format!("{}: the file's name is not valid Unicode", entry.path().display()))
        })?;
        files.push(forward_slashes(path));
        if files.len() > MOST_FILES {
            let failure = Failure::new(format!("{root}: more than {MOST_FILES} {what}"));
            return Err(failure.help("name the folder of one workspace"));
        }
    }
    files.sort();
    Ok(files)
}

fn is_workspace(entry: &DirEntry) -> bool {
    entry.file_type().is_some_and(|kind| kind.is_dir()) && entry.path().join(manifest::FILE_NAME).is_file()
}

/// A path as reports write it on every system.
pub fn forward_slashes(path: &Utf8Path) -> String {
    if std::path::MAIN_SEPARATOR == '/' { path.to_string() } else { path.as_str().replace('\\', "/") }
}
