use iom_model::{
    Claim, CompareOp, Compared, ExpectationKind, ExpectedVerdict, Expr, Operand, QualifiedName, Type,
};
use iom_syntax::ast::{self, BinaryOp, Expect, ExprKind, NodeId};
use smol_str::SmolStr;

use super::apply::is_applied;
use super::unplaced;
use crate::infer::{Checker, Typed};
use crate::items::Item;
use crate::messages;
use crate::names::{Target, resolve};
use crate::signatures::policy_parameters;
use crate::types::expand;

const DECISIONS: &[&str] = &["admit", "block", "escalate"];

/// What a break-glass is at an instant.
const WINDOW: &[&str] = &["active", "locked"];

/// More values than these explain nothing.
const MAX_OPERANDS: usize = 12;

impl<'db> Checker<'db> {
    /// A policy with parameters is tested as it is applied.
    fn check_tested(&mut self, expr: &ast::Expr, item: Item<'db>) {
        let is_parametric = item.keyword(self.db) == "policy" && !policy_parameters(self.db, item).is_empty();
        if is_parametric && !is_applied(self.db, item) {
            let declared = self.name_place(item);
            let name = item.name(self.db);
            self.report(messages::nothing_to_test(self.place(expr.id), name, declared));
        }
    }

    pub(super) fn expectation(&mut self, expect: &Expect) -> Option<ExpectationKind> {
        match expect {
            Expect::Expr(expr) => self.expected_condition(expr),
            Expect::Verdict { after_fix, policy, verdict, on, because } => {
                let (claim, item) = self.claim(policy)?;
                self.check_tested(policy, item);
                let verdict = match verdict.text.as_str() {
                    "passes" => ExpectedVerdict::Passes,
                    "fails" => ExpectedVerdict::Fails,
                    "unknown" => ExpectedVerdict::Unknown,
                    "excepted" => ExpectedVerdict::Excepted,
                    _ => ExpectedVerdict::NotApplicable,
                };
                let on = match on {
                    Some(on) => Some(self.expected_subject(on)?),
                    None => None,
                };
                let because = because.as_ref().map(|text| text.text.clone());
                let claim = Claim { policy: claim.policy, label: claim.label };
                Some(ExpectationKind::Verdict { claim, verdict, on, because, after_fix: *after_fix })
            }
        }
    }

    /// `decision == block`, or any condition over what is given.
    fn expected_condition(&mut self, expr: &ast::Expr) -> Option<ExpectationKind> {
        if let ExprKind::Binary { op: BinaryOp::Equal, left, right, .. } = &expr.kind
            && matches!(&left.kind, ExprKind::Name(name) if name == "decision")
        {
            let ExprKind::Name(decision) = &right.kind else {
                self.report(messages::wanted_value(self.place(right.id), "a decision", "`block`"));
                return None;
            };
            if !DECISIONS.contains(&decision.as_str()) {
                self.report(messages::no_alternative(
                    self.place(right.id),
                    decision,
                    DECISIONS.iter().copied(),
                ));
                return None;
            }
            return Some(ExpectationKind::Decision(decision.clone()));
        }
        if let ExprKind::Is { value, negated, test } = &expr.kind
            && let Some(name) = self.break_glass_named(value)
        {
            let [word] = &*test.segments else { return None };
            if !WINDOW.contains(&word.text.as_str()) {
                let place = self.place(word.id);
                self.report(messages::no_alternative(place, &word.text, WINDOW.iter().copied()));
                return None;
            }
            return Some(ExpectationKind::BreakGlass { name, is_open: (word.text == "active") != *negated });
        }
        self.recorded = Some(Vec::new());
        let (value, locals) = self.in_new_body(|checker| checker.condition(expr));
        let recorded = self.recorded.take().unwrap_or_default();
        let operand = |node: NodeId| self.operand_of(&recorded, node);
        let compared = match &expr.kind {
            ExprKind::Binary { op, left, right, .. } => compare_op(*op).and_then(|op| {
                Some(Box::new(Compared { op, left: operand(left.id)?, right: operand(right.id)? }))
            }),
            _ => None,
        };
        let mut nodes = Vec::new();
        telling(expr, &mut nodes);
        let is_constant = |one: &Operand| matches!(one.value, Expr::Literal(_) | Expr::Error);
        let operands = nodes.into_iter().filter_map(operand).filter(|one| !is_constant(one));
        Some(ExpectationKind::Condition {
            value,
            locals,
            compared,
            operands: operands.take(MAX_OPERANDS).collect(),
        })
    }

    fn break_glass_named(&self, expr: &ast::Expr) -> Option<QualifiedName> {
        let segments: Vec<SmolStr> = self.as_global_path(expr)?.into_iter().map(|(name, _)| name).collect();
        let found = resolve(self.db, self.scope, &segments)?;
        match found.target {
            Target::Item(item) if item.keyword(self.db) == "breakglass" && found.used == segments.len() => {
                Some(found.qualified)
            }
            _ => None,
        }
    }

    /// A part of a condition that may be shown.
    fn operand_of(&self, recorded: &[(NodeId, Typed)], node: NodeId) -> Option<Operand> {
        let (_, typed) = recorded.iter().rev().find(|(one, _)| *one == node)?;
        if holds_secret(&typed.ty) {
            return None;
        }
        let item = match expand(self.db, typed.ty.required()) {
            Type::List(item) | Type::Set(item) => expand(self.db, item.required()),
            other => other,
        };
        Some(Operand {
            source: SmolStr::default(),
            location: unplaced(node),
            value: typed.expr.clone(),
            is_word: matches!(item, Type::Enum(_)),
        })
    }

    fn expected_subject(&mut self, expr: &ast::Expr) -> Option<QualifiedName> {
        if let Some(text) = crate::signatures::plain_string(expr) {
            return Some(text.into());
        }
        self.element(expr)
    }
}

fn holds_secret(ty: &Type) -> bool {
    match ty {
        Type::Secret(_) => true,
        Type::Optional(inner) | Type::List(inner) | Type::Set(inner) | Type::Refined(inner, _) => {
            holds_secret(inner)
        }
        Type::Map(key, value) | Type::Group { key, item: value } => holds_secret(key) || holds_secret(value),
        _ => false,
    }
}

fn compare_op(op: BinaryOp) -> Option<CompareOp> {
    Some(match op {
        BinaryOp::Equal => CompareOp::Equal,
        BinaryOp::NotEqual => CompareOp::NotEqual,
        BinaryOp::Less => CompareOp::Less,
        BinaryOp::LessEqual => CompareOp::LessEqual,
        BinaryOp::Greater => CompareOp::Greater,
        BinaryOp::GreaterEqual => CompareOp::GreaterEqual,
        _ => return None,
    })
}

/// Parts that are no conditions themselves and mean something outside of every binder. The grammar bounds the depth.
fn telling(expr: &ast::Expr, nodes: &mut Vec<NodeId>) {
    match &expr.kind {
        ExprKind::Unary { operand, .. } => telling(operand, nodes),
        ExprKind::Binary { op, left, right, .. } => {
            use BinaryOp as Op;
            match op {
                Op::Add | Op::Subtract | Op::Multiply | Op::Divide | Op::Concat | Op::Coalesce => {
                    nodes.push(expr.id)
                }
                Op::Where => {
                    nodes.push(expr.id);
                    return telling(left, nodes);
                }
                _ => {}
            }
            telling(left, nodes);
            telling(right, nodes);
        }
        ExprKind::Is { value, .. } => telling(value, nodes),
        ExprKind::Quantifier { binder, .. } => telling(&binder.source, nodes),
        ExprKind::ListComprehension { binders, .. } | ExprKind::MapComprehension { binders, .. } => {
            nodes.push(expr.id);
            binders.first().into_iter().for_each(|binder| telling(&binder.source, nodes));
        }
        ExprKind::If { condition, then, otherwise } => {
            [condition, then, otherwise].into_iter().for_each(|part| telling(part, nodes));
        }
        ExprKind::Let { value, .. } | ExprKind::Match { scrutinee: value, .. } => telling(value, nodes),
        ExprKind::Call { arguments, .. } => {
            nodes.push(expr.id);
            arguments.iter().for_each(|argument| telling(&argument.value, nodes));
        }
        ExprKind::Field { base, .. } => {
            nodes.push(expr.id);
            if !matches!(base.kind, ExprKind::Name(_) | ExprKind::Field { .. }) {
                telling(base, nodes);
            }
        }
        ExprKind::Index { base, index, .. } => {
            nodes.push(expr.id);
            telling(base, nodes);
            telling(index, nodes);
        }
        ExprKind::Name(_) => nodes.push(expr.id),
        _ => {}
    }
}
