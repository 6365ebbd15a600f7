use std::sync::Arc;

use iom_model::{Nominal, Scalar, Type};

use crate::db::Db;
use crate::names::definition_of;
use crate::signatures::{declared_type, nominal_signature};

/// The type behind a name, refinements at the outside taken off.
pub(crate) fn expand(db: &dyn Db, ty: &Type) -> Type {
    let mut current = ty.clone();
    // A chain of names ends after a few steps or is a ring, which is reported where it is declared.
    for _ in 0..16 {
        current = match &current {
            Type::Named(name) => match definition_of(db, name) {
                Some(item) => declared_type(db, item).clone(),
                None => Type::Error,
            },
            Type::Refined(inner, _) => (**inner).clone(),
            _ => return current,
        };
    }
    Type::Error
}

/// Whether a kind or trait is, or implements, another.
pub(crate) fn implements(db: &dyn Db, nominal: &Nominal, wanted: &Nominal) -> bool {
    if nominal == wanted {
        return true;
    }
    let Nominal::Trait(wanted) = wanted else { return false };
    definition_of(db, nominal.name()).is_some_and(|item| nominal_signature(db, item).traits.contains(wanted))
}

/// Whether a value of one type may stand where another is expected.
pub(crate) fn fits(db: &dyn Db, from: &Type, to: &Type) -> bool {
    if from == to {
        return true;
    }
    match (from, to) {
        (Type::Error, _) | (_, Type::Error) => true,
        // Values of another system are checked when they are read.
        (Type::Json, Type::Secret(_)) => false,
        (Type::Json, _) | (_, Type::Json) => true,
        (Type::Absent, Type::Optional(_)) => true,
        (Type::Refined(inner, _), _) => fits(db, inner, to),
        (_, Type::Refined(inner, _)) => fits(db, from, inner),
        (Type::Optional(from), Type::Optional(to)) => fits(db, from, to),
        (_, Type::Optional(to)) => fits(db, from, to),
        (Type::Named(_), _) => fits(db, &expand(db, from), to),
        (_, Type::Named(_)) => fits(db, from, &expand(db, to)),
        (Type::Secret(from), Type::Secret(to)) => fits(db, from, to),
        (_, Type::Secret(to)) => fits(db, from, to),
        (Type::Scalar(from), Type::Scalar(to)) => scalar_fits(*from, *to),
        (Type::Enum(_), Type::Scalar(Scalar::String | Scalar::StringNocase)) => true,
        (Type::Enum(from), Type::Enum(to)) => from.alternatives.iter().all(|one| to.has(&one.name)),
        (Type::List(from) | Type::Set(from), Type::List(to) | Type::Set(to)) => fits(db, from, to),
        (Type::Map(from_key, from), Type::Map(to_key, to)) => {
            fits(db, from_key, to_key) && fits(db, from, to)
        }
        (Type::Union(from), _) => from.iter().all(|one| fits(db, one, to)),
        (_, Type::Union(to)) => to.iter().any(|one| fits(db, from, one)),
        (Type::Element(from), Type::Element(to)) => implements(db, from, to),
        (Type::Record(from), Type::Record(to)) => {
            to.fields.iter().all(|field| match from.field(&field.name) {
                Some(found) => fits(db, &found.ty, &field.ty),
                None => field.default.is_some() || field.derive.is_some() || field.ty.is_optional(),
            })
        }
        (Type::Group { key: a, item: b }, Type::Group { key: c, item: d }) => {
            fits(db, a, c) && fits(db, b, d)
        }
        _ => false,
    }
}

fn scalar_fits(from: Scalar, to: Scalar) -> bool {
    use Scalar as S;
    match (from, to) {
        (S::Int, S::Decimal | S::Port) | (S::Port, S::Int | S::Ports | S::Decimal) | (S::Int, S::Ports) => {
            true
        }
        (S::Ip, S::Cidr) => true,
        (S::Date, S::Time) | (S::Time, S::Date) => true,
        (a, b) => is_text(a) && is_text(b),
    }
}

/// Plain text and its flavours go into one another.
fn is_text(scalar: Scalar) -> bool {
    matches!(
        scalar,
        Scalar::String | Scalar::StringNocase | Scalar::Glob | Scalar::GlobNocase | Scalar::Url | Scalar::Arn
    )
}

/// Whether two scalars can be compared for equality or order.
pub(crate) fn same_scalar_family(a: Scalar, b: Scalar) -> bool {
    a == b || scalar_fits(a, b) || scalar_fits(b, a)
}

/// The smallest type that holds both.
pub(crate) fn join(db: &dyn Db, a: &Type, b: &Type) -> Option<Type> {
    match (a, b) {
        (Type::Error, _) | (_, Type::Error) => return Some(Type::Error),
        (Type::Json, _) | (_, Type::Json) => return Some(Type::Json),
        (Type::Absent, other) | (other, Type::Absent) => return Some(other.clone().optional()),
        (Type::Optional(a), b) | (b, Type::Optional(a)) => {
            return join(db, a, b.required()).map(Type::optional);
        }
        (Type::List(a), Type::List(b)) => return join(db, a, b).map(|item| Type::List(Arc::new(item))),
        (Type::Set(a), Type::Set(b)) => return join(db, a, b).map(|item| Type::Set(Arc::new(item))),
        _ => {}
    }
    if fits(db, a, b) {
        return Some(b.clone());
    }
    if fits(db, b, a) {
        return Some(a.clone());
    }
    match (a, b) {
        (Type::Element(a), Type::Element(b)) => common_trait(db, a, b).map(Type::Element),
        _ => None,
    }
}

/// The most specific trait of two kinds: the first, by name, that implies the most others.
fn common_trait(db: &dyn Db, a: &Nominal, b: &Nominal) -> Option<Nominal> {
    let traits_of = |nominal: &Nominal| -> Vec<_> {
        let mut all = definition_of(db, nominal.name())
            .map(|item| nominal_signature(db, item).traits.clone())
            .unwrap_or_default();
        if let Nominal::Trait(name) = nominal {
            all.push(name.clone());
        }
        all
    };
    let theirs = traits_of(b);
    let mut common: Vec<_> = traits_of(a).into_iter().filter(|name| theirs.contains(name)).collect();
    common.sort_by_key(|name| {
        let implied = definition_of(db, name).map_or(0, |item| nominal_signature(db, item).traits.len());
        (std::cmp::Reverse(implied), name.clone())
    });
    common.into_iter().next().map(Nominal::Trait)
}
