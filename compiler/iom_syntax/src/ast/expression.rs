use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::{Field, InBinder, Name, NodeId, Path, TypeExpr};

#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Expr {
    pub id: NodeId,
    pub kind: ExprKind,
}

/// Parentheses leave no trace here.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum ExprKind {
    Missing,
    Literal(Literal),
    /// `"..{expr}.."`: never empty of parts unless it is `""`.
    String(Vec<StringPart>),
    /// A bare name.
    Name(SmolStr),
    /// `.x`
    DotField(Name),
    /// `^`
    Outer,
    /// `$account`
    Context(Name),
    /// `{}` or fields; a map where a map is expected.
    Record(Vec<Field>),
    Set(Vec<Expr>),
    List(Vec<Expr>),
    ListComprehension {
        binders: Vec<InBinder>,
        value: Box<Expr>,
    },
    MapComprehension {
        binders: Vec<InBinder>,
        key: Box<Expr>,
        value: Box<Expr>,
    },
    Quantifier {
        quantifier: Quantifier,
        binder: Box<InBinder>,
        body: Box<Expr>,
    },
    If {
        condition: Box<Expr>,
        then: Box<Expr>,
        otherwise: Box<Expr>,
    },
    Let {
        name: Box<Name>,
        value: Box<Expr>,
        body: Box<Expr>,
    },
    Match {
        scrutinee: Box<Expr>,
        arms: Vec<Arm>,
    },
    Unary {
        op: UnaryOp,
        operand: Box<Expr>,
    },
    /// The operator's own place is `op_id`.
    Binary {
        op: BinaryOp,
        op_id: NodeId,
        left: Box<Expr>,
        right: Box<Expr>,
    },
    /// `x is [not] present`, `x is org.Agent`
    Is {
        value: Box<Expr>,
        negated: bool,
        test: Box<Path>,
    },
    /// `base.name`, or `base?.name`
    Field {
        base: Box<Expr>,
        name: Box<Name>,
        optional: bool,
    },
    /// `base[index]`, or `base?[index]`
    Index {
        base: Box<Expr>,
        index: Box<Expr>,
        optional: bool,
    },
    Call {
        callee: Box<Expr>,
        arguments: Vec<Argument>,
    },
    With {
        base: Box<Expr>,
        fields: Vec<Field>,
    },
    AsRecord {
        base: Box<Expr>,
        fields: Vec<Field>,
    },
    AsType {
        base: Box<Expr>,
        ty: Box<TypeExpr>,
    },
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum Quantifier {
    All,
    Any,
    None,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum UnaryOp {
    Not,
    Negate,
    Ref,
    Refs,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum BinaryOp {
    Or,
    And,
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    In,
    NotIn,
    Contains,
    Overlaps,
    Covers,
    Within,
    Conforms,
    Matches,
    Matching,
    Like,
    /// `??`
    Coalesce,
    /// `default`
    Default,
    Named,
    Range,
    Add,
    Subtract,
    /// `++`
    Concat,
    Multiply,
    Divide,
    /// `source where condition`, the thing at hand is `self`
    Where,
}

/// Literals keep their text: what it means, and whether it is in range, is the type checker's to say.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum Literal {
    Bool(bool),
    /// `1_000`, `0.5`
    Number(SmolStr),
    /// `1h30min`
    Duration(SmolStr),
    /// `2GiB`
    Size(SmolStr),
    /// `2027-01-15`, `2026-11-21T22:00Z`
    Date(SmolStr),
    /// `10.0.0.1`, `10.0.0.0/8`
    Ipv4(SmolStr),
    /// The text between triple quotes.
    Long(SmolStr),
    /// The text of `r".."` or `r#".."#`.
    Raw(SmolStr),
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum StringPart {
    /// Unescaped.
    Text(SmolStr),
    Expr(Expr),
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Argument {
    pub id: NodeId,
    pub name: Option<Name>,
    pub value: Expr,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Arm {
    pub id: NodeId,
    pub patterns: Vec<Pattern>,
    pub value: Expr,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Pattern {
    pub id: NodeId,
    pub kind: PatternKind,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum PatternKind {
    Literal(Literal),
    String(SmolStr),
    /// A bare name is one segment without binder: an enum value, a type, `absent`, `unknown` or `_`.
    Type {
        ty: TypeExpr,
        binder: Option<Name>,
    },
    Error,
}
