use smol_str::SmolStr;

use super::{Comparison, Deviation, Found};
use crate::program::{FixedCode, Group, PartSite, SearchCode};
use crate::value::{Causes, ElementId, Truth, Value};

/// Partners of one part that are tried out. Beyond these nothing is concluded from those that were not.
const MOST_CANDIDATES: usize = 64;

impl<'b> Comparison<'_, '_, 'b> {
    /// Some element: the one with which everything holds, else the nearest.
    pub(super) fn one_of(&mut self, group: &'b Group, index: usize, site: &'b PartSite) -> Found {
        let (candidates, mut open) = self.candidates(site);
        let settled = self.settled();
        let mut best: Option<Found> = None;
        let mut truth = Truth::False;
        for (id, belongs) in candidates {
            let mut found = self.with(group, index, site, id);
            found.truth = belongs.and(found.truth);
            truth = truth.or(found.truth);
            if best.as_ref().is_none_or(|best| found.is_better(best)) {
                best = Some(found);
            }
            if truth.is_true() || self.ev.is_exhausted() {
                break;
            }
        }
        if self.ev.is_exhausted() {
            open = Some(Causes::INVALID);
        }
        if let Some(causes) = open {
            truth = truth.or(Truth::Unknown(causes));
        }
        match best {
            Some(mut best) => {
                if let Truth::Unknown(causes) = truth {
                    // What differs in what was found is open where something else may be the part.
                    let is_settled =
                        |one: &Deviation| one.field.as_ref().is_some_and(|field| settled.contains(field));
                    let open = best.deviations.iter_mut().filter(|one| !is_settled(one));
                    open.for_each(|one| one.truth = truth);
                    if best.deviations.is_empty() {
                        best.deviations = self.missing(site, Some(causes)).deviations;
                    }
                }
                Found::of(best.deviations)
            }
            None => {
                let mut found = self.missing(site, open);
                self.ev.set(self.slot(site), Value::Unknown(Causes::UNMODELLED));
                let rest = self.next(group, index + 1);
                found.deviations.extend(rest.deviations);
                Found::of(found.deviations)
            }
        }
    }

    /// For each value of the part's `for`, some element.
    pub(super) fn each_of(&mut self, group: &'b Group, index: usize, site: &'b PartSite) -> Found {
        let Some(over) = &site.code.each else { return Found::of(Vec::new()) };
        let items = self.ev.items(over);
        let mut elements = Vec::new();
        let mut deviations = Vec::new();
        if let Some(causes) = items.open {
            deviations.extend(self.missing(site, Some(causes)).deviations);
        }
        for position in 0..items.len() {
            if self.ev.bind(over, position, items.get(position)).is_false() {
                continue;
            }
            let (candidates, open) = self.candidates(site);
            let mut best: Option<(Found, ElementId)> = None;
            for (id, belongs) in candidates {
                self.ev.set(self.slot(site), Value::Element(id));
                let own = self.fixed(site, id);
                let mut found = Found::of(own);
                found.truth = belongs.and(found.truth);
                if best.as_ref().is_none_or(|(best, _)| found.is_better(best)) {
                    best = Some((found, id));
                }
                if best.as_ref().is_some_and(|(best, _)| best.truth.is_true()) {
                    break;
                }
            }
            match best {
                Some((found, id)) => {
                    deviations.extend(found.deviations);
                    elements.push(Value::Element(id));
                }
                None => deviations.extend(self.missing(site, open).deviations),
            }
        }
        self.ev.set(self.slot(site), Value::list(elements));
        let rest = self.next(group, index + 1);
        deviations.extend(rest.deviations);
        Found::of(deviations)
    }

    /// Elements that may be a part, those that fit best first, and why there may be more.
    fn candidates(&mut self, site: &'b PartSite) -> (Vec<(ElementId, Truth)>, Option<Causes>) {
        let over = match &site.search {
            SearchCode::Subject => return (Vec::new(), None),
            SearchCode::Value(value) => {
                return match self.ev.eval(value) {
                    Value::Element(id) if site.kinds.has(self.ev.estate.element(id).kind) => {
                        (vec![(id, Truth::True)], None)
                    }
                    Value::Unknown(causes) => (Vec::new(), Some(causes.spread())),
                    Value::Dangling(_) | Value::Candidates(_) => (Vec::new(), Some(Causes::UNMODELLED)),
                    _ => (Vec::new(), None),
                };
            }
            SearchCode::Among(over) => over,
        };
        let items = self.ev.items(over);
        let mut open = items.open;
        let mut found: Vec<(usize, ElementId, Truth)> = Vec::new();
        for position in 0..items.len() {
            let belongs = self.ev.bind(over, position, items.get(position));
            let Value::Element(id) = self.ev.get(over.local) else { continue };
            if belongs.is_false() {
                continue;
            }
            let mut failing = 0;
            for field in &site.fixed {
                failing += usize::from(self.is_ready(field) && self.ev.truth(&field.condition).is_false());
            }
            let doubt = usize::from(!belongs.is_true());
            found.push((failing * 2 + doubt, id, belongs));
        }
        found.sort_by_key(|(rank, id, _)| (*rank, id.0));
        if found.len() > MOST_CANDIDATES {
            // Those that surely do not fit are no loss.
            if found[MOST_CANDIDATES].0 < 2 {
                open = Some(open.map_or(Causes::INVALID, |before| before.union(Causes::INVALID)));
            }
            found.truncate(MOST_CANDIDATES);
        }
        (found.into_iter().map(|(_, id, belongs)| (id, belongs)).collect(), open)
    }

    /// Whether all parameters and parts that a condition reads are known by now.
    fn is_ready(&self, field: &FixedCode) -> bool {
        field.reads.iter().all(|local| match self.bound.get(*local as usize) {
            Some(is_bound) => *is_bound,
            None => self.parts.iter().any(|(site, _)| self.slot(site) == *local),
        })
    }

    /// Fields of what was found before that surely differ, whatever else is found.
    fn settled(&mut self) -> Vec<(ElementId, SmolStr)> {
        let mut settled = Vec::new();
        for (site, id) in self.parts.clone() {
            for field in &site.fixed {
                if self.is_ready(field) && self.ev.truth(&field.condition).is_false() {
                    settled.push((id, field.path.clone()));
                }
            }
        }
        settled
    }
}
