//! What could be written at the cursor, in text that is half written: a word no program has is put there, the declaration is
//! read as if it stood there, and the check says what it met the word as.

mod candidates;
mod cursor;
mod documentation;
mod imports;
mod keywords;
mod names;
mod values;

use iom_base::TextRange;
use iom_semantic::names::file_scope;

pub(crate) use candidates::is_near;
pub use imports::TextEdit;

use crate::Analysis;
use candidates::Candidates;
use cursor::Standing;

/// What a suggestion is, for its icon.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CompletionKind {
    Keyword,
    Field,
    Value,
    Local,
    Constant,
    Function,
    Resource,
    Kind,
    Trait,
    Type,
    Module,
    Policy,
    Blueprint,
    Control,
    Other,
}

/// Something that could be written at the cursor.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Completion {
    pub label: String,
    pub kind: CompletionKind,
    /// Its type, or where it comes from.
    pub detail: String,
    /// It should be set.
    pub is_required: bool,
    /// In the syntax of snippets: `$0` is where the cursor goes, `${1:text}` is a place to fill in.
    pub insert: String,
    /// What is written there now.
    pub replaced: TextRange,
    /// What else changes: a `use` that is added, a `.` that becomes `?.`.
    pub also: Vec<TextEdit>,
    /// Those that are most likely meant come first in the order of these.
    pub rank: u8,
    /// What [`Analysis::completion_doc`] says more about it by.
    pub about: String,
}

impl Completion {
    /// The text for editors that know no snippets.
    pub fn plain(&self) -> String {
        let mut plain = String::new();
        let mut rest = self.insert.as_str();
        while let Some(at) = rest.find('$') {
            plain.push_str(&rest[..at]);
            rest = &rest[at + 1..];
            match rest.strip_prefix('{') {
                Some(inner) => {
                    let (place, after) = inner.split_once('}').unwrap_or((inner, ""));
                    plain.push_str(place.split_once(':').map_or("", |(_, text)| text));
                    rest = after;
                }
                None => rest = rest.trim_start_matches(|letter: char| letter.is_ascii_digit()),
            }
        }
        plain + rest
    }
}

/// Suggestions, the best first.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Completions {
    pub items: Vec<Completion>,
    /// There are more: asking again after the next letter finds others.
    pub is_incomplete: bool,
}

/// More than these are no help.
const MOST: usize = 200;

impl Analysis {
    pub fn completions(&self, path: &str, offset: u32) -> Completions {
        let Some(file) = self.source(path) else { return Completions::default() };
        let Some(standing) = Standing::find(self.db(), file, offset) else { return Completions::default() };
        let mut found = Candidates::new(self, file, file_scope(self.db(), file), &standing);
        match &standing.place {
            cursor::Place::Top => found.declarations(),
            cursor::Place::Import(path) => found.importable(path),
            cursor::Place::Inside(inside) => found.inside(inside),
        }
        found.finish()
    }
}

#[cfg(test)]
mod tests;
