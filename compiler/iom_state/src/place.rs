//! Places for error messages: line, column and JSON pointer of an offset. Only run when something is wrong, so that the
//! readers need not keep track. Works on text that is no valid JSON: the pointer is as good as the text up to the offset.

/// Longest name shown in a pointer; longer ones are cut.
const LONGEST_NAME: usize = 80;
/// Deepest pointer kept: deeper places are shown by their first ancestors.
const DEEPEST_POINTER: usize = 256;

/// Line and column (in bytes), both from 1.
pub(crate) fn line_and_column(text: &str, offset: usize) -> (u32, u32) {
    let before = text.as_bytes().get(..offset).unwrap_or(text.as_bytes());
    let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
    let column = before.iter().rev().take_while(|byte| **byte != b'\n').count() + 1;
    (u32::try_from(line).unwrap_or(u32::MAX), u32::try_from(column).unwrap_or(u32::MAX))
}

/// A list or an object that is open at the offset.
enum Open {
    List {
        position: usize,
    },
    Object {
        /// The member being read: set once its name is read.
        name: Option<String>,
        /// Between the name's place and its colon.
        awaits_name: bool,
    },
}

/// JSON pointer of the value that stands at an offset, or of the innermost value around it.
pub(crate) fn pointer_at(text: &str, offset: usize) -> String {
    let before = text.as_bytes().get(..offset).unwrap_or(text.as_bytes());
    let mut open: Vec<Open> = Vec::new();
    let mut hidden_depth = 0usize;
    let mut index = 0;
    while let Some(byte) = before.get(index) {
        match byte {
            b'{' | b'[' if open.len() >= DEEPEST_POINTER => hidden_depth += 1,
            b'}' | b']' if hidden_depth > 0 => hidden_depth -= 1,
            b'{' => open.push(Open::Object { name: None, awaits_name: true }),
            b'[' => open.push(Open::List { position: 0 }),
            b'}' | b']' => {
                open.pop();
            }
            b'"' => {
                let (name, end) = string_at(before, index);
                if hidden_depth == 0
                    && let Some(Open::Object { name: slot, awaits_name: true }) = open.last_mut()
                {
                    *slot = Some(name);
                }
                index = end;
                continue;
            }
            b':' if hidden_depth == 0 => {
                if let Some(Open::Object { awaits_name, .. }) = open.last_mut() {
                    *awaits_name = false;
                }
            }
            b',' if hidden_depth == 0 => match open.last_mut() {
                Some(Open::List { position }) => *position += 1,
                Some(Open::Object { name, awaits_name }) => (*name, *awaits_name) = (None, true),
                None => {}
            },
            _ => {}
        }
        index += 1;
    }
    render(&open)
}

/// The text of the string that starts at `start`, escapes as written, and the index after it.
fn string_at(bytes: &[u8], start: usize) -> (String, usize) {
    let mut index = start + 1;
    while let Some(byte) = bytes.get(index) {
        match byte {
            b'"' => break,
            b'\\' => index += 2,
            _ => index += 1,
        }
    }
    let end = index.min(bytes.len());
    let raw = bytes.get(start + 1..end).unwrap_or_default();
    let shown = String::from_utf8_lossy(raw.get(..LONGEST_NAME).unwrap_or(raw)).into_owned();
    (if raw.len() > LONGEST_NAME { format!("{shown}…") } else { shown }, end + 1)
}

fn render(open: &[Open]) -> String {
    let mut pointer = String::new();
    for container in open {
        match container {
            Open::List { position } => {
                pointer.push('/');
                pointer.push_str(&position.to_string());
            }
            Open::Object { name: Some(name), .. } => {
                pointer.push('/');
                pointer.push_str(&name.replace('~', "~0").replace('/', "~1"));
            }
            Open::Object { name: None, .. } => break,
        }
    }
    pointer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pointers_name_the_value_at_an_offset() {
        let text = r#"{"a/b": [1, {"c": "x\"y", "d": [true, null]}], "e": 2}"#;
        let at = |needle: &str| pointer_at(text, text.find(needle).unwrap());
        assert_eq!(at("1,"), "/a~1b/0");
        assert_eq!(at("\"x"), "/a~1b/1/c");
        assert_eq!(at("null"), "/a~1b/1/d/1");
        assert_eq!(at("2}"), "/e");
        assert_eq!(pointer_at(text, 0), "");
        assert_eq!(pointer_at(text, text.len() + 10), "");
    }

    #[test]
    fn cut_off_and_deep_text_still_has_a_pointer() {
        assert_eq!(pointer_at(r#"{"a": {"b": [1, 2, "#, 100), "/a/b/2");
        assert_eq!(pointer_at(r#"{"a": "never closed"#, 100), "/a");
        assert_eq!(pointer_at(&"[".repeat(100_000), 100_000).len(), 2 * DEEPEST_POINTER);
    }

    #[test]
    fn lines_and_columns_count_from_one() {
        assert_eq!(line_and_column("ab\ncd", 0), (1, 1));
        assert_eq!(line_and_column("ab\ncd", 4), (2, 2));
        assert_eq!(line_and_column("ab\n", 99), (2, 1));
    }
}
