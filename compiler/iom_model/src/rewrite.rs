//! Changing expressions in place.

use crate::{Binder, Expr, Local, Pattern, TextPart};

impl Expr {
    /// Calls `visit` with each direct part, in source order.
    pub fn for_each_child_mut(&mut self, visit: &mut dyn FnMut(&mut Expr)) {
        match self {
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
            Expr::Conforms { value, pattern } => {
                visit(value);
                pattern.arguments.iter_mut().flatten().for_each(visit);
            }
            Expr::Field { base: value, .. }
            | Expr::Built { root: value, .. }
            | Expr::Not(value)
            | Expr::Negate(value)
            | Expr::Named { name: value, .. }
            | Expr::Is { value, .. }
            | Expr::Reference { value, .. }
            | Expr::Convert { value, .. } => visit(value),
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
                visit(left);
                visit(right);
            }
            Expr::Call { arguments, .. } | Expr::Builtin { arguments, .. } => {
                arguments.iter_mut().for_each(visit)
            }
            Expr::If { condition, then, otherwise } => {
                visit(condition);
                visit(then);
                visit(otherwise);
            }
            Expr::Match { scrutinee, arms } => {
                visit(scrutinee);
                arms.iter_mut().for_each(|arm| visit(&mut arm.value));
            }
            Expr::Quantifier { binder, body, .. } => {
                binder.for_each_child_mut(visit);
                visit(body);
            }
            Expr::ListComprehension { binders, value } => {
                binders.iter_mut().for_each(|binder| binder.for_each_child_mut(visit));
                visit(value);
            }
            Expr::MapComprehension { binders, key, value } => {
                binders.iter_mut().for_each(|binder| binder.for_each_child_mut(visit));
                visit(key);
                visit(value);
            }
            Expr::List { items, .. } | Expr::Set(items) => items.iter_mut().for_each(visit),
            Expr::Map(entries) => entries.iter_mut().for_each(|(key, value)| {
                visit(key);
                visit(value);
            }),
            Expr::Record(fields) | Expr::ReferenceByFields { fields, .. } => {
                fields.iter_mut().for_each(|(_, value)| visit(value));
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

    /// Moves every slot up, so that the expression can be evaluated in a frame whose first slots belong to somebody else.
    pub fn shift_locals(&mut self, by: u32) {
        let shift = |local: &mut Local| local.0 += by;
        match self {
            Expr::Local(local) | Expr::Let { local, .. } | Expr::Filter { local, .. } => shift(local),
            Expr::Reshape { local, outer, .. } => {
                shift(local);
                shift(outer);
            }
            Expr::Match { arms, .. } => {
                for pattern in arms.iter_mut().flat_map(|arm| &mut arm.patterns) {
                    if let Pattern::Type { local: Some(local), .. } = pattern {
                        shift(local);
                    }
                }
            }
            Expr::Quantifier { binder, .. } => binder.shift_own_locals(by),
            Expr::ListComprehension { binders, .. } | Expr::MapComprehension { binders, .. } => {
                binders.iter_mut().for_each(|binder| binder.shift_own_locals(by));
            }
            _ => {}
        }
        self.for_each_child_mut(&mut |child| child.shift_locals(by));
    }

    /// Puts an expression wherever a slot is read.
    pub fn replace_local(&mut self, local: Local, with: &Expr) {
        if *self == Expr::Local(local) {
            *self = with.clone();
            return;
        }
        self.for_each_child_mut(&mut |child| child.replace_local(local, with));
    }

    /// How many expressions it is made of.
    pub fn node_count(&self) -> usize {
        let mut count = 0;
        self.walk(&mut |_| count += 1);
        count
    }
}

impl Binder {
    /// Calls `visit` with each direct part, in source order.
    pub fn for_each_child_mut(&mut self, visit: &mut dyn FnMut(&mut Expr)) {
        visit(&mut self.source);
        if let Some(by) = &mut self.by {
            visit(&mut by.key);
        }
        if let Some(filter) = &mut self.filter {
            visit(filter);
        }
    }

    fn shift_own_locals(&mut self, by: u32) {
        self.local.0 += by;
        if let Some(second) = &mut self.second {
            second.0 += by;
        }
        if let Some(group) = &mut self.by {
            group.local.0 += by;
        }
    }
}
