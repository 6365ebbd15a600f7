//! `require`: its condition, what it blames, and what would mend it.

use std::sync::Arc;

use iom_model::{Builtin, Expr, FieldOwner, Local, Require, Type};
use iom_syntax::ast::{self, Clause, ExprKind, Field, Name};
use smol_str::SmolStr;

use super::super::{ClauseNodes, joins, unplaced};
use super::Clauses;
use crate::infer::{Checker, Definitions};
use crate::messages;
use crate::names::definition_of;
use crate::signatures::{NominalSignature, nominal_signature};

impl Checker<'_> {
    pub(super) fn require<'a>(
        &mut self,
        clause: &Clause,
        require: &'a ast::Require,
        clauses: &mut Clauses<'a>,
    ) -> Require {
        let number = clauses.next;
        clauses.next += 1;
        if let Some(label) = &require.label {
            match clauses.labels.iter().find(|other| other.text == label.text) {
                Some(first) => {
                    let first = self.place(first.id);
                    self.report(messages::duplicate_label(self.place(label.id), first, &label.text));
                }
                None => clauses.labels.push(label),
            }
        }
        self.relied_on.clear();
        let complaints = self.complaints();
        let (condition, witness) = self.require_condition(&require.condition);
        let is_faulty = self.is_faulty(&condition, complaints);
        let db = self.db;
        if let Some(found) = joins::unindexed(&condition, &|name| joins::function_body(db, name)) {
            let depth = clauses.unindexed + found.depth;
            self.report(messages::not_indexable(self.place(require.condition.id), found.first, depth));
        }
        self.relied_on.extend(&clauses.relied_on);
        let after: Vec<u32> = std::mem::take(&mut self.relied_on).into_iter().collect();
        let (at, message) = self.blame(require, witness.as_ref(), &condition, is_faulty);
        let fix = self.fix(require.fix.as_deref().unwrap_or_default(), clauses);
        self.clause = Some(number);
        self.learn(&condition, true);
        self.clause = None;
        if is_faulty {
            self.doubt(&require.condition);
        }
        let fix_nodes =
            require.fix.as_deref().and_then(|fields| Some((fields.first()?.id, fields.last()?.id)));
        clauses.nodes.push(ClauseNodes { clause: number, condition: require.condition.id, fix: fix_nodes });
        Require {
            clause: number,
            label: require.label.as_ref().map(|label| label.text.clone()),
            aliases: clauses.aliases.clone(),
            location: unplaced(clause.id),
            condition,
            witness: witness.map(|(local, ..)| local),
            after,
            at,
            message,
            fix,
            source: SmolStr::default(),
            fix_source: None,
        }
    }

    /// Where the condition as a whole is `all` or `none`, its message may name the witness.
    fn require_condition(&mut self, condition: &ast::Expr) -> (Expr, Option<(Local, Name, Type)>) {
        if let ExprKind::Quantifier { quantifier, binder, body } = &condition.kind
            && *quantifier != ast::Quantifier::Any
        {
            let (typed, (local, ty)) = self.infer_quantifier(*quantifier, binder, body);
            return (typed.expr, Some((local, binder.name.clone(), ty)));
        }
        (self.condition(condition), None)
    }

    fn blame(
        &mut self,
        require: &ast::Require,
        witness: Option<&(Local, Name, Type)>,
        condition: &Expr,
        is_faulty: bool,
    ) -> (Option<Expr>, Option<Expr>) {
        let kept = std::mem::replace(&mut self.prints_absent, true);
        let result = self.in_scope(|checker| {
            if let Some((local, name, ty)) = witness {
                checker.bind_again(name, *local, ty.clone());
            }
            // The message is shown where the condition does not hold.
            checker.learn(condition, false);
            if is_faulty {
                checker.doubt(&require.condition);
            }
            let at = require.at.as_ref().map(|at| checker.infer(at, None).expr);
            let message = require.message.as_ref().map(|message| checker.check(message, &Type::STRING));
            (at, message)
        });
        self.prints_absent = kept;
        self.relied_on.clear();
        result
    }

    /// Fields of the subject that would satisfy the clause: each must exist and fit.
    fn fix(&mut self, fields: &[Field], clauses: &Clauses<'_>) -> Vec<(SmolStr, Expr)> {
        if fields.is_empty() {
            return Vec::new();
        }
        if clauses.is_grouped {
            self.report(messages::misplaced(
                self.place(fields[0].id),
                "a fix",
                "a rule over groups",
                "say in `else` what to do: which member of the group should change is for people to decide",
            ));
            return Vec::new();
        }
        let Some(item) = definition_of(self.db, clauses.subject.name()) else { return Vec::new() };
        let mut definitions = NominalSignature::clone(nominal_signature(self.db, item));
        // A fix sets some fields only; a trait's computed field may be a plain one of the kind at hand.
        for definition in &mut definitions.fields {
            definition.has_default = true;
            definition.is_derived = false;
        }
        let owner = Type::Element(clauses.subject.clone());
        let node = fields[0].id;
        self.sets_parts = true;
        let values = self.record_fields(node, fields, Definitions::Element(Arc::new(definitions)), &owner);
        self.sets_parts = false;
        let subject = Expr::Local(clauses.subject_local);
        let owner = FieldOwner::Element(clauses.subject.clone());
        let paths: Vec<&[Name]> = fields.iter().map(|field| &*field.path).collect();
        let values = values.into_iter().map(|(name, value, _)| (name, value)).collect();
        keeping_the_rest(&subject, &owner, &paths, values)
    }
}

/// `fix { encryption.algorithm: aws_kms }` sets a part of a record: what the subject has beside it stays.
fn keeping_the_rest(
    base: &Expr,
    owner: &FieldOwner,
    paths: &[&[Name]],
    values: Vec<(SmolStr, Expr)>,
) -> Vec<(SmolStr, Expr)> {
    let kept = |(name, value): (SmolStr, Expr)| {
        let own: Vec<&[Name]> = paths
            .iter()
            .copied()
            .filter(|path| path.first().is_some_and(|first| first.text == name))
            .collect();
        if own.iter().any(|path| path.len() < 2) {
            return (name, value);
        }
        let before = Expr::Field { base: Box::new(base.clone()), name: name.clone(), owner: owner.clone() };
        let inner: Vec<&[Name]> = own.iter().map(|path| &path[1..]).collect();
        let parts = match value {
            Expr::Record(fields) => {
                Expr::Record(keeping_the_rest(&before, &FieldOwner::Record, &inner, fields))
            }
            other => other,
        };
        (name, Expr::Builtin { function: Builtin::Merge, arguments: vec![before, parts] })
    };
    values.into_iter().map(kept).collect()
}
