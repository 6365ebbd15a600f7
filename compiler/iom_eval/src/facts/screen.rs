use rustc_hash::FxHashMap;

use super::graph::{Graph, GraphNode};
use crate::evaluate::{Evaluator, FUEL_OF_AN_INDEX, Key};
use crate::program::Screen;
use crate::value::Value;

/// For so many different values of those who ask, answers are kept.
const MOST_ASKED: usize = 16;

/// What is known of the nodes of a graph, by question and by the values of those who ask.
#[derive(Default)]
pub(crate) struct Screened {
    by_question: FxHashMap<usize, Vec<Asked>>,
}

/// A question as some ask it.
struct Asked {
    /// What the question depends on of those who ask.
    values: Vec<Key>,
    /// By node.
    states: Vec<State>,
}

/// What is known of a node and of everything that is reachable from it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Unseen,
    /// It surely is not what is looked for; what is reachable from it is not known.
    Other,
    /// The same, while the search goes on that came to it.
    Open,
    /// Neither it nor anything reachable from it is what is looked for.
    Nothing,
    /// Something may be.
    Something,
}

impl Evaluator<'_> {
    /// Whether nothing reachable from the one who asks surely is what is looked for. Where that is not sure everything has
    /// to be looked at.
    ///
    /// A session asks about everything plainly: what it keeps rests on what is read for each subject.
    pub(crate) fn is_nowhere(&mut self, screen: &Screen) -> bool {
        if self.is_traced() {
            return false;
        }
        let Value::Element(from) = self.eval(&screen.from) else { return false };
        let Some(graph) = self.graph() else { return false };
        let Some(start) = graph.node(from) else { return false };
        let mut values = Vec::with_capacity(screen.values.len());
        for value in &screen.values {
            let value = self.eval(value);
            match self.key(&value) {
                Some(key) => values.push(key),
                None => return false,
            }
        }
        let question = std::ptr::from_ref(screen) as usize;
        let asked = self.screened.by_question.entry(question).or_default();
        let place = match asked.iter().position(|known| known.values == values) {
            Some(place) => place,
            None if asked.len() < MOST_ASKED => {
                asked.push(Asked { values, states: vec![State::Unseen; graph.nodes.len()] });
                asked.len() - 1
            }
            None => return false,
        };
        // Taken out while it is used; conditions that ask the same question again find nothing known.
        let mut states = std::mem::take(&mut asked[place].states);
        if states.len() != graph.nodes.len() {
            return false;
        }
        let is_nothing = match told_by_neighbours(graph, start, screen, &states) {
            Some(told) => told,
            None => {
                let search = |ev: &mut Self| ev.has_nothing_after(graph, start, screen, &mut states);
                self.apart(FUEL_OF_AN_INDEX, search).0
            }
        };
        if let Some(asked) = self.screened.by_question.get_mut(&question)
            && let Some(asked) = asked.get_mut(place)
        {
            asked.states = states;
        }
        is_nothing
    }

    /// Goes through everything reachable from a node that was not seen yet, as long as nothing is found.
    fn has_nothing_after(
        &mut self,
        graph: &Graph,
        start: GraphNode,
        screen: &Screen,
        states: &mut [State],
    ) -> bool {
        // The way from the start to the node at hand, and which neighbour of each comes next.
        let mut way = vec![(start, 0)];
        let mut seen: Vec<GraphNode> = Vec::new();
        let mut is_nothing = graph.doubt(start, screen.is_forward).is_none();
        while is_nothing && let Some((node, position)) = way.last_mut() {
            let Some(next) = graph.neighbours(*node, screen.is_forward).get(*position).copied() else {
                way.pop();
                continue;
            };
            *position += 1;
            match states[next.0 as usize] {
                State::Nothing | State::Open => {}
                State::Something => is_nothing = false,
                state => {
                    let is_other =
                        state == State::Other || self.is_other(&graph.nodes[next.0 as usize], screen);
                    is_nothing = is_other && graph.doubt(next, screen.is_forward).is_none();
                    states[next.0 as usize] = if is_nothing { State::Open } else { State::Something };
                    seen.push(next);
                    way.push((next, 0));
                }
            }
        }
        let known = if is_nothing { State::Nothing } else { State::Other };
        for node in seen {
            if states[node.0 as usize] == State::Open {
                states[node.0 as usize] = known;
            }
        }
        if !is_nothing {
            // Whoever comes to a node of the way comes to what was found. Of the start itself nobody asked.
            way.iter().skip(1).for_each(|(node, _)| states[node.0 as usize] = State::Something);
        }
        is_nothing
    }

    /// Whether something surely is not what is looked for.
    fn is_other(&mut self, node: &Value, screen: &Screen) -> bool {
        self.refuel();
        for local in &screen.locals {
            self.set(*local, node.clone());
        }
        screen.conditions.iter().any(|(condition, is_negated)| {
            let truth = self.truth(condition);
            if *is_negated { truth.is_true() } else { truth.is_false() }
        })
    }
}

/// What is known already of all neighbours, as mostly when others asked before.
fn told_by_neighbours(graph: &Graph, start: GraphNode, screen: &Screen, states: &[State]) -> Option<bool> {
    if graph.doubt(start, screen.is_forward).is_some() {
        return Some(false);
    }
    for next in graph.neighbours(start, screen.is_forward) {
        match states[next.0 as usize] {
            State::Nothing => {}
            State::Something => return Some(false),
            _ => return None,
        }
    }
    Some(true)
}
