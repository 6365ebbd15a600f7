//! Facts that are kept, with the program that reads them and everything that was concluded from them.

use std::sync::Arc;

use iom_model::{Expr, Model, QualifiedName};
use iom_state::tape::{Strings, Symbol};
use rustc_hash::FxHashMap;

use super::content::{Aspect, Content};
use super::definitions::{Closed, Definitions};
use super::kept::KeptPolicy;
use super::notes::Notes;
use super::{Inputs, Task};
use crate::evaluate::Book;
use crate::facts::{Estate, StateSource};
use crate::judge::Options;
use crate::program::{Demand, GlobalId, JoinId, Program, ReachId, Scope};
use crate::value::Value;

/// After so many more ids than there were at first, most of them of what is gone, everything is compiled anew.
const MOST_IDS_MORE: usize = 4096;

/// After so many more texts and nodes of sources than there were at first, and half as many again, most of them of values that
/// are gone, everything is read anew.
const MOST_MORE: usize = 1 << 16;

#[derive(Debug)]
pub(super) struct World {
    pub(super) estate: Estate,
    /// What the sources hold.
    pub(super) wanted: Demand,
    data: FxHashMap<QualifiedName, Value>,
    data_version: (u64, u64),
    scope: Scope,
    pub(super) definitions: Arc<Definitions>,
    /// Questions about everything reachable, as they were when they were answered.
    questions: FxHashMap<ReachId, Closed>,
    pub(super) policies: FxHashMap<QualifiedName, KeptPolicy>,
    pub(super) notes: Notes,
    /// The report says what there is to say of the sources.
    pub(super) has_told_sources: bool,
    /// How the last report was made.
    pub(super) options: Option<Options>,
    first_ids: usize,
    /// How many texts and nodes there were at first.
    first_size: usize,
    /// Subjects that were judged since the last report.
    pub(super) judged_again: u64,
}

/// What a world is made of.
pub(super) struct Parts {
    strings: Strings,
    sources: Vec<StateSource>,
    wanted: Demand,
    data: FxHashMap<QualifiedName, Value>,
    data_version: (u64, u64),
    /// Of the world that read them; nothing where they are new.
    first_size: Option<usize>,
}

impl Parts {
    /// Reads `data` declarations again where they are others, or have others' values.
    pub fn with_data<I: Inputs>(
        mut self,
        model: &Model,
        version: u64,
        inputs: &mut I,
    ) -> Result<Parts, I::Error> {
        let version = data_version(model, version);
        if self.data_version != version {
            self.data = inputs.data(model, &mut self.strings)?;
            self.data_version = version;
        }
        Ok(self)
    }
}

/// Another number where the declarations are others, or their files.
fn data_version(model: &Model, files: u64) -> (u64, u64) {
    (Content::of(&model.data, Aspect::Verdicts).hash, files)
}

impl World {
    /// Reads everything.
    pub fn new<I: Inputs>(task: &Task, data_files: u64, inputs: &mut I) -> Result<World, I::Error> {
        let mut strings = Strings::default();
        let data = inputs.data(&task.model, &mut strings)?;
        let program = Program::compile(task.model.clone(), &task.scope, &data, &mut strings);
        let wanted = Demand::whole(&task.model, &task.scope);
        let sources = inputs.sources(&wanted, &mut strings)?;
        let data_version = data_version(&task.model, data_files);
        let parts = Parts { strings, sources, wanted, data, data_version, first_size: None };
        Ok(World::build(task, program, parts))
    }

    /// Makes the elements of sources that were read before; nothing where those do not hold what is needed.
    pub fn of_parts(task: &Task, mut parts: Parts) -> Option<World> {
        let program = Program::compile(task.model.clone(), &task.scope, &parts.data, &mut parts.strings);
        parts.wanted.covers(&program.demand).then(|| World::build(task, program, parts))
    }

    fn build(task: &Task, program: Program, parts: Parts) -> World {
        let Parts { strings, sources, wanted, data, data_version, first_size } = parts;
        let first_ids = program.table_sizes();
        let book = Some(Box::<Book>::default());
        let estate = Estate::build_for(Arc::new(program), Arc::new(strings), sources, task.at, None, book);
        let mut world = World {
            estate,
            wanted,
            data,
            data_version,
            scope: task.scope.clone(),
            definitions: Arc::default(),
            questions: FxHashMap::default(),
            policies: FxHashMap::default(),
            notes: Notes::default(),
            has_told_sources: false,
            options: None,
            first_ids,
            first_size: 0,
            judged_again: 0,
        };
        world.notes.of_elements = world.loose();
        world.first_size = first_size.unwrap_or_else(|| world.size());
        world
    }

    /// What was read by what is not kept, since this was asked last.
    pub(super) fn loose(&self) -> Vec<crate::evaluate::Fact> {
        self.estate.book.as_ref().map(|book| book.take_loose()).unwrap_or_default()
    }

    /// Whether it is about this very model, with these files of data.
    pub fn is_of(&self, model: &Arc<Model>, data_files: u64) -> bool {
        Arc::ptr_eq(&self.estate.program.model, model) && self.data_version.1 == data_files
    }

    /// How many texts and nodes there are.
    fn size(&self) -> usize {
        let nodes = self.estate.sources.iter().map(|source| source.document.tape.len());
        self.estate.strings.len() + nodes.sum::<usize>()
    }

    /// Whether most that was added since all was read can only be of values that are gone.
    pub fn is_overgrown(&self) -> bool {
        self.size() > self.first_size + self.first_size / 2 + MOST_MORE
    }

    pub fn estate(&self) -> &Estate {
        &self.estate
    }

    /// Takes the elements apart again; nothing where somebody else holds the texts.
    pub fn into_parts(self) -> Option<Parts> {
        let World { estate, wanted, data, data_version, first_size, .. } = self;
        let Estate { strings, sources, .. } = estate;
        let strings = Arc::try_unwrap(strings).ok()?;
        let first_size = Some(first_size);
        Some(Parts { strings, sources, wanted, data, data_version, first_size })
    }

    /// Goes on with another model over the same elements. False where these would be others: then nothing is left to go on
    /// with but what [`World::into_parts`] gives.
    pub fn adopt(&mut self, task: &Task, definitions: &Definitions) -> bool {
        let (before, at) = (self.estate.at, task.at);
        let known = &self.definitions;
        if known.foundation.hash != definitions.foundation.hash
            || known.foundation.clock.differs(before, at)
            || !self.estate.is_as_fresh_at(at)
            || self.estate.program.table_sizes() > self.first_ids + MOST_IDS_MORE
        {
            return false;
        }
        if Arc::ptr_eq(&self.estate.program.model, &task.model)
            && self.scope == task.scope
            && !definitions.values.values().any(|value| value.clock.differs(before, at))
            && !self.questions.values().any(|question| question.clock.differs(before, at))
        {
            self.estate.at = at;
            return true;
        }
        let demand = Demand::of(&task.model, &task.scope);
        if !demand.takes_as(&self.estate.program.demand) || !self.wanted.covers(&demand) {
            return false;
        }
        self.scope = task.scope.clone();
        let Some(strings) = Arc::get_mut(&mut self.estate.strings) else { return false };
        let Some(program) = Arc::get_mut(&mut self.estate.program) else { return false };
        let first = strings.len();
        let tables = program.take_tables();
        let program =
            Program::compile_on(tables, task.model.clone(), &task.scope, &self.data, strings, demand);
        if self.has_made_since(first) {
            return false;
        }
        let values = self.changed_values(&program, definitions, at);
        let questions = questions(&program, definitions);
        let changed = |id: &ReachId| match (self.questions.get(id), questions.get(id)) {
            (Some(old), Some(new)) => old.hash != new.hash || new.clock.differs(before, at),
            _ => true,
        };
        let reaches: Vec<ReachId> = questions.keys().copied().filter(changed).collect();
        let passing = (0..).map(JoinId).zip(&program.joins).filter(|(_, key)| !key.is_lasting);
        let passing: Vec<JoinId> = passing.map(|(id, _)| id).collect();
        self.notes.forget(&values, &reaches, &passing, program.shared);
        self.questions = questions;
        self.estate.adopt(program, at, &values, &reaches);
        true
    }

    /// Whether a text was made before that has a symbol only now: it would not equal itself.
    pub fn has_made_since(&self, first: usize) -> bool {
        let strings = &self.estate.strings;
        let is_new = |number: usize| Symbol::try_from_usize(number).map(|symbol| strings.resolve(&symbol));
        let book = self.estate.book.as_deref();
        let is_made = |text: &str| book.is_some_and(|book| book.has_made(text));
        (first..strings.len()).filter_map(is_new).any(is_made)
    }

    /// Remembers the questions that are asked, where that was not done yet.
    pub fn ask(&mut self, definitions: &Definitions) {
        if self.questions.is_empty() {
            self.questions = questions(&self.estate.program, definitions);
        }
    }

    /// Constants that may have another value now.
    fn changed_values(&self, program: &Program, definitions: &Definitions, at: i64) -> Vec<GlobalId> {
        let is_changed =
            |name: &&QualifiedName| match (self.definitions.values.get(*name), definitions.values.get(*name))
            {
                (Some(old), Some(new)) => old.hash != new.hash || new.clock.differs(self.estate.at, at),
                _ => true,
            };
        let names = self.definitions.values.keys().chain(definitions.values.keys());
        names.filter(is_changed).filter_map(|name| program.global_named(name)).collect()
    }
}

/// Questions about everything reachable, with what they call.
fn questions(program: &Program, definitions: &Definitions) -> FxHashMap<ReachId, Closed> {
    let close = |(question, id): (&Expr, ReachId)| (id, definitions.closed(question));
    program.reach_questions().map(close).collect()
}
