use iom_state::document::{Layer, ObjectId};
use iom_state::tape::{NodeIndex, NodeValue, Symbol, UnknownCause};
use rustc_hash::FxHashMap;
use std::sync::{Arc, OnceLock};

use super::component::Components;
use super::{Origin, layer_index};
use crate::evaluate::{Evaluator, FUEL_OF_AN_INDEX, Fact};
use crate::program::{AdapterId, KindId, TypeTable};
use crate::value::{Causes, ElementId, MadeText, RecordShape, Value};

/// A node of the graph: an element, or the raw text of a reference that leads out of the model.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct GraphNode(pub u32);

/// The references of one world: what each element depends on.
#[derive(Debug, Default)]
pub struct Graph {
    pub(super) nodes: Vec<Value>,
    /// By element: its node.
    by_element: Vec<u32>,
    forward: Adjacency,
    backward: Adjacency,
    /// Elements whose references are not all known, and why.
    doubts: FxHashMap<GraphNode, Causes>,
    /// The causes of those of which nobody knows where they may lead.
    any_doubt: Option<Causes>,
    /// Elements that a reference may lead to, it is not known whether to them or to another.
    maybe_targets: FxHashMap<GraphNode, Causes>,
    components: OnceLock<Components>,
}

/// Neighbours of all nodes, one after the other.
#[derive(Debug, Default)]
struct Adjacency {
    starts: Vec<u32>,
    targets: Vec<GraphNode>,
}

impl Adjacency {
    /// From edges sorted by where they start.
    fn new(nodes: usize, edges: &[(GraphNode, GraphNode)]) -> Adjacency {
        let mut starts = vec![0; nodes + 1];
        for (from, _) in edges {
            starts[from.0 as usize + 1] += 1;
        }
        for position in 1..starts.len() {
            starts[position] += starts[position - 1];
        }
        Adjacency { starts, targets: edges.iter().map(|(_, to)| *to).collect() }
    }

    /// The same edges the other way round.
    fn reversed(&self) -> Adjacency {
        let count = self.starts.len() - 1;
        let mut starts = vec![0; count + 1];
        for to in &self.targets {
            starts[to.0 as usize + 1] += 1;
        }
        for position in 1..starts.len() {
            starts[position] += starts[position - 1];
        }
        let mut next = starts.clone();
        let mut targets = vec![GraphNode(0); self.targets.len()];
        for from in (0..count as u32).map(GraphNode) {
            for to in self.of(from) {
                let slot = &mut next[to.0 as usize];
                targets[*slot as usize] = from;
                *slot += 1;
            }
        }
        Adjacency { starts, targets }
    }

    fn of(&self, node: GraphNode) -> &[GraphNode] {
        let bound = |position: usize| self.starts.get(position).map_or(0, |start| *start as usize);
        self.targets.get(bound(node.0 as usize)..bound(node.0 as usize + 1)).unwrap_or(&[])
    }
}

impl Graph {
    const NONE: u32 = u32::MAX;

    /// The node of an element.
    pub(super) fn node(&self, id: ElementId) -> Option<GraphNode> {
        self.by_element.get(id.0 as usize).copied().filter(|node| *node != Graph::NONE).map(GraphNode)
    }

    fn add(&mut self, value: Value) -> GraphNode {
        let node = GraphNode(self.nodes.len() as u32);
        if let Value::Element(id) = value {
            self.by_element[id.0 as usize] = node.0;
        }
        self.nodes.push(value);
        node
    }

    /// What a node refers to, as it was found when the graph was made.
    pub(super) fn edges_of(&self, node: GraphNode, edges: &mut Edges) {
        for target in self.forward.of(node) {
            if let Value::Element(id) = self.nodes[target.0 as usize] {
                edges.elements.push(id);
            }
        }
        edges.doubt = self.doubts.get(&node).copied();
    }

    pub(super) fn neighbours(&self, node: GraphNode, is_forward: bool) -> &[GraphNode] {
        if is_forward { self.forward.of(node) } else { self.backward.of(node) }
    }

    /// Its strongly connected components.
    pub(super) fn components(&self) -> &Components {
        self.components.get_or_init(|| Components::of(self))
    }

    /// Why there may be more neighbours. Backwards anything whose references are not known may be one, and what refers to one
    /// of several is one perhaps.
    pub(super) fn doubt(&self, node: GraphNode, is_forward: bool) -> Option<Causes> {
        if is_forward {
            return self.doubts.get(&node).copied();
        }
        let of_this = self.maybe_targets.get(&node).copied();
        [self.any_doubt, of_this].into_iter().flatten().reduce(Causes::union)
    }
}

impl<'e> Evaluator<'e> {
    /// The references of the world at hand; `None` while they are being looked up.
    pub(crate) fn graph(&mut self) -> Option<&'e Graph> {
        let estate = self.estate;
        let layer = self.layer;
        let cell = &estate.graphs[layer_index(layer)];
        let fact = Fact::graph(layer);
        self.rests_on(fact);
        if self.is_graphing || cell.get().is_some() {
            return cell.get();
        }
        // A second thread that asks waits: it would build the same. Whoever builds it waits for no other graph, so nobody
        // waits for ever.
        Some(cell.get_or_init(|| {
            self.is_graphing = true;
            let (graph, _) = self.traced(fact, |ev| ev.apart(FUEL_OF_AN_INDEX, |ev| ev.build_graph(layer)));
            self.is_graphing = false;
            graph
        }))
    }

    fn build_graph(&mut self, layer: Layer) -> Graph {
        let estate = self.estate;
        let mut graph = Graph { by_element: vec![Graph::NONE; estate.elements.len()], ..Graph::default() };
        for kind in 0..self.program.kinds.len() {
            for id in estate.population(KindId(kind as u32), layer).map(ElementId) {
                graph.add(Value::Element(id));
            }
        }
        let own = graph.nodes.len();
        let mut outside: FxHashMap<Box<str>, GraphNode> = FxHashMap::default();
        let mut all: Vec<(GraphNode, GraphNode)> = Vec::with_capacity(own * 2);
        let mut edges = Edges::default();
        for node in (0..own as u32).map(GraphNode) {
            let Value::Element(id) = graph.nodes[node.0 as usize] else { continue };
            edges.clear();
            self.edges_of(id, &mut edges);
            if let Some(doubt) = edges.doubt {
                graph.doubts.insert(node, doubt);
            }
            if let Some(vague) = edges.vague {
                graph.any_doubt = Some(graph.any_doubt.map_or(vague, |before| before.union(vague)));
            }
            for target in &edges.candidates {
                let target = graph.node(*target).unwrap_or_else(|| graph.add(Value::Element(*target)));
                graph.maybe_targets.insert(target, Causes::of(UnknownCause::KnownAfterApply));
            }
            let first = all.len();
            for target in &edges.elements {
                // Something of another layer is a leaf.
                let target = graph.node(*target).unwrap_or_else(|| graph.add(Value::Element(*target)));
                all.push((node, target));
            }
            for text in edges.outside.drain(..) {
                let target = match outside.get(&text) {
                    Some(target) => *target,
                    None => {
                        let target = graph.add(Value::Dangling(Arc::new(MadeText(text.clone()))));
                        outside.insert(text, target);
                        target
                    }
                };
                all.push((node, target));
            }
            if !all[first..].is_sorted() {
                all[first..].sort_unstable();
            }
        }
        all.dedup();
        graph.forward = Adjacency::new(graph.nodes.len(), &all);
        graph.backward = graph.forward.reversed();
        graph
    }

    /// Everything an element refers to.
    pub(super) fn edges_of(&mut self, id: ElementId, edges: &mut Edges) {
        let estate = self.estate;
        let element = estate.element(id);
        match &element.origin {
            Origin::Imported { source, object, adapter, this, .. } => {
                // Taken out while it is used: reading a field may look at other elements, but at no edges.
                let key = (*source, *adapter);
                let mut plans = std::mem::take(&mut self.edge_plans);
                let plan = plans.plan_for(key, || self.edge_plan(*source, *adapter));
                for field in plan {
                    let is_collected = match field.spots {
                        Some(spots) => {
                            let spots = &self.program.adapters[adapter.index()].spots[spots];
                            self.collect_spots(spots, id, edges)
                        }
                        None => self.collect_known(id, field.position, edges),
                    };
                    if !is_collected && !self.has_no_edges(field, *adapter, this) {
                        let value = self.edge_value(id, field.position);
                        edges.collect(&self.program.types, &value, 0);
                    }
                }
                self.edge_plans = plans;
                if self.program.kind(element.kind).stands_aside {
                    self.marked_edges(*source, *object, edges);
                }
                if let Some(object) = estate.object(*source, *object)
                    && let Some(document) =
                        estate.sources.get(*source as usize).map(|source| &source.document)
                    && !object.depends_on.is_empty()
                {
                    let index = estate.object_index(*source);
                    for ObjectId(target) in document.depends_on(object) {
                        edges.elements.extend_from_slice(index.elements(*target));
                    }
                }
            }
            Origin::Declared { .. } => {
                for position in &self.program.kind(element.kind).edges {
                    let value = self.edge_value(id, *position);
                    edges.collect(&self.program.types, &value, 0);
                }
            }
        }
        edges.elements.retain(|target| *target != id);
    }

    /// Of what no kind makes fields of, the source's own references are the edges. What another kind maps, too, has them there:
    /// the graph meets each object once.
    fn marked_edges(&self, source: u32, object: u32, edges: &mut Edges) {
        let estate = self.estate;
        let index = estate.object_index(source);
        let is_whole = |id: &&ElementId| !self.program.kind(estate.kind_of(**id)).stands_aside;
        let values = estate.object(source, object).and_then(|object| object.values);
        let (None, Some(values)) = (index.elements(object).iter().find(is_whole), values) else { return };
        for (_, mark) in estate.marks_in(source, values) {
            for reference in &mark.references {
                let all = || reference.targets.iter().flat_map(|ObjectId(target)| index.elements(*target));
                let has_whole = all().any(|id| is_whole(&id));
                let targets = all().copied().filter(|id| !has_whole || is_whole(&id));
                if let [_] = reference.targets.as_slice() {
                    edges.elements.extend(targets);
                } else {
                    edges.candidates.extend(targets);
                    edges.add_doubt(Causes::of(UnknownCause::KnownAfterApply));
                }
            }
            if mark.unresolved_in.is_some() {
                edges.add_vague(Causes::of(UnknownCause::KnownAfterApply));
            }
        }
    }

    /// The fields that may refer to something, of what an adapter makes of a source: those that it maps, and of those that
    /// binds set the ones that something sets.
    fn edge_plan(&self, source: u32, adapter: AdapterId) -> Vec<EdgeField> {
        let code = &self.program.adapters[adapter.index()];
        let kind = self.program.kind(code.kind);
        let maps_bound =
            kind.fields.iter().zip(&code.fields).any(|(field, mapped)| field.is_bound && mapped.is_some());
        let is_bound = maps_bound
            || self.estate.sources[source as usize].environment.is_some()
            || self.program.binds.iter().any(|bind| bind.kinds.has(code.kind));
        let may_refer = |position: &u16| {
            let at = *position as usize;
            if kind.fields[at].is_bound { is_bound } else { code.fields[at].is_some() }
        };
        let positions = kind.edges.iter().copied().filter(may_refer);
        let edge = |position: u16| {
            // What a bind may set is not found in the source alone.
            let is_bound = kind.fields[position as usize].is_bound;
            let spots = code.spots.iter().position(|spots| spots.position == position && !is_bound);
            EdgeField { position, spots, is_edgeless: None }
        };
        positions.map(edge).collect()
    }

    /// What an element refers to by `link`, too.
    pub(super) fn links_of(&mut self, id: ElementId, edges: &mut Edges) {
        let kind = self.program.kind(self.estate.element(id).kind);
        edges.follows_links = true;
        for position in &kind.links {
            let value = self.field(id, *position);
            edges.collect(&self.program.types, &value, 0);
        }
        edges.follows_links = false;
        edges.elements.retain(|target| *target != id);
    }

    /// Whether a field surely refers to nothing: none of the attributes it depends on is there, and without them it does
    /// not. That is so for most references of most objects, and found out without evaluating anything.
    fn has_no_edges(&mut self, edge: &mut EdgeField, adapter: AdapterId, this: &Value) -> bool {
        let Value::Node { source, node } = this else { return false };
        let code = &self.program.adapters[adapter.index()];
        let Some(inputs) =
            code.fields[edge.position as usize].as_ref().and_then(|field| field.inputs.as_ref())
        else {
            return false;
        };
        if inputs.iter().any(|name| self.is_there(*source, *node, *name)) {
            return false;
        }
        if let Some(known) = edge.is_edgeless {
            return known;
        }
        // Absent, null, empty text and an empty list read alike here only if each gives no reference.
        let mut is_edgeless = true;
        for nothing in [Value::Absent, Value::list(Vec::new())] {
            let value = self.field_with(adapter, edge.position, &nothing);
            let mut edges = Edges::default();
            edges.collect(&self.program.types, &value, 0);
            is_edgeless &= edges.elements.is_empty() && edges.outside.is_empty() && edges.doubt.is_none();
        }
        edge.is_edgeless = Some(is_edgeless);
        is_edgeless
    }
}

impl Evaluator<'_> {
    /// Collects what a field that was read before refers to, where that is one element or nothing; so it is for most of what
    /// binds set.
    fn collect_known(&mut self, id: ElementId, position: u16, edges: &mut Edges) -> bool {
        match self.estate.known(id, position) {
            Some(Value::Element(target)) => edges.elements.push(*target),
            Some(Value::Absent) => {}
            _ => return false,
        }
        self.rests_on(Fact::field(id, position));
        true
    }

    /// Whether an object has something for a name that could be a reference.
    fn is_there(&self, source: u32, object: NodeIndex, name: Symbol) -> bool {
        let tape = &self.estate.sources[source as usize].document.tape;
        match tape.member(object, name).map(|member| tape.node(member).value) {
            None | Some(NodeValue::Null) => false,
            Some(NodeValue::List { len, .. }) => len > 0,
            Some(NodeValue::Text(text)) => text != self.program.names.empty,
            Some(_) => true,
        }
    }
}

/// By source and adapter: the fields that may refer to something. Mostly the one that was asked for last is asked for.
#[derive(Default, Debug)]
pub(crate) struct EdgePlans {
    known: Vec<((u32, AdapterId), Vec<EdgeField>)>,
    by_adapter: FxHashMap<(u32, AdapterId), usize>,
    last: usize,
}

impl EdgePlans {
    fn plan_for(
        &mut self,
        key: (u32, AdapterId),
        make: impl FnOnce() -> Vec<EdgeField>,
    ) -> &mut Vec<EdgeField> {
        if self.known.get(self.last).is_none_or(|(known, _)| *known != key) {
            let next = self.known.len();
            self.last = *self.by_adapter.entry(key).or_insert(next);
            if self.last == next {
                self.known.push((key, make()));
            }
        }
        &mut self.known[self.last].1
    }
}

/// A field that may refer to something.
#[derive(Debug)]
pub(crate) struct EdgeField {
    position: u16,
    /// Where the adapter says that its references stand, by position.
    spots: Option<usize>,
    /// Whether it refers to nothing where the attributes that it depends on are missing, as soon as that was needed.
    is_edgeless: Option<bool>,
}

/// What an element refers to.
#[derive(Default, PartialEq, Debug)]
pub(crate) struct Edges {
    pub elements: Vec<ElementId>,
    pub outside: Vec<Box<str>>,
    /// Elements that one of the references leads to, it is not known which.
    pub candidates: Vec<ElementId>,
    /// Why there may be more.
    pub doubt: Option<Causes>,
    /// Why there may be more, of which nobody knows what.
    vague: Option<Causes>,
    /// Links count, too.
    follows_links: bool,
}

impl Edges {
    pub fn clear(&mut self) {
        self.elements.clear();
        self.outside.clear();
        self.candidates.clear();
        self.doubt = None;
        self.vague = None;
    }

    pub(super) fn collect(&mut self, types: &TypeTable, value: &Value, depth: u32) {
        if depth > 16 {
            return;
        }
        match value {
            Value::Element(id) => self.elements.push(*id),
            Value::Dangling(text) => self.outside.push(text.0.clone()),
            Value::Candidates(candidates) => {
                self.add_doubt(Causes::of(UnknownCause::KnownAfterApply));
                self.candidates.extend_from_slice(&candidates.0);
            }
            // A field that nothing maps says nothing about references.
            Value::Unknown(causes) if *causes != Causes::NOT_REPORTED => self.add_vague(*causes),
            Value::List(list) | Value::Set(list) => {
                if let Some(doubt) = list.doubt() {
                    self.add_vague(doubt);
                }
                list.items.iter().for_each(|item| self.collect(types, item, depth + 1));
            }
            Value::Map(map) => {
                map.entries.iter().for_each(|(_, value)| self.collect(types, value, depth + 1));
            }
            Value::Record(record) => {
                let fields = match record.shape {
                    RecordShape::Record(id) if !self.follows_links => types.record(id).fields.as_slice(),
                    _ => &[],
                };
                let is_link = |name| fields.iter().any(|field| field.name == name && field.is_link);
                let followed = record.fields.iter().filter(|(name, _)| !is_link(*name));
                followed.for_each(|(_, value)| self.collect(types, value, depth + 1));
            }
            _ => {}
        }
    }

    fn add_vague(&mut self, causes: Causes) {
        self.add_doubt(causes);
        self.vague = Some(self.vague.map_or(causes.spread(), |vague| vague.union(causes)));
    }

    fn add_doubt(&mut self, causes: Causes) {
        self.doubt = Some(self.doubt.map_or(causes.spread(), |doubt| doubt.union(causes)));
    }
}
