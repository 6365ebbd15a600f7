use std::path::Path;
use std::{fs, io};

/// The largest file, in bytes, that a declaration reads.
pub const MAX_DATA_FILE: u64 = 64 << 20;

/// The text of a file that a declaration names by its path from the workspace's root. What lies outside the workspace,
/// by its path or behind a link, is not read, nor is what is no file or no text.
pub fn read_workspace_file(root: &Path, path: &str) -> io::Result<String> {
    let refused = |why: &str| io::Error::other(why.to_owned());
    let found = fs::canonicalize(root.join(path))?;
    if !found.starts_with(fs::canonicalize(root)?) {
        return Err(refused("it lies outside the workspace"));
    }
    let about = fs::metadata(&found)?;
    if !about.is_file() {
        return Err(refused("it is no file"));
    }
    if about.len() > MAX_DATA_FILE {
        return Err(refused(&format!("it is larger than {} MiB", MAX_DATA_FILE >> 20)));
    }
    String::from_utf8(fs::read(found)?).map_err(|_| refused("it is not valid UTF-8"))
}
