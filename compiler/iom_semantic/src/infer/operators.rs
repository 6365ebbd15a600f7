//! Logic, arithmetic, `??`, `named`, ranges, `where` and references.

use std::sync::Arc;

use iom_model::{BinaryOp, CompareOp, Expr, Literal, Nominal, Scalar, Type};
use iom_syntax::ast::{self, ExprKind, NodeId, UnaryOp};

use super::comparisons::has_order;
use super::{Checker, Surroundings, Typed};
use crate::messages;
use crate::types::{expand, fits, join};

impl<'db> Checker<'db> {
    pub(super) fn infer_unary(
        &mut self,
        id: NodeId,
        op: UnaryOp,
        operand: &ast::Expr,
        expected: Option<&Type>,
    ) -> Typed {
        match op {
            UnaryOp::Not => {
                let operand = self.condition(operand);
                Typed::new(Type::BOOL, Expr::Not(Box::new(operand)))
            }
            UnaryOp::Negate => self.infer_negation(id, operand, expected),
            UnaryOp::Ref => self.infer_reference(id, operand, expected, false),
            UnaryOp::Refs => self.infer_reference(id, operand, expected, true),
        }
    }

    fn infer_negation(&mut self, id: NodeId, operand: &ast::Expr, expected: Option<&Type>) -> Typed {
        let typed = self.infer(operand, expected);
        match (&typed.expr, expand(self.db, &typed.ty)) {
            (Expr::Literal(Literal::Int(value)), _) => {
                Typed::new(typed.ty, Expr::Literal(Literal::Int(-value)))
            }
            (
                _,
                Type::Scalar(Scalar::Int | Scalar::Decimal | Scalar::Duration | Scalar::Percent)
                | Type::Json
                | Type::Error,
            ) => Typed::new(typed.ty, Expr::Negate(Box::new(typed.expr))),
            (_, other) => {
                self.report(messages::no_such_operation(self.place(id), "-", &other, None));
                Typed::error()
            }
        }
    }

    pub(super) fn infer_binary(
        &mut self,
        op: ast::BinaryOp,
        op_id: NodeId,
        left: &ast::Expr,
        right: &ast::Expr,
        expected: Option<&Type>,
    ) -> Typed {
        use ast::BinaryOp as B;
        match op {
            B::And | B::Or => self.infer_logic(op == B::And, left, right),
            B::Equal => self.infer_equality(op_id, CompareOp::Equal, left, right),
            B::NotEqual => self.infer_equality(op_id, CompareOp::NotEqual, left, right),
            B::Less => self.infer_order(op_id, CompareOp::Less, left, right),
            B::LessEqual => self.infer_order(op_id, CompareOp::LessEqual, left, right),
            B::Greater => self.infer_order(op_id, CompareOp::Greater, left, right),
            B::GreaterEqual => self.infer_order(op_id, CompareOp::GreaterEqual, left, right),
            B::In => self.infer_membership(op_id, left, right),
            B::NotIn => {
                let inside = self.infer_membership(op_id, left, right);
                Typed::new(inside.ty, Expr::Not(Box::new(inside.expr)))
            }
            B::Contains => self.infer_contains(op_id, left, right),
            B::Overlaps => self.infer_sets(op_id, BinaryOp::Overlaps, left, right),
            B::Covers => self.infer_sets(op_id, BinaryOp::Covers, left, right),
            B::Within => self.infer_sets(op_id, BinaryOp::Within, left, right),
            B::Matches => self.infer_matches(left, right),
            B::Matching => self.infer_matching(op_id, left, right),
            B::Like => self.infer_like(op_id, left, right),
            B::Coalesce | B::Default => self.infer_coalesce(left, right, expected),
            B::Named => self.infer_named(left, right),
            B::Range => self.infer_range(op_id, left, right),
            B::Add | B::Subtract | B::Multiply | B::Divide => self.infer_arithmetic(op_id, op, left, right),
            B::Concat => self.infer_concat(op_id, left, right, expected),
            B::Where => self.infer_where(left, right),
            B::Conforms => self.infer_conforms(op_id, left, right),
        }
    }

    fn infer_logic(&mut self, is_and: bool, left: &ast::Expr, right: &ast::Expr) -> Typed {
        let written = left;
        let complaints = self.complaints();
        let left = self.condition(written);
        let right = self.in_scope(|checker| {
            checker.learn_from(written, &left, is_and, complaints);
            checker.condition(right)
        });
        let (left, right) = (Box::new(left), Box::new(right));
        Typed::new(Type::BOOL, if is_and { Expr::And(left, right) } else { Expr::Or(left, right) })
    }

    fn infer_coalesce(&mut self, left: &ast::Expr, right: &ast::Expr, expected: Option<&Type>) -> Typed {
        let hint = expected.cloned().map(Type::optional);
        let a = self.infer(left, hint.as_ref());
        let required = a.ty.required().clone();
        let right_hint = match required {
            Type::Json | Type::Error | Type::Absent => expected.cloned(),
            ref other => Some(other.clone()),
        };
        let right_hint = match (expected, &right.kind) {
            // `{e.tls ?? "no known version"}`: words for a reader, where nothing but a text is wanted.
            (None, ExprKind::String(_)) if self.is_no_alternative(right, &required) => Some(Type::STRING),
            _ => right_hint,
        };
        let b = self.infer(right, right_hint.as_ref());
        let ty = match (&required, &b.ty) {
            (Type::Absent, other) => (*other).clone(),
            (Type::Json, Type::Absent) => Type::Json,
            _ => self.join_or_report(right.id, &required, &b.ty, "the sides of `??`"),
        };
        let ty = if b.ty.is_optional() && !matches!(ty, Type::Json) { ty.optional() } else { ty };
        Typed::new(ty, Expr::Coalesce(Box::new(a.expr), Box::new(b.expr)))
    }

    /// Whether a string is none of an enum's values.
    fn is_no_alternative(&mut self, expr: &ast::Expr, ty: &Type) -> bool {
        matches!(expand(self.db, ty), Type::Enum(_))
            && self.silently(|checker| checker.infer(expr, Some(ty))).ty.is_error()
    }

    fn infer_named(&mut self, left: &ast::Expr, right: &ast::Expr) -> Typed {
        let population = self.infer(left, None);
        let name = self.infer(right, Some(&Type::STRING.optional()));
        let name = match expand(self.db, name.ty.required()) {
            Type::Error | Type::Json | Type::Absent => name.expr,
            ref ty if fits(self.db, ty, &Type::STRING) => name.expr,
            other => {
                self.report(messages::type_mismatch(self.place(right.id), &other, &Type::STRING));
                Expr::Error
            }
        };
        match population.expr {
            Expr::Population(nominal) => {
                let ty = Type::Element(nominal.clone()).optional();
                Typed::new(ty, Expr::Named { nominal, name: Box::new(name) })
            }
            Expr::Error => Typed::error(),
            _ => {
                self.report(messages::named_needs_kind(self.place(left.id)));
                Typed::error()
            }
        }
    }

    fn infer_range(&mut self, op_id: NodeId, left: &ast::Expr, right: &ast::Expr) -> Typed {
        let (a, b) = self.infer_pair(left, right);
        let a = self.operand(left.id, a, "the start of a range");
        let b = self.operand(right.id, b, "the end of a range");
        match join(self.db, &a.ty, &b.ty) {
            Some(ty)
                if matches!(expand(self.db, &ty), Type::Error | Type::Json) || self.has_type_order(&ty) =>
            {
                Typed::new(Type::List(Arc::new(ty)), binary(BinaryOp::Range, a.expr, b.expr))
            }
            _ => {
                self.report(messages::not_orderable(self.place(op_id), &a.ty, &b.ty));
                Typed::error()
            }
        }
    }

    fn has_type_order(&self, ty: &Type) -> bool {
        match expand(self.db, ty) {
            Type::Scalar(scalar) => has_order(scalar),
            Type::Enum(ty) => ty.is_ordered,
            _ => false,
        }
    }

    fn infer_arithmetic(
        &mut self,
        op_id: NodeId,
        op: ast::BinaryOp,
        left: &ast::Expr,
        right: &ast::Expr,
    ) -> Typed {
        use ast::BinaryOp as B;
        let (a, b) = (self.infer(left, None), self.infer(right, None));
        let a = self.operand(left.id, a, "calculated with");
        let b = self.operand(right.id, b, "calculated with");
        let ir = match op {
            B::Add => BinaryOp::Add,
            B::Subtract => BinaryOp::Subtract,
            B::Multiply => BinaryOp::Multiply,
            _ => BinaryOp::Divide,
        };
        let ty = match (expand(self.db, &a.ty), expand(self.db, &b.ty)) {
            (Type::Error, _) | (_, Type::Error) => Some(Type::Error),
            (Type::Json, other) | (other, Type::Json) => Some(other),
            (Type::Scalar(x), Type::Scalar(y)) => arithmetic_result(ir, x, y).map(Type::Scalar),
            _ => None,
        };
        let Some(ty) = ty else {
            let hint = matches!((&a.ty, op), (Type::Scalar(Scalar::String), B::Add))
                .then_some("texts are joined with `++`");
            self.report(messages::no_such_operation(self.place(op_id), op_text(op), &a.ty, hint));
            return Typed::error();
        };
        if let (B::Divide, Expr::Literal(Literal::Int(0))) = (op, &b.expr) {
            self.report(messages::division_by_zero(self.place(right.id)));
            return Typed::error();
        }
        Typed::new(ty, binary(ir, a.expr, b.expr))
    }

    fn infer_concat(
        &mut self,
        op_id: NodeId,
        left: &ast::Expr,
        right: &ast::Expr,
        expected: Option<&Type>,
    ) -> Typed {
        let a = self.infer(left, expected);
        let hint =
            if matches!(a.ty, Type::Json | Type::Error) { expected.cloned() } else { Some(a.ty.clone()) };
        let b = self.infer(right, hint.as_ref());
        let a = self.operand(left.id, a, "joined");
        let b = self.operand(right.id, b, "joined");
        let is_joinable = |ty: &Type| {
            matches!(ty, Type::List(_) | Type::Set(_) | Type::Json | Type::Error | Type::Map(..))
                || matches!(ty, Type::Scalar(Scalar::String | Scalar::StringNocase))
        };
        let (x, y) = (expand(self.db, &a.ty), expand(self.db, &b.ty));
        let ty = self.join_types(&x, &y).filter(|_| is_joinable(&x) && is_joinable(&y));
        match ty {
            Some(ty) => Typed::new(ty, binary(BinaryOp::Concat, a.expr, b.expr)),
            None => {
                self.report(messages::not_comparable(self.place(op_id), &a.ty, &b.ty));
                Typed::error()
            }
        }
    }

    fn infer_where(&mut self, left: &ast::Expr, right: &ast::Expr) -> Typed {
        let source = self.infer(left, None);
        let source = self.operand(left.id, source, "filtered");
        let Some(item) = self.item_type(&source.ty) else {
            self.report(messages::not_a_collection(self.place(left.id), &source.ty));
            return Typed::error();
        };
        self.in_scope(|checker| {
            let local = checker.bind_thing_at_hand(item);
            checker.forget(local);
            let condition = checker.condition(right);
            Typed::new(
                source.ty,
                Expr::Filter { source: Box::new(source.expr), local, condition: Box::new(condition) },
            )
        })
    }

    /// In adapters only: what `ref` points at is decided by the field it is given to.
    fn infer_reference(
        &mut self,
        id: NodeId,
        operand: &ast::Expr,
        expected: Option<&Type>,
        is_many: bool,
    ) -> Typed {
        if self.surroundings != Surroundings::Adapter {
            self.report(messages::reference_outside_adapter(self.place(id)));
            return Typed::error();
        }
        let wanted = self.wanted(expected);
        let target = match wanted {
            Some(Type::Element(nominal)) => nominal,
            Some(Type::List(item) | Type::Set(item)) => match self.wanted(Some(&item)) {
                Some(Type::Element(nominal)) => nominal,
                _ => Nominal::Trait("std.prelude.Element".into()),
            },
            _ => Nominal::Trait("std.prelude.Element".into()),
        };
        let element = Type::Element(target.clone());
        if let ExprKind::Record(fields) = &operand.kind {
            let fields = self.reference_fields(fields, &target);
            return Typed::new(element.optional(), Expr::ReferenceByFields { fields, target });
        }
        let value = self.infer(operand, None);
        let expr = Expr::Reference { value: Box::new(value.expr), target, is_many };
        Typed::new(if is_many { Type::List(Arc::new(element)) } else { element.optional() }, expr)
    }
}

pub(super) fn binary(op: BinaryOp, left: Expr, right: Expr) -> Expr {
    Expr::Binary { op, left: Box::new(left), right: Box::new(right) }
}

fn op_text(op: ast::BinaryOp) -> &'static str {
    match op {
        ast::BinaryOp::Add => "+",
        ast::BinaryOp::Subtract => "-",
        ast::BinaryOp::Multiply => "*",
        _ => "/",
    }
}

/// What two scalars give; `None` where the operation makes no sense.
fn arithmetic_result(op: BinaryOp, a: Scalar, b: Scalar) -> Option<Scalar> {
    use Scalar as S;
    let number = |scalar| matches!(scalar, S::Int | S::Decimal | S::Port);
    match (op, a, b) {
        (BinaryOp::Divide, a, b) if number(a) && number(b) => Some(S::Decimal),
        (_, S::Int | S::Port, S::Int | S::Port) => Some(S::Int),
        (_, a, b) if number(a) && number(b) => Some(S::Decimal),
        (BinaryOp::Add, S::Date | S::Time, S::Duration) | (BinaryOp::Add, S::Duration, S::Date | S::Time) => {
            Some(S::Time)
        }
        (BinaryOp::Subtract, S::Date | S::Time, S::Duration) => Some(S::Time),
        (BinaryOp::Subtract, S::Date | S::Time, S::Date | S::Time) => Some(S::Duration),
        (BinaryOp::Add | BinaryOp::Subtract, a, b) if a == b => {
            matches!(a, S::Duration | S::Bytes | S::Cpu | S::Percent).then_some(a)
        }
        (BinaryOp::Multiply, S::Duration | S::Bytes | S::Cpu | S::Percent, S::Int) => Some(a),
        (BinaryOp::Multiply, S::Int, S::Duration | S::Bytes | S::Cpu | S::Percent) => Some(b),
        (BinaryOp::Divide, S::Bytes | S::Duration | S::Cpu, S::Int) => Some(a),
        (BinaryOp::Divide, a, b) if a == b && matches!(a, S::Bytes | S::Duration | S::Cpu) => {
            Some(S::Decimal)
        }
        _ => None,
    }
}
