//! Terraform's functions.

mod collection;
mod convert;
mod date;
mod encoding;
mod file;
mod format;
mod hash;
mod network;
mod number;
mod set;
mod text;
mod yaml;

use std::rc::Rc;

use super::evaluate::Evaluator;
pub(super) use super::evaluate::LONGEST_TEXT;
use super::operators::{self, Number, not_computed};
use super::value::{Shape, Value};
use crate::tape::UnknownCause;

/// Why a call has no value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Stop {
    /// Something it needs is not known.
    NotKnown,
    /// Terraform would refuse it.
    Wrong,
    /// It can't be said without running Terraform: a file that is not at hand, the time of day.
    Elsewhere,
}

pub(super) type Computed = Result<Shape, Stop>;

/// Calls of these hand on what they are given: every part keeps what it came from.
const STRUCTURAL: &[&str] = &[
    "chunklist",
    "compact",
    "concat",
    "distinct",
    "flatten",
    "list",
    "map",
    "matchkeys",
    "merge",
    "reverse",
    "setproduct",
    "setunion",
    "slice",
    "tolist",
    "tomap",
    "toset",
    "transpose",
    "values",
    "zipmap",
    "defaults",
];

impl Evaluator<'_> {
    pub fn function(&mut self, name: &str, arguments: &[Value], offset: u32) -> Value {
        let name = name.strip_prefix("core::").unwrap_or(name);
        let size = arguments.iter().fold(0_u64, |size, argument| size.saturating_add(argument.sum().size));
        if !self.charge(1 + size / 16, offset) {
            return Value::elsewhere(offset);
        }
        match collection::pick(name, arguments) {
            Some(Ok(mut value)) => {
                // Where it was found, too: an attribute of an object may be a map.
                if let ("lookup" | "element" | "one", Some(container)) = (name, arguments.first()) {
                    value.inherit(container);
                }
                return value.at(offset);
            }
            Some(Err(stop)) => return self.without_value(stop, arguments, offset),
            None => {}
        }
        let computed = collection::call(name, arguments, offset)
            .or_else(|| text::call(name, arguments, offset))
            .or_else(|| format::call(name, arguments, offset))
            .or_else(|| number::call(name, arguments))
            .or_else(|| set::call(name, arguments))
            .or_else(|| convert::call(name, arguments, offset))
            .or_else(|| encoding::call(name, arguments, offset))
            .or_else(|| yaml::call(name, arguments, offset))
            .or_else(|| hash::call(name, arguments))
            .or_else(|| network::call(name, arguments, offset))
            .or_else(|| date::call(name, arguments))
            .or_else(|| file::call(self, name, arguments, offset));
        let mut value = match computed {
            Some(Ok(shape)) => Value::new(self.bounded(shape, offset), offset),
            Some(Err(stop)) => return self.without_value(stop, arguments, offset),
            None => {
                self.remark(format!("the function `{name}` is not known: what it gives is unknown"), offset);
                Value::elsewhere(offset)
            }
        };
        if STRUCTURAL.contains(&name) {
            arguments.iter().for_each(|argument| value.inherit(argument));
        } else {
            arguments.iter().for_each(|argument| value.inherit_all(argument));
        }
        value
    }

    /// What a call without a value gives.
    fn without_value(&self, stop: Stop, arguments: &[Value], offset: u32) -> Value {
        let mut value = match stop {
            Stop::NotKnown => {
                let parts: Vec<&Value> = arguments.iter().collect();
                return not_computed(&parts, offset);
            }
            Stop::Wrong => Value::wrong(offset),
            Stop::Elsewhere => Value::elsewhere(offset),
        };
        arguments.iter().for_each(|argument| value.inherit_all(argument));
        value
    }

    /// Keeps texts that grow with every call from filling the memory.
    fn bounded(&mut self, shape: Shape, offset: u32) -> Shape {
        let Shape::Text(text) = &shape else { return shape };
        if text.len() > LONGEST_TEXT || !self.charge(text.len() as u64 / 8, offset) {
            self.remark("a text of more than 1 MiB is not made: it is not known".to_owned(), offset);
            return Shape::Unknown(UnknownCause::NotReported);
        }
        shape
    }
}

/// What to say of a value that is not of the sort that is needed.
pub(super) fn stop(value: &Value) -> Stop {
    match value.doubt() {
        None | Some(UnknownCause::Invalid) => Stop::Wrong,
        Some(_) => Stop::NotKnown,
    }
}

pub(super) fn text_of(value: &Value) -> Result<Rc<str>, Stop> {
    value.to_text().ok_or_else(|| stop(value))
}

pub(super) fn number_of(value: &Value) -> Result<Number, Stop> {
    operators::number(value).ok_or_else(|| stop(value))
}

pub(super) fn whole_of(value: &Value) -> Result<i64, Stop> {
    match number_of(value)? {
        Number::Whole(value) => Ok(value),
        Number::Broken(_) => Err(Stop::Wrong),
    }
}

pub(super) fn truth_of(value: &Value) -> Result<bool, Stop> {
    operators::truth(value).ok_or_else(|| stop(value))
}

pub(super) fn items_of(value: &Value) -> Result<&[Value], Stop> {
    match value.items() {
        Some(items) => Ok(items),
        None => Err(stop(value)),
    }
}

pub(super) fn members_of(value: &Value) -> Result<&[(Rc<str>, Value)], Stop> {
    match value.members() {
        Some(members) => Ok(members),
        None => Err(stop(value)),
    }
}

/// Values that have to be known through and through.
pub(super) fn known(values: &[Value]) -> Result<(), Stop> {
    match values.iter().find(|value| !value.is_known()) {
        Some(value) => Err(stop(value)),
        None => Ok(()),
    }
}

pub(super) fn text_shape(text: impl Into<Rc<str>>) -> Computed {
    Ok(Shape::Text(text.into()))
}

pub(super) fn texts(texts: impl IntoIterator<Item = impl Into<Rc<str>>>, offset: u32) -> Shape {
    super::value::list(texts.into_iter().map(|text| Value::text(text, offset)).collect())
}
