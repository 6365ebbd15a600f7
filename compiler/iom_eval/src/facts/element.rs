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

pub(super) type Column = Box<[OnceLock<Value>]>;

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
        column.get_mut(element.0.checked_sub(self.start)? as usize)
    }

    /// The memo of a field; `make` makes the column that it is in.
    #[inline]
    pub(super) fn cell_in(
        &self,
        element: ElementId,
        field: u16,
        make: impl FnOnce(&Self) -> Column,
    ) -> Option<&OnceLock<Value>> {
        let column = self.columns.get(field as usize)?;
        let column = match column.get() {
            Some(column) => column,
            None => column.get_or_init(|| make(self)),
        };
        column.get(element.0.checked_sub(self.start)? as usize)
    }

    pub(super) fn empty_column(&self) -> Column {
        (0..self.len).map(|_| OnceLock::new()).collect()
    }

    /// The value of a field, if it was read.
    pub(crate) fn known(&self, element: ElementId, field: u16) -> Option<&Value> {
        let column = self.columns.get(field as usize)?.get()?;
        column.get(element.0.checked_sub(self.start)? as usize)?.get()
    }
}
