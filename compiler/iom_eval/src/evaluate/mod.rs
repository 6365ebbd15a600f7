//! The interpreter: compiled expressions over the facts of one world, three-valued throughout.

mod alike;
mod bound;
mod builtin;
mod compare;
mod conforms;
mod convert;
mod direct;
mod ends;
mod expression;
mod field;
mod fuel;
mod function;
mod iterate;
mod key;
mod number;
mod operator;
mod parse;
mod quantify;
mod set;
mod table;
mod test;
mod trace;

use table::Table;

pub(crate) use direct::{Compilation, Outcome};
pub use fuel::{FUEL, FUEL_OF_A_VALUE, MAX_TEXT};
pub(crate) use fuel::{FUEL_OF_AN_INDEX, MAX_NESTED};
pub(crate) use iterate::Items;
pub use key::Key;
pub(crate) use trace::{Book, Fact, Note, Sort, Trace};

use iom_state::document::Layer;
use iom_state::tape::NodeIndex;

use crate::facts::{EdgePlans, Estate, Screened, Walks};
use crate::program::{Alike, Code, JoinId, KindId, Program};
use crate::value::{Causes, ElementId, Truth, Value};

/// Evaluates over one estate in one world. Cheap to make; one per thread.
pub struct Evaluator<'e> {
    pub estate: &'e Estate,
    pub program: &'e Program,
    /// The world at hand.
    pub layer: Layer,
    /// Frames, one after the other; the current one starts at `base`.
    stack: Vec<Value>,
    base: usize,
    fuel: u64,
    is_exhausted: bool,
    pub(crate) depth: u32,
    /// The source's object whose fields are read.
    pub(crate) at_hand: Option<(u32, u32)>,
    /// What `^` stands for there, where it is on the tape.
    pub(crate) at_hand_values: Option<NodeIndex>,
    /// Fields that are being computed.
    computing: Vec<(ElementId, u16)>,
    pub(crate) indexing: Vec<KindId>,
    pub(crate) joining: Vec<(JoinId, Layer)>,
    pub(crate) is_identifying: bool,
    pub(crate) is_graphing: bool,
    /// Searches in the graph of the world `walked`.
    pub(crate) walks: Walks,
    pub(crate) walked: Layer,
    /// What is nowhere reachable.
    pub(crate) screened: Screened,
    /// Texts that were read as scalars.
    parsed: rustc_hash::FxHashMap<(iom_model::Scalar, iom_state::tape::Symbol), Option<Value>>,
    parsed_made: rustc_hash::FxHashMap<iom_model::Scalar, rustc_hash::FxHashMap<Box<str>, Option<Value>>>,
    /// Port ranges by protocol and bounds, for the same reason.
    ports: rustc_hash::FxHashMap<(iom_state::tape::Symbol, i64, i64), Value>,
    /// Large collections that are asked often, as tables, by their address.
    tables: rustc_hash::FxHashMap<usize, Table>,
    pub(crate) edge_plans: EdgePlans,
    /// What of the field at hand is made once for all things that are alike.
    alike: Option<&'e Alike>,
    known: alike::Known,
    bound_fields: bound::BoundFields,
    /// What sets the field at hand, nearest to the blueprint first.
    pub(crate) inherited: Vec<(crate::facts::Site, &'e Code)>,
    /// The field that is being read, for remarks about its value.
    reading: Option<(ElementId, u16)>,
    /// What is read, where results are kept.
    trace: Option<Trace<'e>>,
}

impl<'e> Evaluator<'e> {
    pub fn new(estate: &'e Estate, layer: Layer) -> Evaluator<'e> {
        Evaluator {
            estate,
            program: &estate.program,
            layer,
            stack: Vec::with_capacity(64),
            base: 0,
            fuel: FUEL,
            is_exhausted: false,
            depth: 0,
            at_hand: None,
            at_hand_values: None,
            computing: Vec::new(),
            indexing: Vec::new(),
            joining: Vec::new(),
            is_identifying: false,
            is_graphing: false,
            walks: Walks::default(),
            walked: layer,
            screened: Screened::default(),
            parsed: Default::default(),
            parsed_made: Default::default(),
            ports: Default::default(),
            tables: Default::default(),
            edge_plans: Default::default(),
            alike: None,
            known: Default::default(),
            bound_fields: Default::default(),
            inherited: Vec::new(),
            reading: None,
            trace: estate.book.as_deref().map(Trace::new),
        }
    }

    /// Runs `body` in a frame of its own with this many slots, all absent.
    pub fn run<T>(&mut self, locals: u32, body: impl FnOnce(&mut Self) -> T) -> T {
        let base = self.enter(locals);
        let result = body(self);
        self.leave(base);
        result
    }

    /// Starts a frame that [`Evaluator::leave`] ends, for callers that cannot pass a closure.
    #[inline]
    pub(crate) fn enter(&mut self, locals: u32) -> usize {
        let base = self.base;
        self.base = self.stack.len();
        self.stack.extend((0..locals).map(|_| Value::Absent));
        base
    }

    /// Ends the frame that [`Evaluator::enter`] started.
    #[inline]
    pub(crate) fn leave(&mut self, base: usize) {
        self.stack.truncate(self.base);
        self.base = base;
    }

    /// Fills a slot of the current frame.
    #[inline]
    pub fn set(&mut self, local: u32, value: Value) {
        let index = self.base + local as usize;
        if index >= self.stack.len() {
            // The frame was declared too small; a larger one means the same.
            self.stack.resize(index + 1, Value::Absent);
        }
        self.stack[index] = value;
    }

    /// A slot of the current frame.
    #[inline]
    pub fn get(&self, local: u32) -> Value {
        self.stack.get(self.base + local as usize).cloned().unwrap_or(Value::Absent)
    }

    /// The value of an expression. Scalars are no nodes any more; lists and objects may be.
    #[inline]
    pub fn eval(&mut self, code: &Code) -> Value {
        match self.raw(code) {
            Value::Node { source, node } => self.estate.node(source, node),
            value => value,
        }
    }

    /// A condition.
    #[inline]
    pub fn truth(&mut self, code: &Code) -> Truth {
        if code.is_condition() { self.condition(code).spread() } else { Truth::of(&self.eval(code)) }
    }

    /// What a slot of the current frame holds.
    #[inline]
    pub(crate) fn slot(&self, local: u32) -> Option<&Value> {
        self.stack.get(self.base + local as usize)
    }

    /// The element in a slot, where there is one.
    #[inline]
    pub(crate) fn element_in(&self, local: u32) -> Option<ElementId> {
        match self.slot(local) {
            Some(Value::Element(id)) => Some(*id),
            _ => None,
        }
    }
}

/// A mistake in a value that no checker can exclude: unknown, with the cause `invalid`.
pub(crate) const INVALID: Value = Value::Unknown(Causes::INVALID);
