use std::fmt;
use std::sync::Arc;

use serde::Serialize;
use smol_str::SmolStr;

use crate::{Expr, QualifiedName};

/// A type. Named types stay names (they may be recursive); their definitions are in [`Model::types`](crate::Model).
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize)]
pub enum Type {
    /// Stands where a mistake was already reported; fits everything.
    Error,
    /// The type of `absent` alone: fits every optional type.
    Absent,
    Scalar(Scalar),
    /// Text of another system, typed when it is read: any path into it is `json?`.
    Json,
    Optional(Arc<Type>),
    List(Arc<Type>),
    Set(Arc<Type>),
    Map(Arc<Type>, Arc<Type>),
    Enum(Arc<EnumType>),
    Record(Arc<RecordType>),
    /// Alternatives that are no literals: records with a common tag, or scalars.
    Union(Arc<[Type]>),
    /// A type declared with `type`.
    Named(QualifiedName),
    /// An element of a kind, or of any kind with the trait. A binder over a population, a `ref` and a `link` alike.
    Element(Nominal),
    Secret(Arc<Type>),
    Refined(Arc<Type>, Arc<Refinement>),
    /// A group made by `by`: `.key` and `.items`.
    Group {
        key: Arc<Type>,
        item: Arc<Type>,
    },
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Scalar {
    Bool,
    Int,
    Decimal,
    String,
    /// `string nocase`: comparison, `in`, map keys and `like` ignore case.
    StringNocase,
    Glob,
    GlobNocase,
    /// A regular expression literal `r".."`; not a type one can write.
    Regex,
    Duration,
    Bytes,
    Date,
    Time,
    Ip,
    Cidr,
    Port,
    Ports,
    Version,
    Percent,
    Url,
    Arn,
    Image,
    Cpu,
    Selector,
    /// The name of a policy or a group of policies; checked to exist.
    Policy,
}

impl Scalar {
    /// The name in the language; `regex` for the one that has none.
    pub fn name(self) -> &'static str {
        match self {
            Scalar::Bool => "bool",
            Scalar::Int => "int",
            Scalar::Decimal => "decimal",
            Scalar::String => "string",
            Scalar::StringNocase => "string nocase",
            Scalar::Glob => "glob",
            Scalar::GlobNocase => "glob nocase",
            Scalar::Regex => "regex",
            Scalar::Duration => "duration",
            Scalar::Bytes => "bytes",
            Scalar::Date => "date",
            Scalar::Time => "time",
            Scalar::Ip => "ip",
            Scalar::Cidr => "cidr",
            Scalar::Port => "port",
            Scalar::Ports => "ports",
            Scalar::Version => "version",
            Scalar::Percent => "percent",
            Scalar::Url => "url",
            Scalar::Arn => "arn",
            Scalar::Image => "image",
            Scalar::Cpu => "cpu",
            Scalar::Selector => "selector",
            Scalar::Policy => "policy",
        }
    }

    /// The scalar types that can be written by one word.
    pub const NAMED: &'static [Scalar] = &[
        Scalar::Bool,
        Scalar::Int,
        Scalar::Decimal,
        Scalar::String,
        Scalar::Glob,
        Scalar::Duration,
        Scalar::Bytes,
        Scalar::Date,
        Scalar::Time,
        Scalar::Ip,
        Scalar::Cidr,
        Scalar::Port,
        Scalar::Ports,
        Scalar::Version,
        Scalar::Percent,
        Scalar::Url,
        Scalar::Arn,
        Scalar::Image,
        Scalar::Cpu,
        Scalar::Selector,
        Scalar::Policy,
    ];
}

/// Named alternatives. A value is represented by the alternative's name.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize)]
pub struct EnumType {
    /// The declared name, where there is one: for messages only.
    pub name: Option<QualifiedName>,
    pub alternatives: Vec<Alternative>,
    /// `a < b < c`: the order of the list counts.
    pub is_ordered: bool,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize)]
pub struct Alternative {
    pub name: SmolStr,
    /// How sources spell it; the name where nothing else is written.
    pub wire: Option<SmolStr>,
}

impl EnumType {
    pub fn has(&self, name: &str) -> bool {
        self.alternatives.iter().any(|alternative| alternative.name == name)
    }

    /// The name of the alternative that is called or spelt like this in a source.
    pub fn from_wire(&self, text: &str) -> Option<&SmolStr> {
        let spelt =
            |alternative: &&Alternative| alternative.wire.as_deref().unwrap_or(&alternative.name) == text;
        self.alternatives
            .iter()
            .find(spelt)
            .or_else(|| self.alternatives.iter().find(|alternative| alternative.name == text))
            .map(|alternative| &alternative.name)
    }

    /// Position in the order.
    pub fn rank(&self, name: &str) -> Option<usize> {
        self.alternatives.iter().position(|alternative| alternative.name == name)
    }
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize)]
pub struct RecordType {
    pub fields: Vec<FieldDefinition>,
}

impl RecordType {
    pub fn field(&self, name: &str) -> Option<&FieldDefinition> {
        self.fields.iter().find(|field| field.name == name)
    }
}

/// A field of a kind, a trait or a record.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize)]
pub struct FieldDefinition {
    pub name: SmolStr,
    pub ty: Type,
    /// Evaluated where nothing sets the field. No locals.
    pub default: Option<Expr>,
    /// Computed: the thing itself is local 0.
    pub derive: Option<Box<Derive>>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize)]
pub struct Derive {
    pub value: Expr,
    pub locals: u32,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize)]
pub enum Refinement {
    /// Both ends inclusive; an end is absent where it could not be read.
    Range {
        low: Option<Expr>,
        high: Option<Expr>,
    },
    Matching(SmolStr),
    Size {
        low: Option<u64>,
        high: Option<u64>,
    },
    /// The value is local 0.
    Where {
        condition: Expr,
        locals: u32,
    },
    /// `link K`: a reference that is no dependency. On the types of fields; what is read of them are plain references.
    Link,
}

/// A kind or a trait, by qualified name.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
pub enum Nominal {
    Kind(QualifiedName),
    Trait(QualifiedName),
}

impl Nominal {
    pub fn name(&self) -> &QualifiedName {
        match self {
            Nominal::Kind(name) | Nominal::Trait(name) => name,
        }
    }
}

impl Type {
    pub const BOOL: Type = Type::Scalar(Scalar::Bool);
    pub const INT: Type = Type::Scalar(Scalar::Int);
    pub const STRING: Type = Type::Scalar(Scalar::String);

    /// `T?`, never `T??`.
    pub fn optional(self) -> Type {
        match self {
            // What is read out of json may always be absent.
            Type::Optional(_) | Type::Absent | Type::Error | Type::Json => self,
            other => Type::Optional(Arc::new(other)),
        }
    }

    /// Without `?`, refinements kept.
    pub fn required(&self) -> &Type {
        match self {
            Type::Optional(inner) => inner,
            other => other,
        }
    }

    pub fn is_optional(&self) -> bool {
        matches!(self, Type::Optional(_) | Type::Absent)
    }

    pub fn is_error(&self) -> bool {
        matches!(self, Type::Error)
    }

    /// The type of what is read where a `link` is declared.
    pub fn without_link(&self) -> Type {
        match self {
            Type::Refined(inner, refinement) if **refinement == Refinement::Link => (**inner).clone(),
            Type::Optional(inner) => inner.without_link().optional(),
            Type::List(inner) => Type::List(Arc::new(inner.without_link())),
            Type::Set(inner) => Type::Set(Arc::new(inner.without_link())),
            Type::Map(key, value) => Type::Map(key.clone(), Arc::new(value.without_link())),
            other => other.clone(),
        }
    }

    /// Without refinements at the outside.
    pub fn unrefined(&self) -> &Type {
        match self {
            Type::Refined(inner, _) => inner.unrefined(),
            other => other,
        }
    }
}

/// As a person would write it.
impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Type::Error => f.write_str("?"),
            Type::Absent => f.write_str("absent"),
            Type::Scalar(scalar) => f.write_str(scalar.name()),
            Type::Json => f.write_str("json"),
            Type::Optional(inner) => match **inner {
                Type::Enum(_) | Type::Union(_) | Type::Refined(..) => write!(f, "({inner})?"),
                _ => write!(f, "{inner}?"),
            },
            Type::List(item) => write!(f, "list<{item}>"),
            Type::Set(item) => write!(f, "set<{item}>"),
            Type::Map(key, value) => write!(f, "map<{key}, {value}>"),
            Type::Enum(ty) => match &ty.name {
                Some(name) => f.write_str(short(name)),
                None => {
                    let names: Vec<&str> = ty.alternatives.iter().map(|one| one.name.as_str()).collect();
                    f.write_str(&names.join(if ty.is_ordered { " < " } else { " | " }))
                }
            },
            Type::Record(record) => {
                let fields: Vec<String> =
                    record.fields.iter().map(|field| format!("{}: {}", field.name, field.ty)).collect();
                write!(f, "{{ {} }}", fields.join("  "))
            }
            Type::Union(types) => {
                let types: Vec<String> = types.iter().map(Type::to_string).collect();
                f.write_str(&types.join(" | "))
            }
            Type::Named(name) => f.write_str(short(name)),
            Type::Element(nominal) => {
                let name = nominal.name();
                f.write_str(name.strip_prefix("std.prelude.").unwrap_or(name))
            }
            Type::Secret(inner) => write!(f, "secret {inner}"),
            Type::Refined(inner, _) => write!(f, "{inner}"),
            Type::Group { item, .. } => write!(f, "group of {item}"),
        }
    }
}

fn short(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

/// `type Name = ..`
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct TypeDefinition {
    pub ty: Type,
}
