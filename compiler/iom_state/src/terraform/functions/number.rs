//! Numbers.

use super::super::operators::Number;
use super::super::value::{Shape, Value};
use super::{Computed, Stop, items_of, number_of, text_of, whole_of};

pub(super) fn call(name: &str, arguments: &[Value]) -> Option<Computed> {
    Some(match (name, arguments) {
        ("abs", [value]) => number_of(value).and_then(|value| match value {
            Number::Whole(value) => value.checked_abs().map(Shape::Int).ok_or(Stop::Wrong),
            Number::Broken(value) => shape(value.abs()),
        }),
        ("ceil", [value]) => number_of(value).and_then(|value| shape(value.float().ceil())),
        ("floor", [value]) => number_of(value).and_then(|value| shape(value.float().floor())),
        ("signum", [value]) => number_of(value).map(|value| {
            let value = value.float();
            Shape::Int(i64::from(value > 0.0) - i64::from(value < 0.0))
        }),
        ("log", [value, base]) => number_of(value)
            .and_then(|value| Ok((value.float(), number_of(base)?.float())))
            .and_then(|(value, base)| shape(value.ln() / base.ln())),
        ("pow", [value, power]) => number_of(value)
            .and_then(|value| Ok((value.float(), number_of(power)?.float())))
            .and_then(|(value, power)| shape(value.powf(power))),
        ("max" | "min", values) => extreme(name == "max", values),
        ("parseint", [text, base]) => parse(text, base),
        _ => return None,
    })
}

fn shape(value: f64) -> Computed {
    Number::of(value).map(Number::shape).ok_or(Stop::Wrong)
}

fn extreme(is_max: bool, values: &[Value]) -> Computed {
    // A list of a single argument was taken once.
    let values = match values {
        [only] if only.items().is_some() => items_of(only)?,
        values => values,
    };
    let mut found: Option<Number> = None;
    for value in values {
        let value = number_of(value)?;
        let is_better = |known: Number| {
            if is_max { value.float() > known.float() } else { value.float() < known.float() }
        };
        if found.is_none_or(is_better) {
            found = Some(value);
        }
    }
    found.map(Number::shape).ok_or(Stop::Wrong)
}

fn parse(text: &Value, base: &Value) -> Computed {
    let base =
        u32::try_from(whole_of(base)?).ok().filter(|base| (2..=36).contains(base)).ok_or(Stop::Wrong)?;
    i64::from_str_radix(&text_of(text)?, base).map(Shape::Int).map_err(|_| Stop::Wrong)
}
