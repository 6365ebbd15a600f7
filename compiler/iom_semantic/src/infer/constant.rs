//! Conditions over values that are written out: what a refinement's `where` says of a literal.

use std::cmp::Ordering;

use iom_model::{BinaryOp, Builtin, CompareOp, Comparison, Expr, IsTest, Literal, Local};

/// Whether a condition over slot 0 holds where the slot has this value; `None` where that takes more than looking at it.
pub(super) fn holds(condition: &Expr, value: &Expr) -> Option<bool> {
    match condition {
        Expr::Literal(Literal::Bool(truth)) => Some(*truth),
        Expr::Not(inner) => holds(inner, value).map(|truth| !truth),
        Expr::And(left, right) => match (holds(left, value), holds(right, value)) {
            (Some(false), _) | (_, Some(false)) => Some(false),
            (Some(true), Some(true)) => Some(true),
            _ => None,
        },
        Expr::Or(left, right) => match (holds(left, value), holds(right, value)) {
            (Some(true), _) | (_, Some(true)) => Some(true),
            (Some(false), Some(false)) => Some(false),
            _ => None,
        },
        Expr::Compare { op, left, right, semantics: Comparison::Natural } => {
            compared(*op, &read(left, value)?, &read(right, value)?)
        }
        Expr::Binary { op: BinaryOp::In, left, right } => is_in(&read(left, value)?, &read(right, value)?),
        Expr::Binary { op: BinaryOp::Contains, left, right } => {
            is_in(&read(right, value)?, &read(left, value)?)
        }
        Expr::Is { value: tested, test, negated } => {
            let is_absent = read(tested, value)? == Expr::Literal(Literal::Absent);
            let truth = match test {
                IsTest::Present => !is_absent,
                IsTest::Absent => is_absent,
                _ => return None,
            };
            Some(truth != *negated)
        }
        Expr::Field { .. } | Expr::Local(_) => match read(condition, value)? {
            Expr::Literal(Literal::Bool(truth)) => Some(truth),
            _ => None,
        },
        _ => None,
    }
}

/// A part of the value, or something else that is written out.
fn read(expr: &Expr, value: &Expr) -> Option<Expr> {
    match expr {
        Expr::Local(Local(0)) => Some(value.clone()),
        Expr::Literal(_) => Some(expr.clone()),
        Expr::Set(items) | Expr::List { items, .. } => {
            items.iter().all(|item| matches!(item, Expr::Literal(_))).then(|| expr.clone())
        }
        Expr::Binary { op: BinaryOp::Range, left, right } => {
            let (left, right) = (read(left, value)?, read(right, value)?);
            Some(Expr::Binary { op: BinaryOp::Range, left: Box::new(left), right: Box::new(right) })
        }
        Expr::Field { base, name, .. } => match read(base, value)? {
            Expr::Record(fields) => {
                fields.into_iter().find(|(field, _)| field == name).map(|(_, value)| value)
            }
            _ => None,
        },
        Expr::Builtin { function: Builtin::Size, arguments } => match read(arguments.first()?, value)? {
            Expr::Literal(Literal::Text(text)) => size(text.chars().count()),
            Expr::List { items, .. } => size(items.len()),
            _ => None,
        },
        _ => None,
    }
}

fn size(count: usize) -> Option<Expr> {
    i64::try_from(count).ok().map(|count| Expr::Literal(Literal::Int(count)))
}

fn compared(op: CompareOp, left: &Expr, right: &Expr) -> Option<bool> {
    let (Expr::Literal(left), Expr::Literal(right)) = (left, right) else { return None };
    let order = order(left, right);
    Some(match op {
        CompareOp::Equal => order.map_or(left == right, |order| order == Ordering::Equal),
        CompareOp::NotEqual => order.map_or(left != right, |order| order != Ordering::Equal),
        CompareOp::Less => order? == Ordering::Less,
        CompareOp::LessEqual => order? != Ordering::Greater,
        CompareOp::Greater => order? == Ordering::Greater,
        CompareOp::GreaterEqual => order? != Ordering::Less,
    })
}

/// How two literals compare; `None` where they have no order.
pub(super) fn order(left: &Literal, right: &Literal) -> Option<Ordering> {
    match (left, right) {
        (Literal::Int(a), Literal::Int(b))
        | (Literal::Size(a), Literal::Size(b))
        | (Literal::Instant(a), Literal::Instant(b)) => Some(a.cmp(b)),
        (Literal::Duration(a), Literal::Duration(b)) => Some(a.comparable().cmp(&b.comparable())),
        (Literal::Decimal(_) | Literal::Int(_), Literal::Decimal(_) | Literal::Int(_)) => {
            Some(decimal(left)?.cmp(&decimal(right)?))
        }
        (Literal::Text(a), Literal::Text(b)) => Some(a.cmp(b)),
        _ => None,
    }
}

fn decimal(literal: &Literal) -> Option<rust_decimal::Decimal> {
    match literal {
        Literal::Int(value) => Some((*value).into()),
        Literal::Decimal(text) => text.parse().ok(),
        _ => None,
    }
}

fn is_in(item: &Expr, collection: &Expr) -> Option<bool> {
    match collection {
        Expr::Set(items) | Expr::List { items, .. } => {
            let mut found = Some(false);
            for other in items {
                match compared(CompareOp::Equal, item, other) {
                    Some(true) => return Some(true),
                    Some(false) => {}
                    None => found = None,
                }
            }
            found
        }
        Expr::Binary { op: BinaryOp::Range, left, right } => Some(
            compared(CompareOp::GreaterEqual, item, left)? && compared(CompareOp::LessEqual, item, right)?,
        ),
        _ => None,
    }
}
