//! The relationship graph as data: the things of an estate, whatever layers they are seen in, and what each of them leans on.

use std::collections::{BTreeMap, BTreeSet};

use iom_state::document::{Layer as StateLayer, ObjectId};
use rustc_hash::FxHashMap;
use serde::Serialize;
use smol_str::SmolStr;

use super::graph::Edges;
use super::{Estate, Origin};
use crate::evaluate::Evaluator;
use crate::judge::{Step, Trail, report_layer};
use crate::report::{Layer, Place};
use crate::value::{ElementId, Value};

/// What can be deployed: people and environments are not drawn, they are what things are grouped by.
const RESOURCE: &str = "std.prelude.Resource";

/// Things and their relations; both in a fixed order.
#[derive(Clone, PartialEq, Debug, Default, Serialize)]
pub struct Relations {
    pub things: Vec<Thing>,
    pub relations: Vec<Relation>,
}

/// One thing, in all layers that know it.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Thing {
    /// As findings call it.
    pub address: SmolStr,
    /// `aws.Bucket`; empty for what is not in the model.
    pub kind: SmolStr,
    pub layers: Vec<Layer>,
    pub owner: Option<SmolStr>,
    pub environment: Option<SmolStr>,
    /// The module of its source, or of its declaration.
    pub module: Option<SmolStr>,
    /// False for what others refer to and nothing describes.
    pub is_modelled: bool,
    pub location: Option<Place>,
}

/// One thing leans on another one.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Relation {
    /// Positions in [`Relations::things`].
    pub from: usize,
    pub to: usize,
    /// The fields that say so.
    pub fields: Vec<SmolStr>,
    pub sort: RelationSort,
}

/// How a relation is known; of several for one pair the first of these counts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RelationSort {
    /// A declaration says it.
    Declared,
    /// A source says it.
    Reference,
    /// Concluded where a source does not say it.
    Inferred,
    /// `depends_on`: an order, no value.
    DependsOn,
    /// A reference that is no dependency.
    Link,
    /// It leads to this one or to another one.
    Possible,
}

impl Relations {
    /// Everything that leans on a thing, directly or not, without the thing itself; sorted.
    pub fn downstream(&self, start: usize) -> Vec<usize> {
        let mut users: Vec<Vec<usize>> = vec![Vec::new(); self.things.len()];
        for relation in self.relations.iter().filter(|one| one.sort != RelationSort::Link) {
            users[relation.to].push(relation.from);
        }
        let mut seen = BTreeSet::from([start]);
        let mut open = vec![start];
        while let Some(thing) = open.pop() {
            open.extend(users[thing].iter().copied().filter(|user| seen.insert(*user)));
        }
        seen.remove(&start);
        seen.into_iter().collect()
    }

    /// The same graph with some of its things only.
    pub fn keep(&self, is_kept: impl Fn(usize, &Thing) -> bool) -> Relations {
        let mut positions = vec![None; self.things.len()];
        let mut kept = Relations::default();
        for (position, thing) in self.things.iter().enumerate().filter(|(at, thing)| is_kept(*at, thing)) {
            positions[position] = Some(kept.things.len());
            kept.things.push(thing.clone());
        }
        kept.relations = self
            .relations
            .iter()
            .filter_map(|one| {
                Some(Relation { from: positions[one.from]?, to: positions[one.to]?, ..one.clone() })
            })
            .collect();
        kept
    }
}

impl Estate {
    /// The graph of all layers.
    pub fn relations(&self) -> Relations {
        let mut search = Search::new(self);
        search.things();
        search.relations();
        search.finish()
    }
}

/// What one thing is known by: an object of a source with all that was made of it, a declaration, or the text of a reference.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Key {
    Object(u32, u32),
    Element(ElementId),
    Outside(Box<str>),
}

struct Search<'e> {
    estate: &'e Estate,
    evaluator: Evaluator<'e>,
    by_key: FxHashMap<Key, usize>,
    /// By element: the thing it belongs to.
    of_element: Vec<Option<usize>>,
    things: Vec<Thing>,
    relations: BTreeMap<(usize, usize), (RelationSort, BTreeSet<SmolStr>)>,
}

impl<'e> Search<'e> {
    fn new(estate: &'e Estate) -> Search<'e> {
        let layer = estate.layers().first().copied().unwrap_or(StateLayer::Intended);
        Search {
            estate,
            evaluator: Evaluator::new(estate, layer),
            by_key: FxHashMap::default(),
            of_element: vec![None; estate.elements.len()],
            things: Vec::new(),
            relations: BTreeMap::new(),
        }
    }

    fn things(&mut self) {
        let estate = self.estate;
        for id in (0..estate.elements.len() as u32).map(ElementId) {
            let kind = estate.program.kind(estate.kind_of(id));
            let kind = estate.program.model.kinds.get(&kind.name);
            if kind.is_some_and(|kind| kind.traits.iter().any(|name| name == RESOURCE)) {
                self.thing(id);
            }
        }
    }

    fn thing(&mut self, id: ElementId) {
        let estate = self.estate;
        self.evaluator.layer = estate.layer_of(id);
        let canonical = self.evaluator.canonical(id);
        let key = match &estate.element(canonical).origin {
            Origin::Imported { source, object, .. } => Key::Object(*source, *object),
            Origin::Declared { .. } => Key::Element(canonical),
        };
        let layer = report_layer(estate.layer_of(id));
        let position = match self.by_key.get(&key) {
            Some(position) => *position,
            None => {
                self.by_key.insert(key, self.things.len());
                let thing = self.described(id);
                self.things.push(thing);
                self.things.len() - 1
            }
        };
        let thing = &mut self.things[position];
        if !thing.layers.contains(&layer) {
            thing.layers.push(layer);
            thing.layers.sort_unstable();
        }
        self.of_element[id.0 as usize] = Some(position);
        if thing.owner.is_none() || thing.environment.is_none() {
            let resource = crate::judge::element_resource(&mut self.evaluator, id, estate.layer_of(id));
            thing.owner = thing.owner.take().or(resource.owner);
            thing.environment = thing.environment.take().or(resource.environment);
        }
    }

    fn described(&self, id: ElementId) -> Thing {
        let estate = self.estate;
        let module = match &estate.element(id).origin {
            Origin::Imported { source, object, .. } => {
                estate.object(*source, *object).map(|object| estate.strings.resolve(&object.module))
            }
            Origin::Declared { .. } => {
                let address = estate.address(id);
                address.strip_suffix(estate.short_name(id)).map(|module| module.trim_end_matches('.'))
            }
        };
        let kind = match &estate.element(id).origin {
            // What stands for an object as a whole comes before its pieces.
            Origin::Imported { source, object, .. } => {
                let all = estate.object_index(*source).elements(*object).iter().copied();
                let is_piece = |id: &ElementId| match &estate.element(*id).origin {
                    Origin::Imported { adapter, .. } => {
                        estate.program.adapters[adapter.index()].each.is_some()
                    }
                    Origin::Declared { .. } => false,
                };
                estate.kind_of(all.min_by_key(|id| (is_piece(id), *id)).unwrap_or(id))
            }
            Origin::Declared { .. } => estate.kind_of(id),
        };
        let place = match &estate.element(id).origin {
            Origin::Imported { source, object, .. } => estate.object_place(*source, *object),
            Origin::Declared { .. } => estate.element_place(id),
        };
        Thing {
            address: estate.short_name(id).into(),
            kind: estate.program.kind(kind).name.clone(),
            layers: Vec::new(),
            owner: None,
            environment: None,
            module: module.filter(|module| !module.is_empty()).map(SmolStr::from),
            is_modelled: true,
            location: place.map(Place::written),
        }
    }

    fn relations(&mut self) {
        for position in 0..self.of_element.len() {
            let Some(from) = self.of_element[position] else { continue };
            let id = ElementId(position as u32);
            self.evaluator.layer = self.estate.layer_of(id);
            self.by_fields(from, id);
            self.by_order(from, id);
            self.by_links(from, id);
            self.by_values(from, id);
        }
    }

    fn by_fields(&mut self, from: usize, id: ElementId) {
        let program = &self.estate.program;
        let kind = program.kind(self.estate.kind_of(id));
        let is_declared = !self.estate.element(id).is_imported();
        for position in &kind.edges {
            let symbol = kind.fields[*position as usize].name;
            if symbol == program.names.owner || symbol == program.names.environment {
                continue;
            }
            let value = self.evaluator.edge_value(id, *position);
            let mut edges = Edges::default();
            edges.collect(&program.types, &value, 0);
            let mut trail = Trail::of(id, String::new());
            trail.steps.push(Step::Name(symbol));
            let sort = match &value {
                _ if is_declared => RelationSort::Declared,
                Value::Element(_) if self.evaluator.is_inferred(&trail, &value) => RelationSort::Inferred,
                _ => RelationSort::Reference,
            };
            let name = SmolStr::from(self.estate.strings.resolve(&symbol));
            self.put(from, edges, sort, &name);
        }
    }

    fn put(&mut self, from: usize, edges: Edges, sort: RelationSort, field: &SmolStr) {
        for target in edges.elements {
            self.relate_to(from, target, sort, Some(field));
        }
        for target in edges.candidates {
            self.relate_to(from, target, RelationSort::Possible, Some(field));
        }
        for text in edges.outside {
            let to = self.outside(text);
            self.relate(from, to, sort, Some(field));
        }
    }

    fn by_order(&mut self, from: usize, id: ElementId) {
        let estate = self.estate;
        let Origin::Imported { source, object, .. } = &estate.element(id).origin else { return };
        let Some(object) = estate.object(*source, *object) else { return };
        let index = estate.object_index(*source);
        for ObjectId(target) in estate.sources[*source as usize].document.depends_on(object) {
            for target in index.elements(*target) {
                self.relate_to(from, *target, RelationSort::DependsOn, None);
            }
        }
    }

    fn by_links(&mut self, from: usize, id: ElementId) {
        let mut edges = Edges::default();
        self.evaluator.links_of(id, &mut edges);
        for target in edges.elements {
            self.relate_to(from, target, RelationSort::Link, None);
        }
    }

    /// Of what no kind maps only the source's own references are known.
    fn by_values(&mut self, from: usize, id: ElementId) {
        let estate = self.estate;
        let stands_aside = estate.program.kind(estate.kind_of(id)).stands_aside;
        let Origin::Imported { source, object, .. } = &estate.element(id).origin else { return };
        let values = estate.object(*source, *object).and_then(|object| object.values);
        let (true, Some(values)) = (stands_aside, values) else { return };
        let index = estate.object_index(*source);
        for (attribute, mark) in estate.marks_in(*source, values) {
            let field = attribute.map(|name| SmolStr::from(estate.strings.resolve(&name)));
            for reference in &mark.references {
                let sort = match reference.targets.as_slice() {
                    [_] => RelationSort::Reference,
                    _ => RelationSort::Possible,
                };
                for ObjectId(target) in &reference.targets {
                    for target in index.elements(*target) {
                        self.relate_to(from, *target, sort, field.as_ref());
                    }
                }
            }
        }
    }

    fn outside(&mut self, text: Box<str>) -> usize {
        let shown = iom_stdlib::secrets::without(&text).into_owned();
        let next = self.things.len();
        let position = *self.by_key.entry(Key::Outside(text)).or_insert(next);
        if position == next {
            self.things.push(Thing {
                address: shown.into(),
                kind: SmolStr::default(),
                layers: Vec::new(),
                owner: None,
                environment: None,
                module: None,
                is_modelled: false,
                location: None,
            });
        }
        position
    }

    fn relate_to(&mut self, from: usize, target: ElementId, sort: RelationSort, field: Option<&SmolStr>) {
        if let Some(to) = self.of_element.get(target.0 as usize).copied().flatten() {
            self.relate(from, to, sort, field);
        }
    }

    fn relate(&mut self, from: usize, to: usize, sort: RelationSort, field: Option<&SmolStr>) {
        if from == to {
            return;
        }
        let relation = self.relations.entry((from, to)).or_insert((sort, BTreeSet::new()));
        relation.0 = relation.0.min(sort);
        relation.1.extend(field.cloned());
    }

    /// Things by address and kind, those that are not in the model last.
    fn finish(self) -> Relations {
        let mut order: Vec<usize> = (0..self.things.len()).collect();
        order.sort_by(|left, right| {
            let key = |at: &usize| {
                let thing = &self.things[*at];
                (!thing.is_modelled, &thing.address, &thing.kind, *at)
            };
            key(left).cmp(&key(right))
        });
        let mut positions = vec![0; order.len()];
        order.iter().enumerate().for_each(|(new, old)| positions[*old] = new);
        let mut relations: Vec<Relation> = self
            .relations
            .into_iter()
            .map(|((from, to), (sort, fields))| Relation {
                from: positions[from],
                to: positions[to],
                fields: fields.into_iter().collect(),
                sort,
            })
            .collect();
        relations.sort_by_key(|one| (one.from, one.to));
        Relations { things: order.into_iter().map(|old| self.things[old].clone()).collect(), relations }
    }
}
