//! What is wrong with a number that is no literal.

use iom_diagnostics::{Applicability, Diagnostic, Edit, code, nearest};
use text_size::TextRange;

const UNITS: [&str; 17] =
    ["ms", "s", "min", "h", "d", "w", "mo", "y", "B", "kB", "MB", "GB", "TB", "KiB", "MiB", "GiB", "TiB"];

/// The unit that a word of other tools means: `hours` is `h`, `Gi` is `GiB`.
pub(crate) fn meant_unit(word: &str) -> Option<&'static str> {
    Some(match word {
        "millis" | "millisecond" | "milliseconds" => "ms",
        "sec" | "secs" | "second" | "seconds" => "s",
        "mins" | "minute" | "minutes" => "min",
        "hr" | "hrs" | "hour" | "hours" => "h",
        "day" | "days" => "d",
        "week" | "weeks" => "w",
        "month" | "months" => "mo",
        "yr" | "year" | "years" => "y",
        "byte" | "bytes" => "B",
        "KB" | "kb" => "kB",
        "mb" => "MB",
        "gb" => "GB",
        "tb" => "TB",
        "Ki" => "KiB",
        "Mi" => "MiB",
        "Gi" => "GiB",
        "Ti" => "TiB",
        _ => return UNITS.into_iter().find(|unit| *unit == word),
    })
}

/// The error for text that was lexed as [`BadLiteral`](crate::SyntaxKind::BadLiteral).
pub(super) fn explain(text: &str, place: TextRange) -> Diagnostic<TextRange> {
    let as_string = |message: String| {
        Diagnostic::new(code::BAD_LITERAL, place, message).help(format!("write \"{text}\"")).fix(
            "put it in quotes",
            Applicability::Suggested,
            vec![Edit { place, text: format!("\"{text}\"") }],
        )
    };
    if text.contains("::") {
        return as_string("an IPv6 address has no literal".to_owned());
    }
    if text.ends_with('%') {
        return as_string("a percentage has no literal".to_owned());
    }
    if is_date_like(text) {
        return Diagnostic::new(code::BAD_LITERAL, place, format!("`{text}` is not a date"))
            .help("a date is 2027-01-15, a point in time 2027-01-15T22:00Z");
    }
    if text.contains(':') {
        return as_string("a time of day has no literal".to_owned());
    }
    let number = text.find(|letter: char| !letter.is_ascii_digit() && !matches!(letter, '.' | '_'));
    match number {
        None if let Some(date) = date_meant(text) => {
            Diagnostic::new(code::BAD_LITERAL, place, "a date begins with the year")
                .help(format!("write {date}"))
                .fix("write the date", Applicability::Suggested, vec![Edit { place, text: date }])
        }
        None if text.contains('.') && text.ends_with(|letter: char| letter.is_ascii_digit()) => {
            as_string("a version has no literal".to_owned())
        }
        None => Diagnostic::new(code::BAD_LITERAL, place, format!("`{text}` is not a number"))
            .help("a number is 1_000 or 0.5"),
        Some(at) => explain_unit(&text[..at], &text[at..], place, as_string),
    }
}

fn is_date_like(text: &str) -> bool {
    let shape = "0000-00-00";
    text.len() > shape.len()
        && text
            .bytes()
            .zip(shape.bytes())
            .all(|(found, wanted)| if wanted == b'0' { found.is_ascii_digit() } else { found == wanted })
}

/// `31.12.2026`, which cannot be meant otherwise, as a date.
fn date_meant(text: &str) -> Option<String> {
    let mut parts = text.split('.').map(|part| part.parse::<u32>().ok());
    let (day, month, year) = (parts.next()??, parts.next()??, parts.next()??);
    let is_date = (1..=31).contains(&day) && (1..=12).contains(&month) && (1990..=2199).contains(&year);
    (is_date && parts.next().is_none()).then(|| format!("{year}-{month:02}-{day:02}"))
}

fn explain_unit(
    number: &str,
    unit: &str,
    place: TextRange,
    as_string: impl Fn(String) -> Diagnostic<TextRange>,
) -> Diagnostic<TextRange> {
    let message = format!("there is no unit `{unit}`");
    let near = || if unit.len() > 1 { nearest(unit, UNITS) } else { None };
    let meant = meant_unit(unit).or_else(near);
    if UNITS.contains(&unit) {
        return Diagnostic::new(
            code::BAD_LITERAL,
            place,
            format!("`{number}{unit}` is not a whole number of units"),
        )
        .help("durations and sizes take whole numbers, for example 1536MiB");
    }
    match meant {
        Some(unit) if number.bytes().all(|digit| digit.is_ascii_digit()) => {
            let written = format!("{number}{unit}");
            Diagnostic::new(code::BAD_LITERAL, place, message).help(format!("write {written}")).fix(
                format!("write {written}"),
                Applicability::Suggested,
                vec![Edit { place, text: written }],
            )
        }
        _ => as_string(message),
    }
}
