use iom_model::{Builtin, Quantifier};

use super::graph::{Graph, GraphNode};
use super::layer_index;
use crate::evaluate::{Evaluator, FUEL_OF_AN_INDEX, Fact};
use crate::program::{Code, Over, ReachId};
use crate::value::{Truth, Value};

/// A question about everything reachable, answered for every node.
#[derive(Debug)]
pub struct ReachAnswers {
    /// Whether the node is one that is looked for.
    holds: Box<[Truth]>,
    /// Whether something reachable from the node is.
    answers: Box<[Truth]>,
}

impl Evaluator<'_> {
    /// A quantifier over everything reachable, answered for all elements in one pass over the strongly connected
    /// components of the graph: linear, however deep and however cyclic it is. `None` where it has to be asked plainly.
    pub(crate) fn quantify_reachable(
        &mut self,
        reach: ReachId,
        quantifier: Quantifier,
        over: &Over,
        body: &Code,
    ) -> Option<Truth> {
        let Code::Builtin { function, arguments, .. } = &over.source else { return None };
        let [from] = &**arguments else { return None };
        let Value::Element(from) = self.eval(from) else { return None };
        let is_forward = *function == Builtin::Upstream;
        let estate = self.estate;
        let cell = &estate.reaches.get(reach.index())?[layer_index(self.layer)];
        let fact = Fact::reach(reach, self.layer);
        self.rests_on(fact);
        let graph = self.graph()?;
        let node = graph.node(from)?;
        if cell.get().is_none() {
            let graph = estate.graphs[layer_index(self.layer)].get()?;
            let is_all = quantifier == Quantifier::All;
            let (holds, _) = self
                .traced(fact, |ev| ev.apart(FUEL_OF_AN_INDEX, |ev| ev.ask_all(graph, over, body, is_all)));
            let answers = reachable_truths(graph, &holds, is_forward);
            let _ = cell.set(ReachAnswers { holds: holds.into(), answers });
        }
        let answer = cell.get()?.answers.get(node.0 as usize).copied()?;
        // `all` is answered as "none that does not", `none` as "not any".
        Some(if quantifier == Quantifier::Any { answer } else { answer.negate() })
    }

    /// The first reachable element that decides such a quantifier, else the first that may; `None` where the question was
    /// not answered so.
    pub(crate) fn reachable_witness(&mut self, reach: ReachId, over: &Over) -> Option<(Value, Truth)> {
        let Code::Builtin { function, arguments, .. } = &over.source else { return None };
        let [from] = &**arguments else { return None };
        let Value::Element(from) = self.eval(from) else { return None };
        let estate = self.estate;
        let answers = estate.reaches.get(reach.index())?[layer_index(self.layer)].get()?;
        let graph = self.graph()?;
        let nodes = graph.reachable_nodes(graph.node(from)?, *function == Builtin::Upstream);
        let decisive = |wanted: &dyn Fn(Truth) -> bool| {
            let found = nodes.iter().filter(|node| wanted(answers.holds[node.0 as usize])).min()?;
            Some((graph.nodes[found.0 as usize].clone(), answers.holds[found.0 as usize]))
        };
        decisive(&Truth::is_true).or_else(|| decisive(&|truth| matches!(truth, Truth::Unknown(_))))
    }

    /// For every node whether it is one that is looked for.
    fn ask_all(&mut self, graph: &Graph, over: &Over, body: &Code, is_all: bool) -> Vec<Truth> {
        let mut holds = Vec::with_capacity(graph.nodes.len());
        for node in &graph.nodes {
            self.refuel();
            self.set(over.local, node.clone());
            if let Some(also) = over.also {
                self.set(also, node.clone());
            }
            let mut belongs = Truth::True;
            for filter in &over.filters {
                belongs = belongs.and(self.truth(filter));
            }
            let found = if belongs.is_false() { Truth::False } else { self.truth(body) };
            let found = if is_all && !belongs.is_false() { found.negate() } else { found };
            holds.push(belongs.and(found));
        }
        holds
    }
}

/// For every node whether something reachable from it holds.
fn reachable_truths(graph: &Graph, holds: &[Truth], is_forward: bool) -> Box<[Truth]> {
    let components = components(graph);
    let mut answers = vec![Truth::False; graph.nodes.len()];
    let mut component_of = vec![0_u32; graph.nodes.len()];
    for (number, members) in components.iter().enumerate() {
        for member in members {
            component_of[member.0 as usize] = number as u32;
        }
    }
    // Components come with what they lead to first; backwards it is the other way round.
    let order: Vec<usize> =
        if is_forward { (0..components.len()).collect() } else { (0..components.len()).rev().collect() };
    for number in order {
        let mut answer = Truth::False;
        for member in &components[number] {
            if let Some(causes) = graph.doubt(*member, is_forward) {
                answer = answer.or(Truth::Unknown(causes));
            }
            for next in graph.neighbours(*member, is_forward) {
                answer = answer.or(holds[next.0 as usize]);
                if component_of[next.0 as usize] as usize != number {
                    answer = answer.or(answers[next.0 as usize]);
                }
            }
        }
        for member in &components[number] {
            answers[member.0 as usize] = answer;
        }
    }
    answers.into()
}

/// Strongly connected components by Tarjan, each after those it leads to; without recursion.
fn components(graph: &Graph) -> Vec<Vec<GraphNode>> {
    const UNSEEN: u32 = u32::MAX;
    let count = graph.nodes.len();
    let mut found = Vec::new();
    let mut index = vec![UNSEEN; count];
    let mut low = vec![0_u32; count];
    let mut is_open = vec![false; count];
    let mut open: Vec<GraphNode> = Vec::new();
    let mut next_index = 0;
    let mut calls: Vec<(GraphNode, usize)> = Vec::new();
    for start in 0..count as u32 {
        if index[start as usize] != UNSEEN {
            continue;
        }
        calls.push((GraphNode(start), 0));
        while let Some((node, position)) = calls.pop() {
            let at = node.0 as usize;
            if position == 0 {
                index[at] = next_index;
                low[at] = next_index;
                next_index += 1;
                is_open[at] = true;
                open.push(node);
            }
            let neighbours = graph.neighbours(node, true);
            let mut descended = false;
            for (offset, next) in neighbours.iter().enumerate().skip(position) {
                let to = next.0 as usize;
                if index[to] == UNSEEN {
                    calls.push((node, offset + 1));
                    calls.push((*next, 0));
                    descended = true;
                    break;
                }
                if is_open[to] {
                    low[at] = low[at].min(index[to]);
                }
            }
            if descended {
                continue;
            }
            if low[at] == index[at] {
                let mut members = Vec::new();
                while let Some(member) = open.pop() {
                    is_open[member.0 as usize] = false;
                    members.push(member);
                    if member == node {
                        break;
                    }
                }
                found.push(members);
            }
            if let Some((parent, _)) = calls.last() {
                let parent = parent.0 as usize;
                low[parent] = low[parent].min(low[at]);
            }
        }
    }
    found
}
