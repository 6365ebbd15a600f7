use std::collections::VecDeque;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::graph::{Graph, GraphNode};
use crate::evaluate::Evaluator;
use crate::value::{Causes, ElementId, ListValue, Value};

/// Lists of reachable elements that are kept.
const MAX_CLOSURES: usize = 4096;

impl Graph {
    /// Everything reachable, in no particular order.
    pub(super) fn reachable_nodes(&self, from: GraphNode, is_forward: bool) -> FxHashSet<GraphNode> {
        let mut seen: FxHashSet<GraphNode> = FxHashSet::default();
        let mut queue: Vec<GraphNode> = vec![from];
        while let Some(node) = queue.pop() {
            for next in self.neighbours(node, is_forward) {
                if seen.insert(*next) {
                    queue.push(*next);
                }
            }
        }
        seen
    }

    /// Everything reachable, itself only where a cycle leads back to it; in order of nodes.
    fn closure(&self, from: GraphNode, is_forward: bool) -> ListValue {
        let mut found: Vec<GraphNode> = self.reachable_nodes(from, is_forward).into_iter().collect();
        let doubts = found.iter().chain([&from]).filter_map(|node| self.doubt(*node, is_forward));
        let open = doubts.reduce(Causes::union);
        found.sort_unstable();
        let items = found.into_iter().map(|node| self.nodes[node.0 as usize].clone()).collect();
        ListValue { items, maybe: None, open }
    }

    /// The nodes of a shortest way from one node to another, both included; of several the one whose names come first.
    fn shortest(
        &self,
        start: GraphNode,
        end: GraphNode,
        name: &dyn Fn(GraphNode) -> String,
    ) -> Option<Vec<GraphNode>> {
        let distances = self.distances(start, end)?;
        // Nodes on any shortest way, found backwards from the end: each is one step nearer to the start.
        let length = distances[&end];
        let mut on_way: FxHashSet<(GraphNode, u32)> = FxHashSet::from_iter([(end, length)]);
        let mut queue = vec![(end, length)];
        while let Some((node, distance)) = queue.pop() {
            for before in self.neighbours(node, false) {
                let is_nearer = if distance == 1 {
                    *before == start
                } else {
                    *before != start && distances.get(before) == Some(&(distance - 1))
                };
                if is_nearer && on_way.insert((*before, distance - 1)) && distance > 1 {
                    queue.push((*before, distance - 1));
                }
            }
        }
        let mut path = vec![start];
        let mut node = start;
        for distance in 1..=length {
            let next = self.neighbours(node, true).iter().copied();
            let next = next.filter(|next| on_way.contains(&(*next, distance)));
            node = next.min_by_key(|next| name(*next))?;
            path.push(node);
        }
        Some(path)
    }

    /// Steps from a node to all that are nearer than the end, and to the end; `None` where it is not reachable.
    fn distances(&self, start: GraphNode, end: GraphNode) -> Option<FxHashMap<GraphNode, u32>> {
        let mut distances: FxHashMap<GraphNode, u32> = FxHashMap::default();
        let mut queue = VecDeque::from([(start, 0)]);
        while let Some((node, distance)) = queue.pop_front() {
            for next in self.neighbours(node, true) {
                // The start counts as reached only where it is what is looked for.
                if (*next != start || *next == end) && !distances.contains_key(next) {
                    distances.insert(*next, distance + 1);
                    if *next == end {
                        return Some(distances);
                    }
                    queue.push_back((*next, distance + 1));
                }
            }
        }
        None
    }
}

impl Evaluator<'_> {
    /// `upstream(x)` and `downstream(x)`.
    pub(crate) fn reachable(&mut self, id: ElementId, is_forward: bool) -> Value {
        let Some(graph) = self.graph() else { return Value::Unknown(Causes::INVALID) };
        let Some(node) = graph.node(id) else { return Value::list(Vec::new()) };
        let key = (node, is_forward);
        if let Ok(closures) = graph.closures.lock()
            && let Some(list) = closures.get(&key)
        {
            return Value::List(list.clone());
        }
        let list = Arc::new(graph.closure(node, is_forward));
        if let Ok(mut closures) = graph.closures.lock()
            && closures.len() < MAX_CLOSURES
        {
            closures.insert(key, list.clone());
        }
        Value::List(list)
    }

    /// `path(a, b)`
    pub(crate) fn path(&mut self, from: ElementId, to: ElementId) -> Value {
        let estate = self.estate;
        let Some(graph) = self.graph() else { return Value::Unknown(Causes::INVALID) };
        let (Some(start), Some(end)) = (graph.node(from), graph.node(to)) else { return Value::Absent };
        let name = |node: GraphNode| match &graph.nodes[node.0 as usize] {
            Value::Element(id) => estate.address(*id).to_owned(),
            other => estate.render(other),
        };
        match graph.shortest(start, end, &name) {
            Some(path) => {
                Value::list(path.into_iter().map(|node| graph.nodes[node.0 as usize].clone()).collect())
            }
            None => graph.closure(start, true).open.map_or(Value::Absent, Value::Unknown),
        }
    }
}
