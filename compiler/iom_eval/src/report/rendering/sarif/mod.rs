//! SARIF 2.1.0 ([OASIS standard](https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html)), the form that code
//! scanning services and editors read. A policy is a rule; a finding is a result at the place where a person would change it.
//!
//! What is unknown is a result of the kind `open`: the tool could not decide. What an exception excuses is suppressed with
//! its reason, and what a baseline lists is `unchanged`.

mod location;
mod result;
mod rule;

use std::collections::HashMap;
use std::io::{Result, Write};

use iom_diagnostics::Severity as Level;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use super::excerpt::StateTexts;
use super::plain::one_line;
use super::rooted::RootedPaths;
use super::word_of;
use crate::report::{Report, ReportDiagnostic};
use location::Locations;

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// Writes the report as one SARIF log, ending in a line break. Files outside of the root are named
/// in texts only.
pub fn sarif(
    report: &Report,
    paths: &dyn RootedPaths,
    texts: &dyn StateTexts,
    mut out: impl Write,
) -> Result<()> {
    let locations = Locations::new(paths, texts);
    let log = Log {
        schema: SCHEMA,
        version: "2.1.0",
        runs: [Run {
            tool: cleaned(json!({ "driver": rule::driver(report) })),
            column_kind: "unicodeCodePoints",
            invocations: [cleaned(json!({
                "executionSuccessful": true,
                "endTimeUtc": report.at,
                "toolExecutionNotifications": notifications(report, &locations),
            }))],
            results: Results { report, locations: &locations },
            properties: json!({
                "decision": report.decision,
                "model": report.model,
                "summary": report.summary,
                "skippedResources": report.sources.iter().map(|source| source.skipped.len()).sum::<usize>(),
            }),
        }],
    };
    serde_json::to_writer_pretty(&mut out, &log)?;
    out.write_all(b"\n")
}

#[derive(Serialize)]
struct Log<'r> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<'r>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'r> {
    tool: Value,
    column_kind: &'static str,
    invocations: [Value; 1],
    results: Results<'r>,
    properties: Value,
}

/// Made one by one while they are written.
struct Results<'r> {
    report: &'r Report,
    locations: &'r Locations<'r>,
}

impl Serialize for Results<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let names = rule::names(self.report).into_iter().enumerate();
        let rules: HashMap<&str, usize> = names.map(|(position, name)| (name, position)).collect();
        let has_baseline = self.report.summary.known.is_some();
        let results = self.report.findings.iter().map(|finding| {
            let rule = rules.get(finding.policy.as_str()).copied();
            cleaned(result::result(finding, rule, has_baseline, self.locations))
        });
        serializer.collect_seq(results)
    }
}

/// What there is to say about the rules and the sources.
fn notifications(report: &Report, locations: &Locations<'_>) -> Vec<Value> {
    report.diagnostics.iter().filter_map(|found| notification(found, locations)).collect()
}

/// The front end's own remarks, too, are about the rules, and are shown by `iomc check`.
fn notification(found: &ReportDiagnostic, locations: &Locations<'_>) -> Option<Value> {
    let ReportDiagnostic::Evaluation(found) = found else { return None };
    let level = match found.severity {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note => "note",
    };
    let place = &found.primary.place;
    let location = locations.at(&place.file, place.line, place.column);
    Some(json!({
        "descriptor": { "id": found.code.to_string() },
        "level": level,
        "message": { "text": locations.naming(&found.message, &location, &place.file) },
        "locations": Vec::from_iter(location),
    }))
}

/// Properties that are shown beside a result.
fn properties(finding: &crate::report::Finding) -> Value {
    let resource = &finding.resource;
    json!({
        "verdict": word_of(&finding.verdict),
        "decision": word_of(&finding.decision),
        "mode": word_of(&finding.mode),
        "severity": word_of(&finding.severity),
        "kind": resource.kind,
        "layer": word_of(&resource.layer),
        "owner": resource.owner,
        "environment": resource.environment,
    })
}

/// Texts come from files that nobody vouches for: nothing in them acts on whoever shows them.
fn cleaned(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(text.split('\n').map(one_line).collect::<Vec<_>>().join("\n")),
        Value::Array(values) => Value::Array(values.into_iter().map(cleaned).collect()),
        Value::Object(fields) => {
            Value::Object(fields.into_iter().map(|(name, value)| (name, cleaned(value))).collect())
        }
        other => other,
    }
}
