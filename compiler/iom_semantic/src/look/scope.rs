//! What could be named at a place: fields of a value, resources that a reference may lead to.

use iom_model::{Nominal, Type};
use smol_str::SmolStr;

use super::Offered;
use crate::db::Db;
use crate::input::SourceFile;
use crate::items::items;
use crate::names::{definition_of, file_module, qualify};
use crate::signatures::{nominal_signature, resource_kind};
use crate::types::{FieldLookup, expand, field_names, fits, look_up_field};

/// The fields that can be read from a value of a type, also from one that may be absent.
pub fn members_of(db: &dyn Db, ty: &Type) -> Vec<Offered> {
    let mut ty = expand(db, ty);
    if let Type::Optional(inner) = &ty {
        ty = expand(db, inner);
    }
    let named = field_names(db, &ty).into_iter();
    let fields = named.filter_map(|name| match look_up_field(db, &ty, &name) {
        FieldLookup::Found { ty, .. } => Some(Offered { name, ty, is_required: false }),
        _ => None,
    });
    fields.collect()
}

/// The type that a name stands for, without `?` and `secret`.
pub fn plain_type(db: &dyn Db, ty: &Type) -> Type {
    /// Types of types: deeper ones are nobody's.
    const MOST_STEPS: usize = 16;
    let mut current = expand(db, ty);
    for _ in 0..MOST_STEPS {
        current = match current {
            Type::Optional(inner) | Type::Secret(inner) | Type::Refined(inner, _) => expand(db, &inner),
            other => return other,
        };
    }
    current
}

/// Whether a value of a type may stand where another is expected.
pub fn is_fitting(db: &dyn Db, ty: &Type, expected: &Type) -> bool {
    fits(db, ty, expected)
}

/// The resources that a file declares, with their kinds.
#[salsa::tracked]
fn resources_of_file(db: &dyn Db, file: SourceFile) -> Vec<(SmolStr, Nominal)> {
    let resources = items(db, file).iter().filter(|item| item.keyword(db) == "resource");
    let kinds = resources.filter_map(|item| {
        let kind = resource_kind(db, *item).clone()?;
        Some((item.name(db).clone(), kind))
    });
    kinds.collect()
}

/// The declared resources that a reference to a nominal may lead to, by qualified name, with whether there are more of them.
/// Resources of the module come first.
pub fn fitting_resources(
    db: &dyn Db,
    wanted: &Nominal,
    module: &str,
    is_meant: &dyn Fn(&str) -> bool,
    most: usize,
) -> (Vec<(SmolStr, Nominal)>, bool) {
    let mut known: Vec<(Nominal, bool)> = Vec::new();
    let mut is_one = |kind: &Nominal| match known.iter().find(|(one, _)| one == kind) {
        Some((_, is_one)) => *is_one,
        None => {
            let found = kind == wanted || has_trait(db, kind, wanted.name());
            known.push((kind.clone(), found));
            found
        }
    };
    let mut found = Vec::new();
    let own = |file: &&SourceFile| file_module(db, **file) == module;
    let files = db.workspace().files(db);
    let ordered = files.iter().filter(own).chain(files.iter().filter(|file| !own(file)));
    for file in ordered {
        for (name, kind) in resources_of_file(db, *file) {
            if is_meant(name) && is_one(kind) {
                if found.len() == most {
                    return (found, true);
                }
                found.push((qualify(file_module(db, *file), name), kind.clone()));
            }
        }
    }
    (found, false)
}

fn has_trait(db: &dyn Db, nominal: &Nominal, name: &str) -> bool {
    definition_of(db, nominal.name())
        .is_some_and(|item| nominal_signature(db, item).traits.iter().any(|own| own == name))
}
