//! Which kinds a trait stands for, found out once: a program asks for the same few traits thousands of times.

use iom_model::{Model, Nominal};
use rustc_hash::FxHashMap;

/// Positions of kinds in their model.
pub(super) struct Populations<'m> {
    model: &'m Model,
    /// Of the kinds that name the trait, ascending.
    with_trait: FxHashMap<&'m str, Vec<usize>>,
}

impl<'m> Populations<'m> {
    pub fn of(model: &'m Model) -> Populations<'m> {
        let mut with_trait: FxHashMap<&str, Vec<usize>> = FxHashMap::default();
        for (position, kind) in model.kinds.values().enumerate() {
            for name in &kind.traits {
                let kinds = with_trait.entry(name).or_default();
                if kinds.last() != Some(&position) {
                    kinds.push(position);
                }
            }
        }
        Populations { model, with_trait }
    }

    /// The kinds that a nominal type stands for, ascending.
    pub fn kinds(&self, nominal: &Nominal) -> Vec<usize> {
        match nominal {
            Nominal::Kind(name) => self.model.kinds.get_index_of(name).into_iter().collect(),
            Nominal::Trait(name) => self.with_trait.get(name.as_str()).cloned().unwrap_or_default(),
        }
    }
}
