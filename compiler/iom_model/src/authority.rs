use serde::Serialize;
use smol_str::SmolStr;

use crate::{Binder, Duration, Expr, Local, Location, QualifiedName, Selection};

/// Who may do what: judged over changes, beside the policies.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Authority {
    pub name: QualifiedName,
    pub location: Location,
    pub title: Option<String>,
    /// A declared element.
    pub owner: Option<QualifiedName>,
    pub rules: Vec<AuthorityRule>,
}

/// `for change: Change where .. { .. }`
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize)]
pub struct AuthorityRule {
    /// The change's slot.
    pub subject: Local,
    pub filter: Option<Expr>,
    pub steps: Vec<AuthorityStep>,
    /// Slots a frame needs.
    pub locals: u32,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize)]
pub enum AuthorityStep {
    Let { local: Local, value: Expr },
    For { binder: Binder, steps: Vec<AuthorityStep> },
    Clause(AuthorityClause),
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize)]
pub struct AuthorityClause {
    /// Unique inside the authority, in source order.
    pub number: u32,
    pub location: Location,
    pub right: Right,
    /// Absent: always.
    pub when: Option<Expr>,
    pub message: Option<Expr>,
    /// The condition as written; the whole clause where it has none.
    pub source: SmolStr,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Right {
    Allow,
    Deny,
    /// To this person or team.
    Escalate(Expr),
}

/// A window in which an emergency identity may change a part of the estate.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct BreakGlass {
    pub name: QualifiedName,
    pub location: Location,
    pub identity: QualifiedName,
    pub scope: Selection,
    /// Seconds since 1970; open while `opened <= now < until`.
    pub opened: i64,
    pub until: i64,
    pub max: Duration,
    pub reason: String,
    pub reviewer: QualifiedName,
    /// How long after the window the review may take.
    pub due: Duration,
}

impl BreakGlass {
    pub fn is_open(&self, now: i64) -> bool {
        self.opened <= now && now < self.until
    }
}

impl AuthorityStep {
    /// Calls `visit` with every clause, in source order.
    pub fn for_each_clause<'a>(steps: &'a [AuthorityStep], visit: &mut dyn FnMut(&'a AuthorityClause)) {
        for step in steps {
            match step {
                AuthorityStep::Let { .. } => {}
                AuthorityStep::For { steps, .. } => AuthorityStep::for_each_clause(steps, visit),
                AuthorityStep::Clause(clause) => visit(clause),
            }
        }
    }

    /// Calls `visit` with every expression, in source order.
    pub fn for_each_expression<'a>(steps: &'a [AuthorityStep], visit: &mut dyn FnMut(&'a Expr)) {
        for step in steps {
            match step {
                AuthorityStep::Let { value, .. } => visit(value),
                AuthorityStep::For { binder, steps } => {
                    binder.for_each_child(visit);
                    AuthorityStep::for_each_expression(steps, visit);
                }
                AuthorityStep::Clause(clause) => {
                    if let Right::Escalate(to) = &clause.right {
                        visit(to);
                    }
                    clause.when.iter().chain(&clause.message).for_each(&mut *visit);
                }
            }
        }
    }
}
