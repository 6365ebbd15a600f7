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
    let hidden = text.char_indices().filter(|(_, character)| is_control(*character) || reorders(*character));
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
        ] {
            let codes: Vec<String> =
                parse(text).errors().iter().map(|error| error.code.to_string()).collect();
            assert_eq!(codes, ["IOM0012"], "{text:?}");
        }
    }

    #[test]
    fn letters_of_all_scripts_are_fine_in_strings_and_comments() {
        let text = "// שלום, 世界, 🙂\r\nconst a = \"مرحبا\t€\"\n";
        assert_eq!(parse(text).errors(), []);
    }
}
