//! What blueprints build: instances with their parameters and parts, and the values that parts have.

use std::sync::{Arc, OnceLock};

use iom_model::Built;
use rustc_hash::FxHashMap;

use super::build::Buckets;
use super::{Element, Estate, Origin};
use crate::evaluate::{Evaluator, Fact, INVALID, MAX_NESTED};
use crate::program::{
    BlueprintId, Code, KindId, MOST_RESOURCES, Plan, PlannedPart, ResourceCode, ResourceId,
};
use crate::value::{Causes, ElementId, Value};

type Slots = Arc<[(u32, Value)]>;

/// One instance of a blueprint.
#[derive(Debug)]
pub struct Instance {
    pub blueprint: BlueprintId,
    /// Where its arguments stand.
    holder: Site,
    parameters: Box<[OnceLock<Value>]>,
    /// By slot, counted from the root's; filled when elements have their ids.
    parts: Box<[OnceLock<Box<[ElementId]>>]>,
}

/// A declaration that has a say in the values of something that a blueprint built.
pub(crate) struct Saying<'e> {
    pub declaration: &'e iom_model::ResourceDeclaration,
    /// Where it is a part: the blueprint, and the `build` block it stands in.
    pub part: Option<(iom_model::QualifiedName, Option<smol_str::SmolStr>)>,
    /// Whose parameters its values read.
    pub instance: Option<Arc<Instance>>,
}

/// A declaration with the frame that its values are evaluated in.
#[derive(Clone, Debug)]
pub struct Site {
    declaration: DeclarationId,
    /// The values of its `for`, by slot.
    each: Option<Slots>,
    /// The instance that it is a part of.
    instance: Option<Arc<Instance>>,
}

#[derive(Clone, Copy, Debug)]
enum DeclarationId {
    Resource(ResourceId),
    Part(BlueprintId, u16),
}

/// Instances that are being built.
pub(super) struct Building<'b> {
    pub estate: &'b Estate,
    pub elements: &'b mut Buckets,
    /// Why there may be more elements of a kind than are listed.
    pub open: &'b mut Vec<(KindId, iom_state::document::Layer, Causes)>,
    pub count: u32,
}

impl Building<'_> {
    /// False where there are too many.
    fn push(
        &mut self,
        resource: ResourceId,
        address: &str,
        each: Option<Slots>,
        instance: Option<Arc<Instance>>,
    ) -> bool {
        self.count = self.count.saturating_add(1);
        if self.count > MOST_RESOURCES {
            return false;
        }
        let code = &self.estate.program.resources[resource.index()];
        self.elements.push(Element {
            kind: code.kind,
            layer: code.layer,
            address: self.estate.text(address),
            origin: Origin::Declared { resource, each, instance },
        });
        true
    }

    /// Everything that a declaration at the top makes.
    pub fn declaration(&mut self, id: ResourceId) -> bool {
        let code = &self.estate.program.resources[id.index()];
        let site = Site { declaration: DeclarationId::Resource(id), each: None, instance: None };
        self.multiplied(id, code, site, &code.name, code.plan.as_ref())
    }

    /// One element or instance for each value of the declaration's `for`.
    fn multiplied(
        &mut self,
        resource: ResourceId,
        code: &ResourceCode,
        site: Site,
        address: &str,
        plan: Option<&Plan>,
    ) -> bool {
        let owner = site.instance.clone();
        let one = |building: &mut Self, each: Option<Slots>, address: &str| match plan {
            Some(plan) => building.instance(plan, Site { each, ..site.clone() }, address),
            None => building.push(resource, address, each, owner.clone()),
        };
        let Some(over) = &code.each else { return one(self, None, address) };
        let layer = self.estate.program.resources[resource.index()].layer;
        let mut evaluator = Evaluator::new(self.estate, layer);
        let slots = evaluator.slots_of(owner.as_ref());
        let (instances, doubt) = evaluator.instances(over, code.locals, &slots);
        if let Some(causes) = doubt {
            self.open.push((code.kind, layer, causes));
        }
        instances.into_iter().all(|(key, slots)| {
            let address = match key {
                Value::Int(number) => format!("{address}[{number}]"),
                key => format!("{address}[\"{}\"]", self.estate.render(&key)),
            };
            one(self, Some(slots.into()), &address)
        })
    }

    fn instance(&mut self, plan: &Plan, holder: Site, address: &str) -> bool {
        let program = self.estate.program.clone();
        let blueprint = &program.blueprints[plan.blueprint.index()];
        let instance = Arc::new(Instance {
            blueprint: plan.blueprint,
            holder,
            parameters: blueprint.parameters.iter().map(|_| OnceLock::new()).collect(),
            parts: (0..blueprint.slots).map(|_| OnceLock::new()).collect(),
        });
        plan.parts.iter().all(|PlannedPart { part, resource, nested }| {
            let site = &blueprint.parts[*part as usize];
            let own = if site.slot == 0 { address.to_owned() } else { format!("{address}.{}", site.name) };
            let at = Site {
                declaration: DeclarationId::Part(plan.blueprint, *part),
                each: None,
                instance: Some(instance.clone()),
            };
            self.multiplied(*resource, &site.code, at, &own, nested.as_ref())
        })
    }
}

impl Estate {
    /// Tells instances which elements their parts became.
    pub(super) fn install_instances(&mut self) {
        let mut parts: FxHashMap<(usize, u32), (Arc<Instance>, Vec<ElementId>)> = FxHashMap::default();
        for (position, element) in self.elements.iter().enumerate() {
            let Origin::Declared { resource, instance: Some(instance), .. } = &element.origin else {
                continue;
            };
            let Some((_, part)) = self.program.resources[resource.index()].template else { continue };
            let id = ElementId(position as u32);
            for (instance, part) in self.holders(instance, part) {
                let slot = self.program.blueprints[instance.blueprint.index()].parts[part as usize].slot;
                let key = (Arc::as_ptr(&instance) as usize, slot);
                parts.entry(key).or_insert_with(|| (instance, Vec::new())).1.push(id);
            }
        }
        for ((_, slot), (instance, elements)) in parts {
            if slot == 0
                && let Some(first) = elements.first()
            {
                self.instances.entry(instance.blueprint).or_default().push(*first);
            }
            if let Some(cell) = instance.parts.get(slot as usize) {
                let _ = cell.set(elements.into());
            }
        }
        self.instances.values_mut().for_each(|roots| roots.sort());
        self.is_installed = true;
    }

    /// The instance that a part belongs to, and those whose root that instance is in turn, each with the part's position.
    fn holders(&self, instance: &Arc<Instance>, part: u16) -> Vec<(Arc<Instance>, u16)> {
        let mut found = vec![(instance.clone(), part)];
        let (mut instance, mut part) = (instance.clone(), part);
        while self.program.blueprints[instance.blueprint.index()].parts[part as usize].slot == 0 {
            match (instance.holder.declaration, &instance.holder.instance) {
                (DeclarationId::Part(_, outer), Some(around)) => (instance, part) = (around.clone(), outer),
                _ => break,
            }
            found.push((instance.clone(), part));
        }
        found
    }

    /// What has a say in the values of something that a blueprint built: first its own declaration in the innermost one, then
    /// those of the instances that it is the root of, from the inside out.
    pub(crate) fn sayings(&self, id: ElementId) -> Vec<Saying<'_>> {
        let Origin::Declared { resource, instance: Some(instance), .. } = &self.element(id).origin else {
            return Vec::new();
        };
        let template = self.program.resources.get(resource.index()).and_then(|code| code.template);
        let Some((blueprint, part)) = template else { return Vec::new() };
        let own = self.saying(DeclarationId::Part(blueprint, part), Some(instance));
        let outer = self.holders(instance, part).into_iter().filter_map(|(instance, part)| {
            let is_root = self.program.blueprints[instance.blueprint.index()].parts[part as usize].slot == 0;
            is_root.then(|| self.holder(&instance)).flatten()
        });
        own.into_iter().chain(outer).collect()
    }

    /// The declaration that gives an instance its arguments.
    pub(crate) fn holder(&self, instance: &Instance) -> Option<Saying<'_>> {
        self.saying(instance.holder.declaration, instance.holder.instance.as_ref())
    }

    fn saying(&self, id: DeclarationId, instance: Option<&Arc<Instance>>) -> Option<Saying<'_>> {
        let (declaration, part) = match id {
            DeclarationId::Resource(id) => (self.program.declaration(id)?, None),
            DeclarationId::Part(blueprint, part) => {
                let (name, blueprint) = self.program.model.blueprints.get_index(blueprint.index())?;
                let part = blueprint.parts.get(part as usize)?;
                (&part.declaration, Some((name.clone(), part.target.clone())))
            }
        };
        Some(Saying { declaration, part, instance: instance.cloned() })
    }

    /// The instance of a blueprint that an element is the root of.
    fn instance_of(&self, id: ElementId, blueprint: BlueprintId) -> Option<Arc<Instance>> {
        let Origin::Declared { resource, instance: Some(instance), .. } = &self.element(id).origin else {
            return None;
        };
        let (_, part) = self.program.resources.get(resource.index())?.template?;
        let is_it = |(instance, part): &(Arc<Instance>, u16)| {
            instance.blueprint == blueprint
                && self.program.blueprints[blueprint.index()].parts[*part as usize].slot == 0
        };
        self.holders(instance, part).into_iter().find(is_it).map(|(instance, _)| instance)
    }

    /// The roots of a blueprint's instances.
    pub(crate) fn roots_of(&self, blueprint: BlueprintId) -> &[ElementId] {
        self.instances.get(&blueprint).map_or(&[], Vec::as_slice)
    }

    fn declaration_code(&self, id: DeclarationId) -> &ResourceCode {
        match id {
            DeclarationId::Resource(id) => &self.program.resources[id.index()],
            DeclarationId::Part(blueprint, part) => {
                &self.program.blueprints[blueprint.index()].parts[part as usize].code
            }
        }
    }
}

impl<'e> Evaluator<'e> {
    /// What a declaration sets a field of an element to: what stands nearer to the element's own declaration goes before
    /// what a blueprint says.
    pub(crate) fn declared_value(
        &mut self,
        resource: ResourceId,
        each: Option<&Slots>,
        instance: Option<&Arc<Instance>>,
        position: u16,
    ) -> Option<Value> {
        let estate = self.estate;
        let code = &self.program.resources[resource.index()];
        let (Some(instance), Some((blueprint, part))) = (instance, code.template) else {
            let value = code.fields.get(position as usize)?.as_ref()?;
            return Some(self.in_frame(code.locals, each, None, |ev| ev.raw(value)));
        };
        let template = DeclarationId::Part(blueprint, part);
        let mut found: Vec<(Site, &'e Code)> = Vec::new();
        let set = |id: DeclarationId| estate.declaration_code(id).fields.get(position as usize)?.as_ref();
        if let Some(value) = set(template) {
            let site = Site { declaration: template, each: each.cloned(), instance: Some(instance.clone()) };
            found.push((site, value));
        }
        for (instance, part) in estate.holders(instance, part) {
            let is_root = self.program.blueprints[instance.blueprint.index()].parts[part as usize].slot == 0;
            if is_root && let Some(value) = set(instance.holder.declaration) {
                found.push((instance.holder.clone(), value));
            }
        }
        let outer = std::mem::replace(&mut self.inherited, found);
        let value = (!self.inherited.is_empty()).then(|| self.inherited_value());
        self.inherited = outer;
        value
    }

    /// What the field at hand is set to, one level nearer to the blueprint than where it is asked.
    pub(crate) fn inherited_value(&mut self) -> Value {
        let Some((site, value)) = self.inherited.pop() else { return Value::Absent };
        let found = self.at_site(&site, |ev| ev.raw(value));
        self.inherited.push((site, value));
        found
    }

    /// What identifies a part that is given no name: its declared one.
    pub(crate) fn declared_name(&self, id: ElementId) -> Value {
        self.estate.text(self.estate.short_name(id))
    }

    /// `shards[2]`: of what a `for` made, the element with this key.
    pub(crate) fn keyed(&mut self, elements: Value, key: &Value) -> Value {
        let list = match elements {
            Value::List(list) => list,
            Value::Unknown(causes) => return Value::Unknown(causes.spread()),
            _ => return INVALID,
        };
        let end = match key {
            Value::Unknown(causes) => return Value::Unknown(causes.spread()),
            Value::Int(number) => format!("[{number}]"),
            key => format!("[\"{}\"]", self.estate.render(key)),
        };
        let has_key = |item: &&Value| match item {
            Value::Element(id) => self.estate.address(*id).ends_with(&end),
            _ => false,
        };
        list.items.iter().find(has_key).cloned().unwrap_or(Value::Unknown(Causes::UNMODELLED))
    }

    fn at_site<T>(&mut self, site: &Site, body: impl FnOnce(&mut Self) -> T) -> T {
        let locals = self.estate.declaration_code(site.declaration).locals;
        self.in_frame(locals, site.each.as_ref(), site.instance.as_ref(), body)
    }

    fn in_frame<T>(
        &mut self,
        locals: u32,
        each: Option<&Slots>,
        instance: Option<&Arc<Instance>>,
        body: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let slots = self.slots_of(instance);
        self.run(locals, |ev| {
            for (local, value) in slots.into_iter().chain(each.iter().flat_map(|each| each.iter().cloned())) {
                ev.set(local, value);
            }
            body(ev)
        })
    }

    /// Parameters and parts of an instance, by slot.
    pub(crate) fn slots_of(&mut self, instance: Option<&Arc<Instance>>) -> Vec<(u32, Value)> {
        let Some(instance) = instance else { return Vec::new() };
        let count = instance.parameters.len() as u32;
        let mut slots = Vec::with_capacity(instance.parameters.len() + instance.parts.len());
        slots.extend((0..count).map(|position| (position, self.parameter(instance, position))));
        slots.extend(
            (0..instance.parts.len() as u32).map(|slot| (count + slot, self.part_value(instance, slot))),
        );
        slots
    }

    fn parameter(&mut self, instance: &Arc<Instance>, position: u32) -> Value {
        let Some(cell) = instance.parameters.get(position as usize) else { return INVALID };
        let fact = Fact::parameter(&(Arc::as_ptr(instance) as usize, position));
        self.rests_on(fact);
        if let Some(value) = cell.get() {
            return value.clone();
        }
        if self.depth > MAX_NESTED {
            return INVALID;
        }
        let value = self.traced(fact, |ev| ev.compute_parameter(instance, position));
        // Before elements have their ids, what reads one is not known yet.
        if self.estate.is_installed {
            let _ = cell.set(value.clone());
        }
        value
    }

    fn compute_parameter(&mut self, instance: &Arc<Instance>, position: u32) -> Value {
        self.depth += 1;
        let estate = self.estate;
        let parameter = &self.program.blueprints[instance.blueprint.index()].parameters[position as usize];
        let arguments = &estate.declaration_code(instance.holder.declaration).instance;
        let argument =
            arguments.as_ref().and_then(|one| one.arguments.get(position as usize)).and_then(Option::as_ref);
        let raw = match (argument, &parameter.default) {
            (Some(argument), _) => self.at_site(&instance.holder, |ev| ev.raw(argument)),
            (None, Some(default)) => self.run(parameter.default_locals, |ev| ev.raw(default)),
            (None, None) => Value::Absent,
        };
        let value = self.convert(raw, parameter.ty);
        self.depth -= 1;
        value
    }

    /// The element that a part became, or the list of those that its `for` made; absent for one of another target.
    fn part_value(&self, instance: &Instance, slot: u32) -> Value {
        let blueprint = &self.program.blueprints[instance.blueprint.index()];
        let is_many = blueprint.parts.iter().any(|part| part.slot == slot && part.code.each.is_some());
        let elements = instance.parts.get(slot as usize).and_then(OnceLock::get);
        match (elements.map(|elements| &**elements), is_many) {
            (Some(elements), true) => Value::list(elements.iter().map(|id| Value::Element(*id)).collect()),
            (None, true) => Value::list(Vec::new()),
            (Some([one]), false) => Value::Element(*one),
            (Some(_), false) => INVALID,
            (None, false) if self.estate.is_installed => Value::Absent,
            (None, false) => Value::Unknown(Causes::UNMODELLED),
        }
    }

    /// What is asked of the root of an instance.
    pub(crate) fn built(&mut self, root: &Value, blueprint: BlueprintId, what: Built) -> Value {
        let id = match root {
            Value::Element(id) => *id,
            Value::Unknown(causes) => return Value::Unknown(causes.spread()),
            _ => return if what == Built::Is { Value::Bool(false) } else { Value::Absent },
        };
        let instance = self.estate.instance_of(id, blueprint);
        match (what, instance) {
            (Built::Is, instance) => Value::Bool(instance.is_some()),
            (_, None) => Value::Absent,
            (Built::Parameter(position), Some(instance)) => self.parameter(&instance, position),
            (Built::Part(slot), Some(instance)) => self.part_value(&instance, slot),
        }
    }
}
