use iom_model::ties::{Tie, ties_of_binder, ties_of_condition};
use iom_model::{Binder, Builtin, Expr, Local, Quantifier};

use super::code::{By, Join, JoinKey, KeyShape, Over};
use super::compile::Compiler;
use super::{JoinId, ReachId};

impl Compiler<'_> {
    /// A binder. Where its collection is the same for everybody and one of its conditions (or the body of the quantifier it
    /// belongs to) ties an element to something that does not depend on it, elements are looked up.
    pub fn over(&mut self, binder: &Binder, quantified: Option<(Quantifier, &Expr)>) -> Over {
        let resolved;
        let mut binder = binder;
        if let Some(source) = self.behind_let(&binder.source) {
            resolved = Binder { source, ..binder.clone() };
            binder = &resolved;
        }
        let is_plain = binder.by.is_none() && binder.second.is_none();
        let (source, flattened) =
            if is_plain { binder.source.flattened() } else { (&binder.source, Vec::new()) };
        let model = self.model;
        let functions = |name: &str| model.functions.get(name).map(|function| function.value.clone());
        let ties = ties_of_binder(binder, quantified, &functions);
        let joins = self.joins(source, ties);
        let mut filters: Vec<_> = flattened.iter().map(|(_, condition)| self.expr(condition)).collect();
        filters.extend(binder.filter.as_ref().map(|filter| self.expr(filter)));
        Over {
            local: binder.local.0,
            also: flattened.iter().map(|(local, _)| local.0).collect(),
            second: binder.second.map(|local| local.0),
            source: self.expr(source),
            by: binder.by.as_ref().map(|by| self.by(by)),
            filters: filters.into(),
            joins,
        }
    }

    /// `by .owner`
    pub fn by(&mut self, by: &iom_model::GroupBy) -> By {
        By { local: by.local.0, key: self.expr(&by.key) }
    }

    /// `source where condition`
    pub fn filtered(&mut self, source: &Expr, local: Local, condition: &Expr) -> Over {
        let model = self.model;
        let functions = |name: &str| model.functions.get(name).map(|function| function.value.clone());
        let joins = self.joins(source, ties_of_condition(condition, local, &functions));
        Over {
            local: local.0,
            also: Box::default(),
            second: None,
            source: self.expr(source),
            by: None,
            filters: Box::new([self.expr(condition)]),
            joins,
        }
    }

    /// What a `let` stands for, where that is a population or a part of one.
    fn behind_let(&self, source: &Expr) -> Option<Expr> {
        let Expr::Local(local) = source else { return None };
        let (_, value) = self.lets.iter().rev().find(|(bound, _)| bound == local)?;
        matches!(value.flattened().0, Expr::Population(_)).then(|| value.clone())
    }

    fn joins(&mut self, source: &Expr, ties: Vec<Tie>) -> Box<[Join]> {
        let is_same_for_all = match source {
            Expr::Population(_) | Expr::Global(_) => true,
            other => self.shares && super::compile::is_worth_sharing(other),
        };
        if !self.plans_joins || !is_same_for_all {
            return Box::default();
        }
        let mut joins: Vec<Join> = Vec::with_capacity(ties.len());
        for (position, tie) in ties.iter().enumerate() {
            if !ties[..position].contains(tie) {
                let id = self.join_id(source, &tie.key, KeyShape::of(tie.relation));
                joins.push(Join { id, relation: tie.relation, probe: self.expr(&tie.probe) });
            }
        }
        joins.into()
    }

    fn join_id(&mut self, source: &Expr, key: &Expr, shape: KeyShape) -> JoinId {
        let name = (source.clone(), key.clone(), shape);
        if let Some(id) = self.ids.joins.get(&name) {
            return *id;
        }
        let id = JoinId(self.joins.len() as u32);
        let is_lasting = matches!(source, Expr::Population(_)) && rests_on_facts_alone(key);
        let key = self.expr(key);
        self.joins.push(JoinKey { key, shape, is_lasting });
        self.ids.joins.insert(name, id);
        id
    }
}

impl Compiler<'_> {
    /// A quantifier over `upstream(x)` or `downstream(x)` whose conditions read nothing but the element at hand: the same
    /// question for everybody who asks.
    pub(super) fn reach(&mut self, quantifier: Quantifier, binder: &Binder, body: &Expr) -> Option<ReachId> {
        let (source, conditions) = binder.source.flattened();
        let Expr::Builtin { function: Builtin::Upstream | Builtin::Downstream, .. } = source else {
            return None;
        };
        if !self.plans_joins || binder.by.is_some() || binder.second.is_some() {
            return None;
        }
        let is_own = |expr: &Expr| expr.reads_only(&[binder.local]);
        let are_own = conditions.iter().all(|(local, condition)| condition.reads_only(&[*local]));
        if !is_own(body) || !binder.filter.as_ref().is_none_or(is_own) || !are_own {
            return None;
        }
        // Equal questions share their answer; `none` and `any` ask the same.
        let mut question = binder.clone();
        forget_who_asks(&mut question.source);
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

/// A question about everything upstream without the one who asks.
fn forget_who_asks(source: &mut Expr) {
    match source {
        Expr::Filter { source, .. } => forget_who_asks(source),
        Expr::Builtin { arguments, .. } => arguments.clear(),
        _ => {}
    }
}

/// Whether nothing that a rule's author could change is called: functions, constants, the clock.
fn rests_on_facts_alone(key: &Expr) -> bool {
    let mut is_alone = true;
    key.walk(&mut |part| {
        is_alone &= !matches!(
            part,
            Expr::Call { .. } | Expr::Global(_) | Expr::Resource(_) | Expr::Now | Expr::Conforms { .. }
        );
    });
    is_alone
}
