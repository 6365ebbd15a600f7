use smol_str::SmolStr;

use crate::value::ElementId;

/// Something about a source's value that is not as the kind says.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct FactRemark {
    pub element: ElementId,
    /// The field it was read for.
    pub field: SmolStr,
    pub kind: FactRemarkKind,
    pub message: String,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum FactRemarkKind {
    /// Nothing was said where the kind requires a value.
    NotReported,
    /// The value is of another type.
    Malformed,
    /// The value breaks a rule of its type; it is used as it is.
    OutOfBounds,
    /// Its computation was cut short.
    TooExpensive,
    /// Two things claim to be one part of something, or two binds disagree.
    Conflict,
}
