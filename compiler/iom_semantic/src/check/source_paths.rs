//! Holds an adapter against the provider's schema: the types it reads, and every path into them.
//!
//! A walk beside the inference, because for the type checker a source's object is json, where any path may be. What the
//! walk cannot follow (functions, text that holds JSON) it lets pass. A segment in quotation marks is taken at its word: so an
//! adapter reads what only versions have that are newer than the schema. Of types that are newer themselves only near
//! misses are told.

use std::collections::BTreeSet;

use iom_diagnostics::{Diagnostic, nearest};
use iom_stdlib::schemas::{Object, Schema, Shape, ShapeKind, schema_of, schemas};
use iom_syntax::ast::{
    Adapter, BinaryOp, ClauseKind, Expr, ExprKind, Field, FieldValueHead, InBinder, Literal, Member, Name,
    NodeId, PatternKind, StringPart, Text, TypeExpr, TypeKind,
};
use smol_str::SmolStr;

use crate::items::Place;
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

/// What is known of a value: it is one of these.
#[derive(Clone, Debug)]
struct Value {
    /// What it is called in messages: the type, or the last name of the path.
    name: SmolStr,
    alternatives: Vec<Known>,
    /// It may be something else too, about which nothing is known.
    is_open: bool,
}

#[derive(Clone, Debug)]
enum Known {
    /// Text, a number, a bool.
    Plain,
    Object(Object),
    List(Shape),
    Map(Shape),
    /// A list that the adapter makes.
    ListOf(Box<Value>),
}

impl Value {
    fn open() -> Value {
        Value { name: SmolStr::default(), alternatives: Vec::new(), is_open: true }
    }

    /// Absent, unknown, an empty list: adds nothing to what stands beside it.
    fn nothing() -> Value {
        Value { is_open: false, ..Value::open() }
    }

    fn of_shape(name: &str, shape: Shape) -> Value {
        let known = match shape.kind() {
            ShapeKind::Text | ShapeKind::Number | ShapeKind::Bool => Known::Plain,
            ShapeKind::Any => return Value::open(),
            ShapeKind::List(item) => Known::List(item),
            ShapeKind::Map(item) => Known::Map(item),
            ShapeKind::Object(object) => Known::Object(object),
        };
        Value { name: name.into(), alternatives: vec![known], is_open: false }
    }

    fn list_of(item: Value) -> Value {
        Value { name: item.name.clone(), alternatives: vec![Known::ListOf(Box::new(item))], is_open: false }
    }

    fn or(mut self, other: Value) -> Value {
        if self.alternatives.is_empty() {
            self.name = other.name;
        }
        self.alternatives.extend(other.alternatives);
        self.is_open |= other.is_open;
        self
    }

    /// What going through it gives, one by one.
    fn item(&self) -> Value {
        let mut all = if self.is_open { Value::open() } else { Value::nothing() };
        for known in &self.alternatives {
            all = all.or(match known {
                Known::List(item) => Value::of_shape(&self.name, *item),
                Known::ListOf(item) => (**item).clone(),
                Known::Plain | Known::Object(_) | Known::Map(_) => Value::open(),
            });
        }
        all
    }

    /// The values of a map, for the second name of a binder.
    fn map_value(&self) -> Value {
        match self.alternatives.as_slice() {
            [Known::Map(item)] if !self.is_open => Value::of_shape(&self.name, *item),
            _ => Value::open(),
        }
    }

    fn schema(&self) -> Option<Schema> {
        self.alternatives.iter().find_map(|known| match known {
            Known::Object(object) => Some(object.schema()),
            _ => None,
        })
    }
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

    fn with_at_hand<T>(&mut self, value: Value, run: impl FnOnce(&mut Self) -> T) -> T {
        self.at_hand.push(value);
        let result = run(self);
        self.at_hand.pop();
        result
    }

    /// Names that are bound inside end with it.
    fn in_scope<T>(&mut self, run: impl FnOnce(&mut Self) -> T) -> T {
        let names = self.names.len();
        let result = run(self);
        self.names.truncate(names);
        result
    }

    fn value(&mut self, expr: &Expr) -> Value {
        match &expr.kind {
            ExprKind::Name(name) => self.named(name),
            ExprKind::DotField(name) => {
                let base = self.at_hand.last().cloned().unwrap_or_else(Value::open);
                self.member(&base, name)
            }
            ExprKind::Outer => self.outer.clone(),
            ExprKind::Field { base, name, .. } => {
                let base = self.value(base);
                self.member(&base, name)
            }
            ExprKind::Index { base, index, .. } => self.indexed(base, index),
            ExprKind::Binary { op, left, right, .. } => self.binary(*op, left, right),
            ExprKind::If { condition, then, otherwise } => {
                self.value(condition);
                self.value(then).or(self.value(otherwise))
            }
            ExprKind::Match { scrutinee, arms } => {
                self.value(scrutinee);
                let mut all = Value::nothing();
                for arm in arms {
                    all = all.or(self.in_scope(|walk| {
                        let binders = arm.patterns.iter().filter_map(|pattern| match &pattern.kind {
                            PatternKind::Type { binder: Some(binder), .. } => Some(binder),
                            _ => None,
                        });
                        walk.names.extend(binders.map(|binder| (binder.text.clone(), Value::open())));
                        walk.value(&arm.value)
                    }));
                }
                all
            }
            ExprKind::Let { name, value, body } => {
                let value = self.value(value);
                self.in_scope(|walk| {
                    walk.names.push((name.text.clone(), value));
                    walk.value(body)
                })
            }
            ExprKind::ListComprehension { binders, value } => self.in_scope(|walk| {
                binders.iter().for_each(|binder| walk.bind(binder));
                Value::list_of(walk.value(value))
            }),
            ExprKind::MapComprehension { binders, key, value } => self.in_scope(|walk| {
                binders.iter().for_each(|binder| walk.bind(binder));
                walk.value(key);
                walk.value(value);
                Value::open()
            }),
            ExprKind::Quantifier { binder, body, .. } => self.in_scope(|walk| {
                walk.bind(binder);
                walk.value(body);
                Value::nothing()
            }),
            ExprKind::List(items) | ExprKind::Set(items) => {
                let all = items.iter().fold(Value::nothing(), |all, item| all.or(self.value(item)));
                Value::list_of(all)
            }
            ExprKind::Record(fields) => {
                fields.iter().for_each(|field| self.field(field));
                Value::open()
            }
            ExprKind::With { base, fields } => {
                self.value(base);
                fields.iter().for_each(|field| self.field(field));
                Value::open()
            }
            ExprKind::AsRecord { base, fields } => {
                let base = self.value(base);
                let around = self.at_hand.last().cloned().unwrap_or_else(Value::open);
                let kept = std::mem::replace(&mut self.outer, around);
                self.with_at_hand(base, |walk| fields.iter().for_each(|field| walk.field(field)));
                self.outer = kept;
                Value::open()
            }
            ExprKind::AsType { base, ty } => self.converted(base, ty),
            ExprKind::Call { callee, arguments } => {
                let values: Vec<Value> = match arguments.split_first() {
                    // `map_of(xs, by: .key, to: .value)`: the others are asked of each element.
                    Some((list, others)) if is_named(callee, "map_of") => {
                        let list = self.value(&list.value);
                        let item = list.item();
                        let ask =
                            |walk: &mut Self| others.iter().for_each(|one| drop(walk.value(&one.value)));
                        self.with_at_hand(item, ask);
                        vec![]
                    }
                    _ => arguments.iter().map(|argument| self.value(&argument.value)).collect(),
                };
                match values.as_slice() {
                    [list] if is_named(callee, "first") || is_named(callee, "only") => list.item(),
                    [list] if ["distinct", "sorted", "reverse"].iter().any(|name| is_named(callee, name)) => {
                        list.clone()
                    }
                    _ => Value::open(),
                }
            }
            ExprKind::Unary { operand, .. } => {
                self.value(operand);
                Value::nothing()
            }
            ExprKind::Is { value, .. } => {
                self.value(value);
                Value::nothing()
            }
            ExprKind::String(parts) => {
                for part in parts {
                    if let StringPart::Expr(inner) = part {
                        self.value(inner);
                    }
                }
                Value::nothing()
            }
            ExprKind::Literal(_) => Value::nothing(),
            ExprKind::Context(_) | ExprKind::Missing => Value::open(),
        }
    }

    fn named(&self, name: &str) -> Value {
        match self.names.iter().rev().find(|(own, _)| own == name) {
            Some((_, value)) => value.clone(),
            None if name == "self" => self.at_hand.last().cloned().unwrap_or_else(Value::open),
            None if matches!(name, "absent" | "unknown") => Value::nothing(),
            None => Value::open(),
        }
    }

    fn bind(&mut self, binder: &InBinder) {
        let source = self.value(&binder.source);
        let is_map = matches!(source.alternatives.as_slice(), [Known::Map(_)]);
        let (first, second) = match &binder.second {
            Some(_) if is_map => (Value::nothing(), source.map_value()),
            Some(_) => (source.item(), Value::open()),
            None if is_map => (Value::nothing(), Value::nothing()),
            None => (source.item(), Value::nothing()),
        };
        let first = match &binder.by {
            Some(by) => {
                self.with_at_hand(first, |walk| drop(walk.value(by)));
                Value::open()
            }
            None => first,
        };
        self.names.push((binder.name.text.clone(), first.clone()));
        if let Some(name) = &binder.second {
            self.names.push((name.text.clone(), second));
        }
        if let Some(filter) = &binder.filter {
            self.with_at_hand(first, |walk| drop(walk.value(filter)));
        }
    }

    fn binary(&mut self, op: BinaryOp, left: &Expr, right: &Expr) -> Value {
        let left = self.value(left);
        match op {
            BinaryOp::Coalesce | BinaryOp::Default | BinaryOp::Concat => left.or(self.value(right)),
            BinaryOp::Where => {
                self.with_at_hand(left.item(), |walk| drop(walk.value(right)));
                left
            }
            _ => {
                self.value(right);
                Value::nothing()
            }
        }
    }

    fn converted(&mut self, base: &Expr, ty: &TypeExpr) -> Value {
        let base = self.value(base);
        let is_list = matches!(&ty.kind, TypeKind::Path(path) if matches!(path.segments.as_slice(), [only] if only.text == "list"));
        if !is_list {
            return Value::open();
        }
        // What is no list yet becomes one of a single element.
        let is_many = |known: &Known| matches!(known, Known::List(_) | Known::ListOf(_));
        if base.alternatives.iter().all(is_many) { base } else { Value::list_of(base) }
    }

    fn indexed(&mut self, base: &Expr, index: &Expr) -> Value {
        let written = base;
        let base = self.value(base);
        self.value(index);
        if matches!(&index.kind, ExprKind::String(_)) {
            return base.map_value();
        }
        let is_single = !base.is_open
            && !base.alternatives.is_empty()
            && base.alternatives.iter().all(|known| matches!(known, Known::Object(_)));
        if is_single && matches!(&index.kind, ExprKind::Literal(Literal::Number(_))) {
            self.faults.push(messages::single_block_indexed((self.place)(written.id), &base.name));
            return base;
        }
        base.item()
    }

    fn member(&mut self, base: &Value, name: &Name) -> Value {
        if name.quoted || name.text.is_empty() {
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

fn is_named(expr: &Expr, wanted: &str) -> bool {
    matches!(&expr.kind, ExprKind::Name(name) if name == wanted)
}
