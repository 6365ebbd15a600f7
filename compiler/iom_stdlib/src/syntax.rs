//! The library's declarations as they are when they are lowered, made when this crate is built from the very texts that it
//! embeds.

use crate::LibraryFile;

/// A declaration at the top of a file; tests and those without a name are some, too.
#[derive(Debug)]
pub struct StoredDeclaration {
    pub keyword: &'static str,
    /// Empty where it has none.
    pub name: &'static str,
    /// Where it starts in the file, with its doc comments.
    pub offset: u32,
    /// Where it ends in the file.
    end: u32,
    syntax: (u32, u32),
    spans: (u32, u32),
}

static BYTES: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/syntax.bin"));

include!(concat!(env!("OUT_DIR"), "/syntax.rs"));

/// The declarations of the file with this position in [`files`](crate::files), in source order.
pub fn stored_declarations(position: usize) -> &'static [StoredDeclaration] {
    SYNTAX.get(position).copied().unwrap_or_default()
}

impl StoredDeclaration {
    /// What the syntax crate wrote of the declaration.
    pub fn syntax(&self) -> &'static [u8] {
        slice(self.syntax)
    }

    /// What the syntax crate wrote of the places of its nodes.
    pub fn spans(&self) -> &'static [u8] {
        slice(self.spans)
    }

    /// Its own text, in its file.
    pub fn text(&self, file: &LibraryFile) -> &'static str {
        file.text.get(self.offset as usize..self.end as usize).unwrap_or_default()
    }
}

fn slice((start, end): (u32, u32)) -> &'static [u8] {
    BYTES.get(start as usize..end as usize).unwrap_or_default()
}
