//! `apply` and `group`: which policies judge, with which parameters, and how their failures count.
//!
//! Both name policies, groups and modules, which [`target`] takes apart down to single policies ([`Member`]). What one
//! `apply` makes of that is a query of its own ([`applied`]); all of them by policy are in [`applications_of`], so that an
//! edited `apply` concerns those of the same policies and nobody else.

mod conflicts;
mod group;
mod members;
mod settings;
mod target;

use std::collections::BTreeMap;
use std::sync::Arc;

use iom_base::Span;
use iom_diagnostics::Diagnostic;
use iom_model::{Expr, ModeStep, QualifiedName, Severity, Type};
use iom_syntax::ast::{self, Body, DeclarationKind, NodeId};
use smol_str::SmolStr;

pub(crate) use group::group_members;
pub(crate) use target::{arguments_text, is_constant};

use super::Lowered;
use crate::db::Db;
use crate::infer::Checker;
use crate::items::{Item, Place, declaration, items};
use crate::messages;
use crate::names::{GlobalName, definition_of, files_with};

/// A single policy that an `apply` or a `group` names, itself or through a group or a module.
#[derive(Clone, PartialEq, Debug)]
pub struct Member {
    pub policy: QualifiedName,
    /// In the order of the policy's parameters.
    pub arguments: Vec<ArgumentValue>,
    /// `registries: ["registry.example"]`; empty without parameters. Tells applications of one policy apart.
    pub text: SmolStr,
    pub settings: ApplicationSettings,
    pub reach: Reach,
    /// What names it.
    pub node: NodeId,
}

impl Member {
    /// A policy without parameters, as it is.
    pub fn plain(policy: QualifiedName) -> Member {
        Member {
            policy,
            arguments: Vec::new(),
            text: SmolStr::default(),
            settings: ApplicationSettings::default(),
            reach: Reach::Itself,
            node: NodeId::DECLARATION,
        }
    }
}

#[derive(Clone, PartialEq, Debug)]
pub struct ArgumentValue {
    pub parameter: SmolStr,
    pub ty: Type,
    pub value: Expr,
    pub locals: u32,
}

/// How directly a policy is named: the more directly, the more it counts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Reach {
    Itself,
    InGroup,
    InModule,
}

/// What an application says of the policies it names, in place of what they say themselves.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct ApplicationSettings {
    pub mode: Option<Vec<ModeStep>>,
    pub severity: Option<Severity>,
    pub owner: Option<QualifiedName>,
    pub stages: Option<Vec<SmolStr>>,
    pub layers: Option<Vec<SmolStr>>,
}

/// What came of taking an `apply` or a `group` apart.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Members {
    pub diagnostics: Vec<Diagnostic<Place>>,
    pub members: Vec<Member>,
    pub types: Vec<(NodeId, Type)>,
}

/// One policy's application, as others see it.
#[derive(Clone, PartialEq, Debug)]
pub struct Application {
    /// Of the name in the `apply`.
    pub place: Place,
    pub member: Member,
}

/// What an `apply` applies.
#[salsa::tracked]
pub(crate) fn applied<'db>(db: &'db dyn Db, item: Item<'db>) -> Arc<Members> {
    let declaration = declaration(db, item);
    let DeclarationKind::Apply { policy, body } = &declaration.kind else { return Arc::default() };
    let mut checker = Checker::new(db, item);
    checker.types = Some(Vec::new());
    let members = checker.application(policy, body.as_ref());
    Arc::new(Members { diagnostics: checker.diagnostics, members, types: checker.types.unwrap_or_default() })
}

/// Every application in the workspace's own files, by policy, in order of files and places.
#[salsa::tracked]
fn application_map(db: &dyn Db) -> Arc<BTreeMap<QualifiedName, Vec<Application>>> {
    let mut map: BTreeMap<QualifiedName, Vec<Application>> = BTreeMap::new();
    for file in files_with(db, "apply") {
        for item in items(db, *file).iter().filter(|item| item.keyword(db) == "apply" && item.is_own(db)) {
            for member in &applied(db, *item).members {
                let place = item.place(db, member.node);
                map.entry(member.policy.clone())
                    .or_default()
                    .push(Application { place, member: member.clone() });
            }
        }
    }
    Arc::new(map)
}

/// The policies that are applied somewhere, sorted.
pub(crate) fn applied_policies(db: &dyn Db) -> Vec<QualifiedName> {
    application_map(db).keys().cloned().collect()
}

/// The applications of one policy.
#[salsa::tracked]
pub(crate) fn applications_of<'db>(db: &'db dyn Db, policy: GlobalName<'db>) -> Vec<Application> {
    application_map(db).get(policy.text(db)).cloned().unwrap_or_default()
}

/// Whether a policy, or one of a group, judges: by itself or because something applies it. A blueprint judges where something
/// is made from it, which is not asked here.
pub(crate) fn is_applied<'db>(db: &'db dyn Db, item: Item<'db>) -> bool {
    if item.keyword(db) == "blueprint" {
        return true;
    }
    if item.keyword(db) == "group" {
        let members = group_members(db, item).members.iter();
        let policies = members.filter_map(|member| definition_of(db, &member.policy));
        return policies.into_iter().any(|policy| policy.keyword(db) == "policy" && is_applied(db, policy));
    }
    let judges_by_itself = item.is_own(db) && crate::signatures::policy_parameters(db, item).is_empty();
    judges_by_itself || !applications_of(db, GlobalName::new(db, item.qualified_name(db))).is_empty()
}

/// Policies of the workspace's own that have parameters and that nothing applies, as remarks.
pub(crate) fn unapplied(db: &dyn Db) -> Vec<Diagnostic<Span>> {
    let mut remarks = Vec::new();
    for file in db.workspace().files(db) {
        for item in items(db, *file).iter().filter(|item| item.keyword(db) == "policy" && item.is_own(db)) {
            let needs_parameters = !crate::signatures::policy_parameters(db, *item).is_empty();
            let name = GlobalName::new(db, item.qualified_name(db));
            if needs_parameters && applications_of(db, name).is_empty() {
                let node = declaration(db, *item).name().map_or(NodeId::DECLARATION, |name| name.id);
                remarks.push(messages::not_applied(item.span(db, node), item.name(db)));
            }
        }
    }
    remarks
}

/// A policy as it is applied where nobody says anything of its parameters; nothing where one of them has no default.
pub(crate) fn with_defaults(db: &dyn Db, policy: QualifiedName) -> Option<Member> {
    let item = definition_of(db, &policy)?;
    let parameters = crate::signatures::policy_parameters(db, item);
    let defaults = crate::signatures::parameter_defaults(db, item);
    let arguments: Option<Vec<ArgumentValue>> = parameters
        .iter()
        .zip(defaults)
        .map(|(parameter, default)| parameter.by_default(default.as_ref()))
        .collect();
    let arguments = arguments?;
    Some(Member { text: arguments_text(&arguments), arguments, ..Member::plain(policy) })
}

impl<'db> Checker<'db> {
    pub(super) fn check_apply(&mut self, policy: &ast::Expr, body: Option<&Body>) -> Lowered {
        if self.is_looked_at() {
            self.silently(|checker| checker.application(policy, body));
        }
        let found = applied(self.db, self.item).clone();
        self.diagnostics.extend(found.diagnostics.iter().cloned());
        found.types.iter().for_each(|(node, ty)| self.note_type(*node, ty));
        if self.item.is_own(self.db) {
            self.check_conflicts(&found.members);
        }
        Lowered::Apply(found.members.clone())
    }

    /// `apply NAME { mode: .. }`
    fn application(&mut self, target: &ast::Expr, body: Option<&Body>) -> Vec<Member> {
        let Some(target) = self.application_target(target) else {
            // The body's own mistakes are independent ones.
            if let Some(body) = body {
                self.application_body(body, None);
            }
            return Vec::new();
        };
        let mut members = target.members.clone();
        if let Some(body) = body {
            let (settings, picked) = self.application_body(body, Some(&target));
            members = picked;
            for member in &mut members {
                member.settings = settings.over(&member.settings);
            }
            self.check_own_policy(&target, Some(body), &settings);
        } else {
            self.check_own_policy(&target, None, &ApplicationSettings::default());
        }
        members
    }

    /// A policy of the package's own judges by itself: an `apply` may settle what it leaves open, and nothing else.
    fn check_own_policy(
        &mut self,
        target: &target::Target<'db>,
        body: Option<&Body>,
        settings: &ApplicationSettings,
    ) {
        let target::Named::Policy(policy) = &target.named else { return };
        let is_parametric = !crate::signatures::policy_parameters(self.db, *policy).is_empty();
        if is_parametric || policy.package(self.db) != self.item.package(self.db) {
            return;
        }
        if *settings == ApplicationSettings::default() {
            let has_body = body.is_some_and(|body| !body.members.is_empty());
            if !has_body {
                let declared = self.name_place(*policy);
                self.report(messages::needless_application(
                    self.place(target.node),
                    policy.name(self.db),
                    declared,
                ));
            }
            return;
        }
        let written = crate::signatures::written_settings(self.db, *policy);
        for name in body.into_iter().flat_map(settings::names) {
            if let Some((_, node)) = written.iter().find(|(other, _)| *other == name.text) {
                let first = policy.place(self.db, *node);
                self.report(messages::setting_in_two_places(
                    self.place(name.id),
                    first,
                    policy.name(self.db),
                    &name.text,
                ));
            }
        }
    }
}
