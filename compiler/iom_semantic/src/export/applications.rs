//! From declared policies to those that judge: parameters put in, modes settled.

use std::collections::{BTreeMap, BTreeSet};

use iom_model::{Constant, Expr, Location, Mode, ModeStep, Model, Policy, QualifiedName, Severity};
use iom_syntax::ast::NodeId;
use smol_str::{SmolStr, format_smolstr};

use super::locations::location_of;
use crate::check::apply::{ArgumentValue, Member, arguments_text};
use crate::db::Db;
use crate::items::Item;
use crate::overrides::ParameterOverride;

/// Who is applied, as it is collected.
#[derive(Default)]
pub(super) struct Applications {
    found: Vec<(Member, Location)>,
    /// Policies of the workspace's own, which apply by themselves.
    pub own: BTreeSet<QualifiedName>,
    /// Policies of the library that judge where there is no workspace.
    pub chosen: Vec<Member>,
    /// Values from the command line.
    overrides: Vec<ParameterOverride>,
}

impl Applications {
    pub fn with(overrides: &[ParameterOverride]) -> Applications {
        Applications { overrides: overrides.to_vec(), ..Applications::default() }
    }

    pub fn add<'db>(&mut self, db: &'db dyn Db, item: Item<'db>, members: &mut [Member]) {
        let mut places: BTreeMap<NodeId, Location> = BTreeMap::new();
        for member in members {
            self.override_arguments(member);
            let place =
                places.entry(member.node).or_insert_with(|| location_of(db, item, member.node)).clone();
            self.found.push((member.clone(), place));
        }
    }

    fn override_arguments(&self, member: &mut Member) {
        for change in self.overrides.iter().filter(|change| change.policy == member.policy) {
            let is_it = |argument: &&mut ArgumentValue| argument.parameter == change.value.parameter;
            if let Some(argument) = member.arguments.iter_mut().find(is_it) {
                *argument = change.value.clone();
            }
        }
        member.text = arguments_text(&member.arguments);
    }

    /// Puts the policies that judge, and those that tests may name, into the model.
    pub fn settle(self, declared: BTreeMap<QualifiedName, Policy>, model: &mut Model) {
        for (name, template) in declared {
            let applied = self.strongest(&name);
            for (member, place) in applied.values() {
                let mut policy = instance(&template, member, model);
                apply(&mut policy, member, place);
                model.policies.insert(policy.name.clone(), policy);
            }
            if !applied.is_empty() {
                continue;
            }
            let chosen: Vec<&Member> = self.chosen.iter().filter(|member| member.policy == name).collect();
            for member in &chosen {
                let mut policy = instance(&template, member, model);
                policy.is_applied = true;
                settle_mode(&mut policy, true);
                model.policies.insert(policy.name.clone(), policy);
            }
            if chosen.is_empty() && !template.is_parametric {
                let mut policy = template;
                policy.is_applied = self.own.contains(&name);
                settle_mode(&mut policy, false);
                model.policies.insert(name, policy);
            }
        }
        model.policies.sort_unstable_keys();
        model.constants.sort_unstable_keys();
    }

    /// The applications of a policy by its parameters: for each the one that names it most directly.
    fn strongest(&self, policy: &str) -> BTreeMap<SmolStr, &(Member, Location)> {
        let mut strongest: BTreeMap<SmolStr, &(Member, Location)> = BTreeMap::new();
        for application in self.found.iter().filter(|(member, _)| member.policy == policy) {
            let slot = strongest.entry(application.0.text.clone()).or_insert(application);
            if application.0.reach < slot.0.reach {
                *slot = application;
            }
        }
        strongest
    }
}

/// The policy with its parameters. Literals go into the rules; what is larger becomes a constant, computed once.
fn instance(template: &Policy, member: &Member, model: &mut Model) -> Policy {
    if member.arguments.is_empty() {
        return template.clone();
    }
    let text = arguments_text(&member.arguments);
    let name = format_smolstr!("{}({text})", template.declared);
    let values: Vec<Expr> =
        member.arguments.iter().map(|argument| value(&name, argument, &mut model.constants)).collect();
    let mut policy = template.with_arguments(&values);
    policy.name = name;
    policy.arguments = Some(text);
    policy
}

fn value(
    name: &str,
    argument: &ArgumentValue,
    constants: &mut indexmap::IndexMap<QualifiedName, Constant>,
) -> Expr {
    match &argument.value {
        simple @ (Expr::Literal(_) | Expr::Global(_) | Expr::Resource(_)) => simple.clone(),
        larger => {
            let name = format_smolstr!("{name}.{}", argument.parameter);
            let constant =
                Constant { ty: argument.ty.clone(), value: larger.clone(), locals: argument.locals };
            constants.insert(name.clone(), constant);
            Expr::Global(name)
        }
    }
}

fn apply(policy: &mut Policy, member: &Member, place: &Location) {
    let settings = &member.settings;
    policy.is_applied = true;
    policy.application = Some(place.clone());
    policy.severity = settings.severity.unwrap_or(policy.severity);
    if let Some(owner) = &settings.owner {
        policy.owner = Some(owner.clone());
    }
    if let Some(stages) = &settings.stages {
        policy.stages.clone_from(stages);
    }
    if let Some(layers) = &settings.layers {
        policy.layers.clone_from(layers);
    }
    if let Some(mode) = &settings.mode {
        policy.mode = Some(mode.clone());
    }
    settle_mode(policy, false);
}

/// Without a word on its mode a workspace's policy enforces; one of the library, judging by itself, enforces where it is
/// severe and advises else.
fn settle_mode(policy: &mut Policy, is_library: bool) {
    if policy.mode.is_none() {
        let mode = if is_library && policy.severity < Severity::High { Mode::Advise } else { Mode::Enforce };
        policy.mode = Some(vec![ModeStep { mode, until: None }]);
    }
}
