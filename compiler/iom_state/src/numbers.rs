//! JSON numbers as nodes: exact, whatever their size.

use crate::tape::{NodeValue, Strings};

/// An `i64` where the number is written as one, else its text.
pub(crate) fn number(digits: &[u8], strings: &mut Strings) -> NodeValue {
    if let Some(integer) = integer(digits) {
        return NodeValue::Int(integer);
    }
    // JSON numbers are ASCII: the reader has checked them.
    let text = std::str::from_utf8(digits).unwrap_or_default();
    match text.parse() {
        Ok(integer) => NodeValue::Int(integer),
        Err(_) => NodeValue::Number(strings.get_or_intern(text)),
    }
}

/// The `i64` that a number is written as, if it is one.
pub(crate) fn as_integer(written: &str) -> Option<i64> {
    integer(written.as_bytes()).or_else(|| written.parse().ok())
}

/// Most numbers: up to 18 digits, which cannot overflow.
fn integer(digits: &[u8]) -> Option<i64> {
    let (magnitude, sign) = match digits {
        [b'-', rest @ ..] => (rest, -1),
        _ => (digits, 1),
    };
    if magnitude.len() > 18 || magnitude.is_empty() {
        return None;
    }
    let mut value = 0;
    for digit in magnitude {
        value = value * 10 + i64::from(digit.is_ascii_digit().then(|| digit - b'0')?);
    }
    Some(sign * value)
}
