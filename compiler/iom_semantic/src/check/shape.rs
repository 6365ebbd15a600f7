//! `shape NAME: TYPE { .. }`: a fragment of adapters. It is written out where it is used, so that whatever looks at an
//! adapter, for what it reads or where a value comes from, sees all of it.

use std::sync::Arc;

use iom_model::{Expr, Type};
use iom_syntax::ast::{self, ClauseKind, DeclarationKind, Field, Member, TypeExpr, TypeKind};

use super::Lowered;
use crate::db::Db;
use crate::infer::{Checker, Surroundings};
use crate::items::{Item, declaration};
use crate::messages;
use crate::types::expand;

/// A shape with everything in it written out may have as many parts.
const MOST_PARTS: usize = 20_000;

/// What a shape makes: slot 0 holds the value it is made of, slot 1 the object around that.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ShapeBody {
    pub ty: Type,
    pub record: Expr,
    pub locals: u32,
}

/// The body of a shape; `None` where the shape is made of itself or has no type, which is reported where it is declared.
#[salsa::tracked(cycle_result = shape_cycle)]
pub fn shape_body<'db>(db: &'db dyn Db, item: Item<'db>) -> Option<Arc<ShapeBody>> {
    let declaration = declaration(db, item);
    let DeclarationKind::Shape { name, ty, body } = &declaration.kind else { return None };
    Checker::new(db, item).lower_shape(name, ty, body).map(Arc::new)
}

fn shape_cycle<'db>(_: &'db dyn Db, _: salsa::Id, _: Item<'db>) -> Option<Arc<ShapeBody>> {
    None
}

impl<'db> Checker<'db> {
    pub(super) fn check_shape(&mut self, name: &ast::Name, ty: &ast::Path, body: &ast::Body) -> Lowered {
        if let Some(shape) = self.lower_shape(name, ty, body)
            && shape.record.node_count() > MOST_PARTS
        {
            self.report(messages::shape_too_large(self.place(name.id), &name.text, MOST_PARTS));
        }
        Lowered::Nothing
    }

    fn lower_shape(&mut self, name: &ast::Name, ty: &ast::Path, body: &ast::Body) -> Option<ShapeBody> {
        let ty_node = ty.id;
        let ty = self.lower_type(&TypeExpr { id: ty.id, kind: TypeKind::Path(ty.clone()) });
        match expand(self.db, &ty) {
            Type::Record(_) | Type::Element(_) => {}
            Type::Error => return None,
            other => {
                self.report(messages::shape_of_no_record(self.place(ty_node), &other));
                return None;
            }
        }
        let kept = std::mem::replace(&mut self.surroundings, Surroundings::Adapter);
        let (record, locals) = self.in_new_body(|checker| {
            checker.bind_thing_at_hand(Type::Json);
            let outer = checker.fresh_local();
            checker.outer = Some((outer, Type::Json));
            let mut lets = Vec::new();
            let fields = checker.shape_members(body, &mut lets);
            let record = checker.infer_record(name.id, &fields, Some(&ty)).expr;
            let wrap =
                |body, (local, value)| Expr::Let { local, value: Box::new(value), body: Box::new(body) };
            lets.into_iter().rev().fold(record, wrap)
        });
        self.surroundings = kept;
        (record.node_count() <= MOST_PARTS * 2).then_some(ShapeBody { ty, record, locals })
    }

    fn shape_members(&mut self, body: &ast::Body, lets: &mut Vec<(iom_model::Local, Expr)>) -> Vec<Field> {
        let mut fields = Vec::new();
        for member in &body.members {
            let (node, what) = match member {
                Member::Field(field) => {
                    fields.push((**field).clone());
                    continue;
                }
                Member::Clause(clause) => match &clause.kind {
                    ClauseKind::Let { name, value } => {
                        let value = self.infer(value, None);
                        let local = self.bind(name, value.ty);
                        lets.push((local, value.expr));
                        continue;
                    }
                    ClauseKind::Error => continue,
                    _ => (clause.id, "this clause".to_owned()),
                },
                Member::TypeField(field) => (field.id, "a field's type".to_owned()),
                Member::Declaration(inner) => (inner.id, format!("`{}`", inner.keyword())),
            };
            let help = "shapes take fields and `let`; `key` and `part` stand in the adapter itself";
            self.report(messages::misplaced(self.place(node), &what, "a shape", help));
        }
        fields
    }
}
