use iom_diagnostics::{Applicability, Diagnostic, Edit, Severity, code, quoted_list};
use iom_model::Type;
use iom_syntax::ast::Path;
use smol_str::SmolStr;

use super::{Message, article, enumerated, suggest_among};
use crate::items::Place;

pub(crate) fn not_evaluated_yet(place: Place, what: &str) -> Message {
    Diagnostic::new(
        code::NOT_EVALUATED_YET,
        place,
        format!("{what} has no effect yet in this version of iom"),
    )
    .label("read, and then left aside")
    .note("it is checked for syntax; no verdict depends on it")
}

pub(crate) fn trait_not_met(
    place: Place,
    kind: &str,
    field: &str,
    wanted: &Type,
    found: &Type,
    declared: Place,
) -> Message {
    Diagnostic::new(
        code::TRAIT_NOT_MET,
        place,
        format!("`{field}` of `{kind}` is `{found}`, and a trait of `{kind}` promises `{wanted}`"),
    )
    .label(format!("`{found}` here"))
    .also(declared, format!("`{wanted}` here"))
    .help(format!("declare it as `{wanted}`, or remove the trait from `{kind}`"))
}

pub(crate) fn extended_twice(place: Place, kind: &str, with: &str, first: Place) -> Message {
    let with = Type::Element(iom_model::Nominal::Trait(with.into()));
    Diagnostic::new(code::EXTENDED_TWICE, place, format!("`{kind}` is a `{with}` already"))
        .label("said again here")
        .also(first, "said first here")
        .help("keep one of the two: what a kind computes for a trait is the same for everybody")
}

pub(crate) fn extension_incomplete(
    place: Place,
    kind: &str,
    with: &str,
    missing: &[&str],
    declared: Place,
) -> Message {
    let with = Type::Element(iom_model::Nominal::Trait(with.into()));
    let names = enumerated(missing.iter().copied(), 12);
    let what = if missing.len() == 1 { "its field" } else { "its fields" };
    Diagnostic::new(
        code::TRAIT_NOT_MET,
        place,
        format!("`{kind}` is no `{with}` yet: nothing gives {what} {names}"),
    )
    .label("promised here")
    .also(declared, format!("`{with}` is declared here"))
    .help(format!(
        "add {}; `absent` is a value where the field may be absent",
        missing.iter().map(|name| format!("`{name}: ..`")).collect::<Vec<_>>().join(" and ")
    ))
}

pub(crate) fn extension_not_met(
    place: Place,
    kind: &str,
    field: &str,
    (wanted, found): (&Type, &Type),
    declared: Option<Place>,
) -> Message {
    let diagnostic = Diagnostic::new(
        code::TRAIT_NOT_MET,
        place,
        format!("`{kind}` has `{field}` as `{found}`, this trait wants `{wanted}`"),
    )
    .label(format!("wants `{wanted}`"))
    .help("the kind's own field counts; a trait of your own can give the same thing another name");
    match declared {
        Some(declared) => diagnostic.also(declared, format!("`{found}` here")),
        None => diagnostic,
    }
}

pub(crate) fn extension_field_taken(
    place: Place,
    kind: &str,
    field: &str,
    first: Option<Place>,
    why: &str,
) -> Message {
    let diagnostic =
        Diagnostic::new(code::DUPLICATE_FIELD, place, format!("`{kind}` has `{field}` already: {why}"))
            .label("given again here")
            .help("leave it out here: the one that is there counts for this trait, too");
    match first {
        Some(first) => diagnostic.also(first, "given first here"),
        None => diagnostic,
    }
}

pub(crate) fn shape_of_no_record(place: Place, found: &Type) -> Message {
    Diagnostic::new(
        code::TYPE_MISMATCH,
        place,
        format!("a shape makes a record, and `{found}` has no fields"),
    )
    .label("no record")
    .help("name a `type NAME = { .. }`, or a kind that is read from json")
}

pub(crate) fn shape_too_large(place: Place, name: &str, most: usize) -> Message {
    Diagnostic::new(
        code::TOO_LARGE,
        place,
        format!("`{name}` has more than {most} parts once the shapes in it are written out"),
    )
    .help("use fewer shapes inside one another")
}

pub(crate) fn transition_without_values(place: Place, field: &str, found: &Type) -> Message {
    Diagnostic::new(
        code::TYPE_MISMATCH,
        place,
        format!("a transition goes from one named value to another, and `{field}` is `{found}`"),
    )
    .label(format!("this is `{found}`"))
    .help(format!("give `{field}` a type that names its values: `pending | active | retired`"))
}

pub(crate) fn second_transition(place: Place, first: Place, field: &str) -> Message {
    Diagnostic::new(code::DUPLICATE_FIELD, place, format!("the transitions of `{field}` are listed twice"))
        .label("listed again here")
        .also(first, "first listed here")
        .help("put all steps into one list")
}

pub(crate) fn step_again(place: Place, first: Place, from: &str, to: &str) -> Message {
    Diagnostic::new(code::DUPLICATE_FIELD, place, format!("`{from} => {to}` is listed twice"))
        .label("listed again here")
        .also(first, "first listed here")
        .help("keep one of them")
}

pub(crate) fn step_to_itself(place: Place, value: &str) -> Message {
    Diagnostic::new(code::DUPLICATE_FIELD, place, format!("`{value} => {value}` is no step"))
        .label("stays as it is")
        .help("leave it out: a value may always stay as it is")
}

pub(crate) fn not_a_range_of(place: Place, found: &Type, wanted: &Type) -> Message {
    Diagnostic::new(
        code::TYPE_MISMATCH,
        place,
        format!("expected a range, a list or a set of `{wanted}`, found `{found}`"),
    )
    .label(format!("this is `{found}`"))
    .help("for example `1..9`, both ends included")
}

pub(crate) fn writer_is_no_element(place: Place, found: &Type) -> Message {
    Diagnostic::new(code::TYPE_MISMATCH, place, format!("a writer is an element, and this is a `{found}`"))
        .label("who writes the field?")
        .help("name what may write it: a resource, or a field that refers to one, such as `d.autoscaler`")
}

pub(crate) fn unknown_setting(
    place: Place,
    name: &str,
    owner: &str,
    near: Option<&str>,
    names: &[&'static str],
) -> Message {
    let diagnostic = Diagnostic::new(
        code::UNKNOWN_FIELD,
        place.clone(),
        format!("{} {owner} has no field `{name}`", article(owner)),
    )
    .label("no such field");
    match near {
        Some(_) => suggest_among(diagnostic, place, (name, near), names.iter().copied()),
        None => diagnostic.help(format!("it has {}", enumerated(names.iter().copied(), 12))),
    }
}

pub(crate) fn misplaced(place: Place, what: &str, owner: &str, help: &str) -> Message {
    Diagnostic::new(code::MISPLACED, place, format!("{what} does not belong in {owner}"))
        .label("does not belong here")
        .help(help)
}

pub(crate) fn no_subject(place: Place, name: &str) -> Message {
    Diagnostic::new(
        code::NO_SUBJECT,
        place,
        format!("policy `{name}` judges nothing: it has no `for` block with a `require`"),
    )
    .label("says nothing about anything")
    .help("add what it is about and what must hold: `for b: aws.Bucket { require .. }`")
}

/// `written`: the name and the kind, where they can be told.
pub(crate) fn subject_must_be_kind(place: Place, written: Option<(&str, &Path)>) -> Message {
    let help = match written {
        Some((name, kind)) => format!("write `for {name}: {}`", kind),
        None => "write `for x: SomeKind { .. }`, and go through lists with a `for x in ..` inside".to_owned(),
    };
    Diagnostic::new(
        code::NO_SUBJECT,
        place,
        "the first `for` of a policy says what it is about: a kind or a trait",
    )
    .label(if written.is_some() { "a kind follows `:`" } else { "no kind" })
    .help(help)
}

/// `depth`: how many populations stand inside the subject's own, each tried in full.
pub(crate) fn not_indexable(place: Place, population: &iom_model::Nominal, depth: usize) -> Message {
    let population = Type::Element(population.clone());
    if depth > 1 {
        let message = format!("every `{population}` is tried for each pair that is tried before it");
        let mut error = Diagnostic::new(code::NOT_INDEXABLE, place, message)
            .label("no equality ties it to one of them")
            .help("compare a field of it with a field of another one, or judge one pair at a time");
        error.severity = Severity::Error;
        return error;
    }
    Diagnostic::new(
        code::NOT_INDEXABLE,
        place,
        format!("every `{population}` is looked at again for each thing that is judged"),
    )
    .label("slow: nothing says which ones belong together")
    .help("compare a field of one with a field of the other using `==`, so that partners can be looked up")
}

pub(crate) fn cannot_infer(place: Place) -> Message {
    Diagnostic::new(code::CANNOT_INFER, place, "nothing says what this empty list holds")
        .label("a list of what?")
        .help("say it where the list is declared: `const names: list<string> = []`")
}

pub(crate) fn duplicate_label(place: Place, first: Place, label: &str) -> Message {
    Diagnostic::new(code::DUPLICATE_LABEL, place, format!("two clauses are called `{label}`"))
        .label("used again here")
        .also(first, "first used here")
        .help("exceptions and tests name clauses by their labels: give each its own")
}

pub(crate) fn unknown_control(place: Place, catalog: &str, id: &str, near: Option<&str>) -> Message {
    let diagnostic = Diagnostic::new(
        code::UNKNOWN_CONTROL,
        place.clone(),
        format!("catalog `{catalog}` has no control \"{id}\""),
    )
    .label("no such control");
    match near {
        Some(near) => diagnostic.help(format!("did you mean \"{near}\"?")).fix(
            format!("change it to \"{near}\""),
            Applicability::Suggested,
            vec![Edit { place, text: format!("\"{near}\"") }],
        ),
        None => diagnostic.help("write the id exactly as the catalog does"),
    }
}

pub(crate) fn withdrawn_control(place: Place, catalog: &str, id: &str, successors: &[SmolStr]) -> Message {
    let diagnostic = Diagnostic::new(
        code::WITHDRAWN_CONTROL,
        place.clone(),
        format!("`{catalog}` has withdrawn the control \"{id}\""),
    )
    .label("withdrawn");
    let names: Vec<&str> = successors.iter().map(SmolStr::as_str).collect();
    match names.as_slice() {
        [] => diagnostic.help("name the control that asks for this today, or leave it out"),
        [one] => diagnostic.help(format!("it is a part of \"{one}\" now: name that one")).fix(
            format!("change it to \"{one}\""),
            Applicability::Suggested,
            vec![Edit { place, text: format!("\"{one}\"") }],
        ),
        _ => diagnostic.help(format!("it is a part of {} now", quoted_list(names.iter().copied(), 6))),
    }
}

pub(crate) fn not_a_control(place: Place) -> Message {
    Diagnostic::new(code::UNKNOWN_CONTROL, place, "a control belongs here")
        .help("write `catalog.\"ID\"`, for example `soc2.\"CC6.1\"`")
}

pub(crate) fn bad_mode(place: Place, message: &str) -> Message {
    Diagnostic::new(code::BAD_MODE, place, message)
        .help("a mode is `enforce`, `advise`, `off` or `escalate to SOMEBODY`, also with dates: `advise until 2027-01-15 then enforce`")
}

pub(crate) fn exception_too_long(place: Place, found: &str, most: &str, policy: Place) -> Message {
    Diagnostic::new(
        code::EXCEPTION_TOO_LONG,
        place,
        format!("this exception lasts {found}, and its policy allows at most {most}"),
    )
    .label("too late")
    .also(policy, format!("this policy allows at most {most}"))
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
    Diagnostic::new(code::TYPE_MISMATCH, place, format!("{what} belongs here"))
        .label("something else")
        .help(format!("for example {example}"))
}
