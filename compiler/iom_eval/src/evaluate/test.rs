use std::sync::Arc;

use iom_model::Builtin;

use super::Evaluator;
use crate::program::{Code, Test};
use crate::scalar::ScalarValue;
use crate::value::{Causes, ListValue, Truth, Value};

impl Evaluator<'_> {
    /// `x is ..`
    pub(crate) fn is(&mut self, code: &Code, test: &Test) -> Truth {
        if matches!(test, Test::Empty | Test::Nonempty)
            && let Some(reaches) = self.reaches_something(code)
        {
            return Truth::from(reaches == matches!(test, Test::Nonempty));
        }
        let value = self.partly(code);
        self.is_value(value, test)
    }

    /// The same of a value.
    pub(super) fn is_value(&mut self, value: Value, test: &Test) -> Truth {
        if self.estate.ends(&value).is_some() {
            match test {
                Test::Empty => return Truth::False,
                Test::Nonempty => return Truth::True,
                _ => {}
            }
        }
        let value = self.estate.force(value);
        match test {
            Test::Present => is_present(&value),
            Test::Absent => is_present(&value).negate(),
            Test::Filled => self.is_filled(&value),
            Test::Blank => self.is_filled(&value).negate(),
            Test::Known => (!value.is_unknown()).into(),
            Test::Unknown => value.is_unknown().into(),
            Test::Empty => self.is_empty(value),
            Test::Nonempty => self.is_empty(value).negate(),
            Test::Dangling => is_dangling(&value),
            Test::Modelled => match value {
                Value::Absent => Truth::False,
                other => is_dangling(&other).negate(),
            },
            Test::Private => self.is_private(&value),
            Test::All => self.is_all(&value),
            Test::Element(kinds) => match &value {
                Value::Element(id) => kinds.has(self.estate.element(*id).kind).into(),
                Value::Record(record) => match record.shape {
                    crate::value::RecordShape::Kind(kind) => kinds.has(kind).into(),
                    _ => Truth::False,
                },
                Value::Candidates(set) => {
                    let fits = set.0.iter().filter(|id| kinds.has(self.estate.element(**id).kind)).count();
                    match fits {
                        0 => Truth::False,
                        all if all == set.0.len() => Truth::True,
                        _ => Truth::Unknown(Causes::PARTIAL),
                    }
                }
                Value::Unknown(causes) => Truth::Unknown(causes.spread()),
                Value::Dangling(_) => Truth::Unknown(Causes::UNMODELLED),
                _ => Truth::False,
            },
        }
    }

    /// Whether there is anything upstream or downstream, where the code asks for that and nobody needs to know what.
    fn reaches_something(&mut self, code: &Code) -> Option<bool> {
        let Code::Builtin {
            function: function @ (Builtin::Upstream | Builtin::Downstream), arguments, ..
        } = code
        else {
            return None;
        };
        let [from] = &**arguments else { return None };
        match self.eval(from) {
            Value::Element(id) => self.surely_reaches_something(id, *function == Builtin::Upstream),
            _ => None,
        }
    }

    /// Present, where empty text stands for what was not set.
    fn is_filled(&self, value: &Value) -> Truth {
        if self.reads_as_absent(value, true) { Truth::False } else { is_present(value) }
    }

    fn is_empty(&mut self, value: Value) -> Truth {
        if let Value::Scalar(scalar) = &value {
            return match &**scalar {
                ScalarValue::Selector(selector) => selector.is_empty().into(),
                ScalarValue::Ports(ports) => ports.is_empty().into(),
                ScalarValue::Cidr(set) => set.is_empty().into(),
                _ => Truth::False,
            };
        }
        match self.size(value) {
            Ok(measure) => measure.is_zero(),
            Err(Value::Unknown(causes)) => Truth::Unknown(causes),
            Err(_) => Truth::Unknown(Causes::INVALID),
        }
    }

    /// Every address is private; of none at all that is not said.
    fn is_private(&mut self, value: &Value) -> Truth {
        match value {
            Value::Absent => Truth::False,
            Value::Unknown(causes) => Truth::Unknown(causes.spread()),
            Value::Scalar(scalar) => match &**scalar {
                ScalarValue::Cidr(set) => set.is_private().into(),
                ScalarValue::Ip(address) => {
                    iom_model::scalar::CidrSet::of_address(*address).is_private().into()
                }
                ScalarValue::Internet => Truth::False,
                _ => Truth::Unknown(Causes::INVALID),
            },
            other => match self.list_of(other.clone()) {
                Ok(list) => self.all_private(&list),
                Err(causes) => Truth::Unknown(causes),
            },
        }
    }

    fn all_private(&mut self, list: &Arc<ListValue>) -> Truth {
        let mut all = Truth::True;
        for (position, item) in list.items.iter().enumerate() {
            let item = self.estate.force(item.clone());
            let mut is_private = self.is_private(&item);
            if let Some(doubt) = list.maybe(position) {
                is_private = is_private.or(Truth::Unknown(doubt));
            }
            all = all.and(is_private);
        }
        match list.open {
            Some(causes) => all.and(Truth::Unknown(causes)),
            None => all,
        }
    }

    fn is_all(&mut self, value: &Value) -> Truth {
        match value {
            Value::Unknown(causes) => Truth::Unknown(causes.spread()),
            Value::Absent => Truth::False,
            other => match self.ports_of(other) {
                Ok(ports) => ports.is_all().into(),
                Err(causes) => Truth::Unknown(causes),
            },
        }
    }
}

/// A secret, a malformed value and a reference that leads nowhere are present; so is what another object will give.
fn is_present(value: &Value) -> Truth {
    match value {
        Value::Absent => Truth::False,
        Value::Unknown(causes) if causes.is_surely_present() => Truth::True,
        Value::Unknown(causes) => Truth::Unknown(causes.spread()),
        _ => Truth::True,
    }
}

fn is_dangling(value: &Value) -> Truth {
    match value {
        Value::Dangling(_) => Truth::True,
        Value::Unknown(causes) => Truth::Unknown(causes.spread()),
        _ => Truth::False,
    }
}
