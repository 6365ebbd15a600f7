//! `blueprint NAME(..): TRAITS { .. }`, checked once, whether or not anything is made from it.

mod fixed;
mod instance;
mod parts;

use iom_model::{Blueprint, BlueprintParameter, Expr, Local, Nominal, Rule, Severity, Step, Type};
use iom_syntax::ast::{self, Body, Clause, ClauseKind, Member, Name, Parameter};
use smol_str::SmolStr;

use super::policy::Clauses;
use super::{ClauseNodes, Lowered, unplaced};
use crate::blueprints::{BlueprintSignature, PartSignature, TARGET, blueprint_signature, resources};
use crate::infer::Checker;
use crate::messages;
use crate::names::Target;
use parts::with_lets;

const FIELDS: &[&str] =
    &["version", "approved_by", "review_by", "title", "description", "severity", "covers", "owner"];

/// What a body of a blueprint is made of, in the order in which it is looked at.
struct Members<'a> {
    clauses: Vec<&'a Clause>,
    judges: Vec<(&'a Clause, &'a ast::KindBinder, &'a Body)>,
    builds: Vec<(&'a Name, &'a Body)>,
}

impl<'db> Checker<'db> {
    pub(super) fn check_blueprint<'a>(
        &mut self,
        name: &'a Name,
        parameters: &'a [Parameter],
        traits: &'a [ast::Path],
        body: &'a Body,
        doc: Option<String>,
        nodes: &'a mut Vec<ClauseNodes>,
    ) -> Lowered {
        let Some(signature) = blueprint_signature(self.db, self.item).as_deref() else {
            return Lowered::Nothing; // It is made of itself: the ring is reported.
        };
        let mut blueprint = Blueprint {
            name: self.item.qualified_name(self.db),
            location: unplaced(name.id),
            title: None,
            doc,
            version: None,
            approved_by: Vec::new(),
            review_by: None,
            severity: Severity::High,
            covers: Vec::new(),
            owner: None,
            parameters: Vec::new(),
            targets: signature.targets.clone(),
            parts: Vec::new(),
            slots: signature.slots,
            steps: Vec::new(),
            judges: Vec::new(),
            locals: 0,
        };
        self.blueprint_settings(&mut blueprint, name, body);
        let members = self.blueprint_members(body);
        if signature.parts.is_empty() && signature.judges.is_empty() && members.judges.is_empty() {
            self.report(messages::no_root(self.place(name.id), &name.text));
        }
        self.check_promises(traits, signature);
        blueprint.parameters = self.blueprint_parameters(parameters, signature);
        let (_, locals) = self.in_new_body(|checker| {
            for (parameter, lowered) in parameters.iter().zip(&blueprint.parameters) {
                checker.bind(&parameter.name, lowered.ty.clone());
            }
            let root = checker.slots(signature.slots);
            checker.blueprint_body(&mut blueprint, root, signature, body, &members, nodes);
        });
        blueprint.locals = locals;
        self.check_part_rings(&blueprint);
        Lowered::Blueprint(Box::new(blueprint))
    }

    /// Takes the parts' slots; gives the first.
    fn slots(&mut self, count: u32) -> Local {
        let mut first = None;
        for _ in 0..count {
            let local = self.fresh_local();
            first.get_or_insert(local);
        }
        first.unwrap_or(Local(0))
    }

    fn blueprint_settings(&mut self, blueprint: &mut Blueprint, name: &Name, body: &Body) {
        let found = self.settings(body, "blueprint", FIELDS);
        let missing: Vec<&str> = ["version", "approved_by", "review_by"]
            .into_iter()
            .filter(|wanted| !found.iter().any(|(name, _)| name.text == *wanted))
            .collect();
        if !missing.is_empty() {
            self.report(messages::unapproved(self.place(name.id), &name.text, &missing));
        }
        for (name, field) in found {
            match name.text.as_str() {
                "version" => blueprint.version = self.text_setting(field).map(SmolStr::from),
                "approved_by" => blueprint.approved_by = self.elements_setting(field),
                "review_by" => {
                    blueprint.review_by = self.plain_value(field).and_then(|expr| self.instant_setting(expr))
                }
                "title" => blueprint.title = self.text_setting(field),
                "description" => drop(self.text_setting(field)),
                "severity" => blueprint.severity = self.severity(field).unwrap_or(Severity::High),
                "covers" => blueprint.covers = self.controls_setting(field),
                "owner" => blueprint.owner = self.elements_setting(field).into_iter().next(),
                _ => {}
            }
        }
    }

    fn blueprint_members<'a>(&mut self, body: &'a Body) -> Members<'a> {
        let mut members = Members { clauses: Vec::new(), judges: Vec::new(), builds: Vec::new() };
        for member in &body.members {
            match member {
                Member::Clause(clause) => match &clause.kind {
                    ClauseKind::Let { .. }
                    | ClauseKind::Require(_)
                    | ClauseKind::For { binder: ast::Binder::In(_), .. } => members.clauses.push(clause),
                    ClauseKind::Judges { binder, body } => members.judges.push((clause, binder, body)),
                    ClauseKind::Build { target, body } => {
                        if let Some((first, _)) =
                            members.builds.iter().find(|(other, _)| other.text == target.text)
                        {
                            let first = self.place(first.id);
                            self.report(messages::duplicate_target(
                                self.place(target.id),
                                first,
                                &target.text,
                            ));
                        }
                        members.builds.push((target, body));
                    }
                    ClauseKind::Error => {}
                    _ => self.report(messages::misplaced(
                        self.place(clause.id),
                        "this clause",
                        "a blueprint",
                        "it takes resources, `let`, `require`, `judges` and `build`",
                    )),
                },
                Member::Declaration(inner) => self.only_resource(inner, "a blueprint"),
                Member::Field(_) | Member::TypeField(_) => {}
            }
        }
        members
    }

    fn only_resource(&mut self, inner: &ast::Declaration, owner: &str) {
        if !matches!(inner.keyword(), "" | "resource") {
            let what = format!("`{}`", inner.keyword());
            self.report(messages::misplaced(
                self.place(inner.id),
                &what,
                owner,
                "of declarations it takes resources only",
            ));
        }
    }

    /// `: ObjectStore`: whatever the root is, it has these traits.
    fn check_promises(&mut self, traits: &[ast::Path], signature: &BlueprintSignature) {
        for path in traits {
            let wanted = match self.resolve_path(path) {
                Some((Target::Item(item), qualified)) if item.keyword(self.db) == "trait" => qualified,
                Some((Target::Item(item), _)) => {
                    let keyword = item.keyword(self.db);
                    self.report(messages::wrong_kind_of_name(self.place(path.id), path, keyword, "a trait"));
                    continue;
                }
                _ => {
                    self.report_unknown_name(path, "trait", Vec::new());
                    continue;
                }
            };
            for part in signature.parts.iter().filter(|part| part.slot == 0) {
                if let Some(nominal) = &part.nominal
                    && !self.has_trait(nominal.name(), &wanted)
                {
                    let place = self.place(part.node);
                    let asked = self.place(path.id);
                    self.report(messages::root_without_trait(place, nominal, &path.to_string(), asked));
                }
            }
        }
    }

    fn blueprint_parameters(
        &mut self,
        parameters: &[Parameter],
        signature: &BlueprintSignature,
    ) -> Vec<BlueprintParameter> {
        let mut seen: Vec<&Name> = Vec::new();
        let mut lowered = Vec::with_capacity(parameters.len());
        for parameter in parameters {
            let name = &parameter.name;
            if let Some(first) = seen.iter().find(|other| other.text == name.text) {
                let first = self.place(first.id);
                self.report(messages::duplicate_name(self.place(name.id), first, &name.text));
            }
            if name.text == TARGET && !signature.targets.is_empty() {
                self.report(messages::target_parameter(self.place(name.id)));
            }
            seen.push(name);
            let ty = self.lower_type(&parameter.ty);
            let default = parameter
                .default
                .as_ref()
                .map(|default| self.in_new_body(|checker| checker.check(default, &ty)));
            let (default, default_locals) = match default {
                Some((default, locals)) => (Some(default), locals),
                None => (None, 0),
            };
            lowered.push(BlueprintParameter { name: name.text.clone(), ty, default, default_locals });
        }
        lowered
    }

    fn blueprint_body<'a>(
        &mut self,
        blueprint: &mut Blueprint,
        root: Local,
        signature: &BlueprintSignature,
        body: &'a Body,
        members: &Members<'a>,
        nodes: &'a mut Vec<ClauseNodes>,
    ) {
        let common: Vec<&PartSignature> =
            signature.parts.iter().filter(|part| part.target.is_none()).collect();
        let declared: Vec<&ast::Resource> = resources(&body.members).collect();
        self.bind_parts(&declared, &common, root);
        let mut clauses = Clauses::new(nodes, root_of(&common, signature));
        clauses.subject_local = root;
        let mut lets: Vec<(Local, Expr)> = Vec::new();
        for clause in &members.clauses {
            if let ClauseKind::Let { name, value } = &clause.kind {
                let value = self.infer(value, None);
                let local = self.bind(name, value.ty);
                lets.push((local, value.expr.clone()));
                blueprint.steps.push(Step::Let { local, value: value.expr });
            }
        }
        self.lower_parts(blueprint, &declared, &common, root, &lets);
        for (target, body) in &members.builds {
            self.in_scope(|checker| {
                for member in &body.members {
                    checker.only_resources(member);
                }
                let parts: Vec<&PartSignature> = signature
                    .parts
                    .iter()
                    .filter(|part| part.target.as_ref() == Some(&target.text))
                    .collect();
                let declared: Vec<&ast::Resource> = resources(&body.members).collect();
                checker.bind_parts(&declared, &parts, root);
                checker.lower_parts(blueprint, &declared, &parts, root, &lets);
            });
        }
        for clause in &members.clauses {
            if !matches!(clause.kind, ClauseKind::Let { .. }) {
                blueprint.steps.extend(self.step(clause, &mut clauses));
            }
        }
        if !blueprint.steps.iter().any(|step| !matches!(step, Step::Let { .. })) {
            blueprint.steps.clear();
        }
        for (clause, binder, body) in &members.judges {
            if let Some(mut rule) =
                self.in_scope(|checker| checker.judges(clause, binder, body, &mut clauses))
            {
                if let Some(filter) = &mut rule.filter {
                    with_lets(filter, &lets);
                }
                // What a `let` outside binds is bound again for each subject.
                let lets =
                    lets.iter().map(|(local, value)| Step::Let { local: *local, value: value.clone() });
                rule.steps = lets.chain(rule.steps).collect();
                blueprint.judges.push(rule);
            }
        }
    }

    fn only_resources(&mut self, member: &Member) {
        let (node, what) = match member {
            Member::Declaration(inner) => return self.only_resource(inner, "a `build` block"),
            Member::Field(field) => (field.id, "a field".to_owned()),
            Member::TypeField(field) => (field.id, "a field's type".to_owned()),
            Member::Clause(clause) => (clause.id, "this clause".to_owned()),
        };
        self.report(messages::misplaced(
            self.place(node),
            &what,
            "a `build` block",
            "it holds resources; what is required stands outside of it",
        ));
    }

    /// `judges s: Segment where .. { .. }`
    fn judges<'a>(
        &mut self,
        clause: &'a Clause,
        binder: &'a ast::KindBinder,
        body: &'a Body,
        clauses: &mut Clauses<'a>,
    ) -> Option<Rule> {
        let nominal = self.nominal(&binder.kind);
        let outer = std::mem::replace(
            &mut clauses.subject,
            nominal.clone().unwrap_or_else(|| Nominal::Trait("std.prelude.Element".into())),
        );
        let aliases: Vec<SmolStr> = clause.aliases.iter().map(|alias| alias.text.clone()).collect();
        clauses.aliases.clone_from(&aliases);
        let ty = nominal.clone().map_or(Type::Error, Type::Element);
        let subject = self.bind(&binder.name, ty.clone());
        self.no_grouping(binder, "`judges`");
        let outer_local = std::mem::replace(&mut clauses.subject_local, subject);
        let filter = self.binder_filter(binder, subject, ty);
        let steps = self.steps(&body.members, clauses);
        clauses.aliases.clear();
        clauses.subject = outer;
        clauses.subject_local = outer_local;
        // The frame is the blueprint's.
        nominal.map(|population| Rule {
            aliases,
            subject,
            parameters: Vec::new(),
            population,
            by: None,
            filter,
            steps,
            locals: 0,
        })
    }
}

fn root_of(common: &[&PartSignature], signature: &BlueprintSignature) -> Nominal {
    let root = common.iter().copied().chain(&signature.parts).find(|part| part.slot == 0);
    let nominal = root.and_then(|part| part.nominal.clone());
    nominal.unwrap_or_else(|| Nominal::Trait("std.prelude.Element".into()))
}
