//! The functions of Terraform that configuration under test uses to write plain values.

use serde_json::Value as Json;

use super::evaluate::set;
use super::tree::{Shape, Tree};
use crate::tape::UnknownCause;

/// The value of a call; `None` where the function, or what it is given, is not evaluated here.
pub(super) fn call(name: &str, arguments: &[Tree], offset: u32) -> Option<Tree> {
    let shape = match (name, arguments) {
        ("jsonencode", [value]) => Shape::Text(json(value)?.to_string()),
        ("toset", [value]) => Shape::List(distinct(list(value)?)),
        ("tolist" | "tomap" | "nonsensitive", [value]) => value.shape.clone(),
        ("tostring", [value]) => Shape::Text(value.text()?),
        ("tonumber", [value]) => Shape::Int(value.text()?.parse().ok()?),
        ("tobool", [value]) => Shape::Bool(value.text()?.parse().ok()?),
        ("sensitive", [_]) => Shape::Unknown(UnknownCause::Sensitive),
        ("lower", [value]) => Shape::Text(value.text()?.to_lowercase()),
        ("upper", [value]) => Shape::Text(value.text()?.to_uppercase()),
        ("trimspace", [value]) => Shape::Text(value.text()?.trim().to_owned()),
        ("join", [separator, items]) => {
            let items: Option<Vec<String>> = list(items)?.iter().map(Tree::text).collect();
            Shape::Text(items?.join(&separator.text()?))
        }
        ("length", [value]) => Shape::Int(match &value.shape {
            Shape::List(items) => items.len() as i64,
            Shape::Object(members) => members.len() as i64,
            Shape::Text(text) => text.chars().count() as i64,
            _ => return None,
        }),
        ("concat", lists) => {
            let lists: Option<Vec<&[Tree]>> = lists.iter().map(list).collect();
            Shape::List(lists?.concat())
        }
        ("keys", [value]) => {
            let mut names: Vec<&String> = object(value)?.iter().map(|(name, _)| name).collect();
            names.sort();
            let names = names.into_iter();
            Shape::List(names.map(|name| Tree::new(Shape::Text(name.clone()), offset)).collect())
        }
        ("values", [value]) => {
            let mut members: Vec<&(String, Tree)> = object(value)?.iter().collect();
            members.sort_by_key(|(name, _)| name);
            Shape::List(members.into_iter().map(|(_, value)| value.clone()).collect())
        }
        ("merge", objects) => {
            let mut members = Vec::new();
            for one in objects {
                object(one)?.iter().for_each(|(name, value)| set(&mut members, name, value.clone()));
            }
            Shape::Object(members)
        }
        ("lookup", [map, key, default]) => {
            let key = key.text()?;
            let found = object(map)?.iter().find(|(name, _)| *name == key);
            found.map_or(default, |(_, value)| value).shape.clone()
        }
        _ => return None,
    };
    Some(Tree::new(shape, offset))
}

fn list(value: &Tree) -> Option<&[Tree]> {
    match &value.shape {
        Shape::List(items) => Some(items),
        _ => None,
    }
}

fn object(value: &Tree) -> Option<&[(String, Tree)]> {
    match &value.shape {
        Shape::Object(members) => Some(members),
        _ => None,
    }
}

/// Texts in order, each once; other items as they are.
fn distinct(items: &[Tree]) -> Vec<Tree> {
    let mut items = items.to_vec();
    if items.iter().all(|item| item.text().is_some()) {
        items.sort_by_key(Tree::text);
        items.dedup_by_key(|item| item.text());
    }
    items
}

fn json(value: &Tree) -> Option<Json> {
    Some(match &value.shape {
        Shape::Null => Json::Null,
        Shape::Bool(value) => Json::Bool(*value),
        Shape::Int(value) => Json::from(*value),
        Shape::Number(text) => serde_json::from_str(text).ok()?,
        Shape::Text(text) => Json::String(text.clone()),
        Shape::List(items) => Json::Array(items.iter().map(json).collect::<Option<_>>()?),
        Shape::Object(members) => Json::Object(
            members.iter().map(|(name, value)| Some((name.clone(), json(value)?))).collect::<Option<_>>()?,
        ),
        Shape::Unknown(_) => return None,
    })
}
