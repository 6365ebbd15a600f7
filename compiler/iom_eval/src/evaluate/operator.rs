use std::cmp::Ordering;
use std::sync::Arc;

use iom_model::{BinaryOp, Builtin, CompareOp};

use super::{Evaluator, INVALID};
use crate::program::{Code, Order};
use crate::scalar::ScalarValue;
use crate::value::{Causes, ListValue, Truth, Value};

/// What compiling a regular expression during evaluation costs in steps.
const COMPILING_A_PATTERN: usize = 10_000;

impl Evaluator<'_> {
    pub(crate) fn compare(&mut self, op: CompareOp, left: &Value, right: &Value, order: Order) -> Truth {
        match op {
            CompareOp::Equal => self.equal(left, right, order),
            CompareOp::NotEqual => self.equal(left, right, order).negate(),
            _ => {
                // How a text begins and ends is not enough to order it.
                let whole = |value: &Value| {
                    matches!(value, Value::Node { .. }).then(|| self.estate.force(value.clone()))
                };
                let (left_whole, right_whole) = (whole(left), whole(right));
                let (left, right) =
                    (left_whole.as_ref().unwrap_or(left), right_whole.as_ref().unwrap_or(right));
                match self.order(left, right, order) {
                    Ok(order) => fits(op, order).into(),
                    Err(causes) => Truth::Unknown(causes),
                }
            }
        }
    }

    pub(crate) fn binary(&mut self, op: BinaryOp, left: Value, right: Value) -> Value {
        match op {
            BinaryOp::Add | BinaryOp::Subtract | BinaryOp::Multiply | BinaryOp::Divide => {
                self.arithmetic(op, left, right)
            }
            BinaryOp::Concat => self.concat(left, right),
            BinaryOp::Range => match (&left, &right) {
                (Value::Unknown(one), Value::Unknown(other)) => Value::Unknown(one.union(*other)),
                (Value::Unknown(causes), _) | (_, Value::Unknown(causes)) => Value::Unknown(causes.spread()),
                _ => Value::Range(Arc::new((left, right))),
            },
            BinaryOp::In => self.is_in(&left, &right).into(),
            BinaryOp::Contains => self.contains(&left, &right).into(),
            BinaryOp::Overlaps => self.overlaps(&left, &right).into(),
            BinaryOp::Covers => self.covers(&left, &right).into(),
            BinaryOp::Within => self.covers(&right, &left).into(),
            BinaryOp::Matches => self.matches(&left, &right).into(),
            BinaryOp::Matching => self.matching(&left, &right).into(),
            BinaryOp::Like => self.like(&left, &right).into(),
        }
    }

    /// `++`: lists, sets and text. Lists keep their doubts; absent adds nothing to a list.
    fn concat(&mut self, left: Value, right: Value) -> Value {
        // Two texts or two lists: what nobody knows is not taken for a list.
        if let (Value::Unknown(one), Value::Unknown(other)) = (&left, &right) {
            return Value::Unknown(one.union(*other).spread());
        }
        let is_text = |value: &Value| matches!(value, Value::Text(_) | Value::Made(_));
        if is_text(&left) && is_text(&right) {
            let mut text = self.estate.render(&left);
            self.estate.render_into(&right, &mut text);
            return self.made_text(&text);
        }
        if let (
            Value::Map(_) | Value::Record(_) | Value::Entries { .. },
            Value::Map(_) | Value::Record(_) | Value::Entries { .. },
        ) = (&left, &right)
        {
            let (left, right) = (self.entries(&left), self.entries(&right));
            if !self.charge(left.entries.len() + right.entries.len()) {
                return INVALID;
            }
            let open = left.open.into_iter().chain(right.open).reduce(Causes::union);
            let entries = left.entries.iter().chain(&right.entries).cloned().collect();
            return Value::Map(Arc::new(self.make_map(entries, open)));
        }
        let is_set = matches!(left, Value::Set(_)) && matches!(right, Value::Set(_) | Value::Absent)
            || matches!(left, Value::Absent) && matches!(right, Value::Set(_));
        if is_text(&left) && right.is_unknown() || left.is_unknown() && is_text(&right) {
            let causes = left.causes().or(right.causes()).unwrap_or(Causes::INVALID);
            return Value::Unknown(causes.spread());
        }
        let mut joined = match self.own_list(left) {
            Ok(list) => list,
            Err(causes) => ListValue { open: Some(causes), ..ListValue::default() },
        };
        let right = match self.own_list(right) {
            Ok(list) => list,
            Err(causes) => ListValue { open: Some(causes), ..ListValue::default() },
        };
        if !self.charge(joined.items.len() + right.items.len()) {
            return INVALID;
        }
        if joined.maybe.is_some() || right.maybe.is_some() {
            let count = joined.items.len();
            let before = (0..count).map(|position| joined.maybe(position));
            let doubts = before.chain((0..right.items.len()).map(|position| right.maybe(position))).collect();
            joined.maybe = Some(doubts);
        }
        joined.items.extend(right.items);
        joined.open = joined.open.into_iter().chain(right.open).reduce(Causes::union);
        if is_set {
            let open = joined.doubt();
            let items = self.make_set(joined.items);
            return Value::Set(Arc::new(ListValue { items, maybe: None, open }));
        }
        Value::List(Arc::new(joined))
    }

    /// `x in xs`
    pub(crate) fn is_in(&mut self, item: &Value, collection: &Value) -> Truth {
        let is_list = matches!(collection, Value::List(_) | Value::Set(_));
        if !is_list && (self.estate.ends(item).is_some() || self.estate.ends(collection).is_some()) {
            let (item, collection) = (self.estate.force(item.clone()), self.estate.force(collection.clone()));
            return self.is_in(&item, &collection);
        }
        match collection {
            Value::Unknown(causes) => Truth::Unknown(causes.spread()),
            Value::Absent => Truth::False,
            Value::Range(range) => {
                let low = self.compare(CompareOp::GreaterEqual, item, &range.0, Order::Natural);
                low.and(self.compare(CompareOp::LessEqual, item, &range.1, Order::Natural))
            }
            Value::Entries { source, node } if matches!(item, Value::Text(_)) => match item {
                Value::Text(key) => (!self.estate.entry(*source, *node, *key).is_absent()).into(),
                _ => Truth::False,
            },
            Value::Map(_) | Value::Record(_) | Value::Entries { .. } => {
                let map = self.entries(collection);
                let keys = map.entries.iter().map(|(key, _)| key.clone()).collect();
                self.is_in_list(item, &ListValue { items: keys, maybe: None, open: map.open }, map.order())
            }
            Value::Node { source, node } => {
                let plain = self.estate.plain_node(*source, *node);
                if matches!(plain, Value::Node { .. }) {
                    Truth::Unknown(Causes::INVALID)
                } else {
                    self.is_in(item, &plain)
                }
            }
            Value::List(list) | Value::Set(list) => {
                if is_address(item) && list.items.iter().any(|one| is_address(one) && !same_form(one, item)) {
                    return self.covers(collection, item);
                }
                self.is_in_list(item, list, Order::Natural)
            }
            Value::Scalar(_) => self.contains(collection, item),
            Value::Text(_) | Value::Made(_) => self.contains(collection, item),
            _ => Truth::Unknown(Causes::INVALID),
        }
    }

    pub(crate) fn is_in_list(&mut self, item: &Value, list: &ListValue, order: Order) -> Truth {
        let mut found = Truth::False;
        if !self.charge(list.items.len() / 4) {
            return Truth::Unknown(Causes::INVALID);
        }
        for (position, other) in list.items.iter().enumerate() {
            let mut equal = self.equal(item, other, order);
            if let Some(doubt) = list.maybe(position) {
                equal = equal.and(Truth::Unknown(doubt));
            }
            found = found.or(equal);
            if found.is_true() {
                return found;
            }
        }
        match list.open {
            Some(causes) => found.or(Truth::Unknown(causes)),
            None => found,
        }
    }

    /// `xs contains x`, also of ports, addresses and text.
    fn contains(&mut self, collection: &Value, item: &Value) -> Truth {
        if matches!(collection, Value::Scalar(_)) && self.estate.ends(item).is_some() {
            return self.contains(collection, &self.estate.force(item.clone()));
        }
        match (collection, item) {
            (Value::Text(_) | Value::Made(_), Value::Text(_) | Value::Made(_)) => {
                let (whole, part) = (self.estate.str_of(collection), self.estate.str_of(item));
                if !self.charge(whole.map_or(0, str::len) / 16) {
                    return Truth::Unknown(Causes::INVALID);
                }
                whole.zip(part).is_some_and(|(whole, part)| whole.contains(part)).into()
            }
            (Value::Text(_) | Value::Made(_), Value::Unknown(causes)) => Truth::Unknown(causes.spread()),
            // One port, whatever the protocol: `ports contains 22`.
            (Value::Scalar(scalar), Value::Int(port)) => match &**scalar {
                ScalarValue::Ports(ports) => {
                    u16::try_from(*port).is_ok_and(|port| ports.contains(port)).into()
                }
                _ => self.covers(collection, item),
            },
            (Value::Scalar(_), _) => self.covers(collection, item),
            _ => self.is_in(item, collection),
        }
    }

    /// A selector against labels.
    fn matches(&mut self, selector: &Value, labels: &Value) -> Truth {
        let selector = match selector {
            Value::Unknown(causes) => return Truth::Unknown(causes.spread()),
            // A selector that is not there selects nothing; an empty one everything.
            Value::Absent => return Truth::False,
            Value::Scalar(scalar) => scalar.clone(),
            other => match self.selector(other) {
                Some(Value::Scalar(scalar)) => scalar,
                _ => return Truth::Unknown(Causes::INVALID),
            },
        };
        let ScalarValue::Selector(selector) = &*selector else { return Truth::Unknown(Causes::INVALID) };
        let labels = match labels {
            Value::Unknown(causes) => return Truth::Unknown(causes.spread()),
            Value::Node { source, node } => self.estate.plain_node(*source, *node),
            other => other.clone(),
        };
        let map = self.entries(&labels);
        let doubt = map.entries.iter().filter_map(|(_, value)| self.estate.force(value.clone()).causes());
        let doubt = doubt.chain(map.open).reduce(Causes::union);
        let mut texts: Vec<(String, String)> = Vec::with_capacity(map.entries.len());
        for (key, value) in &map.entries {
            texts.push((self.estate.render(key), self.estate.render(&self.estate.force(value.clone()))));
        }
        let fits =
            selector.matches(|name| texts.iter().find(|(key, _)| key == name).map(|(_, value)| &**value));
        match doubt {
            Some(causes) if !selector.is_empty() => Truth::Unknown(causes),
            _ => fits.into(),
        }
    }

    /// A regular expression, anywhere in the text unless anchored.
    fn matching(&mut self, text: &Value, pattern: &Value) -> Truth {
        if let Value::Unknown(causes) = text {
            return Truth::Unknown(causes.spread());
        }
        let text = match text {
            Value::Absent => return Truth::False,
            Value::Scalar(scalar) => self.estate.text(&scalar.text()),
            other => other.clone(),
        };
        let Some(text) = self.estate.str_of(&text) else { return Truth::Unknown(Causes::INVALID) };
        let compiling = if matches!(pattern, Value::Scalar(_)) { 0 } else { COMPILING_A_PATTERN };
        if !self.charge(text.len() / 16 + compiling) {
            return Truth::Unknown(Causes::INVALID);
        }
        match pattern {
            Value::Scalar(scalar) => match &**scalar {
                ScalarValue::Regex(regex) => {
                    regex.is_match(text).map_or(Truth::Unknown(Causes::INVALID), Truth::from)
                }
                _ => Truth::Unknown(Causes::INVALID),
            },
            other => match self.estate.str_of(other).map(iom_model::scalar::compile_pattern) {
                Some(Ok(regex)) => regex.is_match(text).into(),
                _ => Truth::Unknown(Causes::INVALID),
            },
        }
    }

    /// A pattern with `*` and `?`.
    fn like(&mut self, text: &Value, pattern: &Value) -> Truth {
        if self.estate.ends(text).is_some() || self.estate.ends(pattern).is_some() {
            if let Some(decided) = self.partly_like(text, pattern) {
                return decided;
            }
            let (text, pattern) = (self.estate.force(text.clone()), self.estate.force(pattern.clone()));
            return self.like(&text, &pattern);
        }
        match (text, pattern) {
            (Value::Unknown(one), Value::Unknown(other)) => return Truth::Unknown(one.union(*other)),
            (Value::Unknown(causes), _) | (_, Value::Unknown(causes)) => {
                return Truth::Unknown(causes.spread());
            }
            (Value::Absent, _) => return Truth::False,
            _ => {}
        }
        let written = match text {
            Value::Dangling(id) => id.0.to_string(),
            Value::Scalar(scalar) => scalar.text(),
            other => match self.estate.str_of(other) {
                Some(text) => text.to_owned(),
                None => return Truth::Unknown(Causes::INVALID),
            },
        };
        if !self.charge(written.len() / 16) {
            return Truth::Unknown(Causes::INVALID);
        }
        match self.glob(pattern) {
            Some(glob) => glob.matches(&written).into(),
            None => Truth::Unknown(Causes::INVALID),
        }
    }

    /// A comparison with the size of a collection: where that is not complete it is an interval, which may decide.
    pub(crate) fn compare_sizes(&mut self, op: CompareOp, left: &Code, right: &Code) -> Truth {
        match (self.measure(left), self.measure(right)) {
            (Ok(left), Ok(right)) => {
                let doubt = left.doubt.into_iter().chain(right.doubt).reduce(Causes::union);
                compare_intervals(op, (left.low, left.high), (right.low, right.high), doubt)
            }
            (Err(left), Err(right)) => self.compare(op, &left, &right, Order::Natural),
            (Ok(measure), Err(other)) => self.compare(op, &measure.value(), &other, Order::Natural),
            (Err(other), Ok(measure)) => self.compare(op, &other, &measure.value(), Order::Natural),
        }
    }

    /// The size or the number that an expression stands for, or its value if it is neither.
    fn measure(&mut self, code: &Code) -> Result<Measure, Value> {
        let value = match code {
            Code::Builtin { function: Builtin::Size, arguments, .. } => {
                let [argument] = &**arguments else { return Err(INVALID) };
                let value = match argument {
                    Code::Builtin { function: Builtin::Path, arguments, .. } => {
                        return self.measure_path(argument, arguments);
                    }
                    other => self.raw(other),
                };
                return self.size(value);
            }
            other => self.eval(other),
        };
        match value {
            Value::Int(value) => Ok(Measure { low: value, high: value, doubt: None }),
            other => Err(other),
        }
    }

    /// How long a way is, which is known before the way itself.
    fn measure_path(&mut self, path: &Code, arguments: &[Code]) -> Result<Measure, Value> {
        if let [from, to] = arguments
            && let (Value::Element(from), Value::Element(to)) = (self.eval(from), self.eval(to))
            && let Some(size) = self.path_size(from, to)
        {
            return Ok(Measure { low: size, high: size, doubt: None });
        }
        let value = self.raw(path);
        self.size(value)
    }

    /// How large a collection or a text is; else the value that stands for the answer.
    pub(crate) fn size(&mut self, value: Value) -> Result<Measure, Value> {
        let exact = |size: usize| {
            let size = i64::try_from(size).unwrap_or(i64::MAX);
            Ok(Measure { low: size, high: size, doubt: None })
        };
        let value = match value {
            Value::Node { source, node } | Value::Entries { source, node } => {
                self.estate.plain_node(source, node)
            }
            other => other,
        };
        match &value {
            Value::List(list) | Value::Set(list) => {
                let low = list.sure_count() as i64;
                let high = if list.open.is_some() { i64::MAX } else { list.items.len() as i64 };
                Ok(Measure { low, high, doubt: list.doubt() })
            }
            Value::Map(map) => {
                let size = map.entries.len() as i64;
                Ok(Measure { low: size, high: map.open.map_or(size, |_| i64::MAX), doubt: map.open })
            }
            Value::Text(_) | Value::Made(_) => {
                exact(self.estate.str_of(&value).map_or(0, |text| text.chars().count()))
            }
            Value::Range(range) => match (&range.0, &range.1) {
                (Value::Int(low), Value::Int(high)) => exact(super::iterate::numbers_between(*low, *high)),
                _ => Err(INVALID),
            },
            Value::Absent => exact(0),
            Value::Unknown(causes) => Err(Value::Unknown(causes.spread())),
            _ => Err(INVALID),
        }
    }
}

/// A size that may not be known exactly.
pub(crate) struct Measure {
    low: i64,
    high: i64,
    doubt: Option<Causes>,
}

impl Measure {
    pub fn is_zero(&self) -> Truth {
        compare_intervals(CompareOp::Equal, (self.low, self.high), (0, 0), self.doubt)
    }

    /// The size as a value: unknown where there is more than one possibility.
    pub fn value(&self) -> Value {
        match self.doubt {
            Some(causes) if self.low != self.high => Value::Unknown(causes.spread()),
            _ => Value::Int(self.low),
        }
    }
}

fn is_address(value: &Value) -> bool {
    matches!(value, Value::Scalar(scalar)
        if matches!(**scalar, ScalarValue::Ip(_) | ScalarValue::Cidr(_) | ScalarValue::Internet))
}

fn same_form(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Scalar(left), Value::Scalar(right)) => {
            std::mem::discriminant(&**left) == std::mem::discriminant(&**right)
        }
        _ => false,
    }
}

fn fits(op: CompareOp, order: Ordering) -> bool {
    match op {
        CompareOp::Less => order.is_lt(),
        CompareOp::LessEqual => order.is_le(),
        CompareOp::Greater => order.is_gt(),
        CompareOp::GreaterEqual => order.is_ge(),
        CompareOp::Equal => order.is_eq(),
        CompareOp::NotEqual => order.is_ne(),
    }
}

/// Known where every number of one side compares in the same way with every number of the other.
fn compare_intervals(op: CompareOp, left: (i64, i64), right: (i64, i64), doubt: Option<Causes>) -> Truth {
    let (lowest, highest) = (left.0.cmp(&right.1), left.1.cmp(&right.0));
    let is_exact = left.0 == left.1 && right.0 == right.1;
    let overlaps = left.0 <= right.1 && right.0 <= left.1;
    let decided = match op {
        CompareOp::Equal | CompareOp::NotEqual if is_exact => Some(fits(op, lowest)),
        CompareOp::Equal | CompareOp::NotEqual if overlaps => None,
        CompareOp::Equal => Some(false),
        CompareOp::NotEqual => Some(true),
        _ => (fits(op, lowest) == fits(op, highest)).then_some(fits(op, lowest)),
    };
    match decided {
        Some(decided) => decided.into(),
        None => Truth::Unknown(doubt.unwrap_or(Causes::PARTIAL)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_decides_where_all_its_numbers_agree() {
        let unknown = Truth::Unknown(Causes::PARTIAL);
        let check = |op, left, right| compare_intervals(op, left, right, None);
        assert_eq!(check(CompareOp::Less, (1, 3), (4, 4)), Truth::True);
        assert_eq!(check(CompareOp::Less, (1, 3), (3, 3)), unknown);
        assert_eq!(check(CompareOp::Less, (3, i64::MAX), (3, 3)), Truth::False);
        assert_eq!(check(CompareOp::GreaterEqual, (1, i64::MAX), (1, 1)), Truth::True);
        assert_eq!(check(CompareOp::Equal, (1, 3), (4, 4)), Truth::False);
        assert_eq!(check(CompareOp::Equal, (1, 3), (2, 2)), unknown);
        assert_eq!(check(CompareOp::NotEqual, (2, 2), (2, 2)), Truth::False);
    }
}
