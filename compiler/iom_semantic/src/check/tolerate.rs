use std::sync::Arc;

use iom_diagnostics::nearest;
use iom_model::{Expr, Nominal, Tolerance, Type};
use iom_syntax::ast::{self, Body, Field, KindBinder, Name};
use smol_str::SmolStr;

use super::{Lowered, unplaced};
use crate::infer::Checker;
use crate::messages;
use crate::types::{element_fields, expand, fits};

impl<'db> Checker<'db> {
    /// `tolerate replicas of d: k8s.Workload where .. { in: 1..9  writer: d.autoscaler }`
    pub(super) fn check_tolerate(&mut self, field: &Name, of: &KindBinder, body: &Body) -> Lowered {
        let nominal = self.nominal(&of.kind);
        self.only_fields(body, "a toleration");
        let settings = self.settings(body, "toleration", &["in", "writer"]);
        // A misspelt setting is missing under its right name, too: that is one mistake.
        if self.diagnostics.is_empty() {
            self.require_settings(field.id, "toleration", body, &["in", "writer"]);
        }
        let Some(nominal) = nominal else { return Lowered::Nothing };
        let ty = self.tolerated_type(field, &nominal);
        let ((filter, within, writer), locals) = self.in_new_body(|checker| {
            let element = Type::Element(nominal.clone());
            let local = checker.bind(&of.name, element.clone());
            debug_assert_eq!(local.0, 0);
            checker.no_grouping(of, "a toleration");
            let filter = checker.binder_filter(of, local, element);
            let (mut within, mut writer) = (None, None);
            for (name, field) in settings {
                match name.text.as_str() {
                    "in" => within = checker.tolerated_values(field, ty.as_ref()),
                    _ => writer = checker.tolerated_writer(field),
                }
            }
            (filter, within, writer)
        });
        let (Some(_), Some(within), Some(writer)) = (ty, within, writer) else { return Lowered::Nothing };
        let field_name = field.text.clone();
        let location = unplaced(field.id);
        Lowered::Tolerance(Box::new(Tolerance {
            location,
            nominal,
            field: field_name,
            filter,
            within,
            writer,
            locals,
        }))
    }

    /// The type of the field that may differ.
    fn tolerated_type(&mut self, field: &Name, nominal: &Nominal) -> Option<Type> {
        let fields = element_fields(self.db, nominal);
        let Some(found) = fields.iter().find(|found| found.name == field.text) else {
            let names: Vec<SmolStr> = fields.iter().map(|field| field.name.clone()).collect();
            let near = nearest(&field.text, names.iter().map(SmolStr::as_str));
            let owner = Type::Element(nominal.clone());
            let place = self.place(field.id);
            self.report(messages::unknown_field(place, &field.text, &owner, near, &names, None));
            return None;
        };
        if matches!(found.ty.required(), Type::Secret(_)) {
            self.report(messages::secret_used(self.place(field.id), "compared with a range"));
            return None;
        }
        Some(found.ty.required().clone())
    }

    /// A range, a list or a set of the field's values.
    fn tolerated_values(&mut self, field: &Field, ty: Option<&Type>) -> Option<Expr> {
        let expr = self.plain_value(field)?;
        let wanted = ty.map(|ty| Type::List(Arc::new(ty.clone())));
        let typed = self.infer(expr, wanted.as_ref());
        let ty = ty?;
        let found = expand(self.db, &typed.ty);
        if found.is_error() || matches!(expr.kind, ast::ExprKind::Missing) {
            return None;
        }
        match self.item_type(&found) {
            Some(item) if fits(self.db, &item, ty) => Some(typed.expr),
            _ => {
                let place = self.place(expr.id);
                self.report(messages::not_a_range_of(place, &typed.ty, ty));
                None
            }
        }
    }

    /// Who may write the field: an element.
    fn tolerated_writer(&mut self, field: &Field) -> Option<Expr> {
        let expr = self.plain_value(field)?;
        let typed = self.infer(expr, None);
        match expand(self.db, typed.ty.required()) {
            Type::Element(_) => Some(typed.expr),
            Type::Error => None,
            other => {
                self.report(messages::writer_is_no_element(self.place(expr.id), &other));
                None
            }
        }
    }
}
