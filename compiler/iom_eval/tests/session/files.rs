//! Sources and reference data in memory, as a session asks for them: for tests and benches.
#![allow(dead_code, reason = "tests and benches use some of this each")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test or bench may fail loudly")]

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;

use iom_eval::facts::StateSource;
use iom_eval::judge::Options;
use iom_eval::program::{Demand, Scope};
use iom_eval::session::{Inputs, Task};
use iom_eval::value::Value;
use iom_model::{Duration, Model, QualifiedName};
use iom_state::document::Layer;
use iom_state::tape::Strings;
use rustc_hash::FxHashMap;

/// What lies outside the model.
#[derive(Clone, Default)]
pub struct Files {
    pub sources: Vec<SourceFile>,
    /// By the path that `data` declarations name.
    pub data: BTreeMap<String, String>,
}

#[derive(Clone)]
pub struct SourceFile {
    pub name: String,
    pub layer: Layer,
    pub bytes: Vec<u8>,
    pub fresh_for: Option<Duration>,
    pub is_partial: bool,
}

impl SourceFile {
    pub fn new(name: &str, layer: Layer, bytes: Vec<u8>) -> SourceFile {
        SourceFile { name: name.into(), layer, bytes, fresh_for: None, is_partial: false }
    }

    pub fn import(&self, wanted: &Demand, strings: &mut Strings) -> StateSource {
        let document = iom_state::import(&self.bytes, None, wanted, strings).expect("a source");
        let mut source = StateSource::new(self.name.as_str(), self.layer, document);
        source.fresh_for = self.fresh_for;
        source.is_partial = self.is_partial;
        source
    }
}

impl Files {
    /// One plan.
    pub fn of_plan(bytes: Vec<u8>) -> Files {
        Files { sources: vec![SourceFile::new("plan.json", Layer::Built, bytes)], ..Files::default() }
    }

    pub fn import(&self, wanted: &Demand, strings: &mut Strings) -> Vec<StateSource> {
        self.sources.iter().map(|source| source.import(wanted, strings)).collect()
    }

    pub fn values(&self, model: &Model, strings: &mut Strings) -> FxHashMap<QualifiedName, Value> {
        let value = |(name, source): (&QualifiedName, &iom_model::DataSource)| {
            let value = iom_eval::data::read(source, model, &self.data[source.file.as_str()], strings);
            (name.clone(), value.expect("reference data"))
        };
        model.data.iter().map(value).collect()
    }
}

impl Inputs for Files {
    type Error = Infallible;

    fn data(
        &mut self,
        model: &Model,
        strings: &mut Strings,
    ) -> Result<FxHashMap<QualifiedName, Value>, Infallible> {
        Ok(self.values(model, strings))
    }

    fn sources(&mut self, wanted: &Demand, strings: &mut Strings) -> Result<Vec<StateSource>, Infallible> {
        Ok(self.import(wanted, strings))
    }
}

pub fn options() -> Options {
    Options { model_hash: Some("sha256:0".into()), ..Options::default() }
}

pub fn task(model: Arc<Model>, at: i64) -> Task {
    Task { model, scope: Scope::default(), options: options(), at }
}
