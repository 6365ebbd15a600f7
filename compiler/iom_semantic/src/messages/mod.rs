//! What the front end says, in one place: found, expected, why, and one next step.

mod applications;
mod authority;
mod blueprints;
mod configuration;
mod declarations;
mod functions;
mod habits;
mod names;
mod sources;
mod types;
mod words;

pub(crate) use applications::*;
pub(crate) use authority::*;
pub(crate) use blueprints::*;
pub(crate) use configuration::*;
pub(crate) use declarations::*;
pub(crate) use functions::*;
pub(crate) use habits::setting;
pub(crate) use names::*;
pub(crate) use sources::*;
pub(crate) use types::*;
pub(crate) use words::value_in_words;

use iom_diagnostics::{Applicability, Diagnostic, Edit, nearest};

use crate::items::Place;

type Message = Diagnostic<Place>;

/// A near name becomes a suggestion and a fix.
fn suggest(diagnostic: Message, place: Place, near: Option<&str>) -> Message {
    match near {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")).fix(
            format!("change it to `{near}`"),
            Applicability::Suggested,
            vec![Edit { place, text: near.to_owned() }],
        ),
        None => diagnostic,
    }
}

/// The same where all names that may stand there are known: if only one of them is near, nothing else can be meant.
fn suggest_among<'a>(
    diagnostic: Message,
    place: Place,
    (written, near): (&str, Option<&str>),
    names: impl Iterator<Item = &'a str>,
) -> Message {
    let mut diagnostic = suggest(diagnostic, place, near);
    let mut near_ones = names.filter(|name| nearest(written, [*name]).is_some());
    let is_only = near_ones.next().is_some() && near_ones.next().is_none();
    if let (true, Some(fix)) = (is_only, diagnostic.fixes.last_mut()) {
        fix.applicability = Applicability::Safe;
    }
    diagnostic
}

fn article(what: &str) -> &'static str {
    if what.starts_with(['a', 'e', 'i', 'o', 'A', 'E', 'I', 'O']) || what == "unknown" { "an" } else { "a" }
}

/// `` `a`, `b` and `c` ``, cut after `most` names with the number left out.
fn enumerated<'a>(names: impl IntoIterator<Item = &'a str>, most: usize) -> String {
    let names: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    let left = names.len().saturating_sub(most);
    match names.as_slice() {
        [] => "nothing".to_owned(),
        [one] => one.clone(),
        [first @ .., last] if left == 0 => format!("{} and {last}", first.join(", ")),
        names => format!(
            "{} and {left} more",
            names.iter().take(most).map(String::as_str).collect::<Vec<_>>().join(", ")
        ),
    }
}
