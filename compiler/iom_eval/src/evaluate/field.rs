use std::sync::Arc;

use iom_model::SOURCE_OBJECT;
use iom_state::document::SourceObject;
use iom_state::tape::{NodeIndex, NodeValue, Symbol};
use rustc_hash::FxHashSet;

use super::{Evaluator, FUEL_OF_A_VALUE, Fact, INVALID};
use crate::facts::{Cell, FactRemarkKind, Origin, Shard};
use crate::program::{AdapterField, AdapterId, FieldId, FieldPath, KindId, Secrets, family};
use crate::value::{Candidates, Causes, ElementId, MapValue, RecordShape, RecordValue, Truth, Value};

impl<'e> Evaluator<'e> {
    /// A field of an element by its position in the kind: read once, then remembered.
    pub fn field(&mut self, id: ElementId, position: u16) -> Value {
        match self.estate.shard_with(id) {
            Some(shard) => match self.field_in(shard, id, position) {
                text if self.estate.ends(&text).is_some() => self.estate.force(text),
                value => value,
            },
            None => INVALID,
        }
    }

    #[inline]
    pub(super) fn field_in(&mut self, shard: &'e Shard, id: ElementId, position: u16) -> Value {
        let Some(cell) = self.estate.cell_to_read(shard, id, position) else { return INVALID };
        match cell.get() {
            Some(value) => {
                self.rests_on(Fact::field(id, position));
                value.clone()
            }
            None => self.read(shard, id, position, cell),
        }
    }

    /// Reads a field for the first time.
    fn read(&mut self, shard: &'e Shard, id: ElementId, position: u16, cell: Cell<'_>) -> Value {
        let task = (id, position);
        if self.computing.contains(&task) {
            return INVALID;
        }
        let by = self.bound_by(shard, id, position);
        if let Some(value) = by.as_ref().and_then(|by| self.bound_before(shard, position, by)) {
            cell.set(value.clone());
            self.bind_ahead(shard, id, position);
            return value;
        }
        self.computing.push(task);
        let layer = std::mem::replace(&mut self.layer, shard.layer);
        let reading = self.reading.replace(task);
        let fact = Fact::field(id, position);
        let value = self.traced(fact, |ev| {
            let (value, is_exhausted) =
                ev.apart(FUEL_OF_A_VALUE, |ev| ev.deeper(|ev| ev.compute(id, position)).unwrap_or(INVALID));
            if is_exhausted {
                ev.remark(
                    FactRemarkKind::TooExpensive,
                    format!("computing it takes more than {FUEL_OF_A_VALUE} steps"),
                );
                return INVALID;
            }
            value
        });
        self.rests_on(fact);
        self.reading = reading;
        self.layer = layer;
        self.computing.pop();
        if let Some(by) = by {
            self.keep_bound(shard, position, by, &value);
        }
        cell.set(value.clone());
        if matches!(value, Value::Element(_)) {
            self.refer_ahead(shard, id, position);
        }
        value
    }

    fn compute(&mut self, id: ElementId, position: u16) -> Value {
        let estate = self.estate;
        let element = estate.element(id);
        let kind = &self.program.kinds[element.kind.index()];
        let field = &kind.fields[position as usize];
        if let Some((code, locals)) = &field.derive {
            return self.run(*locals, |ev| {
                ev.set(0, Value::Element(id));
                ev.eval(code)
            });
        }
        let own = match &element.origin {
            Origin::Imported { source, object, adapter, this, around } => {
                let adapter_code = &self.program.adapters[adapter.index()];
                match &adapter_code.fields[position as usize] {
                    None if field.is_bound => Value::Absent,
                    None => Value::Unknown(Causes::NOT_REPORTED),
                    Some(code) => {
                        let place = (*source, *object, *adapter);
                        let alike = self.alike_in(code, field.ty);
                        let outer = std::mem::replace(&mut self.alike, alike);
                        let raw = self.adapter_value(Some(id), place, this, around, code);
                        self.alike = outer;
                        let value = self.convert_field(raw, field, true);
                        // What identifies a thing does not age.
                        if estate.is_stale(*source, *object) && !kind.identity.contains(&position) {
                            return Value::Unknown(
                                value.causes().map_or(Causes::STALE, |causes| causes.union(Causes::STALE)),
                            );
                        }
                        value
                    }
                }
            }
            Origin::Declared { resource, each, instance } => {
                match self.declared_value(*resource, each.as_ref(), instance.as_ref(), position) {
                    None if instance.is_some() && self.text_identity(element.kind) == Some(position) => {
                        self.declared_name(id)
                    }
                    None => self.convert_field(Value::Absent, field, field.is_bound),
                    Some(value) => self.convert_field(value, field, false),
                }
            }
        };
        if own.is_absent() && field.is_bound { self.bound(id, field.name) } else { own }
    }

    /// A field as far as the graph needs it.
    pub(crate) fn edge_value(&mut self, id: ElementId, position: u16) -> Value {
        let element = self.estate.element(id);
        let is_read = self.estate.known(id, position).is_some();
        if let (Origin::Imported { source, object, adapter, this, around }, false) =
            (&element.origin, is_read)
        {
            let code = &self.program.adapters[adapter.index()];
            if let Some(edge) = code.edges.iter().find(|edge| edge.position == position) {
                let layer = std::mem::replace(&mut self.layer, element.layer);
                // Whoever is first to need the graph may be reading a field: this is about another one.
                let reading = self.reading.take();
                let place = (*source, *object, *adapter);
                let raw = self.adapter_value(Some(id), place, this, around, &edge.field);
                let value = self.convert(raw, edge.ty);
                self.reading = reading;
                self.layer = layer;
                return value;
            }
        }
        self.field(id, position)
    }

    /// What a plan says that an element was before: the fields that its kind has transitions for; absent where it says
    /// nothing, as of what it creates.
    pub(crate) fn before_plan(&mut self, id: ElementId) -> Value {
        let estate = self.estate;
        let program = self.program;
        let Origin::Imported { source, object, adapter, this: Value::Node { node, .. }, around } =
            &estate.element(id).origin
        else {
            return Value::Absent;
        };
        let tape = &estate.sources[*source as usize].document.tape;
        let Some(before) = tape.before.get(node) else { return Value::Absent };
        let kind_id = estate.kind_of(id);
        let kind = program.kind(kind_id);
        let Some(definition) = program.model.kinds.get(&kind.name) else { return Value::Absent };
        let this = Value::Node { source: *source, node: *before };
        let mut fields: Vec<(Symbol, Value)> = Vec::new();
        for transition in &definition.transitions {
            let name = estate.symbol(&transition.field);
            let Some((name, position)) = name.and_then(|name| Some((name, kind.field_position(name)?)))
            else {
                continue;
            };
            let code = &program.adapters[adapter.index()].fields[position as usize];
            let Some(code) = code else { continue };
            let reading = self.reading.take();
            let raw = self.adapter_value(Some(id), (*source, *object, *adapter), &this, around, code);
            let value = self.convert_field(raw, &kind.fields[position as usize], true);
            self.reading = reading;
            fields.push((name, value));
        }
        Value::Record(Arc::new(RecordValue { shape: RecordShape::Kind(kind_id), fields: fields.into() }))
    }

    /// A field of an object all of whose attributes that the field depends on have one value.
    pub(crate) fn field_with(&mut self, adapter_id: AdapterId, position: u16, value: &Value) -> Value {
        let adapter = &self.program.adapters[adapter_id.index()];
        let field = &self.program.kinds[adapter.kind.index()].fields[position as usize];
        let Some(code) = &adapter.fields[position as usize] else { return Value::Absent };
        let inputs = code.inputs.iter().flat_map(|inputs| inputs.iter());
        let entries = inputs.map(|name| (Value::Text(*name), value.clone())).collect();
        let this = Value::Map(Arc::new(MapValue::new(entries, None)));
        let reading = self.reading.take();
        let place = (u32::MAX, u32::MAX, adapter_id);
        let raw = self.adapter_value(None, place, &this, &Value::Absent, code);
        let value = self.convert_field(raw, field, true);
        self.reading = reading;
        value
    }

    /// The value of an adapter's expression over an object.
    fn adapter_value(
        &mut self,
        element: Option<ElementId>,
        place: (u32, u32, AdapterId),
        this: &Value,
        around: &Value,
        field: &AdapterField,
    ) -> Value {
        if let Some(FieldPath { paths, target }) = &field.path {
            // No frame is needed to follow a path.
            let value = self.first_at(this, paths);
            let Some((target, is_many)) = target else { return value };
            let at_hand = self.at_hand.replace((place.0, place.1));
            let value = if *is_many { self.resolve_many(value, target) } else { self.resolve(value, target) };
            self.at_hand = at_hand;
            return value;
        }
        self.in_adapter_frame(element, place, this, around, field, |ev| ev.raw(&field.value))
    }

    /// The value at the end of the first path that leads to one.
    fn first_at(&mut self, this: &Value, paths: &[Box<[Symbol]>]) -> Value {
        let mut found = Value::Absent;
        for (position, path) in paths.iter().enumerate() {
            found = match this {
                Value::Node { source, node } => self.at_names(*source, *node, path),
                other => path.iter().fold(other.clone(), |value, step| self.member(value, *step)),
            };
            if position + 1 == paths.len() || !self.reads_as_absent(&found, true) {
                break;
            }
        }
        found
    }

    /// The value at the end of a path of names from a node on. Missing is absent; a wrong shape is invalid.
    fn at_names(&self, source: u32, mut node: NodeIndex, names: &[Symbol]) -> Value {
        let tape = &self.estate.sources[source as usize].document.tape;
        for name in names {
            match tape.node(node).value {
                NodeValue::Object { .. } => match tape.member(node, *name) {
                    Some(member) => node = member,
                    None => return Value::Absent,
                },
                NodeValue::Null => return Value::Absent,
                NodeValue::Unknown(cause) => {
                    // The cause spreads to all that is read of the value.
                    return Value::Unknown(Causes::of(cause));
                }
                _ => return INVALID,
            }
        }
        Value::Node { source, node }
    }

    /// Runs something in the frame that an adapter's field is evaluated in: with its object, its parts and its `let`s.
    pub(crate) fn in_adapter_frame<T>(
        &mut self,
        element: Option<ElementId>,
        (source, object, adapter_id): (u32, u32, AdapterId),
        this: &Value,
        around: &Value,
        field: &AdapterField,
        body: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let adapter = &self.program.adapters[adapter_id.index()];
        let around_node = match around {
            Value::Node { node, .. } => Some(*node),
            _ => None,
        };
        let at_hand = self.at_hand.replace((source, object));
        let at_hand_values = std::mem::replace(&mut self.at_hand_values, around_node);
        // Most fields need few of the adapter's slots: the frame grows where they are set.
        let value = self.run(2, |ev| {
            ev.set(0, this.clone());
            ev.set(1, around.clone());
            for part in &field.parts {
                let value = ev.part(element, source, object, adapter_id, *part);
                ev.set(adapter.parts[*part as usize].local, value);
            }
            for position in &field.lets {
                let (local, code) = &adapter.lets[*position as usize];
                let value = ev.raw(code);
                ev.set(*local, value);
            }
            body(ev)
        });
        self.at_hand = at_hand;
        self.at_hand_values = at_hand_values;
        value
    }

    /// What binds say about a field that nothing else sets: the most specific ones that say anything; where those
    /// disagree it is a conflict. Then the source's environment.
    fn bound(&mut self, id: ElementId, name: Symbol) -> Value {
        let kind = self.estate.element(id).kind;
        let program = self.program;
        let mut best: Option<(usize, Value)> = None;
        for bind in program.binds.iter().filter(|bind| bind.kinds.has(kind)) {
            let fields = bind.fields.iter().filter(|(field, _)| program.fields[field.index()].name == name);
            for (_, code) in fields {
                let value = self.run(bind.locals, |ev| {
                    ev.set(0, Value::Element(id));
                    match bind.filter.as_ref().map_or(Truth::True, |filter| ev.truth(filter)) {
                        Truth::True => ev.eval(code),
                        Truth::False => Value::Absent,
                        // Whether the bind is about the element is not known: so is what the field holds.
                        Truth::Unknown(causes) => Value::Unknown(causes),
                    }
                });
                if value.is_absent() {
                    continue;
                }
                best = Some(match best {
                    Some((rank, before)) if rank > bind.rank => (rank, before),
                    Some((rank, before)) if rank == bind.rank => {
                        match self.equal(&before, &value, crate::program::Order::Natural) {
                            Truth::True => (rank, before),
                            Truth::False => (rank, Value::Unknown(Causes::CONFLICT)),
                            Truth::Unknown(causes) => (rank, Value::Unknown(causes)),
                        }
                    }
                    _ => (bind.rank, value),
                });
            }
        }
        if let Some((_, value)) = best {
            return value;
        }
        if name == program.names.owner {
            return self.owner_of_environment(id);
        }
        if name != program.names.environment {
            return Value::Absent;
        }
        let Origin::Imported { source, .. } = &self.estate.element(id).origin else { return Value::Absent };
        let environment = self.estate.sources[*source as usize].environment.as_deref();
        let declared = environment.and_then(|name| program.resource_ending(name));
        declared
            .and_then(|id| self.estate.declared(id).first())
            .map_or(Value::Absent, |id| Value::Element(*id))
    }

    /// Who owns an environment owns what is in it and has no owner of its own.
    fn owner_of_environment(&mut self, id: ElementId) -> Value {
        let names = self.program.names;
        let Some(position) =
            self.program.kind(self.estate.element(id).kind).field_position(names.environment)
        else {
            return Value::Absent;
        };
        match self.field(id, position) {
            Value::Element(environment) => {
                let kind = self.program.kind(self.estate.element(environment).kind);
                let owner = kind.field_position(names.owner);
                owner.map_or(Value::Absent, |position| self.field(environment, position))
            }
            Value::Unknown(causes) => Value::Unknown(causes.spread()),
            _ => Value::Absent,
        }
    }

    pub(crate) fn field_of_element(&mut self, id: ElementId, field: FieldId) -> Value {
        let table = &self.program.fields[field.index()];
        let Some(shard) = self.estate.shard_with(id) else { return INVALID };
        match table.position(shard.kind) {
            Some(position) => self.field_in(shard, id, position),
            None => self.special_field(id, table.name),
        }
    }

    /// A field of whatever stands for an element.
    pub(crate) fn field_of(&mut self, base: &Value, field: FieldId) -> Value {
        let table = &self.program.fields[field.index()];
        match base {
            Value::Element(id) => self.field_of_element(*id, field),
            Value::Record(record) => self.record_field(record, table.name),
            Value::Absent => Value::Absent,
            Value::Unknown(causes) => Value::Unknown(causes.spread()),
            Value::Dangling(_) => Value::Unknown(Causes::UNMODELLED),
            Value::Candidates(candidates) => self.field_of_candidates(candidates, field),
            Value::Map(_) | Value::Node { .. } | Value::Entries { .. } => {
                self.member(base.clone(), table.name)
            }
            _ => INVALID,
        }
    }

    /// `.source`: the whole object as its source has it, without what a kind says is secret.
    fn special_field(&mut self, id: ElementId, name: Symbol) -> Value {
        let estate = self.estate;
        let Some((object, whole)) = self.source_object(id) else { return Value::Absent };
        let Value::Node { source, node } = whole else { return Value::Absent };
        if estate.strings.resolve(&name) != SOURCE_OBJECT {
            return Value::Absent;
        }
        let format = family(estate.sources[source as usize].document.format);
        let source_type = estate.strings.resolve(&object.source_type);
        let mut hidden: FxHashSet<Symbol> = FxHashSet::default();
        for adapter in self.program.routes.find(format, object.is_data, source_type) {
            match &self.program.adapters[adapter.index()].secrets {
                Secrets::In(attributes) => hidden.extend(attributes.iter().copied()),
                Secrets::Anywhere => return Value::Unknown(Causes::SENSITIVE.present()),
            }
        }
        if hidden.is_empty() {
            return whole;
        }
        let tape = &estate.sources[source as usize].document.tape;
        let mut members: Vec<_> = tape.members(node).collect();
        members.sort_by_key(|(name, _)| estate.strings.resolve(name));
        let entries = members.into_iter().map(|(name, node)| {
            let is_shown = !hidden.contains(&name) || tape.node(node).value == NodeValue::Null;
            let value = Value::Node { source, node };
            let value = if is_shown { value } else { Value::Unknown(Causes::SENSITIVE.present()) };
            (Value::Text(name), value)
        });
        Value::Map(Arc::new(MapValue::new(entries.collect(), None)))
    }

    /// The object of its source that an element was made of, as it is written there.
    pub(super) fn source_object(&mut self, id: ElementId) -> Option<(&'e SourceObject, Value)> {
        self.rests_on(Fact::whole(id));
        let Origin::Imported { source, object, .. } = &self.estate.element(id).origin else { return None };
        let object = self.estate.object(*source, *object)?;
        Some((object, Value::Node { source: *source, node: object.values? }))
    }

    /// Known where all candidates agree.
    fn field_of_candidates(&mut self, candidates: &Candidates, field: FieldId) -> Value {
        let doubt = Causes::of(iom_state::tape::UnknownCause::KnownAfterApply);
        let mut agreed: Option<Value> = None;
        for id in &candidates.0 {
            let value = self.field_of(&Value::Element(*id), field);
            match &agreed {
                None => agreed = Some(value),
                Some(before) => {
                    if !self.equal(before, &value, crate::program::Order::Natural).is_true() {
                        return Value::Unknown(doubt);
                    }
                }
            }
        }
        agreed.unwrap_or(Value::Unknown(doubt))
    }

    /// A field of a record, set or computed.
    pub(crate) fn record_field(&mut self, record: &Arc<RecordValue>, name: Symbol) -> Value {
        if let Some(value) = record.field(name) {
            return value.clone();
        }
        let derive = match record.shape {
            RecordShape::Plain => None,
            RecordShape::Record(id) => {
                let fields = &self.program.types.record(id).fields;
                fields.iter().find(|field| field.name == name).and_then(|field| field.derive.as_ref())
            }
            RecordShape::Kind(id) => {
                let kind = self.program.kind(id);
                kind.field_position(name).and_then(|position| kind.fields[position as usize].derive.as_ref())
            }
        };
        let Some((code, locals)) = derive else { return Value::Absent };
        self.deeper(|ev| {
            ev.run(*locals, |ev| {
                ev.set(0, Value::Record(record.clone()));
                ev.eval(code)
            })
        })
        .unwrap_or(INVALID)
    }

    /// A key of an object or a field of a record. Missing is absent; a wrong shape is invalid.
    pub(crate) fn member(&mut self, base: Value, name: Symbol) -> Value {
        match base {
            Value::Node { source, node } => {
                let tape = &self.estate.sources[source as usize].document.tape;
                match tape.node(node).value {
                    NodeValue::Object { .. } => match tape.member(node, name) {
                        Some(node) => Value::Node { source, node },
                        None => Value::Absent,
                    },
                    NodeValue::Null => Value::Absent,
                    NodeValue::Unknown(cause) => Value::Unknown(Causes::of(cause)),
                    _ => INVALID,
                }
            }
            Value::Record(record) => self.record_field(&record, name),
            Value::Entries { source, node } => self.estate.entry(source, node, name),
            Value::Map(map) => {
                let found =
                    map.entries.iter().find(|(key, _)| matches!(key, Value::Text(key) if *key == name));
                match (found, map.open) {
                    (Some((_, value)), _) => value.clone(),
                    (None, Some(causes)) => Value::Unknown(causes),
                    (None, None) => Value::Absent,
                }
            }
            Value::Absent => Value::Absent,
            Value::Unknown(causes) => Value::Unknown(causes.spread()),
            Value::Element(id) => {
                let kind = self.estate.element(id).kind;
                match self.program.kind(kind).field_position(name) {
                    Some(position) => self.field(id, position),
                    None => self.special_field(id, name),
                }
            }
            Value::Dangling(_) => Value::Unknown(Causes::UNMODELLED),
            _ => INVALID,
        }
    }

    /// `x as K`: the record that the kind's `from json` adapter makes of a value.
    pub(crate) fn as_kind(&mut self, raw: Value, kind: KindId) -> Value {
        let program = self.program;
        let definition = &program.kinds[kind.index()];
        let Some(adapter_id) = definition.from_json else { return INVALID };
        let so_far = self.so_far();
        let mut of_text = None;
        let value = match self.estate.force(raw.clone()) {
            Value::Text(text) if text == program.names.empty => return Value::Absent,
            Value::Text(text) => {
                if let Some(known) = self.document_before(kind, text) {
                    return known;
                }
                of_text = Some(text);
                self.parse_json(&Value::Text(text))
            }
            text @ Value::Made(_) => self.parse_json(&text),
            Value::Node { .. } => raw.clone(),
            other => other,
        };
        match value {
            Value::Node { .. } | Value::Entries { .. } | Value::Map(_) | Value::Record(_) => {}
            // The document may be an element of its own that the source refers to.
            Value::Unknown(_) => return self.document_of(&raw, kind).unwrap_or(value),
            Value::Absent => return value,
            _ => return INVALID,
        }
        let adapter = &program.adapters[adapter_id.index()];
        let (source, object) = self.at_hand.unwrap_or((u32::MAX, u32::MAX));
        let mut fields = Vec::with_capacity(definition.fields.len());
        for (position, field) in definition.fields.iter().enumerate() {
            let raw = match &adapter.fields[position] {
                Some(code) => {
                    self.adapter_value(None, (source, object, adapter_id), &value, &Value::Absent, code)
                }
                None if field.derive.is_some() => continue,
                None if field.is_bound => Value::Absent,
                None => Value::Unknown(Causes::NOT_REPORTED),
            };
            fields.push((field.name, self.convert_field(raw, field, true)));
        }
        let document = RecordValue { shape: RecordShape::Kind(kind), fields: fields.into() };
        let document = Value::Record(Arc::new(document));
        if let Some(text) = of_text {
            self.keep_document((kind, adapter_id), text, &document, so_far);
        }
        document
    }
}
