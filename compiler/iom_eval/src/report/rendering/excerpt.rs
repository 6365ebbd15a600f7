use std::collections::BTreeSet;

use super::lines::{FileLines, Lines};
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

/// Cuts excerpts.
pub(super) struct Excerpts<'a> {
    lines: Lines<'a>,
}

/// One line of an excerpt.
pub(super) struct ExcerptLine {
    pub number: u32,
    /// Whether it is what the finding is about, or only says where that is.
    pub is_marked: bool,
    /// Lines between this one and the one before are left out.
    pub follows_gap: bool,
    pub text: String,
}

/// Longer lines are cut around the place: a plan is often one line of many megabytes.
const LONGEST_LINE: usize = 400;
/// Bytes looked at from the place on in such a line.
const WINDOW: usize = 300;
/// Characters shown of a line.
const WIDTH: usize = 84;
/// Values shown where they stand.
const MOST_VALUES: usize = 4;

impl<'a> Excerpts<'a> {
    pub fn new(texts: &'a dyn StateTexts) -> Excerpts<'a> {
        Excerpts { lines: Lines::new(texts) }
    }

    /// Where the resource starts, then the values that were read of it; nothing where the text is not at hand.
    pub fn of(&self, place: &Place, finding: &Finding) -> Vec<ExcerptLine> {
        let Some(file) = self.lines.of(&place.file) else { return Vec::new() };
        let strictness =
            if place.file.ends_with(".iom") { Strictness::QuotedText } else { Strictness::Values };
        let source = SourceLines { file, strictness, shown: Shown::by(finding) };

        let mut lines = Vec::new();
        for (number, column, is_marked) in source.chosen(place, finding) {
            let Some(text) = source.masked(number, column) else { continue };
            let before = lines.last().map_or(number, |line: &ExcerptLine| line.number);
            lines.push(ExcerptLine { number, is_marked, follows_gap: number > before + 1, text });
        }
        dedent(&mut lines);
        lines
    }
}

/// One text, and how much of it may be shown.
struct SourceLines<'t> {
    file: FileLines<'t>,
    strictness: Strictness,
    shown: Shown<'t>,
}

impl<'t> SourceLines<'t> {
    /// Line, column and whether it is marked, from top to bottom.
    fn chosen(&self, place: &Place, finding: &Finding) -> BTreeSet<(u32, u32, bool)> {
        let values = finding.facts.iter().filter_map(|fact| fact.location.as_ref());
        let unknown = finding.unknown.iter().filter_map(|value| value.location.as_ref());
        let mut chosen: BTreeSet<(u32, u32, bool)> = BTreeSet::new();
        for value in values.chain(unknown).filter(|value| value.file == place.file) {
            let is_place = (value.line, value.column) == (place.line, place.column);
            if chosen.len() < MOST_VALUES && !is_place {
                chosen.insert((value.line, value.column, true));
            }
        }
        let has_values = !chosen.is_empty();
        // Lines of values are not shown twice, unless the line is long and they are far apart in it.
        if chosen.iter().all(|(line, ..)| *line != place.line || self.is_long(*line)) {
            chosen.insert((place.line, place.column, !has_values));
        }
        // An opening bracket alone says nothing; the line after it says more.
        let is_bracket = self.file.line(place.line).is_some_and(|line| line.trim().len() <= 1);
        let next = place.line.saturating_add(1);
        if (is_bracket || !has_values) && !self.is_long(next) && chosen.iter().all(|(line, ..)| *line != next)
        {
            chosen.insert((next, 1, false));
        }
        chosen
    }

    fn is_long(&self, number: u32) -> bool {
        self.file.line(number).is_some_and(|line| line.len() > LONGEST_LINE)
    }

    fn masked(&self, number: u32, column: u32) -> Option<String> {
        let line = self.file.line(number).filter(|line| !line.trim().is_empty())?;
        if line.len() <= LONGEST_LINE {
            return Some(masked(line, &self.shown, self.strictness));
        }
        Some(format!("… {}", masked(window(line, column), &self.shown, self.strictness)))
    }
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
