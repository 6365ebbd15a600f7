use crate::document::ObjectId;
pub use crate::strings::{Strings, Symbol};

/// Room for the texts of sources of so many bytes, as far as that can be guessed: a table that grows puts everything in it
/// into its place again.
pub fn strings_for(bytes: u64) -> Strings {
    const BYTES_PER_TEXT: u64 = 192;
    const MOST: u64 = 1 << 22;
    let texts = (bytes / BYTES_PER_TEXT).min(MOST) as usize;
    Strings::with_capacity(texts)
}

/// A node of a [`Tape`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct NodeIndex(pub u32);

/// The kept values of one document: a flat array of nodes instead of a JSON tree. Children of a list or an object stand
/// side by side, so that a node is found by arithmetic and nothing is allocated per value.
#[derive(Clone, Default, Debug)]
pub struct Tape {
    nodes: Vec<Stored>,
    /// Keys of object members: `keys[i]` belongs to `nodes[i]` where that node is an object's member.
    keys: Vec<Symbol>,
    /// What the source says about a value beyond the value, for the few nodes it says anything about.
    pub marks: rustc_hash::FxHashMap<NodeIndex, Mark>,
    /// By the attributes of an object: what they were before, where a plan says so and somebody wants to know.
    pub before: rustc_hash::FxHashMap<NodeIndex, NodeIndex>,
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
    /// A secret stood here in plain text, or stands in the text here and was taken out of it: what it is, in words.
    pub secret: Option<&'static str>,
    /// The expression the author wrote refers to these; in the order written. A list attribute has them per element
    /// where the source tells, else on the list node.
    pub references: Vec<Reference>,
    /// The value is a text of which not everything is known. Nothing in plans.
    pub known_ends: Option<KnownEnds>,
    /// The node is a list or an object, and stands for a text: JSON of which some values are not known, as what it would
    /// be read as. The text itself is not known. Nothing in plans.
    pub is_json_text: bool,
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

/// How a text begins and ends that is not empty, and at least as long as both together. Either may be the empty text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct KnownEnds {
    pub start: Symbol,
    pub end: Symbol,
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

/// A [`Node`] in 16 bytes instead of 24: there are millions of them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stored {
    /// What of the value takes no more: a symbol, the halves of an integer, the first child and how many there are.
    parts: [u32; 2],
    offset: u32,
    kind: StoredKind,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum StoredKind {
    Null,
    False,
    True,
    Int,
    Number,
    Text,
    List,
    Object,
    Unknown(UnknownCause),
}

impl Stored {
    #[inline(always)]
    pub(crate) fn new(node: Node) -> Stored {
        let of_symbol = |symbol: Symbol| [symbol.into_usize() as u32, 0];
        let (kind, parts) = match node.value {
            NodeValue::Null => (StoredKind::Null, [0, 0]),
            NodeValue::Bool(false) => (StoredKind::False, [0, 0]),
            NodeValue::Bool(true) => (StoredKind::True, [0, 0]),
            NodeValue::Int(value) => (StoredKind::Int, [value as u32, (value >> 32) as u32]),
            NodeValue::Number(text) => (StoredKind::Number, of_symbol(text)),
            NodeValue::Text(text) => (StoredKind::Text, of_symbol(text)),
            NodeValue::List { first, len } => (StoredKind::List, [first.0, len]),
            NodeValue::Object { first, len } => (StoredKind::Object, [first.0, len]),
            NodeValue::Unknown(cause) => (StoredKind::Unknown(cause), [0, 0]),
        };
        Stored { parts, offset: node.offset, kind }
    }

    pub(crate) fn offset(self) -> u32 {
        self.offset
    }

    /// Whether the source calls the value secret.
    #[inline]
    pub(crate) fn is_sensitive(self) -> bool {
        self.kind == StoredKind::Unknown(UnknownCause::Sensitive)
    }

    #[inline]
    pub(crate) fn value(self) -> NodeValue {
        let [low, high] = self.parts;
        // Only what was a symbol is read as one.
        let symbol = || Symbol::try_from_usize(low as usize).unwrap_or_default();
        match self.kind {
            StoredKind::Null => NodeValue::Null,
            StoredKind::False => NodeValue::Bool(false),
            StoredKind::True => NodeValue::Bool(true),
            StoredKind::Int => NodeValue::Int(i64::from(high as i32) << 32 | i64::from(low)),
            StoredKind::Number => NodeValue::Number(symbol()),
            StoredKind::Text => NodeValue::Text(symbol()),
            StoredKind::List => NodeValue::List { first: NodeIndex(low), len: high },
            StoredKind::Object => NodeValue::Object { first: NodeIndex(low), len: high },
            StoredKind::Unknown(cause) => NodeValue::Unknown(cause),
        }
    }
}

/// Up to so many nodes a tape grows to twice its size: there are many small ones, which are moved each time.
const SMALL: usize = 1 << 15;

impl Tape {
    /// How many nodes there are.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    #[inline]
    pub fn node(&self, index: NodeIndex) -> Node {
        let stored = self.nodes[index.0 as usize];
        Node { value: stored.value(), offset: stored.offset }
    }

    /// The keys of all nodes; what is no object's member has one that says nothing.
    pub(crate) fn keys(&self) -> &[Symbol] {
        &self.keys
    }

    /// All values that are texts.
    pub(crate) fn texts(&self) -> impl Iterator<Item = Symbol> + '_ {
        let texts = self.nodes.iter().filter(|stored| stored.kind == StoredKind::Text);
        texts.filter_map(|stored| Symbol::try_from_usize(stored.parts[0] as usize))
    }

    /// The key of an object's member.
    #[inline]
    pub fn key(&self, member: NodeIndex) -> Symbol {
        self.keys[member.0 as usize]
    }

    /// Adds a node; `key` says nothing where it is no object's member.
    pub fn push(&mut self, node: Node, key: Symbol) -> NodeIndex {
        self.push_stored(Stored::new(node), key)
    }

    pub(crate) fn push_stored(&mut self, node: Stored, key: Symbol) -> NodeIndex {
        let index = NodeIndex(self.nodes.len() as u32);
        self.make_room(1);
        self.nodes.push(node);
        self.keys.push(key);
        index
    }

    /// Adds nodes that stand side by side.
    #[inline]
    pub(crate) fn extend(&mut self, nodes: impl ExactSizeIterator<Item = (Stored, Symbol)> + Clone) {
        self.make_room(nodes.len());
        self.nodes.extend(nodes.clone().map(|(node, _)| node));
        self.keys.extend(nodes.map(|(_, key)| key));
    }

    #[inline]
    fn make_room(&mut self, nodes: usize) {
        if self.nodes.capacity() - self.nodes.len() < nodes {
            // A quarter more instead of twice as much: a large tape is most of the memory there is.
            let more =
                if self.nodes.len() < SMALL { self.nodes.len().max(256) } else { self.nodes.len() / 4 };
            self.reserve(more.max(nodes));
        }
    }

    /// Puts another value where there is one.
    pub fn set(&mut self, index: NodeIndex, node: Node) {
        if let Some(stored) = self.nodes.get_mut(index.0 as usize) {
            *stored = Stored::new(node);
        }
    }

    /// Gives an object's member another key.
    pub fn set_key(&mut self, index: NodeIndex, key: Symbol) {
        if let Some(slot) = self.keys.get_mut(index.0 as usize) {
            *slot = key;
        }
    }

    /// Makes room for so many more nodes.
    pub(crate) fn reserve(&mut self, more: usize) {
        self.nodes.reserve_exact(more);
        self.keys.reserve_exact(more);
    }

    /// Puts the nodes of another tape behind these, and says how much further they stand than before.
    pub(crate) fn append(&mut self, other: Tape) -> u32 {
        let by = self.nodes.len() as u32;
        self.nodes.extend(other.nodes.into_iter().map(|mut stored| {
            if matches!(stored.kind, StoredKind::List | StoredKind::Object) {
                stored.parts[0] += by;
            }
            stored
        }));
        self.keys.extend(other.keys);
        self.marks.extend(other.marks.into_iter().map(|(node, mark)| (NodeIndex(node.0 + by), mark)));
        by
    }

    /// Takes back all nodes from one on.
    pub(crate) fn truncate(&mut self, len: usize) {
        self.nodes.truncate(len);
        self.keys.truncate(len);
    }

    /// Where the nodes stand in their file.
    pub(crate) fn offsets_mut(&mut self) -> impl Iterator<Item = &mut u32> {
        self.nodes.iter_mut().map(|stored| &mut stored.offset)
    }

    /// The value of an object's member, if the node is an object and has it.
    #[inline]
    pub fn member(&self, object: NodeIndex, key: Symbol) -> Option<NodeIndex> {
        let NodeValue::Object { first, len } = self.node(object).value else { return None };
        let keys = self.keys.get(first.0 as usize..)?.get(..len as usize)?;
        keys.iter().position(|found| *found == key).map(|position| NodeIndex(first.0 + position as u32))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_come_back_as_they_were() {
        let mut strings = Strings::default();
        let symbol = strings.get_or_intern("text");
        let mut tape = Tape::default();
        let values = [
            NodeValue::Null,
            NodeValue::Bool(true),
            NodeValue::Bool(false),
            NodeValue::Int(0),
            NodeValue::Int(-1),
            NodeValue::Int(i64::MAX),
            NodeValue::Int(i64::MIN),
            NodeValue::Int(1 << 32),
            NodeValue::Int(0xFFFF_FFFF),
            NodeValue::Number(symbol),
            NodeValue::Text(symbol),
            NodeValue::List { first: NodeIndex(u32::MAX), len: 7 },
            NodeValue::Object { first: NodeIndex(3), len: u32::MAX },
            NodeValue::Unknown(UnknownCause::Sensitive),
        ];
        for value in values {
            let index = tape.push(Node { value, offset: 9 }, symbol);
            assert_eq!(tape.node(index).value, value);
            assert_eq!(tape.node(index).offset, 9);
            assert_eq!(tape.key(index), symbol);
        }
        assert_eq!(size_of::<Stored>(), 16);
    }
}
