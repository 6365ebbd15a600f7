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
    /// By node: what is so of everything reachable from it.
    answers: Box<[Answer]>,
}

/// What is so of everything reachable from a node.
#[derive(Clone, Copy, Debug)]
struct Answer {
    /// Whether something is one that is looked for.
    truth: Truth,
    /// The first that surely is, and the first that may be; [`NOBODY`] where there is none.
    sure: u32,
    maybe: u32,
}

const NOBODY: u32 = u32::MAX;

impl Answer {
    const NO: Answer = Answer { truth: Truth::False, sure: NOBODY, maybe: NOBODY };

    fn of(node: GraphNode, truth: Truth) -> Answer {
        let first = |is_it: bool| if is_it { node.0 } else { NOBODY };
        let maybe = first(matches!(truth, Truth::Unknown(_)));
        Answer { truth, sure: first(truth.is_true()), maybe }
    }

    fn or(self, other: Answer) -> Answer {
        Answer {
            truth: self.truth.or(other.truth),
            sure: self.sure.min(other.sure),
            maybe: self.maybe.min(other.maybe),
        }
    }
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
            let (holds, _) = self.traced(fact, |ev| {
                ev.apart(FUEL_OF_AN_INDEX, |ev| ev.ask_all(graph, over, body, (is_all, is_forward)))
            });
            let answers = reachable_answers(graph, &holds, is_forward);
            let _ = cell.set(ReachAnswers { holds: holds.into(), answers });
        }
        let answer = cell.get()?.answers.get(node.0 as usize)?.truth;
        // `all` is answered as "none that does not", `none` as "not any".
        Some(if quantifier == Quantifier::Any { answer } else { answer.negate() })
    }

    /// The first reachable element that decides such a quantifier, else the first that may, else nobody; `None` where the
    /// question was not answered so.
    pub(crate) fn reachable_witness(
        &mut self,
        reach: ReachId,
        over: &Over,
    ) -> Option<Option<(Value, Truth)>> {
        let Code::Builtin { arguments, .. } = &over.source else { return None };
        let [from] = &**arguments else { return None };
        let Value::Element(from) = self.eval(from) else { return None };
        let estate = self.estate;
        let answers = estate.reaches.get(reach.index())?[layer_index(self.layer)].get()?;
        let graph = self.graph()?;
        let answer = answers.answers.get(graph.node(from)?.0 as usize)?;
        let first = [answer.sure, answer.maybe].into_iter().find(|node| *node != NOBODY);
        Some(first.and_then(|node| {
            let node = node as usize;
            Some((graph.nodes.get(node)?.clone(), *answers.holds.get(node)?))
        }))
    }

    /// For every node whether it is one that is looked for.
    fn ask_all(
        &mut self,
        graph: &Graph,
        over: &Over,
        body: &Code,
        (is_all, is_forward): (bool, bool),
    ) -> Vec<Truth> {
        let mut holds = Vec::with_capacity(graph.nodes.len());
        for (position, node) in graph.nodes.iter().enumerate() {
            // Nobody comes to it.
            if graph.neighbours(GraphNode(position as u32), !is_forward).is_empty() {
                holds.push(Truth::False);
                continue;
            }
            self.refuel();
            self.set(over.local, node.clone());
            for also in &over.also {
                self.set(*also, node.clone());
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

/// For every node what is so of everything reachable from it.
fn reachable_answers(graph: &Graph, holds: &[Truth], is_forward: bool) -> Box<[Answer]> {
    let components = graph.components();
    let mut answers = vec![Answer::NO; graph.nodes.len()];
    // What is so of a node and of everything reachable from it. Of what is in the same component nothing is known yet but
    // whether it is one itself: what it leads to is looked at in its turn.
    let mut reached: Vec<Answer> =
        holds.iter().enumerate().map(|(node, holds)| Answer::of(GraphNode(node as u32), *holds)).collect();
    let mut answer_of = |members: &[GraphNode]| {
        let mut answer = Answer::NO;
        for member in members {
            if let Some(causes) = graph.doubt(*member, is_forward) {
                answer.truth = answer.truth.or(Truth::Unknown(causes));
            }
            for next in graph.neighbours(*member, is_forward) {
                let reached = reached[next.0 as usize];
                if !reached.truth.is_false() {
                    answer = answer.or(reached);
                }
            }
        }
        if answer.truth.is_false() {
            return;
        }
        for member in members {
            answers[member.0 as usize] = answer;
            let reached = &mut reached[member.0 as usize];
            *reached = reached.or(answer);
        }
    };
    // Components come with what they lead to first; backwards it is the other way round.
    if is_forward {
        components.all().for_each(&mut answer_of);
    } else {
        components.all().rev().for_each(&mut answer_of);
    }
    answers.into()
}
