//! Changing expressions in place.

use crate::visit::visit_children;
use crate::{Binder, Expr, Local, Pattern, TextPart};

impl Expr {
    /// Calls `visit` with each direct part, in source order.
    pub fn for_each_child_mut(&mut self, visit: &mut dyn FnMut(&mut Expr)) {
        visit_children!(self, visit, iter_mut, for_each_child_mut, mut)
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
