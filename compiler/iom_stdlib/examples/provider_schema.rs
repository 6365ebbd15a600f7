//! Makes a file of `stdlib/schemas/` from what a Terraform provider says about its types. The same input gives the same bytes.
//!
//! ```sh
//! terraform providers schema -json > schema.json
//! cargo run -p iom_stdlib --example provider_schema -- schema.json hashicorp/aws 4.36.1 "MPL-2.0" "where it is from" > stdlib/schemas/aws.txt
//! ```
//!
//! Names, types, and who gives a value are kept, descriptions and everything else is left out. Blocks that several types have in common are
//! written once. The notation is described in `src/schemas.rs`.

#![allow(clippy::panic, clippy::expect_used, reason = "a tool for developers says what is wrong by stopping")]

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [file, provider, version, licence, origin] = arguments.as_slice() else {
        panic!("usage: provider_schema FILE PROVIDER VERSION LICENCE ORIGIN");
    };
    let text = std::fs::read_to_string(file).expect("the file can be read");
    let read: Value = serde_json::from_str(&text).expect("JSON");
    let mut shared = Shared::default();
    let mut lines = BTreeSet::new();
    for (prefix, types) in types(&read) {
        for (name, schema) in types {
            let block = member(schema, "block").unwrap_or_else(|| panic!("{name} has no block"));
            lines.insert(format!("{prefix}{name} {}", shared.block(block)).trim_end().to_owned());
        }
    }
    lines.extend(shared.ids.iter().map(|(body, id)| format!("&{id} {body}").trim_end().to_owned()));
    println!("# provider {provider}");
    println!("# version {version}");
    println!("# licence {licence}");
    println!("# origin {origin}");
    println!(
        "# Names and types of attributes and blocks, and who gives a value, without descriptions. Made by `provider_schema`: see compiler/iom_stdlib."
    );
    for line in lines {
        println!("{line}");
    }
}

/// The types by prefix, from the output of Terraform, or from a plain map of resource types.
fn types(read: &Value) -> Vec<(&'static str, &Map<String, Value>)> {
    let as_map = |value: &'_ Value| value.as_object().is_some();
    match member(read, "provider_schemas").and_then(Value::as_object) {
        Some(providers) => providers
            .values()
            .flat_map(|provider| {
                [("", "resource_schemas"), ("data.", "data_source_schemas")]
                    .map(|(prefix, key)| (prefix, provider.get(key)))
            })
            .filter_map(|(prefix, types)| Some((prefix, types.filter(|types| as_map(types))?.as_object()?)))
            .collect(),
        None => vec![("", read.as_object().expect("an object of types"))],
    }
}

/// Bodies of nested objects, each with its number.
#[derive(Default)]
struct Shared {
    ids: BTreeMap<String, usize>,
}

impl Shared {
    fn object(&mut self, body: String) -> String {
        let next = self.ids.len();
        format!("&{}", self.ids.entry(body).or_insert(next))
    }

    fn block(&mut self, block: &Value) -> String {
        let mut members = BTreeSet::new();
        for (name, attribute) in object_of(block, "attributes") {
            let shape = match (member(attribute, "nested_type"), member(attribute, "type")) {
                (Some(nested), _) => {
                    let body = self.block(nested);
                    let inner = self.object(body);
                    nested_in(nested, inner)
                }
                (None, Some(ty)) => self.shape(ty),
                (None, None) => panic!("{name} has no type"),
            };
            members.insert(format!("{name}{}{shape}", flags(attribute)));
        }
        for (name, nested) in object_of(block, "block_types") {
            let body = self.block(member(nested, "block").unwrap_or(nested));
            let inner = self.object(body);
            members.insert(format!("{name}+{}", nested_in(nested, inner)));
        }
        members.into_iter().collect::<Vec<_>>().join(" ")
    }

    fn shape(&mut self, ty: &Value) -> String {
        match ty {
            Value::String(name) => match name.as_str() {
                "string" => String::new(),
                "number" => "#".to_owned(),
                "bool" => "?".to_owned(),
                "dynamic" => "*".to_owned(),
                other => panic!("no type {other}"),
            },
            Value::Array(parts) => match (parts.first().and_then(Value::as_str), parts.get(1)) {
                (Some("list" | "set"), Some(item)) => format!("[{}]", self.shape(item)),
                (Some("map"), Some(item)) => format!("{{{}}}", self.shape(item)),
                (Some("object"), Some(Value::Object(fields))) => {
                    let members: BTreeSet<String> =
                        fields.iter().map(|(name, ty)| format!("{name}{}", self.shape(ty))).collect();
                    self.object(members.into_iter().collect::<Vec<_>>().join(" "))
                }
                (Some("tuple"), _) => "[*]".to_owned(),
                _ => panic!("no type {ty}"),
            },
            other => panic!("no type {other}"),
        }
    }
}

/// Who gives the value of an attribute, and whether it is secret.
fn flags(attribute: &Value) -> String {
    let is = |flag| member(attribute, flag).and_then(Value::as_bool).unwrap_or(false);
    let mut flags = match (is("required"), is("optional"), is("computed")) {
        (true, ..) => "!",
        (_, true, true) => "~",
        (_, false, true) => "=",
        _ => "",
    }
    .to_owned();
    if is("sensitive") {
        flags.push('$');
    }
    flags
}

/// How a nested object is repeated.
fn nested_in(nested: &Value, inner: String) -> String {
    match member(nested, "nesting_mode").or_else(|| member(nested, "nesting")) {
        Some(Value::String(mode)) => match mode.as_str() {
            "list" | "set" => format!("[{inner}]"),
            "map" => format!("{{{inner}}}"),
            "single" | "group" => inner,
            other => panic!("no nesting {other}"),
        },
        // Terraform's own numbers, as programs that embed it write them.
        Some(Value::Number(mode)) => match mode.as_u64() {
            Some(1 | 2) => inner,
            Some(3 | 4) => format!("[{inner}]"),
            Some(5) => format!("{{{inner}}}"),
            _ => panic!("no nesting {mode}"),
        },
        _ => panic!("no nesting"),
    }
}

fn object_of<'a>(value: &'a Value, name: &str) -> impl Iterator<Item = (&'a String, &'a Value)> {
    member(value, name).and_then(Value::as_object).into_iter().flatten()
}

/// A member by its name: `block_types`, or `BlockTypes` where Go's own names are written.
fn member<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    let camel: String = name
        .split('_')
        .flat_map(|part| {
            let mut letters = part.chars();
            letters.next().into_iter().flat_map(char::to_uppercase).chain(letters)
        })
        .collect();
    value.get(name).or_else(|| value.get(camel.as_str())).filter(|value| !value.is_null())
}
