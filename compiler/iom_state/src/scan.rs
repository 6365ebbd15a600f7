//! Plain JSON, eight bytes at a time. What is found here is well-formed; what is anything but plain (unusual escape
//! sequences, numbers with a fraction, very deep nesting, mistakes) is found by nobody here and left to [`jiter`], which
//! knows all of JSON and says what is wrong with it. Measured over a plan of 60 MB, stepping over everything takes half of
//! jiter's time.

const EVERY_BYTE: u64 = 0x0101_0101_0101_0101;
const HIGH_BITS: u64 = 0x8080_8080_8080_8080;

/// Deepest nesting that is stepped over here.
const DEPTH: u32 = 100;
/// Longest integer that is looked at here: it cannot overflow.
const DIGITS: usize = 18;

/// The index of the first byte from `at` on that is no white space.
#[inline(always)]
pub(crate) fn space(data: &[u8], mut at: usize) -> usize {
    while let Some(b' ' | b'\n' | b'\t' | b'\r') = data.get(at) {
        at += 1;
    }
    at
}

/// Marks, by its high bit, the first byte of a word that ends a run of plain text: a quote, a backslash or a control
/// character. Bytes after it may be marked without being one.
#[inline(always)]
fn ends_of_text(word: u64) -> u64 {
    let below = |word: u64, limit: u64| word.wrapping_sub(EVERY_BYTE * limit) & !word;
    let is = |byte: u8| below(word ^ (EVERY_BYTE * u64::from(byte)), 1);
    (below(word, 0x20) | is(b'"') | is(b'\\')) & HIGH_BITS
}

/// The index of the first quote, backslash or control character from `at` on.
#[inline(always)]
fn end_of_text(data: &[u8], mut at: usize) -> Option<usize> {
    while let Some(word) = data.get(at..)?.first_chunk() {
        let ends = ends_of_text(u64::from_le_bytes(*word));
        if ends != 0 {
            return Some(at + (ends.trailing_zeros() / 8) as usize);
        }
        at += 8;
    }
    let is_end = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..0x20);
    data.get(at..)?.iter().position(is_end).map(|found| at + found)
}

/// The index of the quote that ends a string without escape sequences; `at` is after the quote it begins with.
#[inline(always)]
pub(crate) fn plain_text(data: &[u8], at: usize) -> Option<usize> {
    end_of_text(data, at).filter(|end| data.get(*end) == Some(&b'"'))
}

/// As [`plain_text`], stepping over escape sequences of one character.
#[inline(always)]
pub(crate) fn written_text(data: &[u8], mut at: usize) -> Option<usize> {
    loop {
        let end = end_of_text(data, at)?;
        match data.get(end)? {
            b'"' => return Some(end),
            b'\\' => match data.get(end + 1)? {
                b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => at = end + 2,
                _ => return None,
            },
            _ => return None,
        }
    }
}

/// The index after the colon that follows a name of an object; `end` is the name's closing quote.
#[inline(always)]
pub(crate) fn colon(data: &[u8], end: usize) -> Option<usize> {
    let at = space(data, end + 1);
    (data.get(at) == Some(&b':')).then_some(at + 1)
}

/// The index after an integer of moderate size.
#[inline(always)]
pub(crate) fn integer(data: &[u8], at: usize) -> Option<usize> {
    let start = if data.get(at) == Some(&b'-') { at + 1 } else { at };
    let mut end = start;
    while data.get(end).is_some_and(u8::is_ascii_digit) {
        end += 1;
    }
    let is_canonical = end == start + 1 || (end > start && data.get(start) != Some(&b'0'));
    let goes_on = matches!(data.get(end), Some(b'.' | b'e' | b'E'));
    (is_canonical && !goes_on && end - start <= DIGITS).then_some(end)
}

/// The index after `word`, if it stands at `at`.
#[inline(always)]
pub(crate) fn word(data: &[u8], at: usize, word: &[u8]) -> Option<usize> {
    data.get(at..)?.starts_with(word).then_some(at + word.len())
}

/// The index after the value whose first byte is at `at`.
pub(crate) fn value(data: &[u8], mut at: usize) -> Option<usize> {
    // One bit per open container, the innermost lowest: set for an object.
    let mut open = 0_u128;
    let mut depth = 0;
    loop {
        at = match data.get(at)? {
            b'"' => written_text(data, at + 1)? + 1,
            b'{' => {
                at = space(data, at + 1);
                match data.get(at)? {
                    b'}' => at + 1,
                    _ if depth == DEPTH => return None,
                    _ => {
                        (open, depth) = (open << 1 | 1, depth + 1);
                        at = name(data, at)?;
                        continue;
                    }
                }
            }
            b'[' => {
                at = space(data, at + 1);
                match data.get(at)? {
                    b']' => at + 1,
                    _ if depth == DEPTH => return None,
                    _ => {
                        (open, depth) = (open << 1, depth + 1);
                        continue;
                    }
                }
            }
            b't' => word(data, at, b"true")?,
            b'f' => word(data, at, b"false")?,
            b'n' => word(data, at, b"null")?,
            _ => integer(data, at)?,
        };
        loop {
            if depth == 0 {
                return Some(at);
            }
            at = space(data, at);
            match (data.get(at)?, open & 1) {
                (b',', 1) => {
                    at = name(data, space(data, at + 1))?;
                    break;
                }
                (b',', _) => {
                    at = space(data, at + 1);
                    break;
                }
                (b'}', 1) | (b']', 0) => (at, open, depth) = (at + 1, open >> 1, depth - 1),
                _ => return None,
            }
        }
    }
}

/// The index of the value after a name and its colon.
#[inline(always)]
fn name(data: &[u8], at: usize) -> Option<usize> {
    if data.get(at)? != &b'"' {
        return None;
    }
    let after = colon(data, written_text(data, at + 1)?)?;
    Some(space(data, after))
}

#[cfg(test)]
mod tests {
    use jiter::Jiter;
    use proptest::prelude::*;

    use super::*;

    fn jiter_end(text: &str) -> Option<usize> {
        let mut jiter = Jiter::new(text.as_bytes());
        jiter.next_skip().ok().map(|()| jiter.current_index())
    }

    #[test]
    fn plain_values_end_where_they_end() {
        let plain = [
            "{\"a\": [1, -2, {\"b\" : null, \"c\":[ ]}], \"é𝄞\":true, \"\":{ }} ",
            "\"a longer text with \\\"quotes\\\" and \\\\ and \\n\" ",
            "[[], [false], 0, -0, 123456789012345678]x",
        ];
        for text in plain {
            assert_eq!(value(text.as_bytes(), 0), jiter_end(text), "{text}");
            assert!(value(text.as_bytes(), 0).is_some(), "{text}");
        }
    }

    #[test]
    fn what_is_not_plain_is_left_alone() {
        let others = [
            "\"\\u00e9\"",
            "1.5",
            "1e3",
            "01",
            "-",
            "",
            "\"\t\"",
            "\"",
            "[1,]",
            "[1 2]",
            "{\"a\" 1}",
            "{\"a\":1,}",
            "{a:1}",
            "[1}",
            "{\"a\":1]",
            "tru",
            "nul",
            "1234567890123456789",
            "{\"a\\u0061\":1}",
            "\"\\q\"",
            "[,]",
        ];
        for text in others {
            assert_eq!(value(text.as_bytes(), 0), None, "{text}");
        }
        assert_eq!(value("[".repeat(1000).as_bytes(), 0), None);
        let deep = "[".repeat(DEPTH as usize) + &"]".repeat(DEPTH as usize);
        assert_eq!(value(deep.as_bytes(), 0), Some(2 * DEPTH as usize));
        let deeper = format!("[[{deep}]]");
        assert_eq!(value(deeper.as_bytes(), 0), None);
    }

    /// Text of the signs that matter, which is JSON often enough.
    fn nearly_json() -> impl Strategy<Value = String> {
        let pieces = [
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            "\"a\"",
            "\"\"",
            "\"",
            "\\",
            "\\\"",
            "1",
            "-",
            "0",
            ".5",
            "true",
            "null",
            " ",
            "\n",
            "\u{1}",
            "é",
            "[1,2]",
            "{\"a\":1}",
            "\"a\":",
            "longer plain text",
            "false",
            "\u{7f}",
        ];
        prop::collection::vec(prop::sample::select(pieces.to_vec()), 0..12).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn whatever_is_accepted_is_accepted_by_jiter_too(text in nearly_json()) {
            if let Some(end) = value(text.as_bytes(), 0) {
                prop_assert_eq!(Some(end), jiter_end(&text));
            }
        }

        #[test]
        fn ends_of_text_are_found(text in "\\PC{0,20}[\"\\\\\\x01]?\\PC{0,20}") {
            let is_end = |byte: u8| matches!(byte, b'"' | b'\\' | 0..0x20);
            prop_assert_eq!(end_of_text(text.as_bytes(), 0), text.bytes().position(is_end));
        }
    }
}
