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
mod spans;
mod types;

pub use clause::*;
pub use declaration::*;
pub use expression::*;
pub use spans::*;
pub use types::*;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// A node of one declaration. Id 0 is the declaration itself.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct NodeId(pub u32);

impl NodeId {
    pub const DECLARATION: NodeId = NodeId(0);
}

/// A name as written. Field names, keys and path segments may be strings (`soc2."CC6.1"`).
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Name {
    pub id: NodeId,
    /// Unescaped, without quotes. Empty where it is missing.
    pub text: SmolStr,
    pub quoted: bool,
}

/// `a.b."c"`: never empty.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Path {
    pub id: NodeId,
    pub segments: Box<[Name]>,
}

impl Path {
    pub fn last(&self) -> &Name {
        &self.segments[self.segments.len() - 1]
    }
}

impl Expr {
    /// The path that an expression is, if it is nothing else: `a.b."c"`.
    pub fn path(&self) -> Option<Path> {
        let mut segments = Vec::new();
        let mut current = self;
        loop {
            match &current.kind {
                ExprKind::Name(name) => {
                    segments.push(Name { id: current.id, text: name.clone(), quoted: false });
                    segments.reverse();
                    return Some(Path { id: self.id, segments: segments.into() });
                }
                ExprKind::Field { base, name, optional: false } => {
                    segments.push((**name).clone());
                    current = base;
                }
                _ => return None,
            }
        }
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

#[cfg(test)]
mod tests {
    use std::mem::size_of;

    use super::*;

    /// Much of a checked workspace's memory is these.
    #[test]
    fn nodes_are_small() {
        let sizes = [
            ("Name", size_of::<Name>(), 32),
            ("Expr", size_of::<Expr>(), 48),
            ("TypeExpr", size_of::<TypeExpr>(), 40),
            ("Field", size_of::<Field>(), 120),
            ("TypeField", size_of::<TypeField>(), 144),
            ("Declaration", size_of::<Declaration>(), 176),
        ];
        let found: Vec<_> = sizes.iter().filter(|(_, size, most)| size > most).collect();
        assert!(found.is_empty(), "{found:?} of {sizes:?}");
    }
}
