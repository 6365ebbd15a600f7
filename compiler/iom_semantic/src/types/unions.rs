//! Unions of records that one literal field tells apart: `{ kind: "s3"  bucket: string } | { kind: "gcs"  location: string }`.

use std::sync::Arc;

use iom_model::{Alternative, EnumType, RecordType, Type};
use smol_str::SmolStr;

use super::expand;
use crate::db::Db;

/// The field that tells the branches of a union apart, and its value in each.
pub(crate) struct Tag {
    pub field: SmolStr,
    /// In the order of the alternatives.
    pub branches: Vec<Branch>,
}

pub(crate) struct Branch {
    pub value: SmolStr,
    /// As the union names it.
    pub ty: Type,
    pub record: Arc<RecordType>,
}

/// The common literal field of a union's alternatives; nothing where they are no records, or have none.
pub(crate) fn tag(db: &dyn Db, alternatives: &[Type]) -> Option<Tag> {
    let records: Vec<Arc<RecordType>> = alternatives
        .iter()
        .map(|alternative| match expand(db, alternative) {
            Type::Record(record) => Some(record),
            _ => None,
        })
        .collect::<Option<_>>()?;
    let first = records.first()?;
    first.fields.iter().find_map(|field| {
        let values: Vec<SmolStr> =
            records.iter().map(|record| literal(db, record, &field.name)).collect::<Option<_>>()?;
        let is_distinct =
            values.iter().enumerate().all(|(position, value)| !values[..position].contains(value));
        is_distinct.then(|| Tag {
            field: field.name.clone(),
            branches: values
                .into_iter()
                .zip(alternatives)
                .zip(&records)
                .map(|((value, ty), record)| Branch { value, ty: ty.clone(), record: record.clone() })
                .collect(),
        })
    })
}

/// The one value that a field can have.
fn literal(db: &dyn Db, record: &RecordType, name: &str) -> Option<SmolStr> {
    match expand(db, &record.field(name)?.ty) {
        Type::Enum(ty) => match ty.alternatives.as_slice() {
            [single] => Some(single.name.clone()),
            _ => None,
        },
        _ => None,
    }
}

impl Tag {
    pub fn branch(&self, value: &str) -> Option<&Branch> {
        self.branches.iter().find(|branch| branch.value == value)
    }

    pub fn values(&self) -> impl Iterator<Item = &str> {
        self.branches.iter().map(|branch| branch.value.as_str())
    }

    /// All values that the tag can have.
    pub fn ty(&self) -> Type {
        let alternatives =
            self.branches.iter().map(|branch| Alternative { name: branch.value.clone(), wire: None });
        Type::Enum(Arc::new(EnumType { name: None, alternatives: alternatives.collect(), is_ordered: false }))
    }

    /// The branches that have a field, by the value of their tag.
    pub fn with_field(&self, name: &str) -> Vec<&str> {
        let has = |branch: &&Branch| branch.record.field(name).is_some();
        self.branches.iter().filter(has).map(|branch| branch.value.as_str()).collect()
    }

    /// What is left of the union where the tag has one of these values.
    pub fn narrowed(&self, values: &[SmolStr]) -> Option<Type> {
        let mut left: Vec<Type> = self
            .branches
            .iter()
            .filter(|branch| values.contains(&branch.value))
            .map(|branch| branch.ty.clone())
            .collect();
        match left.len() {
            0 => None,
            1 => left.pop(),
            _ => Some(Type::Union(left.into())),
        }
    }
}
