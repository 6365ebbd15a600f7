//! Documents of any sort as plain values, for those who need no places.

use serde_json::{Map, Number, Value};

use crate::document::ImportError;
use crate::tape::Strings;
use crate::tree::{Documents, NodeId, Tree, TreeValue};

/// The documents of a text in YAML or JSON, which are null where there is nothing but comments.
///
/// # Errors
/// Where the text is broken: with line and column.
pub fn documents(text: &str) -> Result<Vec<Value>, ImportError> {
    let mut strings = Strings::default();
    let mut documents = Documents::new(text);
    let mut found = Vec::new();
    while let Some(tree) = documents.next(&mut strings)? {
        let value = value(tree, tree.root(), &strings);
        found.push(value);
    }
    Ok(found)
}

/// Trees are of a bounded depth, also with what aliases stand for, so this ends.
fn value(tree: &Tree<'_>, node: NodeId, strings: &Strings) -> Value {
    match tree.value(node) {
        TreeValue::Null => Value::Null,
        TreeValue::Bool(value) => Value::Bool(*value),
        TreeValue::Int(value) => Value::from(*value),
        TreeValue::Number(text) => {
            let number = text.parse::<f64>().ok().and_then(Number::from_f64);
            number.map_or_else(|| Value::String(text.to_string()), Value::Number)
        }
        TreeValue::Text(text) => Value::String(text.to_string()),
        TreeValue::List { .. } => {
            tree.elements(node).iter().map(|element| value(tree, element.node, strings)).collect()
        }
        TreeValue::Object { .. } => {
            let members = tree.members(node).iter();
            let members = members
                .map(|member| (strings.resolve(&member.key).to_owned(), value(tree, member.node, strings)));
            Value::Object(members.collect::<Map<String, Value>>())
        }
    }
}
