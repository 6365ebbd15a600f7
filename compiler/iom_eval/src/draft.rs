//! Declarations that are written for somebody to look at: an exception from a policy.

use iom_model::scalar::instant::format_date;
use iom_model::{Model, Policy};

use crate::facts::quoted;

/// In seconds.
const DAY: i64 = 86_400;
const MILLISECONDS_OF_A_DAY: i128 = 86_400_000;
/// How long, where nobody says it.
const USUAL_DAYS: i64 = 30;

/// An exception to be declared. Instants are in seconds since 1970.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ExceptionDraft {
    pub name: String,
    /// A policy's qualified name, or that of one of its clauses.
    pub policy: String,
    /// What picks out what is let be: [`crate::facts::Estate::selection_of`].
    pub target: String,
    pub reason: String,
    /// Qualified names of people and teams.
    pub approved_by: Vec<String>,
    pub opened: i64,
    pub expires: i64,
}

impl ExceptionDraft {
    /// The declaration as the formatter writes it.
    pub fn declaration(&self) -> String {
        format!(
            "exception {} {{\n  policy: {}\n  target: {}\n  reason: {}\n  approved_by: [{}]\n  opened: {}\n  expires: {}\n}}\n",
            self.name,
            self.policy,
            self.target,
            quoted(&self.reason),
            self.approved_by.join(", "),
            format_date(self.opened),
            format_date(self.expires),
        )
    }

    /// A name after the policy and the resource; one that is taken gets a number.
    pub fn usual_name(policy: &str, address: &str, model: &Model) -> String {
        let words = format!("{}_{}", last(policy), last(address));
        let mut plain: String = words
            .chars()
            .map(|letter| if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { '_' })
            .collect();
        while plain.contains("__") {
            plain = plain.replace("__", "_");
        }
        let plain = plain.trim_matches('_');
        let is_taken = |name: &str| model.exceptions.keys().any(|taken| last(taken) == name);
        let mut name = plain.to_owned();
        let mut number = 2;
        while is_taken(&name) {
            name = format!("{plain}_{number}");
            number += 1;
        }
        name
    }

    /// When an exception that begins then ends, where nobody says it: nothing where the policy allows none that lasts a day.
    pub fn usual_end(policy: &Policy, opened: i64) -> Option<i64> {
        let most = policy.max_exception.map(|most| most.comparable() / MILLISECONDS_OF_A_DAY);
        let days =
            most.and_then(|most| i64::try_from(most).ok()).map_or(USUAL_DAYS, |most| most.min(USUAL_DAYS));
        (days > 0).then(|| opened + days * DAY)
    }
}

/// The beginning of the day of an instant.
pub fn start_of_day(at: i64) -> i64 {
    at - at.rem_euclid(DAY)
}

fn last(text: &str) -> &str {
    text.rsplit(['.', '/']).next().unwrap_or_default()
}
