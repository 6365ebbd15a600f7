//! Records of a union: the field that tells the branches apart decides what the others mean.

use iom_diagnostics::{code, quoted_list};
use iom_model::{Expr, Type};
use iom_syntax::ast::{ExprKind, Field, FieldValueHead, NodeId};
use smol_str::{SmolStr, format_smolstr};

use super::collections::without_nodes;
use super::{Checker, Definitions, Typed};
use crate::messages;
use crate::signatures::plain_string;
use crate::types::Tag;

impl<'db> Checker<'db> {
    pub(super) fn tagged_record(
        &mut self,
        id: NodeId,
        fields: &[Field],
        tag: &Tag,
        expected: Option<&Type>,
    ) -> Typed {
        let written = fields.iter().find(|field| matches!(&*field.path, [name] if name.text == tag.field));
        let values: Vec<&str> = tag.values().collect();
        let Some(written) = written else {
            self.report(messages::missing_tag(self.place(id), &tag.field, &values));
            return Typed::error();
        };
        let FieldValueHead::Expr(expr) = &written.value.head else { return Typed::error() };
        let value = match &expr.kind {
            ExprKind::Missing => return Typed::error(),
            ExprKind::Name(name) => Some(name.to_string()),
            _ => plain_string(expr),
        };
        let Some(value) = value else {
            let example = format!("\"{}\"", values.first().copied().unwrap_or_default());
            self.report(messages::wanted_value(
                self.place(expr.id),
                &format!("the value of `{}`, written out,", tag.field),
                &example,
            ));
            return Typed::error();
        };
        let Some(branch) = tag.branch(&value) else {
            self.report(messages::no_alternative(self.place(expr.id), &value, values.into_iter()));
            return Typed::error();
        };
        let union: SmolStr = match expected.map(Type::required) {
            Some(named @ Type::Named(_)) => format_smolstr!("{named} with {} \"{value}\"", tag.field),
            _ => format_smolstr!("{} \"{value}\"", tag.field),
        };
        let before = self.diagnostics.len();
        let built = self.record_fields(
            id,
            fields,
            Definitions::Record(branch.record.clone()),
            &Type::Named(union.clone()),
        );
        let names: Vec<String> =
            branch.record.fields.iter().map(|field| format!("`{}`", field.name)).collect();
        let names = names.join(", ");
        for field in fields {
            let Some(name) = field.path.first() else { continue };
            let elsewhere = tag.with_field(&name.text);
            let is_here = branch.record.field(&name.text).is_some();
            let place = self.place(name.id);
            for diagnostic in self.diagnostics.iter_mut().skip(before) {
                if diagnostic.primary.place == place && !is_here && !elsewhere.is_empty() {
                    let of = quoted_list(elsewhere.iter().copied(), 4);
                    diagnostic.notes.push(format!("`{}` belongs to {} {of}", name.text, tag.field));
                }
            }
        }
        for diagnostic in self.diagnostics.iter_mut().skip(before) {
            if diagnostic.code != code::UNKNOWN_FIELD {
                diagnostic.notes.push(format!("`{union}` has {names}"));
            }
        }
        Typed::new(branch.ty.clone(), Expr::Record(without_nodes(built)))
    }
}
