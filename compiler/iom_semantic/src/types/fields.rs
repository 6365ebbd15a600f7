use iom_model::{FieldOwner, Nominal, Scalar, Type};
use smol_str::SmolStr;

use super::{expand, join, tag};
use crate::db::Db;
use crate::names::definition_of;
use crate::signatures::{FieldSignature, nominal_signature};

/// What reading a field of a type gives.
pub(crate) enum FieldLookup {
    Found {
        ty: Type,
        owner: FieldOwner,
    },
    /// `.source` of an element: what its source says, as it says it.
    SourceObject(Nominal),
    /// The type has fields, but not this one.
    Missing,
    /// The value may be absent.
    Optional,
    /// The type has no fields at all.
    NoFields,
    Error,
}

/// Parts of scalars that have parts.
const SCALAR_PARTS: &[(Scalar, &[(&str, bool)])] = &[
    // name, whether it may be absent
    (
        Scalar::Image,
        &[("registry", false), ("repository", false), ("tag", true), ("digest", true), ("written", false)],
    ),
    (
        Scalar::Arn,
        &[("partition", false), ("service", false), ("region", true), ("account", true), ("resource", false)],
    ),
];

pub(crate) fn element_fields<'db>(db: &'db dyn Db, nominal: &Nominal) -> &'db [FieldSignature] {
    definition_of(db, nominal.name()).map_or(&[], |item| &nominal_signature(db, item).fields)
}

pub(crate) fn look_up_field(db: &dyn Db, ty: &Type, name: &str) -> FieldLookup {
    match expand(db, ty) {
        Type::Error => FieldLookup::Error,
        Type::Json => FieldLookup::Found { ty: Type::Json, owner: FieldOwner::Json },
        Type::Optional(_) | Type::Absent => FieldLookup::Optional,
        Type::Record(record) => match record.field(name) {
            Some(field) => FieldLookup::Found { ty: field.ty.without_link(), owner: FieldOwner::Record },
            None => FieldLookup::Missing,
        },
        Type::Element(nominal) => element_field(db, nominal, name),
        Type::Group { key, item } => match name {
            "key" => FieldLookup::Found { ty: (*key).clone(), owner: FieldOwner::Group },
            "items" => FieldLookup::Found { ty: Type::List(item), owner: FieldOwner::Group },
            _ => FieldLookup::Missing,
        },
        Type::Scalar(scalar) => match SCALAR_PARTS.iter().find(|(owner, _)| *owner == scalar) {
            Some((_, parts)) => match parts.iter().find(|(part, _)| *part == name) {
                Some((_, is_optional)) => {
                    let ty = if *is_optional { Type::STRING.optional() } else { Type::STRING };
                    FieldLookup::Found { ty, owner: FieldOwner::Scalar }
                }
                None => FieldLookup::Missing,
            },
            None => FieldLookup::NoFields,
        },
        Type::Union(alternatives) => union_field(db, &alternatives, name),
        _ => FieldLookup::NoFields,
    }
}

fn element_field(db: &dyn Db, nominal: Nominal, name: &str) -> FieldLookup {
    let Some(item) = definition_of(db, nominal.name()) else { return FieldLookup::Error };
    match nominal_signature(db, item).field(name) {
        Some(field) => {
            FieldLookup::Found { ty: field.ty.without_link(), owner: FieldOwner::Element(nominal) }
        }
        // Every element can be asked for what its source said.
        None if name == "source" => FieldLookup::SourceObject(nominal),
        None => FieldLookup::Missing,
    }
}

/// The field that tells the alternatives apart, or one that every alternative has.
fn union_field(db: &dyn Db, alternatives: &[Type], name: &str) -> FieldLookup {
    if let Some(tag) = tag(db, alternatives)
        && tag.field == name
    {
        return FieldLookup::Found { ty: tag.ty(), owner: FieldOwner::Record };
    }
    let mut found: Option<(Type, FieldOwner)> = None;
    for alternative in alternatives {
        match look_up_field(db, alternative, name) {
            FieldLookup::Found { ty, owner } => {
                let joined = match &found {
                    None => Some(ty),
                    Some((other, _)) => join(db, other, &ty),
                };
                let Some(joined) = joined else { return FieldLookup::Missing };
                found = Some((joined, owner));
            }
            _ => return FieldLookup::Missing,
        }
    }
    found.map_or(FieldLookup::NoFields, |(ty, owner)| FieldLookup::Found { ty, owner })
}

/// The fields one could have meant, for suggestions.
pub(crate) fn field_names(db: &dyn Db, ty: &Type) -> Vec<SmolStr> {
    match expand(db, ty) {
        Type::Optional(inner) => field_names(db, &inner),
        Type::Record(record) => record.fields.iter().map(|field| field.name.clone()).collect(),
        Type::Element(nominal) => {
            element_fields(db, &nominal).iter().map(|field| field.name.clone()).collect()
        }
        Type::Group { .. } => vec!["key".into(), "items".into()],
        Type::Scalar(scalar) => SCALAR_PARTS
            .iter()
            .filter(|(owner, _)| *owner == scalar)
            .flat_map(|(_, parts)| parts.iter().map(|(name, _)| SmolStr::new(name)))
            .collect(),
        Type::Union(alternatives) => {
            let mut names: Vec<SmolStr> = Vec::new();
            for name in alternatives.iter().flat_map(|alternative| field_names(db, alternative)) {
                if !names.contains(&name) {
                    names.push(name);
                }
            }
            names
        }
        _ => Vec::new(),
    }
}
