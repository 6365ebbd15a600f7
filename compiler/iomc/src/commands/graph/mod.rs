//! `iomc graph`: what there is, and what depends on what.

mod dot;
mod json;
mod layout;
mod mermaid;
mod svg;

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use iom_diagnostics::nearest;
use iom_eval::facts::{Relations, Thing};
use iom_model::scalar::Glob;
use iom_semantic::LibrarySelection;
use smol_str::SmolStr;

use crate::arguments::{ColorChoice, Format, GraphArguments, GraphCluster, GraphFormat};
use crate::exit::{Exit, Failure, Outcome};
use crate::front_end::FrontEnd;
use crate::lock::Locking;
use crate::workspace::Workspace;
use crate::{clock, judge, masking, output, sources};

/// Names every kind that can be imported, so that all of them are in the model.
const EVERYTHING: &str = "size(Resource) + size([for r in terraform.Resource: r.values]) + size([for o in kubernetes.Object: o.values])";

/// What is drawn.
struct Picture {
    relations: Relations,
    /// By thing: the group it is in; `None` where it says none.
    clusters: Vec<Option<SmolStr>>,
    /// What a group is, in words: `environment prod`.
    clustered_by: GraphCluster,
    /// Where the blast begins, and who answers for what it reaches.
    blast: Option<Blast>,
}

struct Blast {
    center: usize,
    /// By owner: how many of their things are reached; `None`: nobody's.
    owners: BTreeMap<Option<SmolStr>, usize>,
}

pub fn run(arguments: &GraphArguments, color: ColorChoice) -> Outcome {
    let at = clock::instant(arguments.at.as_deref())?;
    let mut workspace = Workspace::find(arguments.path.as_deref())?.unwrap_or_default();
    let mut front_end = FrontEnd::load(&mut workspace, Locking::Verify);
    let color = output::use_color(color, &io::stderr());
    front_end.without_errors(Format::Human, color)?;
    let question = front_end
        .ask(EVERYTHING)
        .map_err(|found| Failure::Diagnostics(masking::human(&found, &front_end, color)))?;
    let model = front_end.model(&LibrarySelection::None);
    let sources = sources::open(&arguments.state, Some(&workspace))?;
    let relations = judge::relations(model, &sources, &question.constant, at, &workspace)?;
    let picture = picture(relations, arguments)?;
    let text = match arguments.format {
        GraphFormat::Svg => svg::text(&picture),
        GraphFormat::Dot => dot::text(&picture),
        GraphFormat::Mermaid => mermaid::text(&picture),
        GraphFormat::Json => json::text(&picture),
    };
    match &arguments.out {
        Some(path) => output::to_file(Path::new(path), |out| out.write_all(text.as_bytes()))
            .map_err(|error| Failure::new(format!("{path}: can't be written: {}", output::reason(&error))))?,
        None => output::to_standard_output(|out| out.write_all(text.as_bytes()))?,
    }
    Ok(Exit::Fine)
}

fn picture(relations: Relations, arguments: &GraphArguments) -> Result<Picture, Failure> {
    let globs: Vec<Glob> = arguments.only.iter().map(|pattern| Glob::nocase(pattern)).collect();
    let is_meant = |thing: &Thing| {
        let short = thing.kind.rsplit('.').next().unwrap_or_default();
        globs.is_empty() || globs.iter().any(|glob| glob.matches(&thing.kind) || glob.matches(short))
    };
    let (relations, blast) = match &arguments.blast_radius {
        None => (relations.keep(|_, thing| is_meant(thing)), None),
        Some(name) => {
            let center = found(&relations, name)?;
            let reached = relations.downstream(center);
            let mut owners: BTreeMap<Option<SmolStr>, usize> = BTreeMap::new();
            for thing in reached.iter().map(|at| &relations.things[*at]) {
                *owners.entry(thing.owner.clone()).or_default() += 1;
            }
            let is_in = |at: usize| at == center || reached.binary_search(&at).is_ok();
            let before = relations.things[..center].iter().enumerate();
            let position = before.filter(|(at, thing)| is_in(*at) && is_meant(thing)).count();
            let kept = relations.keep(|at, thing| at == center || is_in(at) && is_meant(thing));
            (kept, Some(Blast { center: position, owners }))
        }
    };
    let clusters = relations.things.iter().map(|thing| cluster(thing, arguments.cluster)).collect();
    Ok(Picture { relations, clusters, clustered_by: arguments.cluster, blast })
}

fn cluster(thing: &Thing, by: GraphCluster) -> Option<SmolStr> {
    match by {
        GraphCluster::Environment => thing.environment.clone(),
        GraphCluster::Owner => thing.owner.clone(),
        GraphCluster::Module => thing.module.clone(),
        GraphCluster::None => None,
    }
}

/// The thing with an address, or with a declared name.
fn found(relations: &Relations, name: &str) -> Result<usize, Failure> {
    let ends = |thing: &Thing| {
        let address = thing.address.as_str();
        address == name || name.strip_suffix(address).is_some_and(|module| module.ends_with('.'))
    };
    let mut found = relations.things.iter().enumerate().filter(|(_, thing)| ends(thing));
    if let Some((position, _)) = found.next() {
        return Ok(position);
    }
    let failure = Failure::new(format!("there is no resource `{name}`"));
    let names = relations.things.iter().map(|thing| thing.address.as_str());
    Err(match nearest(name, names) {
        Some(near) => failure.help(format!("did you mean `{near}`?")),
        None => failure.help("resources are named as in findings; --state says which state to look at"),
    })
}

impl Picture {
    /// What a group is called; `None` for things without one.
    fn cluster_name(&self, name: Option<&str>) -> String {
        let what = match self.clustered_by {
            GraphCluster::Environment => "environment",
            GraphCluster::Owner => "owner",
            GraphCluster::Module if name.is_some() => return name.unwrap_or_default().to_owned(),
            GraphCluster::Module => "module",
            GraphCluster::None => return String::new(),
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
    fn blast_summary(&self) -> Option<String> {
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

/// `aws.Bucket` for kinds, and what stands in their place for what is not in the model.
fn kind_text(thing: &Thing) -> &str {
    if thing.is_modelled { &thing.kind } else { "not in the model" }
}
