//! What comes next in an object is mostly what came next in the object before it: sources list thousands of objects of one
//! type, written by one program. A name that stands where it usually does is told by comparing bytes, without looking for
//! its end or asking what it means.

/// Most names that are remembered of one sort of objects.
const MOST: usize = 256;
/// Longest name, with the signs around it, that is remembered.
const LONGEST: usize = 128;

/// The members that objects of one sort have, in their usual order: everything from the end of the value before to the
/// value itself, as it was written when it was read with care.
pub(crate) struct Usual<K> {
    beginning: Option<(Box<[u8]>, K)>,
    members: Vec<(Box<[u8]>, K)>,
    /// The member that is expected next.
    next: usize,
}

impl<K> Default for Usual<K> {
    fn default() -> Usual<K> {
        Usual { beginning: None, members: Vec::new(), next: 0 }
    }
}

impl<K: Copy> Usual<K> {
    /// How many members are known.
    pub(crate) fn names(&self) -> usize {
        self.members.len()
    }

    /// Begins an object. If it begins as usual: how much of the text that is, and which member follows.
    #[inline]
    pub(crate) fn begin(&mut self, text: &[u8]) -> Option<(usize, K)> {
        self.next = 0;
        let (written, key) = self.beginning.as_ref()?;
        begins(text, written).then_some((written.len(), *key))
    }

    /// Goes on after a value: how much of the text leads to the next one, and which member it is. One member may be missing.
    #[inline]
    pub(crate) fn go_on(&mut self, text: &[u8]) -> Option<(usize, K)> {
        let expected = self.members.get(self.next..)?;
        let (skipped, (written, key)) =
            expected.iter().take(2).enumerate().find(|(_, (written, _))| begins(text, written))?;
        self.next += skipped + 1;
        Some((written.len(), *key))
    }

    /// Remembers how the object began.
    #[cold]
    pub(crate) fn learn_beginning(&mut self, written: &[u8], key: K) {
        if written.len() <= LONGEST {
            self.beginning = Some((written.into(), key));
        }
    }

    /// Remembers a member that was not expected here: where it was found before, the members between are missing in this
    /// object; else it is new.
    #[cold]
    pub(crate) fn learn(&mut self, written: &[u8], key: K) {
        let later = self.members.get(self.next..).unwrap_or_default();
        if let Some(position) = later.iter().position(|(known, _)| **known == *written) {
            self.next += position + 1;
        } else if self.members.len() < MOST && written.len() <= LONGEST {
            self.members.insert(self.next.min(self.members.len()), (written.into(), key));
            self.next += 1;
        }
    }
}

/// Whether a text begins so. What is compared is short: its first and its last bytes, which may overlap, are all of it.
#[inline]
fn begins(text: &[u8], written: &[u8]) -> bool {
    let Some(text) = text.get(..written.len()) else { return false };
    match written.len() {
        4..8 => ends_agree::<4>(text, written),
        8..16 => ends_agree::<8>(text, written),
        16..=32 => ends_agree::<16>(text, written),
        _ => text == written,
    }
}

/// Whether the first and the last bytes of both are the same.
#[inline(always)]
fn ends_agree<const N: usize>(text: &[u8], written: &[u8]) -> bool {
    text.first_chunk::<N>() == written.first_chunk() && text.last_chunk::<N>() == written.last_chunk()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::reader::Reader;

    proptest! {
        #[test]
        fn beginnings_are_told(text in "[ab]{0,40}", written in "[ab]{0,3}|[ab]{0,40}", cut in 0_usize..40) {
            prop_assert_eq!(begins(text.as_bytes(), written.as_bytes()), text.starts_with(&written));
            let start = &text[..cut.min(text.len())];
            prop_assert!(begins(text.as_bytes(), start.as_bytes()));
        }
    }

    /// The names of an object's members, by their second letter.
    fn names(usual: &mut Usual<char>, text: &str) -> String {
        let classify = |name: &str| name.chars().nth(1).unwrap_or('?');
        let mut reader = Reader::at(text, 0);
        let mut found = String::new();
        let mut next = reader.first_usual_member(usual, classify).unwrap();
        while let Some(name) = next {
            found.push(name);
            reader.skip().unwrap();
            next = reader.next_usual_member(usual, classify).unwrap();
        }
        reader.finish().unwrap();
        found
    }

    #[test]
    fn objects_read_the_same_whatever_came_before() {
        let mut usual = Usual::default();
        let texts = [
            (r#"{"_a":1,"_b":[2],"_c":{"x":3}}"#, "abc"),
            (r#"{"_a":1,"_c":2}"#, "ac"),
            (r#"{"_b":1,"_c":2,"_d":4}"#, "bcd"),
            (r#"{ "_a" : 1, "_b" : 2, "_e" : 3 }"#, "abe"),
            (r#"{}"#, ""),
            (r#"{"_d":1,"_c":2,"_b":4,"_a":5,"_a":6}"#, "dcbaa"),
            (r#"{"\u005fa":1,"_\u0062":[2],"_c":{"x":3}}"#, "abc"),
        ];
        for _ in 0..3 {
            for (text, expected) in texts {
                assert_eq!(names(&mut usual, text), expected, "{text}");
            }
        }
    }

    #[test]
    fn mistakes_are_no_names() {
        for text in [r#"{"_a":1{"_a":2}"#, r#"{"_a":1 "_b":2}"#, r#"{,"_b":2}"#, r#"{"_a":1,}"#] {
            let mut usual = Usual::default();
            names(&mut usual, r#"{"_a":1,"_b":2}"#);
            let mut reader = Reader::at(text, 0);
            let mut read = || {
                let mut next = reader.first_usual_member(&mut usual, |_| ' ')?;
                while next.is_some() {
                    reader.skip()?;
                    next = reader.next_usual_member(&mut usual, |_| ' ')?;
                }
                Ok::<(), crate::fault::Fault>(())
            };
            assert!(read().is_err(), "{text}");
        }
    }
}
