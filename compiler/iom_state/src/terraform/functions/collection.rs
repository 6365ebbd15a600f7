//! Lists, maps and objects. Their shape is mostly known when their values are not.

use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::super::operators::{self, truth};
use super::super::value::{self, Shape, Value};
use super::{Computed, Stop, items_of, known, members_of, number_of, stop, text_of, texts, whole_of};
use crate::tape::UnknownCause;

/// What Terraform itself allows of `range`.
const LONGEST_RANGE: usize = 1024;
/// Longest list that is made of others.
const LONGEST: usize = 200_000;

pub(super) fn call(name: &str, arguments: &[Value], offset: u32) -> Option<Computed> {
    Some(match (name, arguments) {
        ("length", [value]) => length(value),
        ("keys", [value]) => {
            members_of(value).map(|members| texts(members.iter().map(|(name, _)| Rc::clone(name)), offset))
        }
        ("values", [value]) => members_of(value)
            .map(|members| value::list(members.iter().map(|(_, value)| value.clone()).collect())),
        ("merge", maps) => merge(maps),
        ("concat", lists) => concat(lists),
        ("index", [list, wanted]) => index(list, wanted),
        ("contains", [list, wanted]) => contains(list, wanted),
        ("compact", [list]) => compact(list),
        ("distinct", [list]) => distinct(list),
        ("flatten", [list]) => flatten(list),
        ("reverse", [list]) => items_of(list).map(|items| value::list(items.iter().rev().cloned().collect())),
        ("slice", [list, start, end]) => slice(list, start, end),
        ("chunklist", [list, size]) => chunks(list, size, offset),
        ("range", bounds) => range(bounds, offset),
        ("zipmap", [keys, values]) => zip(keys, values),
        ("sort", [list]) => sort(list, offset),
        ("alltrue", [list]) => items_of(list).and_then(|items| {
            let all = operators::all(items.iter().map(truth));
            all.map(Shape::Bool).ok_or_else(|| stop(list))
        }),
        ("anytrue", [list]) => items_of(list).and_then(|items| {
            let none = operators::all(items.iter().map(|item| truth(item).map(|value| !value)));
            none.map(|none| Shape::Bool(!none)).ok_or_else(|| stop(list))
        }),
        ("matchkeys", [values, keys, wanted]) => match_keys(values, keys, wanted),
        ("transpose", [map]) => transpose(map, offset),
        ("list", items) => Ok(value::list(items.to_vec())),
        ("map", pairs) => map(pairs),
        ("sum", [list]) => items_of(list).and_then(|items| {
            let sum =
                items.iter().try_fold(0.0, |sum, item| Ok::<f64, Stop>(sum + number_of(item)?.float()))?;
            operators::Number::of(sum).map(operators::Number::shape).ok_or(Stop::Wrong)
        }),
        _ => return None,
    })
}

/// Calls that give one of the values they are given, with all that it came from.
pub(super) fn pick(name: &str, arguments: &[Value]) -> Option<Result<Value, Stop>> {
    Some(match (name, arguments) {
        ("lookup", [map, key]) => lookup(map, key, None),
        ("lookup", [map, key, default]) => lookup(map, key, Some(default)),
        ("element", [list, position]) => element(list, position),
        ("one", [list]) => one(list),
        ("coalesce", values) => {
            coalesce(values, |value| !matches!(value.shape, Shape::Null) && !is_empty_text(value))
        }
        ("coalescelist", values) => {
            coalesce(values, |value| value.items().is_some_and(|items| !items.is_empty()))
        }
        ("nonsensitive" | "ephemeralasnull", [value]) => Ok(value.clone()),
        _ => return None,
    })
}

fn length(value: &Value) -> Computed {
    Ok(Shape::Int(match &value.shape {
        Shape::List(items) => items.values.len() as i64,
        // What is not known may turn out to be the same.
        Shape::Set(items) if items.sum.doubt.is_none() || items.values.len() < 2 => items.values.len() as i64,
        Shape::Object(members) => members.values.len() as i64,
        Shape::Text(text) => text.chars().count() as i64,
        _ => return Err(stop(value)),
    }))
}

fn merge(maps: &[Value]) -> Computed {
    let mut members = Vec::new();
    for map in maps {
        match &map.shape {
            Shape::Null => {}
            _ => members.extend(members_of(map)?.iter().cloned()),
        }
    }
    Ok(value::object(members))
}

fn map(pairs: &[Value]) -> Computed {
    let mut members = Vec::new();
    for pair in pairs.chunks(2) {
        match pair {
            [key, value] => members.push((text_of(key)?, value.clone())),
            _ => return Err(Stop::Wrong),
        }
    }
    Ok(value::object(members))
}

fn concat(lists: &[Value]) -> Computed {
    let mut items = Vec::new();
    for list in lists {
        items.extend_from_slice(items_of(list)?);
        if items.len() > LONGEST {
            return Err(Stop::Elsewhere);
        }
    }
    Ok(value::list(items))
}

fn lookup(map: &Value, key: &Value, default: Option<&Value>) -> Result<Value, Stop> {
    let key = text_of(key)?;
    members_of(map)?;
    match (map.member(&key), default) {
        (Some(found), _) => Ok(found.clone()),
        (None, Some(default)) => Ok(default.clone()),
        (None, None) => Err(Stop::Wrong),
    }
}

/// The list begins again at its end.
fn element(list: &Value, position: &Value) -> Result<Value, Stop> {
    let items = items_of(list)?;
    let position = whole_of(position)?;
    if items.is_empty() {
        return Err(Stop::Wrong);
    }
    let position = position.rem_euclid(items.len() as i64) as usize;
    items.get(position).cloned().ok_or(Stop::Wrong)
}

fn index(list: &Value, wanted: &Value) -> Computed {
    for (position, item) in items_of(list)?.iter().enumerate() {
        match operators::equal(item, wanted) {
            Some(true) => return Ok(Shape::Int(position as i64)),
            Some(false) => {}
            None => return Err(Stop::NotKnown),
        }
    }
    Err(Stop::Wrong)
}

fn contains(list: &Value, wanted: &Value) -> Computed {
    let none = operators::all(
        items_of(list)?.iter().map(|item| operators::equal(item, wanted).map(|is_equal| !is_equal)),
    );
    none.map(|none| Shape::Bool(!none)).ok_or(Stop::NotKnown)
}

fn is_empty_text(value: &Value) -> bool {
    matches!(&value.shape, Shape::Text(text) if text.is_empty())
}

/// The first value that counts.
fn coalesce(values: &[Value], counts: impl Fn(&Value) -> bool) -> Result<Value, Stop> {
    for value in values {
        match &value.shape {
            Shape::Unknown(_) => return Err(stop(value)),
            _ if counts(value) => return Ok(value.clone()),
            _ => {}
        }
    }
    Err(Stop::Wrong)
}

/// Without empty texts and nulls.
fn compact(list: &Value) -> Computed {
    let items = items_of(list)?;
    if let Some(unknown) = items.iter().find(|item| item.is_unknown()) {
        return Err(stop(unknown));
    }
    let is_there = |item: &&Value| !matches!(item.shape, Shape::Null) && !is_empty_text(item);
    Ok(value::list(items.iter().filter(is_there).cloned().collect()))
}

fn distinct(list: &Value) -> Computed {
    let items = items_of(list)?;
    let mut texts: FxHashMap<Rc<str>, ()> = FxHashMap::default();
    let mut kept: Vec<Value> = Vec::new();
    for item in items {
        if let Shape::Text(text) = &item.shape {
            if texts.insert(Rc::clone(text), ()).is_none() {
                kept.push(item.clone());
            }
            continue;
        }
        if kept.len() > 1000 {
            return Err(Stop::Elsewhere);
        }
        let none =
            operators::all(kept.iter().map(|known| operators::equal(known, item).map(|is_equal| !is_equal)));
        match none {
            Some(true) => kept.push(item.clone()),
            Some(false) => {}
            None => return Err(Stop::NotKnown),
        }
    }
    // A text that is not known may be one of the others.
    if kept.len() > 1 && kept.iter().any(|item| !item.is_known()) {
        return Err(Stop::NotKnown);
    }
    Ok(value::list(kept))
}

fn flatten(list: &Value) -> Computed {
    let mut items = Vec::new();
    flatten_into(items_of(list)?, &mut items)?;
    Ok(value::list(items))
}

fn flatten_into(from: &[Value], items: &mut Vec<Value>) -> Result<(), Stop> {
    for item in from {
        match &item.shape {
            Shape::List(inside) | Shape::Set(inside) => flatten_into(&inside.values, items)?,
            // It may be a list.
            Shape::Unknown(UnknownCause::Invalid) => return Err(Stop::Wrong),
            Shape::Unknown(_) if item.references().is_empty() => return Err(Stop::NotKnown),
            _ => items.push(item.clone()),
        }
        if items.len() > LONGEST {
            return Err(Stop::Elsewhere);
        }
    }
    Ok(())
}

fn slice(list: &Value, start: &Value, end: &Value) -> Computed {
    let bound = |value: &Value| usize::try_from(whole_of(value)?).map_err(|_| Stop::Wrong);
    let (start, end) = (bound(start)?, bound(end)?);
    // Whatever the list is: so many items it has, or Terraform refuses it.
    if list.is_unknown() && stop(list) == Stop::NotKnown && start <= end && end <= LONGEST_RANGE {
        return Ok(value::list(vec![list.clone(); end - start]));
    }
    let found = items_of(list)?.get(start..end).ok_or(Stop::Wrong)?;
    Ok(value::list(found.to_vec()))
}

fn chunks(list: &Value, size: &Value, offset: u32) -> Computed {
    let items = items_of(list)?;
    let size = usize::try_from(whole_of(size)?).map_err(|_| Stop::Wrong)?;
    let size = if size == 0 { items.len().max(1) } else { size };
    Ok(value::list(items.chunks(size).map(|chunk| Value::list(chunk.to_vec(), offset)).collect()))
}

fn range(bounds: &[Value], offset: u32) -> Computed {
    let bounds: Vec<f64> = bounds
        .iter()
        .map(|bound| number_of(bound).map(operators::Number::float))
        .collect::<Result<_, _>>()?;
    let (start, end, step) = match bounds.as_slice() {
        [end] => (0.0, *end, if *end < 0.0 { -1.0 } else { 1.0 }),
        [start, end] => (*start, *end, if end < start { -1.0 } else { 1.0 }),
        [start, end, step] => (*start, *end, *step),
        _ => return Err(Stop::Wrong),
    };
    if step == 0.0 {
        return Err(Stop::Wrong);
    }
    let mut items = Vec::new();
    let mut at = start;
    while (step > 0.0 && at < end) || (step < 0.0 && at > end) {
        if items.len() == LONGEST_RANGE {
            return Err(Stop::Wrong);
        }
        let shape = operators::Number::of(at).map(operators::Number::shape).ok_or(Stop::Wrong)?;
        items.push(Value::new(shape, offset));
        at = start + step * items.len() as f64;
    }
    Ok(value::list(items))
}

fn zip(keys: &Value, values: &Value) -> Computed {
    let (keys, values) = (items_of(keys)?, items_of(values)?);
    if keys.len() != values.len() {
        return Err(Stop::Wrong);
    }
    let members = keys.iter().zip(values).map(|(key, value)| Ok((text_of(key)?, value.clone())));
    Ok(value::object(members.collect::<Result<_, Stop>>()?))
}

fn one(list: &Value) -> Result<Value, Stop> {
    match (&list.shape, items_of(list)?) {
        (_, []) => Ok(Value::new(Shape::Null, list.offset)),
        (_, [only]) => Ok(only.clone()),
        (Shape::Set(items), _) if items.sum.doubt.is_some() => Err(Stop::NotKnown),
        _ => Err(Stop::Wrong),
    }
}

fn sort(list: &Value, offset: u32) -> Computed {
    let mut found = items_of(list)?.iter().map(text_of).collect::<Result<Vec<_>, _>>()?;
    found.sort();
    Ok(texts(found, offset))
}

fn match_keys(values: &Value, keys: &Value, wanted: &Value) -> Computed {
    known(&[keys.clone(), wanted.clone()])?;
    let (values, keys, wanted) = (items_of(values)?, items_of(keys)?, items_of(wanted)?);
    if values.len() != keys.len() {
        return Err(Stop::Wrong);
    }
    let is_wanted = |key: &Value| wanted.iter().any(|one| operators::equal(one, key) == Some(true));
    let found = values.iter().zip(keys).filter(|(_, key)| is_wanted(key)).map(|(value, _)| value.clone());
    Ok(value::list(found.collect()))
}

fn transpose(map: &Value, offset: u32) -> Computed {
    let mut found: Vec<(Rc<str>, Vec<Rc<str>>)> = Vec::new();
    let mut positions: FxHashMap<Rc<str>, usize> = FxHashMap::default();
    for (name, values) in members_of(map)? {
        for value in items_of(values)? {
            let key = text_of(value)?;
            let position = *positions.entry(Rc::clone(&key)).or_insert_with(|| {
                found.push((key, Vec::new()));
                found.len() - 1
            });
            if let Some((_, names)) = found.get_mut(position) {
                names.push(Rc::clone(name));
            }
        }
    }
    let members = found.into_iter().map(|(key, names)| (key, Value::new(texts(names, offset), offset)));
    Ok(value::object(members.collect()))
}
