use std::sync::OnceLock;

use iom_state::document::Layer;

use super::layer_index;
use crate::program::{KindSet, KindSetId};

/// Something about a set of kinds in each world, made when it is first needed.
#[derive(Debug)]
pub(crate) struct PerWorld<T>(Vec<[OnceLock<T>; 3]>);

impl<T> PerWorld<T> {
    pub fn new(kind_sets: usize) -> PerWorld<T> {
        PerWorld((0..kind_sets).map(|_| Default::default()).collect())
    }

    /// Makes room for more sets.
    pub fn extend(&mut self, kind_sets: usize) {
        self.0.resize_with(kind_sets, Default::default);
    }

    /// Whether anything was needed yet.
    pub fn is_any_made(&self) -> bool {
        self.0.iter().flatten().any(|cell| cell.get().is_some())
    }

    /// The cell of a set; `None` for one that is no set of the program.
    pub fn cell(&self, kinds: &KindSet, world: Layer) -> Option<&OnceLock<T>> {
        let id: KindSetId = kinds.id?;
        Some(&self.0.get(id.index())?[layer_index(world)])
    }
}
