use iom_syntax::ast::{self, ExprKind, InBinder, StringPart};

/// Calls `visit` with each direct part of an expression.
pub(crate) fn for_each_child<'e>(expr: &'e ast::Expr, visit: &mut dyn FnMut(&'e ast::Expr)) {
    let binder = |binder: &'e InBinder, visit: &mut dyn FnMut(&'e ast::Expr)| {
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

fn visit_value<'e>(value: &'e ast::FieldValue, visit: &mut dyn FnMut(&'e ast::Expr)) {
    if let ast::FieldValueHead::Expr(expr) = &value.head {
        visit(expr);
    }
}
