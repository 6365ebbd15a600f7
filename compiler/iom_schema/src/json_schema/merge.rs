use serde_json::{Map, Value};

use super::{Converter, Place};

impl Converter<'_> {
    /// A schema with all of its `allOf` in it.
    pub(super) fn merged(&mut self, members: &Map<String, Value>, place: &Place, depth: u32) -> Value {
        let mut merged = members.clone();
        let parts = match merged.remove("allOf") {
            Some(Value::Array(parts)) => parts,
            _ => Vec::new(),
        };
        // One reference with nothing but words around it is the type it refers to.
        if let [only] = parts.as_slice()
            && only.get("$ref").is_some()
            && merged.keys().all(|name| is_remark(name))
        {
            let mut alone = only.as_object().cloned().unwrap_or_default();
            for (name, value) in merged {
                alone.entry(name).or_insert(value);
            }
            return Value::Object(alone);
        }
        for part in &parts {
            let mut copy = self.copied(part);
            if !self.spend(super::size(&copy, 0), place) {
                break;
            }
            if copy.get("allOf").is_some()
                && let (Some(depth), Value::Object(inner)) = (depth.checked_sub(1), &copy)
            {
                let inner = inner.clone();
                copy = self.merged(&inner, place, depth);
            }
            if let Value::Object(copy) = copy {
                self.merge(&mut merged, copy, place);
            }
        }
        merged.remove("allOf");
        Value::Object(merged)
    }

    /// Adds what another schema says.
    pub(super) fn merge(
        &mut self,
        merged: &mut Map<String, Value>,
        other: Map<String, Value>,
        place: &Place,
    ) {
        for (name, value) in other {
            match (merged.get_mut(&name), value) {
                (None, value) => {
                    merged.insert(name, value);
                }
                (Some(known), value) if *known == value => {}
                (Some(Value::Object(known)), Value::Object(value)) if name == "properties" => {
                    for (member, schema) in value {
                        match known.get(&member) {
                            Some(old) if *old != schema => {
                                let both = Value::Array(vec![old.clone(), schema]);
                                let both = Map::from_iter([("allOf".to_owned(), both)]);
                                known.insert(member, Value::Object(both));
                            }
                            _ => {
                                known.insert(member, schema);
                            }
                        }
                    }
                }
                (Some(Value::Array(known)), Value::Array(value)) if name == "required" => {
                    known.extend(value.into_iter().filter(|name| !name.is_null()));
                }
                _ if is_remark(&name) => {}
                _ => self.note(&format!("`{name}`, which is said in several ways, is read in one"), place),
            }
        }
    }
}

/// Keywords that describe nothing.
fn is_remark(name: &str) -> bool {
    matches!(
        name,
        "description"
            | "title"
            | "default"
            | "example"
            | "examples"
            | "deprecated"
            | "readOnly"
            | "writeOnly"
            | "nullable"
            | "$comment"
            | "externalDocs"
            | "xml"
            | "$id"
            | "id"
            | "$schema"
    ) || name.starts_with("x-")
}
