//! Rings of definitions: functions that call themselves, constants made of themselves, types and traits that contain
//! themselves without a reference in between, resources copied from themselves.

pub(crate) mod children;
pub(super) mod derived;
mod graph;
mod mention;
pub(crate) mod named;
mod parts;
mod shape;

use std::collections::{BTreeMap, BTreeSet};

use iom_model::Type;
use iom_syntax::ast::{self, DeclarationKind, ExprKind, Member, NodeId};
use smol_str::SmolStr;

use children::for_each_child;
use graph::Graph;

use super::copied_path;
use crate::blueprints::instance_of;
use crate::db::Db;
use crate::items::{Item, Place, declaration, items, whole_declaration};
use crate::names::{Target, amendments_of, definition_of, file_scope, resolve};
use crate::signatures::{declared_type, trait_item};

/// What a definition is made of, by qualified name: functions it calls, constants it reads, traits it includes, types it
/// contains.
#[salsa::tracked]
fn made_of<'db>(db: &'db dyn Db, item: Item<'db>) -> BTreeSet<SmolStr> {
    leans_on(db, item)
}

/// [`made_of`], found out anew.
fn leans_on<'db>(db: &'db dyn Db, item: Item<'db>) -> BTreeSet<SmolStr> {
    let mut found = BTreeSet::new();
    match &whole_declaration(db, item).kind {
        DeclarationKind::Function { parameters, value, .. } => {
            let defaults = parameters.iter().filter_map(|parameter| parameter.default.as_ref());
            defaults.chain([value]).for_each(|value| names_in(db, item, value, &NONE, &mut found));
        }
        DeclarationKind::Const { value, .. } => names_in(db, item, value, &NONE, &mut found),
        DeclarationKind::Trait(nominal) => {
            found.extend(
                nominal
                    .traits
                    .iter()
                    .filter_map(|path| trait_item(db, item, path))
                    .map(|item| item.qualified_name(db)),
            );
        }
        DeclarationKind::Type { .. } => contained(declared_type(db, item), &mut found),
        DeclarationKind::Group { body, .. } => groups_in(db, item, body, &mut found),
        DeclarationKind::Blueprint { parameters, body, .. } => {
            // Its own names hide those of the module.
            let own = parameters.iter().map(|parameter| parameter.name.text.clone());
            let hidden: BTreeSet<SmolStr> = own.chain(parts::names(body)).collect();
            let defaults = parameters.iter().filter_map(|parameter| parameter.default.as_ref());
            defaults.for_each(|default| names_in(db, item, default, &NONE, &mut found));
            parts::for_each_expression(body, &mut |expr| {
                names_in(db, item, expr, &hidden, &mut found);
                resources_read(db, item, expr, &hidden, &mut found);
            });
        }
        DeclarationKind::Resource(resource) => {
            resource_made_of(db, item, resource, &mut found);
            for amend in amendments_of(db, item) {
                if let DeclarationKind::Amend { body, .. } = &declaration(db, amend).kind {
                    body_reads(db, amend, body, &mut found);
                }
            }
        }
        DeclarationKind::Shape { body, .. } => shape::for_each_name(body, &mut |path| {
            let names: Vec<SmolStr> = path.segments.iter().map(|segment| segment.text.clone()).collect();
            add_resolved(db, item, &names, &["shape"], &mut found);
        }),
        _ => {}
    }
    found
}

/// What a resource copies, and the resources whose fields it reads: a plain reference takes no value.
fn resource_made_of<'db>(
    db: &'db dyn Db,
    item: Item<'db>,
    resource: &ast::Resource,
    found: &mut BTreeSet<SmolStr>,
) {
    match &resource.value {
        ast::ResourceValue::Body(body) => body_reads(db, item, body, found),
        ast::ResourceValue::Expr(expr) => {
            if let Some(path) = copied_path(expr) {
                add_resolved(db, item, &path, &["resource"], found);
            }
            found.extend(instance_of(db, item).as_ref().map(|instance| instance.blueprint.clone()));
            resources_read(db, item, expr, &NONE, found);
        }
    }
}

fn body_reads<'db>(db: &'db dyn Db, item: Item<'db>, body: &ast::Body, found: &mut BTreeSet<SmolStr>) {
    for member in &body.members {
        if let Member::Field(field) = member
            && let ast::FieldValueHead::Expr(expr) = &field.value.head
        {
            resources_read(db, item, expr, &NONE, found);
        }
    }
}

/// What is wrong with how a definition leans on others.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Knot {
    /// It leads back to itself: the shortest way, as qualified names, from itself to the last before it.
    Ring(Vec<SmolStr>),
    /// So many definitions lean on one another, each on the next, that nobody can follow: the last of them.
    Chain(String),
}

/// The knots of a graph of definitions.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
struct Knots {
    /// By the name where each is reported.
    told: BTreeMap<SmolStr, Knot>,
    /// Everything that leads back to itself.
    ringed: BTreeSet<SmolStr>,
}

/// The longest chain of definitions that lean on one another. Evaluation goes as deep.
pub(crate) const MAX_CHAIN: usize = 256;

/// How many definitions are looked at around one before all of the workspace are: fewer than make a [`Knot::Chain`].
const NEAR: usize = 48;

const KEYWORDS: [&str; 8] = ["fn", "const", "trait", "type", "resource", "shape", "group", "blueprint"];

/// Whether a definition leads back to itself.
pub(crate) fn contains<'db>(db: &'db dyn Db, item: Item<'db>) -> bool {
    KEYWORDS.contains(&item.keyword(db)) && knot_at(db, item).1
}

/// Whether definitions lead from one to the next more often than this without an end.
pub(super) fn is_deeper_than<'db>(db: &'db dyn Db, item: Item<'db>, most: usize) -> bool {
    let mut level: BTreeSet<SmolStr> = made_of(db, item).clone();
    let mut seen: BTreeSet<SmolStr> = BTreeSet::new();
    for _ in 0..most {
        let mut next = BTreeSet::new();
        for name in &level {
            if seen.insert(name.clone())
                && let Some(item) = definition_of(db, name)
            {
                next.extend(made_of(db, item).iter().filter(|name| !seen.contains(*name)).cloned());
            }
        }
        if next.is_empty() {
            return false;
        }
        level = next;
    }
    true
}

/// Groups inside one another.
pub(super) const MOST_GROUPS: usize = 64;

/// A step of a ring: what it is called, and where it names the next one.
pub(super) struct Step {
    pub name: String,
    pub mention: Place,
}

/// A [`Knot`] with the places where its ring names the next one.
pub(super) enum Found {
    Ring(Vec<Step>),
    Chain(String),
}

/// What is wrong with how this definition leans on others, if it is told here: a ring at the first of its names.
pub(super) fn find<'db>(db: &'db dyn Db, item: Item<'db>) -> Option<Found> {
    if !KEYWORDS.contains(&item.keyword(db)) {
        return None;
    }
    // Most resources only refer to others: nothing is kept for those.
    if item.keyword(db) == "resource" && leans_on(db, item).is_empty() {
        return None;
    }
    let path = match &knot_at(db, item).0 {
        None => return None,
        // Groups, copies and blueprints are refused where they nest less deep.
        Some(Knot::Chain(_)) if matches!(item.keyword(db), "group" | "resource" | "blueprint") => {
            return None;
        }
        Some(Knot::Chain(end)) => return Some(Found::Chain(end.clone())),
        Some(Knot::Ring(path)) => path,
    };
    let next = path.iter().cycle().skip(1);
    let steps = path.iter().zip(next).filter_map(|(name, next)| {
        let item = definition_of(db, name)?;
        let declaration = whole_declaration(db, item);
        let named = declaration.name().map_or(NodeId::DECLARATION, |name| name.id);
        let mention = mention::of(db, item, &declaration, next).unwrap_or_else(|| item.place(db, named));
        Some(Step { name: short(name), mention })
    });
    Some(Found::Ring(steps.collect()))
}

/// The one that is told at a definition, and whether the definition is in a ring: unchanged while others are tied and
/// untied.
#[salsa::tracked]
fn knot_at<'db>(db: &'db dyn Db, item: Item<'db>) -> (Option<Knot>, bool) {
    let name = item.qualified_name(db);
    // What leads to few others and never back is in no knot, whatever else there is: most definitions ask nobody else.
    let mut near = Graph::default();
    near.node(&name);
    if near.explore_at_most(NEAR, &mut |name, found| add_made_of(db, name, found)) && !near.has_ring() {
        return (None, false);
    }
    let knots = knots(db);
    (knots.told.get(&name).cloned(), knots.ringed.contains(&name))
}

/// All knots of the workspace.
#[salsa::tracked]
fn knots(db: &dyn Db) -> Knots {
    let mut graph = Graph::default();
    for file in db.workspace().files(db) {
        for item in items(db, *file).iter().filter(|item| KEYWORDS.contains(&item.keyword(db))) {
            graph.node(&item.qualified_name(db));
        }
    }
    graph.explore(&mut |name, found| add_made_of(db, name, found));
    knots_of(&graph)
}

fn add_made_of(db: &dyn Db, name: &SmolStr, found: &mut Vec<SmolStr>) {
    if let Some(item) = definition_of(db, name) {
        found.extend(made_of(db, item).iter().cloned());
    }
}

fn knots_of(graph: &Graph<SmolStr>) -> Knots {
    let mut found = Knots::default();
    let components = graph.components();
    // How many definitions lean on one another from here on, by component.
    let mut lengths: Vec<usize> = Vec::new();
    for (number, component) in components.members.iter().enumerate() {
        let is_ring = graph.is_ring(component);
        let below = component.iter().flat_map(|node| graph.edges(*node));
        let below = below.filter(|to| components.of[**to] != number).map(|to| lengths[components.of[*to]]);
        let length = below.max().unwrap_or(0) + 1;
        // What leans on a ring or on a chain that was reported is not reported once more.
        lengths.push(if is_ring { 0 } else { length % (MAX_CHAIN + 1) });
        let first = component.iter().min_by_key(|node| graph.name(**node)).copied().unwrap_or(0);
        if is_ring {
            let ring = graph.way_back(first, |node, found| {
                found.extend(graph.edges(node).iter().filter(|to| components.of[**to] == number))
            });
            let ring = ring.unwrap_or_default().into_iter().map(|node| graph.name(node).clone());
            found.told.insert(graph.name(first).clone(), Knot::Ring(ring.collect()));
            found.ringed.extend(component.iter().map(|node| graph.name(*node).clone()));
        } else if length > MAX_CHAIN {
            found.told.insert(graph.name(first).clone(), Knot::Chain(short(graph.name(graph.end_of(first)))));
        }
    }
    found
}

fn short(name: &str) -> String {
    name.rsplit('.').next().unwrap_or(name).to_owned()
}

/// Types that a value holds in full: optional ones, lists and maps may be empty, so they end a ring.
fn contained(ty: &Type, found: &mut BTreeSet<SmolStr>) {
    match ty {
        Type::Named(name) => {
            found.insert(name.clone());
        }
        Type::Record(record) => record.fields.iter().for_each(|field| contained(&field.ty, found)),
        Type::Refined(inner, _) | Type::Secret(inner) => contained(inner, found),
        _ => {}
    }
}

/// Groups that a group lists.
fn groups_in<'db>(db: &'db dyn Db, item: Item<'db>, body: &ast::Body, found: &mut BTreeSet<SmolStr>) {
    let lists = body.members.iter().filter_map(|member| match member {
        Member::Field(field) if field.path.first().is_some_and(|name| name.text == "policies") => {
            match &field.value.head {
                ast::FieldValueHead::Expr(expr) => Some(expr),
                ast::FieldValueHead::Escalate(_) => None,
            }
        }
        _ => None,
    });
    for list in lists {
        let items = match &list.kind {
            ExprKind::List(items) | ExprKind::Set(items) => items.as_slice(),
            _ => std::slice::from_ref(list),
        };
        for path in items.iter().filter_map(dotted) {
            add_resolved(db, item, &path, &["group"], found);
        }
    }
}

/// No names of a declaration's own.
static NONE: BTreeSet<SmolStr> = BTreeSet::new();

fn names_in<'db>(
    db: &'db dyn Db,
    item: Item<'db>,
    expr: &ast::Expr,
    hidden: &BTreeSet<SmolStr>,
    found: &mut BTreeSet<SmolStr>,
) {
    if let Some(path) = dotted(expr)
        && !path.first().is_some_and(|first| hidden.contains(first))
    {
        add_resolved(db, item, &path, &["fn", "const", "blueprint"], found);
    }
    for_each_child(expr, &mut |child| names_in(db, item, child, hidden, found));
}

/// Where a name of the declaration's own is the first of a path, no other resource is read.
fn resources_read<'db>(
    db: &'db dyn Db,
    item: Item<'db>,
    expr: &ast::Expr,
    hidden: &BTreeSet<SmolStr>,
    found: &mut BTreeSet<SmolStr>,
) {
    if let Some(path) = dotted(expr)
        && path.len() > 1
    {
        if hidden.contains(&path[0]) {
            return;
        }
        let scope = file_scope(db, item.file(db));
        if let Some(resolution) = resolve(db, scope, &path)
            && resolution.used < path.len()
            && matches!(resolution.target, Target::Item(target) if target.keyword(db) == "resource")
        {
            found.insert(resolution.qualified);
        }
        return;
    }
    for_each_child(expr, &mut |child| resources_read(db, item, child, hidden, found));
}

fn add_resolved<'db>(
    db: &'db dyn Db,
    item: Item<'db>,
    path: &[SmolStr],
    keywords: &[&str],
    found: &mut BTreeSet<SmolStr>,
) {
    if let Some(resolution) = resolve(db, file_scope(db, item.file(db)), path)
        && matches!(resolution.target, Target::Item(target) if keywords.contains(&target.keyword(db)))
    {
        found.insert(resolution.qualified);
    }
}

fn dotted(expr: &ast::Expr) -> Option<Vec<SmolStr>> {
    match &expr.kind {
        ExprKind::Name(name) => Some(vec![name.clone()]),
        ExprKind::Field { base, name, .. } => {
            let mut path = dotted(base)?;
            path.push(name.text.clone());
            Some(path)
        }
        _ => None,
    }
}
