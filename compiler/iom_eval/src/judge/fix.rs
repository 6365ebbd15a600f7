use iom_state::tape::Symbol;

use super::row::{ClauseState, RowJudge, RowVisitor};
use super::run::Judgement;
use super::subject::Subject;
use crate::evaluate::Evaluator;
use crate::program::{ClauseCode, Code};
use crate::value::{Causes, ElementId, Truth, Value};

/// A field of a subject that would satisfy a clause.
#[derive(Clone, Debug)]
pub struct SubjectFix {
    pub field: Symbol,
    pub value: Value,
}

/// Listens to the rows of one subject for what failing clauses propose.
struct Proposals<'l> {
    label: Option<&'l str>,
    clauses: Vec<(u32, Option<smol_str::SmolStr>)>,
    found: Vec<SubjectFix>,
}

impl RowVisitor for Proposals<'_> {
    fn row(&mut self, judge: &mut RowJudge<'_, '_>, clause: &ClauseCode, _: Truth, _: ClauseState) {
        let label = self
            .clauses
            .iter()
            .find(|(one, _)| *one == clause.clause)
            .and_then(|(_, label)| label.as_deref());
        if self.label.is_some() && self.label != label {
            return;
        }
        for (field, code) in &clause.fix {
            let value = judge.evaluator.raw(code);
            let field = judge.evaluator.program.fields[field.index()].name;
            self.found.push(SubjectFix { field, value });
        }
    }

    fn open(&mut self, _: &mut RowJudge<'_, '_>, _: &Code, _: &[u32], _: Causes) {}
}

impl Judgement<'_> {
    /// What the clauses of a policy that a subject does not pass propose.
    pub fn fixes(&self, policy: &str, label: Option<&str>, subject: ElementId) -> Vec<SubjectFix> {
        let estate = self.estate;
        let kind = estate.element(subject).kind;
        let mut found = Vec::new();
        for code in self.meant(policy) {
            let clauses = code.clauses.iter().map(|clause| (clause.clause, clause.label.clone())).collect();
            let mut proposals = Proposals { label, clauses, found: Vec::new() };
            let about_it = |rule: &&crate::program::RuleCode| rule.by.is_none() && rule.population.has(kind);
            for rule in code.rules.iter().filter(about_it) {
                let mut evaluator = Evaluator::new(estate, estate.layer_of(subject));
                let subject = Subject::Element(subject);
                RowJudge::new(&mut evaluator, code).subject(rule, &subject, &mut proposals);
            }
            found.extend(proposals.found);
        }
        found
    }
}
