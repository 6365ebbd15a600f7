//! Questions about everything reachable that depend on who asks through a few of its values only, such as
//! `none d in upstream(r): d.environment != r.environment`: what is nowhere for one is nowhere for all with the same values.

use iom_model::{Binder, Builtin, Expr, Local, Quantifier};

use super::code::{Code, Screen};
use super::compile::Compiler;

/// Beyond so many values a question is hardly ever asked twice.
const MOST_VALUES: usize = 4;

impl Compiler<'_> {
    /// What of a quantifier over `upstream(x)` or `downstream(x)` can be asked once for all who share some values.
    pub(super) fn screen(
        &mut self,
        quantifier: Quantifier,
        binder: &Binder,
        body: &Expr,
    ) -> Option<Box<Screen>> {
        let (source, flattened) = binder.source.flattened();
        let Expr::Builtin { function, arguments } = source else { return None };
        let is_forward = match function {
            Builtin::Upstream => true,
            Builtin::Downstream => false,
            _ => return None,
        };
        let [from] = arguments.as_slice() else { return None };
        if !self.plans_joins || binder.by.is_some() || binder.second.is_some() {
            return None;
        }
        let own: Vec<Local> = flattened.iter().map(|(local, _)| *local).chain([binder.local]).collect();
        let mut values: Vec<&Expr> = Vec::new();
        let mut conditions = Vec::new();
        let filters = flattened.iter().map(|(_, condition)| *condition).chain(&binder.filter);
        for condition in filters.map(|filter| (filter, false)).chain([(body, quantifier == Quantifier::All)])
        {
            let (expr, is_negated) = condition;
            if let Some(read) = values_of_others(expr, &own) {
                for value in read {
                    if !values.contains(&value) {
                        values.push(value);
                    }
                }
                conditions.push((self.expr(expr), is_negated));
            }
        }
        if conditions.is_empty() || values.len() > MOST_VALUES {
            return None;
        }
        Some(Box::new(Screen {
            from: self.expr(from),
            is_forward,
            locals: own.iter().map(|local| local.0).collect(),
            values: values.into_iter().map(|value| self.expr(value)).collect::<Box<[Code]>>(),
            conditions: conditions.into(),
        }))
    }
}

/// The fields of other things than `own` that an expression reads; `None` where it depends on such a thing as a whole.
fn values_of_others<'e>(expr: &'e Expr, own: &[Local]) -> Option<Vec<&'e Expr>> {
    let mut filled = own.to_vec();
    expr.walk(&mut |part| part.for_each_binding(&mut |local| filled.push(local)));
    let mut read: Vec<&Expr> = Vec::new();
    // The expressions that a value is reached through: they are no values of their own.
    let mut within: Vec<*const Expr> = Vec::new();
    let mut is_whole = false;
    expr.walk(&mut |part| {
        if within.contains(&std::ptr::from_ref(part)) {
            return;
        }
        if let Expr::Local(local) = part {
            is_whole |= !filled.contains(local);
        }
        let mut inner = part;
        let mut steps = Vec::new();
        loop {
            inner = match inner {
                Expr::Field { base, .. } => base,
                // `r.tags?["zone"]`: the entry of a key that is written down.
                Expr::Index { base, index } if matches!(**index, Expr::Literal(_)) => base,
                _ => break,
            };
            steps.push(std::ptr::from_ref(inner));
        }
        if let (Expr::Local(local), false) = (inner, steps.is_empty())
            && !filled.contains(local)
        {
            read.push(part);
            within.append(&mut steps);
        }
    });
    (!is_whole).then_some(read)
}
