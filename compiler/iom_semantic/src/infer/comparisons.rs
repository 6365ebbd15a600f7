//! Equality and order, and what both sides of a comparison tell each other.

use iom_model::{CompareOp, Comparison, Expr, Literal, Nominal, Scalar, Type};
use iom_syntax::ast::{self, ExprKind, NodeId};

use super::{Checker, Typed};
use crate::messages;
use crate::types::{expand, fits, same_scalar_family};

impl<'db> Checker<'db> {
    /// Both sides of a comparison, each helping the other: the one that means nothing alone is looked at second.
    pub(super) fn infer_pair(&mut self, left: &ast::Expr, right: &ast::Expr) -> (Typed, Typed) {
        if self.needs_help(left) && !self.needs_help(right) {
            let right = self.infer(right, None);
            (self.infer_beside(left, &right.ty), right)
        } else {
            let left = self.infer(left, None);
            let right = self.infer_beside(right, &left.ty);
            (left, right)
        }
    }

    /// The other side of an operator. Where the first side is a mistake nothing is known of what was wanted here, and
    /// complaining would report that mistake twice. (`unknown`, which fits everything, is no mistake: what stands beside it
    /// keeps its meaning.)
    pub(super) fn infer_beside(&mut self, expr: &ast::Expr, other: &Type) -> Typed {
        if other.is_error() && self.needs_help(expr) {
            return self.silently(|checker| checker.infer(expr, None));
        }
        let hint = other.required().clone();
        self.infer(expr, Some(&hint))
    }

    /// Whether an expression takes its meaning from what is expected: bare names, strings, numbers.
    pub(super) fn needs_help(&self, expr: &ast::Expr) -> bool {
        match &expr.kind {
            ExprKind::Name(name) => {
                self.binding(name).is_none()
                    && crate::names::resolve(self.db, self.scope, std::slice::from_ref(name)).is_none()
                    && !self.given.iter().any(|(given, _, _)| given == name)
            }
            ExprKind::String(_) | ExprKind::Literal(_) => true,
            _ => false,
        }
    }

    pub(super) fn infer_equality(
        &mut self,
        op_id: NodeId,
        op: CompareOp,
        left: &ast::Expr,
        right: &ast::Expr,
    ) -> Typed {
        let (a, b) = self.infer_pair(left, right);
        if self.is_secret(&a.ty) || self.is_secret(&b.ty) {
            self.report(messages::secret_used(self.place(op_id), "compared"));
            return Typed::error();
        }
        // Traps: `x != "bad"` holds for an absent x, which is hardly ever meant.
        if op == CompareOp::NotEqual
            && a.ty.is_optional() != b.ty.is_optional()
            && !is_absent(&a)
            && !is_absent(&b)
            && !matches!((&a.ty, &b.ty), (Type::Error, _) | (_, Type::Error))
        {
            let is_left = a.ty.is_optional();
            let (ty, optional, other) = if is_left { (&a.ty, left, right) } else { (&b.ty, right, left) };
            let (optional, other) = (written_path(optional), written_briefly(other));
            let place = self.place(op_id);
            let message = messages::not_equal_on_optional(place, ty, optional.as_deref(), other.as_deref());
            self.report(message);
            return Typed::error();
        }
        if !self.comparable(&a.ty, &b.ty) {
            self.report(messages::not_comparable(self.place(op_id), &a.ty, &b.ty));
            return Typed::error();
        }
        let semantics = if self.is_nocase(&a.ty) || self.is_nocase(&b.ty) {
            Comparison::Nocase
        } else {
            Comparison::Natural
        };
        Typed::new(Type::BOOL, compare(op, a.expr, b.expr, semantics))
    }

    pub(super) fn comparable(&self, a: &Type, b: &Type) -> bool {
        let (a, b) = (expand(self.db, a.required()), expand(self.db, b.required()));
        match (&a, &b) {
            (Type::Scalar(a), Type::Scalar(b)) => same_scalar_family(*a, *b),
            (Type::Element(x), Type::Element(y)) => {
                // Two traits may share kinds.
                matches!((x, y), (Nominal::Trait(_), Nominal::Trait(_)))
                    || fits(self.db, &a, &b)
                    || fits(self.db, &b, &a)
            }
            (Type::List(a) | Type::Set(a), Type::List(b) | Type::Set(b)) => self.comparable(a, b),
            (Type::Enum(_), Type::Scalar(Scalar::String | Scalar::StringNocase))
            | (Type::Scalar(Scalar::String | Scalar::StringNocase), Type::Enum(_)) => true,
            _ => fits(self.db, &a, &b) || fits(self.db, &b, &a),
        }
    }

    pub(super) fn infer_order(
        &mut self,
        op_id: NodeId,
        op: CompareOp,
        left: &ast::Expr,
        right: &ast::Expr,
    ) -> Typed {
        let (a, b) = self.infer_pair(left, right);
        let a = self.ordered_operand(left, op, true, a);
        let b = self.ordered_operand(right, op, false, b);
        let semantics = match (expand(self.db, &a.ty), expand(self.db, &b.ty)) {
            (Type::Error | Type::Json, _) | (_, Type::Error | Type::Json) => Comparison::Natural,
            (Type::Enum(x), Type::Enum(y)) if x.is_ordered && x.alternatives == y.alternatives => {
                Comparison::Ordered(x)
            }
            (Type::Scalar(x), Type::Scalar(y)) if same_scalar_family(x, y) && has_order(x) => match x {
                Scalar::StringNocase => Comparison::Nocase,
                _ => Comparison::Natural,
            },
            (x, y) => {
                self.report(messages::not_orderable(self.place(op_id), &x, &y));
                return Typed::error();
            }
        };
        Typed::new(Type::BOOL, compare(op, a.expr, b.expr, semantics))
    }

    /// A side of `<` and the like, which must be there.
    fn ordered_operand(&mut self, side: &ast::Expr, op: CompareOp, is_left: bool, typed: Typed) -> Typed {
        if !typed.ty.is_optional() || self.is_secret(&typed.ty) {
            return self.operand(side.id, typed, "compared by order");
        }
        let message = messages::order_of_optional(
            self.place(side.id),
            &typed.ty,
            written_path(side).as_deref(),
            order_sign(op),
            is_left,
        );
        self.report(message);
        Typed::error()
    }

    /// An operand that must be there and may not be secret.
    pub(super) fn operand(&mut self, node: NodeId, typed: Typed, use_: &str) -> Typed {
        if self.is_secret(&typed.ty) {
            self.report(messages::secret_used(self.place(node), use_));
            return Typed::error();
        }
        if typed.ty.is_optional() {
            self.report(messages::optional_operand(self.place(node), &typed.ty, use_));
            return Typed::error();
        }
        typed
    }

    pub(super) fn is_secret(&self, ty: &Type) -> bool {
        matches!(expand(self.db, ty.required()), Type::Secret(_))
    }
}

fn order_sign(op: CompareOp) -> &'static str {
    match op {
        CompareOp::Less => "<",
        CompareOp::LessEqual => "<=",
        CompareOp::Greater => ">",
        _ => ">=",
    }
}

/// A short path as it was written: `b.size`, `.limits?.memory`.
fn written_path(expr: &ast::Expr) -> Option<String> {
    /// Longer ones make no message clearer.
    const MOST_STEPS: usize = 4;
    let mut steps = Vec::new();
    let mut current = expr;
    for _ in 0..MOST_STEPS {
        match &current.kind {
            ExprKind::Name(name) => steps.push(name.to_string()),
            ExprKind::DotField(name) => steps.push(format!(".{}", name.text)),
            ExprKind::Field { base, name, optional } => {
                steps.push(format!("{}.{}", if *optional { "?" } else { "" }, name.text));
                current = base;
                continue;
            }
            _ => return None,
        }
        steps.reverse();
        return Some(steps.concat());
    }
    None
}

/// A path, a name or a literal as it is written.
fn written_briefly(expr: &ast::Expr) -> Option<String> {
    /// Longer texts make no message clearer.
    const MOST_LETTERS: usize = 24;
    match &expr.kind {
        ExprKind::String(parts) => match parts.as_slice() {
            [] => Some("\"\"".to_owned()),
            [ast::StringPart::Text(text)]
                if text.len() <= MOST_LETTERS && !text.contains(['"', '\\', '{', '}']) =>
            {
                Some(format!("\"{text}\""))
            }
            _ => None,
        },
        ExprKind::Literal(ast::Literal::Bool(value)) => Some(value.to_string()),
        ExprKind::Literal(ast::Literal::Number(text)) if text.len() <= MOST_LETTERS => Some(text.to_string()),
        _ => written_path(expr),
    }
}

fn is_absent(typed: &Typed) -> bool {
    matches!(typed.expr, Expr::Literal(Literal::Absent))
}

pub(super) fn compare(op: CompareOp, left: Expr, right: Expr, semantics: Comparison) -> Expr {
    Expr::Compare { op, left: Box::new(left), right: Box::new(right), semantics }
}

pub(super) fn has_order(scalar: Scalar) -> bool {
    !matches!(
        scalar,
        Scalar::Bool
            | Scalar::Ports
            | Scalar::Image
            | Scalar::Selector
            | Scalar::Policy
            | Scalar::Regex
            | Scalar::Glob
            | Scalar::GlobNocase
    )
}
