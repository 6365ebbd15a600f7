//! JSON as trees. Several documents may follow one another.

use std::borrow::Cow;

use jiter::Peek;

use super::build::{Builder, Mistake};
use super::{Tree, TreeValue};
use crate::document::ImportError;
use crate::fault::Fault;
use crate::numbers::as_integer;
use crate::reader::Reader;
use crate::tape::Strings;

/// The documents of a text, one after the other.
pub(crate) struct JsonDocuments<'t> {
    text: &'t str,
    reader: Reader<'t>,
    builder: Builder<'t>,
}

impl<'t> JsonDocuments<'t> {
    pub(crate) fn new(text: &'t str) -> JsonDocuments<'t> {
        JsonDocuments { text, reader: Reader::at(text, 0), builder: Builder::new() }
    }

    /// The next document; `None` at the end.
    pub(crate) fn next(&mut self, strings: &mut Strings) -> Result<Option<&Tree<'t>>, ImportError> {
        let rest = self.text.get(self.reader.offset()..).unwrap_or_default();
        if rest.trim_ascii_start().is_empty() {
            return Ok(None);
        }
        self.builder.start();
        match self.value(strings) {
            Ok(()) => Ok(Some(&self.builder.tree)),
            Err(fault) => Err(fault.locate(self.text)),
        }
    }

    /// Reads a value. Nested ones are bounded by the builder.
    fn value(&mut self, strings: &mut Strings) -> Result<(), Fault> {
        let peek = self.reader.peek()?;
        let start = self.reader.offset();
        let offset = start as u32;
        let value = match peek {
            Peek::Object => {
                self.builder.open(false, offset, 0, 0).map_err(fault)?;
                let key = self.key_after(start + 1);
                let mut next = self.reader.first_member(|name| self.builder.key(name, key, strings))?;
                while next.is_some() {
                    self.value(strings)?;
                    let key = self.key_after(self.reader.offset());
                    next = self.reader.next_member(|name| self.builder.key(name, key, strings))?;
                }
                return self.builder.close(self.text, strings).map_err(fault);
            }
            Peek::Array => {
                self.builder.open(true, offset, 0, 0).map_err(fault)?;
                let mut has_element = self.reader.first_element()?;
                while has_element {
                    self.value(strings)?;
                    has_element = self.reader.next_element()?;
                }
                return self.builder.close(self.text, strings).map_err(fault);
            }
            Peek::String => TreeValue::Text(self.text()?),
            Peek::True | Peek::False => TreeValue::Bool(self.reader.boolean()?),
            Peek::Null => {
                self.reader.null()?;
                TreeValue::Null
            }
            _ => {
                self.reader.number(|_| ())?;
                let written = self.text.get(start..self.reader.offset()).unwrap_or_default();
                as_integer(written).map_or(TreeValue::Number(Cow::Borrowed(written)), TreeValue::Int)
            }
        };
        self.builder.scalar(value, offset, 0, 0);
        Ok(())
    }

    /// Where the next name stands, after a brace or a value: nothing but space and a comma is between.
    fn key_after(&self, offset: usize) -> u32 {
        let rest = self.text.as_bytes().get(offset..).unwrap_or_default();
        (offset + memchr::memchr2(b'"', b'}', rest).unwrap_or(0)) as u32
    }

    /// A string; borrowed where it has no escapes.
    fn text(&mut self) -> Result<Cow<'t, str>, Fault> {
        let start = self.reader.offset();
        let length = self.reader.known_written_text()? as usize;
        let written = self.text.get(start + 1..start + 1 + length).unwrap_or_default();
        if !written.contains('\\') {
            return Ok(Cow::Borrowed(written));
        }
        Ok(Cow::Owned(Reader::at(self.text, start).text(str::to_owned)?))
    }
}

fn fault(mistake: Mistake) -> Fault {
    Fault::malformed(mistake.offset, mistake.message)
}
