//! Adapters held against what a provider says about its types.

use iom_diagnostics::{Applicability, Diagnostic, Edit, code};
use iom_stdlib::schemas::Schema;

use super::{Message, enumerated, suggest};
use crate::items::Place;

fn version(schema: Schema) -> String {
    format!("{} {}", schema.provider(), schema.version())
}

pub(crate) fn unknown_source_type(place: Place, name: &str, near: &str, schema: Schema) -> Message {
    let message = format!("{} has no type `{name}`", version(schema));
    Diagnostic::new(code::UNKNOWN_SOURCE_TYPE, place.clone(), message)
        .label("no such type")
        .help(format!("did you mean `{near}`?"))
        .fix(
            format!("change it to `{near}`"),
            Applicability::Suggested,
            vec![Edit { place, text: format!("\"{near}\"") }],
        )
}

/// A data source where a resource is wanted, or the other way round.
pub(crate) fn source_type_of_other_sort(
    place: Place,
    name: &str,
    wants_data: bool,
    schema: Schema,
) -> Message {
    let (found, help) = match wants_data {
        true => {
            ("a resource, not a data source", format!("write `from terraform \"{name}\"`, without `data`"))
        }
        false => ("a data source, not a resource", format!("write `from terraform data \"{name}\"`")),
    };
    let message = format!("in {} `{name}` is {found}", version(schema));
    Diagnostic::new(code::UNKNOWN_SOURCE_TYPE, place, message).label(found).help(help)
}

pub(crate) fn unknown_source_path(
    place: Place,
    name: &str,
    owner: &str,
    near: Option<&str>,
    names: &[&str],
    schema: Schema,
) -> Message {
    let message = format!("`{owner}` has no attribute or block `{name}` in {}", version(schema));
    let diagnostic = Diagnostic::new(code::UNKNOWN_SOURCE_PATH, place.clone(), message)
        .label("no such attribute or block")
        .note(format!("if it is newer than that, write it in quotation marks: `.\"{name}\"`"));
    match near {
        Some(_) => suggest(diagnostic, place, near),
        None => diagnostic.help(format!("it has {}", enumerated(names.iter().copied(), 12))),
    }
}

pub(crate) fn list_read_as_one(place: Place, owner: &str, name: &str) -> Message {
    let message =
        format!("`{owner}` can stand several times, so `{name}` is not read from it but from one of them");
    Diagnostic::new(code::UNKNOWN_SOURCE_PATH, place, message).label("which one's?").help(format!(
        "write `{owner}[0].{name}` for the first, or go through all: `[for x in .{owner}: x.{name}]`"
    ))
}

pub(crate) fn single_block_indexed(place: Place, name: &str) -> Message {
    Diagnostic::new(
        code::UNKNOWN_SOURCE_PATH,
        place,
        format!("`{name}` stands only once, so there is nothing to choose from"),
    )
    .label("not a list")
    .help("remove the `[..]` after it")
}

pub(crate) fn plain_value_read_into(place: Place, owner: &str, name: &str) -> Message {
    Diagnostic::new(
        code::UNKNOWN_SOURCE_PATH,
        place,
        format!("`{owner}` is a plain value and has no `{name}`"),
    )
    .label("no such part")
    .help(format!("remove `.{name}`; text that holds JSON is read with `parse_json(..)` or `as SomeKind`"))
}
