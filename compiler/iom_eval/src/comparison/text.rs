//! Values of one estate as text that those of another one can be held against.

use crate::evaluate::Evaluator;
use crate::value::{ElementId, Value};

/// Values inside values, and things that identify things.
const MAX_DEPTH: u32 = 24;

/// What identifies a thing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Identity {
    Known(String),
    /// Some of it is not known.
    NotKnown,
    /// Nothing does: its kind says nothing, or it has none of it.
    None,
}

/// What identifies an element, in words that mean the same in every estate.
pub(super) fn identity(evaluator: &mut Evaluator<'_>, id: ElementId, depth: u32) -> Identity {
    let estate = evaluator.estate;
    let fields = &estate.program.kind(estate.kind_of(id)).identity;
    let mut parts = Vec::with_capacity(fields.len());
    let mut is_named = false;
    for field in fields {
        let value = evaluator.field(id, *field);
        is_named |= !value.is_absent();
        match text(evaluator, &value, depth) {
            Some(part) => parts.push(part),
            None => return Identity::NotKnown,
        }
    }
    if is_named { Identity::Known(parts.join(", ")) } else { Identity::None }
}

/// `None` where a part is not known, is secret, or is something that only this estate can name.
pub(super) fn text(evaluator: &mut Evaluator<'_>, value: &Value, depth: u32) -> Option<String> {
    if depth > MAX_DEPTH {
        return None;
    }
    let estate = evaluator.estate;
    match value {
        Value::Unknown(_) | Value::Candidates(_) => None,
        Value::Element(id) => match identity(evaluator, *id, depth + 1) {
            Identity::Known(text) => Some(text),
            Identity::None if !estate.element(*id).is_imported() => Some(estate.short_name(*id).to_owned()),
            _ => None,
        },
        Value::List(list) | Value::Set(list) => {
            if !list.is_complete() {
                return None;
            }
            let items: Option<Vec<String>> =
                list.items.iter().map(|item| text(evaluator, item, depth + 1)).collect();
            Some(format!("[{}]", items?.join(", ")))
        }
        Value::Map(map) => {
            if map.open.is_some() {
                return None;
            }
            let mut parts = Vec::with_capacity(map.entries.len());
            for (key, value) in map.entries.iter().filter(|(_, value)| !value.is_absent()) {
                parts.push(format!("{}: {}", estate.render(key), text(evaluator, value, depth + 1)?));
            }
            Some(format!("{{{}}}", parts.join(", ")))
        }
        Value::Record(record) => {
            let mut parts = Vec::with_capacity(record.fields.len());
            for (name, value) in record.fields.iter().filter(|(_, value)| !value.is_absent()) {
                if estate.is_secret_field(record, *name) {
                    return None;
                }
                let name = estate.strings.resolve(name);
                parts.push(format!("{name}: {}", text(evaluator, value, depth + 1)?));
            }
            Some(format!("{{{}}}", parts.join(", ")))
        }
        Value::Node { source, node } | Value::Entries { source, node } => {
            match estate.plain_node(*source, *node) {
                Value::Node { .. } | Value::Entries { .. } => None,
                plain => text(evaluator, &plain, depth + 1),
            }
        }
        known => Some(estate.render(known)),
    }
}
