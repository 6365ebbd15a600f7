use std::sync::Arc;

use iom_eval::facts::StateSource;
use iom_eval::judge::Options;
use iom_eval::program::{Demand, Scope};
use iom_eval::report::Report;
use iom_eval::session::{Inputs, PolicyCounts, Session, Task};
use iom_eval::value::Value;
use iom_model::{Model, QualifiedName};
use iom_state::document::{ImportError, Layer};
use iom_state::tape::Strings;
use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use crate::Analysis;
use crate::live::{Dependencies, Live};

/// What the rules of a workspace say of state, while both change: an edit judges what it touches.
///
/// Rules are edited in an [`Analysis`]; sources are set here. [`Verdicts::report`] is to be asked after each change, and again
/// when [`Verdicts::next_threshold`] has come.
#[derive(Default)]
pub struct Verdicts {
    session: Session,
    sources: Vec<Source>,
    /// The rules of the last report.
    model: Option<Arc<Model>>,
}

/// A source as it was last set.
struct Source {
    name: SmolStr,
    layer: Option<Layer>,
    bytes: Vec<u8>,
}

/// Why nothing is judged.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Unjudged {
    /// The rules have errors: [`Analysis::diagnostics`] says which.
    Rules,
    Source {
        name: SmolStr,
        error: ImportError,
    },
    /// What a `data` declaration names, and what is wrong with it.
    Data {
        file: SmolStr,
        error: String,
    },
}

impl Verdicts {
    pub fn new() -> Verdicts {
        Verdicts::default()
    }

    /// Adds a source or gives it other content; of what was there before only objects that differ are judged again. Without a
    /// layer it is the one that the format describes.
    pub fn set_source(&mut self, name: &str, layer: Option<Layer>, bytes: Vec<u8>) {
        let source = Source { name: name.into(), layer, bytes };
        match self.sources.iter_mut().find(|source| source.name == name) {
            Some(known) => *known = source,
            None => self.sources.push(source),
        }
        self.session.sources_changed();
    }

    pub fn remove_source(&mut self, name: &str) {
        self.sources.retain(|source| source.name != name);
        self.session.sources_changed();
    }

    /// Says that files of `data` declarations are others now.
    pub fn data_changed(&mut self) {
        self.session.data_changed();
    }

    /// What the rules say at an instant, in seconds since 1970: the same report that a run from nothing makes, but for the
    /// hash of the model, which nobody in an editor asks for.
    ///
    /// # Errors
    /// Where nothing can be judged. The last report stays the one that [`Verdicts::last`] and [`Verdicts::by_policy`] tell of
    /// where only the rules are in error.
    pub fn report(&mut self, analysis: &Analysis, at: i64) -> Result<&Report, Unjudged> {
        let model = Arc::new(analysis.model().ok_or(Unjudged::Rules)?);
        let options = Options { model_hash: Some(SmolStr::default()), ..Options::default() };
        self.model = Some(model.clone());
        let task = Task { model, scope: Scope::default(), options, at };
        self.session.update(task, &mut Outside { analysis, sources: &self.sources })
    }

    /// The last report.
    pub fn last(&self) -> Option<&Report> {
        self.session.report()
    }

    /// The last report with ways into it; `analysis` is the one that it was made from.
    pub fn live(&self, analysis: &Analysis) -> Option<Live> {
        Some(Live::new(Arc::new(self.last()?.clone()), self.model.clone()?, analysis))
    }

    /// What depends on what in the state that the last report is about: takes longer than judging a small edit does.
    pub fn dependencies(&self) -> Option<Dependencies> {
        self.session.estate().map(|estate| Dependencies::new(estate.relations()))
    }

    /// How many resources pass, fail and so on, for each policy of the last report.
    pub fn by_policy(&self) -> Vec<PolicyCounts> {
        self.session.by_policy()
    }

    /// The next instant at which the report may be another though nothing is edited.
    pub fn next_threshold(&self) -> Option<i64> {
        self.session.next_threshold()
    }
}

/// What lies outside the rules.
struct Outside<'v> {
    analysis: &'v Analysis,
    sources: &'v [Source],
}

impl Inputs for Outside<'_> {
    type Error = Unjudged;

    fn data(
        &mut self,
        model: &Model,
        strings: &mut Strings,
    ) -> Result<FxHashMap<QualifiedName, Value>, Unjudged> {
        let mut values = FxHashMap::default();
        for (name, source) in &model.data {
            let text = self.analysis.read(&source.file);
            let value = text.and_then(|text| iom_eval::data::read(source, model, &text, strings));
            let value = value.map_err(|error| Unjudged::Data { file: source.file.clone(), error })?;
            values.insert(name.clone(), value);
        }
        Ok(values)
    }

    fn sources(&mut self, wanted: &Demand, strings: &mut Strings) -> Result<Vec<StateSource>, Unjudged> {
        let import = |source: &Source| {
            let document = iom_state::import(&source.bytes, None, wanted, strings)
                .map_err(|error| Unjudged::Source { name: source.name.clone(), error })?;
            let layer = source.layer.unwrap_or_else(|| document.usual_layer());
            Ok(StateSource::new(source.name.clone(), layer, document))
        };
        self.sources.iter().map(import).collect()
    }
}

#[cfg(test)]
mod tests;
