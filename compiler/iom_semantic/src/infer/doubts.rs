//! What a condition with a mistake would have taught: nobody knows, so anything about the values that it names. Otherwise one
//! misspelt field would make an error of every clause that relies on it.

use iom_model::{Expr, Type};
use iom_syntax::ast::{self, ExprKind};
use smol_str::SmolStr;

use super::conditions::is_test_word;
use super::narrowing::ValuePath;
use super::{Checker, Typed};
use crate::check::ring::children::for_each_child;
use crate::types::expand;

impl Checker<'_> {
    /// How many complaints there are: for [`Checker::learn_from`], before the condition is looked at.
    pub(crate) fn complaints(&self) -> usize {
        self.diagnostics.len()
    }

    /// As [`Checker::learn`], for a condition as it is written; there were so many complaints before it was looked at.
    pub(crate) fn learn_from(
        &mut self,
        written: &ast::Expr,
        condition: &Expr,
        outcome: bool,
        complaints: usize,
    ) {
        self.learn(condition, outcome);
        if self.is_faulty(condition, complaints) {
            self.doubt(written);
        }
    }

    /// Whether something is wrong with an expression.
    pub(crate) fn is_faulty(&self, expr: &Expr, complaints: usize) -> bool {
        let mut is_faulty = self.diagnostics.iter().skip(complaints).any(|complaint| complaint.is_error());
        expr.walk(&mut |part| is_faulty |= *part == Expr::Error);
        is_faulty
    }

    /// From here on whatever an expression names is taken for what is needed of it.
    pub(crate) fn doubt(&mut self, written: &ast::Expr) {
        let mut named = Named::default();
        named.collect(written, true);
        let Named { values, tested, inner } = named;
        let is_outer = |value: &&ast::Expr| root_name(value).is_none_or(|name| !inner.contains(&name));
        let mut is_told = false;
        for value in values.into_iter().filter(is_outer) {
            is_told |= self.doubt_value(value);
        }
        for value in tested.into_iter().filter(is_outer) {
            if let Some(path) = self.path_of(value) {
                self.doubt_all_of(path);
                is_told = true;
            }
        }
        if !is_told {
            self.doubt_below(ValuePath::anything());
        }
    }

    /// What is named is there, as far as it can be told; of a path with a mistake everything below what is known of it. False
    /// where it is no value that could be learnt about.
    fn doubt_value(&mut self, value: &ast::Expr) -> bool {
        let mut known = value;
        loop {
            let typed = self.silently(|checker| checker.infer(known, None));
            if !typed.ty.is_error() {
                let Some(path) = ValuePath::of(&typed.expr) else { return false };
                self.learn_present(&typed.expr);
                self.doubt_unions(known);
                if !std::ptr::eq(known, value) {
                    self.doubt_below(path);
                }
                return true;
            }
            match &known.kind {
                ExprKind::Field { base, .. } => known = base,
                ExprKind::Name(_) | ExprKind::DotField(_) if std::ptr::eq(known, value) => return false,
                _ => {
                    self.doubt_below(ValuePath::anything());
                    return true;
                }
            }
        }
    }

    /// Which branch of a union is meant, if the path leads through one.
    fn doubt_unions(&mut self, value: &ast::Expr) {
        let mut current = value;
        while let ExprKind::Field { base, .. } = &current.kind {
            current = base;
            let Typed { ty, expr } = self.silently(|checker| checker.infer(current, None));
            if let (Type::Union(_), Some(path)) = (expand(self.db, ty.required()), ValuePath::of(&expr)) {
                self.doubt_all_of(path);
            }
        }
    }

    fn path_of(&mut self, value: &ast::Expr) -> Option<ValuePath> {
        let typed = self.silently(|checker| checker.infer(value, None));
        ValuePath::of(&typed.expr)
    }
}

/// What an expression names.
#[derive(Default)]
struct Named<'e> {
    /// Names, with the fields that are read of them.
    values: Vec<&'e ast::Expr>,
    /// What is asked to be of some kind.
    tested: Vec<&'e ast::Expr>,
    /// Names that mean something inside only.
    inner: Vec<&'e SmolStr>,
}

impl<'e> Named<'e> {
    fn collect(&mut self, expr: &'e ast::Expr, has_thing_at_hand: bool) {
        match &expr.kind {
            ExprKind::Name(_) => return self.values.push(expr),
            ExprKind::DotField(_) if has_thing_at_hand => return self.values.push(expr),
            ExprKind::Field { .. } if is_path(expr) => {
                if has_thing_at_hand || root_name(expr).is_some() {
                    self.values.push(expr);
                }
                return;
            }
            ExprKind::Is { value, test, .. } if !is_test_word(test) && is_path(value) => {
                self.tested.push(value)
            }
            ExprKind::Quantifier { binder, .. } => self.bound(binder),
            ExprKind::ListComprehension { binders, .. } | ExprKind::MapComprehension { binders, .. } => {
                binders.iter().for_each(|binder| self.bound(binder));
            }
            ExprKind::Let { name, .. } => self.inner.push(&name.text),
            ExprKind::Binary { op: ast::BinaryOp::Where, left, right, .. } => {
                self.collect(left, has_thing_at_hand);
                return self.collect(right, false);
            }
            _ => {}
        }
        let mut parts = Vec::new();
        for_each_child(expr, &mut |part| parts.push(part));
        parts.into_iter().for_each(|part| self.collect(part, has_thing_at_hand));
    }

    fn bound(&mut self, binder: &'e ast::InBinder) {
        self.inner.push(&binder.name.text);
        self.inner.extend(binder.second.iter().map(|name| &name.text));
    }
}

fn is_path(mut expr: &ast::Expr) -> bool {
    while let ExprKind::Field { base, .. } = &expr.kind {
        expr = base;
    }
    matches!(expr.kind, ExprKind::Name(_) | ExprKind::DotField(_))
}

fn root_name(mut expr: &ast::Expr) -> Option<&SmolStr> {
    while let ExprKind::Field { base, .. } = &expr.kind {
        expr = base;
    }
    match &expr.kind {
        ExprKind::Name(name) => Some(name),
        _ => None,
    }
}
