//! Entries of a plan's lists of resources, read apart from the rest of the file.

use crate::document::{Action, Document, ObjectId, SourceObject};
use crate::reader::Reader;
use crate::secrets;
use crate::terraform_plan::context::Context;
use crate::terraform_plan::dependencies::ListedDependencies;
use crate::terraform_plan::listed::Listed;
use crate::terraform_plan::outline::Outline;

/// Objects that stand in entries of their own.
pub(super) struct Entries<'c, 'a> {
    context: &'c mut Context<'a>,
    outline: Outline,
}

impl<'c, 'a> Entries<'c, 'a> {
    pub fn new(context: &'c mut Context<'a>) -> Entries<'c, 'a> {
        let outline = Outline::new(context);
        Entries { context, outline }
    }

    /// Reads an entry, which stands at an offset of its file. Nothing where it is another object's than `before`, or where it
    /// cannot be told apart from the rest of the file what it says.
    pub fn read(&mut self, text: &str, offset: u32, before: &SourceObject) -> Option<()> {
        let mut reader = Reader::within(text, offset as usize);
        let listed = self.outline.read_resource(&mut reader, self.context, 0, 0, true).ok()?;
        let no_key = self.context.no_key;
        let is_same = (listed.address, listed.source_type, listed.is_data)
            == (before.address, before.source_type, before.is_data)
            && listed.provider_name.unwrap_or(no_key) == before.provider;
        let is_read = listed.read.is_some() || !self.context.is_wanted(&listed);
        let is_told = self.outline.remarks.is_empty() && self.context.scratch.repeated.is_empty();
        if !is_same || !is_read || !is_told || listed.is_deposed {
            return None;
        }
        self.outline.planned.push(listed);
        Some(())
    }

    /// The objects, which are those of `before` at some positions; nothing where one depends on others now.
    pub fn finish(mut self, positions: &[u32], before: &Document) -> Option<Document> {
        self.outline.join_tapes(self.context);
        let mut listed = ListedDependencies::new(&before.objects, &self.outline);
        let mut found: Vec<ObjectId> = Vec::new();
        let mut document = Document { layer: before.layer, ..Document::of(before.format) };
        for (position, entry) in positions.iter().zip(&self.outline.planned) {
            let known = before.objects.get(*position as usize)?;
            listed.of(self.outline.dependencies_of(entry), self.context.strings, &mut found);
            found.sort_unstable();
            found.dedup();
            if found != before.depends_on(known) {
                return None;
            }
            found.clear();
            document.objects.push(object(entry, known));
        }
        document.tape = std::mem::take(&mut self.context.tape);
        secrets::hide(&mut document, self.context.strings);
        Some(document)
    }
}

fn object(entry: &Listed, before: &SourceObject) -> SourceObject {
    SourceObject {
        address: before.address,
        source_type: before.source_type,
        is_data: before.is_data,
        module: before.module,
        provider: before.provider,
        action: Action::None,
        values: entry.read,
        pointer: before.pointer.clone(),
        offset: entry.offset,
        document: before.document,
        depends_on: 0..0,
    }
}
