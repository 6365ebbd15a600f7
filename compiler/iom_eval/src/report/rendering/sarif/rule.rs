use std::collections::BTreeMap;

use iom_model::Severity;
use serde_json::{Value, json};
use smol_str::SmolStr;

use crate::report::{FindingMode, PolicyResult, Report};

/// Policies that were judged, by name; one that is applied with different parameters is one rule.
pub(super) fn names(report: &Report) -> Vec<&str> {
    by_name(report).into_keys().collect()
}

fn by_name(report: &Report) -> BTreeMap<&str, &PolicyResult> {
    let mut rules = BTreeMap::new();
    for policy in &report.policies {
        rules.entry(policy.policy.as_str()).or_insert(policy);
    }
    rules
}

/// The tool, with all rules.
pub(super) fn driver(report: &Report) -> Value {
    let rules: Vec<Value> = by_name(report).into_values().map(rule).collect();
    json!({
        "name": "iom",
        "fullName": "iom, the infrastructure operating model",
        "semanticVersion": report.tool,
        "rules": rules,
    })
}

fn rule(policy: &PolicyResult) -> Value {
    let title = policy.title.as_deref().unwrap_or(&policy.policy);
    json!({
        "id": policy.policy,
        "shortDescription": { "text": title },
        "help": { "text": help(policy, title) },
        "defaultConfiguration": { "level": level(policy.mode, policy.severity) },
        "properties": {
            "tags": tags(policy),
            "security-severity": score(policy.severity),
            "problem.severity": problem(policy.severity),
        },
    })
}

fn help(policy: &PolicyResult, title: &str) -> String {
    let mut paragraphs = vec![title.to_owned()];
    paragraphs.extend(policy.doc.as_deref().map(|doc| doc.trim().to_owned()));
    let listed =
        |what: &str, names: &[SmolStr]| (!names.is_empty()).then(|| format!("{what}: {}", names.join(", ")));
    paragraphs.extend(listed("Controls", &policy.covers));
    paragraphs.extend(listed("Also known as", &policy.aliases));
    paragraphs.push(format!("iomc explain {} says more.", policy.policy));
    paragraphs.join("\n\n")
}

fn tags(policy: &PolicyResult) -> Vec<&str> {
    let names = policy.covers.iter().chain(policy.aliases.iter()).map(SmolStr::as_str);
    std::iter::once("security").chain(names).collect()
}

/// What a failure leads to; advice is a warning where it is grave.
pub(super) fn level(mode: FindingMode, severity: Severity) -> &'static str {
    match mode {
        FindingMode::Enforce => "error",
        FindingMode::Escalate => "warning",
        FindingMode::Advise if severity >= Severity::Medium => "warning",
        FindingMode::Advise => "note",
    }
}

/// In the middle of the ranges of CVSS, by which services sort and filter.
fn score(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "2.0",
        Severity::Info => "0.0",
    }
}

fn problem(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "recommendation",
    }
}
