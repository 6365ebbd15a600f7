//! Sets: what is not known may be in any of them.

use super::super::operators::equal;
use super::super::value::{self, Shape, Value};
use super::{Computed, Stop, items_of, known};

/// Largest set that is made by combining others.
const MOST: usize = 100_000;

pub(super) fn call(name: &str, arguments: &[Value]) -> Option<Computed> {
    Some(match (name, arguments) {
        ("setunion", [first, rest @ ..]) => union(first, rest),
        ("setintersection", [first, rest @ ..]) => {
            known(arguments).and_then(|()| kept(first, |item| rest.iter().all(|set| has(set, item))))
        }
        ("setsubtract", [first, rest]) => {
            known(arguments).and_then(|()| kept(first, |item| !has(rest, item)))
        }
        ("setproduct", sets) => product(sets),
        _ => return None,
    })
}

fn union(first: &Value, rest: &[Value]) -> Computed {
    let mut items = items_of(first)?.to_vec();
    for set in rest {
        items.extend_from_slice(items_of(set)?);
    }
    Ok(value::set(items))
}

fn has(set: &Value, item: &Value) -> bool {
    set.items().unwrap_or_default().iter().any(|known| equal(known, item) == Some(true))
}

fn kept(set: &Value, is_kept: impl Fn(&Value) -> bool) -> Computed {
    let items = items_of(set)?;
    if items.len() > 5000 {
        return Err(Stop::Elsewhere);
    }
    Ok(value::set(items.iter().filter(|item| is_kept(item)).cloned().collect()))
}

fn product(sets: &[Value]) -> Computed {
    let Some(first) = sets.first() else { return Err(Stop::Wrong) };
    let offset = first.offset;
    let mut rows: Vec<Vec<Value>> = vec![Vec::new()];
    for set in sets {
        let items = items_of(set)?;
        if rows.len().saturating_mul(items.len()) > MOST {
            return Err(Stop::Elsewhere);
        }
        rows = rows
            .iter()
            .flat_map(|row| items.iter().map(|item| [row.as_slice(), std::slice::from_ref(item)].concat()))
            .collect();
    }
    let is_list = sets.iter().any(|set| matches!(set.shape, Shape::List(_)));
    let rows: Vec<Value> = rows.into_iter().map(|row| Value::list(row, offset)).collect();
    Ok(if is_list { value::list(rows) } else { value::set(rows) })
}
