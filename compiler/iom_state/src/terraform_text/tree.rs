use crate::document::ObjectId;
use crate::tape::{Mark, Node, NodeIndex, NodeValue, Reference, Strings, Tape, UnknownCause};

/// A value in the making.
#[derive(Clone, Debug)]
pub(super) struct Tree {
    pub shape: Shape,
    pub offset: u32,
    pub references: Vec<Named>,
    /// It also depends on something that is no object.
    pub has_other_inputs: bool,
}

#[derive(Clone, Debug)]
pub(super) enum Shape {
    Null,
    Bool(bool),
    Int(i64),
    /// As written.
    Number(String),
    Text(String),
    List(Vec<Tree>),
    Object(Vec<(String, Tree)>),
    Unknown(UnknownCause),
}

/// What an expression refers to.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Named {
    pub targets: Vec<ObjectId>,
    pub attribute: Option<String>,
    pub written: String,
}

impl Tree {
    pub fn new(shape: Shape, offset: u32) -> Tree {
        Tree { shape, offset, references: Vec::new(), has_other_inputs: false }
    }

    /// Nothing here tells it.
    pub fn unknown(cause: UnknownCause, offset: u32) -> Tree {
        Tree::new(Shape::Unknown(cause), offset)
    }

    /// Adds what another value came from.
    pub fn inherit(&mut self, other: &Tree) {
        for reference in &other.references {
            if !self.references.contains(reference) {
                self.references.push(reference.clone());
            }
        }
        self.has_other_inputs |= other.has_other_inputs;
    }

    /// What everything inside refers to, for values made of it as a whole.
    pub fn inherit_all(&mut self, other: &Tree) {
        self.inherit(other);
        match &other.shape {
            Shape::List(items) => items.iter().for_each(|item| self.inherit_all(item)),
            Shape::Object(members) => members.iter().for_each(|(_, member)| self.inherit_all(member)),
            _ => {}
        }
    }

    /// Why some part of the value is not known.
    pub fn doubt(&self) -> Option<UnknownCause> {
        match &self.shape {
            Shape::Unknown(cause) => Some(*cause),
            Shape::List(items) => items.iter().find_map(Tree::doubt),
            Shape::Object(members) => members.iter().find_map(|(_, member)| member.doubt()),
            _ => None,
        }
    }

    /// As a template or a key writes it.
    pub fn text(&self) -> Option<String> {
        match &self.shape {
            Shape::Bool(value) => Some(value.to_string()),
            Shape::Int(value) => Some(value.to_string()),
            Shape::Number(text) | Shape::Text(text) => Some(text.clone()),
            _ => None,
        }
    }

    /// How many values it is made of.
    pub fn size(&self) -> usize {
        match &self.shape {
            Shape::List(items) => 1 + items.iter().map(Tree::size).sum::<usize>(),
            Shape::Object(members) => 1 + members.iter().map(|(_, member)| member.size()).sum::<usize>(),
            Shape::Text(text) => 1 + text.len() / 64,
            _ => 1,
        }
    }
}

/// Puts a value on the tape.
pub(super) fn write(tree: &Tree, tape: &mut Tape, strings: &mut Strings) -> NodeIndex {
    let no_key = strings.get_or_intern("");
    let index = tape.len();
    reserve(tape, 1, no_key);
    fill(index, tree, tape, strings);
    NodeIndex(index as u32)
}

/// Children stand side by side: their places are taken before any of them is filled.
fn reserve(tape: &mut Tape, count: usize, no_key: crate::tape::Symbol) {
    for _ in 0..count {
        tape.push(Node { value: NodeValue::Null, offset: 0 }, no_key);
    }
}

fn fill(index: usize, tree: &Tree, tape: &mut Tape, strings: &mut Strings) {
    let no_key = strings.get_or_intern("");
    let first = tape.len();
    let range = |len: usize| (NodeIndex(first as u32), len as u32);
    let value = match &tree.shape {
        Shape::Null => NodeValue::Null,
        Shape::Bool(value) => NodeValue::Bool(*value),
        Shape::Int(value) => NodeValue::Int(*value),
        Shape::Number(text) => NodeValue::Number(strings.get_or_intern(text)),
        Shape::Text(text) => NodeValue::Text(strings.get_or_intern(text)),
        Shape::Unknown(cause) => NodeValue::Unknown(*cause),
        Shape::List(items) => {
            reserve(tape, items.len(), no_key);
            items.iter().enumerate().for_each(|(position, item)| fill(first + position, item, tape, strings));
            let (first, len) = range(items.len());
            NodeValue::List { first, len }
        }
        Shape::Object(members) => {
            reserve(tape, members.len(), no_key);
            for (position, (name, member)) in members.iter().enumerate() {
                tape.set_key(NodeIndex((first + position) as u32), strings.get_or_intern(name));
                fill(first + position, member, tape, strings);
            }
            let (first, len) = range(members.len());
            NodeValue::Object { first, len }
        }
    };
    tape.set(NodeIndex(index as u32), Node { value, offset: tree.offset });
    let is_sensitive = matches!(tree.shape, Shape::Unknown(UnknownCause::Sensitive));
    if !tree.references.is_empty() || tree.has_other_inputs || is_sensitive {
        let references = tree.references.iter().map(|named| Reference {
            targets: named.targets.clone(),
            attribute: named.attribute.as_ref().map(|name| strings.get_or_intern(name)),
            is_inferred: false,
            written: strings.get_or_intern(&named.written),
        });
        let mark = Mark {
            sensitive: is_sensitive,
            references: references.collect(),
            has_other_inputs: tree.has_other_inputs,
            ..Mark::default()
        };
        tape.marks.insert(NodeIndex(index as u32), mark);
    }
}
