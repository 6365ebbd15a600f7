//! JSON, CSV, base64 and URLs.

use std::fmt::Write as _;
use std::rc::Rc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use csv_core::ReadFieldResult;

use super::super::json as configuration_json;
use super::super::syntax::{Expr, Kind};
use super::super::value::{self, Shape, Value};
use super::{Computed, Stop, stop, text_of, text_shape};

/// What is larger is not written out.
pub(super) const MOST: u64 = 500_000;

pub(super) fn call(name: &str, arguments: &[Value], offset: u32) -> Option<Computed> {
    Some(match (name, arguments) {
        ("jsonencode", [value]) => encode(value),
        ("jsondecode", [value]) => decode(value, offset),
        ("csvdecode", [value]) => text_of(value).and_then(|text| csv(&text, offset)),
        ("base64encode", [value]) => text_of(value).and_then(|text| text_shape(base64(text.as_bytes()))),
        ("base64decode", [value]) => text_of(value).and_then(|text| {
            let bytes = STANDARD.decode(&*text).map_err(|_| Stop::Wrong)?;
            text_shape(String::from_utf8(bytes).map_err(|_| Stop::Wrong)?)
        }),
        ("base64gzip", [value]) => text_of(value).and(Err(Stop::Elsewhere)),
        ("textencodebase64" | "textdecodebase64", [value, ..]) => text_of(value).and(Err(Stop::Elsewhere)),
        ("urlencode", [value]) => text_of(value).and_then(|text| text_shape(url(&text))),
        _ => return None,
    })
}

pub(super) fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// JSON text; with the values in it, where some of them are not known.
fn encode(value: &Value) -> Computed {
    match value.doubt() {
        None => text_shape(json(value)?),
        Some(_) if stop(value) == Stop::Wrong => Err(Stop::Wrong),
        Some(cause) if value.items().is_some() || value.members().is_some() => {
            Ok(Shape::Json(cause, Rc::new(value.clone())))
        }
        Some(_) => Err(Stop::NotKnown),
    }
}

pub(super) fn json(value: &Value) -> Result<String, Stop> {
    if value.sum().size > MOST {
        return Err(Stop::Elsewhere);
    }
    let mut out = String::new();
    write_json(value, &mut out)?;
    Ok(out)
}

fn write_json(value: &Value, out: &mut String) -> Result<(), Stop> {
    match &value.shape {
        Shape::Null => out.push_str("null"),
        Shape::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Shape::Int(value) => {
            let _ = write!(out, "{value}");
        }
        Shape::Number(text) => out.push_str(text),
        Shape::Text(text) => out.push_str(&json_text(text)),
        Shape::List(items) | Shape::Set(items) => {
            out.push('[');
            for (position, item) in items.values.iter().enumerate() {
                out.push_str(if position > 0 { "," } else { "" });
                write_json(item, out)?;
            }
            out.push(']');
        }
        Shape::Object(members) => {
            out.push('{');
            for (position, (name, member)) in members.values.iter().enumerate() {
                out.push_str(if position > 0 { "," } else { "" });
                out.push_str(&json_text(name));
                out.push(':');
                write_json(member, out)?;
            }
            out.push('}');
        }
        _ => return Err(stop(value)),
    }
    Ok(())
}

/// As Terraform writes it: `<`, `>` and `&` are escaped.
pub(super) fn json_text(text: &str) -> String {
    let written = serde_json::to_string(text).unwrap_or_default();
    written.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026")
}

fn decode(value: &Value, offset: u32) -> Computed {
    if let Shape::Json(_, inside) = &value.shape {
        return Ok(inside.shape.clone());
    }
    let text = text_of(value)?;
    let read = configuration_json::plain(&text, 0).map_err(|_| Stop::Wrong)?;
    Ok(constant(&read, offset).shape)
}

fn constant(expression: &Expr, offset: u32) -> Value {
    let shape = match &expression.kind {
        Kind::Bool(value) => Shape::Bool(*value),
        Kind::Int(value) => Shape::Int(*value),
        Kind::Number(text) => Shape::Number(Rc::clone(text)),
        Kind::Text(text) => Shape::Text(Rc::clone(text)),
        Kind::List(items) => value::list(items.iter().map(|item| constant(item, offset)).collect()),
        Kind::Object(members) => {
            let members = members
                .iter()
                .filter_map(|(key, value)| Some((key.as_text()?.into(), constant(value, offset))));
            value::object(members.collect())
        }
        _ => Shape::Null,
    };
    Value::new(shape, offset)
}

/// Rows as objects of texts, by the names in the first row.
fn csv(text: &str, offset: u32) -> Computed {
    let rows = rows(text)?;
    let Some((names, rows)) = rows.split_first() else { return Err(Stop::Wrong) };
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        if row.len() != names.len() {
            return Err(Stop::Wrong);
        }
        let members = names
            .iter()
            .zip(row)
            .map(|(name, cell)| (Rc::from(name.as_str()), Value::text(cell.as_str(), offset)));
        found.push(Value::object(members.collect(), offset));
    }
    Ok(value::list(found))
}

/// The fields of each line that is not empty.
fn rows(text: &str) -> Result<Vec<Vec<String>>, Stop> {
    let mut reader = csv_core::Reader::new();
    // No field is longer than the text.
    let mut field = vec![0; text.len() + 1];
    let (mut rows, mut row, mut length, mut rest) = (Vec::new(), Vec::new(), 0, text.as_bytes());
    loop {
        let before = rest;
        let (result, read, written) = reader.read_field(rest, field.get_mut(length..).ok_or(Stop::Wrong)?);
        rest = rest.get(read..).unwrap_or_default();
        length += written;
        // A quotation mark inside of a field, or one that is not closed: Terraform refuses the text.
        let raw = before.get(..read).unwrap_or_default().trim_ascii_start();
        let marks = raw.iter().filter(|byte| **byte == b'"').count();
        if marks % 2 == 1 || (marks > 0 && !raw.starts_with(b"\"")) {
            return Err(Stop::Wrong);
        }
        match result {
            ReadFieldResult::InputEmpty => {}
            ReadFieldResult::OutputFull => return Err(Stop::Wrong),
            ReadFieldResult::End => return Ok(rows),
            ReadFieldResult::Field { record_end } => {
                let value = field.get(..length).unwrap_or_default();
                row.push(String::from_utf8_lossy(value).into_owned());
                length = 0;
                if record_end {
                    rows.push(std::mem::take(&mut row));
                }
            }
        }
    }
}

/// As forms encode: a blank is a plus.
fn url(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(char::from(byte)),
            b' ' => out.push('+'),
            _ => {
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    out
}
