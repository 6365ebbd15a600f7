//! Rings of computed fields: what is computed from itself, through other fields, references, functions and traits.
//!
//! A field is a nominal's name and its own. Which element a reference leads to does not matter: `depth = parent.depth + 1` would
//! end only where the data does.

use std::collections::{BTreeMap, BTreeSet};

use iom_model::{Expr, FieldOwner, Nominal, Type};
use iom_syntax::ast::{self, ClauseKind, DeclarationKind, FieldValueHead, Member, Name, NodeId, TypeExpr};
use rustc_hash::FxHashMap;
use smol_str::{SmolStr, format_smolstr};

use super::graph::Graph;
use super::{NEAR, Step, short};
use crate::check::{Lowered, check_item};
use crate::db::Db;
use crate::extensions::extensions_of;
use crate::infer::Checker;
use crate::items::{Item, Place, declaration, items};
use crate::names::{GlobalName, Target, definition_of};
use crate::signatures::nominal_signature;

/// A field of a kind or a trait.
type Computed = (SmolStr, SmolStr);

/// What a declaration computes.
struct Derive<'a> {
    name: &'a Name,
    ty: Option<&'a TypeExpr>,
    value: &'a ast::Expr,
}

/// The fields that a kind, a trait or an extension computes, each with the fields of elements that it reads, in order. Lists,
/// because they are short and there is one for every kind.
#[salsa::tracked]
fn derive_reads<'db>(db: &'db dyn Db, item: Item<'db>) -> Box<[(SmolStr, Box<[Computed]>)]> {
    let declaration = declaration(db, item);
    let derives = derives_of(&declaration.kind);
    if derives.is_empty() {
        return Box::default();
    }
    let mut checker = Checker::new(db, item);
    let Some(this) = computed_of(&checker, &declaration.kind) else { return Box::default() };
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
        reads.insert(derive.name.text.clone(), found.into_iter().collect());
    }
    reads.into_iter().collect()
}

/// What one of a declaration's computed fields reads, if it computes it.
fn reads_in<'db>(db: &'db dyn Db, item: Item<'db>, field: &str) -> Option<&'db [Computed]> {
    let reads = derive_reads(db, item).iter().find(|(name, _)| name == field);
    reads.map(|(_, reads)| &**reads)
}

fn derives_of(kind: &DeclarationKind) -> Vec<Derive<'_>> {
    let members = match kind {
        DeclarationKind::Kind(nominal) | DeclarationKind::Trait(nominal) => &nominal.body.members,
        DeclarationKind::Extend { body, .. } => &body.members,
        _ => return Vec::new(),
    };
    let derives = members.iter().filter_map(|member| match member {
        Member::Field(field) if matches!(kind, DeclarationKind::Extend { .. }) => match &field.value.head {
            FieldValueHead::Expr(value) => Some(Derive { name: field.path.first()?, ty: None, value }),
            FieldValueHead::Escalate(_) => None,
        },
        _ => match member.clause_kind()? {
            ClauseKind::Derive { name, ty, value } => Some(Derive { name, ty: Some(ty), value }),
            _ => None,
        },
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
    if !is_computing(db, item) {
        return None;
    }
    let path = ring_at(db, item).as_ref()?;
    Some(path.iter().filter_map(|field| step(db, field)).collect())
}

/// Whether a declaration says how fields are computed.
fn is_computing<'db>(db: &'db dyn Db, item: Item<'db>) -> bool {
    matches!(item.keyword(db), "kind" | "trait" | "extend")
        && !derives_of(&declaration(db, item).kind).is_empty()
}

/// The first ring of a declaration's fields: unchanged while others are tied and untied.
#[salsa::tracked]
fn ring_at<'db>(db: &'db dyn Db, item: Item<'db>) -> Option<Vec<Computed>> {
    let declaration = declaration(db, item);
    let this = computed_of(&Checker::new(db, item), &declaration.kind)?;
    if is_far_from_rings(db, &this, &declaration.kind) {
        return None;
    }
    // What is in the library leads to nothing outside of it, so that a part of it is enough there.
    let own_rings;
    let rings = if item.file(db).is_library(db) {
        own_rings = rings_from(db, &[item]);
        &own_rings
    } else {
        rings(db)
    };
    let mut fields = derives_of(&declaration.kind).into_iter().map(|derive| derive.name.text.clone());
    fields.find_map(|field| rings.get(&(this.name().clone(), field)).cloned())
}

/// Whether the fields of a declaration are computed from few others, none of them back from these: then there is no need to
/// look at the rest of the workspace. What reads a trait's field may read that of anybody who has the trait.
fn is_far_from_rings(db: &dyn Db, this: &Nominal, kind: &DeclarationKind) -> bool {
    let mut near: Graph<Computed> = Graph::default();
    for derive in derives_of(kind) {
        near.node(&(this.name().clone(), derive.name.text.clone()));
    }
    let mut reads_a_trait = false;
    let is_small = near.explore_at_most(NEAR, &mut |field, found| {
        let owner = definition_of(db, &field.0);
        reads_a_trait |= owner.is_some_and(|owner| owner.keyword(db) == "trait");
        found.extend_from_slice(reads_of(db, field));
    });
    is_small && !reads_a_trait && !near.has_ring()
}

/// The rings among the computed fields of the workspace.
#[salsa::tracked]
fn rings(db: &dyn Db) -> BTreeMap<Computed, Vec<Computed>> {
    let files = db.workspace().files(db).iter();
    let computing: Vec<Item<'_>> =
        files.flat_map(|file| items(db, *file)).filter(|item| is_computing(db, **item)).copied().collect();
    rings_from(db, &computing)
}

/// The rings among the fields that declarations compute, each under the field where it is told.
fn rings_from<'db>(db: &'db dyn Db, computing: &[Item<'db>]) -> BTreeMap<Computed, Vec<Computed>> {
    let mut graph: Graph<Computed> = Graph::default();
    // Who has a trait and computes something, by trait. Where the trait's field is read, it may be theirs.
    let mut holders: BTreeMap<&SmolStr, BTreeSet<SmolStr>> = BTreeMap::new();
    let mut starts: BTreeSet<usize> = BTreeSet::new();
    for item in computing {
        let kind = &declaration(db, *item).kind;
        let Some(this) = computed_of(&Checker::new(db, *item), kind) else { continue };
        for derive in derives_of(kind) {
            starts.insert(graph.node(&(this.name().clone(), derive.name.text.clone())));
        }
        for name in traits_of(db, this.name()) {
            holders.entry(name).or_default().insert(this.name().clone());
        }
    }
    graph.explore(&mut |field, found| {
        found.extend_from_slice(reads_of(db, field));
        let holders = holders.get(&field.0).into_iter().flatten();
        found.extend(holders.map(|holder| (holder.clone(), field.1.clone())));
    });
    let components = graph.components();
    let mut told = BTreeMap::new();
    for component in components.members.iter().filter(|component| graph.is_ring(component)) {
        let inside = |node: &usize| components.of[*node] == components.of[component[0]];
        let reads: FxHashMap<usize, Vec<usize>> = component
            .iter()
            .map(|node| {
                (
                    *node,
                    reads_of(db, graph.name(*node)).iter().filter_map(|read| graph.number(read)).collect(),
                )
            })
            .collect();
        let mut here: Vec<usize> = component.iter().filter(|node| starts.contains(node)).copied().collect();
        here.sort_by_key(|node| graph.name(*node));
        // Where there is but one way round, nobody but the first tells it.
        let edges: usize =
            component.iter().map(|node| graph.edges(*node).iter().filter(|to| inside(to)).count()).sum();
        if edges == component.len() {
            here.truncate(1);
        }
        for start in here {
            let own = graph.name(start);
            let traits = traits_of(db, &own.0);
            let path = graph.way_back(start, |node, found| {
                for read in &reads[&node] {
                    found.push(*read);
                    // A field of a trait that the nominal has may be its own.
                    let (owner, field) = graph.name(*read);
                    if traits.contains(owner) {
                        found.extend(graph.number(&(own.0.clone(), field.clone())));
                    }
                }
                found.retain(inside);
            });
            let path = path.unwrap_or_default();
            let is_first = |node: &usize| !starts.contains(node) || own <= graph.name(*node);
            if !path.is_empty() && path.iter().all(is_first) {
                told.insert(own.clone(), path.iter().map(|node| graph.name(*node).clone()).collect());
            }
        }
    }
    told
}

fn traits_of<'db>(db: &'db dyn Db, nominal: &SmolStr) -> &'db [SmolStr] {
    definition_of(db, nominal).map_or(&[], |item| nominal_signature(db, item).traits.as_slice())
}

/// What a field is computed from, where it is computed: by its owner, by an extension, or as one of its traits says.
fn reads_of<'db>(db: &'db dyn Db, field: &Computed) -> &'db [Computed] {
    computing(db, field).and_then(|item| reads_in(db, item, &field.1)).unwrap_or_default()
}

/// The declaration that computes a field.
fn computing<'db>(db: &'db dyn Db, (owner, field): &Computed) -> Option<Item<'db>> {
    let item = definition_of(db, owner)?;
    let computes = |item: &Item<'db>| reads_in(db, *item, field).is_some();
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
