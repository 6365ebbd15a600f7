//! What was computed from what, and the other way round.

use rustc_hash::FxHashMap;

use crate::evaluate::Fact;

/// So many pairs are looked through one by one before they are put in order.
const MOST_RECENT: usize = 2048;

/// For each fact that was computed those it was computed from, found from both sides.
#[derive(Debug, Default)]
pub(super) struct Dependents {
    /// What a fact was computed from, sorted.
    rests: FxHashMap<Fact, Box<[Fact]>>,
    /// Facts, each with one that was computed from it; sorted. Some of these are forgotten since: `rests` tells.
    pairs: Vec<(Fact, Fact)>,
    /// How many pairs there were when those that are forgotten were last taken out.
    settled: usize,
    /// Pairs that are not among `pairs` yet.
    recent: Vec<(Fact, Fact)>,
}

impl Dependents {
    pub fn insert(&mut self, fact: Fact, on: Box<[Fact]>) {
        self.recent.extend(on.iter().map(|one| (*one, fact)));
        self.rests.insert(fact, on);
    }

    pub fn remove(&mut self, fact: Fact) {
        self.rests.remove(&fact);
    }

    /// Whether a fact was computed from another one.
    pub fn rests_on(&self, fact: Fact, on: Fact) -> bool {
        self.rests.get(&fact).is_some_and(|all| all.binary_search(&on).is_ok())
    }

    /// Calls `found` with each fact that was computed from this one; with some more than once.
    pub fn each_on(&self, fact: Fact, mut found: impl FnMut(Fact)) {
        let rests =
            |dependent: &Fact| self.rests.get(dependent).is_some_and(|on| on.binary_search(&fact).is_ok());
        let first = self.pairs.partition_point(|(on, _)| *on < fact);
        let settled = self.pairs[first..].iter().take_while(|(on, _)| *on == fact);
        let recent = self.recent.iter().filter(|(on, _)| *on == fact);
        settled.chain(recent).map(|(_, dependent)| *dependent).filter(rests).for_each(&mut found);
    }

    /// Puts pairs in order, where there are many that are not.
    pub fn settle(&mut self) {
        if self.recent.len() > MOST_RECENT {
            self.pairs.append(&mut self.recent);
            if self.pairs.len() > self.settled * 2 {
                self.pairs.retain(|(_, dependent)| self.rests.contains_key(dependent));
                self.settled = self.pairs.len();
            }
            // What was in order before is taken as one run.
            self.pairs.sort();
            self.pairs.dedup();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::value::ElementId;

    fn fact(number: u32) -> Fact {
        Fact::field(ElementId(number), 0)
    }

    fn on(dependents: &Dependents, number: u32) -> BTreeSet<Fact> {
        let mut found = BTreeSet::new();
        dependents.each_on(fact(number), |fact| {
            found.insert(fact);
        });
        found
    }

    #[test]
    fn what_rests_on_a_fact_is_found_however_much_was_computed() {
        let mut dependents = Dependents::default();
        for number in 0..MOST_RECENT as u32 * 2 {
            dependents.insert(fact(number + 10), [fact(number % 7)].into());
            if number % 500 == 0 {
                dependents.settle();
                assert!(on(&dependents, number % 7).contains(&fact(number + 10)));
            }
        }
        dependents.remove(fact(10));
        assert!(!on(&dependents, 0).contains(&fact(10)), "it is forgotten");
        dependents.insert(fact(10), [fact(1)].into());
        assert!(!on(&dependents, 0).contains(&fact(10)), "it rests on another one now");
        assert!(on(&dependents, 1).contains(&fact(10)));
    }
}
