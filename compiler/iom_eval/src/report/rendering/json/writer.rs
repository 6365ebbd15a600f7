//! Writes whatever can be serialized as JSON, in the layout of reports. It is what `serde_json` writes with a formatter, for
//! a fraction of the work: reports are large, and nearly all of that are short texts under names that are known.

use std::io::{self, Write};

use serde::ser::{
    self, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant, Serializer,
};

use super::failure::Failure;
use super::text::{is_plain, push_quoted};

/// So much is written at once.
const PIECE: usize = 1 << 16;

/// The report itself and its lists.
const BROKEN_LEVELS: usize = 2;

/// Breaks lines between the fields of what is written and between the entries of its lists, nowhere else.
pub(super) struct Writer<W> {
    out: W,
    /// Written soon: as a whole, at the end of a line.
    waiting: Vec<u8>,
    depth: usize,
}

type Written = Result<(), Failure>;

impl<W: Write> Writer<W> {
    pub fn new(out: W) -> Writer<W> {
        Writer { out, waiting: Vec::with_capacity(PIECE + PIECE / 4), depth: 0 }
    }

    /// Ends with a line break.
    pub fn finish(mut self) -> io::Result<()> {
        self.waiting.push(b'\n');
        self.out.write_all(&self.waiting)
    }

    #[inline]
    fn open(&mut self, bracket: u8) {
        self.depth += 1;
        self.waiting.push(bracket);
    }

    #[inline]
    fn close(&mut self, bracket: u8, is_empty: bool) -> Written {
        self.depth -= 1;
        if self.depth < BROKEN_LEVELS && !is_empty {
            self.break_line()?;
        }
        self.waiting.push(bracket);
        Ok(())
    }

    /// What stands before an entry of a list or an object.
    // Inlined into each field with its name, so that what is the same for all reports is a few moves.
    #[inline(always)]
    fn separate(&mut self, is_first: bool) -> Written {
        if self.depth <= BROKEN_LEVELS {
            if !is_first {
                self.waiting.push(b',');
            }
            return self.break_line();
        }
        if !is_first {
            self.waiting.extend_from_slice(b", ");
        }
        Ok(())
    }

    #[cold]
    fn break_line(&mut self) -> Written {
        self.waiting.push(b'\n');
        if self.waiting.len() >= PIECE {
            self.out.write_all(&self.waiting).map_err(Failure::Output)?;
            self.waiting.clear();
        }
        (0..self.depth).for_each(|_| self.waiting.extend_from_slice(b"  "));
        Ok(())
    }

    /// A name that code gives, which has nothing to escape.
    #[inline(always)]
    fn name(&mut self, name: &'static str) {
        debug_assert!(is_plain(name.as_bytes()), "{name}");
        self.waiting.push(b'"');
        self.waiting.extend_from_slice(name.as_bytes());
        self.waiting.extend_from_slice(b"\": ");
    }

    /// An object whose only field is the name of a variant.
    fn variant(&mut self, name: &'static str) -> Written {
        self.open(b'{');
        self.separate(true)?;
        self.name(name);
        Ok(())
    }

    fn entries(&mut self, open: u8, close: u8) -> Entries<'_, W> {
        self.open(open);
        Entries { writer: self, is_empty: true, close, is_variant: false }
    }

    fn list(&mut self) -> Entries<'_, W> {
        self.entries(b'[', b']')
    }

    fn object(&mut self) -> Entries<'_, W> {
        self.entries(b'{', b'}')
    }
}

/// A list or an object that is being written.
pub(super) struct Entries<'w, W> {
    writer: &'w mut Writer<W>,
    is_empty: bool,
    close: u8,
    /// It stands under the name of a variant.
    is_variant: bool,
}

impl<W: Write> Entries<'_, W> {
    #[inline(always)]
    fn separate(&mut self) -> Written {
        self.writer.separate(std::mem::take(&mut self.is_empty))
    }

    #[inline]
    fn item<T: Serialize + ?Sized>(&mut self, value: &T) -> Written {
        self.separate()?;
        value.serialize(&mut *self.writer)
    }

    #[inline(always)]
    fn field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Written {
        self.separate()?;
        self.writer.name(name);
        value.serialize(&mut *self.writer)
    }

    #[inline]
    fn finish(self) -> Written {
        self.writer.close(self.close, self.is_empty)?;
        if self.is_variant { self.writer.close(b'}', false) } else { Ok(()) }
    }
}

/// Integers.
macro_rules! numbers {
    ($($method:ident: $number:ty),*) => {
        $(
            #[inline]
            fn $method(self, value: $number) -> Written {
                self.waiting.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
                Ok(())
            }
        )*
    };
}

impl<'w, W: Write> Serializer for &'w mut Writer<W> {
    type Ok = ();
    type Error = Failure;
    type SerializeSeq = Entries<'w, W>;
    type SerializeTuple = Entries<'w, W>;
    type SerializeTupleStruct = Entries<'w, W>;
    type SerializeTupleVariant = Entries<'w, W>;
    type SerializeMap = Entries<'w, W>;
    type SerializeStruct = Entries<'w, W>;
    type SerializeStructVariant = Entries<'w, W>;

    numbers!(
        serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64, serialize_i128: i128,
        serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64, serialize_u128: u128
    );

    fn serialize_f32(self, value: f32) -> Written {
        serde_json::to_writer(&mut self.waiting, &value).map_err(ser::Error::custom)
    }

    fn serialize_f64(self, value: f64) -> Written {
        serde_json::to_writer(&mut self.waiting, &value).map_err(ser::Error::custom)
    }

    fn serialize_bool(self, value: bool) -> Written {
        self.waiting.extend_from_slice(if value { b"true" } else { b"false" });
        Ok(())
    }

    fn serialize_char(self, value: char) -> Written {
        push_quoted(&mut self.waiting, value.encode_utf8(&mut [0; 4]));
        Ok(())
    }

    #[inline]
    fn serialize_str(self, value: &str) -> Written {
        push_quoted(&mut self.waiting, value);
        Ok(())
    }

    fn serialize_bytes(self, value: &[u8]) -> Written {
        self.collect_seq(value)
    }

    #[inline]
    fn serialize_none(self) -> Written {
        self.serialize_unit()
    }

    #[inline]
    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Written {
        value.serialize(self)
    }

    #[inline]
    fn serialize_unit(self) -> Written {
        self.waiting.extend_from_slice(b"null");
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Written {
        self.serialize_unit()
    }

    #[inline]
    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Written {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Written {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Written {
        self.variant(variant)?;
        value.serialize(&mut *self)?;
        self.close(b'}', false)
    }

    #[inline]
    fn serialize_seq(self, _: Option<usize>) -> Result<Entries<'w, W>, Failure> {
        Ok(self.list())
    }

    fn serialize_tuple(self, _: usize) -> Result<Entries<'w, W>, Failure> {
        Ok(self.list())
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Entries<'w, W>, Failure> {
        Ok(self.list())
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Entries<'w, W>, Failure> {
        self.variant(variant)?;
        Ok(Entries { is_variant: true, ..self.list() })
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Entries<'w, W>, Failure> {
        Ok(self.object())
    }

    #[inline]
    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Entries<'w, W>, Failure> {
        Ok(self.object())
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Entries<'w, W>, Failure> {
        self.variant(variant)?;
        Ok(Entries { is_variant: true, ..self.object() })
    }
}

/// Lists of all sorts.
macro_rules! items {
    ($($of:ident: $method:ident),*) => {
        $(
            impl<W: Write> $of for Entries<'_, W> {
                type Ok = ();
                type Error = Failure;

                #[inline]
                fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Written {
                    self.item(value)
                }

                #[inline]
                fn end(self) -> Written {
                    self.finish()
                }
            }
        )*
    };
}

items!(
    SerializeSeq: serialize_element,
    SerializeTuple: serialize_element,
    SerializeTupleStruct: serialize_field,
    SerializeTupleVariant: serialize_field
);

/// Objects with fields.
macro_rules! fields {
    ($($of:ident),*) => {
        $(
            impl<W: Write> $of for Entries<'_, W> {
                type Ok = ();
                type Error = Failure;

                #[inline(always)]
                fn serialize_field<T: Serialize + ?Sized>(
                    &mut self,
                    name: &'static str,
                    value: &T,
                ) -> Written {
                    self.field(name, value)
                }

                #[inline]
                fn end(self) -> Written {
                    self.finish()
                }
            }
        )*
    };
}

fields!(SerializeStruct, SerializeStructVariant);

impl<W: Write> SerializeMap for Entries<'_, W> {
    type Ok = ();
    type Error = Failure;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Written {
        self.separate()?;
        let start = self.writer.waiting.len();
        key.serialize(&mut *self.writer)?;
        match self.writer.waiting.get(start) {
            Some(b'"') => Ok(()),
            _ => Err(ser::Error::custom("only a text can be the name of a member")),
        }
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Written {
        self.writer.waiting.extend_from_slice(b": ");
        value.serialize(&mut *self.writer)
    }

    fn end(self) -> Written {
        self.finish()
    }
}
