use std::io::{Error, Result, Write};

use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::Formatter;

use crate::report::Report;

/// The report for programs, ending in a line break. It is written straight out, so that a large report is never held
/// twice. Every finding stands on a line of its own: small for what it says, and a diff of two reports can be read.
pub fn json(report: &Report, mut out: impl Write) -> Result<()> {
    let mut pieces = Pieces { out: &mut out, waiting: Vec::with_capacity(PIECE + PIECE / 4) };
    report
        .serialize(&mut Serializer::with_formatter(&mut pieces, OneLinePerEntry::default()))
        .map_err(Error::from)?;
    pieces.write_all(b"\n")?;
    pieces.flush()
}

/// How much is written at once.
const PIECE: usize = 1 << 16;

/// Puts the many small parts of JSON together, because each that is written by itself is a call through a table.
struct Pieces<'o, W> {
    out: &'o mut W,
    waiting: Vec<u8>,
}

impl<W: Write> Write for Pieces<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        self.write_all(bytes)?;
        Ok(bytes.len())
    }

    #[inline]
    fn write_all(&mut self, bytes: &[u8]) -> Result<()> {
        self.waiting.extend_from_slice(bytes);
        if self.waiting.len() < PIECE { Ok(()) } else { self.pass_on() }
    }

    fn flush(&mut self) -> Result<()> {
        self.pass_on()
    }
}

impl<W: Write> Pieces<'_, W> {
    #[cold]
    fn pass_on(&mut self) -> Result<()> {
        self.out.write_all(&self.waiting)?;
        self.waiting.clear();
        Ok(())
    }
}

/// Breaks lines between the report's fields and between the entries of its lists, nowhere else.
#[derive(Default)]
struct OneLinePerEntry {
    depth: usize,
    /// The list or object that was opened last has nothing in it.
    is_empty: bool,
}

/// The report itself and its lists.
const BROKEN_LEVELS: usize = 2;

impl OneLinePerEntry {
    fn open<W: Write + ?Sized>(&mut self, out: &mut W, bracket: &[u8]) -> Result<()> {
        self.depth += 1;
        self.is_empty = true;
        out.write_all(bracket)
    }

    fn close<W: Write + ?Sized>(&mut self, out: &mut W, bracket: &[u8]) -> Result<()> {
        self.depth -= 1;
        if self.depth < BROKEN_LEVELS && !self.is_empty {
            self.break_line(out)?;
        }
        self.is_empty = false;
        out.write_all(bracket)
    }

    fn entry<W: Write + ?Sized>(&mut self, out: &mut W, first: bool) -> Result<()> {
        self.is_empty = false;
        match (first, self.depth <= BROKEN_LEVELS) {
            (true, false) => Ok(()),
            (false, false) => out.write_all(b", "),
            (true, true) => self.break_line(out),
            (false, true) => {
                out.write_all(b",")?;
                self.break_line(out)
            }
        }
    }

    fn break_line<W: Write + ?Sized>(&self, out: &mut W) -> Result<()> {
        out.write_all(b"\n")?;
        (0..self.depth).try_for_each(|_| out.write_all(b"  "))
    }
}

impl Formatter for OneLinePerEntry {
    fn begin_array<W: Write + ?Sized>(&mut self, out: &mut W) -> Result<()> {
        self.open(out, b"[")
    }

    fn end_array<W: Write + ?Sized>(&mut self, out: &mut W) -> Result<()> {
        self.close(out, b"]")
    }

    fn begin_array_value<W: Write + ?Sized>(&mut self, out: &mut W, first: bool) -> Result<()> {
        self.entry(out, first)
    }

    fn begin_object<W: Write + ?Sized>(&mut self, out: &mut W) -> Result<()> {
        self.open(out, b"{")
    }

    fn end_object<W: Write + ?Sized>(&mut self, out: &mut W) -> Result<()> {
        self.close(out, b"}")
    }

    fn begin_object_key<W: Write + ?Sized>(&mut self, out: &mut W, first: bool) -> Result<()> {
        self.entry(out, first)
    }

    fn begin_object_value<W: Write + ?Sized>(&mut self, out: &mut W) -> Result<()> {
        out.write_all(b": ")
    }
}
