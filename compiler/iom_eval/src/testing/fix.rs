//! `expect after fix`: what a policy proposes is done, and judged.

use std::collections::BTreeMap;

use iom_model::QualifiedName;
use iom_state::tape::Symbol;

use super::JudgedClause;
use super::run::TestRun;
use super::unmet::{Unmet, short};
use super::verdict::Wanted;
use crate::judge::{Judgement, SubjectFix};
use crate::value::ElementId;

/// Rounds of fixes: more clauses than this do not wait for one another.
const MAX_FIXES: usize = 16;

impl TestRun<'_> {
    /// Judges once more, with the subjects' fields set as the clauses that do not pass propose. What a first fix lets
    /// another clause find is fixed too.
    pub(super) fn after_fix(
        &self,
        judgement: &Judgement<'_>,
        wanted: &Wanted<'_>,
        subjects: &[ElementId],
        judged: &mut Vec<JudgedClause>,
    ) -> Result<(), Unmet> {
        let claim = wanted.claim;
        let label = claim.label.as_deref();
        let propose = |judgement: &Judgement<'_>| {
            let fixes = subjects.iter().map(|id| (*id, judgement.fixes(&claim.policy, label, *id)));
            let fixes = fixes.flat_map(|(id, fixes)| fixes.into_iter().map(move |fix| (id, fix)));
            fixes.collect::<Vec<(ElementId, SubjectFix)>>()
        };
        let is_it = |name: &QualifiedName| self.is_meant(&claim.policy, name);
        let mut proposed = propose(judgement);
        if proposed.is_empty() {
            return Err(Unmet::new(format!("{} proposes no fix here", short(&claim.policy))));
        }
        let mut applied: BTreeMap<(ElementId, Symbol), SubjectFix> = BTreeMap::new();
        for _ in 0..MAX_FIXES {
            applied.extend(proposed.into_iter().map(|(id, fix)| ((id, fix.field), fix)));
            let mut fixed = self.build();
            for ((id, _), fix) in &applied {
                fixed.set_field(*id, fix.field, fix.value.clone());
            }
            let again = Judgement::of_policies(&fixed, &self.options, &is_it);
            let report = again.report(&self.options);
            let verdict = self.verdict(&again, &report, wanted, subjects);
            proposed = propose(&again);
            if verdict.is_ok() || proposed.is_empty() {
                self.note(&again, claim, &self.alone(subjects), judged);
                return verdict.map_err(Unmet::after_fix);
            }
        }
        Err(Unmet::new(format!(
            "the fixes of {} lead from one to the next without end",
            short(&claim.policy)
        )))
    }
}
