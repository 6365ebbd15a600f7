//! Reads what `data` declarations name: reference data that another system owns.

use std::sync::Arc;

use iom_model::{DataSource, Model, Scalar, Type};
use iom_state::tape::Strings;

use crate::scalar;
use crate::value::{ListValue, MapValue, Value};

/// Deeper than reference data is ever nested.
const DEEPEST: usize = 64;

/// The value of a declaration's file: lists, objects and single values stand where the type says so. How single values
/// are spelt is checked when they are first read. The error says in plain words what is wrong with the file.
///
/// # Errors
/// Where the file is no such format, has nothing at the path asked for, or something of another shape.
pub fn read(source: &DataSource, model: &Model, text: &str, strings: &mut Strings) -> Result<Value, String> {
    let value = match source.format.as_str() {
        "json" => {
            let parsed = serde_json::from_str(text).map_err(|error| format!("no JSON: {error}"))?;
            at_path(parsed, source)?
        }
        "csv" => csv(text, source.key.as_deref())?,
        other => return Err(format!("data is read from json and csv, not from {other}")),
    };
    let start = source.at.iter().map(|step| format!(".{step}")).collect();
    has_shape(&value, &source.ty, model, start, DEEPEST)?;
    Ok(intern(&value, strings))
}

/// `place`: the path to the value in the file, `.config.owners[0]`.
fn has_shape(
    value: &serde_json::Value,
    ty: &Type,
    model: &Model,
    place: String,
    depth: usize,
) -> Result<(), String> {
    use serde_json::Value as Json;
    let Some(depth) = depth.checked_sub(1) else { return Err(format!("{place} is nested too deeply")) };
    let shown = if place.is_empty() { "the whole" } else { place.as_str() };
    let wrong = |expected: &str| {
        let found = match value {
            Json::Null => "nothing",
            Json::Bool(_) => "true or false",
            Json::Number(_) => "a number",
            Json::String(_) => "text",
            Json::Array(_) => "a list",
            Json::Object(_) => "an object",
        };
        Err(format!("{shown} should be {expected}, and is {found}"))
    };
    match (ty, value) {
        (Type::Json | Type::Error | Type::Union(_), _) | (Type::Optional(_), Json::Null) => Ok(()),
        (Type::Optional(inner) | Type::Refined(inner, _) | Type::Secret(inner), _) => {
            has_shape(value, inner, model, place, depth)
        }
        (Type::Named(name), _) => match model.types.get(name) {
            Some(definition) => has_shape(value, &definition.ty, model, place, depth),
            None => Ok(()),
        },
        (Type::List(item) | Type::Set(item), Json::Array(items)) => items
            .iter()
            .enumerate()
            .try_for_each(|(index, one)| has_shape(one, item, model, format!("{place}[{index}]"), depth)),
        (Type::List(_) | Type::Set(_), _) => wrong("a list"),
        (Type::Map(_, item), Json::Object(members)) => members
            .iter()
            .try_for_each(|(name, one)| has_shape(one, item, model, format!("{place}.{name}"), depth)),
        (Type::Record(record), Json::Object(members)) => {
            record.fields.iter().try_for_each(|field| match members.get(field.name.as_str()) {
                Some(one) => has_shape(one, &field.ty, model, format!("{place}.{}", field.name), depth),
                None if field.ty.is_optional() || field.default.is_some() || field.derive.is_some() => Ok(()),
                None => Err(format!("{shown} has no `{}`", field.name)),
            })
        }
        (Type::Map(..) | Type::Record(_), _) => wrong("an object"),
        (Type::Scalar(Scalar::Ports), Json::Array(_)) => Ok(()),
        (Type::Scalar(_) | Type::Enum(_), Json::Array(_) | Json::Object(_) | Json::Null) => {
            wrong("one value")
        }
        _ => Ok(()),
    }
}

fn at_path(mut value: serde_json::Value, source: &DataSource) -> Result<serde_json::Value, String> {
    for step in &source.at {
        value = match value {
            serde_json::Value::Object(mut object) => {
                object.remove(step.as_str()).ok_or_else(|| format!("nothing is called {step} there"))?
            }
            _ => return Err(format!("nothing can be called {step} there: it is no object")),
        };
    }
    Ok(value)
}

/// A table by its header: a list of rows, or a map of them by a column.
fn csv(text: &str, key: Option<&str>) -> Result<serde_json::Value, String> {
    let mut rows = rows(text)?.into_iter();
    let Some(header) = rows.next() else { return Err("the table has no header".to_owned()) };
    let position = match key {
        Some(key) => Some(
            header.iter().position(|name| name == key).ok_or_else(|| format!("no column is called {key}"))?,
        ),
        None => None,
    };
    let mut list = Vec::new();
    let mut map = serde_json::Map::new();
    for (number, row) in rows.enumerate() {
        if row.len() != header.len() {
            return Err(format!(
                "row {} has {} cells, the header has {}",
                number + 2,
                row.len(),
                header.len()
            ));
        }
        let name = position.map(|position| row[position].clone());
        let cells = header.iter().cloned().zip(row.into_iter().map(serde_json::Value::String)).collect();
        let record = serde_json::Value::Object(cells);
        match name {
            Some(name) if map.contains_key(&name) => return Err(format!("{name} occurs twice")),
            Some(name) => drop(map.insert(name, record)),
            None => list.push(record),
        }
    }
    Ok(if position.is_some() { serde_json::Value::Object(map) } else { serde_json::Value::Array(list) })
}

/// RFC 4180: cells may be quoted, quotes inside are doubled.
fn rows(text: &str) -> Result<Vec<Vec<String>>, String> {
    let mut rows = Vec::new();
    let mut row = Vec::new();
    let mut cell = String::new();
    let mut is_quoted = false;
    let mut characters = text.trim_start_matches('\u{feff}').chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' if is_quoted && characters.peek() == Some(&'"') => {
                characters.next();
                cell.push('"');
            }
            '"' if is_quoted || cell.is_empty() => is_quoted = !is_quoted,
            ',' if !is_quoted => row.push(std::mem::take(&mut cell)),
            '\r' if !is_quoted && characters.peek() == Some(&'\n') => {}
            '\n' if !is_quoted => {
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            other => cell.push(other),
        }
    }
    if is_quoted {
        return Err("a quote is never closed".to_owned());
    }
    if !cell.is_empty() || !row.is_empty() {
        row.push(cell);
        rows.push(row);
    }
    rows.retain(|row| row.iter().any(|cell| !cell.is_empty()));
    Ok(rows)
}

fn intern(value: &serde_json::Value, strings: &mut Strings) -> Value {
    use serde_json::Value as Json;
    match value {
        Json::Null => Value::Absent,
        Json::Bool(value) => Value::Bool(*value),
        Json::Number(number) => scalar::decimal(&number.to_string()).unwrap_or(Value::Absent),
        Json::String(text) => Value::Text(strings.get_or_intern(text)),
        Json::Array(items) => {
            let items = items.iter().map(|item| intern(item, strings)).collect();
            Value::List(Arc::new(ListValue::complete(items)))
        }
        Json::Object(members) => {
            let mut members: Vec<(&String, &Json)> = members.iter().collect();
            members.sort_by_key(|(name, _)| *name);
            let entries = members.into_iter();
            let entries = entries
                .map(|(name, value)| (Value::Text(strings.get_or_intern(name)), intern(value, strings)));
            Value::Map(Arc::new(MapValue::new(entries.collect(), None)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_another_shape_is_refused_with_its_place() {
        let list = |ty: Type| Type::List(Arc::new(ty));
        let said = |ty: &Type, text: &str| {
            let value = serde_json::from_str(text).unwrap();
            has_shape(&value, ty, &Model::default(), ".a".to_owned(), DEEPEST).err().unwrap_or_default()
        };
        assert_eq!(said(&list(Type::STRING), "[\"x\"]"), "");
        assert_eq!(said(&list(Type::STRING), "\"x\""), ".a should be a list, and is text");
        assert_eq!(said(&list(list(Type::INT)), "[[1], 2]"), ".a[1] should be a list, and is a number");
        assert_eq!(said(&Type::STRING, "null"), ".a should be one value, and is nothing");
        assert_eq!(said(&Type::STRING.optional(), "null"), "");
        let map = Type::Map(Arc::new(Type::STRING), Arc::new(Type::BOOL));
        assert_eq!(said(&map, "{\"x\": {}}"), ".a.x should be one value, and is an object");
    }

    #[test]
    fn tables_are_read_by_their_header() {
        let table = "id,team\n1,\"a \"\"b\"\", c\"\r\n2,d\n\n";
        let by_id = csv(table, Some("id")).unwrap();
        assert_eq!(by_id["1"]["team"], "a \"b\", c");
        assert_eq!(by_id["2"]["id"], "2");
        assert_eq!(csv(table, None).unwrap().as_array().unwrap().len(), 2);
        assert_eq!(csv(table, Some("x")).unwrap_err(), "no column is called x");
        assert_eq!(csv("a,b\n1\n", None).unwrap_err(), "row 2 has 1 cells, the header has 2");
        assert_eq!(csv("a\n\"b", None).unwrap_err(), "a quote is never closed");
    }
}
