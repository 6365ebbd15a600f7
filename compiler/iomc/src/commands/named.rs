//! Policies and resources as people name them on the command line.

use std::collections::BTreeSet;

use iom_diagnostics::nearest;
use iom_model::{Model, Policy, QualifiedName};

use crate::exit::Failure;

/// A policy by its qualified name, the end of it where only one ends so, or an alias of it: all its applications, where it has
/// parameters.
pub fn policies(model: &Model, subject: &str) -> BTreeSet<QualifiedName> {
    let all = || model.policies.values();
    if let Some(policy) = model.policies.get(subject) {
        return [policy.name.clone()].into();
    }
    let ends = |name: &str| {
        name.strip_suffix(subject).is_some_and(|before| before.is_empty() || before.ends_with('.'))
    };
    let ending: BTreeSet<&QualifiedName> =
        all().map(|policy| &policy.declared).filter(|name| ends(name)).collect();
    let has_alias = |policy: &&Policy| policy.aliases.iter().any(|alias| alias.eq_ignore_ascii_case(subject));
    let declared = match ending.first() {
        Some(name) if ending.len() == 1 => Some(*name),
        _ => all().find(has_alias).map(|policy| &policy.declared),
    };
    all()
        .filter(|policy| declared.is_some_and(|name| *name == policy.declared))
        .map(|policy| policy.name.clone())
        .collect()
}

pub fn no_policy(model: &Model, subject: &str) -> Failure {
    let short = |name: &QualifiedName| name.rsplit('.').next().unwrap_or(name).to_owned();
    let names: Vec<String> = model.policies.keys().flat_map(|name| [name.to_string(), short(name)]).collect();
    let failure = Failure::new(format!("there is no policy `{subject}`"));
    match nearest(subject, names.iter().map(String::as_str)) {
        Some(near) => failure.help(format!("did you mean `{near}`?")),
        None => failure.help("policies are named as in findings: security.storage.encrypted_at_rest"),
    }
}

pub fn no_resource(resource: &str, addresses: &[String]) -> Failure {
    let failure = Failure::new(format!("there is no resource `{resource}` that this policy could be about"));
    match nearest(resource, addresses.iter().map(String::as_str)) {
        Some(near) => failure.help(format!("did you mean `{near}`?")),
        None => failure.help("resources are named as in findings; --state says which state to look at"),
    }
}
