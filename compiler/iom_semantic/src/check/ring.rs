//! Rings of definitions: functions that call themselves, constants made of themselves, types and traits that contain
//! themselves without a reference in between.

use std::collections::BTreeSet;

use iom_model::Type;
use iom_syntax::ast::{self, DeclarationKind, ExprKind, InBinder, Member, StringPart};
use smol_str::SmolStr;

use crate::db::Db;
use crate::items::{Item, declaration};
use crate::names::{Target, definition_of, file_scope, resolve};
use crate::signatures::{declared_type, trait_item};

/// What a definition is made of, by qualified name: functions it calls, constants it reads, traits it includes, types it
/// contains.
#[salsa::tracked]
fn made_of<'db>(db: &'db dyn Db, item: Item<'db>) -> BTreeSet<SmolStr> {
    let mut found = BTreeSet::new();
    match &declaration(db, item).kind {
        DeclarationKind::Function { value, .. } | DeclarationKind::Const { value, .. } => {
            names_in(db, item, value, &mut found)
        }
        DeclarationKind::Trait(nominal) => {
            found.extend(
                nominal
                    .traits
                    .iter()
                    .filter_map(|path| trait_item(db, item, path))
                    .map(|item| item.qualified_name(db)),
            );
        }
        DeclarationKind::Type { .. } => contained(declared_type(db, item), &mut found),
        DeclarationKind::Resource(resource) => {
            // Reading a field of another resource takes its value; a plain reference does not.
            if let ast::ResourceValue::Body(body) = &resource.value {
                for member in &body.members {
                    if let Member::Field(field) = member
                        && let ast::FieldValueHead::Expr(expr) = &field.value.head
                    {
                        resources_read(db, item, expr, &mut found);
                    }
                }
            }
        }
        _ => {}
    }
    found
}

/// The way from a definition back to itself, if there is one: the shortest, as names.
pub(super) fn find<'db>(db: &'db dyn Db, item: Item<'db>) -> Option<Vec<String>> {
    if !matches!(item.keyword(db), "fn" | "const" | "trait" | "type" | "resource") {
        return None;
    }
    let own = item.qualified_name(db);
    let mut paths: Vec<Vec<SmolStr>> = vec![vec![own.clone()]];
    let mut seen: BTreeSet<SmolStr> = BTreeSet::new();
    while let Some(path) = (!paths.is_empty()).then(|| paths.remove(0)) {
        let last = path.last()?;
        let next = definition_of(db, last).map(|item| made_of(db, item).clone()).unwrap_or_default();
        for name in next {
            if name == own {
                let mut ring: Vec<String> = path.iter().map(|name| short(name)).collect();
                ring.push(short(&own));
                // One ring, one report: at the first of its names.
                return path.iter().all(|other| own <= *other).then_some(ring);
            }
            if seen.insert(name.clone()) {
                let mut longer = path.clone();
                longer.push(name);
                paths.push(longer);
            }
        }
    }
    None
}

fn short(name: &str) -> String {
    name.rsplit('.').next().unwrap_or(name).to_owned()
}

/// Types that a value holds in full: optional ones, lists and maps may be empty, so they end a ring.
fn contained(ty: &Type, found: &mut BTreeSet<SmolStr>) {
    match ty {
        Type::Named(name) => {
            found.insert(name.clone());
        }
        Type::Record(record) => record.fields.iter().for_each(|field| contained(&field.ty, found)),
        Type::Refined(inner, _) | Type::Secret(inner) => contained(inner, found),
        _ => {}
    }
}

fn names_in<'db>(db: &'db dyn Db, item: Item<'db>, expr: &ast::Expr, found: &mut BTreeSet<SmolStr>) {
    if let Some(path) = dotted(expr) {
        add_resolved(db, item, &path, &["fn", "const"], found);
    }
    for_each_child(expr, &mut |child| names_in(db, item, child, found));
}

fn resources_read<'db>(db: &'db dyn Db, item: Item<'db>, expr: &ast::Expr, found: &mut BTreeSet<SmolStr>) {
    if let Some(path) = dotted(expr)
        && path.len() > 1
    {
        let scope = file_scope(db, item.file(db));
        if let Some(resolution) = resolve(db, scope, &path)
            && resolution.used < path.len()
            && matches!(resolution.target, Target::Item(target) if target.keyword(db) == "resource")
        {
            found.insert(resolution.qualified);
        }
        return;
    }
    for_each_child(expr, &mut |child| resources_read(db, item, child, found));
}

fn add_resolved<'db>(
    db: &'db dyn Db,
    item: Item<'db>,
    path: &[SmolStr],
    keywords: &[&str],
    found: &mut BTreeSet<SmolStr>,
) {
    if let Some(resolution) = resolve(db, file_scope(db, item.file(db)), path)
        && matches!(resolution.target, Target::Item(target) if keywords.contains(&target.keyword(db)))
    {
        found.insert(resolution.qualified);
    }
}

fn dotted(expr: &ast::Expr) -> Option<Vec<SmolStr>> {
    match &expr.kind {
        ExprKind::Name(name) => Some(vec![name.clone()]),
        ExprKind::Field { base, name, .. } => {
            let mut path = dotted(base)?;
            path.push(name.text.clone());
            Some(path)
        }
        _ => None,
    }
}

fn for_each_child(expr: &ast::Expr, visit: &mut dyn FnMut(&ast::Expr)) {
    let binder = |binder: &InBinder, visit: &mut dyn FnMut(&ast::Expr)| {
        visit(&binder.source);
        binder.by.iter().chain(&binder.filter).for_each(visit);
    };
    match &expr.kind {
        ExprKind::Missing
        | ExprKind::Literal(_)
        | ExprKind::Name(_)
        | ExprKind::DotField(_)
        | ExprKind::Outer
        | ExprKind::Context(_) => {}
        ExprKind::String(parts) => {
            for part in parts {
                if let StringPart::Expr(inner) = part {
                    visit(inner);
                }
            }
        }
        ExprKind::Record(fields) => fields.iter().for_each(|field| visit_value(&field.value, visit)),
        ExprKind::With { base, fields } | ExprKind::AsRecord { base, fields } => {
            visit(base);
            fields.iter().for_each(|field| visit_value(&field.value, visit));
        }
        ExprKind::Set(items) | ExprKind::List(items) => items.iter().for_each(visit),
        ExprKind::ListComprehension { binders, value } => {
            binders.iter().for_each(|one| binder(one, visit));
            visit(value);
        }
        ExprKind::MapComprehension { binders, key, value } => {
            binders.iter().for_each(|one| binder(one, visit));
            visit(key);
            visit(value);
        }
        ExprKind::Quantifier { binder: one, body, .. } => {
            binder(one, visit);
            visit(body);
        }
        ExprKind::If { condition, then, otherwise } => {
            visit(condition);
            visit(then);
            visit(otherwise);
        }
        ExprKind::Let { value, body, .. } => {
            visit(value);
            visit(body);
        }
        ExprKind::Match { scrutinee, arms } => {
            visit(scrutinee);
            arms.iter().for_each(|arm| visit(&arm.value));
        }
        ExprKind::Unary { operand, .. } => visit(operand),
        ExprKind::Binary { left, right, .. } => {
            visit(left);
            visit(right);
        }
        ExprKind::Is { value, .. } => visit(value),
        ExprKind::Field { base, .. } | ExprKind::AsType { base, .. } => visit(base),
        ExprKind::Index { base, index, .. } => {
            visit(base);
            visit(index);
        }
        ExprKind::Call { callee, arguments } => {
            visit(callee);
            arguments.iter().for_each(|argument| visit(&argument.value));
        }
    }
}

fn visit_value(value: &ast::FieldValue, visit: &mut dyn FnMut(&ast::Expr)) {
    if let ast::FieldValueHead::Expr(expr) = &value.head {
        visit(expr);
    }
}
