//! State to judge: which sources, and reading them.

mod discover;
mod folder;
mod following;
mod source;

use std::cell::RefCell;
use std::fs::{self, File};
use std::io::{self, Read};
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use iom_base::Span;
use iom_diagnostics::code;
use iom_state::document::Format;

use crate::configuration::{self, Configuration, shown};
use crate::failure::Failure;
use crate::failure::reason;
use crate::fence::Fence;
use crate::state_argument::StateArgument;
use crate::workspace::Workspace;
use discover::Found;
pub use discover::NOT_KNOWN;
use folder::StateFolder;
pub use following::Following;
use iom_manifest::StateEntry;
use iom_semantic::Stated;
use source::Content;
pub use source::{Claims, SkippedFile, Source};

/// Places in a source are kept in 32 bits.
const MOST_BYTES: u64 = u32::MAX as u64;

/// Opens the sources that are named, else those of the manifest. One that cannot be read is enough to stop. `configuration` is
/// the folder of what the one plan among them was made of.
pub fn open(
    named: &[StateArgument],
    configuration: Option<&str>,
    workspace: Option<&Workspace>,
) -> Result<Vec<Source>, Failure> {
    let mut sources = listed(named, workspace)?;
    if let Some(folder) = configuration {
        let plan = only_plan(&mut sources)?;
        plan.configuration = Some(Arc::new(Configuration::read(Utf8Path::new(folder), folder, None)?));
    }
    Ok(sources)
}

/// What the sources are, as far as it asks for policies of its own.
pub fn stated(sources: &[Source]) -> Stated {
    Stated {
        claims: sources.iter().any(|source| source.claims.manages),
        secrets: sources.iter().any(Source::may_hold_secrets),
    }
}

/// The source that `--source` is about.
fn only_plan(sources: &mut [Source]) -> Result<&mut Source, Failure> {
    let may_be_plan =
        |source: &&mut Source| source.format.is_none_or(|format| format == Format::TerraformPlan);
    let mut plans = sources.iter_mut().filter(may_be_plan);
    match (plans.next(), plans.next()) {
        (Some(plan), None) => Ok(plan),
        (None, _) => Err(Failure::new("--source says what a plan was made of, and there is no plan")),
        (Some(_), Some(_)) => {
            let failure = Failure::new("--source says what a plan was made of, and there are several");
            Err(failure
                .help("judge them one by one, or write `source` into the [[state]] of each in iom.toml"))
        }
    }
}

fn listed(arguments: &[StateArgument], workspace: Option<&Workspace>) -> Result<Vec<Source>, Failure> {
    if arguments.iter().filter(|argument| argument.path == "-").count() > 1 {
        return Err(Failure::new("--state - can be given once: there is one standard input"));
    }
    let mut sources = Vec::new();
    if !arguments.is_empty() {
        for argument in arguments {
            sources.extend(named(argument)?);
        }
        return Ok(sources);
    }
    let states = workspace.map_or(&[][..], |workspace| &workspace.manifest.states);
    for (entry, workspace) in states.iter().zip(workspace.into_iter().cycle()) {
        sources.extend(declared(entry, workspace)?);
    }
    Ok(sources)
}

/// Opens those of the manifest, as far as that is possible, and says of the others why not and where they are named.
pub fn open_declared(workspace: &Workspace) -> (Vec<Source>, Vec<(Span, Failure)>) {
    let (mut sources, mut failures) = (Vec::new(), Vec::new());
    for entry in &workspace.manifest.states {
        match declared(entry, workspace) {
            Ok(opened) => sources.extend(opened),
            Err(failure) => failures.push((entry.place, failure)),
        }
    }
    (sources, failures)
}

fn named(argument: &StateArgument) -> Result<Vec<Source>, Failure> {
    let mut sources = match argument.path.as_str() {
        "-" => vec![Source::new("-", limited(io::stdin().lock(), "standard input")?)],
        path => at(Utf8Path::new(path), path, argument.format, None)?,
    };
    for source in &mut sources {
        source.layer = argument.layer;
        source.format = source.format.or(argument.format);
    }
    Ok(sources)
}

fn declared(entry: &StateEntry, workspace: &Workspace) -> Result<Vec<Source>, Failure> {
    let claims = Claims {
        manages: entry.manages,
        environment: entry.environment.clone(),
        fresh_for: entry.fresh_for,
        partial: entry.partial,
        external: entry.external.clone(),
        surroundings: entry.surroundings.clone(),
    };
    let fence = workspace.fence.as_ref();
    let folder = entry.source.as_ref().map(|folder| (workspace.root.join(folder), folder));
    let configuration =
        folder.map(|(path, name)| Configuration::read(&path, name, fence)).transpose()?.map(Arc::new);
    let mut sources = at(&workspace.root.join(&entry.path), &entry.path, entry.format, fence)?;
    for source in &mut sources {
        source.place = Some(entry.place);
        source.layer = entry.layer;
        source.format = source.format.or(entry.format);
        source.claims = claims.clone();
        source.configuration.clone_from(&configuration);
    }
    Ok(sources)
}

/// What is at a path, which reports call `name`: of a folder everything in it.
fn at(
    path: &Utf8Path,
    name: &str,
    format: Option<Format>,
    fence: Option<&Fence>,
) -> Result<Vec<Source>, Failure> {
    fence.map_or(Ok(()), |fence| fence.check(path, name))?;
    let is_folder = fs::metadata(path).map_err(|error| unreadable(name, &error))?.is_dir();
    match format {
        _ if !is_folder => Ok(vec![Source::new(name, file(path, name)?)]),
        None => discovered(path, name, fence),
        Some(Format::Terraform) => {
            Ok(vec![Source::new(name, Content::Folder(configuration_in(path, fence)))])
        }
        Some(format) => {
            let files = discover::of_format(path, format)?;
            if files.is_empty() {
                let text =
                    format!("{name}: there is no file in this folder that may be {}", format.describe());
                return Err(Failure::coded(code::UNREADABLE_SOURCE, text));
            }
            if format == Format::Kubernetes {
                let content = Content::Folder(StateFolder::new(path.to_owned(), files, fence));
                return Ok(vec![Source::new(name, content)]);
            }
            let each = |file_name: &String| {
                let shown = shown(&Utf8Path::new(name).join(file_name));
                Ok(Source::new(&shown, file(&path.join(file_name), &shown)?))
            };
            files.iter().map(each).collect()
        }
    }
}

fn configuration_in(folder: &Utf8Path, fence: Option<&Fence>) -> StateFolder {
    StateFolder::new(folder.to_owned(), Vec::new(), fence)
}

/// Everything in a folder that is state of some sort. What cannot be used is left out and told, unless nothing is left.
fn discovered(path: &Utf8Path, name: &str, fence: Option<&Fence>) -> Result<Vec<Source>, Failure> {
    let found = discover::discover(path)?;
    let name_of = |inside: &str| match shown(&Utf8Path::new(name).join(inside)) {
        shown if shown.is_empty() => ".".to_owned(),
        shown => shown,
    };
    let mut sources = Vec::with_capacity(found.sources.len());
    for one in &found.sources {
        let shown = name_of(one.name());
        let inside: Utf8PathBuf = path.join(one.name());
        let (content, format) = match one {
            Found::File { format, .. } => (file(&inside, &shown)?, *format),
            Found::Terraform { .. } => (Content::Folder(configuration_in(&inside, fence)), Format::Terraform),
            Found::Manifests { files } => {
                (Content::Folder(StateFolder::new(inside, files.clone(), fence)), Format::Kubernetes)
            }
        };
        let mut source = Source::new(&shown, content);
        (source.format, source.is_found) = (Some(format), true);
        sources.push(source);
    }
    let Some(first) = sources.first_mut() else {
        let failure = Failure::coded(
            code::UNKNOWN_FORMAT,
            format!("{name}: there is nothing in this folder that is recognised as state"),
        );
        return Err(failure.help(
            "Terraform configuration, plans and states, Kubernetes manifests and CloudFormation templates are; of \
             anything else say the format: json:PATH",
        ));
    };
    let skipped = found.skipped.iter();
    let skipped =
        skipped.map(|(file, why)| SkippedFile { file: name_of(file), place: None, why: why.clone() });
    first.skipped = RefCell::new(skipped.collect());
    Ok(sources)
}

/// The files that may matter of what an argument or an entry of the manifest names, with their paths: of a folder those in
/// it. Nothing is read but configuration.
pub fn files(
    path: &Utf8Path,
    name: &str,
    format: Option<Format>,
    fence: Option<&Fence>,
) -> Vec<(String, Utf8PathBuf)> {
    if fence.is_some_and(|fence| fence.check(path, name).is_err()) {
        return Vec::new();
    }
    if !path.is_dir() {
        return vec![(name.to_owned(), path.to_owned())];
    }
    let found = match format {
        Some(format) => discover::of_format(path, format),
        None => discover::all(path),
    };
    let inside = |file: String| (shown(&Utf8Path::new(name).join(&file)), path.join(&file));
    let mut files: Vec<_> = found.unwrap_or_default().into_iter().map(inside).collect();
    if format == Some(Format::Terraform) {
        // Modules may lie elsewhere.
        files.extend(configuration::files(path, name, fence));
    }
    files
}

fn unreadable(name: &str, error: &io::Error) -> Failure {
    Failure::coded(code::UNREADABLE_SOURCE, format!("{name}: {}", reason(error)))
}

fn file(path: &Utf8Path, name: &str) -> Result<Content, Failure> {
    let failed = |error: io::Error| unreadable(name, &error);
    let found = fs::metadata(path).map_err(failed)?;
    if found.len() > MOST_BYTES {
        return Err(too_large(name));
    }
    let file = File::open(path).map_err(failed)?;
    if found.is_file() { Ok(Content::File(file)) } else { limited(file, name) }
}

/// Reads what has no size: standard input, a pipe.
fn limited(reader: impl Read, name: &str) -> Result<Content, Failure> {
    let mut bytes = Vec::new();
    reader.take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(|error| unreadable(name, &error))?;
    if bytes.len() as u64 > MOST_BYTES { Err(too_large(name)) } else { Ok(Content::Bytes(bytes)) }
}

fn too_large(name: &str) -> Failure {
    Failure::coded(code::UNREADABLE_SOURCE, format!("{name}: more than 4 GiB are not read"))
}
