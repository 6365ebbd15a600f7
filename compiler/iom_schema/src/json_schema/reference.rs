use serde_json::Value;

use super::{Converted, Converter, Declared, Place, docs};
use crate::declaration::{Shape, Ty};
use crate::names::camel;

impl Converter<'_> {
    /// The type that `$ref` names: it is written once, whoever refers to it.
    pub(super) fn reference(&mut self, reference: &str, place: &Place, depth: u32) -> Converted {
        match self.declared.get(reference) {
            Some(Some(known)) => return Converted { ty: known.ty.clone(), is_nullable: known.is_nullable },
            Some(None) => {
                self.note("a type inside of itself, json there", place);
                return Converted::json();
            }
            None => {}
        }
        let root = self.root;
        let Some(target) = pointed_at(root, reference) else {
            self.note(&format!("the reference `{reference}` leads out of the document, json there"), place);
            return Converted::json();
        };
        self.declared.insert(reference.to_owned(), None);
        let last = reference.rsplit('/').next().unwrap_or(reference);
        let decoded = step(last);
        let short = decoded.rsplit('.').next().unwrap_or(&decoded);
        let own = Place { owner: String::new(), name: short.to_owned(), path: short.to_owned() };
        let position = self.unit.declarations.len();
        let found = self.at_depth(target, &own, depth);
        let ty = match found.ty {
            // Types that got a name on the way are known by it; of what can be anything there is nothing more to say.
            Ty::Named(name) if name == "json" || name.starts_with(|first: char| first.is_uppercase()) => {
                Ty::Named(name)
            }
            other => {
                let wanted = [camel(short), camel(&decoded)];
                self.declare(&wanted, docs(target), Shape::Alias(other), position)
            }
        };
        let declared = Declared { ty: ty.clone(), is_nullable: found.is_nullable };
        self.declared.insert(reference.to_owned(), Some(declared));
        Converted { ty, is_nullable: found.is_nullable }
    }

    /// A copy of a schema, or of the one that it refers to.
    pub(super) fn copied(&self, schema: &Value) -> Value {
        let mut current = schema;
        for _ in 0..16 {
            let Some(reference) = current.get("$ref").and_then(Value::as_str) else { break };
            match pointed_at(self.root, reference) {
                Some(target) => current = target,
                None => break,
            }
        }
        current.clone()
    }
}

/// What a reference inside the document points at.
pub(super) fn pointed_at<'v>(root: &'v Value, reference: &str) -> Option<&'v Value> {
    let pointer = reference.strip_prefix('#')?;
    if pointer.is_empty() {
        return Some(root);
    }
    pointer.strip_prefix('/')?.split('/').try_fold(root, |value, written| match value {
        Value::Object(members) => members.get(&step(written)),
        Value::Array(elements) => elements.get(written.parse::<usize>().ok()?),
        _ => None,
    })
}

/// A step of a pointer, as it is meant.
fn step(written: &str) -> String {
    let mut bytes = Vec::with_capacity(written.len());
    let mut rest = written.bytes();
    while let Some(byte) = rest.next() {
        let digits = (byte == b'%').then(|| rest.clone().take(2).collect::<Vec<u8>>());
        let code = digits.and_then(|digits| u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok());
        match code {
            Some(code) => {
                bytes.push(code);
                rest.nth(1);
            }
            None => bytes.push(byte),
        }
    }
    String::from_utf8_lossy(&bytes).replace("~1", "/").replace("~0", "~")
}
