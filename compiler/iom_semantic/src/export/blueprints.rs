use std::collections::BTreeSet;

use iom_model::{Model, QualifiedName, ResourceDeclaration};

/// The clauses of a blueprint are judged as a policy where something is made from it.
pub(super) fn judge_instances(model: &mut Model) {
    let mut used: BTreeSet<QualifiedName> = BTreeSet::new();
    let given = model.tests.iter().flat_map(|test| &test.given);
    let mut pending: Vec<QualifiedName> =
        model.resources.values().chain(given).filter_map(made_from).collect();
    while let Some(name) = pending.pop() {
        if let Some(blueprint) = model.blueprints.get(&name)
            && used.insert(name)
        {
            pending.extend(blueprint.parts.iter().filter_map(|part| made_from(&part.declaration)));
        }
    }
    for name in used {
        if let Some(policy) = model.blueprints.get(&name).and_then(|blueprint| blueprint.policy()) {
            model.policies.insert(name, policy);
        }
    }
    model.policies.sort_keys();
}

fn made_from(resource: &ResourceDeclaration) -> Option<QualifiedName> {
    Some(resource.instance.as_ref()?.blueprint.clone())
}
