//! What a policy says about itself.

use iom_model::{ConstraintClass, Mode, ModeStep, Policy, Severity};
use iom_syntax::ast::{self, ExprKind, Field, FieldValue, FieldValueHead, Name, Parameter, TailKind};
use smol_str::SmolStr;

use crate::infer::Checker;
use crate::messages;
use crate::names::Target;
use crate::signatures::plain_string;

pub(super) const FIELDS: &[&str] = &[
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
pub(in crate::check) const STAGES: &[&str] = &["merge", "deploy", "admission", "continuous"];
pub(in crate::check) const LAYERS: &[&str] = &["intended", "built", "running"];

impl Checker<'_> {
    /// Parameters with different names, and defaults that fit.
    pub(super) fn policy_parameters(&mut self, parameters: &[Parameter]) {
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
    pub(super) fn check_class(&mut self, policy: &Policy, fields: &[(&Name, &Field)]) {
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

    pub(super) fn policy_setting(&mut self, policy: &mut Policy, name: &Name, field: &Field) {
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

    pub(in crate::check) fn severity(&mut self, field: &Field) -> Option<Severity> {
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
    pub(in crate::check) fn mode(&mut self, value: &FieldValue) -> Option<Vec<ModeStep>> {
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
                ExprKind::Name(word) => match self.noted_mode(expr.id, word) {
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

    pub(in crate::check) fn texts(&mut self, expr: &ast::Expr) -> Vec<SmolStr> {
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
}
