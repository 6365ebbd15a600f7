//! The estate: elements of all sources and declarations with their fields, evaluated when they are first read.

mod adopt;
mod ahead;
mod build;
mod claim;
mod column;
mod component;
mod delta;
mod element;
mod graph;
mod identity;
mod instance;
mod interval;
mod join;
mod literal;
mod object;
mod part;
mod reach;
mod reference;
mod referrer;
mod relations;
mod remark;
mod renew;
mod replace;
mod screen;
mod selection;
mod spot;
mod stub;
mod surroundings;
pub(crate) mod text;
mod walk;
mod world;

pub(crate) use screen::Screened;
pub(crate) use walk::Walks;

pub(crate) use delta::without;
pub(crate) use element::Cell;
pub use element::{Element, Origin, Shard};
pub(crate) use graph::EdgePlans;
pub use graph::Graph;
pub(crate) use instance::{Instance, Saying, Site};
pub(crate) use join::Positions;
pub(crate) use literal::Writer;
pub use literal::{LeftOut, quoted};
pub use reference::NameIndex;
pub use relations::{Relation, RelationSort, Relations, Thing};
pub use remark::{FactRemark, FactRemarkKind};
pub(crate) use renew::Offsets;
pub(crate) use replace::{PieceCounts, Ties};
pub use stub::Stub;
pub use surroundings::Surroundings;
pub use text::instant_text;

use std::sync::{Arc, Mutex, OnceLock};

use iom_model::Duration;
use iom_model::scalar::{Glob, instant};
use iom_state::document::{Document, Layer, ObjectId};
use iom_state::files::FilePlace;
use iom_state::tape::{Strings, Symbol};
use rustc_hash::{FxHashMap, FxHashSet};
use smol_str::{SmolStr, format_smolstr};

use crate::evaluate::{Book, Note};
use crate::program::{AdapterId, BlueprintId, JoinId, KindId, KindSet, Program};
use crate::value::{Causes, ElementId, ListValue, Value};

use identity::IdentityIndex;
use join::JoinIndex;
use object::ObjectIndex;
use part::PartIndex;
use reach::ReachAnswers;
use reference::KeyIndex;
use referrer::ReferrerIndex;
use world::PerWorld;

/// One imported document with what the workspace says about it.
#[derive(Clone, Debug)]
pub struct StateSource {
    /// As reports show it.
    pub path: SmolStr,
    pub layer: Layer,
    pub document: Document,
    /// What nothing binds otherwise: the name of a declared environment.
    pub environment: Option<SmolStr>,
    /// Facts older than this are stale.
    pub fresh_for: Option<Duration>,
    /// The source cannot prove that something is missing.
    pub is_partial: bool,
    /// The workspace answers for everything in it.
    pub manages: bool,
    /// Ids of what is known to lie outside.
    pub external: Vec<Glob>,
    pub surroundings: Surroundings,
}

impl StateSource {
    /// The layer of an object of the source.
    pub(crate) fn layer_of(&self, object: u32) -> Layer {
        self.document.other_layers.get(&ObjectId(object)).copied().unwrap_or(self.layer)
    }

    /// The layers that objects of the source are in.
    pub(crate) fn layers(&self) -> impl Iterator<Item = Layer> + '_ {
        let others = LAYERS.into_iter().filter(|layer| *layer != self.layer);
        let is_there = |layer: &Layer| self.document.other_layers.values().any(|other| other == layer);
        std::iter::once(self.layer).chain(others.filter(is_there))
    }

    /// Whether what the source says is too old to be believed. One that says no time is as old as the run.
    fn is_stale(&self, at: i64) -> bool {
        self.fresh_until().is_some_and(|until| until <= at)
    }

    /// When the source says that it was made.
    pub(crate) fn observed_at(&self) -> Option<i64> {
        self.document.timestamp.as_deref().and_then(|stamp| instant::parse_time(stamp).ok())
    }

    /// When what the source says becomes too old to be believed.
    pub(crate) fn fresh_until(&self) -> Option<i64> {
        self.fresh_from(self.observed_at()?)
    }

    /// Until when what was seen at an instant is believed.
    fn fresh_from(&self, seen: i64) -> Option<i64> {
        self.fresh_for.and_then(|fresh| instant::add(seen, fresh))
    }

    /// What the source says when it saw it, with until when it is believed; in no order.
    pub(crate) fn fresh_objects(&self) -> impl Iterator<Item = (ObjectId, i64)> + '_ {
        let seen = self.document.observed.iter();
        seen.filter_map(|(object, seen)| Some((*object, self.fresh_from(*seen)?)))
    }

    /// The age of what the source says, as far as it matters at an instant.
    fn staleness(&self, at: i64) -> Staleness {
        let is_stale = self.is_stale(at);
        let others = self.fresh_objects().filter(|(_, until)| (*until <= at) != is_stale);
        Staleness { is_stale, others: others.map(|(object, _)| object.0).collect() }
    }
}

/// What of a source is too old to be believed.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
struct Staleness {
    is_stale: bool,
    /// Objects of which the opposite holds: the source says when it saw each of them.
    others: FxHashSet<u32>,
}

impl StateSource {
    /// Where something of the source stands: the file as reports show it, line and column.
    pub fn place(&self, offset: u32) -> (SmolStr, u32, u32) {
        let FilePlace { file, line, column } = self.document.files.place(offset);
        (self.file(file), line, column)
    }

    /// A file of the source, as reports show it.
    pub(crate) fn file(&self, name: &str) -> SmolStr {
        match (name, self.path.as_str()) {
            ("", _) => self.path.clone(),
            (_, "." | "") => name.into(),
            (_, path) => format_smolstr!("{}/{name}", path.trim_end_matches('/')),
        }
    }

    pub fn new(path: impl Into<SmolStr>, layer: Layer, document: Document) -> StateSource {
        StateSource {
            path: path.into(),
            layer,
            document,
            environment: None,
            fresh_for: None,
            is_partial: false,
            manages: false,
            external: Vec::new(),
            surroundings: Surroundings::default(),
        }
    }
}

/// All facts of a run. Fields and indexes are made when they are first needed; every such cell is written once, by
/// whoever needs it first, and holds the same value whoever that is.
#[derive(Debug)]
pub struct Estate {
    pub program: Arc<Program>,
    pub strings: Arc<Strings>,
    pub sources: Vec<StateSource>,
    /// The instant everything is judged at.
    pub at: i64,
    pub elements: Vec<Element>,
    pub(crate) shards: Vec<Shard>,
    /// By element: its shard.
    shard_of: Vec<u32>,
    /// By kind and layer: positions in `shards`.
    shard_positions: Vec<[Option<u32>; 3]>,
    /// By declared resource.
    declared: Vec<Vec<ElementId>>,
    /// By blueprint: the roots of its instances, in order.
    instances: FxHashMap<BlueprintId, Vec<ElementId>>,
    /// Elements have their ids.
    pub(crate) is_installed: bool,
    /// Declarations make more than there may be.
    pub is_too_large: bool,
    /// By constant and layer: a constant may be about a population.
    globals: Vec<[OnceLock<Value>; 3]>,
    objects: Vec<OnceLock<ObjectIndex>>,
    parts: FxHashMap<(u32, AdapterId, u16), OnceLock<PartIndex>>,
    joins: Vec<[OnceLock<JoinIndex>; 3]>,
    /// By what is the same for everybody, and layer; `None` where it is too expensive.
    shared: Vec<[OnceLock<Option<Value>>; 3]>,
    identities: OnceLock<IdentityIndex>,
    keys: Vec<OnceLock<KeyIndex>>,
    pub(crate) names: PerWorld<NameIndex>,
    populations: PerWorld<Arc<ListValue>>,
    graphs: [OnceLock<Graph>; 3],
    /// By question and layer: the answers for all nodes of the graph.
    reaches: Vec<[OnceLock<ReachAnswers>; 3]>,
    /// Who of a set of kinds refers to what; then who of all kinds does, by layer.
    referrers: PerWorld<ReferrerIndex>,
    all_referrers: [OnceLock<ReferrerIndex>; 3],
    /// What values rest on, where results are kept.
    pub(crate) book: Option<Box<Book>>,
    remarks: Mutex<std::collections::BTreeSet<FactRemark>>,
    expensive: Mutex<std::collections::BTreeSet<String>>,
    /// By kind and layer: why there may be elements that are not listed, as the import found out.
    open: Vec<[Option<Causes>; 3]>,
    /// By source.
    stale: Vec<Staleness>,
    /// Layers in which something is declared.
    declared_layers: [bool; 3],
    /// Sources name different clusters.
    has_clusters: bool,
    /// Layers a source or a declaration says anything about.
    pub(crate) layers: Vec<Layer>,
    /// How many resources there are, once they were counted.
    pub(crate) resources: OnceLock<u64>,
}

pub(crate) fn layer_index(layer: Layer) -> usize {
    match layer {
        Layer::Intended => 0,
        Layer::Built => 1,
        Layer::Running => 2,
    }
}

pub(crate) const LAYERS: [Layer; 3] = [Layer::Intended, Layer::Built, Layer::Running];

impl Estate {
    #[inline]
    pub fn element(&self, id: ElementId) -> &Element {
        &self.elements[id.0 as usize]
    }

    /// Layers with data, in order.
    pub fn layers(&self) -> &[Layer] {
        &self.layers
    }

    /// The elements of a declared resource.
    pub fn declared(&self, resource: crate::program::ResourceId) -> &[ElementId] {
        self.declared.get(resource.index()).map_or(&[], Vec::as_slice)
    }

    /// The elements of a kind that have facts in a layer.
    pub fn shard(&self, kind: KindId, layer: Layer) -> Option<&Shard> {
        let position = self.shard_positions.get(kind.index())?[layer_index(layer)]?;
        self.shards.get(position as usize)
    }

    /// The elements of a kind in a world: those of the layer, and declared ones of kinds that nothing imports.
    pub fn population(&self, kind: KindId, world: Layer) -> std::ops::Range<u32> {
        let layer = if self.program.kind(kind).is_everywhere() && self.shard(kind, world).is_none() {
            Layer::Intended
        } else {
            world
        };
        self.shard(kind, layer).map_or(0..0, Shard::range)
    }

    /// Why a world may hold more elements of these kinds than are listed; `None`: it does not.
    pub fn is_open(&self, kinds: &KindSet, world: Layer) -> Option<Causes> {
        let of = |kind: &KindId| self.open[kind.index()][layer_index(world)];
        if kinds.is_trait {
            // One kind of the trait that nothing here could report says nothing about those that are reported.
            let covered: Vec<&KindId> =
                kinds.kinds.iter().filter(|kind| self.is_covered(**kind, world)).collect();
            if covered.is_empty() && !kinds.kinds.is_empty() {
                return Some(Causes::NOT_REPORTED);
            }
            return covered.into_iter().filter_map(of).reduce(Causes::union);
        }
        let uncovered = kinds.kinds.iter().any(|kind| !self.is_covered(*kind, world));
        let uncovered = uncovered.then_some(Causes::NOT_REPORTED);
        kinds.kinds.iter().filter_map(of).chain(uncovered).reduce(Causes::union)
    }

    /// Whether something of the world would report elements of the kind.
    fn is_covered(&self, kind: KindId, world: Layer) -> bool {
        let kind = self.program.kind(kind);
        if kind.is_everywhere() {
            return true;
        }
        // Declarations say all there is, whatever else would report it.
        if self.declared_layers[layer_index(world)] {
            return true;
        }
        self.sources.iter().any(|source| {
            source.layer == world && kind.formats.contains(&crate::program::family(source.document.format))
        })
    }

    /// The population as a list, made once.
    pub(crate) fn population_list(&self, kinds: &KindSet, world: Layer) -> Arc<ListValue> {
        let make = || {
            let ids = kinds.kinds.iter().flat_map(|kind| self.population(*kind, world));
            let items = ids.map(|id| Value::Element(ElementId(id))).collect();
            Arc::new(ListValue { items, maybe: None, open: self.is_open(kinds, world) })
        };
        match self.populations.cell(kinds, world) {
            Some(cell) => cell.get_or_init(make).clone(),
            None => make(),
        }
    }

    /// Whether what a source says of an object is too old.
    pub(crate) fn is_stale(&self, source: u32, object: u32) -> bool {
        let stale = self.stale.get(source as usize);
        stale.is_some_and(|stale| {
            stale.is_stale != (!stale.others.is_empty() && stale.others.contains(&object))
        })
    }

    /// When an element's source saw it, where the source says so of each of its objects.
    pub(crate) fn observed_at(&self, id: ElementId) -> Option<SmolStr> {
        let Origin::Imported { source, object, .. } = &self.element(id).origin else { return None };
        let seen = self.sources[*source as usize].document.observed.get(&ObjectId(*object))?;
        Some(instant::format_time(*seen).into())
    }

    /// Whether anything of a source is too old.
    pub(crate) fn has_stale(&self, source: u32) -> bool {
        self.stale.get(source as usize).is_some_and(|stale| *stale != Staleness::default())
    }

    /// The memo of a field.
    pub(crate) fn cell(&self, element: ElementId, field: u16) -> Option<Cell<'_>> {
        self.shard_with(element)?.cell_in(element, field, Shard::empty_column)
    }

    /// The memo of a field that is about to be read.
    #[inline]
    pub(crate) fn cell_to_read<'s>(
        &self,
        shard: &'s Shard,
        element: ElementId,
        field: u16,
    ) -> Option<Cell<'s>> {
        shard.cell_in(element, field, |shard| self.filled_column(shard, field))
    }

    /// The value of a field, if it was read.
    pub(crate) fn known(&self, element: ElementId, field: u16) -> Option<&Value> {
        self.shard_with(element)?.known(element, field)
    }

    /// The shard that an element belongs to.
    #[inline]
    pub(crate) fn shard_with(&self, element: ElementId) -> Option<&Shard> {
        self.shards.get(*self.shard_of.get(element.0 as usize)? as usize)
    }

    /// The kind of an element.
    pub(crate) fn kind_of(&self, element: ElementId) -> KindId {
        self.shard_with(element).map_or_else(|| self.element(element).kind, |shard| shard.kind)
    }

    /// The shard of the element that a field is of.
    pub(crate) fn shard_position(&self, fact: crate::evaluate::Fact) -> Option<usize> {
        let is_field = fact.sort() == crate::evaluate::Sort::Field;
        let shard = is_field.then(|| self.shard_of.get(fact.element().0 as usize))?;
        shard.map(|shard| *shard as usize)
    }

    #[inline]
    pub(crate) fn global_cell(
        &self,
        global: crate::program::GlobalId,
        layer: Layer,
    ) -> Option<&OnceLock<Value>> {
        self.globals.get(global.index()).map(|layers| &layers[layer_index(layer)])
    }

    pub(crate) fn shared_cell(
        &self,
        shared: crate::program::SharedId,
        layer: Layer,
    ) -> Option<&OnceLock<Option<Value>>> {
        self.shared.get(shared.index()).map(|layers| &layers[layer_index(layer)])
    }

    pub(crate) fn join_cell(&self, join: JoinId, layer: Layer) -> Option<&OnceLock<JoinIndex>> {
        self.joins.get(join.index()).map(|layers| &layers[layer_index(layer)])
    }

    /// The symbol of a name, if anything is called so.
    pub fn symbol(&self, text: &str) -> Option<Symbol> {
        self.strings.get(text)
    }

    /// Remembers what a report is to say of a value.
    pub(crate) fn keep_note(&self, note: Note) {
        match note {
            Note::Remark(remark) => {
                if let Ok(mut remarks) = self.remarks.lock() {
                    remarks.insert(remark);
                }
            }
            Note::Expensive(note) => {
                if let Ok(mut notes) = self.expensive.lock() {
                    notes.insert(note);
                }
            }
        }
    }

    /// Forgets what a report is to say of values.
    pub(crate) fn forget_notes(&mut self) {
        self.remarks = Mutex::default();
        self.expensive = Mutex::default();
    }

    /// Constants whose computation was cut short, each with what is to be said of it, in order.
    pub fn expensive(&self) -> Vec<String> {
        self.expensive.lock().map(|notes| notes.iter().cloned().collect()).unwrap_or_default()
    }

    /// What was noticed about values while they were read, in order.
    pub fn remarks(&self) -> Vec<FactRemark> {
        self.remarks.lock().map(|remarks| remarks.iter().cloned().collect()).unwrap_or_default()
    }
}

impl Estate {
    /// Sets a field of an element before anything reads it: what would be if it were so.
    pub fn set_field(&mut self, element: ElementId, field: Symbol, value: Value) {
        let kind = self.program.kind(self.element(element).kind);
        let Some(position) = kind.field_position(field) else { return };
        let ty = kind.fields[position as usize].ty;
        let layer = self.layer_of(element);
        let value = crate::evaluate::Evaluator::new(self, layer).convert(value, ty);
        if let Some(cell) = self.cell(element, position) {
            cell.set(value);
        }
    }
}
