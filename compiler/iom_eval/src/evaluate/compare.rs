use std::cmp::Ordering;
use std::sync::Arc;

use iom_model::Duration;
use iom_model::scalar::Number;
use iom_state::tape::UnknownCause;

use super::Evaluator;
use crate::program::Order;
use crate::scalar::ScalarValue;
use crate::value::{Causes, ListValue, MapValue, Truth, Value};

/// A reference that may lead to one of several.
const UNDECIDED: Truth = Truth::Unknown(Causes::of(UnknownCause::KnownAfterApply));

impl Evaluator<'_> {
    /// `==`
    pub(crate) fn equal(&mut self, left: &Value, right: &Value, order: Order) -> Truth {
        match (left, right) {
            (Value::Node { .. }, _) | (_, Value::Node { .. }) if self.surely_differ(left, right, order) => {
                Truth::False
            }
            (Value::Node { source, node } | Value::Entries { source, node }, _) => {
                let left = self.estate.plain_node(*source, *node);
                self.equal(&left, right, order)
            }
            (_, Value::Node { source, node } | Value::Entries { source, node }) => {
                let right = self.estate.plain_node(*source, *node);
                self.equal(left, &right, order)
            }
            (Value::Unknown(left), Value::Unknown(right)) => Truth::Unknown(left.union(*right)),
            (Value::Unknown(causes), _) | (_, Value::Unknown(causes)) => Truth::Unknown(causes.spread()),
            (Value::Absent, Value::Absent) => Truth::True,
            (Value::Absent, _) | (_, Value::Absent) => Truth::False,
            (Value::Bool(left), Value::Bool(right)) => (left == right).into(),
            (Value::Int(left), Value::Int(right)) => (left == right).into(),
            (Value::Int(_) | Value::Decimal(_), Value::Int(_) | Value::Decimal(_)) => {
                (number(left) == number(right)).into()
            }
            (Value::Text(left), Value::Text(right)) if left == right => Truth::True,
            (Value::Text(_) | Value::Made(_), Value::Text(_) | Value::Made(_)) => {
                self.equal_text(left, right, order)
            }
            (Value::Duration { .. }, Value::Duration { .. }) => (span(left) == span(right)).into(),
            (Value::Instant(left), Value::Instant(right)) | (Value::Size(left), Value::Size(right)) => {
                (left == right).into()
            }
            (Value::Scalar(left), Value::Scalar(right)) => {
                (left.compare(right) == Some(Ordering::Equal)).into()
            }
            (Value::Scalar(scalar), Value::Text(_) | Value::Made(_)) => {
                self.equal_scalar(scalar, right, order)
            }
            (Value::Text(_) | Value::Made(_), Value::Scalar(scalar)) => {
                self.equal_scalar(scalar, left, order)
            }
            (Value::Element(left), Value::Element(right)) => {
                (left == right || self.canonical(*left) == self.canonical(*right)).into()
            }
            (Value::Dangling(left), Value::Dangling(right)) => (left == right).into(),
            (Value::Dangling(id), Value::Text(_) | Value::Made(_)) => {
                (self.estate.str_of(right) == Some(&*id.0)).into()
            }
            (Value::Text(_) | Value::Made(_), Value::Dangling(id)) => {
                (self.estate.str_of(left) == Some(&*id.0)).into()
            }
            (Value::Candidates(set), Value::Element(id)) | (Value::Element(id), Value::Candidates(set)) => {
                let id = self.canonical(*id);
                if set.0.iter().any(|one| self.canonical(*one) == id) { UNDECIDED } else { Truth::False }
            }
            (Value::Candidates(left), Value::Candidates(right)) => {
                let common = left.0.iter().any(|one| {
                    let one = self.canonical(*one);
                    right.0.iter().any(|other| self.canonical(*other) == one)
                });
                if common { UNDECIDED } else { Truth::False }
            }
            (Value::List(left), Value::List(right)) => self.equal_lists(left, right, order),
            (Value::Set(left), Value::Set(right)) => self.equal_sets(left, right, order),
            (Value::Set(set), Value::List(list)) | (Value::List(list), Value::Set(set)) => {
                let other = self.make_set(list.items.clone());
                let other = ListValue { items: other, maybe: None, open: list.doubt() };
                self.equal_sets(set, &other, order)
            }
            (Value::Map(_) | Value::Record(_), Value::Map(_) | Value::Record(_)) => {
                let (left, right) = (self.entries(left), self.entries(right));
                self.equal_maps(&left, &right, order)
            }
            (Value::Range(left), Value::Range(right)) => {
                self.equal(&left.0, &right.0, order).and(self.equal(&left.1, &right.1, order))
            }
            _ => Truth::False,
        }
    }

    fn equal_text(&mut self, left: &Value, right: &Value, order: Order) -> Truth {
        let (Some(left), Some(right)) = (self.estate.str_of(left), self.estate.str_of(right)) else {
            return Truth::False;
        };
        if !self.charge(left.len().min(right.len()) / 256) {
            return Truth::Unknown(Causes::INVALID);
        }
        (left == right || order == Order::Nocase && same_nocase(left, right)).into()
    }

    /// Scalars that are text at heart compare with text as they are written.
    fn equal_scalar(&self, scalar: &ScalarValue, text: &Value, order: Order) -> Truth {
        let Some(text) = self.estate.str_of(text) else { return Truth::False };
        let written = scalar.text();
        (written == text || order == Order::Nocase && same_nocase(&written, text)).into()
    }

    fn equal_lists(&mut self, left: &ListValue, right: &ListValue, order: Order) -> Truth {
        let doubt = left.doubt().into_iter().chain(right.doubt()).reduce(Causes::union);
        if let Some(causes) = doubt {
            return Truth::Unknown(causes);
        }
        if left.items.len() != right.items.len() {
            return Truth::False;
        }
        if !self.charge(left.items.len()) {
            return Truth::Unknown(Causes::INVALID);
        }
        let mut all = Truth::True;
        for (left, right) in left.items.iter().zip(&right.items) {
            all = all.and(self.equal(left, right, order));
            if all.is_false() {
                break;
            }
        }
        all
    }

    /// Each has what the other has.
    fn equal_sets(&mut self, left: &ListValue, right: &ListValue, order: Order) -> Truth {
        let mut all = Truth::True;
        if !self.charge(left.items.len().saturating_mul(right.items.len())) {
            return Truth::Unknown(Causes::INVALID);
        }
        for (some, other) in [(left, right), (right, left)] {
            for (position, item) in some.items.iter().enumerate() {
                let mut is_in = self.is_in_list(item, other, order);
                if let Some(doubt) = some.maybe(position) {
                    is_in = is_in.or(Truth::Unknown(doubt));
                }
                all = all.and(is_in);
            }
            if let Some(causes) = some.open {
                all = all.and(Truth::Unknown(causes));
            }
        }
        all
    }

    /// A missing entry is absent.
    fn equal_maps(&mut self, left: &MapValue, right: &MapValue, order: Order) -> Truth {
        let keys = if left.is_nocase || right.is_nocase { Order::Nocase } else { order };
        if !self.charge(left.entries.len().saturating_mul(right.entries.len()).saturating_add(1)) {
            return Truth::Unknown(Causes::INVALID);
        }
        let mut all = Truth::True;
        for (some, other, compares) in [(left, right, true), (right, left, false)] {
            for (key, value) in &some.entries {
                let found = other.entries.iter().find(|(found, _)| self.equal(found, key, keys).is_true());
                let equal = match found {
                    Some((_, other)) if compares => self.equal(value, other, order),
                    Some(_) => continue,
                    None => match other.open {
                        Some(causes) => Truth::Unknown(causes),
                        None => self.equal(value, &Value::Absent, order),
                    },
                };
                all = all.and(equal);
                if all.is_false() {
                    return all;
                }
            }
            if let Some(causes) = some.open {
                all = all.and(Truth::Unknown(causes));
            }
        }
        all
    }

    /// A record or a map as a map.
    pub(crate) fn entries(&self, value: &Value) -> Arc<MapValue> {
        match value {
            Value::Map(map) => map.clone(),
            Value::Entries { source, node } => match self.estate.plain_node(*source, *node) {
                Value::Map(map) => map,
                _ => Arc::new(MapValue::default()),
            },
            Value::Record(record) => {
                let mut entries: Vec<(Value, Value)> =
                    record.fields.iter().map(|(name, value)| (Value::Text(*name), value.clone())).collect();
                entries.sort_by(|(left, _), (right, _)| self.sort_order(left, right));
                Arc::new(MapValue::new(entries, None))
            }
            _ => Arc::new(MapValue::default()),
        }
    }

    /// `<` and its kin.
    pub(crate) fn order(&mut self, left: &Value, right: &Value, order: Order) -> Result<Ordering, Causes> {
        match (left, right) {
            (Value::Unknown(left), Value::Unknown(right)) => Err(left.union(*right)),
            (Value::Unknown(causes), _) | (_, Value::Unknown(causes)) => Err(causes.spread()),
            (Value::Text(_) | Value::Made(_), Value::Text(_) | Value::Made(_)) => match order {
                Order::Ranked(id) => {
                    let ranks = self.program.types.enumeration(id);
                    let rank = |value: &Value| match value {
                        Value::Text(name) => ranks.rank(*name),
                        _ => None,
                    };
                    match (rank(left), rank(right)) {
                        (Some(left), Some(right)) => Ok(left.cmp(&right)),
                        _ => Err(Causes::INVALID),
                    }
                }
                Order::Nocase => {
                    let fold = |value| self.estate.str_of(value).map(str::to_lowercase);
                    Ok(fold(left).cmp(&fold(right)))
                }
                Order::Natural => Ok(self.estate.str_of(left).cmp(&self.estate.str_of(right))),
            },
            _ => self.natural_order(left, right).ok_or(Causes::INVALID),
        }
    }

    fn natural_order(&self, left: &Value, right: &Value) -> Option<Ordering> {
        Some(match (left, right) {
            (Value::Bool(left), Value::Bool(right)) => left.cmp(right),
            (Value::Int(left), Value::Int(right)) => left.cmp(right),
            (Value::Int(_) | Value::Decimal(_), Value::Int(_) | Value::Decimal(_)) => {
                number(left).cmp(&number(right))
            }
            (Value::Text(_) | Value::Made(_), Value::Text(_) | Value::Made(_)) => {
                self.estate.str_of(left).cmp(&self.estate.str_of(right))
            }
            (Value::Duration { .. }, Value::Duration { .. }) => span(left).cmp(&span(right)),
            (Value::Instant(left), Value::Instant(right)) | (Value::Size(left), Value::Size(right)) => {
                left.cmp(right)
            }
            (Value::Scalar(left), Value::Scalar(right)) => left.compare(right)?,
            (Value::Element(left), Value::Element(right)) => self.estate.by_address(*left, *right),
            _ => return None,
        })
    }

    /// Some total order, the same on every machine: how sets and the keys of maps are listed.
    pub(crate) fn sort_order(&self, left: &Value, right: &Value) -> Ordering {
        rank(left)
            .cmp(&rank(right))
            .then_with(|| self.natural_order(left, right).unwrap_or(Ordering::Equal))
            .then_with(|| match (left, right) {
                (
                    Value::List(_)
                    | Value::Map(_)
                    | Value::Record(_)
                    | Value::Set(_)
                    | Value::Node { .. }
                    | Value::Entries { .. },
                    _,
                ) => self.estate.render(left).cmp(&self.estate.render(right)),
                (Value::Dangling(left), Value::Dangling(right)) => left.cmp(right),
                _ => Ordering::Equal,
            })
    }

    /// Sorted, each value once. Values that are not known stay side by side.
    pub(crate) fn make_set(&mut self, mut items: Vec<Value>) -> Vec<Value> {
        for item in &mut items {
            *item = self.estate.force(std::mem::take(item));
        }
        if items.len() < 2 {
            return items;
        }
        items.sort_by(|left, right| self.sort_order(left, right));
        items.dedup_by(|item, last| self.equal(last, item, Order::Natural).is_true());
        items
    }
}

/// Without regard to case, by Unicode's simple rules.
pub(crate) fn same_nocase(left: &str, right: &str) -> bool {
    left.eq_ignore_ascii_case(right) || !left.is_ascii() && left.to_lowercase() == right.to_lowercase()
}

fn rank(value: &Value) -> u8 {
    match value {
        Value::Absent => 0,
        Value::Bool(_) => 1,
        Value::Int(_) | Value::Decimal(_) => 2,
        Value::Text(_) | Value::Made(_) => 3,
        Value::Duration { .. } => 4,
        Value::Instant(_) => 5,
        Value::Size(_) => 6,
        Value::Scalar(_) => 7,
        Value::Element(_) => 8,
        Value::Dangling(_) => 9,
        Value::Candidates(_) => 10,
        Value::List(_) => 11,
        Value::Set(_) => 12,
        Value::Map(_) | Value::Entries { .. } => 13,
        Value::Record(_) => 14,
        Value::Range(_) => 15,
        Value::Node { .. } => 16,
        Value::Unknown(_) => 17,
    }
}

pub(crate) fn number(value: &Value) -> Option<Number> {
    match value {
        Value::Int(value) => Some(Number::Int(*value)),
        Value::Decimal(value) => Some(Number::Decimal(**value)),
        _ => None,
    }
}

fn span(value: &Value) -> Option<i128> {
    match value {
        Value::Duration { months, milliseconds } => {
            Some(Duration { months: *months, milliseconds: *milliseconds }.comparable())
        }
        _ => None,
    }
}
