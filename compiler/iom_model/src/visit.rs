//! Walking over expressions.

use crate::{Binder, Expr, Local, Pattern, TextPart};

impl Expr {
    /// Calls `visit` with each direct part, in source order.
    pub fn for_each_child<'a>(&'a self, visit: &mut dyn FnMut(&'a Expr)) {
        match self {
            Expr::Error
            | Expr::Literal(_)
            | Expr::Local(_)
            | Expr::Global(_)
            | Expr::Resource(_)
            | Expr::Now
            | Expr::Context(_)
            | Expr::Population(_) => {}
            Expr::Field { base, .. } => visit(base),
            Expr::Not(value) | Expr::Negate(value) => visit(value),
            Expr::Named { name, .. } => visit(name),
            Expr::Is { value, .. } | Expr::Reference { value, .. } | Expr::Convert { value, .. } => {
                visit(value)
            }
            Expr::Index { base: left, index: right }
            | Expr::And(left, right)
            | Expr::Or(left, right)
            | Expr::Coalesce(left, right)
            | Expr::Binary { left, right, .. }
            | Expr::Compare { left, right, .. }
            | Expr::Let { value: left, body: right, .. }
            | Expr::Filter { source: left, condition: right, .. }
            | Expr::Reshape { value: left, record: right, .. } => {
                visit(left);
                visit(right);
            }
            Expr::Call { arguments, .. } | Expr::Builtin { arguments, .. } => {
                arguments.iter().for_each(visit)
            }
            Expr::If { condition, then, otherwise } => {
                visit(condition);
                visit(then);
                visit(otherwise);
            }
            Expr::Match { scrutinee, arms } => {
                visit(scrutinee);
                arms.iter().for_each(|arm| visit(&arm.value));
            }
            Expr::Quantifier { binder, body, .. } => {
                binder.for_each_child(visit);
                visit(body);
            }
            Expr::ListComprehension { binders, value } => {
                binders.iter().for_each(|binder| binder.for_each_child(visit));
                visit(value);
            }
            Expr::MapComprehension { binders, key, value } => {
                binders.iter().for_each(|binder| binder.for_each_child(visit));
                visit(key);
                visit(value);
            }
            Expr::List { items, .. } | Expr::Set(items) => items.iter().for_each(visit),
            Expr::Map(entries) => entries.iter().for_each(|(key, value)| {
                visit(key);
                visit(value);
            }),
            Expr::Record(fields) | Expr::ReferenceByFields { fields, .. } => {
                fields.iter().for_each(|(_, value)| visit(value));
            }
            Expr::Interpolation(parts) => {
                for part in parts {
                    if let TextPart::Expr(value) = part {
                        visit(value);
                    }
                }
            }
        }
    }

    /// Calls `visit` with this expression and everything in it, outermost first.
    pub fn walk<'a>(&'a self, visit: &mut dyn FnMut(&'a Expr)) {
        visit(self);
        self.for_each_child(&mut |child| child.walk(visit));
    }
}

impl Expr {
    /// Moves every slot up, so that the expression can be evaluated in a frame whose first slots belong to somebody else.
    pub fn shift_locals(&mut self, by: u32) {
        let shift = |local: &mut Local| local.0 += by;
        match self {
            Expr::Error
            | Expr::Literal(_)
            | Expr::Global(_)
            | Expr::Resource(_)
            | Expr::Now
            | Expr::Context(_)
            | Expr::Population(_) => {}
            Expr::Local(local) => shift(local),
            Expr::Field { base, .. } => base.shift_locals(by),
            Expr::Not(value) | Expr::Negate(value) => value.shift_locals(by),
            Expr::Named { name, .. } => name.shift_locals(by),
            Expr::Is { value, .. } | Expr::Reference { value, .. } | Expr::Convert { value, .. } => {
                value.shift_locals(by);
            }
            Expr::Index { base: left, index: right }
            | Expr::And(left, right)
            | Expr::Or(left, right)
            | Expr::Coalesce(left, right)
            | Expr::Binary { left, right, .. }
            | Expr::Compare { left, right, .. } => {
                left.shift_locals(by);
                right.shift_locals(by);
            }
            Expr::Let { local, value: left, body: right }
            | Expr::Filter { local, source: left, condition: right } => {
                shift(local);
                left.shift_locals(by);
                right.shift_locals(by);
            }
            Expr::Reshape { local, outer, value, record } => {
                shift(local);
                shift(outer);
                value.shift_locals(by);
                record.shift_locals(by);
            }
            Expr::Call { arguments: items, .. }
            | Expr::Builtin { arguments: items, .. }
            | Expr::List { items, .. }
            | Expr::Set(items) => items.iter_mut().for_each(|item| item.shift_locals(by)),
            Expr::If { condition, then, otherwise } => {
                condition.shift_locals(by);
                then.shift_locals(by);
                otherwise.shift_locals(by);
            }
            Expr::Match { scrutinee, arms } => {
                scrutinee.shift_locals(by);
                for arm in arms {
                    arm.value.shift_locals(by);
                    for pattern in &mut arm.patterns {
                        if let Pattern::Type { local: Some(local), .. } = pattern {
                            shift(local);
                        }
                    }
                }
            }
            Expr::Quantifier { binder, body, .. } => {
                binder.shift_locals(by);
                body.shift_locals(by);
            }
            Expr::ListComprehension { binders, value } => {
                binders.iter_mut().for_each(|binder| binder.shift_locals(by));
                value.shift_locals(by);
            }
            Expr::MapComprehension { binders, key, value } => {
                binders.iter_mut().for_each(|binder| binder.shift_locals(by));
                key.shift_locals(by);
                value.shift_locals(by);
            }
            Expr::Map(entries) => {
                for (key, value) in entries {
                    key.shift_locals(by);
                    value.shift_locals(by);
                }
            }
            Expr::Record(fields) | Expr::ReferenceByFields { fields, .. } => {
                fields.iter_mut().for_each(|(_, value)| value.shift_locals(by));
            }
            Expr::Interpolation(parts) => {
                for part in parts {
                    if let TextPart::Expr(value) = part {
                        value.shift_locals(by);
                    }
                }
            }
        }
    }
}

impl Binder {
    fn shift_locals(&mut self, by: u32) {
        self.local.0 += by;
        self.second.iter_mut().for_each(|second| second.0 += by);
        self.source.shift_locals(by);
        if let Some(by_key) = &mut self.by {
            by_key.local.0 += by;
            by_key.key.shift_locals(by);
        }
        self.filter.iter_mut().for_each(|filter| filter.shift_locals(by));
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
}

impl Pattern {
    /// Whether the pattern takes every present, known value.
    pub fn is_catch_all(&self) -> bool {
        matches!(self, Pattern::Any)
    }
}
