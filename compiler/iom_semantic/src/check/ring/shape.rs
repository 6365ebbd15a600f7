//! The shapes that a shape is made of.

use iom_syntax::ast::{self, Body, ClauseKind, ExprKind, FieldValueHead, Member, Path, TypeExpr, TypeKind};

use super::children::for_each_child;

/// Calls `visit` with whatever stands where a shape may be named: `x as NAME`, `xs as list<NAME>`.
pub(super) fn for_each_name(body: &Body, visit: &mut dyn FnMut(&Path)) {
    for member in &body.members {
        let value = match member {
            Member::Field(field) => match &field.value.head {
                FieldValueHead::Expr(expr) => expr,
                FieldValueHead::Escalate(_) => continue,
            },
            _ => match member.clause_kind() {
                Some(ClauseKind::Let { value, .. }) => value,
                _ => continue,
            },
        };
        in_expr(value, visit);
    }
}

fn in_expr(expr: &ast::Expr, visit: &mut dyn FnMut(&Path)) {
    if let ExprKind::AsType { ty, .. } = &expr.kind {
        match &ty.kind {
            TypeKind::Path(path) => visit(path),
            TypeKind::Generic { arguments, .. } => {
                if let [TypeExpr { kind: TypeKind::Path(path), .. }] = &**arguments {
                    visit(path);
                }
            }
            _ => {}
        }
    }
    for_each_child(expr, &mut |child| in_expr(child, visit));
}
