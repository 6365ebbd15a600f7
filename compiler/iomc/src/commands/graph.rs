//! `iomc graph`: what there is, and what depends on what.

use std::io;
use std::path::Path;

use iom_diagnostics::nearest;
use iom_eval::facts::{Relations, Thing};
use iom_eval::picture::{Clustering, Picture};
use iom_model::scalar::Glob;
use iom_semantic::LibrarySelection;

use crate::arguments::{ColorChoice, Format, GraphArguments, GraphCluster, GraphFormat};
use crate::exit::{Exit, Failure, Outcome};
use crate::front_end::FrontEnd;
use crate::lock::Locking;
use crate::workspace::Workspace;
use crate::{clock, judge, masking, output, sources};

/// Names every kind that can be imported, so that all of them are in the model.
const EVERYTHING: &str = "size(Resource) + size([for r in terraform.Resource: r.values]) + size([for o in kubernetes.Object: o.values])";

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
    let picture = picture(&relations, arguments)?;
    let text = match arguments.format {
        GraphFormat::Svg => picture.svg(),
        GraphFormat::Dot => picture.dot(),
        GraphFormat::Mermaid => picture.mermaid(),
        GraphFormat::Json => picture.json(),
    };
    match &arguments.out {
        Some(path) => output::to_file(Path::new(path), |out| out.write_all(text.as_bytes()))
            .map_err(|error| Failure::new(format!("{path}: can't be written: {}", output::reason(&error))))?,
        None => output::to_standard_output(|out| out.write_all(text.as_bytes()))?,
    }
    Ok(Exit::Fine)
}

fn picture(relations: &Relations, arguments: &GraphArguments) -> Result<Picture, Failure> {
    let globs: Vec<Glob> = arguments.only.iter().map(|pattern| Glob::nocase(pattern)).collect();
    let is_meant = |thing: &Thing| {
        let short = thing.kind.rsplit('.').next().unwrap_or_default();
        globs.is_empty() || globs.iter().any(|glob| glob.matches(&thing.kind) || glob.matches(short))
    };
    let clustered_by = match arguments.cluster {
        GraphCluster::Environment => Clustering::Environment,
        GraphCluster::Owner => Clustering::Owner,
        GraphCluster::Module => Clustering::Module,
        GraphCluster::None => Clustering::None,
    };
    Ok(match &arguments.blast_radius {
        None => Picture::whole(relations, clustered_by, is_meant),
        Some(name) => Picture::blast_radius(relations, found(relations, name)?, clustered_by, is_meant),
    })
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
