//! All places that name a thing. Only files with the word in them are looked at, and of them only the declarations around it.

use iom_base::{Span, TextRange, TextSize};
use iom_semantic::input::SourceFile;
use iom_semantic::items::{Item, Place};
use iom_semantic::look::Meaning;
use iom_semantic::names::{file_by_id, file_scope};
use smol_str::SmolStr;

use crate::Analysis;
use crate::spot::{Spot, item_at, spot_of};

/// What a place does with the thing it names.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Access {
    Declaration,
    Read,
    /// A field is set.
    Write,
}

/// A place that names something.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Reference {
    /// Without quotes.
    pub place: Span,
    pub access: Access,
}

pub(crate) struct Found<'db> {
    pub item: Item<'db>,
    pub span: Span,
    pub access: Access,
}

impl Analysis {
    /// All places of the workspace that name what stands at an offset, in order of paths and places.
    pub fn references(&self, path: &str, offset: u32, with_declaration: bool) -> Vec<Reference> {
        let Some(spot) = self.spot(path, offset) else { return Vec::new() };
        let Some(meaning) = spot.meaning() else { return Vec::new() };
        let found = self.uses_of(meaning, &spot, self.db().workspace().files(self.db()));
        let is_wanted = |one: &&Found<'_>| with_declaration || one.access != Access::Declaration;
        found.iter().filter(is_wanted).map(Found::reference).collect()
    }

    /// The places in the same file that name what stands at an offset.
    pub fn highlights(&self, path: &str, offset: u32) -> Vec<Reference> {
        let Some(spot) = self.spot(path, offset) else { return Vec::new() };
        let Some(meaning) = spot.meaning() else { return Vec::new() };
        let file = spot.item.file(self.db());
        self.uses_of(meaning, &spot, &[file]).iter().map(Found::reference).collect()
    }

    /// All places that name a declaration, or something that one declares.
    pub(crate) fn references_to(&self, place: &Place, with_declaration: bool) -> Vec<Found<'_>> {
        let Some(span) = self.span(place) else { return Vec::new() };
        let Some(word) = self.text_of(span.file).get(std::ops::Range::<usize>::from(span.range())) else {
            return Vec::new();
        };
        let meaning = Meaning::Declared(place.clone());
        let mut found = self.uses(&meaning, unquoted(word), self.db().workspace().files(self.db()));
        found.retain(|one| with_declaration || one.access != Access::Declaration);
        found
    }

    fn uses_of<'a>(&'a self, meaning: &Meaning, spot: &Spot<'a>, files: &[SourceFile]) -> Vec<Found<'a>> {
        let word: SmolStr = match meaning {
            // It may stand here by another name.
            Meaning::Declared(place) => match self.span(place) {
                Some(span) => {
                    let text = self.text_of(span.file);
                    unquoted(text.get(std::ops::Range::<usize>::from(span.range())).unwrap_or_default())
                        .into()
                }
                None => return Vec::new(),
            },
            Meaning::Module(module) => module.rsplit('.').next().unwrap_or(module).into(),
            Meaning::Control { control, .. } => control.clone(),
            Meaning::Word(_) | Meaning::Setting { .. } => unquoted(spot.text()).into(),
        };
        self.uses(meaning, &word, files)
    }

    /// The places in some files that have a meaning, by a word or by what an import calls it there.
    fn uses(&self, meaning: &Meaning, word: &str, files: &[SourceFile]) -> Vec<Found<'_>> {
        let mut found = Vec::new();
        if word.is_empty() {
            return found;
        }
        for file in files {
            let text: &str = file.text(self.db());
            if !text.contains(word) {
                continue;
            }
            self.uses_in(meaning, word, *file, &mut found);
            for alias in self.aliases(word, *file) {
                self.uses_in(meaning, &alias, *file, &mut found);
            }
        }
        found
    }

    /// The other names that a file has for what it imports.
    fn aliases(&self, word: &str, file: SourceFile) -> Vec<SmolStr> {
        let imports = file_scope(self.db(), file).imports.iter();
        let renamed = imports.filter(|(local, import)| {
            local.as_str() != word && import.target.rsplit('.').next() == Some(word)
        });
        renamed.map(|(local, _)| local.clone()).collect()
    }

    fn uses_in<'a>(&'a self, meaning: &Meaning, word: &str, file: SourceFile, found: &mut Vec<Found<'a>>) {
        let db = self.db();
        let text: &str = file.text(db);
        for (start, _) in text.match_indices(word) {
            let end = start + word.len();
            let is_part =
                |letter: Option<char>| letter.is_some_and(|one| one.is_ascii_alphanumeric() || one == '_');
            if is_part(text[..start].chars().next_back()) || is_part(text[end..].chars().next()) {
                continue;
            }
            let size = |at: usize| TextSize::new(u32::try_from(at).unwrap_or(u32::MAX));
            let range = TextRange::new(size(start), size(end));
            let Some(item) = item_at(db, file, range.start()) else { continue };
            if !self.means(item, range, meaning) {
                continue;
            }
            let access = match meaning {
                Meaning::Declared(place) if self.is_at(place, file, range) => Access::Declaration,
                _ if is_set(&text[end..]) => Access::Write,
                _ => Access::Read,
            };
            found.push(Found { item, span: Span::new(file.id(db), range), access });
        }
    }

    /// Whether a word, with or without quotes around it, has a meaning.
    fn means(&self, item: Item<'_>, range: TextRange, meaning: &Meaning) -> bool {
        let one = TextSize::new(1);
        let with_quotes =
            range.start().checked_sub(one).map(|start| TextRange::new(start, range.end() + one));
        let places = [Some(range), with_quotes].into_iter().flatten();
        let mut spots = places.filter_map(|range| spot_of(self.db(), item, range));
        spots.any(|spot| spot.meaning() == Some(meaning))
    }

    /// Whether a place is where something is declared.
    fn is_at(&self, place: &Place, file: SourceFile, range: TextRange) -> bool {
        let db = self.db();
        file_by_id(db, place.file) == Some(file)
            && self.span(place).is_some_and(|span| span.range().contains_range(range))
    }
}

impl Found<'_> {
    fn reference(&self) -> Reference {
        Reference { place: self.span, access: self.access }
    }
}

/// A name without the quotes around it.
pub(crate) fn unquoted(text: &str) -> &str {
    text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(text)
}

/// Whether what follows a name says that it is set: `name: value`.
fn is_set(after: &str) -> bool {
    after.trim_start_matches('"').trim_start().starts_with(':')
}

#[cfg(test)]
mod tests;
