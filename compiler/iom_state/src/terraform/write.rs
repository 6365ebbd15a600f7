//! Values are put on the tape.

use super::value::{Named, Shape, Value};
use crate::document::ObjectId;
use crate::tape::{
    KnownEnds, Mark, Node, NodeIndex, NodeValue, Reference, Strings, Symbol, Tape, UnknownCause,
};

/// Most nodes of one object, and of all objects together.
const MOST_NODES: usize = 1_000_000;
const MOST_NODES_OF_ALL: usize = 1 << 26;

/// Writes values to a tape.
pub(super) struct Writer<'t> {
    pub tape: &'t mut Tape,
    pub strings: &'t mut Strings,
    /// The place of every object in the document, by the number it got while it was made.
    pub order: &'t [ObjectId],
    no_key: Symbol,
    /// The tape must not get longer.
    end: usize,
    /// Something was too large to be written.
    pub is_cut: bool,
}

impl<'t> Writer<'t> {
    pub fn new(tape: &'t mut Tape, strings: &'t mut Strings, order: &'t [ObjectId]) -> Writer<'t> {
        let no_key = strings.get_or_intern("");
        let end = (tape.len() + MOST_NODES).min(MOST_NODES_OF_ALL);
        Writer { tape, strings, order, no_key, end, is_cut: false }
    }

    /// Puts a value on the tape.
    pub fn write(&mut self, value: &Value) -> NodeIndex {
        let index = self.tape.len();
        self.reserve(1);
        self.fill(index, value);
        NodeIndex(index as u32)
    }

    /// Children stand side by side: their places are taken before any of them is filled.
    fn reserve(&mut self, count: usize) {
        for _ in 0..count {
            self.tape.push(Node { value: NodeValue::Null, offset: 0 }, self.no_key);
        }
    }

    fn fill(&mut self, index: usize, value: &Value) {
        let mut mark = Mark::default();
        let node = self.node(value, &mut mark);
        let index = NodeIndex(index as u32);
        self.tape.set(index, Node { value: node, offset: value.offset });
        self.describe(value, node, &mut mark);
        if mark != Mark::default() {
            self.tape.marks.insert(index, mark);
        }
    }

    fn node(&mut self, value: &Value, mark: &mut Mark) -> NodeValue {
        match &value.shape {
            Shape::Null => NodeValue::Null,
            Shape::Bool(value) => NodeValue::Bool(*value),
            Shape::Int(value) => NodeValue::Int(*value),
            Shape::Number(text) => NodeValue::Number(self.strings.get_or_intern(&**text)),
            Shape::Text(text) => NodeValue::Text(self.strings.get_or_intern(&**text)),
            Shape::List(items) | Shape::Set(items) => {
                let Some(first) = self.room(items.values.len()) else { return self.cut() };
                for (position, item) in items.values.iter().enumerate() {
                    self.fill(first + position, item);
                }
                NodeValue::List { first: NodeIndex(first as u32), len: items.values.len() as u32 }
            }
            Shape::Object(members) => {
                let Some(first) = self.room(members.values.len()) else { return self.cut() };
                for (position, (name, member)) in members.values.iter().enumerate() {
                    let key = self.strings.get_or_intern(&**name);
                    self.tape.set_key(NodeIndex((first + position) as u32), key);
                    self.fill(first + position, member);
                }
                NodeValue::Object { first: NodeIndex(first as u32), len: members.values.len() as u32 }
            }
            Shape::Json(_, inside) => {
                mark.is_json_text = true;
                let mut within = Mark::default();
                self.node(inside, &mut within)
            }
            Shape::Partial(cause, ends) => {
                let (start, end) = (&*ends.start, &*ends.end);
                let (start, end) = (self.strings.get_or_intern(start), self.strings.get_or_intern(end));
                mark.known_ends = Some(KnownEnds { start, end });
                NodeValue::Unknown(*cause)
            }
            Shape::Unknown(cause) => NodeValue::Unknown(*cause),
            Shape::Instance(object) | Shape::Instances(object) => {
                let target = self.target(*object);
                let written = self.no_key;
                mark.references.push(Reference {
                    targets: vec![target],
                    attribute: None,
                    is_inferred: false,
                    written,
                });
                NodeValue::Unknown(UnknownCause::KnownAfterApply)
            }
            Shape::Module(_) => NodeValue::Unknown(UnknownCause::KnownAfterApply),
        }
    }

    /// Room for so many children, if they still fit.
    fn room(&mut self, count: usize) -> Option<usize> {
        let first = self.tape.len();
        if first + count > self.end {
            return None;
        }
        self.reserve(count);
        Some(first)
    }

    fn cut(&mut self) -> NodeValue {
        self.is_cut = true;
        NodeValue::Unknown(UnknownCause::NotReported)
    }

    fn describe(&mut self, value: &Value, node: NodeValue, mark: &mut Mark) {
        mark.sensitive |= node == NodeValue::Unknown(UnknownCause::Sensitive);
        for named in value.references() {
            let reference = self.reference(named);
            mark.references.push(reference);
        }
        // What else a value depends on only matters while it is not known.
        mark.has_other_inputs |= value.has_other_inputs()
            && (matches!(node, NodeValue::Unknown(_)) || !mark.references.is_empty());
    }

    fn reference(&mut self, named: &Named) -> Reference {
        Reference {
            targets: named.targets.iter().map(|object| self.target(*object)).collect(),
            attribute: named.attribute.as_ref().map(|name| self.strings.get_or_intern(&**name)),
            is_inferred: false,
            written: self.strings.get_or_intern(&*named.written),
        }
    }

    fn target(&self, object: ObjectId) -> ObjectId {
        self.order.get(object.0 as usize).copied().unwrap_or(object)
    }
}
