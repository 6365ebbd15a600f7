use iom_model::{
    Authority, AuthorityClause, AuthorityRule, AuthorityStep, Expr, FieldOwner, Nominal, Right, Type,
};
use iom_syntax::ast::{self, Body, Clause, ClauseKind, Member, Name, NodeId, Parameter};
use smol_str::SmolStr;

use super::{ClauseNodes, Lowered, unplaced};
use crate::infer::Checker;
use crate::messages;
use crate::types::fits;

const FIELDS: &[&str] = &["title", "description", "owner", "links"];

/// What authority judges.
const CHANGE: &str = "std.prelude.Change";
/// Who can be asked.
const APPROVER: &str = "std.prelude.Approver";
/// What authority answers: known only after it was asked.
const ANSWERS: &[&str] = &["decision", "cause", "approver", "approvers", "message", "decided_by"];

/// State while the clauses of one authority are lowered.
struct Clauses<'a> {
    next: u32,
    nodes: &'a mut Vec<ClauseNodes>,
}

impl<'db> Checker<'db> {
    pub(super) fn check_authority(
        &mut self,
        name: &Name,
        parameters: Option<&[Parameter]>,
        body: &Body,
        nodes: &mut Vec<ClauseNodes>,
    ) -> Lowered {
        let mut authority = Authority {
            name: self.item.qualified_name(self.db),
            location: unplaced(name.id),
            title: None,
            owner: None,
            rules: Vec::new(),
        };
        for (name, field) in self.settings(body, "authority", FIELDS) {
            match name.text.as_str() {
                "title" => authority.title = self.text_setting(field),
                "owner" => authority.owner = self.elements_setting(field).into_iter().next(),
                _ => {
                    if let Some(expr) = self.plain_value(field) {
                        self.infer(expr, None);
                    }
                }
            }
        }
        if parameters.is_some() {
            let what = "an authority with parameters";
            self.report(messages::not_evaluated_yet(self.place(name.id), what));
        }
        let mut clauses = Clauses { next: 0, nodes };
        for member in &body.members {
            match member {
                Member::Clause(clause) => {
                    let rule = self.authority_rule(clause, parameters.unwrap_or_default(), &mut clauses);
                    authority.rules.extend(rule);
                }
                Member::Declaration(inner) if !inner.keyword().is_empty() => {
                    self.misplaced_declaration(inner, "an authority")
                }
                _ => {}
            }
        }
        if !body.members.iter().any(|member| matches!(member, Member::Clause(_))) {
            let message = format!("authority `{}` decides nothing: it has no `for` block", name.text);
            let help = "add `for change: Change { deny when ..  escalate to .. when ..  allow when .. }`";
            self.report(messages::bad_authority(self.place(name.id), &message, help));
        }
        if parameters.is_some() { Lowered::Nothing } else { Lowered::Authority(Box::new(authority)) }
    }

    fn authority_rule(
        &mut self,
        clause: &Clause,
        parameters: &[Parameter],
        clauses: &mut Clauses<'_>,
    ) -> Option<AuthorityRule> {
        let (binder, body) = match &clause.kind {
            ClauseKind::For { binder: ast::Binder::Kind(binder), body } => (binder, body),
            ClauseKind::For { binder: ast::Binder::In(binder), .. } => {
                self.report(messages::no_change(self.place(binder.id)));
                return None;
            }
            ClauseKind::Error => return None,
            _ => {
                self.report(messages::misplaced(
                    self.place(clause.id),
                    "this clause",
                    "an authority outside a `for`",
                    "put it into `for change: Change { .. }`",
                ));
                return None;
            }
        };
        let nominal = self.nominal(&binder.kind)?;
        if nominal != Nominal::Kind(CHANGE.into()) {
            self.report(messages::no_change(self.place(binder.kind.id)));
            return None;
        }
        if let Some(by) = &binder.by {
            self.report(messages::bad_authority(
                self.place(by.id),
                "authority judges each change by itself, not groups of them",
                "remove `by ..`",
            ));
        }
        let ((subject, filter, steps), locals) = self.in_new_body(|checker| {
            let ty = Type::Element(nominal);
            let subject = checker.bind(&binder.name, ty.clone());
            for parameter in parameters {
                let ty = checker.lower_type(&parameter.ty);
                checker.bind(&parameter.name, ty);
            }
            let filter = checker.binder_filter(binder, subject, ty);
            checker.refuse_answers(binder.filter.as_ref().map(|filter| filter.id), filter.as_ref());
            let steps = checker.authority_steps(&body.members, clauses);
            (subject, filter, steps)
        });
        Some(AuthorityRule { subject, filter, steps, locals })
    }

    fn authority_steps(&mut self, members: &[Member], clauses: &mut Clauses<'_>) -> Vec<AuthorityStep> {
        let mut steps = Vec::new();
        for member in members {
            match member {
                Member::Clause(clause) => steps.extend(self.authority_step(clause, clauses)),
                Member::Field(field) => self.report(messages::misplaced(
                    self.place(field.id),
                    "a field",
                    "a `for` block",
                    "settings stand before the first `for`",
                )),
                Member::Declaration(inner) if !inner.keyword().is_empty() => {
                    self.misplaced_declaration(inner, "an authority")
                }
                _ => {}
            }
        }
        steps
    }

    fn authority_step(&mut self, clause: &Clause, clauses: &mut Clauses<'_>) -> Option<AuthorityStep> {
        let (right, when, message) = match &clause.kind {
            ClauseKind::Let { name, value } => {
                let node = value.id;
                let value = self.infer(value, None);
                self.refuse_answers(Some(node), Some(&value.expr));
                let local = self.bind(name, value.ty);
                return Some(AuthorityStep::Let { local, value: value.expr });
            }
            ClauseKind::For { binder: ast::Binder::In(binder), body } => {
                return Some(self.in_scope(|checker| {
                    let bound = checker.bind_in(binder);
                    checker.refuse_answers(Some(binder.source.id), Some(&bound.source));
                    let steps = checker.authority_steps(&body.members, clauses);
                    AuthorityStep::For { binder: bound, steps }
                }));
            }
            ClauseKind::For { binder: ast::Binder::Kind(binder), .. } => {
                self.report(messages::bad_authority(
                    self.place(binder.id),
                    "authority judges one change at a time",
                    "write `for x in ..` to go through something of the change",
                ));
                return None;
            }
            ClauseKind::Allow { when, message } => {
                if let Some(message) = message {
                    self.report(messages::bad_authority(
                        self.place(message.id),
                        "what is allowed needs no message",
                        "`else` says why something is refused or has to be asked: remove it",
                    ));
                }
                (Right::Allow, Some(when), None)
            }
            ClauseKind::Deny { when, message } => (Right::Deny, Some(when), message.as_ref()),
            ClauseKind::Escalate { to, when, message } => {
                let node = to.id;
                let to = self.approver(to);
                self.refuse_answers(Some(node), Some(&to));
                (Right::Escalate(to), when.as_ref(), message.as_ref())
            }
            ClauseKind::Error => return None,
            _ => {
                self.report(messages::misplaced(
                    self.place(clause.id),
                    "this clause",
                    "an authority",
                    "it takes `deny when`, `escalate to X when`, `allow when`, `let` and `for x in`",
                ));
                return None;
            }
        };
        Some(AuthorityStep::Clause(self.authority_clause(clause, right, when, message, clauses)))
    }

    /// What is decided when a condition holds, and what is said of it.
    fn authority_clause(
        &mut self,
        clause: &Clause,
        right: Right,
        when: Option<&ast::Expr>,
        message: Option<&ast::Expr>,
        clauses: &mut Clauses<'_>,
    ) -> AuthorityClause {
        let number = clauses.next;
        clauses.next += 1;
        let node = when.map_or(clause.id, |when| when.id);
        clauses.nodes.push(ClauseNodes { clause: number, condition: node, fix: None });
        let (when, message) = self.in_scope(|checker| {
            let complaints = checker.complaints();
            let written = when;
            let when = written.map(|when| checker.condition(when));
            checker.refuse_answers(Some(node), when.as_ref());
            if let (Some(written), Some(when)) = (written, &when) {
                // The message is shown where the condition holds.
                checker.learn_from(written, when, true, complaints);
            }
            let kept = std::mem::replace(&mut checker.prints_absent, true);
            let message = message.map(|message| {
                let text = checker.check(message, &Type::STRING);
                checker.refuse_answers(Some(message.id), Some(&text));
                text
            });
            checker.prints_absent = kept;
            (when, message)
        });
        let location = unplaced(clause.id);
        AuthorityClause { number, location, right, when, message, source: SmolStr::default() }
    }

    /// Whom an escalation goes to: a person or a team, which may be absent.
    fn approver(&mut self, to: &ast::Expr) -> Expr {
        let wanted = Type::Element(Nominal::Trait(APPROVER.into()));
        let typed = self.infer(to, Some(&wanted));
        let fitting = if typed.ty.is_optional() { wanted.clone().optional() } else { wanted };
        if !fits(self.db, &typed.ty, &fitting) {
            let message = messages::type_mismatch(self.place(to.id), &typed.ty, &fitting);
            self.report(message.help("people and teams can be asked, and kinds with the trait `Approver`"));
            return Expr::Error;
        }
        typed.expr
    }

    /// What authority answers cannot be what it decides by.
    fn refuse_answers(&mut self, node: Option<NodeId>, expr: Option<&Expr>) {
        let (Some(node), Some(expr)) = (node, expr) else { return };
        let mut found: Option<SmolStr> = None;
        expr.walk(&mut |part| {
            if let Expr::Field { name, owner: FieldOwner::Element(Nominal::Kind(kind)), .. } = part
                && kind == CHANGE
                && ANSWERS.contains(&name.as_str())
            {
                found.get_or_insert_with(|| name.clone());
            }
        });
        if let Some(name) = found {
            let message = format!("`{name}` is what authority answers: it cannot decide by it");
            self.report(messages::bad_authority(
                self.place(node),
                &message,
                "decide by `actor`, `action`, `resource`, `environment` or `blast_radius`; tests may read the answer",
            ));
        }
    }
}
