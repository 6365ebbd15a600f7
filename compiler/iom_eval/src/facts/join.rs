use iom_state::document::Layer;
use rustc_hash::FxHashMap;

use super::reference::Ids;
use crate::evaluate::{Evaluator, FUEL_OF_AN_INDEX, Fact, Key};
use crate::program::{JoinId, KindSet};
use crate::value::{ElementId, Value};

/// Elements of a population by the value of a key.
#[derive(Debug, Default)]
pub struct JoinIndex {
    by_key: FxHashMap<Key, Ids>,
    /// Elements whose key is not known or cannot be looked up: always looked at.
    others: Vec<ElementId>,
}

impl Evaluator<'_> {
    /// Elements of a population that may have this key, in order; `None` where all may.
    pub(crate) fn lookup(&mut self, join: JoinId, kinds: &KindSet, probe: &Value) -> Option<Vec<ElementId>> {
        let key = self.key(probe)?;
        let index = self.join_index(join, kinds)?;
        let hits = index.by_key.get(&key).map_or(&[][..], Ids::all);
        if index.others.is_empty() {
            return Some(hits.to_vec());
        }
        let mut found = Vec::with_capacity(hits.len() + index.others.len());
        found.extend_from_slice(hits);
        found.extend_from_slice(&index.others);
        found.sort_unstable();
        Some(found)
    }

    fn join_index(&mut self, join: JoinId, kinds: &KindSet) -> Option<&JoinIndex> {
        let estate = self.estate;
        let layer = self.layer;
        let cell = estate.join_cell(join, layer)?;
        let fact = Fact::join(join, layer);
        self.rests_on(fact);
        if cell.get().is_none() {
            if self.joining.contains(&(join, layer)) {
                return None;
            }
            self.joining.push((join, layer));
            let (index, _) = self
                .traced(fact, |ev| ev.apart(FUEL_OF_AN_INDEX, |ev| ev.build_join_index(join, kinds, layer)));
            self.joining.pop();
            let _ = cell.set(index);
        }
        cell.get()
    }

    fn build_join_index(&mut self, join: JoinId, kinds: &KindSet, layer: Layer) -> JoinIndex {
        let code = &self.program.joins[join.index()];
        let mut index = JoinIndex::default();
        for kind in &kinds.kinds {
            for id in self.estate.population(*kind, layer).map(ElementId) {
                self.refuel();
                let value = self.run(code.locals, |this| {
                    this.set(0, Value::Element(id));
                    this.eval(&code.key)
                });
                match self.key(&value) {
                    Some(key) => index.by_key.entry(key).or_default().add(id),
                    None => index.others.push(id),
                }
            }
        }
        index
    }
}
