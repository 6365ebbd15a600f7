use std::borrow::Cow;

use iom_model::ties::Relation;
use rustc_hash::FxHashMap;

use super::interval::Intervals;
use super::reference::Ids;
use crate::evaluate::{Evaluator, FUEL_OF_AN_INDEX, Fact, Items, Key};
use crate::program::{Join, JoinId, JoinKey, KeyShape};
use crate::scalar::ScalarValue;
use crate::value::{ListValue, Value};

/// Positions in a collection, in order.
pub(crate) type Positions<'e> = Cow<'e, [u32]>;

/// The elements of a collection by a key. Elements are named by what [`Items::number`] calls them.
#[derive(Debug, Default)]
pub struct JoinIndex {
    by_key: FxHashMap<Key, Ids<u32>>,
    addresses: Intervals,
    /// Elements whose key is not known or cannot be looked up: always looked at.
    others: Vec<u32>,
    /// Each key rests on its own element alone, and elements came in order: the index can follow one of them.
    is_followed: bool,
}

impl JoinIndex {
    pub(super) fn is_followed(&self) -> bool {
        self.is_followed
    }

    /// An element has other keys.
    pub(super) fn follow(&mut self, number: u32, left: Vec<Key>, come: Vec<Key>) {
        Ids::follow(&mut self.by_key, number, left, come);
    }
}

impl<'e> Evaluator<'e> {
    /// The elements that may relate to what is looked up, in order; `None` where all may.
    pub(crate) fn lookup(&mut self, join: &Join, items: &Items<'e>) -> Option<Positions<'e>> {
        let probe = self.eval(&join.probe);
        let wanted = self.wanted(join.relation, &probe)?;
        let index = self.join_index(join.id, items)?;
        if self.is_traced() {
            let fact = Fact::join(join.id, self.layer);
            wanted.keys.iter().for_each(|key| self.rests_on(Fact::probe(fact, key)));
        }
        if let ([key], []) = (&*wanted.keys, &*wanted.ranges)
            && index.others.is_empty()
        {
            return Some(Cow::Borrowed(index.by_key.get(key).map_or(&[], Ids::all)));
        }
        let mut found = index.others.clone();
        for key in &wanted.keys {
            found.extend_from_slice(index.by_key.get(key).map_or(&[], Ids::all));
        }
        for (family, low, high) in wanted.ranges {
            index.addresses.overlapping(family, low, high, &mut found);
        }
        if !self.charge(found.len() / 4) {
            return None;
        }
        found.sort_unstable();
        found.dedup();
        Some(Cow::Owned(found))
    }

    /// What an element must have for it to relate to the probe; `None` where that cannot be looked up.
    fn wanted(&mut self, relation: Relation, probe: &Value) -> Option<Wanted> {
        let mut wanted = Wanted::default();
        match relation {
            Relation::Equal => wanted.keys.push(self.key(probe)?),
            Relation::EqualNocase => wanted.keys.push(self.folded_key(probe)?),
            Relation::OneOf => match probe {
                // Nothing is in what is not there.
                Value::Absent => {}
                Value::List(list) | Value::Set(list) if list.open.is_none() => {
                    for item in &list.items {
                        wanted.keys.push(self.plain_key(item)?);
                    }
                }
                _ => return None,
            },
            Relation::Has => {
                if is_address(probe) {
                    wanted.ranges.push(*self.ranges(probe)?.first()?);
                }
                wanted.keys.push(self.key(probe)?);
            }
            // Whatever covers the probe has its first address.
            Relation::Covers => wanted.ranges.push(*self.ranges(probe)?.first()?),
            Relation::Within | Relation::Overlaps => wanted.ranges = self.ranges(probe)?,
        }
        Some(wanted)
    }

    fn join_index(&mut self, join: JoinId, items: &Items<'e>) -> Option<&'e JoinIndex> {
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
            let (index, _) =
                self.traced(fact, |ev| ev.apart(FUEL_OF_AN_INDEX, |ev| ev.build_join_index(join, items)));
            self.joining.pop();
            let _ = cell.set(index);
        }
        cell.get()
    }

    fn build_join_index(&mut self, join: JoinId, items: &Items<'e>) -> JoinIndex {
        let code = &self.program.joins[join.index()];
        let mut index = JoinIndex { is_followed: self.is_traced(), ..JoinIndex::default() };
        let mut last = None;
        for position in 0..items.len() {
            self.refuel();
            let number = items.number(position);
            let item = items.get(position).value;
            let own = if let Value::Element(id) = item { Some(id) } else { None };
            let value = self.watching(own, |this| {
                this.run(1, |this| {
                    this.set(0, item);
                    this.eval(&code.key)
                })
            });
            index.is_followed &= own.is_some_and(|id| id.0 == number) && last < Some(number);
            last = Some(number);
            if !self.add_to_index(&mut index, code, number, &value) {
                index.others.push(number);
            }
        }
        index.addresses.finish();
        index.is_followed &= !self.has_strayed();
        index
    }

    /// False where the value is none that could be looked up.
    fn add_to_index(&mut self, index: &mut JoinIndex, code: &JoinKey, number: u32, value: &Value) -> bool {
        match code.shape {
            KeyShape::Whole => {
                let Some(key) = self.plain_key(value) else { return false };
                Ids::insert(&mut index.by_key, key, number);
            }
            KeyShape::Folded => {
                let Some(key) = self.folded_key(value) else { return false };
                Ids::insert(&mut index.by_key, key, number);
            }
            KeyShape::Items => return self.add_items(index, number, value),
            KeyShape::Addresses => {
                let Some(ranges) = self.ranges(value) else { return false };
                index.addresses.add(&ranges, number);
            }
        }
        true
    }

    fn add_items(&mut self, index: &mut JoinIndex, number: u32, value: &Value) -> bool {
        let list = match value {
            // Nothing is in what is not there.
            Value::Absent => return true,
            Value::Node { .. } => match self.list_of(value.clone()) {
                Ok(list) => list,
                Err(_) => return false,
            },
            Value::List(list) | Value::Set(list) => list.clone(),
            _ if is_address(value) => {
                let Some(ranges) = self.ranges(value) else { return false };
                index.addresses.add(&ranges, number);
                return true;
            }
            _ => return false,
        };
        if list.open.is_some() {
            return false;
        }
        let mut keys = Vec::with_capacity(list.items.len());
        for item in &list.items {
            let Some(key) = self.plain_key(item) else { return false };
            keys.push(key);
        }
        keys.into_iter().for_each(|key| Ids::insert(&mut index.by_key, key, number));
        true
    }

    /// The key of what is in a collection only if it equals one of its items: for addresses there is more to it.
    pub(super) fn plain_key(&mut self, value: &Value) -> Option<Key> {
        let value = self.estate.force(value.clone());
        if is_address(&value) { None } else { self.key(&value) }
    }

    fn folded_key(&mut self, value: &Value) -> Option<Key> {
        match self.estate.str_of(value) {
            Some(text) => {
                let folded = self.estate.text(&text.to_lowercase());
                self.key(&folded)
            }
            None => self.key(value).filter(|_| !matches!(value, Value::Dangling(_) | Value::Scalar(_))),
        }
    }

    /// The ranges of addresses that a value is made of, where it is nothing else and all of it is known.
    fn ranges(&mut self, value: &Value) -> Option<Vec<(bool, u128, u128)>> {
        let mut found = Vec::new();
        let mut add = |value: &Value| match value {
            Value::Scalar(scalar) => match &**scalar {
                ScalarValue::Cidr(set) => found.extend(set.ranges()),
                ScalarValue::Ip(address) => {
                    found.extend(iom_model::scalar::CidrSet::of_address(*address).ranges());
                }
                _ => found.clear(),
            },
            _ => found.clear(),
        };
        match value {
            Value::List(list) | Value::Set(list) if list.is_complete() && is_of_addresses(list) => {
                list.items.iter().for_each(add);
            }
            other if is_address(other) => add(other),
            _ => {}
        }
        // Of an empty set everything is said that can be said of sets.
        (!found.is_empty()).then_some(found)
    }
}

/// What is looked up in an index.
#[derive(Default)]
struct Wanted {
    keys: Vec<Key>,
    ranges: Vec<(bool, u128, u128)>,
}

fn is_of_addresses(list: &ListValue) -> bool {
    list.items.iter().all(is_address)
}

/// A set of addresses that is what it is: the public address space has rules of its own.
fn is_address(value: &Value) -> bool {
    match value {
        Value::Scalar(scalar) => matches!(**scalar, ScalarValue::Ip(_) | ScalarValue::Cidr(_)),
        _ => false,
    }
}
