//! `require`: its condition, what it blames, and what would mend it.

use std::sync::Arc;

use iom_model::{Expr, Local, RecordType, Require, Type};
use iom_syntax::ast::{self, Clause, ExprKind, Name};
use smol_str::SmolStr;

use super::super::{ClauseNodes, joins, unplaced};
use super::Clauses;
use crate::infer::{Checker, Definitions};
use crate::messages;
use crate::names::definition_of;
use crate::signatures::{NominalSignature, nominal_signature};
use crate::types::expand;

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
        let (fix, fix_of) = require.fix.as_ref().map(|fix| self.fix(fix, clauses)).unwrap_or_default();
        self.clause = Some(number);
        self.learn(&condition, true);
        self.clause = None;
        if is_faulty {
            self.doubt(&require.condition);
        }
        let fix_nodes =
            require.fix.as_ref().and_then(|fix| Some((fix.fields.first()?.id, fix.fields.last()?.id)));
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
            fix_of,
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

    /// Fields that would satisfy the clause: each must exist and fit.
    fn fix(&mut self, fix: &ast::Fix, clauses: &Clauses<'_>) -> (Vec<(Vec<SmolStr>, Expr)>, Option<Local>) {
        let Some(first) = fix.fields.first() else { return Default::default() };
        if clauses.is_grouped {
            self.report(messages::misplaced(
                self.place(first.id),
                "a fix",
                "a rule over groups",
                "say in `else` what to do: which member of the group should change is for people to decide",
            ));
            return Default::default();
        }
        let of = match &fix.of {
            // The subject may be named, too.
            Some(name) if self.binding(&name.text).is_none_or(|one| one.local != clauses.subject_local) => {
                match self.fixable(name) {
                    Some(found) => Some(found),
                    None => return Default::default(),
                }
            }
            _ => None,
        };
        // A fix sets some fields only.
        let (definitions, owner) = match &of {
            Some((_, record, ty)) => {
                let mut record = RecordType::clone(record);
                record.fields.iter_mut().for_each(|field| field.default = Some(Expr::Error));
                (Definitions::Record(Arc::new(record)), ty.clone())
            }
            None => {
                let Some(item) = definition_of(self.db, clauses.subject.name()) else {
                    return Default::default();
                };
                let mut definitions = NominalSignature::clone(nominal_signature(self.db, item));
                // A trait's computed field may be a plain one of the kind at hand.
                for definition in &mut definitions.fields {
                    definition.has_default = true;
                    definition.is_derived = false;
                }
                (Definitions::Element(Arc::new(definitions)), Type::Element(clauses.subject.clone()))
            }
        };
        self.sets_parts = true;
        let values = self.record_fields(first.id, &fix.fields, definitions, &owner);
        self.sets_parts = false;
        let paths: Vec<&[Name]> = fix.fields.iter().map(|field| &*field.path).collect();
        let values = values.into_iter().map(|(name, value, _)| (name, value)).collect();
        let mut leaves = Vec::new();
        settings(&paths, values, &[], &mut leaves);
        (leaves, of.map(|(local, ..)| local))
    }

    /// The record that a name inside a rule stands for.
    fn fixable(&mut self, name: &Name) -> Option<(Local, Arc<RecordType>, Type)> {
        let Some(binding) = self.binding(&name.text) else {
            let path = ast::Path { id: name.id, segments: [name.clone()].into() };
            self.report_unknown_name(&path, "name", Vec::new());
            return None;
        };
        let (local, ty) = (binding.local, binding.ty.clone());
        match expand(self.db, expand(self.db, &ty).required()) {
            Type::Record(record) => Some((local, record, ty)),
            Type::Error => None,
            _ => {
                let found = format!("a fix of {ty}");
                self.report(messages::misplaced(
                    self.place(name.id),
                    &found,
                    "a rule about something else",
                    "a fix sets fields of the subject, or of a record in it: `for c in w.pod.containers .. fix c { privileged: false }`",
                ));
                None
            }
        }
    }
}

/// `fix { encryption.algorithm: aws_kms }` sets a part of a record: what stands beside it stays.
fn settings(
    paths: &[&[Name]],
    values: Vec<(SmolStr, Expr)>,
    before: &[SmolStr],
    found: &mut Vec<(Vec<SmolStr>, Expr)>,
) {
    for (name, value) in values {
        let own: Vec<&[Name]> = paths
            .iter()
            .copied()
            .filter(|path| path.first().is_some_and(|first| first.text == name))
            .collect();
        let path: Vec<SmolStr> = before.iter().cloned().chain([name]).collect();
        match value {
            Expr::Record(fields) if own.iter().all(|path| path.len() > 1) => {
                let inner: Vec<&[Name]> = own.iter().map(|path| &path[1..]).collect();
                settings(&inner, fields, &path, found);
            }
            value => found.push((path, value)),
        }
    }
}
