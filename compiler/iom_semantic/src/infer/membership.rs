//! Questions about collections, sets of addresses and ports, and text patterns.

use std::sync::Arc;

use iom_model::{BinaryOp, CompareOp, Comparison, Expr, Literal, Scalar, Type};
use iom_syntax::ast::{self, ExprKind, NodeId};

use super::comparisons::compare;
use super::operators::binary;
use super::{Checker, Typed};
use crate::messages;
use crate::types::{expand, fits};

impl<'db> Checker<'db> {
    pub(super) fn infer_membership(&mut self, op_id: NodeId, left: &ast::Expr, right: &ast::Expr) -> Typed {
        let needle_first =
            !matches!(right.kind, ExprKind::Name(_) | ExprKind::Field { .. }) || !self.needs_help(left);
        let (a, b) = if needle_first {
            let a = self.infer(left, None);
            let item = a.ty.required().clone();
            let b = if item.is_error() {
                self.silently(|checker| checker.infer(right, None))
            } else {
                self.infer(right, Some(&Type::List(Arc::new(item))))
            };
            (a, b)
        } else {
            let b = self.infer(right, None);
            let hint = self.item_type(&b.ty);
            let a = self.infer(left, hint.as_ref());
            (a, b)
        };
        if self.is_secret(&a.ty) || self.is_secret(&b.ty) {
            self.report(messages::secret_used(self.place(op_id), "compared"));
            return Typed::error();
        }
        // Nothing is in what is not there: the members of a team that nobody named.
        let b = without_absence(b);
        let b = self.operand(right.id, b, "searched");
        let fitting = match expand(self.db, &b.ty) {
            Type::Error | Type::Json => true,
            Type::List(item) | Type::Set(item) => self.comparable(&a.ty, &item),
            Type::Map(key, _) => self.comparable(&a.ty, &key),
            Type::Scalar(Scalar::Ports) => self.comparable(&a.ty, &Type::INT),
            Type::Scalar(Scalar::Cidr) => {
                matches!(expand(self.db, a.ty.required()), Type::Scalar(Scalar::Ip | Scalar::Cidr))
            }
            _ => false,
        };
        if !fitting {
            self.report(messages::not_a_member(self.place(op_id), &a.ty, &b.ty));
            return Typed::error();
        }
        if self.is_nocase(&a.ty) || self.is_nocase(&b.ty) {
            return self.membership_without_case(a.expr, b.expr);
        }
        Typed::new(Type::BOOL, binary(BinaryOp::In, a.expr, b.expr))
    }

    /// `in` compares by the values alone; without regard to case it is a question to each element.
    fn membership_without_case(&mut self, item: Expr, container: Expr) -> Typed {
        let local = self.fresh_local();
        let body = compare(CompareOp::Equal, Expr::Local(local), item, Comparison::Nocase);
        let binder = iom_model::Binder { local, second: None, source: container, by: None, filter: None };
        let quantifier = iom_model::Quantifier::Any;
        Typed::new(
            Type::BOOL,
            Expr::Quantifier { quantifier, binder: Box::new(binder), body: Box::new(body) },
        )
    }

    pub(super) fn infer_contains(&mut self, op_id: NodeId, left: &ast::Expr, right: &ast::Expr) -> Typed {
        let a = self.infer(left, None);
        let a = self.operand(left.id, a, "searched");
        let container = expand(self.db, &a.ty);
        let item = match &container {
            Type::List(item) | Type::Set(item) => (**item).clone(),
            Type::Map(key, _) => (**key).clone(),
            Type::Scalar(Scalar::Ports) => Type::INT,
            Type::Scalar(Scalar::Cidr) => Type::Scalar(Scalar::Cidr),
            Type::Scalar(Scalar::String | Scalar::StringNocase) => Type::STRING,
            Type::Json => Type::Json,
            Type::Error => Type::Error,
            other => {
                self.report(messages::not_a_collection(self.place(left.id), other));
                self.infer(right, None);
                return Typed::error();
            }
        };
        // `[10.0.0.0/8] contains 10.1.0.0/16` asks for an equal element; inclusion of addresses is `covers`.
        if matches!(container, Type::List(_) | Type::Set(_))
            && matches!(expand(self.db, &item), Type::Scalar(Scalar::Cidr))
        {
            self.infer(right, Some(&item));
            self.report(messages::contains_for_addresses(self.place(op_id)));
            return Typed::error();
        }
        let b = self.infer(right, Some(&item));
        if !self.comparable(&b.ty, &item) {
            self.report(messages::not_a_member(self.place(op_id), &b.ty, &a.ty));
            return Typed::error();
        }
        let is_collection = matches!(container, Type::List(_) | Type::Set(_));
        if is_collection && (self.is_nocase(&item) || self.is_nocase(&b.ty)) {
            return self.membership_without_case(b.expr, a.expr);
        }
        Typed::new(Type::BOOL, binary(BinaryOp::Contains, a.expr, b.expr))
    }

    /// `overlaps`, `covers`, `within`: set questions about addresses, ports, globs and collections.
    pub(super) fn infer_sets(
        &mut self,
        op_id: NodeId,
        op: BinaryOp,
        left: &ast::Expr,
        right: &ast::Expr,
    ) -> Typed {
        let (a, b) = self.infer_set_pair(left, right);
        let a = self.operand(left.id, a, "compared as a set");
        let b = self.operand(right.id, b, "compared as a set");
        let (x, y) = (self.set_family(&a.ty), self.set_family(&b.ty));
        if let (Some(x), Some(y)) = (x, y)
            && !self.comparable(&x, &y)
        {
            self.report(messages::not_comparable(self.place(op_id), &a.ty, &b.ty));
            return Typed::error();
        }
        Typed::new(Type::BOOL, binary(op, a.expr, b.expr))
    }

    fn infer_set_pair(&mut self, left: &ast::Expr, right: &ast::Expr) -> (Typed, Typed) {
        if self.needs_help(left) && !self.needs_help(right) {
            let b = self.infer(right, None);
            let hint = self.set_family(&b.ty).unwrap_or(Type::Error);
            (self.infer(left, Some(&hint)), b)
        } else {
            let a = self.infer(left, None);
            let family = self.set_family(&a.ty).unwrap_or(Type::Error);
            // A literal on the right may be one value or a collection of them.
            let hint = match (&right.kind, &family) {
                (ExprKind::Set(_) | ExprKind::List(_), Type::Scalar(Scalar::Ports)) => family,
                (ExprKind::Set(_) | ExprKind::List(_), _) => Type::List(Arc::new(family)),
                _ => family,
            };
            let b = self.infer(right, Some(&hint));
            (a, b)
        }
    }

    /// What a set operand is a set of.
    fn set_family(&self, ty: &Type) -> Option<Type> {
        match expand(self.db, ty.required()) {
            Type::List(item) | Type::Set(item) => self.set_family(&item).or_else(|| Some((*item).clone())),
            Type::Scalar(Scalar::Ip) => Some(Type::Scalar(Scalar::Cidr)),
            Type::Scalar(Scalar::Int | Scalar::Port | Scalar::Ports) => Some(Type::Scalar(Scalar::Ports)),
            Type::Error | Type::Json => None,
            other => Some(other),
        }
    }

    pub(super) fn infer_matches(&mut self, left: &ast::Expr, right: &ast::Expr) -> Typed {
        if matches!(&right.kind, ExprKind::String(_) | ExprKind::Literal(ast::Literal::Raw(_))) {
            self.report(messages::matches_text(self.place(right.id)));
            self.infer(left, None);
            return Typed::error();
        }
        let a = self.check(left, &Type::Scalar(Scalar::Selector));
        let labels = Type::Map(Arc::new(Type::STRING), Arc::new(Type::STRING));
        let b = self.check(right, &labels);
        Typed::new(Type::BOOL, binary(BinaryOp::Matches, a, b))
    }

    pub(super) fn infer_matching(&mut self, op_id: NodeId, left: &ast::Expr, right: &ast::Expr) -> Typed {
        let a = self.text_operand(op_id, left, "matched");
        let b = self.infer(right, Some(&Type::Scalar(Scalar::Regex)));
        match &b.expr {
            Expr::Literal(Literal::Scalar(Scalar::Regex, pattern)) => {
                self.check_pattern(right.id, pattern);
            }
            _ if b.ty.is_error() => {}
            _ => self.report(messages::regex_literal_wanted(self.place(right.id))),
        }
        Typed::new(Type::BOOL, binary(BinaryOp::Matching, a, b.expr))
    }

    pub(super) fn infer_like(&mut self, op_id: NodeId, left: &ast::Expr, right: &ast::Expr) -> Typed {
        let a = self.text_operand(op_id, left, "matched");
        let glob = if matches!(self.silently(|checker| checker.infer(left, None)).ty, ref ty if self.is_nocase(ty))
        {
            Scalar::GlobNocase
        } else {
            Scalar::Glob
        };
        let b = self.check(right, &Type::Scalar(glob));
        Typed::new(Type::BOOL, binary(BinaryOp::Like, a, b))
    }

    fn text_operand(&mut self, op_id: NodeId, operand: &ast::Expr, use_: &str) -> Expr {
        let typed = self.infer(operand, Some(&Type::STRING));
        let typed = self.operand(operand.id, typed, use_);
        match expand(self.db, &typed.ty) {
            Type::Error | Type::Json | Type::Enum(_) => {}
            // A reference that is not in the model is its text.
            Type::Element(_) => {}
            ref ty if fits(self.db, ty, &Type::STRING) => {}
            other => {
                self.report(messages::no_such_operation(self.place(op_id), "a text pattern", &other, None))
            }
        }
        typed.expr
    }
}

/// An optional list as one that is empty where it is absent; unknown stays unknown.
fn without_absence(typed: Typed) -> Typed {
    match &typed.ty {
        Type::Optional(inner) if matches!(**inner, Type::List(_) | Type::Set(_)) => {
            let empty = Expr::List { items: Vec::new(), drops_absent: false };
            let expr = Expr::Coalesce(Box::new(typed.expr), Box::new(empty));
            Typed::new((**inner).clone(), expr)
        }
        _ => typed,
    }
}
