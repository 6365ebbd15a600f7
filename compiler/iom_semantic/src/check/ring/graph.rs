//! Definitions by number, and what each leans on.

use std::collections::VecDeque;
use std::hash::Hash;

use rustc_hash::FxHashMap;

pub(super) struct Graph<N> {
    names: Vec<N>,
    numbers: FxHashMap<N, usize>,
    edges: Vec<Vec<usize>>,
}

impl<N> Default for Graph<N> {
    fn default() -> Self {
        Graph { names: Vec::new(), numbers: FxHashMap::default(), edges: Vec::new() }
    }
}

/// Strongly connected components.
pub(super) struct Components {
    /// Each after those it leans on.
    pub members: Vec<Vec<usize>>,
    /// The component of each definition.
    pub of: Vec<usize>,
}

impl<N: Clone + Eq + Hash> Graph<N> {
    /// Finds what each definition leans on, also of those that only others name.
    pub fn explore(&mut self, leans_on: &mut dyn FnMut(&N, &mut Vec<N>)) {
        self.explore_at_most(usize::MAX, leans_on);
    }

    /// The same as long as there are no more than so many; false where there are.
    pub fn explore_at_most(&mut self, most: usize, leans_on: &mut dyn FnMut(&N, &mut Vec<N>)) -> bool {
        let mut at = self.edges.len();
        while let Some(name) = self.names.get(at).cloned() {
            if self.names.len() > most {
                return false;
            }
            let mut found = Vec::new();
            leans_on(&name, &mut found);
            let edges = found.iter().map(|to| self.node(to)).collect();
            self.edges.push(edges);
            at += 1;
        }
        true
    }

    /// Whether anything leads back to itself.
    pub fn has_ring(&self) -> bool {
        self.components().members.iter().any(|component| self.is_ring(component))
    }

    pub fn node(&mut self, name: &N) -> usize {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        self.names.push(name.clone());
        self.numbers.insert(name.clone(), self.names.len() - 1);
        self.names.len() - 1
    }

    pub fn number(&self, name: &N) -> Option<usize> {
        self.numbers.get(name).copied()
    }

    pub fn name(&self, node: usize) -> &N {
        &self.names[node]
    }

    pub fn edges(&self, node: usize) -> &[usize] {
        &self.edges[node]
    }

    /// Whether the members of a component lead back to themselves.
    pub fn is_ring(&self, component: &[usize]) -> bool {
        component.len() > 1 || component.iter().any(|node| self.edges[*node].contains(node))
    }

    /// The shortest way from a definition back to itself, from itself to the last before it, over the given steps.
    pub fn way_back(
        &self,
        first: usize,
        mut steps: impl FnMut(usize, &mut Vec<usize>),
    ) -> Option<Vec<usize>> {
        let mut from: FxHashMap<usize, usize> = FxHashMap::default();
        let mut waiting = VecDeque::from([first]);
        let mut next = Vec::new();
        while let Some(node) = waiting.pop_front() {
            next.clear();
            steps(node, &mut next);
            for to in &next {
                if *to == first {
                    let mut way: Vec<usize> =
                        std::iter::successors(Some(node), |at| from.get(at).copied()).collect();
                    way.reverse();
                    return Some(way);
                }
                if !from.contains_key(to) {
                    from.insert(*to, node);
                    waiting.push_back(*to);
                }
            }
        }
        None
    }

    /// Some definition at the end of the chain that begins here.
    pub fn end_of(&self, first: usize) -> usize {
        let mut at = first;
        // A chain without a ring has an end; the bound is for the compiler's peace of mind.
        for _ in 0..self.names.len() {
            match self.edges[at].first() {
                Some(next) => at = *next,
                None => break,
            }
        }
        at
    }

    /// Without recursion: chains are as long as files.
    pub fn components(&self) -> Components {
        const UNSEEN: usize = usize::MAX;
        let count = self.names.len();
        let (mut order, mut low) = (vec![UNSEEN; count], vec![0; count]);
        let mut is_open = vec![false; count];
        let (mut open, mut members): (Vec<usize>, Vec<Vec<usize>>) = (Vec::new(), Vec::new());
        let mut of = vec![0; count];
        let mut next_order = 0;
        for start in 0..count {
            if order[start] != UNSEEN {
                continue;
            }
            let mut path: Vec<(usize, usize)> = vec![(start, 0)];
            while let Some((node, edge)) = path.pop() {
                if edge == 0 {
                    order[node] = next_order;
                    low[node] = next_order;
                    next_order += 1;
                    open.push(node);
                    is_open[node] = true;
                }
                match self.edges[node].get(edge) {
                    Some(to) => {
                        path.push((node, edge + 1));
                        if order[*to] == UNSEEN {
                            path.push((*to, 0));
                        } else if is_open[*to] {
                            low[node] = low[node].min(order[*to]);
                        }
                    }
                    None => {
                        if let Some((parent, _)) = path.last() {
                            low[*parent] = low[*parent].min(low[node]);
                        }
                        if low[node] == order[node] {
                            let from = open.iter().rposition(|one| *one == node).unwrap_or(0);
                            let component = open.split_off(from);
                            for one in &component {
                                is_open[*one] = false;
                                of[*one] = members.len();
                            }
                            members.push(component);
                        }
                    }
                }
            }
        }
        Components { members, of }
    }
}
