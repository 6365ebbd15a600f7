use std::collections::BTreeMap;

use serde::Deserialize;

use crate::fault::Fault;
use crate::reader::Reader;
use crate::tape::{Node, NodeIndex, NodeValue, Strings, Symbol, Tape};

/// A list with a secret element further back than this is secret as a whole.
const MOST_ELEMENTS: usize = 1000;

/// What `sensitive_attributes` calls secret: a tree of paths.
#[derive(Default)]
pub(super) struct Secrets {
    /// Everything from here on is secret.
    pub is_whole: bool,
    members: BTreeMap<String, Secrets>,
    elements: BTreeMap<usize, Secrets>,
}

/// A step of a path: `{"type": "get_attr", "value": "password"}`,
/// `{"type": "index", "value": {"value": 0, "type": "number"}}`.
#[derive(Deserialize)]
#[serde(tag = "type", content = "value", rename_all = "snake_case")]
enum Step {
    GetAttr(String),
    Index(Index),
}

#[derive(Deserialize)]
struct Index {
    value: Key,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Key {
    Position(usize),
    Name(String),
    Other(serde::de::IgnoredAny),
}

impl Secrets {
    /// Adds the paths of a list. What is not understood can't be left aside: a secret would become a value.
    pub fn read(&mut self, reader: &mut Reader) -> Result<(), Fault> {
        let start = reader.skip_from()?;
        let written = reader.written(start, reader.offset()).unwrap_or_default();
        let paths: Vec<Vec<Step>> = serde_json::from_str(written).map_err(|_| {
            let message = "`sensitive_attributes` is no list of paths as Terraform writes them, so what is secret can't be told";
            Fault::malformed(start, message)
        })?;
        paths.iter().for_each(|path| self.add(path));
        Ok(())
    }

    fn add(&mut self, path: &[Step]) {
        let mut at = self;
        for step in path {
            at = match step {
                Step::GetAttr(name) | Step::Index(Index { value: Key::Name(name) }) => {
                    at.members.entry(name.clone()).or_default()
                }
                Step::Index(Index { value: Key::Position(position) }) if *position < MOST_ELEMENTS => {
                    at.elements.entry(*position).or_default()
                }
                // An element of a set, or one that is far back.
                Step::Index(_) => break,
            };
        }
        at.is_whole = true;
    }

    pub fn is_empty(&self) -> bool {
        !self.is_whole && self.members.is_empty() && self.elements.is_empty()
    }

    /// What is secret inside of a member.
    pub fn member(&self, name: &str) -> Option<&Secrets> {
        self.members.get(name)
    }

    /// Puts a tree of marks on a tape, as plans have them: `true` where everything is secret.
    pub fn write(&self, shapes: &mut Tape, strings: &mut Strings, no_key: Symbol) -> NodeIndex {
        let node = self.node(shapes, strings, no_key);
        shapes.push(node, no_key)
    }

    fn node(&self, shapes: &mut Tape, strings: &mut Strings, no_key: Symbol) -> Node {
        let offset = 0;
        // A value that is list and object at once is nothing that is known.
        let is_both = !self.members.is_empty() && !self.elements.is_empty();
        if self.is_whole || is_both {
            return Node { value: NodeValue::Bool(true), offset };
        }
        let len = self.elements.keys().next_back().map_or(0, |last| last + 1);
        let elements: Vec<Node> = (0..len)
            .map(|position| match self.elements.get(&position) {
                Some(inside) => inside.node(shapes, strings, no_key),
                None => Node { value: NodeValue::Bool(false), offset },
            })
            .collect();
        let members: Vec<(Symbol, Node)> = self
            .members
            .iter()
            .map(|(name, inside)| {
                let node = inside.node(shapes, strings, no_key);
                (strings.get_or_intern(name), node)
            })
            .collect();
        let first = NodeIndex(shapes.len() as u32);
        let value = if members.is_empty() {
            NodeValue::List { first, len: elements.len() as u32 }
        } else {
            NodeValue::Object { first, len: members.len() as u32 }
        };
        elements.into_iter().for_each(|node| {
            shapes.push(node, no_key);
        });
        members.into_iter().for_each(|(key, node)| {
            shapes.push(node, key);
        });
        Node { value, offset }
    }
}
