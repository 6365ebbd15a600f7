//! `iomc explain payments.prod.orders.versioning`: where a value comes from.

use iom_diagnostics::{nearest, quoted_list};
use iom_eval::explain::{ArgumentOf, Definition, Explained, Role, Segment, Unexplained};
use iom_model::{Adapter, Location, Model};
use iom_semantic::LibrarySelection;

use super::subject::{self, Part};
use crate::arguments::ExplainArguments;
use crate::exit::Failure;
use crate::front_end::FrontEnd;
use crate::judge::{self, ObjectName};
use crate::sources;
use crate::workspace::Workspace;

/// The values that the subject names; nothing where it names no resource. `names` gets what could have been meant.
pub fn explain(
    arguments: &ExplainArguments,
    front_end: &mut FrontEnd,
    workspace: &Workspace,
    model: Model,
    at: i64,
    names: &mut Vec<String>,
) -> Result<Option<Vec<Explained>>, Failure> {
    let parts = subject::parts(&arguments.subject).unwrap_or_default();
    let found = match declared(&model, &arguments.subject, &parts)? {
        Some(readings) => {
            // What is declared needs no state, unless somebody gives one.
            let state = sources::open(&arguments.state, None)?;
            let found = judge::explained(model, &state, Vec::new(), at, workspace, &readings)?;
            let address = readings.last().map_or("", |(address, _)| address);
            let found = found.map_err(|why| match why {
                // Nothing is left of what was asked for but an address.
                Unexplained::NoPath { .. } => {
                    unexplained(readings.first().map_or("", |(address, _)| address), why)
                }
                why => unexplained(address, why),
            })?;
            if found.is_empty() {
                return Err(Failure::new(format!("there is no `{address}`"))
                    .help("its `for` makes no element with this key"));
            }
            Some(found)
        }
        // One word is no address: a slip in a code does not read a plan.
        None if parts.len() < 2 => {
            near_values(&model, &[], &arguments.subject, names);
            None
        }
        None => imported(front_end, model, arguments, workspace, &parts, at, names)?,
    };
    let Some(mut values) = found else { return Ok(None) };
    for value in &mut values {
        fill_in(front_end, value);
    }
    Ok(Some(values))
}

/// An address, and the path to a value of what has it.
type Reading = (String, Vec<Segment>);

/// The address of a declared resource and the rest of the path. A name without its module will do where only one
/// resource is called so. What a blueprint builds has parts, whose names go before those of fields: so there may be several
/// readings, the first of which that is there counts.
fn declared(model: &Model, subject: &str, parts: &[Part]) -> Result<Option<Vec<Reading>>, Failure> {
    for (position, part) in parts.iter().enumerate().rev() {
        let written = &subject[..part.end];
        let is_it = |name: &&iom_model::QualifiedName| {
            name.strip_suffix(written).is_some_and(|module| module.is_empty() || module.ends_with('.'))
        };
        let mut found = model.resources.keys().filter(is_it);
        let name = match (model.resources.get_key_value(written), found.next(), found.next()) {
            (Some((name, _)), ..) | (None, Some(name), None) => name,
            (None, Some(one), Some(other)) => {
                return Err(Failure::new(format!("`{written}` may be `{one}` or `{other}`"))
                    .help("write it with its module"));
            }
            (None, None, _) => continue,
        };
        let declared = model.resources.get(name);
        let is_many = declared.is_some_and(|resource| resource.each.is_some());
        if is_many && !parts.get(position + 1).is_some_and(|key| key.is_index) {
            return Err(Failure::new(format!("`{name}` is made by a `for`, so there are several"))
                .help(format!("say which: `{name}[1]`, `{name}[\"key\"]`")));
        }
        let least = position + usize::from(is_many);
        let is_built = declared.is_some_and(|resource| resource.instance.is_some());
        let most = if is_built { parts.len() - 1 } else { least };
        let reading = |last: usize| {
            let address = format!("{name}{}", &subject[part.end..parts[last].end]);
            (address, subject::path(&parts[last + 1..]))
        };
        return Ok(Some((least..=most).rev().map(reading).collect()));
    }
    Ok(None)
}

/// A resource of a source, read by each kind that the source's type is mapped to.
fn imported(
    front_end: &mut FrontEnd,
    model: Model,
    arguments: &ExplainArguments,
    workspace: &Workspace,
    parts: &[Part],
    at: i64,
    names: &mut Vec<String>,
) -> Result<Option<Vec<Explained>>, Failure> {
    let sources = sources::open(&arguments.state, Some(workspace))?;
    let objects = judge::object_names(&sources)?;
    let written = |part: &Part| &arguments.subject[..part.end];
    let found = parts.iter().enumerate().rev().find_map(|(position, part)| {
        let object = objects.iter().find(|object| object.address == written(part))?;
        Some((object, subject::path(&parts[position + 1..])))
    });
    let Some((object, path)) = found else {
        near_values(&model, &objects, &arguments.subject, names);
        return Ok(None);
    };
    let kinds = kinds_of(&model, object);
    if kinds.is_empty() {
        return Err(Failure::new(format!(
            "no kind maps {}, so its values have no types",
            object.source_type
        ))
        .help("a kind with an adapter for it says what its attributes mean"));
    }
    let Some(Segment::Name(field)) = path.first() else {
        let names = front_end.host().fields_of_kind(&kinds[0]);
        let names = names.iter().map(ToString::to_string).collect();
        return Err(unexplained(&object.address, Unexplained::NoPath { names }));
    };
    let mut values = Vec::new();
    for kind in &kinds {
        let names = front_end.host().fields_of_kind(kind);
        if !names.iter().any(|name| name == field) {
            continue;
        }
        // The question only says what is wanted of the sources; a secret may be asked for its presence.
        let asked = front_end.ask(&format!("[for x in {kind}: x.{field} is present]"));
        let Ok(question) = asked else { continue };
        let model = front_end.model(&LibrarySelection::None);
        let found = judge::explained(
            model,
            &sources,
            vec![question.constant],
            at,
            workspace,
            &[(object.address.clone(), path.clone())],
        )?;
        let found = found.map_err(|why| unexplained(&object.address, why))?;
        values.extend(found.into_iter().filter(|value| value.kind == *kind));
    }
    if values.is_empty() {
        let kind = kinds[0].clone();
        let names: Vec<String> =
            front_end.host().fields_of_kind(&kind).iter().map(ToString::to_string).collect();
        let near = nearest(field, names.iter().map(String::as_str)).map(str::to_owned);
        let why = Unexplained::NoField { name: field.clone(), owner: kind, near, names };
        return Err(unexplained(&object.address, why));
    }
    Ok(Some(values))
}

/// The kinds of the workspace and of the library that read objects of this type: where none maps it, those of the rest.
fn kinds_of(model: &Model, object: &ObjectName) -> Vec<String> {
    let maps = |adapter: &Adapter| adapter.source_types.iter().any(|ty| *ty == object.source_type);
    let library = iom_stdlib::kinds_of_source(object.family, &object.source_type);
    let found = kinds_with(model, object, &maps, &library);
    if !found.is_empty() {
        return found;
    }
    let rest = iom_stdlib::kinds_of_the_rest(object.family, object.is_data);
    let takes_it = |adapter: &Adapter| adapter.takes_the_rest() && adapter.is_data == object.is_data;
    kinds_with(model, object, &takes_it, &rest)
}

/// The workspace's kinds with such an adapter, and those of the library that were found.
fn kinds_with(
    model: &Model,
    object: &ObjectName,
    is_it: &dyn Fn(&Adapter) -> bool,
    library: &[iom_stdlib::Found],
) -> Vec<String> {
    let own = model
        .kinds
        .values()
        .filter(|kind| kind.adapters.iter().any(|adapter| adapter.format == object.family && is_it(adapter)));
    let mut kinds: Vec<String> = own.map(|kind| kind.name.to_string()).collect();
    kinds.extend(library.iter().map(|found| found.qualified_name()));
    kinds.sort();
    kinds.dedup();
    kinds
}

/// What could have been meant: resources with the last part of the subject, which is most likely their field.
fn near_values(model: &Model, objects: &[ObjectName], subject: &str, names: &mut Vec<String>) {
    let field = subject.rfind('.').map_or("", |dot| &subject[dot..]);
    for name in model.resources.keys() {
        names.push(format!("{name}{field}"));
        let short = name.rsplit('.').next().unwrap_or(name);
        names.push(format!("{short}{field}"));
    }
    names.extend(objects.iter().map(|object| format!("{}{field}", object.address)));
}

fn unexplained(address: &str, why: Unexplained) -> Failure {
    match why {
        Unexplained::NoField { name, owner, near, names } => {
            Failure::new(format!("`{owner}` has no field `{name}`")).help(match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("it has {}", quoted_list(names.iter().map(String::as_str), 12)),
            })
        }
        Unexplained::NoPart { name, ty } => Failure::new(format!("there is no part `{name}` in `{ty}`"))
            .help(format!("explain the value as a whole, without `{name}`")),
        Unexplained::Reference { name } => {
            Failure::new(format!("`{name}` is a field of what is referred to, not of `{address}`"))
                .help(format!("explain the reference, or `{name}` of the thing itself"))
        }
        Unexplained::NoPath { names } => Failure::new(format!("which value of `{address}`?"))
            .help(format!("add a field: {}", quoted_list(names.iter().map(String::as_str), 12))),
    }
}

/// Places and words that only the front end knows.
fn fill_in(front_end: &FrontEnd, value: &mut Explained) {
    let host = front_end.host();
    for origin in &mut value.origins {
        let quote = match &origin.definition {
            Some(Definition::Field { kind, field }) => host.quote_field(kind, field),
            Some(Definition::Adapter { kind, position, field }) => host.quote_adapter(kind, *position, field),
            Some(Definition::Parameter { blueprint, parameter }) => {
                host.quote_parameter(blueprint, parameter)
            }
            Some(Definition::Argument { resource: ArgumentOf::Declared(name), parameter, position }) => {
                host.quote_argument(name, parameter, *position)
            }
            Some(Definition::Argument {
                resource: ArgumentOf::Part { blueprint, target, name },
                parameter,
                position,
            }) => host.quote_argument_of_part((blueprint, target.as_deref(), name), parameter, *position),
            None => None,
        };
        let text = match quote {
            Some(quote) => {
                origin.location = Some(iom_eval::report::Place {
                    file: quote.location.file,
                    line: quote.location.line,
                    column: quote.location.column,
                    pointer: None,
                    document: None,
                    written: None,
                });
                Some(quote.text)
            }
            None => origin
                .location
                .as_ref()
                .filter(|_| !matches!(origin.role, Role::Configuration | Role::State))
                .and_then(|place| {
                    host.quote_setting(&Location {
                        file: place.file.clone(),
                        line: place.line,
                        column: place.column,
                    })
                }),
        };
        // The declared name is no field: the words there are the whole declaration's.
        let is_shown = (value.is_quotable || origin.role == Role::Adapter) && origin.role != Role::Name;
        origin.source = text.filter(|text| is_shown && !text.is_empty());
        if let Some(text) = &mut origin.source {
            front_end.hide_secrets(text);
        }
    }
}
