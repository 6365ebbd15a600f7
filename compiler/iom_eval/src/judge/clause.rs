//! What a policy's clauses say about chosen subjects, also where they pass: for tests of the language.

use super::cause;
use super::row::{ClauseState, RowJudge, RowState, RowVisitor, Unseen};
use super::run::{Judgement, is_judged_on};
use super::subject::Subject;
use iom_state::document::Layer;

use crate::evaluate::Evaluator;
use crate::program::{ClauseCode, Code, PolicyCode, RuleCode};
use crate::report::Fact;
use crate::value::{Causes, ElementId};

/// Collects what the clauses read.
struct Facts<'l> {
    label: Option<&'l str>,
    policy: &'l PolicyCode,
    found: Vec<Fact>,
}

impl RowVisitor for Facts<'_> {
    const SEES_PASSES: bool = true;

    fn row(&mut self, judge: &mut RowJudge<'_, '_>, clause: &ClauseCode, row: RowState) {
        let own = self.policy.clauses.iter().find(|one| one.clause == clause.clause);
        if self.label.is_some() && own.and_then(|own| own.label.as_deref()) != self.label {
            return;
        }
        for fact in cause::of_clause(judge, clause, row).facts {
            if !self.found.iter().any(|known| known.path == fact.path) {
                self.found.push(fact);
            }
        }
    }

    fn open(&mut self, _: &mut RowJudge<'_, '_>, _: &Code, _: &[u32], _: Causes) {}
}

impl Judgement<'_> {
    fn code(&self, policy: &str) -> Option<&PolicyCode> {
        self.estate.program.policies.iter().find(|code| code.name == policy)
    }

    /// What became of each clause that was judged for a subject, in order of rules and clauses.
    pub fn clauses_of(&self, policy: &str, subject: &Subject, layer: Layer) -> Vec<(u32, ClauseState)> {
        let estate = self.estate;
        let Some(code) = self.code(policy) else { return Vec::new() };
        let Some(kind) = subject.first().map(|first| estate.element(first).kind) else { return Vec::new() };
        let is_group = matches!(subject, Subject::Group(_));
        let on_layer = estate.program.model.policies.get(policy).is_some_and(|one| is_judged_on(one, layer));
        let mut found = Vec::new();
        let is_about_it = |rule: &&RuleCode| rule.by.is_some() == is_group && rule.population.has(kind);
        for rule in code.rules.iter().filter(|rule| on_layer && is_about_it(rule)) {
            let mut evaluator = Evaluator::new(estate, layer);
            let mut judge = RowJudge::new(&mut evaluator, code);
            if judge.subject(rule, subject, &mut Unseen) {
                let states = judge.states.iter().enumerate();
                let judged = states.filter(|(_, state)| !matches!(state, ClauseState::NotJudged));
                found.extend(judged.map(|(clause, state)| (clause as u32, *state)));
            }
        }
        found
    }

    /// The values that decide a policy for a subject, whatever the verdict is.
    pub fn facts_of(&self, policy: &str, label: Option<&str>, subject: ElementId) -> Vec<Fact> {
        let estate = self.estate;
        let kind = estate.element(subject).kind;
        let mut found = Vec::new();
        for code in self.meant(policy) {
            let mut facts = Facts { label, policy: code, found: Vec::new() };
            let about_it = |rule: &&RuleCode| rule.by.is_none() && rule.population.has(kind);
            for rule in code.rules.iter().filter(about_it) {
                let mut evaluator = Evaluator::new(estate, estate.layer_of(subject));
                let subject = Subject::Element(subject);
                RowJudge::new(&mut evaluator, code).subject(rule, &subject, &mut facts);
            }
            found.extend(facts.found);
        }
        found
    }
}
