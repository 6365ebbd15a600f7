//! `CustomResourceDefinition`s: one, a list of them, or several documents.

use serde_json::Value;

use crate::declaration::{Field, Ty, Unit};
use crate::json_schema::{Converter, NewKind};
use crate::names::{self, camel};
use crate::{Options, SchemaError};

/// Fields of every object of Kubernetes, and of every resource.
const TAKEN: [&str; 3] = ["environment", "owner", "tags"];

pub(crate) fn is_schema(schema: &Value) -> bool {
    !definitions(schema).is_empty()
}

/// The definitions in a document.
fn definitions(schema: &Value) -> Vec<&Value> {
    let is_one =
        |value: &&Value| value.get("kind").and_then(Value::as_str) == Some("CustomResourceDefinition");
    match schema {
        Value::Array(documents) => documents.iter().flat_map(definitions).collect(),
        Value::Object(members) => match members.get("items") {
            Some(Value::Array(items)) => items.iter().filter(is_one).collect(),
            _ => Some(schema).filter(is_one).into_iter().collect(),
        },
        _ => Vec::new(),
    }
}

pub(crate) fn unit(schema: &Value, options: &Options) -> Result<Unit, SchemaError> {
    let definitions = definitions(schema);
    let mut groups: Vec<&str> = definitions.iter().map(|one| text(one, &["spec", "group"])).collect();
    groups.sort_unstable();
    groups.dedup();
    let mut converter = Converter::new(schema);
    converter.unit.module = options.module.clone().unwrap_or_else(|| match groups.as_slice() {
        [only] => names::module(only),
        _ => "schemas.kubernetes".to_owned(),
    });
    converter.unit.docs = vec![
        format!("Kinds of {}, made of CustomResourceDefinitions by `iomc schema import`.", groups.join(", ")),
        "Members keep their names; made again, the file is the same.".to_owned(),
    ];
    let mut versions: Vec<Version<'_>> = definitions.iter().flat_map(|one| versions(one)).collect();
    let all = versions.len();
    versions.retain(|version| {
        let source_type = version.source_type();
        let is_it =
            |pattern: &String| names::matches(pattern, version.kind) || names::matches(pattern, &source_type);
        options.only.is_empty() || options.only.iter().any(is_it)
    });
    if versions.is_empty() {
        return Err(SchemaError(match options.only.as_slice() {
            [] => "the definitions have no versions".to_owned(),
            only => format!("none of the {all} versions is of {}", only.join(" or ")),
        }));
    }
    // The stored version has the plain name.
    versions.sort_by_key(|version| (version.group, version.kind, !version.is_stored, version.name));
    let named: Vec<(String, Version<'_>)> = versions
        .into_iter()
        .map(|version| {
            let kind = camel(version.kind);
            let own = [
                kind.clone(),
                format!("{kind}{}", camel(version.name)),
                format!("{}{kind}", camel(version.group)),
            ];
            (converter.names.take(&own), version)
        })
        .collect();
    for (name, version) in named {
        add(&mut converter, name, &version);
    }
    Ok(converter.finish())
}

struct Version<'s> {
    group: &'s str,
    kind: &'s str,
    name: &'s str,
    is_stored: bool,
    is_namespaced: bool,
    warning: Option<String>,
    schema: Option<&'s Value>,
}

impl Version<'_> {
    fn source_type(&self) -> String {
        format!("{}/{}/{}", self.group, self.name, self.kind)
    }
}

fn versions(definition: &Value) -> Vec<Version<'_>> {
    let kind = text(definition, &["spec", "names", "kind"]);
    let common = definition.pointer("/spec/validation/openAPIV3Schema");
    let is_namespaced = text(definition, &["spec", "scope"]) != "Cluster";
    let group = text(definition, &["spec", "group"]);
    let listed = definition.pointer("/spec/versions").and_then(Value::as_array);
    let mut found = Vec::new();
    for version in listed.into_iter().flatten() {
        let name = version.get("name").and_then(Value::as_str).unwrap_or_default();
        let own = version.pointer("/schema/openAPIV3Schema").or(common);
        let is_true = |flag: &str| version.get(flag).and_then(Value::as_bool).unwrap_or(false);
        let is_stored = is_true("storage");
        let told = version.get("deprecationWarning").and_then(Value::as_str).unwrap_or_default();
        let warning = is_true("deprecated").then(|| format!("Deprecated. {told}"));
        found.push(Version { group, kind, name, is_stored, is_namespaced, warning, schema: own });
    }
    let single = text(definition, &["spec", "version"]);
    if found.is_empty() && !single.is_empty() {
        let version = Version {
            group,
            kind,
            name: single,
            is_stored: true,
            is_namespaced,
            warning: None,
            schema: common,
        };
        found.push(version);
    }
    found
}

fn add(converter: &mut Converter<'_>, name: String, version: &Version<'_>) {
    let mut docs = vec![format!("`{}` of Kubernetes.", version.source_type())];
    docs.extend(version.warning.as_ref().map(|warning| warning.trim().to_owned()));
    let nothing = Value::Object(serde_json::Map::new());
    if version.schema.is_none() {
        converter.unit.remarks.push(format!("{}: there is no schema of this version", version.source_type()));
    }
    let kind = NewKind {
        name,
        docs,
        of: "std.prelude.Resource",
        format: "kubernetes",
        source_type: version.source_type(),
        more: metadata(version.is_namespaced),
        without: &["apiVersion", "kind", "metadata"],
        taken: &TAKEN,
        inherited: vec![("tags", ".metadata.labels".to_owned())],
    };
    converter.kind(kind, version.schema.unwrap_or(&nothing));
}

/// What every object of Kubernetes has. Labels are the tags of the resource.
pub(crate) fn metadata(is_namespaced: bool) -> Vec<Field> {
    let string = || Ty::named("string");
    let field = |name: &str, ty: Ty, default: Option<&str>| Field {
        name: name.to_owned(),
        docs: Vec::new(),
        ty,
        default: default.map(str::to_owned),
        read: format!(".metadata.{name}"),
    };
    let mut fields = vec![field("name", string().optional(), None)];
    if is_namespaced {
        fields.push(field("namespace", string().optional(), None));
    }
    fields.push(field("annotations", Ty::Map(Box::new(string())), Some("{}")));
    fields
}

fn text<'v>(value: &'v Value, path: &[&str]) -> &'v str {
    let found = path.iter().try_fold(value, |value, name| value.get(name));
    found.and_then(Value::as_str).unwrap_or_default()
}
