use std::sync::{Arc, OnceLock};

use iom_state::document::SourceObject;
use iom_state::ends::Ends;
use iom_state::tape::{Mark, NodeIndex, NodeValue, Symbol, UnknownCause};
use rustc_hash::FxHashMap;

use super::{Estate, Origin};
use crate::program::KindId;
use crate::scalar;
use crate::value::{Causes, ElementId, ListValue, MapValue, Value};

/// What is in one source, by object.
#[derive(Debug, Default)]
pub struct ObjectIndex {
    /// `starts[o]..starts[o + 1]` of `elements` belong to object `o`.
    starts: Vec<u32>,
    elements: Vec<ElementId>,
    by_type: FxHashMap<Symbol, Vec<u32>>,
    /// Objects by where they start in the file, sorted.
    by_offset: Vec<(u32, u32)>,
    /// Objects by the node of their values, sorted.
    by_root: OnceLock<Vec<(NodeIndex, u32)>>,
    /// Elements by the module instance they are in and their kind. Few sources are asked for it.
    by_module: OnceLock<FxHashMap<(Symbol, KindId), Vec<ElementId>>>,
}

impl ObjectIndex {
    fn new(estate: &Estate, source: u32) -> ObjectIndex {
        let objects = &estate.sources[source as usize].document.objects;
        let mut starts = vec![0_u32; objects.len() + 1];
        for (object, _) in elements_of(estate, source) {
            starts[object as usize + 1] += 1;
        }
        for position in 1..starts.len() {
            starts[position] += starts[position - 1];
        }
        let mut next = starts.clone();
        let mut elements = vec![ElementId(0); starts.last().map_or(0, |all| *all as usize)];
        for (object, id) in elements_of(estate, source) {
            let slot = &mut next[object as usize];
            elements[*slot as usize] = id;
            *slot += 1;
        }
        let mut by_type: FxHashMap<Symbol, Vec<u32>> = FxHashMap::default();
        for (position, object) in objects.iter().enumerate() {
            by_type.entry(object.source_type).or_default().push(position as u32);
        }
        let by_offset = by_offset(objects);
        ObjectIndex {
            starts,
            elements,
            by_type,
            by_offset,
            by_root: OnceLock::new(),
            by_module: OnceLock::new(),
        }
    }

    /// The elements made of an object.
    pub fn elements(&self, object: u32) -> &[ElementId] {
        let bound = |position: u32| self.starts.get(position as usize).map_or(0, |start| *start as usize);
        self.elements.get(bound(object)..bound(object + 1)).unwrap_or(&[])
    }

    /// The object that a node most likely belongs to: parts come before the whole.
    pub fn by_root(&self, estate: &Estate, source: u32, node: NodeIndex) -> Option<u32> {
        let by_root = self.by_root.get_or_init(|| {
            let objects = estate.sources[source as usize].document.objects.iter().zip(0..);
            let mut roots: Vec<_> =
                objects.filter_map(|(object, position)| Some((object.values?, position))).collect();
            roots.sort_unstable();
            roots
        });
        let position = by_root.partition_point(|(root, _)| *root < node);
        by_root.get(position).map(|(_, object)| *object)
    }

    /// All objects of a type, in order.
    pub fn of_type(&self, source_type: Symbol) -> &[u32] {
        self.by_type.get(&source_type).map_or(&[], Vec::as_slice)
    }

    /// Elements of a kind in a module instance.
    pub fn in_module(&self, estate: &Estate, source: u32, module: Symbol, kind: KindId) -> &[ElementId] {
        let by_module = self.by_module.get_or_init(|| {
            let objects = &estate.sources[source as usize].document.objects;
            let mut by_module: FxHashMap<(Symbol, KindId), Vec<ElementId>> = FxHashMap::default();
            for (object, id) in elements_of(estate, source) {
                let module = objects[object as usize].module;
                by_module.entry((module, estate.element(id).kind)).or_default().push(id);
            }
            by_module
        });
        by_module.get(&(module, kind)).map_or(&[], Vec::as_slice)
    }
}

/// The elements that were imported from a source, each with its object.
fn elements_of(estate: &Estate, source: u32) -> impl Iterator<Item = (u32, ElementId)> + '_ {
    estate.elements.iter().enumerate().filter_map(move |(position, element)| match element.origin {
        Origin::Imported { source: from, object, .. } if from == source => {
            Some((object, ElementId(position as u32)))
        }
        _ => None,
    })
}

fn by_offset(objects: &[SourceObject]) -> Vec<(u32, u32)> {
    let mut by_offset: Vec<(u32, u32)> =
        objects.iter().enumerate().map(|(position, object)| (object.offset, position as u32)).collect();
    by_offset.sort_unstable();
    by_offset
}

impl Estate {
    /// Says that the objects of a source start elsewhere in its file, or have other nodes.
    pub(super) fn sort_objects(&mut self, source: usize) {
        if let Some(index) = self.objects.get_mut(source).and_then(OnceLock::get_mut)
            && let Some(source) = self.sources.get(source)
        {
            index.by_offset = by_offset(&source.document.objects);
            index.by_root = OnceLock::new();
        }
    }

    /// Says that objects of a source have other nodes.
    pub(super) fn forget_roots(&mut self, source: usize) {
        if let Some(index) = self.objects.get_mut(source).and_then(OnceLock::get_mut) {
            index.by_root = OnceLock::new();
        }
    }

    #[inline]
    pub(crate) fn object(&self, source: u32, object: u32) -> Option<&SourceObject> {
        self.sources.get(source as usize)?.document.objects.get(object as usize)
    }

    pub(crate) fn object_index(&self, source: u32) -> &ObjectIndex {
        self.objects[source as usize].get_or_init(|| ObjectIndex::new(self, source))
    }

    /// Objects by where they start in the file.
    pub(crate) fn object_starts(&self, source: u32) -> &[(u32, u32)] {
        &self.object_index(source).by_offset
    }

    pub(crate) fn mark(&self, source: u32, node: NodeIndex) -> Option<&Mark> {
        self.sources.get(source as usize)?.document.tape.marks.get(&node)
    }

    /// A node as a value. Lists and objects stay on the tape.
    pub(crate) fn node(&self, source: u32, node: NodeIndex) -> Value {
        let Some(document) = self.sources.get(source as usize) else { return Value::Absent };
        match document.document.tape.node(node).value {
            NodeValue::Null => Value::Absent,
            NodeValue::Bool(value) => Value::Bool(value),
            NodeValue::Int(value) => Value::Int(value),
            NodeValue::Number(text) => {
                let too_large = Value::Unknown(Causes::INVALID.present());
                scalar::decimal(self.strings.resolve(&text)).unwrap_or(too_large)
            }
            NodeValue::Text(symbol) => Value::Text(symbol),
            NodeValue::List { .. } | NodeValue::Object { .. } => Value::Node { source, node },
            NodeValue::Unknown(cause) => {
                if cause == UnknownCause::Sensitive
                    && self.mark(source, node).is_some_and(|mark| mark.secret.is_some())
                {
                    return Value::Unknown(Causes::PLAIN_SECRET);
                }
                let causes = Causes::of(cause);
                let says_so =
                    |mark: &Mark| mark.known_ends.is_some() || surely_refers(&mark.references, mark, cause);
                let is_there = matches!(cause, UnknownCause::Sensitive | UnknownCause::Invalid)
                    || self.mark(source, node).is_some_and(says_so);
                Value::Unknown(if is_there { causes.present() } else { causes })
            }
        }
    }

    /// How a text begins and ends of which no more is known.
    pub(crate) fn ends(&self, value: &Value) -> Option<Ends<&str>> {
        let Value::Node { source, node } = value else { return None };
        let document = &self.sources.get(*source as usize)?.document;
        if !matches!(document.tape.node(*node).value, NodeValue::Unknown(_)) {
            return None;
        }
        let ends = document.tape.marks.get(node)?.known_ends?;
        Some(Ends { start: self.strings.resolve(&ends.start), end: self.strings.resolve(&ends.end) })
    }

    /// What a source says of an object's values beyond them, each with the attribute of the object that it is about.
    pub(crate) fn marks_in(&self, source: u32, values: NodeIndex) -> Vec<(Option<Symbol>, &Mark)> {
        let tape = &self.sources[source as usize].document.tape;
        let mut found = Vec::new();
        let mut open: Vec<(NodeIndex, Option<Symbol>)> = vec![(values, None)];
        while let Some((node, attribute)) = open.pop() {
            found.extend(tape.marks.get(&node).map(|mark| (attribute, mark)));
            open.extend(tape.members(node).map(|(name, member)| (member, Some(attribute.unwrap_or(name)))));
            open.extend(tape.elements(node).map(|item| (item, attribute)));
        }
        found
    }

    /// Whether a list or object on the tape stands for a text that is not known: JSON of which some values are missing.
    pub(crate) fn stands_for_text(&self, source: u32, node: NodeIndex) -> bool {
        self.mark(source, node).is_some_and(|mark| mark.is_json_text)
    }

    /// A list or object of a tape as a list or map whose items are still on the tape.
    pub(crate) fn plain_node(&self, source: u32, node: NodeIndex) -> Value {
        let Some(document) = self.sources.get(source as usize) else { return Value::Absent };
        let tape = &document.document.tape;
        match tape.node(node).value {
            NodeValue::List { .. } => {
                let items = tape.elements(node).map(|node| Value::Node { source, node }).collect();
                Value::List(Arc::new(ListValue::complete(items)))
            }
            NodeValue::Object { .. } => {
                let mut members: Vec<(Symbol, NodeIndex)> = tape.members(node).collect();
                members.sort_by_key(|(name, _)| self.strings.resolve(name));
                let entries = members.into_iter();
                let entries = entries.map(|(name, node)| (Value::Text(name), Value::Node { source, node }));
                Value::Map(Arc::new(MapValue::new(entries.collect(), None)))
            }
            _ => self.node(source, node),
        }
    }

    pub(crate) fn is_object(&self, source: u32, node: NodeIndex) -> bool {
        let document = self.sources.get(source as usize);
        document.is_some_and(|one| matches!(one.document.tape.node(node).value, NodeValue::Object { .. }))
    }

    pub(crate) fn is_list(&self, source: u32, node: NodeIndex) -> bool {
        let document = self.sources.get(source as usize);
        document.is_some_and(|one| matches!(one.document.tape.node(node).value, NodeValue::List { .. }))
    }

    /// Whether a node is an object whose members are all text.
    pub(crate) fn has_texts_only(&self, source: u32, node: NodeIndex) -> bool {
        let Some(document) = self.sources.get(source as usize) else { return false };
        let tape = &document.document.tape;
        match tape.node(node).value {
            NodeValue::Object { first, len } => {
                let members = (first.0..first.0 + len).map(NodeIndex);
                members.into_iter().all(|member| matches!(tape.node(member).value, NodeValue::Text(_)))
            }
            _ => false,
        }
    }

    /// The text that a map of texts has for a key.
    #[inline]
    pub(crate) fn entry(&self, source: u32, node: NodeIndex, key: Symbol) -> Value {
        let member = self.sources.get(source as usize).and_then(|one| one.document.tape.member(node, key));
        member.map_or(Value::Absent, |member| self.node(source, member))
    }

    /// A value that is not a scalar on a tape any more.
    #[inline]
    pub(crate) fn force(&self, value: Value) -> Value {
        match value {
            Value::Node { source, node } => self.node(source, node),
            other => other,
        }
    }
}

/// Whether a value that is not known surely exists: everything it is made of is an attribute of a present object, or of one
/// that the author names and that is not in the source.
fn surely_refers(references: &[iom_state::tape::Reference], mark: &Mark, cause: UnknownCause) -> bool {
    !references.is_empty()
        && (cause == UnknownCause::Unmodelled
            || references.iter().all(|reference| !reference.targets.is_empty()))
        && mark.unresolved_in.is_none()
        && !mark.has_other_inputs
}
