use iom_model::{Binder, Builtin, CompareOp, Comparison, Expr, Local, Quantifier};

use super::code::{By, Join, JoinKey, Over};
use super::compile::Compiler;
use super::{JoinId, ReachId};

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
            by: binder.by.as_ref().map(|by| self.by(by)),
            filters: filters.into(),
            join,
        }
    }

    /// `by .owner`
    pub fn by(&mut self, by: &iom_model::GroupBy) -> By {
        By { local: by.local.0, key: self.expr(&by.key) }
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
        let (key, probe) =
            conditions.iter().find_map(|(local, condition)| equality(condition, *local, bound))?;
        let name = (nominal.name().clone(), key);
        let id = match self.ids.joins.get(&name) {
            Some(id) => *id,
            None => {
                let id = JoinId(self.joins.len() as u32);
                let key = self.expr(&name.1);
                self.joins.push(JoinKey { key, locals: 1 });
                self.ids.joins.insert(name, id);
                id
            }
        };
        Some(Join { id, probe: self.expr(probe) })
    }
}

impl Compiler<'_> {
    /// A quantifier over `upstream(x)` or `downstream(x)` whose conditions read nothing but the element at hand: the same
    /// question for everybody who asks.
    pub(super) fn reach(&mut self, quantifier: Quantifier, binder: &Binder, body: &Expr) -> Option<ReachId> {
        let Expr::Builtin { function: Builtin::Upstream | Builtin::Downstream, .. } = &binder.source else {
            return None;
        };
        if !self.plans_joins || binder.by.is_some() || binder.second.is_some() {
            return None;
        }
        let is_own = |expr: &Expr| reads_only(expr, binder.local);
        if !is_own(body) || !binder.filter.as_ref().is_none_or(is_own) {
            return None;
        }
        // Equal questions share their answer; `none` and `any` ask the same.
        let mut question = binder.clone();
        if let Expr::Builtin { arguments, .. } = &mut question.source {
            arguments.clear();
        }
        let is_all = quantifier == Quantifier::All;
        let question = Expr::Quantifier {
            quantifier: Quantifier::Any,
            binder: Box::new(question),
            body: Box::new(body.clone()),
        };
        let next = ReachId(self.ids.reaches.len() as u32);
        Some(*self.ids.reaches.entry((is_all, question)).or_insert(next))
    }
}

/// Whether an expression reads no slot but this one and those it fills itself.
fn reads_only(expr: &Expr, local: Local) -> bool {
    let mut read = Vec::new();
    let mut filled = vec![local];
    let binder = |binder: &Binder, filled: &mut Vec<Local>| {
        filled.push(binder.local);
        filled.extend(binder.second);
        filled.extend(binder.by.as_ref().map(|by| by.local));
    };
    expr.walk(&mut |part| match part {
        Expr::Local(local) => read.push(*local),
        Expr::Let { local, .. } | Expr::Filter { local, .. } => filled.push(*local),
        Expr::Reshape { local, outer, .. } => filled.extend([*local, *outer]),
        Expr::Quantifier { binder: inner, .. } => binder(inner, &mut filled),
        Expr::ListComprehension { binders, .. } | Expr::MapComprehension { binders, .. } => {
            binders.iter().for_each(|inner| binder(inner, &mut filled));
        }
        Expr::Match { arms, .. } => {
            for pattern in arms.iter().flat_map(|arm| &arm.patterns) {
                if let iom_model::Pattern::Type { local: Some(local), .. } = pattern {
                    filled.push(*local);
                }
            }
        }
        _ => {}
    });
    read.iter().all(|local| filled.contains(local))
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
