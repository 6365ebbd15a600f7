//! The part of a file that is looked at, and the hash of all of it.

use std::io::{self, Read};

use sha2::{Digest, Sha256};

/// How much is read and hashed at once.
pub(super) const PIECE: usize = 768 << 10;

/// So many pieces that are done with are kept before what follows is moved to their place.
const MOST_DONE: usize = 6;

/// Goes through a file, once.
pub(super) struct Window<'r> {
    source: &'r mut dyn Read,
    bytes: Vec<u8>,
    /// Where `bytes` begins in the file: after so many pieces.
    start: usize,
    is_at_end: bool,
    hash: PieceHashes<'r>,
}

/// The hash of a file after each of its pieces. Where those before are known to be as they were, it is known as well.
struct PieceHashes<'r> {
    before: &'r [Sha256],
    is_as_before: bool,
    now: Sha256,
    after: Vec<Sha256>,
}

impl<'r> Window<'r> {
    /// `before` are the hashes that [`Window::finish`] gave for the file as it was.
    pub fn new(source: &'r mut dyn Read, before: &'r [Sha256]) -> Window<'r> {
        let hash = PieceHashes { before, is_as_before: true, now: Sha256::new(), after: Vec::new() };
        Window { source, bytes: Vec::new(), start: 0, is_at_end: false, hash }
    }

    /// What stands between two offsets, as far as the file goes; `from` is nothing that was passed.
    pub fn between(&mut self, from: usize, to: usize) -> io::Result<&[u8]> {
        while self.start + self.bytes.len() < to && !self.is_at_end {
            self.bytes.reserve(PIECE);
            let count = (&mut self.source).take(PIECE as u64).read_to_end(&mut self.bytes)?;
            self.is_at_end = count < PIECE;
        }
        let to = to.saturating_sub(self.start).min(self.bytes.len());
        Ok(self.bytes.get(from.saturating_sub(self.start)..to).unwrap_or_default())
    }

    /// Something is different from here on.
    pub fn differs(&mut self) {
        self.hash.is_as_before = false;
    }

    /// Says that nothing before an offset is looked at any more. Unless something differs it is as it was.
    pub fn pass(&mut self, offset: usize) {
        let done = (offset.saturating_sub(self.start) / PIECE).min(self.bytes.len() / PIECE);
        if done < MOST_DONE {
            return;
        }
        for piece in self.bytes.chunks_exact(PIECE).take(done) {
            self.hash.piece(piece);
        }
        self.bytes.drain(..done * PIECE);
        self.start += done * PIECE;
    }

    /// The hash of the file, and those after each piece of it. What was not passed is read and hashed.
    pub fn finish(mut self) -> io::Result<(Sha256, Vec<Sha256>)> {
        self.differs();
        self.between(self.start, usize::MAX)?;
        let mut pieces = self.bytes.chunks_exact(PIECE);
        for piece in &mut pieces {
            self.hash.piece(piece);
        }
        self.hash.now.update(pieces.remainder());
        Ok((self.hash.now, self.hash.after))
    }
}

impl PieceHashes<'_> {
    fn piece(&mut self, piece: &[u8]) {
        match self.before.get(self.after.len()).filter(|_| self.is_as_before) {
            Some(known) => self.now.clone_from(known),
            None => {
                self.is_as_before = false;
                self.now.update(piece);
            }
        }
        self.after.push(self.now.clone());
    }
}
