//! Which remarks about values a report has to make: those about values that something in it rests on.

use std::collections::BTreeSet;
use std::sync::Arc;

use iom_state::document::Layer;
use rustc_hash::FxHashMap;

use crate::evaluate::{Book, Fact};
use crate::program::{GlobalId, JoinId, ReachId, SharedId};

#[derive(Debug, Default)]
pub(super) struct Notes {
    /// What there is to say of facts that were computed, and of those that they rest on.
    by_fact: FxHashMap<Fact, Arc<[u32]>>,
    /// What was read to make the elements.
    pub of_elements: Vec<Fact>,
}

impl Notes {
    /// Takes up what was computed since this was asked last.
    pub fn take(&mut self, book: &Book) {
        let computed = book.take_computed();
        // Facts come after those they rest on, but for what another thread computed.
        let mut is_more = true;
        while is_more {
            is_more = false;
            for (fact, rests_on) in &computed {
                let notes = self.of(rests_on.iter().copied());
                let known = self.by_fact.get(fact).map_or(0, |known| known.len());
                if notes.len() > known {
                    self.by_fact.insert(*fact, notes.into_iter().collect());
                    is_more = true;
                }
            }
        }
    }

    /// What there is to say where something rests on these.
    pub fn of(&self, facts: impl IntoIterator<Item = Fact>) -> BTreeSet<u32> {
        let mut found = BTreeSet::new();
        for fact in facts {
            found.extend(fact.as_note());
            if !self.by_fact.is_empty()
                && let Some(notes) = self.by_fact.get(&fact)
            {
                found.extend(notes.iter().copied());
            }
        }
        found
    }

    /// Constants, answers, indexes and what is the same for everybody: all that is computed anew.
    pub fn forget(&mut self, values: &[GlobalId], reaches: &[ReachId], joins: &[JoinId], shared: usize) {
        for layer in [Layer::Intended, Layer::Built, Layer::Running] {
            values.iter().for_each(|id| drop(self.by_fact.remove(&Fact::global(*id, layer))));
            reaches.iter().for_each(|id| drop(self.by_fact.remove(&Fact::reach(*id, layer))));
            joins.iter().for_each(|id| drop(self.by_fact.remove(&Fact::join(*id, layer))));
            let shared = (0..shared as u32).map(SharedId);
            shared.for_each(|id| drop(self.by_fact.remove(&Fact::shared(id, layer))));
        }
    }
}
