//! Indexes that follow one element: it leaves the keys that it had and comes to those that it has now.

use std::sync::OnceLock;

use iom_state::document::Layer;

use super::reference::Ids;
use super::{Estate, LAYERS, Origin};
use crate::evaluate::{Evaluator, Fact, Key, Sort};
use crate::program::{JoinId, KeyShape};
use crate::value::{ElementId, Value};

impl Estate {
    /// What an element is found by in an index, sorted; nothing where the index is not there, or cannot follow one element.
    pub(crate) fn found_by(&self, index: Fact, id: ElementId) -> Option<Vec<Key>> {
        let mut keys = match index.sort() {
            Sort::Keys => self.texts_of(id)?,
            Sort::Join => vec![self.join_key(index.join_id(), layer_of(index)?, id)?],
            _ => return None,
        };
        keys.sort();
        keys.dedup();
        Some(keys)
    }

    /// The texts that others refer to an element by.
    fn texts_of(&self, id: ElementId) -> Option<Vec<Key>> {
        let kind = self.kind_of(id);
        self.keys.get(kind.index())?.get()?;
        let mut evaluator = Evaluator::new(self, self.layer_of(id));
        let mut values = Vec::new();
        if let Origin::Imported { adapter, this: Value::Node { source, node }, .. } = &self.element(id).origin
        {
            let paths = &self.program.adapters[adapter.index()].keys;
            values.extend(paths.iter().map(|path| self.at_path(*source, *node, path)));
        }
        if let Some(field) = evaluator.text_identity(kind) {
            values.push(evaluator.field(id, field));
        }
        let is_text = |value: &Value| matches!(value, Value::Text(_) | Value::Made(_));
        values.iter().filter(|value| is_text(value)).map(|value| evaluator.key(value)).collect()
    }

    fn join_key(&self, join: JoinId, layer: Layer, id: ElementId) -> Option<Key> {
        let code = self.program.joins.get(join.index())?;
        let index = self.join_cell(join, layer)?.get()?;
        // Elsewhere it would not be seen when a key is another one, or where it stands among the others.
        if !index.is_followed() || code.shape != KeyShape::Whole {
            return None;
        }
        let mut evaluator = Evaluator::new(self, layer);
        let value = evaluator.run(1, |this| {
            this.set(0, Value::Element(id));
            this.eval(&code.key)
        });
        evaluator.plain_key(&value)
    }

    /// Lets an index follow an element.
    pub(crate) fn follow_in(&mut self, index: Fact, id: ElementId, before: &[Key], after: &[Key]) {
        let (left, come) = (without(before, after), without(after, before));
        match index.sort() {
            Sort::Keys => {
                if let Some(keys) = self.keys.get_mut(index.kind_id().index()).and_then(OnceLock::get_mut) {
                    keys.follow(id, &left, &come);
                }
            }
            _ => {
                let layer = usize::from(index.detail());
                let cell =
                    self.joins.get_mut(index.join_id().index()).and_then(|layers| layers.get_mut(layer));
                if let Some(join) = cell.and_then(OnceLock::get_mut) {
                    join.follow(id.0, left, come);
                }
            }
        }
    }
}

/// Keys of one list that are not in another.
pub(crate) fn without(keys: &[Key], others: &[Key]) -> Vec<Key> {
    keys.iter().filter(|key| !others.contains(key)).cloned().collect()
}

fn layer_of(index: Fact) -> Option<Layer> {
    LAYERS.get(usize::from(index.detail())).copied()
}

impl<T: Copy + Ord> Ids<T> {
    /// Takes an element from those of a key, and puts it to those of another.
    pub(super) fn follow<K: Eq + std::hash::Hash>(
        by_key: &mut rustc_hash::FxHashMap<K, Ids<T>>,
        id: T,
        left: impl IntoIterator<Item = K>,
        come: impl IntoIterator<Item = K>,
    ) {
        for key in left {
            let rest: Vec<T> =
                by_key.get(&key).map_or(&[][..], Ids::all).iter().copied().filter(|one| *one != id).collect();
            Ids::put(by_key, key, rest);
        }
        for key in come {
            let mut all = by_key.get(&key).map_or(&[][..], Ids::all).to_vec();
            if let Err(at) = all.binary_search(&id) {
                all.insert(at, id);
            }
            Ids::put(by_key, key, all);
        }
    }

    fn put<K: Eq + std::hash::Hash>(by_key: &mut rustc_hash::FxHashMap<K, Ids<T>>, key: K, all: Vec<T>) {
        match all.as_slice() {
            [] => drop(by_key.remove(&key)),
            [one] => drop(by_key.insert(key, Ids::One(*one))),
            _ => drop(by_key.insert(key, Ids::Several(all))),
        }
    }
}
