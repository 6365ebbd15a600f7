//! OpenAPI 3 and Swagger 2: what the interface answers with are kinds, all other schemas are types. In the schema of Kubernetes
//! kinds are what has a group, a version and a kind.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::custom_resource::metadata;
use crate::declaration::Unit;
use crate::json_schema::{Converter, NewKind, sorted};
use crate::names::{self, camel};
use crate::{Options, SchemaError};

pub(crate) fn is_schema(schema: &Value) -> bool {
    let is_version = |name: &str| schema.get(name).is_some_and(Value::is_string);
    (is_version("openapi") || is_version("swagger")) && schemas(schema).is_some()
        || schema.pointer("/components/schemas").is_some_and(Value::is_object)
}

/// The schemas, and where they are.
fn schemas(schema: &Value) -> Option<(&'static str, &Map<String, Value>)> {
    let of = |pointer: &'static str| Some((pointer, schema.pointer(pointer)?.as_object()?));
    of("/components/schemas").or_else(|| of("/definitions"))
}

pub(crate) fn unit(schema: &Value, options: &Options) -> Result<Unit, SchemaError> {
    let nothing = || SchemaError("the interface describes no schemas".to_owned());
    let (below, all) = schemas(schema).filter(|(_, all)| !all.is_empty()).ok_or_else(nothing)?;
    let title = schema.pointer("/info/title").and_then(Value::as_str).filter(|title| title.len() <= 60);
    let title = title.or(options.file.as_deref()).unwrap_or("api");
    let mut converter = Converter::new(schema);
    converter.unit.module = options.module.clone().unwrap_or_else(|| names::module(title));
    converter.unit.docs = vec![
        format!("What `{title}` is about, made of its OpenAPI schema by `iomc schema import`."),
        "Members keep their names; made again, the file is the same.".to_owned(),
    ];
    let reference = |name: &str| format!("#{below}/{}", name.replace('~', "~0").replace('/', "~1"));
    let of_kubernetes: BTreeMap<&str, Vec<GroupVersionKind<'_>>> =
        all.iter().filter_map(|(name, schema)| Some((name.as_str(), group_version_kinds(schema)?))).collect();
    let answered = if of_kubernetes.is_empty() { answered(schema, all, &reference) } else { BTreeSet::new() };
    let is_asked_for = |names: &[&str]| {
        let is_it = |pattern: &String| names.iter().any(|name| names::matches(pattern, name));
        options.only.is_empty() || options.only.iter().any(is_it)
    };
    let mut kinds: Vec<(&String, &Value, Option<&GroupVersionKind<'_>>)> = Vec::new();
    let mut types: Vec<&String> = Vec::new();
    for (name, schema) in sorted(all) {
        let short = name.rsplit('.').next().unwrap_or(name);
        match of_kubernetes.get(name.as_str()).map(Vec::as_slice) {
            Some([one]) if !is_list_of_objects(one.kind, schema) => {
                if is_asked_for(&[name, one.kind, &one.source_type()]) {
                    kinds.push((name, schema, Some(one)));
                }
            }
            Some(_) => {}
            None if !is_asked_for(&[name, short]) => {}
            None if answered.contains(name) && is_object(schema) => kinds.push((name, schema, None)),
            None => types.push(name),
        }
    }
    if kinds.is_empty() && types.is_empty() {
        return Err(SchemaError(format!(
            "none of the {} schemas is {}",
            all.len(),
            options.only.join(" or ")
        )));
    }
    // Kinds have the plain names, types of the same schema another one.
    let named: Vec<_> =
        kinds.into_iter().map(|kind| (kind_name(&mut converter, kind.0, kind.2), kind)).collect();
    for (own, (name, schema, of_kubernetes)) in named {
        let kind = match of_kubernetes {
            Some(one) => kubernetes_kind(own, one),
            None => NewKind {
                name: own,
                docs: Vec::new(),
                of: "std.prelude.Element",
                format: "json",
                source_type: name.clone(),
                more: Vec::new(),
                without: &[],
                taken: &[],
                inherited: Vec::new(),
            },
        };
        converter.kind(kind, schema);
    }
    // Types nobody asked for by name are there where something needs them; of an interface without kinds, all of them.
    for name in types.iter().filter(|_| of_kubernetes.is_empty() || !options.only.is_empty()) {
        converter.include(&reference(name));
    }
    if !of_kubernetes.is_empty() && options.only.is_empty() {
        converter
            .unit
            .remarks
            .push("lists, options of requests, and types that no kind needs are left out".to_owned());
    }
    Ok(converter.finish())
}

struct GroupVersionKind<'s> {
    group: &'s str,
    version: &'s str,
    kind: &'s str,
}

impl GroupVersionKind<'_> {
    /// `apps/v1/Deployment`, `v1/Pod`
    fn source_type(&self) -> String {
        match self.group {
            "" => format!("{}/{}", self.version, self.kind),
            group => format!("{group}/{}/{}", self.version, self.kind),
        }
    }
}

fn group_version_kinds(schema: &Value) -> Option<Vec<GroupVersionKind<'_>>> {
    let listed = schema.get("x-kubernetes-group-version-kind")?.as_array()?;
    let mut found = Vec::with_capacity(listed.len());
    for one in listed {
        let member = |name: &str| one.get(name).and_then(Value::as_str).unwrap_or_default();
        found.push(GroupVersionKind {
            group: member("group"),
            version: member("version"),
            kind: member("kind"),
        });
    }
    Some(found)
}

fn kind_name(converter: &mut Converter<'_>, name: &str, one: Option<&GroupVersionKind<'_>>) -> String {
    let wanted = match one {
        Some(one) => {
            let kind = camel(one.kind);
            let group = one.group.split('.').next().unwrap_or_default();
            vec![
                kind.clone(),
                format!("{kind}{}", camel(one.version)),
                format!("{}{kind}{}", camel(group), camel(one.version)),
            ]
        }
        None => vec![camel(name.rsplit('.').next().unwrap_or(name)), camel(name)],
    };
    converter.names.take(&wanted)
}

fn kubernetes_kind(name: String, one: &GroupVersionKind<'_>) -> NewKind<'static> {
    NewKind {
        name,
        docs: vec![format!("`{}` of Kubernetes.", one.source_type())],
        of: "std.prelude.Resource",
        format: "kubernetes",
        source_type: one.source_type(),
        more: metadata(true),
        without: &["apiVersion", "kind", "metadata"],
        taken: &["environment", "owner", "tags"],
        inherited: vec![("tags", ".metadata.labels".to_owned())],
    }
}

/// `PodList`: it is read by what is in it.
fn is_list_of_objects(kind: &str, schema: &Value) -> bool {
    kind.ends_with("List") && schema.pointer("/properties/items").is_some()
}

fn is_object(schema: &Value) -> bool {
    let has_members =
        schema.get("properties").and_then(Value::as_object).is_some_and(|found| !found.is_empty());
    has_members || schema.get("allOf").is_some()
}

/// The schemas that a `GET` answers with, one or a list of them; where no paths are described, those that no other one
/// refers to.
fn answered(
    schema: &Value,
    all: &Map<String, Value>,
    reference: &dyn Fn(&str) -> String,
) -> BTreeSet<String> {
    let names: BTreeMap<String, &String> = all.keys().map(|name| (reference(name), name)).collect();
    let mut found = BTreeSet::new();
    let mut add = |schema: &Value| {
        let own = schema.get("$ref").or_else(|| schema.pointer("/items/$ref")).and_then(Value::as_str);
        if let Some(name) = own.and_then(|reference| names.get(reference)) {
            found.insert((*name).clone());
        }
    };
    let paths = schema.get("paths").and_then(Value::as_object).filter(|paths| !paths.is_empty());
    let Some(paths) = paths else {
        let mut inside = BTreeSet::new();
        all.values().for_each(|schema| references(schema, 0, &mut inside));
        return names
            .iter()
            .filter(|(reference, _)| !inside.contains(*reference))
            .map(|(_, name)| (*name).clone())
            .collect();
    };
    for responses in paths.values().filter_map(|path| path.pointer("/get/responses")?.as_object()) {
        let good = responses.iter().filter(|(status, _)| status.starts_with('2'));
        for (_, response) in good {
            response.get("schema").into_iter().for_each(&mut add);
            let contents = response.get("content").and_then(Value::as_object).into_iter().flatten();
            contents.filter_map(|(_, content)| content.get("schema")).for_each(&mut add);
        }
    }
    found
}

/// All references in a value, to a bounded depth: documents are not deeper.
fn references(value: &Value, depth: u32, found: &mut BTreeSet<String>) {
    const DEEPEST: u32 = 200;
    if depth > DEEPEST {
        return;
    }
    match value {
        Value::Object(members) => {
            if let Some(reference) = members.get("$ref").and_then(Value::as_str) {
                found.insert(reference.to_owned());
            }
            members.values().for_each(|inner| references(inner, depth + 1, found));
        }
        Value::Array(elements) => elements.iter().for_each(|inner| references(inner, depth + 1, found)),
        _ => {}
    }
}
