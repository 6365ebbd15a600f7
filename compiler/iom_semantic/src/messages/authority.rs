use iom_diagnostics::{Diagnostic, code};

use super::Message;
use crate::items::Place;

pub(crate) fn bad_authority(place: Place, message: &str, help: &str) -> Message {
    Diagnostic::new(code::BAD_AUTHORITY, place, message).help(help)
}

pub(crate) fn no_change(place: Place) -> Message {
    Diagnostic::new(code::BAD_AUTHORITY, place, "authority judges changes, and nothing else")
        .label("not `Change`")
        .help("write `for change: Change where change.resource is ObjectStore { .. }`")
}

pub(crate) fn bad_breakglass(place: Place, message: &str, help: &str) -> Message {
    Diagnostic::new(code::BAD_BREAKGLASS, place, message).help(help)
}
