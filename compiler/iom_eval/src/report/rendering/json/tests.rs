use std::io::{Error, ErrorKind, Result, Write};

use proptest::prelude::*;
use serde::Serialize;
use serde_json::Value;
use serde_json::ser::Formatter;

use super::super::tests::{hostile, report};
use super::writer::Writer;

/// The layout of reports as `serde_json` would write it.
#[derive(Default)]
struct OneLinePerEntry {
    depth: usize,
    /// The list or object that was opened last has nothing in it.
    is_empty: bool,
}

impl OneLinePerEntry {
    fn open<W: Write + ?Sized>(&mut self, out: &mut W, bracket: &[u8]) -> Result<()> {
        self.depth += 1;
        self.is_empty = true;
        out.write_all(bracket)
    }

    fn close<W: Write + ?Sized>(&mut self, out: &mut W, bracket: &[u8]) -> Result<()> {
        self.depth -= 1;
        if self.depth < 2 && !self.is_empty {
            self.break_line(out)?;
        }
        self.is_empty = false;
        out.write_all(bracket)
    }

    fn entry<W: Write + ?Sized>(&mut self, out: &mut W, first: bool) -> Result<()> {
        self.is_empty = false;
        match (first, self.depth <= 2) {
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

#[track_caller]
fn is_written_alike<T: Serialize>(value: &T) {
    let mut expected = Vec::new();
    let layout = OneLinePerEntry::default();
    value.serialize(&mut serde_json::Serializer::with_formatter(&mut expected, layout)).unwrap();
    expected.push(b'\n');
    let mut written = Vec::new();
    let mut writer = Writer::new(&mut written);
    value.serialize(&mut writer).unwrap();
    writer.finish().unwrap();
    assert_eq!(String::from_utf8(written).unwrap(), String::from_utf8(expected).unwrap());
}

#[test]
fn reports_are_written_as_serde_json_would() {
    is_written_alike(&report());
    is_written_alike(&hostile());
}

#[test]
fn all_shapes_are_written_as_serde_json_would() {
    #[derive(Serialize)]
    enum Shape {
        Unit,
        Newtype(i64),
        Tuple(u8, Option<&'static str>),
        Struct { left: f64, right: char },
    }
    #[derive(Serialize)]
    struct Unit;
    #[derive(Serialize)]
    struct Newtype(Vec<Shape>);
    #[derive(Serialize)]
    struct Tuple(Unit, (), Newtype);
    #[derive(Serialize)]
    struct Shapes {
        nothing: [u8; 0],
        tuple: Tuple,
        #[serde(skip_serializing_if = "Option::is_none")]
        skipped: Option<u8>,
        shape: Shape,
        extremes: (i64, u64, i128, f32, f64),
    }
    let shapes = || {
        let inner = Shape::Struct { left: 0.1, right: '"' };
        vec![Shape::Unit, Shape::Newtype(-7), Shape::Tuple(1, None), inner]
    };
    for shape in shapes() {
        let tuple = Tuple(Unit, (), Newtype(shapes()));
        let extremes = (i64::MIN, u64::MAX, i128::MIN, f32::NAN, 1e300);
        let written = Shapes { nothing: [], tuple, skipped: None, shape, extremes };
        is_written_alike(&written);
        is_written_alike(&[[written]]);
    }
    shapes().iter().for_each(is_written_alike);
}

#[test]
fn every_sign_is_escaped_wherever_it_stands() {
    for sign in (0..0x180).filter_map(char::from_u32) {
        for before in 0..40 {
            let mut text = "x".repeat(before);
            text.push(sign);
            is_written_alike(&text);
            text.push_str(&"y".repeat(40 - before));
            is_written_alike(&text);
        }
    }
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 64, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(any::<String>(), inner, 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn every_value_is_written_as_serde_json_would(value in values()) {
        is_written_alike(&value);
    }
}

#[test]
fn whoever_stops_reading_is_told_apart_from_other_failures() {
    struct Closed;
    impl Write for Closed {
        fn write(&mut self, _: &[u8]) -> Result<usize> {
            Err(Error::from(ErrorKind::BrokenPipe))
        }

        fn flush(&mut self) -> Result<()> {
            Ok(())
        }
    }
    let mut long = report();
    long.findings = vec![long.findings[0].clone(); 1000];
    assert_eq!(super::json(&long, Closed).unwrap_err().kind(), ErrorKind::BrokenPipe);
}

#[test]
fn only_texts_name_members() {
    let mut writer = Writer::new(Vec::new());
    assert!(std::collections::BTreeMap::from([(1, 2)]).serialize(&mut writer).is_err());
}
