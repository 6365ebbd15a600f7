//! `format` and `formatlist`, with the verbs of Go.

use std::rc::Rc;

use super::super::operators;
use super::super::value::{self, Shape, Value, graver};
use super::{Computed, Stop, encoding, number_of, stop, text_of, truth_of, whole_of};
use crate::ends::Assembly;
use crate::tape::UnknownCause;

pub(super) fn call(name: &str, arguments: &[Value], offset: u32) -> Option<Computed> {
    Some(match (name, arguments) {
        ("format", [pattern, rest @ ..]) => format(pattern, rest),
        ("formatlist", [pattern, rest @ ..]) => format_list(pattern, rest, offset),
        _ => return None,
    })
}

fn format_list(pattern: &Value, arguments: &[Value], offset: u32) -> Computed {
    let lengths: Vec<usize> = arguments.iter().filter_map(Value::items).map(<[Value]>::len).collect();
    if let Some(unknown) = arguments.iter().find(|argument| argument.is_unknown()) {
        return Err(stop(unknown));
    }
    let length = lengths.first().copied().unwrap_or(1);
    if lengths.iter().any(|other| *other != length) {
        return Err(Stop::Wrong);
    }
    let mut found = Vec::with_capacity(length);
    for position in 0..length {
        let row: Vec<Value> = arguments
            .iter()
            .filter_map(|argument| match argument.items() {
                Some(items) => items.get(position).cloned(),
                None => Some(argument.clone()),
            })
            .collect();
        let shape = match format(pattern, &row) {
            Err(Stop::NotKnown) => {
                let parts: Vec<&Value> = row.iter().collect();
                found.push(operators::not_computed(&parts, offset));
                continue;
            }
            other => other?,
        };
        let mut value = Value::new(shape, offset);
        row.iter().for_each(|argument| value.inherit_all(argument));
        found.push(value);
    }
    Ok(value::list(found))
}

/// A verb: `%-08.3f`, `%[2]s`.
#[derive(Default)]
struct Verb {
    is_left: bool,
    has_sign: bool,
    has_space: bool,
    has_zeros: bool,
    is_alternate: bool,
    width: usize,
    precision: Option<usize>,
    verb: char,
}

/// Widest field and longest fraction.
const WIDEST: usize = 4096;

fn format(pattern: &Value, arguments: &[Value]) -> Computed {
    let pattern = text_of(pattern)?;
    let mut out = Assembly::with_capacity(pattern.len());
    let mut doubt = None;
    let mut next = 0;
    let mut signs = pattern.chars().peekable();
    while let Some(sign) = signs.next() {
        if sign != '%' {
            out.push(sign.encode_utf8(&mut [0; 4]));
            continue;
        }
        let mut verb = Verb::default();
        loop {
            match signs.peek() {
                Some('-') => verb.is_left = true,
                Some('+') => verb.has_sign = true,
                Some(' ') => verb.has_space = true,
                Some('0') => verb.has_zeros = true,
                Some('#') => verb.is_alternate = true,
                _ => break,
            }
            signs.next();
        }
        verb.width = digits(&mut signs)?.unwrap_or(0);
        if signs.peek() == Some(&'.') {
            signs.next();
            verb.precision = Some(digits(&mut signs)?.unwrap_or(0));
        }
        if signs.peek() == Some(&'[') {
            signs.next();
            next = digits(&mut signs)?.and_then(|position| position.checked_sub(1)).ok_or(Stop::Wrong)?;
            if signs.next() != Some(']') {
                return Err(Stop::Wrong);
            }
        }
        verb.verb = signs.next().ok_or(Stop::Wrong)?;
        if verb.verb == '%' {
            out.push("%");
            continue;
        }
        let argument = arguments.get(next).ok_or(Stop::Wrong)?;
        next += 1;
        if let (None, false) = (argument.to_text(), argument.is_known()) {
            if stop(argument) == Stop::Wrong {
                return Err(Stop::Wrong);
            }
            match verb.verb {
                's' | 'v' => argument.push_to(&mut out),
                _ => out.push_unknown(),
            }
            doubt = graver(doubt, argument.doubt());
            continue;
        }
        out.push(&verb.padded(verb.shown(argument)?));
        if out.len() > super::LONGEST_TEXT {
            return Err(Stop::Elsewhere);
        }
    }
    Ok(Shape::of_parts(out, doubt.unwrap_or(UnknownCause::NotReported)))
}

fn digits(signs: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Result<Option<usize>, Stop> {
    let mut found = None;
    while let Some(digit) = signs.peek().and_then(|sign| sign.to_digit(10)) {
        let value = found.unwrap_or(0) * 10 + digit as usize;
        if value > WIDEST {
            return Err(Stop::Elsewhere);
        }
        found = Some(value);
        signs.next();
    }
    Ok(found)
}

impl Verb {
    fn shown(&self, argument: &Value) -> Result<String, Stop> {
        let signed = |text: String, is_negative: bool| match (is_negative, self.has_sign, self.has_space) {
            (false, true, _) => format!("+{text}"),
            (false, false, true) => format!(" {text}"),
            _ => text,
        };
        Ok(match self.verb {
            's' => self.cut(&text_of(argument)?),
            'q' => encoding::json_text(&text_of(argument)?),
            'v' => match &argument.shape {
                Shape::Null => "null".to_owned(),
                _ => match argument.to_text() {
                    Some(text) if self.is_alternate => match argument.shape {
                        Shape::Text(_) => encoding::json_text(&text),
                        _ => text.to_string(),
                    },
                    Some(text) => self.cut(&text),
                    None => encoding::json(argument)?,
                },
            },
            't' => truth_of(argument)?.to_string(),
            'd' => {
                let value = match number_of(argument)? {
                    operators::Number::Whole(value) => value,
                    operators::Number::Broken(value) => value.trunc() as i64,
                };
                signed(value.to_string(), value < 0)
            }
            'x' | 'X' | 'o' | 'b' => {
                let value = whole_of(argument)?;
                let size = value.unsigned_abs();
                let digits = match self.verb {
                    'x' => format!("{size:x}"),
                    'X' => format!("{size:X}"),
                    'o' => format!("{size:o}"),
                    _ => format!("{size:b}"),
                };
                signed(if value < 0 { format!("-{digits}") } else { digits }, value < 0)
            }
            'f' | 'F' => {
                let value = number_of(argument)?.float();
                signed(format!("{value:.*}", self.precision.unwrap_or(6).min(WIDEST)), value < 0.0)
            }
            'e' | 'E' | 'g' | 'G' => match self.precision {
                None => {
                    let text = text_of(argument)?;
                    signed(text.to_string(), text.starts_with('-'))
                }
                Some(_) => return Err(Stop::Elsewhere),
            },
            _ => return Err(Stop::Wrong),
        })
    }

    fn cut(&self, text: &Rc<str>) -> String {
        match self.precision {
            Some(precision) => text.chars().take(precision).collect(),
            None => text.to_string(),
        }
    }

    fn padded(&self, shown: String) -> String {
        let missing = self.width.saturating_sub(shown.chars().count());
        if missing == 0 {
            return shown;
        }
        if self.is_left {
            return format!("{shown}{}", " ".repeat(missing));
        }
        let is_number = matches!(self.verb, 'd' | 'f' | 'F' | 'x' | 'X' | 'o' | 'b' | 'e' | 'E' | 'g' | 'G');
        if self.has_zeros {
            let split = if is_number {
                shown.find(|sign: char| sign.is_ascii_alphanumeric()).unwrap_or(0)
            } else {
                0
            };
            let (sign, digits) = shown.split_at(split);
            return format!("{sign}{}{digits}", "0".repeat(missing));
        }
        format!("{}{shown}", " ".repeat(missing))
    }
}
