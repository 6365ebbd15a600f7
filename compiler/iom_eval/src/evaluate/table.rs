//! Large collections that are the same for everybody: what is in them is looked up.

use std::sync::Arc;

use iom_state::tape::Symbol;
use rustc_hash::FxHashMap;

use super::{Evaluator, Key};
use crate::value::{ListValue, MapValue, Truth, Value};

/// Smaller collections are gone through.
const FEW: usize = 3;

/// The positions of a collection's items by their keys.
pub(super) struct Table {
    by_key: FxHashMap<Key, u32>,
    /// The same by interned text alone, which is what is looked up most.
    by_text: FxHashMap<Symbol, u32>,
    /// Held on to, so that its address means nothing else.
    _collection: Value,
    /// Nothing else than what the table says is in the collection.
    is_complete: bool,
}

impl Table {
    /// The position of what has a key; nothing where the table does not say.
    fn position(&self, key: &Key) -> Option<Option<u32>> {
        let position = match key {
            Key::Interned(text) => self.by_text.get(text),
            other => self.by_key.get(other),
        };
        self.is_complete.then(|| position.copied())
    }
}

impl Evaluator<'_> {
    /// `x in xs`, where `xs` is the same for everybody.
    pub(super) fn is_in_kept(&mut self, item: &Value, collection: &Value) -> Truth {
        if let (Value::List(list) | Value::Set(list), Some(key)) = (collection, self.key_of_item(item))
            && list.items.len() > FEW
            && let Some(position) = self.position_in_list(list, collection, &key)
        {
            return position.is_some().into();
        }
        self.is_in(item, collection)
    }

    /// The value that a map has for a key, where the map is large and the same for everybody; else nothing is said.
    pub(super) fn entry_of_kept(&mut self, base: &Value, index: &Value) -> Option<Value> {
        let Value::Map(map) = base else { return None };
        if map.entries.len() <= FEW || map.is_nocase {
            return None;
        }
        let key = self.key_of_item(index)?;
        let found = self.position_in_map(map, base, &key)?;
        Some(match found {
            Some(position) => map.entries[position as usize].1.clone(),
            None => map.open.map_or(Value::Absent, Value::Unknown),
        })
    }

    /// A key where equal values are those with equal keys: addresses are in lists that only cover them.
    fn key_of_item(&mut self, item: &Value) -> Option<Key> {
        match item {
            Value::Text(_) | Value::Made(_) | Value::Int(_) | Value::Bool(_) | Value::Element(_) => {
                self.key(item)
            }
            _ => None,
        }
    }

    fn position_in_list(&mut self, list: &Arc<ListValue>, whole: &Value, key: &Key) -> Option<Option<u32>> {
        let address = Arc::as_ptr(list) as usize;
        if !self.tables.contains_key(&address) {
            let keys: Vec<Option<Key>> = list.items.iter().map(|item| self.key_of_item(item)).collect();
            self.add_table(address, whole, keys, list.is_complete());
        }
        self.tables.get(&address)?.position(key)
    }

    fn position_in_map(&mut self, map: &Arc<MapValue>, whole: &Value, key: &Key) -> Option<Option<u32>> {
        let address = Arc::as_ptr(map) as usize;
        if !self.tables.contains_key(&address) {
            let keys: Vec<Option<Key>> = map.entries.iter().map(|(key, _)| self.key_of_item(key)).collect();
            self.add_table(address, whole, keys, true);
        }
        self.tables.get(&address)?.position(key)
    }

    fn add_table(&mut self, address: usize, whole: &Value, keys: Vec<Option<Key>>, is_certain: bool) {
        let is_complete = is_certain && keys.iter().all(Option::is_some);
        let (mut by_key, mut by_text) = (FxHashMap::default(), FxHashMap::default());
        if is_complete {
            for (position, key) in keys.into_iter().flatten().enumerate() {
                if let Key::Interned(text) = key {
                    by_text.entry(text).or_insert(position as u32);
                }
                by_key.entry(key).or_insert(position as u32);
            }
        }
        self.tables.insert(address, Table { by_key, by_text, _collection: whole.clone(), is_complete });
    }
}
