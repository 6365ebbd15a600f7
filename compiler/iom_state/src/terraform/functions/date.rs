//! Dates and times that are written out. What time it is only Terraform's run tells.

use jiff::{SignedDuration, Timestamp, Zoned, tz::Offset};

use super::super::value::{Shape, Value};
use super::{Computed, Stop, text_of, text_shape};

pub(super) fn call(name: &str, arguments: &[Value]) -> Option<Computed> {
    Some(match (name, arguments) {
        ("timestamp" | "plantimestamp", []) => Err(Stop::Elsewhere),
        ("formatdate", [pattern, time]) => format(pattern, time),
        ("timeadd", [time, duration]) => add(time, duration),
        ("timecmp", [left, right]) => moment(left)
            .and_then(|left| Ok((left.timestamp(), moment(right)?.timestamp())))
            .map(|(left, right)| Shape::Int(left.cmp(&right) as i64)),
        _ => return None,
    })
}

/// A time as RFC 3339 has it, in its own zone.
fn moment(value: &Value) -> Result<Zoned, Stop> {
    let text = text_of(value)?;
    let timestamp: Timestamp = text.parse().map_err(|_| Stop::Wrong)?;
    let tail = text.get(19..).unwrap_or_default();
    let zone = tail.rfind(['+', '-']).and_then(|at| tail.get(at..));
    let seconds = zone.and_then(|zone| {
        let (hours, minutes) = zone.get(1..)?.split_once(':')?;
        let seconds = hours.parse::<i32>().ok()? * 3600 + minutes.parse::<i32>().ok()? * 60;
        Some(if zone.starts_with('-') { -seconds } else { seconds })
    });
    let offset = Offset::from_seconds(seconds.unwrap_or(0)).map_err(|_| Stop::Wrong)?;
    Ok(timestamp.to_zoned(offset.to_time_zone()))
}

fn add(time: &Value, duration: &Value) -> Computed {
    let time = moment(time)?;
    let duration = go_duration(&text_of(duration)?).ok_or(Stop::Wrong)?;
    let moved = time.checked_add(duration).map_err(|_| Stop::Wrong)?;
    text_shape(rfc3339(&moved))
}

fn rfc3339(time: &Zoned) -> String {
    let zone = if time.offset().seconds() == 0 { "Z".to_owned() } else { time.strftime("%:z").to_string() };
    format!("{}{zone}", time.strftime("%Y-%m-%dT%H:%M:%S"))
}

/// `1h30m`, `-10m`, `1.5s`
fn go_duration(text: &str) -> Option<SignedDuration> {
    let (text, sign) = match text.strip_prefix('-') {
        Some(rest) => (rest, -1.0),
        None => (text.strip_prefix('+').unwrap_or(text), 1.0),
    };
    let mut seconds = 0.0;
    let mut rest = text;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() && rest != "0" {
        let digits = rest.find(|sign: char| !(sign.is_ascii_digit() || sign == '.'))?;
        let (number, tail) = rest.split_at(digits);
        let end = tail.find(|sign: char| sign.is_ascii_digit() || sign == '.').unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(end);
        let scale = match unit {
            "h" => 3600.0,
            "m" => 60.0,
            "s" => 1.0,
            "ms" => 1e-3,
            "us" | "µs" => 1e-6,
            "ns" => 1e-9,
            _ => return None,
        };
        seconds += number.parse::<f64>().ok()? * scale;
        rest = tail;
    }
    SignedDuration::try_from_secs_f64(sign * seconds).ok()
}

/// `YYYY-MM-DD'T'hh:mm:ssZ`
fn format(pattern: &Value, time: &Value) -> Computed {
    let pattern: Vec<char> = text_of(pattern)?.chars().collect();
    let time = moment(time)?;
    let mut out = String::new();
    let mut at = 0;
    while let Some(sign) = pattern.get(at).copied() {
        if sign == '\'' {
            at += 1;
            // Two quotes are one.
            loop {
                match (pattern.get(at), pattern.get(at + 1)) {
                    (Some('\''), Some('\'')) => {
                        out.push('\'');
                        at += 2;
                    }
                    (Some('\''), _) => break,
                    (Some(literal), _) => {
                        out.push(*literal);
                        at += 1;
                    }
                    (None, _) => return Err(Stop::Wrong),
                }
            }
            at += 1;
            continue;
        }
        let run = pattern.iter().skip(at).take_while(|next| **next == sign).count();
        if !sign.is_ascii_alphabetic() {
            out.extend(std::iter::repeat_n(sign, run));
        } else {
            out.push_str(&part(&time, sign, run)?);
        }
        at += run;
    }
    text_shape(out)
}

fn part(time: &Zoned, sign: char, run: usize) -> Result<String, Stop> {
    let with = |pattern: &str| time.strftime(pattern).to_string();
    let zone = |utc: &str, pattern: &str| {
        if time.offset().seconds() == 0 { utc.to_owned() } else { time.strftime(pattern).to_string() }
    };
    let plain = |pattern: &str| with(pattern).trim_start_matches('0').to_owned();
    let or_zero = |text: String| if text.is_empty() { "0".to_owned() } else { text };
    Ok(match (sign, run) {
        ('Y', 4) => with("%Y"),
        ('Y', 2) => with("%y"),
        ('M', 4) => with("%B"),
        ('M', 3) => with("%b"),
        ('M', 2) => with("%m"),
        ('M', 1) => plain("%m"),
        ('D', 2) => with("%d"),
        ('D', 1) => plain("%d"),
        ('E', 4) => with("%A"),
        ('E', 3) => with("%a"),
        ('h', 2) => with("%H"),
        ('h', 1) => or_zero(plain("%H")),
        ('H', 2) => with("%I"),
        ('H', 1) => plain("%I"),
        ('A', 2) => with("%p").to_uppercase(),
        ('a', 2) => with("%p").to_lowercase(),
        ('m', 2) => with("%M"),
        ('m', 1) => or_zero(plain("%M")),
        ('s', 2) => with("%S"),
        ('s', 1) => or_zero(plain("%S")),
        ('Z', 5) => with("%:z"),
        ('Z', 4) => with("%z"),
        ('Z', 3) => zone("UTC", "%z"),
        ('Z', 1) => zone("Z", "%:z"),
        _ => return Err(Stop::Wrong),
    })
}
