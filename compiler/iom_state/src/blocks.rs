//! Which block of a configuration an element of a list comes from. Terraform writes the blocks in the order of the
//! configuration, but the elements of a set in an order of its own, and a plan does not tell sets from lists.

use rustc_hash::FxHashMap;

use crate::overlay::Expressions;
use crate::reader::Reader;
use crate::tape::{NodeIndex, NodeValue, Strings};

/// From this many blocks on the order is taken as written: comparing takes the square of the number.
const MANY: usize = 64;

/// The block of every element: by position where no constant argument contradicts, else by constants where they leave
/// one way. `None` where the configuration has another number of blocks than the value has elements (a `dynamic` block),
/// or where more than one way is left.
pub(crate) fn align(
    text: &str,
    list_offset: u32,
    blocks: NodeIndex,
    expressions: &Expressions,
    strings: &Strings,
) -> Option<Vec<NodeIndex>> {
    let blocks: Vec<NodeIndex> = expressions.tape.elements(blocks).collect();
    let elements = elements(text, list_offset as usize)?;
    if elements.len() != blocks.len() {
        return None;
    }
    if blocks.len() < 2 || blocks.len() > MANY {
        return Some(blocks);
    }
    let constants: Vec<Vec<(&str, &str)>> =
        blocks.iter().map(|block| constants(text, *block, expressions, strings)).collect();
    let fits = |element: &Members, block: usize| {
        constants.get(block).into_iter().flatten().all(|(name, constant)| {
            element.get(*name).is_none_or(|value| unquoted(value) == unquoted(constant))
        })
    };
    if elements.iter().enumerate().all(|(position, element)| fits(element, position)) {
        return Some(blocks);
    }
    let candidates: Vec<Vec<usize>> = elements
        .iter()
        .map(|element| (0..blocks.len()).filter(|block| fits(element, *block)).collect())
        .collect();
    only_assignment(candidates)?.into_iter().map(|block| blocks.get(block).copied()).collect()
}

/// Members of an object, by name, as written.
type Members<'t> = FxHashMap<String, &'t str>;

/// The elements of a list of objects; `None` for anything else.
fn elements(text: &str, start: usize) -> Option<Vec<Members<'_>>> {
    let mut reader = Reader::at(text, start);
    let mut elements = Vec::new();
    let mut has_element = reader.first_element().ok()?;
    while has_element {
        elements.push(members(text, &mut reader)?);
        has_element = reader.next_element().ok()?;
    }
    Some(elements)
}

fn members<'t>(text: &'t str, reader: &mut Reader) -> Option<Members<'t>> {
    let mut members = FxHashMap::default();
    let mut next = reader.first_member(str::to_owned).ok()?;
    while let Some(name) = next {
        let start = reader.skip_from().ok()?;
        members.insert(name, text.get(start..reader.offset())?);
        next = reader.next_member(str::to_owned).ok()?;
    }
    Some(members)
}

/// The arguments of a block that are constant scalars, as written.
fn constants<'t>(
    text: &'t str,
    block: NodeIndex,
    expressions: &Expressions,
    strings: &'t Strings,
) -> Vec<(&'t str, &'t str)> {
    let scalar = |entry: NodeIndex| {
        let constant = expressions.tape.member(entry, expressions.constant_value)?;
        let start = expressions.tape.node(constant).offset as usize;
        let mut reader = Reader::at(text, start);
        reader.skip().ok()?;
        text.get(start..reader.offset()).filter(|written| !written.starts_with(['[', '{']))
    };
    let is_object = |node| matches!(expressions.tape.node(node).value, NodeValue::Object { .. });
    expressions
        .tape
        .members(block)
        .filter(|(_, entry)| is_object(*entry))
        .filter_map(|(name, entry)| Some((strings.resolve(&name), scalar(entry)?)))
        .collect()
}

/// Terraform converts `"443"` to `443` and back by the type of the argument.
fn unquoted(written: &str) -> &str {
    written.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(written)
}

/// The only way to give every element a block of its own, found by settling those first that have one candidate left.
fn only_assignment(mut candidates: Vec<Vec<usize>>) -> Option<Vec<usize>> {
    let mut assigned = vec![None; candidates.len()];
    for _ in 0..candidates.len() {
        let settled =
            candidates.iter().zip(&assigned).position(|(left, done)| done.is_none() && left.len() == 1)?;
        let block = *candidates.get(settled)?.first()?;
        *assigned.get_mut(settled)? = Some(block);
        for (_, left) in candidates.iter_mut().enumerate().filter(|(element, _)| *element != settled) {
            left.retain(|candidate| *candidate != block);
        }
    }
    assigned.into_iter().collect()
}
