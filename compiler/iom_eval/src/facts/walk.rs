use std::cmp::Ordering;
use std::sync::Arc;

use super::graph::{Graph, GraphNode};
use crate::evaluate::Evaluator;
use crate::value::{Causes, ElementId, ListValue, Value};

/// What the searches of one evaluator in one world leave for the next search: marks, and the ways found last.
#[derive(Debug, Default)]
pub(crate) struct Walks {
    marks: Marks,
    queue: Vec<GraphNode>,
    forward: Forward,
    backward: Backward,
    lengths: Lengths,
    /// Where the last way that was asked for ends.
    last_end: Option<GraphNode>,
}

/// A number for each node, all forgotten at once.
#[derive(Debug, Default)]
struct Marks {
    values: Vec<u32>,
    stamps: Vec<u32>,
    stamp: u32,
}

impl Marks {
    fn clear(&mut self, nodes: usize) {
        if self.stamps.len() != nodes || self.stamp == u32::MAX {
            self.values = vec![0; nodes];
            self.stamps = vec![0; nodes];
            self.stamp = 0;
        }
        self.stamp += 1;
    }

    fn get(&self, node: GraphNode) -> Option<u32> {
        let at = node.0 as usize;
        (self.stamps.get(at) == Some(&self.stamp)).then(|| self.values[at])
    }

    /// False where the node has a number already.
    fn set(&mut self, node: GraphNode, value: u32) -> bool {
        let at = node.0 as usize;
        if self.stamps[at] == self.stamp {
            return false;
        }
        self.stamps[at] = self.stamp;
        self.values[at] = value;
        true
    }
}

/// The shortest ways from one node, found as far as they were asked for. Of several shortest ways to a node the one whose
/// names come first: nodes are met in the order of their ways, and what a node leads to in the order of names.
#[derive(Debug, Default)]
struct Forward {
    start: Option<GraphNode>,
    /// By node: the one before it.
    before: Marks,
    queue: Vec<GraphNode>,
    done: usize,
    next: Vec<GraphNode>,
}

impl Forward {
    fn begin(&mut self, graph: &Graph, start: GraphNode) {
        self.before.clear(graph.nodes.len());
        self.queue.clear();
        self.queue.push(start);
        self.done = 0;
        self.start = Some(start);
    }

    fn way(&mut self, graph: &Graph, end: GraphNode, names: &Names<'_>) -> Option<Vec<GraphNode>> {
        let start = self.start?;
        while self.before.get(end).is_none() {
            let node = *self.queue.get(self.done)?;
            self.done += 1;
            self.next.clear();
            self.next.extend_from_slice(graph.neighbours(node, true));
            self.next.sort_by(names);
            for next in &self.next {
                // The start counts as reached only where it is what is looked for.
                if self.before.set(*next, node.0) && *next != start {
                    self.queue.push(*next);
                }
            }
        }
        let mut way = vec![end];
        let mut node = end;
        loop {
            node = GraphNode(self.before.get(node)?);
            way.push(node);
            if node == start {
                break;
            }
        }
        way.reverse();
        Some(way)
    }
}

/// How long the shortest ways from one node are, as far as that was asked for.
#[derive(Debug, Default)]
struct Lengths {
    start: Option<GraphNode>,
    /// By node: how many steps lead to it.
    steps: Marks,
    queue: Vec<(GraphNode, u32)>,
    done: usize,
}

impl Lengths {
    fn of_way(&mut self, graph: &Graph, start: GraphNode, end: GraphNode) -> Option<u32> {
        if self.start != Some(start) {
            self.steps.clear(graph.nodes.len());
            self.queue.clear();
            self.queue.push((start, 0));
            self.done = 0;
            self.start = Some(start);
        }
        loop {
            if let Some(steps) = self.steps.get(end) {
                return Some(steps);
            }
            let (node, steps) = *self.queue.get(self.done)?;
            self.done += 1;
            for next in graph.neighbours(node, true) {
                // The start counts as reached only where it is what is looked for.
                if self.steps.set(*next, steps + 1) && *next != start {
                    self.queue.push((*next, steps + 1));
                }
            }
        }
    }
}

/// How far everything is from one node.
#[derive(Debug, Default)]
struct Backward {
    end: Option<GraphNode>,
    distances: Marks,
}

impl Backward {
    fn begin(&mut self, graph: &Graph, end: GraphNode, queue: &mut Vec<GraphNode>) {
        self.distances.clear(graph.nodes.len());
        self.distances.set(end, 0);
        queue.clear();
        queue.push(end);
        let mut done = 0;
        while let Some(node) = queue.get(done).copied() {
            done += 1;
            let distance = self.distances.get(node).unwrap_or(0);
            for before in graph.neighbours(node, false) {
                if self.distances.set(*before, distance + 1) {
                    queue.push(*before);
                }
            }
        }
        self.end = Some(end);
    }

    fn way(&self, graph: &Graph, start: GraphNode, names: &Names<'_>) -> Option<Vec<GraphNode>> {
        let length = self.distances.get(start)?;
        let mut way = Vec::with_capacity(length as usize + 1);
        way.push(start);
        let mut node = start;
        for left in (0..length).rev() {
            let next = graph.neighbours(node, true).iter().copied();
            let nearer = next.filter(|next| self.distances.get(*next) == Some(left));
            node = nearer.min_by(|one, other| names(one, other))?;
            way.push(node);
        }
        Some(way)
    }
}

/// The order of nodes by their names.
type Names<'n> = dyn Fn(&GraphNode, &GraphNode) -> Ordering + 'n;

impl Walks {
    /// Everything reachable, itself only where a cycle leads back to it; in order of nodes.
    fn reachable(&mut self, graph: &Graph, from: GraphNode, is_forward: bool) -> &mut Vec<GraphNode> {
        self.queue.clear();
        let first = graph.neighbours(from, is_forward);
        if first.is_empty() {
            return &mut self.queue;
        }
        self.marks.clear(graph.nodes.len());
        self.queue.extend(first.iter().filter(|next| self.marks.set(**next, 0)));
        let mut done = 0;
        while let Some(node) = self.queue.get(done).copied() {
            done += 1;
            for next in graph.neighbours(node, is_forward) {
                if self.marks.set(*next, 0) {
                    self.queue.push(*next);
                }
            }
        }
        self.queue.sort_unstable();
        &mut self.queue
    }

    /// The nodes of a shortest way from one node to another, both included; of several the one whose names come first.
    ///
    /// Whoever asks for one way mostly asks for another one with the same start or the same end: those share a search.
    fn way(
        &mut self,
        graph: &Graph,
        start: GraphNode,
        end: GraphNode,
        names: &Names<'_>,
    ) -> Option<Vec<GraphNode>> {
        if start != end && graph.neighbours(start, true).contains(&end) {
            return Some(vec![start, end]);
        }
        let is_end_asked_again = self.last_end.replace(end) == Some(end);
        if self.forward.start != Some(start) && is_end_asked_again && start != end {
            if self.backward.end != Some(end) {
                self.backward.begin(graph, end, &mut self.queue);
            }
            return self.backward.way(graph, start, names);
        }
        if self.forward.start != Some(start) {
            self.forward.begin(graph, start);
        }
        self.forward.way(graph, end, names)
    }
}

impl Evaluator<'_> {
    /// `upstream(x)` and `downstream(x)`.
    pub(crate) fn reachable(&mut self, id: ElementId, is_forward: bool) -> Value {
        let Some(graph) = self.graph() else { return Value::Unknown(Causes::INVALID) };
        let Some(node) = graph.node(id) else { return Value::list(Vec::new()) };
        let found = self.walks_here().reachable(graph, node, is_forward);
        let doubts = found.iter().chain([&node]).filter_map(|node| graph.doubt(*node, is_forward));
        let open = doubts.reduce(Causes::union);
        let items = found.iter().map(|node| graph.nodes[node.0 as usize].clone()).collect();
        Value::List(Arc::new(ListValue { items, maybe: None, open }))
    }

    /// Whether anything is surely upstream or downstream of an element; `None` where that has to be looked at closely.
    pub(crate) fn surely_reaches_something(&mut self, id: ElementId, is_forward: bool) -> Option<bool> {
        let graph = self.graph()?;
        let node = graph.node(id)?;
        let is_empty = graph.neighbours(node, is_forward).is_empty();
        (!is_empty || graph.doubt(node, is_forward).is_none()).then_some(!is_empty)
    }

    /// How many elements `path(a, b)` has, where there is a way.
    pub(crate) fn path_size(&mut self, from: ElementId, to: ElementId) -> Option<i64> {
        let graph = self.graph()?;
        let (start, end) = (graph.node(from)?, graph.node(to)?);
        self.walks_here().lengths.of_way(graph, start, end).map(|steps| i64::from(steps) + 1)
    }

    /// `path(a, b)`
    pub(crate) fn path(&mut self, from: ElementId, to: ElementId) -> Value {
        let estate = self.estate;
        let Some(graph) = self.graph() else { return Value::Unknown(Causes::INVALID) };
        let (Some(start), Some(end)) = (graph.node(from), graph.node(to)) else { return Value::Absent };
        let names = |one: &GraphNode, other: &GraphNode| {
            let names = [one, other].map(|node| &graph.nodes[node.0 as usize]);
            match names {
                [Value::Element(one), Value::Element(other)] => {
                    estate.address(*one).cmp(estate.address(*other))
                }
                [one, other] => graph_name(estate, one).cmp(&graph_name(estate, other)),
            }
            .then(one.cmp(other))
        };
        match self.walks_here().way(graph, start, end, &names) {
            Some(way) => {
                Value::list(way.into_iter().map(|node| graph.nodes[node.0 as usize].clone()).collect())
            }
            None => match self.reachable(from, true) {
                Value::List(list) => list.open.map_or(Value::Absent, Value::Unknown),
                other => other,
            },
        }
    }

    /// The searches in the world at hand: their nodes mean nothing in another one.
    fn walks_here(&mut self) -> &mut Walks {
        if self.walked != self.layer {
            self.walked = self.layer;
            self.walks = Walks::default();
        }
        &mut self.walks
    }
}

fn graph_name(estate: &super::Estate, value: &Value) -> String {
    match value {
        Value::Element(id) => estate.address(*id).to_owned(),
        other => estate.render(other),
    }
}
