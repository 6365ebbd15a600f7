use iom_base::{TextRange, TextSize};

use super::FileEdit;

/// A replacement before the text is formatted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Patch {
    pub range: TextRange,
    pub text: String,
}

impl Patch {
    pub fn new(range: TextRange, text: impl Into<String>) -> Patch {
        Patch { range, text: text.into() }
    }

    pub fn insert(at: TextSize, text: impl Into<String>) -> Patch {
        Patch::new(TextRange::empty(at), text)
    }

    pub fn remove(range: TextRange) -> Patch {
        Patch::new(range, "")
    }
}

/// One replacement that does what all patches do and leaves the lines they touch as the formatter writes them; nothing where
/// nothing would change, or two patches want the same place.
pub(super) fn formatted(path: &str, text: &str, mut patches: Vec<Patch>) -> Option<FileEdit> {
    patches.sort_by_key(|patch| (patch.range.start(), patch.range.end()));
    let overlap = |pair: &[Patch]| matches!(pair, [one, other] if one.range.end() > other.range.start());
    if patches.is_empty() || patches.windows(2).any(overlap) {
        return None;
    }
    let mut patched = String::with_capacity(text.len());
    let (mut at, mut touched): (usize, Option<TextRange>) = (0, None);
    for patch in &patches {
        patched.push_str(text.get(at..usize::from(patch.range.start()))?);
        let start = TextSize::of(patched.as_str());
        patched.push_str(&patch.text);
        let range = TextRange::new(start, TextSize::of(patched.as_str()));
        touched = Some(touched.map_or(range, |known| known.cover(range)));
        at = usize::from(patch.range.end());
    }
    patched.push_str(text.get(at..)?);
    let mut new = patched.clone();
    for edit in iom_fmt::format_range(&patched, touched?).into_iter().rev() {
        new.replace_range(usize::from(edit.range.start())..usize::from(edit.range.end()), &edit.new_text);
    }
    difference(path, text, &new)
}

/// The one replacement between two texts.
fn difference(path: &str, old: &str, new: &str) -> Option<FileEdit> {
    if old == new {
        return None;
    }
    let same = |(left, right): &((usize, char), char)| left.1 == *right;
    let front = old.char_indices().zip(new.chars()).take_while(same).last();
    let front = front.map_or(0, |((at, letter), _)| at + letter.len_utf8());
    // Words are replaced whole.
    let front = old[..front].trim_end_matches(is_of_word).len();
    let (old_rest, new_rest) = (old.get(front..)?, new.get(front..)?);
    let back: usize = old_rest
        .chars()
        .rev()
        .zip(new_rest.chars().rev())
        .take_while(|(left, right)| left == right)
        .map(|(letter, _)| letter.len_utf8())
        .sum();
    let back = old[old.len() - back..].trim_start_matches(is_of_word).len();
    let size = |at: usize| TextSize::try_from(at).ok();
    Some(FileEdit {
        path: path.into(),
        range: TextRange::new(size(front)?, size(old.len() - back)?),
        text: new_rest.get(..new_rest.len() - back)?.to_owned(),
        is_new_file: false,
    })
}

fn is_of_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}
