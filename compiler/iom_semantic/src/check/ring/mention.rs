//! Where a definition names another one: looked up when a ring is shown, so that nothing else depends on places.

use iom_syntax::ast::{self, Body, Declaration, DeclarationKind, FieldValueHead, Member, NodeId};
use smol_str::SmolStr;

use super::children::for_each_child;
use super::dotted;
use crate::db::Db;
use crate::items::{Item, Place, declaration};
use crate::names::{amendments_of, file_scope, resolve};

/// The first place in a declaration, or in an `amend` of it, that names a definition.
pub(super) fn of<'db>(
    db: &'db dyn Db,
    item: Item<'db>,
    made: &Declaration,
    wanted: &SmolStr,
) -> Option<Place> {
    let is_wanted = |path: &[SmolStr]| {
        resolve(db, file_scope(db, item.file(db)), path).is_some_and(|found| found.qualified == *wanted)
    };
    let node = match &made.kind {
        DeclarationKind::Function { parameters, value, .. } => {
            let defaults = parameters.iter().filter_map(|parameter| parameter.default.as_ref());
            defaults.chain([value]).find_map(|value| in_expr(value, &is_wanted))
        }
        DeclarationKind::Const { value, .. } => in_expr(value, &is_wanted),
        DeclarationKind::Trait(nominal) => nominal.traits.iter().find_map(|path| {
            let segments: Vec<SmolStr> = path.segments.iter().map(|segment| segment.text.clone()).collect();
            is_wanted(&segments).then_some(path.id)
        }),
        DeclarationKind::Resource(resource) => match &resource.value {
            ast::ResourceValue::Body(body) => in_body(body, &is_wanted),
            ast::ResourceValue::Expr(expr) => in_expr(expr, &is_wanted),
        },
        DeclarationKind::Amend { body, .. } | DeclarationKind::Group { body, .. } => {
            in_body(body, &is_wanted)
        }
        DeclarationKind::Blueprint { body, .. } => {
            let mut found = None;
            super::parts::for_each_expression(body, &mut |expr| {
                if found.is_none() {
                    found = in_expr(expr, &is_wanted);
                }
            });
            found
        }
        DeclarationKind::Shape { body, .. } => {
            let mut found = None;
            super::shape::for_each_name(body, &mut |path| {
                let segments: Vec<SmolStr> =
                    path.segments.iter().map(|segment| segment.text.clone()).collect();
                if found.is_none() && is_wanted(&segments) {
                    found = Some(path.id);
                }
            });
            found
        }
        _ => None,
    };
    if let Some(node) = node {
        return Some(item.place(db, node));
    }
    if item.keyword(db) != "resource" {
        return None;
    }
    amendments_of(db, item).into_iter().find_map(|amend| of(db, amend, declaration(db, amend), wanted))
}

fn in_body(body: &Body, is_wanted: &dyn Fn(&[SmolStr]) -> bool) -> Option<NodeId> {
    body.members.iter().find_map(|member| match member {
        Member::Field(field) => match &field.value.head {
            FieldValueHead::Expr(expr) => in_expr(expr, is_wanted),
            FieldValueHead::Escalate(_) => None,
        },
        _ => None,
    })
}

fn in_expr(expr: &ast::Expr, is_wanted: &dyn Fn(&[SmolStr]) -> bool) -> Option<NodeId> {
    if dotted(expr).is_some_and(|path| is_wanted(&path)) {
        return Some(expr.id);
    }
    let mut found = None;
    for_each_child(expr, &mut |child| {
        if found.is_none() {
            found = in_expr(child, is_wanted);
        }
    });
    found
}
