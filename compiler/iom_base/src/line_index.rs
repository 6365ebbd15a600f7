pub use line_index::{LineIndex, WideEncoding, WideLineCol};
use text_size::{TextRange, TextSize};

/// A place as people and JSON consumers count it: both from 1, columns in Unicode scalar values.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct LineColumn {
    pub line: u32,
    pub column: u32,
}

/// Line starts of one text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lines {
    index: LineIndex,
}

impl Lines {
    pub fn new(text: &str) -> Lines {
        Lines { index: LineIndex::new(text) }
    }

    /// The place of a byte offset; an offset past the end is taken as the end, one inside a character as its start.
    pub fn line_column(&self, offset: TextSize) -> LineColumn {
        let offset = u32::from(offset.min(self.index.len()));
        // A character has at most four bytes.
        let mut starts = (0..4).filter_map(|back| self.index.try_line_col(offset.checked_sub(back)?.into()));
        let Some(byte) = starts.next() else { return LineColumn { line: 1, column: 1 } };
        let column = self.index.to_wide(WideEncoding::Utf32, byte).map_or(byte.col, |wide| wide.col);
        LineColumn { line: byte.line + 1, column: column + 1 }
    }

    /// The text range of a line (counted from 1), or `None` past the end. The line feed at its end is left out; a
    /// carriage return before it is not, since it cannot be seen from here.
    pub fn line(&self, line: u32) -> Option<TextRange> {
        let range = self.index.line(line.checked_sub(1)?)?;
        let ends_in_line_feed = self.index.line(line).is_some();
        let end = if ends_in_line_feed { range.end() - TextSize::new(1) } else { range.end() };
        Some(TextRange::new(range.start(), end))
    }

    /// The index itself, for conversions to and from editor positions.
    pub fn index(&self) -> &LineIndex {
        &self.index
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(text: &str, offset: u32) -> (u32, u32) {
        let LineColumn { line, column } = Lines::new(text).line_column(offset.into());
        (line, column)
    }

    #[test]
    fn lines_and_columns_start_at_one() {
        assert_eq!(place("ab\nc", 0), (1, 1));
        assert_eq!(place("ab\nc", 2), (1, 3));
        assert_eq!(place("ab\nc", 3), (2, 1));
        assert_eq!(place("", 0), (1, 1));
    }

    #[test]
    fn columns_count_characters() {
        assert_eq!(place("é🦀x", 6), (1, 3));
    }

    #[test]
    fn any_offset_has_a_place() {
        assert_eq!(place("é🦀x", 4), (1, 2), "inside a character is its start");
        assert_eq!(place("ab\n", 99), (2, 1), "past the end is the end");
    }

    #[test]
    fn lines_end_before_their_line_feed() {
        let lines = Lines::new("ab\n\nc");
        let range = |line| lines.line(line).map(|range| (u32::from(range.start()), u32::from(range.end())));
        assert_eq!(range(1), Some((0, 2)));
        assert_eq!(range(2), Some((3, 3)));
        assert_eq!(range(3), Some((4, 5)));
        assert_eq!(range(4), None);
        assert_eq!(range(0), None);
    }
}
