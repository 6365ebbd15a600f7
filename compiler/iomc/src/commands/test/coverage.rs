use std::fmt::Write as _;

use iom_diagnostics::render::one_line;
use iom_eval::testing::{ClauseCoverage, Coverage, PolicyCoverage};
use serde_json::{Value, json};

use super::located;

/// Clauses that no test judges, or whose verdict no test sees both ways, with what is missing.
fn missing(coverage: &Coverage) -> impl Iterator<Item = (&PolicyCoverage, &ClauseCoverage, &'static str)> {
    coverage.clauses().filter_map(|(policy, clause)| {
        let missing = match (clause.pass > 0, clause.fail > 0) {
            _ if !clause.is_judged() => "never judged",
            (true, true) => return None,
            (true, false) if policy.form == "authority" => "never applies",
            (false, true) if policy.form == "authority" => "always applies",
            (true, false) => "never fails",
            (false, true) => "never passes",
            (false, false) => "never known",
        };
        Some((policy, clause, missing))
    })
}

struct Totals {
    clauses: usize,
    judged: usize,
    covered: usize,
}

impl Totals {
    fn of(coverage: &Coverage) -> Totals {
        Totals {
            clauses: coverage.clauses().count(),
            judged: coverage.clauses().filter(|(_, clause)| clause.is_judged()).count(),
            covered: coverage.clauses().filter(|(_, clause)| clause.is_covered()).count(),
        }
    }
}

/// A table by policy, and what is missing with its place.
pub fn human(coverage: &Coverage, out: &mut String) {
    let width = coverage.policies.iter().map(|policy| policy.policy.len()).max().unwrap_or(0);
    out.push_str("\nCoverage: clauses that tests saw pass and fail\n");
    // Writing to a string cannot fail.
    for policy in &coverage.policies {
        let covered = policy.clauses.iter().filter(|clause| clause.is_covered()).count();
        let tests = match policy.tests {
            0 => "no test".to_owned(),
            1 => "1 test".to_owned(),
            many => format!("{many} tests"),
        };
        let name = &policy.policy;
        let _ = writeln!(out, "  {name:width$}  {covered} of {}  {tests}", policy.clauses.len());
    }
    let totals = Totals::of(coverage);
    let _ = writeln!(
        out,
        "{} of {} clauses covered, {} judged at all.",
        totals.covered, totals.clauses, totals.judged
    );
    for (policy, clause, what) in missing(coverage) {
        let name = match &clause.label {
            Some(label) => format!("{}.{label}", policy.policy),
            None => format!("{}: {}", policy.policy, one_line(&clause.source)),
        };
        let _ = writeln!(out, "  {}: {what}: {name}", located(&clause.location));
    }
}

pub fn json(coverage: &Coverage) -> Value {
    let totals = Totals::of(coverage);
    let missing: Vec<Value> = missing(coverage)
        .map(|(policy, clause, what)| {
            json!({
                "policy": policy.policy,
                "label": clause.label,
                "location": clause.location,
                "missing": what,
            })
        })
        .collect();
    json!({
        "summary": { "clauses": totals.clauses, "judged": totals.judged, "covered": totals.covered },
        "policies": coverage.policies,
        "missing": missing,
    })
}
