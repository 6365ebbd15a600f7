use std::path::{Path, PathBuf};
use std::sync::Arc;

use iom_base::{FileId, TextRange, TextSize};
use iom_diagnostics::render::SourceTexts;
use iom_semantic::{
    CancellationToken, FileDiagnostics, Host, LibrarySelection, OutlinedDeclaration, Packages,
};
use smol_str::SmolStr;

use crate::fixes::{self, PolicyFix};

/// A workspace that changes while it is looked at. One thread owns it and changes it; others get clones, which cost next to
/// nothing and see it as it was.
///
/// While there is a clone, a change makes what the clone asks unwind with [`Cancelled`](crate::Cancelled), and waits until
/// the clone is dropped: whoever has one must not wait for the owner.
#[derive(Clone)]
pub struct Analysis {
    pub(crate) host: Host,
    /// Where catalogs are read from.
    root: Arc<Path>,
    /// Of the packages, relative to the root.
    package_folders: Arc<[SmolStr]>,
    /// Catalogs that were looked for.
    data_files: Arc<[SmolStr]>,
}

impl Analysis {
    pub fn new(root: PathBuf) -> Analysis {
        Analysis {
            host: Host::new(),
            root: root.into(),
            package_folders: Arc::default(),
            data_files: Arc::default(),
        }
    }

    /// Adds or changes files; paths are relative to the workspace, with forward slashes.
    pub fn set_files<'a>(&mut self, files: impl IntoIterator<Item = (&'a str, &'a str)>) {
        self.host.set_files(files);
        self.read_data_files();
    }

    /// What a file declares and where, in order; of everything with a name.
    pub(crate) fn outline(&self, path: &str) -> Vec<OutlinedDeclaration> {
        self.host.outline(path)
    }

    /// Says that an editor has a file open, so that its edits are answered soonest.
    pub fn open_file(&mut self, path: &str) {
        self.host.open_file(path);
    }

    /// Which packages the workspace depends on: said before their files are added.
    pub fn set_packages(&mut self, packages: Packages) {
        self.package_folders = packages.all.iter().map(|package| package.folder.clone()).collect();
        self.host.set_packages(packages);
    }

    pub fn remove_file(&mut self, path: &str) {
        self.host.remove_file(path);
    }

    /// The rules to judge by; nothing where some of them are in error.
    pub(crate) fn model(&self) -> Option<iom_model::Model> {
        (!self.host.has_errors()).then(|| self.host.model(&LibrarySelection::None))
    }

    /// What a finding's policy proposes for its resource: see [`crate::policy_fix`].
    pub fn policy_fix(
        &self,
        model: &iom_model::Model,
        finding: &iom_eval::report::Finding,
    ) -> Option<PolicyFix> {
        fixes::policy_fix(&self.host, model, finding)
    }

    /// A file that the workspace names, in itself or in one of its packages.
    pub(crate) fn read(&self, path: &str) -> Result<String, String> {
        let read = match self.package_of(path) {
            Some((folder, inside)) => iom_base::read_workspace_file(&self.root.join(folder), inside),
            None => iom_base::read_workspace_file(&self.root, path),
        };
        read.map_err(|error| error.to_string())
    }

    /// The folder of the package that a file belongs to, and the file's path in it.
    fn package_of<'a>(&'a self, path: &'a str) -> Option<(&'a str, &'a str)> {
        let folders = self.package_folders.iter().map(SmolStr::as_str);
        let holding =
            folders.filter_map(|folder| Some((folder, path.strip_prefix(folder)?.strip_prefix('/')?)));
        holding.max_by_key(|(folder, _)| folder.len())
    }

    /// Reads catalogs that the workspace began to name.
    fn read_data_files(&mut self) {
        let wanted = self.host.wanted_data_files();
        for path in wanted.iter().filter(|path| !self.data_files.contains(path)) {
            let text = self.read(path).ok();
            self.host.set_data_file(path, text);
        }
        self.data_files = wanted.into();
    }

    /// Reads catalogs again, which may be others on disk by now.
    pub fn read_data_files_again(&mut self) {
        for path in self.data_files.clone().iter() {
            let text = self.read(path).ok();
            if self.host.data_file(path) != text.as_deref() {
                self.host.set_data_file(path, text);
            }
        }
    }

    /// Makes what clones ask unwind with [`Cancelled`](crate::Cancelled), and waits until there are none: from then on only
    /// the owner's own questions run, which nothing ends.
    pub fn end_clones(&mut self) {
        self.host.end_clones();
    }

    /// What makes questions of this clone unwind with [`Cancelled`](crate::Cancelled), from any thread.
    pub fn cancellation_token(&self) -> CancellationToken {
        self.host.cancellation_token()
    }

    /// Files that declarations name, relative to the workspace.
    pub fn reference_files(&self) -> Vec<SmolStr> {
        self.host.reference_files()
    }

    /// The paths of all files, sorted.
    pub fn paths(&self) -> Vec<SmolStr> {
        self.host.files().into_iter().map(|(path, _)| path).collect()
    }

    pub fn path(&self, file: FileId) -> &str {
        self.host.path(file)
    }

    pub fn text(&self, path: &str) -> Option<&str> {
        self.host.file_id(path).map(|file| self.host.text(file))
    }

    /// The text that a place is in.
    pub fn text_of(&self, file: FileId) -> &str {
        self.host.text(file)
    }

    /// What is wrong with a file: the same that `iomc check` says.
    pub fn diagnostics(&self, path: &str) -> FileDiagnostics {
        let Some(file) = self.host.file_id(path) else { return FileDiagnostics::default() };
        let found = self.host.file_diagnostics(file);
        // Of a package only errors concern the workspace.
        if self.package_of(path).is_none() || found.iter().all(|one| one.is_error()) {
            return found;
        }
        found.iter().filter(|one| one.is_error()).cloned().collect()
    }

    /// The file as `iomc fmt` would write it; `None` where it has syntax errors.
    pub fn formatted(&self, path: &str) -> Option<String> {
        iom_fmt::format(self.text(path)?).ok()
    }

    /// What formatting would change in the lines that a range touches; bytes.
    pub fn formatted_range(&self, path: &str, range: TextRange) -> Vec<iom_fmt::Edit> {
        self.text(path).map(|text| iom_fmt::format_range(text, range)).unwrap_or_default()
    }

    /// What formatting would change in what a sign that was just typed finishes: the line before the cursor's for a line feed,
    /// what a brace closes. The line of the cursor is left alone after a line feed.
    pub fn formatted_on_type(&self, path: &str, cursor: TextSize, typed: &str) -> Vec<iom_fmt::Edit> {
        let Some(before) = self.text(path).and_then(|text| text.get(..usize::from(cursor))) else {
            return Vec::new();
        };
        let size = |at: usize| TextSize::try_from(at).unwrap_or_default();
        let range = match typed {
            "\n" => {
                let Some(end) = before.rfind('\n') else { return Vec::new() };
                let start = before[..end].rfind('\n').map_or(0, |at| at + 1);
                TextRange::new(size(start), size(end))
            }
            _ => {
                let root = self.text(path).map(|text| iom_syntax::parse(text).syntax());
                let token = root.and_then(|root| root.token_at_offset(cursor).left_biased());
                let closed = token.filter(|token| token.kind() == iom_syntax::SyntaxKind::RBrace);
                let Some(node) = closed.and_then(|token| token.parent()) else { return Vec::new() };
                TextRange::new(node.text_range().start(), cursor)
            }
        };
        let edits = self.formatted_range(path, range).into_iter();
        edits.filter_map(|edit| self.up_to(path, edit, range.end())).collect()
    }

    /// An edit without what it changes in blanks after an offset; nothing where it changes more there.
    fn up_to(&self, path: &str, mut edit: iom_fmt::Edit, end: TextSize) -> Option<iom_fmt::Edit> {
        if edit.range.end() > end {
            let after = self.text(path)?.get(usize::from(end)..usize::from(edit.range.end()))?;
            if edit.range.start() >= end || !after.trim().is_empty() {
                return None;
            }
            edit.range = TextRange::new(edit.range.start(), end);
            edit.new_text.truncate(edit.new_text.trim_end().len());
        }
        Some(edit)
    }
}
