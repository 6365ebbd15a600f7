use iom_diagnostics::{Diagnostic, code, quoted_list};

use super::{Message, suggest};
use crate::items::Place;

pub(crate) fn missing_arguments(place: Place, function: &str, missing: &[&str]) -> Message {
    let list = missing.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    Diagnostic::new(code::WRONG_ARGUMENTS, place, format!("`{function}` also needs {list}"))
}

pub(crate) fn too_many_arguments(place: Place, function: &str, most: usize) -> Message {
    Diagnostic::new(code::WRONG_ARGUMENTS, place, format!("`{function}` takes {most} arguments"))
        .label("one too many")
}

pub(crate) fn unknown_parameter(
    place: Place,
    name: &str,
    function: &str,
    near: Option<&str>,
    names: &[&str],
) -> Message {
    let diagnostic = Diagnostic::new(
        code::WRONG_ARGUMENTS,
        place.clone(),
        format!("`{function}` has no parameter `{name}`"),
    )
    .label("no such parameter");
    match near {
        Some(_) => suggest(diagnostic, place, near),
        None => diagnostic.help(format!("it has {}", quoted_list(names.iter().copied(), 8))),
    }
}

pub(crate) fn argument_count(
    place: Place,
    function: &str,
    least: usize,
    most: usize,
    found: usize,
) -> Message {
    let wanted = if least == most { least.to_string() } else { format!("{least} to {most}") };
    let noun = if wanted == "1" { "argument" } else { "arguments" };
    Diagnostic::new(
        code::WRONG_ARGUMENTS,
        place,
        format!("`{function}` takes {wanted} {noun}, {found} are given"),
    )
}
