use iom_diagnostics::{Applicability, Diagnostic, Edit, code, quoted_list};
use iom_model::{Scalar, Type};
use smol_str::SmolStr;

use super::words::{how_to_write, in_words};
use super::{Message, enumerated, suggest_among};
use crate::items::Place;

pub(crate) fn type_mismatch(place: Place, found: &Type, expected: &Type) -> Message {
    let (found, expected) = (in_words(found), in_words(expected.required()));
    Diagnostic::new(code::TYPE_MISMATCH, place, format!("expected {expected}, found {found}"))
        .label(format!("this is {found}"))
}

/// A value that is written out and has the wrong type: how to write what was meant.
pub(crate) fn literal_mismatch(place: Place, found: &Type, expected: &Type) -> Message {
    let diagnostic = type_mismatch(place, found, expected);
    match how_to_write(found, expected) {
        Some(help) => diagnostic.help(help),
        None => diagnostic,
    }
}

pub(crate) fn no_common_type(place: Place, a: &Type, b: &Type, what: &str) -> Message {
    let (a, b) = (in_words(a), in_words(b));
    Diagnostic::new(
        code::TYPE_MISMATCH,
        place,
        format!("{what} must be of one type, and here are {a} and {b}"),
    )
    .label(format!("this is {b}, and before it stands {a}"))
    .help("make both the same type")
}

pub(crate) fn optional_where_required(place: Place, found: &Type, expected: &Type) -> Message {
    let message = match found {
        Type::Absent => format!("`absent` cannot stand here: {} is needed", in_words(expected)),
        _ => format!("this may be absent, and {} is needed", in_words(expected)),
    };
    let diagnostic = Diagnostic::new(code::OPTIONAL_VALUE, place, message);
    match found {
        Type::Absent => diagnostic.label("nothing is given").help("give a value"),
        _ => diagnostic
            .label(format!("may be absent: `{found}`"))
            .help("say after `??` what counts when it is absent, or test `is present` before"),
    }
}

pub(crate) fn optional_operand(place: Place, found: &Type, use_: &str) -> Message {
    Diagnostic::new(code::OPTIONAL_VALUE, place, format!("this may be absent, and then it cannot be {use_}"))
        .label(format!("may be absent: `{found}`"))
        .help("say after `??` what counts when it is absent, or test `is present and` before")
}

/// `path`: the side that may be absent, as written, where it is short enough to be repeated.
pub(crate) fn order_of_optional(
    place: Place,
    found: &Type,
    path: Option<&str>,
    sign: &str,
    is_left: bool,
) -> Message {
    let x = path.unwrap_or("x");
    let compared = |side: &str| match is_left {
        true => format!("{side} {sign} .."),
        false => format!(".. {sign} {side}"),
    };
    let instead = match found.required().unrefined() {
        Type::Scalar(Scalar::Int | Scalar::Decimal) => "0",
        Type::Scalar(Scalar::String) => "\"\"",
        Type::Scalar(Scalar::Duration) => "0h",
        Type::Scalar(Scalar::Bytes) => "0B",
        _ => "..",
    };
    let what = path.map_or_else(|| "this".to_owned(), |path| format!("`{path}`"));
    let (here, there) = (compared(x), compared(&format!("({x} ?? {instead})")));
    Diagnostic::new(
        code::OPTIONAL_VALUE,
        place,
        format!("{what} may be absent, and what is absent is neither less nor more than anything"),
    )
    .label(format!("may be absent: `{found}`"))
    .help(format!(
        "write `{x} is present and {here}`; or say after `??` what counts when it is absent: `{there}`"
    ))
}

pub(crate) fn field_of_optional(place: Place, name: &str, base: &Type) -> Message {
    Diagnostic::new(code::OPTIONAL_VALUE, place, format!("what stands before `.{name}` may be absent"))
        .label(format!("read from `{base}`, which may be absent"))
        .help(format!("write `?.{name}` (absent stays absent), or test `is present and` before"))
}

pub(crate) fn index_of_optional(place: Place, base: &Type) -> Message {
    Diagnostic::new(code::OPTIONAL_VALUE, place, "what is looked into here may be absent")
        .label(format!("may be absent: `{base}`"))
        .help("write `?[..]` (absent stays absent), or test `is present and` before")
}

/// `optional`, `other`: the side that may be absent and the other one as written, where they are short enough to be repeated.
pub(crate) fn not_equal_on_optional(
    place: Place,
    ty: &Type,
    optional: Option<&str>,
    other: Option<&str>,
) -> Message {
    let what = optional.map_or_else(|| "one side".to_owned(), |path| format!("`{path}`"));
    let (x, y) = (optional.unwrap_or("x"), other.unwrap_or(".."));
    Diagnostic::new(
        code::OPTIONAL_VALUE,
        place,
        format!("{what} can be left out, and then `!=` is true: is that meant?"),
    )
    .label(format!("{what} may be absent: `{ty}`"))
    .help(format!(
        "where it has to be set, write `{x} is present and {x} != {y}`; where it may be left out, write `{x} is absent or {x} != {y}`"
    ))
}

/// `declared`: where the nearest field is declared, or the owner where no field is near.
pub(crate) fn unknown_field(
    place: Place,
    name: &str,
    owner: &Type,
    near: Option<&str>,
    names: &[SmolStr],
    declared: Option<Place>,
) -> Message {
    let message = match owner {
        Type::Record(_) => format!("there is no field `{name}` in this record"),
        _ => format!("`{owner}` has no field `{name}`"),
    };
    let mut diagnostic = Diagnostic::new(code::UNKNOWN_FIELD, place.clone(), message).label("no such field");
    if let Some(declared) = declared {
        let shown = near.map_or_else(|| owner.to_string(), str::to_owned);
        diagnostic = diagnostic.also(declared, format!("`{shown}` is declared here"));
    }
    match near {
        Some(_) => suggest_among(diagnostic, place, (name, near), names.iter().map(SmolStr::as_str)),
        None if names.is_empty() => diagnostic,
        None => {
            let mut sorted: Vec<&str> = names.iter().map(|name| name.as_str()).collect();
            sorted.sort_unstable();
            diagnostic.help(format!("it has {}", enumerated(sorted, 8)))
        }
    }
}

pub(crate) fn no_fields(place: Place, name: &str, ty: &Type) -> Message {
    let is_size = matches!(name, "length" | "len" | "size" | "count");
    let help = match ty {
        Type::Map(..) | Type::List(_) | Type::Set(_) | Type::Scalar(Scalar::String) if is_size => {
            "write `size(..)` around it".to_owned()
        }
        Type::Map(..) => format!("a map is looked into with `[\"{name}\"]`"),
        Type::List(_) | Type::Set(_) => {
            "go through the elements: `all x in .. : ..`, or take one with `[0]`".to_owned()
        }
        _ => "remove the dot and what follows, or read the field from something that has fields".to_owned(),
    };
    let message = format!("`{name}` cannot be read here: {} has no fields", in_words(ty));
    Diagnostic::new(code::UNKNOWN_FIELD, place, message).label("no such field").help(help)
}

pub(crate) fn missing_fields(place: Place, names: &[&str], owner: &Type) -> Message {
    let all = enumerated(names.iter().copied(), 8);
    let verb = if names.len() == 1 { "is" } else { "are" };
    let message = match owner {
        Type::Record(_) => format!("{all} {verb} missing in this record"),
        _ => format!(
            "{all} {verb} missing: every `{owner}` needs {}",
            if names.len() == 1 { "it" } else { "them" }
        ),
    };
    Diagnostic::new(code::MISSING_FIELD, place, message).label(format!("{all} {verb} not set")).help(format!(
        "add {}",
        names.iter().map(|name| format!("`{name}: ..`")).collect::<Vec<_>>().join(" and ")
    ))
}

pub(crate) fn duplicate_field(place: Place, first: Option<Place>, name: &str) -> Message {
    let diagnostic = Diagnostic::new(code::DUPLICATE_FIELD, place, format!("`{name}` is set twice"))
        .label("set again here")
        .help("keep one of them");
    match first {
        Some(first) => diagnostic.also(first, "first set here"),
        None => diagnostic,
    }
}

pub(crate) fn derived_field_set(place: Place, name: &str) -> Message {
    Diagnostic::new(code::UNKNOWN_FIELD, place, format!("`{name}` is computed and cannot be set"))
        .label("a `derive` field")
        .help("set the fields it is computed from")
}

pub(crate) fn dotted_map_key(place: Place) -> Message {
    Diagnostic::new(code::UNKNOWN_FIELD, place, "a map's keys have no dots")
        .help("quote the key: `\"a.b\": ..`")
}

pub(crate) fn tail_not_taken(place: Place) -> Message {
    Diagnostic::new(
        code::MISPLACED,
        place,
        "`until`, `because`, `every`, `due`, `then` and `escalate to` mean nothing for this field",
    )
    .help("remove it")
}

/// A value below or above both of its bounds, which are given as text.
pub(crate) fn outside_bounds(
    place: Place,
    found: &str,
    is_above: bool,
    (low, high): (&str, &str),
) -> Message {
    let (word, label) = match is_above {
        true => ("large", format!("more than {high}")),
        false => ("small", format!("less than {low}")),
    };
    let message = match low == high {
        true => format!("{found} is too {word}: it must be {low}"),
        false => format!("{found} is too {word}: it must be at least {low} and at most {high}"),
    };
    Diagnostic::new(code::OUT_OF_RANGE, place, message).label(label)
}

pub(crate) fn condition_not_met(place: Place) -> Message {
    Diagnostic::new(code::OUT_OF_RANGE, place, "this value does not meet the condition of its type")
        .label("not what the type's `where` asks for")
        .help("the type says which values it takes, after `where`")
}

pub(crate) fn out_of_range_literal(place: Place, text: &str, what: &str) -> Message {
    Diagnostic::new(code::OUT_OF_RANGE, place, format!("{text} is too large for {what}")).label("too large")
}

pub(crate) fn does_not_match(place: Place, text: &str, pattern: &str) -> Message {
    Diagnostic::new(code::OUT_OF_RANGE, place, format!("\"{text}\" does not match `{pattern}`"))
        .label("does not match")
        .help("write text that the pattern allows; `^` and `$` in it stand for the beginning and the end")
}

pub(crate) fn bad_scalar(place: Place, reason: &str) -> Message {
    Diagnostic::new(code::BAD_SCALAR, place, reason).label("cannot be read")
}

pub(crate) fn no_alternative<'a>(
    place: Place,
    found: &str,
    alternatives: impl Iterator<Item = &'a str>,
) -> Message {
    let names: Vec<&str> = alternatives.collect();
    let near = iom_diagnostics::nearest(found, names.iter().copied());
    let diagnostic = Diagnostic::new(
        code::BAD_SCALAR,
        place.clone(),
        format!("`{found}` is not one of the values that fit here"),
    )
    .label("no such value")
    .note(format!("the values are {}", quoted_list(names.iter().copied(), 12)));
    match near {
        Some(_) => suggest_among(diagnostic, place, (found, near), names.iter().copied()),
        None => diagnostic.help(format!("write {}", quoted_list(names.iter().copied(), 3))),
    }
}

pub(crate) fn type_arguments(place: Place, wanted: &str, found: usize) -> Message {
    Diagnostic::new(
        code::WRONG_ARGUMENTS,
        place,
        format!(
            "this is written `{wanted}`, and {found} {} given",
            if found == 1 { "type is" } else { "types are" }
        ),
    )
}

pub(crate) fn reference_to_plain_type(place: Place, ty: &Type) -> Message {
    Diagnostic::new(
        code::TYPE_MISMATCH,
        place,
        format!("`ref` and `link` point at things that are declared, and {} is a plain value", in_words(ty)),
    )
    .label("not a kind or a trait")
    .help("remove `ref` or `link`, or name a kind after it")
}

pub(crate) fn bad_regex(place: Place, error: &regex::Error) -> Message {
    let text = error.to_string();
    let reason = text.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
    Diagnostic::new(code::BAD_SCALAR, place, format!("this is no regular expression: {reason}"))
        .help("look-around and back-references are not available: matching takes linear time")
}

pub(crate) fn matches_text(place: Place) -> Message {
    Diagnostic::new(code::TYPE_MISMATCH, place, "`matches` holds a selector against labels, and this is text")
        .label("this is text")
        .help("a pattern is tried with `text matching r\"^a.*$\"` or `text like \"a*\"`")
}

pub(crate) fn regex_literal_wanted(place: Place) -> Message {
    Diagnostic::new(code::TYPE_MISMATCH, place, "`matching` takes a regular expression written out")
        .help("write it as r\"..\"; for `*` patterns use `like`")
}

pub(crate) fn nocase_of(place: Place, ty: &Type) -> Message {
    Diagnostic::new(
        code::TYPE_MISMATCH,
        place,
        format!("`nocase` goes with `string` and `glob`, not with `{ty}`"),
    )
}

/// `operation` is a sign such as `+`, or a phrase.
pub(crate) fn no_such_operation(place: Place, operation: &str, ty: &Type, help: Option<&str>) -> Message {
    let is_sign = operation.chars().all(|letter| letter.is_ascii_punctuation());
    let operation = if is_sign { format!("`{operation}`") } else { operation.to_owned() };
    let found = in_words(ty);
    let message = format!("{operation} does not work on {found}");
    let diagnostic = Diagnostic::new(code::NO_SUCH_OPERATION, place, message).label(format!("`{ty}` here"));
    match help {
        Some(help) => diagnostic.help(help),
        None => diagnostic,
    }
}

pub(crate) fn division_by_zero(place: Place) -> Message {
    Diagnostic::new(code::OUT_OF_RANGE, place, "nothing can be divided by zero")
        .label("this is zero")
        .help("divide by another number")
}

pub(crate) fn not_comparable(place: Place, a: &Type, b: &Type) -> Message {
    Diagnostic::new(
        code::TYPE_MISMATCH,
        place,
        format!("{} cannot be compared with {}", in_words(a), in_words(b)),
    )
    .label(format!("`{a}` on the left, `{b}` on the right"))
    .help("compare values of one type; nothing is converted silently")
}

pub(crate) fn not_orderable(place: Place, a: &Type, b: &Type) -> Message {
    let message = if a == b {
        format!("values of `{a}` have no order")
    } else {
        format!("{} and {} have no common order", in_words(a), in_words(b))
    };
    Diagnostic::new(code::NO_SUCH_OPERATION, place, message).help(
        "numbers, texts, dates, durations, sizes, versions and ordered types (`a < b < c`) can be compared",
    )
}

pub(crate) fn not_a_member(place: Place, item: &Type, container: &Type) -> Message {
    Diagnostic::new(
        code::TYPE_MISMATCH,
        place,
        format!("{} never holds {}", in_words(container), in_words(item)),
    )
    .label("this could never be true")
    .help("compare with a value of the type that it holds")
}

pub(crate) fn contains_for_addresses(place: Place) -> Message {
    Diagnostic::new(
        code::NO_SUCH_OPERATION,
        place.clone(),
        "`contains` asks for an equal element, not for included addresses",
    )
    .help("write `covers`: it asks whether the addresses on the left include those on the right")
    .fix("use `covers`", Applicability::Suggested, vec![Edit { place, text: "covers".to_owned() }])
}

pub(crate) fn not_a_collection(place: Place, ty: &Type) -> Message {
    Diagnostic::new(
        code::TYPE_MISMATCH,
        place,
        format!("expected a list, a set, a map or all of a kind, found {}", in_words(ty)),
    )
    .label(format!("this is {}", in_words(ty)))
}

pub(crate) fn not_indexable_value(place: Place, ty: &Type) -> Message {
    Diagnostic::new(
        code::NO_SUCH_OPERATION,
        place,
        format!("{} cannot be looked into with `[..]`", in_words(ty)),
    )
    .help("lists take a position, maps take a key")
}

pub(crate) fn named_needs_kind(place: Place) -> Message {
    Diagnostic::new(code::TYPE_MISMATCH, place, "a kind or a trait belongs here")
        .help("write which kind is searched by name, for example `org.Team named \"payments\"`")
}

pub(crate) fn reference_outside_adapter(place: Place) -> Message {
    Diagnostic::new(code::NO_SUCH_OPERATION, place, "`ref` as an operator belongs in adapters")
        .help("fields that refer to elements hold the element itself: read it directly")
}

pub(crate) fn reshape_outside_adapter(place: Place) -> Message {
    Diagnostic::new(code::NO_SUCH_OPERATION, place, "`as { .. }` belongs in adapters")
        .help("outside of an adapter write the record with its fields: `{ a: x.a }`")
}

pub(crate) fn shape_outside_adapter(place: Place, name: &str) -> Message {
    Diagnostic::new(code::NO_SUCH_OPERATION, place, format!("`as {name}` belongs in adapters"))
        .label("a shape")
        .help("shapes read what a source says; here values have their types already")
}

pub(crate) fn pattern_mismatch(place: Place, found: &Type, scrutinee: &Type) -> Message {
    Diagnostic::new(
        code::BAD_PATTERN,
        place,
        format!("this arm never matches: {} is never {}", in_words(scrutinee), in_words(found)),
    )
    .label("never matches")
    .help("remove the arm, or write a value of the type that is matched")
}

pub(crate) fn not_exhaustive(place: Place, missing: &[String]) -> Message {
    let names = quoted_list(missing.iter().map(String::as_str), 6);
    Diagnostic::new(code::NON_EXHAUSTIVE, place, format!("this `match` has no arm for {names}"))
        .help("say what each gives, or add `_ => ..` for everything else")
}

pub(crate) fn secret_used(place: Place, use_: &str) -> Message {
    Diagnostic::new(code::SECRET_USED, place, format!("a secret cannot be {use_}"))
        .help("a secret can only be handed on to a `secret` field, or tested with `is present`")
}

/// The secret itself is never in a message, and whoever shows the place masks it.
pub(crate) fn secret_written<P>(place: P, what: &str) -> Diagnostic<P> {
    Diagnostic::new(code::SECRET_WRITTEN, place, "a secret is written here in plain text")
        .label(what.to_owned())
        .note("whoever can read this file, or any older version of it, can use the secret")
        .help("make the secret invalid, keep the new one in a secret store, and write here where it is kept")
}

pub(crate) fn missing_tag(place: Place, field: &str, values: &[&str]) -> Message {
    let list = quoted_list(values.iter().copied(), 8);
    Diagnostic::new(
        code::MISSING_FIELD,
        place,
        format!("`{field}` is not set, and it says which of {list} this is"),
    )
    .label("missing here")
    .help(format!("add `{field}: \"{}\"` or another of them", values.first().copied().unwrap_or_default()))
}

pub(crate) fn field_of_branch(
    place: Place,
    name: &str,
    union: &Type,
    field: &str,
    values: &[&str],
) -> Message {
    let list = quoted_list(values.iter().copied(), 4);
    let first = values.first().copied().unwrap_or_default();
    Diagnostic::new(code::UNKNOWN_FIELD, place, format!("not every `{union}` has `{name}`"))
        .label(format!("only where `{field}` is {list}"))
        .help(format!(
            "test it before: `x.{field} == \"{first}\" and x.{name} ..`, or use `match x.{field} {{ .. }}`"
        ))
}

pub(crate) fn union_without_tag(place: Place, union: &Type) -> Message {
    Diagnostic::new(code::UNION_WITHOUT_TAG, place, format!("nothing tells the alternatives of `{union}` apart"))
        .label("which one is meant?")
        .help("give each record one field of the same name with a text of its own: `{ kind: \"a\"  .. } | { kind: \"b\"  .. }`")
}
