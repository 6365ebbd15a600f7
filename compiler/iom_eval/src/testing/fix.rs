//! `expect after fix`: what a policy proposes is done, and judged.

use std::collections::BTreeMap;

use iom_model::QualifiedName;
use iom_state::tape::Symbol;

use super::JudgedClause;
use super::run::TestRun;
use super::unmet::{Unmet, short};
use super::verdict::Wanted;
use crate::evaluate::Evaluator;
use crate::judge::{Judgement, SubjectFix};
use crate::value::{ElementId, Value};

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
            proposed(judgement, subjects.iter().map(|id| judgement.fixes(&claim.policy, label, *id)))
        };
        let is_it = |name: &QualifiedName| self.is_meant(&claim.policy, name);
        let mut proposed = propose(judgement);
        if proposed.is_empty() {
            return Err(Unmet::new(format!("{} proposes no fix here", short(&claim.policy))));
        }
        let mut applied = Settings::new();
        for _ in 0..MAX_FIXES {
            applied.append(&mut proposed);
            let mut fixed = self.build();
            for ((id, field), value) in &applied {
                fixed.set_field(*id, *field, value.clone());
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

/// What fields become.
type Settings = BTreeMap<(ElementId, Symbol), Value>;

fn proposed(judgement: &Judgement<'_>, fixes: impl Iterator<Item = Vec<SubjectFix>>) -> Settings {
    let estate = judgement.estate;
    let mut settings = Settings::new();
    for fix in fixes.flatten() {
        let kind = estate.program.kind(estate.element(fix.subject).kind);
        let Some((field, position)) =
            fix.field().and_then(|field| Some((field, kind.field_position(field)?)))
        else {
            continue;
        };
        let mut evaluator = Evaluator::new(estate, estate.layer_of(fix.subject));
        let before = settings.remove(&(fix.subject, field));
        let before = before.unwrap_or_else(|| evaluator.field(fix.subject, position));
        settings.insert((fix.subject, field), fix.applied_to(&mut evaluator, before));
    }
    settings
}
