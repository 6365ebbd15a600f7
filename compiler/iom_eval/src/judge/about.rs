//! What a policy is about, for those who ask by name.

use iom_state::document::Layer;
use smol_str::SmolStr;

use super::run::Judgement;
use super::subject::{Subject, Subjects};
use crate::evaluate::Evaluator;
use crate::program::{PolicyCode, RuleCode};
use crate::value::ElementId;

/// A group that a policy is about.
#[derive(Clone, Debug)]
pub struct GroupAtHand {
    pub subject: Subject,
    /// As its findings call it.
    pub name: SmolStr,
    pub layer: Layer,
}

impl Judgement<'_> {
    /// The policies that a name means: one, one for each set of parameters, or those of a group.
    pub(super) fn meant<'p>(&'p self, name: &'p str) -> impl Iterator<Item = &'p PolicyCode> {
        let program = &self.estate.program;
        program.policies.iter().filter(move |code| program.means(name, code))
    }

    fn rules<'p>(&'p self, policy: &'p str) -> Vec<&'p RuleCode> {
        self.meant(policy).flat_map(|code| &code.rules).collect()
    }

    /// Every element that a policy could be about by itself.
    pub fn subjects(&self, policy: &str) -> Vec<ElementId> {
        let estate = self.estate;
        let mut subjects = Vec::new();
        for rule in self.rules(policy).iter().filter(|rule| rule.by.is_none()) {
            for kind in &rule.population.kinds {
                for layer in estate.layers() {
                    subjects.extend(estate.population(*kind, *layer).map(ElementId));
                }
            }
        }
        subjects.sort_unstable();
        subjects.dedup();
        subjects
    }

    /// Every group that a policy is about.
    pub fn groups(&self, policy: &str) -> Vec<GroupAtHand> {
        let mut groups = Vec::new();
        for rule in self.rules(policy).iter().filter(|rule| rule.by.is_some()) {
            for layer in self.estate.layers() {
                let mut evaluator = Evaluator::new(self.estate, *layer);
                Subjects::of(&mut evaluator, rule).for_each(|subject| {
                    let name = subject.resource(&mut evaluator, rule, *layer).address;
                    groups.push(GroupAtHand { subject, name, layer: *layer });
                });
            }
        }
        groups
    }

    /// Whether a policy applies to an element.
    pub fn applies(&self, policy: &str, subject: ElementId) -> bool {
        let mut evaluator = Evaluator::new(self.estate, self.estate.layer_of(subject));
        let number = self.number(&mut evaluator, subject);
        let program = &self.estate.program;
        let is_it = |raw: &&super::RawPolicy| program.means(policy, &program.policies[raw.policy]);
        self.policies.iter().filter(is_it).any(|raw| raw.applies.has(number))
    }
}
