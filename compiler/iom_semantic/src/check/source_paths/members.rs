//! One step of a path: is there such a member?

use std::collections::BTreeSet;

use iom_diagnostics::nearest;
use iom_syntax::ast::Name;

use super::Walk;
use super::known::{Known, Value};
use crate::messages;

/// Every resource of Terraform has it, whatever the provider says of its type.
const LIFECYCLE: &str = "lifecycle";

impl Walk<'_> {
    pub(super) fn member(&mut self, base: &Value, name: &Name) -> Value {
        if name.quoted || name.text.is_empty() || (name.text == LIFECYCLE && base.is_source_object()) {
            return Value::open();
        }
        let mut found = if base.is_open { Value::open() } else { Value::nothing() };
        let mut is_found = base.is_open || base.alternatives.is_empty();
        // Any key may be in a map, but hardly one that is nearly the name of what stands beside it.
        let is_near_miss = |known: &Known| match known {
            Known::Object(object) => {
                object.members().all(|member| member.name != name.text)
                    && nearest(&name.text, object.members().map(|member| member.name)).is_some()
            }
            _ => false,
        };
        let takes_any_key = !base.alternatives.iter().any(is_near_miss);
        for known in &base.alternatives {
            let member = match known {
                Known::Object(object) => object.member(&name.text).map(|member| member.shape),
                Known::Map(item) => takes_any_key.then_some(*item),
                Known::Plain | Known::List(_) | Known::ListOf(_) => None,
            };
            if let Some(shape) = member {
                is_found = true;
                found = found.or(Value::of_shape(&name.text, shape));
            }
        }
        if is_found {
            return found;
        }
        self.unknown_member(base, name)
    }

    /// Nothing that the value can be has the member. Goes on as if the small mistake had not been made.
    fn unknown_member(&mut self, base: &Value, name: &Name) -> Value {
        let place = (self.place)(name.id);
        let item = base.item();
        if base.alternatives.iter().any(|known| matches!(known, Known::List(_) | Known::ListOf(_))) {
            self.faults.push(messages::list_read_as_one(place, &base.name, &name.text));
            let is_there =
                |known: &Known| matches!(known, Known::Object(object) if object.member(&name.text).is_some());
            return if item.alternatives.iter().any(is_there) {
                self.member(&item, name)
            } else {
                Value::open()
            };
        }
        let Some(schema) = base.schema() else {
            self.faults.push(messages::plain_value_read_into(place, &base.name, &name.text));
            return Value::open();
        };
        let names: BTreeSet<&str> = base
            .alternatives
            .iter()
            .filter_map(|known| match known {
                Known::Object(object) => Some(object),
                _ => None,
            })
            .flat_map(|object| object.members().map(|member| member.name))
            .collect();
        let near = nearest(&name.text, names.iter().copied());
        let is_partial = |known: &Known| matches!(known, Known::Object(object) if object.is_partial());
        if near.is_none() && base.alternatives.iter().any(is_partial) {
            return Value::open();
        }
        let names: Vec<&str> = names.iter().copied().collect();
        self.faults.push(messages::unknown_source_path(place, &name.text, &base.name, near, &names, schema));
        Value::open()
    }
}
