//! The `use` that a name of another module takes.

use iom_base::{TextRange, TextSize};
use iom_semantic::items::items;
use iom_syntax::ast::NodeId;

use super::candidates::Candidates;

/// Text that takes the place of a range of the same file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TextEdit {
    pub range: TextRange,
    pub text: String,
}

impl Candidates<'_> {
    /// Adds a `use`: among the others in order of their names, else after the `module`, else before everything.
    pub fn import(&self, qualified: &str) -> TextEdit {
        let db = self.analysis.db();
        let text: &str = self.file.text(db);
        let line = format!("use {qualified}");
        let end_of = |item: &iom_semantic::items::Item<'_>| item.span(db, NodeId::DECLARATION).range().end();
        let all = items(db, self.file);
        let uses = all.iter().filter(|item| item.keyword(db) == "use");
        let written = |item: &iom_semantic::items::Item<'_>| {
            text.get(std::ops::Range::<usize>::from(item.span(db, NodeId::DECLARATION).range()))
        };
        let before =
            uses.clone().take_while(|item| written(item).is_some_and(|one| one < line.as_str())).last();
        if let Some(item) = before {
            return insertion(end_of(item), format!("\n{line}"));
        }
        if let Some(first) = uses.clone().next() {
            return insertion(first.offset(db), format!("{line}\n"));
        }
        if let Some(module) = all.iter().find(|item| item.keyword(db) == "module") {
            return insertion(end_of(module), format!("\n\n{line}"));
        }
        // What is said of the file stays at its top.
        let said = text.split_inclusive('\n').take_while(|line| line.starts_with("//!"));
        let start: usize = said.map(str::len).sum();
        insertion(TextSize::new(u32::try_from(start).unwrap_or(u32::MAX)), format!("{line}\n\n"))
    }
}

fn insertion(at: TextSize, text: String) -> TextEdit {
    TextEdit { range: TextRange::empty(at), text }
}
