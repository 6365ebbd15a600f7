use std::sync::Arc;

use iom_diagnostics::nearest;
use iom_model::{Binder, Expr, FieldOwner, Local, Nominal, Type};
use iom_syntax::ast::{self, Field, GenericHead, TypeExpr, TypeKind};
use smol_str::SmolStr;

use super::{Checker, Surroundings, Typed};
use crate::check::{ShapeBody, shape_body};
use crate::items::Item;
use crate::messages;
use crate::names::Target;
use crate::types::{element_fields, fits};

impl<'db> Checker<'db> {
    /// `x as { .. }`: `.y` inside is a field of x, `^` the object that x is in.
    pub(super) fn infer_as_record(
        &mut self,
        base: &ast::Expr,
        fields: &[Field],
        expected: Option<&Type>,
    ) -> Typed {
        if self.surroundings != Surroundings::Adapter {
            self.report(messages::reshape_outside_adapter(self.place(base.id)));
            return Typed::error();
        }
        let base_node = base.id;
        let base = self.infer(base, None);
        let wanted = self.wanted(expected);
        let around = self.around(&base.expr);
        self.in_scope(|checker| {
            let outer = checker.fresh_local();
            let local = checker.bind_thing_at_hand(base.ty.required().clone());
            let kept = checker.outer.replace((outer, Type::Json));
            let record = checker.infer_record(base_node, fields, wanted.as_ref());
            checker.outer = kept;
            let ty = record.ty.optional();
            Typed::new(ty, reshape(base.expr, (local, outer), record.expr, around))
        })
    }

    /// The shape that a type's place names: `x as container`, `xs as list<container>`.
    pub(super) fn shape_named(&self, ty: &TypeExpr) -> Option<(Item<'db>, bool)> {
        let (path, is_list) = match &ty.kind {
            TypeKind::Path(path) => (path, false),
            TypeKind::Generic { head: GenericHead::List, arguments } => match &**arguments {
                [TypeExpr { kind: TypeKind::Path(path), .. }] => (path, true),
                _ => return None,
            },
            _ => return None,
        };
        match self.resolve_path(path)?.0 {
            Target::Item(item) if item.keyword(self.db) == "shape" => Some((item, is_list)),
            _ => None,
        }
    }

    /// `x as SHAPE`: the shape's record, made of x. Of a list every element is one; what is absent is the empty list.
    pub(super) fn infer_as_shape(
        &mut self,
        base: &ast::Expr,
        ty: &TypeExpr,
        (shape, is_list): (Item<'db>, bool),
    ) -> Typed {
        if self.surroundings != Surroundings::Adapter {
            self.report(messages::shape_outside_adapter(self.place(ty.id), shape.name(self.db)));
            return Typed::error();
        }
        let base = self.infer(base, None);
        let Some(shape) = shape_body(self.db, shape) else { return Typed::error() };
        let around = self.around(&base.expr);
        if !is_list {
            let record = self.in_scope(|checker| checker.written_out(base.expr, shape, around));
            return Typed::new(shape.ty.clone().optional(), record);
        }
        self.in_scope(|checker| {
            let item = checker.fresh_local();
            // What is there and no list is malformed: it has no elements that anything could be said of.
            let empty = Expr::List { items: Vec::new(), drops_absent: false };
            let source = Expr::Coalesce(Box::new(base.expr), Box::new(empty));
            let value = Box::new(checker.written_out(Expr::Local(item), shape, around));
            let binder = Binder { local: item, second: None, source, by: None, filter: None };
            let list = Expr::ListComprehension { binders: vec![binder], value };
            Typed::new(Type::List(Arc::new(shape.ty.clone())), list)
        })
    }

    /// A shape's record in the frame at hand.
    fn written_out(&mut self, value: Expr, shape: &ShapeBody, around: Expr) -> Expr {
        let first = self.fresh_local().0;
        for _ in 1..shape.locals.max(2) {
            self.fresh_local();
        }
        let mut record = shape.record.clone();
        record.shift_locals(first);
        reshape(value, (Local(first), Local(first + 1)), record, around)
    }

    /// `ref { kind: .k  name: .n }`: fields of what is pointed at, with the values they have there.
    pub(super) fn reference_fields(&mut self, fields: &[Field], target: &Nominal) -> Vec<(SmolStr, Expr)> {
        let known = element_fields(self.db, target);
        // Where nothing says what is pointed at, nothing is known of its fields.
        let is_any = target.name() == "std.prelude.Element";
        let mut found: Vec<(SmolStr, Expr)> = Vec::new();
        for field in fields {
            let Some(name) = field.path.first() else { continue };
            let Some(expr) = self.plain_value(field) else { continue };
            let definition = known.iter().find(|known| known.name == name.text);
            if definition.is_none() && !is_any {
                let names: Vec<SmolStr> = known.iter().map(|field| field.name.clone()).collect();
                let near = nearest(&name.text, names.iter().map(SmolStr::as_str));
                let owner = Type::Element(target.clone());
                let place = self.place(name.id);
                self.report(messages::unknown_field(place, &name.text, &owner, near, &names, None));
            }
            if found.iter().any(|(other, _)| *other == name.text) {
                self.report(messages::duplicate_field(self.place(name.id), None, &name.text));
                continue;
            }
            let wanted = definition.map(|definition| definition.ty.clone().optional());
            let typed = self.infer(expr, wanted.as_ref());
            if let Some(wanted) = wanted
                && !fits(self.db, &typed.ty, &wanted)
            {
                self.report(messages::type_mismatch(self.place(expr.id), &typed.ty, &wanted));
            }
            found.push((name.text.clone(), typed.expr));
        }
        found
    }

    /// What `^` means in a piece that is made of this value: the object that holds it.
    fn around(&self, value: &Expr) -> Expr {
        fn holder(value: &Expr) -> Option<&Expr> {
            match value {
                Expr::Field { base, owner: FieldOwner::Json, .. } => Some(base),
                Expr::Index { base, .. } => holder(base),
                Expr::Convert { value, .. } => holder(value),
                _ => None,
            }
        }
        let at_hand = self.at_hand.last().map(|(local, _)| Expr::Local(*local));
        match (holder(value), &self.outer) {
            (Some(holder), _) => holder.clone(),
            // The thing at hand itself is in what is around it.
            (None, Some((outer, _))) if at_hand.as_ref() == Some(value) => Expr::Local(*outer),
            (None, _) => at_hand.unwrap_or(Expr::Error),
        }
    }
}

fn reshape(value: Expr, (local, outer): (Local, Local), mut record: Expr, around: Expr) -> Expr {
    record.replace_local(outer, &around);
    Expr::Reshape { value: Box::new(value), local, outer, record: Box::new(record) }
}
