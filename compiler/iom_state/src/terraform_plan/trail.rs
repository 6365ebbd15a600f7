//! Where an expression leads.

use std::rc::Rc;

use rustc_hash::FxHashSet;

use super::modules::InstanceId;
use crate::document::ObjectId;
use crate::tape::Symbol;

/// What an expression leads to.
#[derive(Clone, Default)]
pub(crate) struct Trail {
    pub found: Vec<Found>,
    /// Where a `local` ends the trail.
    pub unresolved_in: Option<InstanceId>,
    pub has_other_inputs: bool,
    /// Something in it is not understood.
    pub is_opaque: bool,
}

/// Objects an expression reads, under the name it is written with.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Found {
    pub targets: Vec<ObjectId>,
    pub attribute: Option<Symbol>,
    pub written: Symbol,
}

impl Trail {
    pub(crate) fn of_other_input() -> Trail {
        Trail { has_other_inputs: true, ..Trail::default() }
    }

    /// What leads nowhere and of which nothing is known: an output that nobody declares, what leads back to itself.
    pub(crate) fn not_understood() -> Rc<Trail> {
        Rc::new(Trail { is_opaque: true, ..Trail::default() })
    }

    /// A trail that ends in a module instance, where what comes next is not told.
    pub(crate) fn ending_in(instance: InstanceId) -> Trail {
        Trail { unresolved_in: Some(instance), ..Trail::default() }
    }

    /// What leads to no object is some other input: a constant, a setting.
    pub(crate) fn of_what_is_written(self) -> Trail {
        let is_constant = self.found.is_empty() && self.unresolved_in.is_none();
        Trail { has_other_inputs: self.has_other_inputs || is_constant, ..self }
    }

    /// One of several trails, not known which: per attribute one set of candidates.
    pub(crate) fn of_any(trails: &[Rc<Trail>]) -> Trail {
        let mut any = Trail::default();
        for trail in trails {
            for found in &trail.found {
                match any.found.iter_mut().find(|known| known.attribute == found.attribute) {
                    Some(known) => known.targets.extend(&found.targets),
                    None => any.found.push(found.clone()),
                }
            }
            any.unresolved_in = any.unresolved_in.or(trail.unresolved_in);
            any.has_other_inputs |= trail.has_other_inputs;
            any.is_opaque |= trail.is_opaque;
        }
        for found in &mut any.found {
            found.targets.sort_unstable();
            found.targets.dedup();
        }
        any
    }

    /// Takes over what a reference leads to, under the name it is written with here.
    pub(crate) fn add(&mut self, other: &Trail, written: Symbol) {
        self.found.extend(other.found.iter().map(|found| Found { written, ..found.clone() }));
        self.unresolved_in = self.unresolved_in.or(other.unresolved_in);
        self.has_other_inputs |= other.has_other_inputs;
        self.is_opaque |= other.is_opaque;
    }

    /// Says everything once.
    pub(crate) fn without_repetitions(mut self) -> Trail {
        if self.found.len() > 1 {
            let mut seen = FxHashSet::default();
            self.found.retain(|found| seen.insert((found.targets.clone(), found.attribute)));
        }
        self
    }
}
