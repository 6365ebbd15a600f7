//! Verdicts in words. A report holds no secrets, so nothing made of it does.

use std::fmt::Write as _;

use iom_diagnostics::render::{harmless, one_line};
use iom_eval::report::{Fact, Finding, FindingMode, Verdict};
use smol_str::SmolStr;

/// A value that is longer says less.
const MOST_LETTERS: usize = 80;
const MOST_FACTS: usize = 6;

/// What is said at a resource: the author's advice first.
pub(super) fn finding(finding: &Finding) -> String {
    let mut text = match finding.verdict {
        Verdict::Unknown => unknown(finding),
        _ => harmless(&finding.message).into_owned(),
    };
    if !finding.covers.is_empty() && matches!(finding.verdict, Verdict::Fail | Verdict::Unknown) {
        let _ = write!(text, "\nendangers {}", joined(&finding.covers));
    }
    let facts = facts(finding);
    if !facts.is_empty() {
        let _ = write!(text, "\nread: {}", facts.join(", "));
    }
    if let Some(note) = &finding.note {
        let _ = write!(text, "\n{}", one_line(note));
    }
    text
}

/// What is not known, and why.
fn unknown(finding: &Finding) -> String {
    let causes = finding.unknown.iter().take(MOST_FACTS).map(|one| {
        let cause = one.cause.replace('_', " ");
        if one.path.is_empty() { cause } else { format!("{} ({cause})", one_line(&one.path)) }
    });
    let mut text = harmless(&finding.message).into_owned();
    let causes: Vec<String> = causes.collect();
    if !causes.is_empty() {
        let _ = write!(text, "\nnot known: {}", causes.join(", "));
    }
    text
}

/// The values read, each as `path = value`.
pub(super) fn facts(finding: &Finding) -> Vec<String> {
    let known = finding.facts.iter().filter(|fact| fact.unknown.is_none());
    known.take(MOST_FACTS).map(fact).collect()
}

fn fact(fact: &Fact) -> String {
    let value = match &fact.value {
        serde_json::Value::Null => "absent".to_owned(),
        value => shortened(&one_line(&value.to_string())),
    };
    let layer = fact.layer.map(|layer| format!(" ({})", layer.name())).unwrap_or_default();
    format!("{} = {value}{layer}", one_line(&fact.path))
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(MOST_LETTERS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

pub(super) fn joined(names: &[SmolStr]) -> String {
    names.iter().map(|name| one_line(name)).collect::<Vec<_>>().join(", ")
}

pub(super) fn mode(mode: FindingMode) -> &'static str {
    match mode {
        FindingMode::Enforce => "enforced",
        FindingMode::Escalate => "escalates",
        FindingMode::Advise => "advice",
    }
}

/// `1 resource`, `3 resources`
pub(super) fn counted(number: u64, what: &str) -> String {
    match number {
        1 => format!("1 {what}"),
        _ => format!("{number} {what}s"),
    }
}
