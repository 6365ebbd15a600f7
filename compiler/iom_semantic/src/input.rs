use std::sync::Arc;

use iom_base::FileId;
use smol_str::SmolStr;

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
}

/// The files of the workspace, in order of their paths.
#[salsa::input(singleton, debug)]
pub struct Workspace {
    pub files: Vec<SourceFile>,
    /// Files the front end itself reads: OSCAL catalogues. Path and text, in order of paths.
    pub data_files: Vec<(SmolStr, Arc<str>)>,
}
