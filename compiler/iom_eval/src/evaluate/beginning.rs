//! Texts of which only the beginning is known: `"${var.name}-logs"`, `"arn:aws:s3:::${var.name}"`. They stay where their source has
//! them until somebody asks for more than how they begin; then they are not known.

use super::Evaluator;
use super::compare::same_nocase;
use crate::program::{Code, Order};
use crate::value::{Truth, Value};

impl Evaluator<'_> {
    /// The value of an expression for those who can do with the beginning of a text.
    pub(super) fn begun(&mut self, code: &Code) -> Value {
        let value = self.raw(code);
        self.begun_value(value)
    }

    /// The same of a value at hand.
    pub(super) fn begun_value(&self, value: Value) -> Value {
        if self.estate.beginning(&value).is_some() { value } else { self.estate.force(value) }
    }

    /// Whether two values cannot be equal, since one of them is known to begin otherwise.
    pub(super) fn begins_otherwise(&self, left: &Value, right: &Value, order: Order) -> bool {
        match (self.estate.beginning(left), self.estate.beginning(right)) {
            (Some(one), Some(other)) => !begins(one, other, order) && !begins(other, one, order),
            (Some(beginning), None) => self.is_no_continuation(right, beginning, order),
            (None, Some(beginning)) => self.is_no_continuation(left, beginning, order),
            (None, None) => false,
        }
    }

    fn is_no_continuation(&self, value: &Value, beginning: &str, order: Order) -> bool {
        let value = self.estate.force(value.clone());
        let text = self.estate.str_of(&value);
        text.is_some_and(|text| text.is_empty() || !begins(text, beginning, order))
    }

    /// `starts_with` of a text of which the beginning is known.
    pub(super) fn starts_with(&self, text: &Value, wanted: &Value) -> Option<bool> {
        let beginning = self.estate.beginning(text)?;
        let wanted = self.estate.str_of(wanted)?;
        if beginning.starts_with(wanted) {
            return Some(true);
        }
        (!wanted.starts_with(beginning)).then_some(false)
    }

    /// `like` of a text of which the beginning is known.
    pub(super) fn begins_like(&mut self, text: &Value, pattern: &Value) -> Option<Truth> {
        let beginning = self.estate.beginning(text)?;
        self.glob(pattern)?.matches_from(beginning).map(Truth::from)
    }
}

/// Whether a text begins with another one.
fn begins(text: &str, beginning: &str, order: Order) -> bool {
    match order {
        Order::Nocase => {
            let mut letters = text.chars();
            let start: String = letters.by_ref().take(beginning.chars().count()).collect();
            same_nocase(&start, beginning)
        }
        _ => text.starts_with(beginning),
    }
}
