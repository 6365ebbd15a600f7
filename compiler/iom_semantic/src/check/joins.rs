//! Populations inside populations: where something ties the two together the evaluator looks the partner up, else it has
//! to try every pair.

use iom_model::ties::{FunctionBodies, ties_of_binder, ties_of_condition};
use iom_model::{Binder, Expr, Local, Nominal, Quantifier};

use super::{Lowered, check_item};
use crate::db::Db;
use crate::names::definition_of;

/// The body of a function, which may hide what ties two things together.
pub(super) fn function_body(db: &dyn Db, name: &str) -> Option<Expr> {
    match &check_item(db, definition_of(db, name)?).lowered {
        Lowered::Function(function) => Some(function.value.clone()),
        _ => None,
    }
}

/// The populations below an expression that are gone through in full for each subject.
pub(super) struct Unindexed<'e> {
    pub first: &'e Nominal,
    /// How many of them stand inside one another.
    pub depth: usize,
}

pub(super) fn unindexed<'e>(expr: &'e Expr, functions: FunctionBodies<'_>) -> Option<Unindexed<'e>> {
    // What is the same for everybody is computed once.
    if expr.is_closed() {
        return None;
    }
    let mut inner: Option<Unindexed<'_>> = None;
    expr.for_each_child(&mut |child| {
        if let Some(found) = unindexed(child, functions) {
            inner = Some(match inner.take() {
                Some(before) => Unindexed { depth: before.depth.max(found.depth), ..before },
                None => found,
            });
        }
    });
    let own = unindexed_here(expr, functions);
    match (own.first().copied(), inner) {
        (Some(first), inner) => {
            Some(Unindexed { first, depth: own.len() + inner.map_or(0, |inner| inner.depth) })
        }
        (None, inner) => inner,
    }
}

fn unindexed_here<'e>(part: &'e Expr, functions: FunctionBodies<'_>) -> Vec<&'e Nominal> {
    match part {
        Expr::Quantifier { quantifier, binder, body } => {
            untied(binder, Some((*quantifier, body)), functions).into_iter().collect()
        }
        Expr::ListComprehension { binders, .. } | Expr::MapComprehension { binders, .. } => {
            binders.iter().filter_map(|binder| unindexed_binder(binder, functions)).collect()
        }
        Expr::Builtin { function: iom_model::Builtin::Size, arguments } => match arguments.as_slice() {
            [Expr::Filter { source, local, condition }]
                if ties_of_condition(condition, *local, functions).is_empty()
                    && mentions_other(condition, *local) =>
            {
                population(source).into_iter().collect()
            }
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

/// The population that a binder goes through although nothing ties it to something else.
pub(super) fn unindexed_binder<'e>(binder: &'e Binder, functions: FunctionBodies<'_>) -> Option<&'e Nominal> {
    untied(binder, None, functions)
}

fn untied<'e>(
    binder: &'e Binder,
    quantified: Option<(Quantifier, &Expr)>,
    functions: FunctionBodies<'_>,
) -> Option<&'e Nominal> {
    let population = population(&binder.source)?;
    ties_of_binder(binder, quantified, functions).is_empty().then_some(population)
}

fn population(source: &Expr) -> Option<&Nominal> {
    match source.flattened().0 {
        Expr::Population(nominal) => Some(nominal),
        _ => None,
    }
}

fn mentions_other(expr: &Expr, binder: Local) -> bool {
    let mut found = false;
    expr.walk(&mut |part| found |= matches!(part, Expr::Local(local) if *local != binder));
    found
}
