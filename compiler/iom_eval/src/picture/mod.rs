//! Relations as a picture: SVG, DOT, Mermaid or JSON.

mod dot;
mod json;
mod layout;
mod mermaid;
mod svg;

use std::collections::BTreeMap;

use smol_str::SmolStr;

use crate::facts::{Relations, Thing};

/// What is drawn.
pub struct Picture {
    relations: Relations,
    /// By thing: the group it is in; `None` where it says none.
    clusters: Vec<Option<SmolStr>>,
    /// What a group is, in words: `environment prod`.
    clustered_by: Clustering,
    /// Where the blast begins, and who answers for what it reaches.
    blast: Option<Blast>,
}

/// What things are grouped by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clustering {
    Environment,
    Owner,
    Module,
    None,
}

struct Blast {
    center: usize,
    /// By owner: how many of their things are reached; `None`: nobody's.
    owners: BTreeMap<Option<SmolStr>, usize>,
}

impl Picture {
    /// The things that are meant, with the relations between them.
    pub fn whole(
        relations: &Relations,
        clustered_by: Clustering,
        is_meant: impl Fn(&Thing) -> bool,
    ) -> Picture {
        Picture::of(relations.keep(|_, thing| is_meant(thing)), clustered_by, None)
    }

    /// One thing and those that lean on it, directly or not, as far as they are meant.
    pub fn blast_radius(
        relations: &Relations,
        center: usize,
        clustered_by: Clustering,
        is_meant: impl Fn(&Thing) -> bool,
    ) -> Picture {
        let reached = relations.downstream(center);
        let mut owners: BTreeMap<Option<SmolStr>, usize> = BTreeMap::new();
        for thing in reached.iter().map(|at| &relations.things[*at]) {
            *owners.entry(thing.owner.clone()).or_default() += 1;
        }
        let is_in = |at: usize| at == center || reached.binary_search(&at).is_ok();
        let before = relations.things[..center].iter().enumerate();
        let position = before.filter(|(at, thing)| is_in(*at) && is_meant(thing)).count();
        let kept = relations.keep(|at, thing| at == center || is_in(at) && is_meant(thing));
        Picture::of(kept, clustered_by, Some(Blast { center: position, owners }))
    }

    fn of(relations: Relations, clustered_by: Clustering, blast: Option<Blast>) -> Picture {
        let clusters = relations.things.iter().map(|thing| cluster(thing, clustered_by)).collect();
        Picture { relations, clusters, clustered_by, blast }
    }

    pub fn svg(&self) -> String {
        svg::text(self)
    }

    pub fn dot(&self) -> String {
        dot::text(self)
    }

    pub fn mermaid(&self) -> String {
        mermaid::text(self)
    }

    pub fn json(&self) -> String {
        json::text(self)
    }

    /// What a group is called; `None` for things without one.
    fn cluster_name(&self, name: Option<&str>) -> String {
        let what = match self.clustered_by {
            Clustering::Environment => "environment",
            Clustering::Owner => "owner",
            Clustering::Module if name.is_some() => return name.unwrap_or_default().to_owned(),
            Clustering::Module => "module",
            Clustering::None => return String::new(),
        };
        match name {
            Some(name) => format!("{what} {name}"),
            None => format!("no {what}"),
        }
    }

    /// The groups in order, those without one last; each with its things.
    fn groups(&self) -> Vec<(Option<&SmolStr>, Vec<usize>)> {
        let mut groups: BTreeMap<(bool, Option<&SmolStr>), Vec<usize>> = BTreeMap::new();
        for (thing, cluster) in self.clusters.iter().enumerate() {
            groups.entry((cluster.is_none(), cluster.as_ref())).or_default().push(thing);
        }
        groups.into_iter().map(|((_, name), things)| (name, things)).collect()
    }

    /// `12 things depend on orders: payments 8, platform 4`
    pub fn blast_summary(&self) -> Option<String> {
        let blast = self.blast.as_ref()?;
        let center = &self.relations.things[blast.center].address;
        let count: usize = blast.owners.values().sum();
        let owners: Vec<String> = blast
            .owners
            .iter()
            .map(|(owner, count)| format!("{} {count}", owner.as_deref().unwrap_or("nobody")))
            .collect();
        Some(match count {
            0 => format!("nothing depends on {center}"),
            1 => format!("1 thing depends on {center}: {}", owners.join(", ")),
            _ => format!("{count} things depend on {center}: {}", owners.join(", ")),
        })
    }
}

fn cluster(thing: &Thing, by: Clustering) -> Option<SmolStr> {
    match by {
        Clustering::Environment => thing.environment.clone(),
        Clustering::Owner => thing.owner.clone(),
        Clustering::Module => thing.module.clone(),
        Clustering::None => None,
    }
}

/// `aws.Bucket` for kinds, and what stands in their place for what is not in the model.
fn kind_text(thing: &Thing) -> &str {
    if thing.is_modelled { &thing.kind } else { "not in the model" }
}
