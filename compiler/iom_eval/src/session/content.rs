//! What a definition of the model says, as a number: equal definitions have equal ones, whatever line they stand on.

use std::fmt;
use std::hash::{BuildHasher, Hasher};

use foldhash::quality::{FixedState, FoldHasher};
use serde::Serialize;
use serde::ser::{
    SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant, Serializer,
};
use smol_str::SmolStr;

use super::clock::Clock;

/// Which part of definitions counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Aspect {
    /// What verdicts depend on: no places, no names of clauses, no messages.
    Verdicts,
    /// What is reported, all but places.
    Words,
    /// Places only.
    Places,
}

/// What is left out: what nothing that the aspect is about depends on.
const BESIDE_VERDICTS: &[(&str, &[&str])] = &[
    ("Require", &["label", "aliases", "at", "message", "fix", "fix_of", "source", "fix_source"]),
    ("Rule", &["aliases"]),
    ("For", &["aliases"]),
    ("FieldSetting", &["origins"]),
    ("Blueprint", &["title", "doc", "version", "approved_by", "review_by", "severity", "covers", "owner"]),
];

/// A definition, as far as it goes without those it names.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Content {
    pub hash: u64,
    /// Functions, constants and data that it names, sorted.
    pub names: Vec<SmolStr>,
    pub clock: Clock,
}

impl Content {
    pub fn of(definition: &impl Serialize, aspect: Aspect) -> Content {
        let mut reader = Reader {
            aspect,
            hasher: FixedState::default().build_hasher(),
            is_place: false,
            is_name: false,
            names: Vec::new(),
            last: Last::Other,
            last_number: 0,
            nows: 0,
            thresholds: Vec::new(),
        };
        // Reading plain data into numbers cannot fail.
        let _ = definition.serialize(&mut reader);
        let Reader { hasher, mut names, nows, mut thresholds, .. } = reader;
        names.sort_unstable();
        names.dedup();
        thresholds.sort_unstable();
        thresholds.dedup();
        Content { hash: hasher.finish(), names, clock: Clock { thresholds, is_ticking: nows > 0 } }
    }
}

/// The expression that was read last, as far as comparisons with `now` need it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Last {
    Now,
    Instant(i64),
    Other,
}

struct Reader {
    aspect: Aspect,
    // Definitions are mostly small numbers and short texts, which the standard library's takes its time for.
    hasher: FoldHasher<'static>,
    /// Inside a place.
    is_place: bool,
    /// The next text names a function, a constant or data.
    is_name: bool,
    names: Vec<SmolStr>,
    last: Last,
    last_number: u64,
    /// `now`s that are more than compared with an instant.
    nows: usize,
    thresholds: Vec<i64>,
}

impl Reader {
    fn bytes(&mut self, bytes: &[u8]) {
        if self.is_place || self.aspect != Aspect::Places {
            self.hasher.write(bytes);
        }
    }

    fn number(&mut self, number: u64) {
        self.last_number = number;
        if self.is_place || self.aspect != Aspect::Places {
            self.hasher.write_u64(number);
        }
    }

    fn parts<'r>(&'r mut self, name: &'static str, length: Option<usize>) -> Parts<'r> {
        self.number(length.unwrap_or(0) as u64);
        let is_place = name == "Location";
        let is_left_out = is_place && self.aspect != Aspect::Places;
        let was_place = self.is_place;
        self.is_place |= is_place;
        Parts { reader: self, name, is_left_out, was_place, sides: [Last::Other; 2] }
    }
}

/// A list, a map or a struct that is being read.
struct Parts<'r> {
    reader: &'r mut Reader,
    name: &'static str,
    is_left_out: bool,
    was_place: bool,
    /// Of a comparison.
    sides: [Last; 2],
}

impl Parts<'_> {
    fn part(&mut self, value: &(impl Serialize + ?Sized)) -> fmt::Result {
        if self.is_left_out { Ok(()) } else { value.serialize(&mut *self.reader) }
    }

    fn field(&mut self, field: &'static str, value: &(impl Serialize + ?Sized)) -> fmt::Result {
        let left_out = BESIDE_VERDICTS.iter().find(|(name, _)| *name == self.name);
        if self.reader.aspect == Aspect::Verdicts
            && left_out.is_some_and(|(_, fields)| fields.contains(&field))
        {
            return Ok(());
        }
        self.reader.is_name = self.name == "Call" && field == "function";
        self.reader.last = Last::Other;
        self.part(value)?;
        self.reader.is_name = false;
        match (self.name, field) {
            ("Compare", "left") => self.sides[0] = self.reader.last,
            ("Compare", "right") => self.sides[1] = self.reader.last,
            _ => {}
        }
        Ok(())
    }

    fn finish(self) -> fmt::Result {
        if let [Last::Now, Last::Instant(at)] | [Last::Instant(at), Last::Now] = self.sides {
            self.reader.nows -= 1;
            self.reader.thresholds.push(at);
        }
        self.reader.last = Last::Other;
        self.reader.is_place = self.was_place;
        Ok(())
    }
}

macro_rules! numbers {
    ($($method:ident: $ty:ty),*) => {$(
        fn $method(self, value: $ty) -> fmt::Result {
            self.number(value as u64);
            Ok(())
        }
    )*};
}

impl<'r> Serializer for &'r mut Reader {
    type Ok = ();
    type Error = fmt::Error;
    type SerializeSeq = Parts<'r>;
    type SerializeTuple = Parts<'r>;
    type SerializeTupleStruct = Parts<'r>;
    type SerializeTupleVariant = Parts<'r>;
    type SerializeMap = Parts<'r>;
    type SerializeStruct = Parts<'r>;
    type SerializeStructVariant = Parts<'r>;

    numbers!(serialize_bool: bool, serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64,
        serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64, serialize_char: char);

    fn serialize_f32(self, value: f32) -> fmt::Result {
        self.serialize_u32(value.to_bits())
    }

    fn serialize_f64(self, value: f64) -> fmt::Result {
        self.serialize_u64(value.to_bits())
    }

    fn serialize_str(self, text: &str) -> fmt::Result {
        if self.is_name {
            self.names.push(text.into());
        }
        self.number(text.len() as u64);
        self.bytes(text.as_bytes());
        Ok(())
    }

    fn serialize_bytes(self, bytes: &[u8]) -> fmt::Result {
        self.number(bytes.len() as u64);
        self.bytes(bytes);
        Ok(())
    }

    fn serialize_none(self) -> fmt::Result {
        self.serialize_u8(0)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> fmt::Result {
        self.number(1);
        value.serialize(self)
    }

    fn serialize_unit(self) -> fmt::Result {
        self.serialize_u8(2)
    }

    fn serialize_unit_struct(self, _: &'static str) -> fmt::Result {
        self.serialize_unit()
    }

    fn serialize_unit_variant(self, of: &'static str, index: u32, name: &'static str) -> fmt::Result {
        if of == "Expr" && name == "Now" {
            self.nows += 1;
            self.last = Last::Now;
        }
        self.serialize_u32(index)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> fmt::Result {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        of: &'static str,
        index: u32,
        name: &'static str,
        value: &T,
    ) -> fmt::Result {
        self.number(u64::from(index));
        self.is_name = of == "Expr" && name == "Global";
        self.last = Last::Other;
        value.serialize(&mut *self)?;
        self.is_name = false;
        match (of, name) {
            ("Literal", "Instant") => self.last = Last::Instant(self.last_number as i64),
            ("Expr", "Literal") => {}
            _ => self.last = Last::Other,
        }
        Ok(())
    }

    fn serialize_seq(self, length: Option<usize>) -> Result<Parts<'r>, fmt::Error> {
        Ok(self.parts("", length))
    }

    fn serialize_tuple(self, length: usize) -> Result<Parts<'r>, fmt::Error> {
        Ok(self.parts("", Some(length)))
    }

    fn serialize_tuple_struct(self, name: &'static str, length: usize) -> Result<Parts<'r>, fmt::Error> {
        Ok(self.parts(name, Some(length)))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        index: u32,
        name: &'static str,
        length: usize,
    ) -> Result<Parts<'r>, fmt::Error> {
        self.number(u64::from(index));
        Ok(self.parts(name, Some(length)))
    }

    fn serialize_map(self, length: Option<usize>) -> Result<Parts<'r>, fmt::Error> {
        Ok(self.parts("", length))
    }

    fn serialize_struct(self, name: &'static str, _: usize) -> Result<Parts<'r>, fmt::Error> {
        Ok(self.parts(name, None))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        index: u32,
        name: &'static str,
        _: usize,
    ) -> Result<Parts<'r>, fmt::Error> {
        self.number(u64::from(index));
        Ok(self.parts(name, None))
    }
}

macro_rules! lists {
    ($($list:ident: $method:ident),*) => {$(
        impl $list for Parts<'_> {
            type Ok = ();
            type Error = fmt::Error;
            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> fmt::Result {
                self.part(value)
            }
            fn end(self) -> fmt::Result {
                self.finish()
            }
        }
    )*};
}

lists!(SerializeSeq: serialize_element, SerializeTuple: serialize_element, SerializeTupleStruct: serialize_field,
    SerializeTupleVariant: serialize_field);

macro_rules! structs {
    ($($of:ident),*) => {$(
        impl $of for Parts<'_> {
            type Ok = ();
            type Error = fmt::Error;
            fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> fmt::Result {
                self.field(name, value)
            }
            fn end(self) -> fmt::Result {
                self.finish()
            }
        }
    )*};
}

structs!(SerializeStruct, SerializeStructVariant);

impl SerializeMap for Parts<'_> {
    type Ok = ();
    type Error = fmt::Error;
    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> fmt::Result {
        self.part(key)
    }
    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> fmt::Result {
        self.part(value)
    }
    fn end(self) -> fmt::Result {
        self.finish()
    }
}
