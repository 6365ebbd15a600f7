//! The texts that a report was made from, and where their lines are by now.

use std::ops::Range;
use std::sync::Arc;

use iom_base::{LineColumn, Lines, TextRange, TextSize};
use rustc_hash::FxHashMap;
use similar::{Algorithm, DiffOp, capture_diff_slices};
use smol_str::SmolStr;

use crate::Analysis;

/// Where more lines than these differ nothing is looked for among them: that takes time, and they will be judged anew.
const MOST_CHANGED_LINES: usize = 20_000;

/// Texts as they were when they were judged, by path. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(super) struct JudgedTexts(Arc<FxHashMap<SmolStr, Arc<str>>>);

impl JudgedTexts {
    pub fn of(analysis: &Analysis) -> JudgedTexts {
        let text = |path: SmolStr| Some((path.clone(), analysis.host.shared_text(&path)?));
        JudgedTexts(Arc::new(analysis.paths().into_iter().filter_map(text).collect()))
    }

    /// Whether all texts are as they were.
    pub fn are_of(&self, analysis: &Analysis) -> bool {
        let is_same = |path: &SmolStr| match (self.0.get(path), analysis.host.shared_text(path)) {
            (Some(known), Some(text)) => Arc::ptr_eq(known, &text) || *known == text,
            _ => false,
        };
        let paths = analysis.paths();
        paths.len() == self.0.len() && paths.iter().all(is_same)
    }

    pub fn has(&self, path: &str) -> bool {
        self.0.contains_key(path)
    }

    /// Places of a judged file in its text as it is now.
    pub fn now<'a>(&self, analysis: &'a Analysis, path: &str) -> Option<Now<'a>> {
        let text = analysis.text(path)?;
        let shift = Shift::between(self.0.get(path)?, text);
        Some(Now { text, lines: Lines::new(text), shift })
    }
}

/// A text as it is now, to be asked where something is that stood in an older one.
pub(super) struct Now<'a> {
    pub text: &'a str,
    lines: Lines,
    shift: Shift,
}

impl Now<'_> {
    /// Where a place of the old text is, line and column counted from 1, the column in characters. Nothing where its line has
    /// been changed: what was said of it may no longer be so.
    pub fn offset(&self, line: u32, column: u32) -> Option<TextSize> {
        let line = self.shift.line(line.checked_sub(1)?)?;
        let range = self.lines.line(line + 1)?;
        let text = self.text.get(usize::from(range.start())..usize::from(range.end()))?;
        let wanted = column.checked_sub(1)? as usize;
        let within = text.char_indices().nth(wanted).map_or(text.len(), |(at, _)| at);
        Some(range.start() + TextSize::try_from(within).ok()?)
    }

    /// The same as line and column.
    pub fn place(&self, line: u32, column: u32) -> Option<LineColumn> {
        self.offset(line, column).map(|offset| self.lines.line_column(offset))
    }
}

/// How the lines of one text became those of another, counted from 0.
#[derive(Debug, PartialEq, Eq)]
enum Shift {
    Same,
    /// Runs of lines that are in both, in order, with where they begin now.
    Moved(Vec<(Range<u32>, u32)>),
}

impl Shift {
    fn between(old: &str, new: &str) -> Shift {
        if old == new {
            return Shift::Same;
        }
        let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
        let front = old.iter().zip(&new).take_while(|(old, new)| old == new).count();
        let rest = |lines: &[&str]| lines.len() - front;
        let back = old.iter().rev().zip(new.iter().rev()).take_while(|(old, new)| old == new).count();
        let back = back.min(rest(&old)).min(rest(&new));
        let (between, after) = (front..old.len() - back, front..new.len() - back);
        let mut runs = vec![(0..front as u32, 0)];
        if between.len().max(after.len()) <= MOST_CHANGED_LINES {
            let found = capture_diff_slices(Algorithm::Patience, &old[between], &new[after]);
            runs.extend(found.iter().filter_map(|found| match found {
                DiffOp::Equal { old_index, new_index, len } => {
                    let start = (front + old_index) as u32;
                    Some((start..start + *len as u32, (front + new_index) as u32))
                }
                _ => None,
            }));
        }
        runs.push(((old.len() - back) as u32..old.len() as u32, (new.len() - back) as u32));
        runs.retain(|(run, _)| !run.is_empty());
        Shift::Moved(runs)
    }

    fn line(&self, line: u32) -> Option<u32> {
        match self {
            Shift::Same => Some(line),
            Shift::Moved(runs) => {
                let after = runs.partition_point(|(run, _)| run.start <= line);
                let (run, start) = runs.get(after.checked_sub(1)?)?;
                run.contains(&line).then(|| start + (line - run.start))
            }
        }
    }
}

/// The name that starts at an offset; empty where none does.
pub(super) fn word_at(text: &str, offset: TextSize) -> TextRange {
    let rest = text.get(usize::from(offset)..).unwrap_or_default();
    let length = rest.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(rest.len());
    TextRange::at(offset, TextSize::try_from(length).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_found_again_and_changed_ones_are_not() {
        let old = "a\nb\nc\nd\ne\n";
        let shift = Shift::between(old, "new\na\nB\nc\nd\nmore\ne\n");
        let found: Vec<Option<u32>> = (0..6).map(|line| shift.line(line)).collect();
        assert_eq!(found, [Some(1), None, Some(3), Some(4), Some(6), None]);
        assert_eq!(Shift::between(old, old).line(4), Some(4));
        assert_eq!(Shift::between("a\n", "").line(0), None);
        assert_eq!(Shift::between("x\nx\nx\n", "x\nx\n").line(2), None, "there are two only");
    }

    #[test]
    fn columns_count_characters() {
        let text = "é🦀 x\n";
        let now = Now { text, lines: Lines::new(text), shift: Shift::Same };
        assert_eq!(now.offset(1, 4), Some(TextSize::new(7)));
        assert_eq!(now.offset(9, 1), None);
        assert_eq!(now.offset(0, 1), None);
    }
}
