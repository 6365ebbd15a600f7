use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use iom_base::{FileId, LineColumn, Lines, Span, TextSize};

use super::SourceTexts;
use super::terminal::harmless;

/// A line longer than this is not shown: a machine-written file may be one line of many megabytes.
const LONGEST_SHOWN_LINE: usize = 400;

/// One text, prepared once for all diagnostics of a run.
pub(super) struct SourceFile<'a> {
    pub path: Cow<'a, str>,
    /// The text without characters that act on a terminal, at the same byte offsets.
    pub text: Cow<'a, str>,
    pub lines: Lines,
}

/// The texts that a list of diagnostics points into.
pub(super) struct SourceFiles<'a> {
    files: BTreeMap<FileId, SourceFile<'a>>,
}

impl<'a> SourceFiles<'a> {
    pub fn new(spans: impl Iterator<Item = Span>, sources: &'a dyn SourceTexts) -> SourceFiles<'a> {
        let mut files = BTreeMap::new();
        for span in spans {
            files.entry(span.file).or_insert_with(|| {
                let text = sources.text(span.file);
                SourceFile {
                    path: harmless(sources.path(span.file)),
                    text: harmless(text),
                    lines: Lines::new(text),
                }
            });
        }
        SourceFiles { files }
    }

    pub fn get(&self, file: FileId) -> Option<&SourceFile<'a>> {
        self.files.get(&file)
    }
}

impl SourceFile<'_> {
    /// Where a span starts, as people count; `None` where there is no text to count in.
    pub fn place(&self, span: Span) -> Option<LineColumn> {
        let start = self.boundary(span.start());
        (!self.text.is_empty()).then(|| self.lines.line_column(TextSize::new(start)))
    }

    /// `path:line:column`, or the path alone.
    pub fn located(&self, span: Span) -> String {
        match self.place(span) {
            Some(place) => format!("{}:{}:{}", self.path, place.line, place.column),
            None => self.path.to_string(),
        }
    }

    /// The bytes to mark for a span: inside the text, on character boundaries, without line breaks at its end;
    /// `None` where the lines it touches are not fit to be shown.
    pub fn marked(&self, span: Span) -> Option<Range<usize>> {
        if self.text.is_empty() {
            return None;
        }
        let start = self.boundary(span.start()) as usize;
        let end = (self.boundary(span.end()) as usize).max(start);
        let end = start + self.text[start..end].trim_end_matches(['\n', '\r']).len();
        let line_fits = |offset: usize| {
            let line_start = self.text[..offset].rfind('\n').map_or(0, |at| at + 1);
            let line_end = self.text[offset..].find('\n').map_or(self.text.len(), |at| offset + at);
            line_end - line_start <= LONGEST_SHOWN_LINE
        };
        (line_fits(start) && line_fits(end)).then_some(start..end)
    }

    /// The nearest character boundary at or before an offset, inside the text.
    pub fn boundary(&self, offset: TextSize) -> u32 {
        let offset = (u32::from(offset) as usize).min(self.text.len());
        let boundary = (0..=offset).rev().find(|at| self.text.is_char_boundary(*at)).unwrap_or(0);
        u32::try_from(boundary).unwrap_or(u32::MAX)
    }
}
