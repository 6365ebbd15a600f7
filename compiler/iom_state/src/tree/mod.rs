//! A document as a tree, before anything of it is kept: what YAML and JSON have in common. Importers look at it to see what it is,
//! then write what is wanted to a tape.

mod build;
mod documents;
mod json;
mod write;

pub(crate) use build::{Builder, Mistake, shown};
pub(crate) use documents::Documents;
pub(crate) use json::JsonDocuments;
pub(crate) use write::{Keep, TreeWriter};

use std::borrow::Cow;

use crate::tape::Symbol;

/// A node of a [`Tree`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct NodeId(pub u32);

/// One document. A node may be a child of several others, where the text uses aliases; it is never inside itself, and all of it
/// written out is not much larger than the text: see [`Builder::finish`].
#[derive(Default, Debug)]
pub(crate) struct Tree<'t> {
    nodes: Vec<TreeNode<'t>>,
    children: Vec<Child>,
    tags: Vec<Box<str>>,
}

#[derive(Debug)]
struct TreeNode<'t> {
    value: TreeValue<'t>,
    /// Where it stands in its text, in bytes.
    offset: u32,
    /// 1 more than its position in [`Tree::tags`].
    tag: u32,
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) enum TreeValue<'t> {
    Null,
    Bool(bool),
    Int(i64),
    /// A number that is no `i64`, as JSON writes it.
    Number(Cow<'t, str>),
    Text(Cow<'t, str>),
    /// `len` children from `first` on.
    List {
        first: u32,
        len: u32,
    },
    Object {
        first: u32,
        len: u32,
    },
}

/// A member of an object or an element of a list.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Child {
    /// Says nothing of elements of lists.
    pub key: Symbol,
    /// Where the key stands.
    pub key_offset: u32,
    pub node: NodeId,
}

impl<'t> Tree<'t> {
    pub(crate) fn clear(&mut self) {
        self.nodes.clear();
        self.children.clear();
        self.tags.clear();
    }

    /// The last node that was added: the document as a whole, once it is read.
    pub(crate) fn root(&self) -> NodeId {
        NodeId((self.nodes.len() as u32).saturating_sub(1))
    }

    pub(crate) fn value(&self, node: NodeId) -> &TreeValue<'t> {
        self.nodes.get(node.0 as usize).map_or(&TreeValue::Null, |node| &node.value)
    }

    pub(crate) fn offset(&self, node: NodeId) -> u32 {
        self.nodes.get(node.0 as usize).map_or(0, |node| node.offset)
    }

    /// `!Ref`, where the value has a tag that is not one of YAML itself.
    pub(crate) fn tag(&self, node: NodeId) -> Option<&str> {
        let position = self.nodes.get(node.0 as usize)?.tag.checked_sub(1)?;
        self.tags.get(position as usize).map(|tag| &**tag)
    }

    /// The members of an object, the elements of a list; nothing for any other value.
    pub(crate) fn children(&self, node: NodeId) -> &[Child] {
        match *self.value(node) {
            TreeValue::List { first, len } | TreeValue::Object { first, len } => {
                self.children.get(first as usize..(first + len) as usize).unwrap_or_default()
            }
            _ => &[],
        }
    }

    /// The members of an object; nothing for any other value.
    pub(crate) fn members(&self, node: NodeId) -> &[Child] {
        if self.is_object(node) { self.children(node) } else { &[] }
    }

    pub(crate) fn elements(&self, node: NodeId) -> &[Child] {
        if self.is_list(node) { self.children(node) } else { &[] }
    }

    pub(crate) fn member(&self, node: NodeId, key: Symbol) -> Option<NodeId> {
        self.members(node).iter().find(|child| child.key == key).map(|child| child.node)
    }

    pub(crate) fn text(&self, node: NodeId) -> Option<&str> {
        match self.value(node) {
            TreeValue::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The text of a member, where it is text.
    pub(crate) fn member_text(&self, node: NodeId, key: Symbol) -> Option<&str> {
        self.text(self.member(node, key)?)
    }

    pub(crate) fn is_object(&self, node: NodeId) -> bool {
        matches!(self.value(node), TreeValue::Object { .. })
    }

    pub(crate) fn is_list(&self, node: NodeId) -> bool {
        matches!(self.value(node), TreeValue::List { .. })
    }

    pub(crate) fn is_null(&self, node: NodeId) -> bool {
        matches!(self.value(node), TreeValue::Null)
    }

    /// The values with a tag that is not one of YAML itself.
    pub(crate) fn tagged(&self) -> impl Iterator<Item = NodeId> {
        let tagged = self.nodes.iter().enumerate().filter(|(_, node)| node.tag > 0);
        tagged.map(|(position, _)| NodeId(position as u32))
    }

    /// The first of them in the text.
    pub(crate) fn first_tagged(&self) -> Option<NodeId> {
        self.tagged().min_by_key(|node| self.offset(*node))
    }

    /// `/spec/containers/0`: where in the document a value stands; where it stands several times, the first of them.
    pub(crate) fn pointer(&self, wanted: NodeId, name: impl Fn(Symbol) -> String) -> String {
        // Parents have greater numbers than what is in them.
        let mut path = Vec::new();
        let mut node = wanted;
        while node != self.root() {
            let parent = (node.0 + 1..self.nodes.len() as u32).map(NodeId).find_map(|parent| {
                let position = self.children(parent).iter().position(|child| child.node == node)?;
                Some((parent, position))
            });
            let Some((parent, position)) = parent else { break };
            let key = self.children(parent).get(position).filter(|_| self.is_object(parent));
            path.push(key.map_or_else(|| position.to_string(), |child| name(child.key)));
            node = parent;
        }
        path.iter()
            .rev()
            .fold(String::new(), |pointer, step| pointer + "/" + &step.replace('~', "~0").replace('/', "~1"))
    }
}
