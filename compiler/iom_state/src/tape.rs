use crate::document::ObjectId;

/// Interned text of a run. Made while sources are imported, frozen ([`lasso::RodeoReader`]) before anything is evaluated.
pub type Symbol = lasso::Spur;
pub type Strings = lasso::Rodeo;

/// A node of a [`Tape`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct NodeIndex(pub u32);

/// The kept values of one document: a flat array of nodes instead of a JSON tree. Children of a list or an object stand
/// side by side, so that a node is found by arithmetic and nothing is allocated per value.
#[derive(Clone, Default, Debug)]
pub struct Tape {
    pub nodes: Vec<Node>,
    /// Keys of object members: `keys[i]` belongs to `nodes[i]` where that node is an object's member.
    pub keys: Vec<Symbol>,
    /// What the source says about a value beyond the value, for the few nodes it says anything about.
    pub marks: rustc_hash::FxHashMap<NodeIndex, Mark>,
}

/// One value with the byte offset where it starts in its file.
#[derive(Clone, Copy, Debug)]
pub struct Node {
    pub value: NodeValue,
    /// Bytes from the start of the file (of the decoded UTF-8 text).
    pub offset: u32,
}

#[derive(Clone, Copy, PartialEq, Debug)]
pub enum NodeValue {
    /// JSON `null`. For closed formats that is: absent.
    Null,
    Bool(bool),
    Int(i64),
    /// A number that is no `i64` exactly, as written.
    Number(Symbol),
    Text(Symbol),
    /// `len` children from `first` on.
    List {
        first: NodeIndex,
        len: u32,
    },
    /// `len` members from `first` on, in source order; duplicate keys: the last one is kept.
    Object {
        first: NodeIndex,
        len: u32,
    },
    /// Not known, with the cause. References through which the author gave it are in [`Tape::marks`].
    Unknown(UnknownCause),
}

/// Why a source cannot tell a value.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnknownCause {
    KnownAfterApply,
    NotReported,
    Stale,
    Sensitive,
    Invalid,
    Unmodelled,
    Partial,
    Conflict,
}

/// What a source says about a value beyond the value.
#[derive(Clone, PartialEq, Default, Debug)]
pub struct Mark {
    /// The source marks the value as secret: it is never rendered, hashed or stored. (The node's value is then
    /// `Unknown(Sensitive)`, unless it is null: a source's mark on null says nothing.)
    pub sensitive: bool,
    /// The expression the author wrote refers to these; in the order written. A list attribute has them per element
    /// where the source tells, else on the list node.
    pub references: Vec<Reference>,
    /// What is known of a partly known text: nothing in plans.
    pub known_prefix: Option<Symbol>,
    /// The expression also reads something whose references a source does not tell (a plan lists no `local` values, and
    /// `each.value` of a computed `for_each` leads nowhere): the address of the module instance where the trail ends,
    /// empty text for the root. A consumer may conclude "the only object of the wanted type in that module instance" and
    /// then sets [`Reference::is_inferred`].
    pub unresolved_in: Option<Symbol>,
    /// The expression also reads something that is no object: a variable nobody sets from an object, a count, a path.
    /// So even where every reference is a present object, the value may come from elsewhere, or be null.
    pub has_other_inputs: bool,
    /// Only on `Null` nodes: the source says "known after apply", but the author gave nothing or null, so the provider
    /// chooses. Reads as absent, as every attribute the author left out (which mostly has no node at all).
    ///
    /// Nodes with an expression (`references`, `has_other_inputs`) are given and null. Those without are of list or map
    /// type and not given, and there is one catch: a `dynamic` block over an unknown collection looks the same, which
    /// only a provider schema can tell apart. Where the schema says the attribute is a block and not computed, it is
    /// unknown.
    pub is_left_to_provider: bool,
}

/// An edge the source itself names.
#[derive(Clone, PartialEq, Debug)]
pub struct Reference {
    /// One object; several where the source does not say which instance (then the reference is a candidate set).
    pub targets: Vec<ObjectId>,
    /// The attribute of the target that is read (`arn`, `id`), where the source tells.
    pub attribute: Option<Symbol>,
    /// True where the target was not named but concluded: the only instance of the type in the same module instance.
    pub is_inferred: bool,
    /// As written: `module.net.vpc_id`, `aws_kms_key.k.arn`.
    pub written: Symbol,
}

impl Tape {
    pub fn node(&self, index: NodeIndex) -> Node {
        self.nodes[index.0 as usize]
    }

    /// The value of an object's member, if the node is an object and has it.
    pub fn member(&self, object: NodeIndex, key: Symbol) -> Option<NodeIndex> {
        let NodeValue::Object { first, len } = self.node(object).value else { return None };
        (first.0..first.0 + len).find(|index| self.keys[*index as usize] == key).map(NodeIndex)
    }

    /// An element of a list.
    pub fn element(&self, list: NodeIndex, position: u32) -> Option<NodeIndex> {
        let NodeValue::List { first, len } = self.node(list).value else { return None };
        (position < len).then(|| NodeIndex(first.0 + position))
    }

    /// The members of an object with their keys; nothing for any other node.
    pub fn members(&self, object: NodeIndex) -> impl Iterator<Item = (Symbol, NodeIndex)> + '_ {
        let (first, len) = match self.node(object).value {
            NodeValue::Object { first, len } => (first.0, len),
            _ => (0, 0),
        };
        (first..first + len).map(|index| (self.keys[index as usize], NodeIndex(index)))
    }

    /// The elements of a list; nothing for any other node.
    pub fn elements(&self, list: NodeIndex) -> impl Iterator<Item = NodeIndex> + use<> {
        let (first, len) = match self.node(list).value {
            NodeValue::List { first, len } => (first.0, len),
            _ => (0, 0),
        };
        (first..first + len).map(NodeIndex)
    }
}
