//! Expectations about policies whose subjects are groups.

use iom_model::QualifiedName;

use super::run::TestRun;
use super::unmet::Unmet;
use super::verdict::Wanted;
use crate::evaluate::Evaluator;
use crate::judge::{GroupAtHand, Judgement};
use crate::report::{Finding, Report};
use crate::value::ElementId;

impl TestRun<'_> {
    /// What is not as expected of a group.
    pub(super) fn of_group(
        &self,
        judgement: &Judgement<'_>,
        report: &Report,
        wanted: &Wanted<'_>,
        group: &GroupAtHand,
    ) -> Result<(), Unmet> {
        let is_about = |finding: &&Finding| {
            self.is_claimed(finding, wanted.claim) && finding.resource.address == group.name
        };
        let findings: Vec<&Finding> =
            report.findings.iter().map(|finding| &**finding).filter(is_about).collect();
        let first = group.subject.first();
        let is_applicable = first.is_some_and(|first| judgement.applies(&wanted.claim.policy, first));
        self.compare(wanted, &group.name, &findings, is_applicable, &Vec::new)
    }

    /// A group is named by its key, an element or a text, or by one of its members.
    pub(super) fn meant(&self, groups: Vec<GroupAtHand>, name: &QualifiedName) -> Vec<GroupAtHand> {
        let elements: Vec<ElementId> =
            self.resource(name).map_or_else(Vec::new, |id| self.estate.declared(id).to_vec());
        let (keyed, others): (Vec<_>, Vec<_>) = groups.into_iter().partition(|group| {
            let mut evaluator = Evaluator::new(&self.estate, group.layer);
            let is_key = |id: &ElementId| group.subject.has_key(&mut evaluator, *id);
            group.name == *name || elements.iter().any(is_key)
        });
        if !keyed.is_empty() {
            return keyed;
        }
        let has_member = |group: &GroupAtHand| elements.iter().any(|id| group.subject.members().contains(id));
        others.into_iter().filter(has_member).collect()
    }
}
