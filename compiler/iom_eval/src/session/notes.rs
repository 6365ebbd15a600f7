//! Which remarks about values a report has to make: those about values that something in it rests on.

use std::collections::BTreeSet;
use std::sync::Arc;

use iom_state::document::Layer;
use rustc_hash::{FxHashMap, FxHashSet};

use super::dependents::Dependents;
use crate::evaluate::{Book, Fact, Sort};
use crate::program::{GlobalId, JoinId, ReachId, SharedId};

#[derive(Debug, Default)]
pub(super) struct Notes {
    /// What there is to say of facts that were computed, and of those that they rest on.
    by_fact: FxHashMap<Fact, Arc<[u32]>>,
    /// What facts were computed from, where that is more than what the sources say.
    rests: Dependents,
    /// What was read to make the elements.
    pub of_elements: Vec<Fact>,
    /// There is something to say of some value.
    is_any: bool,
}

impl Notes {
    /// Takes up what was computed since this was asked last.
    pub fn take(&mut self, book: &Book) {
        let computed = book.take_computed();
        self.is_any |= book.has_notes();
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
        computed.into_iter().for_each(|(fact, on)| self.rests.insert(fact, on));
    }

    /// Puts what was computed in order, so that a change finds soon what rests on it.
    pub fn settle(&mut self) {
        self.rests.settle();
    }

    /// Forgets what a fact was computed from: it is read again.
    pub fn drop_fact(&mut self, fact: Fact) {
        self.by_fact.remove(&fact);
        self.rests.remove(fact);
    }

    /// Values of fields and constants, with all that were computed from them.
    pub fn closure(&mut self, mut facts: FxHashSet<Fact>) -> FxHashSet<Fact> {
        let mut open: Vec<Fact> = facts.iter().copied().collect();
        while let Some(fact) = open.pop() {
            self.rests.each_on(fact, |found| {
                if is_value(found) && facts.insert(found) {
                    open.push(found);
                }
            });
        }
        facts
    }

    /// Fields and constants that were computed from some of these.
    pub fn resting_on(&mut self, facts: &FxHashSet<Fact>) -> FxHashSet<Fact> {
        self.directly_on(facts, is_value)
    }

    /// Indexes and answers that were made from some of these.
    pub fn indexes_on(&mut self, facts: &FxHashSet<Fact>) -> FxHashSet<Fact> {
        self.directly_on(facts, |fact| !is_value(fact))
    }

    /// Whether there is something to say of an index, or of facts that are others now.
    pub fn is_noted(&self, index: Fact, facts: &FxHashSet<Fact>) -> bool {
        !self.of(facts.iter().copied().chain([index])).is_empty()
    }

    /// Whether a fact was computed from another one.
    pub fn rests_on(&self, fact: Fact, on: Fact) -> bool {
        self.rests.rests_on(fact, on)
    }

    fn directly_on(&self, facts: &FxHashSet<Fact>, is_it: impl Fn(Fact) -> bool) -> FxHashSet<Fact> {
        let mut all = FxHashSet::default();
        for fact in facts {
            self.rests.each_on(*fact, |found| {
                if is_it(found) {
                    all.insert(found);
                }
            });
        }
        all
    }

    /// What there is to say where something rests on these.
    pub fn of(&self, facts: impl IntoIterator<Item = Fact>) -> BTreeSet<u32> {
        let mut found = BTreeSet::new();
        if !self.is_any {
            return found;
        }
        for fact in facts {
            found.extend(fact.as_note());
            if let Some(notes) = self.by_fact.get(&fact) {
                found.extend(notes.iter().copied());
            }
        }
        found
    }

    /// Constants, answers, indexes and what is the same for everybody: all that is computed anew. What was judged by them
    /// before still rests on what they rested on.
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

/// Fields and constants; everything else is made from them.
fn is_value(fact: Fact) -> bool {
    matches!(fact.sort(), Sort::Field | Sort::Global)
}
