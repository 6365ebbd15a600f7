//! Fuel: what bounds an evaluation, the same on every machine and with any number of threads.
//!
//! Whatever is read once and kept (fields, constants, indices) is computed with a full tank of its own, so that its value
//! does not depend on who is first to ask for it. Out of fuel everything is unknown.

use super::Evaluator;
use crate::value::Value;

/// Steps that judging one subject may take. Far more than any sensible rule needs.
pub const FUEL: u64 = 10_000_000;

/// Steps that computing one field or constant may take: its value is kept, so this bounds memory as well.
pub const FUEL_OF_A_VALUE: u64 = 2_000_000;

/// Steps that making an index over a whole estate may take.
pub(crate) const FUEL_OF_AN_INDEX: u64 = 1_000_000_000;

/// Bytes of the longest text that is made.
pub const MAX_TEXT: usize = 4 << 20;

/// Blueprints inside blueprints, and elements held against them: deeper than this is no pattern that anybody approved.
pub(crate) const MAX_NESTED: u32 = 200;

/// How deep functions, constants and computed fields lean on one another at most.
pub(super) const MAX_DEPTH: u32 = 2_000;

/// Stack that is kept free for the expressions of one function, constant or field, and how much is added where it is not.
const STACK_RESERVE: usize = 768 << 10;
const STACK_PIECE: usize = 8 << 20;

impl<'e> Evaluator<'e> {
    /// Gives the next evaluation its full fuel.
    #[inline]
    pub fn refuel(&mut self) {
        self.fuel = FUEL;
        self.is_exhausted = false;
    }

    /// Steps that may still be taken.
    #[inline]
    pub(crate) fn fuel_left(&self) -> u64 {
        self.fuel
    }

    /// Steps taken since the last refuelling.
    #[inline]
    pub(crate) fn steps_taken(&self) -> u64 {
        FUEL.saturating_sub(self.fuel)
    }

    /// Whether an evaluation since the last refuelling was cut short.
    #[inline]
    pub fn is_exhausted(&self) -> bool {
        self.is_exhausted
    }

    /// Takes one step of fuel; false where there is none left.
    #[inline]
    pub(crate) fn step(&mut self) -> bool {
        self.charge(1)
    }

    /// Takes as much fuel as something costs; false where there is not enough.
    #[inline]
    pub(crate) fn charge(&mut self, steps: usize) -> bool {
        match self.fuel.checked_sub(steps as u64) {
            Some(left) => {
                self.fuel = left;
                true
            }
            None => {
                self.give_up();
                false
            }
        }
    }

    /// Ends the evaluation: what it asks for is too large.
    #[cold]
    pub(crate) fn give_up(&mut self) {
        self.fuel = 0;
        self.is_exhausted = true;
    }

    /// Computes something with a tank of its own; says whether that was not enough.
    #[inline]
    pub(crate) fn apart<T>(&mut self, tank: u64, make: impl FnOnce(&mut Self) -> T) -> (T, bool) {
        let fuel = std::mem::replace(&mut self.fuel, tank);
        let was_exhausted = std::mem::replace(&mut self.is_exhausted, false);
        let made = make(self);
        let is_exhausted = std::mem::replace(&mut self.is_exhausted, was_exhausted);
        self.fuel = fuel;
        (made, is_exhausted)
    }

    /// For callers that cannot pass a closure to [`Evaluator::apart`].
    pub(crate) fn save_fuel(&self) -> (u64, bool) {
        (self.fuel, self.is_exhausted)
    }

    pub(crate) fn restore_fuel(&mut self, (fuel, is_exhausted): (u64, bool)) {
        self.fuel = fuel;
        self.is_exhausted = is_exhausted;
    }

    /// Goes one level deeper, on a stack that is large enough; nothing where that is too deep.
    pub(crate) fn deeper<T>(&mut self, body: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.depth >= MAX_DEPTH {
            self.give_up();
            return None;
        }
        self.depth += 1;
        let result = stacker::maybe_grow(STACK_RESERVE, STACK_PIECE, || body(self));
        self.depth -= 1;
        Some(result)
    }

    /// A text as a value; a longer one than [`MAX_TEXT`] is not made.
    pub(crate) fn made_text(&mut self, text: &str) -> Value {
        if text.len() > MAX_TEXT {
            self.give_up();
            return super::INVALID;
        }
        if !self.charge(text.len() / 8) {
            return super::INVALID;
        }
        self.estate.text(text)
    }
}
