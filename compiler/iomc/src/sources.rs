//! State to judge: which sources, and reading them.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::fs::{self, File};
use std::io::{self, Read, Seek};
use std::sync::Arc;

use camino::Utf8Path;
use iom_diagnostics::code;
use iom_model::Duration;
use iom_state::document::{Document, Format, ImportError, ImportErrorKind, Layer, Wanted};
use iom_state::tape::Strings;

use crate::arguments::StateArguments;
use crate::configuration::Configuration;
use crate::exit::Failure;
use crate::output::reason;
use crate::state_argument::StateArgument;
use crate::workspace::Workspace;
use iom_manifest::StateEntry;

/// Places in a source are kept in 32 bits.
const MOST_BYTES: u64 = u32::MAX as u64;

/// Files from this size on are read piece by piece, if that is possible.
const LARGE: u64 = 1 << 20;

/// One source that can be read.
#[derive(Debug)]
pub struct Source {
    /// As reports call it.
    pub name: String,
    pub layer: Option<Layer>,
    pub format: Option<Format>,
    content: Content,
    /// What a manifest says about it beyond its place; nothing for `--state`.
    pub claims: Claims,
    /// The hash of what was imported.
    imported: OnceCell<String>,
    /// The configuration that a plan was made of.
    pub configuration: Option<Arc<Configuration>>,
    text: OnceCell<Option<String>>,
}

#[derive(Debug)]
enum Content {
    File(File),
    /// What can be read only once.
    Bytes(Vec<u8>),
}

impl Source {
    fn new(name: &str, content: Content) -> Source {
        Source {
            name: name.to_owned(),
            layer: None,
            format: None,
            content,
            claims: Claims::default(),
            imported: OnceCell::new(),
            configuration: None,
            text: OnceCell::new(),
        }
    }

    /// What is wanted of the source.
    pub fn import(&self, wanted: &dyn Wanted, strings: &mut Strings) -> Result<Document, Failure> {
        let sources = self.configuration.as_ref().map(|configuration| &configuration.sources);
        let document = match self.import_in_pieces(wanted, strings) {
            Some(document) => Document { sources: sources.cloned(), ..document },
            None => {
                let bytes = self.bytes().map_err(|error| unreadable(&self.name, &error))?;
                let imported = iom_state::import_beside(&bytes, self.format, sources, wanted, strings);
                imported.map_err(|error| self.unusable(&error))?
            }
        };
        self.imported.get_or_init(|| document.sha256.clone());
        Ok(document)
    }

    fn import_in_pieces(&self, wanted: &dyn Wanted, strings: &mut Strings) -> Option<Document> {
        let Content::File(file) = &self.content else { return None };
        let is_large = file.metadata().is_ok_and(|found| found.len() >= LARGE);
        is_large.then(|| iom_state::import_in_pieces(&mut &*file, self.format, wanted, strings))?
    }

    /// How many bytes it has, as far as that is known.
    pub fn size(&self) -> u64 {
        match &self.content {
            Content::Bytes(bytes) => bytes.len() as u64,
            Content::File(file) => file.metadata().map_or(0, |found| found.len()),
        }
    }

    fn bytes(&self) -> io::Result<Cow<'_, [u8]>> {
        match &self.content {
            Content::Bytes(bytes) => Ok(Cow::Borrowed(bytes)),
            Content::File(file) => {
                let mut file = file;
                file.rewind()?;
                let mut bytes = Vec::new();
                // Knows the size, so nothing is copied while it grows.
                file.read_to_end(&mut bytes)?;
                Ok(Cow::Owned(bytes))
            }
        }
    }

    /// The text that was imported, read again; `None` where the file has changed since.
    pub fn text(&self) -> Option<&str> {
        let read = || {
            let bytes = self.bytes().ok()?;
            let is_same = self.imported.get().is_some_and(|imported| *imported == iom_state::sha256(&bytes));
            if is_same { iom_state::text(&bytes).map(Cow::into_owned) } else { None }
        };
        self.text.get_or_init(read).as_deref()
    }

    /// `plan.json:3:14: what is wrong`
    fn unusable(&self, error: &ImportError) -> Failure {
        let code = match error.kind {
            // Nobody said that it is a plan: it is something, but nobody knows what.
            ImportErrorKind::NotThisFormat if self.format.is_none() => code::UNKNOWN_FORMAT,
            ImportErrorKind::Malformed => code::UNREADABLE_SOURCE,
            ImportErrorKind::NotThisFormat => code::NOT_A_PLAN,
            ImportErrorKind::UnsupportedVersion => code::UNSUPPORTED_VERSION,
        };
        let name = if self.name == "-" { "standard input" } else { self.name.as_str() };
        let place = error.place.map(|(line, column)| format!(":{line}:{column}")).unwrap_or_default();
        let pointer = error.pointer.as_deref().filter(|pointer| !pointer.is_empty());
        let pointer = pointer.map(|pointer| format!(" (at {pointer})")).unwrap_or_default();
        Failure::coded(code, format!("{name}{place}: {}{pointer}", error.message))
    }
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

/// Opens the sources that the command line names, else those of the manifest. One that cannot be read is enough to stop.
pub fn open(arguments: &StateArguments, workspace: Option<&Workspace>) -> Result<Vec<Source>, Failure> {
    let mut sources = listed(&arguments.sources, workspace)?;
    if let Some(folder) = &arguments.configuration {
        let plan = only_plan(&mut sources)?;
        plan.configuration = Some(Arc::new(Configuration::read(Utf8Path::new(folder), folder)?));
    }
    Ok(sources)
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
    if !arguments.is_empty() {
        return arguments.iter().map(named).collect();
    }
    let Some(workspace) = workspace else { return Ok(Vec::new()) };
    workspace.manifest.states.iter().map(|entry| declared(entry, workspace)).collect()
}

fn named(argument: &StateArgument) -> Result<Source, Failure> {
    let content = match argument.path.as_str() {
        "-" => limited(io::stdin().lock(), "standard input")?,
        path => file(Utf8Path::new(path), path)?,
    };
    Ok(Source { layer: argument.layer, format: argument.format, ..Source::new(&argument.path, content) })
}

fn declared(entry: &StateEntry, workspace: &Workspace) -> Result<Source, Failure> {
    let content = file(&workspace.root.join(&entry.path), &entry.path)?;
    let claims = Claims {
        manages: entry.manages,
        environment: entry.environment.clone(),
        fresh_for: entry.fresh_for,
        partial: entry.partial,
        external: entry.external.clone(),
    };
    let folder = entry.source.as_ref().map(|folder| (workspace.root.join(folder), folder));
    let configuration =
        folder.map(|(path, name)| Configuration::read(&path, name)).transpose()?.map(Arc::new);
    let source =
        Source { layer: entry.layer, format: entry.format, claims, ..Source::new(&entry.path, content) };
    Ok(Source { configuration, ..source })
}

fn unreadable(name: &str, error: &io::Error) -> Failure {
    Failure::coded(code::UNREADABLE_SOURCE, format!("{name}: {}", reason(error)))
}

fn file(path: &Utf8Path, name: &str) -> Result<Content, Failure> {
    let failed = |error: io::Error| unreadable(name, &error);
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
