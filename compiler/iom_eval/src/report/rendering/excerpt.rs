use std::collections::HashMap;

use super::masking::{Shown, Strictness, masked};
use super::plain::{clipped, one_line};
use crate::report::{Finding, Place};

/// The texts of the sources and `.iom` files that findings point into, by the path the report calls them by.
pub trait StateTexts {
    /// `None` where the text is not at hand, for example what came from standard input.
    fn text(&self, file: &str) -> Option<&str>;
}

/// For callers without texts: reports then name places without showing them.
pub struct NoTexts;

impl StateTexts for NoTexts {
    fn text(&self, _file: &str) -> Option<&str> {
        None
    }
}

/// Cuts excerpts, remembering where the lines of each file start.
pub(super) struct Excerpts<'a> {
    texts: &'a dyn StateTexts,
    line_starts: HashMap<String, Vec<usize>>,
}

/// One line of an excerpt.
pub(super) struct ExcerptLine {
    pub number: u32,
    pub is_marked: bool,
    pub text: String,
}

/// Longer lines are cut around the place: a plan is often one line of many megabytes.
const LONGEST_LINE: usize = 400;
/// Bytes looked at from the place on in such a line.
const WINDOW: usize = 300;
/// Characters shown of a line.
const WIDTH: usize = 84;

impl<'a> Excerpts<'a> {
    pub fn new(texts: &'a dyn StateTexts) -> Excerpts<'a> {
        Excerpts { texts, line_starts: HashMap::new() }
    }

    /// The line of a place with one line before and after it; nothing where the text is not at hand.
    pub fn around(&mut self, place: &Place, finding: &Finding) -> Vec<ExcerptLine> {
        let texts = self.texts;
        let Some(text) = texts.text(&place.file) else { return Vec::new() };
        if !self.line_starts.contains_key(place.file.as_str()) {
            self.line_starts.insert(place.file.to_string(), line_starts(text));
        }
        let starts = self.line_starts.get(place.file.as_str()).map_or(&[][..], Vec::as_slice);
        let shown = Shown::by(finding);
        let strictness =
            if place.file.ends_with(".iom") { Strictness::QuotedText } else { Strictness::Values };
        let first = place.line.saturating_sub(1).max(1);
        let mut lines = Vec::new();
        for number in first..=place.line.saturating_add(1) {
            let Some(line) = line(text, starts, number) else { continue };
            let is_marked = number == place.line;
            let text = if line.len() <= LONGEST_LINE {
                masked(line, &shown, strictness)
            } else if is_marked {
                format!("… {}", masked(window(line, place.column), &shown, strictness))
            } else {
                continue;
            };
            if is_marked || !text.trim().is_empty() {
                lines.push(ExcerptLine { number, is_marked, text });
            }
        }
        dedent(&mut lines);
        lines
    }
}

fn line_starts(text: &str) -> Vec<usize> {
    std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect()
}

fn line<'t>(text: &'t str, starts: &[usize], number: u32) -> Option<&'t str> {
    let index = usize::try_from(number).ok()?.checked_sub(1)?;
    let start = *starts.get(index)?;
    let end = starts.get(index + 1).map_or(text.len(), |next| next - 1);
    text.get(start..end).map(|line| line.trim_end_matches('\r'))
}

/// The part of a long line from the key before a place on. Starting at a key keeps the scan in step with the quotes.
fn window(line: &str, column: u32) -> &str {
    let column = usize::try_from(column).unwrap_or(usize::MAX).saturating_sub(1).min(line.len());
    let column = boundary(line, column);
    let before = line[..column].trim_end();
    let key = before.strip_suffix(':').map(str::trim_end).and_then(|before| {
        let name = before.strip_suffix('"')?;
        name.rfind('"').filter(|start| name.len() - start < 100)
    });
    let start = key.unwrap_or(column);
    &line[start..boundary(line, (start + WINDOW).min(line.len()))]
}

/// The nearest start of a character at or before an offset.
fn boundary(text: &str, offset: usize) -> usize {
    (0..=offset).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

/// Takes the common indentation away and cuts what is too long to show.
fn dedent(lines: &mut [ExcerptLine]) {
    let indent = |line: &ExcerptLine| line.text.chars().take_while(|character| *character == ' ').count();
    let common = lines.iter().filter(|line| !line.text.trim().is_empty()).map(indent).min().unwrap_or(0);
    for line in lines {
        let text: String = line.text.chars().skip(common).collect();
        line.text = clipped(one_line(text.trim_end()).as_ref(), WIDTH).into_owned();
    }
}
