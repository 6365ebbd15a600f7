//! How types relate, and which fields they have.

mod fields;
mod lower;
mod relate;
mod unions;

pub(crate) use fields::{FieldLookup, element_fields, field_names, look_up_field};
pub(crate) use relate::{expand, fits, join, same_scalar_family};
pub(crate) use unions::{Tag, tag};
