//! `iomc init`: a new workspace, with a folder for each team; with `--from`, what is there as declarations that nobody has
//! ratified yet.

mod imported;

use std::fs;
use std::io;

use camino::{Utf8Path, Utf8PathBuf};
use iom_manifest::FILE_NAME;

use crate::arguments::{InitArguments, StateArguments};
use crate::clock;
use crate::exit::{Exit, Failure, Outcome};
use crate::output;
use crate::sources;

/// What every new workspace has.
const STARTERS: &[(&str, &str)] = &[
    ("org/people.iom", include_str!("starter/people.iom")),
    ("infrastructure/main.iom", include_str!("starter/infrastructure.iom")),
    ("security/rules.iom", include_str!("starter/security.iom")),
    ("compliance/evidence.iom", include_str!("starter/compliance.iom")),
];

/// Where what was imported is declared.
const IMPORTED: &str = "infrastructure/imported.iom";

pub fn run(arguments: &InitArguments) -> Outcome {
    let directory = Utf8PathBuf::from(arguments.directory.as_deref().unwrap_or("."));
    let state = StateArguments { sources: arguments.from.clone(), configuration: None };
    // Everything is made before anything is written.
    let sources = sources::open(&state, None)?;
    let mut files: Vec<(&str, String)> =
        STARTERS.iter().map(|(path, text)| (*path, (*text).to_owned())).collect();
    let mut remarks = String::new();
    if !sources.is_empty() {
        let found = imported::declarations(&sources, clock::instant(None)?, STARTERS)?;
        remarks = found.remarks;
        files.push((IMPORTED, found.text));
    }
    files.push((FILE_NAME, manifest(&directory, arguments)?));
    refuse_to_overwrite(&directory, &files)?;
    for (path, text) in &files {
        write(&directory.join(path), text)?;
    }
    let mut said = format!("{directory}: a new workspace\n");
    for (path, _) in &files {
        said.push_str(&format!("  {path}\n"));
    }
    said.push_str(&remarks);
    said.push_str("next: `iomc check`, `iomc test`, then `iomc eval`\n");
    output::to_standard_output(|out| out.write_all(said.as_bytes()))?;
    Ok(Exit::Fine)
}

/// Nothing of anybody's is lost.
fn refuse_to_overwrite(directory: &Utf8Path, files: &[(&str, String)]) -> Result<(), Failure> {
    if fs::metadata(directory).is_ok_and(|found| !found.is_dir()) {
        return Err(Failure::new(format!("{directory}: this is a file, not a folder")));
    }
    let there: Vec<&str> = files
        .iter()
        .map(|(path, _)| *path)
        .filter(|path| fs::symlink_metadata(directory.join(path)).is_ok())
        .collect();
    match there.as_slice() {
        [] => Ok(()),
        [first, ..] => Err(Failure::new(format!(
            "{}: this is there already; nothing was written",
            directory.join(first)
        ))
        .help("name another folder: iomc init DIR")),
    }
}

fn write(path: &Utf8Path, text: &str) -> Result<(), Failure> {
    let failed =
        |error: io::Error| Failure::new(format!("{path}: can't be written: {}", output::reason(&error)));
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    output::to_file(path.as_std_path(), |out| out.write_all(text.as_bytes())).map_err(failed)
}

fn manifest(directory: &Utf8Path, arguments: &InitArguments) -> Result<String, Failure> {
    let absolute = if directory.is_absolute() {
        directory.to_owned()
    } else {
        let current = std::env::current_dir().ok().and_then(|path| Utf8PathBuf::from_path_buf(path).ok());
        current.unwrap_or_default().join(directory)
    };
    let name =
        absolute.components().rfind(|part| part.as_str() != ".").map_or("workspace", |part| part.as_str());
    let mut text = format!(
        "[package]\nname = {}\nversion = \"0.1.0\"\nedition = \"2026\"\n",
        quoted(&package_name(name))
    );
    for source in arguments.from.iter().filter(|source| source.path != "-") {
        let path = relative(&absolute, &source.path)?;
        text.push_str("\n[[state]]\n");
        if let Some(layer) = source.layer {
            text.push_str(&format!("layer = \"{}\"\n", layer_name(layer)));
        }
        text.push_str(&format!("path = {}\n", quoted(&path)));
        text.push_str("# manages = true: the workspace answers for everything in it; what nobody declared or owns is then a finding.\n");
    }
    if arguments.from.is_empty() {
        text.push_str(
            "\n# What is judged: plans, state, manifests.\n# [[state]]\n# path = \"plan.json\"\n# manages = true\n",
        );
    }
    Ok(text)
}

fn layer_name(layer: iom_state::document::Layer) -> &'static str {
    use iom_state::document::Layer;
    match layer {
        Layer::Intended => "intended",
        Layer::Built => "built",
        Layer::Running => "running",
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// Small letters, digits and `-`.
fn package_name(folder: &str) -> String {
    let letters: String = folder
        .chars()
        .map(|letter| if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { '-' })
        .collect();
    let name = letters.trim_matches(|letter: char| !letter.is_ascii_alphabetic());
    if name.is_empty() { "workspace".to_owned() } else { name.to_owned() }
}

/// A path as seen from the workspace.
fn relative(workspace: &Utf8Path, path: &str) -> Result<String, Failure> {
    let failed = |error: io::Error| Failure::new(format!("{path}: {}", output::reason(&error)));
    let real = Utf8Path::new(path).canonicalize_utf8().map_err(failed)?;
    // The workspace may not be there yet: the nearest folder above it is.
    let mut base = workspace.to_owned();
    let mut below: Vec<String> = Vec::new();
    let root = loop {
        match base.canonicalize_utf8() {
            Ok(found) => break below.iter().rev().fold(found, |path, part| path.join(part)),
            Err(error) => match (base.parent().map(Utf8Path::to_owned), base.file_name()) {
                (Some(parent), Some(name)) => {
                    below.push(name.to_owned());
                    base = parent;
                }
                _ => return Err(failed(error)),
            },
        }
    };
    let (from, to): (Vec<_>, Vec<_>) = (root.components().collect(), real.components().collect());
    let shared = from.iter().zip(&to).take_while(|(left, right)| left == right).count();
    let mut parts: Vec<&str> = from[shared..].iter().map(|_| "..").collect();
    parts.extend(to[shared..].iter().map(|part| part.as_str()));
    Ok(parts.join("/"))
}
