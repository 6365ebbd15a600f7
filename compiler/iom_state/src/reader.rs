//! A pull reader over JSON text: [`jiter::Jiter`] with offsets into the whole text and errors of our own.

use jiter::{Jiter, JiterError, Peek};

use crate::fault::Fault;

/// Deepest nesting that is read. Real plans stay below 30.
pub(crate) const DEPTH_LIMIT: u32 = 200;

/// Reads JSON from a place in the text on. Members and elements are pulled one by one:
/// `let mut next = reader.first_member(f)?; while let Some(key) = next { ..value..; next = reader.next_member(f)?; }`
/// and between two calls exactly one value must be read or skipped.
pub(crate) struct Reader<'t> {
    jiter: Jiter<'t>,
    base: usize,
}

impl<'t> Reader<'t> {
    /// A reader for the value at `start`.
    pub(crate) fn at(text: &'t str, start: usize) -> Reader<'t> {
        let data = text.as_bytes().get(start..).unwrap_or_default();
        Reader { jiter: Jiter::new(data), base: start }
    }

    /// The offset reached. Before a value this is its first byte only after [`Reader::peek`].
    pub(crate) fn offset(&self) -> usize {
        self.base + self.jiter.current_index()
    }

    /// Looks at the next value, moving to its first byte.
    pub(crate) fn peek(&mut self) -> Result<Peek, Fault> {
        self.jiter.peek().map_err(|error| Fault::of_json(&error, self.base))
    }

    /// Enters an object: the first member's key as `classify` sees it, `None` if the object is empty.
    pub(crate) fn first_member<K>(&mut self, classify: impl FnOnce(&str) -> K) -> Result<Option<K>, Fault> {
        self.expect(Peek::Object, "an object")?;
        let base = self.base;
        let key = self.jiter.known_object().map_err(|error| Fault::of_json(&error, base))?;
        Ok(key.map(classify))
    }

    /// The next member's key, `None` at the end of the object.
    pub(crate) fn next_member<K>(&mut self, classify: impl FnOnce(&str) -> K) -> Result<Option<K>, Fault> {
        let base = self.base;
        let key = self.jiter.next_key().map_err(|error| Fault::of_json(&error, base))?;
        Ok(key.map(classify))
    }

    /// Enters a list: true if there is a first element.
    pub(crate) fn first_element(&mut self) -> Result<bool, Fault> {
        self.expect(Peek::Array, "a list")?;
        self.jiter.known_array().map(|peek| peek.is_some()).map_err(|error| Fault::of_json(&error, self.base))
    }

    /// True if there is another element, false at the end of the list.
    pub(crate) fn next_element(&mut self) -> Result<bool, Fault> {
        self.jiter.array_step().map(|peek| peek.is_some()).map_err(|error| Fault::of_json(&error, self.base))
    }

    /// A string, as `read` sees it.
    pub(crate) fn text<R>(&mut self, read: impl FnOnce(&str) -> R) -> Result<R, Fault> {
        self.expect(Peek::String, "a string")?;
        let base = self.base;
        self.jiter.known_str().map(read).map_err(|error| Fault::of_json(&error, base))
    }

    /// Like [`Reader::text`], after [`Reader::peek`] has found a string.
    pub(crate) fn known_text<R>(&mut self, read: impl FnOnce(&str) -> R) -> Result<R, Fault> {
        let base = self.base;
        self.jiter.known_str().map(read).map_err(|error| Fault::of_json(&error, base))
    }

    /// The length of a string as written, between its quotes and with its escapes, after [`Reader::peek`] has found one.
    pub(crate) fn known_written_text(&mut self) -> Result<u32, Fault> {
        let base = self.base;
        let length = self.jiter.known_bytes().map(|written| written.len() as u32);
        length.map_err(|error| Fault::of_json(&error, base))
    }

    /// A number as written.
    pub(crate) fn number<R>(&mut self, read: impl FnOnce(&[u8]) -> R) -> Result<R, Fault> {
        let base = self.base;
        self.jiter.next_number_bytes().map(read).map_err(|error| Fault::of_json(&error, base))
    }

    pub(crate) fn boolean(&mut self) -> Result<bool, Fault> {
        self.jiter.next_bool().map_err(|error| self.fault(&error))
    }

    pub(crate) fn null(&mut self) -> Result<(), Fault> {
        self.jiter.next_null().map_err(|error| self.fault(&error))
    }

    /// Steps over a null; false, without moving, for any other value.
    pub(crate) fn skip_null(&mut self) -> Result<bool, Fault> {
        let is_null = self.peek()? == Peek::Null;
        if is_null {
            self.null()?;
        }
        Ok(is_null)
    }

    /// Steps over any value, which must be well-formed.
    pub(crate) fn skip(&mut self) -> Result<(), Fault> {
        self.jiter.next_skip().map_err(|error| self.fault(&error))
    }

    /// Steps over any value and tells where it starts.
    pub(crate) fn skip_from(&mut self) -> Result<usize, Fault> {
        self.peek()?;
        let start = self.offset();
        self.skip()?;
        Ok(start)
    }

    /// Checks that nothing follows.
    pub(crate) fn finish(&mut self) -> Result<(), Fault> {
        self.jiter.finish().map_err(|error| self.fault(&error))
    }

    fn expect(&mut self, wanted: Peek, name: &str) -> Result<(), Fault> {
        let found = self.peek()?;
        if found == wanted {
            return Ok(());
        }
        let message = match describe(found) {
            Some(description) => format!("expected {name}, found {description}"),
            None => "a JSON value is missing".to_owned(),
        };
        Err(Fault::malformed(self.offset(), message))
    }

    fn fault(&self, error: &JiterError) -> Fault {
        Fault::of_json(error, self.base)
    }
}

fn describe(found: Peek) -> Option<&'static str> {
    match found {
        Peek::Null => Some("null"),
        Peek::True => Some("true"),
        Peek::False => Some("false"),
        Peek::String => Some("a string"),
        Peek::Array => Some("a list"),
        Peek::Object => Some("an object"),
        number if number.is_num() => Some("a number"),
        _ => None,
    }
}
