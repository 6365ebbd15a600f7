use std::sync::OnceLock;

use iom_state::document::Layer;

use super::{LAYERS, layer_index};
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

    /// What was needed so far.
    pub fn made(&self) -> impl Iterator<Item = (KindSetId, Layer)> + '_ {
        let is_made = |set: usize, layer: &Layer| self.0[set][layer_index(*layer)].get().is_some();
        let sets = (0..self.0.len())
            .map(move |set| (set, LAYERS.into_iter().filter(move |layer| is_made(set, layer))));
        sets.flat_map(|(set, layers)| layers.map(move |layer| (KindSetId(set as u32), layer)))
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.0.iter_mut().for_each(|cells| *cells = Default::default());
    }

    /// The cell of a set; `None` for one that is no set of the program.
    pub fn cell(&self, kinds: &KindSet, world: Layer) -> Option<&OnceLock<T>> {
        let id: KindSetId = kinds.id?;
        Some(&self.0.get(id.index())?[layer_index(world)])
    }
}
