use std::ops::Range;
use std::sync::Arc;

use iom_state::tape::{NodeIndex, NodeValue};
use rustc_hash::FxHashMap;

use super::{Evaluator, Key};
use crate::facts::Positions;
use crate::program::{By, Code, KindSet, Order, Over};
use crate::value::{Causes, ElementId, ListValue, MapValue, RecordValue, Truth, Value};

/// What a binder ranges over, without a copy of it.
pub(crate) struct Items<'e> {
    source: ItemSource<'e>,
    /// Why there may be more.
    pub open: Option<Causes>,
}

enum ItemSource<'e> {
    /// One run of elements: a kind.
    Run(Range<u32>),
    /// Runs of elements, each with how many stand before it.
    Population(Vec<(usize, Range<u32>)>, usize),
    /// Elements that were looked up.
    Elements(Positions<'e>),
    List(Arc<ListValue>),
    /// Items of a list that were looked up.
    Picked(Arc<ListValue>, Positions<'e>),
    Nodes {
        source: u32,
        first: u32,
        len: u32,
    },
    Map(Arc<MapValue>),
    Numbers(i64, i64),
}

/// Where an index finds so few items, others are not asked.
const FEW_ITEMS: usize = 8;
/// Beyond these, groups that may be there are no longer counted one by one.
const MOST_DOUBTFUL_GROUPS: usize = 32;
/// Beyond these, items that may belong to any group are no longer listed in each.
const MOST_DOUBTFUL_ITEMS: usize = 100_000;

/// Items with one key.
#[derive(Debug, Default)]
pub(crate) struct Group {
    pub key: Value,
    pub items: Vec<Value>,
    /// Beside `items`: why it is not known whether the item belongs to the group. Empty while all surely do.
    maybe: Vec<Option<Causes>>,
    /// Why there may be more items.
    open: Option<Causes>,
    /// Why it is not known whether there is such a group.
    pub doubt: Option<Causes>,
}

impl Group {
    fn add(&mut self, item: Value, doubt: Option<Causes>) {
        if doubt.is_some() || !self.maybe.is_empty() {
            self.maybe.resize(self.items.len(), None);
            self.maybe.push(doubt);
        }
        self.items.push(item);
    }

    fn open(&mut self, causes: Option<Causes>) {
        self.open = self.open.into_iter().chain(causes).reduce(Causes::union);
    }

    /// Items that surely belong to the group.
    pub fn sure_items(&self) -> impl Iterator<Item = &Value> {
        let is_sure = |position: usize| self.maybe.get(position).copied().flatten().is_none();
        self.items.iter().enumerate().filter(move |(position, _)| is_sure(*position)).map(|(_, item)| item)
    }
}

/// Groups in the making.
#[derive(Default)]
struct Sorting {
    groups: Vec<Group>,
    by_key: FxHashMap<Key, usize>,
    /// Groups whose keys are compared part by part.
    unkeyed: Vec<usize>,
    /// Items whose key is not known.
    doubtful: Vec<(Value, Causes)>,
}

/// One round of a loop.
pub(crate) struct Item {
    pub value: Value,
    /// For maps the value of the entry; for others nothing.
    pub entry: Option<Value>,
    /// Why it is not known whether the item belongs to the collection.
    pub maybe: Option<Causes>,
}

impl Items<'_> {
    /// What an index calls an item: an element's id, the position in a list.
    pub fn number(&self, position: usize) -> u32 {
        match &self.source {
            ItemSource::Run(ids) => ids.start + position as u32,
            ItemSource::Population(..) => match self.get(position).value {
                Value::Element(id) => id.0,
                _ => 0,
            },
            ItemSource::Elements(ids) => ids[position],
            _ => position as u32,
        }
    }

    pub fn len(&self) -> usize {
        match &self.source {
            ItemSource::Run(ids) => ids.len(),
            ItemSource::Population(_, len) => *len,
            ItemSource::Elements(positions) | ItemSource::Picked(_, positions) => positions.len(),
            ItemSource::List(list) => list.items.len(),
            ItemSource::Nodes { len, .. } => *len as usize,
            ItemSource::Map(map) => map.entries.len(),
            ItemSource::Numbers(low, high) => numbers_between(*low, *high),
        }
    }

    /// The item of a list that somebody else holds, too, where it is a record that surely belongs to the list.
    pub fn record(&self, position: usize) -> Option<&Arc<RecordValue>> {
        match &self.source {
            ItemSource::List(list) if list.maybe.is_none() && Arc::strong_count(list) > 1 => {
                match list.items.get(position)? {
                    Value::Record(record) => Some(record),
                    _ => None,
                }
            }
            _ => None,
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
            ItemSource::Run(ids) => plain(Value::Element(ElementId(ids.start + position as u32))),
            ItemSource::Elements(ids) => plain(Value::Element(ElementId(ids[position]))),
            ItemSource::List(list) => {
                Item { value: list.items[position].clone(), entry: None, maybe: list.maybe(position) }
            }
            ItemSource::Picked(list, positions) => {
                let position = positions[position] as usize;
                Item { value: list.items[position].clone(), entry: None, maybe: list.maybe(position) }
            }
            ItemSource::Nodes { source, first, .. } => {
                plain(Value::Node { source: *source, node: NodeIndex(first + position as u32) })
            }
            ItemSource::Map(map) => {
                let (key, value) = &map.entries[position];
                Item { value: key.clone(), entry: Some(value.clone()), maybe: None }
            }
            ItemSource::Numbers(low, _) => plain(Value::Int(low.wrapping_add(position as i64))),
        }
    }
}

/// How many whole numbers a range has, as far as that can be counted.
pub(crate) fn numbers_between(low: i64, high: i64) -> usize {
    usize::try_from((i128::from(high) - i128::from(low) + 1).max(0)).unwrap_or(usize::MAX)
}

impl<'e> Evaluator<'e> {
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
                (Value::Int(low), Value::Int(high)) => {
                    if !self.charge(numbers_between(*low, *high)) {
                        return Err(Causes::INVALID);
                    }
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
    pub(crate) fn items(&mut self, over: &Over) -> Items<'e> {
        let items = match &over.source {
            Code::Population(kinds) => self.population(kinds),
            source => {
                let value = self.raw(source);
                self.items_of(value, over.second.is_some())
            }
        };
        if over.by.is_some() { self.grouped(items, over) } else { self.narrowed(items, over) }
    }

    /// Those items that may meet the binder's conditions, as far as indexes tell: the shortest answer of all of them.
    fn narrowed(&mut self, items: Items<'e>, over: &Over) -> Items<'e> {
        if over.joins.is_empty() || items.len() < 2 {
            return items;
        }
        let mut shortest: Option<Positions<'e>> = None;
        for join in &over.joins {
            if let Some(found) = self.lookup(join, &items)
                && shortest.as_ref().is_none_or(|before| found.len() < before.len())
            {
                shortest = Some(found);
            }
            if shortest.as_ref().is_some_and(|found| found.len() <= FEW_ITEMS) {
                break;
            }
        }
        let (Some(found), open) = (shortest, items.open) else { return items };
        match items.source {
            ItemSource::Run(_) | ItemSource::Population(..) => {
                Items { source: ItemSource::Elements(found), open }
            }
            ItemSource::List(list) => Items { source: ItemSource::Picked(list, found), open },
            source => Items { source, open },
        }
    }

    fn population(&self, kinds: &KindSet) -> Items<'e> {
        let open = self.estate.is_open(kinds, self.layer);
        if let [kind] = &*kinds.kinds {
            return Items { source: ItemSource::Run(self.estate.population(*kind, self.layer)), open };
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

    pub(super) fn items_of(&mut self, value: Value, wants_entries: bool) -> Items<'e> {
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
    fn grouped(&mut self, items: Items<'e>, over: &Over) -> Items<'e> {
        let Some(by) = &over.by else { return items };
        let groups = self.groups(&items, by);
        let mut list = ListValue { items: Vec::new(), maybe: None, open: items.open };
        let mut doubts = Vec::new();
        for group in groups {
            // Items whose key is not known make up as many groups as there are items, or fewer.
            let copies = match group.doubt.filter(|_| group.key.is_unknown()) {
                Some(causes) if group.items.len() > MOST_DOUBTFUL_GROUPS => {
                    list.open = Some(list.open.map_or(causes, |before| before.union(causes)));
                    1
                }
                Some(_) => group.items.len(),
                None => 1,
            };
            let doubt = group.doubt;
            let record = self.group_record(group);
            for _ in 0..copies {
                list.items.push(record.clone());
                doubts.push(doubt);
            }
        }
        if doubts.iter().any(Option::is_some) {
            list.maybe = Some(doubts.into());
        }
        let open = list.open;
        Items { source: ItemSource::List(Arc::new(list)), open }
    }

    /// A group as rules see it: `.key` and `.items`.
    pub(crate) fn group_record(&self, group: Group) -> Value {
        let names = self.program.names;
        let maybe = (!group.maybe.is_empty()).then(|| group.maybe.into());
        let items = ListValue { items: group.items, maybe, open: group.open };
        let fields = vec![(names.key, group.key), (names.items, Value::List(Arc::new(items)))];
        Value::Record(Arc::new(RecordValue::plain(fields)))
    }

    /// The groups of a population of the world at hand.
    pub(crate) fn population_groups(&mut self, kinds: &KindSet, by: &By) -> Vec<Group> {
        let items = self.population(kinds);
        self.groups(&items, by)
    }

    /// Puts items with equal keys together, in order of keys. An item whose key is not known may belong to each group; the
    /// last group, which is in doubt, stands for those that such items make up by themselves. So is a group of which no item
    /// surely belongs to the collection.
    pub(crate) fn groups(&mut self, items: &Items<'e>, by: &By) -> Vec<Group> {
        let mut sorting = Sorting::default();
        for position in 0..items.len() {
            let item = items.get(position);
            self.set(by.local, item.value.clone());
            match self.eval(&by.key) {
                Value::Unknown(causes) => sorting.doubtful.push((item.value, causes.spread())),
                // One of several elements, it is not known which.
                Value::Candidates(_) => {
                    let causes = Causes::of(iom_state::tape::UnknownCause::KnownAfterApply);
                    sorting.doubtful.push((item.value, causes));
                }
                key => {
                    let position = self.group_of(key, &mut sorting);
                    sorting.groups[position].add(item.value, item.maybe);
                }
            }
        }
        let Sorting { mut groups, doubtful, .. } = sorting;
        groups.sort_by(|left, right| self.sort_order(&left.key, &right.key));
        for group in groups.iter_mut().filter(|group| group.sure_items().next().is_none()) {
            group.doubt = group.maybe.iter().flatten().copied().reduce(Causes::union);
        }
        let causes = doubtful.iter().map(|(_, causes)| *causes).reduce(Causes::union);
        // Listing every doubtful item in every group is exact, and too much where there are many of both.
        let is_listed = doubtful.len().saturating_mul(groups.len()) <= MOST_DOUBTFUL_ITEMS;
        for group in &mut groups {
            group.open(items.open);
            if is_listed {
                doubtful.iter().for_each(|(item, causes)| group.add(item.clone(), Some(*causes)));
            } else {
                group.open(causes);
            }
        }
        if let Some(causes) = causes {
            let mut rest = Group { key: Value::Unknown(causes), doubt: Some(causes), ..Group::default() };
            doubtful.into_iter().for_each(|(item, causes)| rest.add(item, Some(causes)));
            rest.open(items.open);
            groups.push(rest);
        }
        groups
    }

    /// The position of the group with a key; a new one where there is none.
    fn group_of(&mut self, key: Value, sorting: &mut Sorting) -> usize {
        let next = sorting.groups.len();
        let found = match self.key(&key) {
            Some(hash) => *sorting.by_key.entry(hash).or_insert(next),
            None => {
                if !self.charge(sorting.unkeyed.len()) {
                    // Out of fuel: whatever comes of it is unknown.
                    sorting.unkeyed.clear();
                }
                let mut others = sorting.unkeyed.iter().copied();
                let same = others.find(|position| {
                    self.equal(&sorting.groups[*position].key, &key, Order::Natural).is_true()
                });
                if same.is_none() {
                    sorting.unkeyed.push(next);
                }
                same.unwrap_or(next)
            }
        };
        if found == next {
            sorting.groups.push(Group { key, ..Group::default() });
        }
        found
    }

    /// Puts an item into the binder's slots and says whether it belongs, by its conditions and by the collection.
    pub(crate) fn bind(&mut self, over: &Over, position: usize, item: Item) -> Truth {
        match (over.second, item.entry) {
            (Some(second), Some(entry)) => {
                self.set(over.local, item.value);
                self.set(second, entry);
            }
            (Some(second), None) => {
                self.set(over.local, item.value);
                self.set(second, Value::Int(position as i64));
            }
            (None, _) => {
                for also in &over.also {
                    self.set(*also, item.value.clone());
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
