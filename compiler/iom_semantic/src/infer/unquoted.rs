use iom_model::Type;
use iom_syntax::ast::{BinaryOp, Expr, ExprKind};

use super::Checker;

impl Checker<'_> {
    /// What `name: shop-data` was to be: a difference is no text, and nobody declares what is subtracted.
    pub(super) fn unquoted_text(&self, expr: &Expr, expected: &Type) -> Option<String> {
        let is_difference = matches!(expr.kind, ExprKind::Binary { op: BinaryOp::Subtract, .. });
        if !is_difference || self.wanted(Some(expected)) != Some(Type::STRING) {
            return None;
        }
        unquoted(expr)
    }
}

/// Names with `-` between them, as written.
fn unquoted(expr: &Expr) -> Option<String> {
    let mut text = String::new();
    let mut current = expr;
    while let ExprKind::Binary { op: BinaryOp::Subtract, left, right, .. } = &current.kind {
        text.insert_str(0, &format!("-{}", right.path()?));
        current = left;
    }
    Some(format!("{}{text}", current.path()?))
}
