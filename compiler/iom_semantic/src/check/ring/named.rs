//! Everything that a declaration's signature and values name: for rings that lead through the types of types.

use std::collections::BTreeSet;

use iom_syntax::ast::{
    self, Body, ClauseKind, DeclarationKind, ExprKind, FieldValueHead, GenericHead, Member, RecordMember,
    RefinementKind, ResourceValue, TypeExpr, TypeKind,
};
use smol_str::SmolStr;

use super::children::for_each_child;
use super::dotted;
use crate::db::Db;
use crate::items::{Item, whole_declaration};
use crate::names::{Target, file_scope, resolve};

/// The declarations that one names in its fields, types, defaults and computed values, by qualified name.
#[salsa::tracked]
pub(crate) fn named_in<'db>(db: &'db dyn Db, item: Item<'db>) -> BTreeSet<SmolStr> {
    let mut found = BTreeSet::new();
    let mut add = |path: &[SmolStr]| {
        if let Some(resolution) = resolve(db, file_scope(db, item.file(db)), path)
            && matches!(resolution.target, Target::Item(_))
        {
            found.insert(resolution.qualified);
        }
    };
    match &whole_declaration(db, item).kind {
        DeclarationKind::Kind(nominal) | DeclarationKind::Trait(nominal) => {
            nominal.traits.iter().for_each(|path| add(&segments(path)));
            in_body(&nominal.body, &mut add);
        }
        DeclarationKind::Type { value, .. } => in_type(value, &mut add),
        DeclarationKind::Const { value, .. } => in_expr(value, &mut add),
        DeclarationKind::Function { parameters, result, value, .. } => {
            for parameter in parameters {
                in_type(&parameter.ty, &mut add);
                parameter.default.iter().for_each(|default| in_expr(default, &mut add));
            }
            in_type(result, &mut add);
            in_expr(value, &mut add);
        }
        DeclarationKind::Resource(resource) => {
            resource.kind.iter().for_each(|kind| add(&segments(kind)));
            match &resource.value {
                ResourceValue::Body(body) => in_body(body, &mut add),
                ResourceValue::Expr(expr) => in_expr(expr, &mut add),
            }
        }
        _ => {}
    }
    found
}

fn segments(path: &ast::Path) -> Vec<SmolStr> {
    path.segments.iter().map(|segment| segment.text.clone()).collect()
}

fn in_body(body: &Body, add: &mut dyn FnMut(&[SmolStr])) {
    for member in &body.members {
        match member {
            Member::TypeField(field) => in_field(field, add),
            Member::Field(field) => {
                if let FieldValueHead::Expr(value) = &field.value.head {
                    in_expr(value, add);
                }
            }
            _ => in_derive(member.clause_kind(), add),
        }
    }
}

fn in_field(field: &ast::TypeField, add: &mut dyn FnMut(&[SmolStr])) {
    in_type(&field.ty, add);
    field.default.iter().for_each(|default| in_expr(default, add));
}

fn in_derive(clause: Option<&ClauseKind>, add: &mut dyn FnMut(&[SmolStr])) {
    if let Some(ClauseKind::Derive { ty, value, .. }) = clause {
        in_type(ty, add);
        in_expr(value, add);
    }
}

fn in_type(ty: &TypeExpr, add: &mut dyn FnMut(&[SmolStr])) {
    match &ty.kind {
        TypeKind::Path(path) => add(&segments(path)),
        TypeKind::Generic { head: GenericHead::List | GenericHead::Set | GenericHead::Map, arguments } => {
            arguments.iter().for_each(|argument| in_type(argument, add));
        }
        TypeKind::Union(arguments) => arguments.iter().for_each(|argument| in_type(argument, add)),
        TypeKind::Optional(inner) | TypeKind::Prefixed { inner, .. } => in_type(inner, add),
        TypeKind::Record(members) => {
            for member in members {
                match member {
                    RecordMember::Field(field) => in_field(field, add),
                    RecordMember::Derive(clause) => in_derive(Some(&clause.kind), add),
                }
            }
        }
        TypeKind::Refined { base, refinements } => {
            in_type(base, add);
            for refinement in refinements {
                if let RefinementKind::In(value)
                | RefinementKind::Size(value)
                | RefinementKind::Where(value) = &refinement.kind
                {
                    in_expr(value, add);
                }
            }
        }
        TypeKind::Missing | TypeKind::Text(_) | TypeKind::Ordered(_) => {}
    }
}

fn in_expr(expr: &ast::Expr, add: &mut dyn FnMut(&[SmolStr])) {
    match &expr.kind {
        ExprKind::Is { test, .. } => add(&segments(test)),
        ExprKind::AsType { ty, .. } => in_type(ty, add),
        _ => {
            if let Some(path) = dotted(expr) {
                return add(&path);
            }
        }
    }
    for_each_child(expr, &mut |child| in_expr(child, add));
}
