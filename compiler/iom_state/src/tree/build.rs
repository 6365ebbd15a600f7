//! Trees are built from events: a value, the beginning and the end of a list or an object.

use std::borrow::Cow;

use rustc_hash::FxHashMap;

use super::{Child, NodeId, Tree, TreeNode, TreeValue};
use crate::interner::InternCache;
use crate::reader::DEPTH_LIMIT;
use crate::tape::{Strings, Symbol};

/// What aliases and merged mappings may add to a document that is otherwise as large as its text.
const EXPANSION: u64 = 100_000;

/// Builds one document after the other.
pub(crate) struct Builder<'t> {
    pub tree: Tree<'t>,
    /// Children of what is open.
    pending: Vec<Child>,
    open: Vec<Open>,
    anchors: FxHashMap<usize, Anchored>,
    uses_aliases: bool,
    /// Members that `<<` brought in, in all documents.
    merged: u64,
    /// Values that documents with aliases have, written out.
    expanded: u64,
    /// Per symbol the number of the object it was last seen in as a key.
    last_seen: Vec<u32>,
    objects: u32,
    pub cache: InternCache,
}

/// A list or an object that is open.
struct Open {
    is_list: bool,
    offset: u32,
    tag: u32,
    anchor: usize,
    /// Where its children begin in [`Builder::pending`].
    start: usize,
    /// The key whose value comes next.
    key: Option<(Symbol, u32)>,
    /// Values of `<<`, and where they stand.
    merges: Option<(NodeId, u32)>,
    next_is_merged: bool,
}

#[derive(Clone, Copy)]
enum Anchored {
    Open,
    At(NodeId),
}

/// What is wrong, and where.
#[derive(Debug)]
pub(crate) struct Mistake {
    pub offset: usize,
    pub message: String,
}

impl Mistake {
    pub(crate) fn new(offset: usize, message: impl Into<String>) -> Mistake {
        Mistake { offset, message: message.into() }
    }
}

impl<'t> Builder<'t> {
    pub(crate) fn new() -> Builder<'t> {
        Builder {
            tree: Tree::default(),
            pending: Vec::new(),
            open: Vec::new(),
            anchors: FxHashMap::default(),
            uses_aliases: false,
            merged: 0,
            expanded: 0,
            last_seen: Vec::new(),
            objects: 0,
            cache: InternCache::default(),
        }
    }

    /// Begins a document.
    pub(crate) fn start(&mut self) {
        self.tree.clear();
        self.pending.clear();
        self.open.clear();
        self.anchors.clear();
        self.uses_aliases = false;
    }

    /// Whether what comes next is the name of a member.
    pub(crate) fn awaits_key(&self) -> bool {
        self.open.last().is_some_and(|open| !open.is_list && open.key.is_none() && !open.next_is_merged)
    }

    pub(crate) fn tag(&mut self, tag: &str) -> u32 {
        self.tree.tags.push(tag.into());
        self.tree.tags.len() as u32
    }

    pub(crate) fn key(&mut self, name: &str, offset: u32, strings: &mut Strings) {
        let symbol = self.cache.intern(name, strings);
        if let Some(open) = self.open.last_mut() {
            open.key = Some((symbol, offset));
        }
    }

    /// `<<`: the members of the value that follows are those of the object, too.
    pub(crate) fn merge_key(&mut self, offset: u32) -> Result<(), Mistake> {
        match self.open.last_mut() {
            Some(Open { merges: Some(_), .. }) => Err(Mistake::new(
                offset as usize,
                "`<<` stands twice in one mapping: it takes a list of mappings",
            )),
            Some(open) => {
                open.next_is_merged = true;
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// Notes a name that aliases may ask for.
    pub(crate) fn anchored_key(&mut self, name: Cow<'t, str>, offset: u32, anchor: usize) {
        if anchor > 0 {
            self.add(TreeValue::Text(name), offset, 0, anchor);
        }
    }

    pub(crate) fn scalar(&mut self, value: TreeValue<'t>, offset: u32, tag: u32, anchor: usize) {
        let node = self.add(value, offset, tag, anchor);
        self.place(node, offset);
    }

    pub(crate) fn alias(&mut self, anchor: usize, offset: u32) -> Result<(), Mistake> {
        match self.anchors.get(&anchor) {
            Some(Anchored::At(node)) => {
                let node = *node;
                self.uses_aliases = true;
                self.place(node, offset);
                Ok(())
            }
            Some(Anchored::Open) => Err(Mistake::new(
                offset as usize,
                "the alias stands inside of what it stands for: that has no end",
            )),
            None => {
                Err(Mistake::new(offset as usize, "nothing before this has the name that the alias asks for"))
            }
        }
    }

    /// The text of what an alias stands for, for one that is a name.
    pub(crate) fn aliased_text(&self, anchor: usize) -> Option<String> {
        match self.anchors.get(&anchor)? {
            Anchored::At(node) => self.tree.text(*node).map(str::to_owned),
            Anchored::Open => None,
        }
    }

    pub(crate) fn open(
        &mut self,
        is_list: bool,
        offset: u32,
        tag: u32,
        anchor: usize,
    ) -> Result<(), Mistake> {
        if self.open.len() >= DEPTH_LIMIT as usize {
            return Err(Mistake::new(offset as usize, format!("nested more than {DEPTH_LIMIT} levels deep")));
        }
        if anchor > 0 {
            self.anchors.insert(anchor, Anchored::Open);
        }
        let start = self.pending.len();
        let open =
            Open { is_list, offset, tag, anchor, start, key: None, merges: None, next_is_merged: false };
        self.open.push(open);
        Ok(())
    }

    pub(crate) fn close(&mut self, text: &str, strings: &Strings) -> Result<(), Mistake> {
        let Some(open) = self.open.pop() else { return Ok(()) };
        if !open.is_list {
            self.refuse_duplicates(open.start, text, strings)?;
            if let Some((node, offset)) = open.merges {
                self.merge(node, offset, text)?;
            }
        }
        let first = self.tree.children.len() as u32;
        self.tree.children.extend(self.pending.drain(open.start..));
        let len = self.tree.children.len() as u32 - first;
        let value =
            if open.is_list { TreeValue::List { first, len } } else { TreeValue::Object { first, len } };
        let node = self.add(value, open.offset, open.tag, open.anchor);
        self.place(node, open.offset);
        Ok(())
    }

    fn add(&mut self, value: TreeValue<'t>, offset: u32, tag: u32, anchor: usize) -> NodeId {
        let node = NodeId(self.tree.nodes.len() as u32);
        self.tree.nodes.push(TreeNode { value, offset, tag });
        if anchor > 0 {
            self.anchors.insert(anchor, Anchored::At(node));
        }
        node
    }

    /// Puts a value where it is expected.
    fn place(&mut self, node: NodeId, offset: u32) {
        let Some(open) = self.open.last_mut() else { return };
        if open.next_is_merged {
            open.next_is_merged = false;
            open.merges = Some((node, offset));
            return;
        }
        let (key, key_offset) = open.key.take().unwrap_or((Symbol::default(), offset));
        self.pending.push(Child { key, key_offset, node });
    }

    fn refuse_duplicates(&mut self, start: usize, text: &str, strings: &Strings) -> Result<(), Mistake> {
        self.objects = self.objects.wrapping_add(1);
        for position in start..self.pending.len() {
            let Some(child) = self.pending.get(position).copied() else { break };
            if !self.see(child.key) {
                let members = self.pending.get(start..position).unwrap_or_default();
                let first = members.iter().find(|member| member.key == child.key);
                let line = first.map_or(0, |first| line_of(text, first.key_offset));
                let name = shown(strings.resolve(&child.key));
                let message = format!("`{name}` stands twice in one object: it is already on line {line}");
                return Err(Mistake::new(child.key_offset as usize, message));
            }
        }
        Ok(())
    }

    /// Notes a key of the object at hand; false where it was noted before.
    fn see(&mut self, key: Symbol) -> bool {
        let key = key.into_usize();
        if key >= self.last_seen.len() {
            self.last_seen.resize((key + 1).next_power_of_two(), 0);
        }
        match self.last_seen.get_mut(key) {
            Some(last) => std::mem::replace(last, self.objects) != self.objects,
            None => true,
        }
    }

    /// Adds what `<<` brings in: what the object says itself goes before, and of a list the earlier ones.
    /// Called right after the object's own keys were seen.
    fn merge(&mut self, node: NodeId, offset: u32, text: &str) -> Result<(), Mistake> {
        let wrong = || Mistake::new(offset as usize, "`<<` takes a mapping, or a list of mappings");
        let sources: Vec<NodeId> = match self.tree.value(node) {
            TreeValue::Object { .. } => vec![node],
            TreeValue::List { .. } => self.tree.children(node).iter().map(|child| child.node).collect(),
            _ => return Err(wrong()),
        };
        for source in sources {
            if !self.tree.is_object(source) {
                return Err(wrong());
            }
            for position in 0..self.tree.children(source).len() {
                let Some(child) = self.tree.children(source).get(position).copied() else { break };
                if self.see(child.key) {
                    self.pending.push(child);
                    self.merged += 1;
                }
            }
            if self.merged > text.len() as u64 + EXPANSION {
                return Err(Mistake::new(
                    offset as usize,
                    "mappings that are merged here grow beyond all measure",
                ));
            }
        }
        self.uses_aliases = true;
        Ok(())
    }

    /// Ends a document: what aliases stand for may be written out by whoever reads it, so all of it must have an end that is
    /// not far.
    pub(crate) fn finish(&mut self, text: &str) -> Result<(), Mistake> {
        if !self.uses_aliases {
            return Ok(());
        }
        let most = text.len() as u64 + EXPANSION;
        let mut sizes: Vec<(u64, u32)> = Vec::with_capacity(self.tree.nodes.len());
        for (position, node) in self.tree.nodes.iter().enumerate() {
            let mut size = 1_u64;
            let mut depth = 0;
            for child in self.tree.children(NodeId(position as u32)) {
                let (inside, deep) = sizes.get(child.node.0 as usize).copied().unwrap_or_default();
                size = size.saturating_add(inside);
                depth = depth.max(deep + 1);
            }
            if size.saturating_add(self.expanded) > most {
                let message = format!("written out, the aliases in here make more than {most} values");
                return Err(Mistake::new(node.offset as usize, message));
            }
            if depth > DEPTH_LIMIT {
                let message =
                    format!("written out, the aliases in here nest more than {DEPTH_LIMIT} levels deep");
                return Err(Mistake::new(node.offset as usize, message));
            }
            sizes.push((size, depth));
        }
        self.expanded += sizes.last().map_or(0, |(size, _)| *size);
        Ok(())
    }

    /// JSON pointer of what is being read.
    pub(crate) fn pointer(&self, strings: &Strings) -> String {
        let mut pointer = String::new();
        for (depth, open) in self.open.iter().enumerate() {
            let step = if open.is_list {
                let end = self.open.get(depth + 1).map_or(self.pending.len(), |inner| inner.start);
                Some(Cow::Owned((end - open.start).to_string()))
            } else {
                open.key.map(|(key, _)| shown(strings.resolve(&key)))
            };
            let Some(step) = step else { break };
            pointer.push('/');
            pointer.push_str(&step.replace('~', "~0").replace('/', "~1"));
        }
        pointer
    }
}

/// Names are shown in messages: long ones are cut.
pub(crate) fn shown(name: &str) -> Cow<'_, str> {
    const LONGEST: usize = 80;
    match name.char_indices().nth(LONGEST) {
        None => Cow::Borrowed(name),
        Some((end, _)) => Cow::Owned(format!("{}…", name.get(..end).unwrap_or_default())),
    }
}

fn line_of(text: &str, offset: u32) -> u32 {
    crate::place::line_and_column(text, offset as usize).0
}
