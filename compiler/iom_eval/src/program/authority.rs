use iom_model::QualifiedName;

use super::{Code, Over, SelectionCode};

/// A compiled authority; what is no code stays in the model.
#[derive(Debug)]
pub struct AuthorityCode {
    pub name: QualifiedName,
    pub rules: Vec<AuthorityRuleCode>,
    /// By number.
    pub clauses: Vec<iom_model::AuthorityClause>,
}

#[derive(Debug)]
pub struct AuthorityRuleCode {
    pub subject: u32,
    pub filter: Option<Code>,
    pub steps: Vec<AuthorityStepCode>,
    pub locals: u32,
}

#[derive(Debug)]
pub enum AuthorityStepCode {
    Let {
        local: u32,
        value: Code,
    },
    For {
        over: Over,
        steps: Vec<AuthorityStepCode>,
        /// Numbers of the clauses inside.
        clauses: Vec<u32>,
    },
    Clause(Box<AuthorityClauseCode>),
}

#[derive(Debug)]
pub struct AuthorityClauseCode {
    pub number: u32,
    /// Whom an escalation goes to.
    pub to: Option<Code>,
    pub when: Option<Code>,
    pub message: Option<Code>,
}

/// A compiled break-glass.
#[derive(Debug)]
pub struct BreakGlassCode {
    pub name: QualifiedName,
    pub scope: SelectionCode,
}
