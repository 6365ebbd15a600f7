use std::fs;
use std::path::Path;

use iom_lsp::{Ended, LoadedWorkspace};

use crate::exit::{Exit, Failure, Outcome};
use crate::output::reason;
use crate::workspace::Workspace;

/// `iomc lsp`: the language server on standard input and output. A client that leaves without saying so is a failure.
pub fn run() -> Outcome {
    let ended = iom_lsp::serve(Box::new(load))
        .map_err(|error| Failure::new(format!("the language server can't start: {}", reason(&error))))?;
    Ok(if ended == Ended::InOrder { Exit::Fine } else { Exit::Failed })
}

/// The files that the command line would find from here. What cannot be read is left out: the editor has it open, or
/// `iomc check` says why.
fn load(around: &Path) -> Option<LoadedWorkspace> {
    let workspace = Workspace::find(around.to_str()).ok()??;
    let files = workspace.files.into_iter().chain(workspace.dependency_files);
    let mut files: Vec<(String, String)> = files.map(|file| (file.path, file.text)).collect();
    files.sort();
    let manifest = fs::read_to_string(workspace.root.join(iom_manifest::FILE_NAME)).ok();
    let root = workspace.root.into_std_path_buf();
    Some(LoadedWorkspace { root, files, manifest, packages: workspace.packages })
}
