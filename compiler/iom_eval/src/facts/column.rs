//! Most fields are an attribute of the source's object, as it stands there. A column of such a field is filled in one go
//! when the first element is asked for it, which takes a tenth of asking one element after the other.

use iom_model::Scalar;
use iom_state::tape::{NodeIndex, NodeValue, Symbol, Tape};

use super::element::Column;
use super::{Estate, Origin, Shard};
use crate::program::{AdapterId, Code, EnumCode, TypeCode};
use crate::value::{ElementId, Value};

/// How the values of a field are read off the objects that one adapter takes.
struct Plain<'p> {
    /// The first that leads to something counts.
    paths: &'p [Box<[Symbol]>],
    shape: Shape<'p>,
    /// Nothing stands for nothing.
    takes_absent: bool,
}

/// What values look like that need no conversion.
enum Shape<'p> {
    Bool,
    Int,
    Text,
    Enum(&'p EnumCode),
    /// A map of texts.
    Texts,
}

/// What stands at the end of a path.
enum Found {
    Nothing,
    Node(NodeIndex),
    /// Something is not as it should be, or not known.
    Other,
}

impl Estate {
    /// A column of a field with all values that are plain, of which nothing has to be said; the others are read when they
    /// are asked for.
    pub(super) fn filled_column(&self, shard: &Shard, field: u16) -> Column {
        // A session tells what was read from what was not.
        if self.book.is_some() {
            return shard.empty_column();
        }
        let mut last: Option<((u32, AdapterId), Option<Plain<'_>>)> = None;
        let known = |id: u32| {
            let Origin::Imported { source, adapter, this: Value::Node { node, .. }, .. } =
                &self.element(ElementId(id)).origin
            else {
                return None;
            };
            let key = (*source, *adapter);
            if last.as_ref().is_none_or(|(known, _)| *known != key) {
                last = Some((key, self.plain(*source, *adapter, field)));
            }
            let Some((_, Some(plain))) = &last else { return None };
            self.plain_value(plain, *source, *node)
        };
        Column::of(shard.range().map(known))
    }

    fn plain(&self, source: u32, adapter: AdapterId, field: u16) -> Option<Plain<'_>> {
        let adapter = &self.program.adapters[adapter.index()];
        let code = self.program.kind(adapter.kind).fields.get(usize::from(field))?;
        let mapped = adapter.fields.get(usize::from(field))?.as_ref()?;
        let paths: &[Box<[Symbol]>] = match &mapped.path {
            Some(path) if path.target.is_none() => &path.paths,
            // `tags: absent`
            None if matches!(mapped.value.seen_through(), Code::Constant(Value::Absent)) => &[],
            _ => return None,
        };
        if code.derive.is_some() || self.has_stale(source) {
            return None;
        }
        let types = &self.program.types;
        let mut ty = types.get(code.ty);
        if let TypeCode::Optional(inner) = ty {
            ty = types.get(*inner);
        }
        let shape = match ty {
            TypeCode::Scalar(Scalar::Bool) => Shape::Bool,
            TypeCode::Scalar(Scalar::Int) => Shape::Int,
            TypeCode::Scalar(Scalar::String | Scalar::StringNocase) => Shape::Text,
            TypeCode::Enum(id) => Shape::Enum(types.enumeration(*id)),
            TypeCode::Map(..) if types.is_map_of_texts(code.ty) => Shape::Texts,
            _ => return None,
        };
        let takes_absent = code.is_optional && code.default.is_none() && !code.is_bound;
        Some(Plain { paths, shape, takes_absent })
    }

    fn plain_value(&self, plain: &Plain<'_>, source: u32, object: NodeIndex) -> Option<Value> {
        let tape = &self.sources[source as usize].document.tape;
        let is_nothing = |node: NodeIndex| match tape.node(node).value {
            NodeValue::Null => true,
            NodeValue::Text(text) => text == self.program.names.empty,
            _ => false,
        };
        let mut ends = plain.paths.iter().map(|path| at_end(tape, object, path));
        let found = ends.find(|found| match found {
            Found::Nothing => false,
            Found::Node(node) => !is_nothing(*node),
            Found::Other => true,
        });
        let Some(Found::Node(node)) = found else {
            // Empty text is a value of some fields.
            let is_empty =
                found.is_none() && plain.paths.iter().all(|path| leads_nowhere(tape, object, path));
            return (is_empty && plain.takes_absent).then_some(Value::Absent);
        };
        match (tape.node(node).value, &plain.shape) {
            (NodeValue::Bool(value), Shape::Bool) => Some(Value::Bool(value)),
            (NodeValue::Int(value), Shape::Int) => Some(Value::Int(value)),
            (NodeValue::Text(text), Shape::Text) => Some(Value::Text(text)),
            (NodeValue::Text(text), Shape::Enum(alternatives)) => {
                alternatives.spellings.get(&text).map(|name| Value::Text(*name))
            }
            (NodeValue::Object { .. }, Shape::Texts) => {
                self.has_texts_only(source, node).then_some(Value::Entries { source, node })
            }
            _ => None,
        }
    }
}

fn at_end(tape: &Tape, mut node: NodeIndex, path: &[Symbol]) -> Found {
    for name in path {
        match tape.node(node).value {
            NodeValue::Object { .. } => match tape.member(node, *name) {
                Some(member) => node = member,
                None => return Found::Nothing,
            },
            NodeValue::Null => return Found::Nothing,
            _ => return Found::Other,
        }
    }
    Found::Node(node)
}

/// Whether there is nothing, or null, at the end of a path.
fn leads_nowhere(tape: &Tape, object: NodeIndex, path: &[Symbol]) -> bool {
    match at_end(tape, object, path) {
        Found::Nothing => true,
        Found::Node(node) => tape.node(node).value == NodeValue::Null,
        Found::Other => false,
    }
}
