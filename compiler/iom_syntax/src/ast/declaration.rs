use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::{Clause, ClauseKind, Expr, Name, NodeId, Path, TypeExpr};

/// One declaration, at the top of a file or inside a body.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Declaration {
    pub id: NodeId,
    /// The text of the `///` comments before it, without the slashes and one leading blank each; lines joined by `\n`.
    pub doc: Option<Box<str>>,
    pub kind: DeclarationKind,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum DeclarationKind {
    Module(Path),
    Use(Use),
    /// The expression is a name or a call.
    Apply {
        policy: Expr,
        body: Option<Body>,
    },
    Type {
        name: Name,
        value: TypeExpr,
    },
    Const {
        name: Name,
        ty: Option<TypeExpr>,
        value: Expr,
    },
    Function {
        name: Name,
        parameters: Vec<Parameter>,
        result: TypeExpr,
        value: Expr,
    },
    Resource(Resource),
    Kind(Nominal),
    Trait(Nominal),
    Blueprint {
        name: Name,
        parameters: Vec<Parameter>,
        traits: Vec<Path>,
        body: Body,
    },
    Shape {
        name: Name,
        ty: Path,
        body: Body,
    },
    Extend {
        kind: Path,
        with: Path,
        body: Body,
    },
    Bind {
        binder: Box<KindBinder>,
        body: Body,
    },
    Policy {
        name: Name,
        parameters: Option<Vec<Parameter>>,
        body: Body,
    },
    Authority {
        name: Name,
        parameters: Option<Vec<Parameter>>,
        body: Body,
    },
    Exception {
        name: Name,
        body: Body,
    },
    Breakglass {
        name: Name,
        body: Body,
    },
    Evidence {
        name: Name,
        body: Body,
    },
    Group {
        name: Name,
        body: Body,
    },
    Catalog {
        name: Name,
        source: Option<Box<Source>>,
        body: Option<Body>,
    },
    Control {
        name: Name,
        body: Body,
    },
    Data {
        name: Name,
        ty: TypeExpr,
        source: Box<Source>,
    },
    /// The title's `Name` holds the text of the string.
    Test {
        title: Name,
        body: Body,
    },
    Amend {
        target: Path,
        body: Body,
    },
    Tolerate {
        name: Name,
        of: Box<KindBinder>,
        body: Body,
    },
    /// A declaration that could not be read.
    Error,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Use {
    /// Without the names in braces and without the star.
    pub path: Path,
    pub names: UseNames,
    pub alias: Option<Name>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum UseNames {
    /// `use a.b`: the last segment becomes a name here, be it a module or a declaration.
    Itself,
    /// `use a.b.{c, d}`
    These(Vec<Name>),
    /// `use a.b.*`
    All,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Parameter {
    pub id: NodeId,
    pub name: Name,
    pub ty: TypeExpr,
    pub default: Option<Expr>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Resource {
    pub name: Name,
    pub each: Option<Box<InBinder>>,
    /// `: path`
    pub kind: Option<Path>,
    pub value: ResourceValue,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum ResourceValue {
    Body(Body),
    /// `= expr`: a copy of another resource or a blueprint.
    Expr(Expr),
}

/// A `kind` or a `trait`. Its body holds [`Member::TypeField`]s.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Nominal {
    pub name: Name,
    pub traits: Vec<Path>,
    pub body: Body,
}

/// `from json "file" at ".path" { .. }`
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Source {
    pub id: NodeId,
    pub format: Name,
    /// The text of a string literal.
    pub file: Name,
    pub at: Option<Name>,
    pub body: Option<Body>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Body {
    pub id: NodeId,
    pub members: Vec<Member>,
}

/// Boxed, because one is ten times the size of another.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum Member {
    Field(Box<Field>),
    TypeField(Box<TypeField>),
    Clause(Box<Clause>),
    Declaration(Box<Declaration>),
}

/// `override a.b: value`
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Field {
    pub id: NodeId,
    pub doc: Option<Box<str>>,
    pub is_override: bool,
    /// Never empty.
    pub path: Box<[Name]>,
    pub value: FieldValue,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct FieldValue {
    pub id: NodeId,
    pub head: FieldValueHead,
    pub tails: Box<[Tail]>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum FieldValueHead {
    Expr(Expr),
    /// `escalate to X`
    Escalate(Expr),
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Tail {
    pub id: NodeId,
    pub kind: TailKind,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum TailKind {
    Until(Expr),
    Because(Expr),
    Every(Expr),
    Due(Expr),
    Then(Box<FieldValue>),
}

/// `name: type = default` in kinds, traits and record types.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct TypeField {
    pub id: NodeId,
    pub doc: Option<Box<str>>,
    pub name: Name,
    pub ty: TypeExpr,
    pub default: Option<Expr>,
}

/// `name: Path by .. where ..`
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct KindBinder {
    pub id: NodeId,
    pub name: Name,
    pub kind: Path,
    pub by: Option<Expr>,
    pub filter: Option<Expr>,
}

/// `name, name in source by .. where ..`
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct InBinder {
    pub id: NodeId,
    pub name: Name,
    pub second: Option<Name>,
    pub source: Expr,
    pub by: Option<Expr>,
    pub filter: Option<Expr>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum Binder {
    In(InBinder),
    Kind(KindBinder),
}

impl Member {
    pub fn clause_kind(&self) -> Option<&ClauseKind> {
        match self {
            Member::Clause(clause) => Some(&clause.kind),
            _ => None,
        }
    }
}

impl Declaration {
    /// The declared name: for an `amend` or an `extend` the target's last segment, nothing for `use`, `bind`, `module`.
    pub fn name(&self) -> Option<&Name> {
        use DeclarationKind as D;
        match &self.kind {
            D::Module(_) | D::Use(_) | D::Apply { .. } | D::Bind { .. } | D::Error => None,
            D::Type { name, .. }
            | D::Const { name, .. }
            | D::Function { name, .. }
            | D::Blueprint { name, .. }
            | D::Shape { name, .. }
            | D::Policy { name, .. }
            | D::Authority { name, .. }
            | D::Exception { name, .. }
            | D::Breakglass { name, .. }
            | D::Evidence { name, .. }
            | D::Group { name, .. }
            | D::Catalog { name, .. }
            | D::Control { name, .. }
            | D::Data { name, .. }
            | D::Tolerate { name, .. } => Some(name),
            D::Test { title, .. } => Some(title),
            D::Resource(resource) => Some(&resource.name),
            D::Kind(nominal) | D::Trait(nominal) => Some(&nominal.name),
            D::Extend { kind: target, .. } | D::Amend { target, .. } => Some(target.last()),
        }
    }

    /// The keyword the declaration starts with.
    pub fn keyword(&self) -> &'static str {
        use DeclarationKind as D;
        match &self.kind {
            D::Module(_) => "module",
            D::Use(_) => "use",
            D::Apply { .. } => "apply",
            D::Type { .. } => "type",
            D::Const { .. } => "const",
            D::Function { .. } => "fn",
            D::Resource(_) => "resource",
            D::Kind(_) => "kind",
            D::Trait(_) => "trait",
            D::Blueprint { .. } => "blueprint",
            D::Shape { .. } => "shape",
            D::Extend { .. } => "extend",
            D::Bind { .. } => "bind",
            D::Policy { .. } => "policy",
            D::Authority { .. } => "authority",
            D::Exception { .. } => "exception",
            D::Breakglass { .. } => "breakglass",
            D::Evidence { .. } => "evidence",
            D::Group { .. } => "group",
            D::Catalog { .. } => "catalog",
            D::Control { .. } => "control",
            D::Data { .. } => "data",
            D::Test { .. } => "test",
            D::Amend { .. } => "amend",
            D::Tolerate { .. } => "tolerate",
            D::Error => "",
        }
    }
}

/// Text of a string literal without interpolation.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Text {
    pub id: NodeId,
    pub text: SmolStr,
}
