//! Files beside the configuration.

use std::rc::Rc;

use super::super::evaluate::Evaluator;
use super::super::load::normal_path;
use super::super::lower::Lowering;
use super::super::value::{Shape, Value};
use super::{Computed, Stop, encoding, hash, members_of, text_of, text_shape};

/// Templates that read templates.
const MOST_DEPTH: usize = 8;

pub(super) fn call(
    evaluator: &mut Evaluator<'_>,
    name: &str,
    arguments: &[Value],
    offset: u32,
) -> Option<Computed> {
    Some(match (name, arguments) {
        ("file", [path]) => read(evaluator, path).and_then(text_shape),
        ("filebase64", [path]) => {
            read(evaluator, path).and_then(|text| text_shape(encoding::base64(text.as_bytes())))
        }
        ("templatefile", [path, values]) => {
            read(evaluator, path).and_then(|text| template(evaluator, &text, values, offset))
        }
        ("templatestring", [text, values]) => {
            text_of(text).and_then(|text| template(evaluator, &text, values, offset))
        }
        // What is not there may be made before Terraform runs.
        ("fileexists", [path]) => read(evaluator, path).map(|_| Shape::Bool(true)),
        ("fileset", [_, _]) => Err(Stop::Elsewhere),
        ("abspath" | "pathexpand", [_]) => Err(Stop::Elsewhere),
        ("dirname", [path]) => text_of(path).and_then(|path| {
            let folder =
                path.rsplit_once('/').map_or(".", |(folder, _)| if folder.is_empty() { "/" } else { folder });
            text_shape(folder)
        }),
        ("basename", [path]) => text_of(path)
            .and_then(|path| text_shape(path.trim_end_matches('/').rsplit('/').next().unwrap_or("."))),
        (name, [path]) => {
            let of_text = hash::of_bytes(name.strip_prefix("file")?)?;
            read(evaluator, path).and_then(|text| text_shape(of_text(text.as_bytes())))
        }
        _ => return None,
    })
}

/// The text of a file that belongs to the configuration.
fn read(evaluator: &mut Evaluator<'_>, path: &Value) -> Result<Rc<str>, Stop> {
    let path = normal_path(&text_of(path)?);
    let tree = evaluator.tree;
    let text = match &mut evaluator.files {
        Some(files) if tree.holds(&path) => files.text(&path),
        _ => None,
    };
    let text = text.filter(|text| text.len() <= super::LONGEST_TEXT).ok_or(Stop::Elsewhere)?;
    Ok(text.into())
}

fn template(evaluator: &mut Evaluator<'_>, text: &str, values: &Value, offset: u32) -> Computed {
    let parsed = hcl_edit::parser::parse_template(text).map_err(|_| Stop::Wrong)?;
    let expression = Lowering { text, start: offset, has_one_place: true }.whole_template(&parsed);
    // In a template only what it is given has a name, and what it is given is on the stack of all templates around it.
    if evaluator.templates >= MOST_DEPTH {
        return Err(Stop::Elsewhere);
    }
    let scope = members_of(values)?.iter().map(|(name, value)| (Rc::clone(name), value.clone())).collect();
    evaluator.templates += 1;
    let module = evaluator.module;
    let value = evaluator.within(module, scope, |evaluator| evaluator.expression(&expression));
    evaluator.templates -= 1;
    Ok(match value.shape {
        Shape::Bool(_) | Shape::Int(_) | Shape::Number(_) => Shape::Text(text_of(&value)?),
        Shape::Unknown(_) if value.is_wrong() => return Err(Stop::Wrong),
        shape => shape,
    })
}
