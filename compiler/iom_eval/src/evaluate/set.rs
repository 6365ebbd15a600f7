use std::sync::Arc;

use iom_model::scalar::selector::Operator;
use iom_model::scalar::{CidrSet, Glob, Ports, Selector};

use super::Evaluator;
use crate::program::Order;
use crate::scalar::ScalarValue;
use crate::value::{Causes, Truth, Value};

/// Addresses of which some may not be known.
struct Addresses {
    set: CidrSet,
    has_internet: bool,
    doubt: Option<Causes>,
}

impl Evaluator<'_> {
    /// Set inclusion of addresses, ports, globs, and of lists.
    pub(crate) fn covers(&mut self, whole: &Value, part: &Value) -> Truth {
        match (whole, part) {
            (Value::Unknown(one), Value::Unknown(other)) => return Truth::Unknown(one.union(*other)),
            (Value::Unknown(causes), _) | (_, Value::Unknown(causes)) => {
                return Truth::Unknown(causes.spread());
            }
            (Value::Absent, _) | (_, Value::Absent) => return Truth::False,
            _ => {}
        }
        if self.is_of(whole, part, |scalar| matches!(scalar, ScalarValue::Ports(_))) {
            return match (self.ports_of(whole), self.ports_of(part)) {
                (Ok(whole), Ok(part)) => part.within(&whole).into(),
                (Err(causes), _) | (_, Err(causes)) => Truth::Unknown(causes),
            };
        }
        if self.is_of(whole, part, |scalar| matches!(scalar, ScalarValue::Glob(_))) {
            return match (self.glob(whole), self.glob(part)) {
                (Some(whole), Some(part)) => whole.covers(&part).into(),
                _ => Truth::Unknown(Causes::INVALID),
            };
        }
        if self.is_of(whole, part, is_address) {
            return self.addresses_cover(whole, part);
        }
        match (whole, part) {
            (Value::Range(whole), Value::Range(part)) => {
                let whole = Value::Range(whole.clone());
                self.is_in(&part.0, &whole).and(self.is_in(&part.1, &whole))
            }
            (_, Value::List(_) | Value::Set(_) | Value::Node { .. }) => match self.list_of(part.clone()) {
                Ok(list) => {
                    let mut all = Truth::True;
                    for (position, item) in list.items.iter().enumerate() {
                        let mut is_in = self.is_in(item, whole);
                        if let Some(doubt) = list.maybe(position) {
                            is_in = is_in.or(Truth::Unknown(doubt));
                        }
                        all = all.and(is_in);
                    }
                    match list.open {
                        Some(causes) => all.and(Truth::Unknown(causes)),
                        None => all,
                    }
                }
                Err(causes) => Truth::Unknown(causes),
            },
            _ => self.is_in(part, whole),
        }
    }

    /// Whether the two have anything in common.
    pub(crate) fn overlaps(&mut self, left: &Value, right: &Value) -> Truth {
        match (left, right) {
            (Value::Unknown(one), Value::Unknown(other)) => return Truth::Unknown(one.union(*other)),
            (Value::Unknown(causes), _) | (_, Value::Unknown(causes)) => {
                return Truth::Unknown(causes.spread());
            }
            (Value::Absent, _) | (_, Value::Absent) => return Truth::False,
            _ => {}
        }
        if self.is_of(left, right, |scalar| matches!(scalar, ScalarValue::Ports(_))) {
            return match (self.ports_of(left), self.ports_of(right)) {
                (Ok(left), Ok(right)) => left.overlaps(&right).into(),
                (Err(causes), _) | (_, Err(causes)) => Truth::Unknown(causes),
            };
        }
        if self.is_of(left, right, is_address) {
            return self.addresses_overlap(left, right);
        }
        if let (Value::Range(left), Value::Range(right)) = (left, right) {
            let before = self.compare(iom_model::CompareOp::LessEqual, &left.0, &right.1, Order::Natural);
            return before.and(self.compare(
                iom_model::CompareOp::LessEqual,
                &right.0,
                &left.1,
                Order::Natural,
            ));
        }
        let (some, other) = if matches!(left, Value::Range(_)) { (right, left) } else { (left, right) };
        match self.list_of(some.clone()) {
            Ok(list) => {
                let mut any = Truth::False;
                for (position, item) in list.items.iter().enumerate() {
                    let mut is_in = self.is_in(item, other);
                    if let Some(doubt) = list.maybe(position) {
                        is_in = is_in.and(Truth::Unknown(doubt));
                    }
                    any = any.or(is_in);
                }
                match list.open {
                    // Nothing overlaps with nothing, however much more there is.
                    Some(causes) if !self.is_surely_empty(other) => any.or(Truth::Unknown(causes)),
                    _ => any,
                }
            }
            Err(causes) => Truth::Unknown(causes),
        }
    }

    fn is_surely_empty(&mut self, value: &Value) -> bool {
        self.list_of(value.clone()).is_ok_and(|list| list.items.is_empty() && list.open.is_none())
    }

    /// Whether one of the two is, or lists, scalars of a kind.
    fn is_of(&mut self, left: &Value, right: &Value, test: impl Fn(&ScalarValue) -> bool) -> bool {
        let is = |value: &Value| match value {
            Value::Scalar(scalar) => test(scalar),
            Value::List(list) | Value::Set(list) => {
                list.items.iter().any(|item| matches!(item, Value::Scalar(scalar) if test(scalar)))
            }
            _ => false,
        };
        is(left) || is(right)
    }

    fn addresses_cover(&mut self, whole: &Value, part: &Value) -> Truth {
        if let (Some(whole), Value::Scalar(part)) = (sole_address(whole), part) {
            match (&**whole, &**part) {
                (ScalarValue::Cidr(whole), ScalarValue::Internet) => return whole.covers_internet().into(),
                (ScalarValue::Cidr(whole), ScalarValue::Cidr(part)) => return whole.covers(part).into(),
                _ => {}
            }
        }
        let (whole, part) = match (self.addresses(whole), self.addresses(part)) {
            (Ok(whole), Ok(part)) => (whole, part),
            (Err(causes), _) | (_, Err(causes)) => return Truth::Unknown(causes),
        };
        let covers_internet = whole.has_internet || whole.set.covers_internet();
        let covers = (!part.has_internet || covers_internet)
            && (whole.set.covers(&part.set) || whole.has_internet && part.set.is_empty());
        let surely_not = !covers && whole.doubt.is_none();
        match (covers, part.doubt) {
            (true, None) => Truth::True,
            (true, Some(causes)) => Truth::Unknown(causes),
            (false, _) if surely_not => Truth::False,
            (false, _) => Truth::Unknown(whole.doubt.unwrap_or(Causes::PARTIAL)),
        }
    }

    fn addresses_overlap(&mut self, left: &Value, right: &Value) -> Truth {
        let (left, right) = match (self.addresses(left), self.addresses(right)) {
            (Ok(left), Ok(right)) => (left, right),
            (Err(causes), _) | (_, Err(causes)) => return Truth::Unknown(causes),
        };
        let overlaps = left.set.overlaps(&right.set)
            || left.has_internet && (right.has_internet || right.set.overlaps_internet())
            || right.has_internet && left.set.overlaps_internet();
        let doubt = left.doubt.into_iter().chain(right.doubt).reduce(Causes::union);
        match (overlaps, doubt) {
            (true, _) => Truth::True,
            (false, Some(causes)) => Truth::Unknown(causes),
            (false, None) => Truth::False,
        }
    }

    fn addresses(&mut self, value: &Value) -> Result<Addresses, Causes> {
        let mut found = Addresses { set: CidrSet::default(), has_internet: false, doubt: None };
        let mut sets = Vec::new();
        self.collect_addresses(value, None, &mut found, &mut sets)?;
        found.set = match sets.as_slice() {
            [one] => one.clone(),
            several => CidrSet::union_of(several),
        };
        Ok(found)
    }

    fn collect_addresses(
        &mut self,
        value: &Value,
        doubt: Option<Causes>,
        found: &mut Addresses,
        sets: &mut Vec<CidrSet>,
    ) -> Result<(), Causes> {
        if let Some(causes) = doubt {
            found.doubt = found.doubt.into_iter().chain([causes]).reduce(Causes::union);
            return Ok(());
        }
        match self.estate.force(value.clone()) {
            Value::Absent => {}
            Value::Unknown(causes) => {
                found.doubt = found.doubt.into_iter().chain([causes.spread()]).reduce(Causes::union);
            }
            Value::Scalar(scalar) => match &*scalar {
                ScalarValue::Cidr(set) => sets.push(set.clone()),
                ScalarValue::Ip(address) => sets.push(CidrSet::of_address(*address)),
                ScalarValue::Internet => found.has_internet = true,
                _ => return Err(Causes::INVALID),
            },
            text @ (Value::Text(_) | Value::Made(_)) => match self.estate.str_of(&text).map(CidrSet::parse) {
                Some(Ok(set)) => sets.push(set),
                _ => found.doubt = found.doubt.into_iter().chain([Causes::INVALID]).reduce(Causes::union),
            },
            other => {
                let list = self.list_of(other)?;
                for (position, item) in list.items.iter().enumerate() {
                    self.collect_addresses(item, list.maybe(position), found, sets)?;
                }
                found.doubt = found.doubt.into_iter().chain(list.open).reduce(Causes::union);
            }
        }
        Ok(())
    }

    /// Ports in whatever form they are written: one, a range, a list of them.
    pub(crate) fn ports_of(&mut self, value: &Value) -> Result<Ports, Causes> {
        let port = |value: &i64| u16::try_from(*value).map_err(|_| Causes::INVALID);
        match value {
            Value::Scalar(scalar) => match &**scalar {
                ScalarValue::Ports(ports) => Ok(ports.clone()),
                _ => Err(Causes::INVALID),
            },
            Value::Int(value) => Ok(Ports::single_port(port(value)?)),
            Value::Range(range) => match (&range.0, &range.1) {
                (Value::Int(low), Value::Int(high)) => Ok(Ports::from_ranges([(port(low)?, port(high)?)])),
                _ => Err(Causes::INVALID),
            },
            Value::Unknown(causes) => Err(causes.spread()),
            Value::Text(_) | Value::Made(_) => {
                let text = self.estate.str_of(value).unwrap_or("");
                Ports::parse(text).map_err(|_| Causes::INVALID)
            }
            other => {
                let list = self.list_of(other.clone())?;
                if let Some(doubt) = list.doubt() {
                    return Err(doubt);
                }
                let mut ranges = Vec::new();
                for item in &list.items {
                    let item = self.estate.force(item.clone());
                    ranges.extend_from_slice(self.ports_of(&item)?.ranges());
                }
                Ok(Ports::from_ranges(ranges))
            }
        }
    }

    /// A pattern, or a text as one.
    pub(crate) fn glob(&self, value: &Value) -> Option<Glob> {
        match value {
            Value::Scalar(scalar) => match &**scalar {
                ScalarValue::Glob(glob) => Some(glob.clone()),
                other => Some(Glob::new(&other.text())),
            },
            other => self.estate.str_of(other).map(Glob::new),
        }
    }

    /// A label selector as Kubernetes writes it: `matchLabels` and `matchExpressions`, or plain labels.
    pub(crate) fn selector(&mut self, value: &Value) -> Option<Value> {
        let value = match value {
            Value::Node { source, node } | Value::Entries { source, node } => {
                self.estate.plain_node(*source, *node)
            }
            other => other.clone(),
        };
        if !matches!(value, Value::Map(_) | Value::Record(_)) {
            return None;
        }
        let map = self.entries(&value);
        if let Some(causes) = map.open {
            return Some(Value::Unknown(causes));
        }
        let mut selector = Selector::everything();
        let is_plain = !map
            .entries
            .iter()
            .any(|(key, _)| matches!(self.estate.str_of(key), Some("matchLabels" | "matchExpressions")));
        if is_plain {
            self.require_labels(&value, &mut selector)?;
        } else {
            for (key, part) in &map.entries {
                match self.estate.str_of(key) {
                    Some("matchLabels") => self.require_labels(part, &mut selector)?,
                    Some("matchExpressions") => self.require_expressions(part, &mut selector)?,
                    _ => return None,
                }
            }
        }
        Some(Value::Scalar(Arc::new(ScalarValue::Selector(selector))))
    }

    fn require_labels(&mut self, labels: &Value, selector: &mut Selector) -> Option<()> {
        let labels = match labels {
            Value::Node { source, node } | Value::Entries { source, node } => {
                self.estate.plain_node(*source, *node)
            }
            other => other.clone(),
        };
        if labels.is_absent() {
            return Some(());
        }
        if !matches!(labels, Value::Map(_) | Value::Record(_)) {
            return None;
        }
        for (key, value) in &self.entries(&labels).entries {
            let value = self.estate.force(value.clone());
            if value.is_unknown() {
                return None;
            }
            selector.require_label(&self.estate.render(key), &self.estate.render(&value));
        }
        Some(())
    }

    fn require_expressions(&mut self, expressions: &Value, selector: &mut Selector) -> Option<()> {
        let list = self.list_of(expressions.clone()).ok()?;
        for item in &list.items {
            let mut part = |name: &str| {
                let name = self.estate.symbol(name)?;
                let value = self.member(item.clone(), name);
                Some(self.estate.force(value))
            };
            let key = part("key")?;
            let operator = part("operator")?;
            let values = part("values").unwrap_or(Value::Absent);
            let operator = Operator::parse(self.estate.str_of(&operator)?).ok()?;
            let values = self.list_of(values).ok()?;
            let mut texts = Vec::with_capacity(values.items.len());
            for value in &values.items {
                texts.push(self.estate.render(&self.estate.force(value.clone())));
            }
            selector.require(self.estate.str_of(&key)?, operator, texts);
        }
        Some(())
    }
}

fn is_address(scalar: &ScalarValue) -> bool {
    matches!(scalar, ScalarValue::Ip(_) | ScalarValue::Cidr(_) | ScalarValue::Internet)
}

/// The address of a list of one, or of no list at all.
fn sole_address(value: &Value) -> Option<&Arc<ScalarValue>> {
    match value {
        Value::Scalar(scalar) => Some(scalar),
        Value::List(list) | Value::Set(list) => match list.items.as_slice() {
            [Value::Scalar(scalar)] if list.is_complete() => Some(scalar),
            _ => None,
        },
        _ => None,
    }
}
