//! Reads what `data` declarations name: reference data that another system owns.

use std::sync::Arc;

use iom_model::DataSource;
use iom_state::tape::Strings;

use crate::scalar;
use crate::value::{ListValue, MapValue, Value};

/// The value of a declaration's file; its type is checked when it is first read. The error says in plain words what is
/// wrong with the file.
///
/// # Errors
/// Where the file is no such format, or has nothing at the path asked for.
pub fn read(source: &DataSource, text: &str, strings: &mut Strings) -> Result<Value, String> {
    let value = match source.format.as_str() {
        "json" => {
            let parsed = serde_json::from_str(text).map_err(|error| format!("no JSON: {error}"))?;
            at_path(parsed, source)?
        }
        "csv" => csv(text, source.key.as_deref())?,
        other => return Err(format!("data is read from json and csv, not from {other}")),
    };
    Ok(intern(&value, strings))
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
