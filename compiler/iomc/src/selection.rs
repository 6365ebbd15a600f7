//! Which policies a run judges by: `--only`, `--min-severity`, `--stage`, and the file or folder that was named.

use std::collections::BTreeSet;

use iom_model::scalar::Glob;
use iom_model::{Group, Model, Nominal, Policy, QualifiedName, Rule, Severity, Step};
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
    let applied = model.policies.iter().filter(|(_, policy)| policy.is_applied);
    for (name, policy) in applied.clone() {
        let mut is_named = patterns.is_empty();
        let mut names = names(policy);
        names.extend(group_names(model.groups.values(), policy));
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
    let is_everything = selected.len() == applied.count();
    Ok((!is_everything).then_some(selected))
}

fn is_wanted(policy: &Policy, wanted: &Wanted) -> bool {
    wanted.min_severity.is_none_or(|least| policy.severity >= least)
        && wanted
            .stage
            .is_none_or(|stage| policy.stages.is_empty() || policy.stages.iter().any(|own| own == stage))
        && wanted.focus.as_deref().is_none_or(|focus| {
            let places = std::iter::once(&policy.location).chain(&policy.application);
            places.into_iter().any(|place| is_inside(&place.file, focus))
        })
}

/// Whether a path is the file, or in the folder, that was named.
pub fn is_inside(path: &str, focus: &str) -> bool {
    path.strip_prefix(focus).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Everything a policy, or a part of it, can be called by.
fn names(policy: &Policy) -> Vec<SmolStr> {
    let mut names = own_names(policy);
    names.extend(policy.every_alias());
    names
}

/// The groups a policy is in.
fn group_names<'g>(groups: impl Iterator<Item = &'g Group>, policy: &Policy) -> Vec<SmolStr> {
    let groups = groups.filter(|group| group.policies.contains(&policy.declared));
    groups
        .flat_map(|group| {
            let names = [group.name.clone(), short(&group.name)];
            names.into_iter().chain(group.aliases.iter().cloned())
        })
        .collect()
}

fn short(name: &str) -> SmolStr {
    name.rsplit('.').next().unwrap_or(name).into()
}

/// What means the policy as a whole.
fn own_names(policy: &Policy) -> Vec<SmolStr> {
    let mut names = vec![policy.name.clone(), policy.declared.clone()];
    names.push(short(&policy.declared));
    for control in &policy.covers {
        names.push(SmolStr::from(control.to_string()));
        names.push(control.control.clone());
        names.push(SmolStr::from(format!("{}.{}", control.catalog, control.control)));
    }
    names.extend(policy.aliases.iter().cloned());
    names
}

/// Leaves out the parts of policies that `--only` does not mean: a pattern that names clauses or blocks of a policy, or what
/// the policy is called for one kind, and not the policy, is about those alone.
pub fn narrow(model: &mut Model, patterns: &[String]) {
    let meant = Meant { globs: patterns.iter().map(|pattern| Glob::nocase(pattern)).collect() };
    let Model { policies, kinds, groups, .. } = model;
    for policy in policies.values_mut().filter(|_| !patterns.is_empty()) {
        if meant.any(&group_names(groups.values(), policy)) || meant.any(&own_names(policy)) {
            continue;
        }
        let mut rules: Vec<Rule> = policy.rules.iter().filter_map(|rule| meant.part_of(rule)).collect();
        for (kind, _) in policy.kind_aliases.iter().filter(|(_, aliases)| meant.any(aliases)) {
            let is = |rule: &&Rule| match &rule.population {
                Nominal::Kind(own) => own == kind,
                Nominal::Trait(name) => kinds.get(kind).is_some_and(|kind| kind.traits.contains(name)),
            };
            let of_kind = policy.rules.iter().filter(is).cloned();
            // A group is judged whole, of whatever kinds its members are.
            rules.extend(of_kind.map(|rule| match rule.by {
                Some(_) => rule,
                None => Rule { population: Nominal::Kind(kind.clone()), ..rule },
            }));
        }
        // Where nothing is meant the policy is not selected, and its rules do not matter.
        if !rules.is_empty() {
            policy.rules = rules;
        }
    }
}

/// The patterns of `--only`.
struct Meant {
    globs: Vec<Glob>,
}

impl Meant {
    fn any(&self, names: &[SmolStr]) -> bool {
        names.iter().any(|name| self.globs.iter().any(|glob| glob.matches(name)))
    }

    fn part_of(&self, rule: &Rule) -> Option<Rule> {
        if self.any(&rule.aliases) {
            return Some(rule.clone());
        }
        let mut kept = BTreeSet::new();
        self.clauses(&rule.steps, &mut kept);
        let steps = kept_steps(&rule.steps, &kept);
        (!kept.is_empty()).then(|| Rule { steps, ..rule.clone() })
    }

    /// The clauses that are meant, and those they rely on.
    fn clauses(&self, steps: &[Step], kept: &mut BTreeSet<u32>) {
        for step in steps {
            match step {
                Step::Let { .. } => {}
                Step::For { steps, .. } => self.clauses(steps, kept),
                Step::Require(require) => {
                    if self.any(&require.aliases) {
                        kept.insert(require.clause);
                        kept.extend(&require.after);
                    }
                }
            }
        }
    }
}

fn kept_steps(steps: &[Step], kept: &BTreeSet<u32>) -> Vec<Step> {
    let part = |step: &Step| match step {
        Step::Let { .. } => Some(step.clone()),
        Step::Require(require) => kept.contains(&require.clause).then(|| step.clone()),
        Step::For { aliases, binder, steps } => {
            let steps = kept_steps(steps, kept);
            let has_clauses = steps.iter().any(|step| !matches!(step, Step::Let { .. }));
            has_clauses.then(|| Step::For { aliases: aliases.clone(), binder: binder.clone(), steps })
        }
    };
    steps.iter().filter_map(part).collect()
}
