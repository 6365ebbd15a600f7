//! Provider schemas: `terraform providers schema -json`, and what programs that embed Terraform dump, with Go's names.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::declaration::{Adapter, Declaration, Field, Kind, Shape, Ty, Unit};
use crate::names::{self, Names, camel};
use crate::{Options, SchemaError, print};

/// How deep blocks may be in one another.
const DEEPEST: usize = 64;

/// Fields of `std.prelude.Resource`, which mean something else than a provider's attributes of that name.
const INHERITED: [&str; 3] = ["environment", "owner", "tags"];

pub(crate) fn is_schema(schema: &Value) -> bool {
    schema.get("provider_schemas").is_some_and(Value::is_object)
        || schema.as_object().is_some_and(|types| {
            !types.is_empty() && types.values().all(|one| member(one, "block").is_some_and(Value::is_object))
        })
}

/// The file of all that is asked for.
pub(crate) fn unit(schema: &Value, options: &Options) -> Result<Unit, SchemaError> {
    let sources = Sources::of(schema);
    let mut unit = Unit { module: options.module.clone().unwrap_or(sources.module()), ..Unit::default() };
    let providers: Vec<&str> = sources.providers.iter().map(|(name, _)| *name).collect();
    let of = if providers.is_empty() { String::new() } else { format!(" of {}", providers.join(", ")) };
    unit.docs = vec![
        format!("Kinds{of}, made of the provider's schema by `iomc schema import`."),
        "Attributes and blocks keep their names; made again, the file is the same.".to_owned(),
    ];
    let mut names = Names::default();
    let mut types: Vec<(String, &SourceType<'_>)> = Vec::new();
    let mut left_out = 0;
    for one in &sources.types {
        if !is_asked_for(one.name, options) || one.is_data && !options.with_data_sources {
            left_out += usize::from(one.is_data && is_asked_for(one.name, options));
            continue;
        }
        types.push((names.take(&kind_names(one)), one));
    }
    if types.is_empty() {
        return Err(nothing(&sources, options));
    }
    for (name, one) in types {
        Blocks { names: &mut names, unit: &mut unit, kind: name, known: BTreeMap::new() }.kind(one)?;
    }
    if left_out > 0 {
        unit.remarks.push(format!("{left_out} data sources are left out: `--data-sources` adds them"));
    }
    if sources.has_configuration {
        unit.remarks.push("the provider's own configuration is no resource, and left out".to_owned());
    }
    Ok(unit)
}

fn is_asked_for(name: &str, options: &Options) -> bool {
    options.only.is_empty() || options.only.iter().any(|pattern| names::matches(pattern, name))
}

fn nothing(sources: &Sources<'_>, options: &Options) -> SchemaError {
    let count = sources.types.len();
    match options.only.as_slice() {
        [] => SchemaError("the schema has no types of resources".to_owned()),
        only => SchemaError(format!("none of the schema's {count} types is {}", only.join(" or "))),
    }
}

fn kind_names(one: &SourceType<'_>) -> Vec<String> {
    let bare = one.name.split_once('_').map_or(one.name, |(_, rest)| rest);
    let end = if one.is_data { "Data" } else { "" };
    vec![format!("{}{end}", camel(bare)), format!("{}{end}", camel(one.name))]
}

struct SourceType<'s> {
    name: &'s str,
    is_data: bool,
    schema: &'s Value,
}

/// Everything in a document, sorted by name.
struct Sources<'s> {
    providers: Vec<(&'s str, &'s Value)>,
    types: Vec<SourceType<'s>>,
    has_configuration: bool,
}

impl<'s> Sources<'s> {
    fn of(schema: &'s Value) -> Sources<'s> {
        let mut sources = Sources { providers: Vec::new(), types: Vec::new(), has_configuration: false };
        match schema.get("provider_schemas").and_then(Value::as_object) {
            Some(providers) => {
                for (name, provider) in providers {
                    sources.providers.push((name, provider));
                    sources.has_configuration |= provider.get("provider").is_some_and(Value::is_object);
                    sources.add(provider.get("resource_schemas"), false);
                    sources.add(provider.get("data_source_schemas"), true);
                }
            }
            None => sources.add(Some(schema), false),
        }
        sources.types.sort_by_key(|one| (one.is_data, one.name));
        sources
    }

    fn add(&mut self, types: Option<&'s Value>, is_data: bool) {
        let types = types.and_then(Value::as_object).into_iter().flatten();
        self.types.extend(types.map(|(name, schema)| SourceType { name, is_data, schema }));
    }

    /// `schemas.aws`, of the only provider or of what the types begin with.
    fn module(&self) -> String {
        let name = match self.providers.as_slice() {
            [(only, _)] => only.rsplit('/').next().unwrap_or(only),
            [] => self.types.first().and_then(|one| one.name.split('_').next()).unwrap_or("terraform"),
            _ => "terraform",
        };
        names::module(name)
    }
}

/// Writes one kind and the types of its blocks.
struct Blocks<'u> {
    names: &'u mut Names,
    unit: &'u mut Unit,
    kind: String,
    /// Types of the kind by what they are made of: equal blocks are one type.
    known: BTreeMap<String, String>,
}

impl Blocks<'_> {
    fn kind(&mut self, one: &SourceType<'_>) -> Result<(), SchemaError> {
        let broken = |what: &str| SchemaError(format!("{}: {what}", one.name));
        let block = member(one.schema, "block").ok_or_else(|| broken("the type has no `block`"))?;
        let position = self.unit.declarations.len();
        let kind = self.kind.clone();
        let mut fields = self.fields(block, &kind, DEEPEST).map_err(|what| broken(&what))?;
        let has = |name: &str| fields.iter().any(|field| field.name == name);
        let keys = ["id", "arn"].into_iter().filter(|name| has(name)).map(reading).collect();
        let mut adapter = Adapter {
            format: if one.is_data { "terraform data" } else { "terraform" },
            source_type: one.name.to_owned(),
            keys,
            inherited: Vec::new(),
        };
        if !one.is_data {
            self.keep_inherited(&mut fields, &mut adapter, one.name);
        }
        let source = if one.is_data { "Data source" } else { "Resource" };
        let mut docs = vec![format!("{source} `{}`.", one.name)];
        docs.extend(descriptions(block));
        let of = if one.is_data { "std.prelude.Element" } else { "std.prelude.Resource" };
        let declared = Declaration {
            name: kind,
            docs,
            shape: Shape::Fields(fields),
            kind: Some(Kind { of, identity: Vec::new(), adapter: Some(adapter) }),
        };
        // Before what is nested in it.
        self.unit.declarations.insert(position, declared);
        Ok(())
    }

    /// Every resource has an owner, an environment and tags; what the provider calls so is the same for tags at most.
    fn keep_inherited(&mut self, fields: &mut Vec<Field>, adapter: &mut Adapter, of: &str) {
        let tags = Ty::Map(Box::new(Ty::named("string")));
        let are_tags =
            |field: &Field| field.name == "tags" && (field.ty == tags || field.ty == tags.clone().optional());
        if let Some(position) = fields.iter().position(are_tags) {
            fields.remove(position);
            adapter.inherited.push(("tags", ".tags".to_owned()));
        }
        self.unit.remarks.extend(set_apart(fields, &INHERITED, of));
    }

    /// The fields of a block, in order of their names.
    fn fields(&mut self, block: &Value, owner: &str, depth: usize) -> Result<Vec<Field>, String> {
        let depth = depth.checked_sub(1).ok_or_else(|| format!("blocks are more than {DEEPEST} deep"))?;
        let mut fields: BTreeMap<&str, Field> = BTreeMap::new();
        for (name, attribute) in object_of(block, "attributes") {
            fields.insert(name, self.attribute(name, attribute, owner, depth)?);
        }
        for (name, nested) in object_of(block, "block_types") {
            let body = member(nested, "block").unwrap_or(nested);
            let item = self.nested(name, body, owner, depth)?;
            let (ty, default) = repeated(nested, item).ok_or_else(|| format!("`{name}` has no nesting"))?;
            let docs = descriptions(body);
            fields.insert(name, Field { name: name.clone(), docs, ty, default, read: reading(name) });
        }
        Ok(fields.into_values().collect())
    }

    fn attribute(
        &mut self,
        name: &str,
        attribute: &Value,
        owner: &str,
        depth: usize,
    ) -> Result<Field, String> {
        let is = |flag| member(attribute, flag).and_then(Value::as_bool).unwrap_or(false);
        let (is_required, is_computed) = (is("required"), is("computed"));
        let ty = match (member(attribute, "nested_type"), member(attribute, "type")) {
            (Some(nested), _) => {
                let item = self.nested(name, nested, owner, depth)?;
                repeated(nested, item).ok_or_else(|| format!("`{name}` has no nesting"))?.0
            }
            (None, Some(ty)) => self.ty(ty, name, owner, depth)?,
            (None, None) => return Err(format!("`{name}` has no type")),
        };
        let is_collection = matches!(ty, Ty::List(_) | Ty::Set(_) | Ty::Map(_));
        let mut default = None;
        let mut ty = match () {
            () if is_required => ty,
            // What nobody wrote is nothing. What the provider fills in is another thing: that stays absent.
            () if is_collection && !is_computed && !is("sensitive") => {
                let empty = if matches!(ty, Ty::List(_)) { "[]" } else { "{}" };
                default = Some(empty.to_owned());
                ty
            }
            () => ty.optional(),
        };
        if is("sensitive") {
            ty = Ty::Secret(Box::new(ty));
        }
        let mut docs = descriptions(attribute);
        if is_computed && !is("optional") {
            docs.push("Set by the provider.".to_owned());
        }
        Ok(Field { name: name.to_owned(), docs, ty, default, read: reading(name) })
    }

    /// The type of what is nested under a name.
    fn nested(&mut self, name: &str, body: &Value, owner: &str, depth: usize) -> Result<Ty, String> {
        let position = self.unit.declarations.len();
        let fields = self.fields(body, &format!("{owner}{}", camel(name)), depth)?;
        Ok(self.record(name, fields, owner, position))
    }

    fn record(&mut self, name: &str, fields: Vec<Field>, owner: &str, position: usize) -> Ty {
        let body = fields
            .iter()
            .map(|field| format!("{:?} {} {:?}\n", field.name, print::ty(&field.ty), field.docs));
        let body: String = body.collect();
        if let Some(known) = self.known.get(&body) {
            return Ty::Named(known.clone());
        }
        let last = camel(name);
        let wanted =
            [format!("{}{last}", self.kind), format!("{owner}{last}"), format!("{owner}{last}Block")];
        let own = self.names.take(&wanted);
        self.known.insert(body, own.clone());
        let declared =
            Declaration { name: own.clone(), docs: Vec::new(), shape: Shape::Fields(fields), kind: None };
        self.unit.declarations.insert(position, declared);
        Ty::Named(own)
    }

    /// A type as Terraform writes it: `"string"`, `["list", "string"]`, `["object", { .. }]`.
    fn ty(&mut self, ty: &Value, name: &str, owner: &str, depth: usize) -> Result<Ty, String> {
        let depth = depth.checked_sub(1).ok_or_else(|| format!("types are more than {DEEPEST} deep"))?;
        if let Some(scalar) = ty.as_str() {
            return match scalar {
                "string" | "bool" => Ok(Ty::named(scalar)),
                "number" => Ok(Ty::named("decimal")),
                "dynamic" => Ok(Ty::named("json")),
                other => Err(format!("`{name}` is of a type that is not known: {other}")),
            };
        }
        let head = ty.get(0).and_then(Value::as_str).unwrap_or_default();
        match (head, ty.get(1)) {
            ("list" | "set" | "map", Some(item)) => {
                let item = Box::new(self.ty(item, name, owner, depth)?);
                Ok(match head {
                    "map" => Ty::Map(item),
                    "set" if is_plain(&item) => Ty::Set(item),
                    _ => Ty::List(item),
                })
            }
            ("tuple", _) => Ok(Ty::List(Box::new(Ty::named("json")))),
            ("object", Some(Value::Object(members))) => {
                let position = self.unit.declarations.len();
                let inner = format!("{owner}{}", camel(name));
                let mut fields = Vec::new();
                for (member, ty) in sorted(members) {
                    let ty = self.ty(ty, member, &inner, depth)?.optional();
                    let docs = Vec::new();
                    fields.push(Field {
                        name: member.clone(),
                        docs,
                        ty,
                        default: None,
                        read: reading(member),
                    });
                }
                Ok(self.record(name, fields, owner, position))
            }
            _ => Err(format!("the type of `{name}` is not one of Terraform's")),
        }
    }
}

/// Gives other names to fields whose names mean something else in iom, and says so.
pub(crate) fn set_apart(fields: &mut [Field], taken: &[&str], of: &str) -> Vec<String> {
    let mut remarks = Vec::new();
    for inherited in taken {
        let Some(position) = fields.iter().position(|field| field.name == *inherited) else { continue };
        let mut name = format!("{inherited}_attribute");
        while fields.iter().any(|field| field.name == name) {
            name.push('_');
        }
        remarks.push(format!(
            "{of}: `{inherited}` is called `{name}`, since every resource has its own `{inherited}` in iom"
        ));
        if let Some(field) = fields.get_mut(position) {
            field.name = name;
        }
    }
    remarks
}

/// Sets have an order of their own, which records have not.
fn is_plain(item: &Ty) -> bool {
    matches!(item, Ty::Named(name) if matches!(name.as_str(), "string" | "decimal" | "bool"))
}

/// How often a nested object is there, and what stands for none.
fn repeated(nested: &Value, item: Ty) -> Option<(Ty, Option<String>)> {
    let count = |name| member(nested, name).and_then(Value::as_u64);
    let (least, most) = (count("min_items").unwrap_or(0), count("max_items").filter(|most| *most > 0));
    let list = |item| {
        let empty = (least == 0).then(|| "[]".to_owned());
        (Ty::List(Box::new(item)).sized(Some(least), most), empty)
    };
    match member(nested, "nesting_mode").or_else(|| member(nested, "nesting"))? {
        Value::String(mode) => match mode.as_str() {
            "list" | "set" => Some(list(item)),
            "map" => Some((Ty::Map(Box::new(item)), Some("{}".to_owned()))),
            "single" | "group" => Some((item.optional(), None)),
            _ => None,
        },
        // Terraform's own numbers.
        Value::Number(mode) => match mode.as_u64()? {
            1 | 2 => Some((item.optional(), None)),
            3 | 4 => Some(list(item)),
            5 => Some((Ty::Map(Box::new(item)), Some("{}".to_owned()))),
            _ => None,
        },
        _ => None,
    }
}

fn reading(name: &str) -> String {
    format!(".{}", names::key(name))
}

fn descriptions(of: &Value) -> Vec<String> {
    let text = member(of, "description").and_then(Value::as_str).unwrap_or_default().trim();
    let mut lines: Vec<String> = text.lines().map(|line| line.trim().to_owned()).collect();
    if member(of, "deprecated").and_then(Value::as_bool).unwrap_or(false) {
        lines.push("Deprecated by the provider.".to_owned());
    }
    lines
}

fn object_of<'a>(value: &'a Value, name: &str) -> Vec<(&'a String, &'a Value)> {
    member(value, name).and_then(Value::as_object).map(sorted).unwrap_or_default()
}

fn sorted(members: &Map<String, Value>) -> Vec<(&String, &Value)> {
    let mut members: Vec<_> = members.iter().collect();
    members.sort_by_key(|(name, _)| name.as_str());
    members
}

/// A member by its name: `block_types`, or `BlockTypes` where Go's own names are written.
fn member<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    let found = value.get(name).or_else(|| value.get(camel(name)));
    found.filter(|value| !value.is_null())
}
