//! Lowers the library's declarations once, so that nobody who runs it has to parse them.

use std::fmt::Write;
use std::ops::Range;

#[derive(Default)]
pub struct StoredSyntax {
    /// Of all files, one after the other.
    bytes: Vec<u8>,
    files: Vec<Vec<Stored>>,
}

/// A declaration at the top of a file, and where its bytes are.
struct Stored {
    keyword: &'static str,
    name: String,
    offset: u32,
    end: u32,
    syntax: Range<usize>,
    spans: Range<usize>,
}

impl StoredSyntax {
    /// Adds a file without mistakes.
    pub fn add(&mut self, text: &str) {
        let lowered = iom_syntax::lower_file(text).declarations;
        let stored = lowered.into_iter().map(|found| {
            let bytes = iom_syntax::write_declaration(&found.declaration).expect("syntax can be written");
            let length = found.spans.range(found.declaration.id).end();
            Stored {
                keyword: found.keyword,
                name: found.name.to_string(),
                offset: found.offset.into(),
                end: (found.offset + length).into(),
                syntax: push(&mut self.bytes, &bytes),
                spans: push(&mut self.bytes, found.spans.bytes()),
            }
        });
        let stored = stored.collect();
        self.files.push(stored);
    }

    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The text of `syntax.rs`: for each file its declarations.
    pub fn index(&self) -> String {
        let mut text = String::from("pub(crate) static SYNTAX: &[&[StoredDeclaration]] = &[\n");
        for file in &self.files {
            text.push_str("&[\n");
            for stored in file {
                let _ = writeln!(
                    text,
                    "StoredDeclaration {{ keyword: {:?}, name: {:?}, offset: {}, end: {}, syntax: ({}, {}), spans: ({}, {}) }},",
                    stored.keyword,
                    stored.name,
                    stored.offset,
                    stored.end,
                    stored.syntax.start,
                    stored.syntax.end,
                    stored.spans.start,
                    stored.spans.end,
                );
            }
            text.push_str("],\n");
        }
        text.push_str("];\n");
        text
    }
}

fn push(all: &mut Vec<u8>, bytes: &[u8]) -> Range<usize> {
    let start = all.len();
    all.extend_from_slice(bytes);
    start..all.len()
}
