//! A file's text in pieces, so that a large file is never held as a whole. Each byte is looked at while it is in the
//! processor's cache: hashed, checked for its encoding, searched for line ends, and then read.

use std::io::Read;

use sha2::{Digest, Sha256};

use crate::document::LineStarts;
use crate::hexadecimal;
use crate::reader::Supply;

/// How much is read from the file at once.
const PIECE: usize = 768 << 10;
/// So much of the text is at hand wherever reading goes on: the longest value that is read in pieces for certain.
const MARGIN: usize = 256 << 10;

pub(crate) const BYTE_ORDER_MARK: &[u8] = &[0xEF, 0xBB, 0xBF];

/// Supplies the text of a file in UTF-8.
pub(crate) struct FileSupply<'r> {
    source: &'r mut dyn Read,
    hash: Sha256,
    lines: Vec<u32>,
    /// How long the text supplied so far is.
    supplied: usize,
    /// The beginning of a character that goes on in the next piece.
    incomplete: Vec<u8>,
    is_at_end: bool,
}

impl FileSupply<'_> {
    pub(crate) fn new(source: &mut dyn Read) -> FileSupply<'_> {
        FileSupply {
            source,
            hash: Sha256::new(),
            lines: vec![0],
            supplied: 0,
            incomplete: Vec::new(),
            is_at_end: false,
        }
    }

    /// The hash of all bytes, and where the lines of the text start: after the last piece.
    pub(crate) fn finish(self) -> (String, LineStarts) {
        (hexadecimal(&self.hash.finalize()), LineStarts(self.lines))
    }
}

impl Supply for FileSupply<'_> {
    fn is_enough(&self, unread: usize) -> bool {
        unread >= MARGIN || self.is_at_end
    }

    fn next(&mut self, text: String, read: usize) -> Result<String, &'static str> {
        let mut bytes = text.into_bytes();
        bytes.drain(..read.min(bytes.len()));
        let unread = bytes.len();
        bytes.append(&mut self.incomplete);
        bytes.reserve(PIECE);
        let start = bytes.len();
        let count = self.source.take(PIECE as u64).read_to_end(&mut bytes);
        self.is_at_end = count.map_err(|_| "the file can't be read")? < PIECE;
        self.hash.update(bytes.get(start..).unwrap_or_default());
        if self.supplied == 0 && bytes.starts_with(BYTE_ORDER_MARK) {
            bytes.drain(..BYTE_ORDER_MARK.len());
        }
        let text = match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) if error.utf8_error().error_len().is_none() && !self.is_at_end => {
                let valid = error.utf8_error().valid_up_to();
                bytes = error.into_bytes();
                self.incomplete = bytes.split_off(valid);
                String::from_utf8(bytes).map_err(|_| "the text is not valid UTF-8")?
            }
            Err(_) => return Err("the text is not valid UTF-8"),
        };
        self.add_lines(text.as_bytes().get(unread..).unwrap_or_default())?;
        Ok(text)
    }
}

impl FileSupply<'_> {
    fn add_lines(&mut self, piece: &[u8]) -> Result<(), &'static str> {
        let start = self.supplied;
        self.supplied += piece.len();
        if self.supplied > u32::MAX as usize {
            return Err("the text is larger than 4 GiB");
        }
        self.lines.extend(memchr::memchr_iter(b'\n', piece).map(|index| (start + index) as u32 + 1));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::decode;

    /// Everything that is supplied, taken in steps.
    fn supplied(mut bytes: &[u8], step: usize) -> Result<(String, String, LineStarts), &'static str> {
        let mut supply = FileSupply::new(&mut bytes);
        let (mut all, mut text, mut read) = (String::new(), String::new(), 0);
        loop {
            text = supply.next(text, read)?;
            if supply.is_at_end {
                all.push_str(&text);
                let (hash, lines) = supply.finish();
                return Ok((all, hash, lines));
            }
            read = (text.len() / step * step).min(text.len());
            while !text.is_char_boundary(read) {
                read -= 1;
            }
            all.push_str(&text[..read]);
        }
    }

    #[test]
    fn pieces_are_the_whole_text() {
        let long: String = (0..400_000).map(|number| format!("{number} é𝄞\n")).collect();
        for bytes in [long.as_bytes(), &[BYTE_ORDER_MARK, long.as_bytes()].concat(), b"", b"short\n"] {
            for step in [1, 1000, 300_001] {
                let (text, hash, lines) = supplied(bytes, step).unwrap();
                assert_eq!(text, decode(bytes).unwrap());
                assert_eq!(hash, hexadecimal(&Sha256::digest(bytes)));
                assert_eq!(lines, LineStarts::of(&text));
            }
        }
    }

    #[test]
    fn wrong_bytes_are_no_text() {
        let mut bytes = vec![b'a'; 3 * PIECE];
        bytes.push(0xC3);
        assert!(supplied(&bytes, 1).is_err());
        bytes.push(0xA9);
        assert!(supplied(&bytes, 1).is_ok());
        bytes[PIECE + 7] = 0xFF;
        assert!(supplied(&bytes, 1).is_err());
    }
}
