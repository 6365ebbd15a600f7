//! Conditions as most subjects of a rule meet them: compiled once more for the elements of one kind, with the places of
//! their fields and the tables of large collections at hand. Half of the interpreter's work is to find out what there is to
//! do, and that is the same for a hundred thousand subjects.
//!
//! What is computed here is what the interpreter computes, and every fact it reads is read. Why something fails or is not
//! known is left to the interpreter; so is everything that is rare.

mod compile;
mod look;
mod run;

use iom_model::{BinaryOp, CompareOp, Quantifier};
use iom_state::tape::Symbol;
use rustc_hash::FxHashMap;
use std::cell::{OnceCell, RefCell};

use crate::program::{Code, FieldId, Order, Screen, Test};
use crate::value::Value;

pub(crate) use compile::Compilation;
pub(crate) use run::Outcome;

/// A rule over the elements of one kind in one layer.
pub(crate) struct DirectRule<'c> {
    pub subject: u32,
    pub locals: u32,
    pub filter: Option<DirectTest<'c>>,
    /// The filter, or there being none, is decided by a look; so are all steps.
    is_filter_looked_at: bool,
    are_steps_looked_at: bool,
    pub steps: Vec<DirectStep<'c>>,
    /// It has one clause, judged in one row: what its condition is worth is what the rule says.
    pub is_one_clause: bool,
    /// More steps than the interpreter takes outside of loops.
    pub weight: usize,
}

pub(crate) enum DirectStep<'c> {
    Let {
        local: u32,
        value: Direct<'c>,
    },
    Require(DirectTest<'c>),
    For {
        over: DirectOver<'c>,
        steps: Vec<DirectStep<'c>>,
    },
    /// A loop over names and values: passes where there are none, as mostly there are.
    Pairs(Direct<'c>),
}

/// Something that a loop ranges over: a collection, no population.
pub(crate) struct DirectOver<'c> {
    local: u32,
    also: &'c [u32],
    source: Direct<'c>,
    filters: Vec<DirectTest<'c>>,
    /// More steps than the interpreter takes for one round.
    weight: usize,
    /// Items for which all that follows holds, by their addresses, with the fuel that it took: where that depends on the
    /// item alone.
    passed: Option<RefCell<Passed>>,
}

/// Each item is held on to, so that its address means nothing else.
type Passed = FxHashMap<usize, (Value, u64)>;

/// An expression.
pub(crate) enum Direct<'c> {
    Constant(&'c Value),
    Slot(u32),
    /// A field of the subject.
    Column(u16),
    Field {
        base: Box<Direct<'c>>,
        field: FieldId,
    },
    Member {
        base: Box<Direct<'c>>,
        name: Symbol,
    },
    Index {
        base: Box<Direct<'c>>,
        index: Box<Direct<'c>>,
    },
    /// An entry of a map that is the same for everybody.
    KeptEntry {
        map: Box<Kept<'c>>,
        index: Box<Direct<'c>>,
    },
    Coalesce {
        left: Box<Direct<'c>>,
        right: Box<Direct<'c>>,
        empty_is_absent: bool,
    },
    If(Box<(DirectTest<'c>, Direct<'c>, Direct<'c>)>),
    /// `"{x}"`
    AsText(Box<Direct<'c>>),
    Binary {
        op: BinaryOp,
        left: Box<Direct<'c>>,
        right: Box<Direct<'c>>,
    },
    Test(Box<DirectTest<'c>>),
    /// What the interpreter does.
    Other(&'c Code),
}

/// A condition.
pub(crate) enum DirectTest<'c> {
    Not(Box<DirectTest<'c>>),
    And(Box<DirectTest<'c>>, Box<DirectTest<'c>>),
    Or(Box<DirectTest<'c>>, Box<DirectTest<'c>>),
    Compare {
        op: CompareOp,
        left: Direct<'c>,
        right: Direct<'c>,
        order: Order,
    },
    Is {
        value: Direct<'c>,
        test: &'c Test,
        negated: bool,
    },
    /// Whether something is in a collection that is the same for everybody.
    InKept {
        item: Direct<'c>,
        collection: Box<Kept<'c>>,
    },
    Quantifier {
        quantifier: Quantifier,
        over: Box<DirectOver<'c>>,
        body: Box<DirectTest<'c>>,
        /// What of it can be asked once for many.
        screen: Option<&'c Screen>,
    },
    /// A value that is true or false.
    Value(Direct<'c>),
    /// What the interpreter does.
    Other(&'c Code),
}

/// A collection that is the same for everybody.
pub(crate) struct Kept<'c> {
    code: &'c Code,
    table: OnceCell<KeptTable>,
}

struct KeptTable {
    value: Value,
    /// The positions of what is text, where there is nothing in the collection that equals a text otherwise.
    texts: Option<FxHashMap<Symbol, u32>>,
}
