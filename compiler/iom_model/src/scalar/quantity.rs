//! Amounts with a unit: bytes, processor time, percentages.

use rust_decimal::Decimal;

use super::decimal::parse_decimal;
use crate::parse_size;

/// Bytes, as the language, Kubernetes and plain numbers write them: `2GiB`, `1Gi`, `100M`, `1e3`, `128974848`. Fractions
/// of a byte are rounded up, as Kubernetes does.
pub fn parse_bytes(text: &str) -> Result<i64, String> {
    let trimmed = text.trim();
    if let Some(bytes) = parse_size(trimmed) {
        return Ok(bytes);
    }
    let wrong = || format!("\"{text}\" is no amount of bytes: write it like 128Mi, 2GiB or 100M");
    let (number, unit) = number_and_unit(trimmed).ok_or_else(wrong)?;
    let factor = match unit {
        "" => 1,
        "k" | "K" => 1_000,
        "M" => 1_000_000,
        "G" => 1_000_000_000,
        "T" => 1_000_000_000_000,
        "P" => 1_000_000_000_000_000,
        "E" => 1_000_000_000_000_000_000,
        "Ki" => 1 << 10,
        "Mi" => 1 << 20,
        "Gi" => 1 << 30,
        "Ti" => 1 << 40,
        "Pi" => 1 << 50,
        "Ei" => 1_i64 << 60,
        "m" => return whole(number.checked_div(Decimal::from(1_000))).ok_or_else(wrong),
        _ => return Err(wrong()),
    };
    whole(number.checked_mul(Decimal::from(factor))).ok_or_else(wrong)
}

/// Processor time in thousandths of a core: `500m`, `4`, `0.5`. Finer amounts are rounded up.
pub fn parse_cpu(text: &str) -> Result<i64, String> {
    let wrong = || format!("\"{text}\" is no amount of cpu: write it like 500m, 0.5 or 4");
    let (number, unit) = number_and_unit(text.trim()).ok_or_else(wrong)?;
    let millicores = match unit {
        "" => number.checked_mul(Decimal::from(1_000)),
        "m" => Some(number),
        "u" => number.checked_div(Decimal::from(1_000)),
        "n" => number.checked_div(Decimal::from(1_000_000)),
        "k" => number.checked_mul(Decimal::from(1_000_000)),
        _ => return Err(wrong()),
    };
    whole(millicores).ok_or_else(wrong)
}

/// Thousandths of a core as the language shows them: `500m`, `4`.
pub fn format_cpu(millicores: i64) -> String {
    if millicores % 1_000 == 0 { format!("{}", millicores / 1_000) } else { format!("{millicores}m") }
}

/// Bytes as the language writes them, in the greatest binary unit that divides them: `2GiB`, `1500B`.
pub fn format_bytes(bytes: i64) -> String {
    for (unit, size) in [("TiB", 1_i64 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)] {
        if bytes != 0 && bytes % size == 0 {
            return format!("{}{unit}", bytes / size);
        }
    }
    format!("{bytes}B")
}

/// A percentage: `50%` is 50.
pub fn parse_percent(text: &str) -> Result<Decimal, String> {
    text.trim()
        .strip_suffix('%')
        .and_then(|number| parse_decimal(number).ok())
        .ok_or_else(|| format!("\"{text}\" is no percentage: write it like 50%"))
}

/// `128974848`, `1.5Gi`, `1e3`: an exponent is part of the number, `1E` is a unit.
fn number_and_unit(text: &str) -> Option<(Decimal, &str)> {
    let letters = text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len());
    let (digits, rest) = text.split_at_checked(letters)?;
    let exponent = rest.strip_prefix(['e', 'E']).filter(|tail| {
        let tail = tail.strip_prefix(['+', '-']).unwrap_or(tail);
        !tail.is_empty() && tail.bytes().all(|byte| byte.is_ascii_digit())
    });
    match exponent {
        Some(_) => Some((parse_decimal(text).ok()?, "")),
        None => Some((parse_decimal(digits).ok()?, rest)),
    }
}

fn whole(amount: Option<Decimal>) -> Option<i64> {
    i64::try_from(amount?.ceil()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes() {
        for (text, bytes) in [
            ("128974848", 128_974_848),
            ("129e6", 129_000_000),
            ("129M", 129_000_000),
            ("123Mi", 123 << 20),
            ("1Gi", 1 << 30),
            ("1.5Gi", 3 << 29),
            ("1e3", 1000),
            ("1E", 1_000_000_000_000_000_000),
            ("100m", 1),
            ("2GiB", 2 << 30),
            ("0", 0),
        ] {
            assert_eq!(parse_bytes(text), Ok(bytes), "{text}");
        }
        for text in ["", "Gi", "1Gb", "many", "1e", "99Ei"] {
            assert!(parse_bytes(text).is_err(), "{text}");
        }
        assert_eq!(format_bytes(2 << 30), "2GiB");
        assert_eq!(format_bytes(1500), "1500B");
        assert_eq!(format_bytes(0), "0B");
    }

    #[test]
    fn cpu() {
        for (text, millicores) in [("500m", 500), ("4", 4000), ("0.5", 500), ("100u", 1), ("1500000n", 2)] {
            assert_eq!(parse_cpu(text), Ok(millicores), "{text}");
        }
        assert_eq!(
            parse_cpu("4Gi").unwrap_err(),
            "\"4Gi\" is no amount of cpu: write it like 500m, 0.5 or 4"
        );
        assert_eq!(format_cpu(500), "500m");
        assert_eq!(format_cpu(4000), "4");
    }

    #[test]
    fn percentages() {
        assert_eq!(parse_percent("50%"), Ok(Decimal::from(50)));
        assert_eq!(parse_percent("12.5%").unwrap().to_string(), "12.5");
        assert!(parse_percent("50").is_err());
    }
}
