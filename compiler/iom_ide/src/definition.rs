//! Where the things are declared that a word names.

use iom_base::{Span, TextRange};
use iom_model::{Nominal, Type};
use iom_semantic::items::{Item, Place, declaration, find_item, items};
use iom_semantic::look::Meaning;
use iom_semantic::names::{GlobalName, definition, exported_names, files_of_module, module_names};
use iom_semantic::signatures::nominal_signature;
use iom_syntax::ast::{DeclarationKind, NodeId, ResourceValue};
use smol_str::SmolStr;

use crate::Analysis;
use crate::references::Access;
use crate::spot::Spot;

/// A place to go to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Destination {
    /// The word that was asked about.
    pub origin: TextRange,
    /// The name there.
    pub name: Span,
    /// All of the declaration there.
    pub whole: Span,
}

/// More places than these are nobody's answer.
const MOST: usize = 500;

impl Analysis {
    /// Where what stands at an offset is declared. A module is declared by all of its files.
    pub fn definition(&self, path: &str, offset: u32) -> Vec<Destination> {
        let Some(spot) = self.spot(path, offset) else { return Vec::new() };
        let found = match spot.meaning() {
            Some(Meaning::Declared(place)) => vec![place.clone()],
            Some(Meaning::Module(module)) => self.places_of_module(module),
            Some(Meaning::Control { catalog, .. }) => self.place_of(catalog).into_iter().collect(),
            Some(Meaning::Setting { .. } | Meaning::Word(_)) | None => Vec::new(),
        };
        self.destinations(&spot, found)
    }

    /// Where the type of what stands at an offset is declared.
    pub fn type_definition(&self, path: &str, offset: u32) -> Vec<Destination> {
        let Some(spot) = self.spot(path, offset) else { return Vec::new() };
        let declared = spot.ty().and_then(declared_type).and_then(|name| self.place_of(&name));
        self.destinations(&spot, declared.into_iter().collect())
    }

    /// What makes real what a word names: the kinds with a trait, the resources of a kind or made by a blueprint, the
    /// applications of a policy.
    pub fn implementation(&self, path: &str, offset: u32) -> Vec<Destination> {
        let Some(spot) = self.spot(path, offset) else { return Vec::new() };
        let Some(Meaning::Declared(place)) = spot.meaning() else { return Vec::new() };
        let Some(item) = self.item_of(place) else { return Vec::new() };
        let is_own_name = declaration(self.db(), item).name().is_some_and(|name| name.id == place.node);
        let found = match item.keyword(self.db()) {
            "trait" if is_own_name => self.kinds_with_trait(&item.qualified_name(self.db())),
            "trait" => self.fields_of_kinds(item, place),
            "kind" | "blueprint" if is_own_name => self.made_of(place),
            "policy" | "group" if is_own_name => self.applied(place),
            _ => Vec::new(),
        };
        self.destinations(&spot, found)
    }

    fn destinations(&self, spot: &Spot<'_>, places: Vec<Place>) -> Vec<Destination> {
        let destination = |place: &Place| {
            let name = self.span(place)?;
            let item = self.item_of(place)?;
            let whole = item.span(self.db(), NodeId::DECLARATION);
            // Where nothing has a name the first line says the most.
            Some(Destination { origin: spot.range, name, whole })
        };
        places.iter().take(MOST).filter_map(destination).collect()
    }

    /// The declaration that a place is in.
    pub(crate) fn item_of(&self, place: &Place) -> Option<Item<'_>> {
        let db = self.db();
        let file = iom_semantic::names::file_by_id(db, place.file)?;
        find_item(db, file, place.keyword, &place.name, place.duplicate)
    }

    pub(crate) fn named(&self, qualified: &str) -> Option<Item<'_>> {
        let db = self.db();
        definition(db, GlobalName::new(db, SmolStr::new(qualified)))
    }

    /// The name of a declaration.
    pub(crate) fn place_of(&self, qualified: &str) -> Option<Place> {
        self.named(qualified).map(|item| self.name_place(item))
    }

    pub(crate) fn name_place(&self, item: Item<'_>) -> Place {
        let node = declaration(self.db(), item).name().map_or(NodeId::DECLARATION, |name| name.id);
        item.place(self.db(), node)
    }

    /// The `module` declarations of its files; the files themselves where they say nothing.
    fn places_of_module(&self, module: &str) -> Vec<Place> {
        let db = self.db();
        let mut files = files_of_module(db, module);
        if files.is_empty() {
            // The beginning of the names of several modules: their files.
            let below = format!("{module}.");
            let inside = module_names(db).into_iter().filter(|name| name.starts_with(&below));
            files = inside.flat_map(|name| files_of_module(db, &name)).collect();
        }
        let place = |file: &iom_semantic::input::SourceFile| {
            let all = items(db, *file);
            let declared = all.iter().find(|item| item.keyword(db) == "module").or(all.first())?;
            Some(declared.place(db, NodeId::DECLARATION))
        };
        files.iter().filter_map(place).collect()
    }

    fn kinds_with_trait(&self, name: &str) -> Vec<Place> {
        let db = self.db();
        let mut found = Vec::new();
        for file in db.workspace().files(db) {
            if !exported_names(db, *file).names.iter().any(|one| matches!(one.keyword, "kind" | "trait")) {
                continue;
            }
            let nominals =
                items(db, *file).iter().filter(|item| matches!(item.keyword(db), "kind" | "trait"));
            for item in nominals {
                if nominal_signature(db, *item).traits.iter().any(|own| own == name) {
                    found.push(self.name_place(*item));
                }
            }
        }
        let library = iom_stdlib::kinds_with_trait(name).into_iter();
        found.extend(library.filter_map(|kind| self.place_of(&kind.qualified_name())));
        found
    }

    /// Fields of kinds that stand for one of a trait.
    pub(crate) fn fields_of_kinds(&self, item: Item<'_>, field: &Place) -> Vec<Place> {
        let db = self.db();
        let Some(span) = self.span(field) else { return Vec::new() };
        let name = &self.text_of(span.file)[span.range()];
        let kinds = self.kinds_with_trait(&item.qualified_name(db));
        let own = |kind: &Place| {
            let kind = self.item_of(kind)?;
            let found = nominal_signature(db, kind).field(name)?;
            (found.declared_in == kind.qualified_name(db)).then(|| kind.place(db, found.node))
        };
        kinds.iter().filter_map(own).collect()
    }

    /// Resources of a kind, or that a blueprint makes.
    fn made_of(&self, place: &Place) -> Vec<Place> {
        let db = self.db();
        let mut found = Vec::new();
        for reference in self.references_to(place, false) {
            let item = reference.item;
            let DeclarationKind::Resource(resource) = &declaration(db, item).kind else { continue };
            let inside = match (&resource.kind, &resource.value) {
                (Some(path), _) if item.span(db, path.id).range().contains_range(reference.span.range()) => {
                    true
                }
                (_, ResourceValue::Expr(value)) => {
                    item.span(db, value.id).range().start() <= reference.span.range().start()
                }
                _ => false,
            };
            if inside {
                found.push(self.name_place(item));
            }
        }
        found.dedup();
        found
    }

    fn applied(&self, place: &Place) -> Vec<Place> {
        let db = self.db();
        let uses = self.references_to(place, false).into_iter();
        let applied = uses.filter(|one| one.item.keyword(db) == "apply" && one.access == Access::Read);
        let mut found: Vec<Place> = applied.map(|one| one.item.place(db, NodeId::DECLARATION)).collect();
        found.dedup();
        found
    }
}

/// The declared name that a type comes down to.
fn declared_type(ty: &Type) -> Option<SmolStr> {
    /// Lists of lists of lists: deeper ones are nobody's.
    const MOST_STEPS: usize = 16;
    let mut current = ty;
    for _ in 0..MOST_STEPS {
        current = match current {
            Type::Optional(inner)
            | Type::List(inner)
            | Type::Set(inner)
            | Type::Map(_, inner)
            | Type::Secret(inner)
            | Type::Refined(inner, _) => inner,
            Type::Group { item, .. } => item,
            Type::Named(name) | Type::Element(Nominal::Kind(name) | Nominal::Trait(name)) => {
                return Some(name.clone());
            }
            Type::Enum(one) => return one.name.clone(),
            _ => return None,
        };
    }
    None
}

#[cfg(test)]
mod tests;
