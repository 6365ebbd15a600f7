use iom_diagnostics::{Applicability, Diagnostic, Edit, code, quoted_list};
use iom_model::Type;
use smol_str::SmolStr;

use super::{Message, article, suggest};
use crate::items::Place;

pub(crate) fn type_mismatch(place: Place, found: &Type, expected: &Type) -> Message {
    Diagnostic::new(code::TYPE_MISMATCH, place, format!("expected `{expected}`, found `{found}`"))
        .label(format!("this is {} `{found}`", article(&found.to_string())))
}

pub(crate) fn no_common_type(place: Place, a: &Type, b: &Type, what: &str) -> Message {
    Diagnostic::new(code::TYPE_MISMATCH, place, format!("{what} must agree: `{a}` and `{b}` do not"))
        .label(format!("this is `{b}`, the one before `{a}`"))
}

pub(crate) fn optional_where_required(place: Place, found: &Type, expected: &Type) -> Message {
    let message = match found {
        Type::Absent => format!("`absent` cannot stand here: `{expected}` is always there"),
        _ => format!("this may be absent, and `{expected}` is expected"),
    };
    Diagnostic::new(code::OPTIONAL_VALUE, place, message)
        .label(format!("`{found}`"))
        .help("give a value for the absent case with `?? ..`, or test `is present` before")
}

pub(crate) fn optional_operand(place: Place, found: &Type, use_: &str) -> Message {
    Diagnostic::new(code::OPTIONAL_VALUE, place, format!("this may be absent and cannot be {use_}"))
        .label(format!("`{found}`"))
        .help("give a value for the absent case with `?? ..`, or test `is present and` before")
}

pub(crate) fn field_of_optional(place: Place, name: &str, base: &Type) -> Message {
    Diagnostic::new(code::OPTIONAL_VALUE, place, format!("what `{name}` is read from may be absent"))
        .label(format!("the value before the dot is `{base}`"))
        .help(format!("write `?.{name}` (absent stays absent), or test `is present and` before"))
}

pub(crate) fn index_of_optional(place: Place, base: &Type) -> Message {
    Diagnostic::new(code::OPTIONAL_VALUE, place, "what is looked into here may be absent")
        .label(format!("`{base}`"))
        .help("write `?[..]` (absent stays absent), or test `is present and` before")
}

pub(crate) fn not_equal_on_optional(place: Place, ty: &Type) -> Message {
    Diagnostic::new(code::OPTIONAL_VALUE, place, "`!=` would also hold where the value is absent")
        .label(format!("one side is `{ty}`"))
        .help("say what absent means: `(x ?? ..) != y`, or `x is present and x != y`")
}

pub(crate) fn unknown_field(
    place: Place,
    name: &str,
    owner: &Type,
    near: Option<&str>,
    names: &[SmolStr],
    declared: Option<Place>,
) -> Message {
    let mut diagnostic =
        Diagnostic::new(code::UNKNOWN_FIELD, place.clone(), format!("`{owner}` has no field `{name}`"))
            .label("no such field");
    if let Some(declared) = declared {
        diagnostic = diagnostic.also(declared, format!("`{owner}` is declared here"));
    }
    match near {
        Some(_) => suggest(diagnostic, place, near),
        None if names.is_empty() => diagnostic,
        None => {
            let mut sorted: Vec<&str> = names.iter().map(|name| name.as_str()).collect();
            sorted.sort_unstable();
            diagnostic.help(format!("it has {}", quoted_list(sorted, 8)))
        }
    }
}

pub(crate) fn no_fields(place: Place, name: &str, ty: &Type) -> Message {
    let help = match ty {
        Type::Map(..) => format!("a map is looked into with `[\"{name}\"]`"),
        Type::List(_) | Type::Set(_) => {
            "go through the elements: `all x in .. : ..`, or take one with `[0]`".to_owned()
        }
        _ => format!("`{ty}` is a plain value"),
    };
    Diagnostic::new(code::UNKNOWN_FIELD, place, format!("`{ty}` has no fields, so no `{name}`"))
        .label("no such field")
        .help(help)
}

pub(crate) fn missing_fields(place: Place, names: &[&str], owner: &Type) -> Message {
    let list = names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let (noun, verb) = if names.len() == 1 { ("field", "is") } else { ("fields", "are") };
    Diagnostic::new(code::MISSING_FIELD, place, format!("{noun} {list} of `{owner}` {verb} not set"))
        .label("missing here")
        .help(format!(
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

pub(crate) fn out_of_range(place: Place, found: &str, bounds: &str) -> Message {
    Diagnostic::new(code::OUT_OF_RANGE, place, format!("{found} is out of range: {bounds}"))
        .label("out of range")
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
        .help("write a text that the pattern takes as a whole")
}

pub(crate) fn bad_scalar(place: Place, reason: &str) -> Message {
    Diagnostic::new(code::BAD_SCALAR, place, reason)
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
        format!("`{found}` is none of the values that fit here"),
    )
    .label("no such value")
    .note(format!("the values are {}", quoted_list(names.iter().copied(), 12)));
    match near {
        Some(_) => suggest(diagnostic, place, near),
        None => diagnostic.help(format!("write {}", quoted_list(names.iter().copied(), 3))),
    }
}

pub(crate) fn type_arguments(place: Place, wanted: &str, found: usize) -> Message {
    Diagnostic::new(
        code::WRONG_ARGUMENTS,
        place,
        format!(
            "this takes the form `{wanted}`, {found} {} given",
            if found == 1 { "type is" } else { "types are" }
        ),
    )
}

pub(crate) fn reference_to_plain_type(place: Place, ty: &Type) -> Message {
    Diagnostic::new(
        code::TYPE_MISMATCH,
        place,
        format!("`ref` and `link` point at elements, `{ty}` is a plain value"),
    )
    .label("not a kind or a trait")
    .help("leave `ref` out, or name a kind")
}

pub(crate) fn bad_regex(place: Place, error: &regex::Error) -> Message {
    let text = error.to_string();
    let reason = text.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
    Diagnostic::new(code::BAD_SCALAR, place, format!("this is no regular expression: {reason}"))
        .help("look-around and back-references are not available: matching takes linear time")
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

pub(crate) fn no_such_operation(place: Place, operation: &str, ty: &Type, help: Option<&str>) -> Message {
    let diagnostic =
        Diagnostic::new(code::NO_SUCH_OPERATION, place, format!("{operation} does not work on `{ty}`"));
    match help {
        Some(help) => diagnostic.help(help),
        None => diagnostic,
    }
}

pub(crate) fn division_by_zero(place: Place) -> Message {
    Diagnostic::new(code::OUT_OF_RANGE, place, "division by zero")
}

pub(crate) fn not_comparable(place: Place, a: &Type, b: &Type) -> Message {
    Diagnostic::new(code::TYPE_MISMATCH, place, format!("`{a}` and `{b}` cannot be compared"))
        .label(format!("left `{a}`, right `{b}`"))
        .help("compare values of one type; nothing is converted silently")
}

pub(crate) fn not_orderable(place: Place, a: &Type, b: &Type) -> Message {
    let message =
        if a == b { format!("`{a}` has no order") } else { format!("`{a}` and `{b}` have no common order") };
    Diagnostic::new(code::NO_SUCH_OPERATION, place, message).help(
        "numbers, texts, dates, durations, sizes, versions and ordered types (`a < b < c`) can be compared",
    )
}

pub(crate) fn not_a_member(place: Place, item: &Type, container: &Type) -> Message {
    Diagnostic::new(code::TYPE_MISMATCH, place, format!("a `{container}` never holds a `{item}`"))
        .label("always false")
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
        format!("expected a list, a set, a map or a population, found `{ty}`"),
    )
    .label(format!("`{ty}`"))
}

pub(crate) fn not_indexable_value(place: Place, ty: &Type) -> Message {
    Diagnostic::new(code::NO_SUCH_OPERATION, place, format!("`{ty}` cannot be looked into with `[..]`"))
        .help("lists take a position, maps take a key")
}

pub(crate) fn named_needs_kind(place: Place) -> Message {
    Diagnostic::new(code::TYPE_MISMATCH, place, "a kind or a trait belongs here")
        .help("for example `org.Team named \"payments\"`")
}

pub(crate) fn reference_outside_adapter(place: Place) -> Message {
    Diagnostic::new(code::NO_SUCH_OPERATION, place, "`ref` as an operator belongs in adapters")
        .help("fields that refer to elements hold the element itself: read it directly")
}

pub(crate) fn reshape_outside_adapter(place: Place) -> Message {
    Diagnostic::new(code::NO_SUCH_OPERATION, place, "`as { .. }` belongs in adapters")
}

pub(crate) fn shape_outside_adapter(place: Place, name: &str) -> Message {
    Diagnostic::new(code::NO_SUCH_OPERATION, place, format!("`as {name}` belongs in adapters"))
        .label("a shape")
        .help("shapes read what a source says; here values have their types already")
}

pub(crate) fn pattern_mismatch(place: Place, found: &Type, scrutinee: &Type) -> Message {
    Diagnostic::new(code::BAD_PATTERN, place, format!("a `{scrutinee}` is never a `{found}`"))
        .label("never matches")
}

pub(crate) fn not_exhaustive(place: Place, missing: &[String]) -> Message {
    let names = quoted_list(missing.iter().map(String::as_str), 6);
    Diagnostic::new(code::NON_EXHAUSTIVE, place, format!("this `match` has no arm for {names}"))
        .help("add the arms, or `_ => ..` for the rest")
}

pub(crate) fn secret_used(place: Place, use_: &str) -> Message {
    Diagnostic::new(code::SECRET_USED, place, format!("a secret cannot be {use_}"))
        .help("a secret can be assigned to a `secret` field and tested with `is present`, nothing else")
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
