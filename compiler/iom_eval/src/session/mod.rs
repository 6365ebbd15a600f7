//! Judging again and again: what an edit or a changed source does not touch is kept.
//!
//! A [`Session`] is what a language server and `iomc eval --watch` hold. It is given the model and the instant at each
//! [`Session::update`] and gives the report that a run from nothing would give; [`Inputs`] is where it gets state and data
//! from. Between updates it is told what has changed outside the model: [`Session::sources_changed`] where files were written
//! anew, [`Session::replace_object`] where whoever holds the state knows which object has changed, [`Session::data_changed`]
//! for reference data. [`Session::next_threshold`] says when to ask again though nothing is edited.
//!
//! What is kept, and until when:
//!
//! - sources, as long as they hold what is asked of them;
//! - elements, their fields, indexes and the graph (an [`Estate`]), as long as types, kinds, resources, binds, blueprints
//!   and data say the same ([`definitions`]), and no instant passes that they compare with;
//! - the verdicts of a policy, before modes, exceptions and dates, as long as its rules and what they call say the same;
//! - its findings, as long as its words, its mode and its exceptions do.
//!
//! An object of a source that changes has its fields read again, and what was computed from those that are others now; of
//! every policy the subjects are judged that rest on one of them. Indexes over what is different are made anew. A source that
//! is read again is compared with what is known of it, object by object. Where there are other objects, or an object makes
//! other elements, all elements are made anew.
//!
//! What a value rests on is written down while it is computed ([`crate::evaluate`]), so that remarks about values are in a
//! report exactly as long as something in it rests on them.

mod clock;
mod content;
mod definitions;
mod dependents;
mod kept;
mod notes;
mod renew;
mod replace;
mod standing;
mod thresholds;
mod world;

use std::ops::Range;
use std::sync::Arc;

use iom_model::{Model, QualifiedName};
use iom_state::rewritten::Rewritten;
use iom_state::tape::Strings;
use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use crate::facts::{Estate, StateSource};
use crate::judge::Options;
use crate::program::{Demand, Scope};
use crate::report::{Finding, Report};
use crate::value::Value;
use definitions::Definitions;
use replace::Replaced;
use standing::Standing;
use world::World;

/// Where a session gets what lies outside the model from, whenever it has to (again).
pub trait Inputs {
    type Error;

    /// The values of `data` declarations, as [`crate::data::read`] gives them.
    ///
    /// # Errors
    /// Where one cannot be read: then nothing is judged.
    fn data(
        &mut self,
        model: &Model,
        strings: &mut Strings,
    ) -> Result<FxHashMap<QualifiedName, Value>, Self::Error>;

    /// The sources, with at least what is wanted of them.
    ///
    /// # Errors
    /// Where one cannot be read: then nothing is judged.
    fn sources(&mut self, wanted: &Demand, strings: &mut Strings) -> Result<Vec<StateSource>, Self::Error>;

    /// What is different about sources that were read before, one by one, where that can be told without reading all of them;
    /// nothing of a source that says the same. Where it cannot be told for one of them nothing is: then they are read anew.
    ///
    /// # Errors
    /// Where one cannot be read: then nothing is judged.
    fn rewritten(
        &mut self,
        _known: &[StateSource],
        _wanted: &Demand,
        _strings: &mut Strings,
    ) -> Result<Option<Vec<Option<Rewritten>>>, Self::Error> {
        Ok(None)
    }
}

/// What a session is to judge, and how.
#[derive(Clone, Debug)]
pub struct Task {
    pub model: Arc<Model>,
    pub scope: Scope,
    pub options: Options,
    /// Seconds since 1970.
    pub at: i64,
}

/// What updates have done, in total.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Work {
    /// Times that sources were read.
    pub imports: u64,
    /// Times that all elements were made.
    pub estates: u64,
    /// Policies of which at least one subject was judged.
    pub policies: u64,
    pub subjects: u64,
    /// Policies of which at least one finding was made.
    pub reports: u64,
    pub findings: u64,
}

/// Tells the facts of one update from those of another: where they are equal, what was concluded from the estate alone holds,
/// and stands where it did.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FactsVersion {
    estates: u64,
    imports: u64,
    replacements: u64,
    places: u64,
}

/// Resources by the worst that a policy says about them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PolicyCounts {
    pub policy: QualifiedName,
    pub pass: u64,
    pub fail: u64,
    pub unknown: u64,
    pub excepted: u64,
}

/// What an update has put in the place of what was said of a policy, with whatever arguments: of all others the report says
/// what it said before.
#[derive(Clone, Debug)]
pub struct Change {
    /// As it is declared.
    pub policy: SmolStr,
    /// What was said of it.
    pub before: Vec<Arc<Finding>>,
    /// Where in the report stands what is said of it now.
    pub after: Range<usize>,
}

/// Results that are kept from one judging to the next.
#[derive(Debug, Default)]
pub struct Session {
    world: Option<World>,
    /// The report of the last update, as long as it stands.
    standing: Option<Standing>,
    /// Counts up when the values of `data` declarations are to be read again.
    data: u64,
    /// Sources are to be read again.
    is_source_changed: bool,
    /// Elements are to be made anew.
    is_estate_changed: bool,
    replacements: u64,
    work: Work,
}

impl Session {
    pub fn new() -> Session {
        Session::default()
    }

    /// Says that files of `data` declarations are others now.
    pub fn data_changed(&mut self) {
        self.data += 1;
    }

    /// Says that sources are others now.
    pub fn sources_changed(&mut self) {
        self.is_source_changed = true;
    }

    /// Judges what there is to judge again, and gives the report that a run from nothing would give.
    ///
    /// # Errors
    /// Those of `inputs`. Nothing is kept then: the next update begins anew.
    pub fn update<I: Inputs>(&mut self, task: Task, inputs: &mut I) -> Result<&Report, I::Error> {
        let known = self.world.as_ref().filter(|world| world.is_of(&task.model, self.data));
        let definitions = match known {
            Some(world) => world.definitions.clone(),
            None => Arc::new(Definitions::of(&task.model, self.data)),
        };
        let mut old = self.world.take().filter(|world| !world.is_overgrown());
        let is_usable = !std::mem::take(&mut self.is_estate_changed);
        let mut is_adopted = is_usable && old.as_mut().is_some_and(|world| world.adopt(&task, &definitions));
        if std::mem::take(&mut self.is_source_changed) {
            match &mut old {
                Some(world) if is_adopted => match world.renew(inputs)? {
                    Replaced::Missing => old = None,
                    found => {
                        self.work.imports += 1;
                        is_adopted = found == Replaced::Done;
                    }
                },
                // Whoever makes the elements anew reads what they are made of as well.
                _ => old = None,
            }
        }
        let mut world = match old {
            Some(world) if is_adopted => world,
            old => self.rebuilt(old, &task, inputs)?,
        };
        let standing = self.standing.get_or_insert_default();
        world.judged(&task, definitions, standing, &mut self.work);
        self.world = Some(world);
        Ok(&standing.report)
    }

    fn rebuilt<I: Inputs>(
        &mut self,
        old: Option<World>,
        task: &Task,
        inputs: &mut I,
    ) -> Result<World, I::Error> {
        self.work.estates += 1;
        if let Some(old) = old
            && let Some(parts) = old.into_parts()
        {
            let parts = parts.with_data(&task.model, self.data, inputs)?;
            if let Some(world) = World::of_parts(task, parts) {
                return Ok(world);
            }
        }
        self.work.imports += 1;
        World::new(task, self.data, inputs)
    }

    /// The report of the last update.
    pub fn report(&self) -> Option<&Report> {
        self.world.as_ref().and(self.standing.as_ref()).map(|standing| &standing.report)
    }

    /// What is different about the findings since the update before the last: everything that is said, after the first one.
    pub fn changes(&self) -> &[Change] {
        self.standing.as_ref().map(|standing| &*standing.changes).unwrap_or_default()
    }

    /// How many resources pass, fail and so on, for each policy of the last report, by name.
    pub fn by_policy(&self) -> Vec<PolicyCounts> {
        self.world.as_ref().map(World::by_policy).unwrap_or_default()
    }

    /// The facts of the last update.
    pub fn estate(&self) -> Option<&Estate> {
        self.world.as_ref().map(World::estate)
    }

    /// Which facts the last update was about.
    pub fn facts_version(&self) -> Option<FactsVersion> {
        let Work { estates, imports, .. } = self.work;
        let places = self.world.as_ref()?.definitions.places;
        Some(FactsVersion { estates, imports, replacements: self.replacements, places })
    }

    /// What updates have done so far.
    pub fn work(&self) -> Work {
        self.work
    }
}
