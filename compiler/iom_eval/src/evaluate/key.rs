use iom_model::scalar::Number;
use iom_state::tape::Symbol;
use rust_decimal::Decimal;

use super::Evaluator;
use crate::scalar::ScalarValue;
use crate::value::Value;

/// What a value is looked up by: equal values have equal keys, and of values with keys only equal ones do.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Key {
    Absent,
    Bool(bool),
    Int(i64),
    Decimal(Decimal),
    Interned(Symbol),
    Made(Box<str>),
    Duration(i128),
    Instant(i64),
    Size(i64),
    Scalar(&'static str, Box<str>),
    Element(u32),
}

impl Evaluator<'_> {
    /// `None` for values that are not known, or that are compared part by part.
    pub(crate) fn key(&mut self, value: &Value) -> Option<Key> {
        Some(match value {
            Value::Absent => Key::Absent,
            Value::Bool(value) => Key::Bool(*value),
            Value::Int(value) => Key::Int(*value),
            Value::Decimal(value) => match Number::Decimal(**value).as_int() {
                Some(value) => Key::Int(value),
                None => Key::Decimal(value.normalize()),
            },
            Value::Text(symbol) => Key::Interned(*symbol),
            Value::Made(text) => Key::Made(text.0.clone()),
            Value::Duration { months, milliseconds } => Key::Duration(
                iom_model::Duration { months: *months, milliseconds: *milliseconds }.comparable(),
            ),
            Value::Instant(seconds) => Key::Instant(*seconds),
            Value::Size(bytes) => Key::Size(*bytes),
            Value::Scalar(scalar) => return self.scalar_key(scalar),
            Value::Element(id) => Key::Element(self.canonical(*id).0),
            // Equal to the text that it is.
            Value::Dangling(text) => return self.text_key(&text.0),
            Value::Node { source, node } => {
                return match self.estate.node(*source, *node) {
                    Value::Node { .. } => None,
                    scalar => self.key(&scalar),
                };
            }
            _ => return None,
        })
    }

    fn text_key(&mut self, text: &str) -> Option<Key> {
        let text = self.estate.text(text);
        self.key(&text)
    }

    fn scalar_key(&mut self, scalar: &ScalarValue) -> Option<Key> {
        let kind = match scalar {
            // Compared with texts, so looked up as texts.
            ScalarValue::Url(_) | ScalarValue::Arn(_) | ScalarValue::Image(_) | ScalarValue::Glob(_) => {
                return self.text_key(&scalar.text());
            }
            ScalarValue::Ip(_) => "ip",
            ScalarValue::Cidr(_) => "cidr",
            ScalarValue::Percent(_) => "percent",
            ScalarValue::Cpu(_) => "cpu",
            _ => return None,
        };
        Some(Key::Scalar(kind, scalar.text().into()))
    }
}
