//! Signatures that need themselves: a type's condition, default or computed field may look into what its declaration is a
//! part of. Such signatures are taken by their shape, without what looks at anything, and reported where they are declared.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use iom_model::{Nominal, Type};
use iom_syntax::ast::{DeclarationKind, NodeId};
use smol_str::SmolStr;

use crate::check::ring::{self, named::named_in};
use crate::db::Db;
use crate::infer::Checker;
use crate::items::{Item, declaration};
use crate::messages;
use crate::names::definition_of;
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

/// Whether the signature of a declaration needs itself.
fn is_tied<'db>(db: &'db dyn Db, item: Item<'db>) -> bool {
    match item.keyword(db) {
        "kind" | "trait" => nominal_signature(db, item).is_tied,
        "type" => type_signature(db, item).is_tied,
        "fn" => function_signature(db, item).as_ref().is_some_and(|signature| signature.is_tied),
        _ => false,
    }
}

/// As many as are looked at to find out which one is told.
const MOST_TIED: usize = 256;

/// Those that are tied and can be reached from a declaration over what declarations name, itself among them if it can.
#[salsa::tracked]
fn tied_from<'db>(db: &'db dyn Db, item: Item<'db>) -> BTreeSet<SmolStr> {
    let mut found = BTreeSet::new();
    let mut seen: BTreeSet<SmolStr> = BTreeSet::new();
    let mut waiting = VecDeque::from([item]);
    while let Some(item) = waiting.pop_front().filter(|_| found.len() < MOST_TIED) {
        for name in named_in(db, item) {
            let Some(named) = definition_of(db, name).filter(|_| seen.insert(name.clone())) else { continue };
            if is_tied(db, named) {
                found.insert(name.clone());
                waiting.push_back(named);
            } else if matches!(named.keyword(db), "const" | "resource") {
                waiting.push_back(named);
            }
        }
    }
    found
}

impl Checker<'_> {
    /// Reports a declaration whose signature needs itself; one that needs others which need it is told at the first of them.
    /// A ring of other sorts is told as one.
    pub(crate) fn check_untied(&mut self) {
        let (db, item) = (self.db, self.item);
        if !is_tied(db, item) || ring::contains(db, item) {
            return;
        }
        let own_name = item.qualified_name(db);
        let leads_back = |name: &&SmolStr| {
            let other = definition_of(db, name).filter(|other| *other != item);
            other.is_some_and(|other| tied_from(db, other).contains(&own_name))
        };
        let others: Vec<&SmolStr> = tied_from(db, item).iter().filter(leads_back).collect();
        if others.first().is_some_and(|first| **first < own_name) {
            return;
        }
        let named = |item: Item<'_>| {
            let named = declaration(db, item).name().map_or(NodeId::DECLARATION, |name| name.id);
            item.place(db, named)
        };
        let others = others.into_iter().filter_map(|name| definition_of(db, name));
        let others: Vec<_> = others.map(|other| (named(other), other.name(db).to_string())).collect();
        self.report(messages::tied_signature(named(item), item.name(db), &others));
    }
}
