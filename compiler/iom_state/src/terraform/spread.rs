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
    let mut spread = Spread {
        bytes: text.as_bytes(),
        out: text.as_bytes().to_vec(),
        around: vec![Around::Body],
        last: Last::Open,
        in_value: false,
    };
    let mut position = 0;
    while let Some(byte) = spread.bytes.get(position).copied() {
        position = spread.token(position, byte);
    }
    // Only blanks were replaced by line breaks.
    String::from_utf8(spread.out).unwrap_or_else(|_| text.to_owned())
}

struct Spread<'t> {
    bytes: &'t [u8],
    out: Vec<u8>,
    around: Vec<Around>,
    last: Last,
    /// In a body: an attribute's value is being read.
    in_value: bool,
}

impl Spread<'_> {
    /// Goes over one token; gives where the next one begins.
    fn token(&mut self, at: usize, byte: u8) -> usize {
        let next = self.bytes.get(at + 1).copied();
        match byte {
            b' ' | b'\t' | b'\r' => at + 1,
            b'\n' => self.line_break(at),
            b'#' => line_end(self.bytes, at),
            b'/' if next == Some(b'/') => line_end(self.bytes, at),
            b'/' if next == Some(b'*') => after(self.bytes, at + 2, b"*/"),
            b'<' if next == Some(b'<') => self.value(heredoc_end(self.bytes, at)),
            b'"' => self.value(text_end(self.bytes, at)),
            b'{' | b'[' | b'(' => self.open(at, byte),
            b'}' | b']' | b')' => self.close(at, byte),
            b'=' if next != Some(b'=') => {
                self.in_value |= self.is_body();
                self.sign(at)
            }
            _ if byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80 => self.word(at, byte),
            _ => self.sign(at),
        }
    }

    fn is_body(&self) -> bool {
        self.around.last() == Some(&Around::Body)
    }

    fn sign(&mut self, at: usize) -> usize {
        self.last = Last::Open;
        at + 1
    }

    fn value(&mut self, end: usize) -> usize {
        self.last = Last::Closed;
        end
    }

    fn line_break(&mut self, at: usize) -> usize {
        if self.is_body() {
            (self.last, self.in_value) = (Last::Open, false);
        }
        at + 1
    }

    fn open(&mut self, at: usize, byte: u8) -> usize {
        if byte == b'{' && self.is_body() && !self.in_value {
            self.break_at(at + 1);
            self.around.push(Around::Body);
        } else {
            self.around.push(Around::Expression);
        }
        self.sign(at)
    }

    fn close(&mut self, at: usize, byte: u8) -> usize {
        let is_body = self.is_body();
        if let (true, b'}', Some(before)) = (is_body, byte, at.checked_sub(1)) {
            self.break_at(before);
        }
        if self.around.len() > 1 {
            self.around.pop();
        }
        if is_body {
            self.in_value = false;
        }
        self.value(at + 1)
    }

    fn word(&mut self, at: usize, byte: u8) -> usize {
        // Two values side by side: here the next attribute or block begins.
        let is_second = self.is_body() && self.last == Last::Closed;
        if is_second && (self.in_value || was_block(self.bytes, at)) && byte.is_ascii_alphabetic() {
            self.break_at(at.saturating_sub(1));
            self.in_value = false;
        }
        let rest = self.bytes.get(at..).unwrap_or_default();
        self.value(at + rest.iter().take_while(|byte| is_word(**byte)).count())
    }

    /// Makes a line break of the blank at a place, if there is one.
    fn break_at(&mut self, at: usize) {
        if self.bytes.get(at) == Some(&b' ') {
            self.out[at] = b'\n';
        }
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.') || byte >= 0x80
}

/// Whether the last thing before is the end of a block.
fn was_block(bytes: &[u8], position: usize) -> bool {
    bytes[..position].iter().rev().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'}')
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
