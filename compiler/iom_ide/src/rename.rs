//! A new name for a thing, everywhere it is named.

use std::collections::BTreeMap;

use iom_base::{FileId, TextRange, TextSize};
use iom_semantic::input::SourceFile;
use iom_semantic::items::{Item, Place, declaration};
use iom_semantic::look::{Meaning, declared_inside};
use iom_semantic::names::{Target, file_by_id, file_module, file_scope, resolve};
use iom_semantic::signatures::{declared_signature, nominal_signature};
use iom_syntax::{SyntaxKind, lexer};
use smol_str::SmolStr;

use crate::Analysis;
use crate::completion::TextEdit;
use crate::references::{Access, Found, unquoted};
use crate::spot::{Spot, whole};

/// What can be renamed: the place of its name, without quotes, and what it is called.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Renamable {
    pub range: TextRange,
    pub name: String,
}

/// Edits by the files they are in.
pub type Edits = BTreeMap<FileId, Vec<TextEdit>>;

impl Analysis {
    /// Whether what stands at an offset can be renamed.
    ///
    /// # Errors
    /// Why not.
    pub fn prepare_rename(&self, path: &str, offset: u32) -> Result<Renamable, String> {
        let (spot, places) = self.renamed(path, offset)?;
        let name = self.name_at(places.first()).ok_or(NOTHING)?;
        let is_quoted = unquoted(spot.text()).len() < spot.text().len();
        let one = TextSize::new(u32::from(is_quoted));
        let range = TextRange::new(spot.range.start() + one, spot.range.end() - one);
        if unquoted(spot.text()) != name {
            return Err(format!(
                "`{}` is called `{name}` where it is declared: rename it there",
                spot.text()
            ));
        }
        Ok(Renamable { range, name })
    }

    /// The edits that give what stands at an offset another name.
    ///
    /// # Errors
    /// Why that cannot be done.
    pub fn rename(&self, path: &str, offset: u32, new_name: &str) -> Result<Edits, String> {
        let (_, places) = self.renamed(path, offset)?;
        let old = self.name_at(places.first()).ok_or(NOTHING)?;
        let is_quoted = places.first().and_then(|place| self.span(place)).is_some_and(|span| {
            self.text_of(span.file).get(usize::from(span.start())..).is_some_and(|rest| rest.starts_with('"'))
        });
        if old == new_name {
            return Ok(Edits::new());
        }
        if is_quoted {
            if new_name.contains(['"', '\\', '\n', '{']) || new_name.is_empty() {
                return Err(format!("`{new_name}` cannot stand between quotes as it is"));
            }
        } else {
            is_name(new_name)?;
        }
        let mut edits = Edits::new();
        for place in &places {
            let uses = self.references_to(place, true);
            self.is_free(place, &uses, new_name)?;
            for one in uses.iter().filter(|one| self.written(one.item, one.span.range()) == old) {
                let edit = TextEdit { range: one.span.range(), text: new_name.to_owned() };
                let known = edits.entry(one.span.file).or_default();
                if !known.contains(&edit) {
                    known.push(edit);
                }
            }
        }
        edits.values_mut().for_each(|edits| edits.sort_by_key(|edit| edit.range.start()));
        Ok(edits)
    }

    /// The places whose names change together.
    fn renamed(&self, path: &str, offset: u32) -> Result<(Spot<'_>, Vec<Place>), String> {
        let spot = self.spot(path, offset).ok_or(NOTHING)?;
        let place = match spot.meaning().ok_or(NOTHING)? {
            Meaning::Declared(place) => place.clone(),
            Meaning::Module(module) => {
                return Err(format!("`{module}` is a module: change the `module` line of each of its files"));
            }
            Meaning::Control { control, .. } => {
                return Err(format!("`{control}` is what the file of its catalog calls it"));
            }
            Meaning::Setting { name, .. } | Meaning::Word(name) => {
                return Err(format!("`{name}` is a word of the language"));
            }
        };
        let places = self.family(&place);
        for one in &places {
            let item = self.item_of(one).ok_or(NOTHING)?;
            let (keyword, package) = (item.keyword(self.db()), item.package(self.db()));
            if !package.is_empty() {
                let whose = if package == "std" { "the standard library" } else { package.as_str() };
                let name = self.name_at(Some(one)).unwrap_or_default();
                return Err(format!(
                    "`{name}` is declared by {whose} (`{}`)",
                    item.qualified_name(self.db())
                ));
            }
            if keyword == "test" && self.name_place(item) == *one {
                return Err("the title of a test is no name: nothing refers to it".to_owned());
            }
        }
        Ok((spot, places))
    }

    /// A field with those that stand for it: a kind's own field in place of its trait's.
    fn family(&self, place: &Place) -> Vec<Place> {
        let mut all = vec![place.clone()];
        let Some((item, name)) = self.item_of(place).zip(self.name_at(Some(place))) else { return all };
        let db = self.db();
        let is_own_name = self.name_place(item) == *place;
        if is_own_name || !matches!(item.keyword(db), "kind" | "trait") {
            return all;
        }
        if nominal_signature(db, item).field(&name).is_none_or(|field| field.node != place.node) {
            return all;
        }
        let mut roots = vec![item];
        for of in &nominal_signature(db, item).traits {
            let Some(promised) = self.named(of) else { continue };
            let field = declared_signature(db, promised).field(&name);
            if let Some(field) = field.filter(|field| field.declared_in == promised.qualified_name(db)) {
                all.push(promised.place(db, field.node));
                roots.push(promised);
            }
        }
        for root in roots.into_iter().filter(|root| root.keyword(db) == "trait") {
            if let Some(field) = nominal_signature(db, root).field(&name) {
                all.extend(self.fields_of_kinds(root, &root.place(db, field.node)));
            }
        }
        let mut kept: Vec<Place> = Vec::new();
        for one in all {
            if !kept.contains(&one) {
                kept.push(one);
            }
        }
        kept
    }

    fn name_at(&self, place: Option<&Place>) -> Option<String> {
        let span = self.span(place?)?;
        let text = self.text_of(span.file).get(std::ops::Range::<usize>::from(span.range()))?;
        Some(unquoted(text).to_owned())
    }

    /// Whether nothing else is called so where the name stands.
    fn is_free(&self, place: &Place, uses: &[Found<'_>], new_name: &str) -> Result<(), String> {
        let item = self.item_of(place).ok_or(NOTHING)?;
        let db = self.db();
        if self.name_place(item) == *place {
            return self.is_free_in_modules(item, uses, new_name);
        }
        let inside = declared_inside(declaration(db, item));
        if let Some(own) = inside.iter().find(|one| one.node == place.node) {
            let taken = inside
                .iter()
                .find(|one| one.name == new_name && one.depth == own.depth && one.node != own.node);
            let inherited = matches!(item.keyword(db), "kind" | "trait")
                && nominal_signature(db, item).field(new_name).is_some();
            if taken.is_some() || inherited {
                return Err(format!("`{}` already has `{new_name}`", item.name(db)));
            }
            if !uses.iter().any(|one| one.item == item && one.access == Access::Read) {
                return Ok(());
            }
        }
        // A name that is bound in a body: whatever is called so in it could mean something else then.
        let text: &str = item.file(db).text(db);
        let body = text.get(std::ops::Range::<usize>::from(whole(db, item))).unwrap_or_default();
        let is_bound = inside.iter().all(|one| one.node != place.node || is_binding(one.what));
        let stands = lexer::lex(body)
            .tokens
            .iter()
            .any(|token| body.get(std::ops::Range::<usize>::from(token.range)) == Some(new_name));
        if is_bound && stands {
            let name = declaration(db, item).name().map_or("this declaration", |name| name.text.as_str());
            return Err(format!("`{new_name}` stands in `{name}` already: it would mean something else"));
        }
        Ok(())
    }

    fn is_free_in_modules(&self, item: Item<'_>, uses: &[Found<'_>], new_name: &str) -> Result<(), String> {
        let db = self.db();
        let module = file_module(db, item.file(db));
        let qualified = if module.is_empty() { new_name.to_owned() } else { format!("{module}.{new_name}") };
        if let Some(other) = self.named(&qualified) {
            let file = other.file(db).path(db);
            return Err(format!("`{new_name}` is the name of a {} in {file} already", other.keyword(db)));
        }
        let mut files: Vec<FileId> = uses.iter().map(|one| one.span.file).collect();
        files.sort();
        files.dedup();
        for file in files.into_iter().filter_map(|id| file_by_id(db, id)) {
            self.is_free_in(file, new_name)?;
        }
        Ok(())
    }

    fn is_free_in(&self, file: SourceFile, new_name: &str) -> Result<(), String> {
        let db = self.db();
        let found = resolve(db, file_scope(db, file), &[SmolStr::new(new_name)]);
        match found.map(|found| (found.target, found.qualified)) {
            Some((Target::Item(_), qualified)) => {
                Err(format!("`{new_name}` means `{qualified}` in {} already", file.path(db)))
            }
            Some((Target::Module, _)) => {
                Err(format!("`{new_name}` is a module that {} can name", file.path(db)))
            }
            None => Ok(()),
        }
    }
}

const NOTHING: &str = "there is nothing here that has a name of its own";

fn is_binding(what: iom_semantic::look::Declares) -> bool {
    use iom_semantic::look::Declares;
    matches!(what, Declares::Parameter | Declares::Resource)
}

/// # Errors
/// Where a text cannot be a name.
fn is_name(text: &str) -> Result<(), String> {
    let lexed = lexer::lex(text);
    match lexed.tokens.as_slice() {
        [token] if token.kind == SyntaxKind::Name && text != "_" => Ok(()),
        [token] if token.kind.is_keyword() => Err(format!("`{text}` is a word of the language")),
        _ => Err(format!("`{text}` is no name: names are made of letters, digits and `_`, a letter first")),
    }
}

#[cfg(test)]
mod tests;
