//! What several forms of the report say in the same words.

use std::fmt::{self, Display, Formatter};

use serde_json::Value;

use crate::report::{Fact, Finding, SourceChange, UnknownValue, Verdict};

/// Changes listed for one finding.
const MOST_CHANGES: usize = 4;

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

/// What would mend something: `set versioning: true`, `write versioning { enabled = true }`.
pub(super) struct Remedy {
    pub verb: &'static str,
    pub what: String,
}

impl Display for Remedy {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.verb, self.what)
    }
}

/// What to change where the finding says it, on one line: in the source's own words where they are known.
pub(super) fn remedy(finding: &Finding) -> Option<Remedy> {
    let is_fault = matches!(finding.verdict, Verdict::Fail | Verdict::Unknown);
    let fix = finding.fix.as_ref().filter(|_| is_fault)?;
    let changes = || fix.sets.iter().flat_map(|set| &set.changes);
    let (verb, mut parts): (_, Vec<String>) = if fix.sets.is_empty() {
        ("set", vec![fix.source.split_whitespace().collect::<Vec<_>>().join(" ")])
    } else if fix.sets.iter().any(|set| set.changes.is_empty()) {
        ("set", fix.sets.iter().map(|set| format!("{}: {}", set.path, set.value)).collect())
    } else {
        let in_words = |change: &SourceChange| match &change.of {
            Some(other) => format!("{} in its {other}", change.text),
            None => change.text.to_string(),
        };
        ("write", changes().map(in_words).collect())
    };
    if parts.len() > MOST_CHANGES {
        let more = parts.len() - MOST_CHANGES;
        parts.truncate(MOST_CHANGES);
        parts.push(format!("and {more} more"));
    }
    Some(Remedy { verb, what: parts.join(", ") })
}
