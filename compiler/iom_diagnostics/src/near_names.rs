//! Many names that are looked through for many misspellings: [`nearest`](crate::nearest) without comparing each with each.

use crate::suggest::{Closeness, closeness, in_lower_case, letter_set, most_edits};

/// Names to choose from, with what is needed to find near ones: where one letter is left out of two words that are an edit
/// apart, they can be made the same.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct NearNames {
    /// In order of their numbers of letters.
    names: Vec<Known>,
    /// Hashes of the names in lower case, whole and with one letter left out, sorted, with positions in `names`.
    shortened: Vec<(u64, u32)>,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Known {
    letters: usize,
    name: Box<str>,
    set: u64,
}

/// Of names that may be near and are no single edit away, as many are compared letter by letter: those first that share the
/// most letters.
const MOST_COMPARED: usize = 256;

/// Longer names are compared letter by letter: leaving out each letter in turn takes the square of their length.
const MOST_LETTERS: usize = 64;

impl NearNames {
    pub fn new<'a>(names: impl IntoIterator<Item = &'a str>) -> NearNames {
        let known = |name: &str| {
            let lower = in_lower_case(name);
            Known { letters: lower.chars().count(), set: letter_set(&lower), name: name.into() }
        };
        let mut names: Vec<Known> = names.into_iter().map(known).collect();
        names.sort_unstable();
        names.dedup();
        let mut shortened = Vec::new();
        for (position, known) in names.iter().enumerate() {
            let position = u32::try_from(position).unwrap_or(u32::MAX);
            shortened.extend(shortenings(&in_lower_case(&known.name)).map(|hash| (hash, position)));
        }
        shortened.sort_unstable();
        shortened.dedup();
        NearNames { names, shortened }
    }

    /// What [`nearest`](crate::nearest) says of the same names, but for long lists of names that are all alike.
    pub fn nearest(&self, written: &str) -> Option<&str> {
        let lower = written.to_lowercase();
        let one_edit = best(written, &lower, self.one_edit_away(&lower));
        let found = match one_edit {
            Some((closeness, name)) if closeness.distance <= 1 => Some((closeness, name)),
            _ => best(written, &lower, self.likely(&lower)),
        };
        found.map(|(_, name)| name)
    }

    /// All names that are an edit away, and a few that are two.
    fn one_edit_away(&self, lower: &str) -> Vec<&Known> {
        let mut found: Vec<u32> = Vec::new();
        for hash in shortenings(lower) {
            let start = self.shortened.partition_point(|(other, _)| *other < hash);
            let same = self.shortened.get(start..).unwrap_or_default().iter();
            found.extend(same.take_while(|(other, _)| *other == hash).map(|(_, position)| *position));
        }
        found.sort_unstable();
        found.dedup();
        found.into_iter().filter_map(|position| self.names.get(position as usize)).collect()
    }

    /// The names that are near as far as their numbers of letters and the letters themselves tell.
    fn likely(&self, lower: &str) -> Vec<&Known> {
        let letters = lower.chars().count();
        let Some(most) = most_edits(letters).filter(|most| *most > 1) else { return Vec::new() };
        let set = letter_set(lower);
        let start = self.names.partition_point(|known| known.letters + most < letters);
        let near = self.names.get(start..).unwrap_or_default().iter();
        let mut found: Vec<(usize, &Known)> = near
            .take_while(|known| known.letters <= letters + most)
            .filter_map(|known| {
                let missing = (set & !known.set).count_ones().max((known.set & !set).count_ones()) as usize;
                let least = missing.max(letters.abs_diff(known.letters));
                (least <= most).then_some((least, known))
            })
            .collect();
        if found.len() > MOST_COMPARED {
            found.sort_unstable();
            found.truncate(MOST_COMPARED);
        }
        found.into_iter().map(|(_, known)| known).collect()
    }
}

fn best<'n>(written: &str, lower: &str, found: Vec<&'n Known>) -> Option<(Closeness, &'n str)> {
    let found = found.into_iter().map(|known| &*known.name).filter(|name| *name != written);
    found.filter_map(|name| Some((closeness(written, lower, 0, name)?, name))).min()
}

/// Hashes of a word, and of all that come of it by leaving one letter out. Words that share one by chance are compared in
/// vain, that is all.
fn shortenings(word: &str) -> impl Iterator<Item = u64> + '_ {
    let letters = if word.len() > MOST_LETTERS { "" } else { word };
    let left_out = letters.char_indices().map(move |(at, letter)| {
        let rest = word.get(at + letter.len_utf8()..).unwrap_or_default();
        hash(word.get(..at).unwrap_or_default().bytes().chain(rest.bytes()))
    });
    std::iter::once(hash(word.bytes())).chain(left_out)
}

/// FNV-1a.
fn hash(bytes: impl Iterator<Item = u8>) -> u64 {
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nearest;

    /// Words of few letters, so that many are near.
    fn words(count: usize) -> Vec<String> {
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        let mut next = |below: u64| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state % below
        };
        (0..count)
            .map(|_| {
                let letters = 1 + next(9);
                (0..letters).map(|_| ['a', 'b', 'C', 'd', 'é', '_', '1'][next(7) as usize]).collect()
            })
            .collect()
    }

    #[test]
    fn the_index_finds_what_comparing_all_finds() {
        let names = words(180);
        let index = NearNames::new(names.iter().map(String::as_str));
        for written in words(400).iter().skip(180).chain(&names) {
            let all = nearest(written, names.iter().map(String::as_str));
            assert_eq!(index.nearest(written), all, "{written}");
        }
        assert_eq!(NearNames::default().nearest("a"), None);
    }

    #[test]
    fn among_many_alike_one_edit_is_always_found() {
        let names: Vec<String> = (0..5_000).map(|number| format!("name_{number:04}")).collect();
        let long = "long_".repeat(60_000);
        let index = NearNames::new(names.iter().map(String::as_str).chain([long.as_str()]));
        assert_eq!(index.nearest(&long[1..]), Some(long.as_str()));
        assert_eq!(index.nearest("nmae_4711"), Some("name_4711"));
        assert_eq!(index.nearest("name_471"), nearest("name_471", names.iter().map(String::as_str)));
        assert!(index.nearest("neme_47x1").is_some());
    }
}
