//! The mistakes that people make in configuration (`tests/mistakes`), and what they are told. The snapshots hold every
//! word; the table says what makes a message good: the exact place, what was expected, and what to do.

use std::fmt::Write as _;
use std::path::PathBuf;

use serde_json::Value;

use crate::support::{iomc, repository};

fn folder() -> PathBuf {
    repository().join("tests/mistakes")
}

/// The file, and per mistake its code, line, column, the marked text, and words that must be said.
type Case = (&'static str, &'static [(&'static str, u64, u64, &'static str, &'static [&'static str])]);

const CASES: &[Case] = &[
    ("0-ok.iom", &[]),
    ("1-typo.iom", &[("IOM0202", 8, 3, "replcias", &["`schema.Service`", "did you mean `replicas`?"])]),
    ("1b-optional-typo.iom", &[("IOM0202", 10, 3, "ownr", &["`schema.Service`", "did you mean `owner`?"])]),
    (
        "2-wrong-type.iom",
        &[(
            "IOM0201",
            8,
            13,
            "\"three\"",
            &["a whole number from 1 to 10", "found text", "`replicas` is declared here"],
        )],
    ),
    (
        "3-out-of-range.iom",
        &[("IOM0206", 9, 9, "70000", &["at least 1 and at most 65535", "`port` is declared here"])],
    ),
    (
        "4-missing.iom",
        &[(
            "IOM0203",
            5,
            10,
            "checkout",
            &["`name` is missing", "add `name: ..`", "`name` is declared here"],
        )],
    ),
    (
        "5-unknown-ref.iom",
        &[("IOM0101", 11, 18, "databse", &["did you mean `database`?", "`database` is declared here"])],
    ),
    ("6-cycle.iom", &[("IOM0106", 11, 7, "a", &["a → b → a", "`a` takes `b` here", "`b` takes `a` here"])]),
    (
        "7-five-at-once.iom",
        &[
            ("IOM0202", 5, 74, "ownr", &["did you mean `owner`?"]),
            ("IOM0201", 6, 59, "\"three\"", &["a whole number from 1 to 10"]),
            ("IOM0206", 7, 72, "70000", &["at least 1 and at most 65535"]),
            ("IOM0203", 8, 10, "four", &["`name` is missing"]),
            ("IOM0101", 9, 14, "databse", &["did you mean `database`?"]),
        ],
    ),
    (
        "8-union.iom",
        &[(
            "IOM0201",
            6,
            64,
            "\"yes\"",
            &["expected `true` or `false`, found text", "without quotation marks"],
        )],
    ),
];

#[test]
fn each_mistake_is_told_once_at_its_place_with_the_way_out() {
    for (file, expected) in CASES {
        let status = if expected.is_empty() { 0 } else { 1 };
        let report = iomc(&folder(), &["check", file, "--format", "json"]).exits(status).json();
        let found = report["diagnostics"].as_array().expect("a list");
        let text = std::fs::read_to_string(folder().join(file)).expect("the case");
        let places: Vec<_> = found
            .iter()
            .map(|one| {
                // The protocol counts from 0.
                let number = |key: &str| one["range"]["start"][key].as_u64().expect("a number") + 1;
                (one["code"].as_str().expect("a code"), number("line"), number("character"))
            })
            .collect();
        let wanted: Vec<_> =
            expected.iter().map(|(code, line, column, ..)| (*code, *line, *column)).collect();
        assert_eq!(places, wanted, "{file}");
        for (one, (_, line, column, marked, words)) in found.iter().zip(*expected) {
            let line = text.lines().nth(*line as usize - 1).expect("the line");
            assert!(line[*column as usize - 1..].starts_with(marked), "{file}: {line}");
            let said = everything_said(one);
            for word in *words {
                assert!(said.contains(word), "{file}: no `{word}` in\n{said}");
            }
        }
    }
}

/// All texts of a diagnostic, one per line.
fn everything_said(value: &Value) -> String {
    match value {
        Value::String(text) => format!("{text}\n"),
        Value::Array(items) => items.iter().map(everything_said).collect(),
        Value::Object(fields) => fields.values().map(everything_said).collect(),
        _ => String::new(),
    }
}

#[test]
fn the_mistakes_read_well_in_every_form() {
    for format in ["human", "short", "json"] {
        let mut all = String::new();
        for (file, _) in CASES {
            let ran = iomc(&folder(), &["check", file, "--format", format, "--color", "never"]);
            let _ = writeln!(all, "## {file}\n{}", ran.stdout);
        }
        insta::assert_snapshot!(format!("mistakes_{format}"), all);
    }
}
