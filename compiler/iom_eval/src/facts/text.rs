use std::fmt::Write;
use std::sync::Arc;

use iom_model::scalar::{instant, quantity};
use iom_model::{Duration, scalar::Number};
use iom_state::document::{Layer, SourceObject};

use super::{Estate, Origin};
use crate::evaluate::MAX_TEXT;
use crate::value::{ElementId, MadeText, RecordShape, RecordValue, Value};
use iom_state::tape::Symbol;

/// How many parts of a value a report shows.
const MAX_SHOWN: usize = 10_000;

impl Estate {
    /// A text as a value: the interned one where there is one, so that texts compare by what they are.
    pub fn text(&self, text: &str) -> Value {
        match self.strings.get(text) {
            Some(symbol) => Value::Text(symbol),
            None => {
                if let Some(book) = &self.book {
                    book.was_made(text);
                }
                Value::Made(Arc::new(MadeText(text.into())))
            }
        }
    }

    /// The text of a value that is text.
    pub fn str_of<'a>(&'a self, value: &'a Value) -> Option<&'a str> {
        match value {
            Value::Text(symbol) => Some(self.strings.resolve(symbol)),
            Value::Made(text) => Some(&text.0),
            _ => None,
        }
    }

    /// What an object is called inside its module: `a` of `module.m[0].aws_x.a["k"]`.
    pub(crate) fn local_name(&self, object: &SourceObject) -> &str {
        let text = |symbol| self.strings.resolve(symbol);
        let address = text(&object.address);
        let local = address.strip_prefix(text(&object.module)).unwrap_or(address).trim_start_matches('.');
        let local = local.strip_prefix("data.").unwrap_or(local);
        let name = local.strip_prefix(text(&object.source_type)).and_then(|rest| rest.strip_prefix('.'));
        let name = name.unwrap_or(local);
        name.split_once('[').map_or(name, |(name, _)| name)
    }

    /// An element's address.
    pub fn address(&self, id: ElementId) -> &str {
        self.str_of(&self.element(id).address).unwrap_or("")
    }

    /// How messages call an element: a declared one by its own name, without the module's.
    pub fn short_name(&self, id: ElementId) -> &str {
        let element = self.element(id);
        let address = self.address(id);
        match &element.origin {
            Origin::Imported { .. } => address,
            Origin::Declared { resource, .. } => {
                let module = self.program.resources.get(resource.index()).map_or(0, |one| one.short_from);
                address.get(module as usize..).unwrap_or(address)
            }
        }
    }

    /// A value as interpolation writes it. Absent is `nothing`.
    pub fn render(&self, value: &Value) -> String {
        let mut text = String::new();
        self.render_into(value, &mut text);
        text
    }

    pub fn render_into(&self, value: &Value, out: &mut String) {
        // Lists of lists that share their parts are small in memory and without end on paper.
        if out.len() > MAX_TEXT {
            return;
        }
        match value {
            Value::Absent => out.push_str("nothing"),
            Value::Unknown(_) => out.push_str("unknown"),
            Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Value::Int(value) => {
                let _ = write!(out, "{value}");
            }
            Value::Decimal(value) => {
                let _ = write!(out, "{}", Number::Decimal(**value));
            }
            Value::Text(_) | Value::Made(_) => out.push_str(self.str_of(value).unwrap_or("")),
            Value::Duration { months, milliseconds } => {
                let _ = write!(out, "{}", Duration { months: *months, milliseconds: *milliseconds });
            }
            Value::Instant(seconds) => out.push_str(&instant_text(*seconds)),
            Value::Size(bytes) => out.push_str(&quantity::format_bytes(*bytes)),
            Value::Scalar(scalar) => out.push_str(&scalar.text()),
            Value::Element(id) => out.push_str(self.short_name(*id)),
            Value::Dangling(text) => out.push_str(&text.0),
            Value::Candidates(candidates) => {
                let names: Vec<&str> = candidates.0.iter().map(|id| self.short_name(*id)).collect();
                out.push_str(&names.join(" or "));
            }
            Value::List(list) | Value::Set(list) => {
                for (position, item) in list.items.iter().enumerate() {
                    if position > 0 {
                        out.push_str(", ");
                    }
                    self.render_into(item, out);
                }
                if list.open.is_some() {
                    out.push_str(if list.items.is_empty() { "unknown" } else { ", .." });
                }
                if list.items.is_empty() && list.open.is_none() {
                    out.push_str("nothing");
                }
            }
            Value::Map(map) => {
                self.render_entries(map.entries.iter().map(|(key, value)| (self.render(key), value)), out);
            }
            Value::Record(record) => {
                let is_shown =
                    |name, value: &Value| !value.is_absent() && !self.is_secret_field(record, name);
                let fields = record.fields.iter().filter(|(name, value)| is_shown(*name, value));
                let fields = fields.map(|(name, value)| (self.strings.resolve(name).to_owned(), value));
                self.render_entries(fields, out);
            }
            Value::Range(range) => {
                self.render_into(&range.0, out);
                out.push_str("..");
                self.render_into(&range.1, out);
            }
            Value::Node { source, node } | Value::Entries { source, node } => {
                self.render_into(&self.plain_node(*source, *node), out);
            }
        }
    }

    fn render_entries<'a>(&self, entries: impl Iterator<Item = (String, &'a Value)>, out: &mut String) {
        out.push('{');
        for (position, (name, value)) in entries.enumerate() {
            out.push_str(if position > 0 { ", " } else { " " });
            out.push_str(&name);
            out.push_str(": ");
            self.render_into(value, out);
        }
        out.push_str(" }");
    }

    /// A value as reports show it. Unknown is `null`; so is what is secret.
    pub fn json(&self, value: &Value) -> serde_json::Value {
        self.json_within(value, &mut { MAX_SHOWN })
    }

    /// The same with at most so many parts; what is more is shown as two dots.
    fn json_within(&self, value: &Value, left: &mut usize) -> serde_json::Value {
        use serde_json::Value as Json;
        if *left == 0 {
            return Json::from("..");
        }
        *left -= 1;
        match value {
            Value::Absent | Value::Unknown(_) => Json::Null,
            Value::Bool(value) => Json::Bool(*value),
            Value::Int(value) => Json::from(*value),
            Value::List(list) | Value::Set(list) => {
                let shown = list.items.iter().take(*left + 1);
                Json::Array(shown.map(|item| self.json_within(item, left)).collect())
            }
            Value::Map(map) => {
                let shown = map.entries.iter().take(*left + 1);
                Json::Object(
                    shown.map(|(key, value)| (self.render(key), self.json_within(value, left))).collect(),
                )
            }
            Value::Record(record) => {
                let name = |name| self.strings.resolve(name).to_owned();
                let fields = record.fields.iter().filter(|(name, _)| !self.is_secret_field(record, *name));
                Json::Object(
                    fields.map(|(field, value)| (name(field), self.json_within(value, left))).collect(),
                )
            }
            Value::Element(id) => Json::String(self.address(*id).to_owned()),
            Value::Node { source, node } | Value::Entries { source, node } => {
                self.json_within(&self.plain_node(*source, *node), left)
            }
            other => Json::String(self.render(other)),
        }
    }

    pub(crate) fn is_secret_field(&self, record: &RecordValue, name: Symbol) -> bool {
        match record.shape {
            RecordShape::Plain => false,
            RecordShape::Record(id) => {
                let fields = &self.program.types.record(id).fields;
                fields.iter().any(|field| field.name == name && field.is_secret)
            }
            RecordShape::Kind(id) => {
                let fields = &self.program.kind(id).fields;
                fields.iter().any(|field| field.name == name && field.is_secret)
            }
        }
    }

    /// Elements in the order that reports use: by address, then by layer.
    pub fn by_address(&self, left: ElementId, right: ElementId) -> std::cmp::Ordering {
        self.address(left).cmp(self.address(right)).then(left.cmp(&right))
    }

    /// The layer an element has its facts in.
    pub fn layer_of(&self, id: ElementId) -> Layer {
        self.shard_with(id).map_or_else(|| self.element(id).layer, |shard| shard.layer)
    }
}

/// A date where the instant is a midnight.
pub fn instant_text(seconds: i64) -> String {
    if seconds.rem_euclid(86_400) == 0 {
        instant::format_date(seconds)
    } else {
        instant::format_time(seconds)
    }
}
