//! Source texts and messages come from files that nobody vouches for. What reaches a terminal or a log must not be
//! able to move its cursor, recolour it or reorder its letters.

use std::borrow::Cow;

/// The text with every character that could act on a terminal replaced by one of the same length in UTF-8, so that
/// byte offsets stay valid. Line feeds, tabs and the carriage return of a CRLF line break are kept.
pub fn harmless(text: &str) -> Cow<'_, str> {
    if !text.chars().any(acts_on_terminal) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let kept = !acts_on_terminal(character) || (character == '\r' && characters.peek() == Some(&'\n'));
        safe.push(if kept { character } else { substitute(character) });
    }
    Cow::Owned(safe)
}

/// A message on one line, for formats that promise one line each.
pub fn one_line(text: &str) -> String {
    let harmless = harmless(text);
    harmless.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn acts_on_terminal(character: char) -> bool {
    match character {
        '\n' | '\t' => false,
        // Line and paragraph separators break lines for some readers and not for others.
        '\u{2028}' | '\u{2029}' => true,
        // Marks that reorder or hide the letters around them ("Trojan source").
        '\u{200B}'
        | '\u{200E}'
        | '\u{200F}'
        | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}'
        | '\u{FEFF}' => true,
        other => other.is_control(),
    }
}

fn substitute(character: char) -> char {
    match character.len_utf8() {
        1 => '?',
        2 => '\u{00BF}',
        _ => '\u{FFFD}',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_substitute_keeps_the_byte_length() {
        for character in
            (0..=u32::from(char::MAX)).filter_map(char::from_u32).filter(|c| acts_on_terminal(*c))
        {
            assert_eq!(substitute(character).len_utf8(), character.len_utf8(), "{character:?}");
        }
    }

    #[test]
    fn escape_codes_lose_their_power() {
        assert_eq!(harmless("a\u{1b}[31mb\u{202e}c\u{85}"), "a?[31mb\u{FFFD}c\u{BF}");
    }

    #[test]
    fn ordinary_text_is_not_copied() {
        assert!(matches!(harmless("fn a() = \"héllo 🦀\"\n\t"), Cow::Borrowed(_)));
        assert_eq!(harmless("a\r\nb\rc"), "a\r\nb?c");
    }

    #[test]
    fn one_line_has_no_breaks() {
        assert_eq!(one_line("a\n  b\tc"), "a b c");
    }
}
