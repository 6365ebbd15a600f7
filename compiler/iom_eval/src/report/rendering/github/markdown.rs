use super::super::plain::{clipped, one_line};

/// Characters of a text in a table.
const MOST_IN_A_CELL: usize = 240;

/// A text as it is, in a cell of a table: nothing in it is formatting, a link, HTML or the end of the cell.
pub(super) fn cell(text: &str) -> String {
    let text = one_line(text);
    let mut escaped = String::with_capacity(text.len() + 8);
    for character in clipped(text.trim(), MOST_IN_A_CELL).chars() {
        match character {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            // Would call somebody, or make a link.
            '@' => escaped.push_str("&#64;"),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '(' | ')' | '#' | '+' | '!' | '|' | '~' => {
                escaped.push('\\');
                escaped.push(character);
            }
            other => escaped.push(other),
        }
    }
    // Addresses on the web become links by themselves.
    escaped.replace("://", "&#58;//").replace("www.", "www&#46;")
}

/// A name in a cell, in the font of code.
pub(super) fn code(text: &str) -> String {
    format!("<code>{}</code>", cell(text))
}
