use std::collections::BTreeMap;
use std::sync::Arc;

use iom_base::FileId;
use smol_str::SmolStr;

use crate::items::BeforeFile;
use crate::names::Amendments;

/// Text of a file: the library's is part of the binary.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SourceText {
    Static(&'static str),
    Shared(Arc<str>),
}

impl std::ops::Deref for SourceText {
    type Target = str;

    fn deref(&self) -> &str {
        match self {
            SourceText::Static(text) => text,
            SourceText::Shared(text) => text,
        }
    }
}

/// One `.iom` file.
#[salsa::input(debug)]
pub struct SourceFile {
    #[returns(copy)]
    pub id: FileId,
    /// Workspace-relative, with forward slashes; library files start with `std:`.
    pub path: SmolStr,
    pub text: SourceText,
    #[returns(copy)]
    pub is_library: bool,
    /// Empty for the workspace's own files, `std` for the library's, else the root name of the dependency they belong to.
    pub package: SmolStr,
    /// An earlier text of a large file and what it was lowered to: spares work, and changes nothing else.
    #[default]
    pub(crate) before: Option<Arc<BeforeFile>>,
}

/// What a workspace depends on.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Packages {
    /// Directly and through others.
    pub all: Vec<Package>,
    /// The root names of those that the workspace itself names.
    pub direct: Vec<SmolStr>,
    /// Root names of packages that could not be read, which has been reported: names below them are nobody's fault.
    pub failed: Vec<SmolStr>,
}

impl Packages {
    pub fn named(&self, name: &str) -> Option<&Package> {
        self.all.iter().find(|package| package.name == name)
    }

    /// The package that a path, relative to the workspace, belongs to: that of the longest folder around it.
    pub fn holding(&self, path: &str) -> Option<&Package> {
        self.all.iter().filter(|package| package.holds(path)).max_by_key(|package| package.folder.len())
    }
}

/// A dependency of the workspace, or of another dependency.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Package {
    /// What stands before its modules' names everywhere else: `shared_policies`.
    pub name: SmolStr,
    /// Relative to the workspace, with forward slashes: `../policies`. No other package's folder.
    pub folder: SmolStr,
    /// The root names of the packages that it depends on itself.
    pub dependencies: Vec<SmolStr>,
}

impl Package {
    /// Whether a path, relative to the workspace, is in the package's folder.
    pub fn holds(&self, path: &str) -> bool {
        path.strip_prefix(self.folder.as_str()).is_some_and(|rest| rest.starts_with('/'))
    }
}

/// The files of the workspace, in order of their paths, and what many ask of all of them. The host finds that out each time a
/// text is set, and sets it here where it changed: so an edit that changes none of it leaves alone whatever depends on it,
/// instead of making every query ask all files.
#[salsa::input(singleton, debug)]
pub struct Workspace {
    pub files: Vec<SourceFile>,
    /// Files the front end itself reads: OSCAL catalogues. Path and text, in order of paths.
    pub data_files: Vec<(SmolStr, Arc<str>)>,
    pub packages: Packages,
    /// The files by the module they belong to, each list in order of paths.
    #[default]
    pub modules: Modules,
    /// The files with declarations that concern others than those who name them, by keyword, each list in order of paths.
    #[default]
    pub concerning: Concerning,
    #[default]
    pub(crate) amendments: Amendments,
}

pub type Modules = BTreeMap<SmolStr, Vec<SourceFile>>;

pub type Concerning = BTreeMap<&'static str, Vec<SourceFile>>;
