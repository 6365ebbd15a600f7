//! The bodies of blocks, as plans have them: an attribute is a member, blocks of one name are a list of objects.

use std::rc::Rc;

use super::evaluate::{Evaluator, Scope};
use super::module::Resource;
use super::operators::not_computed;
use super::syntax::{Block, Body, Item, Name};
use super::value::{Shape, Value};
use crate::document::{AttributeFilter, ObjectId};
use crate::tape::UnknownCause;
use crate::values::LIFECYCLE;

/// Blocks and attributes that say how Terraform works, not what the object is. An adapter may ask for the first by its name.
const META: &[&str] =
    &[LIFECYCLE, "provisioner", "connection", "timeouts", "count", "for_each", "provider", "depends_on"];

/// Blocks in blocks in blocks: deeper ones are not followed.
const MOST_DEPTH: u32 = 64;

/// What a name stands for.
enum Made {
    Value(Value),
    Blocks(Vec<Value>, u32),
}

impl Made {
    /// What is written later under the same name: blocks join those before, and else the last value wins. How many blocks
    /// there are is not known where a value stands for them.
    fn join(&mut self, later: Made) {
        match (self, later) {
            (Made::Blocks(before, _), Made::Blocks(mut blocks, _)) => before.append(&mut blocks),
            (Made::Value(_), Made::Blocks(..)) => {}
            (before, later @ Made::Value(_)) => *before = later,
        }
    }
}

impl<'c> Evaluator<'c> {
    /// The attributes of an object that are wanted.
    pub fn object_body(&mut self, object: ObjectId, filter: AttributeFilter<'_>) -> Value {
        let Some((module, scope, block)) = self.place(object) else { return Value::wrong(0) };
        self.within(module, scope, |evaluator| {
            let is_own = |name: &str| !META.contains(&name) || (name == LIFECYCLE && filter.names(name));
            let wanted = |name: &str| is_own(name) && filter.keeps(name);
            evaluator.body(&block.body, block.offset, &wanted, 0)
        })
    }

    fn place(&self, object: ObjectId) -> Option<(u32, Scope, &'c Resource)> {
        let instance = self.instances.get(object.0 as usize)?;
        Some((instance.module, instance.scope.clone(), self.block(object)?))
    }

    /// A body without what is not wanted of it at its top.
    pub fn body(&mut self, body: &Body, offset: u32, wanted: &dyn Fn(&str) -> bool, depth: u32) -> Value {
        let mut members: Vec<(Name, Made)> = Vec::new();
        if depth > MOST_DEPTH {
            return Value::elsewhere(offset);
        }
        for item in &body.items {
            match item {
                Item::Attribute { name, offset, value } if wanted(name) => {
                    let value = self.expression(value).at(*offset);
                    members.push((name.clone(), Made::Value(value)));
                }
                Item::Block(block) if wanted(block.made()) => self.nested(block, &mut members, depth),
                _ => {}
            }
        }
        // In order of names, as objects are; what has one name stays in its order.
        members.sort_by(|(left, _), (right, _)| left.cmp(right));
        let mut joined: Vec<(Name, Made)> = Vec::with_capacity(members.len());
        for (name, made) in members {
            match joined.last_mut() {
                Some((last, before)) if *last == name => before.join(made),
                _ => joined.push((name, made)),
            }
        }
        let members = joined.into_iter().map(|(name, made)| {
            let value = match made {
                Made::Value(value) => value,
                Made::Blocks(blocks, offset) => Value::list(blocks, offset),
            };
            (name, value)
        });
        Value::object(members.collect(), offset)
    }

    fn nested(&mut self, block: &Block, members: &mut Vec<(Name, Made)>, depth: u32) {
        if block.is_dynamic() {
            return self.dynamic(block, members, depth);
        }
        let value = self.body(&block.body, block.offset, &|_| true, depth + 1);
        members.push((block.name.clone(), Made::Blocks(vec![value], block.offset)));
    }

    /// `dynamic "ingress" { for_each = .. content { .. } }`
    fn dynamic(&mut self, block: &Block, members: &mut Vec<(Name, Made)>, depth: u32) {
        let offset = block.offset;
        let name = block.made();
        let Some(content) = block.body.blocks("content").last() else { return };
        let Some(over) = block.body.attribute("for_each").map(|over| self.expression(over)) else { return };
        let iterator = block.body.attribute("iterator").and_then(|iterator| iterator.as_path());
        let iterator: Name = iterator.map_or_else(|| name.clone(), Rc::from);
        if matches!(over.shape, Shape::Null) {
            return members.push((name.clone(), Made::Blocks(Vec::new(), offset)));
        }
        let Some(pairs) = self.pairs(&over) else {
            // How many there are is not known, so neither is the list.
            let mut value = not_computed(&[&over], offset);
            value.depend_on_others();
            return members.push((name.clone(), Made::Value(value)));
        };
        let mut made = Vec::with_capacity(pairs.len());
        for (key, value) in pairs {
            let at_hand = Value::object(vec![("key".into(), key), ("value".into(), value)], offset);
            self.scope.push((iterator.clone(), at_hand));
            made.push(self.body(&content.body, content.offset, &|_| true, depth + 1));
            self.scope.pop();
        }
        members.push((name.clone(), Made::Blocks(made, offset)));
    }

    /// What an object's block writes for an attribute.
    pub fn written_in(&mut self, object: ObjectId, name: &Name, offset: u32) -> Value {
        let after_apply = Value::unknown(UnknownCause::KnownAfterApply, offset);
        let Some((module, scope, block)) = self.place(object) else { return after_apply };
        if META.contains(&&**name) {
            return after_apply;
        }
        if let Some(written) = block.body.attribute(name) {
            return self.within(module, scope, |evaluator| evaluator.expression(written));
        }
        let is_it = |item: &Item| matches!(item, Item::Block(block) if block.made() == name);
        if !block.body.items.iter().any(is_it) {
            return after_apply;
        }
        let body = self.within(module, scope, |evaluator| {
            evaluator.body(&block.body, block.offset, &|found| *found == **name, 0)
        });
        body.member(name).cloned().unwrap_or(after_apply)
    }

    /// What the block of an object is said to depend on.
    pub fn depends_on(&mut self, object: ObjectId) -> Vec<ObjectId> {
        let Some((module, scope, block)) = self.place(object) else { return Vec::new() };
        let Some(super::syntax::Kind::List(named)) =
            block.body.attribute("depends_on").map(|named| &named.kind)
        else {
            return Vec::new();
        };
        let mut found: Vec<ObjectId> = Vec::new();
        self.within(module, scope, |evaluator| {
            for one in named {
                let value = evaluator.expression(one);
                evaluator.objects_in(&value, &mut found, 0);
            }
        });
        found.sort_unstable();
        found.dedup();
        found
    }

    /// The objects that a value is or refers to; of a module all that are in it.
    fn objects_in(&mut self, value: &Value, found: &mut Vec<ObjectId>, depth: u32) {
        /// A module may hold most of what there is.
        const MOST: usize = 1000;
        const DEEPEST: u32 = 64;
        if found.len() > MOST || depth > DEEPEST {
            return;
        }
        found.extend(value.references().iter().flat_map(|reference| reference.targets.iter().copied()));
        match &value.shape {
            Shape::Instance(object) | Shape::Instances(object) => found.push(*object),
            Shape::Module(module) => {
                let (resources, calls) = self
                    .source(*module)
                    .map_or((0, 0), |source| (source.resources.len(), source.calls.len()));
                for resource in 0..resources {
                    found.extend(self.expand(*module, resource).all());
                }
                for call in 0..calls {
                    let inside = self.call_value(*module, call, value.offset);
                    self.objects_in(&inside, found, depth + 1);
                }
            }
            Shape::List(items) => {
                items.values.iter().for_each(|item| self.objects_in(item, found, depth + 1))
            }
            Shape::Object(members) => {
                members.values.iter().for_each(|(_, member)| self.objects_in(member, found, depth + 1));
            }
            _ => {}
        }
    }
}
