//! Texts.

use std::rc::Rc;

use regex::{Regex, RegexBuilder};

use super::super::value::{self, Shape, Value, graver};
use super::{Computed, Stop, items_of, stop, text_of, text_shape, texts, whole_of};
use crate::ends::{Assembly, Ends};
use crate::tape::UnknownCause;

pub(super) fn call(name: &str, arguments: &[Value], offset: u32) -> Option<Computed> {
    Some(match (name, arguments) {
        ("lower", [text]) => mapped(text, |text| text.to_lowercase()),
        ("upper", [text]) => mapped(text, |text| text.to_uppercase()),
        ("title", [text]) => titled(text),
        ("trimspace", [text]) => mapped_known(text, |text| text.trim().to_owned()),
        ("chomp", [text]) => mapped_known(text, |text| text.trim_end_matches(['\n', '\r']).to_owned()),
        ("strrev", [text]) => mapped_known(text, |text| text.chars().rev().collect()),
        ("indent", [spaces, text]) => indent(spaces, text),
        ("trim", [text, cut]) => {
            both(text, cut, |text, cut| text.trim_matches(|sign| cut.contains(sign)).to_owned())
        }
        ("trimprefix", [text, cut]) => {
            both(text, cut, |text, cut| text.strip_prefix(cut).unwrap_or(text).to_owned())
        }
        ("trimsuffix", [text, cut]) => {
            both(text, cut, |text, cut| text.strip_suffix(cut).unwrap_or(text).to_owned())
        }
        ("startswith", [text, start]) => begins(text, start),
        ("endswith", [text, end]) => ends(text, end),
        ("strcontains", [text, part]) => {
            text_of(text).and_then(|text| Ok(Shape::Bool(text.contains(&*text_of(part)?))))
        }
        ("join", [separator, lists @ ..]) => join(separator, lists),
        ("split", [separator, text]) => split(separator, text, offset),
        ("replace", [text, from, to]) => replace(text, from, to),
        ("substr", [text, start, length]) => substring(text, start, length),
        ("regex", [pattern, text]) => first_match(pattern, text, offset),
        ("regexall", [pattern, text]) => all_matches(pattern, text, offset),
        _ => return None,
    })
}

/// A function that works sign by sign: what is known of the ends stays known.
fn mapped(value: &Value, map: impl Fn(&str) -> String) -> Computed {
    match &value.shape {
        Shape::Partial(cause, ends) => {
            Ok(Shape::Partial(*cause, Ends { start: map(&ends.start).into(), end: map(&ends.end).into() }))
        }
        _ => text_shape(map(&text_of(value)?)),
    }
}

/// The known end may begin inside of a word.
fn titled(value: &Value) -> Computed {
    match &value.shape {
        Shape::Partial(cause, ends) => {
            Ok(Shape::Partial(*cause, Ends { start: title(&ends.start).into(), end: "".into() }))
        }
        _ => text_shape(title(&text_of(value)?)),
    }
}

fn mapped_known(value: &Value, map: impl Fn(&str) -> String) -> Computed {
    text_shape(map(&text_of(value)?))
}

fn both(text: &Value, other: &Value, map: impl Fn(&str, &str) -> String) -> Computed {
    text_shape(map(&text_of(text)?, &text_of(other)?))
}

fn begins(text: &Value, start: &Value) -> Computed {
    let start = text_of(start)?;
    if let Shape::Partial(_, ends) = &text.shape {
        return ends.start_with(&start).map(Shape::Bool).ok_or(Stop::NotKnown);
    }
    Ok(Shape::Bool(text_of(text)?.starts_with(&*start)))
}

fn ends(text: &Value, end: &Value) -> Computed {
    let end = text_of(end)?;
    if let Shape::Partial(_, ends) = &text.shape {
        return ends.end_with(&end).map(Shape::Bool).ok_or(Stop::NotKnown);
    }
    Ok(Shape::Bool(text_of(text)?.ends_with(&*end)))
}

fn title(text: &str) -> String {
    let mut is_first = true;
    text.chars()
        .map(|character| {
            let shown =
                if is_first { character.to_uppercase().next().unwrap_or(character) } else { character };
            is_first = !character.is_alphanumeric();
            shown
        })
        .collect()
}

fn indent(spaces: &Value, text: &Value) -> Computed {
    let spaces = usize::try_from(whole_of(spaces)?).map_err(|_| Stop::Wrong)?;
    let text = text_of(text)?;
    let lines = text.matches('\n').count();
    if spaces.saturating_mul(lines) > super::LONGEST_TEXT {
        return Err(Stop::Elsewhere);
    }
    text_shape(text.replace('\n', &format!("\n{}", " ".repeat(spaces))))
}

/// Texts side by side.
fn join(separator: &Value, lists: &[Value]) -> Computed {
    let separator = text_of(separator)?;
    let mut items: Vec<&Value> = Vec::new();
    for list in lists {
        items.extend(items_of(list)?);
    }
    let length: usize =
        items.iter().map(|item| item.to_text().map_or(0, |text| text.len()) + separator.len()).sum();
    if length > super::LONGEST_TEXT {
        return Err(Stop::Elsewhere);
    }
    let mut joined = Assembly::with_capacity(length);
    let mut doubt = None;
    for (position, item) in items.iter().enumerate() {
        joined.push(if position > 0 { &separator } else { "" });
        match item.to_text() {
            Some(text) => joined.push(&text),
            None if !item.is_known() && stop(item) == Stop::NotKnown => {
                item.push_to(&mut joined);
                doubt = graver(doubt, item.doubt());
            }
            None => return Err(stop(item)),
        }
    }
    Ok(Shape::of_parts(joined, doubt.unwrap_or(UnknownCause::NotReported)))
}

fn split(separator: &Value, text: &Value, offset: u32) -> Computed {
    let (separator, text) = (text_of(separator)?, text_of(text)?);
    if text.is_empty() {
        return Ok(texts([""], offset));
    }
    Ok(if separator.is_empty() {
        texts(text.chars().map(|sign| sign.to_string()), offset)
    } else {
        texts(text.split(&*separator), offset)
    })
}

fn replace(text: &Value, from: &Value, to: &Value) -> Computed {
    let (text, from, to) = (text_of(text)?, text_of(from)?, text_of(to)?);
    let is_pattern = from.len() > 1 && from.starts_with('/') && from.ends_with('/');
    let grows = to.len() > from.len() && text.len().saturating_mul(to.len()) > 64 * super::LONGEST_TEXT;
    if grows {
        return Err(Stop::Elsewhere);
    }
    if is_pattern {
        let pattern = pattern(from.get(1..from.len() - 1).unwrap_or_default())?;
        return text_shape(pattern.replace_all(&text, &*to).into_owned());
    }
    text_shape(text.replace(&*from, &to))
}

/// Counts in characters; a length of -1 goes up to the end.
fn substring(text: &Value, start: &Value, length: &Value) -> Computed {
    let (start, length) = (whole_of(start)?, whole_of(length)?);
    if let (Shape::Partial(cause, ends), 0..) = (&text.shape, start) {
        let rest: String = ends.start.chars().skip(start as usize).collect();
        let is_all = length >= 0 && rest.chars().count() as i64 >= length;
        return if is_all {
            text_shape(rest.chars().take(length as usize).collect::<String>())
        } else if rest.is_empty() {
            Err(Stop::NotKnown)
        } else {
            let end = if length < 0 { Rc::clone(&ends.end) } else { "".into() };
            Ok(Shape::Partial(*cause, Ends { start: rest.into(), end }))
        };
    }
    let signs: Vec<char> = text_of(text)?.chars().collect();
    let count = signs.len() as i64;
    let start = if start < 0 { (count + start).max(0) } else { start };
    if start > count {
        return text_shape("");
    }
    let end = if length < 0 { count } else { start.saturating_add(length).min(count) };
    let found = signs.get(start as usize..end as usize).unwrap_or_default();
    text_shape(found.iter().collect::<String>())
}

fn pattern(text: &str) -> Result<Regex, Stop> {
    RegexBuilder::new(text).size_limit(1 << 20).build().map_err(|_| Stop::Wrong)
}

fn first_match(written: &Value, text: &Value, offset: u32) -> Computed {
    let (pattern, text) = (pattern(&text_of(written)?)?, text_of(text)?);
    let found = pattern.captures(&text).ok_or(Stop::Wrong)?;
    Ok(captured(&pattern, &found, offset).shape)
}

fn all_matches(written: &Value, text: &Value, offset: u32) -> Computed {
    const MOST: usize = 10_000;
    let (pattern, text) = (pattern(&text_of(written)?)?, text_of(text)?);
    let found = pattern.captures_iter(&text).take(MOST).map(|found| captured(&pattern, &found, offset));
    Ok(value::list(found.collect()))
}

/// The match, or its groups: by name where they have names.
fn captured(pattern: &Regex, found: &regex::Captures<'_>, offset: u32) -> Value {
    let group = |group: Option<regex::Match<'_>>| match group {
        Some(group) => Value::text(group.as_str(), offset),
        None => Value::new(Shape::Null, offset),
    };
    let names: Vec<Option<&str>> = pattern.capture_names().collect();
    if names.len() == 1 {
        return group(found.get(0));
    }
    if names.iter().any(Option::is_some) {
        let members = names.iter().enumerate().filter_map(|(position, name)| Some((position, (*name)?)));
        let members = members.map(|(position, name)| (Rc::from(name), group(found.get(position))));
        return Value::object(members.collect(), offset);
    }
    Value::list((1..names.len()).map(|position| group(found.get(position))).collect(), offset)
}
