//! A small cache before the interner. Most texts of a plan are among a few hundred (attribute names, types, `tcp`,
//! `10.0.0.0/16`): finding them here costs a third of asking the interner's table, which is larger than the CPU's caches.

use crate::tape::{Strings, Symbol};

/// Longest text that is cached.
const LONGEST: usize = 24;
/// A power of two. One entry is 32 bytes: together they fit the second-level cache.
const ENTRIES: usize = 8192;

#[derive(Clone, Copy)]
struct Entry {
    /// The text's bytes, filled with zeros.
    words: [u64; LONGEST / 8],
    len: u32,
    symbol: Option<Symbol>,
}

/// Texts seen lately, with their symbols in one [`Strings`].
pub(crate) struct InternCache {
    entries: Vec<Entry>,
}

impl Default for InternCache {
    fn default() -> InternCache {
        InternCache { entries: vec![Entry { words: [0; LONGEST / 8], len: 0, symbol: None }; ENTRIES] }
    }
}

impl InternCache {
    /// The symbol of a text. `strings` must be the same at every call.
    #[inline]
    pub(crate) fn intern(&mut self, text: &str, strings: &mut Strings) -> Symbol {
        if text.len() > LONGEST {
            return strings.get_or_intern(text);
        }
        let words = words(text.as_bytes());
        let len = text.len() as u32;
        let hash = words.iter().fold(u64::from(len), |hash, word| {
            (hash.rotate_left(23) ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15)
        });
        let Some(entry) = self.entries.get_mut((hash >> 32) as usize % ENTRIES) else {
            return strings.get_or_intern(text);
        };
        // Word by word: compared as a whole, the words would be read back from memory in other pieces than they were just
        // written in, which processors are slow at.
        let [first, last, middle] = entry.words;
        let differs = (first ^ words[0]) | (last ^ words[1]) | (middle ^ words[2]);
        if differs == 0
            && entry.len == len
            && let Some(symbol) = entry.symbol
        {
            return symbol;
        }
        let before = strings.len();
        let symbol = strings.get_or_intern(text);
        // Half of all texts occur once: one that nobody has seen before drives out none that somebody has.
        if entry.symbol.is_none() || strings.len() == before {
            *entry = Entry { words, len, symbol: Some(symbol) };
        }
        symbol
    }
}

/// At most [`LONGEST`] bytes as words: the same words and length are the same text. Reads from both ends, overlapping in
/// the middle, because that takes no loop.
#[inline]
fn words(bytes: &[u8]) -> [u64; LONGEST / 8] {
    if let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk()) {
        let middle = bytes.get(8..16).and_then(|middle| middle.try_into().ok()).unwrap_or([0; 8]);
        return [u64::from_le_bytes(*first), u64::from_le_bytes(*last), u64::from_le_bytes(middle)];
    }
    if let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk()) {
        return [u64::from(u32::from_le_bytes(*first)), u64::from(u32::from_le_bytes(*last)), 0];
    }
    let byte = |position: usize| bytes.get(position).map_or(0, |byte| u64::from(*byte));
    [byte(0) | byte(1) << 8 | byte(2) << 16, 0, 0]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cache_gives_what_the_interner_gives() {
        let mut strings = Strings::default();
        let mut cache = InternCache::default();
        let texts: Vec<String> =
            (0..20_000).map(|number| "x".repeat(number % 40) + &number.to_string()).collect();
        for _ in 0..2 {
            for text in &texts {
                let symbol = cache.intern(text, &mut strings);
                assert_eq!(strings.resolve(&symbol), text);
            }
        }
        let symbol = cache.intern("", &mut strings);
        assert_eq!(strings.resolve(&symbol), "");
        let (zero, zeros) = (cache.intern("\0", &mut strings), cache.intern("\0\0", &mut strings));
        assert_ne!(zero, zeros);
    }
}
