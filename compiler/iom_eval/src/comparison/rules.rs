//! Rules that both estates are judged by, and not in the same way.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use iom_model::{Model, Policy, Severity};
use smol_str::SmolStr;

use super::{Conflict, ConflictSort, Difference, Holder, Side};
use crate::judge::{CurrentMode, DefaultMode};
use crate::report::FindingMode;

/// What one estate makes of a policy.
struct Applied<'m> {
    policy: &'m Policy,
    /// `None`: it is off.
    mode: Option<FindingMode>,
}

/// The policies that judge both estates, where one judges otherwise than the other. Modes are those of an instant, in seconds
/// since 1970.
pub fn rules(a: &Model, b: &Model, at: i64) -> Vec<Conflict> {
    let (a, b) = (applied(a, at), applied(b, at));
    a.iter().filter_map(|(name, of_a)| conflict(name, of_a, b.get(name)?)).collect()
}

/// The policies that judge, by the names of their declarations.
fn applied(model: &Model, at: i64) -> BTreeMap<&SmolStr, Vec<Applied<'_>>> {
    let mut all: BTreeMap<&SmolStr, Vec<Applied<'_>>> = BTreeMap::new();
    for policy in model.policies.values().filter(|policy| policy.is_applied) {
        let mode = CurrentMode::of(policy, DefaultMode::Enforce, at).map(|current| current.mode);
        all.entry(&policy.declared).or_default().push(Applied { policy, mode });
    }
    all
}

fn conflict(name: &str, a: &[Applied<'_>], b: &[Applied<'_>]) -> Option<Conflict> {
    let mut differences = Vec::new();
    let mut orders = Vec::new();
    let mut differ = |field: &str, a: String, b: String, order: Option<Ordering>| {
        if a != b {
            differences.push(Difference { field: field.into(), a, b });
            orders.push(order);
        }
    };
    if let ([of_a], [of_b]) = (a, b) {
        let order = strictness(of_a.mode).cmp(&strictness(of_b.mode));
        differ("mode", mode_text(of_a.mode), mode_text(of_b.mode), Some(order));
        let severity = |one: &Applied<'_>| severity_text(one.policy.severity).to_owned();
        let order = of_a.policy.severity.cmp(&of_b.policy.severity);
        differ("severity", severity(of_a), severity(of_b), Some(order));
        let longest = |one: &Applied<'_>| one.policy.max_exception;
        let text = |one: &Applied<'_>| {
            longest(one).map_or_else(|| "nothing".to_owned(), |longest| longest.to_string())
        };
        // Who says nothing lets exceptions be as long as they like.
        let span = |one: &Applied<'_>| longest(one).map_or(i128::MAX, |longest| longest.comparable());
        differ("max_exception", text(of_a), text(of_b), Some(span(of_b).cmp(&span(of_a))));
        let arguments = |one: &Applied<'_>| one.policy.arguments.as_deref().unwrap_or("nothing").to_owned();
        differ("parameters", arguments(of_a), arguments(of_b), None);
    } else {
        let all = |applied: &[Applied<'_>]| {
            let one = |one: &Applied<'_>| {
                let arguments = one.policy.arguments.as_deref().unwrap_or_default();
                format!("{}({arguments})", mode_text(one.mode))
            };
            applied.iter().map(one).collect::<Vec<_>>().join(", ")
        };
        differ("applied", all(a), all(b), None);
    }
    if differences.is_empty() {
        return None;
    }
    let is = |wanted: Ordering| orders.iter().all(|order| *order == Some(wanted));
    let stricter = match () {
        () if is(Ordering::Greater) => Some(Side::A),
        () if is(Ordering::Less) => Some(Side::B),
        () => None,
    };
    let holders = |applied: &[Applied<'_>]| applied.iter().map(|one| holder(one.policy)).collect();
    Some(Conflict {
        a: holders(a),
        b: holders(b),
        differences,
        stricter,
        ..Conflict::new(ConflictSort::Rule, name.to_owned(), Some("policy".into()))
    })
}

/// A policy by the place that says how it is applied.
fn holder(policy: &Policy) -> Holder {
    Holder::declared(&policy.declared, policy.application.as_ref().unwrap_or(&policy.location))
}

fn strictness(mode: Option<FindingMode>) -> u8 {
    match mode {
        None => 0,
        Some(FindingMode::Advise) => 1,
        Some(FindingMode::Escalate) => 2,
        Some(FindingMode::Enforce) => 3,
    }
}

fn mode_text(mode: Option<FindingMode>) -> String {
    match mode {
        None => "off",
        Some(FindingMode::Advise) => "advise",
        Some(FindingMode::Escalate) => "escalate",
        Some(FindingMode::Enforce) => "enforce",
    }
    .to_owned()
}

fn severity_text(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "info",
        Severity::Low => "low",
        Severity::Medium => "medium",
        Severity::High => "high",
        Severity::Critical => "critical",
    }
}
