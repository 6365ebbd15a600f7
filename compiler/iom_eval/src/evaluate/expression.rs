use std::sync::Arc;

use iom_model::{BinaryOp, Quantifier};

use super::{Evaluator, INVALID};
use crate::program::{Arm, Code, Order, Pattern, Piece};
use crate::value::{Causes, ListValue, MapValue, RecordValue, Truth, Value};

impl Evaluator<'_> {
    /// The value of an expression, where it is on a tape as a node, so that what the source says about it is not lost.
    pub fn raw(&mut self, code: &Code) -> Value {
        if !self.step() {
            return INVALID;
        }
        match code {
            Code::Constant(value) => value.clone(),
            Code::Local(local) => self.get(*local),
            Code::ElementField { base, field } => {
                if let Code::Local(local) = **base
                    && let Some(id) = self.element_in(local)
                {
                    // The slot costs a step as any other expression does.
                    return if self.step() { self.field_of_element(id, *field) } else { INVALID };
                }
                match self.eval(base) {
                    Value::Element(id) => self.field_of_element(id, *field),
                    base => self.field_of(&base, *field),
                }
            }
            Code::Member { base, name } => {
                let base = self.raw(base);
                self.member(base, *name)
            }
            Code::Coalesce { left, right, empty_is_absent } => {
                let left = self.raw(left);
                if self.reads_as_absent(&left, *empty_is_absent) { self.raw(right) } else { left }
            }
            Code::If(parts) => {
                let [condition, then, otherwise] = &**parts;
                match self.truth(condition) {
                    Truth::True => self.raw(then),
                    Truth::False => self.raw(otherwise),
                    Truth::Unknown(causes) => self.either(causes, then, otherwise),
                }
            }
            Code::Let { local, value, body } => {
                let value = self.raw(value);
                self.set(*local, value);
                self.raw(body)
            }
            Code::Index { base, index } if !base.is_kept() => {
                let base = self.raw(base);
                let index = self.eval(index);
                match (&base, &index) {
                    (Value::Entries { source, node }, Value::Text(key)) => {
                        self.estate.entry(*source, *node, *key)
                    }
                    _ => self.index(base, index),
                }
            }
            Code::Binary { op: BinaryOp::In, left, right } if right.is_kept() => {
                let left = self.partly(left);
                let right = self.eval(right);
                self.is_in_kept(&left, &right).into()
            }
            Code::Binary { op: BinaryOp::Contains, left, right } if left.is_kept() => {
                let left = self.eval(left);
                let right = self.partly(right);
                match left {
                    Value::List(_) | Value::Set(_) => self.is_in_kept(&right, &left).into(),
                    _ => self.binary(BinaryOp::Contains, left, right),
                }
            }
            Code::Binary { op: op @ (BinaryOp::In | BinaryOp::Contains | BinaryOp::Like), left, right } => {
                let left = self.partly(left);
                let right = self.partly(right);
                self.binary(*op, left, right)
            }
            Code::Binary { op, left, right } => {
                let left = self.eval(left);
                let right = self.eval(right);
                self.binary(*op, left, right)
            }
            condition if condition.is_condition() => self.decided(condition).into(),
            other => self.larger(other),
        }
    }

    /// The truth of a condition.
    pub(super) fn condition(&mut self, code: &Code) -> Truth {
        if self.step() { self.decided(code) } else { Truth::Unknown(Causes::INVALID) }
    }

    /// The same, where the step is taken already.
    fn decided(&mut self, code: &Code) -> Truth {
        match code {
            Code::Not(value) => self.truth(value).negate(),
            Code::And(left, right) => {
                let left = self.truth(left);
                if left.is_false() { left } else { left.and(self.truth(right)) }
            }
            Code::Or(left, right) => {
                let left = self.truth(left);
                if left.is_true() { left } else { left.or(self.truth(right)) }
            }
            Code::Compare { op, left, right, .. } if is_size(left) || is_size(right) => {
                self.compare_sizes(*op, left, right)
            }
            Code::Compare { op, left, right, order } => {
                let left = self.partly(left);
                let right = self.partly(right);
                self.compare(*op, &left, &right, *order)
            }
            Code::Is { value, test, negated } => {
                let truth = self.is(value, test);
                if *negated { truth.negate() } else { truth }
            }
            Code::Quantifier { quantifier, over, body, reach, screen } => {
                if screen.as_deref().is_some_and(|screen| self.is_nowhere(screen)) {
                    return (*quantifier != Quantifier::Any).into();
                }
                let answer = reach.and_then(|reach| self.quantify_reachable(reach, *quantifier, over, body));
                answer.unwrap_or_else(|| self.quantify(*quantifier, over, body))
            }
            _ => Truth::Unknown(Causes::INVALID),
        }
    }

    /// The rest of [`Evaluator::raw`].
    fn larger(&mut self, code: &Code) -> Value {
        match code {
            Code::Global(id) => self.global(*id),
            Code::Shared { id, value, locals } => self.shared(*id, value, *locals),
            Code::Resource(id) => self.resource(*id),
            Code::Now => Value::Instant(self.estate.at),
            Code::Context(name) => self.context(*name),
            Code::Part { base, name } => {
                let base = self.eval(base);
                self.scalar_part(&base, name)
            }
            Code::Index { base, index } => {
                let base = self.raw(base);
                let index = self.eval(index);
                match self.entry_of_kept(&base, &index) {
                    Some(entry) => entry,
                    None => self.index(base, index),
                }
            }
            Code::Call { function, arguments } => self.call(*function, arguments),
            Code::Builtin { function, arguments, kinds } => {
                self.builtin(*function, arguments, kinds.as_deref())
            }
            Code::Negate(value) => {
                let value = self.eval(value);
                self.negate(value)
            }
            Code::Match { scrutinee, arms, empty_is_absent } => {
                let value = self.raw(scrutinee);
                self.match_value(value, arms, *empty_is_absent)
            }
            Code::ListComprehension { binders, value } => self.list_comprehension(binders, value),
            Code::MapComprehension { binders, key, value } => self.map_comprehension(binders, key, value),
            Code::Filter(over) => self.filter(over),
            Code::Conforms(conforms) => self.conforms(conforms).into(),
            Code::Built { root, blueprint, what } => {
                let root = self.eval(root);
                self.built(&root, *blueprint, *what)
            }
            Code::Keyed { base, key } => {
                let elements = self.eval(base);
                let key = self.eval(key);
                self.keyed(elements, &key)
            }
            Code::Inherited => self.inherited_value(),
            Code::Instances(blueprint) => {
                let roots = self.estate.roots_of(*blueprint).iter();
                Value::list(roots.map(|id| Value::Element(*id)).collect())
            }
            Code::Population(kinds) => Value::List(self.estate.population_list(kinds, self.layer)),
            Code::Named { kinds, name } => {
                let name = self.eval(name);
                self.named(kinds, &name)
            }
            Code::List { items, drops_absent } => {
                let items = items.iter().map(|item| self.raw(item));
                let items = items
                    .collect::<Vec<_>>()
                    .into_iter()
                    .filter(|item| !*drops_absent || !self.reads_as_absent(item, true));
                Value::list(items.collect())
            }
            Code::Set(items) => {
                let items = items.iter().map(|item| self.eval(item)).collect();
                Value::Set(Arc::new(ListValue::complete(self.make_set(items))))
            }
            Code::Map(entries) => {
                let entries: Vec<(Value, Value)> =
                    entries.iter().map(|(key, value)| (self.eval(key), self.raw(value))).collect();
                Value::Map(Arc::new(self.make_map(entries, None)))
            }
            Code::Record(fields) => {
                let fields = fields.iter().map(|(name, value)| (*name, self.raw(value))).collect();
                Value::Record(Arc::new(RecordValue::plain(fields)))
            }
            Code::Interpolation(pieces) => self.interpolate(pieces),
            Code::Reference { value, target, is_many } => {
                let value = self.raw(value);
                if *is_many { self.resolve_many(value, target) } else { self.resolve(value, target) }
            }
            Code::ReferenceByFields { fields, target } => self.reference_by_fields(fields, target),
            Code::Convert { value, to } => {
                let value = self.raw(value);
                // Sources write empty text for what was not set; no other type has it for a value.
                let is_node = matches!(value, Value::Node { .. });
                if is_node && !self.program.types.is_text(*to) && self.reads_as_absent(&value, true) {
                    return self.convert(Value::Absent, *to);
                }
                self.convert(value, *to)
            }
            Code::Reshape { value, local, outer, around, record } => {
                let raw = self.raw(value);
                match self.estate.force(raw.clone()) {
                    Value::Absent => Value::Absent,
                    Value::Unknown(causes) => Value::Unknown(causes),
                    _ => {
                        let around = self.get(*around);
                        self.set(*outer, around);
                        self.set(*local, raw);
                        self.raw(record)
                    }
                }
            }
            _ => INVALID,
        }
    }

    /// An unknown condition: what both branches agree on, else unknown.
    fn either(&mut self, causes: Causes, then: &Code, otherwise: &Code) -> Value {
        let then = self.raw(then);
        let otherwise = self.raw(otherwise);
        let agree = then.is_absent() && otherwise.is_absent()
            || self.equal(&then, &otherwise, Order::Natural).is_true();
        if agree { then } else { Value::Unknown(causes.spread()) }
    }

    /// Whether `??` takes the other side. Empty text counts where sources write it for what was not set.
    pub(crate) fn reads_as_absent(&self, value: &Value, empty_is_absent: bool) -> bool {
        let empty = self.program.names.empty;
        match value {
            Value::Absent => true,
            Value::Text(text) => empty_is_absent && *text == empty,
            Value::Node { source, node } => match self.estate.node(*source, *node) {
                Value::Absent => true,
                Value::Text(text) => empty_is_absent && text == empty,
                _ => false,
            },
            _ => false,
        }
    }

    fn interpolate(&mut self, pieces: &[Piece]) -> Value {
        if let [Piece::Code(code)] = pieces {
            let value = self.eval(code);
            return self.value_as_text(value);
        }
        let mut text = String::new();
        let mut unknown: Option<Causes> = None;
        for piece in pieces {
            match piece {
                Piece::Text(piece) => text.push_str(piece),
                Piece::Code(code) => {
                    let value = self.eval(code);
                    match value {
                        Value::Unknown(causes) => {
                            unknown = Some(unknown.map_or(causes.spread(), |before| before.union(causes)));
                        }
                        value => self.estate.render_into(&value, &mut text),
                    }
                }
            }
            if text.len() > super::MAX_TEXT {
                break;
            }
        }
        match unknown {
            Some(causes) => Value::Unknown(causes),
            None => self.made_text(&text),
        }
    }

    /// `"{x}"`: what is text already, and what imported things are called, is taken as it is.
    pub(super) fn value_as_text(&mut self, value: Value) -> Value {
        match value {
            value @ (Value::Text(_) | Value::Made(_)) => value,
            Value::Unknown(causes) => Value::Unknown(causes.spread()),
            Value::Element(id) if self.estate.element(id).is_imported() => {
                self.estate.element(id).address.clone()
            }
            value => {
                let text = self.estate.render(&value);
                self.made_text(&text)
            }
        }
    }

    /// A message: what is not known is called so.
    pub(crate) fn message(&mut self, code: &Code) -> String {
        // Room for most of them.
        let mut text = String::with_capacity(96);
        match code {
            Code::Interpolation(pieces) => {
                for piece in pieces {
                    match piece {
                        Piece::Text(piece) => text.push_str(piece),
                        Piece::Code(code) => {
                            let value = self.eval(code);
                            self.estate.render_into(&value, &mut text);
                        }
                    }
                }
            }
            other => {
                let value = self.eval(other);
                self.estate.render_into(&value, &mut text);
            }
        }
        text
    }

    fn match_value(&mut self, raw: Value, arms: &[Arm], empty_is_absent: bool) -> Value {
        match self.find_arm(raw, arms, empty_is_absent) {
            Ok(arm) => self.raw(&arm.value),
            Err(value) => value,
        }
    }

    /// The arm that takes a value, its slot filled; else what the whole is worth.
    pub(crate) fn find_arm<'c>(
        &mut self,
        raw: Value,
        arms: &'c [Arm],
        empty_is_absent: bool,
    ) -> Result<&'c Arm, Value> {
        let with = |wanted: fn(&Pattern) -> bool| arms.iter().find(|arm| arm.patterns.iter().any(wanted));
        if self.reads_as_absent(&raw, empty_is_absent) {
            return with(|one| matches!(one, Pattern::Absent)).ok_or(Value::Absent);
        }
        let value = self.estate.force(raw.clone());
        if let Value::Unknown(causes) = value {
            return with(|one| matches!(one, Pattern::Unknown)).ok_or(Value::Unknown(causes.spread()));
        }
        for arm in arms {
            for pattern in &arm.patterns {
                let fits = match pattern {
                    Pattern::Any => Truth::True,
                    Pattern::Absent | Pattern::Unknown => Truth::False,
                    Pattern::Equal(expected) => self.equal(&value, expected, Order::Natural),
                    Pattern::Type { ty, local } => match self.as_type(&raw, *ty) {
                        Some(typed) => {
                            if let Some(local) = local {
                                self.set(*local, typed);
                            }
                            Truth::True
                        }
                        None => Truth::False,
                    },
                };
                match fits {
                    Truth::True => return Ok(arm),
                    Truth::False => {}
                    Truth::Unknown(causes) => return Err(Value::Unknown(causes)),
                }
            }
        }
        Err(INVALID)
    }

    /// Entries in order of their keys; of equal keys the last one wins. An entry whose key is not known leaves the map
    /// open.
    pub(crate) fn make_map(&mut self, entries: Vec<(Value, Value)>, open: Option<Causes>) -> MapValue {
        let mut map = MapValue::new(Vec::with_capacity(entries.len()), open);
        for (key, value) in entries {
            match key {
                Value::Unknown(causes) => {
                    map.open = Some(map.open.map_or(causes.spread(), |before| before.union(causes)));
                }
                key => map.entries.push((key, value)),
            }
        }
        map.entries.sort_by(|(left, _), (right, _)| self.sort_order(left, right));
        map.entries.dedup_by(|later, first| {
            let is_same = self.sort_order(&first.0, &later.0).is_eq();
            if is_same {
                std::mem::swap(&mut first.1, &mut later.1);
            }
            is_same
        });
        map
    }
}

fn is_size(code: &Code) -> bool {
    matches!(code, Code::Builtin { function: iom_model::Builtin::Size, .. })
}
