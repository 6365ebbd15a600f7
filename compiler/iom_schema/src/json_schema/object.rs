use serde_json::{Map, Value};

use super::{Converter, Place, docs, sorted};
use crate::declaration::{Field, Shape, Ty};

impl Converter<'_> {
    /// An object: a record by a name of its own, or a map.
    pub(super) fn object(&mut self, members: &Map<String, Value>, place: &Place, depth: u32) -> Ty {
        let has_members =
            members.get("properties").and_then(Value::as_object).is_some_and(|found| !found.is_empty());
        if !has_members {
            return self.map(members, place, depth);
        }
        let is_more = |name: &str| match members.get(name) {
            Some(Value::Bool(is_open)) => *is_open,
            Some(Value::Object(schema)) => !schema.is_empty() || name == "additionalProperties",
            _ => false,
        };
        let is_true = |name: &str| members.get(name).and_then(Value::as_bool).unwrap_or(false);
        if is_more("additionalProperties")
            || is_more("patternProperties")
            || is_true("x-kubernetes-preserve-unknown-fields")
        {
            self.note("members beside those that are named are left out", place);
        }
        let wanted = place.names();
        // The name is taken before those of what is inside.
        let name = self.names.take(&wanted);
        let position = self.unit.declarations.len();
        let fields = self.fields(members, place, &name, &[], depth);
        let docs = docs(&Value::Object(members.clone()));
        let declared = crate::declaration::Declaration {
            name: name.clone(),
            docs: if place.owner.is_empty() { docs } else { Vec::new() },
            shape: Shape::Fields(fields),
            kind: None,
        };
        self.unit.declarations.insert(position.min(self.unit.declarations.len()), declared);
        Ty::Named(name)
    }

    /// The fields of an object whose type begins with `owner`, but for some, in order of their names.
    pub(super) fn fields(
        &mut self,
        members: &Map<String, Value>,
        place: &Place,
        owner: &str,
        without: &[&str],
        depth: u32,
    ) -> Vec<Field> {
        let required: Vec<&str> = match members.get("required") {
            Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        let Some(properties) = members.get("properties").and_then(Value::as_object) else {
            return Vec::new();
        };
        let mut fields = Vec::with_capacity(properties.len());
        for (name, schema) in
            sorted(properties).into_iter().filter(|(name, _)| !without.contains(&name.as_str()))
        {
            let inside = place.inside(owner, name);
            let is_required = required.contains(&name.as_str());
            fields.push(self.field_at_depth(name, schema, is_required, &inside, depth));
        }
        for name in required.iter().filter(|name| !properties.contains_key(**name)) {
            self.note(
                "a member that has to be there, and is not described, is left out",
                &place.inside(owner, name),
            );
        }
        fields
    }

    /// An object of which no member is named.
    fn map(&mut self, members: &Map<String, Value>, place: &Place, depth: u32) -> Ty {
        let is_true = |name: &str| members.get(name).and_then(Value::as_bool).unwrap_or(false);
        if is_true("x-kubernetes-preserve-unknown-fields") || is_true("x-kubernetes-embedded-resource") {
            return Ty::named("json");
        }
        if let Some(required) = members.get("required").and_then(Value::as_array)
            && !required.is_empty()
        {
            self.note("a member that has to be there, and is not described, is left out", place);
        }
        let mut values: Vec<&Value> = Vec::new();
        if let Some(schemas) = members.get("patternProperties").and_then(Value::as_object) {
            self.note("a pattern of names is left out", place);
            values.extend(sorted(schemas).into_iter().map(|(_, schema)| schema));
        }
        values.extend(members.get("additionalProperties").filter(|schema| schema.is_object()));
        let item = match values.as_slice() {
            [only] => self.at_depth(only, place, depth).ty,
            _ => Ty::named("json"),
        };
        Ty::Map(Box::new(item))
    }
}
