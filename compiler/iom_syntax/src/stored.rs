//! Owned syntax in few bytes, for those who lower a text when they are built and not when they run. The bytes mean
//! something to the version that wrote them and to no other.

use crate::ast::Declaration;

/// Nothing for what cannot be written, which no declaration is.
pub fn write_declaration(declaration: &Declaration) -> Option<Vec<u8>> {
    postcard::to_stdvec(declaration).ok()
}

/// What [`write_declaration`] was given; nothing where the bytes are not from there.
pub fn read_declaration(bytes: &[u8]) -> Option<Declaration> {
    postcard::from_bytes(bytes).ok()
}
