//! A document of JSON Schema: one kind, if it describes an object, and the types it defines.

use serde_json::Value;

use crate::declaration::Unit;
use crate::json_schema::{Converter, NewKind, sorted};
use crate::names::{self, camel, snake};
use crate::{Options, SchemaError};

/// Where schemas define others.
const DEFINITIONS: [&str; 2] = ["$defs", "definitions"];

pub(crate) fn is_schema(schema: &Value) -> bool {
    let Value::Object(members) = schema else { return false };
    let says = |name: &str| {
        members.get(name).and_then(Value::as_str).is_some_and(|text| text.contains("json-schema.org"))
    };
    let has = |name: &str| members.get(name).is_some_and(Value::is_object);
    says("$schema")
        || DEFINITIONS.iter().any(|name| has(name))
        || has("properties") && members.get("type").is_some()
}

pub(crate) fn unit(schema: &Value, options: &Options) -> Result<Unit, SchemaError> {
    let title = schema.get("title").and_then(Value::as_str).filter(|title| title.len() <= 60);
    let name = title.or(options.file.as_deref()).unwrap_or("document");
    let mut converter = Converter::new(schema);
    converter.unit.module = options.module.clone().unwrap_or_else(|| names::module(name));
    converter.unit.docs = vec![
        format!("`{name}`, made of its JSON Schema by `iomc schema import`."),
        "Members keep their names; made again, the file is the same.".to_owned(),
    ];
    let is_asked_for = |name: &str| {
        options.only.is_empty() || options.only.iter().any(|pattern| names::matches(pattern, name))
    };
    let target = root_object(schema);
    if let Some(target) = target.filter(|_| is_asked_for(name)) {
        let own = converter.names.take(&[camel(name)]);
        let source_type = options.file.clone().unwrap_or_else(|| snake(name));
        let kind = NewKind {
            name: own,
            docs: Vec::new(),
            of: "std.prelude.Element",
            format: "json",
            source_type,
            more: Vec::new(),
            without: &[],
            taken: &[],
            inherited: Vec::new(),
        };
        converter.kind(kind, target);
    }
    let mut count = 0;
    for place in DEFINITIONS {
        let Some(defined) = schema.get(place).and_then(Value::as_object) else { continue };
        for (name, _) in sorted(defined).into_iter().filter(|(name, _)| is_asked_for(name)) {
            converter.include(&format!("#/{place}/{}", name.replace('~', "~0").replace('/', "~1")));
            count += 1;
        }
    }
    if converter.unit.declarations.is_empty() {
        return Err(SchemaError(match options.only.as_slice() {
            [] => "the schema describes no object and defines no types".to_owned(),
            only => format!("nothing in the schema is called {}", only.join(" or ")),
        }));
    }
    if target.is_none() && count > 0 && options.only.is_empty() {
        converter
            .unit
            .remarks
            .push("the document as a whole is no object with members: it has no kind".to_owned());
    }
    Ok(converter.finish())
}

/// The object that the document describes, itself or by reference.
fn root_object(schema: &Value) -> Option<&Value> {
    let target =
        match schema.get("$ref").and_then(Value::as_str).and_then(|reference| reference.strip_prefix("#/")) {
            Some(pointer) => schema.pointer(&format!("/{pointer}"))?,
            None => schema,
        };
    let has_members =
        target.get("properties").and_then(Value::as_object).is_some_and(|found| !found.is_empty());
    (has_members || target.get("allOf").is_some()).then_some(target)
}
