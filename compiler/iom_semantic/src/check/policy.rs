use std::collections::BTreeSet;
use std::sync::Arc;

use iom_model::{
    Binder, Builtin, ConstraintClass, Expr, FieldOwner, Local, Mode, ModeStep, Nominal, Policy, Require,
    Rule, Severity, Step, Type,
};
use iom_syntax::ast::{
    self, Body, Clause, ClauseKind, ExprKind, Field, FieldValue, FieldValueHead, Member, Name, Parameter,
    TailKind,
};
use smol_str::SmolStr;

use super::{ClauseNodes, Lowered, joins, unplaced};
use crate::infer::{Checker, Definitions};
use crate::messages;
use crate::names::{Target, definition_of};
use crate::signatures::{NominalSignature, nominal_signature, plain_string};

const FIELDS: &[&str] = &[
    "title",
    "severity",
    "mode",
    "covers",
    "aliases",
    "owner",
    "max_exception",
    "at",
    "on",
    "class",
    "description",
    "rationale",
    "links",
];
pub(super) const STAGES: &[&str] = &["merge", "deploy", "admission", "continuous"];
pub(super) const LAYERS: &[&str] = &["intended", "built", "running"];

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

impl<'db> Checker<'db> {
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

    /// Parameters with different names, and defaults that fit.
    fn policy_parameters(&mut self, parameters: &[Parameter]) {
        for (index, parameter) in parameters.iter().enumerate() {
            let ty = self.lower_type(&parameter.ty);
            if let Some(default) = &parameter.default {
                self.in_new_body(|checker| checker.check(default, &ty));
            }
            let is_same = |other: &&Parameter| other.name.text == parameter.name.text;
            if let Some(first) = parameters[..index].iter().find(is_same) {
                let first = self.place(first.name.id);
                let place = self.place(parameter.name.id);
                self.report(messages::duplicate_name(place, first, &parameter.name.text));
            }
        }
    }

    /// A regulatory policy says which controls it is for, one about risk whose risk it is.
    fn check_class(&mut self, policy: &Policy, fields: &[(&Name, &Field)]) {
        let is_set = |wanted: &str| fields.iter().any(|(name, _)| name.text == wanted);
        let (missing, what, help) = match policy.class {
            Some(ConstraintClass::Regulatory) => (
                "covers",
                "controls it is for",
                "add `covers: [nist.\"SC-28\"]` with the controls that ask for it",
            ),
            Some(ConstraintClass::Risk) => {
                ("owner", "team owns the risk", "add `owner: TEAM`: who answers for the risk")
            }
            Some(ConstraintClass::Architectural) | None => return,
        };
        if is_set(missing) {
            return;
        }
        let class = fields.iter().find(|(name, _)| name.text == "class");
        if let Some((_, field)) = class {
            let written = if missing == "covers" { "regulatory" } else { "risk" };
            self.report(messages::incomplete_class(self.place(field.value.id), written, what, help));
        }
    }

    fn policy_setting(&mut self, policy: &mut Policy, name: &Name, field: &Field) {
        match name.text.as_str() {
            "title" => policy.title = self.text_setting(field),
            "description" | "rationale" | "links" => {
                if let Some(expr) = self.plain_value(field) {
                    self.infer(expr, None);
                }
            }
            "class" => {
                let words = self.words_setting(field, &["architectural", "regulatory", "risk"]);
                policy.class = words.first().map(|word| match word.as_str() {
                    "architectural" => ConstraintClass::Architectural,
                    "regulatory" => ConstraintClass::Regulatory,
                    _ => ConstraintClass::Risk,
                });
            }
            "severity" => policy.severity = self.severity(field).unwrap_or(policy.severity),
            "mode" => policy.mode = self.mode(&field.value),
            "covers" => policy.covers = self.controls_setting(field),
            "aliases" => self.aliases(policy, field),
            "owner" => policy.owner = self.elements_setting(field).into_iter().next(),
            "max_exception" => {
                policy.max_exception = self.plain_value(field).and_then(|expr| self.duration_setting(expr))
            }
            "at" => policy.stages = self.words_setting(field, STAGES),
            "on" => policy.layers = self.words_setting(field, LAYERS),
            _ => {}
        }
    }

    pub(super) fn severity(&mut self, field: &Field) -> Option<Severity> {
        const NAMES: &[&str] = &["info", "low", "medium", "high", "critical"];
        match self.words_setting(field, NAMES).first()?.as_str() {
            "info" => Some(Severity::Info),
            "low" => Some(Severity::Low),
            "medium" => Some(Severity::Medium),
            "high" => Some(Severity::High),
            _ => Some(Severity::Critical),
        }
    }

    /// `advise until 2027-01-15 then enforce`
    pub(super) fn mode(&mut self, value: &FieldValue) -> Option<Vec<ModeStep>> {
        let mode = self.single_mode(&value.head)?;
        let mut until = None;
        let mut rest = Vec::new();
        for tail in &value.tails {
            match &tail.kind {
                TailKind::Until(expr) => until = self.instant_setting(expr),
                TailKind::Then(next) => rest = self.mode(next).unwrap_or_default(),
                _ => self
                    .report(messages::bad_mode(self.place(tail.id), "a mode takes `until` and `then` only")),
            }
        }
        if !rest.is_empty() && until.is_none() {
            self.report(messages::bad_mode(
                self.place(value.id),
                "`then` needs an `until` before it: when does the first mode end?",
            ));
        }
        if let (Some(first), Some(second)) = (until, rest.first().and_then(|step| step.until))
            && second <= first
        {
            self.report(messages::bad_mode(self.place(value.id), "the dates of a mode must rise"));
        }
        let mut steps = vec![ModeStep { mode, until }];
        steps.extend(rest);
        Some(steps)
    }

    fn single_mode(&mut self, head: &FieldValueHead) -> Option<Mode> {
        match head {
            FieldValueHead::Escalate(to) => self.element(to).map(Mode::Escalate),
            FieldValueHead::Expr(expr) => match &expr.kind {
                ExprKind::Name(word) => match word.as_str() {
                    "enforce" => Some(Mode::Enforce),
                    "advise" => Some(Mode::Advise),
                    "off" => Some(Mode::Off),
                    other => {
                        let near = iom_diagnostics::nearest(other, ["enforce", "advise", "off", "escalate"]);
                        let message = match near {
                            Some(near) => format!("there is no mode `{other}`; did you mean `{near}`?"),
                            None => format!("there is no mode `{other}`"),
                        };
                        self.report(messages::bad_mode(self.place(expr.id), &message));
                        None
                    }
                },
                ExprKind::Missing => None,
                _ => {
                    self.report(messages::bad_mode(self.place(expr.id), "a mode is a word"));
                    None
                }
            },
        }
    }

    /// `["A", "B"]`, or by kind: `{ aws.Bucket: "A"  aws.Queue: ["B", "C"] }`
    fn aliases(&mut self, policy: &mut Policy, field: &Field) {
        let Some(expr) = self.plain_value(field) else { return };
        let ExprKind::Record(entries) = &expr.kind else {
            policy.aliases = self.texts(expr);
            return;
        };
        for entry in entries {
            let path = ast::Path { id: entry.id, segments: entry.path.clone() };
            let kind = match self.resolve_path(&path) {
                Some((Target::Item(item), qualified)) if item.keyword(self.db) == "kind" => qualified,
                Some((Target::Item(item), _)) => {
                    let keyword = item.keyword(self.db);
                    self.report(messages::wrong_kind_of_name(self.place(entry.id), &path, keyword, "a kind"));
                    continue;
                }
                _ => {
                    self.report_unknown_name(&path, "kind", Vec::new());
                    continue;
                }
            };
            if let Some(value) = self.plain_value(entry) {
                let names = self.texts(value);
                policy.kind_aliases.push((kind, names));
            }
        }
    }

    fn texts(&mut self, expr: &ast::Expr) -> Vec<SmolStr> {
        let items: Vec<&ast::Expr> = match &expr.kind {
            ExprKind::List(items) | ExprKind::Set(items) => items.iter().collect(),
            _ => vec![expr],
        };
        let mut texts = Vec::new();
        for item in items {
            match plain_string(item) {
                Some(text) => texts.push(text.into()),
                None if matches!(item.kind, ExprKind::Missing) => {}
                None => self.report(messages::wanted_value(self.place(item.id), "a text", "\"CKV_AWS_19\"")),
            }
        }
        texts
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
                    ClauseKind::For { binder: ast::Binder::In(binder), .. } => {
                        self.report(messages::subject_must_be_kind(self.place(binder.id)));
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
        let filter = self.condition(filter);
        self.at_hand.pop();
        self.learn(&filter, true);
        Some(filter)
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

    fn require<'a>(
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
        let (condition, witness) = self.require_condition(&require.condition);
        let db = self.db;
        if let Some(found) = joins::unindexed(&condition, &|name| joins::function_body(db, name)) {
            let depth = clauses.unindexed + found.depth;
            self.report(messages::not_indexable(self.place(require.condition.id), found.first, depth));
        }
        self.relied_on.extend(&clauses.relied_on);
        let after: Vec<u32> = std::mem::take(&mut self.relied_on).into_iter().collect();
        let (at, message) = self.blame(require, witness.as_ref(), &condition);
        let fix = self.fix(require.fix.as_deref().unwrap_or_default(), clauses);
        self.clause = Some(number);
        self.learn(&condition, true);
        self.clause = None;
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
    ) -> (Option<Expr>, Option<Expr>) {
        let kept = std::mem::replace(&mut self.prints_absent, true);
        let result = self.in_scope(|checker| {
            if let Some((local, name, ty)) = witness {
                checker.bind_again(name, *local, ty.clone());
            }
            // The message is shown where the condition does not hold.
            checker.learn(condition, false);
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
        let paths: Vec<&[Name]> = fields.iter().map(|field| field.path.as_slice()).collect();
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
