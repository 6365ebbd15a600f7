use serde::Serialize;
use smol_str::SmolStr;

/// A constant of the source, parsed and checked. Scalars with a rich syntax are kept as checked text with their type and
/// parsed once more when the evaluator compiles.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize)]
pub enum Literal {
    Absent,
    /// `unknown` in what a test gives.
    Unknown,
    Bool(bool),
    Int(i64),
    /// Decimal digits as written, without `_`.
    Decimal(SmolStr),
    Text(SmolStr),
    /// An alternative of an enum, by name.
    Enum(SmolStr),
    Duration(Duration),
    /// Bytes.
    Size(i64),
    /// Seconds since 1970-01-01T00:00Z: dates and times alike.
    Instant(i64),
    /// Text that is a valid value of the scalar type (cidr, ip, version, ports, percent, url, arn, image, cpu, glob, ..).
    Scalar(crate::Scalar, SmolStr),
}

/// A length of time. Months and years are calendar amounts: `t + 1mo` keeps the day of the month; compared with the mean
/// Gregorian month of 2,629,746 seconds.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize)]
pub struct Duration {
    pub months: i32,
    pub milliseconds: i64,
}

/// Milliseconds of a twelfth of the mean Gregorian year (365.2425 days).
pub const MEAN_MONTH_MILLISECONDS: i128 = 2_629_746_000;

impl Duration {
    /// The length used for comparing, in milliseconds.
    pub fn comparable(self) -> i128 {
        i128::from(self.months) * MEAN_MONTH_MILLISECONDS + i128::from(self.milliseconds)
    }

    /// Reads `1h30min`, `90d`, `7y`; `None` on an unknown unit or overflow. Units: `ms s min h d w mo y`.
    pub fn parse(text: &str) -> Option<Duration> {
        let mut duration = Duration::default();
        let mut rest = text;
        if rest.is_empty() {
            return None;
        }
        while !rest.is_empty() {
            let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            let (number, tail) = rest.split_at_checked(digits)?;
            let letters = tail.len() - tail.trim_start_matches(|c: char| c.is_ascii_alphabetic()).len();
            let (unit, tail) = tail.split_at_checked(letters)?;
            let number: i64 = number.parse().ok()?;
            let (months, factor) = match unit {
                "ms" => (0, 1),
                "s" => (0, 1_000),
                "min" => (0, 60_000),
                "h" => (0, 3_600_000),
                "d" => (0, 86_400_000),
                "w" => (0, 604_800_000),
                "mo" => (1, 0),
                "y" => (12, 0),
                _ => return None,
            };
            duration.months =
                duration.months.checked_add(i32::try_from(number.checked_mul(months)?).ok()?)?;
            duration.milliseconds = duration.milliseconds.checked_add(number.checked_mul(factor)?)?;
            rest = tail;
        }
        Some(duration)
    }
}

/// As the language writes it, largest unit first; `0s` for none.
impl std::fmt::Display for Duration {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if *self == Duration::default() {
            return f.write_str("0s");
        }
        let mut months = self.months;
        if months < 0 || self.milliseconds < 0 {
            f.write_str("-")?;
            months = -months;
        }
        for (amount, unit) in [(12, "y"), (1, "mo")] {
            if months >= amount {
                write!(f, "{}{unit}", months / amount)?;
                months %= amount;
            }
        }
        let mut left = self.milliseconds.unsigned_abs();
        for (amount, unit) in [(86_400_000, "d"), (3_600_000, "h"), (60_000, "min"), (1_000, "s"), (1, "ms")]
        {
            if left >= amount {
                write!(f, "{}{unit}", left / amount)?;
                left %= amount;
            }
        }
        Ok(())
    }
}

/// Bytes of a size literal such as `2GiB`, `100M`-like suffixes excluded (`B kB MB GB TB KiB MiB GiB TiB`).
pub fn parse_size(text: &str) -> Option<i64> {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, unit) = text.split_at_checked(digits)?;
    let factor: i64 = match unit {
        "B" => 1,
        "kB" => 1_000,
        "MB" => 1_000_000,
        "GB" => 1_000_000_000,
        "TB" => 1_000_000_000_000,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        "TiB" => 1 << 40,
        _ => return None,
    };
    number.parse::<i64>().ok()?.checked_mul(factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_and_print() {
        for text in ["1h30min", "90d", "7y", "1y2mo", "500ms"] {
            assert_eq!(Duration::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(Duration::parse("2w").unwrap().to_string(), "14d");
        for bad in ["", "3", "h", "3m", "99999999999999999999h", "9223372036854775807y"] {
            assert_eq!(Duration::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn sizes_are_bytes() {
        assert_eq!(parse_size("2GiB"), Some(2 << 30));
        assert_eq!(parse_size("5kB"), Some(5_000));
        assert_eq!(parse_size("5k"), None);
        assert_eq!(parse_size("9223372036854775807TiB"), None);
    }
}
