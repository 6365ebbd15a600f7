use std::ops::Range;
use std::sync::{Arc, OnceLock};

use iom_state::document::Layer;

use super::instance::Instance;
use crate::program::{AdapterId, KindId, ResourceId};
use crate::value::{ElementId, Value};

/// A thing of the estate, in one layer.
#[derive(Debug)]
pub struct Element {
    pub kind: KindId,
    pub layer: Layer,
    /// The source tool's own address, or the declaration's qualified name.
    pub address: Value,
    pub origin: Origin,
}

impl Element {
    pub fn is_imported(&self) -> bool {
        matches!(self.origin, Origin::Imported { .. })
    }
}

/// Where an element comes from.
#[derive(Clone, Debug)]
pub enum Origin {
    Imported {
        source: u32,
        object: u32,
        adapter: AdapterId,
        /// What the adapter calls `self`, and `^`.
        this: Value,
        around: Value,
    },
    Declared {
        resource: ResourceId,
        /// The values of the declaration's `for`, by slot.
        each: Option<Arc<[(u32, Value)]>>,
        /// Built by a blueprint: the innermost instance that it is a part of.
        instance: Option<Arc<Instance>>,
    },
}

/// The values of one field of all elements of a shard.
#[derive(Debug)]
pub(super) enum Column {
    /// All of them are known already.
    Whole(Box<[Value]>),
    /// Each is read when it is asked for.
    Cells(Box<[OnceLock<Value>]>),
}

impl Column {
    #[inline]
    fn get(&self, position: usize) -> Option<Cell<'_>> {
        match self {
            Column::Whole(values) => values.get(position).map(Cell::Known),
            Column::Cells(cells) => cells.get(position).map(Cell::Memo),
        }
    }

    /// A column of values as far as they are known, in order.
    pub fn of(mut known: impl ExactSizeIterator<Item = Option<Value>>) -> Column {
        let mut values = Vec::with_capacity(known.len());
        while let Some(value) = known.next() {
            let Some(value) = value else {
                let cell = |value: Option<Value>| value.map_or_else(OnceLock::new, OnceLock::from);
                let before = values.into_iter().map(Some).chain(std::iter::once(None));
                return Column::Cells(before.chain(known).map(cell).collect());
            };
            values.push(value);
        }
        Column::Whole(values.into())
    }
}

/// The place of one field of one element.
#[derive(Clone, Copy)]
pub(crate) enum Cell<'s> {
    Known(&'s Value),
    Memo(&'s OnceLock<Value>),
}

impl<'s> Cell<'s> {
    #[inline]
    pub fn get(self) -> Option<&'s Value> {
        match self {
            Cell::Known(value) => Some(value),
            Cell::Memo(cell) => cell.get(),
        }
    }

    /// Remembers a value, where there is none yet.
    #[inline]
    pub fn set(self, value: Value) {
        if let Cell::Memo(cell) = self {
            let _ = cell.set(value);
        }
    }
}

/// The elements of one kind in one layer: a run of ids, with a column for each field that was read.
#[derive(Debug)]
pub struct Shard {
    pub kind: KindId,
    pub layer: Layer,
    pub start: u32,
    pub len: u32,
    columns: Box<[OnceLock<Column>]>,
}

impl Shard {
    pub fn new(kind: KindId, layer: Layer, start: u32, len: u32, fields: usize) -> Shard {
        Shard { kind, layer, start, len, columns: (0..fields).map(|_| OnceLock::new()).collect() }
    }

    pub fn range(&self) -> Range<u32> {
        self.start..self.start + self.len
    }

    pub(super) fn cell_mut(&mut self, element: ElementId, field: u16) -> Option<&mut OnceLock<Value>> {
        let column = self.columns.get_mut(field as usize)?.get_mut()?;
        if let Column::Whole(values) = column {
            *column = Column::Cells(std::mem::take(values).into_iter().map(OnceLock::from).collect());
        }
        let Column::Cells(cells) = column else { return None };
        cells.get_mut(element.0.checked_sub(self.start)? as usize)
    }

    /// The memo of a field; `make` makes the column that it is in.
    #[inline]
    pub(super) fn cell_in(
        &self,
        element: ElementId,
        field: u16,
        make: impl FnOnce(&Self) -> Column,
    ) -> Option<Cell<'_>> {
        let column = self.columns.get(field as usize)?;
        let column = match column.get() {
            Some(column) => column,
            None => column.get_or_init(|| make(self)),
        };
        column.get(element.0.checked_sub(self.start)? as usize)
    }

    pub(super) fn empty_column(&self) -> Column {
        Column::Cells((0..self.len).map(|_| OnceLock::new()).collect())
    }

    /// The value of a field, if it was read.
    pub(crate) fn known(&self, element: ElementId, field: u16) -> Option<&Value> {
        let column = self.columns.get(field as usize)?.get()?;
        column.get(element.0.checked_sub(self.start)? as usize)?.get()
    }
}
