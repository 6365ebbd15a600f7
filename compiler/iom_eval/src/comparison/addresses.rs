//! Networks that have addresses in common.

use super::{Conflict, ConflictSort, Holder};
use crate::evaluate::Evaluator;
use crate::facts::{Estate, LAYERS};
use crate::program::KindId;
use crate::scalar::ScalarValue;
use crate::value::{ElementId, Value};

const SPACE: &str = "std.net.AddressSpace";
const ADDRESSES: &str = "addresses";

/// Addresses of one thing without a gap, both ends inclusive; those of IPv6 are apart.
struct Range {
    is_v6: bool,
    low: u128,
    high: u128,
    /// In the first estate or in the second one.
    side: usize,
    id: ElementId,
    /// As the thing has it: `10.0.0.0/16`.
    text: String,
}

pub(super) fn common(a: &Estate, b: &Estate) -> Vec<Conflict> {
    let layer = |estate: &Estate| estate.layers().first().copied().unwrap_or(LAYERS[0]);
    let mut evaluators = [Evaluator::new(a, layer(a)), Evaluator::new(b, layer(b))];
    let mut ranges = Vec::new();
    for (side, evaluator) in evaluators.iter_mut().enumerate() {
        collect(evaluator, side, &mut ranges);
    }
    let groups = overlapping(ranges);
    groups.into_iter().map(|group| conflict(&mut evaluators, group)).collect()
}

/// The addresses of all networks of an estate; of several layers each network once.
fn collect(evaluator: &mut Evaluator<'_>, side: usize, ranges: &mut Vec<Range>) {
    let estate = evaluator.estate;
    let Some(name) = estate.symbol(ADDRESSES) else { return };
    for position in 0..estate.program.kinds.len() {
        let kind = estate.program.kind(KindId(position as u32));
        let definition = estate.program.model.kinds.get(&kind.name);
        let is_space = definition.is_some_and(|kind| kind.traits.iter().any(|name| name == SPACE));
        let (true, Some(field)) = (is_space, kind.field_position(name)) else { continue };
        for shard in LAYERS.iter().filter_map(|layer| estate.shard(KindId(position as u32), *layer)) {
            for id in shard.range().map(ElementId) {
                evaluator.layer = shard.layer;
                evaluator.refuel();
                if evaluator.canonical(id) == id {
                    let value = evaluator.field(id, field);
                    put(evaluator, side, id, &value, ranges);
                }
            }
        }
    }
}

fn put(evaluator: &mut Evaluator<'_>, side: usize, id: ElementId, value: &Value, ranges: &mut Vec<Range>) {
    let Value::List(list) = value else { return };
    for item in &list.items {
        let Value::Scalar(scalar) = evaluator.estate.force(item.clone()) else { continue };
        let ScalarValue::Cidr(set) = &*scalar else { continue };
        ranges.extend(set.ranges().map(|(is_v6, low, high)| Range {
            is_v6,
            low,
            high,
            side,
            id,
            text: scalar.text(),
        }));
    }
}

/// The ranges that overlap one of the other estate, in groups that have no address in common: two passes over what is sorted.
fn overlapping(mut ranges: Vec<Range>) -> Vec<Vec<Range>> {
    ranges.sort_by_key(|range| (range.is_v6, range.low, range.high, range.side, range.id));
    let mut is_common = vec![false; ranges.len()];
    // Whatever begins before a range and ends in or after it overlaps it.
    let mut furthest: [Option<(bool, u128)>; 2] = [None, None];
    for (at, range) in ranges.iter().enumerate() {
        let reaches = |end: &(bool, u128)| end.0 == range.is_v6 && end.1 >= range.low;
        is_common[at] = furthest[1 - range.side].as_ref().is_some_and(reaches);
        let end = &mut furthest[range.side];
        *end = (*end).max(Some((range.is_v6, range.high)));
    }
    // So does what begins in it.
    let mut next: [Option<(bool, u128)>; 2] = [None, None];
    for (at, range) in ranges.iter().enumerate().rev() {
        let begins = |low: &(bool, u128)| low.0 == range.is_v6 && low.1 <= range.high;
        is_common[at] |= next[1 - range.side].as_ref().is_some_and(begins);
        next[range.side] = Some((range.is_v6, range.low));
    }
    let mut groups: Vec<Vec<Range>> = Vec::new();
    let mut end = None;
    for range in ranges.into_iter().zip(is_common).filter_map(|(range, common)| common.then_some(range)) {
        let here = Some((range.is_v6, range.high));
        match groups.last_mut() {
            Some(group) if end >= Some((range.is_v6, range.low)) => group.push(range),
            _ => groups.push(vec![range]),
        }
        end = end.max(here);
    }
    groups
}

fn conflict(evaluators: &mut [Evaluator<'_>; 2], group: Vec<Range>) -> Conflict {
    let widest = group.iter().max_by_key(|range| (range.high - range.low, std::cmp::Reverse(range.low)));
    let subject = widest.map_or_else(String::new, |range| range.text.clone());
    let mut conflict = Conflict::new(ConflictSort::Addresses, subject, None);
    for range in group {
        let mut holder = Holder::of(&mut evaluators[range.side], range.id);
        holder.value = Some(range.text);
        if range.side == 0 { conflict.a.push(holder) } else { conflict.b.push(holder) }
    }
    conflict
}

#[cfg(test)]
mod tests {
    use iom_model::scalar::CidrSet;

    use super::*;

    fn ranges(side: usize, texts: &[&str]) -> Vec<Range> {
        let mut ranges = Vec::new();
        for (number, text) in texts.iter().enumerate() {
            for (is_v6, low, high) in CidrSet::parse(text).unwrap_or_default().ranges() {
                let id = ElementId(number as u32);
                ranges.push(Range { is_v6, low, high, side, id, text: (*text).to_owned() });
            }
        }
        ranges
    }

    fn groups(a: &[&str], b: &[&str]) -> Vec<String> {
        let mut all = ranges(0, a);
        all.extend(ranges(1, b));
        let of = |group: Vec<Range>| {
            let one = |range: &Range| format!("{}{}", ["a", "b"][range.side], range.text);
            group.iter().map(one).collect::<Vec<_>>().join(" ")
        };
        overlapping(all).into_iter().map(of).collect()
    }

    #[test]
    fn what_is_inside_overlaps_what_it_is_in() {
        assert_eq!(
            groups(&["10.0.0.0/8"], &["10.1.0.0/16", "10.2.0.0/16"]),
            ["a10.0.0.0/8 b10.1.0.0/16 b10.2.0.0/16"]
        );
        assert_eq!(groups(&["10.1.0.0/16"], &["10.0.0.0/8"]), ["b10.0.0.0/8 a10.1.0.0/16"]);
    }

    #[test]
    fn neighbours_and_ones_own_do_not() {
        assert_eq!(groups(&["10.0.0.0/16"], &["10.1.0.0/16"]), [""; 0]);
        assert_eq!(groups(&["10.0.0.0/8", "10.1.0.0/16"], &["11.0.0.0/8"]), [""; 0]);
        assert_eq!(groups(&["10.0.0.0/8", "10.1.0.0/24"], &["10.2.0.0/16"]), ["a10.0.0.0/8 b10.2.0.0/16"]);
    }

    #[test]
    fn groups_are_apart() {
        assert_eq!(
            groups(&["10.0.0.0/16", "fd00::/8"], &["10.0.1.0/24", "fd00:1::/32", "192.168.0.0/24"]),
            ["a10.0.0.0/16 b10.0.1.0/24", "afd00::/8 bfd00:1::/32"]
        );
        assert_eq!(groups(&["10.0.0.0/16"], &["10.0.0.0/16"]), ["a10.0.0.0/16 b10.0.0.0/16"]);
    }

    /// Held against comparing everything with everything.
    #[test]
    fn every_pair_is_found_and_no_other() {
        let mut seed = 7_u32;
        let mut next = move || {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            seed >> 8
        };
        for _ in 0..200 {
            let mut make = |count: usize| -> Vec<String> {
                (0..count).map(|_| format!("10.{}.0.0/{}", next() % 32, 11 + next() % 8)).collect()
            };
            let (a, b) = (make(8), make(8));
            let texts = |all: &[String]| all.iter().map(String::as_str).collect::<Vec<_>>().join(" ");
            let (a_refs, b_refs): (Vec<&str>, Vec<&str>) =
                (a.iter().map(String::as_str).collect(), b.iter().map(String::as_str).collect());
            let set = |text: &String| CidrSet::parse(text).unwrap_or_default();
            let overlaps =
                |one: &String, others: &[String]| others.iter().any(|other| set(one).overlaps(&set(other)));
            let expected = a.iter().filter(|one| overlaps(one, &b)).count()
                + b.iter().filter(|one| overlaps(one, &a)).count();
            let found: usize = groups(&a_refs, &b_refs).iter().map(|group| group.split(' ').count()).sum();
            assert_eq!(found, expected, "{} against {}", texts(&a), texts(&b));
        }
    }
}
