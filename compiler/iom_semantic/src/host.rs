use std::collections::BTreeMap;
use std::sync::Arc;

use iom_base::{FileId, Span};
use iom_diagnostics::Diagnostic;
use iom_diagnostics::render::SourceTexts;
use iom_model::Model;
use iom_syntax::ast::DeclarationKind;
use rustc_hash::FxHashSet;
use salsa::{CancellationToken, Database, Durability, Setter};
use smol_str::SmolStr;

use crate::Stated;
use crate::check;
use crate::db::{Db, EventLog, RootDatabase};
use crate::export;
use crate::file_diagnostics::{FileDiagnostics, file_diagnostics};
use crate::input::{Concerning, Modules, Packages, SourceFile, SourceText};
use crate::items::{items, lowered_before};
use crate::names::{self, file_by_id, library_file_at};
use crate::overrides::{OverrideFault, ParameterOverride};

/// Which of the library's policies judge by themselves.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum LibrarySelection {
    None,
    All,
    /// Those whose name, alias or covered control matches one of these patterns.
    Matching(Vec<String>),
}

/// The front end for those who do I/O: files go in, diagnostics and the model come out.
///
/// A clone sees the same files, costs next to nothing and is for another thread that only asks. While there is one, changing
/// a file makes its queries unwind with [`crate::Cancelled`], and waits until it is dropped.
#[derive(Clone)]
pub struct Host {
    db: RootDatabase,
    files: Arc<BTreeMap<SmolStr, SourceFile>>,
    data_files: Arc<BTreeMap<SmolStr, Arc<str>>>,
    /// By id; removed files keep theirs.
    by_id: Arc<Vec<SourceFile>>,
    /// What [`Modules`] and [`Concerning`] are made of, by id.
    outlines: Arc<Vec<FileOutline>>,
    /// Those that will be edited.
    open: Arc<FxHashSet<SourceFile>>,
}

/// Where a file belongs, and whether it concerns others than those who name what it declares.
#[derive(Clone, PartialEq, Eq, Default)]
struct FileOutline {
    module: SmolStr,
    concerning: Vec<&'static str>,
}

impl Default for Host {
    fn default() -> Self {
        Host::new()
    }
}

impl Host {
    pub fn new() -> Host {
        Host::with_database(RootDatabase::new())
    }

    /// A host whose queries are written to the log as they run.
    pub fn with_event_log(log: EventLog) -> Host {
        Host::with_database(RootDatabase::with_event_log(log))
    }

    fn with_database(db: RootDatabase) -> Host {
        Host {
            db,
            files: Arc::default(),
            data_files: Arc::default(),
            by_id: Arc::default(),
            outlines: Arc::default(),
            open: Arc::default(),
        }
    }

    pub fn database(&self) -> &dyn Db {
        &self.db
    }

    /// Makes the queries of all clones unwind, and waits until there are none.
    pub fn end_clones(&mut self) {
        self.db.trigger_cancellation();
    }

    /// What makes the queries of this clone unwind with [`crate::Cancelled`], from any thread.
    pub fn cancellation_token(&self) -> CancellationToken {
        self.db.cancellation_token()
    }

    /// Says which packages there are. Files below a package's folder are that package's.
    pub fn set_packages(&mut self, packages: Packages) {
        let workspace = self.db.workspace();
        if *workspace.packages(&self.db) == packages {
            return;
        }
        workspace.set_packages(&mut self.db).with_durability(Durability::HIGH).to(packages);
        for (path, file) in self.files.clone().iter() {
            let package = self.package_of(path);
            if *file.package(&self.db) != package {
                file.set_package(&mut self.db).to(package);
            }
        }
        let all = self.by_id.clone();
        self.refresh_outlines(&all);
        self.publish_outlines();
        self.publish_amendments();
    }

    fn package_of(&self, path: &str) -> SmolStr {
        let packages = self.db.workspace().packages(&self.db);
        packages.holding(path).map(|package| package.name.clone()).unwrap_or_default()
    }

    /// Adds a file, or changes its text. The path is relative to the workspace, with `/` between its parts.
    pub fn set_file(&mut self, path: &str, text: &str) -> FileId {
        self.set_files([(path, text)]);
        self.files.get(path).map_or(FileId(u32::MAX), |file| file.id(&self.db))
    }

    /// Adds or changes many files at once: one new revision for all that are new.
    pub fn set_files<'a>(&mut self, texts: impl IntoIterator<Item = (&'a str, &'a str)>) {
        let mut added = false;
        let mut changed = Vec::new();
        for (path, text) in texts {
            let text = SourceText::Shared(text.into());
            match self.files.get(path) {
                Some(file) => {
                    if *file.text(&self.db) != text {
                        let file = *file;
                        changed.push(file);
                        self.remember_lowered(file);
                        file.set_text(&mut self.db).to(text);
                    }
                }
                None => {
                    let id = FileId(self.by_id.len() as u32);
                    let package = self.package_of(path);
                    let file = SourceFile::builder(id, path.into(), text, false, package)
                        .durability(Durability::MEDIUM)
                        .new(&self.db);
                    Arc::make_mut(&mut self.by_id).push(file);
                    changed.push(file);
                    Arc::make_mut(&mut self.files).insert(path.into(), file);
                    added = true;
                }
            }
        }
        let is_laid_out_anew = self.refresh_outlines(&changed);
        if added {
            self.publish_files();
        } else if is_laid_out_anew {
            self.publish_outlines();
        }
        self.publish_amendments();
    }

    /// Says that a file will be edited from now on, and the others hardly ever: after an edit, what does not depend on this
    /// file is not even asked whether it changed. What does is found out once more for that.
    pub fn open_file(&mut self, path: &str) {
        if let Some(file) = self.files.get(path)
            && Arc::make_mut(&mut self.open).insert(*file)
        {
            let (text, before) = (file.text(&self.db).clone(), file.before(&self.db).clone());
            file.set_text(&mut self.db).with_durability(Durability::LOW).to(text);
            file.set_before(&mut self.db).with_durability(Durability::LOW).to(before);
        }
    }

    /// Keeps what a large file is lowered to at hand for its next text.
    fn remember_lowered(&mut self, file: SourceFile) {
        /// Smaller files are read in a fraction of a millisecond.
        const LARGE: usize = 16 << 10;
        if file.text(&self.db).len() >= LARGE
            && let Some(before) = lowered_before(&self.db, file)
        {
            file.set_before(&mut self.db).to(Some(Arc::new(before)));
        }
    }

    /// Whether any of these files belongs elsewhere now, or concerns others in another way.
    fn refresh_outlines(&mut self, files: &[SourceFile]) -> bool {
        let outlines = Arc::make_mut(&mut self.outlines);
        outlines.resize(self.by_id.len(), FileOutline::default());
        let mut is_changed = false;
        for file in files {
            let found = FileOutline::of(&self.db, *file);
            if let Some(known) = outlines.get_mut(file.id(&self.db).0 as usize)
                && *known != found
            {
                *known = found;
                is_changed = true;
            }
        }
        is_changed
    }

    fn publish_outlines(&mut self) {
        let (mut modules, mut concerning) = (Modules::new(), Concerning::new());
        for file in self.files.values() {
            let Some(outline) = self.outlines.get(file.id(&self.db).0 as usize) else { continue };
            modules.entry(outline.module.clone()).or_default().push(*file);
            for keyword in &outline.concerning {
                concerning.entry(keyword).or_default().push(*file);
            }
        }
        let workspace = self.db.workspace();
        if *workspace.modules(&self.db) != modules {
            workspace.set_modules(&mut self.db).with_durability(Durability::HIGH).to(modules);
        }
        if *workspace.concerning(&self.db) != concerning {
            workspace.set_concerning(&mut self.db).with_durability(Durability::HIGH).to(concerning);
        }
    }

    fn publish_amendments(&mut self) {
        let found = names::workspace_amendments(&self.db);
        let workspace = self.db.workspace();
        if workspace.amendments(&self.db) != found {
            let found = found.clone();
            workspace.set_amendments(&mut self.db).with_durability(Durability::HIGH).to(found);
        }
    }

    pub fn remove_file(&mut self, path: &str) {
        if self.files.contains_key(path) {
            Arc::make_mut(&mut self.files).remove(path);
            self.publish_files();
            self.publish_amendments();
        }
    }

    fn publish_files(&mut self) {
        let files = self.files.values().copied().collect();
        let workspace = self.db.workspace();
        workspace.set_files(&mut self.db).with_durability(Durability::HIGH).to(files);
        self.publish_outlines();
    }

    /// A file that declarations read: an OSCAL catalogue.
    pub fn set_data_file(&mut self, path: &str, text: Option<String>) {
        let data_files = Arc::make_mut(&mut self.data_files);
        match text {
            Some(text) => drop(data_files.insert(path.into(), text.into())),
            None => drop(data_files.remove(path)),
        }
        let files = self.data_files.iter().map(|(path, text)| (path.clone(), text.clone())).collect();
        let workspace = self.db.workspace();
        workspace.set_data_files(&mut self.db).with_durability(Durability::HIGH).to(files);
    }

    /// The text of such a file as it was set.
    pub fn data_file(&self, path: &str) -> Option<&str> {
        self.data_files.get(path).map(|text| &**text)
    }

    /// Files that catalogs of the workspace name and that the front end wants to read, relative to the workspace.
    pub fn wanted_data_files(&self) -> Vec<SmolStr> {
        self.named_files(|kind| match kind {
            DeclarationKind::Catalog { source, .. } => source.as_deref(),
            _ => None,
        })
    }

    /// Files that catalogs and `data` declarations name, relative to the workspace: what a model is made of beside its sources.
    pub fn reference_files(&self) -> Vec<SmolStr> {
        self.named_files(|kind| match kind {
            DeclarationKind::Catalog { source, .. } => source.as_deref(),
            DeclarationKind::Data { source, .. } => Some(source),
            _ => None,
        })
    }

    fn named_files(
        &self,
        source: impl Fn(&DeclarationKind) -> Option<&iom_syntax::ast::Source>,
    ) -> Vec<SmolStr> {
        let mut named: Vec<SmolStr> = Vec::new();
        let mut files: Vec<SourceFile> = Vec::new();
        for keyword in ["catalog", "data"] {
            files.extend(names::files_with(&self.db, keyword));
        }
        for item in files.into_iter().flat_map(|file| items(&self.db, file)) {
            if matches!(item.keyword(&self.db), "catalog" | "data")
                && let Some(source) = source(&crate::items::declaration(&self.db, *item).kind)
                && names::stays_inside(&source.file.text)
            {
                named.push(names::data_path(&self.db, item.file(&self.db), &source.file.text));
            }
        }
        named.sort();
        named.dedup();
        named
    }

    /// Everything that is wrong in the workspace, by file and place. Of its dependencies only errors concern it.
    pub fn diagnostics(&self) -> Vec<Diagnostic<Span>> {
        let mut all = Vec::new();
        for file in self.files.values() {
            let is_own = file.package(&self.db).is_empty();
            let found = file_diagnostics(&self.db, *file).iter();
            all.extend(found.filter(|one| one.is_error() || is_own).cloned());
        }
        all
    }

    /// What is wrong in a file. As long as that stays so it is the same list in memory.
    pub fn file_diagnostics(&self, file: FileId) -> FileDiagnostics {
        let is_removed = |file: &SourceFile| {
            !file.is_library(&self.db) && self.files.get(file.path(&self.db)) != Some(file)
        };
        let file = self.source(file).filter(|file| !is_removed(file));
        file.map(|file| file_diagnostics(&self.db, file).clone()).unwrap_or_default()
    }

    /// What is wrong in the library itself: nothing, or a bug.
    pub fn library_diagnostics(&self) -> Vec<Diagnostic<Span>> {
        (0..iom_stdlib::files().len())
            .flat_map(|position| file_diagnostics(&self.db, self.db.library_file(position)).iter().cloned())
            .collect()
    }

    pub fn has_errors(&self) -> bool {
        self.files.values().any(|file| file_diagnostics(&self.db, *file).iter().any(Diagnostic::is_error))
    }

    /// The model to evaluate. Declarations with errors are missing in it: ask [`Self::has_errors`] before.
    pub fn model(&self, library: &LibrarySelection) -> Model {
        self.model_with(library, &[])
    }

    /// The same with other values for parameters of applied policies.
    pub fn model_with(&self, library: &LibrarySelection, overrides: &[ParameterOverride]) -> Model {
        self.model_stating(library, overrides, Stated::default())
    }

    /// The same with the policies that judge by themselves because of what the sources are.
    pub fn model_stating(
        &self,
        library: &LibrarySelection,
        overrides: &[ParameterOverride],
        stated: Stated,
    ) -> Model {
        export::model(&self.db, library, overrides, stated)
    }

    /// Reads `POLICY.PARAM=VALUE`.
    ///
    /// # Errors
    /// Where no such policy is applied, it has no such parameter, or the value does not fit.
    pub fn parameter_override(&self, text: &str) -> Result<ParameterOverride, OverrideFault> {
        crate::overrides::read(&self.db, text)
    }

    /// The workspace's policies that wait for parameters and get none from anybody: a remark for runs that judge.
    pub fn unapplied_policies(&self) -> Vec<Diagnostic<Span>> {
        check::apply::unapplied(&self.db)
    }

    /// The paths and ids of all files, also those of dependencies, in order of paths.
    pub fn files(&self) -> Vec<(SmolStr, FileId)> {
        self.files.iter().map(|(path, file)| (path.clone(), file.id(&self.db))).collect()
    }

    /// The paths of the workspace's own files, in order.
    pub fn own_files(&self) -> Vec<SmolStr> {
        self.own_source_files().map(|file| file.path(&self.db).clone()).collect()
    }

    pub(crate) fn own_source_files(&self) -> impl Iterator<Item = SourceFile> + '_ {
        self.files.values().copied().filter(|file| file.package(&self.db).is_empty())
    }

    fn source(&self, id: FileId) -> Option<SourceFile> {
        self.by_id.get(id.0 as usize).copied().or_else(|| file_by_id(&self.db, id))
    }

    pub(crate) fn source_file(&self, path: &str) -> Option<SourceFile> {
        self.files.get(path).copied()
    }

    pub fn file_id(&self, path: &str) -> Option<FileId> {
        self.source_at(path).map(|file| file.id(&self.db))
    }

    /// A file of the workspace, or by a path that starts with `std:` one of the library.
    pub fn source_at(&self, path: &str) -> Option<SourceFile> {
        self.files.get(path).copied().or_else(|| library_file_at(&self.db, path))
    }
}

impl FileOutline {
    fn of(db: &dyn Db, file: SourceFile) -> FileOutline {
        let keywords: Vec<&str> = items(db, file).iter().map(|item| item.keyword(db)).collect();
        let concerning = names::CONCERNING.into_iter().filter(|keyword| keywords.contains(keyword));
        FileOutline { module: names::file_module(db, file).clone(), concerning: concerning.collect() }
    }
}

impl SourceTexts for Host {
    fn path(&self, file: FileId) -> &str {
        self.source(file).map_or("", |file| file.path(&self.db))
    }

    fn text(&self, file: FileId) -> &str {
        self.source(file).map_or("", |file| file.text(&self.db))
    }
}
