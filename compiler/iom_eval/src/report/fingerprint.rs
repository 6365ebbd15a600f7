use super::{Finding, UnknownValue};

/// What a finding is recognised by in another run: the clause, the resource with its layer, and the values that made the
/// verdict. Where things stand in their files does not count, nor does what the message says about them. Lower-case hex of a
/// SHA-256. Two parts of a resource with equal values have the same one.
pub fn fingerprint(finding: &Finding) -> String {
    let mut text = Vec::new();
    let mut add = |part: &str| {
        // No part can be read as the end of one and the start of the next.
        text.extend_from_slice(&(part.len() as u64).to_le_bytes());
        text.extend_from_slice(part.as_bytes());
    };
    add(&finding.policy);
    add(finding.arguments.as_deref().unwrap_or_default());
    add(finding.label.as_deref().unwrap_or_default());
    add(&finding.resource.address);
    add(finding.resource.layer.name());
    for fact in &finding.facts {
        add(&fact.path);
        add(&fact.value.to_string());
        add(fact.unknown.as_deref().unwrap_or_default());
    }
    for UnknownValue { path, cause, .. } in &finding.unknown {
        add(path);
        add(cause);
    }
    iom_state::sha256(&text)
}
