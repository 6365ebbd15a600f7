//! Lengths of time as the language and the systems around it write them.

use rust_decimal::Decimal;

use super::decimal::parse_decimal;
use crate::Duration;

/// Reads `90d`, `1h30min` (the language), `7776000s`, `1h30m0s`, `1.5h` (many tools) and `P90D`, `PT1H30M` (ISO 8601).
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    let trimmed = text.trim();
    Duration::parse(trimmed)
        .or_else(|| iso(trimmed))
        .or_else(|| with_fractions(trimmed))
        .ok_or_else(|| format!("\"{text}\" is no duration: write it like 90d, 1h30min or P90D"))
}

/// ISO 8601: `P1Y2M10DT2H30M`, `P2W`.
fn iso(text: &str) -> Option<Duration> {
    let (sign, rest) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text),
    };
    let rest = rest.strip_prefix(['P', 'p'])?;
    let (days, time) = match rest.split_once(['T', 't']) {
        Some((_, "")) => return None,
        Some((days, time)) => (days, time),
        None => (rest, ""),
    };
    if days.is_empty() && time.is_empty() {
        return None;
    }
    let mut months = Decimal::ZERO;
    let mut milliseconds = Decimal::ZERO;
    for (part, units) in [
        (days, [('Y', 12, 0), ('M', 1, 0), ('W', 0, 604_800_000), ('D', 0, 86_400_000)]),
        (time, [('H', 0, 3_600_000), ('M', 0, 60_000), ('S', 0, 1_000), ('\0', 0, 0)]),
    ] {
        let mut rest = part;
        while !rest.is_empty() {
            let end = rest.find(|c: char| c.is_ascii_alphabetic())?;
            let (number, tail) = rest.split_at_checked(end)?;
            let unit = tail.chars().next()?.to_ascii_uppercase();
            let &(_, in_months, in_milliseconds) = units.iter().find(|(letter, ..)| *letter == unit)?;
            let number = parse_decimal(&number.replace(',', ".")).ok()?;
            months = months.checked_add(number.checked_mul(Decimal::from(in_months))?)?;
            milliseconds = milliseconds.checked_add(number.checked_mul(Decimal::from(in_milliseconds))?)?;
            rest = tail.get(1..)?;
        }
    }
    if !months.is_integer() {
        return None;
    }
    Some(Duration {
        months: i32::try_from(months).ok()?.checked_mul(sign)?,
        milliseconds: i64::try_from(milliseconds.trunc()).ok()?.checked_mul(i64::from(sign))?,
    })
}

/// `1h30m0s`, `1.5h`, `7776000.5s`: `m` is minutes here.
fn with_fractions(text: &str) -> Option<Duration> {
    let mut rest = text;
    if rest.is_empty() {
        return None;
    }
    let mut nanoseconds = Decimal::ZERO;
    while !rest.is_empty() {
        let end = rest.find(|c: char| c.is_alphabetic())?;
        let (number, tail) = rest.split_at_checked(end)?;
        let letters = tail.find(|c: char| !c.is_alphabetic()).unwrap_or(tail.len());
        let (unit, tail) = tail.split_at_checked(letters)?;
        let factor: i64 = match unit {
            "ns" => 1,
            "us" | "µs" => 1_000,
            "ms" => 1_000_000,
            "s" => 1_000_000_000,
            "m" | "min" => 60_000_000_000,
            "h" => 3_600_000_000_000,
            "d" => 86_400_000_000_000,
            _ => return None,
        };
        nanoseconds =
            nanoseconds.checked_add(parse_decimal(number).ok()?.checked_mul(Decimal::from(factor))?)?;
        rest = tail;
    }
    let milliseconds = nanoseconds.checked_div(Decimal::from(1_000_000))?.trunc();
    Some(Duration { months: 0, milliseconds: i64::try_from(milliseconds).ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_spellings() {
        for (text, same) in [
            ("7776000s", "90d"),
            ("P90D", "90d"),
            ("PT1H30M", "1h30min"),
            ("P1Y2M", "1y2mo"),
            ("P1Y2M10DT2H30M", "1y2mo10d2h30min"),
            ("P2W", "14d"),
            ("PT0.5S", "500ms"),
            ("1h30m0s", "1h30min"),
            ("1.5h", "90min"),
            ("30m", "30min"),
            ("90d", "90d"),
        ] {
            assert_eq!(parse_duration(text).ok(), Duration::parse(same), "{text}");
        }
        assert_eq!(parse_duration("-P1D").unwrap().milliseconds, -86_400_000);
    }

    #[test]
    fn reasons() {
        for text in ["", "P", "PT", "90", "P1.5M", "P1X", "soon", "1h1", "P999999999999Y", "-"] {
            assert!(parse_duration(text).is_err(), "{text}");
        }
        assert_eq!(
            parse_duration("soon").unwrap_err(),
            "\"soon\" is no duration: write it like 90d, 1h30min or P90D"
        );
    }
}
