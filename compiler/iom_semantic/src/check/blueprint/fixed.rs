//! What a blueprint's parts say of something that exists already: how each is found, and what must be equal.

use std::collections::BTreeSet;

use iom_model::{
    Binder, Blueprint, BlueprintPart, CompareOp, Comparison, Expr, FieldOwner, FixedField, IsTest, Local,
    Location, PartSearch, Type,
};
use smol_str::SmolStr;

use crate::check::unplaced;
use crate::infer::Checker;
use crate::messages;
use crate::types::expand;

/// The fields that a part sets, as conditions.
pub(super) fn fixed_fields(
    checker: &Checker<'_>,
    part: &BlueprintPart,
    root: Local,
    parameters: u32,
) -> Vec<FixedField> {
    let definitions = checker.settable_fields(&part.nominal);
    let mut fixed = Fixed { checker, root, parameters, found: Vec::new() };
    for setting in &part.declaration.fields {
        let Some(definition) = definitions.field(&setting.name) else { continue };
        let found = Expr::Field {
            base: Box::new(Expr::Local(part.slot)),
            name: setting.name.clone(),
            owner: FieldOwner::Element(part.nominal.clone()),
        };
        fixed.field(setting.name.clone(), found, &setting.value, &definition.ty, &setting.location);
    }
    fixed.found
}

struct Fixed<'a, 'db> {
    checker: &'a Checker<'db>,
    root: Local,
    parameters: u32,
    found: Vec<FixedField>,
}

impl Fixed<'_, '_> {
    /// A record is compared field by field: what is not written is not fixed.
    fn field(&mut self, path: SmolStr, found: Expr, expected: &Expr, ty: &Type, location: &Location) {
        let expanded = expand(self.checker.db, ty.required());
        if let (Expr::Record(fields), Type::Record(record)) = (expected, &expanded) {
            for (name, value) in fields {
                let Some(definition) = record.field(name) else { continue };
                let inner = Expr::Field {
                    base: Box::new(found.clone()),
                    name: name.clone(),
                    owner: FieldOwner::Record,
                };
                self.field(format!("{path}.{name}").into(), inner, value, &definition.ty, location);
            }
            return;
        }
        let solves = match expected {
            Expr::Local(local) if local.0 < self.parameters && local.0 < self.root.0 => Some(*local),
            _ => None,
        };
        let is_made = matches!(
            expected,
            Expr::List { .. }
                | Expr::Set(_)
                | Expr::Map(_)
                | Expr::Record(_)
                | Expr::ListComprehension { .. }
                | Expr::MapComprehension { .. }
        );
        let expected = if is_made {
            Expr::Convert { value: Box::new(expected.clone()), to: ty.clone() }
        } else {
            expected.clone()
        };
        let is_secret = matches!(expand(self.checker.db, ty.required()), Type::Secret(_));
        let semantics = if self.checker.is_nocase(ty) { Comparison::Nocase } else { Comparison::Natural };
        let condition = if is_secret {
            Expr::Is { value: Box::new(found.clone()), test: IsTest::Present, negated: false }
        } else {
            equal(found.clone(), expected.clone(), semantics)
        };
        let solves = solves.filter(|_| !is_secret);
        let location = location.clone();
        self.found.push(FixedField { path, location, solves, is_secret, found, expected, condition });
    }
}

fn equal(left: Expr, right: Expr, semantics: Comparison) -> Expr {
    Expr::Compare { op: CompareOp::Equal, left: Box::new(left), right: Box::new(right), semantics }
}

/// Puts the parts in an order in which each can be found from those before it: it refers to one of them, one of them
/// refers to it, or it is looked for everywhere.
pub(super) fn search_order(parts: &mut [BlueprintPart], root: Local) {
    parts.sort_by_key(|part| part.slot != root);
    let mut known: Vec<Local> = vec![root];
    let first = usize::from(parts.first().is_some_and(|part| part.slot == root));
    for position in first..parts.len() {
        let rest = &parts[position..];
        let found = rest
            .iter()
            .position(|part| referring(part, &known).is_some())
            .or_else(|| rest.iter().position(|part| referred(&parts[..position], part.slot).is_some()))
            .unwrap_or(0);
        // The others keep their order.
        parts[position..=position + found].rotate_right(1);
        let search =
            match (referring(&parts[position], &known), referred(&parts[..position], parts[position].slot)) {
                (Some(condition), _) => among(&parts[position], Some(condition)),
                (None, Some(value)) => PartSearch::Value(value),
                (None, None) => among(&parts[position], None),
            };
        parts[position].search = search;
        known.push(parts[position].slot);
    }
}

fn among(part: &BlueprintPart, filter: Option<Expr>) -> PartSearch {
    PartSearch::Among(Binder {
        local: part.slot,
        second: None,
        source: Expr::Population(part.nominal.clone()),
        by: None,
        filter,
    })
}

/// `.bucket == store`, where a field of the part is set to exactly a part that is known.
fn referring(part: &BlueprintPart, known: &[Local]) -> Option<Expr> {
    let to_known =
        |field: &&FixedField| matches!(field.expected, Expr::Local(local) if known.contains(&local));
    let conditions = part.fixed.iter().filter(to_known).map(|field| field.condition.clone());
    conditions.reduce(|left, right| Expr::And(Box::new(left), Box::new(right)))
}

/// The field of a known part that is set to exactly this one.
fn referred(known: &[BlueprintPart], slot: Local) -> Option<Expr> {
    let fields = known.iter().filter(|part| part.declaration.each.is_none()).flat_map(|part| &part.fixed);
    fields
        .filter(|field| matches!(field.expected, Expr::Local(local) if local == slot))
        .map(|field| field.found.clone())
        .next()
}

/// A field of a part: its slot, and the field's name.
type Node = (Local, SmolStr);

impl<'db> Checker<'db> {
    /// Fields of parts may read one another, but not in a ring.
    pub(super) fn check_part_rings(&mut self, blueprint: &Blueprint) {
        for target in blueprint.targets.iter().map(Some).chain([None]) {
            let parts: Vec<&BlueprintPart> =
                blueprint.parts_of(target.map(SmolStr::as_str)).map(|(_, part)| part).collect();
            let mut done: BTreeSet<Node> = BTreeSet::new();
            for part in &parts {
                for field in &part.declaration.fields {
                    let start = (part.slot, field.name.clone());
                    if let Some(ring) = ring(&parts, &start, &mut done) {
                        let places: Vec<String> = ring
                            .iter()
                            .map(|(slot, name)| {
                                let part = parts.iter().find(|part| part.slot == *slot);
                                let part = part.map_or("", |part| part.declaration.name.as_str());
                                format!("{part}.{name}")
                            })
                            .collect();
                        let place = self.place(node_of(&field.location));
                        self.report(messages::cycle(place, &places, Vec::new()));
                        return;
                    }
                }
            }
        }
    }
}

fn node_of(location: &Location) -> iom_syntax::ast::NodeId {
    debug_assert_eq!(*location, unplaced(iom_syntax::ast::NodeId(location.line)));
    iom_syntax::ast::NodeId(location.line)
}

/// The way from a field back to itself, depth first and without recursion.
fn ring(parts: &[&BlueprintPart], start: &Node, done: &mut BTreeSet<Node>) -> Option<Vec<Node>> {
    let mut way: Vec<(Node, Vec<Node>)> = vec![(start.clone(), reads(parts, start))];
    while let Some((node, next)) = way.last_mut() {
        let Some(read) = next.pop() else {
            let (node, _) = (node.clone(), way.pop());
            done.insert(node);
            continue;
        };
        if read == *start {
            let mut ring: Vec<Node> = way.iter().map(|(node, _)| node.clone()).collect();
            ring.push(read);
            return Some(ring);
        }
        if !done.contains(&read) && !way.iter().any(|(node, _)| *node == read) {
            let next = reads(parts, &read);
            way.push((read, next));
        }
    }
    None
}

/// The parts' fields that a field's value reads.
fn reads(parts: &[&BlueprintPart], (slot, name): &Node) -> Vec<Node> {
    let Some(part) = parts.iter().find(|part| part.slot == *slot) else { return Vec::new() };
    let Some(field) = part.declaration.fields.iter().find(|field| field.name == *name) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    field.value.walk(&mut |expr| {
        if let Expr::Field { base, name, .. } = expr
            && let Expr::Local(local) = **base
            && parts.iter().any(|part| part.slot == local)
        {
            found.push((local, name.clone()));
        }
    });
    found
}
