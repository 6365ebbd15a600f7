//! Fields that binds set, for the usual bind: a thing named by a label. There are as many different values as things, and a
//! hundred thousand elements that have one of them.

use iom_state::tape::Symbol;
use rustc_hash::FxHashMap;

use super::Evaluator;
use crate::facts::{Origin, Shard, layer_index};
use crate::program::{Code, KindId};
use crate::value::{ElementId, Value};

/// By kind, position of the field and layer: how a field is bound.
#[derive(Default)]
pub(super) struct BoundFields(FxHashMap<(KindId, u16, usize), Bound>);

enum Bound {
    /// To what is named by an entry of a map of texts, and what that was for each text so far.
    ToEntry {
        map: u16,
        key: Symbol,
        known: FxHashMap<Symbol, Value>,
        /// By source: what it was where there is no such entry. `None` where more than the source has a say then.
        unnamed: Option<FxHashMap<u32, Value>>,
    },
    /// By nobody: the owner is that of the environment.
    ToEnvironment {
        environment: u16,
        owners: FxHashMap<ElementId, Value>,
    },
    Otherwise,
}

/// What a bound field depends on.
pub(super) enum BoundBy {
    Text(Symbol),
    /// There is no such text, and the source has a say.
    Source(u32),
    Environment(ElementId),
    NoEnvironment,
}

impl Bound {
    /// What the field was for another element that depends on the same.
    fn before(&self, by: &BoundBy) -> Option<&Value> {
        match (self, by) {
            (Bound::ToEntry { known, .. }, BoundBy::Text(text)) => known.get(text),
            (Bound::ToEntry { unnamed, .. }, BoundBy::Source(source)) => unnamed.as_ref()?.get(source),
            (Bound::ToEnvironment { owners, .. }, BoundBy::Environment(id)) => owners.get(id),
            // Nobody owns what is in no environment.
            (Bound::ToEnvironment { .. }, BoundBy::NoEnvironment) => Some(&Value::Absent),
            _ => None,
        }
    }
}

impl<'e> Evaluator<'e> {
    /// What alone decides a field of an imported element that only a bind can set; nothing where it is not that simple, or
    /// where it is written down what is read.
    pub(super) fn bound_by(&mut self, shard: &'e Shard, id: ElementId, position: u16) -> Option<BoundBy> {
        if self.is_traced() || !self.program.kind(shard.kind).fields.get(usize::from(position))?.is_bound {
            return None;
        }
        if !self.is_left_to_binds(id, position) {
            return None;
        }
        let key = (shard.kind, position, layer_index(shard.layer));
        if !self.bound_fields.0.contains_key(&key) {
            let bound = self.how_bound(shard.kind, position).unwrap_or(Bound::Otherwise);
            self.bound_fields.0.insert(key, bound);
        }
        match self.bound_fields.0.get(&key)? {
            Bound::ToEntry { map, key, unnamed, .. } => {
                self.bound_by_entry(shard, id, (*map, *key), unnamed.is_some())
            }
            Bound::ToEnvironment { environment, .. } => {
                let environment = *environment;
                let known = self.known_or_plain(shard, id, environment);
                let known = match known {
                    Some(known) => known,
                    None => {
                        let by = self.bound_by(shard, id, environment)?;
                        self.bound_before(shard, environment, &by)?
                    }
                };
                match known {
                    Value::Element(environment) => Some(BoundBy::Environment(environment)),
                    Value::Absent => Some(BoundBy::NoEnvironment),
                    _ => None,
                }
            }
            Bound::Otherwise => None,
        }
    }

    /// The text that an element has in a map, or that it has none.
    fn bound_by_entry(
        &self,
        shard: &Shard,
        id: ElementId,
        (map, key): (u16, Symbol),
        may_miss: bool,
    ) -> Option<BoundBy> {
        let entry = match self.known_or_plain(shard, id, map)? {
            Value::Entries { source, node } => self.estate.entry(source, node, key),
            Value::Absent => Value::Absent,
            _ => return None,
        };
        match (entry, &self.estate.element(id).origin) {
            (Value::Text(text), _) => Some(BoundBy::Text(text)),
            (Value::Absent, Origin::Imported { source, .. }) if may_miss => Some(BoundBy::Source(*source)),
            _ => None,
        }
    }

    /// What a field was for another element that depends on the same.
    pub(super) fn bound_before(&self, shard: &Shard, position: u16, by: &BoundBy) -> Option<Value> {
        self.bound_fields.0.get(&(shard.kind, position, layer_index(shard.layer)))?.before(by).cloned()
    }

    /// Sets a field that was asked for of one element for those that come next and depend on the same as others before: who
    /// asks for one mostly goes on to the next.
    pub(super) fn bind_ahead(&self, shard: &Shard, id: ElementId, position: u16) {
        const MANY: u32 = 1 << 10;
        let end = shard.range().end.min(id.0.saturating_add(MANY));
        let bound = self.bound_fields.0.get(&(shard.kind, position, layer_index(shard.layer)));
        for next in (id.0 + 1..end).map(ElementId) {
            let Some(cell) = self.estate.cell_to_read(shard, next, position) else { return };
            let value = match bound {
                _ if cell.get().is_some() || !self.is_left_to_binds(next, position) => continue,
                Some(bound @ Bound::ToEntry { map, key, unnamed, .. }) => {
                    let by = self.bound_by_entry(shard, next, (*map, *key), unnamed.is_some());
                    by.and_then(|by| bound.before(&by))
                }
                Some(bound @ Bound::ToEnvironment { environment, .. }) => {
                    match shard.known(next, *environment) {
                        Some(Value::Element(environment)) => {
                            bound.before(&BoundBy::Environment(*environment))
                        }
                        Some(Value::Absent) => bound.before(&BoundBy::NoEnvironment),
                        _ => None,
                    }
                }
                _ => return,
            };
            if let Some(value) = value {
                cell.set(value.clone());
            }
        }
    }

    /// Whether nothing but binds can set a field of an element.
    fn is_left_to_binds(&self, id: ElementId, position: u16) -> bool {
        let Origin::Imported { adapter, .. } = &self.estate.element(id).origin else { return false };
        let field = self.program.adapters[adapter.index()].fields.get(usize::from(position));
        field.is_some_and(Option::is_none)
    }

    /// Remembers what a field is where it depends on this.
    pub(super) fn keep_bound(&mut self, shard: &Shard, position: u16, by: BoundBy, value: &Value) {
        let bound = self.bound_fields.0.get_mut(&(shard.kind, position, layer_index(shard.layer)));
        match (bound, by, value) {
            // Nothing is found: then the source may have a say.
            (Some(Bound::ToEntry { known, .. }), BoundBy::Text(text), Value::Element(_)) => {
                known.insert(text, value.clone());
            }
            (
                Some(Bound::ToEntry { unnamed: Some(unnamed), .. }),
                BoundBy::Source(source),
                Value::Element(_) | Value::Absent,
            ) => {
                unnamed.insert(source, value.clone());
            }
            (
                Some(Bound::ToEnvironment { owners, .. }),
                BoundBy::Environment(id),
                Value::Element(_) | Value::Absent,
            ) => {
                owners.insert(id, value.clone());
            }
            _ => {}
        }
    }

    /// A field that was read, or stands in the source as it is.
    fn known_or_plain(&self, shard: &Shard, id: ElementId, position: u16) -> Option<Value> {
        self.estate.cell_to_read(shard, id, position)?.get().cloned()
    }

    fn how_bound(&self, kind: KindId, position: u16) -> Option<Bound> {
        let program = self.program;
        let fields = &program.kind(kind).fields;
        let name = fields.get(usize::from(position))?.name;
        let mut sets = program.binds.iter().filter(|bind| bind.kinds.has(kind)).flat_map(|bind| {
            let set = bind.fields.iter().filter(|(field, _)| program.fields[field.index()].name == name);
            set.map(move |(_, code)| (bind, code))
        });
        let Some((bind, code)) = sets.next() else {
            let environment = program.kind(kind).field_position(program.names.environment)?;
            let is_owner = name == program.names.owner;
            return is_owner.then(|| Bound::ToEnvironment { environment, owners: FxHashMap::default() });
        };
        let Code::Named { name: code, .. } = code.seen_through() else { return None };
        let Code::Index { base, index } = &**code else { return None };
        let (Code::ElementField { base, field }, Code::Constant(Value::Text(key))) = (&**base, &**index)
        else {
            return None;
        };
        let is_plain = bind.filter.is_none() && matches!(**base, Code::Local(0)) && sets.next().is_none();
        let map = program.fields[field.index()].position(kind).filter(|_| is_plain)?;
        let unnamed = (name == program.names.environment).then(FxHashMap::default);
        Some(Bound::ToEntry { map, key: *key, known: FxHashMap::default(), unnamed })
    }
}
