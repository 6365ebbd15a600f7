use std::borrow::Cow;

/// The candidate a person most likely meant by `written`, if any is close enough to be worth saying.
///
/// Distance is Damerau-Levenshtein (optimal string alignment); one in three letters may differ. The order of the rest is
/// [`Closeness`], so the answer never depends on the order of a hash table.
pub fn nearest<'a>(written: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    nearest_ranked(written, candidates.into_iter().map(|candidate| (0, candidate)))
}

/// As [`nearest`], where some candidates fit better than others: of two that are equally near, the one with the lower
/// rank is taken.
pub fn nearest_ranked<'a>(
    written: &str,
    candidates: impl IntoIterator<Item = (u8, &'a str)>,
) -> Option<&'a str> {
    let lower = written.to_lowercase();
    candidates
        .into_iter()
        .filter(|(_, candidate)| *candidate != written)
        .filter_map(|(rank, candidate)| Some((closeness(written, &lower, rank, candidate)?, candidate)))
        .min()
        .map(|(_, candidate)| candidate)
}

/// How many letters are wrong, missing, too many or swapped, without regard to case.
pub fn edits(a: &str, b: &str) -> usize {
    strsim::osa_distance(&a.to_lowercase(), &b.to_lowercase())
}

/// How far a candidate is from what was written; the smallest wins.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Closeness {
    pub distance: usize,
    /// What does not fit the place as well comes after what does.
    rank: u8,
    /// The distance when upper and lower case count.
    exact_distance: usize,
    /// Letters written that are not part of the beginning or the end both share. None where letters were left out:
    /// that happens more often than a wrong one.
    unmatched: usize,
    /// People rarely miss the first letter.
    has_other_start: bool,
}

/// How many edits of a word of so many letters leave it near.
pub(crate) fn most_edits(letters: usize) -> Option<usize> {
    (letters > 0).then(|| (letters / 3).max(1))
}

pub(crate) fn closeness(written: &str, lower: &str, rank: u8, candidate: &str) -> Option<Closeness> {
    let letters = lower.chars().count();
    let most = most_edits(letters)?;
    let folded = in_lower_case(candidate);
    // Most candidates are far off, and that is seen without looking at each pair of letters.
    if letters.abs_diff(folded.chars().count()) > most || letters_missing(lower, &folded) > most {
        return None;
    }
    let distance = distance(lower, &folded);
    let unmatched = letters.saturating_sub(shared_ends(lower, &folded));
    // Among one- and two-letter names everything is near to everything, unless a letter was only left out or swapped.
    let is_near = distance <= most && (letters > 2 || unmatched == 0 || is_swapped(lower, &folded));
    is_near.then(|| Closeness {
        distance,
        rank,
        exact_distance: self::distance(written, candidate),
        unmatched,
        has_other_start: lower.chars().next() != folded.chars().next(),
    })
}

pub(crate) fn in_lower_case(text: &str) -> Cow<'_, str> {
    let is_lower = text.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase());
    if is_lower { Cow::Borrowed(text) } else { Cow::Owned(text.to_lowercase()) }
}

/// How many sorts of letters of one word are not in the other: each costs an edit. Letters that share their last six bits
/// are taken for one, so that there are rather too few.
fn letters_missing(word: &str, other: &str) -> usize {
    (letter_set(word) & !letter_set(other)).count_ones() as usize
}

/// The sorts of letters in a word, by their last six bits.
pub(crate) fn letter_set(text: &str) -> u64 {
    text.chars().fold(0_u64, |set, letter| set | 1 << (u32::from(letter) & 63))
}

/// [`strsim::osa_distance`] of what is left without the beginning and the end that both share: these cost nothing.
fn distance(a: &str, b: &str) -> usize {
    let shared: usize = a.chars().zip(b.chars()).take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum();
    let (a, b) = (&a[shared..], &b[shared..]);
    let ends = a.chars().rev().zip(b.chars().rev()).take_while(|(a, b)| a == b);
    let shared: usize = ends.map(|(a, _)| a.len_utf8()).sum();
    let (a, b) = (&a[..a.len() - shared], &b[..b.len() - shared]);
    if a.is_empty() || b.is_empty() {
        a.chars().count().max(b.chars().count())
    } else {
        strsim::osa_distance(a, b)
    }
}

/// Letters at the beginning and at the end that two words have in common, none counted twice.
fn shared_ends(a: &str, b: &str) -> usize {
    let most = a.chars().count().min(b.chars().count());
    let start = a.chars().zip(b.chars()).take_while(|(a, b)| a == b).count();
    let end = a.chars().rev().zip(b.chars().rev()).take_while(|(a, b)| a == b).count();
    (start + end).min(most)
}

fn is_swapped(a: &str, b: &str) -> bool {
    a.chars().count() == 2 && a.chars().rev().eq(b.chars())
}

/// `"a", "b" or "c"`, cut after `most` names with the number left out.
pub fn quoted_list<'a>(names: impl IntoIterator<Item = &'a str>, most: usize) -> String {
    let names: Vec<&str> = names.into_iter().collect();
    let shown: Vec<String> = names.iter().take(most).map(|name| format!("`{name}`")).collect();
    match (shown.as_slice(), names.len().saturating_sub(most)) {
        ([], _) => "nothing".to_owned(),
        ([one], 0) => one.clone(),
        ([first @ .., last], 0) => format!("{} or {last}", first.join(", ")),
        (shown, left) => format!("{} and {left} more", shown.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dropped_letter_is_found() {
        assert_eq!(nearest("versionin", ["versioning", "encryption"]), Some("versioning"));
        assert_eq!(nearest("cl", ["acl", "arn", "id"]), Some("acl"));
        assert_eq!(nearest("i", ["acl", "arn", "id"]), Some("id"));
    }

    #[test]
    fn nothing_near_means_no_suggestion() {
        assert_eq!(nearest("zebra", ["versioning", "encryption"]), None);
        assert_eq!(nearest("f", ["a", "b"]), None);
        assert_eq!(nearest("", ["a", "b"]), None);
    }

    #[test]
    fn swapped_letters_count_once() {
        assert_eq!(nearest("onwer", ["owner", "other"]), Some("owner"));
        assert_eq!(nearest("di", ["do", "id"]), Some("id"));
    }

    #[test]
    fn a_letter_left_out_is_likelier_than_a_wrong_one() {
        assert_eq!(nearest("nme", ["nae", "name"]), Some("name"));
    }

    #[test]
    fn case_decides_between_equals() {
        assert_eq!(nearest("databse", ["Database", "database"]), Some("database"));
        assert_eq!(nearest("Databse", ["Database", "database"]), Some("Database"));
    }

    #[test]
    fn what_fits_the_place_comes_first() {
        assert_eq!(nearest_ranked("prot", [(1, "port"), (0, "prop")]), Some("prop"));
        assert_eq!(nearest_ranked("databse", [(1, "database"), (0, "date_base_set")]), Some("database"));
    }

    /// The short cuts find what comparing everything finds.
    #[test]
    fn far_candidates_are_left_out_and_no_near_ones() {
        let words = [
            "",
            "a",
            "ab",
            "ba",
            "aba",
            "abba",
            "Abba",
            "name",
            "nmae",
            "names",
            "mane",
            "é",
            "éa",
            "aé",
            "versioning",
            "verzioning",
        ];
        for a in words {
            for b in words {
                assert_eq!(distance(a, b), strsim::osa_distance(a, b), "{a} {b}");
                let (lower, folded) = (a.to_lowercase(), b.to_lowercase());
                assert!(letters_missing(&lower, &folded) <= strsim::osa_distance(&lower, &folded), "{a} {b}");
            }
        }
    }

    #[test]
    fn long_lists_are_cut() {
        assert_eq!(quoted_list(["a", "b", "c", "d"], 2), "`a`, `b` and 2 more");
        assert_eq!(quoted_list(["a", "b"], 5), "`a` or `b`");
    }
}
