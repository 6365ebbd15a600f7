use std::cmp::Ordering;

use super::syntax::{BinaryOperator, UnaryOperator};
use super::value::{Shape, Value, graver};
use crate::tape::UnknownCause;

/// Comparing more values than this is not worth it.
const MOST_COMPARED: u64 = 100_000;

/// A number: whole where it can be.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum Number {
    Whole(i64),
    Broken(f64),
}

impl Number {
    pub fn float(self) -> f64 {
        match self {
            Number::Whole(value) => value as f64,
            Number::Broken(value) => value,
        }
    }

    /// Of a computed number: what binary fractions add is rounded off.
    pub fn of(value: f64) -> Option<Number> {
        /// From here on not every whole number is one.
        const EXACT: f64 = 9_007_199_254_740_992.0;
        if !value.is_finite() {
            return None;
        }
        let rounded = if value.abs() < 1e9 { (value * 1e6).round() / 1e6 } else { value };
        let value = if (rounded - value).abs() < 1e-12 { rounded } else { value };
        Some(if value.fract() == 0.0 && value.abs() < EXACT {
            Number::Whole(value as i64)
        } else {
            Number::Broken(value)
        })
    }

    pub fn shape(self) -> Shape {
        match self {
            Number::Whole(value) => Shape::Int(value),
            Number::Broken(value) => Shape::Number(value.to_string().into()),
        }
    }
}

/// The number that a value is, or that its text stands for.
pub(super) fn number(value: &Value) -> Option<Number> {
    match &value.shape {
        Shape::Int(value) => Some(Number::Whole(*value)),
        Shape::Number(text) | Shape::Text(text) => match text.parse() {
            Ok(value) => Some(Number::Whole(value)),
            Err(_)
                if text
                    .bytes()
                    .next()
                    .is_some_and(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'.')) =>
            {
                Number::of(text.parse().ok()?)
            }
            Err(_) => None,
        },
        _ => None,
    }
}

/// The truth that a value is, or that its text stands for.
pub(super) fn truth(value: &Value) -> Option<bool> {
    match &value.shape {
        Shape::Bool(value) => Some(*value),
        Shape::Text(text) => match &**text {
            "true" | "1" => Some(true),
            "false" | "0" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

pub(super) fn unary(operator: UnaryOperator, value: Value) -> Value {
    let shape = match operator {
        UnaryOperator::Not => truth(&value).map(|value| Shape::Bool(!value)),
        UnaryOperator::Neg => number(&value).and_then(|value| match value {
            Number::Whole(value) => value.checked_neg().map(Shape::Int),
            Number::Broken(value) => Number::of(-value).map(Number::shape),
        }),
    };
    match shape {
        Some(shape) => Value { shape, ..value },
        None => not_computed(&[&value], value.offset),
    }
}

pub(super) fn binary(operator: BinaryOperator, left: &Value, right: &Value) -> Value {
    use BinaryOperator as Op;
    let shape = match operator {
        Op::And => match (truth(left), truth(right)) {
            (Some(false), _) | (_, Some(false)) => Some(Shape::Bool(false)),
            (Some(true), Some(true)) => Some(Shape::Bool(true)),
            _ => None,
        },
        Op::Or => match (truth(left), truth(right)) {
            (Some(true), _) | (_, Some(true)) => Some(Shape::Bool(true)),
            (Some(false), Some(false)) => Some(Shape::Bool(false)),
            _ => None,
        },
        Op::Eq => equal(left, right).map(Shape::Bool),
        Op::NotEq => equal(left, right).map(|same| Shape::Bool(!same)),
        _ => number(left).zip(number(right)).and_then(|(left, right)| arithmetic(operator, left, right)),
    };
    match shape {
        Some(shape) => {
            let mut value = Value::new(shape, left.offset);
            value.inherit(left);
            value.inherit(right);
            value
        }
        None => not_computed(&[left, right], left.offset),
    }
}

fn arithmetic(operator: BinaryOperator, left: Number, right: Number) -> Option<Shape> {
    use BinaryOperator as Op;
    let compared = || left.float().partial_cmp(&right.float());
    let exact = match (left, right) {
        (Number::Whole(left), Number::Whole(right)) => match operator {
            Op::Plus => left.checked_add(right),
            Op::Minus => left.checked_sub(right),
            Op::Mul => left.checked_mul(right),
            Op::Div if left.checked_rem(right) == Some(0) => left.checked_div(right),
            Op::Mod => left.checked_rem(right),
            _ => None,
        },
        _ => None,
    };
    if let Some(exact) = exact {
        return Some(Shape::Int(exact));
    }
    let (first, second) = (left.float(), right.float());
    let computed = match operator {
        Op::Plus => first + second,
        Op::Minus => first - second,
        Op::Mul => first * second,
        Op::Div if second != 0.0 => first / second,
        Op::Mod if second != 0.0 => first % second,
        Op::Less => return compared().map(|order| Shape::Bool(order == Ordering::Less)),
        Op::LessEq => return compared().map(|order| Shape::Bool(order != Ordering::Greater)),
        Op::Greater => return compared().map(|order| Shape::Bool(order == Ordering::Greater)),
        Op::GreaterEq => return compared().map(|order| Shape::Bool(order != Ordering::Less)),
        _ => return None,
    };
    Number::of(computed).map(Number::shape)
}

/// A value computed from others that can't be computed: not known where they are not, else wrong.
pub(super) fn not_computed(parts: &[&Value], offset: u32) -> Value {
    let doubt = parts.iter().fold(None, |doubt, part| graver(doubt, part.doubt()));
    let mut value = Value::unknown(doubt.unwrap_or(UnknownCause::Invalid), offset);
    parts.iter().for_each(|part| value.inherit_all(part));
    value
}

/// Whether two values are the same; `None`: not known.
pub(super) fn equal(left: &Value, right: &Value) -> Option<bool> {
    if left.sum().size.max(right.sum().size) > MOST_COMPARED {
        return None;
    }
    match (&left.shape, &right.shape) {
        (Shape::Unknown(_), _) | (_, Shape::Unknown(_)) => None,
        (Shape::Null, Shape::Null) => Some(true),
        (Shape::Null, _) | (_, Shape::Null) => Some(false),
        (Shape::Partial(_, ends), Shape::Text(text)) | (Shape::Text(text), Shape::Partial(_, ends)) => {
            (!ends.may_be(text)).then_some(false)
        }
        (Shape::Partial(..) | Shape::Json(..), _) | (_, Shape::Partial(..) | Shape::Json(..)) => None,
        (Shape::Instance(left), Shape::Instance(right)) if left == right => Some(true),
        (Shape::Instance(_) | Shape::Instances(_) | Shape::Module(_), _)
        | (_, Shape::Instance(_) | Shape::Instances(_) | Shape::Module(_)) => None,
        (Shape::Bool(left), Shape::Bool(right)) => Some(left == right),
        (Shape::Text(left), Shape::Text(right)) => Some(left == right),
        (Shape::Int(_) | Shape::Number(_), Shape::Int(_) | Shape::Number(_)) => {
            Some(number(left)?.float() == number(right)?.float())
        }
        (Shape::List(left) | Shape::Set(left), Shape::List(right) | Shape::Set(right)) => {
            if left.values.len() != right.values.len() {
                return Some(false);
            }
            all(left.values.iter().zip(&right.values).map(|(left, right)| equal(left, right)))
        }
        (Shape::Object(left), Shape::Object(right)) => {
            let has_same_names = left.values.len() == right.values.len()
                && left.values.iter().zip(&right.values).all(|((left, _), (right, _))| left == right);
            if !has_same_names {
                return Some(false);
            }
            all(left.values.iter().zip(&right.values).map(|((_, left), (_, right))| equal(left, right)))
        }
        _ => Some(false),
    }
}

/// Whether all are true; one that is false decides, whatever is not known.
pub(super) fn all(parts: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut is_known = true;
    for part in parts {
        match part {
            Some(false) => return Some(false),
            Some(true) => {}
            None => is_known = false,
        }
    }
    is_known.then_some(true)
}

/// The order of sets: numbers by size, texts by their bytes, and everything else by its kind.
pub(super) fn order(left: &Value, right: &Value) -> Ordering {
    let rank = |value: &Value| match &value.shape {
        Shape::Bool(_) => 0,
        Shape::Int(_) | Shape::Number(_) => 1,
        Shape::Text(_) => 2,
        Shape::List(_) | Shape::Set(_) => 3,
        Shape::Object(_) => 4,
        _ => 5,
    };
    if left.sum().size.max(right.sum().size) > MOST_COMPARED {
        return rank(left).cmp(&rank(right));
    }
    match (&left.shape, &right.shape) {
        (Shape::Bool(left), Shape::Bool(right)) => left.cmp(right),
        (Shape::Text(left), Shape::Text(right)) => left.cmp(right),
        (Shape::Int(_) | Shape::Number(_), Shape::Int(_) | Shape::Number(_)) => {
            let of = |value: &Value| number(value).map_or(0.0, Number::float);
            of(left).total_cmp(&of(right))
        }
        (Shape::List(first) | Shape::Set(first), Shape::List(second) | Shape::Set(second)) => {
            let pairs = first.values.iter().zip(&second.values);
            let differs = pairs.map(|(left, right)| order(left, right)).find(|order| order.is_ne());
            differs.unwrap_or_else(|| first.values.len().cmp(&second.values.len()))
        }
        (Shape::Object(first), Shape::Object(second)) => {
            let pairs = first.values.iter().zip(&second.values);
            let compared =
                pairs.map(|(left, right)| left.0.cmp(&right.0).then_with(|| order(&left.1, &right.1)));
            let differs = compared.into_iter().find(|order| order.is_ne());
            differs.unwrap_or_else(|| first.values.len().cmp(&second.values.len()))
        }
        _ => rank(left).cmp(&rank(right)),
    }
}
