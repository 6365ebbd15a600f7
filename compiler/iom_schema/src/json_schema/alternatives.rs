use serde_json::{Map, Value};

use super::{Converted, Converter, Place, base, docs, scalar};
use crate::declaration::{Field, Ty};
use crate::names::camel;

impl Converter<'_> {
    /// `oneOf` and `anyOf`; nothing where they only narrow what is described beside them.
    pub(super) fn alternatives(
        &mut self,
        members: &Map<String, Value>,
        keyword: &str,
        branches: &[Value],
        place: &Place,
        depth: u32,
    ) -> Option<Converted> {
        let is_null = |branch: &&Value| {
            branch.get("type").and_then(Value::as_str) == Some("null")
                || branch.get("const").is_some_and(Value::is_null)
                || branch
                    .get("enum")
                    .and_then(Value::as_array)
                    .is_some_and(|values| values.iter().all(Value::is_null))
        };
        let is_nullable = branches.iter().any(|branch| is_null(&branch));
        let branches: Vec<&Value> = branches.iter().filter(|branch| !is_null(branch)).collect();
        let narrows = |branch: &&Value| {
            branch.as_object().is_some_and(|branch| {
                branch.keys().all(|name| {
                    matches!(name.as_str(), "required" | "not" | "allOf" | "anyOf" | "oneOf" | "properties")
                })
            })
        };
        let is_described = members.contains_key("properties") || members.contains_key("type");
        if is_described && branches.iter().all(narrows) && branches.iter().all(|branch| !has_types(branch)) {
            self.note(&format!("`{keyword}` is left out"), place);
            return None;
        }
        let mut around = members.clone();
        around.remove(keyword);
        if let [only] = branches.as_slice() {
            let only = if around.keys().any(|name| matches!(name.as_str(), "properties" | "type")) {
                let mut merged = around;
                if let Value::Object(copy) = self.copied(only) {
                    self.merge(&mut merged, copy, place);
                }
                Value::Object(merged)
            } else {
                (*only).clone()
            };
            let mut found = self.at_depth(&only, place, depth);
            found.is_nullable |= is_nullable;
            return Some(found);
        }
        if let Some(ty) = texts(&branches) {
            return Some(Converted { ty, is_nullable });
        }
        if let Some(ty) = self.tagged(&around, &branches, place, depth) {
            return Some(Converted { ty, is_nullable });
        }
        let mut types: Vec<Ty> = Vec::new();
        let mut is_any_nullable = is_nullable;
        for branch in &branches {
            if self.is_record(branch) {
                self.note(&format!("`{keyword}` of objects that no member tells apart, json there"), place);
                return Some(Converted { ty: Ty::named("json"), is_nullable });
            }
            let found = self.at_depth(branch, place, depth);
            is_any_nullable |= found.is_nullable;
            if !types.contains(&found.ty) {
                types.push(found.ty);
            }
        }
        let mut found = self.union(types, place);
        found.is_nullable |= is_any_nullable;
        Some(found)
    }

    /// A union of types that values tell apart: scalars, and one list of them.
    pub(super) fn union(&mut self, types: Vec<Ty>, place: &Place) -> Converted {
        let mut found: Vec<Ty> = Vec::new();
        for ty in types {
            let ty = match base(&ty) {
                Ty::Enum(_) => Ty::named("string"),
                other => {
                    if *other != ty {
                        self.note("bounds of one of several types are left out", place);
                    }
                    other.clone()
                }
            };
            match &ty {
                Ty::Named(name) if matches!(name.as_str(), "string" | "int" | "decimal" | "bool") => {}
                Ty::List(item) if matches!(&**item, Ty::Named(_)) => {}
                _ => {
                    self.note("alternatives that are not told apart by their values, json there", place);
                    return Converted::json();
                }
            }
            if !found.contains(&ty) {
                found.push(ty);
            }
        }
        let has = |name: &str| found.contains(&Ty::named(name));
        if has("decimal") && has("int") {
            found.retain(|ty| *ty != Ty::named("int"));
        }
        match found.len() {
            0 => Converted::json(),
            1 => found.pop().map_or_else(Converted::json, Converted::of),
            _ => Converted::of(Ty::Union(found)),
        }
    }

    fn is_record(&self, branch: &Value) -> bool {
        let copy = self.copied(branch);
        copy.get("properties").is_some() || copy.get("type").and_then(Value::as_str) == Some("object")
    }

    /// Objects that have a member in common by whose text they are told apart.
    fn tagged(
        &mut self,
        around: &Map<String, Value>,
        branches: &[&Value],
        place: &Place,
        depth: u32,
    ) -> Option<Ty> {
        let mut merged: Vec<Map<String, Value>> = Vec::with_capacity(branches.len());
        for branch in branches {
            let mut copy = self.copied(branch);
            if !self.spend(super::size(&copy, 0), place) {
                return None;
            }
            if let Value::Object(inner) = &copy
                && inner.contains_key("allOf")
            {
                let inner = inner.clone();
                copy = self.merged(&inner, place, depth);
            }
            let Value::Object(mut copy) = copy else { return None };
            copy.get("properties")?;
            for (name, value) in
                around.iter().filter(|(name, _)| matches!(name.as_str(), "properties" | "required"))
            {
                self.merge(&mut copy, Map::from_iter([(name.clone(), value.clone())]), place);
            }
            merged.push(copy);
        }
        let first = merged.first()?.get("properties")?.as_object()?;
        let tag = first.keys().find(|name| {
            let mut texts: Vec<&str> = merged.iter().filter_map(|branch| tag_text(branch, name)).collect();
            texts.sort_unstable();
            texts.dedup();
            texts.len() == merged.len()
        })?;
        let tag = tag.clone();
        let owner = place.names().into_iter().next().unwrap_or_default();
        let mut records = Vec::with_capacity(merged.len());
        for branch in &merged {
            let text = tag_text(branch, &tag).unwrap_or_default().to_owned();
            let mut inner = branch.clone();
            if let Some(Value::Object(properties)) = inner.get_mut("properties") {
                properties.remove(&tag);
            }
            if let Some(Value::Array(required)) = inner.get_mut("required") {
                required.retain(|name| name.as_str() != Some(&tag));
            }
            let mut fields = vec![Field {
                name: tag.clone(),
                docs: docs(&Value::Object(branch.clone())),
                ty: Ty::Enum(scalar::alternatives(&[&text])),
                default: None,
                read: String::new(),
            }];
            fields.extend(self.fields(&inner, place, &format!("{owner}{}", camel(&text)), &[], depth));
            records.push(Ty::Record(fields));
        }
        Some(Ty::Union(records))
    }
}

/// Whether a branch says more than which members are there.
fn has_types(branch: &Value) -> bool {
    branch.get("properties").and_then(Value::as_object).is_some_and(|properties| {
        properties.values().any(|schema| schema.get("type").is_some() || schema.get("$ref").is_some())
    })
}

/// Branches that are one text each: an enum with words about its alternatives.
fn texts(branches: &[&Value]) -> Option<Ty> {
    let mut found: Vec<&str> = Vec::new();
    for branch in branches {
        match (branch.get("const"), branch.get("enum")) {
            (Some(Value::String(text)), _) => found.push(text),
            (None, Some(Value::Array(values))) => {
                for value in values {
                    found.push(value.as_str()?);
                }
            }
            _ => return None,
        }
    }
    (!found.is_empty()).then(|| Ty::Enum(scalar::alternatives(&found)))
}

/// The only text that a member of an object may have.
fn tag_text<'v>(branch: &'v Map<String, Value>, name: &str) -> Option<&'v str> {
    let schema = branch.get("properties")?.get(name)?;
    match (schema.get("const"), schema.get("enum").and_then(Value::as_array).map(Vec::as_slice)) {
        (Some(Value::String(text)), _) | (None, Some([Value::String(text)])) => Some(text),
        _ => None,
    }
}
