/// One file of iom.
#[derive(Clone, Debug, Default)]
pub(crate) struct Unit {
    pub module: String,
    /// What the file is about, a line each.
    pub docs: Vec<String>,
    pub declarations: Vec<Declaration>,
    pub remarks: Vec<String>,
}

/// A kind, or a type.
#[derive(Clone, Debug)]
pub(crate) struct Declaration {
    pub name: String,
    pub docs: Vec<String>,
    pub shape: Shape,
    /// What makes it a kind.
    pub kind: Option<Kind>,
}

#[derive(Clone, Debug)]
pub(crate) enum Shape {
    Fields(Vec<Field>),
    /// A type by another name.
    Alias(Ty),
}

/// How a kind is read.
#[derive(Clone, Debug)]
pub(crate) struct Kind {
    /// With its module: `std.prelude.Resource`.
    pub of: &'static str,
    /// The field that tells elements apart.
    pub identity: Vec<String>,
    pub adapter: Option<Adapter>,
}

#[derive(Clone, Debug)]
pub(crate) struct Adapter {
    /// `terraform`, `terraform data`, `kubernetes`
    pub format: &'static str,
    pub source_type: String,
    /// What others point at: `.id`.
    pub keys: Vec<String>,
    /// Fields of the kind's trait that the source has: (field, expression).
    pub inherited: Vec<(&'static str, String)>,
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Field {
    pub name: String,
    pub docs: Vec<String>,
    pub ty: Ty,
    /// An expression.
    pub default: Option<String>,
    /// What the adapter reads: an expression, `.name`. Only at a kind's own fields.
    pub read: String,
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Ty {
    /// A scalar type, `json`, or a declared type.
    Named(String),
    List(Box<Ty>),
    Set(Box<Ty>),
    Map(Box<Ty>),
    Optional(Box<Ty>),
    Secret(Box<Ty>),
    Refined(Box<Ty>, Vec<Refinement>),
    /// Alternatives of text.
    Enum(Vec<Alternative>),
    Union(Vec<Ty>),
    /// A record that is part of a union.
    Record(Vec<Field>),
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Alternative {
    /// A word of iom; none where the text itself stands in quotation marks.
    pub name: Option<String>,
    pub text: String,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Refinement {
    /// `in 1..5`
    Range(String, String),
    /// `where (self >= 1)`
    Least(String),
    Most(String),
    More(String),
    Less(String),
    /// `where (self in [1, 2])`
    OneOf(Vec<String>),
    /// `size 1..5`
    Size(u64, u64),
    LeastSize(u64),
    /// `matching r".."`
    Matching(String),
}

impl Ty {
    pub(crate) fn named(name: &str) -> Ty {
        Ty::Named(name.to_owned())
    }

    pub(crate) fn optional(self) -> Ty {
        match self {
            Ty::Optional(_) => self,
            other => Ty::Optional(Box::new(other)),
        }
    }

    pub(crate) fn refined(self, refinements: Vec<Refinement>) -> Ty {
        if refinements.is_empty() { self } else { Ty::Refined(Box::new(self), refinements) }
    }

    /// How many elements a list may have.
    pub(crate) fn sized(self, least: Option<u64>, most: Option<u64>) -> Ty {
        let refinement = match (least.filter(|least| *least > 0), most) {
            (least, Some(most)) => Some(Refinement::Size(least.unwrap_or(0), most)),
            (Some(least), None) => Some(Refinement::LeastSize(least)),
            (None, None) => None,
        };
        self.refined(refinement.into_iter().collect())
    }
}
