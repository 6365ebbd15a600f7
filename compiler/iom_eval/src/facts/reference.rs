use iom_state::document::{Layer, ObjectId};
use iom_state::tape::{Mark, NodeIndex, NodeValue, Symbol, UnknownCause};
use rustc_hash::FxHashMap;
use std::sync::Arc;

use super::{Estate, LAYERS, Origin};
use crate::evaluate::{Evaluator, FUEL_OF_AN_INDEX, Fact, Key};
use crate::program::{KindId, KindSet};
use crate::value::{Candidates, Causes, ElementId, MadeText, Value};

/// Elements of a kind by the texts that others refer to them by.
#[derive(Debug, Default)]
pub struct KeyIndex {
    interned: FxHashMap<Symbol, Ids>,
    made: FxHashMap<Box<str>, Ids>,
}

/// Elements with the same key: nearly always one, which is kept without an allocation.
#[derive(PartialEq, Debug)]
pub(super) enum Ids<T = ElementId> {
    One(T),
    Several(Vec<T>),
}

impl<T: Copy + PartialEq> Ids<T> {
    /// Adds an element; they come in order.
    fn add(&mut self, id: T) {
        match self {
            Ids::One(first) if *first == id => {}
            Ids::One(first) => *self = Ids::Several(vec![*first, id]),
            Ids::Several(ids) if ids.last() != Some(&id) => ids.push(id),
            Ids::Several(_) => {}
        }
    }

    pub fn all(&self) -> &[T] {
        match self {
            Ids::One(id) => std::slice::from_ref(id),
            Ids::Several(ids) => ids,
        }
    }

    /// Adds an element to those of a key.
    pub fn insert<K: Eq + std::hash::Hash>(by_key: &mut FxHashMap<K, Ids<T>>, key: K, id: T) {
        by_key.entry(key).and_modify(|ids| ids.add(id)).or_insert(Ids::One(id));
    }
}

/// Elements by declared name or single-text identity, for `K named s`.
#[derive(Debug, Default)]
pub struct NameIndex {
    interned: FxHashMap<Symbol, Vec<ElementId>>,
    made: FxHashMap<Box<str>, Vec<ElementId>>,
    /// Why elements with a name that is not known may be meant.
    pub unknown: Option<Causes>,
}

impl KeyIndex {
    fn add(&mut self, key: &Value, id: ElementId) {
        match key {
            Value::Text(symbol) => Ids::insert(&mut self.interned, *symbol, id),
            Value::Made(text) => Ids::insert(&mut self.made, text.0.clone(), id),
            _ => {}
        }
    }

    pub(super) fn find(&self, key: &Value) -> &[ElementId] {
        let found = match key {
            Value::Text(symbol) => self.interned.get(symbol),
            Value::Made(text) => self.made.get(&text.0),
            _ => None,
        };
        found.map_or(&[], Ids::all)
    }

    /// What a text of a source leads to.
    pub(super) fn of_symbol(&self, symbol: Symbol) -> &[ElementId] {
        self.interned.get(&symbol).map_or(&[], Ids::all)
    }

    /// An element is called otherwise.
    pub(super) fn follow(&mut self, id: ElementId, left: &[Key], come: &[Key]) {
        let interned = |key: &Key| if let Key::Interned(symbol) = key { Some(*symbol) } else { None };
        let made = |key: &Key| if let Key::Made(text) = key { Some(text.clone()) } else { None };
        let (of, to) = (left.iter().filter_map(interned), come.iter().filter_map(interned));
        Ids::follow(&mut self.interned, id, of, to);
        let (of, to) = (left.iter().filter_map(made), come.iter().filter_map(made));
        Ids::follow(&mut self.made, id, of, to);
    }
}

impl Estate {
    /// One element, or one of several; `None` if there is none.
    pub(crate) fn one_of(mut found: Vec<ElementId>) -> Option<Value> {
        found.sort_unstable();
        found.dedup();
        match found.as_slice() {
            [] => None,
            [one] => Some(Value::Element(*one)),
            _ => Some(Value::Candidates(Arc::new(Candidates(found.into())))),
        }
    }

    /// The elements of the wanted kinds that an object became. Of an object with many (its rules, its containers) those
    /// that stand for the object as a whole win.
    pub(crate) fn elements_of_object(&self, source: u32, object: u32, target: &KindSet) -> Vec<ElementId> {
        let all = self.object_index(source).elements(object).iter().copied();
        let fitting: Vec<ElementId> = all.filter(|id| target.has(self.element(*id).kind)).collect();
        let whole: Vec<ElementId> = fitting.iter().copied().filter(|id| !self.is_piece(*id)).collect();
        if whole.is_empty() { fitting } else { whole }
    }

    /// Made by `each`: a piece of its object.
    fn is_piece(&self, id: ElementId) -> bool {
        match &self.element(id).origin {
            Origin::Imported { adapter, .. } => self.program.adapters[adapter.index()].each.is_some(),
            Origin::Declared { .. } => false,
        }
    }
}

impl<'e> Evaluator<'e> {
    /// `ref x`: what a source's value refers to.
    pub(crate) fn resolve(&mut self, value: Value, target: &KindSet) -> Value {
        match value {
            Value::Node { source, node } => self.resolve_node(source, node, target),
            Value::Text(symbol) if symbol == self.program.names.empty => Value::Absent,
            Value::Text(_) | Value::Made(_) => self.resolve_text(&value, target),
            Value::Scalar(scalar) => {
                let text = self.estate.text(&scalar.text());
                self.resolve_text(&text, target)
            }
            Value::Absent
            | Value::Unknown(_)
            | Value::Element(_)
            | Value::Dangling(_)
            | Value::Candidates(_)
            | Value::Record(_) => value,
            _ => Value::Unknown(Causes::INVALID),
        }
    }

    fn resolve_node(&mut self, source: u32, node: NodeIndex, target: &KindSet) -> Value {
        let estate = self.estate;
        let document = &estate.sources[source as usize].document;
        let value = document.tape.node(node).value;
        let mark = document.tape.marks.get(&node);
        match value {
            NodeValue::Null => return Value::Absent,
            NodeValue::Text(text) if text == self.program.names.empty => return Value::Absent,
            NodeValue::Object { .. } => return self.resolve_object(source, node, target),
            NodeValue::List { .. } => return Value::Unknown(Causes::INVALID),
            _ => {}
        }
        let known = estate.node(source, node);
        let from_mark = mark.map(|mark| self.resolve_mark(source, mark, target)).unwrap_or_default();
        if let [one] = from_mark.as_slice() {
            return Value::Element(*one);
        }
        if !known.is_unknown() {
            let by_text = self.resolve_known(&known, target);
            if matches!(by_text, Value::Element(_)) || from_mark.is_empty() {
                return by_text;
            }
        }
        if let Some(candidates) = Estate::one_of(from_mark) {
            return candidates;
        }
        // The source names something that is no element here: present, but not modelled.
        let outside = mark.and_then(|mark| {
            let is_named = value == NodeValue::Unknown(UnknownCause::Unmodelled) && !mark.has_other_inputs;
            mark.references
                .iter()
                .find(|reference| (is_named || !reference.targets.is_empty()) && mark.unresolved_in.is_none())
        });
        match outside {
            Some(reference) => {
                Value::Dangling(Arc::new(MadeText(estate.strings.resolve(&reference.written).into())))
            }
            None => known,
        }
    }

    fn resolve_known(&mut self, value: &Value, target: &KindSet) -> Value {
        match value {
            Value::Text(_) | Value::Made(_) => self.resolve_text(value, target),
            Value::Int(_) => {
                let text = self.estate.text(&self.estate.render(value));
                self.resolve_text(&text, target)
            }
            _ => Value::Unknown(Causes::INVALID),
        }
    }

    /// The elements that the source's own references lead to, or that can be concluded from where its trail ends.
    pub(crate) fn resolve_mark(&mut self, source: u32, mark: &Mark, target: &KindSet) -> Vec<ElementId> {
        let estate = self.estate;
        let mut found = Vec::new();
        for reference in &mark.references {
            for ObjectId(object) in &reference.targets {
                found.extend(estate.elements_of_object(source, *object, target));
            }
        }
        found.sort_unstable();
        found.dedup();
        if let (true, Some(module)) = (found.is_empty(), mark.unresolved_in) {
            let index = estate.object_index(source);
            let in_module =
                target.kinds.iter().flat_map(|kind| index.in_module(estate, source, module, *kind));
            found.extend(in_module.filter(|id| !estate.is_piece(**id)));
        }
        found
    }

    /// The element that a document whose text is not known is taken from.
    pub(crate) fn document_of(&mut self, raw: &Value, kind: KindId) -> Option<Value> {
        let Value::Node { source, node } = raw else { return None };
        let mark = self.estate.mark(*source, *node)?;
        let kinds =
            KindSet::new(self.program.kind(kind).name.clone(), false, vec![kind], self.program.kinds.len());
        let found = self.resolve_mark(*source, mark, &kinds);
        Estate::one_of(found)
    }

    /// `ref ^`: the object at hand, or the one around it.
    fn resolve_object(&mut self, source: u32, node: NodeIndex, target: &KindSet) -> Value {
        let at_hand = self.at_hand.filter(|(from, _)| *from == source);
        let object = at_hand.and_then(|(_, object)| {
            let values = self.estate.object(source, object)?.values?;
            (values == node || self.at_hand_values == Some(node)).then_some(object)
        });
        match object {
            Some(object) => {
                let found = self.estate.elements_of_object(source, object, target);
                Estate::one_of(found).unwrap_or(Value::Unknown(Causes::UNMODELLED))
            }
            None => Value::Unknown(Causes::INVALID),
        }
    }

    /// The element with this key: of this world, else of the others.
    pub(crate) fn resolve_text(&mut self, text: &Value, target: &KindSet) -> Value {
        let mut found = Vec::new();
        for kind in &target.kinds {
            let of_kind = self.key_index(*kind).find(text);
            if self.is_traced()
                && let Some(key) = self.key(text)
            {
                self.rests_on(Fact::probe(Fact::keys(*kind), &key));
            }
            // The usual case: one kind, one element. Whatever layer it is of, there is no other.
            if let ([one], [_], false) = (of_kind, &*target.kinds, self.estate.has_clusters) {
                return Value::Element(*one);
            }
            found.extend_from_slice(of_kind);
        }
        if self.estate.has_clusters {
            let from = self.at_hand.map(|(source, _)| source);
            found.retain(|id| self.estate.is_within_reach(from, *id));
        }
        if let [one] = found.as_slice() {
            return Value::Element(*one);
        }
        if found.is_empty() {
            let text = self.estate.str_of(text).unwrap_or("");
            return Value::Dangling(Arc::new(MadeText(text.into())));
        }
        for layer in self.fallback() {
            let in_layer: Vec<ElementId> =
                found.iter().copied().filter(|id| self.estate.layer_of(*id) == layer).collect();
            if let Some(value) = Estate::one_of(in_layer) {
                return value;
            }
        }
        Value::Unknown(Causes::UNMODELLED)
    }

    /// Where the target of a reference is looked for: here, then running, built, intended.
    fn fallback(&self) -> impl Iterator<Item = Layer> + use<> {
        let here = self.layer;
        std::iter::once(here).chain(LAYERS.into_iter().rev().filter(move |layer| *layer != here))
    }

    pub(super) fn key_index(&mut self, kind: KindId) -> &'e KeyIndex {
        let estate = self.estate;
        let cell = &estate.keys[kind.index()];
        let fact = Fact::keys(kind);
        self.rests_on(fact);
        if let Some(index) = cell.get() {
            return index;
        }
        // Making the index may itself resolve references: whoever is first fills the cell, nobody waits for it.
        static NOTHING: std::sync::LazyLock<KeyIndex> = std::sync::LazyLock::new(KeyIndex::default);
        if self.indexing.contains(&kind) {
            return &NOTHING;
        }
        self.indexing.push(kind);
        let (index, _) = self.traced(fact, |ev| ev.apart(FUEL_OF_AN_INDEX, |ev| ev.build_key_index(kind)));
        self.indexing.pop();
        let _ = cell.set(index);
        cell.get().unwrap_or(&NOTHING)
    }

    fn build_key_index(&mut self, kind: KindId) -> KeyIndex {
        let estate = self.estate;
        let mut index = KeyIndex::default();
        let identity = self.text_identity(kind);
        for layer in LAYERS {
            let Some(shard) = estate.shard(kind, layer) else { continue };
            index.interned.reserve(shard.len as usize);
            for id in shard.range().map(ElementId) {
                if let Origin::Imported { adapter, this: Value::Node { source, node }, .. } =
                    &estate.element(id).origin
                {
                    for path in &self.program.adapters[adapter.index()].keys {
                        index.add(&estate.at_path(*source, *node, path), id);
                    }
                }
                if let Some(field) = identity {
                    index.add(&self.field(id, field), id);
                }
            }
        }
        index
    }

    /// The field that alone is the identity of a kind.
    pub(crate) fn text_identity(&self, kind: KindId) -> Option<u16> {
        match self.program.kind(kind).identity.as_slice() {
            [field] => Some(*field),
            _ => None,
        }
    }
}

impl Estate {
    /// The value at the end of a path of names.
    pub(crate) fn at_path(&self, source: u32, node: NodeIndex, path: &[Symbol]) -> Value {
        let tape = &self.sources[source as usize].document.tape;
        let mut node = node;
        for step in path {
            match tape.member(node, *step) {
                Some(member) => node = member,
                None => return Value::Absent,
            }
        }
        self.node(source, node)
    }
}

impl NameIndex {
    pub fn add(&mut self, estate: &Estate, name: &str, id: ElementId) {
        let found = match estate.text(name) {
            Value::Text(symbol) => self.interned.entry(symbol).or_default(),
            _ => self.made.entry(name.into()).or_default(),
        };
        if !found.contains(&id) {
            found.push(id);
        }
    }

    /// What is called by a text.
    pub fn find(&self, name: &Value) -> &[ElementId] {
        let found = match name {
            Value::Text(symbol) => self.interned.get(symbol),
            Value::Made(text) => self.made.get(&text.0),
            _ => None,
        };
        found.map_or(&[], Vec::as_slice)
    }
}
