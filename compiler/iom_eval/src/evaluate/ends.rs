//! Texts of which only the ends are known: `"${var.name}-logs"`, `"arn:${partition}:iam::aws:policy/ReadOnlyAccess"`. They stay where
//! their source has them until somebody asks for more than how they begin or end; then they are not known.

use iom_model::Builtin;
use iom_state::ends::Ends;

use super::Evaluator;
use super::compare::same_nocase;
use crate::program::{Code, Order};
use crate::value::{Truth, Value};

impl Evaluator<'_> {
    /// The value of an expression for those who can do with the ends of a text.
    pub(super) fn partly(&mut self, code: &Code) -> Value {
        let value = self.raw(code);
        self.partly_known(value)
    }

    /// The same of a value at hand.
    pub(super) fn partly_known(&self, value: Value) -> Value {
        if self.estate.ends(&value).is_some() { value } else { self.estate.force(value) }
    }

    /// Whether two values cannot be equal, since what is known of one of them is otherwise.
    pub(super) fn surely_differ(&self, left: &Value, right: &Value, order: Order) -> bool {
        match (self.estate.ends(left), self.estate.ends(right)) {
            (Some(one), Some(other)) => {
                let fit = |one: &str, other: &str, fits: fn(&str, &str, Order) -> bool| {
                    fits(one, other, order) || fits(other, one, order)
                };
                !fit(one.start, other.start, begins) || !fit(one.end, other.end, ends)
            }
            (Some(ends), None) => self.cannot_be(ends, right, order),
            (None, Some(ends)) => self.cannot_be(ends, left, order),
            (None, None) => false,
        }
    }

    fn cannot_be(&self, known: Ends<&str>, value: &Value, order: Order) -> bool {
        let value = self.estate.force(value.clone());
        let Some(text) = self.estate.str_of(&value) else { return false };
        match order {
            Order::Nocase => {
                text.is_empty() || !begins(text, known.start, order) || !ends(text, known.end, order)
            }
            _ => !known.may_be(text),
        }
    }

    /// `starts_with` and `ends_with` of a text of which the ends are known.
    pub(super) fn is_at_end(&self, function: Builtin, text: &Value, wanted: &Value) -> Option<bool> {
        let ends = self.estate.ends(text)?;
        let wanted = self.estate.str_of(wanted)?;
        match function {
            Builtin::StartsWith => ends.start_with(wanted),
            Builtin::EndsWith => ends.end_with(wanted),
            _ => None,
        }
    }

    /// `like` of a text of which the ends are known.
    pub(super) fn partly_like(&mut self, text: &Value, pattern: &Value) -> Option<Truth> {
        let Ends { start, end } = self.estate.ends(text)?;
        self.glob(pattern)?.matches_between(start, end).map(Truth::from)
    }
}

/// Whether a text begins with another one.
fn begins(text: &str, beginning: &str, order: Order) -> bool {
    match order {
        Order::Nocase => {
            let start: String = text.chars().take(beginning.chars().count()).collect();
            same_nocase(&start, beginning)
        }
        _ => text.starts_with(beginning),
    }
}

/// Whether a text ends with another one.
fn ends(text: &str, end: &str, order: Order) -> bool {
    match order {
        Order::Nocase => {
            let before = text.chars().count().saturating_sub(end.chars().count());
            let last: String = text.chars().skip(before).collect();
            same_nocase(&last, end)
        }
        _ => text.ends_with(end),
    }
}
