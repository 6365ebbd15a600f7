//! From one type to another.

use super::super::operators;
use super::super::value::{self, Shape, Value};
use super::{Computed, Stop, items_of, members_of, number_of, stop, text_of, text_shape, truth_of};
use crate::tape::UnknownCause;

pub(super) fn call(name: &str, arguments: &[Value], _offset: u32) -> Option<Computed> {
    Some(match (name, arguments) {
        ("tostring" | "tonumber" | "tobool" | "tolist" | "toset" | "tomap", [value])
            if matches!(value.shape, Shape::Null) =>
        {
            Ok(Shape::Null)
        }
        ("tostring", [value]) => match &value.shape {
            Shape::Partial(..) | Shape::Json(..) => Ok(value.shape.clone()),
            _ => text_of(value).and_then(text_shape),
        },
        ("tonumber", [value]) => match value.shape {
            Shape::Bool(_) => Err(Stop::Wrong),
            _ => number_of(value).map(operators::Number::shape),
        },
        ("tobool", [value]) => truth_of(value).map(Shape::Bool),
        ("tolist", [value]) => items_of(value).map(|items| value::list(items.to_vec())),
        ("toset", [value]) => items_of(value).map(|items| value::set(items.to_vec())),
        ("tomap", [value]) => members_of(value).map(|_| value.shape.clone()),
        ("sensitive", [value]) => Ok(match value.shape {
            Shape::Null => Shape::Null,
            _ => Shape::Unknown(UnknownCause::Sensitive),
        }),
        ("issensitive", [value]) => match value.doubt() {
            None => Ok(Shape::Bool(false)),
            Some(UnknownCause::Sensitive) => Ok(Shape::Bool(true)),
            Some(_) => Err(stop(value)),
        },
        ("defaults", [value, _]) => Err(stop(value)),
        _ => return None,
    })
}
