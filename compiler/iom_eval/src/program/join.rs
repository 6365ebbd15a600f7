use iom_model::{Binder, Comparison, CompareOp, Expr, Local};

use super::code::{By, Join, JoinKey, Over};
use super::compile::Compiler;
use super::JoinId;

impl Compiler<'_> {
    /// A binder. Where its source is a population and one of its conditions (or `narrows`, the body of an `any` or
    /// `none`) compares a path of the element with something that does not depend on it, elements are looked up.
    pub fn over(&mut self, binder: &Binder, narrows: Option<&Expr>) -> Over {
        let (source, flattened) = match &binder.source {
            Expr::Filter { source, local, condition } if binder.by.is_none() && binder.second.is_none() => {
                (&**source, Some((*local, &**condition)))
            }
            other => (other, None),
        };
        let mut conditions: Vec<(Local, &Expr)> = Vec::new();
        conditions.extend(flattened);
        if binder.by.is_none() {
            conditions.extend(binder.filter.as_ref().map(|filter| (binder.local, filter)));
            conditions.extend(narrows.map(|body| (binder.local, body)));
        }
        let mut bound = vec![binder.local];
        bound.extend(binder.second);
        bound.extend(flattened.map(|(local, _)| local));
        let join = self.join(source, &conditions, &bound);
        let mut filters = Vec::new();
        filters.extend(flattened.map(|(_, condition)| self.expr(condition)));
        filters.extend(binder.filter.as_ref().map(|filter| self.expr(filter)));
        Over {
            local: binder.local.0,
            also: flattened.map(|(local, _)| local.0),
            second: binder.second.map(|local| local.0),
            source: self.expr(source),
            by: binder.by.as_ref().map(|by| By { local: by.local.0, key: self.expr(&by.key) }),
            filters: filters.into(),
            join,
        }
    }

    /// `source where condition`
    pub fn filtered(&mut self, source: &Expr, local: Local, condition: &Expr) -> Over {
        let join = self.join(source, &[(local, condition)], &[local]);
        Over {
            local: local.0,
            also: None,
            second: None,
            source: self.expr(source),
            by: None,
            filters: Box::new([self.expr(condition)]),
            join,
        }
    }

    fn join(&mut self, source: &Expr, conditions: &[(Local, &Expr)], bound: &[Local]) -> Option<Join> {
        let Expr::Population(nominal) = source else { return None };
        if !self.plans_joins {
            return None;
        }
        let (key, probe) = conditions.iter().find_map(|(local, condition)| equality(condition, *local, bound))?;
        let name = (nominal.name().clone(), key);
        let id = match self.join_ids.get(&name) {
            Some(id) => *id,
            None => {
                let id = JoinId(self.joins.len() as u32);
                let key = self.expr(&name.1);
                self.joins.push(JoinKey { key, locals: 1 });
                self.join_ids.insert(name, id);
                id
            }
        };
        Some(Join { id, probe: self.expr(probe) })
    }
}

/// The first conjunct that says `path of the element == something else`: the path with the element in slot 0, and the
/// other side.
fn equality<'e>(condition: &'e Expr, local: Local, bound: &[Local]) -> Option<(Expr, &'e Expr)> {
    match condition {
        Expr::And(left, right) => equality(left, local, bound).or_else(|| equality(right, local, bound)),
        Expr::Compare { op: CompareOp::Equal, left, right, semantics: Comparison::Natural } => {
            let pick = |path: &Expr, other: &'e Expr| {
                let key = key_path(path, local)?;
                is_free_of(other, bound).then_some((key, other))
            };
            pick(left, right).or_else(|| pick(right, left))
        }
        _ => None,
    }
}

/// A path that starts at the local, as a path that starts at slot 0.
fn key_path(expr: &Expr, local: Local) -> Option<Expr> {
    match expr {
        Expr::Local(found) if *found == local => Some(Expr::Local(Local(0))),
        Expr::Field { base, name, owner } => Some(Expr::Field {
            base: Box::new(key_path(base, local)?),
            name: name.clone(),
            owner: owner.clone(),
        }),
        Expr::Index { base, index } if matches!(**index, Expr::Literal(_)) => {
            Some(Expr::Index { base: Box::new(key_path(base, local)?), index: index.clone() })
        }
        Expr::Coalesce(left, right) if matches!(**right, Expr::Literal(_)) => {
            Some(Expr::Coalesce(Box::new(key_path(left, local)?), right.clone()))
        }
        _ => None,
    }
}

/// Whether none of the locals is read.
fn is_free_of(expr: &Expr, locals: &[Local]) -> bool {
    let mut is_free = true;
    expr.walk(&mut |part| {
        if let Expr::Local(local) = part
            && locals.contains(local)
        {
            is_free = false;
        }
    });
    is_free
}
