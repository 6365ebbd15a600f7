use iom_model::{AuthorityStep, Right};

use super::authority::{
    AuthorityClauseCode, AuthorityCode, AuthorityRuleCode, AuthorityStepCode, BreakGlassCode,
};
use super::compile::Compiler;

impl Compiler<'_> {
    pub(super) fn authorities(&mut self) -> Vec<AuthorityCode> {
        let model = self.model;
        let mut compiled = Vec::with_capacity(model.authorities.len());
        for authority in model.authorities.values() {
            let mut clauses = Vec::new();
            for rule in &authority.rules {
                AuthorityStep::for_each_clause(&rule.steps, &mut |clause| clauses.push(clause.clone()));
            }
            let rules = authority.rules.iter().map(|rule| AuthorityRuleCode {
                subject: rule.subject.0,
                filter: rule.filter.as_ref().map(|filter| self.expr(filter)),
                steps: self.authority_steps(&rule.steps),
                locals: rule.locals,
            });
            compiled.push(AuthorityCode { name: authority.name.clone(), rules: rules.collect(), clauses });
        }
        compiled
    }

    fn authority_steps(&mut self, steps: &[AuthorityStep]) -> Vec<AuthorityStepCode> {
        let mut compiled = Vec::with_capacity(steps.len());
        for step in steps {
            compiled.push(match step {
                AuthorityStep::Let { local, value } => {
                    AuthorityStepCode::Let { local: local.0, value: self.expr(value) }
                }
                AuthorityStep::For { binder, steps } => {
                    let mut clauses = Vec::new();
                    AuthorityStep::for_each_clause(steps, &mut |clause| clauses.push(clause.number));
                    let over = self.over(binder, None);
                    AuthorityStepCode::For { over, steps: self.authority_steps(steps), clauses }
                }
                AuthorityStep::Clause(clause) => {
                    let to = match &clause.right {
                        Right::Escalate(to) => Some(self.expr(to)),
                        Right::Allow | Right::Deny => None,
                    };
                    AuthorityStepCode::Clause(Box::new(AuthorityClauseCode {
                        number: clause.number,
                        to,
                        when: clause.when.as_ref().map(|when| self.expr(when)),
                        message: clause.message.as_ref().map(|message| self.expr(message)),
                    }))
                }
            });
        }
        compiled
    }

    pub(super) fn break_glass(&mut self) -> Vec<BreakGlassCode> {
        let model = self.model;
        let windows = model.break_glass.values();
        windows
            .map(|window| BreakGlassCode {
                name: window.name.clone(),
                scope: self.selection_of(&window.scope, Compiler::kinds_meant),
            })
            .collect()
    }
}
