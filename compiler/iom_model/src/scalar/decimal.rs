//! Numbers: integers of 64 bits and decimals of 28 digits, rounded half to even. No floats anywhere.

use std::cmp::Ordering;
use std::fmt;

pub use rust_decimal::Decimal;
use rust_decimal::RoundingStrategy;

/// The most digits a decimal keeps.
pub const DIGITS: u32 = 28;

/// An `int` or a `decimal`. Compares by amount; arithmetic gives `None` on overflow and on division by zero.
#[derive(Clone, Copy, Debug)]
pub enum Number {
    Int(i64),
    Decimal(Decimal),
}

/// Reads a decimal: digits with an optional sign, point and exponent. `_` between digits is allowed.
pub fn parse_decimal(text: &str) -> Result<Decimal, String> {
    let plain = text.trim().replace('_', "");
    let wrong = || format!("\"{text}\" is no decimal: write it like 12.5, with at most {DIGITS} digits");
    let digits = plain.trim_start_matches(['-', '+']);
    if !digits.starts_with(|first: char| first.is_ascii_digit()) {
        return Err(wrong());
    }
    let value = if digits.contains(['e', 'E']) {
        Decimal::from_scientific(&plain).map_err(|_| wrong())?
    } else {
        Decimal::from_str_exact(&plain).map_err(|_| wrong())?
    };
    Ok(value.normalize())
}

/// Reads an integer of 64 bits. `_` between digits is allowed.
pub fn parse_int(text: &str) -> Result<i64, String> {
    let plain = text.trim().replace('_', "");
    let digits = plain.trim_start_matches('-');
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(format!("\"{text}\" is no int: write it like 42"));
    }
    plain.parse().map_err(|_| format!("\"{text}\" is no int: it does not fit in 64 bits"))
}

/// A quotient to [`DIGITS`] significant digits, half to even.
fn divide(left: Decimal, right: Decimal) -> Option<Decimal> {
    let quotient = left.checked_div(right)?;
    quotient
        .round_sf_with_strategy(DIGITS, RoundingStrategy::MidpointNearestEven)
        .map(|rounded| rounded.normalize())
}

impl Number {
    /// Reads either: an integer where there is no point and no exponent and it fits.
    pub fn parse(text: &str) -> Result<Number, String> {
        if let Ok(int) = parse_int(text) {
            return Ok(Number::Int(int));
        }
        parse_decimal(text).map(Number::Decimal).map_err(|_| {
            format!("\"{text}\" is no number: write it like 42 or 12.5, with at most {DIGITS} digits")
        })
    }

    pub fn as_decimal(self) -> Decimal {
        match self {
            Number::Int(int) => Decimal::from(int),
            Number::Decimal(decimal) => decimal,
        }
    }

    /// The integer, where the amount is whole and fits.
    pub fn as_int(self) -> Option<i64> {
        match self {
            Number::Int(int) => Some(int),
            Number::Decimal(decimal) if decimal.is_integer() => i64::try_from(decimal).ok(),
            Number::Decimal(_) => None,
        }
    }

    pub fn is_zero(self) -> bool {
        match self {
            Number::Int(int) => int == 0,
            Number::Decimal(decimal) => decimal.is_zero(),
        }
    }

    pub fn plus(self, other: Number) -> Option<Number> {
        self.apply(other, i64::checked_add, Decimal::checked_add)
    }

    pub fn minus(self, other: Number) -> Option<Number> {
        self.apply(other, i64::checked_sub, Decimal::checked_sub)
    }

    pub fn times(self, other: Number) -> Option<Number> {
        self.apply(other, i64::checked_mul, Decimal::checked_mul)
    }

    /// Always a decimal.
    pub fn divided_by(self, other: Number) -> Option<Number> {
        divide(self.as_decimal(), other.as_decimal()).map(Number::Decimal)
    }

    pub fn negated(self) -> Option<Number> {
        match self {
            Number::Int(int) => int.checked_neg().map(Number::Int),
            Number::Decimal(decimal) => Some(Number::Decimal(-decimal)),
        }
    }

    pub fn abs(self) -> Option<Number> {
        match self {
            Number::Int(int) => int.checked_abs().map(Number::Int),
            Number::Decimal(decimal) => Some(Number::Decimal(decimal.abs())),
        }
    }

    /// Two integers stay integers; anything else is reckoned in decimals.
    fn apply(
        self,
        other: Number,
        ints: fn(i64, i64) -> Option<i64>,
        decimals: fn(Decimal, Decimal) -> Option<Decimal>,
    ) -> Option<Number> {
        match (self, other) {
            (Number::Int(left), Number::Int(right)) => ints(left, right).map(Number::Int),
            (left, right) => decimals(left.as_decimal(), right.as_decimal())
                .map(|decimal| Number::Decimal(decimal.normalize())),
        }
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Number) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Number {}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Number) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Number) -> Ordering {
        match (self, other) {
            (Number::Int(left), Number::Int(right)) => left.cmp(right),
            (left, right) => left.as_decimal().cmp(&right.as_decimal()),
        }
    }
}

/// Equal amounts hash alike, whole decimals like integers.
impl std::hash::Hash for Number {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.as_decimal().normalize().hash(state);
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Number::Int(int) => write!(f, "{int}"),
            Number::Decimal(decimal) => write!(f, "{}", decimal.normalize()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Number {
        Number::parse(text).unwrap()
    }

    #[test]
    fn arithmetic_is_exact_or_nothing() {
        assert_eq!(number("0.1").plus(number("0.2")), Some(number("0.3")));
        assert_eq!(Number::Int(i64::MAX).plus(Number::Int(1)), None);
        assert_eq!(Number::Int(i64::MIN).negated(), None);
        assert_eq!(Number::Int(7).divided_by(Number::Int(2)).unwrap().to_string(), "3.5");
        assert_eq!(Number::Int(1).divided_by(Number::Int(0)), None);
        assert_eq!(
            Number::Int(1).divided_by(Number::Int(3)).unwrap().to_string(),
            "0.3333333333333333333333333333"
        );
        assert_eq!(
            Number::Int(2).divided_by(Number::Int(3)).unwrap().to_string(),
            "0.6666666666666666666666666667"
        );
        assert_eq!(number("79228162514264337593543950335").times(Number::Int(2)), None);
    }

    #[test]
    fn equal_by_amount() {
        assert_eq!(Number::Int(2), number("2.0"));
        assert!(number("1.5") < Number::Int(2));
        assert_eq!(number("1e3"), Number::Int(1000));
        assert_eq!(number("2.50").to_string(), "2.5");
        assert_eq!(number("2.0").as_int(), Some(2));
        assert_eq!(number("2.5").as_int(), None);
    }

    #[test]
    fn reasons() {
        assert_eq!(parse_int("4x").unwrap_err(), "\"4x\" is no int: write it like 42");
        assert_eq!(
            parse_int("9223372036854775808").unwrap_err(),
            "\"9223372036854775808\" is no int: it does not fit in 64 bits"
        );
        for text in ["", ".", "-", "1.2.3", "x", "1e", "1e999"] {
            assert!(parse_decimal(text).is_err(), "{text}");
        }
        assert_eq!(parse_int("1_000"), Ok(1000));
    }
}
