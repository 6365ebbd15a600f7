//! What a blueprint tells others: parameters, parts and what they are; no values. An edit inside a part's field stops here.

use std::collections::BTreeMap;
use std::sync::Arc;

use iom_model::{Nominal, QualifiedName, Type};
use iom_syntax::ast::{self, ClauseKind, DeclarationKind, ExprKind, FieldValueHead, Member, NodeId};
use smol_str::SmolStr;

pub(crate) use crate::check::call_in;
use crate::db::Db;
use crate::infer::Checker;
use crate::items::{Item, declaration};
use crate::look::CallParameter;
use crate::names::{Target, definition_of, file_scope, resolve};
use crate::signatures::resolve_item;

/// The argument that chooses the `build` block.
pub(crate) const TARGET: &str = "target";

#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct BlueprintSignature {
    pub parameters: Vec<BlueprintParameter>,
    /// The names of its `build` blocks, in source order.
    pub targets: Vec<SmolStr>,
    pub parts: Vec<PartSignature>,
    /// How many slots the parts' names take; the first is the root's.
    pub slots: u32,
    /// What its `judges` blocks range over.
    pub judges: Vec<Nominal>,
    /// Labels of its clauses, in source order.
    pub labels: Vec<SmolStr>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct BlueprintParameter {
    pub name: SmolStr,
    pub ty: Type,
    pub has_default: bool,
    pub node: NodeId,
}

impl BlueprintParameter {
    pub(crate) fn as_called(&self) -> CallParameter {
        CallParameter { name: self.name.clone(), ty: self.ty.clone(), has_default: self.has_default }
    }
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct PartSignature {
    pub name: SmolStr,
    pub node: NodeId,
    pub slot: u32,
    /// The `build` block it stands in.
    pub target: Option<SmolStr>,
    /// A kind, or a trait for a part that is only judged; nothing where the name was wrong.
    pub nominal: Option<Nominal>,
    /// What it is built by, where that is a blueprint in turn.
    pub instance: Option<InstanceOf>,
    /// Made by `for`.
    pub is_many: bool,
    /// Parameters that one of its fields is set to exactly, by position.
    pub solves: Vec<u32>,
}

/// The blueprint that something is made from.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct InstanceOf {
    pub blueprint: QualifiedName,
    pub target: Option<SmolStr>,
}

impl BlueprintSignature {
    /// The `build` block that is built where nothing is said: the first.
    pub fn target<'s>(&'s self, chosen: Option<&'s str>) -> Option<&'s str> {
        chosen.or_else(|| self.targets.first().map(SmolStr::as_str))
    }

    /// The parts that a target builds: a target's own part takes the place of one outside that has its name.
    pub fn parts_of<'s>(&'s self, target: Option<&'s str>) -> impl Iterator<Item = &'s PartSignature> {
        let is_of_target = move |part: &PartSignature| target.is_some() && part.target.as_deref() == target;
        self.parts.iter().filter(move |part| match &part.target {
            None => !self.parts.iter().any(|other| other.slot == part.slot && is_of_target(other)),
            Some(_) => is_of_target(part),
        })
    }

    /// The root of a target.
    pub fn root_of(&self, target: Option<&str>) -> Option<&PartSignature> {
        self.parts
            .iter()
            .filter(|part| part.slot == 0 && part.target.is_some())
            .find(|part| part.target.as_deref() == target)
            .or_else(|| self.parts.iter().find(|part| part.slot == 0 && part.target.is_none()))
    }

    pub fn part(&self, name: &str, target: Option<&str>) -> Option<&PartSignature> {
        self.parts
            .iter()
            .filter(|part| part.name == name)
            .find(|part| part.target.as_deref() == target || part.target.is_none())
    }

    /// What something must be to be judged by it: the roots that stand outside `build` blocks, else those inside, and what
    /// `judges` blocks range over.
    pub fn subjects(&self) -> Vec<&Nominal> {
        let roots = || self.parts.iter().filter(|part| part.slot == 0);
        let has_common = roots().any(|part| part.target.is_none());
        let roots = roots().filter(|part| part.target.is_none() || !has_common);
        let mut found: Vec<&Nominal> = roots.filter_map(|part| part.nominal.as_ref()).collect();
        found.extend(&self.judges);
        found
    }

    /// Parameters that `conforms` cannot find out: no field of a part is set to exactly them, whatever is judged.
    pub fn unsolved(&self) -> impl Iterator<Item = &BlueprintParameter> {
        let is_solved = |position: u32| {
            let groups: Vec<Option<&SmolStr>> = if self.parts.iter().any(|part| part.target.is_none()) {
                vec![None]
            } else {
                self.targets.iter().map(Some).collect()
            };
            // What only `judges` blocks read is in no part.
            !groups.is_empty()
                && self.judges.is_empty()
                && groups.iter().all(|target| {
                    let parts = self.parts.iter().filter(|part| part.target.as_ref() == *target);
                    parts.flat_map(|part| &part.solves).any(|solved| *solved == position)
                })
        };
        self.parameters
            .iter()
            .enumerate()
            .filter(move |(position, parameter)| !parameter.has_default && !is_solved(*position as u32))
            .map(|(_, parameter)| parameter)
    }
}

#[salsa::tracked(cycle_result = signature_cycle)]
pub fn blueprint_signature<'db>(db: &'db dyn Db, item: Item<'db>) -> Option<Arc<BlueprintSignature>> {
    let declaration = declaration(db, item);
    let DeclarationKind::Blueprint { parameters, body, .. } = &declaration.kind else { return None };
    let mut checker = Checker::new(db, item);
    let mut signature = BlueprintSignature {
        parameters: parameters
            .iter()
            .map(|parameter| BlueprintParameter {
                name: parameter.name.text.clone(),
                ty: checker.lower_type(&parameter.ty),
                has_default: parameter.default.is_some(),
                node: parameter.name.id,
            })
            .collect(),
        ..BlueprintSignature::default()
    };
    let mut gathered = Gathered { db, item, signature: &mut signature, slots: BTreeMap::new() };
    gathered.parts(&body.members, None);
    for member in &body.members {
        if let Some(ClauseKind::Build { target, body }) = member.clause_kind() {
            if !gathered.signature.targets.contains(&target.text) {
                gathered.signature.targets.push(target.text.clone());
            }
            gathered.parts(&body.members, Some(&target.text));
        }
    }
    for member in &body.members {
        let Member::Clause(clause) = member else { continue };
        if let ClauseKind::Judges { binder, .. } = &clause.kind
            && let Some(nominal) = nominal_at(db, item, &binder.kind)
        {
            signature.judges.push(nominal);
        }
    }
    labels(&body.members, &mut signature.labels);
    Some(Arc::new(signature))
}

fn signature_cycle<'db>(_: &'db dyn Db, _: salsa::Id, _: Item<'db>) -> Option<Arc<BlueprintSignature>> {
    None
}

struct Gathered<'a, 'db> {
    db: &'db dyn Db,
    item: Item<'db>,
    signature: &'a mut BlueprintSignature,
    /// Slots of names that are no root.
    slots: BTreeMap<SmolStr, u32>,
}

impl Gathered<'_, '_> {
    fn parts(&mut self, members: &[Member], target: Option<&SmolStr>) {
        for resource in resources(members) {
            let name = &resource.name.text;
            let has_root = self.signature.root_of(target.map(SmolStr::as_str)).is_some();
            let common = |part: &&PartSignature| part.target.is_none() && part.name == *name;
            let slot = if !has_root {
                0
            } else if let Some(part) = self.signature.parts.iter().find(common) {
                part.slot
            } else {
                let next = self.signature.slots.max(1);
                *self.slots.entry(name.clone()).or_insert(next)
            };
            self.signature.slots = self.signature.slots.max(slot + 1);
            let part = self.part(resource, slot, target);
            self.signature.parts.push(part);
        }
    }

    fn part(&self, resource: &ast::Resource, slot: u32, target: Option<&SmolStr>) -> PartSignature {
        let instance = match &resource.value {
            ast::ResourceValue::Expr(expr) => instance_in(self.db, self.item, expr),
            ast::ResourceValue::Body(_) => None,
        };
        let nominal = match (&resource.kind, &instance) {
            (Some(path), _) => nominal_at(self.db, self.item, path),
            (None, Some(instance)) => root_nominal(self.db, instance),
            (None, None) => None,
        };
        let mut solves = Vec::new();
        if let ast::ResourceValue::Body(body) = &resource.value {
            let hidden: Vec<&SmolStr> = resource
                .each
                .iter()
                .flat_map(|each| std::iter::once(&each.name).chain(&each.second))
                .map(|name| &name.text)
                .collect();
            let fields = body.members.iter().filter_map(|member| match member {
                Member::Field(field) => Some(field),
                _ => None,
            });
            fields.for_each(|field| self.solved(field, &hidden, &mut solves));
        }
        PartSignature {
            name: resource.name.text.clone(),
            node: resource.name.id,
            slot,
            target: target.cloned(),
            nominal,
            instance,
            is_many: resource.each.is_some(),
            solves,
        }
    }

    fn solved(&self, field: &ast::Field, hidden: &[&SmolStr], found: &mut Vec<u32>) {
        let FieldValueHead::Expr(expr) = &field.value.head else { return };
        match &expr.kind {
            ExprKind::Name(name) if !hidden.contains(&name) => {
                let position = self.signature.parameters.iter().position(|one| one.name == *name);
                found.extend(position.map(|position| position as u32));
            }
            ExprKind::Record(fields) => fields.iter().for_each(|field| self.solved(field, hidden, found)),
            _ => {}
        }
    }
}

/// The resources among the members of a body.
pub(crate) fn resources(members: &[Member]) -> impl Iterator<Item = &ast::Resource> {
    members.iter().filter_map(|member| match member {
        Member::Declaration(inner) => match &inner.kind {
            DeclarationKind::Resource(resource) => Some(resource),
            _ => None,
        },
        _ => None,
    })
}

fn labels(members: &[Member], found: &mut Vec<SmolStr>) {
    for member in members {
        let Member::Clause(clause) = member else { continue };
        match &clause.kind {
            ClauseKind::For { body, .. } | ClauseKind::Judges { body, .. } => labels(&body.members, found),
            ClauseKind::Require(require) => {
                found.extend(require.label.iter().map(|label| label.text.clone()))
            }
            _ => {}
        }
    }
}

fn nominal_at<'db>(db: &'db dyn Db, item: Item<'db>, path: &ast::Path) -> Option<Nominal> {
    let found = resolve_item(db, item, path)?;
    match found.keyword(db) {
        "kind" => Some(Nominal::Kind(found.qualified_name(db))),
        "trait" => Some(Nominal::Trait(found.qualified_name(db))),
        _ => None,
    }
}

/// The blueprint that a call in an item names, and the `build` block it chooses; `with` around it changes neither.
pub(crate) fn instance_in<'db>(db: &'db dyn Db, item: Item<'db>, expr: &ast::Expr) -> Option<InstanceOf> {
    let (callee, arguments) = call_in(expr)?;
    let path = dotted(callee)?;
    let found = resolve(db, file_scope(db, item.file(db)), &path)?;
    let Target::Item(target) = found.target else { return None };
    if found.used != path.len() || target.keyword(db) != "blueprint" {
        return None;
    }
    let chosen = arguments.iter().find(|one| one.name.as_ref().is_some_and(|name| name.text == TARGET));
    let chosen = chosen.and_then(|argument| match &argument.value.kind {
        ExprKind::Name(word) => Some(word.clone()),
        _ => None,
    });
    Some(InstanceOf { blueprint: found.qualified, target: chosen })
}

/// The names of the path that an expression is.
pub(crate) fn dotted(expr: &ast::Expr) -> Option<Vec<SmolStr>> {
    Some(expr.path()?.segments.into_iter().map(|segment| segment.text).collect())
}

/// What an instance's root is.
pub(crate) fn root_nominal(db: &dyn Db, instance: &InstanceOf) -> Option<Nominal> {
    let signature = signature_named(db, &instance.blueprint)?;
    let target = signature.target(instance.target.as_deref());
    signature.root_of(target)?.nominal.clone()
}

pub(crate) fn signature_named<'db>(db: &'db dyn Db, blueprint: &str) -> Option<&'db Arc<BlueprintSignature>> {
    blueprint_signature(db, definition_of(db, blueprint)?).as_ref()
}

/// The blueprint that a declared resource is an instance of.
#[salsa::tracked]
pub fn instance_of<'db>(db: &'db dyn Db, item: Item<'db>) -> Option<InstanceOf> {
    let declaration = declaration(db, item);
    let DeclarationKind::Resource(resource) = &declaration.kind else { return None };
    let ast::ResourceValue::Expr(expr) = &resource.value else { return None };
    instance_in(db, item, expr)
}
