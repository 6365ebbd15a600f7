use iom_model::scalar::compile_pattern;
use serde_json::{Map, Number, Value};

use super::{Converted, Converter, Place};
use crate::declaration::{Alternative, Refinement, Ty};
use crate::names;

impl Converter<'_> {
    /// Text: by its format another scalar type, else with its pattern and length.
    pub(super) fn text(&mut self, members: &Map<String, Value>, place: &Place) -> Ty {
        let format = members.get("format").and_then(Value::as_str).unwrap_or_default();
        let scalar = match format {
            "date-time" => Some("time"),
            "date" => Some("date"),
            "ipv4" | "ipv6" | "ip" => Some("ip"),
            "cidr" => Some("cidr"),
            "uri" | "url" => Some("url"),
            _ => None,
        };
        if let Some(scalar) = scalar {
            return Ty::named(scalar);
        }
        let mut refinements = Vec::new();
        if let Some(pattern) = members.get("pattern").and_then(Value::as_str) {
            let can_be_written = !pattern.contains("\"#") && !pattern.contains(char::is_control);
            if can_be_written && compile_pattern(pattern).is_ok() {
                refinements.push(Refinement::Matching(pattern.to_owned()));
            } else {
                self.note("a pattern that cannot be read in linear time is left out", place);
            }
        }
        let length = |name: &str| members.get(name).and_then(Value::as_u64);
        let bounds = match (length("minLength").filter(|least| *least > 0), length("maxLength")) {
            (None, None) => None,
            (least, most) => {
                let most = most.map(|most| most.to_string()).unwrap_or_default();
                Some(format!("^(?s:.{{{},{most}}})$", least.unwrap_or(0)))
            }
        };
        if let Some(bounds) = bounds {
            if compile_pattern(&bounds).is_ok() {
                refinements.push(Refinement::Matching(bounds));
            } else {
                self.note("a length that is left out", place);
            }
        }
        Ty::named("string").refined(refinements)
    }

    pub(super) fn number(&mut self, members: &Map<String, Value>, ty: &str, place: &Place) -> Ty {
        let mut bound = |name: &str| match members.get(name) {
            Some(Value::Number(number)) => {
                let written = literal(number, ty);
                if written.is_none() {
                    self.note("a bound that is no number of iom is left out", place);
                }
                written
            }
            _ => None,
        };
        let (low, high) = (bound("minimum"), bound("maximum"));
        // A number of its own, or, in draft 4, whether the bound itself is left out.
        let (above, below) = (bound("exclusiveMinimum"), bound("exclusiveMaximum"));
        let is_open = |name: &str| members.get(name).and_then(Value::as_bool).unwrap_or(false);
        let (low, above) = if is_open("exclusiveMinimum") { (None, low) } else { (low, above) };
        let (high, below) = if is_open("exclusiveMaximum") { (None, high) } else { (high, below) };
        let mut refinements = Vec::new();
        match (low, high) {
            (Some(low), Some(high)) if is_ordered(&low, &high) => {
                refinements.push(Refinement::Range(low, high))
            }
            (low, high) => {
                refinements.extend(low.map(Refinement::Least));
                refinements.extend(high.map(Refinement::Most));
            }
        }
        refinements.extend(above.map(Refinement::More));
        refinements.extend(below.map(Refinement::Less));
        Ty::named(ty).refined(refinements)
    }

    /// One of several values.
    pub(super) fn enumeration(&mut self, values: &[Value], place: &Place) -> Converted {
        let is_nullable = values.iter().any(Value::is_null);
        let values: Vec<&Value> = values.iter().filter(|value| !value.is_null()).collect();
        let texts: Vec<&str> = values.iter().filter_map(|value| value.as_str()).collect();
        if texts.len() == values.len() && !texts.is_empty() {
            return Converted { ty: Ty::Enum(alternatives(&texts)), is_nullable };
        }
        let whole: Vec<String> =
            values.iter().filter_map(|value| value.as_i64()).map(|value| value.to_string()).collect();
        if whole.len() == values.len() && !whole.is_empty() {
            let ty = Ty::named("int").refined(vec![Refinement::OneOf(whole)]);
            return Converted { ty, is_nullable };
        }
        if !values.is_empty() && values.iter().all(|value| value.is_boolean()) {
            if values.len() == 1 {
                self.note("which of the two a bool has to be is left out", place);
            }
            return Converted { ty: Ty::named("bool"), is_nullable };
        }
        if !values.is_empty() {
            self.note("an enum that is not of texts or whole numbers, json there", place);
        }
        Converted { ty: Ty::named("json"), is_nullable }
    }
}

/// The alternatives of an enum, each once: by a word of iom where one stands for no other.
pub(super) fn alternatives(texts: &[&str]) -> Vec<Alternative> {
    let mut found: Vec<Alternative> = Vec::new();
    for text in texts {
        if found.iter().any(|known| known.text == *text) {
            continue;
        }
        let name = names::alternative(text);
        // What is written as the word itself keeps it.
        let is_other = |other: &&&str| **other != *text && names::alternative(other) == name;
        let is_shared = texts.iter().any(|other| is_other(&other));
        let is_itself = name.as_deref() == Some(*text);
        let name = name.filter(|_| is_itself || !is_shared);
        found.push(Alternative { name, text: (*text).to_owned() });
    }
    found
}

/// A number as iom writes it; none for what its numbers cannot hold.
pub(super) fn literal(number: &Number, ty: &str) -> Option<String> {
    if let Some(whole) = number.as_i64() {
        return Some(whole.to_string());
    }
    let value = number.as_f64().filter(|value| value.is_finite() && value.abs() < 1e15)?;
    if ty == "int" {
        return (value.fract() == 0.0).then(|| format!("{value:.0}"));
    }
    let text = value.to_string();
    (!text.contains('e') && text.len() <= 20).then_some(text)
}

fn is_ordered(low: &str, high: &str) -> bool {
    matches!((low.parse::<f64>(), high.parse::<f64>()), (Ok(low), Ok(high)) if low <= high)
}
