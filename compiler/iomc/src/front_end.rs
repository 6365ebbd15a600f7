//! Everything the command line asks of the front end, in one place.

use std::cell::OnceCell;
use std::fs;
use std::mem::ManuallyDrop;

use iom_base::{FileId, Span};
use iom_diagnostics::Diagnostic;
use iom_diagnostics::render::{self, SourceTexts};
use iom_model::Model;
use iom_semantic::{Host, LibrarySelection, ParameterOverride, Question, Stated};
use smol_str::SmolStr;

use crate::arguments::Format;
use crate::exit::Failure;
use crate::lock::{self, Locking};
use crate::masking;
use crate::output;
use crate::workspace::{OwnTexts, Workspace};

/// A loaded workspace, or none: then only the standard library is known.
pub struct FrontEnd {
    /// A command ends with the process: the memory goes back at once, not node by node.
    host: ManuallyDrop<Host>,
    own_texts: OwnTexts,
    /// Found before anything was parsed.
    early: Vec<Diagnostic<Span>>,
    focus: Option<String>,
    pending_lock: Option<lock::Pending>,
    /// The secrets in all files, as soon as they are asked for.
    secrets: OnceCell<Vec<String>>,
}

impl FrontEnd {
    /// Takes the texts over, and compares the dependencies with the lock file.
    pub fn load(workspace: &mut Workspace, locking: Locking) -> FrontEnd {
        let mut front_end = FrontEnd {
            host: ManuallyDrop::new(Host::new()),
            own_texts: OwnTexts::default(),
            early: Vec::new(),
            focus: None,
            pending_lock: None,
            secrets: OnceCell::new(),
        };
        front_end.reload(workspace, locking);
        front_end
    }

    /// The same with the files as they are now. What an edit does not touch is not looked at again.
    pub fn reload(&mut self, workspace: &mut Workspace, locking: Locking) {
        let host = &mut *self.host;
        host.set_packages(workspace.packages.clone());
        let files = || workspace.files.iter().chain(&workspace.dependency_files);
        for (path, _) in host.files() {
            if files().all(|file| file.path != path) {
                host.remove_file(&path);
            }
        }
        host.set_files(files().map(|file| (file.path.as_str(), file.text.as_str())));
        read_data_files(host, workspace);
        let (locked, pending_lock) = lock::check(workspace, &host.reference_files(), locking);
        workspace.diagnostics.extend(locked);
        (workspace.files, workspace.dependency_files) = (Vec::new(), Vec::new());
        self.own_texts = std::mem::take(&mut workspace.own_texts);
        self.early = std::mem::take(&mut workspace.diagnostics);
        self.focus = workspace.focus.clone();
        self.pending_lock = pending_lock;
        self.secrets = OnceCell::new();
    }

    /// Gives some of the workspace's own files another text.
    pub fn edit<'a>(&mut self, files: impl IntoIterator<Item = (&'a str, &'a str)>) {
        self.host.set_files(files);
        self.secrets = OnceCell::new();
    }

    /// Everything that is wrong with the workspace, in the order in which it is shown.
    pub fn diagnostics(&self) -> Vec<Diagnostic<Span>> {
        let mut found = self.early.clone();
        found.extend(self.host.diagnostics());
        render::sort(&mut found, self);
        found
    }

    /// Writes the lock file where it is new: when nothing is left that could end the command.
    pub fn write_lock(&self) {
        if let Some(Err(note)) = self.pending_lock.as_ref().map(lock::Pending::write) {
            output::to_standard_error(&note);
        }
    }

    /// The workspace's own files, in order of their paths.
    pub fn paths(&self) -> impl Iterator<Item = SmolStr> {
        self.host.own_files().into_iter()
    }

    /// The text of a workspace file, or of one of the library (`std:aws/s3.iom`).
    pub fn text_of(&self, path: &str) -> Option<&str> {
        let own = self.host.file_id(path).map(|file| self.host.text(file));
        own.or_else(|| {
            let path = path.strip_prefix("std:")?;
            iom_stdlib::files().iter().find(|file| file.path == path).map(|file| file.text)
        })
    }

    /// The typed model. Only valid where no diagnostic is an error.
    pub fn model(&self, library: &LibrarySelection) -> Model {
        self.host.model(library)
    }

    /// Adds a question to the workspace; places of mistakes are in a text of its own.
    pub fn ask(&mut self, expression: &str) -> Result<Question, Vec<Diagnostic<Span>>> {
        let place = self.own_texts.add("query", expression);
        self.host.ask(expression, place)
    }

    /// Takes out of a piece of a source what is secret in it.
    pub fn hide_secrets(&self, piece: &mut String) {
        let secrets = self.secrets.get_or_init(|| {
            let texts = self.host.files().into_iter().map(|(_, file)| self.host.text(file));
            texts.flat_map(masking::secrets_of).collect()
        });
        masking::hide(piece, secrets);
    }

    /// What only the front end knows of places: see [`Host`].
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// The same with other values for parameters of applied policies.
    /// `stated`: what the sources are asks for policies of its own.
    pub fn model_with(
        &self,
        library: &LibrarySelection,
        overrides: &[ParameterOverride],
        stated: Stated,
    ) -> Model {
        self.host.model_stating(library, overrides, stated)
    }

    /// The values of `--set`.
    pub fn overrides(&self, written: &[String]) -> Result<Vec<ParameterOverride>, Failure> {
        let mut overrides: Vec<ParameterOverride> = Vec::with_capacity(written.len());
        for text in written {
            let read = self.host.parameter_override(text).map_err(|fault| {
                let failure = Failure::new(format!("--set {text}: {}", fault.message));
                fault.help.map(|help| failure.clone().help(help)).unwrap_or(failure)
            })?;
            let is_same = |other: &ParameterOverride| {
                other.policy == read.policy && other.parameter() == read.parameter()
            };
            if overrides.iter().any(is_same) {
                return Err(Failure::new(format!("--set {text}: the parameter is set twice")));
            }
            overrides.push(read);
        }
        Ok(overrides)
    }

    /// Policies of the workspace that wait for parameters.
    pub fn unapplied_policies(&self) -> Vec<Diagnostic<Span>> {
        self.host.unapplied_policies()
    }

    /// What a file's path has to begin with for results about it to be asked for.
    pub fn focus(&self) -> Option<&str> {
        self.focus.as_deref()
    }

    /// Diagnostics in the form that a command was asked for.
    pub fn rendered(&self, diagnostics: &[Diagnostic<Span>], format: Format, color: bool) -> String {
        match format {
            Format::Short => masking::short(diagnostics, self),
            Format::Json => {
                let document = serde_json::json!({
                    "version": 1,
                    "tool": env!("CARGO_PKG_VERSION"),
                    "diagnostics": masking::json(diagnostics, self),
                });
                format!("{document:#}\n")
            }
            _ => masking::human(diagnostics, self, color),
        }
    }

    /// Ends a command that cannot work with broken sources.
    pub fn without_errors(&self, format: Format, color: bool) -> Result<Vec<Diagnostic<Span>>, Failure> {
        let found = self.diagnostics();
        if found.iter().any(Diagnostic::is_error) {
            // What is wrong goes to standard error, where a program's JSON reader does not look.
            let format = if format == Format::Short { Format::Short } else { Format::Human };
            return Err(Failure::Diagnostics(self.rendered(&found, format, color)));
        }
        Ok(found)
    }
}

/// Catalogs live in files of their own. One that cannot be read is reported by the front end, where it is named.
fn read_data_files(host: &mut Host, workspace: &Workspace) {
    for path in host.wanted_data_files() {
        let bytes = workspace.reference_file(&path).ok().and_then(|path| fs::read(path).ok());
        host.set_data_file(&path, bytes.and_then(|bytes| String::from_utf8(bytes).ok()));
    }
}

impl SourceTexts for FrontEnd {
    fn path(&self, file: FileId) -> &str {
        if self.own_texts.has(file) { self.own_texts.path(file) } else { self.host.path(file) }
    }

    fn text(&self, file: FileId) -> &str {
        if self.own_texts.has(file) { self.own_texts.text(file) } else { self.host.text(file) }
    }
}
