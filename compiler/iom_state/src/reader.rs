//! A pull reader over JSON text with offsets into the whole text and errors of our own. Plain JSON is read by [`scan`];
//! everything else, and everything that is wrong, by [`jiter`].

use std::borrow::Cow;

use jiter::{Jiter, JiterError, Peek};

use crate::fault::Fault;
use crate::scan;
use crate::usual::Usual;

/// Deepest nesting that is read. Real plans stay below 30.
pub(crate) const DEPTH_LIMIT: u32 = 200;

/// Where the text of a file comes from, in pieces.
pub(crate) trait Supply {
    /// Whether so much text that was not read yet is enough to go on.
    fn is_enough(&self, unread: usize) -> bool;

    /// A text with more of the file at its end, and without the first `read` bytes.
    fn next(&mut self, text: String, read: usize) -> Result<String, &'static str>;
}

/// Reads JSON from a place in the text on. Members and elements are pulled one by one:
/// `let mut next = reader.first_member(f)?; while let Some(key) = next { ..value..; next = reader.next_member(f)?; }`
/// and between two calls exactly one value must be read or skipped.
pub(crate) struct Reader<'t> {
    /// All of the text, or the part of it that was supplied last.
    text: Cow<'t, str>,
    index: usize,
    /// Where `text` begins in the whole text.
    base: usize,
    /// Where more of the text comes from.
    supply: Option<&'t mut dyn Supply>,
    /// Space for texts with escape sequences.
    escapes: Vec<u8>,
}

impl<'t> Reader<'t> {
    /// A reader for the value at `start`.
    pub(crate) fn at(text: &'t str, start: usize) -> Reader<'t> {
        Reader { text: Cow::Borrowed(text), index: start, base: 0, supply: None, escapes: Vec::new() }
    }

    /// A reader for the value at the beginning of a part of a text, which begins at an offset of the whole.
    pub(crate) fn within(text: &'t str, base: usize) -> Reader<'t> {
        Reader { text: Cow::Borrowed(text), index: 0, base, supply: None, escapes: Vec::new() }
    }

    /// A reader for the value at the beginning of a text that is supplied in pieces.
    pub(crate) fn over(supply: &'t mut dyn Supply) -> Reader<'t> {
        let text = Cow::Owned(String::new());
        Reader { text, index: 0, base: 0, supply: Some(supply), escapes: Vec::new() }
    }

    /// Makes room for the next value, where the text is supplied in pieces: what was read so far is given up. Called where
    /// no offset of before is looked at any more. A value larger than a piece is not supplied: its text seems cut off.
    #[inline]
    pub(crate) fn proceed(&mut self) -> Result<(), Fault> {
        if self.supply.is_none() { Ok(()) } else { self.supply_more() }
    }

    fn supply_more(&mut self) -> Result<(), Fault> {
        let Some(supply) = &mut self.supply else { return Ok(()) };
        if supply.is_enough(self.text.len().saturating_sub(self.index)) {
            return Ok(());
        }
        let text = std::mem::take(&mut self.text).into_owned();
        let read = std::mem::take(&mut self.index);
        self.base += read;
        self.text =
            Cow::Owned(supply.next(text, read).map_err(|message| Fault::malformed(self.base, message))?);
        Ok(())
    }

    /// True if the text comes in pieces, so that nothing can be read a second time.
    pub(crate) fn is_supplied(&self) -> bool {
        self.supply.is_some()
    }

    /// The offset reached. Before a value this is its first byte only after [`Reader::peek`].
    #[inline]
    pub(crate) fn offset(&self) -> usize {
        self.base + self.index
    }

    /// The text between two offsets that were reached since the last [`Reader::proceed`].
    pub(crate) fn written(&self, start: usize, end: usize) -> Option<&str> {
        self.text.get(start.checked_sub(self.base)?..end.checked_sub(self.base)?)
    }

    /// The value at an offset that was reached since the last [`Reader::proceed`], as written.
    pub(crate) fn written_value(&self, start: usize) -> Option<&str> {
        let mut reader = self.again(start)?;
        reader.skip().ok()?;
        self.written(start, reader.offset())
    }

    /// Another reader of the same text from an offset on that was reached since the last [`Reader::proceed`].
    pub(crate) fn again(&self, start: usize) -> Option<Reader<'_>> {
        let index = start.checked_sub(self.base)?;
        let text = Cow::Borrowed(&*self.text);
        Some(Reader { text, index, base: self.base, supply: None, escapes: Vec::new() })
    }

    /// Looks at the next value, moving to its first byte.
    #[inline]
    pub(crate) fn peek(&mut self) -> Result<Peek, Fault> {
        self.index = scan::space(self.text.as_bytes(), self.index);
        match self.text.as_bytes().get(self.index) {
            Some(byte) => Ok(Peek::new(*byte)),
            None => self.carefully(|jiter| jiter.peek()),
        }
    }

    /// Enters an object: the first member's key as `classify` sees it, `None` if the object is empty.
    pub(crate) fn first_member<K>(&mut self, classify: impl FnOnce(&str) -> K) -> Result<Option<K>, Fault> {
        self.expect(Peek::Object, "an object")?;
        let at = scan::space(self.text.as_bytes(), self.index + 1);
        match self.text.as_bytes().get(at) {
            Some(b'}') => {
                self.index = at + 1;
                Ok(None)
            }
            Some(b'"') if let Some((name, after)) = plain_name(&self.text, at + 1) => {
                self.index = after;
                Ok(Some(classify(name)))
            }
            _ => self.carefully(|jiter| Ok(jiter.known_object()?.map(classify))),
        }
    }

    /// The next member's key, `None` at the end of the object.
    pub(crate) fn next_member<K>(&mut self, classify: impl FnOnce(&str) -> K) -> Result<Option<K>, Fault> {
        let at = scan::space(self.text.as_bytes(), self.index);
        match self.text.as_bytes().get(at) {
            Some(b'}') => {
                self.index = at + 1;
                Ok(None)
            }
            Some(b',') if let Some((name, after)) = next_plain_name(&self.text, at + 1) => {
                self.index = after;
                Ok(Some(classify(name)))
            }
            _ => self.carefully(|jiter| Ok(jiter.next_key()?.map(classify))),
        }
    }

    /// As [`Reader::first_member`], quicker where the object begins as those of its sort usually do.
    pub(crate) fn first_usual_member<K: Copy>(
        &mut self,
        usual: &mut Usual<K>,
        classify: impl FnOnce(&str) -> K,
    ) -> Result<Option<K>, Fault> {
        self.expect(Peek::Object, "an object")?;
        let start = self.index;
        if let Some((len, key)) = usual.begin(self.text.as_bytes().get(start..).unwrap_or_default()) {
            self.index += len;
            return Ok(Some(key));
        }
        let found = self.first_member(classify)?;
        if let (Some(key), Some(written)) = (found, self.text.as_bytes().get(start..self.index)) {
            usual.learn_beginning(written, key);
        }
        Ok(found)
    }

    /// As [`Reader::next_member`], quicker where the members follow one another as they usually do.
    #[inline]
    pub(crate) fn next_usual_member<K: Copy>(
        &mut self,
        usual: &mut Usual<K>,
        classify: impl FnOnce(&str) -> K,
    ) -> Result<Option<K>, Fault> {
        let start = self.index;
        if let Some((len, key)) = usual.go_on(self.text.as_bytes().get(start..).unwrap_or_default()) {
            self.index += len;
            return Ok(Some(key));
        }
        let found = self.next_member(classify)?;
        if let (Some(key), Some(written)) = (found, self.text.as_bytes().get(start..self.index)) {
            usual.learn(written, key);
        }
        Ok(found)
    }

    /// Enters a list: true if there is a first element.
    #[inline]
    pub(crate) fn first_element(&mut self) -> Result<bool, Fault> {
        self.expect(Peek::Array, "a list")?;
        let at = scan::space(self.text.as_bytes(), self.index + 1);
        match self.text.as_bytes().get(at) {
            Some(b']') => {
                self.index = at + 1;
                Ok(false)
            }
            Some(_) => {
                self.index = at;
                Ok(true)
            }
            None => self.carefully(|jiter| jiter.known_array().map(|peek| peek.is_some())),
        }
    }

    /// True if there is another element, false at the end of the list.
    #[inline]
    pub(crate) fn next_element(&mut self) -> Result<bool, Fault> {
        let data = self.text.as_bytes();
        let at = scan::space(data, self.index);
        match data.get(at) {
            Some(b']') => {
                self.index = at + 1;
                Ok(false)
            }
            Some(b',')
                if let next = scan::space(data, at + 1)
                    && !matches!(data.get(next), Some(b']') | None) =>
            {
                self.index = next;
                Ok(true)
            }
            _ => self.carefully(|jiter| jiter.array_step().map(|peek| peek.is_some())),
        }
    }

    /// A string, as `read` sees it.
    #[inline]
    pub(crate) fn text<R>(&mut self, read: impl FnOnce(&str) -> R) -> Result<R, Fault> {
        self.expect(Peek::String, "a string")?;
        self.known_text(read)
    }

    /// Like [`Reader::text`], after [`Reader::peek`] has found a string.
    #[inline]
    pub(crate) fn known_text<R>(&mut self, read: impl FnOnce(&str) -> R) -> Result<R, Fault> {
        let start = self.index + 1;
        match scan::plain_text(self.text.as_bytes(), start) {
            Some(end) if let Some(text) = self.text.get(start..end) => {
                self.index = end + 1;
                Ok(read(text))
            }
            _ => self.carefully(|jiter| jiter.known_str().map(read)),
        }
    }

    /// The length of a string as written, between its quotes and with its escapes, after [`Reader::peek`] has found one.
    #[inline]
    pub(crate) fn known_written_text(&mut self) -> Result<u32, Fault> {
        let start = self.index + 1;
        match scan::written_text(self.text.as_bytes(), start) {
            Some(end) => {
                self.index = end + 1;
                Ok((end - start) as u32)
            }
            None => self.carefully(|jiter| jiter.known_bytes().map(|written| written.len() as u32)),
        }
    }

    /// The next value and where it starts, if it is a plain one without parts, as most are: what [`scan`] knows of it is told
    /// in one look. `None`, without moving, for any other value.
    #[inline(always)]
    pub(crate) fn plain(&mut self) -> Option<(usize, Plain<'_>)> {
        let text = &*self.text;
        let data = text.as_bytes();
        let at = scan::space(data, self.index);
        let (value, end) = match *data.get(at)? {
            b'"' => {
                let end = scan::plain_text(data, at + 1)?;
                (Plain::Text(text.get(at + 1..end)?), end + 1)
            }
            b'-' | b'0'..=b'9' => {
                let end = scan::integer(data, at)?;
                (Plain::Integer(data.get(at..end)?), end)
            }
            b't' => (Plain::Bool(true), scan::word(data, at, b"true")?),
            b'f' => (Plain::Bool(false), scan::word(data, at, b"false")?),
            b'n' => (Plain::Null, scan::word(data, at, b"null")?),
            _ => return None,
        };
        self.index = end;
        Some((self.base + at, value))
    }

    /// A number as written.
    #[inline]
    pub(crate) fn number<R>(&mut self, read: impl FnOnce(&[u8]) -> R) -> Result<R, Fault> {
        let start = self.index;
        match scan::integer(self.text.as_bytes(), start) {
            Some(end) if let Some(digits) = self.text.as_bytes().get(start..end) => {
                self.index = end;
                Ok(read(digits))
            }
            _ => self.carefully(|jiter| jiter.next_number_bytes().map(read)),
        }
    }

    #[inline]
    pub(crate) fn boolean(&mut self) -> Result<bool, Fault> {
        self.peek()?;
        for (word, value) in [("true", true), ("false", false)] {
            if let Some(end) = scan::word(self.text.as_bytes(), self.index, word.as_bytes()) {
                self.index = end;
                return Ok(value);
            }
        }
        self.carefully(|jiter| jiter.next_bool())
    }

    pub(crate) fn null(&mut self) -> Result<(), Fault> {
        self.peek()?;
        match scan::word(self.text.as_bytes(), self.index, b"null") {
            Some(end) => {
                self.index = end;
                Ok(())
            }
            None => self.carefully(|jiter| jiter.next_null()),
        }
    }

    /// Steps over a null; false, without moving, for any other value.
    #[inline]
    pub(crate) fn skip_null(&mut self) -> Result<bool, Fault> {
        let is_null = self.peek()? == Peek::Null;
        if is_null {
            self.null()?;
        }
        Ok(is_null)
    }

    /// Steps over any value, which must be well-formed.
    #[inline]
    pub(crate) fn skip(&mut self) -> Result<(), Fault> {
        let start = scan::space(self.text.as_bytes(), self.index);
        match scan::value(self.text.as_bytes(), start) {
            Some(end) => {
                self.index = end;
                Ok(())
            }
            None => self.carefully(|jiter| jiter.next_skip()),
        }
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
        self.proceed()?;
        self.carefully(|jiter| jiter.finish())
    }

    #[inline]
    fn expect(&mut self, wanted: Peek, name: &str) -> Result<(), Fault> {
        let found = self.peek()?;
        if found == wanted { Ok(()) } else { Err(self.unexpected(found, name)) }
    }

    #[cold]
    fn unexpected(&self, found: Peek, name: &str) -> Fault {
        let message = match describe(found) {
            Some(description) => format!("expected {name}, found {description}"),
            None => "a JSON value is missing".to_owned(),
        };
        Fault::malformed(self.offset(), message)
    }

    /// Does a step with a reader that knows all of JSON.
    #[cold]
    fn carefully<R>(&mut self, step: impl FnOnce(&mut Jiter) -> Result<R, JiterError>) -> Result<R, Fault> {
        let rest = self.text.as_bytes().get(self.index..).unwrap_or_default();
        let mut jiter = Jiter::with_tape(rest, std::mem::take(&mut self.escapes));
        let result = step(&mut jiter);
        let base = self.base + self.index;
        self.index += jiter.current_index();
        self.escapes = jiter.into_tape();
        result.map_err(|error| Fault::of_json(&error, base))
    }
}

/// A value of which nothing has to be looked up in the rules of JSON.
pub(crate) enum Plain<'t> {
    Null,
    Bool(bool),
    /// Its digits.
    Integer(&'t [u8]),
    Text(&'t str),
}

/// A member's name without escape sequences, and the index after its colon; `start` is after its first quote.
#[inline(always)]
fn plain_name(text: &str, start: usize) -> Option<(&str, usize)> {
    let end = scan::plain_text(text.as_bytes(), start)?;
    Some((text.get(start..end)?, scan::colon(text.as_bytes(), end)?))
}

/// As [`plain_name`], after a comma.
#[inline(always)]
fn next_plain_name(text: &str, start: usize) -> Option<(&str, usize)> {
    let quote = scan::space(text.as_bytes(), start);
    if text.as_bytes().get(quote) == Some(&b'"') { plain_name(text, quote + 1) } else { None }
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
