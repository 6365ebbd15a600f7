//! Hierarchies: what depends on a resource and what it depends on; what a kind is made of and what is made of it.

use iom_base::{TextRange, TextSize};
use iom_eval::facts::{Relation, RelationSort, Thing};
use iom_model::Model;
use smol_str::SmolStr;

use super::{Dependencies, Live, RelatedPlace};
use crate::Analysis;

/// More than these are looked at with a query, not in a tree.
const MOST_ITEMS: usize = 200;

/// A thing of the dependency graph.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CallItem {
    /// As findings call it: also what it is asked for by.
    pub name: SmolStr,
    /// `aws.Bucket · intended, built · payments`
    pub detail: String,
    /// Where it is written; nothing for what nothing describes.
    pub place: Option<RelatedPlace>,
}

/// A thing that another one depends on, or that depends on it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CallLink {
    pub item: CallItem,
    /// `encryption, logging (declared)`
    pub through: String,
}

/// A trait, a kind, a blueprint or a resource.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TypeItem {
    /// The qualified name.
    pub name: SmolStr,
    /// `trait`, `kind`, `blueprint` or `resource`.
    pub keyword: &'static str,
    /// Nothing where the declaration is in no file of the workspace.
    pub place: Option<(SmolStr, TextRange)>,
}

impl Live {
    /// The resource declared at an offset, as a thing of the graph.
    pub fn call_item(&self, analysis: &Analysis, path: &str, offset: TextSize) -> Option<CallItem> {
        let outline = analysis.outline(path);
        let declared = outline.iter().filter(|one| one.keyword == "resource");
        let declaration = declared.into_iter().find(|one| one.range.contains_inclusive(offset))?;
        let dependencies = self.dependencies()?;
        let (_, thing) = dependencies.thing(&declaration.qualified)?;
        let mut item = self.item(analysis, thing);
        // As its own file calls it, and where it stands there now.
        item.name = declaration.qualified.clone();
        Some(item)
    }

    /// What depends on a thing.
    pub fn incoming(&self, analysis: &Analysis, name: &str) -> Vec<CallLink> {
        let Some((dependencies, thing)) = self.found(name) else { return Vec::new() };
        let relations = dependencies.incoming(thing).map(|relation| (relation, relation.from));
        self.links(analysis, dependencies, relations)
    }

    /// What a thing depends on.
    pub fn outgoing(&self, analysis: &Analysis, name: &str) -> Vec<CallLink> {
        let Some((dependencies, thing)) = self.found(name) else { return Vec::new() };
        let relations = dependencies.outgoing(thing).map(|relation| (relation, relation.to));
        self.links(analysis, dependencies, relations)
    }

    fn found(&self, name: &str) -> Option<(&Dependencies, usize)> {
        let dependencies = self.dependencies()?;
        Some((dependencies, dependencies.thing(name)?.0))
    }

    fn links<'a>(
        &self,
        analysis: &Analysis,
        dependencies: &Dependencies,
        relations: impl Iterator<Item = (&'a Relation, usize)>,
    ) -> Vec<CallLink> {
        let link = |(relation, other): (&Relation, usize)| {
            let item = self.item(analysis, dependencies.at(other)?);
            Some(CallLink { item, through: through(relation) })
        };
        relations.filter_map(link).take(MOST_ITEMS).collect()
    }

    fn item(&self, analysis: &Analysis, thing: &Thing) -> CallItem {
        let layers: Vec<&str> = thing.layers.iter().map(|layer| layer.name()).collect();
        let mut detail: Vec<String> = Vec::new();
        detail.push(if thing.is_modelled { thing.kind.to_string() } else { "not in the model".to_owned() });
        detail.extend((!layers.is_empty()).then(|| layers.join(", ")));
        detail.extend(thing.owner.as_ref().map(SmolStr::to_string));
        let place = thing.location.as_ref().and_then(|place| {
            let (path, line, column) = super::written(place);
            let (line, column) = match self.texts.has(path) {
                true => {
                    let found = self.texts.now(analysis, path)?.place(line, column)?;
                    (found.line, found.column)
                }
                false => (line, column),
            };
            Some(RelatedPlace { path: path.clone(), line, column, message: String::new() })
        });
        CallItem { name: super::dependencies::name_of(thing), detail: detail.join(" · "), place }
    }
}

fn through(relation: &Relation) -> String {
    let sort = match relation.sort {
        RelationSort::Declared => "declared",
        RelationSort::Reference => "reference",
        RelationSort::Inferred => "concluded",
        RelationSort::DependsOn => "order",
        RelationSort::Link => "link",
        RelationSort::Possible => "possible",
    };
    match relation.fields.as_slice() {
        [] => sort.to_owned(),
        fields => format!("{} ({sort})", fields.join(", ")),
    }
}

impl Analysis {
    /// The trait, kind, blueprint or resource declared at an offset.
    pub fn type_item(&self, path: &str, offset: TextSize) -> Option<TypeItem> {
        let mut outline = self.outline(path).into_iter();
        let declaration = outline.find(|one| one.range.contains_inclusive(offset))?;
        matches!(declaration.keyword, "trait" | "kind" | "blueprint" | "resource").then(|| TypeItem {
            name: declaration.qualified,
            keyword: declaration.keyword,
            place: Some((path.into(), declaration.name_range)),
        })
    }
}

impl Live {
    /// What something is: the traits of a trait, a kind and a blueprint's root; the kind or the blueprint of a resource.
    pub fn supertypes(&self, analysis: &Analysis, name: &str) -> Vec<TypeItem> {
        let model = &*self.model;
        let mut names: Vec<SmolStr> = Vec::new();
        if let Some(found) = model.traits.get(name) {
            names.extend(found.traits.iter().cloned());
        } else if let Some(found) = model.kinds.get(name) {
            names.extend(found.traits.iter().cloned());
        } else if let Some(found) = model.blueprints.get(name) {
            names.extend(found.parts.first().map(|part| part.declaration.kind.clone()));
        } else if let Some(found) = model.resources.get(name) {
            let made_by = found.instance.as_ref().map(|instance| instance.blueprint.clone());
            names.push(made_by.unwrap_or_else(|| found.kind.clone()));
        }
        names.iter().filter_map(|name| item_of(analysis, model, name)).collect()
    }

    /// What is one: kinds of a trait, blueprints and resources of a kind, instances of a blueprint.
    pub fn subtypes(&self, analysis: &Analysis, name: &str) -> Vec<TypeItem> {
        let model = &*self.model;
        let is_it = |other: &SmolStr| other == name;
        let mut names: Vec<&SmolStr> = Vec::new();
        let traits = model.traits.values().filter(|one| one.traits.iter().any(is_it));
        names.extend(traits.map(|one| &one.name));
        let kinds = model.kinds.values().filter(|one| one.traits.iter().any(is_it));
        names.extend(kinds.map(|one| &one.name));
        let root = |kind: &SmolStr| is_it(kind);
        let blueprints = model.blueprints.values();
        let blueprints =
            blueprints.filter(|one| one.parts.first().is_some_and(|part| root(&part.declaration.kind)));
        names.extend(blueprints.map(|one| &one.name));
        let resources = model.resources.values().filter(|one| match &one.instance {
            Some(instance) => is_it(&instance.blueprint),
            None => is_it(&one.kind),
        });
        names.extend(resources.map(|one| &one.name));
        names.into_iter().take(MOST_ITEMS).filter_map(|name| item_of(analysis, model, name)).collect()
    }
}

fn item_of(analysis: &Analysis, model: &Model, name: &SmolStr) -> Option<TypeItem> {
    let keyword = if model.traits.contains_key(name) {
        "trait"
    } else if model.kinds.contains_key(name) {
        "kind"
    } else if model.blueprints.contains_key(name) {
        "blueprint"
    } else if model.resources.contains_key(name) {
        "resource"
    } else {
        return None;
    };
    Some(TypeItem { name: name.clone(), keyword, place: analysis.host.place_of_declaration(name) })
}
