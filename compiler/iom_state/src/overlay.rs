//! What a plan says about values beside them: which are known only after apply, which are secret, and which the author
//! gave at all. All three are trees of the same shape as the value, walked together with it.

use crate::tape::{NodeIndex, NodeValue, Symbol, Tape};

/// The trees laid over one object's attributes.
pub(crate) struct Overlay<'a> {
    /// Trees of `true` and `false`: unknown and sensitive.
    pub shapes: &'a Tape,
    /// The expressions of the configuration.
    pub expressions: &'a Expressions,
    /// The layer of the whole object.
    pub top: Layer,
}

/// The place in each tree that belongs to a value.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Layer {
    pub unknown: Option<NodeIndex>,
    /// A value is secret if either says so: Terraform repeats the mark with the change and with the planned value.
    pub sensitive: [Option<NodeIndex>; 2],
    pub given: Given,
}

impl Layer {
    /// True if neither this value nor anything inside it is unknown or secret.
    pub(crate) fn is_empty(self) -> bool {
        self.unknown.is_none() && self.sensitive == [None, None]
    }
}

/// Whether the author wrote something for a value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Given {
    /// There is an expression, or nothing tells that there is none.
    Yes,
    /// The configuration of the resource is known and has nothing here.
    No,
    /// A block with these arguments; `None`: without any.
    Block(Option<NodeIndex>),
    /// Blocks of the same name, in the order written.
    Blocks(NodeIndex),
}

impl Given {
    pub(crate) fn is_given(self) -> bool {
        self != Given::No
    }
}

/// The expressions of a configuration: `{"references": [..]}` and `{"constant_value": ..}` for arguments, objects and
/// lists of objects for nested blocks. Constant values themselves are not kept.
pub(crate) struct Expressions {
    pub tape: Tape,
    pub references: Symbol,
    pub constant_value: Symbol,
}

impl Expressions {
    /// True for an argument's expression, false for a block.
    fn is_expression(&self, object: NodeIndex) -> bool {
        let is_list = |node| matches!(self.tape.node(node).value, NodeValue::List { .. });
        self.tape
            .members(object)
            .all(|(key, value)| key == self.constant_value || (key == self.references && is_list(value)))
    }

    /// What an entry among a block's expressions is.
    pub(crate) fn entry(&self, node: NodeIndex) -> Given {
        match self.tape.node(node).value {
            NodeValue::Object { .. } if !self.is_expression(node) => Given::Block(Some(node)),
            NodeValue::List { .. } => Given::Blocks(node),
            _ => Given::Yes,
        }
    }

    /// What an entry of a list of blocks is; `{}` is a block without arguments here.
    pub(crate) fn block(&self, node: NodeIndex) -> Given {
        match self.tape.node(node).value {
            NodeValue::Object { len: 0, .. } => Given::Block(None),
            _ => self.entry(node),
        }
    }

    pub(crate) fn list_len(&self, list: NodeIndex) -> u32 {
        match self.tape.node(list).value {
            NodeValue::List { len, .. } => len,
            _ => 0,
        }
    }

    fn member(&self, given: Given, key: Symbol) -> Given {
        match given {
            // Inside a value that has no expression of its own but exists: a `dynamic` block made it, and the plan
            // doesn't tell which of its arguments the author gave.
            Given::Yes | Given::No => Given::Yes,
            Given::Block(None) => Given::No,
            Given::Block(Some(block)) => {
                self.tape.member(block, key).map_or(Given::No, |node| self.entry(node))
            }
            Given::Blocks(blocks) => match self.tape.element(blocks, 0) {
                Some(only) if self.list_len(blocks) == 1 => self.member(self.block(only), key),
                _ => Given::Yes,
            },
        }
    }

    /// `block` is the block the element comes from, if that can be told.
    fn element(&self, given: Given, block: Option<NodeIndex>) -> Given {
        match (given, block) {
            (Given::Blocks(_), Some(block)) => self.block(block),
            (Given::Block(_), _) => given,
            _ => Given::Yes,
        }
    }
}

impl Overlay<'_> {
    pub(crate) fn member(&self, layer: Layer, key: Symbol) -> Layer {
        let child = |parent: Option<NodeIndex>| parent.and_then(|parent| self.shapes.member(parent, key));
        Layer {
            unknown: self.meaningful(child(layer.unknown)),
            sensitive: layer.sensitive.map(|sensitive| self.meaningful(child(sensitive))),
            given: self.expressions.member(layer.given, key),
        }
    }

    /// The layer of an element, and the block it comes from, if that can be told.
    pub(crate) fn element(&self, layer: Layer, position: u32, block: Option<NodeIndex>) -> Layer {
        let child =
            |parent: Option<NodeIndex>| parent.and_then(|parent| self.shapes.element(parent, position));
        Layer {
            unknown: self.meaningful(child(layer.unknown)),
            sensitive: layer.sensitive.map(|sensitive| self.meaningful(child(sensitive))),
            given: self.expressions.element(layer.given, block),
        }
    }

    pub(crate) fn is_unknown(&self, layer: Layer) -> bool {
        self.is_true(layer.unknown)
    }

    pub(crate) fn is_sensitive(&self, layer: Layer) -> bool {
        layer.sensitive.into_iter().any(|sensitive| self.is_true(sensitive))
    }

    /// True if something inside the value is secret but the value is not shaped as the tree says, so that what is secret
    /// can't be told from what is not.
    pub(crate) fn hides_other_shape(&self, layer: Layer, is_object: bool, is_list: bool) -> bool {
        layer.sensitive.into_iter().flatten().any(|tree| {
            let fits = match self.shapes.node(tree).value {
                NodeValue::Object { .. } => is_object,
                NodeValue::List { .. } => is_list,
                _ => true,
            };
            !fits && self.has_true(tree)
        })
    }

    /// True if a sensitivity tree has a list or a map for a member: Terraform writes one for every value of such a type,
    /// also for unknown ones.
    pub(crate) fn is_collection(&self, layer: Layer, key: Symbol) -> bool {
        layer.sensitive.into_iter().flatten().filter_map(|tree| self.shapes.member(tree, key)).any(|member| {
            matches!(self.shapes.node(member).value, NodeValue::List { .. } | NodeValue::Object { .. })
        })
    }

    /// True if a tree is `true` anywhere.
    pub(crate) fn has_true(&self, tree: NodeIndex) -> bool {
        match self.shapes.node(tree).value {
            NodeValue::Bool(value) => value,
            NodeValue::List { first, len } | NodeValue::Object { first, len } => {
                (first.0..first.0 + len).any(|child| self.has_true(NodeIndex(child)))
            }
            _ => false,
        }
    }

    fn is_true(&self, tree: Option<NodeIndex>) -> bool {
        tree.is_some_and(|tree| self.shapes.node(tree).value == NodeValue::Bool(true))
    }

    /// `None` for trees that say nothing, so that values under them are read without looking at trees.
    fn meaningful(&self, tree: Option<NodeIndex>) -> Option<NodeIndex> {
        tree.filter(|tree| match self.shapes.node(*tree).value {
            NodeValue::Bool(value) => value,
            NodeValue::List { len, .. } | NodeValue::Object { len, .. } => len > 0,
            _ => false,
        })
    }
}
