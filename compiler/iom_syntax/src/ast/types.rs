use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::{Clause, Expr, Name, NodeId, Path, TypeField};

#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct TypeExpr {
    pub id: NodeId,
    pub kind: TypeKind,
}

/// Parentheses leave no trace here.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum TypeKind {
    Missing,
    /// A named type, a kind, a trait, or (inside a union) the name of an alternative.
    Path(Path),
    /// `"x"`: an alternative that has only a wire spelling.
    Text(SmolStr),
    Generic {
        head: GenericHead,
        arguments: Box<[TypeExpr]>,
    },
    Optional(Box<TypeExpr>),
    Prefixed {
        prefix: TypePrefix,
        inner: Box<TypeExpr>,
    },
    Record(Vec<RecordMember>),
    Union(Vec<TypeExpr>),
    /// `a "A" < b < c`
    Ordered(Vec<OrderedAlternative>),
    Refined {
        base: Box<TypeExpr>,
        refinements: Box<[Refinement]>,
    },
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum GenericHead {
    List,
    Set,
    Map,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum TypePrefix {
    Ref,
    Link,
    Secret,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum RecordMember {
    Field(Box<TypeField>),
    /// Its kind is [`ClauseKind::Derive`](super::ClauseKind::Derive).
    Derive(Box<Clause>),
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct OrderedAlternative {
    pub name: Name,
    pub wire: Option<SmolStr>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Refinement {
    pub id: NodeId,
    pub kind: RefinementKind,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum RefinementKind {
    /// `aes256 "AES256"`: the alternative's spelling in sources.
    Wire(SmolStr),
    /// `in 1..65535`: a `Binary` of `Range`, or a single value
    In(Expr),
    /// `matching r".."`
    Matching(SmolStr),
    /// `size 1..5`
    Size(Expr),
    Nocase,
    Where(Expr),
}
