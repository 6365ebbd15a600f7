//! Characters that make a reader see something else than the compiler: terminal controls, and marks that reorder the
//! letters around them ("Trojan Source", CVE-2021-42574).

use iom_diagnostics::{Diagnostic, code};
use text_size::{TextRange, TextSize};

use crate::parse::MAX_ERRORS;

/// One error per hidden character, wherever it stands: also in strings and comments.
pub(crate) fn hidden_characters(text: &str) -> Vec<Diagnostic<TextRange>> {
    // Nearly every file is free of them, and a plain look at the bytes tells.
    if text.bytes().all(|byte| byte.is_ascii() && !is_control(byte as char)) {
        return Vec::new();
    }
    let is_hidden = |(at, character): &(usize, char)| {
        is_control(*character) || reorders(*character) || is_invisible(text, *at, *character)
    };
    let hidden = text.char_indices().filter(is_hidden);
    hidden.take(MAX_ERRORS).map(|(at, character)| error(at, character)).collect()
}

fn error(at: usize, character: char) -> Diagnostic<TextRange> {
    let name = format!("\\u{{{:x}}}", u32::from(character));
    let place = TextRange::at(TextSize::new(at as u32), TextSize::of(character));
    let (message, help) = if reorders(character) {
        (
            format!(
                "`{name}` reorders the letters around it, so that readers see another text than the compiler"
            ),
            format!("remove it; a string that needs it spells it out: \"{name}\""),
        )
    } else if !character.is_control() {
        (
            format!("`{name}` is a character that nobody sees: two texts that look the same differ by it"),
            format!("remove it; a string that needs it spells it out: \"{name}\""),
        )
    } else {
        (
            format!("`{name}` is a control character that nobody sees"),
            format!("remove it; a string that needs it spells it out: \"{name}\""),
        )
    };
    Diagnostic::new(code::BAD_TEXT, place, message).help(help)
}

/// Line breaks, tabs and a byte order mark are no secret.
fn is_control(character: char) -> bool {
    character.is_control() && !matches!(character, '\n' | '\r' | '\t')
}

/// Characters without width and without a look. Joiners are letters' business in many scripts, but never between letters of
/// ASCII; a byte order mark belongs at the start of a file.
fn is_invisible(text: &str, at: usize, character: char) -> bool {
    match character {
        '\u{200c}' | '\u{200d}' => {
            let is_ascii = |character: Option<char>| character.is_none_or(|character| character.is_ascii());
            is_ascii(text[..at].chars().next_back())
                && is_ascii(text[at + character.len_utf8()..].chars().next())
        }
        '\u{feff}' => at > 0,
        '\u{ad}'
        | '\u{34f}'
        | '\u{180e}'
        | '\u{200b}'
        | '\u{2028}'
        | '\u{2029}'
        | '\u{2060}'..='\u{2064}' => true,
        '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}' => true,
        _ => false,
    }
}

fn reorders(character: char) -> bool {
    matches!(character, '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use crate::parse;

    #[test]
    fn hidden_characters_are_errors_wherever_they_stand() {
        for text in [
            "const a = \"x\u{202e}y\"\n",
            "// \u{2066} comment\nconst a = 1\n",
            "const a = \"\u{1b}[31m\"\n",
            "const a = \"\u{9b}31m\"\n",
            "const a = \"pr\u{200d}od\"\n",
            "const a = \"pr\u{200b}od\"\n",
            "// x\u{e0041}\nconst a = 1\n",
            "const a = 1\n\u{feff}const b = 1\n",
        ] {
            let codes: Vec<String> =
                parse(text).errors().iter().map(|error| error.code.to_string()).collect();
            assert_eq!(codes, ["IOM0012"], "{text:?}");
        }
    }

    #[test]
    fn letters_of_all_scripts_are_fine_in_strings_and_comments() {
        let text = "\u{feff}// שלום, 世界, 🙂 👩\u{200d}💻 می\u{200c}خواهم\r\nconst a = \"مرحبا\t€\"\n";
        assert_eq!(parse(text).errors(), []);
    }
}
