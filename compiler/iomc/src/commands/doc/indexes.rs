//! The same by control, by the names that other tools give, and by kind.

use std::collections::{BTreeMap, BTreeSet};

use iom_model::QualifiedName;

use super::declarations::Reference;
use super::kind::sources;
use super::page::{Page, Piece, Text, code, listed, plain, words};

/// `nist.SC-28`
pub(super) fn control_link(control: &str) -> Piece {
    Piece::Link { words: control.to_owned(), page: "controls".to_owned(), anchor: anchor(control) }
}

fn anchor(control: &str) -> String {
    format!("control-{}", control.replace(|letter: char| !letter.is_ascii_alphanumeric(), "-"))
}

impl Reference<'_> {
    pub(super) fn kinds_page(&self) -> Page {
        let mut page = Page::new("kinds", "Kinds");
        let mut kinds: Vec<_> = self.of("kind").collect();
        kinds.sort_by(|left, right| left.name.cmp(&right.name));
        let row = |one: &super::declarations::Declared| {
            let read = self.model.kinds.get(&one.name).map(sources).unwrap_or_default();
            let about = one.comment.as_deref().unwrap_or_default().replace('\n', " ");
            vec![vec![one.link(&one.name)], listed(read.into_iter().map(code)), words(&about)]
        };
        page.table(&["Kind", "Read from", "About"], kinds.into_iter().map(row).collect());
        page
    }

    pub(super) fn controls_page(&self) -> Page {
        let mut page = Page::new("controls", "Controls");
        page.paragraph(plain(
            "Every control that a policy, a group or a blueprint covers, or evidence satisfies.",
        ));
        for (control, (title, names)) in self.controls() {
            page.heading(2, control.as_str(), Some(anchor(&control)));
            if let Some(title) = title {
                page.paragraph(plain(title));
            }
            page.list(names.iter().map(|name| self.with_title(name)).collect());
        }
        page
    }

    fn controls(&self) -> BTreeMap<String, (Option<String>, BTreeSet<QualifiedName>)> {
        let model = self.model;
        let policies = model.policies.values().map(|one| (&one.declared, &one.covers));
        let groups = model.groups.values().map(|one| (&one.name, &one.covers));
        let blueprints = model.blueprints.values().map(|one| (&one.name, &one.covers));
        let evidence = model.evidence.values().map(|one| (&one.name, &one.satisfies));
        let mut found: BTreeMap<String, (Option<String>, BTreeSet<QualifiedName>)> = BTreeMap::new();
        for (name, covers) in policies.chain(groups).chain(blueprints).chain(evidence) {
            for control in covers {
                let catalog = model.catalogs.get(&control.catalog);
                let listed =
                    catalog.and_then(|catalog| catalog.controls.iter().find(|one| one.id == control.control));
                let entry = found.entry(control.to_string()).or_default();
                entry.0 = listed.and_then(|listed| listed.title.clone());
                entry.1.insert(name.clone());
            }
        }
        found
    }

    pub(super) fn aliases_page(&self) -> Page {
        let mut page = Page::new("aliases", "Names that other tools give");
        let mut found: BTreeMap<String, BTreeSet<QualifiedName>> = BTreeMap::new();
        for policy in self.model.policies.values() {
            for alias in policy.every_alias() {
                found.entry(alias.to_string()).or_default().insert(policy.declared.clone());
            }
        }
        for group in self.model.groups.values() {
            for alias in &group.aliases {
                found.entry(alias.to_string()).or_default().insert(group.name.clone());
            }
        }
        let row = |(alias, names): (String, BTreeSet<QualifiedName>)| -> Vec<Text> {
            vec![code(alias), listed(names.iter().map(|name| self.with_title(name)))]
        };
        page.table(&["Name", "Here"], found.into_iter().map(row).collect());
        page
    }
}
