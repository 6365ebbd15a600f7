use std::sync::Arc;

use iom_model::{BinaryOp, CompareOp, Comparison, Expr, Literal, Nominal, Scalar, Type};
use iom_syntax::ast::{self, ExprKind, NodeId, UnaryOp};

use super::{Checker, Surroundings, Typed};
use crate::messages;
use crate::types::{expand, fits, join, same_scalar_family};

impl<'db> Checker<'db> {
    pub(super) fn infer_unary(&mut self, id: NodeId, op: UnaryOp, operand: &ast::Expr, expected: Option<&Type>) -> Typed {
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
            (Expr::Literal(Literal::Int(value)), _) => Typed::new(typed.ty, Expr::Literal(Literal::Int(-value))),
            (_, Type::Scalar(Scalar::Int | Scalar::Decimal | Scalar::Duration | Scalar::Percent) | Type::Json | Type::Error) => {
                Typed::new(typed.ty, Expr::Negate(Box::new(typed.expr)))
            }
            (_, other) => {
                self.report(messages::no_such_operation(self.place(id), "-", &other, None));
                Typed::error()
            }
        }
    }

    pub(super) fn infer_binary(
        &mut self,
        id: NodeId,
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
            B::Conforms => {
                self.report(messages::not_evaluated_yet(self.place(id), "`conforms`"));
                Typed::error()
            }
        }
    }

    fn infer_logic(&mut self, is_and: bool, left: &ast::Expr, right: &ast::Expr) -> Typed {
        let left = self.condition(left);
        let right = self.in_scope(|checker| {
            checker.learn(&left, is_and);
            checker.condition(right)
        });
        let (left, right) = (Box::new(left), Box::new(right));
        Typed::new(Type::BOOL, if is_and { Expr::And(left, right) } else { Expr::Or(left, right) })
    }

    /// Both sides of a comparison, each helping the other: the one that means nothing alone is looked at second.
    fn infer_pair(&mut self, left: &ast::Expr, right: &ast::Expr) -> (Typed, Typed) {
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
    /// complaining would report that mistake twice.
    fn infer_beside(&mut self, expr: &ast::Expr, other: &Type) -> Typed {
        if other.is_error() && self.needs_help(expr) {
            return Typed::error();
        }
        let hint = other.required().clone();
        self.infer(expr, Some(&hint))
    }

    /// Whether an expression takes its meaning from what is expected: bare names, strings, numbers.
    fn needs_help(&self, expr: &ast::Expr) -> bool {
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

    fn infer_equality(&mut self, op_id: NodeId, op: CompareOp, left: &ast::Expr, right: &ast::Expr) -> Typed {
        let (a, b) = self.infer_pair(left, right);
        if self.is_secret(&a.ty) || self.is_secret(&b.ty) {
            self.report(messages::secret_used(self.place(op_id), "compared"));
            return Typed::error();
        }
        // Traps: `x != "bad"` holds for an absent x, which is hardly ever meant.
        if op == CompareOp::NotEqual && a.ty.is_optional() != b.ty.is_optional() && !is_absent(&a) && !is_absent(&b) {
            let optional = if a.ty.is_optional() { &a.ty } else { &b.ty };
            self.report(messages::not_equal_on_optional(self.place(op_id), optional));
            return Typed::error();
        }
        if !self.comparable(&a.ty, &b.ty) {
            self.report(messages::not_comparable(self.place(op_id), &a.ty, &b.ty));
            return Typed::error();
        }
        let semantics = if self.is_nocase(&a.ty) || self.is_nocase(&b.ty) { Comparison::Nocase } else { Comparison::Natural };
        Typed::new(Type::BOOL, compare(op, a.expr, b.expr, semantics))
    }

    fn comparable(&self, a: &Type, b: &Type) -> bool {
        let (a, b) = (expand(self.db, a.required()), expand(self.db, b.required()));
        match (&a, &b) {
            (Type::Scalar(a), Type::Scalar(b)) => same_scalar_family(*a, *b),
            (Type::Element(x), Type::Element(y)) => {
                // Two traits may share kinds.
                matches!((x, y), (Nominal::Trait(_), Nominal::Trait(_))) || fits(self.db, &a, &b) || fits(self.db, &b, &a)
            }
            (Type::List(a) | Type::Set(a), Type::List(b) | Type::Set(b)) => self.comparable(a, b),
            (Type::Enum(_), Type::Scalar(Scalar::String | Scalar::StringNocase))
            | (Type::Scalar(Scalar::String | Scalar::StringNocase), Type::Enum(_)) => true,
            _ => fits(self.db, &a, &b) || fits(self.db, &b, &a),
        }
    }

    fn infer_order(&mut self, op_id: NodeId, op: CompareOp, left: &ast::Expr, right: &ast::Expr) -> Typed {
        let (a, b) = self.infer_pair(left, right);
        let a = self.operand(left.id, a, "compared by order");
        let b = self.operand(right.id, b, "compared by order");
        let semantics = match (expand(self.db, &a.ty), expand(self.db, &b.ty)) {
            (Type::Error | Type::Json, _) | (_, Type::Error | Type::Json) => Comparison::Natural,
            (Type::Enum(x), Type::Enum(y)) if x.is_ordered && x.alternatives == y.alternatives => Comparison::Ordered(x),
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

    fn infer_membership(&mut self, op_id: NodeId, left: &ast::Expr, right: &ast::Expr) -> Typed {
        let needle_first = !matches!(right.kind, ExprKind::Name(_) | ExprKind::Field { .. }) || !self.needs_help(left);
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
        let b = self.operand(right.id, b, "searched");
        let fitting = match expand(self.db, &b.ty) {
            Type::Error | Type::Json => true,
            Type::List(item) | Type::Set(item) => self.comparable(&a.ty, &item),
            Type::Map(key, _) => self.comparable(&a.ty, &key),
            Type::Scalar(Scalar::Ports) => self.comparable(&a.ty, &Type::INT),
            Type::Scalar(Scalar::Cidr) => matches!(expand(self.db, a.ty.required()), Type::Scalar(Scalar::Ip | Scalar::Cidr)),
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
        Typed::new(Type::BOOL, Expr::Quantifier { quantifier, binder: Box::new(binder), body: Box::new(body) })
    }

    fn infer_contains(&mut self, op_id: NodeId, left: &ast::Expr, right: &ast::Expr) -> Typed {
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
        if matches!(container, Type::List(_) | Type::Set(_)) && matches!(expand(self.db, &item), Type::Scalar(Scalar::Cidr)) {
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
    fn infer_sets(&mut self, op_id: NodeId, op: BinaryOp, left: &ast::Expr, right: &ast::Expr) -> Typed {
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

    fn infer_matches(&mut self, left: &ast::Expr, right: &ast::Expr) -> Typed {
        let a = self.check(left, &Type::Scalar(Scalar::Selector));
        let labels = Type::Map(Arc::new(Type::STRING), Arc::new(Type::STRING));
        let b = self.check(right, &labels);
        Typed::new(Type::BOOL, binary(BinaryOp::Matches, a, b))
    }

    fn infer_matching(&mut self, op_id: NodeId, left: &ast::Expr, right: &ast::Expr) -> Typed {
        let a = self.text_operand(op_id, left, "matched");
        let b = self.infer(right, Some(&Type::Scalar(Scalar::Regex)));
        match &b.expr {
            Expr::Literal(Literal::Scalar(Scalar::Regex, pattern)) => {
                if let Err(error) = regex::Regex::new(pattern) {
                    self.report(messages::bad_regex(self.place(right.id), &error));
                }
            }
            _ if b.ty.is_error() => {}
            _ => self.report(messages::regex_literal_wanted(self.place(right.id))),
        }
        Typed::new(Type::BOOL, binary(BinaryOp::Matching, a, b.expr))
    }

    fn infer_like(&mut self, op_id: NodeId, left: &ast::Expr, right: &ast::Expr) -> Typed {
        let a = self.text_operand(op_id, left, "matched");
        let glob = if matches!(self.silently(|checker| checker.infer(left, None)).ty, ref ty if self.is_nocase(ty)) {
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
            other => self.report(messages::no_such_operation(self.place(op_id), "a text pattern", &other, None)),
        }
        typed.expr
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
        matches!(expand(self.db, ty), Type::Enum(_)) && self.silently(|checker| checker.infer(expr, Some(ty))).ty.is_error()
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
            Some(ty) if matches!(expand(self.db, &ty), Type::Error | Type::Json) || self.has_type_order(&ty) => {
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

    fn infer_arithmetic(&mut self, op_id: NodeId, op: ast::BinaryOp, left: &ast::Expr, right: &ast::Expr) -> Typed {
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
            let hint = matches!((&a.ty, op), (Type::Scalar(Scalar::String), B::Add)).then_some("texts are joined with `++`");
            self.report(messages::no_such_operation(self.place(op_id), op_text(op), &a.ty, hint));
            return Typed::error();
        };
        if let (B::Divide, Expr::Literal(Literal::Int(0))) = (op, &b.expr) {
            self.report(messages::division_by_zero(self.place(right.id)));
            return Typed::error();
        }
        Typed::new(ty, binary(ir, a.expr, b.expr))
    }

    fn infer_concat(&mut self, op_id: NodeId, left: &ast::Expr, right: &ast::Expr, expected: Option<&Type>) -> Typed {
        let a = self.infer(left, expected);
        let hint = if matches!(a.ty, Type::Json | Type::Error) { expected.cloned() } else { Some(a.ty.clone()) };
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
    fn infer_reference(&mut self, id: NodeId, operand: &ast::Expr, expected: Option<&Type>, is_many: bool) -> Typed {
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
            let fields = fields
                .iter()
                .filter_map(|field| {
                    let name = field.path.first()?.text.clone();
                    let value = self.plain_value(field)?;
                    Some((name, self.infer(value, None).expr))
                })
                .collect();
            return Typed::new(element.optional(), Expr::ReferenceByFields { fields, target });
        }
        let value = self.infer(operand, None);
        let expr = Expr::Reference { value: Box::new(value.expr), target, is_many };
        Typed::new(if is_many { Type::List(Arc::new(element)) } else { element.optional() }, expr)
    }
}

fn is_absent(typed: &Typed) -> bool {
    matches!(typed.expr, Expr::Literal(Literal::Absent))
}

fn compare(op: CompareOp, left: Expr, right: Expr, semantics: Comparison) -> Expr {
    Expr::Compare { op, left: Box::new(left), right: Box::new(right), semantics }
}

fn binary(op: BinaryOp, left: Expr, right: Expr) -> Expr {
    Expr::Binary { op, left: Box::new(left), right: Box::new(right) }
}

fn has_order(scalar: Scalar) -> bool {
    !matches!(
        scalar,
        Scalar::Bool | Scalar::Ports | Scalar::Image | Scalar::Selector | Scalar::Regex | Scalar::Glob | Scalar::GlobNocase
    )
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
        (BinaryOp::Add, S::Date | S::Time, S::Duration) | (BinaryOp::Add, S::Duration, S::Date | S::Time) => Some(S::Time),
        (BinaryOp::Subtract, S::Date | S::Time, S::Duration) => Some(S::Time),
        (BinaryOp::Subtract, S::Date | S::Time, S::Date | S::Time) => Some(S::Duration),
        (BinaryOp::Add | BinaryOp::Subtract, a, b) if a == b => {
            matches!(a, S::Duration | S::Bytes | S::Cpu | S::Percent).then_some(a)
        }
        (BinaryOp::Multiply, S::Duration | S::Bytes | S::Cpu | S::Percent, S::Int) => Some(a),
        (BinaryOp::Multiply, S::Int, S::Duration | S::Bytes | S::Cpu | S::Percent) => Some(b),
        (BinaryOp::Divide, S::Bytes | S::Duration | S::Cpu, S::Int) => Some(a),
        (BinaryOp::Divide, a, b) if a == b && matches!(a, S::Bytes | S::Duration | S::Cpu) => Some(S::Decimal),
        _ => None,
    }
}
