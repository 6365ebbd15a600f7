//! `resource x = SecureBucket(..)`: what a blueprint builds.

use std::sync::Arc;

use iom_model::{Instance, Nominal, ResourceDeclaration, Type};
use iom_syntax::ast::{self, ExprKind};
use smol_str::SmolStr;

use crate::blueprints::{InstanceOf, blueprint_signature, call_in};
use crate::check::configuration::{Amendment, OnRoot, Settings, root_settings};
use crate::check::unplaced;
use crate::db::Db;
use crate::infer::{Called, Checker, Entry};
use crate::items::Item;
use crate::messages;
use crate::names::definition_of;

/// Resources that all blueprints of a workspace may build together.
pub(crate) const MOST_RESOURCES: u64 = 1_000_000;

/// How deep blueprints may instantiate one another.
pub(crate) const MOST_LEVELS: u32 = 100;

impl<'db> Checker<'db> {
    /// An instance as a declaration; `None` where the value is no call of a blueprint.
    pub(in crate::check) fn instance_declaration(
        &mut self,
        resource: &ast::Resource,
        name: &SmolStr,
        amendments: &[Arc<Amendment>],
    ) -> Option<Option<(ResourceDeclaration, Arc<Settings>)>> {
        let ast::ResourceValue::Expr(expr) = &resource.value else { return None };
        let (callee, arguments) = call_in(expr)?;
        let Some(called) = self.blueprint_at(callee) else {
            // Nothing else that can be called makes resources.
            self.report_no_blueprint(callee);
            return Some(None);
        };
        let ((each, built), locals) = self.in_new_body(|checker| {
            let each = resource.each.as_ref().map(|binder| checker.bind_in(binder));
            (each, checker.instance(resource, expr, &called, arguments))
        });
        let Some((instance, kind, levels)) = built else { return Some(None) };
        // What is too much is said where it comes to be, not at each blueprint on the way.
        if !self.check_size(resource, &called, instance.target.as_deref()) {
            return Some(None);
        }
        let on_root = self.fields_on_root(resource, (&kind, &instance), levels, amendments, locals);
        let declaration = ResourceDeclaration {
            name: name.clone(),
            location: unplaced(resource.name.id),
            kind,
            fields: on_root.fields,
            each: each.map(Box::new),
            locals: on_root.locals,
            layer: None,
            instance: Some(Box::new(instance)),
        };
        Some(Some((declaration, Arc::new(on_root.settings))))
    }

    /// What is built, the kind of its root, and what each `with` sets on the root.
    pub(super) fn instance(
        &mut self,
        resource: &ast::Resource,
        expr: &ast::Expr,
        called: &Called<'db>,
        arguments: &[ast::Argument],
    ) -> Option<(Instance, SmolStr, Vec<Vec<Entry>>)> {
        let mut instance = self.blueprint_arguments(expr.id, called, arguments, true);
        let signature = called.signature;
        let target = signature.target(instance.target.as_deref()).map(SmolStr::new);
        let Some(root) = signature.root_of(target.as_deref()) else {
            let declared = self.blueprint_place(called.item);
            let place = self.place(expr.id);
            let short = called.item.name(self.db);
            self.report(messages::builds_nothing(place, short, declared));
            return None;
        };
        self.check_buildable(expr, called, target.as_deref());
        let kind = match &root.nominal {
            Some(Nominal::Kind(kind)) => kind.clone(),
            _ => return None,
        };
        self.check_kind_of_instance(resource, &kind, called);
        let levels = self.levels_on_root(expr, &Nominal::Kind(kind.clone()));
        instance.target = target;
        Some((instance, kind, levels))
    }

    /// What `with` and `amend` change on the root.
    pub(super) fn fields_on_root(
        &mut self,
        resource: &ast::Resource,
        (kind, instance): (&SmolStr, &Instance),
        levels: Vec<Vec<Entry>>,
        amendments: &[Arc<Amendment>],
        locals: u32,
    ) -> OnRoot {
        let of = InstanceOf { blueprint: instance.blueprint.clone(), target: instance.target.clone() };
        let base = root_settings(self.db, &of);
        let nothing = Settings { is_many: false, fields: Vec::new() };
        let base = base.as_deref().unwrap_or(&nothing);
        let kind = Nominal::Kind(kind.clone());
        self.compose_on_root(resource, (&kind, &instance.blueprint), base, levels, amendments, locals)
    }

    /// Only kinds are built.
    fn check_buildable(&mut self, expr: &ast::Expr, called: &Called<'db>, target: Option<&str>) {
        for part in called.signature.parts_of(target) {
            if let Some(nominal @ Nominal::Trait(_)) = &part.nominal {
                let declared = called.item.place(self.db, part.node);
                self.report(messages::builds_trait(self.place(expr.id), &part.name, nominal, declared));
            }
        }
    }

    /// `resource x: aws.Bucket = SecureBucket(..)`: what is written must be what is built.
    fn check_kind_of_instance(&mut self, resource: &ast::Resource, kind: &SmolStr, called: &Called<'db>) {
        let Some(path) = &resource.kind else { return };
        let Some(wanted) = self.nominal(path) else { return };
        if !self.has_trait(kind, wanted.name()) {
            let found = Type::Element(Nominal::Kind(kind.clone()));
            let message = messages::type_mismatch(self.place(path.id), &found, &Type::Element(wanted));
            self.report(message.also(self.blueprint_place(called.item), "the blueprint"));
        }
    }

    fn check_size(&mut self, resource: &ast::Resource, called: &Called<'db>, target: Option<&str>) -> bool {
        let size = size(self.db, called.item, target.map(SmolStr::new));
        let count = size.resources.saturating_mul(copies(resource.each.as_deref()));
        let place = self.place(resource.name.id);
        if size.levels > MOST_LEVELS {
            self.report(messages::nested_too_deep(place, MOST_LEVELS));
        } else if count > MOST_RESOURCES {
            let known = (count < u64::MAX).then_some(count);
            self.report(messages::too_many_resources(place, known, MOST_RESOURCES));
        } else {
            return true;
        }
        false
    }
}

/// How many resources an instance makes, as far as that is written down, and how deep blueprints are nested for it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Size {
    resources: u64,
    levels: u32,
}

/// Each blueprint is counted once, so that doubling takes no time.
#[salsa::tracked(returns(copy), cycle_result = size_cycle)]
fn size<'db>(db: &'db dyn Db, item: Item<'db>, target: Option<SmolStr>) -> Size {
    let mut whole = Size { resources: 0, levels: 0 };
    let Some(signature) = blueprint_signature(db, item).as_deref() else { return whole };
    let copies = part_copies(db, item);
    let target = signature.target(target.as_deref());
    for (position, part) in signature.parts.iter().enumerate() {
        if !signature.parts_of(target).any(|other| std::ptr::eq(other, part)) {
            continue;
        }
        let nested = part.instance.as_ref().and_then(|instance| {
            let item = definition_of(db, &instance.blueprint)?;
            Some(size(db, item, instance.target.clone()))
        });
        let one = nested.map_or(1, |nested| nested.resources);
        let own = one.saturating_mul(copies.get(position).copied().unwrap_or(1));
        whole.resources = whole.resources.saturating_add(own);
        whole.levels = whole.levels.max(nested.map_or(0, |nested| nested.levels.saturating_add(1)));
    }
    whole
}

fn size_cycle<'db>(_: &'db dyn Db, _: salsa::Id, _: Item<'db>, _: Option<SmolStr>) -> Size {
    Size { resources: 0, levels: 0 }
}

/// By part, in the order of the signature: how many its `for` makes, where that is written as numbers; else one.
#[salsa::tracked]
fn part_copies<'db>(db: &'db dyn Db, item: Item<'db>) -> Vec<u64> {
    let declaration = crate::items::declaration(db, item);
    let ast::DeclarationKind::Blueprint { body, .. } = &declaration.kind else { return Vec::new() };
    let common = crate::blueprints::resources(&body.members);
    let built = body.members.iter().filter_map(|member| match member.clause_kind()? {
        ast::ClauseKind::Build { body, .. } => Some(body),
        _ => None,
    });
    let built = built.flat_map(|body| crate::blueprints::resources(&body.members));
    common.chain(built).map(|resource| copies(resource.each.as_deref())).collect()
}

/// `for n in 1..4`: four.
fn copies(each: Option<&ast::InBinder>) -> u64 {
    let Some(each) = each else { return 1 };
    let number = |expr: &ast::Expr| match &expr.kind {
        ExprKind::Literal(ast::Literal::Number(text)) => text.replace('_', "").parse::<i64>().ok(),
        _ => None,
    };
    match &each.source.kind {
        ExprKind::Binary { op: ast::BinaryOp::Range, left, right, .. } => {
            match (number(left), number(right)) {
                (Some(low), Some(high)) if each.filter.is_none() => {
                    u64::try_from(high.saturating_sub(low).saturating_add(1)).unwrap_or(0)
                }
                _ => 1,
            }
        }
        ExprKind::List(items) | ExprKind::Set(items) if each.filter.is_none() => items.len() as u64,
        _ => 1,
    }
}
