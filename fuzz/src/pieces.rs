//! Files of other tools out of such files: lines, bracketed parts and single values are put where others stood. JSON, YAML,
//! Terraform's language and tables are all made of these, so that most results get past the parser.

use std::ops::Range;

use crate::mutation::{Dice, near};

/// A text near the given one.
pub fn mutated(text: &str, seed: u32) -> String {
    near(text, seed, changed)
}

/// Values at the edges of some format.
const VALUES: &[&str] = &[
    "null",
    "true",
    "false",
    "0",
    "-1",
    "1e400",
    "9223372036854775808",
    "0.1",
    "\"\"",
    "\"é🙂\"",
    "\"\\ud83d\"",
    "\"${a}\"",
    "\"%{ for a in b }\"",
    "\"{}\"",
    "\"[{\\\"a\\\":1}]\"",
    "{}",
    "[]",
    "[[]]",
    "{\"a\":1,\"a\":2}",
    "~",
    "&a",
    "*a",
    "<<: *a",
    "!Ref a",
    "!Sub \"${a.b}\"",
    "!!int 1",
    "|\n  a\n",
    ">-\n",
    "---\n",
    "? a",
    "- ",
    "a: b: c",
    "\"a\"\"b\"",
    ",",
    ";",
    "\t",
    "\r\n",
    "\u{feff}",
    "\"10.0.0.0/8\"",
    "\"arn:aws:iam::1:role/a\"",
    "\"2024-02-29T00:00:00Z\"",
    "for_each = toset([\"a\"])",
    "count = 2",
    "each.key",
    "[for a in b : a]",
    "b...",
    "a ? b : c",
    "a[*].b",
    "<<-A\n  a\nA\n",
    "module.a.b[0]",
    "{\"Fn::If\":[\"a\",1,2]}",
    "{\"Ref\":\"a\"}",
    "\"a[0].b[\\\"c\\\"]\"",
];

fn changed(text: &str, dice: &mut Dice) -> String {
    let candidates = match dice.roll(4) {
        0 => lines(text),
        1 | 2 => brackets(text),
        _ => words(text),
    };
    let Some(place) = dice.one_of(&candidates).cloned() else { return format!("{text}\n{}", any(dice)) };
    let other = dice.one_of(&candidates).map_or("", |range| &text[range.clone()]);
    let here = &text[place.clone()];
    let new = match dice.roll(10) {
        0 => String::new(),
        1 => format!("{here}{other}"),
        2 => format!("{here}, {other}"),
        3 => format!("[{here}]"),
        4 => format!("{{\"a\": {here}}}"),
        5 | 6 => any(dice).to_owned(),
        7 => format!("{here}\n{}", any(dice)),
        _ => other.to_owned(),
    };
    format!("{}{new}{}", &text[..place.start], &text[place.end..])
}

fn any(dice: &mut Dice) -> &'static str {
    dice.one_of(VALUES).copied().unwrap_or_default()
}

fn lines(text: &str) -> Vec<Range<usize>> {
    let mut start = 0;
    let range = |line: &str| {
        let range = start..start + line.len();
        start = range.end;
        range
    };
    text.split_inclusive('\n').map(range).collect()
}

/// What stands between brackets that belong together, with them.
fn brackets(text: &str) -> Vec<Range<usize>> {
    let (mut open, mut found) = (Vec::new(), Vec::new());
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'{' | b'[' => open.push(at),
            b'}' | b']' => found.extend(open.pop().map(|start| start..at + 1)),
            _ => {}
        }
    }
    found
}

/// Names, numbers and quoted texts.
fn words(text: &str) -> Vec<Range<usize>> {
    let (bytes, mut found, mut at) = (text.as_bytes(), Vec::new(), 0);
    let is_of_word = |byte: &u8| byte.is_ascii_alphanumeric() || b"_.-:".contains(byte) || *byte >= 0x80;
    while at < bytes.len() {
        let start = at;
        at += match bytes[at] {
            b'"' => bytes[at + 1..].iter().take_while(|byte| !b"\"\n".contains(byte)).count() + 2,
            ref byte if is_of_word(byte) => bytes[at..].iter().take_while(|byte| is_of_word(byte)).count(),
            _ => {
                at += 1;
                continue;
            }
        };
        at = at.min(bytes.len());
        found.push(start..at);
    }
    found
}
