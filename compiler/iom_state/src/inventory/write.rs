//! Values of an inventory go to the tape: instants as text, JSON that stands in a text as what it says.

use crate::interner::InternCache;
use crate::tape::{Node, NodeIndex, NodeValue, Strings, Symbol, Tape};
use crate::tree::{Child, JsonDocuments, NodeId, Tree, TreeValue};

/// How often JSON may stand in a text that stands in JSON.
const MOST_UNFOLDED: u32 = 3;

/// Where values stand.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Place {
    /// Where the tree says.
    Own,
    /// All at one place: what is in a text is where the text is.
    At(u32),
}

/// Writes parts of trees to a tape.
pub(crate) struct Writer<'a> {
    pub tape: &'a mut Tape,
    pub strings: &'a mut Strings,
    pub cache: &'a mut InternCache,
    pub pending: &'a mut Vec<(Symbol, Node)>,
    /// `__class__`
    pub class: Symbol,
}

impl Writer<'_> {
    /// Writes an object of these members. Texts of members that `unfolds` are read as JSON where they are that.
    pub(crate) fn object(
        &mut self,
        tree: &Tree<'_>,
        offset: u32,
        members: &[Child],
        place: Place,
        unfolds: &dyn Fn(Symbol) -> Unfold,
    ) -> NodeIndex {
        let start = self.pending.len();
        for child in members {
            let node = match unfolds(child.key) {
                Unfold::Nothing => self.value(tree, child.node, place),
                Unfold::Itself => self.unfolded(tree, child.node, place),
                Unfold::Members if tree.is_object(child.node) => {
                    self.with_unfolded_members(tree, child.node, place)
                }
                Unfold::Members => self.unfolded(tree, child.node, place),
            };
            self.pending.push((child.key, node));
        }
        let (first, len) = self.close(start);
        let offset = at(place, offset);
        self.tape.push(Node { value: NodeValue::Object { first, len }, offset }, Symbol::default())
    }

    /// A value that is not on the tape yet, while all that is in it is. Trees are of a bounded depth, so this ends.
    pub(crate) fn value(&mut self, tree: &Tree<'_>, id: NodeId, place: Place) -> Node {
        let value = match tree.value(id) {
            TreeValue::Null => NodeValue::Null,
            TreeValue::Bool(value) => NodeValue::Bool(*value),
            TreeValue::Int(value) => NodeValue::Int(*value),
            TreeValue::Number(text) => NodeValue::Number(self.strings.get_or_intern(text)),
            TreeValue::Text(text) => NodeValue::Text(self.cache.intern(text, self.strings)),
            TreeValue::List { .. } => {
                let start = self.pending.len();
                for child in tree.elements(id) {
                    let node = self.value(tree, child.node, place);
                    self.pending.push((Symbol::default(), node));
                }
                let (first, len) = self.close(start);
                NodeValue::List { first, len }
            }
            TreeValue::Object { .. } => match self.instant(tree, id) {
                Some(instant) => NodeValue::Text(self.strings.get_or_intern(instant)),
                None => {
                    let start = self.pending.len();
                    for child in tree.members(id) {
                        let node = self.value(tree, child.node, place);
                        self.pending.push((child.key, node));
                    }
                    let (first, len) = self.close(start);
                    NodeValue::Object { first, len }
                }
            },
        };
        Node { value, offset: at(place, tree.offset(id)) }
    }

    fn with_unfolded_members(&mut self, tree: &Tree<'_>, id: NodeId, place: Place) -> Node {
        let start = self.pending.len();
        for child in tree.members(id) {
            let node = self.unfolded(tree, child.node, place);
            self.pending.push((child.key, node));
        }
        let (first, len) = self.close(start);
        Node { value: NodeValue::Object { first, len }, offset: at(place, tree.offset(id)) }
    }

    fn unfolded(&mut self, tree: &Tree<'_>, id: NodeId, place: Place) -> Node {
        let node = tree.text(id).and_then(|text| {
            let place = Place::At(at(place, tree.offset(id)));
            let text = text.to_owned();
            unfold(&text, self.strings, |inner, strings| {
                let mut writer =
                    Writer { strings, tape: self.tape, cache: self.cache, pending: self.pending, ..*self };
                writer.value(inner, inner.root(), place)
            })
        });
        node.unwrap_or_else(|| self.value(tree, id, place))
    }

    /// An instant as programs in Python record it: `{"__class__": "datetime", "year": 2017, ..}`.
    pub(crate) fn instant(&self, tree: &Tree<'_>, id: NodeId) -> Option<String> {
        if tree.member_text(id, self.class)? != "datetime" {
            return None;
        }
        let part = |name: &str| {
            let key = self.strings.get(name)?;
            match tree.value(tree.member(id, key)?) {
                TreeValue::Int(value) => Some(*value),
                _ => None,
            }
        };
        let (year, month, day) = (part("year")?, part("month")?, part("day")?);
        let [hour, minute, second, micro] =
            ["hour", "minute", "second", "microsecond"].map(|name| part(name).unwrap_or(0));
        let fraction = if micro == 0 { String::new() } else { format!(".{micro:06}") };
        Some(format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}Z"))
    }

    /// Moves the children of a container to the tape.
    fn close(&mut self, start: usize) -> (NodeIndex, u32) {
        let first = self.tape.len() as u32;
        for (key, node) in self.pending.drain(start..) {
            self.tape.push(node, key);
        }
        (NodeIndex(first), self.tape.len() as u32 - first)
    }
}

/// Which texts are read as JSON.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Unfold {
    Nothing,
    Itself,
    /// The members of the value.
    Members,
}

/// What a text says that is JSON, or JSON in a text in JSON; nothing for any other text.
pub(crate) fn unfold<T>(
    text: &str,
    strings: &mut Strings,
    read: impl FnOnce(&Tree<'_>, &mut Strings) -> T,
) -> Option<T> {
    let mut text = text.to_owned();
    for _ in 0..MOST_UNFOLDED {
        if !matches!(text.trim_ascii_start().as_bytes().first(), Some(b'{' | b'[' | b'"' | b'n')) {
            return None;
        }
        let mut documents = JsonDocuments::new(&text);
        let tree = documents.next(strings).ok().flatten()?;
        let inner = match tree.value(tree.root()) {
            TreeValue::Text(inner) => inner.to_string(),
            _ => return Some(read(tree, strings)),
        };
        text = inner;
    }
    None
}

fn at(place: Place, offset: u32) -> u32 {
    match place {
        Place::Own => offset,
        Place::At(offset) => offset,
    }
}
