//! What several forms of the report say in the same words.

use serde_json::Value;

use crate::report::{Fact, Finding, UnknownValue, Verdict};

/// `encryption is absent`, `acl = "public-read"`
pub(super) fn read(fact: &Fact) -> String {
    match (&fact.unknown, &fact.value) {
        (Some(cause), _) => format!("{} is not known: {cause}", fact.path),
        (None, Value::Null) => format!("{} is absent", fact.path),
        (None, value) => format!("{} = {value}", fact.path),
    }
}

pub(super) fn not_known(value: &UnknownValue) -> String {
    match value.path.as_str() {
        "" => format!("not all is known: {}", value.cause),
        path => format!("{path} is not known: {}", value.cause),
    }
}

/// What to set where the finding says it, on one line.
pub(super) fn remedy(finding: &Finding) -> Option<String> {
    let is_fault = matches!(finding.verdict, Verdict::Fail | Verdict::Unknown);
    let fix = finding.fix.as_ref().filter(|_| is_fault)?;
    Some(fix.source.split_whitespace().collect::<Vec<_>>().join(" "))
}
