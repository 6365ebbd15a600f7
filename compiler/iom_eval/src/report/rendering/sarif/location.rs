use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::super::excerpt::StateTexts;
use super::super::lines::Lines;
use super::super::rooted::RootedPaths;
use crate::report::Place;

/// Characters that a path in a URI may have as they are.
const NOT_IN_A_PATH: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Columns are counted from the start of the line; beyond this, in a plan of one long line, counting takes too long for all
/// of its findings.
const FARTHEST_COLUMN: u32 = 10_000;

/// Makes SARIF's locations of places.
pub(super) struct Locations<'a> {
    paths: &'a dyn RootedPaths,
    lines: Lines<'a>,
}

impl<'a> Locations<'a> {
    pub fn new(paths: &'a dyn RootedPaths, texts: &'a dyn StateTexts) -> Locations<'a> {
        Locations { paths, lines: Lines::new(texts) }
    }

    /// Where a person would change what is there.
    pub fn of(&self, place: &Place) -> Option<Value> {
        let place = place.clone().written();
        self.at(&place.file, place.line, place.column)
    }

    /// `None` where the file is not in the tree.
    pub fn at(&self, file: &str, line: u32, column: u32) -> Option<Value> {
        let path = self.paths.path(file)?;
        let uri = utf8_percent_encode(&path, NOT_IN_A_PATH).to_string();
        let mut region = json!({ "startLine": line.max(1) });
        if let Some(column) = self.characters(file, line, column) {
            region["startColumn"] = column.into();
        }
        Some(json!({
            "physicalLocation": {
                "artifactLocation": { "uri": uri, "uriBaseId": "%SRCROOT%" },
                "region": region,
            }
        }))
    }

    /// The column in characters, where the line is at hand.
    fn characters(&self, file: &str, line: u32, column: u32) -> Option<usize> {
        let column = column.checked_sub(1).filter(|column| *column <= FARTHEST_COLUMN)?;
        let before = self.lines.of(file)?.line(line)?.get(..column as usize)?;
        Some(before.chars().count() + 1)
    }

    /// A text that says which file it is about, where no location does.
    pub fn naming(&self, text: &str, location: &Option<Value>, file: &str) -> String {
        match location {
            None if !file.is_empty() => format!("{file}: {text}"),
            _ => text.to_owned(),
        }
    }
}
