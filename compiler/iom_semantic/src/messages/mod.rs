//! What the front end says, in one place: found, expected, why, and one next step.

mod applications;
mod configuration;
mod declarations;
mod functions;
mod names;
mod types;

pub(crate) use applications::*;
pub(crate) use configuration::*;
pub(crate) use declarations::*;
pub(crate) use functions::*;
pub(crate) use names::*;
pub(crate) use types::*;

use iom_diagnostics::{Applicability, Diagnostic, Edit};

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

fn article(what: &str) -> &'static str {
    if what.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" }
}
