//! `attributes_flat`: what a provider of before 0.12 wrote and no later one has read yet. All values are text, and their
//! places are in their names: `ingress.#`, `ingress.0.from_port`, `tags.%`, `tags.Name`.

use std::collections::BTreeMap;

use super::sensitive::Secrets;
use crate::document::AttributeFilter;
use crate::fault::Fault;
use crate::reader::Reader;
use crate::tape::{Mark, Node, NodeIndex, NodeValue, UnknownCause};
use crate::terraform_plan::context::Context;

/// Deeper names are taken as they are.
const DEEPEST: usize = 32;

#[derive(Default)]
struct Place {
    text: Option<String>,
    inside: BTreeMap<String, Place>,
}

/// Reads the attributes at `start` and puts them on the tape as the object they stand for.
pub(super) fn read(
    text: &str,
    start: usize,
    filter: AttributeFilter,
    secrets: &Secrets,
    context: &mut Context,
) -> Result<NodeIndex, Fault> {
    let mut top = Place::default();
    let mut reader = Reader::at(text, start);
    let mut next = reader.first_member(str::to_owned)?;
    while let Some(name) = next {
        if reader.skip_null()? {
            next = reader.next_member(str::to_owned)?;
            continue;
        }
        let value = reader.text(str::to_owned)?;
        let attribute = name.split('.').next().unwrap_or_default();
        if filter.keeps(attribute) {
            let mut at = &mut top;
            for step in name.splitn(DEEPEST, '.') {
                at = at.inside.entry(step.to_owned()).or_default();
            }
            // The names of secrets are kept, their values are not.
            at.text = Some(if secrets.member(attribute).is_some() { String::new() } else { value });
        }
        next = reader.next_member(str::to_owned)?;
    }
    let mut members = Vec::with_capacity(top.inside.len());
    for (name, place) in &top.inside {
        let is_secret = secrets.member(name).is_some();
        let value =
            if is_secret { NodeValue::Unknown(UnknownCause::Sensitive) } else { place.value(start, context) };
        members.push((name.as_str(), value, is_secret));
    }
    let first = NodeIndex(context.tape.len() as u32);
    let offset = start as u32;
    for (name, value, is_secret) in &members {
        let key = context.strings.get_or_intern(name);
        let index = context.tape.push(Node { value: *value, offset }, key);
        if *is_secret {
            context.tape.marks.insert(index, Mark { sensitive: true, ..Mark::default() });
        }
    }
    let value = NodeValue::Object { first, len: members.len() as u32 };
    Ok(context.tape.push(Node { value, offset }, context.no_key))
}

impl Place {
    /// The value at a place, whose parts are put on the tape.
    fn value(&self, start: usize, context: &mut Context) -> NodeValue {
        /// What stands for a value that is only known after apply.
        const NOT_KNOWN: &str = "74D93920-ED26-11E3-AC10-0800200C9A66";
        let offset = start as u32;
        if self.inside.is_empty() {
            return match self.text.as_deref() {
                Some(NOT_KNOWN) => NodeValue::Unknown(UnknownCause::KnownAfterApply),
                Some(text) => NodeValue::Text(context.strings.get_or_intern(text)),
                None => NodeValue::Null,
            };
        }
        let is_list = self.inside.contains_key("#");
        let is_map = self.inside.contains_key("%");
        let mut found: Vec<(String, NodeValue)> = Vec::new();
        if is_map {
            // Keys of maps may have dots.
            self.leaves("", &mut found, context);
            found.retain(|(name, _)| name != "%");
        } else {
            let mut items: Vec<(&String, &Place)> =
                self.inside.iter().filter(|(name, _)| *name != "#").collect();
            items.sort_by_key(|(name, _)| name.parse::<u64>().unwrap_or(u64::MAX));
            for (name, place) in items {
                let value = place.value(start, context);
                found.push((name.clone(), value));
            }
        }
        let first = NodeIndex(context.tape.len() as u32);
        let len = found.len() as u32;
        for (name, value) in found {
            let key = if is_list { context.no_key } else { context.strings.get_or_intern(&name) };
            context.tape.push(Node { value, offset }, key);
        }
        if is_list { NodeValue::List { first, len } } else { NodeValue::Object { first, len } }
    }

    fn leaves(&self, before: &str, found: &mut Vec<(String, NodeValue)>, context: &mut Context) {
        for (name, place) in &self.inside {
            let name = if before.is_empty() { name.clone() } else { format!("{before}.{name}") };
            if let Some(text) = &place.text {
                found.push((name.clone(), NodeValue::Text(context.strings.get_or_intern(text))));
            }
            place.leaves(&name, found, context);
        }
    }
}
