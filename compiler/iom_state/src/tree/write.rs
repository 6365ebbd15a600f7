//! What is wanted of a tree goes to the tape.

use super::{Child, NodeId, Tree, TreeValue};
use crate::interner::InternCache;
use crate::tape::{Mark, Node, NodeIndex, NodeValue, Strings, Symbol, Tape, UnknownCause};

/// What is kept of a value.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Keep {
    All,
    Nothing,
    /// That there is something, but not what; names of members, but not what they hold.
    Secret,
    /// Of an object: the members that are named here as it is said of them, all others whole.
    Members(&'static [(&'static str, Keep)]),
}

/// Writes parts of a tree to a tape.
pub(crate) struct TreeWriter<'a, 't> {
    pub tree: &'a Tree<'t>,
    pub tape: &'a mut Tape,
    pub strings: &'a mut Strings,
    pub cache: &'a mut InternCache,
    /// Children of containers that are open.
    pub pending: &'a mut Vec<(Symbol, Node)>,
    /// Where the text begins in the document.
    pub base: u32,
}

impl TreeWriter<'_, '_> {
    /// Writes an object of some members, each with what is kept of it.
    pub(crate) fn object(
        &mut self,
        offset: u32,
        members: &[(Child, Keep)],
        more: &[(Symbol, Node)],
    ) -> NodeIndex {
        let start = self.pending.len();
        for (child, keep) in members {
            if let Some(node) = self.value(child.node, *keep) {
                self.pending.push((child.key, node));
            }
        }
        self.pending.extend(more);
        let (first, len) = self.close(start);
        let node = Node { value: NodeValue::Object { first, len }, offset: self.base + offset };
        self.tape.push(node, Symbol::default())
    }

    /// A value that is not on the tape yet, while all that is in it is.
    pub(crate) fn value(&mut self, id: NodeId, keep: Keep) -> Option<Node> {
        let tree = self.tree;
        let value = match (keep, tree.value(id)) {
            (Keep::Nothing, _) => return None,
            (_, TreeValue::Null) => NodeValue::Null,
            (Keep::Secret, TreeValue::Object { .. }) => return Some(self.container(id, keep)),
            (Keep::Secret, _) => NodeValue::Unknown(UnknownCause::Sensitive),
            (_, TreeValue::Object { .. } | TreeValue::List { .. }) => return Some(self.container(id, keep)),
            (_, TreeValue::Bool(value)) => NodeValue::Bool(*value),
            (_, TreeValue::Int(value)) => NodeValue::Int(*value),
            (_, TreeValue::Number(text)) => NodeValue::Number(self.strings.get_or_intern(text)),
            (_, TreeValue::Text(text)) => NodeValue::Text(self.cache.intern(text, self.strings)),
        };
        Some(Node { value, offset: self.base + tree.offset(id) })
    }

    /// A list or an object. Trees are of a bounded depth, so this ends.
    fn container(&mut self, id: NodeId, keep: Keep) -> Node {
        let tree = self.tree;
        let is_object = tree.is_object(id);
        let start = self.pending.len();
        for child in tree.children(id) {
            let inside = match keep {
                Keep::Members(rules) if is_object => {
                    let name = self.strings.resolve(&child.key);
                    rules.iter().find(|(member, _)| *member == name).map_or(Keep::All, |(_, keep)| *keep)
                }
                Keep::Members(_) => Keep::All,
                other => other,
            };
            if let Some(node) = self.value(child.node, inside) {
                self.pending.push((child.key, node));
            }
        }
        let (first, len) = self.close(start);
        let value = if is_object { NodeValue::Object { first, len } } else { NodeValue::List { first, len } };
        Node { value, offset: self.base + tree.offset(id) }
    }

    /// Moves the children of a container to the tape.
    fn close(&mut self, start: usize) -> (NodeIndex, u32) {
        let first = self.tape.len() as u32;
        for (key, node) in self.pending.drain(start..) {
            let index = self.tape.push(node, key);
            if node.value == NodeValue::Unknown(UnknownCause::Sensitive) {
                self.tape.marks.insert(index, Mark { sensitive: true, ..Mark::default() });
            }
        }
        (NodeIndex(first), self.tape.len() as u32 - first)
    }
}
