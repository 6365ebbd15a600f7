//! Space for values in the making.

use rustc_hash::FxHashMap;

use crate::interner::InternCache;
use crate::tape::{NodeIndex, Stored, Symbol};
use crate::usual::Usual;

/// Space for values in the making, kept from one object to the next.
#[derive(Default)]
pub(crate) struct Scratch {
    /// Children of the containers that are open; a container's are moved to the tape together when it closes.
    pub pending: Vec<Pending>,
    /// Per symbol the number of the object it was last seen in as a key: finds duplicate keys without comparing pairs.
    last_seen: Vec<u32>,
    objects: u32,
    /// Texts on the tape that are not interned yet, with their length as written.
    pub deferred: Vec<(NodeIndex, u32)>,
    pub cache: InternCache,
    /// The name of the member that is being read.
    pub member: Symbol,
    /// By the name of a member: the names in objects that it holds, as they usually stand there; nothing where these are
    /// always others.
    usual: FxHashMap<Symbol, Option<Box<Usual<Symbol>>>>,
    /// Where members stand whose name an earlier member has, with the same value.
    pub repeated: Vec<u32>,
}

/// A value whose container is still open.
#[derive(Clone, Copy)]
pub(crate) struct Pending {
    pub node: Stored,
    pub key: Symbol,
    pub is_left_to_provider: bool,
}

/// Objects in which so many different names were found are maps, of which nothing is usual.
const MOST_NAMES: usize = 32;

impl Scratch {
    /// What is usual in objects that a member holds, to be given back. Nothing is usual inside of them under the same name.
    pub(crate) fn take_usual(&mut self, member: Symbol) -> Option<Box<Usual<Symbol>>> {
        match self.usual.get_mut(&member) {
            Some(kept) => kept.take(),
            None => {
                self.usual.insert(member, None);
                Some(Box::default())
            }
        }
    }

    pub(crate) fn give_back(&mut self, member: Symbol, usual: Box<Usual<Symbol>>) {
        if let Some(kept) = self.usual.get_mut(&member) {
            *kept = Some(usual).filter(|usual| usual.names() <= MOST_NAMES);
        }
    }

    /// The position of a member of the object being read whose name an earlier member has.
    pub(crate) fn duplicate(&mut self, start: usize) -> Option<usize> {
        self.objects = self.objects.wrapping_add(1);
        for (position, pending) in self.pending.iter().enumerate().skip(start) {
            let key = pending.key.into_usize();
            if key >= self.last_seen.len() {
                self.last_seen.resize((key + 1).next_power_of_two(), 0);
            }
            if let Some(last) = self.last_seen.get_mut(key)
                && std::mem::replace(last, self.objects) == self.objects
            {
                return Some(position);
            }
        }
        None
    }
}

/// What stands for a text that is not interned yet until it is on the tape: a list that begins here, with the length of
/// the text as written. No list begins at the last index there can be.
pub(crate) const DEFERRED: NodeIndex = NodeIndex(u32::MAX);
