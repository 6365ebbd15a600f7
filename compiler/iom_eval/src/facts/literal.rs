//! Values as the language writes them.

use iom_model::{RecordType, Type};
use iom_state::tape::UnknownCause;
use smol_str::SmolStr;

use crate::evaluate::Evaluator;
use crate::value::{Causes, ElementId, Value};

/// Values inside values.
const MAX_DEPTH: u32 = 24;
/// Characters of a text that are shown in a comment.
const MOST_SHOWN: usize = 100;

/// Why a value is not written.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum LeftOut {
    NotKnown(Causes),
    Secret,
    /// It refers to something that is not written either: its text, or its address.
    Elsewhere(String),
    /// The language has no way to write it.
    Unwritable,
}

impl LeftOut {
    pub fn words(&self) -> String {
        match self {
            LeftOut::NotKnown(causes) => {
                let causes: Vec<&str> = causes.iter().map(why_not_known).collect();
                format!("not known: {}", causes.join(", and "))
            }
            LeftOut::Secret => "a secret, which declarations cannot hold".to_owned(),
            LeftOut::Elsewhere(what) => format!("refers to {what}, which is not declared here"),
            LeftOut::Unwritable => "made of parts that the language has no literals for".to_owned(),
        }
    }
}

fn why_not_known(cause: UnknownCause) -> &'static str {
    match cause {
        UnknownCause::KnownAfterApply => "only applying the configuration tells it",
        UnknownCause::NotReported => "the source says nothing of it",
        UnknownCause::Stale => "it was seen too long ago",
        UnknownCause::Sensitive => "the source keeps it secret",
        UnknownCause::Invalid => "what the source says does not fit the field",
        UnknownCause::Unmodelled => "it lies behind something that is not in the source",
        UnknownCause::Partial => "the source does not list everything",
        UnknownCause::Conflict => "sources contradict one another",
    }
}

/// Writes values; elements are called by the names that it is given.
pub(crate) struct Writer<'w, 'e> {
    pub evaluator: &'w mut Evaluator<'e>,
    pub names: &'w dyn Fn(ElementId) -> Option<String>,
}

impl Writer<'_, '_> {
    /// A value of a type as the language writes it.
    pub fn code(&mut self, value: &Value, ty: &Type) -> Result<String, LeftOut> {
        self.code_at(value, ty, 0)
    }

    fn code_at(&mut self, value: &Value, ty: &Type, depth: u32) -> Result<String, LeftOut> {
        if depth > MAX_DEPTH {
            return Err(LeftOut::Unwritable);
        }
        let estate = self.evaluator.estate;
        match (value, ty) {
            (_, Type::Secret(_)) => return Err(LeftOut::Secret),
            (_, Type::Optional(inner) | Type::Refined(inner, _)) => {
                return self.code_at(value, inner, depth + 1);
            }
            (_, Type::Named(name)) => {
                let Some(definition) = estate.program.model.types.get(name) else {
                    return Err(LeftOut::Unwritable);
                };
                return self.code_at(value, &definition.ty, depth + 1);
            }
            _ => {}
        }
        Ok(match value {
            Value::Unknown(causes) if causes.has(UnknownCause::Sensitive) => return Err(LeftOut::Secret),
            Value::Unknown(causes) => return Err(LeftOut::NotKnown(*causes)),
            Value::Candidates(_) => return Err(LeftOut::Elsewhere(shown(&estate.render(value)))),
            Value::Absent => "absent".to_owned(),
            Value::Bool(_)
            | Value::Int(_)
            | Value::Decimal(_)
            | Value::Duration { .. }
            | Value::Size(_)
            | Value::Instant(_) => estate.render(value),
            Value::Text(_) | Value::Made(_) => {
                let text = estate.str_of(value).unwrap_or_default();
                match ty {
                    Type::Enum(of) if of.alternatives.iter().any(|one| one.name == text) => text.to_owned(),
                    _ => quoted(text),
                }
            }
            Value::Scalar(scalar) => quoted(&scalar.text()),
            Value::Element(target) => {
                let target = self.evaluator.canonical(*target);
                let elsewhere = || LeftOut::Elsewhere(shown(estate.address(target)));
                (self.names)(target).ok_or_else(elsewhere)?
            }
            Value::Dangling(text) => return Err(LeftOut::Elsewhere(shown(&text.0))),
            Value::List(list) | Value::Set(list) => {
                if !list.is_complete() {
                    return Err(LeftOut::NotKnown(list.doubt().unwrap_or(Causes::PARTIAL)));
                }
                let item_type = match ty {
                    Type::List(item) | Type::Set(item) => (**item).clone(),
                    _ => Type::Json,
                };
                let items: Result<Vec<String>, LeftOut> =
                    list.items.iter().map(|item| self.code_at(item, &item_type, depth + 1)).collect();
                let items = items?.join(", ");
                let is_set = matches!(ty, Type::Set(_)) && !items.is_empty();
                if is_set { format!("{{{items}}}") } else { format!("[{items}]") }
            }
            Value::Map(map) if map.open.is_none() => {
                let value_type = match ty {
                    Type::Map(_, value) => (**value).clone(),
                    _ => Type::Json,
                };
                let mut entries = Vec::with_capacity(map.entries.len());
                for (key, value) in &map.entries {
                    let key = quoted(&estate.render(key));
                    entries.push(format!("{key}: {}", self.code_at(value, &value_type, depth + 1)?));
                }
                format!("{{ {} }}", entries.join(", "))
            }
            Value::Record(record) => {
                let Type::Record(of) = ty else { return Err(LeftOut::Unwritable) };
                let fields: Vec<(SmolStr, Value)> = record
                    .fields
                    .iter()
                    .map(|(name, value)| (estate.strings.resolve(name).into(), value.clone()))
                    .collect();
                self.record(&fields, of, depth)?
            }
            Value::Node { source, node } | Value::Entries { source, node } => {
                let plain = estate.plain_node(*source, *node);
                if matches!(plain, Value::Node { .. } | Value::Entries { .. }) {
                    return Err(LeftOut::Unwritable);
                }
                self.code_at(&plain, ty, depth + 1)?
            }
            Value::Map(map) => return Err(LeftOut::NotKnown(map.open.unwrap_or(Causes::PARTIAL))),
            Value::Range(_) => return Err(LeftOut::Unwritable),
        })
    }

    fn record(
        &mut self,
        fields: &[(SmolStr, Value)],
        of: &RecordType,
        depth: u32,
    ) -> Result<String, LeftOut> {
        let mut written = Vec::new();
        for (name, value) in fields {
            let Some(field) = of.fields.iter().find(|field| field.name == *name) else { continue };
            if field.derive.is_some() || value.is_absent() {
                continue;
            }
            written.push(format!("{name}: {}", self.code_at(value, &field.ty, depth + 1)?));
        }
        Ok(format!("{{ {} }}", written.join(", ")))
    }
}

/// A text out of a source in a comment: on one line, not longer than that, and no secret.
fn shown(text: &str) -> String {
    let text = iom_stdlib::secrets::without(text);
    let one_line: String = text.chars().filter(|letter| !letter.is_control()).collect();
    match one_line.char_indices().nth(MOST_SHOWN) {
        Some((end, _)) => format!("{} ..", &one_line[..end]),
        None => one_line,
    }
}

/// A text in quotes, as the language writes it. A line break ends no string.
pub fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' | '{' | '}' => {
                out.push('\\');
                out.push(character);
            }
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            other if other.is_control() || !other.is_ascii() && !other.is_alphanumeric() => {
                out.push_str(&format!("\\u{{{:x}}}", u32::from(other)));
            }
            other => out.push(other),
        }
    }
    out.push('"');
    out
}
