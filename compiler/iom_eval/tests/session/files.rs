//! Sources and reference data in memory, as a session asks for them: for tests and benches.
#![allow(dead_code, reason = "tests and benches use some of this each")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test or bench may fail loudly")]

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::io::Cursor;
use std::rc::Rc;
use std::sync::Arc;

use iom_eval::facts::StateSource;
use iom_eval::judge::Options;
use iom_eval::program::{Demand, Scope};
use iom_eval::session::{Inputs, Task};
use iom_eval::value::Value;
use iom_model::{Duration, Model, QualifiedName};
use iom_state::document::Layer;
use iom_state::rewritten::{Imprint, Rewritten};
use iom_state::tape::Strings;
use rustc_hash::FxHashMap;

/// What lies outside the model.
#[derive(Clone, Default)]
pub struct Files {
    pub sources: Vec<SourceFile>,
    /// By the path that `data` declarations name.
    pub data: BTreeMap<String, String>,
    /// By source: what is remembered of it as it was read.
    pub known: Rc<RefCell<Vec<Option<Known>>>>,
    /// How often it was told what is different about them.
    pub rewritings: Rc<Cell<usize>>,
}

/// A source as it was read.
pub struct Known {
    layer: Layer,
    fresh_for: Option<Duration>,
    is_partial: bool,
    imprint: Imprint,
}

#[derive(Clone)]
pub struct SourceFile {
    pub name: String,
    pub layer: Layer,
    pub bytes: Vec<u8>,
    pub fresh_for: Option<Duration>,
    pub is_partial: bool,
    /// It was read piece by piece.
    is_in_pieces: Cell<bool>,
}

impl SourceFile {
    pub fn new(name: &str, layer: Layer, bytes: Vec<u8>) -> SourceFile {
        let is_in_pieces = Cell::new(false);
        SourceFile { name: name.into(), layer, bytes, fresh_for: None, is_partial: false, is_in_pieces }
    }

    pub fn import(&self, wanted: &Demand, strings: &mut Strings) -> StateSource {
        let in_pieces = iom_state::import_in_pieces(&mut Cursor::new(&self.bytes), None, wanted, strings);
        self.is_in_pieces.set(in_pieces.is_some());
        let document = in_pieces
            .unwrap_or_else(|| iom_state::import(&self.bytes, None, wanted, strings).expect("a source"));
        let mut source = StateSource::new(self.name.as_str(), self.layer, document);
        source.fresh_for = self.fresh_for;
        source.is_partial = self.is_partial;
        source
    }
}

impl SourceFile {
    /// What to remember of it.
    fn known(&self, source: &StateSource) -> Option<Known> {
        // Everything else is read as a whole.
        let offsets = Imprint::offsets(&source.document).filter(|_| self.is_in_pieces.get())?;
        let imprint = Imprint::of(&mut &*self.bytes, &offsets, &source.document.sha256)?;
        Some(Known { layer: self.layer, fresh_for: self.fresh_for, is_partial: self.is_partial, imprint })
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
        let sources = self.import(wanted, strings);
        let known = self.sources.iter().zip(&sources).map(|(file, source)| file.known(source));
        *self.known.borrow_mut() = known.collect();
        Ok(sources)
    }

    fn rewritten(
        &mut self,
        read: &[StateSource],
        wanted: &Demand,
        strings: &mut Strings,
    ) -> Result<Option<Vec<Option<Rewritten>>>, Infallible> {
        let mut known = std::mem::take(&mut *self.known.borrow_mut());
        if known.len() != self.sources.len() {
            return Ok(None);
        }
        let mut all = Vec::new();
        for ((known, file), read) in known.iter_mut().zip(&self.sources).zip(read) {
            let is_same = |known: &Known| {
                (known.layer, known.fresh_for, known.is_partial)
                    == (file.layer, file.fresh_for, file.is_partial)
            };
            all.push(match known.as_mut().filter(|known| is_same(known)) {
                Some(known) => {
                    let Some(difference) = known.imprint.compare(&mut &*file.bytes) else { return Ok(None) };
                    if difference.is_empty() {
                        None
                    } else {
                        let Some(new) = difference.read(&read.document, wanted, strings) else {
                            return Ok(None);
                        };
                        Some(new)
                    }
                }
                None if iom_state::sha256(&file.bytes) == read.document.sha256 => None,
                None => return Ok(None),
            });
        }
        *self.known.borrow_mut() = known;
        self.rewritings.set(self.rewritings.get() + all.iter().flatten().count());
        Ok(Some(all))
    }
}

pub fn options() -> Options {
    Options { model_hash: Some("sha256:0".into()), ..Options::default() }
}

pub fn task(model: Arc<Model>, at: i64) -> Task {
    Task { model, scope: Scope::default(), options: options(), at }
}
