//! Walking over expressions.

use crate::{Binder, Expr, Local, Pattern, TextPart};

/// Gives each direct part of an expression to `visit`, in source order. Written once for shared and for exclusive borrows:
/// `iter` and what binders do, or `iter_mut`, what binders do, and `mut`.
macro_rules! visit_children {
    ($expr:expr, $visit:ident, $iter:ident, $of_binder:ident $(, $exclusive:tt)?) => {
        match $expr {
            Expr::Error
            | Expr::Literal(_)
            | Expr::Local(_)
            | Expr::Global(_)
            | Expr::Resource(_)
            | Expr::Now
            | Expr::Context(_)
            | Expr::Instances(_)
            | Expr::Inherited
            | Expr::Population(_) => {}
            Expr::Field { base, .. } | Expr::Built { root: base, .. } => $visit(base),
            Expr::Conforms { value, pattern } => {
                $visit(value);
                pattern.arguments.$iter().flatten().for_each($visit);
            }
            Expr::Not(value) | Expr::Negate(value) => $visit(value),
            Expr::Named { name, .. } => $visit(name),
            Expr::Is { value, .. } | Expr::Reference { value, .. } | Expr::Convert { value, .. } => {
                $visit(value)
            }
            Expr::Index { base: left, index: right }
            | Expr::Keyed { base: left, key: right }
            | Expr::And(left, right)
            | Expr::Or(left, right)
            | Expr::Coalesce(left, right)
            | Expr::Binary { left, right, .. }
            | Expr::Compare { left, right, .. }
            | Expr::Let { value: left, body: right, .. }
            | Expr::Filter { source: left, condition: right, .. }
            | Expr::Reshape { value: left, record: right, .. } => {
                $visit(left);
                $visit(right);
            }
            Expr::Call { arguments, .. } | Expr::Builtin { arguments, .. } => {
                arguments.$iter().for_each($visit)
            }
            Expr::If { condition, then, otherwise } => {
                $visit(condition);
                $visit(then);
                $visit(otherwise);
            }
            Expr::Match { scrutinee, arms } => {
                $visit(scrutinee);
                arms.$iter().for_each(|arm| $visit(&$($exclusive)? arm.value));
            }
            Expr::Quantifier { binder, body, .. } => {
                binder.$of_binder($visit);
                $visit(body);
            }
            Expr::ListComprehension { binders, value } => {
                binders.$iter().for_each(|binder| binder.$of_binder($visit));
                $visit(value);
            }
            Expr::MapComprehension { binders, key, value } => {
                binders.$iter().for_each(|binder| binder.$of_binder($visit));
                $visit(key);
                $visit(value);
            }
            Expr::List { items, .. } | Expr::Set(items) => items.$iter().for_each($visit),
            Expr::Map(entries) => entries.$iter().for_each(|(key, value)| {
                $visit(key);
                $visit(value);
            }),
            Expr::Record(fields) | Expr::ReferenceByFields { fields, .. } => {
                fields.$iter().for_each(|(_, value)| $visit(value));
            }
            Expr::Interpolation(parts) => {
                for part in parts {
                    if let TextPart::Expr(value) = part {
                        $visit(value);
                    }
                }
            }
        }
    };
}
pub(crate) use visit_children;

impl Expr {
    /// Calls `visit` with each direct part, in source order.
    pub fn for_each_child<'a>(&'a self, visit: &mut dyn FnMut(&'a Expr)) {
        visit_children!(self, visit, iter, for_each_child)
    }

    /// Calls `visit` with this expression and everything in it, outermost first.
    pub fn walk<'a>(&'a self, visit: &mut dyn FnMut(&'a Expr)) {
        visit(self);
        self.for_each_child(&mut |child| child.walk(visit));
    }

    /// Calls `visit` with each slot that this expression itself fills.
    pub fn for_each_binding(&self, visit: &mut dyn FnMut(Local)) {
        match self {
            Expr::Let { local, .. } | Expr::Filter { local, .. } => visit(*local),
            Expr::Reshape { local, outer, .. } => {
                visit(*local);
                visit(*outer);
            }
            Expr::Quantifier { binder, .. } => binder.for_each_binding(visit),
            Expr::ListComprehension { binders, .. } | Expr::MapComprehension { binders, .. } => {
                binders.iter().for_each(|binder| binder.for_each_binding(visit));
            }
            Expr::Match { arms, .. } => {
                for pattern in arms.iter().flat_map(|arm| &arm.patterns) {
                    if let Pattern::Type { local: Some(local), .. } = pattern {
                        visit(*local);
                    }
                }
            }
            _ => {}
        }
    }
}

impl Binder {
    /// Calls `visit` with each direct part, in source order.
    pub fn for_each_child<'a>(&'a self, visit: &mut dyn FnMut(&'a Expr)) {
        visit(&self.source);
        if let Some(by) = &self.by {
            visit(&by.key);
        }
        if let Some(filter) = &self.filter {
            visit(filter);
        }
    }

    /// Calls `visit` with each slot that the binder fills.
    pub fn for_each_binding(&self, visit: &mut dyn FnMut(Local)) {
        visit(self.local);
        self.second.into_iter().for_each(&mut *visit);
        self.by.iter().for_each(|by| visit(by.local));
    }
}

impl Pattern {
    /// Whether the pattern takes every present, known value.
    pub fn is_catch_all(&self) -> bool {
        matches!(self, Pattern::Any)
    }
}
