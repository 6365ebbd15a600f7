//! Holds an adapter against the provider's schema: the types it reads, and every path into them.
//!
//! A walk beside the inference, because for the type checker a source's object is json, where any path may be. What the
//! walk cannot follow (functions, text that holds JSON) it lets pass. A segment in quotation marks is taken at its word: so an
//! adapter reads what only versions have that are newer than the schema. Of types that are newer themselves only near
//! misses are told.

mod expressions;
mod known;
mod members;

use iom_diagnostics::{Diagnostic, nearest};
use iom_stdlib::schemas::{Schema, schema_of, schemas};
use iom_syntax::ast::{Adapter, ClauseKind, DeclarationKind, Field, FieldValueHead, Member, NodeId, Text};
use smol_str::SmolStr;

use self::known::{Known, Value};
use crate::db::Db;
use crate::items::{Item, Place, declaration};
use crate::messages;

/// Further from a type's name than this, and it is more likely a newer type than a misspelling.
const MOST_EDITS: usize = 2;

/// What is wrong with an adapter's types and paths; nothing where no schema is shipped for them.
pub(super) fn faults(adapter: &Adapter, place: &dyn Fn(NodeId) -> Place) -> Vec<Diagnostic<Place>> {
    if adapter.format.text != "terraform" {
        return Vec::new();
    }
    let mut walk =
        Walk { place, names: Vec::new(), at_hand: Vec::new(), outer: Value::open(), faults: Vec::new() };
    let object = walk.source_object(adapter.is_data, &adapter.source_types);
    walk.adapter(adapter, object);
    walk.faults
}

/// What the provider's schema says against the adapters of a kind of the library.
pub(super) fn library_faults<'db>(db: &'db dyn Db, item: Item<'db>) -> Vec<Diagnostic<Place>> {
    let declaration = declaration(db, item);
    let DeclarationKind::Kind(kind) = &declaration.kind else { return Vec::new() };
    let clauses = kind.body.members.iter().filter_map(|member| match member {
        Member::Clause(clause) => Some(&clause.kind),
        _ => None,
    });
    let adapters = clauses.filter_map(|clause| match clause {
        ClauseKind::Adapter(adapter) => Some(adapter),
        _ => None,
    });
    adapters.flat_map(|adapter| faults(adapter, &|node| item.place(db, node))).collect()
}

struct Walk<'a> {
    place: &'a dyn Fn(NodeId) -> Place,
    names: Vec<(SmolStr, Value)>,
    at_hand: Vec<Value>,
    outer: Value,
    faults: Vec<Diagnostic<Place>>,
}

impl Walk<'_> {
    fn adapter(&mut self, adapter: &Adapter, object: Value) {
        self.at_hand.push(object.clone());
        if let Some(at) = &adapter.at {
            let inner = self.value(at);
            self.at_hand = vec![inner];
        }
        self.clauses(adapter, &object);
        if let Some(each) = &adapter.each {
            let item = self.value(each).item();
            self.outer = self.at_hand.last().cloned().unwrap_or_else(Value::open);
            self.at_hand.push(item);
        }
        if let Some(filter) = &adapter.filter {
            self.value(filter);
        }
        for member in &adapter.body.members {
            match member {
                Member::Field(field) => self.field(field),
                Member::Clause(clause) => {
                    if let ClauseKind::Let { name, value } = &clause.kind {
                        let value = self.value(value);
                        self.names.push((name.text.clone(), value));
                    }
                }
                _ => {}
            }
        }
    }

    /// Keys and parts.
    fn clauses(&mut self, adapter: &Adapter, object: &Value) {
        for member in &adapter.body.members {
            let Member::Clause(clause) = member else { continue };
            match &clause.kind {
                ClauseKind::Key(paths) => paths.iter().for_each(|path| drop(self.value(path))),
                ClauseKind::Part { is_many, name, source_type, on } => {
                    let part = self.source_object(false, std::slice::from_ref(source_type));
                    let around = std::mem::replace(&mut self.outer, object.clone());
                    self.with_at_hand(part.clone(), |walk| walk.value(on));
                    self.outer = around;
                    let part = if *is_many { Value::list_of(part) } else { part };
                    self.names.push((name.text.clone(), part));
                }
                _ => {}
            }
        }
    }

    /// The object of a resource of one of the types.
    fn source_object(&mut self, is_data: bool, types: &[Text]) -> Value {
        let mut all = Value::nothing();
        for written in types {
            let schema = schema_of(&written.text);
            match schema.and_then(|schema| schema.find(is_data, &written.text)) {
                Some(object) => {
                    let alternatives = vec![Known::Object(object)];
                    all = all.or(Value { name: written.text.clone(), alternatives, is_open: false });
                }
                None => {
                    all.is_open = true;
                    match schema {
                        Some(schema) => self.unknown_type(is_data, written, schema),
                        None => self.unknown_provider(is_data, written),
                    }
                }
            }
        }
        all
    }

    fn unknown_type(&mut self, is_data: bool, written: &Text, schema: Schema) {
        let place = (self.place)(written.id);
        if schema.find(!is_data, &written.text).is_some() {
            self.faults.push(messages::source_type_of_other_sort(place, &written.text, is_data, schema));
            return;
        }
        let length = written.text.len();
        let of_like_length =
            schema.type_names(is_data).filter(|name| name.len().abs_diff(length) <= MOST_EDITS);
        let near = nearest(&written.text, of_like_length)
            .filter(|near| iom_diagnostics::edits(&written.text, near) <= MOST_EDITS);
        if let Some(near) = near {
            self.faults.push(messages::unknown_source_type(place, &written.text, near, schema));
        }
    }

    /// The mistake may be in the provider's own name: `ws_s3_bucket`.
    fn unknown_provider(&mut self, is_data: bool, written: &Text) {
        let length = written.text.len();
        for schema in schemas() {
            let near = schema.type_names(is_data).find(|name| {
                name.len().abs_diff(length) <= 1 && iom_diagnostics::edits(&written.text, name) == 1
            });
            if let Some(near) = near {
                let place = (self.place)(written.id);
                self.faults.push(messages::unknown_source_type(place, &written.text, near, *schema));
                return;
            }
        }
    }

    fn field(&mut self, field: &Field) {
        if let FieldValueHead::Expr(expr) = &field.value.head {
            self.value(expr);
        }
    }
}
