use serde::Serialize;
use smol_str::SmolStr;

use crate::{Expr, FieldDefinition, Local, Location, QualifiedName, Type};

#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct TraitDefinition {
    pub name: QualifiedName,
    /// All traits it includes, itself left out, in order of names.
    pub traits: Vec<QualifiedName>,
    /// Its own fields and those of the traits it includes.
    pub fields: Vec<FieldDefinition>,
}

#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct KindDefinition {
    pub name: QualifiedName,
    pub location: Location,
    /// All traits it implements, directly or through another, in order of names.
    pub traits: Vec<QualifiedName>,
    /// Its own fields and those its traits give it.
    pub fields: Vec<FieldDefinition>,
    /// The fields that make two elements of different layers the same thing; empty: the address alone.
    pub identity: Vec<SmolStr>,
    pub adapters: Vec<Adapter>,
    /// The steps that fields may take from one layer to the next; fields without any may become anything.
    pub transitions: Vec<Transition>,
    /// Shows objects as their source has them, whatever else maps them.
    pub is_view: bool,
}

impl KindDefinition {
    /// Whether the kind is in no population but its own: a rule over a trait judges what is modelled, and once.
    pub fn stands_aside(&self) -> bool {
        self.is_view || self.takes_the_rest()
    }

    /// Whether the kind is made of what no other kind maps. Such a kind is in no population but its own: a rule over a trait
    /// judges what is modelled.
    pub fn takes_the_rest(&self) -> bool {
        !self.adapters.is_empty() && self.adapters.iter().all(Adapter::takes_the_rest)
    }
}

/// How a source's object becomes an element. In its expressions local 0 is the source's object (`self`), local 1 the
/// object around it (`^`), and each part has a local of its own.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Adapter {
    /// `terraform`, `kubernetes`, `json`, ..
    pub format: SmolStr,
    pub is_data: bool,
    /// Empty: the types that no kind maps; for `json`, values anywhere.
    pub source_types: Vec<SmolStr>,
    /// Where in the object its attributes are.
    pub at: Option<Expr>,
    /// One element per element of this list instead of one per object.
    pub each: Option<Expr>,
    pub filter: Option<Expr>,
    /// Attribute paths by whose value other objects refer to this one.
    pub keys: Vec<Vec<SmolStr>>,
    pub parts: Vec<Part>,
    pub lets: Vec<(Local, Expr)>,
    pub fields: Vec<(SmolStr, Expr)>,
    pub locals: u32,
}

impl Adapter {
    /// `from terraform { .. }`: objects of all types that no kind maps.
    pub fn takes_the_rest(&self) -> bool {
        self.source_types.is_empty() && self.format != "json"
    }
}

/// A type of another system that a kind of the library maps, which a model without that kind has to know all the same.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
pub struct MappedType {
    pub format: SmolStr,
    pub is_data: bool,
    pub name: SmolStr,
}

/// `transition status: [pending => active, active => retired]`
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Transition {
    /// A field whose values have names.
    pub field: SmolStr,
    /// From, to. Staying as it is needs no step.
    pub steps: Vec<(SmolStr, SmolStr)>,
    pub location: Location,
}

/// `tolerate replicas of d: k8s.Workload where .. { in: 1..9  writer: d.autoscaler }`: the element is local 0.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Tolerance {
    pub location: Location,
    pub nominal: crate::Nominal,
    pub field: SmolStr,
    /// Which elements it is about; all where nothing is said.
    pub filter: Option<Expr>,
    /// A range, a list or a set of values that the field may have.
    pub within: Expr,
    /// Who may write it.
    pub writer: Expr,
    pub locals: u32,
}

/// `extend KIND with TRAIT { .. }`: what makes a kind one of a trait from outside. Part of the kind in a model.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Extension {
    pub location: Location,
    pub kind: QualifiedName,
    pub with: QualifiedName,
    /// All computed from the element.
    pub fields: Vec<FieldDefinition>,
}

/// `part v: "aws_s3_bucket_versioning" on .bucket`: the sibling object whose `on` refers to this one. Its slot holds
/// the sibling's object (absent where there is none), or the list of them for `parts`.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Part {
    pub local: Local,
    pub is_many: bool,
    pub source_type: SmolStr,
    /// Over the sibling: local 0 is the sibling's object. [`Expr::Context`] for siblings of the whole account.
    pub on: Expr,
}

#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Constant {
    pub ty: Type,
    pub value: Expr,
    pub locals: u32,
}

/// Parameters are the first locals.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Function {
    pub parameters: Vec<Type>,
    pub result: Type,
    pub value: Expr,
    pub locals: u32,
}

/// `data owners: list<string> from json "config.json" at ".config.owners"`
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct DataSource {
    pub name: QualifiedName,
    pub location: Location,
    pub ty: Type,
    pub format: SmolStr,
    /// As written: relative to the workspace's root.
    pub file: SmolStr,
    /// Keys from the top of the file down.
    pub at: Vec<SmolStr>,
    /// For csv: the column that keys the map.
    pub key: Option<SmolStr>,
}

/// `resource NAME: KIND { .. }`
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct ResourceDeclaration {
    pub name: QualifiedName,
    pub location: Location,
    pub kind: QualifiedName,
    /// Set fields, nested ones merged, each with the place it was written at.
    pub fields: Vec<FieldSetting>,
    /// `for n in ..`: one element per value, `NAME["key"]`. The binder's locals are valid in the fields.
    pub each: Option<Box<crate::Binder>>,
    pub locals: u32,
    /// Where only a test declares it: the layer it is given in.
    pub layer: Option<SmolStr>,
    /// What a blueprint builds; `kind` is that of its root, and `fields` are set on the root beside what the blueprint sets.
    pub instance: Option<Box<crate::Instance>>,
}

#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct FieldSetting {
    pub name: SmolStr,
    pub value: Expr,
    /// Where what holds was written.
    pub location: Location,
    /// Everything that had a say in the value, in the order in which each changes what was before.
    pub origins: Vec<SettingOrigin>,
}

/// A place that sets a field, or something inside it.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct SettingOrigin {
    /// Below the field: empty for the field itself.
    pub path: Vec<SmolStr>,
    pub role: OriginRole,
    pub location: Location,
    /// `override .. because .. until ..`
    pub change: Option<Change>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum OriginRole {
    /// Copied from this resource, whose own origins say more.
    Base(QualifiedName),
    /// The declaration's own body.
    Body,
    /// An `amend` of the declaration.
    Amend,
    /// Nothing sets it: a single text that identifies the element is its declared name.
    Name,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Change {
    pub reason: SmolStr,
    /// Seconds since 1970: from then on what was before holds again.
    pub until: Option<i64>,
}

/// `bind r: Resource where .. { owner: .. environment: .. }`: the element is local 0.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Bind {
    pub location: Location,
    pub nominal: crate::Nominal,
    /// Which elements it is about; all where nothing is said.
    pub filter: Option<Expr>,
    pub fields: Vec<(SmolStr, Expr)>,
    pub locals: u32,
}
