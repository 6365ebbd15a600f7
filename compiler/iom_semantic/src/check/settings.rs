//! Fields of policies, exceptions, evidence and tests: names, dates, lists of names.

use iom_diagnostics::nearest;
use iom_model::{Claim, ControlReference, Duration, Expr, Literal, Nominal, QualifiedName, Selection, Type};
use iom_syntax::ast::{self, Body, ExprKind, Field, FieldValueHead, Member, Name, NodeId};
use smol_str::SmolStr;

use crate::infer::Checker;
use crate::items::{Item, declaration};
use crate::look::place_of_label;
use crate::messages;
use crate::names::{GlobalName, Target, resolve};
use crate::signatures::{catalog_controls, control_named, plain_string, policy_labels};

/// The setting of these that a name says, or most likely was to say.
fn meant(name: &str, known: &[&'static str]) -> Option<&'static str> {
    let near = || nearest(name, known.iter().copied());
    known
        .iter()
        .copied()
        .find(|known| *known == name)
        .or_else(near)
        .or_else(|| messages::setting(name, known))
}

impl<'db> Checker<'db> {
    /// The plain fields of a body by name; unknown and doubled ones are reported.
    pub(super) fn settings<'a>(
        &mut self,
        body: &'a Body,
        owner: &str,
        known: &[&'static str],
    ) -> Vec<(&'a Name, &'a Field)> {
        let mut found: Vec<(&Name, &Field)> = Vec::new();
        for member in &body.members {
            let Member::Field(field) = member else { continue };
            let Some(name) = field.path.first() else { continue };
            self.note_setting(name, owner, known);
            if !known.contains(&name.text.as_str()) || field.path.len() > 1 {
                let near = meant(&name.text, known);
                self.report(messages::unknown_setting(self.place(name.id), &name.text, owner, near, known));
            } else if let Some((first, _)) = found.iter().find(|(other, _)| other.text == name.text) {
                let first = self.place(first.id);
                self.report(messages::duplicate_field(self.place(name.id), Some(first), &name.text));
            } else {
                found.push((name, field));
            }
        }
        found
    }

    /// Fields that a declaration cannot do without. One that is written by another name has been told of.
    pub(super) fn require_settings(
        &mut self,
        node: NodeId,
        owner: &str,
        body: &Body,
        wanted: &[&'static str],
    ) {
        self.note_required_settings(wanted);
        let fields = body.members.iter().filter_map(|member| match member {
            Member::Field(field) => field.path.first(),
            _ => None,
        });
        let found: Vec<&str> = fields.filter_map(|name| meant(&name.text, wanted)).collect();
        let missing: Vec<&str> = wanted.iter().copied().filter(|wanted| !found.contains(wanted)).collect();
        if !missing.is_empty() {
            let owner = Type::Named(SmolStr::new(owner));
            self.report(messages::missing_fields(self.place(node), &missing, &owner));
        }
    }

    pub(super) fn text_setting(&mut self, field: &Field) -> Option<String> {
        let expr = self.plain_value(field)?;
        let text = plain_string(expr);
        if text.is_none() && !matches!(expr.kind, ExprKind::Missing) {
            self.report(messages::wanted_value(self.place(expr.id), "a plain text", "\"Data is encrypted\""));
        }
        text
    }

    pub(super) fn duration_setting(&mut self, expr: &ast::Expr) -> Option<Duration> {
        match self.check(expr, &Type::Scalar(iom_model::Scalar::Duration)) {
            Expr::Literal(Literal::Duration(duration)) => Some(duration),
            Expr::Error => None,
            _ => {
                self.report(messages::wanted_value(self.place(expr.id), "a duration written out", "90d"));
                None
            }
        }
    }

    pub(crate) fn instant_setting(&mut self, expr: &ast::Expr) -> Option<i64> {
        match self.check(expr, &Type::Scalar(iom_model::Scalar::Time)) {
            Expr::Literal(Literal::Instant(instant)) => Some(instant),
            Expr::Error => None,
            _ => {
                self.report(messages::wanted_value(self.place(expr.id), "a date written out", "2027-01-15"));
                None
            }
        }
    }

    /// One expression or a list of them.
    pub(super) fn list_items<'a>(&mut self, field: &'a Field) -> Vec<&'a ast::Expr> {
        match self.plain_value(field) {
            Some(ast::Expr { kind: ExprKind::List(items) | ExprKind::Set(items), .. }) => {
                items.iter().collect()
            }
            Some(single) => vec![single],
            None => Vec::new(),
        }
    }

    /// Words of a closed list: `on: [built, running]`.
    pub(super) fn words_setting(&mut self, field: &Field, known: &[&str]) -> Vec<SmolStr> {
        let mut words = Vec::new();
        for item in self.list_items(field) {
            if let ExprKind::Name(word) = &item.kind {
                self.note_words(item.id, word, known);
            }
            match &item.kind {
                ExprKind::Name(word) if known.contains(&word.as_str()) => words.push(word.clone()),
                ExprKind::Name(word) => {
                    self.report(messages::no_alternative(self.place(item.id), word, known.iter().copied()));
                }
                ExprKind::Missing => {}
                _ => self.report(messages::wanted_value(
                    self.place(item.id),
                    "a word",
                    known.first().unwrap_or(&""),
                )),
            }
        }
        words
    }

    /// `[nist."SC-28", soc2."CC6.1"]`
    pub(super) fn controls_setting(&mut self, field: &Field) -> Vec<ControlReference> {
        self.list_items(field).into_iter().filter_map(|item| self.control(item)).collect()
    }

    fn control(&mut self, expr: &ast::Expr) -> Option<ControlReference> {
        let Some(segments) = self.as_global_path(expr) else {
            if !matches!(expr.kind, ExprKind::Missing) {
                self.report(messages::not_a_control(self.place(expr.id)));
            }
            return None;
        };
        let names: Vec<SmolStr> = segments.iter().map(|(name, _)| name.clone()).collect();
        self.note_control_cursor(&names);
        let found = resolve(self.db, self.scope, &names);
        let catalog = found.as_ref().and_then(|found| match found.target {
            Target::Item(item) if item.keyword(self.db) == "catalog" => Some((item, found)),
            _ => None,
        });
        let Some((item, found)) = catalog else {
            match found {
                Some(found) if matches!(found.target, Target::Item(_)) => {
                    self.report(messages::not_a_control(self.place(expr.id)))
                }
                _ => self.report_unknown_segments(&names, |index| segments[index].1, "catalog", Vec::new()),
            }
            return None;
        };
        let [(id, node)] = &segments[found.used..] else {
            self.report(messages::not_a_control(self.place(expr.id)));
            return None;
        };
        self.note_control(*node, item, &found.qualified, id);
        match control_named(self.db, item, GlobalName::new(self.db, id.clone())) {
            Some(None) => {}
            Some(Some(successors)) => {
                let place = self.place(*node);
                self.report(messages::withdrawn_control(place, item.name(self.db), id, successors));
            }
            None => {
                let controls = catalog_controls(self.db, item);
                let near = self.oscal_spelling(item, id).or_else(|| {
                    nearest(id, controls.iter().map(|control| control.id.as_str())).map(SmolStr::new)
                });
                let place = self.place(*node);
                self.report(messages::unknown_control(place, item.name(self.db), id, near.as_deref()));
                return None;
            }
        }
        Some(ControlReference { catalog: found.qualified.clone(), control: id.clone() })
    }

    /// What the file that a catalog is read from calls a control that is written in another way.
    fn oscal_spelling(&self, catalog: Item<'db>, id: &str) -> Option<SmolStr> {
        let declaration = declaration(self.db, catalog);
        let ast::DeclarationKind::Catalog { source: Some(source), .. } = &declaration.kind else {
            return None;
        };
        let wanted = crate::names::data_path(self.db, catalog.file(self.db), &source.file.text);
        let files = self.db.workspace().data_files(self.db);
        let (_, text) = files.iter().find(|(path, _)| *path == wanted)?;
        crate::oscal::known_as(text, id)
    }

    /// A dotted name where a policy is to be named.
    pub(super) fn name_of_policy(&mut self, expr: &ast::Expr) -> Option<Vec<(SmolStr, NodeId)>> {
        let segments = self.as_global_path(expr);
        if segments.is_none() && !matches!(expr.kind, ExprKind::Missing) {
            let message =
                messages::wanted_value(self.place(expr.id), "a policy's name", "`encrypted_at_rest`");
            self.report(message);
        }
        segments
    }

    /// A policy, one clause of it, or a group of policies.
    pub(super) fn claim(&mut self, expr: &ast::Expr) -> Option<(Claim, Item<'db>)> {
        let segments = self.name_of_policy(expr)?;
        let names: Vec<SmolStr> = segments.iter().map(|(name, _)| name.clone()).collect();
        self.note_claim_cursor(&names);
        let found = match resolve(self.db, self.scope, &names) {
            Some(found) if matches!(found.target, Target::Item(_)) => found,
            _ => {
                self.report_unknown_segments(&names, |index| segments[index].1, "policy", Vec::new());
                return None;
            }
        };
        let Target::Item(item) = found.target else { return None };
        if item.keyword(self.db) == "group" && found.used == names.len() {
            return Some((Claim { policy: found.qualified, label: None }, item));
        }
        // A blueprint's own clauses are judged under its name.
        if !matches!(item.keyword(self.db), "policy" | "blueprint") {
            self.report(messages::not_a_value(self.place(expr.id), &found.qualified, item.keyword(self.db)));
            return None;
        }
        let label = match &segments[found.used..] {
            [] => None,
            [(label, node)] => {
                let labels = policy_labels(self.db, item);
                if !labels.contains(label) {
                    let near = nearest(label, labels.iter().map(|label| label.as_str()));
                    let place = self.place(*node);
                    self.report(messages::unknown_name(
                        place,
                        label,
                        "clause",
                        Some(&found.qualified),
                        near,
                        &[],
                    ));
                    return None;
                }
                self.note_declared(*node, || place_of_label(self.db, item, label));
                Some(label.clone())
            }
            [.., (name, node)] => {
                let place = self.place(*node);
                self.report(messages::unknown_name(place, name, "clause", Some(&found.qualified), None, &[]));
                return None;
            }
        };
        Some((Claim { policy: found.qualified, label }, item))
    }

    pub(super) fn policies_setting(&mut self, field: &Field) -> Vec<Claim> {
        self.list_items(field)
            .into_iter()
            .filter_map(|item| self.claim(item))
            .map(|(claim, _)| claim)
            .collect()
    }

    /// Declared elements by name: people, teams.
    pub(super) fn elements_setting(&mut self, field: &Field) -> Vec<QualifiedName> {
        self.list_items(field).into_iter().filter_map(|item| self.element(item)).collect()
    }

    pub(super) fn element(&mut self, expr: &ast::Expr) -> Option<QualifiedName> {
        if let ExprKind::Name(name) = &expr.kind {
            let approver = Type::Element(Nominal::Trait("std.prelude.Approver".into()));
            self.note_value_cursor(name, Some(&approver));
        }
        let typed = self.infer(expr, None);
        match typed.expr {
            Expr::Resource(name) => Some(name),
            Expr::Error => None,
            _ => {
                self.report(messages::wanted_value(
                    self.place(expr.id),
                    "a declared person, team or resource",
                    "`payments`",
                ));
                None
            }
        }
    }

    /// `ObjectStore where .environment.tier == production`, a kind, or declared resources.
    pub(super) fn selection(&mut self, expr: &ast::Expr) -> Option<Selection> {
        let (typed, locals) = self.in_new_body(|checker| {
            if let ExprKind::List(items) = &expr.kind {
                let names: Vec<QualifiedName> =
                    items.iter().filter_map(|item| checker.element(item)).collect();
                return Err(names);
            }
            Ok(checker.infer(expr, None).expr)
        });
        match typed {
            Err(names) => Some(Selection::These(names)),
            Ok(Expr::Population(population)) => {
                Some(Selection::Where { population, filter: None, locals: 1 })
            }
            Ok(Expr::Filter { source, condition, .. }) => match *source {
                Expr::Population(population) => {
                    Some(Selection::Where { population, filter: Some(*condition), locals: locals.max(1) })
                }
                _ => {
                    self.report(messages::wanted_value(
                        self.place(expr.id),
                        "a kind or a trait before `where`",
                        "`aws.Bucket where ..`",
                    ));
                    None
                }
            },
            Ok(Expr::Resource(name)) => Some(Selection::These(vec![name])),
            Ok(Expr::Error) => None,
            Ok(_) => {
                self.report(messages::wanted_value(
                    self.place(expr.id),
                    "a kind, a trait or a resource",
                    "`aws.Bucket where .name == \"logs\"`",
                ));
                None
            }
        }
    }

    /// The declared name of another item, as a place.
    pub(super) fn name_place(&self, item: Item<'db>) -> crate::items::Place {
        let node = declaration(self.db, item).name().map_or(NodeId::DECLARATION, |name| name.id);
        item.place(self.db, node)
    }

    /// The expression of a field that may carry tails.
    pub(super) fn head<'a>(&self, field: &'a Field) -> Option<&'a ast::Expr> {
        match &field.value.head {
            FieldValueHead::Expr(expr) => Some(expr),
            FieldValueHead::Escalate(_) => None,
        }
    }

    /// A declaration inside of what takes none: "a policy", "an authority".
    pub(super) fn misplaced_declaration(&mut self, inner: &ast::Declaration, owner: &str) {
        let what = format!("`{}`", inner.keyword());
        let whole = owner.split_once(' ').map_or(owner, |(_, name)| name);
        let help = format!("move it out of the {whole}");
        self.report(messages::misplaced(self.place(inner.id), &what, owner, &help));
    }

    /// Clauses and declarations that do not belong in a body of plain fields.
    pub(super) fn only_fields(&mut self, body: &Body, owner: &str) {
        for member in &body.members {
            let (node, what) = match member {
                Member::Field(_) => continue,
                Member::TypeField(field) => (field.id, "a field's type".to_owned()),
                Member::Clause(clause) => (clause.id, "this clause".to_owned()),
                Member::Declaration(inner) => (inner.id, format!("`{}`", inner.keyword())),
            };
            self.report(messages::misplaced(self.place(node), &what, owner, "move it out of the body"));
        }
    }
}
