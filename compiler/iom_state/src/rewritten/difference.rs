use std::ops::Range;

use super::entries::Entries;
use super::{Rewritten, Shifts};
use crate::document::{Action, Document, LineStarts, Pointer, Wanted};
use crate::files::SourceFiles;
use crate::tape::Strings;
use crate::terraform_plan::context::Context;

/// What is different about a file, as text.
#[derive(Debug)]
pub struct Difference {
    /// In the order of the file.
    pub(super) entries: Vec<Rewriting>,
    pub(super) shifts: Shifts,
    pub(super) sha256: String,
}

/// An entry that is written in another way.
#[derive(Debug)]
pub(super) struct Rewriting {
    /// Of its object.
    pub position: u32,
    /// Where it was.
    pub before: Range<u32>,
    /// Where it is.
    pub offset: u32,
    pub text: Box<str>,
}

/// Whether each object of a document is all about one entry of the file, so that nothing else says anything of it.
pub(super) fn has_entries(document: &Document) -> bool {
    let is_entry = |pointer: &Pointer| match pointer {
        Pointer::Element { list, .. } => {
            document.lists.get(*list as usize).is_some_and(|list| list.ends_with("/resources"))
        }
        Pointer::Written(_) => false,
    };
    document.values_below == "/values"
        && document.sources.is_none()
        && document.tape.before.is_empty()
        && document.other_layers.is_empty()
        && document.observed.is_empty()
        && document.objects.iter().all(|object| is_entry(&object.pointer) && object.action == Action::None)
        && document.objects.is_sorted_by_key(|object| object.offset)
}

impl Difference {
    /// The hash of the file.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// Whether the file says the same, to the last byte.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// What is written where something is different.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|entry| &*entry.text)
    }

    /// Reads it; `document` is what was imported from the file before. Nothing where the file has to be imported as a whole.
    pub fn read(self, document: &Document, wanted: &dyn Wanted, strings: &mut Strings) -> Option<Rewritten> {
        let lines = self.lines(document.files.lines()?);
        let mut context = Context::new("", wanted, strings, true);
        let mut changed = Entries::new(&mut context);
        for entry in &self.entries {
            let is_about = |offset: u32| entry.before.contains(&offset);
            let object = document.objects.get(entry.position as usize)?;
            // What was remarked there may not be so any more.
            if document.remarks.iter().any(|remark| is_about(remark.offset))
                || object.offset != entry.before.start
            {
                return None;
            }
            changed.read(&entry.text, entry.offset, object)?;
        }
        let positions: Vec<u32> = self.entries.iter().map(|entry| entry.position).collect();
        let changed = changed.finish(&positions, document)?;
        let document = Document { sha256: self.sha256, files: SourceFiles::one(lines), ..changed };
        Some(Rewritten { positions, document, shifts: self.shifts })
    }

    /// The lines of the text: those of before that are in both, and those of what is new.
    fn lines(&self, LineStarts(before): &LineStarts) -> LineStarts {
        let of_entry = |entry: &Rewriting| {
            let breaks: Vec<usize> = memchr::memchr_iter(b'\n', entry.text.as_bytes()).collect();
            let offset = entry.offset;
            breaks.into_iter().map(move |index| offset + index as u32 + 1)
        };
        let mut new = self.entries.iter().flat_map(of_entry).peekable();
        let mut lines = Vec::with_capacity(before.len());
        // A line starts after its line break: that is what is in both texts.
        lines.push(0);
        for run in self.shifts.runs() {
            let first = before.partition_point(|start| *start <= run.old.start);
            let last = before.partition_point(|start| *start <= run.old.end);
            let moved = |offset: u32| (i64::from(offset) + run.by) as u32;
            while let Some(line) = new.next_if(|line| *line <= moved(run.old.start)) {
                lines.push(line);
            }
            lines.extend(before.get(first..last).unwrap_or_default().iter().map(|line| moved(*line)));
        }
        lines.extend(new);
        LineStarts(lines)
    }
}
