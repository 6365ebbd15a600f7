use serde_json::{Map, Value, json};

use super::super::words::{not_known, read, remedy};
use super::location::Locations;
use super::properties;
use super::rule::level;
use crate::report::{Finding, Verdict, fingerprint};

/// One finding. `rule` is the position of its policy among the rules.
pub(super) fn result(
    finding: &Finding,
    rule: Option<usize>,
    has_baseline: bool,
    locations: &Locations<'_>,
) -> Value {
    let mut result = Map::new();
    let mut set = |name: &str, value: Value| result.insert(name.to_owned(), value);
    let (kind, level) = match finding.verdict {
        Verdict::Fail | Verdict::Excepted => ("fail", level(finding.mode, finding.severity)),
        Verdict::Unknown => ("open", "none"),
        Verdict::Pass => ("pass", "none"),
        Verdict::NotApplicable => ("notApplicable", "none"),
    };
    let first = finding.location.as_ref();
    let location = first.and_then(|place| locations.of(place));
    let named = first.map_or("", |place| place.file.as_str());
    set("ruleId", json!(finding.policy));
    if let Some(rule) = rule {
        set("ruleIndex", json!(rule));
    }
    set("kind", json!(kind));
    set("level", json!(level));
    set(
        "message",
        json!({ "text": message(finding, &locations.naming(&finding.message, &location, named)) }),
    );
    set("locations", json!([with_resource(location, finding)]));
    let related = related(finding, locations);
    if !related.is_empty() {
        set("relatedLocations", json!(related));
    }
    set("partialFingerprints", json!({ "iomFinding/v1": fingerprint(finding) }));
    if has_baseline && matches!(finding.verdict, Verdict::Fail | Verdict::Unknown) {
        set("baselineState", json!(if finding.known { "unchanged" } else { "new" }));
    }
    if let Some(suppression) = suppression(finding, locations) {
        set("suppressions", json!([suppression]));
    }
    set("properties", properties(finding));
    Value::Object(result)
}

/// The message, with what would put it right.
fn message(finding: &Finding, message: &str) -> String {
    match remedy(finding) {
        Some(remedy) => format!("{message}\n\nTo do: {remedy}"),
        None => message.to_owned(),
    }
}

fn with_resource(location: Option<Value>, finding: &Finding) -> Value {
    let mut location = location.unwrap_or_else(|| json!({}));
    let address = &finding.resource.address;
    location["logicalLocations"] = json!([{ "fullyQualifiedName": address, "kind": "resource" }]);
    location
}

/// Values that were read, partners of a join and further rows that fail, where they have a place.
fn related(finding: &Finding, locations: &Locations<'_>) -> Vec<Value> {
    let values = finding.facts.iter().map(|fact| (read(fact), &fact.location));
    let unknown = finding.unknown.iter().map(|one| (not_known(one), &one.location));
    let partners = finding
        .related
        .iter()
        .map(|one| (format!("together with {} ({})", one.address, one.kind), &one.location));
    let rows = finding.witnesses.iter().map(|row| (row.message.to_string(), &row.location));
    let all = values.chain(unknown).chain(partners).chain(rows);
    let mut related: Vec<Value> = Vec::new();
    for (text, place) in all {
        let Some(mut location) = place.as_ref().and_then(|place| locations.of(place)) else { continue };
        location["id"] = related.len().into();
        location["message"] = json!({ "text": text });
        related.push(location);
    }
    related
}

fn suppression(finding: &Finding, locations: &Locations<'_>) -> Option<Value> {
    let exception = finding.exception.as_ref().filter(|_| finding.verdict == Verdict::Excepted)?;
    let approved = match exception.approved_by.as_slice() {
        [] => String::new(),
        names => format!(", approved by {}", names.join(", ")),
    };
    let mut suppression = json!({
        "kind": "external",
        "status": "accepted",
        "justification": format!(
            "{}: {} (until {}{approved})",
            exception.name, exception.reason, exception.expires
        ),
    });
    if let Some(location) = exception.location.as_ref().and_then(|place| locations.of(place)) {
        suppression["location"] = location;
    }
    Some(suppression)
}
