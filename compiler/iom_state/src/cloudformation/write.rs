//! What pieces of a template came to goes to the tape.

use super::value::{Computed, Item, Origin};
use crate::interner::InternCache;
use crate::tape::{
    KnownEnds, Mark, Node, NodeIndex, NodeValue, Reference, Strings, Symbol, Tape, UnknownCause,
};

pub(super) struct Writer<'a> {
    pub tape: &'a mut Tape,
    pub strings: &'a mut Strings,
    pub cache: InternCache,
    /// Children of containers that are open.
    pub pending: Vec<(Symbol, Node, Option<Mark>)>,
}

impl Writer<'_> {
    /// Writes the properties of a resource.
    pub(super) fn root(&mut self, members: Vec<(Symbol, Item)>, offset: u32) -> NodeIndex {
        let (node, _) = self.node(Item::new(Computed::Object(members), offset));
        self.tape.push(node, Symbol::default())
    }

    /// A value that is not on the tape yet, while all that is in it is. Nesting is bounded by that of the template.
    fn node(&mut self, item: Item) -> (Node, Option<Mark>) {
        let Item { value, offset, origin } = item;
        let mark = origin.map(|origin| self.mark(*origin));
        let value = match value {
            Computed::Null | Computed::Nothing => NodeValue::Null,
            Computed::Bool(value) => NodeValue::Bool(value),
            Computed::Int(value) => NodeValue::Int(value),
            Computed::Number(text) => NodeValue::Number(self.strings.get_or_intern(text)),
            Computed::Text(text) => NodeValue::Text(self.cache.intern(&text, self.strings)),
            Computed::Unknown(cause) => {
                let node = Node { value: NodeValue::Unknown(cause), offset };
                let is_sensitive = cause == UnknownCause::Sensitive;
                let mark = mark.map(|mark| Mark { sensitive: is_sensitive, ..mark });
                return (node, mark);
            }
            Computed::List(items) => {
                let items = items.into_iter().map(|item| (Symbol::default(), item)).collect();
                let (first, len) = self.children(items);
                NodeValue::List { first, len }
            }
            Computed::Object(members) => {
                let (first, len) = self.children(members);
                NodeValue::Object { first, len }
            }
        };
        (Node { value, offset }, None)
    }

    fn children(&mut self, children: Vec<(Symbol, Item)>) -> (NodeIndex, u32) {
        let start = self.pending.len();
        for (key, item) in children {
            let (node, mark) = self.node(item);
            self.pending.push((key, node, mark));
        }
        let first = self.tape.len() as u32;
        for (key, node, mark) in self.pending.drain(start..) {
            let index = self.tape.push(node, key);
            if let Some(mark) = mark {
                self.tape.marks.insert(index, mark);
            }
        }
        (NodeIndex(first), self.tape.len() as u32 - first)
    }

    fn mark(&mut self, origin: Origin) -> Mark {
        let references = origin.references.into_iter().map(|referred| Reference {
            targets: referred.target.into_iter().collect(),
            attribute: referred.attribute.map(|attribute| self.strings.get_or_intern(attribute)),
            is_inferred: false,
            written: self.strings.get_or_intern(referred.written),
        });
        let references = references.collect();
        let known_ends = origin.ends.map(|ends| KnownEnds {
            start: self.strings.get_or_intern(&*ends.start),
            end: self.strings.get_or_intern(&*ends.end),
        });
        Mark { references, known_ends, has_other_inputs: origin.has_other_inputs, ..Mark::default() }
    }
}
