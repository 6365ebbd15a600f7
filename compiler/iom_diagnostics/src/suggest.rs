/// The candidate a person most likely meant by `written`, if any is close enough to be worth saying.
///
/// Distance is Damerau-Levenshtein (optimal string alignment); one in three letters may differ, none in shorter names. Ties go to the
/// candidate that sorts first, so that the answer never depends on the order of a hash table.
pub fn nearest<'a>(written: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = written.to_lowercase();
    // Among one- and two-letter names everything is near to everything.
    let letters = written.chars().count();
    let limit = if letters < 3 { 0 } else { (letters / 3).max(1) };
    candidates
        .into_iter()
        .filter(|candidate| *candidate != written)
        .filter_map(|candidate| {
            let folded = candidate.to_lowercase();
            let distance = if folded == lower { 0 } else { strsim::osa_distance(&lower, &folded) };
            (distance <= limit).then_some((distance, candidate))
        })
        .min()
        .map(|(_, candidate)| candidate)
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
    }

    #[test]
    fn nothing_near_means_no_suggestion() {
        assert_eq!(nearest("zebra", ["versioning", "encryption"]), None);
    }

    #[test]
    fn swapped_letters_count_once() {
        assert_eq!(nearest("onwer", ["owner", "other"]), Some("owner"));
    }

    #[test]
    fn long_lists_are_cut() {
        assert_eq!(quoted_list(["a", "b", "c", "d"], 2), "`a`, `b` and 2 more");
        assert_eq!(quoted_list(["a", "b"], 5), "`a` or `b`");
    }
}
