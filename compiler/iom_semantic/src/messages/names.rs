use iom_diagnostics::{Applicability, Diagnostic, Edit, code, quoted_list};
use iom_stdlib::provider_kinds;
use iom_stdlib::schemas::schemas;
use iom_syntax::ast;
use smol_str::SmolStr;

use super::{Message, article, habits, suggest};
use crate::items::Place;

pub(crate) fn unknown_name(
    place: Place,
    name: &str,
    what: &str,
    container: Option<&str>,
    near: Option<&str>,
    elsewhere: &[SmolStr],
) -> Message {
    let message = match container {
        Some(container) => format!("`{container}` has no `{name}`"),
        None if matches!(what, "name" | "text") => format!("nothing here is called `{name}`"),
        None => format!("there is no {what} called `{name}` here"),
    };
    let diagnostic = Diagnostic::new(code::UNKNOWN_NAME, place.clone(), message).label("not found");
    let habit = match what {
        _ if container.is_some() || !elsewhere.is_empty() => None,
        "function" => habits::function(name),
        "name" | "text" => habits::value(name),
        _ => None,
    };
    if let Some(habit) = habit {
        return diagnostic.help(habit);
    }
    if let (Some(container), None) = (container, near)
        && provider_kinds::MODULES.contains(&container)
    {
        return diagnostic.help(without_schema(container, name));
    }
    match (near, elsewhere) {
        (_, [module]) => diagnostic
            .help(format!("`{module}` declares it: add `use {module}.{name}` at the top of the file")),
        (_, [_, ..]) => {
            let modules = quoted_list(elsewhere.iter().map(|module| module.as_str()), 3);
            diagnostic.help(format!("{modules} declare it: add a `use` at the top of the file"))
        }
        (None, []) if what == "text" => {
            diagnostic.help(format!("text stands in quotation marks: \"{name}\""))
        }
        (near, []) => suggest(diagnostic, place, near),
    }
}

/// What to do about a type of a provider whose schema is not shipped.
fn without_schema(module: &str, name: &str) -> String {
    let shipped: Vec<&str> = schemas().iter().map(|schema| schema.provider()).collect();
    let of = if module == "tf" { "terraform.Resource" } else { "terraform.Data" };
    format!(
        "`{module}` has the types of {}; a type of another provider is a `{of}`: write `{of} where .type == \"{name}\"`",
        shipped.join(" and ")
    )
}

/// Text without quotation marks, which then reads as something else.
pub(crate) fn unquoted_text(place: Place, text: &str) -> Message {
    Diagnostic::new(code::UNKNOWN_NAME, place.clone(), "text stands in quotation marks")
        .label("read as a calculation with names")
        .help(format!("write \"{text}\""))
        .fix("put it in quotes", Applicability::Suggested, vec![Edit { place, text: format!("\"{text}\"") }])
}

/// A field written as if it were a name; `owner` is what has it, empty for the thing at hand.
pub(crate) fn field_without_owner(place: Place, name: &str, owner: &str) -> Message {
    let label = match owner {
        "" => "a field of what is gone through here".to_owned(),
        owner => format!("a field of `{owner}`"),
    };
    let text = format!("{owner}.{name}");
    Diagnostic::new(code::UNKNOWN_NAME, place.clone(), format!("nothing here is called `{name}`"))
        .label(label)
        .help(format!("write `{text}`"))
        .fix(format!("write `{text}`"), Applicability::Suggested, vec![Edit { place, text }])
}

pub(crate) fn ambiguous_name(place: Place, name: &str, modules: &[SmolStr]) -> Message {
    let first = modules.first().map(SmolStr::as_str).unwrap_or_default();
    let listed = quoted_list(modules.iter().map(SmolStr::as_str), 3);
    Diagnostic::new(code::AMBIGUOUS_NAME, place, format!("`{name}` could be that of {listed}"))
        .label("which one is meant?")
        .help(format!("bring the one that is meant in by its name: `use {first}.{name}`"))
}

/// `declaring`: modules that declare the last part of the name.
pub(crate) fn unknown_module(place: Place, name: &str, near: Option<&str>, declaring: &[SmolStr]) -> Message {
    let diagnostic =
        Diagnostic::new(code::UNKNOWN_MODULE, place.clone(), format!("there is no module `{name}`"))
            .label("not found");
    let last = name.rsplit('.').next().unwrap_or(name);
    match declaring {
        [module] => {
            let written = format!("{module}.{last}");
            let diagnostic = diagnostic.help(format!("`{module}` declares `{last}`: write `use {written}`"));
            diagnostic.fix(
                format!("change it to `{written}`"),
                Applicability::Suggested,
                vec![Edit { place, text: written }],
            )
        }
        [_, ..] => {
            let modules = quoted_list(declaring.iter().map(SmolStr::as_str), 3);
            diagnostic.help(format!("{modules} declare `{last}`"))
        }
        [] => suggest(diagnostic, place, near),
    }
}

pub(crate) fn no_dependency(place: Place, name: &str) -> Message {
    Diagnostic::new(
        code::UNKNOWN_MODULE,
        place,
        format!("`{name}` is a package that this one does not depend on itself"),
    )
    .label("not a dependency")
    .help(format!("add `{name}` to `[dependencies]` in iom.toml"))
}

pub(crate) fn module_in_the_way(place: Place, module: &str, package: &str) -> Message {
    Diagnostic::new(
        code::BAD_DEPENDENCY,
        place,
        format!("module `{module}` stands where the dependency `{package}` is"),
    )
    .label("the same name")
    .help("give the module or the dependency another name")
}

pub(crate) fn leads_outside(place: Place, written: &str) -> Message {
    Diagnostic::new(code::BAD_DATA_FILE, place, format!("\"{written}\" leads out of the package"))
        .label("outside")
        .help("files are named relative to the folder of iom.toml and lie below it: move or copy it there")
}

pub(crate) fn unused_import(place: Place, name: &str) -> Message {
    Diagnostic::new(code::UNUSED_IMPORT, place, format!("`{name}` is brought in and never used"))
        .label("not used in this file")
        .help("remove it from the `use`")
}

pub(crate) fn duplicate_name(place: Place, first: Place, name: &str) -> Message {
    Diagnostic::new(code::DUPLICATE_NAME, place, format!("`{name}` is declared twice"))
        .label("declared again here")
        .also(first, "first declared here")
        .help("give one of them another name, or make one out of both")
}

pub(crate) fn wrong_kind_of_name(place: Place, path: &ast::Path, found: &str, wanted: &str) -> Message {
    let found = declared_as(found);
    Diagnostic::new(
        code::WRONG_KIND_OF_NAME,
        place,
        format!("`{path}` is {} {found}, not {wanted}", article(found)),
    )
    .label(format!("{} {found}", article(found)))
    .help(format!("name {wanted} here"))
}

pub(crate) fn not_a_value(place: Place, name: &str, found: &str) -> Message {
    let found = declared_as(found);
    Diagnostic::new(
        code::WRONG_KIND_OF_NAME,
        place,
        format!("`{name}` is {} {found}, and a value is needed here", article(found)),
    )
    .label(format!("{} {found}", article(found)))
    .help("name a constant, a resource or a field, or write the value")
}

pub(crate) fn not_a_function(place: Place, name: &str, found: &str) -> Message {
    let found = declared_as(found);
    Diagnostic::new(
        code::WRONG_KIND_OF_NAME,
        place,
        format!("`{name}` is {} {found}, not a function", article(found)),
    )
    .label("not a function")
    .help("remove the parentheses, or name a function before them")
}

pub(crate) fn not_callable(place: Place) -> Message {
    Diagnostic::new(
        code::WRONG_KIND_OF_NAME,
        place,
        "this is not a function, and `( .. )` after it calls one",
    )
    .label("not a function")
    .help("remove the parentheses, or name a function before them")
}

/// `b.name.starts_with("x")`
pub(crate) fn method_call(place: Place, name: &str, near: Option<&str>) -> Message {
    let diagnostic = Diagnostic::new(
        code::WRONG_KIND_OF_NAME,
        place,
        format!("values have no functions of their own, and `{name}( .. )` calls one"),
    )
    .label("not a function");
    match (habits::function(name), near) {
        (Some(habit), _) => diagnostic.help(habit),
        (None, Some(near)) => diagnostic.help(format!("write what it is about inside: `{near}(x, ..)`")),
        (None, None) => diagnostic.help("remove the parentheses to read a field"),
    }
}

pub(crate) fn shadowed_value(place: Place, name: &str, binder: Place) -> Message {
    Diagnostic::new(
        code::SHADOWED_VALUE,
        place,
        format!("`{name}` could be the value of that name, or what is called `{name}` in this block"),
    )
    .label("read as the name given in this block")
    .also(binder, "the name is given here")
    .help(format!("give it another name there, or write the value as \"{name}\""))
}

pub(crate) fn long_chain(place: Place, limit: usize, end: &str) -> Message {
    let message = format!("more than {limit} definitions lean on one another here, down to `{end}`");
    Diagnostic::new(code::TOO_DEEP, place, message)
        .label("the chain gets too long here")
        .help("write out some of them where they are used")
}

/// How many names of a ring are shown.
const SHOWN: usize = 12;

/// The ring as names, the first of them again at the end, and the places where each names the next.
pub(crate) fn cycle(place: Place, ring: &[String], mentions: Vec<(Place, String)>) -> Message {
    let first = ring.first().map(String::as_str).unwrap_or_default();
    let way = match ring {
        [before @ .., last] if before.len() > SHOWN => {
            format!(": {} → .. → {last} ({} places)", before[..SHOWN].join(" → "), before.len())
        }
        ring if ring.len() > 2 => format!(": {}", ring.join(" → ")),
        _ => String::new(),
    };
    let message = format!("`{first}` is made of itself, so it can never be known{way}");
    let diagnostic = Diagnostic::new(code::CYCLE, place, message)
        .label("comes back to here")
        .help("give one of them a value that does not need the others");
    let mentions = mentions.into_iter().take(SHOWN);
    mentions.fold(diagnostic, |diagnostic, (place, text)| diagnostic.also(place, text))
}

/// A declaration whose types look into itself, over others that look into it in turn.
pub(crate) fn tied_signature(place: Place, name: &str, others: &[(Place, String)]) -> Message {
    const SHOWN: usize = 8;
    let message = format!(
        "`{name}` is needed to know its own types: a condition, a default or a computed field in them looks into it"
    );
    let diagnostic = Diagnostic::new(code::CYCLE, place, message).label("looked into before it is known");
    let others = others.iter().take(SHOWN);
    others
        .fold(diagnostic, |diagnostic, (place, other)| {
            diagnostic.also(place.clone(), format!("`{other}` is on the way, and looked into in turn"))
        })
        .help("give a record that looks at elements a name of its own, `type NAME = { .. }`, or compute in the kind with `derive`")
}

/// `^`, `$region` or `self` where it means nothing.
pub(crate) fn nothing_at_hand(place: Place, written: &str) -> Message {
    let (message, label, help) = match written {
        "^" => (
            "`^` is the object around another one, and here is none around",
            "around what?",
            "`^` belongs inside `each`, `as { .. }` and nested records of an adapter",
        ),
        "self" => (
            "`self` needs a thing to stand for; here there is none",
            "which thing?",
            "write the name that the `for` gives to the thing; `self` belongs in `where`, `derive`, the conditions of types, and adapters",
        ),
        _ => (
            "this is known only where a source is read, in an adapter",
            "no source is read here",
            "read the account or the region from a field of the kind",
        ),
    };
    let message =
        if written.starts_with('$') { format!("`{written}`: {message}") } else { message.to_owned() };
    Diagnostic::new(code::NO_SUCH_OPERATION, place, message).label(label).help(help)
}

/// `.region` where no thing is at hand; `binder`: a name in scope that may be meant.
pub(crate) fn field_of_nothing(place: Place, field: &str, binder: Option<&str>) -> Message {
    let help = match binder {
        Some(binder) => format!("write `{binder}.{field}`, with the name of the thing in front"),
        None => format!(
            "write `b.{field}`, with the name of the thing in front: the one that `for b: ..` gives it"
        ),
    };
    Diagnostic::new(
        code::NO_SUCH_OPERATION,
        place,
        format!("`.{field}` needs a thing to be a field of; here there is none"),
    )
    .label("a field of what?")
    .help(help)
}

/// What a keyword declares, in words.
fn declared_as(keyword: &str) -> &str {
    match keyword {
        "const" => "constant",
        "fn" => "function",
        "data" => "data source",
        "evidence" => "requirement of evidence",
        "breakglass" => "break-glass window",
        other => other,
    }
}
