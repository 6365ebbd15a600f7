//! Values of things that are alike, made once: see [`crate::program::Alike`].

use iom_state::tape::{NodeIndex, NodeValue, Symbol, Tape};
use rustc_hash::FxHashMap;
use std::sync::Arc;

use super::Evaluator;
use crate::program::{AdapterField, AdapterId, Alike, AlikeBody, Code, KindId, TypeId};
use crate::value::Value;

/// Things that are kept, of which others may be alike.
const MOST: usize = 1 << 16;
/// Larger things are rarely alike.
const MOST_NODES: usize = 64;
/// Values in values that are looked at for what is still on a tape.
const MOST_NESTED: u32 = 16;

/// What was made of things so far.
#[derive(Default)]
pub(super) struct Known {
    /// By the address of what makes it and the hash of what is written.
    items: FxHashMap<(usize, u64), Item>,
    /// Documents by their texts.
    documents: FxHashMap<(KindId, Symbol), (Value, u64)>,
    /// Whether documents of an adapter depend on their texts alone.
    of_text: FxHashMap<AdapterId, bool>,
    /// By what makes items: how often one was alike.
    successes: FxHashMap<usize, Success>,
    /// How many lists there were so far.
    lists: u64,
    /// Remarks that were made so far.
    pub remarks: u64,
}

/// How many things were looked at, and how many of them were alike.
#[derive(Clone, Copy, Default)]
struct Success {
    tried: u32,
    found: u32,
}

impl Success {
    /// Too few are alike for it to be worth looking.
    fn is_hopeless(self) -> bool {
        self.tried >= 512 && self.found < self.tried / 16
    }
}

struct Item {
    source: u32,
    node: NodeIndex,
    value: Value,
    /// What making it took.
    steps: u64,
    /// The list that it was last put into.
    list: u64,
}

impl<'e> Evaluator<'e> {
    /// What of an adapter's field is made once for all things that are alike; nothing where it is written down what is read.
    pub(super) fn alike_in(&self, field: &'e AdapterField, ty: TypeId) -> Option<&'e Alike> {
        let is_asked = field.path.is_none() && !self.is_traced();
        is_asked.then(|| field.alike.get_or_init(|| Alike::of(self.program, &field.value, ty)))
    }

    /// The body of a comprehension of the field at hand, where alike items have one value.
    pub(super) fn alike_body(&mut self, body: &Code) -> Option<&'e AlikeBody> {
        let found = self.alike?.body(body)?;
        self.known.lists += 1;
        let success = self.known.successes.entry(found.code).or_default();
        (!success.is_hopeless()).then_some(found)
    }

    /// What the body makes of the item at hand, as a member of the field's list.
    pub(super) fn of_alike(&mut self, body: &AlikeBody, code: &Code) -> Value {
        let Value::Node { source, node } = self.get(body.local) else { return self.raw(code) };
        let Some(tape) = self.estate.sources.get(source as usize).map(|source| &source.document.tape) else {
            return self.raw(code);
        };
        let success = self.known.successes.entry(body.code).or_default();
        success.tried = success.tried.saturating_add(1);
        let Some(hash) = content(tape, node, &body.references) else { return self.raw(code) };
        let list = self.known.lists;
        let key = (body.code, hash);
        if let Some(known) = self.known.items.get_mut(&key)
            && let Some(document) = self.estate.sources.get(known.source as usize)
            && is_alike((tape, node), (&document.document.tape, known.node))
        {
            success.found = success.found.saturating_add(1);
            let (value, steps) = (known.value.clone(), known.steps);
            let is_repeated = std::mem::replace(&mut known.list, list) == list;
            // It takes as many steps as if it were made, so that fuel does not depend on what was there before.
            self.charge(steps as usize);
            return if is_repeated { twin(value) } else { value };
        }
        let before = (self.fuel_left(), self.known.remarks);
        let value = self.raw(code);
        let value = self.convert(value, body.to);
        let is_lasting = !self.is_exhausted() && self.known.remarks == before.1;
        if is_lasting && self.known.items.len() < MOST && is_off_tape(&value, 0) {
            let steps = before.0 - self.fuel_left();
            self.known.items.entry(key).or_insert(Item { source, node, value: value.clone(), steps, list });
        }
        value
    }

    /// A document that was made of the same text before.
    pub(super) fn document_before(&mut self, kind: KindId, text: Symbol) -> Option<Value> {
        let (value, steps) = self.known.documents.get(&(kind, text))?;
        let (value, steps) = (value.clone(), *steps);
        self.charge(steps as usize);
        Some(value)
    }

    /// Remembers a document, where all of it is in its text.
    pub(super) fn keep_document(
        &mut self,
        (kind, adapter): (KindId, AdapterId),
        text: Symbol,
        value: &Value,
        (fuel, remarks): (u64, u64),
    ) {
        let is_lasting = !self.is_exhausted() && !self.is_traced() && self.known.remarks == remarks;
        if !is_lasting || self.known.documents.len() >= MOST {
            return;
        }
        let program = self.program;
        let is_of_text =
            *self.known.of_text.entry(adapter).or_insert_with(|| {
                crate::program::is_of_text_alone(program, &program.adapters[adapter.index()])
            });
        if is_of_text && is_off_tape(value, 0) {
            self.known.documents.insert((kind, text), (value.clone(), fuel - self.fuel_left()));
        }
    }

    /// Fuel that is left, and remarks that were made.
    pub(super) fn so_far(&self) -> (u64, u64) {
        (self.fuel_left(), self.known.remarks)
    }
}

/// The same value as another one: of equal items in one list each has a place of its own.
fn twin(value: Value) -> Value {
    match value {
        Value::Record(record) => Value::Record(Arc::new((*record).clone())),
        other => other,
    }
}

/// Whether nothing in a value says where it stands.
fn is_off_tape(value: &Value, depth: u32) -> bool {
    let inner = |value: &Value| is_off_tape(value, depth + 1);
    depth < MOST_NESTED
        && match value {
            Value::Node { .. } | Value::Entries { .. } => false,
            Value::List(list) | Value::Set(list) => list.items.iter().all(inner),
            Value::Map(map) => map.entries.iter().all(|(key, value)| inner(key) && inner(value)),
            Value::Record(record) => record.fields.iter().all(|(_, value)| inner(value)),
            Value::Range(ends) => inner(&ends.0) && inner(&ends.1),
            _ => true,
        }
}

/// A hash of what is written at a node; nothing where the source says more about it than what is written, or where one of
/// the members that are references leads anywhere.
fn content(tape: &Tape, node: NodeIndex, references: &[Symbol]) -> Option<u64> {
    let mut hash = 0_u64;
    let mut add = |part: u64| hash = (hash.rotate_left(5) ^ part).wrapping_mul(0x517c_c1b7_2722_0a95);
    let mut waiting = [NodeIndex(0); MOST_NODES];
    let mut left = 1;
    waiting[0] = node;
    while left > 0 {
        left -= 1;
        let at = waiting[left];
        if !tape.marks.is_empty() && tape.marks.contains_key(&at) {
            return None;
        }
        let (first, len, has_keys) = match tape.node(at).value {
            NodeValue::Null => {
                add(1);
                continue;
            }
            NodeValue::Bool(value) => {
                add(2 + u64::from(value));
                continue;
            }
            NodeValue::Int(value) => {
                add(4);
                add(value as u64);
                continue;
            }
            NodeValue::Number(text) | NodeValue::Text(text) => {
                add(5);
                add(number(text));
                continue;
            }
            NodeValue::Unknown(_) => return None,
            NodeValue::List { first, len } => (first, len, false),
            NodeValue::Object { first, len } => (first, len, true),
        };
        add(6 + u64::from(has_keys) + (u64::from(len) << 8));
        if left + len as usize > MOST_NODES {
            return None;
        }
        for child in (first.0..first.0 + len).map(NodeIndex) {
            if has_keys {
                let key = tape.key(child);
                add(number(key));
                if at == node && references.contains(&key) && !leads_nowhere(tape, child) {
                    return None;
                }
            }
            waiting[left] = child;
            left += 1;
        }
    }
    Some(hash)
}

fn number(text: Symbol) -> u64 {
    text.into_usize() as u64
}

fn leads_nowhere(tape: &Tape, reference: NodeIndex) -> bool {
    matches!(tape.node(reference).value, NodeValue::Null | NodeValue::List { len: 0, .. })
}

/// Whether the same is written at two nodes of which neither is larger than what [`content`] looks at.
fn is_alike(one: (&Tape, NodeIndex), other: (&Tape, NodeIndex)) -> bool {
    let mut waiting = [(NodeIndex(0), NodeIndex(0)); MOST_NODES];
    let mut left = 1;
    waiting[0] = (one.1, other.1);
    let (tape, known) = (one.0, other.0);
    while left > 0 {
        left -= 1;
        let (here, there) = waiting[left];
        let (first, other_first, len, has_keys) = match (tape.node(here).value, known.node(there).value) {
            (NodeValue::List { first, len }, NodeValue::List { first: other, len: of_other })
                if len == of_other =>
            {
                (first, other, len, false)
            }
            (NodeValue::Object { first, len }, NodeValue::Object { first: other, len: of_other })
                if len == of_other =>
            {
                (first, other, len, true)
            }
            (NodeValue::List { .. } | NodeValue::Object { .. }, _) => return false,
            (value, known) if value == known => continue,
            _ => return false,
        };
        if left + len as usize > MOST_NODES {
            return false;
        }
        for step in 0..len {
            let pair = (NodeIndex(first.0 + step), NodeIndex(other_first.0 + step));
            if has_keys && tape.key(pair.0) != known.key(pair.1) {
                return false;
            }
            waiting[left] = pair;
            left += 1;
        }
    }
    true
}
