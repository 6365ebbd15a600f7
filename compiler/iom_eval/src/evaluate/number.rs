use iom_model::scalar::{Number, instant};
use iom_model::{BinaryOp, Duration};

use super::compare::number;
use super::{Evaluator, INVALID};
use crate::scalar;
use crate::value::Value;

impl Evaluator<'_> {
    /// `+ - * /` over numbers, durations, sizes and instants. What has no result is invalid, never wrong.
    pub(crate) fn arithmetic(&mut self, op: BinaryOp, left: Value, right: Value) -> Value {
        match (&left, &right) {
            (Value::Unknown(one), Value::Unknown(other)) => return Value::Unknown(one.union(*other)),
            (Value::Unknown(causes), _) | (_, Value::Unknown(causes)) => {
                return Value::Unknown(causes.spread());
            }
            (Value::Absent, _) | (_, Value::Absent) => return Value::Absent,
            _ => {}
        }
        let result = match (&left, &right) {
            (Value::Int(left), Value::Int(right)) if op != BinaryOp::Divide => match op {
                BinaryOp::Add => left.checked_add(*right),
                BinaryOp::Subtract => left.checked_sub(*right),
                _ => left.checked_mul(*right),
            }
            .map(Value::Int),
            (Value::Int(_) | Value::Decimal(_), Value::Int(_) | Value::Decimal(_)) => {
                number(&left).zip(number(&right)).and_then(|(left, right)| numbers(op, left, right))
            }
            (Value::Instant(at), Value::Duration { .. }) => duration(&right).and_then(|by| match op {
                BinaryOp::Add => instant::add(*at, by).map(Value::Instant),
                BinaryOp::Subtract => instant::subtract(*at, by).map(Value::Instant),
                _ => None,
            }),
            (Value::Duration { .. }, Value::Instant(at)) if op == BinaryOp::Add => {
                duration(&left).and_then(|by| instant::add(*at, by)).map(Value::Instant)
            }
            (Value::Instant(to), Value::Instant(from)) if op == BinaryOp::Subtract => {
                instant::between(*from, *to).map(duration_value)
            }
            (Value::Duration { .. }, Value::Duration { .. }) => {
                duration(&left).zip(duration(&right)).and_then(|(left, right)| durations(op, left, right))
            }
            (Value::Duration { .. }, Value::Int(times)) | (Value::Int(times), Value::Duration { .. })
                if op == BinaryOp::Multiply =>
            {
                duration(&left).or(duration(&right)).and_then(|one| {
                    Some(Value::Duration {
                        months: one.months.checked_mul(i32::try_from(*times).ok()?)?,
                        milliseconds: one.milliseconds.checked_mul(*times)?,
                    })
                })
            }
            (Value::Size(left), Value::Size(right)) => match op {
                BinaryOp::Add => left.checked_add(*right).map(Value::Size),
                BinaryOp::Subtract => left.checked_sub(*right).map(Value::Size),
                BinaryOp::Divide => Number::Int(*left).divided_by(Number::Int(*right)).map(scalar::number),
                _ => None,
            },
            (Value::Size(size), Value::Int(times)) | (Value::Int(times), Value::Size(size))
                if op == BinaryOp::Multiply =>
            {
                size.checked_mul(*times).map(Value::Size)
            }
            (Value::Text(_) | Value::Made(_), Value::Text(_) | Value::Made(_)) if op == BinaryOp::Add => {
                let mut text = self.estate.render(&left);
                self.estate.render_into(&right, &mut text);
                Some(self.estate.text(&text))
            }
            (Value::Scalar(one), Value::Scalar(other)) => self.scalar_arithmetic(op, one, other),
            _ => None,
        };
        result.unwrap_or(INVALID)
    }

    fn scalar_arithmetic(
        &self,
        op: BinaryOp,
        left: &scalar::ScalarValue,
        right: &scalar::ScalarValue,
    ) -> Option<Value> {
        use scalar::ScalarValue::{Cpu, Percent};
        let result = match (left, right, op) {
            (Cpu(left), Cpu(right), BinaryOp::Add) => Cpu(left.checked_add(*right)?),
            (Cpu(left), Cpu(right), BinaryOp::Subtract) => Cpu(left.checked_sub(*right)?),
            (Cpu(left), Cpu(right), BinaryOp::Divide) => {
                return Number::Int(*left).divided_by(Number::Int(*right)).map(scalar::number);
            }
            (Percent(left), Percent(right), BinaryOp::Add) => Percent(left.checked_add(*right)?),
            (Percent(left), Percent(right), BinaryOp::Subtract) => Percent(left.checked_sub(*right)?),
            _ => return None,
        };
        Some(Value::Scalar(std::sync::Arc::new(result)))
    }

    pub(crate) fn negate(&mut self, value: Value) -> Value {
        let negated = match &value {
            Value::Unknown(causes) => Some(Value::Unknown(causes.spread())),
            Value::Absent => Some(Value::Absent),
            Value::Duration { months, milliseconds } => months
                .checked_neg()
                .zip(milliseconds.checked_neg())
                .map(|(months, milliseconds)| Value::Duration { months, milliseconds }),
            other => number(other).and_then(Number::negated).map(scalar::number),
        };
        negated.unwrap_or(INVALID)
    }

    /// `sum(xs)`: unknown if any is; nothing sums to zero.
    pub(crate) fn sum(&mut self, value: Value) -> Value {
        let list = match self.list_of(value) {
            Ok(list) => list,
            Err(causes) => return Value::Unknown(causes),
        };
        if !self.charge(list.items.len()) {
            return INVALID;
        }
        if let Some(doubt) = list.doubt() {
            return Value::Unknown(doubt);
        }
        let mut items =
            list.items.iter().map(|item| self.estate.force(item.clone())).collect::<Vec<_>>().into_iter();
        let Some(mut total) = items.next() else { return Value::Int(0) };
        for item in items {
            total = self.arithmetic(BinaryOp::Add, total, item);
        }
        total
    }
}

fn numbers(op: BinaryOp, left: Number, right: Number) -> Option<Value> {
    let result = match op {
        BinaryOp::Add => left.plus(right),
        BinaryOp::Subtract => left.minus(right),
        BinaryOp::Multiply => left.times(right),
        _ => left.divided_by(right),
    };
    result.map(scalar::number)
}

fn durations(op: BinaryOp, left: Duration, right: Duration) -> Option<Value> {
    let (months, milliseconds) = match op {
        BinaryOp::Add => {
            (left.months.checked_add(right.months)?, left.milliseconds.checked_add(right.milliseconds)?)
        }
        BinaryOp::Subtract => {
            (left.months.checked_sub(right.months)?, left.milliseconds.checked_sub(right.milliseconds)?)
        }
        _ => return None,
    };
    Some(Value::Duration { months, milliseconds })
}

fn duration(value: &Value) -> Option<Duration> {
    match value {
        Value::Duration { months, milliseconds } => {
            Some(Duration { months: *months, milliseconds: *milliseconds })
        }
        _ => None,
    }
}

pub(crate) fn duration_value(duration: Duration) -> Value {
    Value::Duration { months: duration.months, milliseconds: duration.milliseconds }
}
