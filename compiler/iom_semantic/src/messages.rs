//! What the front end says, in one place: found, expected, why, and one next step.

use iom_diagnostics::{Applicability, Diagnostic, Edit, code, quoted_list};
use iom_model::Type;
use iom_syntax::ast;
use smol_str::SmolStr;

use crate::items::Place;

type Message = Diagnostic<Place>;

/// A near name becomes a suggestion and a fix.
fn suggest(diagnostic: Message, place: Place, near: Option<&str>) -> Message {
    match near {
        Some(near) => diagnostic
            .help(format!("did you mean `{near}`?"))
            .fix(format!("change it to `{near}`"), Applicability::Suggested, vec![Edit { place, text: near.to_owned() }]),
        None => diagnostic,
    }
}

fn article(what: &str) -> &'static str {
    if what.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" }
}

// ---- names ----

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
        None => format!("there is no {what} `{name}` here"),
    };
    let diagnostic = Diagnostic::new(code::UNKNOWN_NAME, place.clone(), message).label("not found");
    match (near, elsewhere) {
        (_, [module]) => diagnostic.help(format!("`{module}` declares it: add `use {module}.{name}` at the top of the file")),
        (_, [_, ..]) => {
            let modules = quoted_list(elsewhere.iter().map(|module| module.as_str()), 3);
            diagnostic.help(format!("{modules} declare it: add a `use` at the top of the file"))
        }
        (near, []) => suggest(diagnostic, place, near),
    }
}

pub(crate) fn unknown_module(place: Place, name: &str, near: Option<&str>) -> Message {
    let diagnostic =
        Diagnostic::new(code::UNKNOWN_MODULE, place.clone(), format!("there is no module `{name}`")).label("not found");
    suggest(diagnostic, place, near)
}

pub(crate) fn unused_import(place: Place, name: &str) -> Message {
    Diagnostic::new(code::UNUSED_IMPORT, place, format!("`{name}` is imported and never used"))
        .label("not used in this file")
        .help("remove it")
}

pub(crate) fn duplicate_name(place: Place, first: Place, name: &str) -> Message {
    Diagnostic::new(code::DUPLICATE_NAME, place, format!("`{name}` is declared twice"))
        .label("declared again here")
        .also(first, "first declared here")
        .help("give one of them another name, or join them")
}

pub(crate) fn wrong_kind_of_name(place: Place, path: &ast::Path, found: &str, wanted: &str) -> Message {
    Diagnostic::new(code::WRONG_KIND_OF_NAME, place, format!("`{path}` is {} {found}, not {wanted}", article(found)))
        .label(format!("{} {found}", article(found)))
        .help(format!("name {wanted} here"))
}

pub(crate) fn not_a_value(place: Place, name: &str, found: &str) -> Message {
    Diagnostic::new(code::WRONG_KIND_OF_NAME, place, format!("`{name}` is {} {found}, which is no value", article(found)))
        .label(format!("{} {found}", article(found)))
}

pub(crate) fn not_a_function(place: Place, name: &str, found: &str) -> Message {
    Diagnostic::new(code::WRONG_KIND_OF_NAME, place, format!("`{name}` is {} {found} and cannot be called", article(found)))
        .label("not a function")
}

pub(crate) fn not_callable(place: Place) -> Message {
    Diagnostic::new(code::WRONG_KIND_OF_NAME, place, "only named functions can be called").label("not a function")
}

pub(crate) fn shadowed_value(place: Place, name: &str, binder: Place) -> Message {
    Diagnostic::new(code::SHADOWED_VALUE, place, format!("`{name}` is a value of the enum, but a binder of that name hides it"))
        .label("means the binder")
        .also(binder, "bound here")
        .help(format!("rename the binder, or write the value as \"{name}\""))
}

pub(crate) fn cycle(place: Place, ring: &[String]) -> Message {
    Diagnostic::new(code::CYCLE, place, format!("this is defined by itself: {}", ring.join(" → ")))
        .label("comes back to here")
        .help("break the ring at one of these places")
}

pub(crate) fn nothing_at_hand(place: Place, written: &str) -> Message {
    let (message, help) = match written {
        "^" => ("`^` is the object around the one at hand, and there is none here", "`^` belongs inside `each`, `as { .. }` and nested records of an adapter"),
        _ if written.starts_with('$') => ("this stands only in adapters", "read the account or region through a field of the kind"),
        _ => (
            "there is no thing at hand here",
            "`.x` and `self` belong in `where`, `derive`, refinements and adapters; elsewhere write the binder's name before the dot",
        ),
    };
    Diagnostic::new(code::NO_SUCH_OPERATION, place, format!("`{written}`: {message}")).help(help)
}

// ---- types ----

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
    let mut diagnostic = Diagnostic::new(code::UNKNOWN_FIELD, place.clone(), format!("`{owner}` has no field `{name}`"))
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
        Type::List(_) | Type::Set(_) => "go through the elements: `all x in .. : ..`, or take one with `[0]`".to_owned(),
        _ => format!("`{ty}` is a plain value"),
    };
    Diagnostic::new(code::UNKNOWN_FIELD, place, format!("`{ty}` has no fields, so no `{name}`")).label("no such field").help(help)
}

pub(crate) fn missing_fields(place: Place, names: &[&str], owner: &Type) -> Message {
    let list = names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let (noun, verb) = if names.len() == 1 { ("field", "is") } else { ("fields", "are") };
    Diagnostic::new(code::MISSING_FIELD, place, format!("{noun} {list} of `{owner}` {verb} not set"))
        .label("missing here")
        .help(format!("add {}", names.iter().map(|name| format!("`{name}: ..`")).collect::<Vec<_>>().join(" and ")))
}

pub(crate) fn duplicate_field(place: Place, first: Option<Place>, name: &str) -> Message {
    let diagnostic =
        Diagnostic::new(code::DUPLICATE_FIELD, place, format!("`{name}` is set twice")).label("set again here").help("keep one of them");
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
    Diagnostic::new(code::UNKNOWN_FIELD, place, "a map's keys have no dots").help("quote the key: `\"a.b\": ..`")
}

pub(crate) fn tail_not_taken(place: Place) -> Message {
    Diagnostic::new(code::MISPLACED, place, "`until`, `because`, `every`, `due`, `then` and `escalate to` mean nothing for this field")
        .help("remove it")
}

pub(crate) fn out_of_range(place: Place, found: &str, bounds: &str) -> Message {
    Diagnostic::new(code::OUT_OF_RANGE, place, format!("{found} is out of range: {bounds}")).label("out of range")
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

pub(crate) fn no_alternative<'a>(place: Place, found: &str, alternatives: impl Iterator<Item = &'a str>) -> Message {
    let names: Vec<&str> = alternatives.collect();
    let near = iom_diagnostics::nearest(found, names.iter().copied());
    let diagnostic = Diagnostic::new(code::BAD_SCALAR, place.clone(), format!("`{found}` is none of the values that fit here"))
        .label("no such value")
        .note(format!("the values are {}", quoted_list(names.iter().copied(), 12)));
    match near {
        Some(_) => suggest(diagnostic, place, near),
        None => diagnostic.help(format!("write {}", quoted_list(names.iter().copied(), 3))),
    }
}

pub(crate) fn type_arguments(place: Place, wanted: &str, found: usize) -> Message {
    Diagnostic::new(code::WRONG_ARGUMENTS, place, format!("this takes the form `{wanted}`, {found} types are given"))
}

pub(crate) fn reference_to_plain_type(place: Place, ty: &Type) -> Message {
    Diagnostic::new(code::TYPE_MISMATCH, place, format!("`ref` and `link` point at elements, `{ty}` is a plain value"))
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
    Diagnostic::new(code::TYPE_MISMATCH, place, format!("`nocase` goes with `string` and `glob`, not with `{ty}`"))
}

pub(crate) fn no_such_operation(place: Place, operation: &str, ty: &Type, help: Option<&str>) -> Message {
    let diagnostic = Diagnostic::new(code::NO_SUCH_OPERATION, place, format!("{operation} does not work on `{ty}`"));
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
    let message = if a == b {
        format!("`{a}` has no order")
    } else {
        format!("`{a}` and `{b}` have no common order")
    };
    Diagnostic::new(code::NO_SUCH_OPERATION, place, message)
        .help("numbers, texts, dates, durations, sizes, versions and ordered types (`a < b < c`) can be compared")
}

pub(crate) fn not_a_member(place: Place, item: &Type, container: &Type) -> Message {
    Diagnostic::new(code::TYPE_MISMATCH, place, format!("a `{container}` never holds a `{item}`"))
        .label("always false")
}

pub(crate) fn contains_for_addresses(place: Place) -> Message {
    Diagnostic::new(code::NO_SUCH_OPERATION, place.clone(), "`contains` asks for an equal element, not for included addresses")
        .help("write `covers`: it asks whether the addresses on the left include those on the right")
        .fix("use `covers`", Applicability::Suggested, vec![Edit { place, text: "covers".to_owned() }])
}

pub(crate) fn not_a_collection(place: Place, ty: &Type) -> Message {
    Diagnostic::new(code::TYPE_MISMATCH, place, format!("expected a list, a set, a map or a population, found `{ty}`"))
        .label(format!("`{ty}`"))
}

pub(crate) fn not_indexable_value(place: Place, ty: &Type) -> Message {
    Diagnostic::new(code::NO_SUCH_OPERATION, place, format!("`{ty}` cannot be looked into with `[..]`"))
        .help("lists take a position, maps take a key")
}

pub(crate) fn named_needs_kind(place: Place) -> Message {
    Diagnostic::new(code::TYPE_MISMATCH, place, "a kind or a trait belongs here").help("for example `org.Team named \"payments\"`")
}

pub(crate) fn reference_outside_adapter(place: Place) -> Message {
    Diagnostic::new(code::NO_SUCH_OPERATION, place, "`ref` as an operator belongs in adapters")
        .help("fields that refer to elements hold the element itself: read it directly")
}

pub(crate) fn reshape_outside_adapter(place: Place) -> Message {
    Diagnostic::new(code::NO_SUCH_OPERATION, place, "`as { .. }` belongs in adapters")
}

pub(crate) fn pattern_mismatch(place: Place, found: &Type, scrutinee: &Type) -> Message {
    Diagnostic::new(code::BAD_PATTERN, place, format!("a `{scrutinee}` is never a `{found}`")).label("never matches")
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

// ---- functions ----

pub(crate) fn missing_arguments(place: Place, function: &str, missing: &[&str]) -> Message {
    let list = missing.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    Diagnostic::new(code::WRONG_ARGUMENTS, place, format!("`{function}` also needs {list}"))
}

pub(crate) fn too_many_arguments(place: Place, function: &str, most: usize) -> Message {
    Diagnostic::new(code::WRONG_ARGUMENTS, place, format!("`{function}` takes {most} arguments")).label("one too many")
}

pub(crate) fn unknown_parameter(place: Place, name: &str, function: &str, near: Option<&str>, names: &[&str]) -> Message {
    let diagnostic =
        Diagnostic::new(code::WRONG_ARGUMENTS, place.clone(), format!("`{function}` has no parameter `{name}`")).label("no such parameter");
    match near {
        Some(_) => suggest(diagnostic, place, near),
        None => diagnostic.help(format!("it has {}", quoted_list(names.iter().copied(), 8))),
    }
}

pub(crate) fn argument_count(place: Place, function: &str, least: usize, most: usize, found: usize) -> Message {
    let wanted = if least == most { least.to_string() } else { format!("{least} to {most}") };
    let noun = if wanted == "1" { "argument" } else { "arguments" };
    Diagnostic::new(code::WRONG_ARGUMENTS, place, format!("`{function}` takes {wanted} {noun}, {found} are given"))
}

// ---- declarations ----

pub(crate) fn not_evaluated_yet(place: Place, what: &str) -> Message {
    Diagnostic::new(code::NOT_EVALUATED_YET, place, format!("{what} is not evaluated by this version"))
        .label("read, but has no effect yet")
        .note("it is checked for syntax; nothing depends on it in any verdict")
}

pub(crate) fn trait_not_met(place: Place, kind: &str, field: &str, wanted: &Type, found: &Type, declared: Place) -> Message {
    Diagnostic::new(code::TRAIT_NOT_MET, place, format!("`{kind}` declares `{field}` as `{found}`, its trait wants `{wanted}`"))
        .label(format!("`{found}`"))
        .also(declared, format!("`{wanted}` here"))
}

pub(crate) fn unknown_setting(place: Place, name: &str, owner: &str, near: Option<&str>, names: &[&str]) -> Message {
    let diagnostic = Diagnostic::new(code::UNKNOWN_FIELD, place.clone(), format!("{} {owner} has no field `{name}`", article(owner)))
        .label("no such field");
    match near {
        Some(_) => suggest(diagnostic, place, near),
        None => diagnostic.help(format!("it has {}", quoted_list(names.iter().copied(), 12))),
    }
}

pub(crate) fn misplaced(place: Place, what: &str, owner: &str, help: &str) -> Message {
    Diagnostic::new(code::MISPLACED, place, format!("{what} does not belong in {owner}")).help(help)
}

pub(crate) fn no_subject(place: Place, name: &str) -> Message {
    Diagnostic::new(code::NO_SUBJECT, place, format!("policy `{name}` judges nothing: it has no `for` block with a `require`"))
        .help("add `for x: SomeKind { require .. }`")
}

pub(crate) fn subject_must_be_kind(place: Place) -> Message {
    Diagnostic::new(code::NO_SUBJECT, place, "the first `for` of a policy names the subject with a kind or a trait")
        .help("write `for x: SomeKind`; inner `for`s take `x in ..`")
}

pub(crate) fn not_indexable(place: Place, population: &iom_model::Nominal) -> Message {
    let population = Type::Element(population.clone());
    Diagnostic::new(code::NOT_INDEXABLE, place, format!("every `{population}` is tried for each subject"))
        .label("no equality ties the two")
        .help("compare a field of one with a field of the other, so that partners can be looked up")
}

pub(crate) fn cannot_infer(place: Place) -> Message {
    Diagnostic::new(code::CANNOT_INFER, place, "nothing says what this empty list holds")
        .label("a list of what?")
        .help("write the type where it is declared: `const names: list<string> = []`")
}

pub(crate) fn duplicate_label(place: Place, first: Place, label: &str) -> Message {
    Diagnostic::new(code::DUPLICATE_LABEL, place, format!("two clauses are called `{label}`"))
        .label("used again here")
        .also(first, "first used here")
        .help("exceptions and tests name clauses by their labels: give each its own")
}

pub(crate) fn unknown_control(place: Place, catalog: &str, id: &str, near: Option<&str>) -> Message {
    let diagnostic = Diagnostic::new(code::UNKNOWN_CONTROL, place.clone(), format!("catalog `{catalog}` has no control \"{id}\""))
        .label("no such control");
    match near {
        Some(near) => diagnostic.help(format!("did you mean \"{near}\"?")),
        None => diagnostic.help("controls are named as their catalog writes them"),
    }
}

pub(crate) fn not_a_control(place: Place) -> Message {
    Diagnostic::new(code::UNKNOWN_CONTROL, place, "a control belongs here").help("write `catalog.\"ID\"`, for example `soc2.\"CC6.1\"`")
}

pub(crate) fn bad_mode(place: Place, message: &str) -> Message {
    Diagnostic::new(code::BAD_MODE, place, message)
        .help("modes are `enforce`, `advise`, `off` and `escalate to SOMEBODY`; dated ones read `advise until 2027-01-15 then enforce`")
}

pub(crate) fn exception_too_long(place: Place, found: &str, most: &str, policy: Place) -> Message {
    Diagnostic::new(code::EXCEPTION_TOO_LONG, place, format!("this exception lasts {found}, the policy allows {most}"))
        .label("too late")
        .also(policy, "the policy")
        .help("choose an earlier date; the exception can be renewed when it ends")
}

pub(crate) fn bad_exception(place: Place, message: &str, help: &str) -> Message {
    Diagnostic::new(code::BAD_EXCEPTION, place, message).help(help)
}

pub(crate) fn bad_evidence(place: Place, message: &str, help: &str) -> Message {
    Diagnostic::new(code::BAD_EVIDENCE, place, message).help(help)
}

pub(crate) fn bad_catalog(place: Place, message: &str, help: &str) -> Message {
    Diagnostic::new(code::BAD_CATALOG, place, message).help(help)
}

pub(crate) fn wanted_value(place: Place, what: &str, example: &str) -> Message {
    Diagnostic::new(code::TYPE_MISMATCH, place, format!("{what} belongs here")).help(format!("for example {example}"))
}

pub(crate) fn parametric_policy(place: Place, name: &str) -> Message {
    Diagnostic::new(code::NOT_EVALUATED_YET, place, format!("policy `{name}` has parameters, and `apply` is not evaluated by this version"))
        .label("not judged yet")
}
