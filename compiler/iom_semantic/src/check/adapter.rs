use iom_diagnostics::nearest;
use iom_model::{Adapter, Expr, Local, Nominal, Part, Type};
use iom_syntax::ast::{self, ClauseKind, ExprKind, FieldValueHead, Member};
use smol_str::SmolStr;

use super::source_paths;
use crate::infer::{Checker, Surroundings};
use crate::messages;
use crate::signatures::FieldSignature;
use crate::types::{element_fields, expand, fits};

/// Slots every adapter has: the source's object, and the one around it.
const THIS: Local = Local(0);
const OUTER: Local = Local(1);

const FORMATS: &[&str] = &["terraform", "kubernetes", "cloudformation", "json", "csv", "aws_config"];

impl<'db> Checker<'db> {
    pub(super) fn check_adapter(&mut self, adapter: &ast::Adapter, this: &Nominal) -> Adapter {
        if !FORMATS.contains(&adapter.format.text.as_str()) {
            let near = nearest(&adapter.format.text, FORMATS.iter().copied());
            let place = self.place(adapter.format.id);
            self.report(messages::unknown_name(
                place,
                &adapter.format.text,
                "source format",
                None,
                near,
                &[],
            ));
        }
        // The library's are looked at only where somebody asks what is wrong with it: it is a third of loading it.
        if !self.item.file(self.db).is_library(self.db) {
            let faults = source_paths::faults(adapter, &|node| self.place(node));
            self.diagnostics.extend(faults);
        }
        let kept = std::mem::replace(&mut self.surroundings, Surroundings::Adapter);
        let (mut lowered, locals) = self.in_new_body(|checker| checker.adapter_body(adapter, this));
        self.surroundings = kept;
        lowered.locals = locals;
        lowered
    }

    fn adapter_body(&mut self, adapter: &ast::Adapter, this: &Nominal) -> Adapter {
        let object = self.bind_thing_at_hand(Type::Json);
        let outer = self.fresh_local();
        debug_assert!(object == THIS && outer == OUTER);
        let at = adapter.at.as_ref().map(|at| self.infer(at, None).expr);
        let each = adapter.each.as_ref().map(|each| self.infer(each, None).expr);
        self.outer = Some((outer, Type::Json));
        let filter = adapter.filter.as_ref().map(|filter| self.adapter_condition(filter));
        let mut lowered = Adapter {
            format: adapter.format.text.clone(),
            is_data: adapter.is_data,
            source_types: adapter.source_types.iter().map(|text| text.text.clone()).collect(),
            at,
            each,
            filter,
            keys: Vec::new(),
            parts: Vec::new(),
            lets: Vec::new(),
            fields: Vec::new(),
            locals: 0,
        };
        self.adapter_clauses(&adapter.body, &mut lowered);
        self.adapter_fields(&adapter.body, this, &mut lowered);
        lowered
    }

    fn adapter_condition(&mut self, expr: &ast::Expr) -> Expr {
        let typed = self.infer(expr, Some(&Type::BOOL));
        match expand(self.db, typed.ty.required()) {
            Type::Json | Type::Error | Type::Scalar(iom_model::Scalar::Bool) => typed.expr,
            other => {
                self.report(messages::type_mismatch(self.place(expr.id), &other, &Type::BOOL));
                Expr::Error
            }
        }
    }

    fn adapter_clauses(&mut self, body: &ast::Body, lowered: &mut Adapter) {
        for member in &body.members {
            let Member::Clause(clause) = member else { continue };
            match &clause.kind {
                ClauseKind::Key(paths) => {
                    for path in paths {
                        match key_path(path) {
                            Some(names) => lowered.keys.push(names),
                            None => self.report(messages::wanted_value(
                                self.place(path.id),
                                "a path of names",
                                "`.id`",
                            )),
                        }
                    }
                }
                ClauseKind::Part { is_many, name, source_type, on } => {
                    let local = self.bind(name, Type::Json);
                    let outer = self.outer.clone();
                    let (on, _) = self.in_new_body(|checker| {
                        checker.bind_thing_at_hand(Type::Json);
                        checker.outer = outer;
                        checker.infer(on, None).expr
                    });
                    let source_type = source_type.text.clone();
                    lowered.parts.push(Part { local, is_many: *is_many, source_type, on });
                }
                ClauseKind::Let { name, value } => {
                    let value = self.infer(value, None);
                    let local = self.bind(name, value.ty);
                    lowered.lets.push((local, value.expr));
                }
                ClauseKind::Error => {}
                _ => self.report(messages::misplaced(
                    self.place(clause.id),
                    "this clause",
                    "an adapter",
                    "adapters take fields, `key`, `part`, `parts` and `let`",
                )),
            }
        }
    }

    fn adapter_fields(&mut self, body: &ast::Body, this: &Nominal, lowered: &mut Adapter) {
        let known = element_fields(self.db, this);
        let mut seen: Vec<ast::Name> = Vec::new();
        for member in &body.members {
            let Member::Field(field) = member else {
                if let Member::Declaration(inner) = member {
                    let what = format!("`{}`", inner.keyword());
                    self.report(messages::misplaced(
                        self.place(inner.id),
                        &what,
                        "an adapter",
                        "move it out of the kind",
                    ));
                }
                continue;
            };
            let Some(name) = field.path.first() else { continue };
            self.note_own_field(name);
            let Some(target) = known.iter().find(|known| known.name == name.text) else {
                self.report_unmapped_name(name, known, this);
                continue;
            };
            if target.is_derived {
                self.report(messages::derived_field_set(self.place(name.id), &name.text));
                continue;
            }
            if let Some(first) = seen.iter().find(|other| other.text == name.text) {
                let first = self.place(first.id);
                self.report(messages::duplicate_field(self.place(name.id), Some(first), &name.text));
                continue;
            }
            seen.push(name.clone());
            let FieldValueHead::Expr(expr) = &field.value.head else { continue };
            let value = self.adapter_value(expr, target);
            lowered.fields.push((name.text.clone(), value));
        }
    }

    fn report_unmapped_name(&mut self, name: &ast::Name, known: &[FieldSignature], this: &Nominal) {
        let names: Vec<SmolStr> =
            known.iter().filter(|field| !field.is_derived).map(|field| field.name.clone()).collect();
        let near = nearest(&name.text, names.iter().map(|name| name.as_str()));
        let owner = Type::Element(this.clone());
        let declared = self.place_of_near_field(&owner, near);
        self.report(messages::unknown_field(self.place(name.id), &name.text, &owner, near, &names, declared));
    }

    /// What a field is given: json is read as the field's type when it is imported, anything else must fit now.
    fn adapter_value(&mut self, expr: &ast::Expr, target: &FieldSignature) -> Expr {
        let wanted = target.ty.clone().optional();
        let typed = self.infer(expr, Some(&wanted));
        let found = expand(self.db, typed.ty.required());
        let is_read_later = matches!(found, Type::Json | Type::Error | Type::Absent)
            // Text is parsed, and numbers are taken from text, by the importer's conversion.
            || matches!(found, Type::Scalar(_)) && matches!(expand(self.db, target.ty.required()), Type::Scalar(_) | Type::Enum(_));
        if !is_read_later && !fits(self.db, &found, &target.ty.clone().optional()) {
            self.report(messages::type_mismatch(self.place(expr.id), &found, &target.ty));
            return Expr::Error;
        }
        typed.expr
    }
}

fn key_path(expr: &ast::Expr) -> Option<Vec<SmolStr>> {
    match &expr.kind {
        ExprKind::DotField(name) => Some(vec![name.text.clone()]),
        ExprKind::Field { base, name, .. } => {
            let mut path = key_path(base)?;
            path.push(name.text.clone());
            Some(path)
        }
        _ => None,
    }
}
