use iom_diagnostics::{Diagnostic, code, quoted_list};
use iom_model::{Nominal, Type};

use super::Message;
use crate::items::Place;

/// `aws.Bucket` as messages write it.
fn named(nominal: &Nominal) -> String {
    Type::Element(nominal.clone()).to_string()
}

pub(crate) fn no_root(place: Place, name: &str) -> Message {
    Diagnostic::new(
        code::BLUEPRINT_ROOT,
        place,
        format!("blueprint `{name}` neither builds nor judges anything"),
    )
    .help("add a `resource`: the first one is what an instance is known by; or a `judges x: SomeTrait { require .. }`")
}

pub(crate) fn root_without_trait(place: Place, root: &Nominal, wanted: &str, asked: Place) -> Message {
    let found = named(root);
    Diagnostic::new(code::BLUEPRINT_ROOT, place, format!("the root is {found}, which is no `{wanted}`"))
        .label("the first resource is the root")
        .also(asked, format!("the blueprint promises `{wanted}`"))
        .help(format!("let the first resource be one that is `{wanted}`, or take `{wanted}` off"))
}

pub(crate) fn builds_trait(place: Place, part: &str, found: &Nominal, declared: Place) -> Message {
    let found = named(found);
    Diagnostic::new(
        code::BLUEPRINT_ROOT,
        place,
        format!("`{part}` cannot be built: {found} is a trait, and only kinds are built"),
    )
    .label("an instance builds every part")
    .also(declared, "declared over a trait here")
    .help(format!(
        "say what builds it, in a `build` block: `build terraform {{ resource {part}: SomeKind {{ .. }} }}`"
    ))
}

pub(crate) fn builds_nothing(place: Place, name: &str, declared: Place) -> Message {
    Diagnostic::new(code::BLUEPRINT_ROOT, place, format!("blueprint `{name}` has nothing to build"))
        .label("made from it here")
        .also(declared, "it has no `resource`")
        .help(format!("it judges: `require x conforms {name}(..)`"))
}

pub(crate) fn part_is_parameter(place: Place, name: &str, parameter: Place) -> Message {
    Diagnostic::new(code::DUPLICATE_NAME, place, format!("`{name}` is a parameter already"))
        .label("declared again here")
        .also(parameter, "first declared here")
        .help("give the resource or the parameter another name")
}

pub(crate) fn target_parameter(place: Place) -> Message {
    Diagnostic::new(
        code::DUPLICATE_NAME,
        place,
        "`target` cannot be a parameter here: it chooses the `build` block",
    )
    .help("call the parameter something else")
}

pub(crate) fn duplicate_target(place: Place, first: Place, name: &str) -> Message {
    Diagnostic::new(code::DUPLICATE_NAME, place, format!("there are two `build {name}` blocks"))
        .label("declared again here")
        .also(first, "first declared here")
        .help("put their resources into one block")
}

pub(crate) fn unapproved(place: Place, name: &str, missing: &[&str]) -> Message {
    Diagnostic::new(
        code::BLUEPRINT_UNAPPROVED,
        place,
        format!("blueprint `{name}` has no {}", quoted_list(missing.iter().copied(), 3)),
    )
    .label("not an approved pattern yet")
    .help("say which version it is, who approved it and when it is looked at again: `version: \"1.0.0\"  approved_by: [somebody]  review_by: 2027-06-01`")
}

pub(crate) fn argument_given_twice(place: Place, name: &str) -> Message {
    Diagnostic::new(code::WRONG_ARGUMENTS, place, format!("`{name}` is given twice")).help("take one away")
}

pub(crate) fn no_target(place: Place, found: &str, targets: &[&str], declared: Place) -> Message {
    let message = if targets.is_empty() {
        "this blueprint has no `build` blocks to choose from".to_owned()
    } else {
        format!("there is no `build {found}`")
    };
    let diagnostic = Diagnostic::new(code::WRONG_ARGUMENTS, place, message).also(declared, "the blueprint");
    if targets.is_empty() {
        diagnostic.help("take `target` away")
    } else {
        diagnostic.help(format!("it has {}", quoted_list(targets.iter().copied(), 8)))
    }
}

pub(crate) fn blueprint_as_value(place: Place, name: &str) -> Message {
    Diagnostic::new(
        code::WRONG_KIND_OF_NAME,
        place,
        format!("`{name}` is a blueprint: it makes resources, not values"),
    )
    .help(format!("declare what it makes: `resource x = {name}(..)`; or ask: `x conforms {name}`"))
}

pub(crate) fn no_blueprint(place: Place) -> Message {
    Diagnostic::new(code::WRONG_KIND_OF_NAME, place, "a blueprint belongs here")
        .help("for example `resource x = SecureBucket(env: prod)` or `x conforms SecureBucket`")
}

pub(crate) fn never_conforms(
    place: Place,
    found: &Type,
    blueprint: &str,
    subjects: &[&Nominal],
    declared: Place,
) -> Message {
    let subjects = subjects.iter().map(|one| named(one)).collect::<Vec<_>>().join(" or ");
    Diagnostic::new(
        code::TYPE_MISMATCH,
        place,
        format!("`{found}` can never conform to `{blueprint}`, which is about {subjects}"),
    )
    .also(declared, "the blueprint")
}

pub(crate) fn unsolved_parameters(place: Place, blueprint: &str, missing: &[&str], first: Place) -> Message {
    let list = missing.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let example = missing.iter().map(|name| format!("{name}: ..")).collect::<Vec<_>>().join(", ");
    let (is, it) = if missing.len() == 1 { ("is", "it") } else { ("are", "them") };
    Diagnostic::new(
        code::UNSOLVED_PARAMETER,
        place,
        format!("what {list} {is} cannot be read from what is judged"),
    )
    .label(format!("no field is set to exactly {it}"))
    .also(first, "declared here")
    .help(format!("give {it} here: `conforms {blueprint}({example})`"))
}

pub(crate) fn too_many_resources(place: Place, count: Option<u64>, most: u64) -> Message {
    let message = match count {
        Some(count) => format!("this makes {count} resources; {most} is the most"),
        None => format!("this makes more than {most} resources"),
    };
    Diagnostic::new(code::TOO_MANY_RESOURCES, place, message)
        .note("blueprints that instantiate others multiply")
        .help("make fewer copies, or read what is repeated from fewer, larger resources")
}

pub(crate) fn nested_too_deep(place: Place, most: u32) -> Message {
    Diagnostic::new(
        code::TOO_MANY_RESOURCES,
        place,
        format!("blueprints instantiate one another more than {most} levels deep here"),
    )
    .help("let one blueprint declare what several levels pass on")
}
