//! Addresses, messages and values come from files that nobody vouches for: what reaches a terminal or a log must stay on
//! its line and must not move the cursor, recolour the screen or reorder letters.

use std::borrow::Cow;
use std::fmt::Write;

/// The text on one line: line breaks and tabs as blanks, other characters that act on a terminal spelt out.
pub(super) fn one_line(text: &str) -> Cow<'_, str> {
    if !text.chars().any(acts_on_terminal) {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' | '\t' | '\r' => plain.push(' '),
            acting if acts_on_terminal(acting) => {
                // Writing to a string cannot fail.
                let _ = write!(plain, "\\u{{{:x}}}", u32::from(acting));
            }
            harmless => plain.push(harmless),
        }
    }
    Cow::Owned(plain)
}

/// The first `most` characters, with a sign where something was left out.
pub(super) fn clipped(text: &str, most: usize) -> Cow<'_, str> {
    match text.char_indices().nth(most) {
        None => Cow::Borrowed(text),
        Some(_) => {
            let kept = most.saturating_sub(1);
            let end = text.char_indices().nth(kept).map_or(text.len(), |(at, _)| at);
            Cow::Owned(format!("{}…", &text[..end]))
        }
    }
}

/// The text in lines of at most `width` characters, broken between words; a longer word keeps a line of its own.
pub(super) fn wrapped(text: &str, width: usize) -> Vec<&str> {
    let mut lines = Vec::new();
    let mut rest = text;
    while let Some((limit, _)) = rest.char_indices().nth(width) {
        let whole_word = rest[limit..].find(' ').map(|at| limit + at);
        // A blank right behind the limit still fits the line.
        let fitting = if rest[limit..].starts_with(' ') { Some(limit) } else { rest[..limit].rfind(' ') };
        let Some(end) = fitting.filter(|end| !rest[..*end].trim().is_empty()).or(whole_word) else { break };
        lines.push(rest[..end].trim_end());
        rest = rest[end..].trim_start();
    }
    lines.push(rest);
    lines
}

/// `1 resource`, `2 resources`
pub(super) fn counted(number: u64, one: &str, many: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {many}") }
}

fn acts_on_terminal(character: char) -> bool {
    matches!(
        character,
        // Marks that hide or reorder the letters around them, and separators that break lines for some readers only.
        '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
    ) || character.is_control()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_spelt_out() {
        assert_eq!(one_line("a\u{1b}[31mb\nc\u{202e}"), "a\\u{1b}[31mb c\\u{202e}");
        assert!(matches!(one_line("plain ✓"), Cow::Borrowed(_)));
    }

    #[test]
    fn lines_break_between_words() {
        assert_eq!(wrapped("one two three", 7), ["one two", "three"]);
        assert_eq!(wrapped("one two three", 8), ["one two", "three"]);
        assert_eq!(wrapped("unbreakable one", 4), ["unbreakable", "one"]);
        assert_eq!(wrapped("unbreakable", 4), ["unbreakable"]);
        assert_eq!(wrapped("", 4), [""]);
    }

    #[test]
    fn long_texts_are_clipped_by_characters() {
        assert_eq!(clipped("äöüß", 4), "äöüß");
        assert_eq!(clipped("äöüßx", 4), "äöü…");
    }
}
