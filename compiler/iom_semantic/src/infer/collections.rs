use std::sync::Arc;

use iom_model::{Expr, FieldDefinition, RecordType, Type};
use iom_syntax::ast::{self, Field, FieldValueHead, InBinder, NodeId};
use smol_str::SmolStr;

use super::{Checker, Definitions, Surroundings, Typed};
use crate::messages;
use crate::names::definition_of;
use crate::signatures::{NominalSignature, nominal_signature};
use crate::types::{join, tag};

impl<'db> Checker<'db> {
    pub(super) fn infer_list(&mut self, id: NodeId, items: &[ast::Expr], expected: Option<&Type>) -> Typed {
        if items.is_empty() && expected.is_none() && self.surroundings == Surroundings::Ordinary {
            self.report(messages::cannot_infer(self.place(id)));
            return Typed::error();
        }
        let (items, item) = self.infer_items(items, expected);
        let drops_absent = self.surroundings == Surroundings::Adapter;
        let item = if drops_absent { item.required().clone() } else { item };
        Typed::new(Type::List(Arc::new(item)), Expr::List { items, drops_absent })
    }

    pub(super) fn infer_set(&mut self, items: &[ast::Expr], expected: Option<&Type>) -> Typed {
        // `{80, 443}` where ports are expected.
        if let Some(Type::Scalar(iom_model::Scalar::Ports)) = self.wanted(expected) {
            let items = items.iter().map(|item| self.check(item, &Type::INT)).collect();
            return Typed::new(Type::Scalar(iom_model::Scalar::Ports), Expr::Set(items));
        }
        let (items, item) = self.infer_items(items, expected);
        Typed::new(Type::Set(Arc::new(item)), Expr::Set(items))
    }

    fn infer_items(&mut self, items: &[ast::Expr], expected: Option<&Type>) -> (Vec<Expr>, Type) {
        let wanted = self.wanted(expected).and_then(|ty| self.item_type(&ty));
        if matches!(wanted, Some(Type::Json)) && self.surroundings == Surroundings::Ordinary {
            // What is written as json need not agree.
            let lowered = items.iter().map(|item| self.infer(item, Some(&Type::Json)).expr).collect();
            return (lowered, Type::Json);
        }
        if let Some(wanted) = wanted.filter(|ty| !matches!(ty, Type::Json | Type::Error)) {
            // A mistake inside is reported there; the list itself is what was wanted.
            let lowered = items
                .iter()
                .map(|item| match self.surroundings {
                    Surroundings::Adapter => self.check(item, &wanted.clone().optional()),
                    Surroundings::Ordinary => self.check(item, &wanted),
                })
                .collect();
            return (lowered, wanted);
        }
        let mut ty: Option<Type> = None;
        let mut lowered = Vec::with_capacity(items.len());
        for item in items {
            let typed = self.infer(item, ty.as_ref());
            ty = Some(match ty {
                None => typed.ty,
                Some(so_far) => self.join_or_report(item.id, &so_far, &typed.ty, "the elements of a list"),
            });
            lowered.push(typed.expr);
        }
        (lowered, ty.unwrap_or(Type::Error))
    }

    pub(super) fn infer_list_comprehension(
        &mut self,
        binders: &[InBinder],
        value: &ast::Expr,
        expected: Option<&Type>,
    ) -> Typed {
        let wanted = self.wanted(expected).and_then(|ty| self.item_type(&ty));
        self.in_scope(|checker| {
            let binders = binders.iter().map(|binder| checker.bind_in(binder)).collect();
            let (ty, value) = match wanted.filter(|ty| !matches!(ty, Type::Json | Type::Error)) {
                Some(wanted) if checker.surroundings == Surroundings::Adapter => {
                    let value = checker.check(value, &wanted.clone().optional());
                    (wanted, value)
                }
                Some(wanted) => {
                    let value = checker.check(value, &wanted);
                    (wanted, value)
                }
                None => {
                    let typed = checker.infer(value, None);
                    (typed.ty, typed.expr)
                }
            };
            Typed::new(Type::List(Arc::new(ty)), Expr::ListComprehension { binders, value: Box::new(value) })
        })
    }

    pub(super) fn infer_map_comprehension(
        &mut self,
        binders: &[InBinder],
        key: &ast::Expr,
        value: &ast::Expr,
        expected: Option<&Type>,
    ) -> Typed {
        let wanted = match self.wanted(expected) {
            Some(Type::Map(key, value)) => Some((key, value)),
            _ => None,
        };
        self.in_scope(|checker| {
            let binders = binders.iter().map(|binder| checker.bind_in(binder)).collect();
            let key = checker.infer(key, wanted.as_ref().map(|(key, _)| &**key));
            let value = checker.infer(value, wanted.as_ref().map(|(_, value)| &**value));
            let ty = Type::Map(Arc::new(key.ty), Arc::new(value.ty));
            Typed::new(
                ty,
                Expr::MapComprehension { binders, key: Box::new(key.expr), value: Box::new(value.expr) },
            )
        })
    }

    /// `{ .. }`: a map where a map is expected, else a record.
    pub(crate) fn infer_record(&mut self, id: NodeId, fields: &[Field], expected: Option<&Type>) -> Typed {
        match self.wanted(expected) {
            Some(Type::Map(key, value)) => {
                let map = self.map_literal(id, fields, &key, &value);
                Typed::new(Type::Map(key, value), map)
            }
            Some(Type::Record(record)) => {
                let ty = expected.map_or(Type::Record(record.clone()), |ty| ty.required().clone());
                let fields = self.record_fields(id, fields, Definitions::Record(record), &ty);
                Typed::new(ty, Expr::Record(without_nodes(fields)))
            }
            // An element's worth of a kind, written out: `policy: { statements: [..] }`.
            Some(Type::Element(nominal)) => {
                let definitions = Definitions::Element(self.settable_fields(&nominal));
                let ty = Type::Element(nominal);
                let fields = self.record_fields(id, fields, definitions, &ty);
                Typed::new(ty, Expr::Record(without_nodes(fields)))
            }
            Some(Type::Union(alternatives)) => match tag(self.db, &alternatives) {
                Some(tag) => self.tagged_record(id, fields, &tag, expected),
                None => self.union_record(id, fields, &alternatives),
            },
            Some(Type::Set(item)) if fields.is_empty() => Typed::new(Type::Set(item), Expr::Set(Vec::new())),
            Some(Type::Scalar(iom_model::Scalar::Selector)) if fields.is_empty() => {
                Typed::new(Type::Scalar(iom_model::Scalar::Selector), Expr::Record(Vec::new()))
            }
            Some(Type::Json) => self.anonymous_record(fields, Some(&Type::Json)),
            _ => self.anonymous_record(fields, None),
        }
    }

    /// The first alternative that the fields fit.
    fn union_record(&mut self, id: NodeId, fields: &[Field], alternatives: &[Type]) -> Typed {
        for alternative in alternatives {
            let before = self.diagnostics.len();
            let mut failed = false;
            let typed = self.silently(|checker| {
                let typed = checker.infer_record(id, fields, Some(alternative));
                failed = checker.diagnostics.iter().any(|diagnostic| diagnostic.is_error());
                typed
            });
            self.diagnostics.truncate(before);
            if !failed && crate::types::fits(self.db, &typed.ty, alternative) {
                return typed;
            }
        }
        match alternatives.first() {
            Some(first) => self.infer_record(id, fields, Some(first)),
            None => Typed::error(),
        }
    }

    /// The expression of a field without tails.
    pub(crate) fn plain_value<'a>(&mut self, field: &'a Field) -> Option<&'a ast::Expr> {
        if let Some(tail) = field.value.tails.first() {
            self.report(messages::tail_not_taken(self.place(tail.id)));
        }
        match &field.value.head {
            FieldValueHead::Expr(expr) => Some(expr),
            FieldValueHead::Escalate(expr) => {
                self.report(messages::tail_not_taken(self.place(expr.id)));
                None
            }
        }
    }

    fn anonymous_record(&mut self, fields: &[Field], expected: Option<&Type>) -> Typed {
        let mut definitions: Vec<FieldDefinition> = Vec::new();
        let mut values: Vec<(SmolStr, Expr)> = Vec::new();
        for field in fields {
            let Some(name) = field.path.first() else { continue };
            let Some(expr) = self.plain_value(field) else { continue };
            let typed = self.infer(expr, expected);
            if definitions.iter().any(|other| other.name == name.text) {
                self.report(messages::duplicate_field(self.place(name.id), None, &name.text));
                continue;
            }
            definitions.push(FieldDefinition {
                name: name.text.clone(),
                ty: typed.ty,
                default: None,
                derive: None,
            });
            values.push((name.text.clone(), typed.expr));
        }
        Typed::new(Type::Record(Arc::new(RecordType { fields: definitions })), Expr::Record(values))
    }

    /// The fields of a kind as a record's, for checking what is set. Computed ones are marked, defaults stand as absent.
    /// The fields of a kind or a trait as those see them who set them.
    pub(crate) fn settable_fields(&self, nominal: &iom_model::Nominal) -> Arc<NominalSignature> {
        match definition_of(self.db, nominal.name()) {
            Some(item) => nominal_signature(self.db, item).clone(),
            None => Arc::default(),
        }
    }

    /// The common type of two, for operators.
    pub(super) fn join_types(&self, a: &Type, b: &Type) -> Option<Type> {
        join(self.db, a, b)
    }
}

pub(super) fn without_nodes(fields: Vec<(SmolStr, Expr, NodeId)>) -> Vec<(SmolStr, Expr)> {
    fields.into_iter().map(|(name, value, _)| (name, value)).collect()
}
