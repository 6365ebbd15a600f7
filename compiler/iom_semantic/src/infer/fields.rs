use std::sync::Arc;

use iom_diagnostics::nearest;
use iom_model::{Expr, FieldOwner, SOURCE_OBJECT, Scalar, Type};
use iom_syntax::ast::{self, Name, NodeId};

use super::{Checker, Typed};
use crate::messages;
use crate::types::{FieldLookup, expand, field_names, look_up_field, tag};

impl<'db> Checker<'db> {
    pub(super) fn infer_field(
        &mut self,
        expr: &ast::Expr,
        base: &ast::Expr,
        name: &Name,
        optional: bool,
        expected: Option<&Type>,
    ) -> Typed {
        if !optional && let Some(segments) = self.as_global_path(expr) {
            return self.infer_global(&segments, expected);
        }
        let base_node = base.id;
        let base = self.infer(base, None);
        self.read_field(base, name, optional, base_node)
    }

    /// `base.name`; `?.` reads through an absent base.
    pub(super) fn read_field(
        &mut self,
        base: Typed,
        name: &Name,
        optional: bool,
        base_node: NodeId,
    ) -> Typed {
        if name.text.is_empty() || base.ty.is_error() {
            return Typed::error();
        }
        self.note_member_cursor(&base, name);
        if let Some(part) = self.part_of_instance(&base, name) {
            return part;
        }
        // A reference that leads nowhere has no fields: what is read through it is absent too. Any other optional value
        // has to be handled first.
        let (readable, was_optional) = match &base.ty {
            Type::Optional(inner) if optional || matches!(**inner, Type::Element(_)) => {
                ((**inner).clone(), true)
            }
            other => (other.clone(), false),
        };
        match look_up_field(self.db, &readable, &name.text) {
            FieldLookup::Found { ty, owner } => {
                if self.is_looked_at() {
                    let place = self.place_of_any_field(&readable, &name.text);
                    self.note_origin(&ty, place.clone());
                    self.note_declared(name.id, || place);
                }
                let expr = Expr::Field { base: Box::new(base.expr), name: name.text.clone(), owner };
                Typed::new(if was_optional { ty.optional() } else { ty }, expr)
            }
            FieldLookup::SourceObject(nominal) => {
                let owner = FieldOwner::Element(nominal);
                let expr = Expr::Field { base: Box::new(base.expr), name: SOURCE_OBJECT.into(), owner };
                Typed::new(Type::Json, expr)
            }
            FieldLookup::Error => Typed::error(),
            FieldLookup::Optional => self.field_of_optional(base, name, base_node),
            FieldLookup::NoFields => {
                self.report(messages::no_fields(self.place(name.id), &name.text, &readable));
                Typed::error()
            }
            FieldLookup::Missing => {
                if let Type::Union(alternatives) = expand(self.db, &readable)
                    && let Some(tag) = tag(self.db, &alternatives)
                    && let with @ [_, ..] = tag.with_field(&name.text).as_slice()
                {
                    let place = self.place(name.id);
                    self.report(messages::field_of_branch(place, &name.text, &readable, &tag.field, with));
                    return Typed::error();
                }
                let names = field_names(self.db, &readable);
                let near = nearest(&name.text, names.iter().map(|name| name.as_str()));
                let declared = self.place_of_near_field(&readable, near);
                self.report(messages::unknown_field(
                    self.place(name.id),
                    &name.text,
                    &readable,
                    near,
                    &names,
                    declared,
                ));
                Typed::error()
            }
        }
    }

    /// A misspelt field of an optional value is one mistake, not two: the name is looked at first.
    fn field_of_optional(&mut self, base: Typed, name: &Name, base_node: NodeId) -> Typed {
        let required = base.ty.required().clone();
        if matches!(
            look_up_field(self.db, &required, &name.text),
            FieldLookup::Missing | FieldLookup::NoFields
        ) {
            return self.read_field(Typed::new(required, base.expr), name, false, base_node);
        }
        self.report(messages::field_of_optional(self.place(name.id), &name.text, &base.ty));
        Typed::error()
    }

    pub(super) fn infer_index(&mut self, base: &ast::Expr, index: &ast::Expr, optional: bool) -> Typed {
        let base_node = base.id;
        let base = self.infer(base, None);
        if matches!(base.ty, Type::Element(_)) && self.is_many(&base.expr) {
            let key = self.infer(index, None);
            let key = self.operand(index.id, key, "used as a key");
            let expr = Expr::Keyed { base: Box::new(base.expr), key: Box::new(key.expr) };
            return Typed::new(base.ty, expr);
        }
        let (readable, _) = match (&base.ty, optional) {
            (Type::Optional(inner), true) => ((**inner).clone(), true),
            (other, _) => (other.clone(), false),
        };
        match expand(self.db, &readable) {
            Type::Error => {
                self.infer(index, None);
                Typed::error()
            }
            Type::Json => {
                let index = self.infer(index, None);
                Typed::new(Type::Json, index_expr(base.expr, index.expr))
            }
            Type::List(item) => {
                let index = self.check(index, &Type::INT);
                Typed::new((*item).clone().optional(), index_expr(base.expr, index))
            }
            Type::Map(key, value) => {
                let index = self.check(index, &key);
                Typed::new((*value).clone().optional(), index_expr(base.expr, index))
            }
            Type::Optional(inner) => {
                self.infer(index, None);
                self.report(messages::index_of_optional(
                    self.place(base_node),
                    &inner.as_ref().clone().optional(),
                ));
                Typed::error()
            }
            other => {
                self.infer(index, None);
                self.report(messages::not_indexable_value(self.place(base_node), &other));
                Typed::error()
            }
        }
    }

    /// `x as T`: reads text, wire spellings and json.
    pub(super) fn infer_as_type(&mut self, base: &ast::Expr, ty: &ast::TypeExpr) -> Typed {
        if let Some(shape) = self.shape_named(ty) {
            return self.infer_as_shape(base, ty, shape);
        }
        // `as list` alone wraps a single value; absent is the empty list.
        if let ast::TypeKind::Path(path) = &ty.kind
            && let [single] = &*path.segments
            && single.text == "list"
        {
            let base = self.infer(base, None);
            let item = match expand(self.db, base.ty.required()) {
                Type::List(item) | Type::Set(item) => (*item).clone(),
                other => other,
            };
            let to = Type::List(Arc::new(item));
            return Typed::new(to.clone(), Expr::Convert { value: Box::new(base.expr), to });
        }
        let base = self.infer(base, None);
        let to = self.lower_type(ty);
        if to.is_error() {
            return Typed::error();
        }
        // What cannot be read as the type is absent only if the value is; else unknown(invalid).
        let result = if base.ty.is_optional() || matches!(base.ty, Type::Json) {
            to.clone().optional()
        } else {
            to.clone()
        };
        Typed::new(result, Expr::Convert { value: Box::new(base.expr), to })
    }

    /// Whether values of a type have text that can be compared without regard to case.
    pub(crate) fn is_nocase(&self, ty: &Type) -> bool {
        match expand(self.db, ty.required()) {
            Type::Scalar(Scalar::StringNocase | Scalar::GlobNocase) => true,
            Type::List(item) | Type::Set(item) => self.is_nocase(&item),
            Type::Map(key, _) => self.is_nocase(&key),
            _ => false,
        }
    }
}

fn index_expr(base: Expr, index: Expr) -> Expr {
    Expr::Index { base: Box::new(base), index: Box::new(index) }
}
