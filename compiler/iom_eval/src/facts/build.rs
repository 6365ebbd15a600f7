use std::sync::{Arc, Mutex, OnceLock};

use iom_state::document::{Layer, More};
use iom_state::tape::Strings;
use rustc_hash::FxHashMap;

use super::instance::Building;
use super::world::PerWorld;
use super::{Element, Estate, LAYERS, Origin, Shard, StateSource, layer_index, surroundings};
use crate::evaluate::{Book, Evaluator};
use crate::program::{AdapterId, KindId, Program, ResourceId, family};
use crate::value::{Causes, ElementId, Truth, Value};

impl Estate {
    /// Makes the elements of all sources and declarations. Fields are read later, when something asks for them.
    pub fn build(
        program: Arc<Program>,
        strings: impl Into<Arc<Strings>>,
        sources: Vec<StateSource>,
        at: i64,
    ) -> Estate {
        Estate::build_for(program, strings.into(), sources, at, None, None)
    }

    /// As [`Estate::build`], with what a test gives, and with a book that says what values rest on.
    pub(crate) fn build_for(
        program: Arc<Program>,
        strings: Arc<Strings>,
        sources: Vec<StateSource>,
        at: i64,
        test: Option<u32>,
        book: Option<Box<Book>>,
    ) -> Estate {
        let mut estate = Estate {
            at,
            strings,
            elements: Vec::new(),
            shards: Vec::new(),
            shard_of: Vec::new(),
            shard_positions: vec![[None; 3]; program.kinds.len()],
            declared: vec![Vec::new(); program.resources.len()],
            instances: FxHashMap::default(),
            is_installed: false,
            is_too_large: false,
            globals: program.globals.iter().map(|_| Default::default()).collect(),
            objects: Vec::new(),
            parts: FxHashMap::default(),
            joins: program.joins.iter().map(|_| Default::default()).collect(),
            shared: (0..program.shared).map(|_| Default::default()).collect(),
            identities: OnceLock::new(),
            keys: program.kinds.iter().map(|_| OnceLock::new()).collect(),
            names: PerWorld::new(program.kind_sets),
            populations: PerWorld::new(program.kind_sets),
            graphs: Default::default(),
            reaches: (0..program.reaches).map(|_| Default::default()).collect(),
            referrers: PerWorld::new(program.kind_sets),
            all_referrers: Default::default(),
            book,
            remarks: Mutex::default(),
            expensive: Mutex::default(),
            open: vec![[None; 3]; program.kinds.len()],
            has_clusters: surroundings::are_several_clusters(&sources),
            stale: sources.iter().map(|source| source.staleness(at)).collect(),
            declared_layers: [false; 3],
            layers: Vec::new(),
            resources: OnceLock::new(),
            sources,
            program,
        };
        estate.objects = estate.sources.iter().map(|_| OnceLock::new()).collect();
        estate.prepare_parts();
        estate.mark_partial();
        let mut elements = Buckets::new(estate.program.kinds.len());
        let mut open = Vec::new();
        estate.import(&mut elements, &mut open);
        estate.is_too_large = !estate.declare(&mut elements, &mut open, test);
        for (kind, layer, causes) in open {
            let slot = &mut estate.open[kind.index()][layer_index(layer)];
            *slot = Some(slot.map_or(causes, |before| before.union(causes)));
        }
        // Objects that filters or `each` looked at belong to no element yet; they are looked up anew from here on.
        estate.objects.iter_mut().for_each(|index| *index = OnceLock::new());
        estate.install(elements);
        estate.install_instances();
        estate
    }

    fn prepare_parts(&mut self) {
        for source in 0..self.sources.len() as u32 {
            let family = family(self.sources[source as usize].document.format);
            for (position, adapter) in self.program.adapters.iter().enumerate() {
                if adapter.format == family {
                    for part in 0..adapter.parts.len() as u16 {
                        self.parts.insert((source, AdapterId(position as u32), part), OnceLock::new());
                    }
                }
            }
        }
    }

    /// Kinds that a partial source reports may have more elements than it lists.
    fn mark_partial(&mut self) {
        for source in &self.sources {
            let More::OfTypes(types) = &source.document.more else { continue };
            for source_type in types {
                let source_type = self.strings.resolve(source_type);
                let program = &self.program;
                let of = |is_data| program.adapters_of(source.document.format, is_data, source_type);
                for adapter in of(false).into_iter().chain(of(true)) {
                    let kind = self.program.adapters[adapter.index()].kind;
                    self.open[kind.index()][layer_index(source.layer)] = Some(Causes::PARTIAL);
                }
            }
        }
        let is_partial = |source: &&StateSource| source.is_partial || source.document.more == More::Anything;
        for source in self.sources.iter().filter(is_partial) {
            let family = family(source.document.format);
            for (position, kind) in self.program.kinds.iter().enumerate() {
                for layer in source.layers().filter(|_| kind.formats.contains(&family)) {
                    self.open[position][layer_index(layer)] = Some(Causes::PARTIAL);
                }
            }
        }
    }

    /// Elements of all objects that an adapter takes.
    fn import(&self, elements: &mut Buckets, open: &mut Vec<(KindId, Layer, Causes)>) {
        for (position, source) in self.sources.iter().enumerate() {
            let mut routes = FxHashMap::default();
            let mut evaluator = Evaluator::new(self, source.layer);
            for (object_position, object) in source.document.objects.iter().enumerate() {
                let Some(values) = object.values else { continue };
                let layer = source.layer_of(object_position as u32);
                let adapters: &Vec<AdapterId> =
                    routes.entry((object.source_type, object.is_data)).or_insert_with(|| {
                        let source_type = self.strings.resolve(&object.source_type);
                        self.program.adapters_of(source.document.format, object.is_data, source_type)
                    });
                for adapter in adapters {
                    let code = &self.program.adapters[adapter.index()];
                    if code.is_plain() {
                        elements.push(Element {
                            kind: code.kind,
                            layer,
                            address: Value::Text(object.address),
                            origin: Origin::Imported {
                                source: position as u32,
                                object: object_position as u32,
                                adapter: *adapter,
                                this: Value::Node { source: position as u32, node: values },
                                around: Value::Absent,
                            },
                        });
                        continue;
                    }
                    let values = Value::Node { source: position as u32, node: values };
                    let place = (position as u32, object_position as u32);
                    evaluator.layer = layer;
                    let found = evaluator.pieces(place, *adapter, values);
                    if let Some(causes) = found.open {
                        open.push((self.program.adapters[adapter.index()].kind, layer, causes));
                    }
                    for (this, around) in found.pieces {
                        elements.push(Element {
                            kind: self.program.adapters[adapter.index()].kind,
                            layer,
                            address: Value::Text(object.address),
                            origin: Origin::Imported {
                                source: place.0,
                                object: place.1,
                                adapter: *adapter,
                                this,
                                around,
                            },
                        });
                    }
                }
            }
        }
    }

    /// Elements of all declarations. False where there are too many.
    fn declare(
        &self,
        elements: &mut Buckets,
        open: &mut Vec<(KindId, Layer, Causes)>,
        test: Option<u32>,
    ) -> bool {
        let mut building = Building { estate: self, elements, open, count: 0 };
        for (position, resource) in self.program.resources.iter().enumerate() {
            let is_elsewhere = resource.test.is_some() && resource.test != test;
            if resource.top.is_none() && !is_elsewhere && !building.declaration(ResourceId(position as u32)) {
                return false;
            }
        }
        true
    }

    /// Gives elements their ids: by kind and layer, inside by source and position.
    fn install(&mut self, buckets: Buckets) {
        let count = buckets.elements.iter().map(Vec::len).sum();
        self.elements.reserve_exact(count);
        self.shard_of.reserve_exact(count);
        for (position, mut bucket) in buckets.elements.into_iter().enumerate() {
            if bucket.is_empty() {
                continue;
            }
            let (kind, layer) = (KindId((position / 3) as u32), LAYERS[position % 3]);
            let shard = self.shards.len() as u32;
            let start = self.elements.len() as u32;
            let fields = self.program.kind(kind).fields.len();
            self.shards.push(Shard::new(kind, layer, start, bucket.len() as u32, fields));
            self.shard_positions[kind.index()][layer_index(layer)] = Some(shard);
            self.shard_of.resize(self.shard_of.len() + bucket.len(), shard);
            for (offset, element) in bucket.iter().enumerate() {
                if let Origin::Declared { resource, .. } = element.origin {
                    self.declared[resource.index()].push(ElementId(start + offset as u32));
                    self.declared_layers[layer_index(layer)] = true;
                }
            }
            self.elements.append(&mut bucket);
        }
        let is_there = |layer: &Layer| {
            self.sources.iter().any(|source| source.layer == *layer)
                || self.shards.iter().any(|shard| shard.layer == *layer)
        };
        self.layers = LAYERS.into_iter().filter(is_there).collect();
    }
}

/// Elements by kind and layer.
pub(super) struct Buckets {
    elements: Vec<Vec<Element>>,
}

impl Buckets {
    fn new(kinds: usize) -> Buckets {
        let mut elements = Vec::new();
        elements.resize_with(kinds * 3, Vec::new);
        Buckets { elements }
    }

    pub(super) fn push(&mut self, element: Element) {
        self.elements[element.kind.index() * 3 + layer_index(element.layer)].push(element);
    }
}

/// What one object becomes through one adapter.
pub(crate) struct Pieces {
    /// `self` and `^` of each element.
    pub pieces: Vec<(Value, Value)>,
    /// Why there may be more.
    pub open: Option<Causes>,
}

impl Evaluator<'_> {
    pub(super) fn pieces(&mut self, place: (u32, u32), adapter: AdapterId, values: Value) -> Pieces {
        let adapter = &self.program.adapters[adapter.index()];
        let mut found = Pieces { pieces: Vec::new(), open: None };
        let before = self.at_hand.replace(place);
        let mut around = Value::Absent;
        let mut this = values;
        if let Some(at) = &adapter.at {
            around = this.clone();
            this = self.with_object(adapter.locals, this, Value::Absent, |ev| ev.raw(at));
        }
        match &adapter.each {
            None => found.pieces.push((this, around)),
            Some(each) => {
                let list = self.with_object(adapter.locals, this.clone(), around, |ev| ev.raw(each));
                match self.list_of(list) {
                    Ok(list) => {
                        found.open = list.open;
                        for (position, item) in list.items.iter().enumerate() {
                            match list.maybe(position) {
                                None => found.pieces.push((item.clone(), this.clone())),
                                Some(doubt) => found.open = Some(doubt),
                            }
                        }
                    }
                    Err(causes) => found.open = Some(causes),
                }
            }
        }
        if let Some(filter) = &adapter.filter {
            let pieces = std::mem::take(&mut found.pieces);
            for (this, around) in pieces {
                let fits =
                    self.with_object(adapter.locals, this.clone(), around.clone(), |ev| ev.truth(filter));
                match fits {
                    Truth::True => found.pieces.push((this, around)),
                    Truth::False => {}
                    Truth::Unknown(causes) => found.open = Some(causes),
                }
            }
        }
        self.at_hand = before;
        found
    }

    fn with_object<T>(
        &mut self,
        locals: u32,
        this: Value,
        around: Value,
        body: impl FnOnce(&mut Self) -> T,
    ) -> T {
        self.run(locals, |ev| {
            ev.set(0, this);
            ev.set(1, around);
            body(ev)
        })
    }
}
