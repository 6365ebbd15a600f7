//! Populations inside populations: with an equality between the two the evaluator looks the partner up, without one it
//! has to try every pair.

use iom_model::{BinaryOp, Binder, CompareOp, Expr, FieldOwner, Local, Nominal, Quantifier};

/// The populations below an expression that are gone through in full for each subject.
pub(super) struct Unindexed<'e> {
    pub first: &'e Nominal,
    /// How many of them stand inside one another.
    pub depth: usize,
}

pub(super) fn unindexed(expr: &Expr) -> Option<Unindexed<'_>> {
    let mut inner: Option<Unindexed<'_>> = None;
    expr.for_each_child(&mut |child| {
        if let Some(found) = unindexed(child) {
            inner = Some(match inner.take() {
                Some(before) => Unindexed { depth: before.depth.max(found.depth), ..before },
                None => found,
            });
        }
    });
    let own = unindexed_here(expr);
    match (own.first().copied(), inner) {
        (Some(first), inner) => {
            Some(Unindexed { first, depth: own.len() + inner.map_or(0, |inner| inner.depth) })
        }
        (None, inner) => inner,
    }
}

fn unindexed_here(part: &Expr) -> Vec<&Nominal> {
    match part {
        Expr::Quantifier { quantifier, binder, body } => {
            let is_keyed = match quantifier {
                Quantifier::Any | Quantifier::None => has_key(body, binder.local),
                Quantifier::All => has_key_as_premise(body, binder.local),
            };
            if is_keyed { Vec::new() } else { unindexed_binder(binder).into_iter().collect() }
        }
        Expr::ListComprehension { binders, .. } | Expr::MapComprehension { binders, .. } => {
            binders.iter().filter_map(unindexed_binder).collect()
        }
        Expr::Builtin { function: iom_model::Builtin::Size, arguments } => match arguments.as_slice() {
            [Expr::Filter { source, local, condition }]
                if !has_key(condition, *local) && mentions_other(condition, *local) =>
            {
                population(source).into_iter().collect()
            }
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

/// The population that a binder goes through without a key in its filter.
pub(super) fn unindexed_binder(binder: &Binder) -> Option<&Nominal> {
    let keyed = binder.filter.as_ref().is_some_and(|filter| has_key(filter, binder.local));
    match &binder.source {
        _ if keyed => None,
        Expr::Filter { condition, local, .. } if has_key(condition, *local) => None,
        source => population(source),
    }
}

fn population(source: &Expr) -> Option<&Nominal> {
    match source {
        Expr::Population(nominal) => Some(nominal),
        Expr::Filter { source, .. } => population(source),
        _ => None,
    }
}

/// Whether one of the conjuncts ties a field of the binder to something else.
fn has_key(condition: &Expr, binder: Local) -> bool {
    match condition {
        Expr::And(left, right) => has_key(left, binder) || has_key(right, binder),
        Expr::Compare { op: CompareOp::Equal, left, right, .. } => {
            ties(left, right, binder) || ties(right, left, binder)
        }
        Expr::Binary { op: BinaryOp::In, left, right } => {
            ties(left, right, binder) || ties(right, left, binder)
        }
        Expr::Binary { op: BinaryOp::Contains, left, right } => {
            ties(left, right, binder) || ties(right, left, binder)
        }
        _ => false,
    }
}

/// `all x in K: not key or ..`
fn has_key_as_premise(body: &Expr, binder: Local) -> bool {
    match body {
        Expr::Or(left, right) => has_key_as_premise(left, binder) || has_key_as_premise(right, binder),
        Expr::Not(inner) => has_key(inner, binder),
        _ => false,
    }
}

fn ties(field: &Expr, other: &Expr, binder: Local) -> bool {
    is_field_of(field, binder) && !mentions(other, binder)
}

fn is_field_of(expr: &Expr, binder: Local) -> bool {
    match expr {
        Expr::Local(local) => *local == binder,
        Expr::Field { base, owner, .. } => !matches!(owner, FieldOwner::Json) && is_field_of(base, binder),
        _ => false,
    }
}

fn mentions(expr: &Expr, binder: Local) -> bool {
    let mut found = false;
    expr.walk(&mut |part| found |= *part == Expr::Local(binder));
    found
}

fn mentions_other(expr: &Expr, binder: Local) -> bool {
    let mut found = false;
    expr.walk(&mut |part| found |= matches!(part, Expr::Local(local) if *local != binder));
    found
}
