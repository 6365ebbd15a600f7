use std::sync::Arc;

use iom_model::scalar::{Number, Ports};
use iom_model::{Builtin, SOURCE_OBJECT};
use iom_stdlib::secrets;

use super::compare::number;
use super::{Evaluator, INVALID};
use crate::program::{Code, KindSet, Order};
use crate::scalar::{self, ScalarValue};
use crate::value::{Causes, ListValue, Truth, Value};

impl Evaluator<'_> {
    pub(crate) fn builtin(
        &mut self,
        function: Builtin,
        arguments: &[Code],
        kinds: Option<&KindSet>,
    ) -> Value {
        // Text functions and the like are unknown where an argument is; the rest look at their arguments themselves.
        match function {
            Builtin::Size
            | Builtin::Sum
            | Builtin::Min
            | Builtin::Max
            | Builtin::First
            | Builtin::Distinct
            | Builtin::Only
            | Builtin::Keys
            | Builtin::Values
            | Builtin::Sorted
            | Builtin::Reverse
            | Builtin::MapOf
            | Builtin::Flags => self.over_collection(function, arguments),
            Builtin::Upstream
            | Builtin::Downstream
            | Builtin::Path
            | Builtin::Reaches
            | Builtin::Referrers
            | Builtin::Before
            | Builtin::Claimed
            | Builtin::Unmodelled
            | Builtin::Twins
            | Builtin::Identified
            | Builtin::Intended
            | Builtin::Built
            | Builtin::Running => self.over_elements(function, arguments, kinds),
            Builtin::Merge => self.merge(arguments),
            Builtin::Ports => self.ports(arguments),
            Builtin::SecretsIn => {
                let value = self.whole_object(arguments);
                self.plain_secrets(&value)
            }
            Builtin::ParseJson => {
                let value = self.eval_argument(arguments, 0);
                self.parse_json(&value)
            }
            Builtin::ParseYaml => {
                let value = self.eval_argument(arguments, 0);
                self.parse_yaml(&value)
            }
            _ => self.over_scalars(function, arguments),
        }
    }

    /// What `.source` stands for with all that is in it, also what nobody may read: only places of it are told.
    fn whole_object(&mut self, arguments: &[Code]) -> Value {
        let Some(Code::ElementField { base, field }) = arguments.first() else {
            return self.raw_argument(arguments, 0);
        };
        let name = self.program.fields[field.index()].name;
        match self.raw(base) {
            Value::Element(id) if self.estate.strings.resolve(&name) == SOURCE_OBJECT => {
                self.source_object(id).map_or(Value::Absent, |(_, whole)| whole)
            }
            base => self.field_of(&base, *field),
        }
    }

    fn eval_argument(&mut self, arguments: &[Code], position: usize) -> Value {
        arguments.get(position).map_or(Value::Absent, |code| self.eval(code))
    }

    fn raw_argument(&mut self, arguments: &[Code], position: usize) -> Value {
        arguments.get(position).map_or(Value::Absent, |code| self.raw(code))
    }

    fn over_scalars(&mut self, function: Builtin, arguments: &[Code]) -> Value {
        if let (Builtin::StartsWith | Builtin::EndsWith, [text, wanted]) = (function, arguments) {
            let text = self.partly(text);
            if self.estate.ends(&text).is_some() {
                let wanted = self.eval(wanted);
                if let Some(decided) = self.is_at_end(function, &text, &wanted) {
                    return Value::Bool(decided);
                }
            }
        }
        let mut values = [Value::Absent, Value::Absent, Value::Absent];
        let mut unknown: Option<Causes> = None;
        for (slot, code) in values.iter_mut().zip(arguments) {
            *slot = self.eval(code);
            if let Value::Unknown(causes) = slot {
                unknown = Some(unknown.map_or(causes.spread(), |before| before.union(*causes)));
            }
        }
        if let Some(causes) = unknown {
            // What it looked like is known, although the text is not.
            let is_plain_secret = function == Builtin::LooksSecret && causes.is_plain_secret();
            return if is_plain_secret { Value::Bool(true) } else { Value::Unknown(causes) };
        }
        let [first, second, third] = values;
        if first.is_absent() {
            return Value::Absent;
        }
        match function {
            Builtin::Text => {
                let text = self.estate.render(&first);
                self.made_text(&text)
            }
            Builtin::Abs => number(&first).and_then(Number::abs).map_or(INVALID, scalar::number),
            Builtin::ToInt => match &first {
                Value::Int(_) => first,
                other => {
                    let text = self.estate.render(other);
                    iom_model::scalar::decimal::parse_int(text.trim()).map_or(Value::Absent, Value::Int)
                }
            },
            Builtin::Days => span(&first, 86_400_000),
            Builtin::Hours => span(&first, 3_600_000),
            Builtin::Seconds => span(&first, 1_000),
            _ => self.over_text(function, &first, &second, &third),
        }
    }

    fn over_text(&mut self, function: Builtin, first: &Value, second: &Value, third: &Value) -> Value {
        if function == Builtin::Join {
            return self.join_texts(first, second);
        }
        let written;
        let text = match first {
            Value::Scalar(scalar) => {
                written = scalar.text();
                &written
            }
            other => match self.estate.str_of(other) {
                Some(text) => text,
                None => return INVALID,
            },
        };
        let other = self.estate.str_of(second).unwrap_or("");
        match function {
            Builtin::Lower => self.made_text(&text.to_lowercase()),
            Builtin::Upper => self.made_text(&text.to_uppercase()),
            Builtin::Trim => self.made_text(text.trim()),
            Builtin::StartsWith => Value::Bool(text.starts_with(other)),
            Builtin::EndsWith => Value::Bool(text.ends_with(other)),
            Builtin::Split | Builtin::Replace if !self.charge(text.len()) => INVALID,
            Builtin::Split if other.is_empty() => Value::list(vec![self.estate.text(text)]),
            Builtin::Split => Value::list(text.split(other).map(|part| self.estate.text(part)).collect()),
            Builtin::Replace if other.is_empty() => self.estate.text(text),
            Builtin::Replace => {
                let with = self.estate.str_of(third).unwrap_or("");
                if text.matches(other).count().saturating_mul(with.len()) > super::MAX_TEXT {
                    self.give_up();
                    return INVALID;
                }
                self.made_text(&text.replace(other, with))
            }
            Builtin::Base64Decode => match super::parse::base64(text) {
                Some(text) if secrets::form_of(&text).is_some() => Value::Unknown(Causes::PLAIN_SECRET),
                Some(text) => self.estate.text(&text),
                None => Value::Absent,
            },
            Builtin::LooksSecret => {
                let is_one = text.contains(secrets::HIDDEN) || secrets::form_of(text).is_some();
                Value::Bool(is_one)
            }
            _ => INVALID,
        }
    }

    fn join_texts(&mut self, list: &Value, separator: &Value) -> Value {
        let list = match self.list_of(list.clone()) {
            Ok(list) => list,
            Err(causes) => return Value::Unknown(causes),
        };
        let items: Vec<Value> = list.items.iter().map(|item| self.estate.force(item.clone())).collect();
        let doubt = items.iter().filter_map(Value::causes).chain(list.doubt()).reduce(Causes::union);
        if let Some(causes) = doubt {
            return Value::Unknown(causes.spread());
        }
        let separator = self.estate.str_of(separator).unwrap_or("");
        let mut joined = String::new();
        for (position, item) in items.iter().enumerate() {
            if position > 0 {
                joined.push_str(separator);
            }
            self.estate.render_into(item, &mut joined);
            if joined.len() > super::MAX_TEXT {
                break;
            }
        }
        self.made_text(&joined)
    }

    fn over_collection(&mut self, function: Builtin, arguments: &[Code]) -> Value {
        let value = self.raw_argument(arguments, 0);
        match function {
            Builtin::Size => match self.size(value) {
                Ok(measure) => measure.value(),
                Err(value) => value,
            },
            Builtin::Sum => self.sum(value),
            Builtin::Keys | Builtin::Values => self.keys_or_values(value, function == Builtin::Keys),
            Builtin::Flags => self.flags(value),
            // `min(a, b)` is the least of a list of two.
            Builtin::Min | Builtin::Max if arguments.len() > 1 => {
                let mut items = vec![value];
                for code in &arguments[1..] {
                    items.push(self.raw(code));
                }
                self.extreme(&ListValue::complete(items), function == Builtin::Min)
            }
            _ => match self.list_of(value) {
                Ok(list) => self.over_list(function, list),
                Err(causes) => Value::Unknown(causes),
            },
        }
    }

    fn over_list(&mut self, function: Builtin, list: Arc<ListValue>) -> Value {
        if !matches!(function, Builtin::First) && !self.charge(list.items.len()) {
            return INVALID;
        }
        match function {
            Builtin::Min | Builtin::Max => self.extreme(&list, function == Builtin::Min),
            Builtin::First => match (list.items.first(), list.maybe(0), list.open) {
                (Some(item), None, _) => self.estate.force(item.clone()),
                (Some(_), Some(causes), _) | (None, _, Some(causes)) => Value::Unknown(causes),
                (None, _, None) => Value::Absent,
            },
            Builtin::Only => {
                if list.sure_count() > 1 {
                    return Value::Unknown(Causes::CONFLICT);
                }
                match (list.doubt(), list.items.first()) {
                    (Some(causes), _) => Value::Unknown(causes),
                    (None, Some(item)) => self.estate.force(item.clone()),
                    (None, None) => Value::Absent,
                }
            }
            Builtin::Distinct => self.distinct(&list),
            Builtin::Sorted => {
                let mut items: Vec<Value> =
                    list.items.iter().map(|item| self.estate.force(item.clone())).collect();
                items.sort_by(|left, right| self.sort_order(left, right));
                Value::List(Arc::new(ListValue { items, maybe: None, open: list.doubt() }))
            }
            Builtin::Reverse => {
                let mut items = list.items.clone();
                items.reverse();
                let maybe = list.maybe.as_ref().map(|maybe| maybe.iter().rev().copied().collect());
                Value::List(Arc::new(ListValue { items, maybe, open: list.open }))
            }
            Builtin::MapOf => self.map_of(&list),
            _ => INVALID,
        }
    }

    /// The least or the greatest; absent of nothing, unknown if any is.
    fn extreme(&mut self, list: &ListValue, is_min: bool) -> Value {
        if let Some(doubt) = list.doubt() {
            return Value::Unknown(doubt);
        }
        let mut best: Option<Value> = None;
        for item in &list.items {
            let item = self.estate.force(item.clone());
            let Some(before) = &best else {
                best = Some(item);
                continue;
            };
            match self.order(&item, before, Order::Natural) {
                Ok(order) if is_min && order.is_lt() || !is_min && order.is_gt() => best = Some(item),
                Ok(_) => {}
                Err(causes) => return Value::Unknown(causes),
            }
        }
        best.unwrap_or(Value::Absent)
    }

    fn distinct(&mut self, list: &ListValue) -> Value {
        let mut items: Vec<Value> = Vec::new();
        let mut doubts: Vec<Option<Causes>> = Vec::new();
        for (position, item) in list.items.iter().enumerate() {
            let item = self.estate.force(item.clone());
            // The same as an earlier one, surely or maybe.
            let mut same = Truth::False;
            if !self.charge(items.len()) {
                return INVALID;
            }
            for (before, doubt) in items.iter().zip(&doubts) {
                let mut equal = self.equal(before, &item, Order::Natural);
                if let Some(causes) = doubt {
                    equal = equal.and(Truth::Unknown(*causes));
                }
                same = same.or(equal);
            }
            match (same, list.maybe(position)) {
                (Truth::True, _) => {}
                (Truth::False, doubt) => {
                    items.push(item);
                    doubts.push(doubt);
                }
                (Truth::Unknown(causes), doubt) => {
                    items.push(item);
                    doubts.push(Some(doubt.map_or(causes, |doubt| doubt.union(causes))));
                }
            }
        }
        let maybe = doubts.iter().any(Option::is_some).then(|| doubts.into());
        Value::List(Arc::new(ListValue { items, maybe, open: list.open }))
    }

    /// Pairs as a map; of equal keys the last one wins.
    fn map_of(&mut self, list: &ListValue) -> Value {
        let mut entries = Vec::with_capacity(list.items.len());
        for item in &list.items {
            match self.list_of(item.clone()) {
                Ok(pair) => match pair.items.as_slice() {
                    [key, value, ..] => entries.push((self.estate.force(key.clone()), value.clone())),
                    _ => return INVALID,
                },
                Err(_) => {
                    let names = ["key", "value"].map(|name| self.estate.symbol(name));
                    let [Some(key), Some(value)] = names else { return INVALID };
                    let key = self.member(item.clone(), key);
                    let value = self.member(item.clone(), value);
                    entries.push((self.estate.force(key), value));
                }
            }
        }
        Value::Map(Arc::new(self.make_map(entries, list.doubt())))
    }

    fn keys_or_values(&mut self, value: Value, wants_keys: bool) -> Value {
        let value = match value {
            Value::Node { source, node } | Value::Entries { source, node } => {
                self.estate.plain_node(source, node)
            }
            other => other,
        };
        match &value {
            Value::Map(_) | Value::Record(_) => {
                let map = self.entries(&value);
                let items = map.entries.iter();
                let items = items.map(|(key, value)| if wants_keys { key.clone() } else { value.clone() });
                Value::List(Arc::new(ListValue { items: items.collect(), maybe: None, open: map.open }))
            }
            Value::Absent => Value::list(Vec::new()),
            Value::Unknown(causes) => Value::Unknown(causes.spread()),
            _ => INVALID,
        }
    }

    /// `merge(a, b)`: the right side wins where both say something.
    fn merge(&mut self, arguments: &[Code]) -> Value {
        let mut merged: Vec<(Value, Value)> = Vec::new();
        let mut open = None;
        let mut is_map = false;
        let mut shape = None;
        for code in arguments {
            let value = match self.raw(code) {
                Value::Node { source, node } | Value::Entries { source, node } => {
                    self.estate.plain_node(source, node)
                }
                other => other,
            };
            match &value {
                Value::Absent => continue,
                Value::Unknown(causes) => return Value::Unknown(causes.spread()),
                Value::Map(_) => is_map = true,
                Value::Record(record) => shape = Some(record.shape),
                _ => return INVALID,
            }
            let map = self.entries(&value);
            open = open.into_iter().chain(map.open).reduce(Causes::union);
            for (key, value) in &map.entries {
                if self.estate.force(value.clone()).is_absent() {
                    continue;
                }
                match merged.iter_mut().find(|(found, _)| self.sort_order(found, key).is_eq()) {
                    Some((_, before)) => *before = value.clone(),
                    None => merged.push((key.clone(), value.clone())),
                }
            }
        }
        match shape {
            Some(shape) if !is_map => {
                let fields = merged.into_iter().filter_map(|(key, value)| match key {
                    Value::Text(name) => Some((name, value)),
                    _ => None,
                });
                Value::Record(Arc::new(crate::value::RecordValue { shape, fields: fields.collect() }))
            }
            _ => Value::Map(Arc::new(self.make_map(merged, open))),
        }
    }

    /// `net.ports(protocol, from, to)`
    fn ports(&mut self, arguments: &[Code]) -> Value {
        let [protocol, from, to] = [0, 1, 2].map(|position| self.eval_argument(arguments, position));
        if let (Value::Text(protocol), Value::Int(from), Value::Int(to)) = (&protocol, &from, &to) {
            let key = (*protocol, *from, *to);
            if let Some(found) = self.ports.get(&key) {
                return found.clone();
            }
            let ports = Ports::from_rule(Some(self.estate.strings.resolve(protocol)), Some(*from), Some(*to));
            let value = Value::Scalar(Arc::new(ScalarValue::Ports(ports)));
            self.ports.insert(key, value.clone());
            return value;
        }
        let protocol = match &protocol {
            Value::Unknown(causes) => return Value::Unknown(causes.spread()),
            Value::Absent => None,
            other => Some(self.estate.render(other)),
        };
        // Whatever the ports are, a rule for every protocol is open on all of them.
        let everything = Ports::from_rule(protocol.as_deref(), None, None);
        if everything.is_every_protocol() {
            return Value::Scalar(Arc::new(ScalarValue::Ports(everything)));
        }
        let mut bounds = [None, None];
        for (bound, value) in bounds.iter_mut().zip([&from, &to]) {
            *bound = match value {
                Value::Unknown(causes) => return Value::Unknown(causes.spread()),
                Value::Absent => None,
                Value::Int(value) => Some(*value),
                other => match iom_model::scalar::decimal::parse_int(self.estate.render(other).trim()) {
                    Ok(value) => Some(value),
                    Err(_) => return INVALID,
                },
            };
        }
        let ports = Ports::from_rule(protocol.as_deref(), bounds[0], bounds[1]);
        Value::Scalar(Arc::new(ScalarValue::Ports(ports)))
    }

    fn over_elements(&mut self, function: Builtin, arguments: &[Code], kinds: Option<&KindSet>) -> Value {
        let first = self.eval_argument(arguments, 0);
        let id = match &first {
            Value::Element(id) => *id,
            Value::Absent => {
                return match function {
                    Builtin::Path => Value::Absent,
                    Builtin::Claimed | Builtin::Identified => Value::Bool(false),
                    _ => Value::list(Vec::new()),
                };
            }
            Value::Unknown(causes) => return Value::Unknown(causes.spread()),
            Value::Dangling(_) => return Value::Unknown(Causes::UNMODELLED),
            _ => return INVALID,
        };
        match function {
            Builtin::Upstream => self.reachable(id, true),
            Builtin::Downstream => self.reachable(id, false),
            Builtin::Referrers => self.referrers(id, kinds),
            Builtin::Path | Builtin::Reaches => {
                let to = match self.eval_argument(arguments, 1) {
                    Value::Element(to) => to,
                    Value::Unknown(causes) => return Value::Unknown(causes.spread()),
                    _ => return Value::Absent,
                };
                if function == Builtin::Path {
                    return self.path(id, to);
                }
                let Value::List(list) = self.reachable(id, true) else { return INVALID };
                self.is_in_list(&Value::Element(to), &list, Order::Natural).into()
            }
            Builtin::Before => self.before(id),
            Builtin::Claimed => self.is_claimed(id).into(),
            Builtin::Identified => Value::Bool(self.is_identified(id)),
            Builtin::Unmodelled => self.unmodelled(id),
            Builtin::Twins => self.twins(id),
            Builtin::Intended => self.in_layer(id, iom_state::document::Layer::Intended),
            Builtin::Built => self.in_layer(id, iom_state::document::Layer::Built),
            _ => self.in_layer(id, iom_state::document::Layer::Running),
        }
    }
}

fn span(value: &Value, unit: i64) -> Value {
    let milliseconds = match number(value) {
        Some(number) => number.times(Number::Int(unit)).and_then(Number::as_int),
        None => None,
    };
    milliseconds.map_or(INVALID, |milliseconds| Value::Duration { months: 0, milliseconds })
}
