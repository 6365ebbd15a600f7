//! A source that was read again: which of its objects differ. What does not differ keeps its nodes, so that values that were
//! read hold; only where things stand in the file is taken over.

use iom_state::document::{Document, SourceObject};
use iom_state::files::SourceFiles;
use iom_state::rewritten::{Rewritten, Shifts};
use iom_state::tape::{Node, NodeIndex, NodeValue, Symbol, Tape};
use rustc_hash::FxHashMap;

use super::{Estate, StateSource};

/// What is different about a source.
#[derive(Debug, Default)]
pub(crate) struct Renewed {
    /// Objects with other values, by position.
    pub changed: Vec<u32>,
    /// Where the values that stood at the places looked for stand now; nothing where that is not one place.
    pub moved: FxHashMap<u32, Option<u32>>,
}

/// Offsets in a file, found fast among many that are none of them.
#[derive(Debug, Default)]
pub(crate) struct Offsets {
    bits: Vec<u64>,
}

impl Offsets {
    fn insert(&mut self, offset: u32) {
        let word = offset as usize / 64;
        if word >= self.bits.len() {
            self.bits.resize(word + 1, 0);
        }
        self.bits[word] |= 1 << (offset % 64);
    }

    pub fn extend(&mut self, offsets: impl IntoIterator<Item = u32>) {
        offsets.into_iter().for_each(|offset| self.insert(offset));
    }

    fn has(&self, offset: u32) -> bool {
        self.bits.get(offset as usize / 64).is_some_and(|word| word >> (offset % 64) & 1 == 1)
    }
}

impl Estate {
    /// Whether a source that was read again has the same objects, whatever their values are.
    pub(crate) fn has_same_objects(&self, position: usize, new: &StateSource) -> bool {
        let Some(old) = self.sources.get(position) else { return false };
        let (was, is) = (&old.document, &new.document);
        let is_same = |(left, right): (&SourceObject, &SourceObject)| {
            (left.address, left.source_type, left.is_data, left.module, left.provider, left.action)
                == (
                    right.address,
                    right.source_type,
                    right.is_data,
                    right.module,
                    right.provider,
                    right.action,
                )
                && left.values.is_some() == right.values.is_some()
                && was.depends_on(left) == is.depends_on(right)
        };
        (&old.path, old.layer, &old.environment, old.is_partial, old.staleness(self.at))
            == (&new.path, new.layer, &new.environment, new.is_partial, new.staleness(self.at))
            && (old.manages, &old.external) == (new.manages, &new.external)
            && was.format == is.format
            && was.other_layers == is.other_layers
            && was.observed == is.observed
            && old.surroundings == new.surroundings
            // What was before is not compared.
            && was.tape.before.is_empty()
            && is.tape.before.is_empty()
            && was.objects.len() == is.objects.len()
            && was.objects.iter().zip(&is.objects).all(is_same)
    }

    /// Compares a source with what was read again and has the same objects. Values that are the same say from now on where
    /// they stand in the new file; `looked_for` are places in the old one.
    pub(crate) fn compare(&mut self, position: usize, new: &StateSource, looked_for: &Offsets) -> Renewed {
        let Some(old) = self.sources.get_mut(position) else { return Renewed::default() };
        let mut walk = Comparison::new(&mut old.document, &new.document, looked_for);
        (0..new.document.objects.len()).for_each(|object| walk.object(object, object));
        walk.renewed
    }

    /// As [`Estate::compare`], where it is known which objects are written in another way: of all others is only said where
    /// they stand now.
    pub(crate) fn compare_rewritten(
        &mut self,
        position: usize,
        new: &Rewritten,
        shifts: &Shifts,
        looked_for: &Offsets,
    ) -> Renewed {
        let Some(old) = self.sources.get_mut(position) else { return Renewed::default() };
        old.document.shift(shifts);
        let mut walk = Comparison::new(&mut old.document, &new.document, looked_for);
        for (written, object) in new.positions.iter().enumerate() {
            walk.object(*object as usize, written);
        }
        walk.renewed
    }

    /// Takes over what was compared, as [`Estate::take_over`]. Gives the files of before.
    pub(crate) fn take_over_rewritten(
        &mut self,
        position: usize,
        new: Rewritten,
        changed: &[u32],
    ) -> SourceFiles {
        let Some(old) = self.sources.get_mut(position) else { return SourceFiles::default() };
        let document = &mut old.document;
        let mut copier = Copier { from: &new.document.tape, to: &mut document.tape };
        for (object, written) in new.positions.iter().zip(&new.document.objects) {
            let Some(found) = document.objects.get_mut(*object as usize) else { continue };
            found.offset = written.offset;
            if let Some(values) = written.values.filter(|_| changed.contains(object)) {
                found.values = Some(copier.whole(values));
            }
        }
        document.sha256 = new.document.sha256;
        let files = std::mem::replace(&mut document.files, new.document.files);
        self.sort_objects(position);
        files
    }

    /// Takes over what was compared: the values of objects that differ, and what a source says about itself.
    pub(crate) fn take_over(&mut self, position: usize, new: StateSource, changed: &[u32]) {
        let Some(old) = self.sources.get_mut(position) else { return };
        old.fresh_for = new.fresh_for;
        let document = &mut old.document;
        let mut copier = Copier { from: &new.document.tape, to: &mut document.tape };
        for object in changed {
            let found = &mut document.objects[*object as usize];
            if let Some(values) = new.document.objects[*object as usize].values {
                found.values = Some(copier.whole(values));
            }
        }
        for (object, found) in document.objects.iter_mut().zip(new.document.objects) {
            (object.offset, object.document, object.pointer) = (found.offset, found.document, found.pointer);
        }
        let Document {
            sha256,
            timestamp,
            observed,
            format_version,
            tool_version,
            lists,
            files,
            remarks,
            sources,
            ..
        } = new.document;
        document.sources = sources;
        (document.sha256, document.timestamp, document.observed) = (sha256, timestamp, observed);
        (document.format_version, document.tool_version) = (format_version, tool_version);
        (document.lists, document.files, document.remarks) = (lists, files, remarks);
        self.sort_objects(position);
    }
}

/// Compares a document with what it is now.
struct Comparison<'d> {
    old: &'d mut Document,
    new: &'d Document,
    looked_for: &'d Offsets,
    /// By node: the source says more about it than its value.
    marked: (Vec<u64>, Vec<u64>),
    renewed: Renewed,
    /// Pairs of nodes at the same path that are not compared yet.
    open: Vec<(NodeIndex, NodeIndex)>,
}

fn marked(tape: &Tape) -> Vec<u64> {
    let mut bits = vec![0_u64; tape.len().div_ceil(64)];
    for node in tape.marks.keys() {
        if let Some(word) = bits.get_mut(node.0 as usize / 64) {
            *word |= 1 << (node.0 % 64);
        }
    }
    bits
}

fn has(bits: &[u64], node: NodeIndex) -> bool {
    bits.get(node.0 as usize / 64).is_some_and(|word| word >> (node.0 % 64) & 1 == 1)
}

impl<'d> Comparison<'d> {
    fn new(old: &'d mut Document, new: &'d Document, looked_for: &'d Offsets) -> Comparison<'d> {
        let marked = (marked(&old.tape), marked(&new.tape));
        Comparison { old, new, looked_for, marked, renewed: Renewed::default(), open: Vec::new() }
    }

    /// Compares an object, by its positions in both documents.
    fn object(&mut self, object: usize, now: usize) {
        let (old, new) = (&self.old.objects[object], &self.new.objects[now]);
        let values = old.values.zip(new.values);
        self.moves(old.offset, new.offset);
        if let Some(values) = values
            && !self.compare(values)
        {
            self.renewed.changed.push(object as u32);
        }
    }

    fn moves(&mut self, from: u32, to: u32) {
        if self.looked_for.has(from) {
            let slot = self.renewed.moved.entry(from).or_insert(Some(to));
            if *slot != Some(to) {
                *slot = None;
            }
        }
    }

    /// Whether two values are the same, to the last mark. Where they are not the rest is compared nevertheless: it has
    /// moved.
    fn compare(&mut self, whole: (NodeIndex, NodeIndex)) -> bool {
        let mut is_same = true;
        self.open.push(whole);
        while let Some((left, right)) = self.open.pop() {
            let (old, new) = (self.old.tape.node(left), self.new.tape.node(right));
            self.moves(old.offset, new.offset);
            if old.offset != new.offset {
                self.old.tape.set(left, Node { value: old.value, offset: new.offset });
            }
            if has(&self.marked.0, left) || has(&self.marked.1, right) {
                is_same &= self.old.tape.marks.get(&left) == self.new.tape.marks.get(&right);
            }
            is_same &= match (old.value, new.value) {
                (NodeValue::List { first, len }, NodeValue::List { first: now, len: count }) => {
                    self.open.extend(
                        (0..len.min(count)).rev().map(|at| (NodeIndex(first.0 + at), NodeIndex(now.0 + at))),
                    );
                    len == count
                }
                (NodeValue::Object { first, len }, NodeValue::Object { first: now, len: count }) => {
                    self.members((first, len), (now, count), right)
                }
                (left, right) => left == right,
            };
        }
        is_same
    }

    /// Whether two objects have the same members in the same order; those of one name are compared.
    fn members(&mut self, old: (NodeIndex, u32), new: (NodeIndex, u32), whole: NodeIndex) -> bool {
        let mut is_same = old.1 == new.1;
        for at in (0..old.1).rev() {
            let member = NodeIndex(old.0.0 + at);
            let key = self.old.tape.key(member);
            let opposite = NodeIndex(new.0.0 + at);
            if at < new.1 && self.new.tape.key(opposite) == key {
                self.open.push((member, opposite));
                continue;
            }
            is_same = false;
            self.open.extend(self.new.tape.member(whole, key).map(|found| (member, found)));
        }
        is_same
    }
}

/// Takes values over from another tape.
struct Copier<'t> {
    from: &'t Tape,
    to: &'t mut Tape,
}

impl Copier<'_> {
    fn whole(&mut self, root: NodeIndex) -> NodeIndex {
        let key: Symbol = self.from.key(root);
        let top = self.to.push(self.from.node(root), key);
        let mut open = vec![(root, top)];
        while let Some((from, to)) = open.pop() {
            if let Some(mark) = self.from.marks.get(&from) {
                self.to.marks.insert(to, mark.clone());
            }
            let node = self.from.node(from);
            let (NodeValue::List { first, len } | NodeValue::Object { first, len }) = node.value else {
                continue;
            };
            let start = NodeIndex(self.to.len() as u32);
            for at in 0..len {
                let child = NodeIndex(first.0 + at);
                let copy = self.to.push(self.from.node(child), self.from.key(child));
                open.push((child, copy));
            }
            let value = match node.value {
                NodeValue::List { .. } => NodeValue::List { first: start, len },
                _ => NodeValue::Object { first: start, len },
            };
            self.to.set(to, Node { value, offset: node.offset });
        }
        // A whole comes after its parts.
        if let Some(mark) = self.from.marks.get(&root) {
            self.to.marks.insert(NodeIndex(self.to.len() as u32), mark.clone());
        }
        self.to.push(self.to.node(top), key)
    }
}
