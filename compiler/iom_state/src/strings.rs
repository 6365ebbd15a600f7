//! Interned text: every text of a run is kept once and known by a small number. Half of an import's texts occur only there
//! (addresses, identifiers, names), so adding one is as common as finding one.

use std::hash::{BuildHasher, Hasher};
use std::num::NonZeroU32;

use foldhash::fast::RandomState;
use hashbrown::HashTable;

/// A text of one [`Strings`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Symbol(NonZeroU32);

impl Symbol {
    /// How many texts were interned before it.
    #[inline]
    pub fn into_usize(self) -> usize {
        self.0.get() as usize - 1
    }

    /// The symbol with this number; `None` for numbers that no text has.
    #[inline]
    pub fn try_from_usize(number: usize) -> Option<Symbol> {
        u32::try_from(number).ok().and_then(|number| NonZeroU32::new(number.wrapping_add(1))).map(Symbol)
    }
}

/// The text that was interned first.
impl Default for Symbol {
    fn default() -> Symbol {
        Symbol(NonZeroU32::MIN)
    }
}

/// The texts of a run. Made while sources are imported, and only read from then on.
#[derive(Clone, Debug)]
pub struct Strings {
    /// All of them, one behind the other: they are written and read in the order in which they came.
    text: String,
    /// Where each one starts, and where the last one ends.
    starts: Vec<usize>,
    /// Finds the symbol of a text.
    table: HashTable<Symbol>,
    /// Seeded anew in each run: no source can be written so that all of its texts meet in one place.
    hashing: RandomState,
}

impl Default for Strings {
    fn default() -> Strings {
        Strings {
            text: String::new(),
            starts: vec![0],
            table: HashTable::new(),
            hashing: RandomState::default(),
        }
    }
}

impl Strings {
    /// Room for so many texts: a table that grows puts everything in it into its place again.
    pub fn with_capacity(texts: usize) -> Strings {
        Strings { table: HashTable::with_capacity(texts), ..Strings::default() }
    }

    /// How many texts there are.
    pub fn len(&self) -> usize {
        self.starts.len() - 1
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All texts, in the order in which they were interned.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).filter_map(Symbol::try_from_usize).map(|symbol| self.resolve(&symbol))
    }

    /// The text of a symbol.
    #[inline]
    pub fn resolve(&self, symbol: &Symbol) -> &str {
        text_of(&self.text, &self.starts, *symbol)
    }

    /// The symbol of a text, if it was interned.
    pub fn get(&self, text: impl AsRef<str>) -> Option<Symbol> {
        self.find(text.as_ref(), self.hash(text.as_ref()))
    }

    /// The symbol of a text, which is interned if it was not yet.
    #[inline]
    pub fn get_or_intern(&mut self, text: impl AsRef<str>) -> Symbol {
        let text = text.as_ref();
        let hash = self.hash(text);
        self.find(text, hash).unwrap_or_else(|| self.add(text, hash))
    }

    /// Takes back all texts but the first ones.
    pub(crate) fn truncate(&mut self, len: usize) {
        if len >= self.len() {
            return;
        }
        self.starts.truncate(len + 1);
        self.text.truncate(self.starts.last().copied().unwrap_or_default());
        self.table.retain(|symbol| symbol.into_usize() < len);
    }

    #[inline]
    fn hash(&self, text: &str) -> u64 {
        let mut hasher = self.hashing.build_hasher();
        hasher.write(text.as_bytes());
        hasher.finish()
    }

    #[inline]
    fn find(&self, text: &str, hash: u64) -> Option<Symbol> {
        self.table.find(hash, |symbol| self.resolve(symbol) == text).copied()
    }

    fn add(&mut self, text: &str, hash: u64) -> Symbol {
        if self.table.len() == self.table.capacity() {
            self.grow();
        }
        // There is no room for so many texts that numbers run out.
        let symbol = Symbol::try_from_usize(self.len()).unwrap_or_default();
        self.text.push_str(text);
        self.starts.push(self.text.len());
        // It does not grow now, so it asks for no hash.
        self.table.insert_unique(hash, symbol, |_| hash);
        symbol
    }

    /// Makes a table of twice the size. Text by text, in the order in which they stand in memory.
    #[cold]
    fn grow(&mut self) {
        let mut table = HashTable::with_capacity((2 * self.table.len()).max(64));
        for symbol in (0..self.len()).filter_map(Symbol::try_from_usize) {
            table.insert_unique(self.hash(self.resolve(&symbol)), symbol, |symbol| {
                self.hash(self.resolve(symbol))
            });
        }
        self.table = table;
    }
}

#[inline]
fn text_of<'t>(text: &'t str, starts: &[usize], symbol: Symbol) -> &'t str {
    let number = symbol.into_usize();
    let ends = starts.get(number..).and_then(|starts| starts.first_chunk());
    // Only what was interned here has a symbol.
    ends.and_then(|[start, end]: &[usize; 2]| text.get(*start..*end)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_has_one_symbol() {
        let mut strings = Strings::default();
        let texts: Vec<String> = (0..5000).map(|number| format!("é{number}").repeat(number % 9)).collect();
        let symbols: Vec<Symbol> = texts.iter().map(|text| strings.get_or_intern(text)).collect();
        for (text, symbol) in texts.iter().zip(&symbols) {
            assert_eq!(strings.resolve(symbol), text);
            assert_eq!(strings.get(text), Some(*symbol));
            assert_eq!(strings.get_or_intern(text), *symbol);
            assert_eq!(Symbol::try_from_usize(symbol.into_usize()), Some(*symbol));
        }
        assert_eq!(strings.get("another"), None);
        assert_eq!(symbols[0], Symbol::default());
        let different: std::collections::BTreeSet<&String> = texts.iter().collect();
        assert_eq!(strings.len(), different.len());
    }

    #[test]
    fn what_is_taken_back_was_never_there() {
        let mut strings = Strings::default();
        let kept = strings.get_or_intern("kept");
        let len = strings.len();
        for number in 0..1000 {
            strings.get_or_intern(number.to_string());
        }
        strings.truncate(len);
        assert_eq!((strings.len(), strings.get("7"), strings.get("kept")), (len, None, Some(kept)));
        let other = strings.get_or_intern("other");
        assert_eq!((strings.resolve(&other), other.into_usize()), ("other", len));
    }
}
