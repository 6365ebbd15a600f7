use std::sync::Arc;

use text_size::{TextRange, TextSize};

use super::NodeId;

/// The text ranges of a declaration's nodes, relative to the start of the declaration.
///
/// Kept for every declaration and read for few, so small rather than fast: the nodes follow one another closely, so that
/// most take two bytes. Finding one decodes those since the last [`Mark`]. Cheap to clone.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SpanMap {
    /// For each node the distance of its start from the start of the one before, then its length.
    encoded: Arc<[u8]>,
    /// One for every [`MARKED`] nodes after the first: none for most declarations.
    marks: Box<[Mark]>,
}

/// Where to start reading.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Mark {
    /// In the encoded bytes.
    position: u32,
    /// Of the node before.
    start: i64,
}

const MARKED: usize = 64;

const FIRST: Mark = Mark { position: 0, start: 0 };

impl SpanMap {
    /// In order of ids.
    pub fn new(ranges: &[TextRange]) -> SpanMap {
        let mut encoded = Vec::with_capacity(2 * ranges.len());
        let mut marks = Vec::with_capacity(ranges.len() / MARKED);
        let mut before = 0;
        for (number, range) in ranges.iter().enumerate() {
            if number > 0 && number % MARKED == 0 {
                marks.push(Mark { position: encoded.len() as u32, start: before });
            }
            let start = i64::from(u32::from(range.start()));
            let distance = start - before;
            // The sign is the lowest bit, so that small distances in both directions are small numbers.
            push(&mut encoded, ((distance << 1) ^ (distance >> 63)) as u64);
            push(&mut encoded, u64::from(u32::from(range.len())));
            before = start;
        }
        SpanMap { encoded: encoded.into(), marks: marks.into() }
    }

    /// As it is stored in few bytes: see [`SpanMap::of_bytes`].
    pub fn bytes(&self) -> &[u8] {
        &self.encoded
    }

    /// What [`SpanMap::bytes`] gave.
    pub fn of_bytes(encoded: &[u8]) -> SpanMap {
        let mut marks = Vec::new();
        let mut rest = encoded;
        let mut start = 0;
        let mut number = 0;
        while !rest.is_empty() {
            if number > 0 && number % MARKED == 0 {
                marks.push(Mark { position: (encoded.len() - rest.len()) as u32, start });
            }
            let (Some(distance), Some(_)) = (next(&mut rest), next(&mut rest)) else { break };
            start += signed(distance);
            number += 1;
        }
        SpanMap { encoded: encoded.into(), marks: marks.into() }
    }

    /// The range of a node; the whole declaration for an id that is not of this map.
    pub fn range(&self, id: NodeId) -> TextRange {
        let number = id.0 as usize;
        let mark = match (number / MARKED).checked_sub(1) {
            None => Some(FIRST),
            Some(at) => self.marks.get(at).copied(),
        };
        let found = mark.and_then(|mark| self.decode(mark).nth(number % MARKED));
        found.or_else(|| self.ranges().next()).unwrap_or_default()
    }

    /// The smallest node around an offset.
    pub fn node_at(&self, offset: TextSize) -> Option<NodeId> {
        (0u32..)
            .zip(self.ranges())
            .filter(|(_, range)| range.contains_inclusive(offset))
            .min_by_key(|(id, range)| (range.len(), std::cmp::Reverse(*id)))
            .map(|(id, _)| NodeId(id))
    }

    /// The nodes that take up exactly a range, in order of ids.
    pub fn nodes_at(&self, range: TextRange) -> impl Iterator<Item = NodeId> {
        self.nodes().filter(move |(_, one)| *one == range).map(|(id, _)| id)
    }

    /// All nodes with their ranges, in order of ids.
    pub fn nodes(&self) -> impl Iterator<Item = (NodeId, TextRange)> {
        (0u32..).zip(self.ranges()).map(|(id, range)| (NodeId(id), range))
    }

    /// All of them, in order of ids.
    fn ranges(&self) -> impl Iterator<Item = TextRange> {
        self.decode(FIRST)
    }

    fn decode(&self, from: Mark) -> impl Iterator<Item = TextRange> {
        let mut rest = self.encoded.get(from.position as usize..).unwrap_or_default();
        let mut start = from.start;
        std::iter::from_fn(move || {
            let distance = next(&mut rest)?;
            start += signed(distance);
            let length = u32::try_from(next(&mut rest)?).ok()?;
            Some(TextRange::at(TextSize::new(u32::try_from(start).ok()?), TextSize::new(length)))
        })
    }
}

/// The lowest bit is the sign.
fn signed(number: u64) -> i64 {
    (number >> 1) as i64 ^ -((number & 1) as i64)
}

/// Seven bits a byte, the lowest first; the highest bit says that more follow.
fn push(encoded: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        encoded.push(number as u8 | 0x80);
        number >>= 7;
    }
    encoded.push(number as u8);
}

fn next(rest: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let (byte, more) = rest.split_first()?;
        *rest = more;
        number |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_come_back_as_they_went_in() {
        let at = |start: u32, length: u32| TextRange::at(TextSize::new(start), TextSize::new(length));
        let mut ranges: Vec<TextRange> = (0..1_000).map(|number| at(number * 7, number % 300)).collect();
        ranges.extend([at(0, 16 << 20), at((16 << 20) - 1, 1), at(5, 0), at(u32::MAX - 1, 1)]);
        let spans = SpanMap::new(&ranges);
        for (id, range) in (0..).zip(&ranges) {
            assert_eq!(spans.range(NodeId(id)), *range, "{id}");
        }
        assert_eq!(spans.range(NodeId(9_999)), ranges[0], "no node of it: the declaration");
        assert_eq!(spans.node_at(TextSize::new((16 << 20) - 1)), Some(NodeId(1_001)));
        assert_eq!(SpanMap::of_bytes(spans.bytes()), spans);
        assert_eq!(SpanMap::new(&[]).range(NodeId(0)), TextRange::default());
    }
}
