use iom_state::document::{Layer, ObjectId};
use rustc_hash::FxHashMap;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use super::{Estate, Origin, layer_index};
use crate::evaluate::Evaluator;
use crate::value::{Causes, ElementId, ListValue, MadeText, Value};

/// A node of the graph: an element, or the raw text of a reference that leads out of the model.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct GraphNode(pub u32);

/// The references of one world: what each element depends on.
#[derive(Debug, Default)]
pub struct Graph {
    pub(super) nodes: Vec<Value>,
    pub(super) by_element: FxHashMap<ElementId, GraphNode>,
    pub(super) forward: Vec<Vec<GraphNode>>,
    backward: Vec<Vec<GraphNode>>,
    /// Elements whose references are not all known, and why.
    doubts: FxHashMap<GraphNode, Causes>,
    closures: Mutex<FxHashMap<(GraphNode, bool), Arc<ListValue>>>,
}

impl Graph {
    fn node(&mut self, value: Value) -> GraphNode {
        let node = GraphNode(self.nodes.len() as u32);
        if let Value::Element(id) = value {
            self.by_element.insert(id, node);
        }
        self.nodes.push(value);
        self.forward.push(Vec::new());
        self.backward.push(Vec::new());
        node
    }

    pub(super) fn neighbours(&self, node: GraphNode, is_forward: bool) -> &[GraphNode] {
        let edges = if is_forward { &self.forward } else { &self.backward };
        edges.get(node.0 as usize).map_or(&[], Vec::as_slice)
    }

    /// Everything reachable, itself only where a cycle leads back to it; in order of nodes.
    fn closure(&self, from: GraphNode, is_forward: bool) -> ListValue {
        let mut seen = vec![false; self.nodes.len()];
        let mut queue: Vec<GraphNode> = vec![from];
        let mut open = self.doubt(from, is_forward);
        let mut found = Vec::new();
        while let Some(node) = queue.pop() {
            for next in self.neighbours(node, is_forward) {
                if !std::mem::replace(&mut seen[next.0 as usize], true) {
                    found.push(*next);
                    queue.push(*next);
                    if let Some(doubt) = self.doubt(*next, is_forward) {
                        open = Some(open.map_or(doubt, |causes| causes.union(doubt)));
                    }
                }
            }
        }
        found.sort_unstable();
        let items = found.into_iter().map(|node| self.nodes[node.0 as usize].clone()).collect();
        ListValue { items, maybe: None, open }
    }

    /// Why there may be more neighbours. Backwards anything whose references are not known may be one.
    pub(super) fn doubt(&self, node: GraphNode, is_forward: bool) -> Option<Causes> {
        if is_forward {
            return self.doubts.get(&node).copied();
        }
        self.doubts.values().copied().reduce(Causes::union)
    }
}

impl Evaluator<'_> {
    /// `upstream(x)` and `downstream(x)`.
    pub(crate) fn reachable(&mut self, id: ElementId, is_forward: bool) -> Value {
        let Some(graph) = self.graph() else { return Value::Unknown(Causes::INVALID) };
        let Some(node) = graph.by_element.get(&id).copied() else { return Value::list(Vec::new()) };
        let key = (node, is_forward);
        if let Ok(closures) = graph.closures.lock()
            && let Some(list) = closures.get(&key)
        {
            return Value::List(list.clone());
        }
        let list = Arc::new(graph.closure(node, is_forward));
        if let Ok(mut closures) = graph.closures.lock() {
            closures.insert(key, list.clone());
        }
        Value::List(list)
    }

    /// The shortest way; of several the one whose addresses come first.
    pub(crate) fn path(&mut self, from: ElementId, to: ElementId) -> Value {
        let estate = self.estate;
        let Some(graph) = self.graph() else { return Value::Unknown(Causes::INVALID) };
        let (Some(start), Some(end)) = (graph.by_element.get(&from), graph.by_element.get(&to)) else {
            return Value::Absent;
        };
        let mut previous: FxHashMap<GraphNode, GraphNode> = FxHashMap::default();
        let mut queue = VecDeque::from([*start]);
        while let Some(node) = queue.pop_front() {
            let mut next: Vec<GraphNode> = graph.neighbours(node, true).to_vec();
            next.sort_by_cached_key(|node| estate.render(&graph.nodes[node.0 as usize]));
            for next in next {
                if next != *start && !previous.contains_key(&next) {
                    previous.insert(next, node);
                    queue.push_back(next);
                } else if next == *end && from == to {
                    previous.insert(next, node);
                }
            }
            if previous.contains_key(end) {
                break;
            }
        }
        if !previous.contains_key(end) {
            return match graph.closure(*start, true).open {
                Some(causes) => Value::Unknown(causes),
                None => Value::Absent,
            };
        }
        let mut path = vec![*end];
        let mut node = *end;
        while let Some(before) = previous.get(&node) {
            path.push(*before);
            node = *before;
            if node == *start {
                break;
            }
        }
        path.reverse();
        Value::list(path.into_iter().map(|node| graph.nodes[node.0 as usize].clone()).collect())
    }

    pub(crate) fn graph(&mut self) -> Option<&Graph> {
        let estate = self.estate;
        let layer = self.layer;
        let cell = &estate.graphs[layer_index(layer)];
        if cell.get().is_none() {
            if self.is_graphing {
                return None;
            }
            self.is_graphing = true;
            let graph = self.build_graph(layer);
            self.is_graphing = false;
            let _ = cell.set(graph);
        }
        cell.get()
    }

    fn build_graph(&mut self, layer: Layer) -> Graph {
        let estate = self.estate;
        let mut graph = Graph::default();
        let ids: Vec<ElementId> = (0..self.program.kinds.len())
            .flat_map(|kind| estate.population(crate::program::KindId(kind as u32), layer))
            .map(ElementId)
            .collect();
        for id in &ids {
            graph.node(Value::Element(*id));
        }
        let mut outside: FxHashMap<Box<str>, GraphNode> = FxHashMap::default();
        for id in ids {
            let node = graph.by_element[&id];
            let mut edges = Edges::default();
            self.edges_of(id, &mut edges);
            if let Some(doubt) = edges.doubt {
                graph.doubts.insert(node, doubt);
            }
            for target in edges.elements {
                let target = match graph.by_element.get(&target) {
                    Some(target) => *target,
                    // In another layer: a leaf.
                    None => graph.node(Value::Element(target)),
                };
                graph.forward[node.0 as usize].push(target);
            }
            for text in edges.outside {
                let target = *outside.entry(text.clone()).or_insert_with(|| {
                    graph.node(Value::Dangling(Arc::new(MadeText(text.clone()))))
                });
                graph.forward[node.0 as usize].push(target);
            }
        }
        for edges in &mut graph.forward {
            edges.sort_unstable();
            edges.dedup();
        }
        for node in 0..graph.forward.len() {
            for target in graph.forward[node].clone() {
                graph.backward[target.0 as usize].push(GraphNode(node as u32));
            }
        }
        graph
    }

    /// Everything an element refers to.
    pub(super) fn edges_of(&mut self, id: ElementId, edges: &mut Edges) {
        let estate = self.estate;
        let element = estate.element(id);
        let kind = self.program.kind(element.kind);
        for (position, field) in kind.fields.iter().enumerate() {
            if field.is_edge && field.derive.is_none() {
                let value = self.field(id, position as u16);
                edges.collect(estate, &value, 0);
            }
        }
        if let Origin::Imported { source, object, .. } = element.origin
            && let Some(object) = estate.object(source, object)
        {
            let index = estate.object_index(source);
            for ObjectId(target) in &object.depends_on {
                edges.elements.extend_from_slice(index.elements(*target));
            }
        }
        edges.elements.retain(|target| *target != id);
    }
}

/// What an element refers to.
#[derive(Default)]
pub(super) struct Edges {
    pub elements: Vec<ElementId>,
    pub outside: Vec<Box<str>>,
    /// Why there may be more.
    pub doubt: Option<Causes>,
}

impl Edges {
    fn collect(&mut self, estate: &Estate, value: &Value, depth: u32) {
        if depth > 16 {
            return;
        }
        match value {
            Value::Element(id) => self.elements.push(*id),
            Value::Dangling(text) => self.outside.push(text.0.clone()),
            Value::Candidates(_) => {
                self.add_doubt(Causes::of(iom_state::tape::UnknownCause::KnownAfterApply));
            }
            // A field that nothing maps says nothing about references.
            Value::Unknown(causes) if *causes != Causes::NOT_REPORTED => self.add_doubt(*causes),
            Value::List(list) | Value::Set(list) => {
                if let Some(doubt) = list.doubt() {
                    self.add_doubt(doubt);
                }
                list.items.iter().for_each(|item| self.collect(estate, item, depth + 1));
            }
            Value::Map(map) => map.entries.iter().for_each(|(_, value)| self.collect(estate, value, depth + 1)),
            Value::Record(record) => {
                record.fields.iter().for_each(|(_, value)| self.collect(estate, value, depth + 1));
            }
            _ => {}
        }
    }

    fn add_doubt(&mut self, causes: Causes) {
        self.doubt = Some(self.doubt.map_or(causes.spread(), |doubt| doubt.union(causes)));
    }
}
