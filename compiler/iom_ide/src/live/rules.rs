use std::sync::Arc;

use iom_model::Model;
use iom_semantic::{LibrarySelection, Stated};
use smol_str::SmolStr;

use super::texts::JudgedTexts;
use crate::Analysis;

/// The rules of a workspace at one moment, to judge by without holding on to the workspace. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Rules {
    pub model: Arc<Model>,
    /// Files that declarations name, relative to the workspace.
    pub reference_files: Arc<[SmolStr]>,
    pub(super) texts: JudgedTexts,
}

impl Analysis {
    /// The rules as they are; nothing where some of them are in error. `stated`: what the sources are asks for policies of its
    /// own.
    pub fn rules(&self, stated: Stated) -> Option<Rules> {
        if self.host.has_errors() {
            return None;
        }
        Some(Rules {
            model: Arc::new(self.host.model_stating(&LibrarySelection::None, &[], stated)),
            reference_files: self.reference_files().into(),
            texts: JudgedTexts::of(self),
        })
    }
}
