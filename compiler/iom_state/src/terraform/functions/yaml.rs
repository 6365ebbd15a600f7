//! YAML, as Terraform reads and writes it.

use std::fmt::Write as _;
use std::rc::Rc;

use super::super::value::{self, Shape, Value};
use super::encoding::MOST;
use super::{Computed, Stop, stop, text_of, text_shape};
use crate::tape::Strings;
use crate::tree::{NodeId, Tree, TreeValue};
use crate::yaml::YamlDocuments;

pub(super) fn call(name: &str, arguments: &[Value], offset: u32) -> Option<Computed> {
    Some(match (name, arguments) {
        ("yamldecode", [value]) => text_of(value).and_then(|text| decode(&text, offset)),
        ("yamlencode", [value]) => encode(value),
        _ => return None,
    })
}

fn decode(text: &str, offset: u32) -> Computed {
    let mut strings = Strings::default();
    let mut documents = YamlDocuments::new(text);
    let tree = documents.next(&mut strings).map_err(|_| Stop::Wrong)?.ok_or(Stop::Wrong)?;
    let shape = of_tree(tree, tree.root(), &strings, offset).shape;
    match documents.next(&mut strings) {
        Ok(None) => Ok(shape),
        Ok(Some(_)) | Err(_) => Err(Stop::Wrong),
    }
}

/// Trees are of a bounded depth, so this ends.
fn of_tree(tree: &Tree<'_>, node: NodeId, strings: &Strings, offset: u32) -> Value {
    let shape = match tree.value(node) {
        TreeValue::Null => Shape::Null,
        TreeValue::Bool(value) => Shape::Bool(*value),
        TreeValue::Int(value) => Shape::Int(*value),
        TreeValue::Number(text) => Shape::Number((&**text).into()),
        TreeValue::Text(text) => Shape::Text((&**text).into()),
        TreeValue::List { .. } => {
            let items = tree.elements(node).iter();
            value::list(items.map(|item| of_tree(tree, item.node, strings, offset)).collect())
        }
        TreeValue::Object { .. } => {
            let members = tree.members(node).iter().map(|member| {
                (Rc::from(strings.resolve(&member.key)), of_tree(tree, member.node, strings, offset))
            });
            value::object(members.collect())
        }
    };
    Value::new(shape, offset)
}

/// YAML text; with the values in it, where some of them are not known.
fn encode(value: &Value) -> Computed {
    match value.doubt() {
        None if value.sum().size > MOST => Err(Stop::Elsewhere),
        None => {
            let mut out = String::new();
            write(value, 0, &mut out)?;
            text_shape(out)
        }
        Some(_) if stop(value) == Stop::Wrong => Err(Stop::Wrong),
        // What reads text of JSON reads it all the same: the text itself is not there.
        Some(cause) if value.items().is_some() || value.members().is_some() => {
            Ok(Shape::Json(cause, Rc::new(value.clone())))
        }
        Some(_) => Err(Stop::NotKnown),
    }
}

/// Writes a value from where the line stands, and ends the line. Values are of a bounded depth.
fn write(value: &Value, indentation: usize, out: &mut String) -> Result<(), Stop> {
    match &value.shape {
        Shape::List(items) | Shape::Set(items) if !items.values.is_empty() => {
            for (position, item) in items.values.iter().enumerate() {
                begin_line(position, indentation, out);
                out.push_str("- ");
                write(item, indentation + 2, out)?;
            }
            return Ok(());
        }
        Shape::Object(members) if !members.values.is_empty() => {
            for (position, (name, member)) in members.values.iter().enumerate() {
                begin_line(position, indentation, out);
                out.push_str(&quoted(name));
                out.push(':');
                write_member(member, indentation, out)?;
            }
            return Ok(());
        }
        Shape::List(_) | Shape::Set(_) => out.push_str("[]"),
        Shape::Object(_) => out.push_str("{}"),
        Shape::Null => out.push_str("null"),
        Shape::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Shape::Int(value) => {
            let _ = write!(out, "{value}");
        }
        Shape::Number(text) => out.push_str(text),
        Shape::Text(text) => write_text(text, indentation, out),
        _ => return Err(stop(value)),
    }
    out.push('\n');
    Ok(())
}

/// Lists in objects stand where the object's names stand; objects in them stand further in.
fn write_member(member: &Value, indentation: usize, out: &mut String) -> Result<(), Stop> {
    let indentation = match &member.shape {
        Shape::List(items) | Shape::Set(items) if !items.values.is_empty() => indentation,
        Shape::Object(members) if !members.values.is_empty() => indentation + 2,
        _ => {
            out.push(' ');
            return write(member, indentation + 2, out);
        }
    };
    out.push('\n');
    out.extend(std::iter::repeat_n(' ', indentation));
    write(member, indentation, out)
}

/// What comes first stands where the line stands already.
fn begin_line(position: usize, indentation: usize, out: &mut String) {
    if position > 0 {
        out.extend(std::iter::repeat_n(' ', indentation));
    }
}

/// Text of several lines as lines, where every character can stand so; else between quotation marks.
fn write_text(text: &str, indentation: usize, out: &mut String) {
    let is_plain = |sign: char| matches!(sign, '\n' | '\t') || is_printable(sign);
    let is_literal = text.contains('\n')
        && !text.starts_with([' ', '\n'])
        && text.lines().all(|line| !line.ends_with([' ', '\t']))
        && text.chars().all(is_plain);
    if !is_literal {
        return out.push_str(&quoted(text));
    }
    let ends = text.len() - text.trim_end_matches('\n').len();
    out.push_str(match ends {
        0 => "|-",
        1 => "|",
        _ => "|+",
    });
    let lines = text.strip_suffix('\n').unwrap_or(text);
    for line in lines.split('\n') {
        out.push('\n');
        if !line.is_empty() {
            out.extend(std::iter::repeat_n(' ', indentation.max(2)));
            out.push_str(line);
        }
    }
}

fn quoted(text: &str) -> String {
    let written = serde_json::to_string(text).unwrap_or_default();
    // JSON takes characters as they are that YAML does not.
    let mut out = String::with_capacity(written.len());
    for sign in written.chars() {
        if is_printable(sign) {
            out.push(sign);
        } else {
            let _ = write!(out, "\\u{:04x}", u32::from(sign));
        }
    }
    out
}

fn is_printable(sign: char) -> bool {
    !sign.is_control() && !matches!(sign, '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn what_is_written_is_read(text in "[ -~\n\t\u{80}-\u{a0}é\u{2028}\u{feff}]{0,12}", name in "\\PC{0,4}") {
            let text = Value::text(text.as_str(), 0);
            let inner = Value::object(vec![(name.as_str().into(), text.clone())], 0);
            let value = Value::list(vec![text.clone(), inner.clone(), Value::list(vec![inner], 0)], 0);
            let Ok(Shape::Text(written)) = encode(&value) else { panic!("not written") };
            let read = decode(&written, 0).map(|shape| Value::new(shape, 0));
            assert_eq!(
                read.ok().and_then(|read| super::super::super::operators::equal(&read, &value)),
                Some(true),
                "{written}"
            );
        }
    }
}
