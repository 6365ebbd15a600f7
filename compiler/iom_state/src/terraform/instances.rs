//! What `count` and `for_each` make of the blocks, and what calls make of the modules.

use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::evaluate::{Evaluator, Memo, Scope};
use super::module::{Call, Module, Resource};
use super::syntax::{Body, Expr, Name};
use super::value::{Shape, Value};
use crate::document::ObjectId;
use crate::tape::UnknownCause;
use crate::terraform_plan::addresses::text_key;

/// More objects than this are no configuration that a person has.
const MOST_INSTANCES: usize = 200_000;
const MOST_MODULES: usize = 20_000;
/// Deeper calls are a circle.
const DEEPEST_MODULE: u32 = 32;

/// One object in the making.
pub(super) struct Instance {
    /// The module instance, and the block in it.
    pub module: u32,
    pub resource: usize,
    /// As the address has it: `[0]`, `["a"]`, nothing.
    pub key: Box<str>,
    /// `each` or `count`.
    pub scope: Scope,
}

/// A module as one call makes it.
pub(super) struct ModuleInstance {
    /// The position in the tree; `None`: it is not at hand.
    pub module: Option<usize>,
    /// `module.a["k"].module.b`, empty for the root.
    pub address: Rc<str>,
    /// Calls by name, as `terraform init` notes them: `a.b`.
    pub path: String,
    /// The instance that calls it, and which of its calls it is.
    pub caller: Option<(u32, usize)>,
    /// `each` or `count` of the call.
    pub scope: Scope,
    pub depth: u32,
    /// There may be more instances of it, or fewer.
    pub is_open: bool,
    pub locals: FxHashMap<Name, Memo>,
    pub variables: FxHashMap<Name, Memo>,
    pub outputs: FxHashMap<Name, Memo>,
    pub resources: Vec<Expansion<ObjectId>>,
    pub calls: Vec<Expansion<u32>>,
}

/// The instances of a block.
#[derive(Clone)]
pub(super) enum Expansion<Id> {
    NotBegun,
    /// Who asks for it now goes in a circle.
    Begun,
    /// Neither `count` nor `for_each`.
    Single(Id),
    Counted(Rc<[Id]>),
    Keyed(Rc<[(Rc<str>, Id)]>),
    /// How many there are is not known: one stands for all.
    Open(Id),
}

impl<Id: Copy> Expansion<Id> {
    pub fn all(&self) -> Vec<Id> {
        match self {
            Expansion::NotBegun | Expansion::Begun => Vec::new(),
            Expansion::Single(one) | Expansion::Open(one) => vec![*one],
            Expansion::Counted(all) => all.to_vec(),
            Expansion::Keyed(all) => all.iter().map(|(_, id)| *id).collect(),
        }
    }

    /// As a value that references to the block as a whole are.
    fn value(&self, one: impl Fn(Id) -> Shape, open: impl Fn(Id) -> Shape, offset: u32) -> Value {
        let value = |id| Value::new(one(id), offset);
        match self {
            Expansion::NotBegun | Expansion::Begun => Value::wrong(offset),
            Expansion::Single(id) => value(*id),
            Expansion::Counted(all) => Value::list(all.iter().map(|id| value(*id)).collect(), offset),
            Expansion::Keyed(all) => {
                Value::object(all.iter().map(|(key, id)| (Rc::clone(key), value(*id))).collect(), offset)
            }
            Expansion::Open(id) => Value::new(open(*id), offset),
        }
    }
}

/// How often a block is there.
enum Times {
    Once,
    Count(usize),
    Each(Vec<(Rc<str>, Value)>),
    /// The word that says it, its value and where that stands.
    NotKnown(&'static str, Value, u32),
}

impl<'c> Evaluator<'c> {
    /// Begins with the root module.
    pub fn add_root(&mut self) {
        let root =
            ModuleInstance::new(Some(0), "".into(), String::new(), None, Vec::new(), &self.tree.modules);
        self.modules.push(root);
    }

    pub fn source(&self, instance: u32) -> Option<&'c Module> {
        self.tree.modules.get(self.modules.get(instance as usize)?.module?)
    }

    /// The objects that a block becomes; it is worked out once.
    pub fn expand(&mut self, module: u32, resource: usize) -> Expansion<ObjectId> {
        let tree = self.tree;
        let state = self.modules.get_mut(module as usize).and_then(|instance| {
            let source = tree.modules.get(instance.module?)?;
            Some((instance.resources.get_mut(resource)?, source.resources.get(resource)?))
        });
        let Some((slot, block)) = state else { return Expansion::Begun };
        if !matches!(slot, Expansion::NotBegun) {
            return slot.clone();
        }
        *slot = Expansion::Begun;
        let times = self.times(module, &block.body, MOST_INSTANCES.saturating_sub(self.instances.len()));
        let made = match times {
            Times::Once => Expansion::Single(self.add(module, resource, "", Vec::new())),
            Times::Count(count) => {
                let all = (0..count).map(|number| {
                    self.add(module, resource, &format!("[{number}]"), counted(Some(number), block.offset))
                });
                Expansion::Counted(all.collect())
            }
            Times::Each(members) => {
                let all = members.into_iter().map(|(key, value)| {
                    let id = self.add(module, resource, &text_key(&key), each(&key, value));
                    (key, id)
                });
                Expansion::Keyed(all.collect())
            }
            Times::NotKnown(word, value, offset) => {
                self.remark_on_number(module, &block.address(), word, &value, offset);
                Expansion::Open(self.add(module, resource, "", scope_of_any(word, &value)))
            }
        };
        if let Some(slot) =
            self.modules.get_mut(module as usize).and_then(|one| one.resources.get_mut(resource))
        {
            *slot = made.clone();
        }
        made
    }

    fn add(&mut self, module: u32, resource: usize, key: &str, scope: Scope) -> ObjectId {
        let id = ObjectId(self.instances.len() as u32);
        self.instances.push(Instance { module, resource, key: key.into(), scope });
        id
    }

    fn times(&mut self, module: u32, body: &Body, most: usize) -> Times {
        let (word, expression): (_, &Expr) = match (body.attribute("count"), body.attribute("for_each")) {
            (Some(count), _) => ("count", count),
            (None, Some(each)) => ("for_each", each),
            (None, None) => return Times::Once,
        };
        let value = self.within(module, Vec::new(), |evaluator| evaluator.expression(expression));
        let not_known = |value: Value| Times::NotKnown(word, value, expression.offset);
        match word {
            "count" => match super::operators::number(&value) {
                Some(super::operators::Number::Whole(count))
                    if usize::try_from(count).is_ok_and(|count| count <= most) =>
                {
                    Times::Count(count as usize)
                }
                _ if matches!(value.shape, Shape::Bool(_)) => {
                    Times::Count(usize::from(matches!(value.shape, Shape::Bool(true))))
                }
                _ => not_known(value),
            },
            _ => match self.members_to_go_over(&value) {
                Some(members) if members.len() <= most => Times::Each(members),
                _ => not_known(value),
            },
        }
    }

    /// Keys and values of a `for_each`; `None` where the keys are not known.
    fn members_to_go_over(&mut self, value: &Value) -> Option<Vec<(Rc<str>, Value)>> {
        match &value.shape {
            Shape::Set(items) | Shape::List(items) => {
                let mut found: Vec<(Rc<str>, Value)> = items
                    .values
                    .iter()
                    .map(|item| Some((item.to_text()?, item.clone())))
                    .collect::<Option<_>>()?;
                found.sort_by(|left, right| left.0.cmp(&right.0));
                found.dedup_by(|later, first| later.0 == first.0);
                Some(found)
            }
            Shape::Object(members) => Some(members.values.clone()),
            Shape::Module(_) => {
                let pairs = self.pairs(value)?;
                pairs.into_iter().map(|(key, value)| Some((key.to_text()?, value))).collect()
            }
            _ => None,
        }
    }

    fn remark_on_number(&mut self, module: u32, address: &str, word: &str, value: &Value, offset: u32) {
        let around = self.modules.get(module as usize).map(|instance| Rc::clone(&instance.address));
        let around =
            around.filter(|around| !around.is_empty()).map(|around| format!("{around}.")).unwrap_or_default();
        let why = match value.doubt() {
            None => format!("its `{word}` is more than is read, or no {word}"),
            Some(UnknownCause::Invalid) => format!("its `{word}` can't be worked out"),
            Some(_) => format!("its `{word}` is not known"),
        };
        self.remark(format!("{around}{address}: {why}, one instance stands for all"), offset);
    }

    /// The instances of a module that a call makes; worked out once.
    pub fn expand_call(&mut self, module: u32, call: usize) -> Expansion<u32> {
        let tree = self.tree;
        let state = self.modules.get_mut(module as usize).and_then(|instance| {
            let source = tree.modules.get(instance.module?)?;
            Some((instance.calls.get_mut(call)?, source.calls.get(call)?))
        });
        let Some((slot, block)) = state else { return Expansion::Begun };
        if !matches!(slot, Expansion::NotBegun) {
            return slot.clone();
        }
        *slot = Expansion::Begun;
        let times = self.times(module, &block.body, MOST_MODULES.saturating_sub(self.modules.len()));
        let made = match times {
            Times::Once => Expansion::Single(self.add_module(module, call, block, "", Vec::new(), false)),
            Times::Count(count) => {
                let all = (0..count).map(|number| {
                    let scope = counted(Some(number), block.offset);
                    self.add_module(module, call, block, &format!("[{number}]"), scope, false)
                });
                Expansion::Counted(all.collect())
            }
            Times::Each(members) => {
                let all = members.into_iter().map(|(key, value)| {
                    let scope = each(&key, value);
                    let id = self.add_module(module, call, block, &text_key(&key), scope, false);
                    (key, id)
                });
                Expansion::Keyed(all.collect())
            }
            Times::NotKnown(word, value, offset) => {
                self.remark_on_number(module, &format!("module.{}", block.name), word, &value, offset);
                let scope = scope_of_any(word, &value);
                Expansion::Open(self.add_module(module, call, block, "", scope, true))
            }
        };
        if let Some(slot) = self.modules.get_mut(module as usize).and_then(|one| one.calls.get_mut(call)) {
            *slot = made.clone();
        }
        made
    }

    fn add_module(
        &mut self,
        caller: u32,
        call: usize,
        block: &Call,
        key: &str,
        scope: Scope,
        is_open: bool,
    ) -> u32 {
        let (around, path, depth, is_around_open) = match self.modules.get(caller as usize) {
            Some(one) => (Rc::clone(&one.address), one.path.clone(), one.depth + 1, one.is_open),
            None => ("".into(), String::new(), 0, false),
        };
        let separator = if around.is_empty() { "" } else { "." };
        let address: Rc<str> = format!("{around}{separator}module.{}{key}", block.name).into();
        let separator = if path.is_empty() { "" } else { "." };
        let path = format!("{path}{separator}{}", block.name);
        let found = self.tree.called(&path, self.source(caller).map_or("", |module| &module.folder), block);
        let found = found.filter(|_| depth <= DEEPEST_MODULE && self.modules.len() < MOST_MODULES);
        if found.is_some() && self.is_inside(caller, found) {
            let message = format!(
                "{address} calls a module that it is in itself, which Terraform refuses: it is not read"
            );
            self.remark(message, block.offset);
            let scope = Vec::new();
            return self.push(ModuleInstance::new(None, address, path, Some((caller, call)), scope, &[]));
        }
        if found.is_none() {
            let what = block.source().map(|source| format!(" ({source})")).unwrap_or_default();
            let message = format!(
                "{address} is not read: its module{what} is not at hand, so what it holds is not known"
            );
            self.remark(message, block.offset);
        }
        let mut instance =
            ModuleInstance::new(found, address, path, Some((caller, call)), scope, &self.tree.modules);
        instance.depth = depth;
        instance.is_open = is_open || is_around_open;
        self.push(instance)
    }

    fn push(&mut self, instance: ModuleInstance) -> u32 {
        self.modules.push(instance);
        self.modules.len() as u32 - 1
    }

    /// Whether an instance or one around it is of a module.
    fn is_inside(&self, instance: u32, module: Option<usize>) -> bool {
        let mut at = Some(instance);
        while let Some(one) = at.and_then(|at| self.modules.get(at as usize)) {
            if one.module == module {
                return true;
            }
            at = one.caller.map(|(caller, _)| caller);
        }
        false
    }

    /// All objects in the order of the configuration: those of a module, then those of what it calls.
    pub fn everything(&mut self) -> Vec<ObjectId> {
        let mut order = Vec::new();
        let mut left = vec![0];
        while let Some(module) = left.pop() {
            let Some((resources, calls)) =
                self.source(module).map(|source| (source.resources.len(), source.calls.len()))
            else {
                continue;
            };
            for (message, offset) in self.source(module).map_or(&[][..], |source| &source.remarks) {
                self.remark(message.clone(), *offset);
            }
            for resource in 0..resources {
                self.refuel();
                order.extend(self.expand(module, resource).all());
            }
            let mut called = Vec::new();
            for call in 0..calls {
                self.refuel();
                called.extend(self.expand_call(module, call).all());
            }
            left.extend(called.into_iter().rev());
        }
        order
    }

    /// A block as a whole. That of many instances is made once: every instance of another block may refer to it.
    pub fn resource_value(&mut self, module: u32, resource: usize, offset: u32) -> Value {
        if let Some(whole) = self.wholes.get(&(module, resource)) {
            return whole.clone().at(offset);
        }
        let expansion = self.expand(module, resource);
        let value = expansion.value(Shape::Instance, Shape::Instances, offset);
        if matches!(expansion, Expansion::Counted(_) | Expansion::Keyed(_)) {
            self.wholes.insert((module, resource), value.clone());
        }
        value
    }

    /// A call as a whole.
    pub fn call_value(&mut self, module: u32, call: usize, offset: u32) -> Value {
        self.expand_call(module, call).value(Shape::Module, Shape::Module, offset)
    }

    pub fn block(&self, object: ObjectId) -> Option<&'c Resource> {
        let instance = self.instances.get(object.0 as usize)?;
        self.source(instance.module)?.resources.get(instance.resource)
    }
}

impl ModuleInstance {
    fn new(
        module: Option<usize>,
        address: Rc<str>,
        path: String,
        caller: Option<(u32, usize)>,
        scope: Scope,
        modules: &[Module],
    ) -> ModuleInstance {
        let source = module.and_then(|module| modules.get(module));
        ModuleInstance {
            module,
            address,
            path,
            caller,
            scope,
            depth: 0,
            is_open: false,
            locals: FxHashMap::default(),
            variables: FxHashMap::default(),
            outputs: FxHashMap::default(),
            resources: vec![Expansion::NotBegun; source.map_or(0, |source| source.resources.len())],
            calls: vec![Expansion::NotBegun; source.map_or(0, |source| source.calls.len())],
        }
    }
}

fn each(key: &Rc<str>, value: Value) -> Scope {
    each_of(Value::text(Rc::clone(key), value.offset), value)
}

fn each_of(key: Value, value: Value) -> Scope {
    let offset = value.offset;
    vec![("each".into(), Value::object(vec![("key".into(), key), ("value".into(), value)], offset))]
}

fn counted(number: Option<usize>, offset: u32) -> Scope {
    let shape = match number {
        Some(number) => Shape::Int(number as i64),
        None => Shape::Unknown(UnknownCause::KnownAfterApply),
    };
    vec![("count".into(), Value::object(vec![("index".into(), Value::new(shape, offset))], offset))]
}

/// What is bound in the one instance that stands for all.
fn scope_of_any(word: &str, value: &Value) -> Scope {
    if word == "count" {
        return counted(None, value.offset);
    }
    let mut unknown = Value::unknown(UnknownCause::KnownAfterApply, value.offset);
    unknown.inherit_all(value);
    unknown.depend_on_others();
    let key = Value::unknown(UnknownCause::KnownAfterApply, value.offset);
    each_of(key, unknown)
}
