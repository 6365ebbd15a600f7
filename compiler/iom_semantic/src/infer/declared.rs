//! Where the things that a message speaks of are declared: its second place.

use iom_diagnostics::{Label, code};
use iom_model::{Expr, Type};
use iom_syntax::ast::{self, DeclarationKind, NodeId, RecordMember, TypeExpr, TypeKind};

use super::Checker;
use crate::items::{Item, Place, declaration};
use crate::names::definition_of;
use crate::signatures::nominal_signature;

impl<'db> Checker<'db> {
    pub(crate) fn item_place(&self, item: Item<'db>) -> Place {
        let name = declaration(self.db, item).name().map_or(NodeId::DECLARATION, |name| name.id);
        item.place(self.db, name)
    }

    /// Where a type with a name is declared.
    pub(crate) fn type_place(&self, ty: &Type) -> Option<Place> {
        let name = match ty.required() {
            Type::Named(name) => name,
            Type::Element(nominal) => nominal.name(),
            _ => return None,
        };
        definition_of(self.db, name).map(|item| self.item_place(item))
    }

    /// Where a field of a type with a name is declared: in the type, the kind, or one of its traits.
    pub(crate) fn place_of_field(&self, owner: &Type, field: &str) -> Option<Place> {
        match owner.required() {
            Type::Element(nominal) => {
                let item = definition_of(self.db, nominal.name())?;
                let signature = nominal_signature(self.db, item).field(field)?;
                let declared_in = definition_of(self.db, &signature.declared_in)?;
                Some(declared_in.place(self.db, signature.node))
            }
            Type::Named(name) => {
                let item = definition_of(self.db, name)?;
                let DeclarationKind::Type { value, .. } = &declaration(self.db, item).kind else {
                    return None;
                };
                Some(item.place(self.db, record_field(value, field)?))
            }
            _ => None,
        }
    }

    /// The second place for an unknown field: that of the field it is nearest to, else that of the type.
    pub(crate) fn place_of_near_field(&self, owner: &Type, near: Option<&str>) -> Option<Place> {
        match near {
            Some(near) => self.place_of_field(owner, near),
            None => self.type_place(owner),
        }
    }

    /// The value of a field. What does not fit is shown beside the place that says what would.
    pub(crate) fn check_field_value(
        &mut self,
        expr: &ast::Expr,
        ty: &Type,
        field: &str,
        owner: &Type,
    ) -> Expr {
        let before = self.diagnostics.len();
        let value = self.check(expr, ty);
        if self.diagnostics.len() > before
            && let Some(declared) = self.place_of_field(owner, field)
        {
            let own = self.place(expr.id);
            let about_the_value = |found: &&mut iom_diagnostics::Diagnostic<Place>| {
                // A name that means nothing is wrong whatever the field wants.
                found.primary.place == own && found.secondary.is_empty() && found.code != code::UNKNOWN_NAME
            };
            for found in self.diagnostics.iter_mut().skip(before).filter(about_the_value) {
                let message = format!("`{field}` is declared here");
                found.secondary.push(Label { place: declared.clone(), message });
            }
        }
        value
    }
}

/// The name of a field in a record type as it is written.
fn record_field(written: &TypeExpr, field: &str) -> Option<NodeId> {
    let members = match &written.kind {
        TypeKind::Record(members) => members,
        TypeKind::Refined { base, .. } => match &base.kind {
            TypeKind::Record(members) => members,
            _ => return None,
        },
        _ => return None,
    };
    members.iter().find_map(|member| match member {
        RecordMember::Field(declared) => (declared.name.text == field).then_some(declared.name.id),
        RecordMember::Derive(clause) => match &clause.kind {
            ast::ClauseKind::Derive { name, .. } => (name.text == field).then_some(name.id),
            _ => None,
        },
    })
}
