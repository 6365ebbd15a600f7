//! Plain scalars as the core schema of YAML 1.2 reads them: `yes` and `on` are text, `0777` is 777, `0o777` is 511.

use std::borrow::Cow;

use crate::numbers::as_integer;
use crate::tree::TreeValue;

/// What a plain scalar is.
pub(crate) fn resolve(text: Cow<'_, str>) -> TreeValue<'_> {
    match text.as_bytes().first() {
        None => TreeValue::Null,
        Some(b'n' | b'N' | b'~' | b't' | b'T' | b'f' | b'F') => word(text),
        Some(b'0'..=b'9' | b'+' | b'-' | b'.') => number(text),
        Some(_) => TreeValue::Text(text),
    }
}

/// A value that has a tag of YAML's own: `None` where it is something else.
pub(crate) fn as_tagged<'t>(value: TreeValue<'t>, tag: &str) -> Option<TreeValue<'t>> {
    let fits = match &value {
        TreeValue::Null => tag == "null",
        TreeValue::Bool(_) => tag == "bool",
        TreeValue::Int(_) => tag == "int" || tag == "float",
        TreeValue::Number(text) => {
            tag == "float" || tag == "int" && text.bytes().all(|b| b == b'-' || b.is_ascii_digit())
        }
        _ => false,
    };
    fits.then_some(value)
}

fn word(text: Cow<'_, str>) -> TreeValue<'_> {
    match &*text {
        "null" | "Null" | "NULL" | "~" => TreeValue::Null,
        "true" | "True" | "TRUE" => TreeValue::Bool(true),
        "false" | "False" | "FALSE" => TreeValue::Bool(false),
        _ => TreeValue::Text(text),
    }
}

fn number(text: Cow<'_, str>) -> TreeValue<'_> {
    if let Some(integer) = plain_integer(&text) {
        return TreeValue::Int(integer);
    }
    if let Some(digits) = text.strip_prefix("0o") {
        return radix(digits, 8).unwrap_or(TreeValue::Text(text));
    }
    if let Some(digits) = text.strip_prefix("0x") {
        return radix(digits, 16).unwrap_or(TreeValue::Text(text));
    }
    match decimal(&text) {
        Some(Written::AsJson) => TreeValue::Number(text),
        Some(Written::Otherwise(json)) => match as_integer(&json) {
            Some(integer) => TreeValue::Int(integer),
            None => TreeValue::Number(Cow::Owned(json)),
        },
        None => TreeValue::Text(text),
    }
}

/// Most numbers.
fn plain_integer(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let is_plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if is_plain { text.parse().ok() } else { None }
}

/// Digits of another base. What is larger than anybody counts keeps its text, and is no number that anything can be said of.
fn radix(digits: &str, base: u32) -> Option<TreeValue<'static>> {
    if digits.is_empty() || !digits.chars().all(|digit| digit.is_digit(base)) {
        return None;
    }
    Some(match (i64::from_str_radix(digits, base), u128::from_str_radix(digits, base)) {
        (Ok(value), _) => TreeValue::Int(value),
        (_, Ok(value)) => TreeValue::Number(Cow::Owned(value.to_string())),
        _ => TreeValue::Number(Cow::Owned(format!("0{}{digits}", if base == 8 { 'o' } else { 'x' }))),
    })
}

enum Written {
    /// As JSON writes it.
    AsJson,
    Otherwise(String),
}

/// `[-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?`, and `.inf` and `.nan`.
fn decimal(text: &str) -> Option<Written> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN") {
        return Some(Written::AsJson);
    }
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let (whole, rest) = unsigned.split_at_checked(digits(unsigned))?;
    let (fraction, rest) = match rest.strip_prefix('.') {
        Some(rest) => rest.split_at_checked(digits(rest)).map(|(fraction, rest)| (Some(fraction), rest))?,
        None => (None, rest),
    };
    if whole.is_empty() && fraction.is_none_or(str::is_empty) {
        return None;
    }
    if !rest.is_empty() {
        let exponent = rest.strip_prefix(['e', 'E'])?;
        let exponent = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        if exponent.is_empty() || digits(exponent) != exponent.len() {
            return None;
        }
    }
    let is_json = !text.starts_with('+')
        && !whole.is_empty()
        && (whole.len() == 1 || !whole.starts_with('0'))
        && fraction != Some("");
    if is_json {
        return Some(Written::AsJson);
    }
    let sign = if text.starts_with('-') { "-" } else { "" };
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    let fraction = fraction.filter(|digits| !digits.is_empty()).map(|digits| format!(".{digits}"));
    Some(Written::Otherwise(format!("{sign}{whole}{}{rest}", fraction.unwrap_or_default())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolved(text: &str) -> TreeValue<'_> {
        resolve(Cow::Borrowed(text))
    }

    fn number(text: &str) -> TreeValue<'_> {
        TreeValue::Number(Cow::Borrowed(text))
    }

    #[test]
    fn the_core_schema_decides() {
        for text in ["", "~", "null", "Null", "NULL"] {
            assert_eq!(resolved(text), TreeValue::Null, "{text}");
        }
        for text in [
            "yes",
            "no",
            "on",
            "off",
            "y",
            "n",
            "nul",
            "tRue",
            "-",
            "+",
            ".",
            "--1",
            "1_000",
            "12:30:45",
            "0b1",
            "0o8",
            "0xg",
            "1.2.3",
            "1e",
            "2024-01-01",
            "nan",
            "-.nan",
            "<<",
        ] {
            assert_eq!(resolved(text), TreeValue::Text(Cow::Borrowed(text)), "{text}");
        }
        assert_eq!(resolved("True"), TreeValue::Bool(true));
        assert_eq!(resolved("FALSE"), TreeValue::Bool(false));
        for (text, value) in [
            ("0", 0),
            ("-0", 0),
            ("+12", 12),
            ("0777", 777),
            ("0o777", 511),
            ("0x1F", 31),
            ("-9223372036854775808", i64::MIN),
            ("007.", 7),
        ] {
            assert_eq!(resolved(text), TreeValue::Int(value), "{text}");
        }
        for (text, value) in [
            ("1.10", "1.10"),
            ("1e3", "1e3"),
            (".5", "0.5"),
            ("+1.5E-2", "1.5E-2"),
            ("-.5", "-0.5"),
            ("00.5", "0.5"),
            ("9223372036854775808", "9223372036854775808"),
            ("0xFFFFFFFFFFFFFFFF", "18446744073709551615"),
            (".inf", ".inf"),
            ("-.INF", "-.INF"),
            (".NaN", ".NaN"),
            ("1.e2", "1e2"),
        ] {
            assert_eq!(resolved(text), number(value), "{text}");
        }
    }
}
