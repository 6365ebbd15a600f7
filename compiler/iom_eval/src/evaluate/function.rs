use std::sync::Arc;

use super::{Evaluator, FUEL, FUEL_OF_A_VALUE, Fact, INVALID, Note};
use crate::facts::{NameIndex, Origin};
use crate::program::{
    Code, FieldId, FunctionId, GlobalId, GlobalValue, KindSet, Order, ResourceId, SharedId,
};
use crate::value::{Causes, ElementId, ListValue, Truth, Value};

impl<'e> Evaluator<'e> {
    pub(crate) fn call(&mut self, function: FunctionId, arguments: &[Code]) -> Value {
        let function = &self.program.functions[function.index()];
        // Arguments are evaluated in the caller's frame and become the first slots of the callee's.
        let mut values: [Value; 4] = Default::default();
        let mut more = Vec::new();
        for (position, argument) in arguments.iter().enumerate() {
            let value = self.raw(argument);
            match values.get_mut(position) {
                Some(slot) => *slot = value,
                None => more.push(value),
            }
        }
        let count = arguments.len();
        self.deeper(|ev| {
            ev.run(function.locals.max(count as u32), |ev| {
                for (position, value) in values.into_iter().take(count).chain(more).enumerate() {
                    ev.set(position as u32, value);
                }
                ev.raw(&function.value)
            })
        })
        .unwrap_or(INVALID)
    }

    pub(crate) fn global(&mut self, id: GlobalId) -> Value {
        let Some(cell) = self.estate.global_cell(id, self.layer) else { return INVALID };
        let fact = Fact::global(id, self.layer);
        self.rests_on(fact);
        if let Some(value) = cell.get() {
            return value.clone();
        }
        let value = self.traced(fact, |ev| ev.compute_global(id));
        let _ = cell.set(value.clone());
        value
    }

    fn compute_global(&mut self, id: GlobalId) -> Value {
        let global = &self.program.globals[id.index()];
        let (value, is_exhausted) = self.apart(FUEL_OF_A_VALUE, |ev| {
            ev.deeper(|ev| {
                let raw = match &global.value {
                    GlobalValue::Constant { value, locals } => ev.run(*locals, |ev| ev.raw(value)),
                    GlobalValue::Data(value) => value.clone(),
                };
                ev.convert(raw, global.ty)
            })
        });
        match value {
            Some(value) if !is_exhausted => value,
            _ => {
                self.note(Note::Expensive(format!(
                    "{}: computing it takes more than {FUEL_OF_A_VALUE} steps",
                    global.name
                )));
                INVALID
            }
        }
    }

    /// What is the same for everybody in a world. It is kept, so it has a tank of its own; too expensive for one, it is too
    /// expensive for everybody.
    pub(crate) fn shared(&mut self, id: SharedId, code: &Code, locals: u32) -> Value {
        let Some(cell) = self.estate.shared_cell(id, self.layer) else { return INVALID };
        let fact = Fact::shared(id, self.layer);
        self.rests_on(fact);
        if cell.get().is_none() {
            let compute = |ev: &mut Self| ev.deeper(|ev| ev.run(locals, |ev| ev.raw(code)));
            let (value, is_exhausted) = self.traced(fact, |ev| ev.apart(FUEL, compute));
            let _ = cell.set(value.filter(|_| !is_exhausted));
        }
        match cell.get() {
            Some(Some(value)) => value.clone(),
            _ => {
                self.give_up();
                INVALID
            }
        }
    }

    /// A declared resource: its element, or the list of those that its `for` makes, by key.
    pub(crate) fn resource(&mut self, id: ResourceId) -> Value {
        let elements = self.estate.declared(id);
        match (elements, self.program.resources[id.index()].is_many) {
            (elements, true) => Value::list(elements.iter().map(|id| Value::Element(*id)).collect()),
            ([one], false) => Value::Element(*one),
            _ => Value::Unknown(Causes::UNMODELLED),
        }
    }

    /// `K named s`
    pub(crate) fn named(&mut self, kinds: &KindSet, name: &Value) -> Value {
        match name {
            Value::Absent => return Value::Absent,
            Value::Unknown(causes) => return Value::Unknown(causes.spread()),
            Value::Text(_) | Value::Made(_) => {}
            _ => return INVALID,
        }
        let Some(index) = self.name_index(kinds) else { return INVALID };
        match index.find(name) {
            [one] => Value::Element(*one),
            [_, _, ..] => Value::Unknown(Causes::CONFLICT),
            [] => match index.unknown.into_iter().chain(self.estate.is_open(kinds, self.layer)).next() {
                Some(causes) => Value::Unknown(causes),
                None => Value::Absent,
            },
        }
    }

    fn name_index(&mut self, kinds: &KindSet) -> Option<&'e NameIndex> {
        let estate = self.estate;
        let fact = Fact::names(&(kinds.id, self.layer));
        self.rests_on(fact);
        let cell = estate.names.cell(kinds, self.layer)?;
        if cell.get().is_none() {
            let index = self.traced(fact, |ev| ev.build_name_index(kinds));
            let _ = cell.set(index);
        }
        cell.get()
    }

    fn build_name_index(&mut self, kinds: &KindSet) -> NameIndex {
        let estate = self.estate;
        let mut index = NameIndex::default();
        for kind in &kinds.kinds {
            let identity = self.text_identity(*kind);
            for id in estate.population(*kind, self.layer).map(ElementId) {
                if let Origin::Declared { .. } = estate.element(id).origin {
                    index.add(estate, estate.address(id), id);
                    index.add(estate, estate.short_name(id), id);
                }
                match identity.map(|field| self.field(id, field)) {
                    Some(Value::Unknown(causes)) => {
                        let before = index.unknown;
                        index.unknown = Some(before.map_or(causes.spread(), |before| before.union(causes)));
                    }
                    Some(value) => {
                        if let Some(text) = estate.str_of(&value) {
                            index.add(estate, text, id);
                        }
                    }
                    None => {}
                }
            }
        }
        index
    }

    /// `ref { kind: .. name: .. }`
    pub(crate) fn reference_by_fields(&mut self, fields: &[(FieldId, Code)], target: &KindSet) -> Value {
        let mut wanted = Vec::with_capacity(fields.len());
        for (field, code) in fields {
            let value = self.eval(code);
            wanted.push((*field, value));
        }
        if wanted.iter().all(|(_, value)| value.is_absent()) {
            return Value::Absent;
        }
        let mut found = Vec::new();
        let mut doubt = self.estate.is_open(target, self.layer);
        for kind in &target.kinds {
            for id in self.estate.population(*kind, self.layer).map(ElementId) {
                let mut fits = Truth::True;
                for (field, value) in &wanted {
                    let own = self.field_of(&Value::Element(id), *field);
                    fits = fits.and(self.equal(&own, value, Order::Natural));
                    if fits.is_false() {
                        break;
                    }
                }
                match fits {
                    Truth::True => found.push(id),
                    Truth::False => {}
                    Truth::Unknown(causes) => {
                        doubt = Some(doubt.map_or(causes, |before| before.union(causes)));
                    }
                }
            }
        }
        if let Some(value) = crate::facts::Estate::one_of(found) {
            return value;
        }
        match doubt {
            Some(causes) => Value::Unknown(causes),
            None => {
                let parts: Vec<String> = wanted.iter().map(|(_, value)| self.estate.render(value)).collect();
                Value::Dangling(Arc::new(crate::value::MadeText(parts.join("/").into())))
            }
        }
    }

    /// `refs xs`: every element of a list, or what the list as a whole refers to where the source tells no more.
    pub(crate) fn resolve_many(&mut self, value: Value, target: &KindSet) -> Value {
        if let Value::Node { source, node } = value {
            let tape = &self.estate.sources[source as usize].document.tape;
            if let iom_state::tape::NodeValue::List { .. } = tape.node(node).value {
                let items =
                    tape.elements(node).map(|item| self.resolve(Value::Node { source, node: item }, target));
                return Value::list(items.collect());
            }
        }
        let list = match self.list_of(value.clone()) {
            Ok(list) => list,
            Err(causes) => return self.resolve_list_mark(&value, target, causes),
        };
        let mut items = Vec::with_capacity(list.items.len());
        for item in &list.items {
            items.push(self.resolve(item.clone(), target));
        }
        Value::List(Arc::new(ListValue { items, maybe: list.maybe.clone(), open: list.open }))
    }

    /// A list that is not known: the elements that its expression refers to may be in it.
    fn resolve_list_mark(&mut self, value: &Value, target: &KindSet, causes: Causes) -> Value {
        let Value::Node { source, node } = value else { return Value::Unknown(causes) };
        let Some(mark) = self.estate.mark(*source, *node) else { return Value::Unknown(causes) };
        let found = self.resolve_mark(*source, mark, target);
        if found.is_empty() {
            return Value::Unknown(causes);
        }
        let maybe = vec![Some(causes); found.len()].into();
        let items = found.into_iter().map(Value::Element).collect();
        Value::List(Arc::new(ListValue { items, maybe: Some(maybe), open: Some(causes) }))
    }

    pub(crate) fn scalar_part(&mut self, base: &Value, name: &str) -> Value {
        match base {
            Value::Absent => Value::Absent,
            Value::Unknown(causes) => Value::Unknown(causes.spread()),
            Value::Scalar(scalar) => match scalar.part(name) {
                Some(crate::scalar::Part::Absent) => Value::Absent,
                Some(crate::scalar::Part::Text(text)) => self.estate.text(&text),
                Some(crate::scalar::Part::Int(value)) => Value::Int(value),
                Some(crate::scalar::Part::Bool(value)) => Value::Bool(value),
                None => INVALID,
            },
            Value::Range(range) if name == "min" || name == "low" => range.0.clone(),
            Value::Range(range) if name == "max" || name == "high" => range.1.clone(),
            _ => INVALID,
        }
    }

    /// An item of a list on a tape.
    fn item(&mut self, source: u32, node: iom_state::tape::NodeIndex, position: i64) -> Value {
        use iom_state::tape::NodeValue;
        let tape = &self.estate.sources[source as usize].document.tape;
        match tape.node(node).value {
            NodeValue::List { .. } => {
                let item = u32::try_from(position).ok().and_then(|position| tape.element(node, position));
                item.map_or(Value::Absent, |node| Value::Node { source, node })
            }
            NodeValue::Null => Value::Absent,
            NodeValue::Unknown(cause) => Value::Unknown(Causes::of(cause)),
            _ => INVALID,
        }
    }

    /// `xs[i]`, `m[k]`: absent where there is none.
    pub(crate) fn index(&mut self, base: Value, index: Value) -> Value {
        let base = match base {
            Value::Entries { source, node } => match index {
                Value::Text(key) => return self.estate.entry(source, node, key),
                _ => self.estate.plain_node(source, node),
            },
            Value::Node { source, node } => match index {
                Value::Int(position) => return self.item(source, node, position),
                Value::Text(key) => return self.member(Value::Node { source, node }, key),
                _ => self.estate.plain_node(source, node),
            },
            other => other,
        };
        match (&base, &index) {
            (Value::Absent, _) | (_, Value::Absent) => Value::Absent,
            (Value::Unknown(one), Value::Unknown(other)) => Value::Unknown(one.union(*other)),
            (Value::Unknown(causes), _) | (_, Value::Unknown(causes)) => Value::Unknown(causes.spread()),
            (Value::List(list) | Value::Set(list), Value::Int(position)) => {
                // Whatever may or may not be in the list moves what follows it.
                let position = usize::try_from(*position).ok();
                let before = position.and_then(|position| {
                    list.maybe.as_ref()?.get(..=position.min(list.items.len().saturating_sub(1)))
                });
                let doubt = before.and_then(|before| before.iter().flatten().copied().reduce(Causes::union));
                match (doubt, position.and_then(|position| list.items.get(position)), list.open) {
                    (Some(causes), ..) => Value::Unknown(causes),
                    (None, Some(item), _) => item.clone(),
                    (None, None, Some(causes)) => Value::Unknown(causes),
                    (None, None, None) => Value::Absent,
                }
            }
            // The elements of a declaration with `for`, by key.
            (Value::List(list), Value::Text(_) | Value::Made(_)) => {
                let key = self.estate.render(&index);
                let suffix = format!("[\"{key}\"]");
                let found = list.items.iter().find(|item| match item {
                    Value::Element(id) => self.estate.address(*id).ends_with(&suffix),
                    _ => false,
                });
                found.cloned().unwrap_or(Value::Absent)
            }
            (Value::Map(_) | Value::Record(_), _) => {
                let map = self.entries(&base);
                let mut doubt = map.open;
                for (key, value) in &map.entries {
                    match self.equal(key, &index, map.order()) {
                        Truth::True => return value.clone(),
                        Truth::False => {}
                        Truth::Unknown(causes) => doubt = Some(causes),
                    }
                }
                doubt.map_or(Value::Absent, Value::Unknown)
            }
            _ => INVALID,
        }
    }
}
