//! Signatures that need themselves: a type's condition, default or computed field may look into what its declaration is a
//! part of. Such signatures are taken by their shape, without what looks at anything, and reported where they are declared.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use iom_model::{Nominal, Type};
use iom_syntax::ast::{DeclarationKind, NodeId};

use crate::check::ring;
use crate::db::Db;
use crate::infer::Checker;
use crate::items::{Item, declaration};
use crate::messages;
use crate::signatures::{
    FunctionSignature, NominalSignature, TypeSignature, extended, function_signature, lowered_function,
    lowered_type, nominal_signature, own_fields, trait_item, type_signature,
};

/// A checker that lowers types without what they compute or ask.
fn shapes<'db>(db: &'db dyn Db, item: Item<'db>) -> Checker<'db> {
    let mut checker = Checker::new(db, item);
    checker.lowers_shapes = true;
    checker
}

pub(crate) fn declared<'db>(db: &'db dyn Db, _: salsa::Id, item: Item<'db>) -> Arc<NominalSignature> {
    declared_shape(db, item)
}

pub(crate) fn nominal<'db>(db: &'db dyn Db, _: salsa::Id, item: Item<'db>) -> Arc<NominalSignature> {
    let shape = declared_shape(db, item);
    if item.keyword(db) != "kind" {
        return shape;
    }
    extended(db, item, &shape, &mut |added| declared_shape(db, added))
}

/// What a kind or a trait says of itself and its traits say of themselves, each once, so that a ring of traits ends.
fn declared_shape<'db>(db: &'db dyn Db, item: Item<'db>) -> Arc<NominalSignature> {
    let own_name = item.qualified_name(db);
    let mut found = NominalSignature { is_tied: true, ..NominalSignature::default() };
    let mut seen = BTreeSet::from([own_name.clone()]);
    let mut waiting = VecDeque::from([item]);
    while let Some(item) = waiting.pop_front() {
        let (DeclarationKind::Kind(nominal) | DeclarationKind::Trait(nominal)) = &declaration(db, item).kind
        else {
            continue;
        };
        for field in own_fields(&mut shapes(db, item), &item.qualified_name(db), &nominal.body.members) {
            if found.field(&field.name).is_none() {
                found.fields.push(field);
            }
        }
        let parents = nominal.traits.iter().filter_map(|path| trait_item(db, item, path));
        waiting.extend(parents.filter(|parent| seen.insert(parent.qualified_name(db))));
    }
    seen.remove(&own_name);
    found.traits = seen.into_iter().collect();
    Arc::new(found)
}

pub(crate) fn type_<'db>(db: &'db dyn Db, _: salsa::Id, item: Item<'db>) -> TypeSignature {
    TypeSignature { ty: lowered_type(&mut shapes(db, item)), is_tied: true }
}

pub(crate) fn function<'db>(
    db: &'db dyn Db,
    _: salsa::Id,
    item: Item<'db>,
) -> Option<Arc<FunctionSignature>> {
    let shape = lowered_function(&mut shapes(db, item))?;
    Some(Arc::new(FunctionSignature { is_tied: true, ..shape }))
}

/// As many as there are parameters, none of them known.
pub(crate) fn defaults<'db>(db: &'db dyn Db, _: salsa::Id, item: Item<'db>) -> Vec<Option<iom_model::Expr>> {
    let parameters = match &declaration(db, item).kind {
        DeclarationKind::Function { parameters, .. } => parameters,
        DeclarationKind::Policy { parameters: Some(parameters), .. } => parameters,
        _ => return Vec::new(),
    };
    parameters.iter().map(|parameter| parameter.default.as_ref().map(|_| iom_model::Expr::Error)).collect()
}

pub(crate) fn value<'db>(_: &'db dyn Db, _: salsa::Id, _: Item<'db>) -> Type {
    Type::Error
}

pub(crate) fn kind_of_resource<'db>(_: &'db dyn Db, _: salsa::Id, _: Item<'db>) -> Option<Nominal> {
    None
}

impl Checker<'_> {
    /// Reports a declaration whose signature needs itself. A ring of other sorts is told as one.
    pub(crate) fn check_untied(&mut self) {
        let (db, item) = (self.db, self.item);
        let is_tied = match item.keyword(db) {
            "kind" | "trait" => nominal_signature(db, item).is_tied,
            "type" => type_signature(db, item).is_tied,
            "fn" => function_signature(db, item).as_ref().is_some_and(|signature| signature.is_tied),
            _ => false,
        };
        if is_tied && !ring::contains(db, item) {
            let named = declaration(db, item).name().map_or(NodeId::DECLARATION, |name| name.id);
            self.report(messages::tied_signature(self.place(named), item.name(db)));
        }
    }
}
