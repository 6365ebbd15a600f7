//! The walk through the expressions of an adapter.

use iom_syntax::ast::{
    Argument, Arm, BinaryOp, Expr, ExprKind, InBinder, Literal, PatternKind, StringPart, TypeExpr, TypeKind,
};

use super::Walk;
use super::known::{Known, Value};
use crate::messages;

impl Walk<'_> {
    pub(super) fn with_at_hand<T>(&mut self, value: Value, run: impl FnOnce(&mut Self) -> T) -> T {
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

    pub(super) fn value(&mut self, expr: &Expr) -> Value {
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
            ExprKind::Match { scrutinee, arms } => self.matched(scrutinee, arms),
            ExprKind::List(items) | ExprKind::Set(items) => {
                let all = items.iter().fold(Value::nothing(), |all, item| all.or(self.value(item)));
                Value::list_of(all)
            }
            ExprKind::AsType { base, ty } => self.converted(base, ty),
            ExprKind::Call { callee, arguments } => self.called(callee, arguments),
            ExprKind::Unary { operand: inner, .. } | ExprKind::Is { value: inner, .. } => {
                self.value(inner);
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
            ExprKind::Record(_) | ExprKind::With { .. } | ExprKind::AsRecord { .. } => self.record(expr),
            ExprKind::Let { .. }
            | ExprKind::ListComprehension { .. }
            | ExprKind::MapComprehension { .. }
            | ExprKind::Quantifier { .. } => self.in_scope(|walk| walk.binding(expr)),
        }
    }

    /// What binds names of its own.
    fn binding(&mut self, expr: &Expr) -> Value {
        match &expr.kind {
            ExprKind::Let { name, value, body } => {
                let value = self.value(value);
                self.names.push((name.text.clone(), value));
                self.value(body)
            }
            ExprKind::ListComprehension { binders, value } => {
                binders.iter().for_each(|binder| self.bind(binder));
                Value::list_of(self.value(value))
            }
            ExprKind::MapComprehension { binders, key, value } => {
                binders.iter().for_each(|binder| self.bind(binder));
                self.value(key);
                self.value(value);
                Value::open()
            }
            ExprKind::Quantifier { binder, body, .. } => {
                self.bind(binder);
                self.value(body);
                Value::nothing()
            }
            _ => Value::open(),
        }
    }

    /// What has fields: about the record itself nothing is known.
    fn record(&mut self, expr: &Expr) -> Value {
        match &expr.kind {
            ExprKind::Record(fields) => fields.iter().for_each(|field| self.field(field)),
            ExprKind::With { base, fields } => {
                self.value(base);
                fields.iter().for_each(|field| self.field(field));
            }
            ExprKind::AsRecord { base, fields } => {
                let base = self.value(base);
                let around = self.at_hand.last().cloned().unwrap_or_else(Value::open);
                let kept = std::mem::replace(&mut self.outer, around);
                self.with_at_hand(base, |walk| fields.iter().for_each(|field| walk.field(field)));
                self.outer = kept;
            }
            _ => {}
        }
        Value::open()
    }

    fn matched(&mut self, scrutinee: &Expr, arms: &[Arm]) -> Value {
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

    fn called(&mut self, callee: &Expr, arguments: &[Argument]) -> Value {
        let is_one_of = |names: &[&str]| names.iter().any(|name| is_named(callee, name));
        // `map_of(xs, by: .key, to: .value)`: the others are asked of each element.
        if let Some((list, others)) = arguments.split_first()
            && is_one_of(&["map_of"])
        {
            let item = self.value(&list.value).item();
            let ask = |walk: &mut Self| others.iter().for_each(|one| drop(walk.value(&one.value)));
            self.with_at_hand(item, ask);
            return Value::open();
        }
        let values: Vec<Value> = arguments.iter().map(|argument| self.value(&argument.value)).collect();
        match values.as_slice() {
            [list] if is_one_of(&["first", "only"]) => list.item(),
            [list] if is_one_of(&["distinct", "sorted", "reverse"]) => list.clone(),
            _ => Value::open(),
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
        let is_list = matches!(&ty.kind, TypeKind::Path(path) if matches!(&*path.segments, [only] if only.text == "list"));
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
}

fn is_named(expr: &Expr, wanted: &str) -> bool {
    matches!(&expr.kind, ExprKind::Name(name) if name == wanted)
}
