use std::collections::BTreeMap;

use iom_model::{AuthorityStep, Location, Model, QualifiedName, Require, Step};
use serde::Serialize;
use smol_str::SmolStr;

use super::TestOutcome;
use crate::report::Verdict;

/// Which clauses the tests judged, and how they came out.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Coverage {
    /// In order of files and lines.
    pub policies: Vec<PolicyCoverage>,
}

#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct PolicyCoverage {
    pub policy: QualifiedName,
    /// `policy`, or `authority`: there a clause passes where it does not apply.
    pub form: &'static str,
    pub location: Location,
    /// Tests that judge any of its clauses.
    pub tests: u32,
    pub clauses: Vec<ClauseCoverage>,
}

/// Counts of tests in which the clause came out so for some subject.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct ClauseCoverage {
    pub label: Option<SmolStr>,
    /// The condition as written.
    pub source: SmolStr,
    pub location: Location,
    pub pass: u32,
    pub fail: u32,
    pub unknown: u32,
}

impl ClauseCoverage {
    pub fn is_judged(&self) -> bool {
        self.pass + self.fail + self.unknown > 0
    }

    /// Some test saw it hold and some test saw it not hold.
    pub fn is_covered(&self) -> bool {
        self.pass > 0 && self.fail > 0
    }
}

impl Coverage {
    /// Over the policies whose place is taken.
    pub fn of(model: &Model, outcomes: &[TestOutcome], is_wanted: &dyn Fn(&Location) -> bool) -> Coverage {
        let counts = Counts::of(outcomes);
        let mut policies = Vec::new();
        for policy in model.policies.values().filter(|policy| is_wanted(&policy.location)) {
            let mut clauses = Vec::new();
            policy.rules.iter().for_each(|rule| clauses_in(&rule.steps, &mut clauses));
            let seen = clauses.into_iter().map(|one| (&one.label, one.clause, &one.source, &one.location));
            let clauses = seen.map(|clause| counts.clause(&policy.name, clause)).collect();
            policies.push(PolicyCoverage {
                policy: policy.name.clone(),
                form: "policy",
                location: policy.location.clone(),
                tests: counts.tests.get(&policy.name).copied().unwrap_or(0),
                clauses,
            });
        }
        for authority in model.authorities.values().filter(|one| is_wanted(&one.location)) {
            let mut clauses = Vec::new();
            for rule in &authority.rules {
                AuthorityStep::for_each_clause(&rule.steps, &mut |clause| {
                    let seen = (&None, clause.number, &clause.source, &clause.location);
                    clauses.push(counts.clause(&authority.name, seen));
                });
            }
            policies.push(PolicyCoverage {
                policy: authority.name.clone(),
                form: "authority",
                location: authority.location.clone(),
                tests: counts.tests.get(&authority.name).copied().unwrap_or(0),
                clauses,
            });
        }
        policies.sort_by(|left, right| {
            let key = |one: &PolicyCoverage| (one.location.file.clone(), one.location.line);
            key(left).cmp(&key(right))
        });
        Coverage { policies }
    }

    pub fn clauses(&self) -> impl Iterator<Item = (&PolicyCoverage, &ClauseCoverage)> {
        self.policies.iter().flat_map(|policy| policy.clauses.iter().map(move |clause| (policy, clause)))
    }
}

/// Label, number, condition and place of a clause.
type Clause<'m> = (&'m Option<SmolStr>, u32, &'m SmolStr, &'m Location);

/// Tests by what they judged.
#[derive(Default)]
struct Counts {
    clauses: BTreeMap<(QualifiedName, u32, Verdict), u32>,
    tests: BTreeMap<QualifiedName, u32>,
}

impl Counts {
    fn of(outcomes: &[TestOutcome]) -> Counts {
        let mut counts = Counts::default();
        for outcome in outcomes {
            let mut last = None;
            for judged in &outcome.judged {
                let key = (judged.policy.clone(), judged.clause, judged.verdict);
                *counts.clauses.entry(key).or_default() += 1;
                if last != Some(&judged.policy) {
                    *counts.tests.entry(judged.policy.clone()).or_default() += 1;
                    last = Some(&judged.policy);
                }
            }
        }
        counts
    }

    fn clause(
        &self,
        policy: &QualifiedName,
        (label, number, source, location): Clause<'_>,
    ) -> ClauseCoverage {
        let count = |verdict| self.clauses.get(&(policy.clone(), number, verdict)).copied().unwrap_or(0);
        ClauseCoverage {
            label: label.clone(),
            source: source.clone(),
            location: location.clone(),
            pass: count(Verdict::Pass),
            fail: count(Verdict::Fail),
            unknown: count(Verdict::Unknown),
        }
    }
}

fn clauses_in<'m>(steps: &'m [Step], found: &mut Vec<&'m Require>) {
    for step in steps {
        match step {
            Step::Let { .. } => {}
            Step::For { steps, .. } => clauses_in(steps, found),
            Step::Require(require) => found.push(require),
        }
    }
}
