//! Blocks on one line, `resource "a" "b" { x = 1  y { z = 2 } }`, spread over lines as HCL wants them. Blanks become line
//! breaks and nothing moves, so every place in the text stays what it is.

#[derive(Clone, Copy, PartialEq, Eq)]
enum Around {
    /// The body of a block, or the text as a whole.
    Body,
    /// `{ .. }`, `[ .. ]`, `( .. )` of an expression.
    Expression,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Last {
    /// A value may begin here.
    Open,
    /// A name, text, number or closing bracket stands before.
    Closed,
}

/// The text with line breaks between attributes and blocks of one line.
pub(super) fn over_lines(text: &str) -> String {
    let mut out = text.as_bytes().to_vec();
    let bytes = text.as_bytes();
    let mut around = vec![Around::Body];
    let mut last = Last::Open;
    // In a body: an attribute's value is being read.
    let mut in_value = false;
    let mut position = 0;
    while let Some(byte) = bytes.get(position).copied() {
        let start = position;
        let is_body = around.last() == Some(&Around::Body);
        match byte {
            b' ' | b'\t' | b'\r' => {
                position += 1;
                continue;
            }
            b'\n' => {
                if is_body {
                    (last, in_value) = (Last::Open, false);
                }
                position += 1;
                continue;
            }
            b'#' => position = line_end(bytes, position),
            b'/' if bytes.get(position + 1) == Some(&b'/') => position = line_end(bytes, position),
            b'/' if bytes.get(position + 1) == Some(&b'*') => position = after(bytes, position + 2, b"*/"),
            b'<' if bytes.get(position + 1) == Some(&b'<') => {
                position = heredoc_end(bytes, position);
                last = Last::Closed;
            }
            b'"' => {
                position = text_end(bytes, position);
                last = Last::Closed;
            }
            b'{' if is_body && !in_value => {
                break_before(&mut out, bytes, position + 1);
                around.push(Around::Body);
                last = Last::Open;
                position += 1;
            }
            b'{' | b'[' | b'(' => {
                around.push(Around::Expression);
                last = Last::Open;
                position += 1;
            }
            b'}' | b']' | b')' => {
                if is_body && byte == b'}' && start > 0 {
                    break_before(&mut out, bytes, start - 1);
                }
                if around.len() > 1 {
                    around.pop();
                }
                last = Last::Closed;
                if is_body {
                    in_value = false;
                }
                position += 1;
            }
            b'=' if bytes.get(position + 1) != Some(&b'=') => {
                in_value |= is_body;
                last = Last::Open;
                position += 1;
            }
            _ if byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80 => {
                // Two values side by side: here the next attribute or block begins.
                let begins = is_body && last == Last::Closed && (in_value || was_block(bytes, start));
                if begins && byte.is_ascii_alphabetic() {
                    break_before(&mut out, bytes, start.saturating_sub(1));
                    in_value = false;
                }
                while bytes.get(position).is_some_and(|byte| is_word(*byte)) {
                    position += 1;
                }
                last = Last::Closed;
            }
            _ => {
                last = Last::Open;
                position += 1;
            }
        }
    }
    // Only blanks were replaced by line breaks.
    String::from_utf8(out).unwrap_or_else(|_| text.to_owned())
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.') || byte >= 0x80
}

/// Whether the last thing before is the end of a block.
fn was_block(bytes: &[u8], position: usize) -> bool {
    bytes[..position].iter().rev().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'}')
}

/// Makes a line break of the blank at a place, if there is one.
fn break_before(out: &mut [u8], bytes: &[u8], position: usize) {
    if bytes.get(position) == Some(&b' ') {
        out[position] = b'\n';
    }
}

fn line_end(bytes: &[u8], position: usize) -> usize {
    memchr::memchr(b'\n', &bytes[position..]).map_or(bytes.len(), |length| position + length)
}

fn after(bytes: &[u8], position: usize, end: &[u8]) -> usize {
    let rest = bytes.get(position..).unwrap_or_default();
    memchr::memmem::find(rest, end).map_or(bytes.len(), |length| position + length + end.len())
}

/// Past a quoted text; what is interpolated may hold quotes itself.
fn text_end(bytes: &[u8], position: usize) -> usize {
    let mut position = position + 1;
    let mut depth = 0_usize;
    let mut inner = false;
    while let Some(byte) = bytes.get(position) {
        match byte {
            b'\\' => position += 1,
            b'$' | b'%' if !inner && bytes.get(position + 1) == Some(&b'{') => {
                depth += 1;
                position += 1;
            }
            b'{' if depth > 0 && !inner => depth += 1,
            b'}' if depth > 0 && !inner => depth -= 1,
            b'"' if depth == 0 => return position + 1,
            b'"' => inner = !inner,
            b'\n' if depth == 0 => return position,
            _ => {}
        }
        position += 1;
    }
    bytes.len()
}

fn heredoc_end(bytes: &[u8], position: usize) -> usize {
    let mut start = position + 2;
    if bytes.get(start) == Some(&b'-') {
        start += 1;
    }
    let end = line_end(bytes, start);
    let name: &[u8] = bytes[start..end].trim_ascii();
    let mut line = end;
    while line < bytes.len() {
        let next = line_end(bytes, line + 1);
        if bytes[line + 1..next].trim_ascii() == name {
            return next;
        }
        line = next;
    }
    bytes.len()
}
