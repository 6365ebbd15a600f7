//! State to judge: which sources, and their bytes.

use std::fs::{self, File};
use std::io::{self, Read};

use camino::Utf8PathBuf;
use iom_diagnostics::code;
use iom_model::Duration;
use iom_state::document::{Format, Layer};

use crate::exit::Failure;
use crate::manifest::StateEntry;
use crate::output::reason;
use crate::state_argument::StateArgument;
use crate::workspace::Workspace;

/// Places in a source are kept in 32 bits.
const MOST_BYTES: u64 = u32::MAX as u64;

/// One source as it was read.
#[derive(Debug)]
pub struct Source {
    /// As reports call it.
    pub name: String,
    pub layer: Option<Layer>,
    pub format: Option<Format>,
    pub bytes: Vec<u8>,
    /// What a manifest says about it beyond its place; nothing for `--state`.
    pub claims: Claims,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Claims {
    /// The workspace claims this estate.
    pub manages: bool,
    pub environment: Option<String>,
    pub fresh_for: Option<Duration>,
    /// Does not list everything: cannot prove that something is missing.
    pub partial: bool,
    /// Ids known to lie outside.
    pub external: Vec<String>,
}

/// Reads the sources that the command line names, else those of the manifest. One that cannot be read is enough to stop.
pub fn read(arguments: &[StateArgument], workspace: Option<&Workspace>) -> Result<Vec<Source>, Failure> {
    if arguments.iter().filter(|argument| argument.path == "-").count() > 1 {
        return Err(Failure::new("--state - can be given once: there is one standard input"));
    }
    if !arguments.is_empty() {
        return arguments.iter().map(named).collect();
    }
    let Some(workspace) = workspace else { return Ok(Vec::new()) };
    workspace.manifest.states.iter().map(|entry| declared(entry, workspace)).collect()
}

fn named(argument: &StateArgument) -> Result<Source, Failure> {
    let bytes = match argument.path.as_str() {
        "-" => limited(io::stdin().lock(), "standard input")?,
        path => file(&Utf8PathBuf::from(path), path)?,
    };
    Ok(Source {
        name: argument.path.clone(),
        layer: argument.layer,
        format: argument.format,
        bytes,
        claims: Claims::default(),
    })
}

fn declared(entry: &StateEntry, workspace: &Workspace) -> Result<Source, Failure> {
    let bytes = file(&workspace.root.join(&entry.path), &entry.path)?;
    let claims = Claims {
        manages: entry.manages,
        environment: entry.environment.clone(),
        fresh_for: entry.fresh_for,
        partial: entry.partial,
        external: entry.external.clone(),
    };
    Ok(Source { name: entry.path.clone(), layer: entry.layer, format: entry.format, bytes, claims })
}

fn file(path: &Utf8PathBuf, name: &str) -> Result<Vec<u8>, Failure> {
    let failed =
        |error: io::Error| Failure::coded(code::UNREADABLE_SOURCE, format!("{name}: {}", reason(&error)));
    let found = fs::metadata(path).map_err(failed)?;
    if found.is_dir() {
        let failure = Failure::coded(
            code::UNKNOWN_FORMAT,
            format!("{name}: this is a folder; folders of state are not built yet"),
        );
        return Err(failure.help("name one file, for example the output of `terraform show -json PLAN`"));
    }
    if found.len() > MOST_BYTES {
        return Err(too_large(name));
    }
    if found.is_file() {
        // Knows the size, so nothing is copied while it grows.
        return fs::read(path).map_err(failed);
    }
    limited(File::open(path).map_err(failed)?, name)
}

/// Reads what has no size: standard input, a pipe.
fn limited(reader: impl Read, name: &str) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    reader
        .take(MOST_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| Failure::coded(code::UNREADABLE_SOURCE, format!("{name}: {}", reason(&error))))?;
    if bytes.len() as u64 > MOST_BYTES { Err(too_large(name)) } else { Ok(bytes) }
}

fn too_large(name: &str) -> Failure {
    Failure::coded(code::UNREADABLE_SOURCE, format!("{name}: more than 4 GiB are not read"))
}
