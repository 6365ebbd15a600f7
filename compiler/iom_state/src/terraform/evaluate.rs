//! Expressions become values.

use std::collections::BTreeMap;
use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::instances::{Instance, ModuleInstance};
use super::load::Tree;
use super::operators::{self, not_computed, truth};
use super::syntax::{Call, Expr, For, Kind, Name};
use super::value::{Named, Shape, Value, graver};
use crate::document::ObjectId;
use crate::ends::Shared;
use crate::tape::UnknownCause;
use crate::terraform_sources::Files;

/// Values inside values inside values: deeper is a circle.
const MOST_DEPTH: u32 = 400;
/// Steps for one object with all that leads to it, and for the whole configuration.
const FUEL: u64 = 4_000_000;
const WHOLE_FUEL: u64 = 80_000_000;
/// Longest text that is made.
pub(super) const LONGEST_TEXT: usize = 1 << 20;
const MOST_REMARKS: usize = 1000;

/// What is bound, by name, the innermost last.
pub(super) type Scope = Vec<(Name, Value)>;

/// A value that is worked out once.
pub(super) enum Memo {
    /// It is being worked out: who asks for it then goes in a circle.
    Begun,
    Done(Value),
}

/// Gives expressions their values.
pub(super) struct Evaluator<'c> {
    pub tree: &'c Tree,
    pub files: Option<&'c mut dyn Files>,
    pub modules: Vec<ModuleInstance>,
    pub instances: Vec<Instance>,
    pub attributes: FxHashMap<(ObjectId, Name), Memo>,
    /// Blocks with `count` or `for_each` as a whole, by module instance and position.
    pub wholes: FxHashMap<(u32, usize), Value>,
    /// The module instance whose names are meant.
    pub module: u32,
    /// `each`, `count` and what `for` and `dynamic` bind.
    pub scope: Scope,
    /// Templates that are being written, one inside of the other.
    pub templates: usize,
    depth: u32,
    fuel: u64,
    whole_fuel: u64,
    /// What the values come from beside the configuration: files with their hashes, folders with what was found in them.
    pub beside: BTreeMap<String, String>,
    /// With their places.
    pub remarks: Vec<(String, u32)>,
    said: FxHashSet<String>,
}

impl<'c> Evaluator<'c> {
    pub fn new(tree: &'c Tree, files: Option<&'c mut dyn Files>) -> Evaluator<'c> {
        Evaluator {
            tree,
            files,
            modules: Vec::new(),
            instances: Vec::new(),
            attributes: FxHashMap::default(),
            wholes: FxHashMap::default(),
            module: 0,
            scope: Vec::new(),
            templates: 0,
            depth: 0,
            fuel: FUEL,
            whole_fuel: WHOLE_FUEL,
            beside: BTreeMap::new(),
            remarks: Vec::new(),
            said: FxHashSet::default(),
        }
    }

    /// Says something once.
    pub fn remark(&mut self, message: String, offset: u32) {
        if self.remarks.len() < MOST_REMARKS && self.said.insert(message.clone()) {
            self.remarks.push((message, offset));
        }
    }

    /// Of all names and texts that the values come from.
    pub fn sha256(&self) -> String {
        let beside = self.beside.iter().map(|(name, said)| format!("{} {name} {said}\n", name.len()));
        let beside: String = beside.collect();
        if beside.is_empty() {
            return self.tree.sha256.clone();
        }
        crate::sha256(format!("{}\n{beside}", self.tree.sha256).as_bytes())
    }

    /// Evaluates with what belongs to another place in the configuration.
    pub fn within<R>(&mut self, module: u32, scope: Scope, work: impl FnOnce(&mut Self) -> R) -> R {
        let module = std::mem::replace(&mut self.module, module);
        let scope = std::mem::replace(&mut self.scope, scope);
        let result = work(self);
        self.module = module;
        self.scope = scope;
        result
    }

    /// Begins something that has a budget of its own.
    pub fn refuel(&mut self) {
        self.fuel = FUEL.min(self.whole_fuel);
    }

    /// Takes from the budget; false: there is not so much left.
    pub fn charge(&mut self, steps: u64, offset: u32) -> bool {
        self.whole_fuel = self.whole_fuel.saturating_sub(steps);
        self.fuel = self.fuel.saturating_sub(steps);
        if self.fuel > 0 {
            return true;
        }
        self.remark(
            "this takes too many steps to evaluate: what comes of it is not known".to_owned(),
            offset,
        );
        false
    }

    pub fn expression(&mut self, expression: &Expr) -> Value {
        let offset = expression.offset;
        if self.depth >= MOST_DEPTH || !self.charge(1, offset) {
            return Value::elsewhere(offset);
        }
        self.depth += 1;
        let value = stacker::maybe_grow(RED_ZONE, STACK, || self.kind(&expression.kind, offset));
        self.depth -= 1;
        value.at(offset)
    }

    fn kind(&mut self, kind: &Kind, offset: u32) -> Value {
        match kind {
            Kind::Null => Value::new(Shape::Null, offset),
            Kind::Bool(value) => Value::new(Shape::Bool(*value), offset),
            Kind::Int(value) => Value::new(Shape::Int(*value), offset),
            Kind::Number(text) => Value::new(Shape::Number(Rc::clone(text)), offset),
            Kind::Text(text) => Value::text(Rc::clone(text), offset),
            Kind::List(items) => {
                Value::list(items.iter().map(|item| self.expression(item)).collect(), offset)
            }
            Kind::Object(members) => self.object(members, offset),
            Kind::Template(parts) => self.template(parts, offset),
            Kind::Path(path) => self.path(path, offset),
            Kind::Steps(from) => {
                let value = self.expression(&from.0);
                self.along(value, &from.1)
            }
            Kind::Conditional(parts) => self.conditional(parts, offset),
            Kind::Unary(operator, value) => {
                let value = self.expression(value);
                operators::unary(*operator, value)
            }
            Kind::Binary(operator, sides) => {
                let left = self.expression(&sides.0);
                let right = self.expression(&sides.1);
                operators::binary(*operator, &left, &right)
            }
            Kind::Call(call) => self.call(call, offset),
            Kind::For(all) => self.comprehension(all, offset),
        }
    }

    pub fn bound(&self, name: &str) -> Option<Value> {
        let found = self.scope.iter().rev().find(|(bound, _)| **bound == *name);
        found.map(|(_, value)| value.clone())
    }

    fn conditional(&mut self, [condition, yes, no]: &[Expr; 3], offset: u32) -> Value {
        let condition = self.expression(condition);
        match truth(&condition) {
            Some(true) => self.expression(yes),
            Some(false) => self.expression(no),
            None if condition.is_known() => not_computed(&[&condition], offset),
            None => {
                let branches = vec![self.expression(yes), self.expression(no)];
                self.one_of(branches, condition.doubt(), offset)
            }
        }
    }

    /// One of several values, not known which.
    pub fn one_of(&mut self, values: Vec<Value>, doubt: Option<UnknownCause>, offset: u32) -> Value {
        let mut rest = values.iter();
        let Some(first) = rest.next() else { return Value::elsewhere(offset) };
        if rest.clone().all(|other| operators::equal(first, other) == Some(true)) {
            return first.clone();
        }
        let is_wrong = |cause: &UnknownCause| *cause == UnknownCause::Invalid;
        let doubts = values.iter().filter_map(Value::doubt).filter(|cause| !is_wrong(cause));
        let cause =
            doubts.fold(doubt.filter(|cause| !is_wrong(cause)), |doubt, cause| graver(doubt, Some(cause)));
        let cause = cause.unwrap_or(UnknownCause::NotReported);
        let mut value = Value::unknown(cause, offset);
        let ends = shared_of(first)
            .and_then(|first| rest.try_fold(first, |shared, other| Some(shared.with(&shared_of(other)?))));
        // One of them may be empty.
        let has_text =
            values.iter().all(|value| !matches!(&value.shape, Shape::Text(text) if text.is_empty()));
        if let (Some(ends), true) = (ends, has_text) {
            value.shape = Shape::Partial(cause, ends.ends());
        }
        let mut candidates: Vec<Named> = Vec::new();
        for named in values.iter().flat_map(Value::references) {
            match candidates.iter_mut().find(|known| known.attribute == named.attribute) {
                Some(known) => known.targets.extend(&named.targets),
                None => candidates.push(named.clone()),
            }
        }
        for named in &mut candidates {
            named.targets.sort_unstable();
            named.targets.dedup();
        }
        let is_reference = |value: &Value| !value.references().is_empty() && !value.has_other_inputs();
        let has_other_inputs = !values.iter().all(is_reference);
        value.origin = Some(Rc::new(super::value::Origin { references: candidates, has_other_inputs }));
        value
    }

    fn call(&mut self, call: &Call, offset: u32) -> Value {
        if let "try" | "can" = &*call.name {
            return self.attempt(call, offset);
        }
        let mut arguments: Vec<Value> = Vec::with_capacity(call.arguments.len());
        for argument in &call.arguments {
            arguments.push(self.expression(argument));
        }
        if call.expands
            && let Some(last) = arguments.pop()
        {
            match last.items() {
                Some(items) => arguments.extend(items.iter().cloned()),
                None => {
                    arguments.push(last);
                    let parts: Vec<&Value> = arguments.iter().collect();
                    return not_computed(&parts, offset);
                }
            }
        }
        self.function(&call.name, &arguments, offset)
    }

    /// `try(a, b)`: the first one that Terraform would not refuse. `can(a)`: whether it would not.
    fn attempt(&mut self, call: &Call, offset: u32) -> Value {
        for argument in &call.arguments {
            let value = self.expression(argument);
            match (&*call.name, value.is_wrong()) {
                ("can", is_wrong) if is_wrong || value.is_known() => {
                    return Value::new(Shape::Bool(!is_wrong), offset);
                }
                ("can", _) => return not_computed(&[&value], offset),
                (_, false) => return value,
                (_, true) => {}
            }
        }
        Value::wrong(offset)
    }

    fn object(&mut self, members: &[(Expr, Expr)], offset: u32) -> Value {
        let mut made = Vec::with_capacity(members.len());
        for (key, value) in members {
            let value = self.expression(value);
            let key = self.expression(key);
            match key.to_text() {
                Some(key) => made.push((key, value)),
                None => return not_computed(&[&key, &value], offset),
            }
        }
        Value::object(made, offset)
    }

    /// What a `for` or a `dynamic` goes over: keys and values, in order.
    pub fn pairs(&mut self, over: &Value) -> Option<Vec<(Value, Value)>> {
        let offset = over.offset;
        let pairs: Vec<(Value, Value)> = match &over.shape {
            Shape::List(items) => {
                let items = items.values.iter().enumerate();
                items
                    .map(|(index, item)| (Value::new(Shape::Int(index as i64), offset), item.clone()))
                    .collect()
            }
            Shape::Set(items) => items.values.iter().map(|item| (item.clone(), item.clone())).collect(),
            Shape::Object(members) => {
                let members = members.values.iter();
                members.map(|(key, value)| (Value::text(Rc::clone(key), offset), value.clone())).collect()
            }
            Shape::Module(module) => {
                let names = self.output_names(*module);
                let value = |name: Name| {
                    let value = self.output(*module, &name, offset);
                    (Value::text(name, offset), value)
                };
                names.into_iter().map(value).collect()
            }
            _ => return None,
        };
        self.charge(pairs.len() as u64, offset).then_some(pairs)
    }

    /// `[for x in xs : f(x)]`, `{for k, v in m : k => v}`
    fn comprehension(&mut self, all: &For, offset: u32) -> Value {
        let over = self.expression(&all.over);
        let Some(pairs) = self.pairs(&over) else { return not_computed(&[&over], offset) };
        let mut items = Vec::new();
        let mut members: Vec<(Rc<str>, Value)> = Vec::new();
        for (key, item) in pairs {
            let before = self.scope.len();
            if let Some(name) = &all.key_name {
                self.scope.push((name.clone(), key));
            }
            self.scope.push((all.value_name.clone(), item));
            let kept = all.condition.as_ref().map(|condition| self.expression(condition));
            let is_kept = kept.as_ref().map_or(Some(true), truth);
            let (value, key) = if is_kept == Some(false) {
                self.scope.truncate(before);
                continue;
            } else {
                let value = self.expression(&all.value);
                (value, all.key.as_ref().map(|key| self.expression(key)))
            };
            self.scope.truncate(before);
            if let (None, Some(kept)) = (is_kept, &kept) {
                return not_computed(&[&over, kept, &value], offset);
            }
            match key.map(|key| key.to_text().ok_or(key)) {
                None => items.push(value),
                Some(Ok(key)) => members.push((key, value)),
                Some(Err(key)) => return not_computed(&[&over, &key, &value], offset),
            }
        }
        let mut made = match (&all.key, all.groups) {
            (None, _) => Value::list(items, offset),
            (Some(_), false) => Value::object(members, offset),
            (Some(_), true) => Value::object(grouped(members, offset), offset),
        };
        made.inherit(&over);
        made
    }
}

/// Members of one key as a list.
fn grouped(members: Vec<(Rc<str>, Value)>, offset: u32) -> Vec<(Rc<str>, Value)> {
    let mut groups: FxHashMap<Rc<str>, Vec<Value>> = FxHashMap::default();
    for (key, value) in members {
        groups.entry(key).or_default().push(value);
    }
    groups.into_iter().map(|(key, values)| (key, Value::list(values, offset))).collect()
}

/// What is known of a text; of no other value.
fn shared_of(value: &Value) -> Option<Shared> {
    match &value.shape {
        Shape::Text(text) => Some(Shared::whole(text)),
        Shape::Partial(_, ends) => Some(Shared::partly(ends)),
        _ => None,
    }
}

/// As much of the stack is left free, and so much more is taken at a time.
const RED_ZONE: usize = 128 << 10;
const STACK: usize = 2 << 20;
