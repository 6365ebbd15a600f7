//! What a workspace is judged from: the values of its data files and its sources, and what there is to say about them.

use std::fs;

use iom_diagnostics::{Diagnostic, code};
use iom_eval::facts::{StateSource, Surroundings};
use iom_eval::report::Report;
use iom_eval::value::Value;
use iom_model::scalar::Glob;
use iom_model::{Location, Model, QualifiedName};
use iom_state::document::{Document, Wanted};
use iom_state::tape::Strings;
use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use crate::failure::{Failure, reason};
use crate::sources::{self, SkippedFile, Source};
use crate::workspace::Workspace;

/// What is wanted of the sources.
pub fn imported(
    sources: &[Source],
    wanted: &dyn Wanted,
    strings: &mut Strings,
) -> Result<Vec<StateSource>, Failure> {
    let mut state = Vec::with_capacity(sources.len());
    for source in sources {
        let documents = source.import(wanted, strings)?;
        state.extend(documents.into_iter().map(|document| state_source(source, document)));
    }
    Ok(state)
}

/// The workspace declares more than is judged.
pub fn too_large() -> Failure {
    let most = iom_eval::program::MOST_RESOURCES;
    let text = format!("the declarations of this workspace make more than {most} resources");
    let failure = Failure::coded(code::TOO_MANY_RESOURCES, text);
    failure.help("look for a `for` over a long list, or for blueprints that instantiate one another")
}

/// What was found in folders and left out. A file that could be anything is no news by itself.
pub fn tell_skipped(report: &mut Report, sources: &[Source]) {
    let place = |file: &str, place: Option<(u32, u32)>| {
        let (line, column) = place.unwrap_or((1, 1));
        Location { file: file.into(), line, column }
    };
    for source in sources {
        let (unknown, told): (Vec<SkippedFile>, Vec<SkippedFile>) =
            source.skipped().into_iter().partition(|file| file.why == sources::NOT_KNOWN);
        for file in told {
            let message = format!("this file is left out: {}", file.why);
            let diagnostic = Diagnostic::new(code::SKIPPED_FILE, place(&file.file, file.place), message);
            report.diagnostics.push(diagnostic.into());
        }
        if let Some(first) = unknown.first() {
            let names: Vec<&str> = unknown.iter().map(|file| file.file.as_str()).collect();
            let message = match names.as_slice() {
                [_] => format!("this file is left out: {}", first.why),
                _ => format!(
                    "{} files are left out, which are no state that can be recognised: {}",
                    names.len(),
                    iom_diagnostics::quoted_list(names.iter().copied(), 5)
                ),
            };
            let diagnostic = Diagnostic::new(code::SOURCE_REMARK, place(&first.file, None), message);
            report.diagnostics.push(diagnostic.into());
        }
    }
}

/// The model holds what the policies reach. A type that the library maps and no policy of this run asks for is something
/// else than one that nobody knows.
pub fn tell_unconcerned(report: &mut Report) {
    for source in &mut report.sources {
        let family = iom_manifest::format(&source.format).map_or("", iom_eval::program::family);
        for skipped in &mut source.skipped {
            let Some(source_type) = &skipped.source_type else { continue };
            if !iom_stdlib::kinds_of_source(family, source_type).is_empty() {
                skipped.reason = format!("no policy of this run asks for {source_type}").into();
            }
        }
    }
}

/// A file of a `data` declaration that cannot be read.
#[derive(Clone, Debug)]
pub struct DataFault {
    /// Of the declaration.
    pub location: Location,
    pub file: SmolStr,
    pub why: String,
}

impl From<DataFault> for Failure {
    fn from(fault: DataFault) -> Failure {
        let DataFault { location: place, file, why } = fault;
        let text = format!("{}:{}:{}: {file}: {why}", place.file, place.line, place.column);
        Failure::coded(code::BAD_DATA_FILE, text)
    }
}

/// The values of `data` declarations. One that cannot be read ends the run: what rests on it could not be judged.
pub fn data(
    model: &Model,
    workspace: &Workspace,
    strings: &mut Strings,
) -> Result<FxHashMap<QualifiedName, Value>, DataFault> {
    let mut values = FxHashMap::default();
    for (name, source) in &model.data {
        let failed =
            |why: String| DataFault { location: source.location.clone(), file: source.file.clone(), why };
        let path = workspace.reference_file(&source.file).map_err(failed)?;
        let text = fs::read_to_string(path).map_err(|error| failed(reason(&error)))?;
        let value = iom_eval::data::read(source, model, &text, strings).map_err(failed)?;
        values.insert(name.clone(), value);
    }
    Ok(values)
}

fn state_source(source: &Source, document: Document) -> StateSource {
    let layer = source.layer.unwrap_or_else(|| document.usual_layer());
    let mut state = StateSource::new(source.name.as_str(), layer, document);
    if source.layer.is_some() {
        // Whoever says which layer it is means all of it.
        state.document.other_layers.clear();
    }
    state.environment = source.claims.environment.as_deref().map(Into::into);
    state.fresh_for = source.claims.fresh_for;
    // What was left out may be what a rule looks for.
    state.is_partial = state.document.is_partial || source.claims.partial || source.lacks_files();
    state.manages = source.claims.manages;
    state.external = source.claims.external.iter().map(|pattern| Glob::new(pattern)).collect();
    let around = &source.claims.surroundings;
    let text = |text: &Option<String>| text.as_deref().map(SmolStr::from);
    state.surroundings = Surroundings {
        account: text(&around.account),
        region: text(&around.region),
        project: text(&around.project),
        cluster: text(&around.cluster),
        namespace: text(&around.namespace),
    };
    state
}
