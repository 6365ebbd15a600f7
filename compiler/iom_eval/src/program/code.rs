use iom_model::ties::Relation;
use iom_model::{BinaryOp, Built, Builtin, CompareOp, Quantifier};
use iom_state::tape::Symbol;
use smol_str::SmolStr;

use super::blueprint::ConformsCode;
use super::{
    BlueprintId, EnumId, FieldId, FunctionId, GlobalId, JoinId, KindSet, ReachId, ResourceId, SharedId,
    TypeId,
};
use crate::value::Value;

/// A compiled expression: names are dense ids, constants are values, joins are planned.
#[derive(Debug)]
pub enum Code {
    Constant(Value),
    Local(u32),
    Global(GlobalId),
    /// Something that is the same for everybody in a world: computed when it is first needed.
    Shared {
        id: SharedId,
        value: Box<Code>,
        locals: u32,
    },
    /// The elements of a declaration: the one, or the list of those made by `for`.
    Resource(ResourceId),
    Now,
    Context(ContextName),
    /// A field of an element, or of a record that stands in for one.
    ElementField {
        base: Box<Code>,
        field: FieldId,
    },
    /// A field of a record or a key of a source's object.
    Member {
        base: Box<Code>,
        name: Symbol,
    },
    /// A part of a scalar.
    Part {
        base: Box<Code>,
        name: SmolStr,
    },
    Index {
        base: Box<Code>,
        index: Box<Code>,
    },
    Call {
        function: FunctionId,
        arguments: Box<[Code]>,
    },
    Builtin {
        function: Builtin,
        arguments: Box<[Code]>,
        /// For `referrers`: the kinds asked for.
        kinds: Option<Box<KindSet>>,
    },
    Not(Box<Code>),
    And(Box<Code>, Box<Code>),
    Or(Box<Code>, Box<Code>),
    Negate(Box<Code>),
    Binary {
        op: BinaryOp,
        left: Box<Code>,
        right: Box<Code>,
    },
    Compare {
        op: CompareOp,
        left: Box<Code>,
        right: Box<Code>,
        order: Order,
    },
    Coalesce {
        left: Box<Code>,
        right: Box<Code>,
        /// In adapters empty text reads as absent.
        empty_is_absent: bool,
    },
    If(Box<[Code; 3]>),
    Let {
        local: u32,
        value: Box<Code>,
        body: Box<Code>,
    },
    Match {
        scrutinee: Box<Code>,
        arms: Box<[Arm]>,
        empty_is_absent: bool,
    },
    Is {
        value: Box<Code>,
        test: Test,
        negated: bool,
    },
    Quantifier {
        quantifier: Quantifier,
        over: Box<Over>,
        body: Box<Code>,
        /// Where it ranges over everything reachable and asks each element on its own: answered for all elements at once.
        reach: Option<ReachId>,
        /// Where it does so and hardly depends on who asks: what of it can be asked once for many.
        screen: Option<Box<Screen>>,
    },
    ListComprehension {
        binders: Box<[Over]>,
        value: Box<Code>,
    },
    MapComprehension {
        binders: Box<[Over]>,
        key: Box<Code>,
        value: Box<Code>,
    },
    /// `source where condition`
    Filter(Box<Over>),
    Population(Box<KindSet>),
    Conforms(Box<ConformsCode>),
    Built {
        root: Box<Code>,
        blueprint: BlueprintId,
        what: Built,
    },
    Instances(BlueprintId),
    Keyed {
        base: Box<Code>,
        key: Box<Code>,
    },
    /// What the field at hand is where it is not set anew.
    Inherited,
    Named {
        kinds: Box<KindSet>,
        name: Box<Code>,
    },
    List {
        items: Box<[Code]>,
        drops_absent: bool,
    },
    Set(Box<[Code]>),
    Map(Box<[(Code, Code)]>),
    Record(Box<[(Symbol, Code)]>),
    Interpolation(Box<[Piece]>),
    Reference {
        value: Box<Code>,
        target: Box<KindSet>,
        is_many: bool,
    },
    ReferenceByFields {
        fields: Box<[(FieldId, Code)]>,
        target: Box<KindSet>,
    },
    Convert {
        value: Box<Code>,
        to: TypeId,
    },
    Reshape {
        value: Box<Code>,
        local: u32,
        outer: u32,
        /// The slot of what is at hand where the reshaping stands.
        around: u32,
        record: Box<Code>,
    },
}

/// How values compare.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Order {
    Natural,
    Nocase,
    /// By position in an ordered enum.
    Ranked(EnumId),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ContextName {
    Account,
    Region,
    Project,
    Cluster,
    Namespace,
    /// What the source calls the object as a whole, and what it says of it.
    Address,
    Type,
    Name,
    Module,
    Provider,
}

#[derive(Debug)]
pub struct Arm {
    pub patterns: Box<[Pattern]>,
    pub value: Code,
}

#[derive(Debug)]
pub enum Pattern {
    Any,
    Absent,
    Unknown,
    Equal(Value),
    Type { ty: TypeId, local: Option<u32> },
}

#[derive(Debug)]
pub enum Test {
    Present,
    Absent,
    Known,
    Unknown,
    Empty,
    Nonempty,
    Dangling,
    Modelled,
    Private,
    All,
    Element(Box<KindSet>),
    /// As `Present` and `Absent`, where empty text reads as absent (in adapters).
    Filled,
    Blank,
}

#[derive(Debug)]
pub enum Piece {
    Text(SmolStr),
    Code(Code),
}

/// What a quantifier, a comprehension or a nested `for` ranges over.
#[derive(Debug)]
pub struct Over {
    pub local: u32,
    /// The slots that the conditions of flattened `where`s find the element in.
    pub also: Box<[u32]>,
    pub second: Option<u32>,
    pub source: Code,
    pub by: Option<By>,
    /// All must hold: those of a flattened `where` first.
    pub filters: Box<[Code]>,
    /// Where a condition ties the element at hand to something else: each way to look elements up instead of going through
    /// all of them.
    pub joins: Box<[Join]>,
}

/// Conditions on everything reachable that depend on who asks through a few values only.
#[derive(Debug)]
pub struct Screen {
    pub from: Code,
    pub is_forward: bool,
    /// The slots that the conditions find the element at hand in.
    pub locals: Box<[u32]>,
    /// What of those who ask the conditions depend on.
    pub values: Box<[Code]>,
    /// Each holds for what is looked for; or surely does not, where it is marked.
    pub conditions: Box<[(Code, bool)]>,
}

#[derive(Debug)]
pub struct By {
    pub local: u32,
    pub key: Code,
}

/// What is looked up in an index. Elements whose key surely does not relate to the probe are left out: their condition
/// surely does not hold.
#[derive(Debug)]
pub struct Join {
    pub id: JoinId,
    pub relation: Relation,
    pub probe: Code,
}

/// A key that the elements of a collection are indexed by.
#[derive(Debug)]
pub struct JoinKey {
    /// Slot 0 is the element.
    pub key: Code,
    pub shape: KeyShape,
    /// It is what it is as long as the facts are: no function and no constant has a say in it.
    pub is_lasting: bool,
}

/// What of a key's value elements are found by.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum KeyShape {
    /// The value.
    Whole,
    /// The value, a text in lower case.
    Folded,
    /// Each item of the value, which is a collection.
    Items,
    /// The ranges of addresses that it is made of.
    Addresses,
}

impl KeyShape {
    pub fn of(relation: Relation) -> KeyShape {
        match relation {
            Relation::Equal | Relation::OneOf => KeyShape::Whole,
            Relation::EqualNocase => KeyShape::Folded,
            Relation::Has => KeyShape::Items,
            Relation::Covers | Relation::Within | Relation::Overlaps => KeyShape::Addresses,
        }
    }
}

impl Code {
    /// What is computed, where it is computed once for everybody.
    pub fn seen_through(&self) -> &Code {
        match self {
            Code::Shared { value, .. } => value.seen_through(),
            other => other,
        }
    }

    /// Whether it can be nothing but true, false or unknown.
    #[inline]
    pub fn is_condition(&self) -> bool {
        matches!(
            self,
            Code::Not(_)
                | Code::And(..)
                | Code::Or(..)
                | Code::Compare { .. }
                | Code::Is { .. }
                | Code::Quantifier { .. }
        )
    }

    /// Whether it has the same value for everybody, which is computed once: what is asked of it often is worth an index.
    pub fn is_kept(&self) -> bool {
        matches!(self, Code::Global(_) | Code::Shared { .. } | Code::Constant(_))
    }

    /// Calls `visit` with each direct part, in source order. Parts that range over something are not entered: their
    /// slots mean nothing outside.
    pub fn for_each_part<'c>(&'c self, visit: &mut dyn FnMut(&'c Code)) {
        match self {
            Code::ElementField { base, .. } | Code::Member { base, .. } | Code::Part { base, .. } => {
                visit(base)
            }
            Code::Index { base: left, index: right }
            | Code::Keyed { base: left, key: right }
            | Code::And(left, right)
            | Code::Or(left, right)
            | Code::Binary { left, right, .. }
            | Code::Compare { left, right, .. }
            | Code::Coalesce { left, right, .. } => {
                visit(left);
                visit(right);
            }
            Code::Conforms(conforms) => {
                visit(&conforms.value);
                conforms.arguments.iter().flatten().for_each(visit);
            }
            Code::Not(value)
            | Code::Shared { value, .. }
            | Code::Built { root: value, .. }
            | Code::Negate(value)
            | Code::Is { value, .. }
            | Code::Named { name: value, .. }
            | Code::Reference { value, .. }
            | Code::Convert { value, .. }
            | Code::Reshape { value, .. }
            | Code::Let { value, .. }
            | Code::Match { scrutinee: value, .. } => visit(value),
            Code::Call { arguments, .. } | Code::Builtin { arguments, .. } | Code::Set(arguments) => {
                arguments.iter().for_each(visit);
            }
            Code::List { items, .. } => items.iter().for_each(visit),
            Code::If(parts) => parts.iter().for_each(visit),
            Code::Map(entries) => entries.iter().for_each(|(key, value)| {
                visit(key);
                visit(value);
            }),
            Code::Record(fields) => fields.iter().for_each(|(_, value)| visit(value)),
            Code::ReferenceByFields { fields, .. } => fields.iter().for_each(|(_, value)| visit(value)),
            Code::Interpolation(pieces) => pieces.iter().for_each(|piece| {
                if let Piece::Code(code) = piece {
                    visit(code);
                }
            }),
            Code::Quantifier { over, .. } | Code::Filter(over) => visit(&over.source),
            Code::ListComprehension { binders, .. } | Code::MapComprehension { binders, .. } => {
                if let Some(over) = binders.first() {
                    visit(&over.source);
                }
            }
            Code::Constant(_)
            | Code::Local(_)
            | Code::Global(_)
            | Code::Resource(_)
            | Code::Now
            | Code::Context(_)
            | Code::Instances(_)
            | Code::Inherited
            | Code::Population(_) => {}
        }
    }
}
