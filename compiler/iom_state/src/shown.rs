//! Values of a document in words, for snapshots.

use std::fmt::Write as _;

use crate::document::Document;
use crate::tape::{NodeIndex, NodeValue, Strings};

pub(crate) fn shown(document: &Document, strings: &Strings, node: NodeIndex, out: &mut String) {
    let tape = &document.tape;
    let _ = match tape.node(node).value {
        NodeValue::Null => write!(out, "null"),
        NodeValue::Bool(value) => write!(out, "{value}"),
        NodeValue::Int(value) => write!(out, "{value}"),
        NodeValue::Number(text) => write!(out, "{}", strings.resolve(&text)),
        NodeValue::Text(text) => write!(out, "{:?}", strings.resolve(&text)),
        NodeValue::Unknown(cause) => write!(out, "<{cause:?}>"),
        NodeValue::List { .. } => {
            out.push('[');
            for (position, item) in tape.elements(node).enumerate() {
                out.push_str(if position > 0 { ", " } else { "" });
                shown(document, strings, item, out);
            }
            write!(out, "]")
        }
        NodeValue::Object { .. } => {
            out.push('{');
            for (position, (name, member)) in tape.members(node).enumerate() {
                let _ = write!(out, "{}{}: ", if position > 0 { ", " } else { "" }, strings.resolve(&name));
                shown(document, strings, member, out);
            }
            write!(out, "}}")
        }
    };
    if let Some(mark) = tape.marks.get(&node) {
        if let Some(ends) = mark.known_ends {
            let (start, end) = (strings.resolve(&ends.start), strings.resolve(&ends.end));
            let _ = write!(out, " from {start:?}");
            if !end.is_empty() {
                let _ = write!(out, " to {end:?}");
            }
        }
        for reference in &mark.references {
            let targets: Vec<String> = reference.targets.iter().map(|target| target.0.to_string()).collect();
            let _ = write!(out, " -> {} [{}]", strings.resolve(&reference.written), targets.join(" "));
        }
    }
}
