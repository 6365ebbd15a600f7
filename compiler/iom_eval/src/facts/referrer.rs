use std::sync::Arc;

use iom_state::document::Layer;
use rustc_hash::FxHashMap;

use super::graph::Edges;
use super::layer_index;
use super::reference::Ids;
use crate::evaluate::{Evaluator, Fact};
use crate::program::KindSet;
use crate::value::{Causes, ElementId, ListValue, Value};

/// Who of some kinds refers to what.
#[derive(Debug, Default)]
pub struct ReferrerIndex {
    by_target: FxHashMap<ElementId, Ids>,
    /// Elements whose references are not all known: they may refer to anything.
    doubtful: Vec<(ElementId, Causes)>,
}

impl<'e> Evaluator<'e> {
    /// `referrers(x, K)`
    pub(crate) fn referrers(&mut self, id: ElementId, kinds: Option<&KindSet>) -> Value {
        let canonical = self.canonical(id);
        let Some(index) = self.referrer_index(kinds) else { return Value::Unknown(Causes::INVALID) };
        let sure = index.by_target.get(&canonical).map_or(&[][..], Ids::all);
        let open = kinds.and_then(|kinds| self.estate.is_open(kinds, self.layer));
        let items = sure.iter().map(|id| Value::Element(*id));
        if index.doubtful.is_empty() {
            return Value::List(Arc::new(ListValue { items: items.collect(), maybe: None, open }));
        }
        let doubtful = index.doubtful.iter().filter(|(id, _)| !sure.contains(id));
        let mut all: Vec<(ElementId, Option<Causes>)> = sure.iter().map(|id| (*id, None)).collect();
        all.extend(doubtful.map(|(id, causes)| (*id, Some(*causes))));
        all.sort_unstable();
        let maybe = Some(all.iter().map(|(_, doubt)| *doubt).collect());
        let items = all.into_iter().map(|(id, _)| Value::Element(id)).collect();
        Value::List(Arc::new(ListValue { items, maybe, open }))
    }

    fn referrer_index(&mut self, kinds: Option<&KindSet>) -> Option<&'e ReferrerIndex> {
        let (estate, layer) = (self.estate, self.layer);
        let cell = match kinds {
            Some(kinds) => estate.referrers.cell(kinds, layer)?,
            None => &estate.all_referrers[layer_index(layer)],
        };
        let fact = Fact::referrers(&(kinds.map(|kinds| kinds.id), layer));
        self.rests_on(fact);
        if cell.get().is_none() {
            let index = self.traced(fact, |ev| ev.build_referrer_index(kinds, layer));
            let _ = cell.set(index);
        }
        cell.get()
    }

    fn build_referrer_index(&mut self, kinds: Option<&KindSet>, layer: Layer) -> ReferrerIndex {
        let estate = self.estate;
        let candidates: Vec<ElementId> = match kinds {
            Some(kinds) => {
                let ids = kinds.kinds.iter().flat_map(|kind| estate.population(*kind, layer));
                ids.map(ElementId).collect()
            }
            None => {
                let all = (0..estate.elements.len() as u32).map(ElementId);
                all.filter(|id| estate.layer_of(*id) == layer).collect()
            }
        };
        let mut index = ReferrerIndex::default();
        let mut edges = Edges::default();
        // Where the graph of this world is needed anyway, its edges are these.
        let graph = if self.program.demand.needs_graph { self.graph() } else { None };
        for candidate in candidates {
            edges.clear();
            match graph.and_then(|graph| Some((graph, graph.node(candidate)?))) {
                Some((graph, node)) => graph.edges_of(node, &mut edges),
                None => self.edges_of(candidate, &mut edges),
            }
            self.links_of(candidate, &mut edges);
            let mut targets: Vec<ElementId> =
                edges.elements.iter().map(|target| self.canonical(*target)).collect();
            targets.sort_unstable();
            targets.dedup();
            for target in targets {
                Ids::insert(&mut index.by_target, target, candidate);
            }
            index.doubtful.extend(edges.doubt.map(|doubt| (candidate, doubt)));
        }
        index
    }
}
