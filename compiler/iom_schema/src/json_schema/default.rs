use iom_model::scalar::compile_pattern;
use serde_json::Value;

use super::{base, refinements, scalar};
use crate::declaration::{Refinement, Ty};
use crate::names::quoted;

/// A default as an expression; none for what would not fit, or cannot be written.
pub(super) fn expression(value: &Value, ty: &Ty) -> Option<String> {
    let written = plain(value, base(ty))?;
    refinements(ty).iter().all(|refinement| holds(value, refinement)).then_some(written)
}

fn plain(value: &Value, ty: &Ty) -> Option<String> {
    match (ty, value) {
        (Ty::Named(name), value) => match (name.as_str(), value) {
            ("string", Value::String(text)) => Some(quoted(text)),
            ("bool", Value::Bool(value)) => Some(value.to_string()),
            ("int", Value::Number(number)) => scalar::literal(number, "int")
                .filter(|_| number.as_f64().is_some_and(|value| value.fract() == 0.0)),
            ("decimal", Value::Number(number)) => scalar::literal(number, "decimal"),
            _ => None,
        },
        (Ty::Enum(alternatives), Value::String(text)) => {
            let found = alternatives.iter().find(|alternative| alternative.text == *text)?;
            // The only alternative of a type is written as it is.
            let name = found.name.clone().filter(|_| alternatives.len() > 1);
            Some(name.unwrap_or_else(|| quoted(text)))
        }
        (Ty::List(item), Value::Array(values)) => {
            let items: Option<Vec<String>> = values.iter().map(|value| expression(value, item)).collect();
            Some(format!("[{}]", items?.join(", ")))
        }
        (Ty::Set(_), Value::Array(values)) if values.is_empty() => Some("{}".to_owned()),
        (Ty::Set(item), Value::Array(values)) => {
            let items: Option<Vec<String>> = values.iter().map(|value| expression(value, item)).collect();
            Some(format!("{{{}}}", items?.join(", ")))
        }
        (Ty::Map(_), Value::Object(members)) if members.is_empty() => Some("{}".to_owned()),
        (Ty::Union(types), value) => types.iter().find_map(|ty| match ty {
            Ty::Named(_) => plain(value, ty),
            _ => None,
        }),
        _ => None,
    }
}

fn holds(value: &Value, refinement: &Refinement) -> bool {
    let number = value.as_f64();
    let compared = |bound: &str, holds: fn(f64, f64) -> bool| {
        number.zip(bound.parse::<f64>().ok()).is_some_and(|(value, bound)| holds(value, bound))
    };
    let count = match value {
        Value::Array(values) => Some(values.len() as u64),
        Value::Object(members) => Some(members.len() as u64),
        _ => None,
    };
    match refinement {
        Refinement::Range(low, high) => {
            compared(low, |value, low| value >= low) && compared(high, |value, high| value <= high)
        }
        Refinement::Least(low) => compared(low, |value, low| value >= low),
        Refinement::Most(high) => compared(high, |value, high| value <= high),
        Refinement::More(low) => compared(low, |value, low| value > low),
        Refinement::Less(high) => compared(high, |value, high| value < high),
        Refinement::OneOf(values) => values.contains(&value.to_string()),
        Refinement::Size(low, high) => count.is_some_and(|count| (*low..=*high).contains(&count)),
        Refinement::LeastSize(low) => count.is_some_and(|count| count >= *low),
        Refinement::Matching(pattern) => {
            let pattern = compile_pattern(pattern).ok();
            pattern.zip(value.as_str()).is_some_and(|(pattern, text)| pattern.is_match(text))
        }
    }
}
