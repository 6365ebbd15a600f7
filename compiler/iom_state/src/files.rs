//! The files a document was made of, and where in which of them something stands.

use crate::document::LineStarts;

/// The files of a document, one after the other: offsets of a document count in all its decoded texts together, so that a
/// value may come from any file.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SourceFiles {
    /// Sorted by `start`.
    files: Vec<SourceFile>,
    /// Where the last one ends, and 1: the end of a text still belongs to it.
    end: u32,
}

/// A file, without its text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SourceFile {
    /// Relative to what was named as the source, with `/` between steps; empty where the source is this one file.
    pub name: Box<str>,
    /// The offset at which it begins.
    pub start: u32,
    lines: LineStarts,
}

/// Where something stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FilePlace<'a> {
    /// See [`SourceFile::name`].
    pub file: &'a str,
    /// Both from 1; the column in bytes.
    pub line: u32,
    pub column: u32,
}

/// All texts together are larger than offsets can count.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TooLarge;

impl SourceFiles {
    /// A source that is one file.
    pub fn one(lines: LineStarts) -> SourceFiles {
        SourceFiles { files: vec![SourceFile { name: "".into(), start: 0, lines }], end: u32::MAX }
    }

    /// The offset at which the next file will begin.
    pub(crate) fn next_start(&self) -> u32 {
        self.end
    }

    /// Adds a file behind the others; gives the offset at which it begins.
    ///
    /// # Errors
    /// Where all texts together have more than 4 GiB.
    pub fn push(&mut self, name: &str, text: &str) -> Result<u32, TooLarge> {
        let start = self.end;
        let length = u32::try_from(text.len()).map_err(|_| TooLarge)?;
        self.end = start.checked_add(length).and_then(|end| end.checked_add(1)).ok_or(TooLarge)?;
        self.files.push(SourceFile { name: name.into(), start, lines: LineStarts::of(text) });
        Ok(start)
    }

    /// The lines of a source that is one file.
    pub(crate) fn lines(&self) -> Option<&LineStarts> {
        match self.files.as_slice() {
            [file] => Some(&file.lines),
            _ => None,
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = &SourceFile> {
        self.files.iter()
    }

    /// Where an offset is.
    pub fn place(&self, offset: u32) -> FilePlace<'_> {
        let after = self.files.partition_point(|file| file.start <= offset);
        match self.files.get(after.saturating_sub(1)) {
            Some(file) => {
                let (line, column) = file.lines.place(offset.saturating_sub(file.start));
                FilePlace { file: &file.name, line, column }
            }
            None => FilePlace { file: "", line: 1, column: 1 },
        }
    }

    /// The offset of a line and column (both from 1) of a file.
    pub fn offset(&self, file: &str, line: u32, column: u32) -> Option<u32> {
        let file = self.files.iter().find(|known| &*known.name == file)?;
        Some(file.start + file.lines.0.get(line.checked_sub(1)? as usize)? + column.checked_sub(1)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_count_through_all_files() {
        let mut files = SourceFiles::default();
        assert_eq!(files.push("a.tf", "one\ntwo"), Ok(0));
        assert_eq!(files.push("b/c.tf", ""), Ok(8));
        assert_eq!(files.push("d.tf", "three\n\nfour"), Ok(9));
        let place = |offset| {
            let FilePlace { file, line, column } = files.place(offset);
            (file, line, column)
        };
        assert_eq!(place(0), ("a.tf", 1, 1));
        assert_eq!(place(5), ("a.tf", 2, 2));
        assert_eq!(place(7), ("a.tf", 2, 4));
        assert_eq!(place(8), ("b/c.tf", 1, 1));
        assert_eq!(place(9), ("d.tf", 1, 1));
        assert_eq!(place(17), ("d.tf", 3, 2));
        assert_eq!(files.offset("d.tf", 3, 2), Some(17));
        assert_eq!(files.offset("d.tf", 4, 1), None);
    }
}
