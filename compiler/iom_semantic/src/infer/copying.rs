//! `base with { .. }` of a record or a map: all of the base, with some of it set anew. Copies of resources are declarations
//! of their own.

use iom_model::{Builtin, Expr, FieldOwner, Type};
use iom_syntax::ast::{self, Field, NodeId};

use super::records::{Entry, Inside, Overrides, Parts, Set};
use super::{Checker, Typed};
use crate::messages;

impl<'db> Checker<'db> {
    pub(super) fn infer_with(
        &mut self,
        id: NodeId,
        base: &ast::Expr,
        fields: &[Field],
        expected: Option<&Type>,
    ) -> Typed {
        let node = base.id;
        let base = self.infer(base, expected);
        let base = self.operand(node, base, "copied by `with`");
        if base.ty.is_error() {
            return Typed::error();
        }
        if let Type::Element(_) = &base.ty {
            self.report(messages::element_with(self.place(id)));
            return Typed::error();
        }
        let inside = match self.inside(&base.ty) {
            Some(inside @ (Inside::Fields { .. } | Inside::Map { .. })) => inside,
            _ => {
                let help = "records and maps are copied by `with`";
                self.report(messages::no_such_operation(self.place(node), "`with`", &base.ty, Some(help)));
                return Typed::error();
            }
        };
        let mut entries = Vec::new();
        self.set_fields(fields, &inside, Overrides::Refused, &mut entries);
        let ty = base.ty.clone();
        self.in_scope(|checker| {
            let local = checker.fresh_local();
            checker.forget(local);
            let body = checker.updated(Expr::Local(local), &inside, entries);
            let body = Expr::Let { local, value: Box::new(base.expr), body: Box::new(body) };
            // So that it is of the type in full, with what the type computes.
            Typed::new(ty.clone(), Expr::Convert { value: Box::new(body), to: ty })
        })
    }

    /// A value with some of its parts set anew.
    fn updated(&mut self, value: Expr, inside: &Inside, entries: Vec<Entry>) -> Expr {
        match inside {
            Inside::Fields { definitions, .. } => {
                let stored = definitions.iter().filter(|definition| !definition.is_derived);
                let mut fields = Vec::new();
                for definition in stored {
                    let read = Expr::Field {
                        base: Box::new(value.clone()),
                        name: definition.name.clone(),
                        owner: FieldOwner::Record,
                    };
                    let entry = entries.iter().find(|entry| entry.name == *definition.name);
                    let value = match entry.cloned() {
                        None => read,
                        Some(entry) => self.updated_part(read, definition.ty, entry),
                    };
                    fields.push((definition.name.clone(), value));
                }
                Expr::Record(fields)
            }
            Inside::Map { key, value: item } => {
                let mut set = Vec::new();
                for entry in entries {
                    let name = ast::Name { id: entry.place.node, text: entry.name.clone(), quoted: true };
                    let key = self.silently(|checker| checker.map_key(&name, key));
                    let read = Expr::Index { base: Box::new(value.clone()), index: Box::new(key.clone()) };
                    set.push((key, self.updated_part(read, item, entry)));
                }
                let arguments = vec![value, Expr::Map(set)];
                Expr::Builtin { function: Builtin::Merge, arguments }
            }
            Inside::Json => value,
        }
    }

    fn updated_part(&mut self, read: Expr, ty: &Type, entry: Entry) -> Expr {
        match entry.set {
            Set::Value(value) => value,
            Set::Override(over) => over.value,
            Set::Parts(Parts { entries, place, .. }) => {
                let Some(inside) = self.inside(ty) else { return Expr::Error };
                if ty.is_optional() {
                    self.report(messages::part_of_optional(place, &entry.name, ty));
                    return Expr::Error;
                }
                self.updated(read, &inside, entries)
            }
        }
    }
}
