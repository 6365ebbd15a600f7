//! Texts of which not everything is known: `"${var.name}-logs"`, `"arn:${partition}:iam::aws:policy/ReadOnlyAccess"`.

use std::ops::Deref;
use std::rc::Rc;

/// What is known of such a text. It is at least as long as both together, and not empty even where both are.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Ends<T = Rc<str>> {
    pub start: T,
    pub end: T,
}

/// A text in the making, of parts that may not be known.
#[derive(Default)]
pub(crate) struct Assembly {
    start: String,
    /// What came after the last part that is not known; `None` while everything is known.
    end: Option<String>,
    has_text: bool,
}

impl Assembly {
    pub fn with_capacity(length: usize) -> Assembly {
        Assembly { start: String::with_capacity(length), ..Assembly::default() }
    }

    pub fn push(&mut self, text: &str) {
        self.has_text |= !text.is_empty();
        self.end.as_mut().unwrap_or(&mut self.start).push_str(text);
    }

    pub fn push_partly_known(&mut self, ends: &Ends) {
        self.push(&ends.start);
        self.push_unknown();
        self.push(&ends.end);
        self.has_text = true;
    }

    pub fn push_unknown(&mut self) {
        self.end = Some(String::new());
    }

    /// How many bytes are held.
    pub fn len(&self) -> usize {
        self.start.len() + self.end.as_ref().map_or(0, String::len)
    }

    /// The whole text, or how it begins and ends; nothing where no part of it is known.
    pub fn finish(self) -> Result<String, Option<Ends>> {
        match self.end {
            None => Ok(self.start),
            Some(end) => Err(self.has_text.then(|| Ends { start: self.start.into(), end: end.into() })),
        }
    }
}

impl Ends {
    /// What two texts have in common of which this is known, or that are known as a whole.
    ///
    /// The shorter one is at least as long as `shortest`: no more than that is known of both ends together.
    fn shared(&self, other: &Ends, shortest: usize) -> Ends {
        let start = common_start(&self.start, &other.start);
        let end = common_end(&self.end, &other.end);
        let room = shortest.saturating_sub(start.len());
        let cut = (end.len().saturating_sub(room)..=end.len()).find(|cut| end.is_char_boundary(*cut));
        Ends { start: start.into(), end: end[cut.unwrap_or(end.len())..].into() }
    }
}

impl<T: Deref<Target = str>> Ends<T> {
    /// Whether the text may be this one.
    pub fn may_be(&self, text: &str) -> bool {
        !text.is_empty()
            && text.len() >= self.start.len() + self.end.len()
            && text.starts_with(&*self.start)
            && text.ends_with(&*self.end)
    }

    /// Whether the text begins so; `None` where some texts do that it may be.
    pub fn start_with(&self, wanted: &str) -> Option<bool> {
        if self.start.starts_with(wanted) {
            return Some(true);
        }
        (!wanted.starts_with(&*self.start)).then_some(false)
    }

    /// Whether the text ends so; `None` where some texts do that it may be.
    pub fn end_with(&self, wanted: &str) -> Option<bool> {
        if self.end.ends_with(wanted) {
            return Some(true);
        }
        (!wanted.ends_with(&*self.end)).then_some(false)
    }
}

/// What several texts have in common, one of which it will be.
#[derive(Clone)]
pub(crate) struct Shared {
    ends: Ends,
    /// No text is shorter; bytes.
    shortest: usize,
}

impl Shared {
    pub fn whole(text: &Rc<str>) -> Shared {
        Shared { ends: Ends { start: Rc::clone(text), end: Rc::clone(text) }, shortest: text.len() }
    }

    pub fn partly(ends: &Ends) -> Shared {
        Shared { ends: ends.clone(), shortest: ends.start.len() + ends.end.len() }
    }

    pub fn with(&self, other: &Shared) -> Shared {
        let shortest = self.shortest.min(other.shortest);
        Shared { ends: self.ends.shared(&other.ends, shortest), shortest }
    }

    pub fn ends(self) -> Ends {
        self.ends
    }
}

fn common_start<'t>(left: &'t str, right: &str) -> &'t str {
    let shared = left.chars().zip(right.chars()).take_while(|(left, right)| left == right);
    &left[..shared.map(|(character, _)| character.len_utf8()).sum()]
}

fn common_end<'t>(left: &'t str, right: &str) -> &'t str {
    let shared = left.chars().rev().zip(right.chars().rev()).take_while(|(left, right)| left == right);
    &left[left.len() - shared.map(|(character, _)| character.len_utf8()).sum::<usize>()..]
}

#[cfg(test)]
mod tests {
    use super::{Assembly, Ends, Shared};

    fn shared(texts: &[&str]) -> Option<(String, String)> {
        let mut each = texts.iter().map(|text| Shared::whole(&(*text).into()));
        let first = each.next()?;
        let Ends { start, end } = each.fold(first, |shared, other| shared.with(&other)).ends();
        Some((start.to_string(), end.to_string()))
    }

    #[test]
    fn what_texts_share_never_overlaps() {
        let pair = |start: &str, end: &str| Some((start.to_owned(), end.to_owned()));
        assert_eq!(shared(&["a-blue-z", "a-red-z"]), pair("a-", "-z"));
        assert_eq!(shared(&["aba", "abaXaba"]), pair("aba", ""));
        assert_eq!(shared(&["aéa", "aé-éa", "aéé"]), pair("aé", ""));
    }

    #[test]
    fn parts_between_unknown_ones_are_forgotten_but_said_to_be_there() {
        let made = |parts: &[Option<&str>]| {
            let mut text = Assembly::default();
            for part in parts {
                match part {
                    Some(part) => text.push(part),
                    None => text.push_unknown(),
                }
            }
            text.finish()
        };
        let ends = |start: &str, end: &str| Err(Some(Ends { start: start.into(), end: end.into() }));
        assert_eq!(made(&[Some("a"), Some("b")]), Ok("ab".to_owned()));
        assert_eq!(made(&[Some("a"), None, Some("b"), None, Some("c")]), ends("a", "c"));
        assert_eq!(made(&[None, Some("b"), None]), ends("", ""));
        assert_eq!(made(&[None, Some(""), None]), Err(None));
    }

    #[test]
    fn ends_decide_what_they_can() {
        let ends = Ends { start: "arn:", end: ":policy/Admin" };
        assert_eq!(ends.end_with("Admin"), Some(true));
        assert_eq!(ends.end_with("Reader"), Some(false));
        assert_eq!(ends.end_with("aws:policy/Admin"), None);
        assert!(ends.may_be("arn:aws:policy/Admin"));
        assert!(!ends.may_be("arn:policy/Admin"), "the colon is in both");
    }
}
