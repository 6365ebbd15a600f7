use std::io::Cursor;

use super::{Imprint, Rewritten};
use crate::document::{Document, Everything, SourceObject};
use crate::tape::{NodeIndex, NodeValue, Strings};

/// A plan of entries between what stands before and after them.
fn text(entries: &[String]) -> String {
    let list = entries.join(",\n");
    format!(
        "{{\"format_version\":\"1.2\",\"planned_values\":{{\"root_module\":{{\"resources\":[\n{list}\n]}}}},\"terraform_version\":\"1.9.2026\"}}\n"
    )
}

fn entry(number: usize, values: &str) -> String {
    let depends_on = if number == 0 { String::new() } else { format!("\"server.s{}\"", number - 1) };
    format!(
        "{{\"address\":\"server.s{number}\",\"mode\":\"managed\",\"type\":\"server\",\"name\":\"s{number}\",\"values\":\
         {values},\n \"sensitive_values\":{{}},\"depends_on\":[{depends_on}]}}"
    )
}

fn entries(count: usize) -> Vec<String> {
    let values = |number: usize| {
        format!("{{\"id\":\"é{number}\",\"tags\":[1,{{\"a\":\"{}\"}}]}}", "x".repeat(number % 900))
    };
    (0..count).map(|number| entry(number, &values(number))).collect()
}

fn imported(text: &str, strings: &mut Strings) -> Document {
    crate::import_in_pieces(&mut Cursor::new(text), None, &Everything, strings).expect("a plan")
}

fn imprint(text: &str, document: &Document) -> Option<Imprint> {
    Imprint::of(&mut text.as_bytes(), &Imprint::offsets(document)?, &document.sha256)
}

/// What is different about a file.
fn rewritten(before: &str, after: &str) -> Option<(Rewritten, Document, Strings)> {
    let mut strings = Strings::default();
    let document = imported(before, &mut strings);
    let mut imprint = imprint(before, &document).expect("an imprint");
    let rewritten = imprint.compare(&mut after.as_bytes())?.read(&document, &Everything, &mut strings)?;
    Some((rewritten, document, strings))
}

/// All nodes of a value with their places.
fn nodes(document: &Document, object: &SourceObject) -> Vec<(u32, String)> {
    let mut found = Vec::new();
    let mut open: Vec<NodeIndex> = object.values.into_iter().collect();
    while let Some(index) = open.pop() {
        let node = document.tape.node(index);
        found.push((
            node.offset,
            match node.value {
                NodeValue::List { first, len } | NodeValue::Object { first, len } => {
                    open.extend((first.0..first.0 + len).map(NodeIndex));
                    len.to_string()
                }
                value => format!("{value:?}"),
            },
        ));
    }
    found
}

#[test]
fn what_is_written_anew_is_what_an_import_of_the_whole_says() {
    // More pieces than are kept.
    let before = entries(14_000);
    for changed in [vec![0], vec![7], vec![6999, 7000], vec![13_999], vec![3, 5, 13_000]] {
        for values in [
            "{}",
            "{\"id\":\n\"other\",\"more\":[true,{\"a\":null}]}",
            "{\"id\":\"é\",\"tags\":[1,{\"a\":\"\"}]}",
        ] {
            let mut after = before.clone();
            changed.iter().for_each(|number| after[*number] = entry(*number, values));
            let (before, after) = (text(&before), text(&after));
            let (new, mut known, mut strings) = rewritten(&before, &after).expect("it can be told");
            let whole = imported(&after, &mut strings);
            assert_eq!(new.positions, changed.iter().map(|number| *number as u32).collect::<Vec<_>>());
            assert_eq!((&new.document.sha256, &new.document.files), (&whole.sha256, &whole.files));
            for (position, object) in new.positions.iter().zip(&new.document.objects) {
                let expected = &whole.objects[*position as usize];
                assert_eq!(object.offset, expected.offset);
                assert_eq!(nodes(&new.document, object), nodes(&whole, expected));
            }
            known.shift(&new.shifts);
            for position in
                (0..known.objects.len()).step_by(97).filter(|position| !changed.contains(position))
            {
                let (object, expected) = (&known.objects[position], &whole.objects[position]);
                assert_eq!(object.offset, expected.offset);
                assert_eq!(nodes(&known, object), nodes(&whole, expected));
            }
        }
    }
}

#[test]
fn an_imprint_follows_change_after_change() {
    let mut entries = entries(40);
    let mut strings = Strings::default();
    let document = imported(&text(&entries), &mut strings);
    let mut imprint = imprint(&text(&entries), &document).expect("an imprint");
    let mut look = |text: &str| imprint.compare(&mut text.as_bytes()).map(|found| found.texts().count());
    assert_eq!(look(&text(&entries)), Some(0));
    for number in [3, 9, 3, 39, 0] {
        entries[number] = entry(number, &format!("{{\"id\":\"{}\"}}", "y".repeat(number * 7 + 1)));
        assert_eq!(look(&text(&entries)), Some(1));
        entries[number] = entry(number, "{\"id\":\"z\"}");
        assert_eq!(look(&text(&entries)), Some(1));
        assert_eq!(look(&text(&entries)), Some(0));
    }
}

#[test]
fn more_than_values_is_read_as_a_whole() {
    let before = entries(30);
    let is_told = |after: &[String]| rewritten(&text(&before), &text(after)).is_some();
    let with = |number: usize, entry: String| {
        let mut after = before.clone();
        after[number] = entry;
        after
    };
    assert!(is_told(&before));
    assert!(is_told(&with(4, before[4].replace("\"id\"", "\"name\""))));
    assert!(!is_told(&before[1..]), "one less");
    assert!(!is_told(&with(4, format!("{},{}", before[4], entry(99, "{}")))), "one more");
    assert!(!is_told(&with(4, before[4].replace("server.s4", "server.t4"))), "another address");
    assert!(!is_told(&with(4, before[4].replace("\"server\"", "\"client\""))), "another type");
    assert!(!is_told(&with(4, before[4].replace("server.s3", "server.s2"))), "other dependencies");
    assert!(!is_told(&with(
        4,
        before[4].replace("\"sensitive_values\":{}", "\"sensitive_values\":{\"id\":true}")
    )));
    assert!(!is_told(&with(4, before[4].replace("\"mode\"", "\"tainted\":true,\"mode\""))));
    assert!(!is_told(&with(4, before[4].replace("\"mode\"", "\"deposed_key\":\"x\",\"mode\""))));
    assert!(!is_told(&with(4, before[4].replace("\"id\"", "id"))), "no JSON");
    assert!(!is_told(&with(4, "null".to_owned())));
    let (before, after) = (text(&before), text(&before).replace("2026", "2027"));
    assert!(rewritten(&before, &after).is_none(), "which tool made it");
    assert!(rewritten(&before, &before[..before.len() - 9]).is_none(), "half of it");
}

#[test]
fn what_the_text_begins_with_is_no_part_of_it() {
    let text = format!("\u{feff}{}", text(&entries(3)));
    let document = imported(&text, &mut Strings::default());
    assert!(imprint(&text, &document).is_none());
}
