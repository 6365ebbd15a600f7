//! Dotted paths: to other blocks, to variables, locals and modules, and on into their values.

use std::rc::Rc;

use super::evaluate::{Evaluator, Memo};
use super::syntax::{Name, Path, Step};
use super::types;
use super::value::{Named, Shape, Value};
use crate::document::ObjectId;
use crate::tape::UnknownCause;

/// Where `terraform workspace select` notes its choice.
const CHOSEN_WORKSPACE: &str = ".terraform/environment";

/// Of more instances than this it is not followed which one is meant.
const MOST_CANDIDATES: usize = 64;

impl Evaluator<'_> {
    pub fn path(&mut self, path: &Path, offset: u32) -> Value {
        if let Some(value) = self.bound(&path.root) {
            return self.along(value, &path.steps);
        }
        let module = self.module;
        let (value, rest) = match (&*path.root, path.steps.as_slice()) {
            ("local", [Step::Attribute(name), rest @ ..]) => (self.local(module, name, offset), rest),
            ("var", [Step::Attribute(name), rest @ ..]) => (self.variable(module, name, offset), rest),
            ("module", [Step::Attribute(name), rest @ ..]) => {
                let call = self.source(module).and_then(|source| source.call(name));
                let value = call.map(|call| self.call_value(module, call, offset));
                (value.unwrap_or_else(|| Value::elsewhere(offset)), rest)
            }
            ("data", [Step::Attribute(kind), Step::Attribute(name), rest @ ..]) => {
                (self.resource(true, kind, name, path, offset), rest)
            }
            ("path", [Step::Attribute(name), rest @ ..]) => (self.folder(name, offset), rest),
            ("terraform", [Step::Attribute(name), rest @ ..]) if **name == *"workspace" => {
                (self.workspace(offset), rest)
            }
            ("terraform" | "self" | "each" | "count" | "ephemeral" | "path", _) => {
                return Value::elsewhere(offset);
            }
            // As Python and Helm write it; Terraform takes it for a name and refuses it.
            (word, []) if word.eq_ignore_ascii_case("true") || word.eq_ignore_ascii_case("false") => {
                self.remark(format!("`{word}` is no value: `{}` is meant", word.to_lowercase()), offset);
                return Value::new(Shape::Bool(word.eq_ignore_ascii_case("true")), offset);
            }
            (_, [Step::Attribute(name), rest @ ..]) => {
                (self.resource(false, &path.root, name, path, offset), rest)
            }
            _ => return Value::elsewhere(offset),
        };
        let mut value = self.along(value, rest);
        value.rename_references(&path.written);
        value
    }

    fn local(&mut self, module: u32, name: &Name, offset: u32) -> Value {
        let tree = self.tree;
        let Some(instance) = self.modules.get_mut(module as usize) else { return Value::elsewhere(offset) };
        match instance.locals.get(name) {
            Some(Memo::Done(value)) => return value.clone(),
            Some(Memo::Begun) => return self.circle(&format!("local.{name}"), offset),
            None => {}
        }
        let source = instance.module.and_then(|source| tree.modules.get(source));
        let Some(expression) = source.and_then(|source| source.locals.get(name)) else {
            return Value::elsewhere(offset);
        };
        instance.locals.insert(name.clone(), Memo::Begun);
        let value = self.within(module, Vec::new(), |evaluator| evaluator.expression(expression));
        if let Some(instance) = self.modules.get_mut(module as usize) {
            instance.locals.insert(name.clone(), Memo::Done(value.clone()));
        }
        value
    }

    fn circle(&mut self, what: &str, offset: u32) -> Value {
        self.remark(format!("{what} is made of itself: its value is not known"), offset);
        Value::wrong(offset)
    }

    fn variable(&mut self, module: u32, name: &Name, offset: u32) -> Value {
        let tree = self.tree;
        let Some(instance) = self.modules.get_mut(module as usize) else { return Value::elsewhere(offset) };
        match instance.variables.get(name) {
            Some(Memo::Done(value)) => return value.clone(),
            Some(Memo::Begun) => return self.circle(&format!("var.{name}"), offset),
            None => {}
        }
        instance.variables.insert(name.clone(), Memo::Begun);
        let (caller, scope) = (instance.caller, instance.scope.clone());
        let source = instance.module.and_then(|source| tree.modules.get(source));
        let declared = source.and_then(|source| source.variables.get(name));
        let is_nullable = declared.is_none_or(|declared| declared.is_nullable());
        let given = match caller {
            None => tree
                .values
                .get(name)
                .map(|value| self.within(module, Vec::new(), |one| one.expression(value))),
            Some((caller, call)) => {
                let block = self.source(caller).and_then(|_| {
                    let source = self.modules.get(caller as usize)?.module?;
                    tree.modules.get(source)?.calls.get(call)
                });
                let given = block.and_then(|block| block.body.attribute(name));
                given.map(|given| self.within(caller, scope, |one| one.expression(given)))
            }
        };
        let given = given.filter(|given| is_nullable || !matches!(given.shape, Shape::Null));
        let is_given = given.is_some();
        let mut value = match (given, declared.and_then(|declared| declared.body.attribute("default"))) {
            (Some(given), _) => given,
            (None, Some(default)) => self.within(module, Vec::new(), |one| one.expression(default)),
            (None, None) => Value::elsewhere(offset),
        };
        if let Some(constraint) = declared.and_then(|declared| declared.body.attribute("type")) {
            value = types::convert(self, value, constraint);
        }
        if declared.is_some_and(|declared| declared.is_sensitive()) && !matches!(value.shape, Shape::Null) {
            value.shape = Shape::Unknown(UnknownCause::Sensitive);
        }
        if !(is_given && caller.is_some()) {
            value.depend_on_others();
        }
        if let Some(instance) = self.modules.get_mut(module as usize) {
            instance.variables.insert(name.clone(), Memo::Done(value.clone()));
        }
        value
    }

    /// The outputs of a module instance, in order.
    pub fn output_names(&self, module: u32) -> Vec<Name> {
        let mut names: Vec<Name> =
            self.source(module).map(|source| source.outputs.keys().cloned().collect()).unwrap_or_default();
        names.sort();
        names
    }

    pub fn output(&mut self, module: u32, name: &Name, offset: u32) -> Value {
        let tree = self.tree;
        let Some(instance) = self.modules.get_mut(module as usize) else { return Value::elsewhere(offset) };
        match instance.outputs.get(name) {
            Some(Memo::Done(value)) => return value.clone(),
            Some(Memo::Begun) => return self.circle(&format!("the output {name}"), offset),
            None => {}
        }
        let Some(source) = instance.module.and_then(|source| tree.modules.get(source)) else {
            return Value::elsewhere(offset);
        };
        let Some(output) = source.outputs.get(name) else { return Value::wrong(offset) };
        let Some(expression) = &output.value else { return Value::elsewhere(offset) };
        instance.outputs.insert(name.clone(), Memo::Begun);
        let mut value = self.within(module, Vec::new(), |evaluator| evaluator.expression(expression));
        if output.is_sensitive && !matches!(value.shape, Shape::Null) {
            value.shape = Shape::Unknown(UnknownCause::Sensitive);
        }
        if let Some(instance) = self.modules.get_mut(module as usize) {
            instance.outputs.insert(name.clone(), Memo::Done(value.clone()));
        }
        value
    }

    /// `path.module` and the like, as seen from the root module's folder.
    fn folder(&self, name: &str, offset: u32) -> Value {
        match name {
            "module" => match self.source(self.module).map(|source| source.folder.as_str()) {
                Some("") => Value::text(".", offset),
                Some(folder) => Value::text(folder, offset),
                None => Value::elsewhere(offset),
            },
            "root" => Value::text(".", offset),
            _ => Value::elsewhere(offset),
        }
    }

    /// The workspace that is chosen in the working folder; where none is, nobody knows in which one Terraform will run.
    fn workspace(&mut self, offset: u32) -> Value {
        let chosen = self.file(CHOSEN_WORKSPACE);
        match chosen.as_deref().map(str::trim).filter(|name| !name.is_empty()) {
            Some(name) => Value::text(name, offset),
            None => Value::elsewhere(offset),
        }
    }

    /// A block of the module as a whole.
    fn resource(&mut self, is_data: bool, kind: &Name, name: &Name, path: &Path, offset: u32) -> Value {
        let module = self.module;
        match self.source(module).and_then(|source| source.resource(is_data, kind, name)) {
            Some(position) => self.resource_value(module, position, offset),
            None => {
                let mut value = Value::unknown(UnknownCause::Unmodelled, offset);
                value.refer(Named {
                    targets: Vec::new(),
                    attribute: None,
                    written: Rc::clone(&path.written),
                });
                value
            }
        }
    }

    /// An attribute of an object, where its block writes it; what the provider makes is known after apply.
    pub fn attribute(&mut self, object: ObjectId, name: &Name, offset: u32) -> Value {
        let key = (object, name.clone());
        match self.attributes.get(&key) {
            Some(Memo::Done(value)) => return value.clone(),
            Some(Memo::Begun) => return self.circle(name, offset),
            None => {}
        }
        self.attributes.insert(key.clone(), Memo::Begun);
        let mut value = self.written_in(object, name, offset);
        let written: Rc<str> = format!("{}.{name}", self.address(object)).into();
        value.refer(Named { targets: vec![object], attribute: Some(name.clone()), written });
        self.attributes.insert(key, Memo::Done(value.clone()));
        value
    }

    /// On from a value.
    pub fn along(&mut self, mut value: Value, steps: &[Step]) -> Value {
        // Of what a provider makes not everything is written down.
        let mut is_provided = false;
        let mut steps = steps.iter();
        while let Some(step) = steps.next() {
            let offset = value.offset;
            if !self.charge(1, offset) {
                return Value::elsewhere(offset);
            }
            let mut next = match step {
                Step::Attribute(name) => {
                    is_provided |= matches!(value.shape, Shape::Instance(_) | Shape::Instances(_));
                    self.step(&value, name, is_provided)
                }
                Step::Position(position) => self.item(&value, *position, is_provided),
                Step::Index(key) => {
                    let key = self.expression(key);
                    match &key.shape {
                        Shape::Int(position) => self.item(&value, *position, is_provided),
                        _ if key.is_known() => match (key.to_text(), &value.shape) {
                            (Some(text), Shape::List(_)) => match text.parse() {
                                Ok(position) => self.item(&value, position, is_provided),
                                Err(_) => Value::wrong(offset),
                            },
                            (Some(name), _) => self.step(&value, &name, is_provided),
                            (None, _) => Value::wrong(offset),
                        },
                        _ => return self.any_item(&value, &key, steps.as_slice()),
                    }
                }
                Step::AttributeSplat => {
                    let rest = steps.as_slice();
                    let end = rest
                        .iter()
                        .position(|step| !matches!(step, Step::Attribute(_)))
                        .unwrap_or(rest.len());
                    let (inside, after) = rest.split_at(end);
                    steps = after.iter();
                    self.each_item(&value, inside)
                }
                Step::FullSplat => {
                    let inside = std::mem::take(&mut steps);
                    self.each_item(&value, inside.as_slice())
                }
            };
            next.inherit(&value);
            value = next;
        }
        value
    }

    fn step(&mut self, value: &Value, name: &Name, is_provided: bool) -> Value {
        let offset = value.offset;
        match &value.shape {
            Shape::Object(_) => match value.member(name) {
                Some(member) => member.clone(),
                None if is_provided => Value::unknown(UnknownCause::KnownAfterApply, offset),
                None => Value::wrong(offset),
            },
            Shape::Instance(object) | Shape::Instances(object) => self.attribute(*object, name, offset),
            Shape::Module(module) => self.output(*module, name, offset),
            Shape::Unknown(cause) => Value::unknown(*cause, offset),
            // Terraform of before 0.12 took the attribute of all instances, or of the only one.
            Shape::List(items)
                if items.values.iter().all(|item| matches!(item.shape, Shape::Instance(_))) =>
            {
                match items.values.as_slice() {
                    [] => Value::wrong(offset),
                    [only] => self.step(&only.clone(), name, is_provided),
                    all => {
                        let values: Vec<Value> = all
                            .iter()
                            .take(MOST_CANDIDATES)
                            .map(|item| self.step(item, name, is_provided))
                            .collect();
                        let mut value = self.one_of(values, Some(UnknownCause::KnownAfterApply), offset);
                        value.shape = Shape::Unknown(UnknownCause::KnownAfterApply);
                        value
                    }
                }
            }
            // A block that is there once.
            Shape::List(items) if is_provided && items.values.len() == 1 => match items.values.first() {
                Some(only) => self.step(&only.clone(), name, is_provided),
                None => Value::wrong(offset),
            },
            _ if is_provided => Value::unknown(UnknownCause::KnownAfterApply, offset),
            _ => Value::wrong(offset),
        }
    }

    fn item(&mut self, value: &Value, position: i64, is_provided: bool) -> Value {
        let offset = value.offset;
        match &value.shape {
            Shape::List(items) => {
                let found = usize::try_from(position).ok().and_then(|position| items.values.get(position));
                found.cloned().unwrap_or_else(|| Value::wrong(offset))
            }
            Shape::Instances(object) => Value::new(Shape::Instance(*object), offset),
            Shape::Instance(_) | Shape::Module(_) => value.clone(),
            Shape::Object(_) => self.step(value, &position.to_string().into(), is_provided),
            Shape::Unknown(cause) => Value::unknown(*cause, offset),
            _ if is_provided => Value::unknown(UnknownCause::KnownAfterApply, offset),
            _ => Value::wrong(offset),
        }
    }

    /// An item of a collection, not known which, and on from there.
    fn any_item(&mut self, value: &Value, key: &Value, rest: &[Step]) -> Value {
        let offset = value.offset;
        let candidates: Vec<Value> = match &value.shape {
            Shape::List(items) => items.values.clone(),
            Shape::Object(members) => members.values.iter().map(|(_, value)| value.clone()).collect(),
            Shape::Instances(object) => vec![Value::new(Shape::Instance(*object), offset)],
            Shape::Instance(_) | Shape::Module(_) => vec![value.clone()],
            _ => Vec::new(),
        };
        let is_open = matches!(value.shape, Shape::Instances(_)) || candidates.len() == 1;
        if candidates.is_empty() || candidates.len() > MOST_CANDIDATES {
            let mut unknown = super::operators::not_computed(&[value, key], offset);
            if unknown.is_wrong() && !key.is_wrong() {
                unknown.shape = Shape::Unknown(key.doubt().unwrap_or(UnknownCause::NotReported));
            }
            unknown.depend_on_others();
            return unknown;
        }
        let values: Vec<Value> = candidates.into_iter().map(|item| self.along(item, rest)).collect();
        let mut found = self.one_of(values, key.doubt(), offset);
        found.inherit(value);
        if !is_open && found.references().is_empty() {
            found.inherit(key);
        }
        found
    }

    /// A splat: the rest for every item.
    fn each_item(&mut self, value: &Value, rest: &[Step]) -> Value {
        let offset = value.offset;
        let items: Vec<Value> = match &value.shape {
            Shape::List(items) | Shape::Set(items) => items.values.clone(),
            Shape::Null => Vec::new(),
            Shape::Unknown(cause) => return Value::unknown(*cause, offset),
            // How many there are is not known.
            Shape::Instances(object) => {
                let one = self.along(Value::new(Shape::Instance(*object), offset), rest);
                let mut value = Value::unknown(UnknownCause::KnownAfterApply, offset);
                value.inherit_all(&one);
                return value;
            }
            _ => vec![value.clone()],
        };
        if !self.charge(items.len() as u64, offset) {
            return Value::elsewhere(offset);
        }
        Value::list(items.into_iter().map(|item| self.along(item, rest)).collect(), offset)
    }

    pub fn address(&self, object: ObjectId) -> String {
        let Some(instance) = self.instances.get(object.0 as usize) else { return String::new() };
        let around = self.modules.get(instance.module as usize).map_or("", |module| &*module.address);
        let separator = if around.is_empty() { "" } else { "." };
        let local = self.block(object).map(super::module::Resource::address).unwrap_or_default();
        format!("{around}{separator}{local}{}", instance.key)
    }
}
