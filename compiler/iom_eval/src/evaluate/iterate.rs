use std::ops::Range;
use std::sync::Arc;

use iom_state::tape::{NodeIndex, NodeValue};

use super::Evaluator;
use crate::program::{Code, KindSet, Order, Over};
use crate::value::{Causes, ElementId, ListValue, MapValue, RecordValue, Truth, Value};

/// What a binder ranges over, without a copy of it.
pub(crate) struct Items {
    source: ItemSource,
    /// Why there may be more.
    pub open: Option<Causes>,
}

enum ItemSource {
    /// Runs of elements, each with how many stand before it.
    Population(Vec<(usize, Range<u32>)>, usize),
    Elements(Vec<ElementId>),
    List(Arc<ListValue>),
    Nodes {
        source: u32,
        first: u32,
        len: u32,
    },
    Map(Arc<MapValue>),
    Numbers(i64, i64),
}

/// One round of a loop.
pub(crate) struct Item {
    pub value: Value,
    /// For maps the value of the entry; for others nothing.
    pub entry: Option<Value>,
    /// Why it is not known whether the item belongs to the collection.
    pub maybe: Option<Causes>,
}

impl Items {
    pub fn len(&self) -> usize {
        match &self.source {
            ItemSource::Population(_, len) => *len,
            ItemSource::Elements(ids) => ids.len(),
            ItemSource::List(list) => list.items.len(),
            ItemSource::Nodes { len, .. } => *len as usize,
            ItemSource::Map(map) => map.entries.len(),
            ItemSource::Numbers(low, high) => usize::try_from(high - low + 1).unwrap_or(0),
        }
    }

    pub fn get(&self, position: usize) -> Item {
        let plain = |value| Item { value, entry: None, maybe: None };
        match &self.source {
            ItemSource::Population(runs, _) => {
                let run = runs.partition_point(|(before, _)| *before <= position).saturating_sub(1);
                let (before, ids) = &runs[run];
                plain(Value::Element(ElementId(ids.start + (position - before) as u32)))
            }
            ItemSource::Elements(ids) => plain(Value::Element(ids[position])),
            ItemSource::List(list) => {
                Item { value: list.items[position].clone(), entry: None, maybe: list.maybe(position) }
            }
            ItemSource::Nodes { source, first, .. } => {
                plain(Value::Node { source: *source, node: NodeIndex(first + position as u32) })
            }
            ItemSource::Map(map) => {
                let (key, value) = &map.entries[position];
                Item { value: key.clone(), entry: Some(value.clone()), maybe: None }
            }
            ItemSource::Numbers(low, _) => plain(Value::Int(low + position as i64)),
        }
    }
}

impl Evaluator<'_> {
    /// A list, a set, or something that reads as one; else why not.
    pub(crate) fn list_of(&mut self, value: Value) -> Result<Arc<ListValue>, Causes> {
        match value {
            Value::List(list) | Value::Set(list) => Ok(list),
            Value::Absent => Ok(Arc::new(ListValue::default())),
            Value::Unknown(causes) => Err(causes.spread()),
            Value::Node { source, node } => match self.estate.plain_node(source, node) {
                Value::List(list) => Ok(list),
                Value::Absent => Ok(Arc::new(ListValue::default())),
                Value::Unknown(causes) => Err(causes.spread()),
                _ => Err(Causes::INVALID),
            },
            Value::Range(range) => match (&range.0, &range.1) {
                (Value::Int(low), Value::Int(high)) if high.saturating_sub(*low) < 10_000_000 => {
                    Ok(Arc::new(ListValue::complete((*low..=*high).map(Value::Int).collect())))
                }
                _ => Err(Causes::INVALID),
            },
            _ => Err(Causes::INVALID),
        }
    }

    /// As [`Evaluator::list_of`], to be changed: the list itself where nobody else holds it.
    pub(crate) fn own_list(&mut self, value: Value) -> Result<ListValue, Causes> {
        match value {
            Value::List(list) | Value::Set(list) => Ok(Arc::unwrap_or_clone(list)),
            Value::Node { source, node } => {
                let tape = &self.estate.sources[source as usize].document.tape;
                match tape.node(node).value {
                    NodeValue::List { .. } => {
                        let items = tape.elements(node).map(|node| Value::Node { source, node });
                        Ok(ListValue::complete(items.collect()))
                    }
                    NodeValue::Null => Ok(ListValue::default()),
                    NodeValue::Unknown(cause) => Err(Causes::of(cause)),
                    _ => Err(Causes::INVALID),
                }
            }
            other => self.list_of(other).map(Arc::unwrap_or_clone),
        }
    }

    /// The items of a binder, looked up where it is planned; its conditions are not applied yet.
    pub(crate) fn items(&mut self, over: &Over) -> Items {
        if let Code::Population(kinds) = &over.source {
            let items = self.population_items(over, kinds);
            return if over.by.is_some() { self.grouped(items, over) } else { items };
        }
        let value = self.raw(&over.source);
        let items = self.items_of(value, over.second.is_some());
        if over.by.is_some() { self.grouped(items, over) } else { items }
    }

    fn population_items(&mut self, over: &Over, kinds: &KindSet) -> Items {
        let open = self.estate.is_open(kinds, self.layer);
        if let Some(join) = &over.join {
            let probe = self.eval(&join.probe);
            if let Some(found) = self.lookup(join.id, kinds, &probe) {
                return Items { source: ItemSource::Elements(found), open };
            }
        }
        let mut runs = Vec::new();
        let mut before = 0;
        for kind in &kinds.kinds {
            let ids = self.estate.population(*kind, self.layer);
            if !ids.is_empty() {
                let len = ids.len();
                runs.push((before, ids));
                before += len;
            }
        }
        Items { source: ItemSource::Population(runs, before), open }
    }

    fn items_of(&mut self, value: Value, wants_entries: bool) -> Items {
        let nothing = |open| Items { source: ItemSource::List(Arc::new(ListValue::default())), open };
        match value {
            Value::List(list) | Value::Set(list) => {
                let open = list.open;
                Items { source: ItemSource::List(list), open }
            }
            Value::Map(map) => {
                let open = map.open;
                Items { source: ItemSource::Map(map), open }
            }
            Value::Record(_) | Value::Entries { .. }
                if wants_entries || matches!(value, Value::Entries { .. }) =>
            {
                Items { source: ItemSource::Map(self.entries(&value)), open: None }
            }
            Value::Node { source, node } => {
                let tape = &self.estate.sources[source as usize].document.tape;
                match tape.node(node).value {
                    NodeValue::List { first, len } => {
                        Items { source: ItemSource::Nodes { source, first: first.0, len }, open: None }
                    }
                    // A single object where a list belongs is malformed, unless its entries are asked for.
                    NodeValue::Object { .. } if wants_entries => {
                        let map = self.estate.plain_node(source, node);
                        Items { source: ItemSource::Map(self.entries(&map)), open: None }
                    }
                    NodeValue::Null => nothing(None),
                    NodeValue::Unknown(cause) => nothing(Some(Causes::of(cause))),
                    _ => nothing(Some(Causes::INVALID)),
                }
            }
            Value::Range(range) => match (&range.0, &range.1) {
                (Value::Int(low), Value::Int(high)) => {
                    Items { source: ItemSource::Numbers(*low, *high), open: None }
                }
                (Value::Unknown(causes), _) | (_, Value::Unknown(causes)) => nothing(Some(causes.spread())),
                _ => nothing(Some(Causes::INVALID)),
            },
            Value::Absent => nothing(None),
            Value::Unknown(causes) => nothing(Some(causes.spread())),
            _ => nothing(Some(Causes::INVALID)),
        }
    }

    /// The groups of a collection: records of a key and the items that have it, in order of keys.
    fn grouped(&mut self, items: Items, over: &Over) -> Items {
        let Some(by) = &over.by else { return items };
        let mut groups: Vec<(Value, ListValue)> = Vec::new();
        let mut open = items.open;
        for position in 0..items.len() {
            let item = items.get(position);
            self.set(by.local, item.value.clone());
            let key = self.eval(&by.key);
            if let Value::Unknown(causes) = key {
                open = Some(open.map_or(causes.spread(), |before| before.union(causes)));
                continue;
            }
            let mut found = None;
            for (position, (group, _)) in groups.iter().enumerate() {
                if self.equal(group, &key, Order::Natural).is_true() {
                    found = Some(position);
                    break;
                }
            }
            let position = found.unwrap_or_else(|| {
                groups.push((key, ListValue::default()));
                groups.len() - 1
            });
            groups[position].1.items.push(item.value);
            if let Some(doubt) = item.maybe {
                let open = &mut groups[position].1.open;
                *open = Some(open.map_or(doubt, |before| before.union(doubt)));
            }
        }
        groups.sort_by(|(left, _), (right, _)| self.sort_order(left, right));
        let names = self.program.names;
        let records = groups.into_iter().map(|(key, mut list)| {
            // An item whose group is not known may belong to each.
            list.open = list.open.into_iter().chain(open).reduce(Causes::union);
            let fields = vec![(names.key, key), (names.items, Value::List(Arc::new(list)))];
            Value::Record(Arc::new(RecordValue::plain(fields)))
        });
        let list = Arc::new(ListValue::complete(records.collect()));
        Items { source: ItemSource::List(list), open }
    }

    /// Puts an item into the binder's slots and says whether it belongs, by its conditions and by the collection.
    pub(crate) fn bind(&mut self, over: &Over, position: usize, item: Item) -> Truth {
        match (over.second, item.entry) {
            (Some(second), Some(entry)) => {
                self.set(over.local, item.value);
                self.set(second, entry);
            }
            (Some(second), None) => {
                self.set(over.local, Value::Int(position as i64));
                self.set(second, item.value);
            }
            (None, _) => {
                if let Some(also) = over.also {
                    self.set(also, item.value.clone());
                }
                self.set(over.local, item.value);
            }
        }
        let mut belongs = match item.maybe {
            Some(causes) => Truth::Unknown(causes),
            None => Truth::True,
        };
        for filter in &over.filters {
            belongs = belongs.and(self.truth(filter));
            if belongs.is_false() {
                break;
            }
        }
        belongs
    }
}
