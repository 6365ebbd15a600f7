//! Other values for one object of a source, in place.

use std::sync::{Arc, OnceLock};

use iom_state::document::{AttributeFilter, Layer};
use iom_state::tape::{Node, NodeIndex, NodeValue, Strings, Symbol, Tape};
use serde_json::Value as Json;

use super::build::Pieces;
use super::graph::Edges;
use super::{Estate, Origin};
use crate::evaluate::{Evaluator, Fact, Sort};
use crate::program::{AdapterId, GlobalId, KindSetId, ReachId};
use crate::value::{Causes, ElementId, Value};

/// Levels of lists and objects inside one another, as when sources are read.
const DEEPEST: u32 = 200;

/// By adapter: how many elements it makes of an object, and why there may be more.
pub(crate) type PieceCounts = Vec<(AdapterId, usize, Option<Causes>)>;

/// What others find the elements of an object by, and what they refer to.
#[derive(PartialEq, Debug)]
pub(crate) struct Ties {
    pub keys: Vec<Option<String>>,
    pub edges: Vec<Edges>,
}

impl Estate {
    /// An object of a source by its address; the first of several.
    pub(crate) fn object_named(&self, source: usize, address: &str) -> Option<u32> {
        let symbol = self.strings.get(address)?;
        let objects = &self.sources.get(source)?.document.objects;
        objects.iter().position(|object| object.address == symbol).map(|position| position as u32)
    }

    /// The elements of an object.
    pub(crate) fn elements_of(&self, source: u32, object: u32) -> Vec<ElementId> {
        self.object_index(source).elements(object).to_vec()
    }

    /// The indexes that say whose parts objects of its type are.
    pub(crate) fn parts_with(&self, source: u32, object: u32) -> Vec<Fact> {
        let Some(object) = self.object(source, object) else { return Vec::new() };
        let is_of = |(of, adapter, position): &&(u32, AdapterId, u16)| {
            let part = self.program.adapters[adapter.index()].parts.get(*position as usize);
            *of == source && part.is_some_and(|part| part.source_type == object.source_type)
        };
        self.parts.keys().filter(is_of).map(Fact::parts).collect()
    }

    /// How many elements the object makes as its values are now.
    pub(crate) fn piece_counts(&self, source: u32, object: u32) -> PieceCounts {
        let mut evaluator = Evaluator::new(self, self.sources[source as usize].layer_of(object));
        let pieces = evaluator.pieces_of(source, object).into_iter();
        pieces.map(|(adapter, found)| (adapter, found.pieces.len(), found.open)).collect()
    }

    /// What ties the elements of an object to others, by what is known of their fields.
    pub(crate) fn ties(&self, source: u32, object: u32) -> Ties {
        let mut evaluator = Evaluator::new(self, self.sources[source as usize].layer_of(object));
        let mut ties = Ties { keys: Vec::new(), edges: Vec::new() };
        let has_edges = self.graphs.iter().any(|graph| graph.get().is_some()) || self.has_referrers();
        for id in self.elements_of(source, object) {
            if let Origin::Imported { adapter, this: Value::Node { source, node }, .. } =
                &self.element(id).origin
            {
                for path in &self.program.adapters[adapter.index()].keys {
                    let key = self.at_path(*source, *node, path);
                    ties.keys.push(self.str_of(&key).map(str::to_owned));
                }
            }
            if has_edges {
                let mut edges = Edges::default();
                evaluator.edges_of(id, &mut edges);
                evaluator.links_of(id, &mut edges);
                ties.edges.push(edges);
            }
        }
        ties
    }

    /// Gives an object other values; says whether any is different. What stays as it was keeps its place, and what the source
    /// said about it; everything else stands where the attribute, or the object, stood. What was secret stays secret. Nothing
    /// where the values are no object, or nested too deeply.
    pub(crate) fn put_values(
        &mut self,
        source: u32,
        object: u32,
        values: &Json,
        kept: AttributeFilter<'_>,
    ) -> Option<bool> {
        let strings = Arc::get_mut(&mut self.strings)?;
        let document = &mut self.sources[source as usize].document;
        let (Some(known), Json::Object(members)) = (document.objects.get_mut(object as usize), values) else {
            return None;
        };
        let old = known.values?;
        let is_kept = |name: &String| match kept {
            AttributeFilter::All(_) => true,
            AttributeFilter::These(names) => names.binary_search(name).is_ok(),
        };
        let members: Vec<(&String, &Json)> = members.iter().filter(|(name, _)| is_kept(name)).collect();
        let mut writer = Writer { tape: &mut document.tape, strings };
        let offset = writer.tape.node(old).offset;
        let first = writer.reserve(members.len(), offset);
        let mut is_same = matches!(writer.tape.node(old).value, NodeValue::Object { len, .. } if len as usize == members.len());
        for (position, (name, value)) in members.iter().enumerate() {
            let slot = NodeIndex(first.0 + position as u32);
            let key = writer.strings.get_or_intern(name.as_str());
            writer.tape.set_key(slot, key);
            let before = writer.tape.member(old, key);
            let is_secret = before.is_some_and(|node| writer.is_secret(node));
            match before.filter(|node| is_secret || writer.is_same(*node, value, 0)) {
                Some(node) => writer.copy(node, slot),
                None => {
                    is_same = false;
                    let offset = before.map_or(offset, |node| writer.tape.node(node).offset);
                    let value = writer.value(value, offset, 0)?;
                    writer.tape.set(slot, Node { value, offset });
                }
            }
        }
        let len = members.len() as u32;
        let whole = writer.reserve(1, offset);
        writer.tape.set(whole, Node { value: NodeValue::Object { first, len }, offset });
        if !is_same {
            known.values = Some(whole);
            self.forget_roots(source as usize);
        }
        Some(!is_same)
    }

    /// Tells the elements of an object what they are made of now. Their number is as before.
    pub(crate) fn set_origins(&mut self, source: u32, object: u32) {
        let layer = self.sources[source as usize].layer_of(object);
        let pieces = Evaluator::new(self, layer).pieces_of(source, object);
        let ids = self.elements_of(source, object);
        for (made_by, found) in pieces {
            let is_of = |id: &&ElementId| matches!(self.element(**id).origin, Origin::Imported { adapter, .. } if adapter == made_by);
            let ids: Vec<ElementId> = ids.iter().filter(is_of).copied().collect();
            for (id, piece) in ids.into_iter().zip(found.pieces) {
                if let Origin::Imported { this, around, .. } = &mut self.elements[id.0 as usize].origin {
                    (*this, *around) = piece;
                }
            }
        }
    }

    /// The fields of an element that were read.
    pub(crate) fn read_fields(&self, id: ElementId) -> Vec<u16> {
        let count = self.program.kind(self.element(id).kind).fields.len() as u16;
        let is_read = |position: &u16| self.known(id, *position).is_some();
        (0..count).filter(is_read).collect()
    }

    /// Forgets a field that was read, and says what it was.
    pub(crate) fn take_field(&mut self, id: ElementId, position: u16) -> Option<Value> {
        let shard = *self.shard_of.get(id.0 as usize)?;
        self.shards.get_mut(shard as usize)?.cell_mut(id, position)?.take()
    }

    pub(crate) fn take_global(&mut self, id: GlobalId, layer: usize) -> Option<Value> {
        self.globals.get_mut(id.index())?.get_mut(layer)?.take()
    }

    /// Forgets an index or an answer. False where elements would have to be made anew for that.
    pub(crate) fn drop_index(&mut self, fact: Fact) -> bool {
        let layer = usize::from(fact.detail());
        match fact.sort() {
            Sort::Join => forget(&mut self.joins, fact.join_id().index(), layer),
            Sort::Shared => forget(&mut self.shared, fact.shared_id().index(), layer),
            Sort::Reach => forget(&mut self.reaches, fact.reach_id().index(), layer),
            Sort::Graph => forget(std::slice::from_mut(&mut self.graphs), 0, layer),
            Sort::Keys => {
                if let Some(index) = self.keys.get_mut(fact.kind_id().index()) {
                    *index = OnceLock::new();
                }
            }
            // What is named by a hash is made anew for all sets of kinds; it rests on the same as before.
            Sort::Names => self.names.clear(),
            Sort::Referrers => {
                self.referrers.clear();
                self.all_referrers = Default::default();
            }
            Sort::Parts => {
                let parts = self.parts.iter_mut().filter(|(key, _)| Fact::parts(key) == fact);
                parts.for_each(|(_, index)| *index = OnceLock::new());
            }
            Sort::Field | Sort::Global | Sort::Identities | Sort::Parameter | Sort::Note | Sort::Probe => {
                return false;
            }
        }
        true
    }

    /// The references of a world, and everything that is concluded from them.
    pub(crate) fn reference_facts(&self, layer: Layer) -> Vec<Fact> {
        let mut facts = self.answers(layer);
        facts.push(Fact::graph(layer));
        let of_layer = self.referrers.made().filter(|(_, of)| *of == layer);
        facts.extend(of_layer.map(|(kinds, layer)| Fact::referrers(&(Some(Some(kinds)), layer))));
        facts.push(Fact::referrers(&(None::<Option<KindSetId>>, layer)));
        facts
    }

    /// The answers to questions about everything reachable.
    pub(crate) fn answers(&self, layer: Layer) -> Vec<Fact> {
        (0..self.reaches.len() as u32).map(|reach| Fact::reach(ReachId(reach), layer)).collect()
    }

    fn has_referrers(&self) -> bool {
        self.referrers.made().next().is_some() || self.all_referrers.iter().any(|index| index.get().is_some())
    }

    /// Whether two values are one for everybody who reads them.
    pub(crate) fn is_same(&self, left: &Value, right: &Value) -> bool {
        self.is_same_within(left, right, 0)
    }

    fn is_same_within(&self, left: &Value, right: &Value, depth: u32) -> bool {
        let same = |left: &Value, right: &Value| self.is_same_within(left, right, depth + 1);
        if depth > DEEPEST {
            return false;
        }
        match (left, right) {
            (Value::Absent, Value::Absent) => true,
            (Value::Unknown(left), Value::Unknown(right)) => left == right,
            (Value::Bool(left), Value::Bool(right)) => left == right,
            (Value::Int(left), Value::Int(right)) | (Value::Size(left), Value::Size(right)) => left == right,
            (Value::Instant(left), Value::Instant(right)) => left == right,
            (Value::Decimal(left), Value::Decimal(right)) => left == right && left.scale() == right.scale(),
            (Value::Text(left), Value::Text(right)) => left == right,
            (Value::Made(left), Value::Made(right)) | (Value::Dangling(left), Value::Dangling(right)) => {
                left == right
            }
            (Value::Scalar(left), Value::Scalar(right)) => {
                std::mem::discriminant(&**left) == std::mem::discriminant(&**right)
                    && left.text() == right.text()
            }
            (Value::Element(left), Value::Element(right)) => left == right,
            (Value::Candidates(left), Value::Candidates(right)) => left == right,
            (
                Value::Duration { months: left, milliseconds: fine },
                Value::Duration { months: right, milliseconds: other },
            ) => left == right && fine == other,
            (Value::List(left), Value::List(right)) | (Value::Set(left), Value::Set(right)) => {
                left.maybe == right.maybe
                    && left.open == right.open
                    && left.items.len() == right.items.len()
                    && left.items.iter().zip(&right.items).all(|(left, right)| same(left, right))
            }
            (Value::Record(left), Value::Record(right)) => {
                let fields = left.fields.iter().zip(&right.fields);
                left.shape == right.shape
                    && left.fields.len() == right.fields.len()
                    && fields
                        .into_iter()
                        .all(|((name, left), (other, right))| name == other && same(left, right))
            }
            (Value::Node { source, node }, Value::Node { source: other, node: now })
            | (Value::Entries { source, node }, Value::Entries { source: other, node: now }) => {
                // Places are found by nodes.
                source == other && node == now
            }
            // Maps and ranges are rare as fields.
            _ => false,
        }
    }
}

/// Forgets what was made for one world.
fn forget<T>(cells: &mut [[OnceLock<T>; 3]], position: usize, layer: usize) {
    if let Some(cell) = cells.get_mut(position).and_then(|layers| layers.get_mut(layer)) {
        *cell = OnceLock::new();
    }
}

impl Evaluator<'_> {
    /// What every adapter makes of an object.
    fn pieces_of(&mut self, source: u32, object: u32) -> Vec<(AdapterId, Pieces)> {
        let estate = self.estate;
        let document = &estate.sources[source as usize].document;
        let Some(found) = estate.object(source, object) else { return Vec::new() };
        let Some(node) = found.values else { return Vec::new() };
        let source_type = estate.strings.resolve(&found.source_type);
        let adapters = self.program.adapters_of(document.format, found.is_data, source_type);
        let values = Value::Node { source, node };
        let of = |adapter: AdapterId| {
            if self.program.adapters[adapter.index()].is_plain() {
                return (adapter, Pieces { pieces: vec![(values.clone(), Value::Absent)], open: None });
            }
            (adapter, self.pieces((source, object), adapter, values.clone()))
        };
        adapters.into_iter().map(of).collect()
    }
}

/// Adds to a tape.
struct Writer<'t> {
    tape: &'t mut Tape,
    strings: &'t mut Strings,
}

impl Writer<'_> {
    /// Slots side by side.
    fn reserve(&mut self, count: usize, offset: u32) -> NodeIndex {
        let first = NodeIndex(self.tape.len() as u32);
        let empty: Symbol = self.strings.get_or_intern("");
        for _ in 0..count {
            self.tape.push(Node { value: NodeValue::Null, offset }, empty);
        }
        first
    }

    fn copy(&mut self, from: NodeIndex, to: NodeIndex) {
        self.tape.set(to, self.tape.node(from));
        if let Some(mark) = self.tape.marks.get(&from).cloned() {
            self.tape.marks.insert(to, mark);
        }
    }

    /// Whether something in a value is marked as secret.
    fn is_secret(&self, node: NodeIndex) -> bool {
        let mut open = vec![node];
        while let Some(node) = open.pop() {
            if self.tape.marks.get(&node).is_some_and(|mark| mark.sensitive) {
                return true;
            }
            if let NodeValue::List { first, len } | NodeValue::Object { first, len } =
                self.tape.node(node).value
            {
                open.extend((first.0..first.0 + len).map(NodeIndex));
            }
        }
        false
    }

    fn is_same(&self, node: NodeIndex, value: &Json, depth: u32) -> bool {
        if depth > DEEPEST {
            return false;
        }
        match (self.tape.node(node).value, value) {
            (NodeValue::Null, Json::Null) => !self.tape.marks.contains_key(&node),
            (NodeValue::Bool(old), Json::Bool(new)) => old == *new,
            (NodeValue::Int(old), Json::Number(new)) => new.as_i64() == Some(old),
            (NodeValue::Number(old), Json::Number(new)) => {
                new.as_i64().is_none() && self.strings.resolve(&old) == new.to_string()
            }
            (NodeValue::Text(old), Json::String(new)) => self.strings.resolve(&old) == new,
            (NodeValue::List { first, len }, Json::Array(items)) => {
                items.len() == len as usize
                    && (first.0..)
                        .zip(items)
                        .all(|(item, value)| self.is_same(NodeIndex(item), value, depth + 1))
            }
            (NodeValue::Object { len, .. }, Json::Object(members)) => {
                let is_same = |(name, value): (&String, &Json)| {
                    let member = self.strings.get(name).and_then(|key| self.tape.member(node, key));
                    member.is_some_and(|member| self.is_same(member, value, depth + 1))
                };
                members.len() == len as usize && members.iter().all(is_same)
            }
            _ => false,
        }
    }

    fn value(&mut self, value: &Json, offset: u32, depth: u32) -> Option<NodeValue> {
        if depth > DEEPEST {
            return None;
        }
        Some(match value {
            Json::Null => NodeValue::Null,
            Json::Bool(value) => NodeValue::Bool(*value),
            Json::Number(number) => match number.as_i64() {
                Some(number) => NodeValue::Int(number),
                None => NodeValue::Number(self.strings.get_or_intern(number.to_string())),
            },
            Json::String(text) => NodeValue::Text(self.strings.get_or_intern(text)),
            Json::Array(items) => {
                let first = self.reserve(items.len(), offset);
                for (slot, item) in (first.0..).zip(items) {
                    let value = self.value(item, offset, depth + 1)?;
                    self.tape.set(NodeIndex(slot), Node { value, offset });
                }
                NodeValue::List { first, len: items.len() as u32 }
            }
            Json::Object(members) => {
                let first = self.reserve(members.len(), offset);
                for (slot, (name, member)) in (first.0..).zip(members) {
                    let key = self.strings.get_or_intern(name.as_str());
                    self.tape.set_key(NodeIndex(slot), key);
                    let value = self.value(member, offset, depth + 1)?;
                    self.tape.set(NodeIndex(slot), Node { value, offset });
                }
                NodeValue::Object { first, len: members.len() as u32 }
            }
        })
    }
}
