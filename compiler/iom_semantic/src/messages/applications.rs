use iom_base::Span;
use iom_diagnostics::{Diagnostic, code, quoted_list};
use smol_str::SmolStr;

use super::{Message, article, suggest};
use crate::items::Place;

pub(crate) fn not_applicable(place: Place) -> Message {
    Diagnostic::new(code::BAD_APPLICATION, place, "a policy, a group or a module is applied by its name")
        .label("no name")
        .help("write `apply NAME { .. }`; to take some policies of a group only, write `only: [..]` or `except: [..]` in its body")
}

pub(crate) fn cannot_be_applied(place: Place, name: &str, found: &str) -> Message {
    Diagnostic::new(
        code::WRONG_KIND_OF_NAME,
        place,
        format!("`{name}` is {} {found}, which judges nothing", article(found)),
    )
    .label(format!("{} {found}", article(found)))
    .help(match found {
        "blueprint" => {
            "to build something by it write `resource x = B(..)`; to judge what exists, `require x conforms B` in a policy"
        }
        _ => "name a policy, a group of policies, or a module that has policies",
    })
}

pub(crate) fn module_without_policies(place: Place, module: &str) -> Message {
    Diagnostic::new(
        code::BAD_APPLICATION,
        place,
        format!("module `{module}` has no policy that could be applied as it is"),
    )
    .label("nothing to apply")
    .help("policies with parameters are applied one by one: `apply NAME(..)`")
}

pub(crate) fn takes_no_arguments(place: Place, what: &str, name: &str) -> Message {
    Diagnostic::new(code::WRONG_ARGUMENTS, place, format!("{what} `{name}` has no parameters"))
        .label("one too many")
        .help("leave the parentheses out")
}

pub(crate) fn argument_twice(place: Place, first: Place, name: &str) -> Message {
    Diagnostic::new(code::WRONG_ARGUMENTS, place, format!("`{name}` is given twice"))
        .label("given again here")
        .also(first, "first given here")
}

pub(crate) fn argument_not_constant(place: Place, name: &str) -> Message {
    Diagnostic::new(
        code::BAD_APPLICATION,
        place,
        format!("the value of `{name}` depends on the state that is judged"),
    )
    .label("not a constant")
    .help("give a literal, a `const`, a `data` declaration or a declared resource; what depends on the state belongs into the policy")
}

pub(crate) fn nothing_to_pick(place: Place, field: &str) -> Message {
    Diagnostic::new(
        code::BAD_APPLICATION,
        place,
        format!("`{field}` picks from the policies of a group or a module, and this is one policy"),
    )
    .help("remove it")
}

pub(crate) fn not_in_group(
    place: Place,
    name: &str,
    owner: &str,
    near: Option<&str>,
    known: &[SmolStr],
) -> Message {
    let diagnostic =
        Diagnostic::new(code::BAD_APPLICATION, place.clone(), format!("`{owner}` has no policy `{name}`"))
            .label("not one of them");
    match near {
        Some(_) => suggest(diagnostic, place, near),
        None => diagnostic.help(format!("it has {}", quoted_list(known.iter().map(SmolStr::as_str), 12))),
    }
}

pub(crate) fn member_twice(place: Place, first: Place, name: &str) -> Message {
    Diagnostic::new(code::BAD_APPLICATION, place, format!("`{name}` is in this group twice"))
        .label("again here")
        .also(first, "first here")
        .help("keep one of them; two groups that both have it must say the same of it")
}

pub(crate) fn groups_too_deep(place: Place, most: usize) -> Message {
    Diagnostic::new(code::TOO_DEEP, place, format!("groups are nested more than {most} deep here"))
        .help("list the policies themselves, or fewer groups")
}

pub(crate) fn unapplied_claim(place: Place, policy: &str, declared: Place) -> Message {
    Diagnostic::new(code::UNAPPLIED_CLAIM, place, format!("nothing applies `{policy}`, so it proves nothing"))
        .label("never judged")
        .also(declared, "declared here")
        .help(format!("add `apply {policy}`"))
}

pub(crate) fn nothing_to_test(place: Place, policy: &str, declared: Place) -> Message {
    Diagnostic::new(
        code::BAD_APPLICATION,
        place,
        format!("`{policy}` has parameters, and nothing applies it: there is nothing to test"),
    )
    .label("judges nothing")
    .also(declared, "declared here")
    .help(format!("write `apply {policy}(..)` with the parameters that are to be tested"))
}

pub(crate) fn applied_twice(place: Place, first: Place, name: &str, arguments: &str) -> Message {
    let with = if arguments.is_empty() { String::new() } else { format!(" with `{arguments}`") };
    Diagnostic::new(code::BAD_APPLICATION, place, format!("`{name}` is applied twice{with}"))
        .label("applied again here")
        .also(first, "first applied here")
        .help("keep one of them, or give them different parameters")
}

pub(crate) fn applied_differently(place: Place, first: Place, name: &str) -> Message {
    Diagnostic::new(
        code::BAD_APPLICATION,
        place,
        format!("two applications bring in `{name}` and say different things of it"),
    )
    .label("here one way")
    .also(first, "here another")
    .help(format!("apply `{name}` itself, which counts more than both, or leave it out of one with `except`"))
}

pub(crate) fn setting_in_two_places(place: Place, first: Place, policy: &str, setting: &str) -> Message {
    Diagnostic::new(
        code::BAD_APPLICATION,
        place,
        format!("`{setting}` of `{policy}` is set here and at the policy itself"),
    )
    .label("set again here")
    .also(first, "first set here")
    .help("keep one of them: a policy of the workspace's own applies by itself")
}

pub(crate) fn needless_application(place: Place, policy: &str, declared: Place) -> Message {
    Diagnostic::new(
        code::NEEDLESS_APPLICATION,
        place,
        format!("`{policy}` is a policy of this package and applies by itself"),
    )
    .label("changes nothing")
    .also(declared, "declared here")
    .help("remove this; policies of dependencies and those with parameters are applied")
}

pub(crate) fn not_applied(place: Span, policy: &str) -> Diagnostic<Span> {
    Diagnostic::new(
        code::NOT_APPLIED,
        place,
        format!("`{policy}` has parameters, and nothing applies it: it judges nothing"),
    )
    .label("not judged")
    .help(format!("write `apply {policy}(..)` with a value for each parameter"))
}

pub(crate) fn incomplete_class(place: Place, class: &str, missing: &str, help: &str) -> Message {
    Diagnostic::new(
        code::INCOMPLETE_CLASS,
        place,
        format!("a policy of class `{class}` says which {missing}, and this one does not"),
    )
    .help(help.to_owned())
}
