//! Where the parts of types stand: fields of records and alternatives of enums, also of those without a name.

use iom_model::{EnumType, Type};
use iom_syntax::ast::{
    ClauseKind, Declaration, DeclarationKind, Member, NodeId, Parameter, RecordMember, TypeExpr, TypeKind,
};

use crate::db::Db;
use crate::infer::Checker;
use crate::items::{Item, Place, declaration, find_item};
use crate::names::{definition_of, file_by_id};
use crate::types::expand;

/// Types of types of types: deeper ones are nobody's.
const MOST_STEPS: usize = 32;

impl<'db> Checker<'db> {
    /// Remembers which field a value without a type's name came from.
    pub(crate) fn note_origin(&self, ty: &Type, place: Option<Place>) {
        let Some(place) = place else { return };
        if let Some(inner) = self.nameless(ty) {
            self.note(|look| look.origins.push((inner, place)));
        }
    }

    /// The record or the enum inside a type, if it has no name.
    fn nameless(&self, ty: &Type) -> Option<Type> {
        let mut current = ty.clone();
        for _ in 0..MOST_STEPS {
            current = match current {
                Type::Optional(inner)
                | Type::Secret(inner)
                | Type::Refined(inner, _)
                | Type::List(inner)
                | Type::Set(inner)
                | Type::Map(_, inner) => (*inner).clone(),
                Type::Record(_) | Type::Union(_) => return Some(current),
                Type::Enum(ref one) if one.name.is_none() => return Some(current),
                _ => return None,
            };
        }
        None
    }

    fn origin(&self, is_it: impl Fn(&Type) -> bool) -> Option<Place> {
        let mut found = None;
        self.note(|look| {
            found = look.origins.iter().rev().find(|(ty, _)| is_it(ty)).map(|(_, place)| place.clone());
        });
        found
    }

    /// Where a field is declared, of a type with or without a name.
    pub(crate) fn place_of_any_field(&self, owner: &Type, field: &str) -> Option<Place> {
        if let Some(place) = self.place_of_field(owner, field) {
            return Some(place);
        }
        let record = expand(self.db, owner.required());
        let written = match self.origin(|ty| self.holds(ty, &record)) {
            Some(origin) => origin,
            None => self.type_place(owner)?,
        };
        self.inside_type(&written, |ty| field_of(ty, field, MOST_STEPS))
    }

    /// Whether a type is another one, or a union that has it as a branch.
    fn holds(&self, ty: &Type, wanted: &Type) -> bool {
        ty == wanted || matches!(ty, Type::Union(branches) if branches.iter().any(|one| one == wanted))
    }

    /// Where an alternative of an enum is declared.
    pub(crate) fn place_of_alternative(&self, ty: &EnumType, name: &str) -> Option<Place> {
        let written = match &ty.name {
            Some(declared) => self.item_place(definition_of(self.db, declared)?),
            None => self.origin(|other| match other {
                Type::Enum(one) => **one == *ty,
                _ => false,
            })?,
        };
        self.inside_type(&written, |ty| alternative_of(ty, name, MOST_STEPS))
    }

    /// Looks into the type of the field, parameter or declaration that has its name at a place.
    fn inside_type(&self, place: &Place, find: impl Fn(&TypeExpr) -> Option<NodeId>) -> Option<Place> {
        let file = file_by_id(self.db, place.file)?;
        let item = find_item(self.db, file, place.keyword, &place.name, place.duplicate)?;
        let node = find(type_at(declaration(self.db, item), place.node)?)?;
        Some(item.place(self.db, node))
    }
}

/// Where a declared type has a field.
pub fn place_of_field<'db>(db: &'db dyn Db, item: Item<'db>, field: &str) -> Option<Place> {
    let DeclarationKind::Type { value, .. } = &declaration(db, item).kind else { return None };
    Some(item.place(db, field_of(value, field, MOST_STEPS)?))
}

/// The type that belongs to the name at a node.
pub fn type_at(declaration: &Declaration, node: NodeId) -> Option<&TypeExpr> {
    use DeclarationKind as D;
    let of_parameters = |parameters: &'_ [Parameter]| parameters.iter().position(|one| one.name.id == node);
    match &declaration.kind {
        D::Type { name, value } if name.id == node => Some(value),
        D::Type { value, .. } => type_in(value, node, MOST_STEPS),
        D::Const { name, ty, .. } if name.id == node => ty.as_ref(),
        D::Data { name, ty, .. } if name.id == node => Some(ty),
        D::Kind(nominal) | D::Trait(nominal) => type_in_members(&nominal.body.members, node),
        D::Function { parameters, .. } | D::Blueprint { parameters, .. } => {
            parameters.get(of_parameters(parameters)?).map(|one| &one.ty)
        }
        D::Policy { parameters: Some(parameters), .. } => {
            parameters.get(of_parameters(parameters)?).map(|one| &one.ty)
        }
        _ => None,
    }
}

fn type_in_members(members: &[Member], node: NodeId) -> Option<&TypeExpr> {
    members.iter().find_map(|member| match member {
        Member::TypeField(field) if field.name.id == node => Some(&field.ty),
        Member::TypeField(field) => type_in(&field.ty, node, MOST_STEPS),
        Member::Clause(clause) => match &clause.kind {
            ClauseKind::Derive { name, ty, .. } if name.id == node => Some(ty),
            _ => None,
        },
        _ => None,
    })
}

/// The types right inside a type.
fn inner(ty: &TypeExpr) -> Vec<&TypeExpr> {
    match &ty.kind {
        TypeKind::Generic { arguments, .. } => arguments.iter().collect(),
        TypeKind::Optional(inner) | TypeKind::Prefixed { inner, .. } => vec![inner],
        TypeKind::Refined { base, .. } => vec![base],
        TypeKind::Union(alternatives) => alternatives.iter().collect(),
        _ => Vec::new(),
    }
}

fn type_in(ty: &TypeExpr, node: NodeId, steps: usize) -> Option<&TypeExpr> {
    let steps = steps.checked_sub(1)?;
    if let TypeKind::Record(members) = &ty.kind {
        return members.iter().find_map(|member| match member {
            RecordMember::Field(field) if field.name.id == node => Some(&field.ty),
            RecordMember::Field(field) => type_in(&field.ty, node, steps),
            RecordMember::Derive(_) => None,
        });
    }
    inner(ty).into_iter().find_map(|one| type_in(one, node, steps))
}

/// The name of a field of a record type.
fn field_of(ty: &TypeExpr, field: &str, steps: usize) -> Option<NodeId> {
    let steps = steps.checked_sub(1)?;
    if let TypeKind::Record(members) = &ty.kind {
        return members.iter().find_map(|member| match member {
            RecordMember::Field(one) => (one.name.text == field).then_some(one.name.id),
            RecordMember::Derive(clause) => match &clause.kind {
                ClauseKind::Derive { name, .. } => (name.text == field).then_some(name.id),
                _ => None,
            },
        });
    }
    inner(ty).into_iter().find_map(|one| field_of(one, field, steps))
}

/// The name of an alternative of an enum.
fn alternative_of(ty: &TypeExpr, name: &str, steps: usize) -> Option<NodeId> {
    let steps = steps.checked_sub(1)?;
    match &ty.kind {
        TypeKind::Path(path) => match &*path.segments {
            [single] if single.text == name => Some(single.id),
            _ => None,
        },
        TypeKind::Text(text) => (text == name).then_some(ty.id),
        TypeKind::Ordered(alternatives) => {
            alternatives.iter().find(|one| one.name.text == name).map(|one| one.name.id)
        }
        _ => inner(ty).into_iter().find_map(|one| alternative_of(one, name, steps)),
    }
}
