//! What a part of a blueprint sets, and what is set on the root of an instance: `SecureBucket(..) with { override .. }`, and
//! every `amend` of it.

use std::sync::Arc;

use iom_model::{Expr, FieldOwner, FieldSetting, Nominal, QualifiedName};
use iom_syntax::ast;
use smol_str::SmolStr;

use super::Amendment;
use super::compose::{Settings, skeleton};
use super::copy::chain;
use super::merge::Merging;
use crate::blueprints::{InstanceOf, signature_named};
use crate::check::{check_item, ring};
use crate::db::Db;
use crate::infer::{Checker, Entry, Overrides};
use crate::items::Item;
use crate::names::definition_of;

/// What the parts of a blueprint set, by the node of their names.
#[salsa::tracked]
fn part_settings<'db>(db: &'db dyn Db, item: Item<'db>) -> Vec<(ast::NodeId, Arc<Settings>)> {
    check_item(db, item).aside().parts.clone()
}

/// What the root of an instance sets. Nothing where the blueprint is made of itself.
pub(in crate::check) fn root_settings(db: &dyn Db, instance: &InstanceOf) -> Option<Arc<Settings>> {
    let item = definition_of(db, &instance.blueprint)?;
    if ring::contains(db, item) {
        return None;
    }
    let signature = signature_named(db, &instance.blueprint)?;
    let root = signature.root_of(signature.target(instance.target.as_deref()))?;
    let found = part_settings(db, item).iter().find(|(node, _)| *node == root.node);
    found.map(|(_, settings)| settings.clone())
}

/// What is set on a root beside what the blueprint sets.
pub(in crate::check) struct OnRoot {
    pub fields: Vec<FieldSetting>,
    pub locals: u32,
    pub settings: Settings,
}

impl<'db> Checker<'db> {
    /// The fields that a part of a blueprint sets.
    pub(in crate::check) fn part_fields(
        &mut self,
        resource: &ast::Resource,
        body: &ast::Body,
        nominal: &Nominal,
    ) -> (Vec<FieldSetting>, Settings) {
        let inside = self.fields_of_resource(nominal);
        let fields = self.only_plain_fields(body, "a resource");
        let mut entries = Vec::new();
        self.set_fields(fields, &inside, Overrides::Refused, &mut entries);
        let settings = Settings { is_many: resource.each.is_some(), fields: skeleton(&entries) };
        let place = self.place(resource.name.id);
        let fields = self.build_fields(entries, &inside, &place);
        let fields = fields.into_iter().map(|(name, value, place)| FieldSetting {
            name,
            value,
            location: self.location(&place),
            origins: Vec::new(),
        });
        (fields.collect(), settings)
    }

    /// What each `with` of an instance says, checked where the instance stands.
    pub(in crate::check) fn levels_on_root(&mut self, expr: &ast::Expr, kind: &Nominal) -> Vec<Vec<Entry>> {
        let inside = self.fields_of_resource(kind);
        let (_, levels) = chain(expr);
        levels.into_iter().map(|fields| self.body_entries(fields, &inside)).collect()
    }

    /// The fields that are changed on a root: what the blueprint sets needs an `override`.
    pub(in crate::check) fn compose_on_root(
        &mut self,
        resource: &ast::Resource,
        (kind, blueprint): (&Nominal, &QualifiedName),
        base: &Settings,
        levels: Vec<Vec<Entry>>,
        amendments: &[Arc<Amendment>],
        own: u32,
    ) -> OnRoot {
        let inside = self.fields_of_resource(kind);
        let owner = FieldOwner::Element(kind.clone());
        let inherited = self.read_from(&Expr::Inherited, &owner, &base.fields, &inside);
        let mut merging = Merging::inheriting(inherited, blueprint);
        let amending = amendments.iter().flat_map(|one| one.entries.iter());
        let changed: Vec<SmolStr> =
            levels.iter().flatten().chain(amending).map(|entry| entry.name.clone()).collect();
        let mut levels = levels;
        if levels.is_empty() {
            levels.push(Vec::new());
        }
        let locals = self.lay_levels(&mut merging, resource, levels, amendments, own);
        let settings = Settings { is_many: resource.each.is_some(), fields: skeleton(&merging.entries) };
        let place = self.place(resource.name.id);
        let entries = std::mem::take(&mut merging.entries);
        let fields = self
            .build_fields(entries, &inside, &place)
            .into_iter()
            .filter(|(name, ..)| changed.contains(name))
            .map(|(name, value, place)| self.setting(name, value, &place, &merging.contributions))
            .collect();
        OnRoot { fields, locals, settings }
    }
}

/// `B(..)`, with what is changed after it: the blueprint's name and its arguments.
pub(crate) fn call_in(expr: &ast::Expr) -> Option<(&ast::Expr, &[ast::Argument])> {
    match &chain(expr).0.kind {
        ast::ExprKind::Call { callee, arguments } => Some((callee, arguments)),
        _ => None,
    }
}
