use std::fmt;

use text_size::{TextRange, TextSize};

/// Identifies one source text of a run. What it names is known by whoever handed it out (the workspace).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

impl fmt::Debug for FileId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FileId({})", self.0)
    }
}

/// A byte range in one file.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Span {
    pub file: FileId,
    start: TextSize,
    end: TextSize,
}

impl Span {
    pub fn new(file: FileId, range: TextRange) -> Span {
        Span { file, start: range.start(), end: range.end() }
    }

    pub fn range(self) -> TextRange {
        TextRange::new(self.start, self.end)
    }

    pub fn start(self) -> TextSize {
        self.start
    }

    pub fn end(self) -> TextSize {
        self.end
    }
}
