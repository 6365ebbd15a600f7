//! Rings of computed fields: what is computed from itself, through other fields, references, functions and traits.
//!
//! A field is a nominal's name and its own. Which element a reference leads to does not matter: `depth = parent.depth + 1` would
//! end only where the data does.

use std::collections::{BTreeMap, BTreeSet};

use iom_model::{Expr, FieldOwner, Nominal, Type};
use iom_syntax::ast::{
    self, Clause, ClauseKind, DeclarationKind, FieldValueHead, Member, Name, NodeId, TypeExpr,
};
use smol_str::{SmolStr, format_smolstr};

use super::{Step, short};
use crate::check::{Lowered, check_item};
use crate::db::Db;
use crate::extensions::extensions_of;
use crate::infer::Checker;
use crate::items::{Item, Place, declaration};
use crate::names::{GlobalName, Target, definition_of};
use crate::signatures::nominal_signature;

/// A field of a kind or a trait.
type Computed = (SmolStr, SmolStr);

/// More fields than these are not followed: no kind is computed from so many.
const MOST_FIELDS: usize = 10_000;

/// What a declaration computes.
struct Derive<'a> {
    name: &'a Name,
    ty: Option<&'a TypeExpr>,
    value: &'a ast::Expr,
}

/// By computed field of a kind, a trait or an extension: the fields of elements that it reads.
#[salsa::tracked]
fn derive_reads<'db>(db: &'db dyn Db, item: Item<'db>) -> BTreeMap<SmolStr, BTreeSet<Computed>> {
    let declaration = declaration(db, item);
    let derives = derives_of(&declaration.kind);
    if derives.is_empty() {
        return BTreeMap::new();
    }
    let mut checker = Checker::new(db, item);
    let Some(this) = computed_of(&checker, &declaration.kind) else { return BTreeMap::new() };
    let signature = definition_of(db, this.name()).map(|item| nominal_signature(db, item));
    let mut reads = BTreeMap::new();
    for derive in derives {
        let ty = match derive.ty {
            Some(ty) => checker.lower_type(ty),
            None => signature
                .and_then(|signature| signature.field(&derive.name.text))
                .map_or(Type::Error, |field| field.ty.clone()),
        };
        let (value, _) = checker.in_new_body(|checker| {
            checker.bind_thing_at_hand(Type::Element(this.clone()));
            checker.check(derive.value, &ty)
        });
        let mut found = BTreeSet::new();
        add_reads(db, &value, &mut BTreeSet::new(), &mut found);
        reads.insert(derive.name.text.clone(), found);
    }
    reads
}

fn derives_of(kind: &DeclarationKind) -> Vec<Derive<'_>> {
    let members = match kind {
        DeclarationKind::Kind(nominal) | DeclarationKind::Trait(nominal) => &nominal.body.members,
        DeclarationKind::Extend { body, .. } => &body.members,
        _ => return Vec::new(),
    };
    let derives = members.iter().filter_map(|member| match member {
        Member::Clause(Clause { kind: ClauseKind::Derive { name, ty, value }, .. }) => {
            Some(Derive { name, ty: Some(ty), value })
        }
        Member::Field(field) if matches!(kind, DeclarationKind::Extend { .. }) => match &field.value.head {
            FieldValueHead::Expr(value) => Some(Derive { name: field.path.first()?, ty: None, value }),
            FieldValueHead::Escalate(_) => None,
        },
        _ => None,
    });
    derives.collect()
}

/// Whose fields a declaration computes.
fn computed_of(checker: &Checker<'_>, kind: &DeclarationKind) -> Option<Nominal> {
    let own = || checker.item.qualified_name(checker.db);
    match kind {
        DeclarationKind::Kind(_) => Some(Nominal::Kind(own())),
        DeclarationKind::Trait(_) => Some(Nominal::Trait(own())),
        DeclarationKind::Extend { kind, .. } => match checker.resolve_path(kind)? {
            (Target::Item(item), name) if item.keyword(checker.db) == "kind" => Some(Nominal::Kind(name)),
            _ => None,
        },
        _ => None,
    }
}

fn add_reads(db: &dyn Db, value: &Expr, called: &mut BTreeSet<SmolStr>, found: &mut BTreeSet<Computed>) {
    let mut functions = Vec::new();
    value.walk(&mut |part| match part {
        Expr::Field { name, owner: FieldOwner::Element(nominal), .. } => {
            found.insert((nominal.name().clone(), name.clone()));
        }
        Expr::Call { function, .. } => functions.push(function.clone()),
        _ => {}
    });
    for name in functions {
        if !called.insert(name.clone()) {
            continue;
        }
        if let Some(item) = definition_of(db, &name)
            && let Lowered::Function(function) = &check_item(db, item).lowered
        {
            add_reads(db, &function.value, called, found);
        }
    }
}

/// The way from a computed field of a declaration back to itself, if there is one, told at the first of its fields.
pub(in crate::check) fn find<'db>(db: &'db dyn Db, item: Item<'db>) -> Option<Vec<Step>> {
    let declaration = declaration(db, item);
    let derives = derives_of(&declaration.kind);
    if derives.is_empty() {
        return None;
    }
    let this = computed_of(&Checker::new(db, item), &declaration.kind)?;
    derives.iter().find_map(|derive| {
        let path = shortest(db, &this, &derive.name.text)?;
        let own = &path[0];
        if path.iter().any(|other| own > other) {
            return None;
        }
        Some(path.iter().filter_map(|field| step(db, field)).collect())
    })
}

fn shortest(db: &dyn Db, this: &Nominal, field: &SmolStr) -> Option<Vec<Computed>> {
    let own: Computed = (this.name().clone(), field.clone());
    let mut paths = std::collections::VecDeque::from([vec![own.clone()]]);
    let mut seen: BTreeSet<Computed> = BTreeSet::new();
    while let Some(path) = paths.pop_front() {
        for read in reads_of(db, path.last()?) {
            // A field of a trait that the nominal has may be its own.
            let candidates = [Some(read.clone()), as_own(db, this, &read)];
            for next in candidates.into_iter().flatten() {
                if next == own {
                    return Some(path);
                }
                if seen.len() < MOST_FIELDS && seen.insert(next.clone()) {
                    let mut longer = path.clone();
                    longer.push(next);
                    paths.push_back(longer);
                }
            }
        }
    }
    None
}

fn as_own(db: &dyn Db, this: &Nominal, (owner, field): &Computed) -> Option<Computed> {
    let item = definition_of(db, this.name())?;
    let has_trait = nominal_signature(db, item).traits.contains(owner);
    has_trait.then(|| (this.name().clone(), field.clone()))
}

/// What a field is computed from, where it is computed: by its owner, by an extension, or as one of its traits says.
fn reads_of(db: &dyn Db, field: &Computed) -> BTreeSet<Computed> {
    computing(db, field).and_then(|item| derive_reads(db, item).get(&field.1).cloned()).unwrap_or_default()
}

/// The declaration that computes a field.
fn computing<'db>(db: &'db dyn Db, (owner, field): &Computed) -> Option<Item<'db>> {
    let item = definition_of(db, owner)?;
    let computes = |item: &Item<'db>| derive_reads(db, *item).contains_key(field);
    if computes(&item) {
        return Some(item);
    }
    let extensions = extensions_of(db, GlobalName::new(db, owner.clone()));
    let extension = extensions.iter().map(|one| one.item).find(computes);
    extension.or_else(|| {
        let signature = nominal_signature(db, item);
        let is_own = signature.field(field).is_some_and(|found| found.declared_in == *owner);
        let traits = signature.traits.iter().filter(|_| !is_own);
        traits.filter_map(|name| definition_of(db, name)).find(computes)
    })
}

fn step(db: &dyn Db, field: &Computed) -> Option<Step> {
    let item = computing(db, field)?;
    let declaration = declaration(db, item);
    let derives = derives_of(&declaration.kind);
    let node = derives.iter().find(|derive| derive.name.text == field.1).map(|derive| derive.name.id);
    let mention: Place = item.place(db, node.unwrap_or(NodeId::DECLARATION));
    Some(Step { name: format_smolstr!("{}.{}", short(&field.0), field.1).into(), mention })
}
