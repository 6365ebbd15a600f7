use std::hash::{BuildHasher, Hasher};
use std::io::Read;

use foldhash::fast::RandomState;
use sha2::{Digest, Sha256};

use super::Shifts;
use super::difference::{Difference, Rewriting, has_entries};
use super::window::Window;
use crate::document::Document;
use crate::hexadecimal;
use crate::reader::Reader;
use crate::supply::BYTE_ORDER_MARK;

/// The longest entry, and the longest text between two, of a file that is remembered.
const LONGEST: usize = 256 << 10;

/// More entries than this that differ are read with all the others.
const MOST_DIFFERENT: usize = 1000;

/// What is remembered of a file to tell what of it has changed. 24 bytes an object.
pub struct Imprint {
    /// Its seeds are this process's own: nobody can write another text with the same hash.
    hasher: RandomState,
    /// By object: they stand in this order in the file.
    entries: Vec<Entry>,
    /// What follows the last one.
    rest: (u32, u64),
    /// The hash of the file after each of its pieces.
    pieces: Vec<Sha256>,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    /// What stands before it, since the entry before: how long it is, and its hash.
    gap: (u32, u64),
    length: u32,
    hash: u64,
}

impl std::fmt::Debug for Imprint {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Imprint").field("entries", &self.entries.len()).finish_non_exhaustive()
    }
}

impl Imprint {
    /// Of a file that was imported by [`import_in_pieces`](crate::import_in_pieces), read again; nothing for files of another
    /// sort, and where it is another text by now. `offsets` are those of the objects, `sha256` is the document's.
    pub fn of(source: &mut dyn Read, offsets: &[u32], sha256: &str) -> Option<Imprint> {
        let hasher = RandomState::default();
        let mut window = Window::new(source, &[]);
        // Offsets count in the text, which begins after it.
        if window.between(0, BYTE_ORDER_MARK.len()).ok()? == BYTE_ORDER_MARK {
            return None;
        }
        let mut entries = Vec::with_capacity(offsets.len());
        let mut at = 0;
        let mut following = offsets.iter().skip(1);
        for offset in offsets {
            let start = *offset as usize;
            let end = start.checked_add(LONGEST)?;
            let end = following.next().map_or(end, |next| end.min(*next as usize));
            let bytes = window.between(at, end).ok()?;
            let (gap, text) = bytes.split_at_checked(start.checked_sub(at)?)?;
            if gap.len() > LONGEST {
                return None;
            }
            let entry = entry_in(text)?.as_bytes();
            entries.push(Entry {
                gap: (gap.len() as u32, hash(&hasher, gap)),
                length: entry.len() as u32,
                hash: hash(&hasher, entry),
            });
            at = start + entry.len();
            window.pass(at);
        }
        let rest = window.between(at, at.checked_add(LONGEST + 1)?).ok()?;
        if rest.len() > LONGEST {
            return None;
        }
        let rest = (rest.len() as u32, hash(&hasher, rest));
        let (whole, pieces) = window.finish().ok()?;
        let is_same = hexadecimal(&whole.finalize()) == sha256;
        is_same.then_some(Imprint { hasher, entries, rest, pieces })
    }

    /// The offsets to take an imprint with; nothing where a document is of another sort of file.
    pub fn offsets(document: &Document) -> Option<Vec<u32>> {
        has_entries(document).then(|| document.objects.iter().map(|object| object.offset).collect())
    }

    /// What is different about the file as it is now; from here on the imprint is of that. Nothing where more than entries
    /// differs: then the imprint is of no use any more.
    pub fn compare(&mut self, source: &mut dyn Read) -> Option<Difference> {
        let hasher = &self.hasher;
        let mut window = Window::new(source, &self.pieces);
        let (mut entries, mut shifts) = (Vec::new(), Shifts::default());
        // Where what is looked at was, and where it is.
        let (mut was, mut at) = (0_usize, 0_usize);
        for (entry, position) in self.entries.iter_mut().zip(0_u32..) {
            let (gap, length) = (entry.gap.0 as usize, entry.length as usize);
            let bytes = window.between(at, at + gap + length).ok()?;
            let (before, text) = bytes.split_at_checked(gap)?;
            if hash(hasher, before) != entry.gap.1 {
                return None;
            }
            let is_same = text.len() == length && hash(hasher, text) == entry.hash;
            let by = at as i64 - was as i64;
            let same = gap + if is_same { length } else { 0 };
            shifts.push(offset(was)?..offset(was + same)?, by);
            if is_same {
                at += same;
            } else {
                at += gap;
                window.differs();
                let text = entry_in(window.between(at, at + LONGEST).ok()?)?;
                (entry.length, entry.hash) = (offset(text.len())?, hash(hasher, text.as_bytes()));
                entries.push(Rewriting {
                    position,
                    before: offset(was + gap)?..offset(was + gap + length)?,
                    offset: offset(at)?,
                    text: text.into(),
                });
                at += text.len();
            }
            was += gap + length;
            window.pass(at);
            if entries.len() > MOST_DIFFERENT {
                return None;
            }
        }
        let rest = window.between(at, at + self.rest.0 as usize + 1).ok()?;
        if (rest.len() as u32, hash(hasher, rest)) != self.rest {
            return None;
        }
        // The end of the text belongs to it.
        shifts.push(offset(was)?..offset(was + rest.len() + 1)?, at as i64 - was as i64);
        offset(at + rest.len() + 1)?;
        let (whole, pieces) = window.finish().ok()?;
        self.pieces = pieces;
        Some(Difference { entries, shifts, sha256: hexadecimal(&whole.finalize()) })
    }
}

fn offset(number: usize) -> Option<u32> {
    u32::try_from(number).ok()
}

/// The entry that a text begins with.
fn entry_in(bytes: &[u8]) -> Option<&str> {
    let text = valid(bytes);
    let mut reader = Reader::at(text, 0);
    reader.skip().ok()?;
    text.get(..reader.offset()).filter(|entry| entry.starts_with('{'))
}

fn hash(hasher: &RandomState, bytes: &[u8]) -> u64 {
    let mut hasher = hasher.build_hasher();
    hasher.write(bytes);
    hasher.finish()
}

/// The beginning that is text.
fn valid(bytes: &[u8]) -> &str {
    let valid = match std::str::from_utf8(bytes) {
        Ok(text) => return text,
        Err(error) => error.valid_up_to(),
    };
    std::str::from_utf8(bytes.get(..valid).unwrap_or_default()).unwrap_or_default()
}
