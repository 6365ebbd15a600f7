//! One object with other values: what rests on them is read and judged again, nothing else.

use iom_state::document::Wanted;
use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::Value as Json;

use super::Session;
use super::world::World;
use crate::evaluate::{Evaluator, Fact, Key, Sort};
use crate::facts::{PieceCounts, Ties, without};
use crate::judge::Judgement;
use crate::value::{ElementId, Value};

/// Facts that rest on one another in more steps than this are made anew.
const MOST_ROUNDS: usize = 32;

/// More subjects of one policy than this are judged with all the others.
const MOST_SUBJECTS: usize = 5_000;

/// What became of a change.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Replaced {
    /// There is no such object.
    Missing,
    /// Everything that rests on it is as it should be.
    Done,
    /// The elements are to be made anew.
    Rebuild,
}

/// An object that is about to change: by source and position.
pub(super) struct Changing {
    source: u32,
    object: u32,
    pieces: PieceCounts,
    ties: Ties,
    /// Indexes that say whose part it is.
    parts: Vec<Fact>,
    /// What its elements are found by in indexes that can follow them.
    found: FxHashMap<(Fact, ElementId), Vec<Key>>,
}

impl Session {
    /// Gives an object of a source, by the source's position and its own address, other values: those of all its attributes.
    /// The next update judges what rests on them. Attributes that are as they were keep their places and what the source said
    /// about them; what was secret stays so. False where there is no such object, or the values are no object.
    pub fn replace_object(&mut self, source: usize, address: &str, values: &Json) -> bool {
        let Some(world) = &mut self.world else { return false };
        self.replacements += 1;
        match world.replace(source, address, values) {
            Replaced::Missing => false,
            Replaced::Done => true,
            Replaced::Rebuild => {
                self.is_estate_changed = true;
                true
            }
        }
    }
}

impl World {
    fn replace(&mut self, source: usize, address: &str, values: &Json) -> Replaced {
        let Some(object) = self.estate.object_named(source, address) else { return Replaced::Missing };
        let mut changing = [self.changing(source as u32, object)];
        let known = self.estate.strings.len();
        match self.put(source as u32, object, values) {
            None => return Replaced::Missing,
            Some(false) => return Replaced::Done,
            Some(true) => {}
        }
        if self.has_made_since(known) { Replaced::Rebuild } else { self.follow(&mut changing) }
    }

    /// Whether anything is different; nothing where it cannot be put.
    fn put(&mut self, source: u32, object: u32, values: &Json) -> Option<bool> {
        let known = self.estate.object(source, object)?;
        let source_type = self.estate.strings.resolve(&known.source_type).to_owned();
        let Some(kept) = self.wanted.attributes(&source_type, known.is_data) else { return Some(false) };
        self.estate.put_values(source, object, values, kept)
    }

    /// What there is to know of an object before it changes.
    pub(super) fn changing(&mut self, source: u32, object: u32) -> Changing {
        self.take_notes();
        let mut found = FxHashMap::default();
        for id in self.estate.elements_of(source, object) {
            let fields = self.estate.read_fields(id).into_iter();
            let values = self.notes.closure(fields.map(|position| Fact::field(id, position)).collect());
            let mut indexes = self.notes.indexes_on(&values);
            indexes.insert(Fact::keys(self.estate.kind_of(id)));
            for index in indexes {
                found.extend(self.estate.found_by(index, id).map(|keys| ((index, id), keys)));
            }
        }
        Changing {
            source,
            object,
            pieces: self.estate.piece_counts(source, object),
            ties: self.estate.ties(source, object),
            parts: self.estate.parts_with(source, object),
            found,
        }
    }

    /// Reads and judges what rests on objects that have changed.
    pub(super) fn follow(&mut self, objects: &mut [Changing]) -> Replaced {
        let is_other = |one: &Changing| self.estate.piece_counts(one.source, one.object) != one.pieces;
        if objects.iter().any(is_other) {
            return Replaced::Rebuild;
        }
        let mut suspects: FxHashSet<Fact> = FxHashSet::default();
        let mut touched: FxHashSet<Fact> = FxHashSet::default();
        let mut indexes: FxHashSet<Fact> = FxHashSet::default();
        for one in objects.iter() {
            self.estate.set_origins(one.source, one.object);
            for id in self.estate.elements_of(one.source, one.object) {
                let fields = self.estate.read_fields(id).into_iter();
                suspects.extend(fields.map(|position| Fact::field(id, position)));
                touched.insert(Fact::whole(id));
            }
            indexes.extend(&one.parts);
        }
        drop(self.loose());
        // Where a value stands may be different though the value is not.
        let mut retold = self.notes.closure(suspects.clone());
        for _ in 0..MOST_ROUNDS {
            let changed = self.read_again(std::mem::take(&mut suspects));
            objects.iter_mut().for_each(|one| self.untie(one, &mut indexes));
            indexes.extend(self.notes.indexes_on(&changed));
            let mut probes = self.follow_in_indexes(objects, &changed, &mut indexes);
            indexes.extend(self.notes.indexes_on(&probes));
            let going = std::mem::take(&mut indexes);
            let Some(dropped) = self.drop_indexes(going, objects, &mut probes) else {
                return Replaced::Rebuild;
            };
            suspects = self.notes.resting_on(&dropped);
            suspects.extend(self.notes.resting_on(&probes));
            touched.extend(probes);
            dropped.iter().for_each(|fact| self.notes.drop_fact(*fact));
            touched.extend(changed);
            touched.extend(dropped);
            if suspects.is_empty() {
                retold.extend(&touched);
                self.judge_touched(&touched, &retold);
                return Replaced::Done;
            }
        }
        Replaced::Rebuild
    }

    /// Finds the indexes by which others find an object, or follow what it refers to, where that is different now.
    fn untie(&self, one: &mut Changing, indexes: &mut FxHashSet<Fact>) {
        let ties = self.estate.ties(one.source, one.object);
        let elements = self.estate.elements_of(one.source, one.object);
        if ties.keys != one.ties.keys {
            indexes.extend(elements.iter().map(|id| Fact::keys(self.estate.kind_of(*id))));
        }
        if ties.edges != one.ties.edges {
            let layers = elements.iter().map(|id| self.estate.layer_of(*id));
            indexes.extend(layers.flat_map(|layer| self.estate.reference_facts(layer)));
        }
        one.ties = ties;
    }

    /// Lets indexes follow the elements of objects where nothing else about them is different: those are indexes to forget no
    /// more. Gives what there was or is to be found in them.
    fn follow_in_indexes(
        &mut self,
        objects: &mut [Changing],
        changed: &FxHashSet<Fact>,
        indexes: &mut FxHashSet<Fact>,
    ) -> FxHashSet<Fact> {
        let mut probes = FxHashSet::default();
        let mut known: FxHashMap<Fact, FxHashMap<ElementId, &mut Vec<Key>>> = FxHashMap::default();
        for ((index, id), keys) in objects.iter_mut().flat_map(|one| &mut one.found) {
            known.entry(*index).or_default().insert(*id, keys);
        }
        for (index, mut known) in known {
            if !indexes.contains(&index) {
                continue;
            }
            let is_known = |fact: &Fact| fact.sort() == Sort::Field && known.contains_key(&fact.element());
            let mut read = changed.iter().filter(|fact| self.notes.rests_on(index, **fact));
            if !read.all(is_known) || self.notes.is_noted(index, changed) {
                continue;
            }
            let found = |id: &ElementId| Some((*id, self.estate.found_by(index, *id)?));
            let now: Option<Vec<(ElementId, Vec<Key>)>> = known.keys().map(found).collect();
            let Some(now) = now else { continue };
            for (id, now) in now {
                let Some(slot) = known.get_mut(&id) else { continue };
                let other = without(slot, &now).into_iter().chain(without(&now, slot));
                probes.extend(other.map(|key| Fact::probe(index, &key)));
                self.estate.follow_in(index, id, slot, &now);
                **slot = now;
            }
            indexes.remove(&index);
        }
        probes
    }

    /// Forgets indexes and answers, and those that were made from them; nothing where the elements are to be made anew. Indexes
    /// of parts are made anew at once, and `probes` gets what is different about them.
    fn drop_indexes(
        &mut self,
        indexes: FxHashSet<Fact>,
        objects: &[Changing],
        probes: &mut FxHashSet<Fact>,
    ) -> Option<FxHashSet<Fact>> {
        let (mut dropped, mut renewed) = (FxHashSet::default(), FxHashSet::default());
        let mut open: Vec<Fact> = indexes.into_iter().collect();
        let mut parts: Vec<Fact> = Vec::new();
        loop {
            let Some(fact) = open.pop() else {
                // Everything that parts are found by is as it should be now.
                let Some(fact) = parts.pop() else { return Some(dropped) };
                match self.renew_parts(fact, objects) {
                    Some(found) => {
                        open.extend(self.notes.indexes_on(&found));
                        probes.extend(found);
                    }
                    None => open.push(fact),
                }
                continue;
            };
            if fact.sort() == Sort::Parts && renewed.insert(fact) {
                parts.push(fact);
                continue;
            }
            if !dropped.insert(fact) {
                continue;
            }
            if !self.estate.drop_index(fact) {
                return None;
            }
            if fact.sort() == Sort::Graph {
                let layers = self.estate.layers().iter();
                let of = layers.filter(|layer| Fact::graph(**layer) == fact);
                open.extend(of.flat_map(|layer| self.estate.answers(*layer)));
            }
            open.extend(self.notes.indexes_on(&FxHashSet::from_iter([fact])));
        }
    }

    /// Makes an index of parts anew; what is to be found in it and is different. Nothing where that may be all.
    fn renew_parts(&mut self, fact: Fact, objects: &[Changing]) -> Option<FxHashSet<Fact>> {
        let is_noted = self.notes.is_noted(fact, &FxHashSet::default());
        let others = objects.iter().filter(|one| one.parts.contains(&fact));
        let others: FxHashSet<(u32, u32)> = others.map(|one| (one.source, one.object)).collect();
        self.notes.drop_fact(fact);
        let found = self.estate.renew_parts(fact, &others)?;
        self.take_notes();
        let is_told = is_noted || self.notes.is_noted(fact, &FxHashSet::default());
        (!is_told).then(|| found.into_iter().collect())
    }

    /// Reads facts, and all that were computed from them, again; says which are others now.
    fn read_again(&mut self, suspects: FxHashSet<Fact>) -> FxHashSet<Fact> {
        let facts = self.notes.closure(suspects);
        let mut before: Vec<(Fact, Value, std::collections::BTreeSet<u32>)> = Vec::with_capacity(facts.len());
        for fact in facts {
            let value = match fact.sort() {
                Sort::Field => self.estate.take_field(fact.element(), fact.detail()),
                _ => self.estate.take_global(fact.global_id(), usize::from(fact.detail())),
            };
            if let Some(value) = value {
                before.push((fact, value, self.notes.of([fact])));
            }
            self.notes.drop_fact(fact);
        }
        let layers = self.estate.layers().to_vec();
        for (fact, ..) in &before {
            match fact.sort() {
                Sort::Field => {
                    let id = fact.element();
                    let layer = self.estate.layer_of(id);
                    Evaluator::new(&self.estate, layer).field(id, fact.detail());
                }
                _ => {
                    let here = layers
                        .iter()
                        .find(|layer| crate::facts::layer_index(**layer) as u16 == fact.detail());
                    if let Some(layer) = here {
                        Evaluator::new(&self.estate, *layer).global(fact.global_id());
                    }
                }
            }
        }
        drop(self.loose());
        self.take_notes();
        let mut changed = FxHashSet::default();
        for (fact, old, notes) in before {
            let now = match fact.sort() {
                Sort::Field => self.estate.known(fact.element(), fact.detail()),
                _ => {
                    let layer = layers
                        .iter()
                        .find(|layer| crate::facts::layer_index(**layer) as u16 == fact.detail());
                    layer.and_then(|layer| self.estate.global_cell(fact.global_id(), *layer)?.get())
                }
            };
            let is_same = now.is_some_and(|now| self.estate.is_same(&old, now));
            if !is_same || self.notes.of([fact]) != notes {
                changed.insert(fact);
            }
        }
        changed
    }

    /// Judges the subjects again that rest on facts that are others now, and forgets what was said that rests on facts of
    /// which something else is to be told.
    fn judge_touched(&mut self, touched: &FxHashSet<Fact>, retold: &FxHashSet<Fact>) {
        let (facts, retold) = (Touched::new(touched), Touched::new(retold));
        let positions: FxHashMap<_, usize> = self
            .estate
            .program
            .policies
            .iter()
            .enumerate()
            .map(|(position, code)| (code.name.clone(), position))
            .collect();
        let judgement = Judgement::of_nothing(&self.estate);
        let mut again = Vec::new();
        self.policies.retain(|name, kept| {
            let Some(position) = positions.get(name) else { return false };
            kept.raw.policy = *position;
            let code = &self.estate.program.policies[*position];
            let readings = &kept.raw.readings;
            if facts.has_any(readings.common()) {
                return false;
            }
            let is_read = readings.has_columns_of(&self.estate, touched.iter());
            let subjects = if is_read { readings.subjects_of(|fact| facts.has(fact)) } else { Vec::new() };
            let is_many = subjects.len() > MOST_SUBJECTS;
            let is_grouped = code.rules.iter().any(|rule| rule.by.is_some());
            if !subjects.is_empty() && (is_many || is_grouped || !kept.raw.exhausted.is_empty()) {
                return false;
            }
            if let Some(said) = &mut kept.said {
                said.forget(|readings| retold.has_any(readings));
            }
            if !subjects.is_empty() {
                let (puts, is_applied) = judgement.judge_subjects(&mut kept.raw, &subjects);
                if let Some(said) = &mut kept.said
                    && (is_applied || !puts.is_empty())
                {
                    said.put(&puts);
                }
                again.push((name.clone(), subjects.len()));
            }
            true
        });
        drop(judgement);
        drop(self.loose());
        self.take_notes();
        for (name, count) in again {
            self.judged_again += count as u64;
            if let Some(kept) = self.policies.get_mut(&name) {
                kept.notes = self.notes.of(kept.raw.readings.all());
            }
        }
    }
}

/// Facts that are others now, found fast among many that are not.
struct Touched<'t> {
    facts: &'t FxHashSet<Fact>,
    /// A bit for each remainder of their hashes.
    marks: [u64; 4],
}

impl<'t> Touched<'t> {
    fn new(facts: &'t FxHashSet<Fact>) -> Touched<'t> {
        let mut marks = [0; 4];
        for fact in facts {
            let mark = fact.mark();
            marks[usize::from(mark >> 6)] |= 1 << (mark & 63);
        }
        Touched { facts, marks }
    }

    fn has(&self, fact: Fact) -> bool {
        let mark = fact.mark();
        self.marks[usize::from(mark >> 6)] >> (mark & 63) & 1 == 1 && self.facts.contains(&fact)
    }

    fn has_any(&self, facts: &[Fact]) -> bool {
        facts.iter().any(|fact| self.has(*fact))
    }
}
