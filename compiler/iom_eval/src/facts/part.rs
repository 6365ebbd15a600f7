use iom_state::document::ObjectId;
use iom_state::tape::{NodeIndex, NodeValue, Symbol};
use rustc_hash::{FxHashMap, FxHashSet};

use super::Estate;
use super::reference::Ids;
use super::remark::{FactRemark, FactRemarkKind};
use crate::evaluate::{Evaluator, FUEL_OF_AN_INDEX, Fact, Note};
use crate::program::AdapterId;
use crate::value::{Causes, ElementId, ListValue, Value};
use std::sync::Arc;

/// Which sibling objects are parts of which objects.
#[derive(Debug, Default)]
pub struct PartIndex {
    /// Siblings by the object they surely belong to.
    sure: FxHashMap<u32, Ids<u32>>,
    /// Siblings by an object they may belong to.
    maybe: FxHashMap<u32, Ids<u32>>,
    /// Siblings of every object (of the whole account).
    of_all: Vec<u32>,
}

/// What one sibling's `on` says.
enum Parent {
    One(u32),
    OneOf(Vec<u32>),
    /// It belongs to something that is not here.
    Elsewhere,
}

impl Estate {
    /// Finds out anew which siblings are parts of which objects, some siblings having other values. Gives what there was or is
    /// to be found of those objects that have other parts now; nothing where that may be all.
    pub(crate) fn renew_parts(&mut self, fact: Fact, others: &FxHashSet<(u32, u32)>) -> Option<Vec<Fact>> {
        let key = *self.parts.keys().find(|key| Fact::parts(key) == fact)?;
        let old = self.parts.get_mut(&key)?.take()?;
        let layer = self.sources.get(key.0 as usize)?.layer;
        Evaluator::new(self, layer).part_index(key.0, key.1, key.2);
        let new = self.parts.get(&key)?.get()?;
        if !old.of_all.is_empty() || !new.of_all.is_empty() {
            return None;
        }
        let is_other = |sibling: &u32| others.contains(&(key.0, *sibling));
        let mut found: Vec<u32> = Vec::new();
        for (was, is) in [
            (&old.sure, &new.sure),
            (&old.maybe, &new.maybe),
            (&new.sure, &old.sure),
            (&new.maybe, &old.maybe),
        ] {
            let differ = was.iter().filter(|(object, siblings)| {
                siblings.all().iter().any(is_other) || is.get(object) != Some(siblings)
            });
            found.extend(differ.map(|(object, _)| *object));
        }
        found.sort_unstable();
        found.dedup();
        Some(found.into_iter().map(|object| Fact::probe(fact, &object)).collect())
    }
}

impl<'e> Evaluator<'e> {
    /// The value of a part's slot for an object.
    pub(crate) fn part(
        &mut self,
        element: Option<ElementId>,
        source: u32,
        object: u32,
        adapter: AdapterId,
        position: u16,
    ) -> Value {
        let estate = self.estate;
        let program = self.program;
        let Some(index) = self.part_index(source, adapter, position) else { return Value::Absent };
        self.rests_on_part((source, adapter, position), object);
        let part = &program.adapters[adapter.index()].parts[position as usize];
        let values = |object: &u32| {
            let node = estate.object(source, *object).and_then(|object| object.values);
            node.map_or(Value::Absent, |node| Value::Node { source, node })
        };
        let sure = index.sure.get(&object).map_or(&[][..], Ids::all);
        let maybe = index.maybe.get(&object).map_or(&[][..], Ids::all);
        let doubt = Causes::of(iom_state::tape::UnknownCause::KnownAfterApply);
        if part.is_many {
            let items: Vec<Value> = sure.iter().chain(&index.of_all).chain(maybe).map(values).collect();
            let sure_count = sure.len() + index.of_all.len();
            let doubts = (0..items.len()).map(|position| (position >= sure_count).then_some(doubt)).collect();
            let maybe = (!maybe.is_empty()).then_some(doubts);
            return Value::List(Arc::new(ListValue { items, maybe, open: None }));
        }
        if let (Some(element), [_, second, ..]) = (element, sure) {
            let sibling =
                estate.object(source, *second).map_or("", |one| estate.strings.resolve(&one.address));
            self.note(Note::Remark(FactRemark {
                element,
                field: estate.strings.resolve(&part.source_type).into(),
                kind: FactRemarkKind::Conflict,
                message: format!("{sibling} is a second part of the same kind; the first one is used"),
            }));
        }
        match (sure.first().or(index.of_all.first()), maybe.is_empty()) {
            (Some(sibling), _) => values(sibling),
            (None, true) => Value::Absent,
            (None, false) => Value::Unknown(doubt),
        }
    }

    /// Whether an object has any parts of a slot, surely or maybe.
    pub(crate) fn has_parts(&mut self, source: u32, object: u32, adapter: AdapterId, position: u16) -> bool {
        self.rests_on_part((source, adapter, position), object);
        self.part_index(source, adapter, position).is_some_and(|index| {
            !index.of_all.is_empty() || index.sure.contains_key(&object) || index.maybe.contains_key(&object)
        })
    }

    /// Says that what is being computed rests on the parts of one object.
    fn rests_on_part(&mut self, slot: (u32, AdapterId, u16), object: u32) {
        if self.is_traced() {
            self.rests_on(Fact::probe(Fact::parts(&slot), &object));
        }
    }

    fn part_index(&mut self, source: u32, adapter: AdapterId, position: u16) -> Option<&'e PartIndex> {
        let cell = self.estate.parts.get(&(source, adapter, position))?;
        if let (Some(index), false) = (cell.get(), self.is_traced()) {
            return Some(index);
        }
        let fact = Fact::parts(&(source, adapter, position));
        self.rests_on(fact);
        if cell.get().is_none() {
            let (index, _) = self.traced(fact, |ev| {
                ev.apart(FUEL_OF_AN_INDEX, |ev| ev.build_part_index(source, adapter, position))
            });
            let _ = cell.set(index);
        }
        cell.get()
    }

    fn build_part_index(&mut self, source: u32, adapter: AdapterId, position: u16) -> PartIndex {
        let estate = self.estate;
        let program = self.program;
        let objects = estate.object_index(source);
        let adapter = &program.adapters[adapter.index()];
        let part = &adapter.parts[position as usize];
        let siblings = objects.of_type(part.source_type);
        let mut index = PartIndex::default();
        let Some(on) = &part.on else {
            index.of_all.extend_from_slice(siblings);
            return index;
        };
        if siblings.is_empty() {
            return index;
        }
        let parents = Parents::of(estate, source, adapter);
        let mut undecided = Vec::new();
        for sibling in siblings {
            let Some(node) = estate.object(source, *sibling).and_then(|object| object.values) else {
                continue;
            };
            let before = self.at_hand.replace((source, *sibling));
            let value = self.run(2, |this| {
                this.set(0, Value::Node { source, node });
                this.raw(on)
            });
            self.at_hand = before;
            match self.parent(source, *sibling, value, &parents) {
                Parent::One(parent) => Ids::insert(&mut index.sure, parent, *sibling),
                Parent::OneOf(candidates) => undecided.push((*sibling, candidates)),
                Parent::Elsewhere => {}
            }
        }
        // An object that surely has its part is no candidate for another, where one is all there can be.
        for (sibling, candidates) in undecided {
            let open =
                candidates.into_iter().filter(|parent| part.is_many || !index.sure.contains_key(parent));
            for parent in open.collect::<Vec<u32>>() {
                Ids::insert(&mut index.maybe, parent, sibling);
            }
        }
        index
    }

    fn parent(&mut self, source: u32, sibling: u32, value: Value, parents: &Parents) -> Parent {
        let estate = self.estate;
        if let Value::Node { source: from, node } = value
            && from == source
            && let Some(found) = parents.by_reference(estate, source, sibling, node)
        {
            return found;
        }
        match estate.force(value) {
            Value::Absent => Parent::Elsewhere,
            Value::Unknown(_) => parents.in_module_of(estate, source, sibling),
            known => match parents.called(estate, &known) {
                None | Some([]) => Parent::Elsewhere,
                Some([one]) => Parent::One(*one),
                Some(several) => Parent::OneOf(several.to_vec()),
            },
        }
    }
}

/// The objects that siblings may belong to.
struct Parents {
    /// Sorted.
    objects: Vec<u32>,
    by_key: FxHashMap<Symbol, Ids<u32>>,
}

impl Parents {
    fn of(estate: &Estate, source: u32, adapter: &crate::program::Adapter) -> Parents {
        let index = estate.object_index(source);
        let mut objects = Vec::new();
        for source_type in &adapter.source_types {
            if let Some(symbol) = estate.strings.get(&**source_type) {
                let document = &estate.sources[source as usize].document;
                let fits = |object: &&u32| document.objects[**object as usize].is_data == adapter.is_data;
                objects.extend(index.of_type(symbol).iter().filter(fits));
            }
        }
        objects.sort_unstable();
        let mut by_key: FxHashMap<Symbol, Ids<u32>> = FxHashMap::default();
        for object in &objects {
            let Some(node) = estate.object(source, *object).and_then(|object| object.values) else {
                continue;
            };
            for path in &adapter.keys {
                if let Value::Text(key) = estate.at_path(source, node, path) {
                    Ids::insert(&mut by_key, key, *object);
                }
            }
        }
        Parents { objects, by_key }
    }

    /// Those that are called what a value reads as.
    fn called(&self, estate: &Estate, value: &Value) -> Option<&[u32]> {
        let name = match value {
            Value::Text(name) => *name,
            Value::Made(_) => return None,
            other => match estate.text(&estate.render(other)) {
                Value::Text(name) => name,
                _ => return None,
            },
        };
        self.by_key.get(&name).map(Ids::all)
    }

    /// By what the source itself says the value refers to.
    fn by_reference(&self, estate: &Estate, source: u32, sibling: u32, node: NodeIndex) -> Option<Parent> {
        let tape = &estate.sources[source as usize].document.tape;
        if matches!(tape.node(node).value, NodeValue::Null) {
            return None;
        }
        let mark = tape.marks.get(&node)?;
        let targets =
            mark.references.iter().flat_map(|reference| &reference.targets).map(|ObjectId(one)| *one);
        let mut targets: Vec<u32> =
            targets.filter(|target| self.objects.binary_search(target).is_ok()).collect();
        targets.sort_unstable();
        targets.dedup();
        match (targets.as_slice(), mark.unresolved_in) {
            ([one], _) => Some(Parent::One(*one)),
            ([], Some(module)) => Some(self.in_module(estate, source, sibling, module)),
            ([], None) => None,
            (several, _) => Some(Parent::OneOf(several.to_vec())),
        }
    }

    fn in_module_of(&self, estate: &Estate, source: u32, sibling: u32) -> Parent {
        let module = estate.object(source, sibling).map(|object| object.module);
        match module.map(|module| self.in_module(estate, source, sibling, module)) {
            // Nothing says that the parent is in the same module.
            None | Some(Parent::Elsewhere) => Parent::OneOf(self.objects.clone()),
            Some(found) => found,
        }
    }

    /// The only one in the module instance (and of the same provider, where several are).
    fn in_module(&self, estate: &Estate, source: u32, sibling: u32, module: Symbol) -> Parent {
        let object = |object: &u32| estate.object(source, *object);
        let here = |candidate: &&u32| object(candidate).is_some_and(|found| found.module == module);
        let mut candidates: Vec<u32> = self.objects.iter().filter(here).copied().collect();
        let provider = object(&sibling).map(|found| found.provider);
        let same =
            candidates.iter().copied().filter(|one| object(one).map(|found| found.provider) == provider);
        let same: Vec<u32> = same.collect();
        if !same.is_empty() {
            candidates = same;
        }
        match candidates.as_slice() {
            [one] => Parent::One(*one),
            [] => Parent::Elsewhere,
            _ => Parent::OneOf(candidates),
        }
    }
}
