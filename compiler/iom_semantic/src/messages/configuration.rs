use iom_diagnostics::{Diagnostic, code};
use iom_model::Type;
use iom_syntax::ast;

use super::Message;
use crate::items::Place;

fn short(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

pub(crate) fn not_overridden(place: Place, first: Place, path: &str, base: &str) -> Message {
    let base = short(base);
    Diagnostic::new(code::NOT_OVERRIDDEN, place, format!("`{base}` sets `{path}` already"))
        .label("set again, as if nobody had")
        .also(first, format!("`{base}` sets it here"))
        .help(format!("say that it changes: `override {path}: .. because \"..\"`, or leave it out"))
}

pub(crate) fn settings_disagree(place: Place, other: Place, path: &str) -> Message {
    Diagnostic::new(code::SETTINGS_DISAGREE, place, format!("two places set `{path}` to different values"))
        .label("set here")
        .also(other, "and here")
        .help(format!(
            "keep one of them; an `amend` that should win says `override {path}: .. because \"..\"`"
        ))
}

pub(crate) fn overrides_disagree(place: Place, other: Place, path: &str) -> Message {
    Diagnostic::new(
        code::SETTINGS_DISAGREE,
        place,
        format!("two amendments override `{path}` with different values"),
    )
    .label("overridden here")
    .also(other, "and here")
    .help("keep one of them, or let both give the same value until the same date")
}

pub(crate) fn set_as_a_whole(place: Place, other: Place, path: &str) -> Message {
    Diagnostic::new(
        code::SETTINGS_DISAGREE,
        place,
        format!("`{path}` is set as a whole in one place and in parts in another"),
    )
    .label("set here")
    .also(other, "and here")
    .help("set its parts one by one in both places, or `override` it as a whole")
}

pub(crate) fn nothing_to_override(place: Place, path: &str) -> Message {
    Diagnostic::new(
        code::NOTHING_TO_OVERRIDE,
        place,
        format!("nothing sets `{path}`, so nothing is overridden"),
    )
    .label("set for the first time")
    .help("leave out `override` and `because`; a kind's default needs none")
}

pub(crate) fn override_refused(place: Place, name: &str) -> Message {
    Diagnostic::new(
        code::NOTHING_TO_OVERRIDE,
        place,
        format!("`{name}` is set nowhere else, so nothing is overridden"),
    )
    .help("`override` belongs in `resource NAME = BASE with { .. }` and in `amend NAME { .. }`")
}

pub(crate) fn override_without_reason(place: Place, name: &str) -> Message {
    Diagnostic::new(
        code::OVERRIDE_WITHOUT_REASON,
        place,
        format!("the override of `{name}` does not say why"),
    )
    .label("why is it changed?")
    .help("add `because \"..\"` after the value, and `until DATE` if it should end by itself")
}

pub(crate) fn repeated_identity(place: Place, first: Place, names: &[&str], base: &str) -> Message {
    let base = short(base);
    let list = names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" and ");
    let help = match names {
        [single] => format!("set it anew: `{single}: ..`; identity needs no `override`"),
        _ => format!("set one of {list} anew; identity needs no `override`"),
    };
    Diagnostic::new(
        code::REPEATED_IDENTITY,
        place,
        format!("this would be `{base}` a second time: {list} would be the same"),
    )
    .label("no identity of its own")
    .also(first, format!("what identifies `{base}`"))
    .help(help)
}

pub(crate) fn identity_does_not_vary(place: Place, field: &str, name: &str, binder: &str) -> Message {
    Diagnostic::new(
        code::REPEATED_IDENTITY,
        place,
        format!("every element of `{name}` has the same `{field}`"),
    )
    .label("the same for all")
    .help(format!("make it differ, for example with `{{{binder}}}` in a text"))
}

pub(crate) fn not_a_base(place: Place, what: &str) -> Message {
    Diagnostic::new(code::BAD_BASE, place, format!("{what} cannot be copied"))
        .label("a declared resource belongs here")
        .help("write `resource NAME = BASE with { .. }`, where BASE is the name of a resource")
}

pub(crate) fn base_is_many(place: Place, name: &str) -> Message {
    let name = short(name);
    Diagnostic::new(
        code::BAD_BASE,
        place,
        format!("`{name}` is made by a `for`: which of its elements is to be copied?"),
    )
    .label("several resources")
    .help(format!("declare what they have in common as one resource, and copy that here and in `{name}`"))
}

pub(crate) fn copy_of_another_kind(place: Place, base: &str, found: &Type, expected: &Type) -> Message {
    let base = short(base);
    Diagnostic::new(code::BAD_BASE, place, format!("`{base}` is of kind `{found}`, not `{expected}`"))
        .label("another kind")
        .help(format!("a copy has the kind of its base: write `{found}`, or leave the kind out"))
}

pub(crate) fn amended_elsewhere(place: Place, target: &ast::Path) -> Message {
    Diagnostic::new(code::AMENDED_ELSEWHERE, place, format!("`{target}` belongs to another package"))
        .label("cannot be amended from here")
        .help("`amend` adds to resources of its own package; copy the resource with `with`, or ask for the change where it is declared")
}

pub(crate) fn not_set_by_parts(place: Place, name: &str, ty: &Type) -> Message {
    let (message, help) = match ty.required() {
        Type::List(_) | Type::Set(_) => (
            format!("a `{ty}` has no `{name}` to set"),
            "set the list as a whole: lists are never joined silently".to_owned(),
        ),
        _ => (
            format!("`{ty}` has no parts that are set one by one, so no `{name}`"),
            "set it as a whole".to_owned(),
        ),
    };
    Diagnostic::new(code::UNKNOWN_FIELD, place, message).label("nothing to set").help(help)
}

pub(crate) fn too_many_steps(place: Place, most: usize) -> Message {
    Diagnostic::new(code::TOO_DEEP, place, format!("a field's name has at most {most} parts"))
}

pub(crate) fn element_with(place: Place) -> Message {
    Diagnostic::new(code::BAD_BASE, place, "a copy of a resource is a declaration of its own")
        .label("copied inside an expression")
        .help("write `resource NAME = BASE with { .. }`, and use NAME here")
}

pub(crate) fn part_of_optional(place: Place, name: &str, ty: &Type) -> Message {
    Diagnostic::new(
        code::OPTIONAL_VALUE,
        place,
        format!("`{name}` may be absent, so its parts cannot be set one by one"),
    )
    .label(format!("`{ty}`"))
    .help(format!("set it as a whole: `{name}: (x.{name} ?? {{ .. }}) with {{ .. }}`"))
}

pub(crate) fn too_many_copies(place: Place, most: usize) -> Message {
    Diagnostic::new(
        code::TOO_DEEP,
        place,
        format!("this is a copy of a copy of a copy: more than {most} are not followed"),
    )
    .label("too far from what it is a copy of")
    .help("copy what is at the beginning of the chain")
}
