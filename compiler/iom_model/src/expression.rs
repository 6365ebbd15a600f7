use std::sync::Arc;

use serde::Serialize;
use smol_str::SmolStr;

use crate::{EnumType, Literal, Nominal, QualifiedName, Type};

/// A slot of the frame that evaluates a body. Frames say how many they need.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
pub struct Local(pub u32);

/// A checked expression. Operators work on the values they meet: the checker has made sure that they fit, and where the
/// meaning depends on a type, the node carries it.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize)]
pub enum Expr {
    /// Something that had an error; never evaluated, because a model with errors is not evaluated.
    Error,
    Literal(Literal),
    Local(Local),
    /// A `const`, or a `data` declaration.
    Global(QualifiedName),
    /// A declared resource.
    Resource(QualifiedName),
    /// The instant the run is judged at.
    Now,
    /// `$account`, `$region`, `$namespace`: what the source says around an object. In adapters.
    Context(SmolStr),
    Field {
        base: Box<Expr>,
        name: SmolStr,
        owner: FieldOwner,
    },
    /// `xs[i]`, `m[k]`: absent where there is none.
    Index {
        base: Box<Expr>,
        index: Box<Expr>,
    },
    Call {
        function: QualifiedName,
        arguments: Vec<Expr>,
    },
    Builtin {
        function: Builtin,
        arguments: Vec<Expr>,
    },
    Not(Box<Expr>),
    And(Box<Expr>, Box<Expr>),
    Or(Box<Expr>, Box<Expr>),
    Negate(Box<Expr>),
    Binary {
        op: BinaryOp,
        left: Box<Expr>,
        right: Box<Expr>,
    },
    /// `== != < <= > >=`
    Compare {
        op: CompareOp,
        left: Box<Expr>,
        right: Box<Expr>,
        semantics: Comparison,
    },
    /// `??`, and `default` in adapters: the right side where the left is absent, never where it is unknown.
    Coalesce(Box<Expr>, Box<Expr>),
    If {
        condition: Box<Expr>,
        then: Box<Expr>,
        otherwise: Box<Expr>,
    },
    Let {
        local: Local,
        value: Box<Expr>,
        body: Box<Expr>,
    },
    Match {
        scrutinee: Box<Expr>,
        arms: Vec<Arm>,
    },
    Is {
        value: Box<Expr>,
        test: IsTest,
        negated: bool,
    },
    Quantifier {
        quantifier: Quantifier,
        binder: Box<Binder>,
        body: Box<Expr>,
    },
    ListComprehension {
        binders: Vec<Binder>,
        value: Box<Expr>,
    },
    MapComprehension {
        binders: Vec<Binder>,
        key: Box<Expr>,
        value: Box<Expr>,
    },
    /// `source where condition`: the element at hand is `local`.
    Filter {
        source: Box<Expr>,
        local: Local,
        condition: Box<Expr>,
    },
    /// Every element of a kind, or with a trait, in the world at hand.
    Population(Nominal),
    /// `x conforms B`: the arguments are those that cannot be solved, or that are given all the same.
    Conforms {
        value: Box<Expr>,
        pattern: Box<crate::Instance>,
    },
    /// What a blueprint made of an instance, asked of the instance's root.
    Built {
        root: Box<Expr>,
        blueprint: QualifiedName,
        what: crate::Built,
    },
    /// The root of an instance as its blueprint sets it; only a field of it can be read, where that field is set anew.
    Inherited,
    /// `shards[2]`: of the elements that a `for` made, the one with this key.
    Keyed {
        base: Box<Expr>,
        key: Box<Expr>,
    },
    /// The roots of all instances of a blueprint in the world at hand.
    Instances(QualifiedName),
    /// `K named s`
    Named {
        nominal: Nominal,
        name: Box<Expr>,
    },
    /// Absent elements are dropped where `drops_absent` (lists in adapters).
    List {
        items: Vec<Expr>,
        drops_absent: bool,
    },
    Set(Vec<Expr>),
    Map(Vec<(Expr, Expr)>),
    /// Fields in the order written. `kind` where the record is an element's worth of a kind.
    Record(Vec<(SmolStr, Expr)>),
    Interpolation(Vec<TextPart>),
    /// `ref x`, `refs x` in adapters: the source's own reference first, then a key or identity equal to the text.
    Reference {
        value: Box<Expr>,
        target: Nominal,
        is_many: bool,
    },
    /// `ref { kind: .. name: .. }`: the element whose fields equal these.
    ReferenceByFields {
        fields: Vec<(SmolStr, Expr)>,
        target: Nominal,
    },
    /// `x as T`, and the step from a source's value to a field's type: reads text, wire spellings and json.
    Convert {
        value: Box<Expr>,
        to: Type,
    },
    /// `x as { .. }`: absent where `x` is; else the record, with `x` as `local`, and what was at hand around it as `outer`.
    Reshape {
        value: Box<Expr>,
        local: Local,
        outer: Local,
        record: Box<Expr>,
    },
}

/// The field that stands for the whole object of an element's source: `x.source`, of kinds that have no field of that name. It
/// has a name of its own, since some kinds of a trait may have such a field.
pub const SOURCE_OBJECT: &str = "$source";

/// Whose field is read; decides where the evaluator looks.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize)]
pub enum FieldOwner {
    Element(Nominal),
    Record,
    /// A key of a source's object: missing is absent, a wrong shape is unknown(invalid).
    Json,
    /// `.key` and `.items` of a group.
    Group,
    /// Parts of a scalar: `image.registry`, `arn.account`.
    Scalar,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize)]
pub struct Arm {
    pub patterns: Vec<Pattern>,
    pub value: Expr,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize)]
pub enum Pattern {
    Any,
    Absent,
    Unknown,
    /// Equal to this, compared as the scrutinee's type says.
    Literal(Literal),
    /// Is of this type; then bound.
    Type {
        ty: Type,
        local: Option<Local>,
    },
}

/// `x is ..`
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize)]
pub enum IsTest {
    Present,
    Absent,
    Known,
    Unknown,
    Empty,
    Nonempty,
    Dangling,
    Modelled,
    /// `cidr is private`, also a set of them: every address is private.
    Private,
    /// `ports is all`
    All,
    Element(Nominal),
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize)]
pub enum Quantifier {
    All,
    Any,
    None,
}

/// Ranges over the elements of `source`: a list, set, map, population, or the groups of one.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize)]
pub struct Binder {
    pub local: Local,
    /// The value of a map's entry, or the element beside its position.
    pub second: Option<Local>,
    pub source: Expr,
    pub by: Option<GroupBy>,
    pub filter: Option<Expr>,
}

/// `by .owner`: the element being grouped is `local`.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize)]
pub struct GroupBy {
    pub local: Local,
    pub key: Expr,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize)]
pub enum TextPart {
    Text(SmolStr),
    Expr(Expr),
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize)]
pub enum CompareOp {
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize)]
pub enum Comparison {
    /// As the values are: numbers by amount, text by code points, durations by length, versions by component.
    Natural,
    /// Text without regard to case.
    Nocase,
    /// By position in an ordered enum.
    Ordered(Arc<EnumType>),
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize)]
pub enum BinaryOp {
    Add,
    Subtract,
    Multiply,
    Divide,
    /// `++`: lists, sets and text.
    Concat,
    /// `a..b`, both ends inclusive.
    Range,
    /// `x in xs` (also a range, a set, a map's keys, `cidr in cidr`).
    In,
    /// `xs contains x`; `ports contains 22`.
    Contains,
    Overlaps,
    /// Set inclusion of addresses, ports, globs.
    Covers,
    Within,
    /// A selector against a map of labels.
    Matches,
    /// The whole text against a regular expression, anywhere unless anchored.
    Matching,
    /// Glob match: `*` any run, `?` one character.
    Like,
}

/// Functions of the language itself.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Builtin {
    /// `count(xs)`, `size(xs)`: elements of a collection, characters of a text.
    Size,
    Sum,
    Min,
    Max,
    First,
    Distinct,
    /// The single element, else absent, or unknown(conflict) where there are several.
    Only,
    /// Of records or maps: the right one wins where both have a field that is present.
    Merge,
    /// Everything reachable from x over references, x excluded.
    Upstream,
    /// Everything that reaches x.
    Downstream,
    /// The shortest way between two elements, as a list; absent where there is none.
    Path,
    Reaches,
    /// Elements of a kind that refer to x.
    Referrers,
    Lower,
    Upper,
    Trim,
    StartsWith,
    EndsWith,
    Split,
    Join,
    Replace,
    ParseJson,
    /// `parse_yaml(s)`: of JSON as well.
    ParseYaml,
    Base64Decode,
    /// `days(n)`, `hours(n)`, `seconds(n)`: a number as a duration.
    Days,
    Hours,
    Seconds,
    /// A list of name-value records as a map: `map_of(list, by: .name, to: .value)` is lowered to pairs beforehand.
    MapOf,
    /// `net.ports(protocol, from, to)`: see the standard library's `std.net`.
    Ports,
    /// `--a=b --a b --a` of a command line as a map.
    Flags,
    LooksSecret,
    /// The secrets that stand in a value of a source in plain text, by place; the values themselves are not known.
    SecretsIn,
    /// Whether the workspace answers for an element.
    Claimed,
    /// Ids of what an element refers to that is not in the model.
    Unmodelled,
    /// Other elements of the layer with the same identity.
    Twins,
    /// Whether all that identifies an element is known.
    Identified,
    Keys,
    Values,
    Intended,
    Built,
    Running,
    /// The same thing in the layer that the one at hand follows: running before built, built before intended. Not a function
    /// that one can write.
    Before,
    /// The text of a value, as interpolation writes it.
    Text,
    ToInt,
    Abs,
    Sorted,
    Reverse,
}
