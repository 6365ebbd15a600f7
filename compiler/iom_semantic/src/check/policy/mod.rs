//! Policies: settings, rules, and the clauses of rules.

mod require;
mod settings;

use std::collections::BTreeSet;

use iom_model::{Binder, Expr, Local, Nominal, Policy, Rule, Severity, Step, Type};
use iom_syntax::ast::{self, Body, Clause, ClauseKind, Member, Name, Parameter};
use smol_str::SmolStr;

use super::{ClauseNodes, Lowered, joins, unplaced};
use crate::infer::Checker;
use crate::messages;
use crate::names::{Target, definition_of, resolve};
use settings::FIELDS;
pub(super) use settings::{LAYERS, STAGES};

/// State while the clauses of one policy are lowered.
pub(super) struct Clauses<'a> {
    next: u32,
    labels: Vec<&'a Name>,
    pub(super) aliases: Vec<SmolStr>,
    nodes: &'a mut Vec<ClauseNodes>,
    /// The population of the subject: what a fix may set.
    pub(super) subject: Nominal,
    /// The subject is a group of the population: there is nothing that a fix could set.
    is_grouped: bool,
    pub(super) subject_local: Local,
    /// How many populations are gone through in full around the clause at hand.
    unindexed: usize,
    /// Clauses that the loops around the clause at hand rely on.
    relied_on: BTreeSet<u32>,
}

impl<'a> Clauses<'a> {
    pub(super) fn new(nodes: &'a mut Vec<ClauseNodes>, subject: Nominal) -> Clauses<'a> {
        Clauses {
            next: 0,
            labels: Vec::new(),
            aliases: Vec::new(),
            nodes,
            subject,
            is_grouped: false,
            subject_local: Local(0),
            unindexed: 0,
            relied_on: BTreeSet::new(),
        }
    }
}

impl Checker<'_> {
    pub(super) fn check_policy<'a>(
        &mut self,
        name: &'a Name,
        parameters: Option<&[Parameter]>,
        body: &'a Body,
        doc: Option<String>,
        nodes: &'a mut Vec<ClauseNodes>,
    ) -> Lowered {
        let mut policy = Policy {
            name: self.item.qualified_name(self.db),
            declared: self.item.qualified_name(self.db),
            arguments: None,
            location: unplaced(name.id),
            class: None,
            title: None,
            doc,
            severity: Severity::Medium,
            mode: None,
            covers: Vec::new(),
            aliases: Vec::new(),
            kind_aliases: Vec::new(),
            owner: None,
            max_exception: None,
            stages: Vec::new(),
            layers: Vec::new(),
            is_parametric: parameters.is_some_and(|parameters| !parameters.is_empty()),
            is_applied: false,
            application: None,
            rules: Vec::new(),
        };
        let parameters = parameters.unwrap_or_default();
        self.policy_parameters(parameters);
        let fields = self.settings(body, "policy", FIELDS);
        for (name, field) in &fields {
            self.policy_setting(&mut policy, name, field);
        }
        self.check_class(&policy, &fields);
        self.policy_rules(&mut policy, parameters, body, nodes);
        if policy.rules.is_empty() && !body.members.iter().any(|member| matches!(member, Member::Clause(_))) {
            self.report(messages::no_subject(self.place(name.id), &name.text));
        }
        Lowered::Policy(Box::new(policy))
    }

    fn policy_rules<'a>(
        &mut self,
        policy: &mut Policy,
        parameters: &[Parameter],
        body: &'a Body,
        nodes: &'a mut Vec<ClauseNodes>,
    ) {
        let mut clauses = Clauses::new(nodes, Nominal::Trait("std.prelude.Element".into()));
        for member in &body.members {
            match member {
                Member::Clause(clause) => match &clause.kind {
                    ClauseKind::For { binder: ast::Binder::Kind(binder), body } => {
                        if let Some(rule) = self.rule(clause, parameters, binder, body, &mut clauses) {
                            policy.rules.push(rule);
                        }
                    }
                    ClauseKind::For { binder: ast::Binder::In(binder), body } => {
                        let meant = self.kind_meant(binder);
                        let written = meant.as_ref().map(|meant| (&*binder.name.text, &meant.kind));
                        self.report(messages::subject_must_be_kind(self.place(binder.id), written));
                        // What stands inside is told all the same.
                        if let Some(meant) = &meant {
                            policy.rules.extend(self.rule(clause, parameters, meant, body, &mut clauses));
                        }
                    }
                    ClauseKind::Error => {}
                    _ => self.report(messages::misplaced(
                        self.place(clause.id),
                        "this clause",
                        "a policy outside a `for`",
                        "put it into `for x: SomeKind { .. }`",
                    )),
                },
                Member::Declaration(inner) if !inner.keyword().is_empty() => {
                    self.misplaced_declaration(inner, "a policy")
                }
                _ => {}
            }
        }
    }

    fn rule<'a>(
        &mut self,
        clause: &Clause,
        parameters: &[Parameter],
        binder: &ast::KindBinder,
        body: &'a Body,
        clauses: &mut Clauses<'a>,
    ) -> Option<Rule> {
        let nominal = self.nominal(&binder.kind);
        let known = nominal.clone();
        clauses.subject = nominal.clone().unwrap_or(Nominal::Trait("std.prelude.Element".into()));
        clauses.is_grouped = binder.by.is_some();
        let aliases: Vec<SmolStr> = clause.aliases.iter().map(|alias| alias.text.clone()).collect();
        clauses.aliases.clone_from(&aliases);
        let (rule, locals) = self.in_new_body(|checker| {
            let item = nominal.clone().map_or(Type::Error, Type::Element);
            let subject = checker.fresh_local();
            clauses.subject_local = subject;
            let mut slots = Vec::with_capacity(parameters.len());
            for parameter in parameters {
                if parameter.name.text == binder.name.text {
                    let first = checker.place(parameter.name.id);
                    let place = checker.place(binder.name.id);
                    checker.report(messages::duplicate_name(place, first, &binder.name.text));
                }
                let ty = checker.lower_type(&parameter.ty);
                slots.push(checker.bind(&parameter.name, ty));
            }
            let (by, ty) = checker.group_by(binder.by.as_ref(), item);
            checker.note_type(binder.name.id, &ty);
            checker.bind_again(&binder.name, subject, ty.clone());
            let filter = checker.binder_filter(binder, subject, ty);
            let steps = checker.steps(&body.members, clauses);
            (subject, slots, by, filter, steps)
        });
        let (subject, parameters, by, filter, mut steps) = rule;
        steps.shrink_to_fit();
        clauses.aliases.clear();
        known.map(|population| Rule { aliases, subject, parameters, population, by, filter, steps, locals })
    }

    /// `for x in aws.Bucket` where `for x: aws.Bucket` is meant.
    fn kind_meant(&self, binder: &ast::InBinder) -> Option<ast::KindBinder> {
        let kind = binder.source.path()?;
        let names: Vec<SmolStr> = kind.segments.iter().map(|segment| segment.text.clone()).collect();
        let item = definition_of(self.db, &resolve(self.db, self.scope, &names)?.qualified)?;
        let is_kind = binder.second.is_none() && matches!(item.keyword(self.db), "kind" | "trait");
        let (by, filter) = (binder.by.clone(), binder.filter.clone());
        is_kind.then(|| ast::KindBinder { id: binder.id, name: binder.name.clone(), kind, by, filter })
    }

    /// The kind or trait that a path names.
    pub(super) fn nominal(&mut self, path: &ast::Path) -> Option<Nominal> {
        match self.resolve_path(path) {
            Some((Target::Item(item), qualified)) => match item.keyword(self.db) {
                "kind" => Some(Nominal::Kind(qualified)),
                "trait" => Some(Nominal::Trait(qualified)),
                other => {
                    self.report(messages::wrong_kind_of_name(
                        self.place(path.id),
                        path,
                        other,
                        "a kind or a trait",
                    ));
                    None
                }
            },
            Some((Target::Module, _)) => {
                self.report(messages::wrong_kind_of_name(
                    self.place(path.id),
                    path,
                    "module",
                    "a kind or a trait",
                ));
                None
            }
            None => {
                self.report_unknown_name(path, "kind or trait", Vec::new());
                None
            }
        }
    }

    pub(super) fn steps<'a>(&mut self, members: &'a [Member], clauses: &mut Clauses<'a>) -> Vec<Step> {
        let mut steps = Vec::new();
        for member in members {
            match member {
                Member::Clause(clause) => steps.extend(self.step(clause, clauses)),
                Member::Field(field) => {
                    self.report(messages::misplaced(
                        self.place(field.id),
                        "a field",
                        "a `for` block",
                        "settings stand before the first `for`",
                    ));
                }
                Member::Declaration(inner) if !inner.keyword().is_empty() => {
                    self.misplaced_declaration(inner, "a policy")
                }
                _ => {}
            }
        }
        steps
    }

    pub(super) fn step<'a>(&mut self, clause: &'a Clause, clauses: &mut Clauses<'a>) -> Option<Step> {
        let outer_aliases = clauses.aliases.len();
        clauses.aliases.extend(clause.aliases.iter().map(|alias| alias.text.clone()));
        let step = match &clause.kind {
            ClauseKind::Let { name, value } => {
                self.relied_on.clear();
                let value = self.infer(value, None);
                let local = self.bind(name, value.ty);
                // Whoever reads the name relies on what its value relies on.
                let relies = std::mem::take(&mut self.relied_on);
                if let Some(binding) = self.bindings.last_mut() {
                    binding.relies = relies;
                }
                Some(Step::Let { local, value: value.expr })
            }
            ClauseKind::For { binder, body } => Some(self.inner_for(clause, binder, body, clauses)),
            ClauseKind::Require(require) => Some(Step::Require(self.require(clause, require, clauses))),
            ClauseKind::Error => None,
            _ => {
                self.report(messages::misplaced(
                    self.place(clause.id),
                    "this clause",
                    "a `for` block of a policy",
                    "it takes `require`, `let` and inner `for`s",
                ));
                None
            }
        };
        clauses.aliases.truncate(outer_aliases);
        step
    }

    fn inner_for<'a>(
        &mut self,
        clause: &Clause,
        binder: &ast::Binder,
        body: &'a Body,
        clauses: &mut Clauses<'a>,
    ) -> Step {
        let aliases = clause.aliases.iter().map(|alias| alias.text.clone()).collect();
        self.in_scope(|checker| {
            checker.relied_on.clear();
            let (lowered, node) = match binder {
                ast::Binder::In(binder) => (checker.bind_in(binder), binder.id),
                ast::Binder::Kind(binder) => (checker.kind_binder(binder), binder.id),
            };
            // Which rows there are depends on it.
            let relied_on = clauses.relied_on.clone();
            clauses.relied_on.append(&mut checker.relied_on);
            let outside = clauses.unindexed;
            let db = checker.db;
            if let Some(population) =
                joins::unindexed_binder(&lowered, &|name| joins::function_body(db, name))
            {
                clauses.unindexed += 1;
                checker.report(messages::not_indexable(checker.place(node), population, clauses.unindexed));
            }
            let steps = checker.steps(&body.members, clauses);
            clauses.unindexed = outside;
            clauses.relied_on = relied_on;
            Step::For { aliases, binder: lowered, steps }
        })
    }

    /// `where` of a binder: the thing at hand is what is bound, and what holds there holds from here on.
    pub(super) fn binder_filter(&mut self, binder: &ast::KindBinder, local: Local, ty: Type) -> Option<Expr> {
        let filter = binder.filter.as_ref()?;
        self.at_hand.push((local, ty));
        let complaints = self.complaints();
        let lowered = self.condition(filter);
        self.learn_from(filter, &lowered, true, complaints);
        self.at_hand.pop();
        Some(lowered)
    }

    /// `for x: K` below the subject goes through the whole population.
    fn kind_binder(&mut self, binder: &ast::KindBinder) -> Binder {
        let nominal = self.nominal(&binder.kind);
        let item = nominal.clone().map_or(Type::Error, Type::Element);
        let source = nominal.map_or(Expr::Error, Expr::Population);
        let (by, ty) = self.group_by(binder.by.as_ref(), item);
        let local = self.bind(&binder.name, ty.clone());
        let filter = self.binder_filter(binder, local, ty);
        Binder { local, second: None, source, by, filter }
    }
}
