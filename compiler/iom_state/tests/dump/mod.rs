//! A document as text, for people and for snapshots.

use std::fmt::Write;

use iom_state::document::Document;
use iom_state::files::FilePlace;
use iom_state::tape::{Mark, NodeIndex, NodeValue, Strings};

/// One line per object, then its attributes and their marks.
pub fn dump(document: &Document, strings: &Strings) -> String {
    let mut out = String::new();
    let _ = writeln!(
        out,
        "format {:?} version {:?} tool {:?} timestamp {:?}",
        document.format, document.format_version, document.tool_version, document.timestamp
    );
    for object in &document.objects {
        let FilePlace { line, column, .. } = document.files.place(object.offset);
        let _ = writeln!(
            out,
            "{} [{:?}] provider {} module {:?} at {line}:{column} {}",
            strings.resolve(&object.address),
            object.action,
            strings.resolve(&object.provider),
            strings.resolve(&object.module),
            document.pointer(object)
        );
        for dependency in document.depends_on(object) {
            let _ = writeln!(out, "  depends on {}", address(document, strings, dependency.0));
        }
        if let Some(values) = object.values {
            dump_node(document, strings, values, 1, &mut out);
        }
    }
    for remark in &document.remarks {
        let address = remark.address.map(|address| strings.resolve(&address)).unwrap_or_default();
        let _ = writeln!(out, "remark: {address}: {}", remark.message);
    }
    out
}

fn address<'s>(document: &Document, strings: &'s Strings, object: u32) -> &'s str {
    strings.resolve(&document.objects[object as usize].address)
}

fn dump_node(document: &Document, strings: &Strings, node: NodeIndex, depth: usize, out: &mut String) {
    let tape = &document.tape;
    for (key, member) in tape.members(node) {
        dump_entry(document, strings, strings.resolve(&key), member, depth, out);
    }
    for (position, element) in tape.elements(node).enumerate() {
        dump_entry(document, strings, &position.to_string(), element, depth, out);
    }
}

fn dump_entry(
    document: &Document,
    strings: &Strings,
    name: &str,
    node: NodeIndex,
    depth: usize,
    out: &mut String,
) {
    let value = match document.tape.node(node).value {
        NodeValue::Null => "null".to_owned(),
        NodeValue::Bool(value) => value.to_string(),
        NodeValue::Int(value) => value.to_string(),
        NodeValue::Number(text) => format!("number {}", strings.resolve(&text)),
        NodeValue::Text(text) => {
            let text = strings.resolve(&text);
            let shown: String = text.chars().take(60).collect();
            format!("{shown:?}{}", if shown.len() < text.len() { "..." } else { "" })
        }
        NodeValue::List { len: 0, .. } => "[]".to_owned(),
        NodeValue::Object { len: 0, .. } => "{}".to_owned(),
        NodeValue::List { .. } | NodeValue::Object { .. } => String::new(),
        NodeValue::Unknown(cause) => format!("unknown {cause:?}"),
    };
    let _ = write!(out, "{}{name}: {value}", "  ".repeat(depth));
    if let Some(mark) = document.tape.marks.get(&node) {
        dump_mark(document, strings, mark, out);
    }
    out.push('\n');
    dump_node(document, strings, node, depth + 1, out);
}

fn dump_mark(document: &Document, strings: &Strings, mark: &Mark, out: &mut String) {
    for reference in &mark.references {
        let targets: Vec<&str> =
            reference.targets.iter().map(|id| address(document, strings, id.0)).collect();
        let attribute = reference.attribute.map(|name| strings.resolve(&name)).unwrap_or("?");
        let written = strings.resolve(&reference.written);
        let _ = write!(out, " <- {written} = {} .{attribute}", targets.join(" | "));
    }
    if let Some(module) = mark.unresolved_in {
        let _ = write!(out, " <- local in {:?}", strings.resolve(&module));
    }
    for (is_set, word) in [
        (mark.has_other_inputs, "other inputs"),
        (mark.sensitive, "sensitive"),
        (mark.is_left_to_provider, "left to provider"),
    ] {
        if is_set {
            let _ = write!(out, " ({word})");
        }
    }
}
