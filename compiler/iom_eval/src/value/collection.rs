use iom_state::tape::Symbol;

use super::{Causes, Value};
use crate::program::{KindId, Order, RecordId};

/// The elements of a list or set. Some may be in it or not ("maybe"), and there may be more than are listed.
#[derive(Clone, Debug, Default)]
pub struct ListValue {
    pub items: Vec<Value>,
    /// Beside `items`: why it is not known whether the item belongs to the list. `None`: all surely do.
    pub maybe: Option<Box<[Option<Causes>]>>,
    /// Why there may be more items than these. `None`: there are no more.
    pub open: Option<Causes>,
}

impl ListValue {
    /// All items are known and there are no others.
    pub fn complete(items: Vec<Value>) -> ListValue {
        ListValue { items, maybe: None, open: None }
    }

    /// Whether it is not known if the item belongs to the list, and why.
    pub fn maybe(&self, position: usize) -> Option<Causes> {
        self.maybe.as_ref().and_then(|maybe| maybe.get(position).copied().flatten())
    }

    /// Nothing about the list is in doubt.
    pub fn is_complete(&self) -> bool {
        self.open.is_none() && self.maybe.as_ref().is_none_or(|maybe| maybe.iter().all(Option::is_none))
    }

    /// Items that surely belong to the list.
    pub fn sure_count(&self) -> usize {
        (0..self.items.len()).filter(|position| self.maybe(*position).is_none()).count()
    }

    /// Why anything about the list is in doubt.
    pub fn doubt(&self) -> Option<Causes> {
        let maybe = self.maybe.iter().flat_map(|maybe| maybe.iter().flatten().copied());
        maybe.chain(self.open).reduce(Causes::union)
    }
}

/// Entries in order of their keys, each key once.
#[derive(Clone, Debug, Default)]
pub struct MapValue {
    pub entries: Vec<(Value, Value)>,
    /// Why there may be more entries than these.
    pub open: Option<Causes>,
    /// Keys are looked up without regard to case.
    pub is_nocase: bool,
}

impl MapValue {
    pub fn new(entries: Vec<(Value, Value)>, open: Option<Causes>) -> MapValue {
        MapValue { entries, open, is_nocase: false }
    }

    /// How its keys compare.
    pub fn order(&self) -> Order {
        if self.is_nocase { Order::Nocase } else { Order::Natural }
    }
}

/// Fields by name. Records of the same shape may list them in another order; a field that is missing is absent.
#[derive(Clone, Debug)]
pub struct RecordValue {
    pub shape: RecordShape,
    pub fields: Box<[(Symbol, Value)]>,
}

/// What computed fields a record has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RecordShape {
    /// None.
    Plain,
    /// Those of a record type.
    Record(RecordId),
    /// It stands in for an element of a kind.
    Kind(KindId),
}

impl RecordValue {
    pub fn plain(fields: Vec<(Symbol, Value)>) -> RecordValue {
        RecordValue { shape: RecordShape::Plain, fields: fields.into() }
    }

    pub fn field(&self, name: Symbol) -> Option<&Value> {
        self.fields.iter().find(|(field, _)| *field == name).map(|(_, value)| value)
    }
}
