//! Which policies a run judges by: `--only`, `--min-severity`, `--stage`, and the file or folder that was named.

use std::collections::BTreeSet;

use iom_model::scalar::Glob;
use iom_model::{Model, Policy, QualifiedName, Rule, Severity, Step};
use smol_str::SmolStr;

use crate::exit::Failure;

/// What the command line asks for; empty asks for everything.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// `--only`
    pub patterns: Vec<String>,
    pub min_severity: Option<Severity>,
    /// `--stage`
    pub stage: Option<&'static str>,
    /// A file or folder of the workspace.
    pub focus: Option<String>,
}

/// The policies to judge by; `None` for all of them.
pub type Selected = Option<BTreeSet<QualifiedName>>;

/// Picks the policies. A pattern that matches nothing is a failure: a run that silently judged nothing would look clean.
pub fn select(model: &Model, wanted: &Wanted) -> Result<Selected, Failure> {
    let mut patterns: Vec<(&String, Glob, bool)> =
        wanted.patterns.iter().map(|pattern| (pattern, Glob::nocase(pattern), false)).collect();
    let mut selected = BTreeSet::new();
    for (name, policy) in &model.policies {
        let mut is_named = patterns.is_empty();
        let names = names(policy);
        for (_, glob, has_matched) in &mut patterns {
            if names.iter().any(|name| glob.matches(name)) {
                *has_matched = true;
                is_named = true;
            }
        }
        if is_named && is_wanted(policy, wanted) {
            selected.insert(name.clone());
        }
    }
    if let Some((pattern, ..)) = patterns.iter().find(|(.., has_matched)| !has_matched) {
        return Err(Failure::new(format!("no policy matches \"{pattern}\""))
            .help("--only takes policy names, covered controls (nist.SC-28) and aliases (CKV_AWS_20), `*` for anything"));
    }
    let is_everything = selected.len() == model.policies.len();
    Ok((!is_everything).then_some(selected))
}

fn is_wanted(policy: &Policy, wanted: &Wanted) -> bool {
    wanted.min_severity.is_none_or(|least| policy.severity >= least)
        && wanted
            .stage
            .is_none_or(|stage| policy.stages.is_empty() || policy.stages.iter().any(|own| own == stage))
        && wanted.focus.as_deref().is_none_or(|focus| is_inside(&policy.location.file, focus))
}

/// Whether a path is the file, or in the folder, that was named.
pub fn is_inside(path: &str, focus: &str) -> bool {
    path.strip_prefix(focus).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Everything a policy, or a part of it, can be called by.
fn names(policy: &Policy) -> Vec<SmolStr> {
    let mut names = own_names(policy);
    for Rule { aliases, steps, .. } in &policy.rules {
        names.extend(aliases.iter().cloned());
        step_names(steps, &mut names);
    }
    names
}

/// What means the policy as a whole.
fn own_names(policy: &Policy) -> Vec<SmolStr> {
    let mut names = vec![policy.name.clone()];
    names.extend(policy.name.rsplit('.').next().map(SmolStr::new));
    for control in &policy.covers {
        names.push(SmolStr::from(control.to_string()));
        names.push(control.control.clone());
        names.push(SmolStr::from(format!("{}.{}", control.catalog, control.control)));
    }
    names.extend(policy.aliases.iter().cloned());
    names.extend(policy.kind_aliases.iter().flat_map(|(_, aliases)| aliases.iter().cloned()));
    names
}

/// Leaves out the blocks of policies that `--only` does not mean: a pattern that names one block of a policy, and not the
/// policy, is about that block.
pub fn narrow(model: &mut Model, patterns: &[String]) {
    let globs: Vec<Glob> = patterns.iter().map(|pattern| Glob::nocase(pattern)).collect();
    let is_meant = |names: &[SmolStr]| names.iter().any(|name| globs.iter().any(|glob| glob.matches(name)));
    for policy in model.policies.values_mut().filter(|_| !patterns.is_empty()) {
        if is_meant(&own_names(policy)) {
            continue;
        }
        let is_block_meant = |rule: &Rule| {
            let mut names = rule.aliases.to_vec();
            step_names(&rule.steps, &mut names);
            is_meant(&names)
        };
        // Where no block is meant the policy is not selected, and its blocks do not matter.
        if policy.rules.iter().any(is_block_meant) {
            policy.rules.retain(is_block_meant);
        }
    }
}

/// The aliases of blocks and clauses.
fn step_names(steps: &[Step], names: &mut Vec<SmolStr>) {
    for step in steps {
        match step {
            Step::Let { .. } => {}
            Step::For { aliases, steps, .. } => {
                names.extend(aliases.iter().cloned());
                step_names(steps, names);
            }
            Step::Require(require) => names.extend(require.aliases.iter().cloned()),
        }
    }
}
