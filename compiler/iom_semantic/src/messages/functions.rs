use iom_diagnostics::{Diagnostic, code};

use super::{Message, enumerated, suggest};
use crate::items::Place;

pub(crate) fn missing_arguments(place: Place, function: &str, missing: &[&str]) -> Message {
    let list = enumerated(missing.iter().copied(), 8);
    Diagnostic::new(code::WRONG_ARGUMENTS, place, format!("`{function}` also needs {list}"))
        .label(format!("{list} {} missing", if missing.len() == 1 { "is" } else { "are" }))
        .help(format!(
            "add {} to the call",
            missing.iter().map(|name| format!("`{name}: ..`")).collect::<Vec<_>>().join(" and ")
        ))
}

pub(crate) fn too_many_arguments(place: Place, function: &str, most: usize) -> Message {
    Diagnostic::new(
        code::WRONG_ARGUMENTS,
        place,
        format!("`{function}` takes {}, and here is one more", arguments(most)),
    )
    .label("one too many")
    .help("remove it")
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
        None => diagnostic.help(format!("it has {}", enumerated(names.iter().copied(), 8))),
    }
}

pub(crate) fn argument_count(
    place: Place,
    function: &str,
    least: usize,
    most: usize,
    found: usize,
) -> Message {
    let wanted = if least == most { arguments(least) } else { format!("{least} to {most} arguments") };
    let verb = if found == 1 { "is" } else { "are" };
    let number = if found == 0 { "none".to_owned() } else { found.to_string() };
    Diagnostic::new(
        code::WRONG_ARGUMENTS,
        place,
        format!("`{function}` takes {wanted}, {number} {verb} given"),
    )
    .label(if found > most { "too many" } else { "too few" })
    .help(if found > most { "remove what is too much" } else { "add what is missing" })
}

fn arguments(number: usize) -> String {
    match number {
        0 => "no arguments".to_owned(),
        1 => "1 argument".to_owned(),
        number => format!("{number} arguments"),
    }
}
