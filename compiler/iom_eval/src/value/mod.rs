//! Values as evaluation sees them: small, cheap to clone, with the two things that are no values, absent and unknown.

mod causes;
mod collection;
mod truth;

pub use causes::Causes;
pub use collection::{ListValue, MapValue, RecordShape, RecordValue};
pub use truth::Truth;

use std::sync::Arc;

use iom_state::tape::{NodeIndex, Symbol};
use rust_decimal::Decimal;

use crate::scalar::ScalarValue;

/// An element of the estate: dense, in order of layer, kind, source and position.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ElementId(pub u32);

/// A value; at most 16 bytes.
#[derive(Clone, Debug, Default)]
pub enum Value {
    #[default]
    Absent,
    Unknown(Causes),
    Bool(bool),
    Int(i64),
    Decimal(Arc<Decimal>),
    /// Text that was interned before evaluation began.
    Text(Symbol),
    /// Text made during evaluation. Never equal to an interned one: see [`crate::facts::Estate::text`].
    Made(Arc<MadeText>),
    Duration {
        months: i32,
        milliseconds: i64,
    },
    /// Seconds since 1970.
    Instant(i64),
    /// Bytes.
    Size(i64),
    /// Scalars with a structure: addresses, ports, versions, globs.
    Scalar(Arc<ScalarValue>),
    Element(ElementId),
    /// A reference whose target is not in the model; the raw text.
    Dangling(Arc<MadeText>),
    /// A reference to one of several elements, it is not known which. Sorted, at least one.
    Candidates(Arc<Candidates>),
    List(Arc<ListValue>),
    /// Sorted, without repetition.
    Set(Arc<ListValue>),
    Map(Arc<MapValue>),
    Record(Arc<RecordValue>),
    /// Both ends inclusive.
    Range(Arc<(Value, Value)>),
    /// A value that is still on a document's tape, as the source has it: json.
    Node {
        source: u32,
        node: NodeIndex,
    },
    /// A map of texts that is still on a document's tape.
    Entries {
        source: u32,
        node: NodeIndex,
    },
}

const _: () = assert!(size_of::<Value>() <= 16);

/// Text made during evaluation.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct MadeText(pub Box<str>);

/// The elements a reference may lead to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Candidates(pub Box<[ElementId]>);

impl Value {
    /// A value without a cause of its own: the union of nothing.
    pub fn unknown(causes: Causes) -> Value {
        Value::Unknown(causes)
    }

    pub fn is_absent(&self) -> bool {
        matches!(self, Value::Absent)
    }

    pub fn is_unknown(&self) -> bool {
        matches!(self, Value::Unknown(_))
    }

    /// A complete list.
    pub fn list(items: Vec<Value>) -> Value {
        Value::List(Arc::new(ListValue::complete(items)))
    }

    /// The causes of an unknown value.
    pub fn causes(&self) -> Option<Causes> {
        match self {
            Value::Unknown(causes) => Some(*causes),
            _ => None,
        }
    }

    /// What kind of thing a value is, for remarks about values of a wrong type.
    pub fn describe(&self) -> &'static str {
        match self {
            Value::Absent => "nothing",
            Value::Unknown(_) => "an unknown value",
            Value::Bool(_) => "a boolean",
            Value::Int(_) | Value::Decimal(_) => "a number",
            Value::Text(_) | Value::Made(_) => "text",
            Value::Duration { .. } => "a duration",
            Value::Instant(_) => "an instant",
            Value::Size(_) => "a size",
            Value::Scalar(_) => "a scalar",
            Value::Element(_) | Value::Dangling(_) | Value::Candidates(_) => "a reference",
            Value::List(_) | Value::Set(_) => "a list",
            Value::Map(_) | Value::Record(_) | Value::Entries { .. } => "an object",
            Value::Range(_) => "a range",
            Value::Node { .. } => "a source's value",
        }
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Value {
        Value::Bool(value)
    }
}

impl From<Truth> for Value {
    fn from(truth: Truth) -> Value {
        match truth {
            Truth::True => Value::Bool(true),
            Truth::False => Value::Bool(false),
            Truth::Unknown(causes) => Value::Unknown(causes),
        }
    }
}
