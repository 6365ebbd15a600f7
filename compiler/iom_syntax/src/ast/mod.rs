//! Owned syntax without positions.
//!
//! The rowan tree is the truth; this is what the front end computes with. Every node carries a [`NodeId`], numbered in
//! source order inside its declaration, and the place of a node is looked up in the declaration's [`SpanMap`]. So a
//! comment or a blank line changes the tree and the span map but not these values, and nothing that was computed from
//! them has to run again.
//!
//! Faulty input lowers too: what could not be read is [`ExprKind::Missing`] or [`TypeKind::Missing`], and consumers stay
//! silent about it, because the parser has already said what is wrong.

mod clause;
mod declaration;
mod expression;
mod types;

pub use clause::*;
pub use declaration::*;
pub use expression::*;
pub use types::*;

use smol_str::SmolStr;
use text_size::TextRange;

/// A node of one declaration. Id 0 is the declaration itself.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct NodeId(pub u32);

impl NodeId {
    pub const DECLARATION: NodeId = NodeId(0);
}

/// The text ranges of a declaration's nodes, relative to the start of the declaration.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SpanMap {
    ranges: Vec<TextRange>,
}

impl SpanMap {
    pub fn push(&mut self, range: TextRange) -> NodeId {
        let id = NodeId(self.ranges.len() as u32);
        self.ranges.push(range);
        id
    }

    /// The range of a node; the whole declaration for an id that is not of this map.
    pub fn range(&self, id: NodeId) -> TextRange {
        self.ranges.get(id.0 as usize).or(self.ranges.first()).copied().unwrap_or_default()
    }

    /// The smallest node around an offset.
    pub fn node_at(&self, offset: text_size::TextSize) -> Option<NodeId> {
        (0u32..)
            .zip(&self.ranges)
            .filter(|(_, range)| range.contains_inclusive(offset))
            .min_by_key(|(id, range)| (range.len(), std::cmp::Reverse(*id)))
            .map(|(id, _)| NodeId(id))
    }
}

/// A name as written. Field names, keys and path segments may be strings (`soc2."CC6.1"`).
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Name {
    pub id: NodeId,
    /// Unescaped, without quotes. Empty where it is missing.
    pub text: SmolStr,
    pub quoted: bool,
}

/// `a.b."c"`: never empty.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Path {
    pub id: NodeId,
    pub segments: Vec<Name>,
}

impl Path {
    pub fn last(&self) -> &Name {
        &self.segments[self.segments.len() - 1]
    }
}

/// The path as written, quoted segments in quotes.
impl std::fmt::Display for Path {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (position, segment) in self.segments.iter().enumerate() {
            let dot = if position == 0 { "" } else { "." };
            let quote = if segment.quoted { "\"" } else { "" };
            write!(f, "{dot}{quote}{}{quote}", segment.text)?;
        }
        Ok(())
    }
}
