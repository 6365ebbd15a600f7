//! `iomc explain nist.SC-28`: what is known about a control: which policies cover it and what proves it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use iom_model::{Evidence, Location, Model, Policy, QualifiedName};
use serde::Serialize;
use smol_str::SmolStr;

/// A control of one catalog, and everything that mentions it.
#[derive(Debug, Serialize)]
pub struct Control {
    /// `nist.SC-28`
    pub control: String,
    pub catalog: QualifiedName,
    pub title: Option<String>,
    pub policies: Vec<Covering>,
    pub evidence: Vec<Proof>,
}

/// A policy that covers a control.
#[derive(Debug, Serialize)]
pub struct Covering {
    pub policy: QualifiedName,
    pub title: Option<String>,
    pub severity: iom_model::Severity,
    /// Whether it judges here, or is in the library and nothing applies it.
    pub applies: bool,
    pub location: Place,
}

/// Evidence that satisfies a control.
#[derive(Debug, Serialize)]
pub struct Proof {
    pub evidence: QualifiedName,
    pub title: Option<String>,
    pub claims: Vec<QualifiedName>,
    pub fresh: Option<String>,
    pub location: Place,
}

#[derive(Debug, Serialize)]
pub struct Place {
    pub file: SmolStr,
    pub line: u32,
    pub column: u32,
}

impl From<&Location> for Place {
    fn from(location: &Location) -> Place {
        Place { file: location.file.clone(), line: location.line, column: location.column }
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// The controls a word means: `nist.SC-28`, `nist."SC-28"`, `std.controls.nist.SC-28`, or `SC-28` alone, which several
/// catalogs may have. `all` also holds what the library offers; `own` is what judges here.
pub fn find(all: &Model, own: &Model, subject: &str) -> Vec<Control> {
    let wanted = subject.replace('"', "");
    let is_meant = |catalog: &str, id: &str| {
        let short = catalog.rsplit('.').next().unwrap_or(catalog);
        let names = [id.to_owned(), format!("{short}.{id}"), format!("{catalog}.{id}")];
        names.iter().any(|name| name.eq_ignore_ascii_case(&wanted))
    };
    let mut meant: BTreeSet<(QualifiedName, SmolStr)> = BTreeSet::new();
    for (name, id) in mentioned(all) {
        if is_meant(&name, &id) {
            meant.insert((name, id));
        }
    }
    meant.into_iter().map(|(catalog, id)| control(all, own, catalog, &id)).collect()
}

/// Every control that a catalog lists or a rule names, as `catalog.id`: for suggestions.
pub fn names(model: &Model) -> Vec<String> {
    let short = |catalog: &str| catalog.rsplit('.').next().unwrap_or(catalog).to_owned();
    let names: BTreeSet<String> =
        mentioned(model).into_iter().map(|(catalog, id)| format!("{}.{id}", short(&catalog))).collect();
    names.into_iter().collect()
}

fn mentioned(model: &Model) -> Vec<(QualifiedName, SmolStr)> {
    let listed = model.catalogs.iter().flat_map(|(name, catalog)| {
        catalog.controls.iter().map(move |control| (name.clone(), control.id.clone()))
    });
    let named = model.policies.values().flat_map(|policy| &policy.covers);
    let proved = model.evidence.values().flat_map(|evidence| &evidence.satisfies);
    let references = named.chain(proved).map(|one| (one.catalog.clone(), one.control.clone()));
    listed.chain(references).collect()
}

fn control(all: &Model, own: &Model, catalog: QualifiedName, id: &str) -> Control {
    let covers =
        |policy: &&Policy| policy.covers.iter().any(|one| one.catalog == catalog && one.control == id);
    let satisfies = |evidence: &&Evidence| {
        evidence.satisfies.iter().any(|one| one.catalog == catalog && one.control == id)
    };
    let policies: BTreeMap<QualifiedName, Covering> = all
        .policies
        .values()
        .filter(covers)
        .map(|policy| {
            let applies = own.policies.get(&policy.name).is_some_and(|own| own.is_applied);
            let covering = Covering {
                policy: policy.name.clone(),
                title: policy.title.clone(),
                severity: policy.severity,
                applies,
                location: Place::from(&policy.location),
            };
            (policy.name.clone(), covering)
        })
        .collect();
    let evidence = own.evidence.values().filter(satisfies).map(|evidence| Proof {
        evidence: evidence.name.clone(),
        title: evidence.title.clone(),
        claims: evidence.claims.iter().map(|claim| claim.policy.clone()).collect(),
        fresh: evidence.fresh.map(|fresh| fresh.to_string()),
        location: Place::from(&evidence.location),
    });
    let short = catalog.rsplit('.').next().unwrap_or(&catalog);
    let listed = all.catalogs.get(&catalog);
    let title =
        listed.and_then(|found| found.controls.iter().find(|control| control.id == id)?.title.clone());
    Control {
        control: format!("{short}.{id}"),
        title,
        policies: policies.into_values().collect(),
        evidence: evidence.collect(),
        catalog,
    }
}

/// As text for people.
pub fn text(controls: &[Control], has_workspace: bool) -> String {
    let mut out = String::new();
    for control in controls {
        // Writing to a string cannot fail.
        let _ = writeln!(out, "{}{}", control.control, titled(control.title.as_deref()));
        let (here, elsewhere): (Vec<_>, Vec<_>) = control.policies.iter().partition(|policy| policy.applies);
        let none =
            if has_workspace { "no policy of this workspace covers it" } else { "no policy covers it" };
        section(&mut out, "policies that cover it", none, &here, covering);
        if !elsewhere.is_empty() {
            section(&mut out, "policies of the library that nothing applies here", "", &elsewhere, covering);
        }
        let proofs: Vec<&Proof> = control.evidence.iter().collect();
        section(&mut out, "evidence that proves it", "no evidence is required for it", &proofs, |proof| {
            let fresh =
                proof.fresh.as_deref().map(|fresh| format!(", fresh for {fresh}")).unwrap_or_default();
            let claims: Vec<&str> = proof.claims.iter().map(QualifiedName::as_str).collect();
            format!(
                "{}{}\n      claims {}{fresh} ({})",
                proof.evidence,
                titled(proof.title.as_deref()),
                claims.join(", "),
                proof.location
            )
        });
    }
    out
}

fn covering(policy: &Covering) -> String {
    let severity = format!("{:?}", policy.severity).to_lowercase();
    format!("{}{}\n      {severity} ({})", policy.policy, titled(policy.title.as_deref()), policy.location)
}

fn titled(title: Option<&str>) -> String {
    title.map(|title| format!(": {title}")).unwrap_or_default()
}

fn section<T>(out: &mut String, heading: &str, none: &str, items: &[&T], line: impl Fn(&T) -> String) {
    if items.is_empty() {
        let _ = writeln!(out, "  {none}");
        return;
    }
    let _ = writeln!(out, "  {heading}:");
    for item in items {
        let _ = writeln!(out, "    {}", line(item));
    }
}
