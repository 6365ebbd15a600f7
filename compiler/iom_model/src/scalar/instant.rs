//! Dates and times as seconds since 1970-01-01T00:00Z, and the calendar.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

use crate::Duration;

/// Reads a date, which is its first instant in UTC: `2027-01-15`.
pub fn parse_date(text: &str) -> Result<i64, String> {
    let trimmed = text.trim();
    let wrong = || format!("\"{text}\" is no date: write it like 2027-01-15");
    if trimmed.len() != "2027-01-15".len() {
        return Err(wrong());
    }
    let date: Date = trimmed.parse().map_err(|_| wrong())?;
    seconds_of(date.at(0, 0, 0, 0)).ok_or_else(wrong)
}

/// Reads a time with its zone, or a date: `2026-11-21T22:00Z`, `2026-11-21T22:00:00.5+01:00`, `2026-11-21`. Fractions of a
/// second are cut off.
pub fn parse_time(text: &str) -> Result<i64, String> {
    if let Ok(seconds) = parse_date(text) {
        return Ok(seconds);
    }
    let trimmed = text.trim();
    let stamp: Timestamp = trimmed.parse().map_err(|_| {
        if trimmed.parse::<DateTime>().is_ok() {
            format!("\"{text}\" is no time: the zone is missing, write Z at the end for UTC")
        } else {
            format!("\"{text}\" is no time: write it like 2026-11-21T22:00Z")
        }
    })?;
    Ok(stamp.as_second())
}

/// RFC 3339 in UTC: `2026-11-21T22:00:00Z`. Instants outside the years -9999 to 9999 are shown at that end.
pub fn format_time(seconds: i64) -> String {
    let zoned = timestamp(seconds).to_zoned(TimeZone::UTC).datetime();
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
        zoned.year(),
        zoned.month(),
        zoned.day(),
        zoned.hour(),
        zoned.minute(),
        zoned.second()
    )
}

/// The date alone where the instant is the beginning of a day in UTC, else the time.
pub fn format_date(seconds: i64) -> String {
    let text = format_time(seconds);
    match text.strip_suffix("T00:00:00Z") {
        Some(date) => date.to_owned(),
        None => text,
    }
}

/// `instant + duration`: months first, with the day kept or, where the month has no such day, its last one; then the rest,
/// whole seconds counting. `None` outside the calendar.
pub fn add(seconds: i64, duration: Duration) -> Option<i64> {
    let rest = duration.milliseconds.div_euclid(1_000);
    if duration.months == 0 {
        return seconds.checked_add(rest);
    }
    let date = timestamp_exactly(seconds)?.to_zoned(TimeZone::UTC).datetime();
    let moved = date.checked_add(Span::new().try_months(duration.months).ok()?).ok()?;
    seconds_of(moved)?.checked_add(rest)
}

/// `instant - duration`, on the calendar as [`add`].
pub fn subtract(seconds: i64, duration: Duration) -> Option<i64> {
    let months = duration.months.checked_neg()?;
    let milliseconds = duration.milliseconds.checked_neg()?;
    add(seconds, Duration { months, milliseconds })
}

/// The time from one instant to another, without months.
pub fn between(from: i64, to: i64) -> Option<Duration> {
    let milliseconds = to.checked_sub(from)?.checked_mul(1_000)?;
    Some(Duration { months: 0, milliseconds })
}

fn seconds_of(civil: DateTime) -> Option<i64> {
    civil.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp().as_second())
}

fn timestamp_exactly(seconds: i64) -> Option<Timestamp> {
    Timestamp::from_second(seconds).ok()
}

fn timestamp(seconds: i64) -> Timestamp {
    timestamp_exactly(seconds).unwrap_or(if seconds < 0 { Timestamp::MIN } else { Timestamp::MAX })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> i64 {
        parse_time(text).unwrap()
    }

    #[test]
    fn reads_dates_and_times() {
        assert_eq!(parse_date("1970-01-02"), Ok(86_400));
        assert_eq!(time("1970-01-01T01:00:00+01:00"), 0);
        assert_eq!(time("2026-11-21T22:00Z"), time("2026-11-21T22:00:00.999Z"));
        assert_eq!(time("2026-11-21"), time("2026-11-21T00:00:00Z"));
        assert_eq!(format_time(time("2026-11-21T22:00Z")), "2026-11-21T22:00:00Z");
        assert_eq!(format_date(time("2026-11-21")), "2026-11-21");
        assert_eq!(format_date(time("2026-11-21T22:00Z")), "2026-11-21T22:00:00Z");
        format_time(i64::MAX);
        format_time(i64::MIN);
    }

    #[test]
    fn reasons() {
        assert_eq!(
            parse_date("2027-02-30").unwrap_err(),
            "\"2027-02-30\" is no date: write it like 2027-01-15"
        );
        assert_eq!(
            parse_time("2026-11-21T22:00:00").unwrap_err(),
            "\"2026-11-21T22:00:00\" is no time: the zone is missing, write Z at the end for UTC"
        );
        assert!(parse_time("tomorrow").is_err());
        assert!(parse_date("20270115").is_err());
    }

    #[test]
    fn months_are_calendar_months() {
        let plus = |text: &str, duration: &str| {
            format_date(add(time(text), Duration::parse(duration).unwrap()).unwrap())
        };
        assert_eq!(plus("2027-01-31", "1mo"), "2027-02-28");
        assert_eq!(plus("2028-02-29", "1y"), "2029-02-28");
        assert_eq!(plus("2027-01-15", "7y"), "2034-01-15");
        assert_eq!(plus("2027-01-15", "90d"), "2027-04-15");
        assert_eq!(plus("2027-01-31", "1mo1d"), "2027-03-01");
        assert_eq!(subtract(time("2027-03-31"), Duration::parse("1mo").unwrap()), Some(time("2027-02-28")));
        assert_eq!(add(i64::MAX, Duration { months: 0, milliseconds: 1_000 }), None);
        assert_eq!(add(i64::MAX, Duration { months: 1, milliseconds: 0 }), None);
        assert_eq!(add(0, Duration { months: i32::MAX, milliseconds: 0 }), None);
        assert_eq!(between(time("2027-01-01"), time("2027-01-02")), Duration::parse("1d"));
    }
}
