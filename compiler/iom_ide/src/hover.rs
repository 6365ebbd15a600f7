//! What an editor shows beside a word: what it is, as one would write it, what its author says of it, and for a field that
//! is set where its value comes from.

use iom_base::TextRange;
use iom_diagnostics::quoted_list;
use iom_model::{Location, OriginRole};
use iom_semantic::check::{Lowered, check_item};
use iom_semantic::items::Place;
use iom_semantic::look::{Meaning, Said, setting_origins, type_at};
use iom_semantic::signatures::{catalog_controls, nominal_signature};

use crate::Analysis;
use crate::description::{Description, holds_secret};
use crate::spot::Spot;
use crate::words;

/// What to show, in Markdown, and the word it is about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Hover {
    pub range: TextRange,
    pub markdown: String,
}

impl Analysis {
    pub fn hover(&self, path: &str, offset: u32) -> Option<Hover> {
        let spot = self.spot(path, offset)?;
        let parts = match spot.meaning() {
            Some(meaning) => self.explained(&spot, meaning),
            None => vec![code(&spot.ty()?.to_string())],
        };
        let parts: Vec<String> = parts.into_iter().filter(|part| !part.trim().is_empty()).collect();
        (!parts.is_empty()).then(|| Hover { range: spot.range, markdown: parts.join("\n\n") })
    }

    fn explained(&self, spot: &Spot<'_>, meaning: &Meaning) -> Vec<String> {
        match meaning {
            Meaning::Declared(place) => self.explained_place(spot, place),
            Meaning::Module(module) => {
                let doc = self.module_doc(module);
                let count = self.count_in_module(module);
                vec![
                    code(&format!("module {module}")),
                    doc.unwrap_or_default(),
                    format!("{count} declarations"),
                ]
            }
            Meaning::Control { catalog, control } => self.explained_control(catalog, control),
            Meaning::Setting { owner, name } => {
                let doc = words::setting(owner, name).unwrap_or_default();
                vec![format!("`{name}` of {} {owner}", article(owner)), doc.to_owned()]
            }
            // `int` is a type and a function.
            Meaning::Word(word) => match words::builtin(word).filter(|_| self.is_called(spot)) {
                Some(builtin) => vec![code(&builtin.signature()), builtin.doc.to_owned()],
                None => vec![code(word), words::word(word).unwrap_or_default().to_owned()],
            },
        }
    }

    fn is_called(&self, spot: &Spot<'_>) -> bool {
        let text: &str = spot.item.file(self.db()).text(self.db());
        text.get(usize::from(spot.range.end())..).is_some_and(|rest| rest.starts_with('('))
    }

    fn explained_place(&self, spot: &Spot<'_>, place: &Place) -> Vec<String> {
        let Some(description) = self.description(place) else {
            // A name that is bound here: what it is says its type.
            let ty = spot.ty().map(ToString::to_string).unwrap_or_default();
            return vec![code(&format!("{}: {ty}", spot.text()))];
        };
        let is_secret = spot.ty().is_some_and(holds_secret) || self.is_secret(place);
        let Description { signature, doc, container } = description;
        let shown = if is_secret { without_value(&signature) } else { signature };
        let mut parts = vec![code(&shown), doc.unwrap_or_default()];
        if !container.is_empty() {
            parts.push(format!("in `{container}`"));
        }
        parts.extend(self.about(place));
        parts.extend(self.about_field(place));
        if !is_secret {
            parts.extend(self.origins(spot, place));
        }
        parts
    }

    /// Whether what is declared at a place holds a secret.
    fn is_secret(&self, place: &Place) -> bool {
        let Some(item) = self.item_of(place) else { return false };
        let looked = iom_semantic::look::look(self.db(), item);
        let declared = || {
            let signature = nominal_signature(self.db(), item);
            signature.fields.iter().find(|field| field.node == place.node).map(|field| field.ty.clone())
        };
        looked.types.get(&place.node).cloned().or_else(declared).is_some_and(|ty| holds_secret(&ty))
    }

    /// What a policy or a control says about itself.
    fn about(&self, place: &Place) -> Vec<String> {
        let Some(item) = self.item_of(place) else { return Vec::new() };
        if self.name_place(item) != *place {
            return self.about_control(place);
        }
        let db = self.db();
        match &check_item(db, item).lowered {
            Lowered::Policy(policy) => {
                let mut lines = vec![policy.title.clone().unwrap_or_default()];
                lines.push(format!("severity {}", format!("{:?}", policy.severity).to_lowercase()));
                if !policy.covers.is_empty() {
                    let covered = policy.covers.iter().map(|one| self.titled(&one.catalog, &one.control));
                    lines.push(format!("covers\n{}", listed(covered)));
                }
                if !policy.aliases.is_empty() {
                    let names = quoted_list(policy.aliases.iter().map(|name| name.as_str()), 12);
                    lines.push(format!("also known as {names}"));
                }
                lines
            }
            Lowered::Group(group) => {
                vec![group.title.clone().unwrap_or_default(), format!("{} policies", group.policies.len())]
            }
            Lowered::Blueprint(blueprint) => {
                let version = blueprint.version.iter().map(|version| format!("version {version}"));
                blueprint.title.iter().cloned().chain(version).collect()
            }
            Lowered::Evidence(evidence) => {
                let satisfied = evidence.satisfies.iter().map(|one| self.titled(&one.catalog, &one.control));
                vec![evidence.title.clone().unwrap_or_default(), format!("satisfies\n{}", listed(satisfied))]
            }
            Lowered::Exception(exception) => {
                vec![iom_stdlib::secrets::without(&exception.reason).into_owned()]
            }
            Lowered::Kind(kind) if !kind.identity.is_empty() => {
                vec![format!("identity ({})", kind.identity.join(", "))]
            }
            _ => Vec::new(),
        }
    }

    /// A control that a catalog's body declares.
    fn about_control(&self, place: &Place) -> Vec<String> {
        let Some(item) = self.item_of(place).filter(|item| item.keyword(self.db()) == "catalog") else {
            return Vec::new();
        };
        let Some(span) = self.span(place) else { return Vec::new() };
        let text = self.text_of(span.file).get(std::ops::Range::<usize>::from(span.range()));
        let id = crate::references::unquoted(text.unwrap_or_default());
        let controls = catalog_controls(self.db(), item);
        controls.iter().find(|one| one.id == id).and_then(|one| one.title.clone()).into_iter().collect()
    }

    fn explained_control(&self, catalog: &str, control: &str) -> Vec<String> {
        let name = code(&format!("control {catalog}.\"{control}\""));
        let Some(item) = self.named(catalog) else { return vec![name] };
        let controls = catalog_controls(self.db(), item);
        let Some(found) = controls.iter().find(|one| one.id == control) else { return vec![name] };
        let withdrawn = found.withdrawn.as_ref().map(|into| match into.as_slice() {
            [] => "withdrawn".to_owned(),
            into => format!("withdrawn: now part of {}", quoted_list(into.iter().map(|one| one.as_str()), 6)),
        });
        vec![name, found.title.clone().unwrap_or_default(), withdrawn.unwrap_or_default()]
    }

    /// A control with its title.
    pub(crate) fn titled(&self, catalog: &str, control: &str) -> String {
        let short = catalog.rsplit('.').next().unwrap_or(catalog);
        let title = self.named(catalog).and_then(|item| {
            let controls = catalog_controls(self.db(), item);
            controls.iter().find(|one| one.id == control)?.title.clone()
        });
        match title {
            Some(title) => format!("`{short}.\"{control}\"` {title}"),
            None => format!("`{short}.\"{control}\"`"),
        }
    }

    /// What a field's type says that its words do not: where it comes from a trait, the computed ones.
    fn about_field(&self, place: &Place) -> Option<String> {
        let item = self.item_of(place)?;
        if !matches!(item.keyword(self.db()), "kind" | "trait") {
            return None;
        }
        let declaration = iom_semantic::items::declaration(self.db(), item);
        type_at(declaration, place.node)?;
        let signature = nominal_signature(self.db(), item);
        let field = signature.fields.iter().find(|field| field.node == place.node)?;
        if field.is_derived {
            return Some("computed: it cannot be set".to_owned());
        }
        let is_required = !field.has_default && !field.ty.is_optional();
        is_required.then(|| "required".to_owned())
    }

    /// For a field that a resource sets: everything that has a say in its value.
    fn origins(&self, spot: &Spot<'_>, place: &Place) -> Option<String> {
        let db = self.db();
        let after = self.text_of(spot.item.file(db).id(db)).get(usize::from(spot.range.end())..)?;
        let is_set = after.trim_start().starts_with(':');
        if !is_set
            || !matches!(spot.item.keyword(db), "resource" | "amend")
            || place.is_of(&self.name_place(spot.item))
        {
            return None;
        }
        let item = match spot.item.keyword(db) {
            "amend" => self.amended(spot)?,
            _ => spot.item,
        };
        let said = setting_origins(db, item, spot.text());
        if said.is_empty() {
            return None;
        }
        let last = said.len() - 1;
        let lines = said.iter().enumerate().map(|(number, one)| {
            let is_last = if number == last && said.len() > 1 { " (this is what holds)" } else { "" };
            format!("{}{is_last}", self.origin(one))
        });
        Some(format!("value\n{}", listed(lines)))
    }

    /// The resource that an `amend` is about.
    fn amended<'a>(&'a self, spot: &Spot<'a>) -> Option<iom_semantic::items::Item<'a>> {
        let name = iom_semantic::items::declaration(self.db(), spot.item).name()?.id;
        match spot.look.meanings.get(&name)? {
            Meaning::Declared(place) => self.item_of(place),
            _ => None,
        }
    }

    fn origin(&self, said: &Said) -> String {
        let Location { file, line, .. } = &said.location;
        let written = self.host.quote_setting(&said.location).unwrap_or_default();
        let written = iom_stdlib::secrets::without(&written).into_owned();
        let place = format!("{file}:{line}");
        let what = match &said.role {
            OriginRole::Base(base) => format!("copied from `{base}` ({place})"),
            OriginRole::Name => format!("the declared name ({place})"),
            OriginRole::Body => format!("`{}` in `{}` ({place})", short(&written), said.resource),
            OriginRole::Amend => format!("`{}` by an `amend` ({place})", short(&written)),
        };
        match &said.change {
            Some(change) => format!("{what}, because \"{}\"", iom_stdlib::secrets::without(&change.reason)),
            None => what,
        }
    }
}

fn code(text: &str) -> String {
    format!("```iom\n{text}\n```")
}

fn listed(lines: impl Iterator<Item = String>) -> String {
    lines.map(|line| format!("- {line}")).collect::<Vec<_>>().join("\n")
}

/// One line that is not too long.
fn short(text: &str) -> String {
    const MOST: usize = 120;
    match text.char_indices().nth(MOST) {
        Some((at, _)) => format!("{} ..", &text[..at]),
        None => text.to_owned(),
    }
}

/// A declaration without the value after its `=`.
fn without_value(signature: &str) -> String {
    signature.split_once(" =").map_or(signature, |(before, _)| before).to_owned()
}

fn article(word: &str) -> &'static str {
    if word.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" }
}

#[cfg(test)]
mod tests;
