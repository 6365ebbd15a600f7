//! JSON Schema, from draft 4 to 2020-12, and the dialects of it that OpenAPI and Kubernetes speak. What iom has no word for is noted.

mod alternatives;
mod default;
mod merge;
mod object;
mod reference;
mod scalar;

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::declaration::{Adapter, Declaration, Field, Kind, Refinement, Shape, Ty, Unit};
use crate::names::{self, Names, camel};
use crate::terraform::set_apart;

/// How deep schemas may be in one another.
const DEEPEST: u32 = 64;

/// Values that may be looked at for one declaration, however short it is.
const LEAST_LEFT: u64 = 100_000;

/// Keywords that say something which types of iom do not say.
const UNSAID: [&str; 20] = [
    "not",
    "if",
    "then",
    "else",
    "dependencies",
    "dependentRequired",
    "dependentSchemas",
    "propertyNames",
    "contains",
    "minContains",
    "maxContains",
    "minProperties",
    "maxProperties",
    "multipleOf",
    "unevaluatedProperties",
    "unevaluatedItems",
    "x-kubernetes-validations",
    "contentSchema",
    "$dynamicRef",
    "$recursiveRef",
];

/// Writes schemas as types.
pub(crate) struct Converter<'s> {
    /// What references are looked up in.
    root: &'s Value,
    pub names: Names,
    pub unit: Unit,
    /// Types by the pointer of their schema; nothing while one is written.
    declared: BTreeMap<String, Option<Declared>>,
    /// Where what is not said, by keyword.
    unsaid: BTreeMap<String, Vec<String>>,
    /// Values that may still be looked at: what is described in few words can be endless to write out.
    left: u64,
    /// The same for the declaration at hand.
    left_here: u64,
}

#[derive(Clone, Debug)]
struct Declared {
    ty: Ty,
    is_nullable: bool,
}

/// What a schema is, and where.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// What names of types begin with: the type around it.
    pub owner: String,
    /// The member, as written.
    pub name: String,
    /// `Certificate.spec.duration`
    pub path: String,
}

impl Place {
    pub(crate) fn of(name: &str) -> Place {
        Place { owner: String::new(), name: name.to_owned(), path: name.to_owned() }
    }

    fn inside(&self, owner: &str, name: &str) -> Place {
        Place { owner: owner.to_owned(), name: name.to_owned(), path: format!("{}.{name}", self.path) }
    }

    /// The names that a type here may get, the better ones first.
    fn names(&self) -> Vec<String> {
        let own = camel(&self.name);
        if self.owner.is_empty() {
            // A kind of the same schema has the plain name.
            let value = format!("{own}Value");
            return vec![own, value];
        }
        vec![format!("{}{own}", self.owner)]
    }
}

/// A kind that is made of a schema.
pub(crate) struct NewKind<'k> {
    /// A name that was taken.
    pub name: String,
    pub docs: Vec<String>,
    /// The trait.
    pub of: &'static str,
    pub format: &'static str,
    pub source_type: String,
    /// Fields that come first, and are not in the schema.
    pub more: Vec<Field>,
    /// Members that are no fields.
    pub without: &'k [&'k str],
    /// Names that mean something else.
    pub taken: &'k [&'k str],
    /// What the trait's fields are read from.
    pub inherited: Vec<(&'static str, String)>,
}

impl NewKind<'_> {
    /// What others may point at: the name of a kind of Kubernetes, else what is called like something that identifies.
    fn keys(&self, fields: &[Field]) -> Vec<String> {
        if let Some(name) = self.more.iter().find(|field| field.name == "name") {
            return vec![name.read.clone()];
        }
        let is_plain = |field: &&Field| matches!(base(&field.ty), Ty::Named(name) if matches!(name.as_str(), "string" | "int"));
        let known = ["id", "arn", "name"].into_iter();
        let found = known.filter_map(|name| fields.iter().filter(is_plain).find(|field| field.name == name));
        found.map(|field| field.read.clone()).collect()
    }
}

/// A type, and whether null may stand for it.
#[derive(Clone, Debug)]
pub(crate) struct Converted {
    pub ty: Ty,
    pub is_nullable: bool,
}

impl Converted {
    fn of(ty: Ty) -> Converted {
        Converted { ty, is_nullable: false }
    }

    fn json() -> Converted {
        Converted::of(Ty::named("json"))
    }
}

impl<'s> Converter<'s> {
    pub(crate) fn new(root: &'s Value) -> Converter<'s> {
        Converter {
            root,
            names: Names::default(),
            unit: Unit::default(),
            declared: BTreeMap::new(),
            unsaid: BTreeMap::new(),
            left: 1_000_000 + 16 * size(root, 0),
            left_here: 0,
        }
    }

    /// Counts values that are looked at; false where that are too many.
    fn spend(&mut self, values: u64, place: &Place) -> bool {
        let is_within = self.left >= values && self.left_here >= values;
        self.left = self.left.saturating_sub(values);
        self.left_here = self.left_here.saturating_sub(values);
        if !is_within {
            self.left_here = 0;
            self.note("too large when it is written out, json there", place);
        }
        is_within
    }

    /// The finished file: with what was not said at its top.
    pub(crate) fn finish(self) -> Unit {
        const SHOWN: usize = 3;
        let mut unit = self.unit;
        for (what, places) in self.unsaid {
            let shown: Vec<&str> = places.iter().take(SHOWN).map(String::as_str).collect();
            let more = match places.len().saturating_sub(SHOWN) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            unit.remarks.push(format!("{what}: {}{more}", shown.join(", ")));
        }
        unit
    }

    /// Notes something that is not said.
    pub(crate) fn note(&mut self, what: &str, place: &Place) {
        const MOST: usize = 1000;
        let places = self.unsaid.entry(what.to_owned()).or_default();
        if places.len() < MOST && !places.contains(&place.path) {
            places.push(place.path.clone());
        }
    }

    /// The type of what a schema describes.
    fn at_depth(&mut self, schema: &Value, place: &Place, depth: u32) -> Converted {
        let Some(depth) = depth.checked_sub(1) else {
            self.note("nested too deep, json there", place);
            return Converted::json();
        };
        if !self.spend(1, place) {
            return Converted::json();
        }
        let Value::Object(members) = schema else {
            if *schema == Value::Bool(false) {
                self.note("`false`, where nothing may stand", place);
            }
            return Converted::json();
        };
        if let Some(reference) = members.get("$ref").and_then(Value::as_str) {
            let mut found = self.reference(reference, place, depth);
            found.is_nullable |= is_nullable(members);
            return found;
        }
        if members.contains_key("allOf") {
            let merged = self.merged(members, place, depth);
            return self.at_depth(&merged, place, depth);
        }
        self.note_unsaid(&UNSAID, members, place);
        let mut found = self.plain(members, place, depth);
        found.is_nullable |= is_nullable(members);
        found
    }

    fn note_unsaid(&mut self, keywords: &[&str], members: &Map<String, Value>, place: &Place) {
        for keyword in keywords.iter().filter(|keyword| members.contains_key(**keyword)) {
            self.note(&format!("`{keyword}` is left out"), place);
        }
    }

    fn plain(&mut self, members: &Map<String, Value>, place: &Place, depth: u32) -> Converted {
        let is_true = |name: &str| members.get(name).and_then(Value::as_bool).unwrap_or(false);
        let format = members.get("format").and_then(Value::as_str).unwrap_or_default();
        if is_true("x-kubernetes-int-or-string") || format == "int-or-string" {
            return Converted::of(Ty::Union(vec![Ty::named("int"), Ty::named("string")]));
        }
        if let Some(constant) = members.get("const") {
            return self.enumeration(std::slice::from_ref(constant), place);
        }
        if let Some(Value::Array(values)) = members.get("enum") {
            return self.enumeration(values, place);
        }
        for keyword in ["oneOf", "anyOf"] {
            if let Some(Value::Array(branches)) = members.get(keyword)
                && let Some(found) = self.alternatives(members, keyword, branches, place, depth)
            {
                return found;
            }
        }
        let types = types_of(members);
        let mut found: Vec<Ty> = Vec::new();
        for name in types.iter().filter(|name| **name != "null") {
            let ty = match *name {
                "object" => self.object(members, place, depth),
                "array" => self.array(members, place, depth),
                "string" => self.text(members, place),
                "integer" => self.number(members, "int", place),
                "number" => self.number(members, "decimal", place),
                "boolean" => Ty::named("bool"),
                _ => {
                    self.note("a type that is not known, json there", place);
                    Ty::named("json")
                }
            };
            if !found.contains(&ty) {
                found.push(ty);
            }
        }
        match found.len() {
            0 => Converted::json(),
            1 => found.pop().map_or_else(Converted::json, Converted::of),
            _ => self.union(found, place),
        }
    }

    fn array(&mut self, members: &Map<String, Value>, place: &Place, depth: u32) -> Ty {
        let item = match members.get("items") {
            Some(Value::Array(_)) => None,
            Some(items) if !members.contains_key("prefixItems") => {
                Some(self.at_depth(items, place, depth).ty)
            }
            Some(_) => None,
            None => (!members.contains_key("prefixItems")).then(|| Ty::named("json")),
        };
        let item = item.unwrap_or_else(|| {
            self.note("elements that differ by their place, json there", place);
            Ty::named("json")
        });
        let count = |name: &str| members.get(name).and_then(Value::as_u64);
        let is_set = members.get("uniqueItems").and_then(Value::as_bool).unwrap_or(false) && is_plain(&item);
        let list = if is_set { Ty::Set(Box::new(item)) } else { Ty::List(Box::new(item)) };
        list.sized(count("minItems"), count("maxItems"))
    }

    /// Adds a kind of the members of a schema, but for some.
    pub(crate) fn kind(&mut self, kind: NewKind<'_>, schema: &Value) {
        self.left_here = LEAST_LEFT + 16 * size(schema, 0);
        let position = self.unit.declarations.len();
        let place = Place::of(&kind.name);
        let merged = match schema {
            Value::Object(members) if members.contains_key("allOf") => self.merged(members, &place, DEEPEST),
            other => other.clone(),
        };
        let mut fields = match &merged {
            Value::Object(members) => {
                self.note_unsaid(&UNSAID, members, &place);
                self.note_unsaid(&["oneOf", "anyOf"], members, &place);
                self.fields(members, &place, &kind.name, kind.without, DEEPEST)
            }
            _ => Vec::new(),
        };
        let taken: Vec<&str> =
            kind.taken.iter().copied().chain(kind.more.iter().map(|field| field.name.as_str())).collect();
        let remarks = set_apart(&mut fields, &taken, &kind.name);
        self.unit.remarks.extend(remarks);
        let keys = kind.keys(&fields);
        let all: Vec<Field> = kind.more.into_iter().chain(fields).collect();
        let adapter =
            Adapter { format: kind.format, source_type: kind.source_type, keys, inherited: kind.inherited };
        let mut told = kind.docs;
        told.extend(docs(schema));
        let declared = Declaration {
            name: kind.name,
            docs: told,
            shape: Shape::Fields(all),
            kind: Some(Kind { of: kind.of, identity: Vec::new(), adapter: Some(adapter) }),
        };
        self.unit.declarations.insert(position.min(self.unit.declarations.len()), declared);
    }

    /// Writes what a reference names, if it is not there yet.
    pub(crate) fn include(&mut self, reference: &str) {
        self.left_here =
            LEAST_LEFT + 16 * reference::pointed_at(self.root, reference).map_or(0, |found| size(found, 0));
        self.reference(reference, &Place::of(reference), DEEPEST);
    }

    /// Adds a type, and gives its name.
    fn declare(&mut self, wanted: &[String], docs: Vec<String>, shape: Shape, position: usize) -> Ty {
        let name = self.names.take(wanted);
        let declared = Declaration { name: name.clone(), docs, shape, kind: None };
        let position = position.min(self.unit.declarations.len());
        self.unit.declarations.insert(position, declared);
        Ty::Named(name)
    }

    /// The field that a schema describes.
    fn field_at_depth(
        &mut self,
        name: &str,
        schema: &Value,
        is_required: bool,
        place: &Place,
        depth: u32,
    ) -> Field {
        let Converted { ty, is_nullable } = self.at_depth(schema, place, depth);
        let is_true = |flag: &str| schema.get(flag).and_then(Value::as_bool).unwrap_or(false);
        let is_secret =
            is_true("writeOnly") || schema.get("format").and_then(Value::as_str) == Some("password");
        let mut default = None;
        match schema.get("default") {
            None | Some(Value::Null) => {}
            Some(_) if is_secret => self.note("the default of a secret is left out", place),
            Some(value) => {
                default = default::expression(value, &ty);
                if default.is_none() {
                    self.note("a default that is left out", place);
                }
            }
        }
        let ty = match (&default, is_required && !is_nullable) {
            (Some(_), _) | (None, true) => ty,
            (None, false) => ty.optional(),
        };
        let ty = if is_secret { Ty::Secret(Box::new(ty)) } else { ty };
        let read = format!(".{}", names::key(name));
        Field { name: name.to_owned(), docs: docs(schema), ty, default, read }
    }
}

/// How many values there are in one. Documents are of a bounded depth.
fn size(value: &Value, depth: u32) -> u64 {
    const DEEPEST: u32 = 200;
    match value {
        _ if depth > DEEPEST => 1,
        Value::Object(members) => 1 + members.values().map(|inner| size(inner, depth + 1)).sum::<u64>(),
        Value::Array(elements) => 1 + elements.iter().map(|inner| size(inner, depth + 1)).sum::<u64>(),
        _ => 1,
    }
}

/// What people are told about a schema.
pub(crate) fn docs(schema: &Value) -> Vec<String> {
    let text =
        |name: &str| schema.get(name).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty());
    let told = text("description").or_else(|| text("title")).unwrap_or_default();
    let mut lines: Vec<String> = told.lines().map(|line| line.trim().to_owned()).collect();
    let is_true = |flag: &str| schema.get(flag).and_then(Value::as_bool).unwrap_or(false);
    if is_true("deprecated") {
        lines.push("Deprecated.".to_owned());
    }
    if is_true("readOnly") {
        lines.push("Read only.".to_owned());
    }
    lines
}

pub(crate) fn sorted(members: &Map<String, Value>) -> Vec<(&String, &Value)> {
    let mut members: Vec<_> = members.iter().collect();
    members.sort_by_key(|(name, _)| name.as_str());
    members
}

fn is_nullable(members: &Map<String, Value>) -> bool {
    members.get("nullable").and_then(Value::as_bool).unwrap_or(false) || types_of(members).contains(&"null")
}

/// The types that a schema names, or those that its keywords are about.
fn types_of(members: &Map<String, Value>) -> Vec<&str> {
    match members.get("type") {
        Some(Value::String(name)) => return vec![name.as_str()],
        Some(Value::Array(names)) => return names.iter().filter_map(Value::as_str).collect(),
        _ => {}
    }
    let has = |names: &[&str]| names.iter().any(|name| members.contains_key(*name));
    if has(&["properties", "additionalProperties", "patternProperties", "required"]) {
        return vec!["object"];
    }
    if has(&["items", "prefixItems"]) {
        return vec!["array"];
    }
    if has(&["pattern", "minLength", "maxLength"]) {
        return vec!["string"];
    }
    if has(&["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"]) {
        return vec!["number"];
    }
    Vec::new()
}

/// Sets have an order of their own, which only plain values have.
fn is_plain(item: &Ty) -> bool {
    match item {
        Ty::Named(name) => matches!(name.as_str(), "string" | "int" | "decimal" | "bool"),
        Ty::Enum(_) => true,
        Ty::Refined(base, _) => is_plain(base),
        _ => false,
    }
}

/// A type without what refines it.
fn base(ty: &Ty) -> &Ty {
    match ty {
        Ty::Refined(base, _) => base,
        other => other,
    }
}

fn refinements(ty: &Ty) -> &[Refinement] {
    match ty {
        Ty::Refined(_, refinements) => refinements,
        _ => &[],
    }
}
