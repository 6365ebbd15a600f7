//! Large files that are written anew for a few values. Of a file that was imported an [`Imprint`] is kept: the hashes of the
//! entries in it and of what stands between them. When the file is read again, entries that say the same are told by their
//! hashes and not read; what the others say now is [`Rewritten`]. Everything else moves by as much as they became longer.
//!
//! Where anything else than entries differs (one more, one less, another header) nothing is told: the file is imported as a
//! whole. So it is wherever an entry says more than its values, and for files that an entry is not all about its object in.

mod difference;
mod entries;
mod imprint;
mod shifts;
#[cfg(test)]
mod tests;
mod window;

pub use difference::Difference;
pub use imprint::Imprint;
pub use shifts::Shifts;

use crate::document::Document;

/// What is different about a file that has the same objects as before.
#[derive(Debug)]
pub struct Rewritten {
    /// Objects of which something else is written, by position, sorted.
    pub positions: Vec<u32>,
    /// These, in the same order, as they are written now; with the hash and the lines of the whole file.
    pub document: Document,
    /// Where everything else stands now.
    pub shifts: Shifts,
}
