//! JSON values become nodes of a [`Tape`], with what a plan says about them (unknown, secret) laid over.

use jiter::Peek;
use rustc_hash::FxHashSet;

use crate::blocks::align;
use crate::document::AttributeFilter;
use crate::fault::Fault;
use crate::interner::InternCache;
use crate::numbers::number;
use crate::overlay::{Given, Layer, Overlay};
use crate::reader::{DEPTH_LIMIT, Plain, Reader};
use crate::scratch::{DEFERRED, Pending, Scratch};
use crate::tape::{Node, NodeIndex, NodeValue, Stored, Strings, Symbol, Tape, UnknownCause};
use crate::usual::Usual;

/// What is done with texts and members while reading.
#[derive(Clone, Copy)]
pub(crate) enum Keep {
    Everything,
    /// Texts and numbers read as null: for trees that only say where something is true.
    Shape,
    /// The values of members of this name read as null: they may be secret, and nothing needs them.
    AllBut(Symbol),
    /// Texts are interned later, by [`TapeWriter::intern_deferred`], or never: it is not known yet which are secret.
    Deferred,
}

impl Keep {
    /// For an object of which a file may say later that something in it is secret. Where the text comes in pieces, that
    /// ends the import and takes back all its texts.
    pub(crate) fn until_secrets_are_known(reader: &Reader) -> Keep {
        if reader.is_supplied() { Keep::Everything } else { Keep::Deferred }
    }
}

/// Names of attributes, and which of them are kept, as objects of one type usually have them.
pub(crate) type UsualNames = Usual<Option<Symbol>>;

/// Writes values to a tape.
pub(crate) struct TapeWriter<'a> {
    pub text: &'a str,
    pub tape: &'a mut Tape,
    pub strings: &'a mut Strings,
    pub scratch: &'a mut Scratch,
    /// The key of nodes that are no members.
    pub no_key: Symbol,
    pub keep: Keep,
}

impl TapeWriter<'_> {
    /// Reads a value and puts it on the tape.
    pub(crate) fn root(&mut self, reader: &mut Reader) -> Result<NodeIndex, Fault> {
        self.scratch.pending.clear();
        let node = self.value(reader, 0)?;
        Ok(self.push_root(node))
    }

    /// Reads an object of which only some members are wanted, with the overlay, and puts it on the tape.
    pub(crate) fn attributes(
        &mut self,
        reader: &mut Reader,
        filter: AttributeFilter,
        usual: &mut UsualNames,
        overlay: &Overlay,
    ) -> Result<NodeIndex, Fault> {
        self.scratch.pending.clear();
        let over = (!overlay.top.is_empty()).then_some((overlay, overlay.top));
        let node = self.object(reader, filter, usual, over, 0)?;
        Ok(self.push_root(node))
    }

    /// An object without members in the source, of which an overlay may still know some.
    pub(crate) fn missing_attributes(
        &mut self,
        filter: AttributeFilter,
        overlay: &Overlay,
        offset: usize,
    ) -> Result<NodeIndex, Fault> {
        self.scratch.pending.clear();
        self.add_unknown_members(overlay, overlay.top, filter, 0);
        self.add_unreported(filter, offset);
        let node = self.close_object(0, offset);
        Ok(self.push_root(node))
    }

    /// Reads a value and puts it on the tape; of an object only the wanted members.
    pub(crate) fn tree(
        &mut self,
        reader: &mut Reader,
        filter: AttributeFilter,
        usual: &mut UsualNames,
    ) -> Result<NodeIndex, Fault> {
        self.scratch.pending.clear();
        let node = match reader.peek()? {
            Peek::Object => self.object(reader, filter, usual, None, 0)?,
            _ => self.value(reader, 0)?,
        };
        Ok(self.push_root(node))
    }

    /// Interns the texts that were deferred, which `reader` has read; nothing where none were.
    pub(crate) fn intern_deferred(&mut self, reader: &Reader) -> Result<(), Fault> {
        let Scratch { deferred, cache, .. } = self.scratch;
        for (index, len) in deferred.drain(..) {
            let offset = self.tape.node(index).offset;
            let start = offset as usize + 1;
            let written = reader.written(start, start + len as usize).unwrap_or_default();
            let value = NodeValue::Text(if written.as_bytes().contains(&b'\\') {
                let mut again = reader.again(start - 1);
                let symbol = again.as_mut().map(|again| again.text(|text| cache.intern(text, self.strings)));
                symbol.transpose()?.unwrap_or(self.no_key)
            } else {
                cache.intern(written, self.strings)
            });
            self.tape.set(index, Node { value, offset });
        }
        Ok(())
    }

    /// Takes back the root that was written last, whose texts were deferred: nothing of them was kept.
    pub(crate) fn forget_from(&mut self, nodes: usize) {
        self.scratch.deferred.clear();
        self.tape.truncate(nodes);
    }

    /// Puts an object without members on the tape.
    pub(crate) fn nothing(&mut self, offset: usize) -> NodeIndex {
        self.scratch.pending.clear();
        let node = self.close_object(0, offset);
        self.push_root(node)
    }

    /// An object that is secret as a whole: what is asked for by its name is there, and secret.
    pub(crate) fn secret_attributes(&mut self, filter: AttributeFilter, offset: usize) -> NodeIndex {
        self.scratch.pending.clear();
        for name in filter.asked() {
            let key = self.scratch.cache.intern(name, self.strings);
            let value = NodeValue::Unknown(UnknownCause::Sensitive);
            let node = Stored::new(Node { value, offset: offset as u32 });
            self.scratch.pending.push(Pending { key, node, is_left_to_provider: false });
        }
        let node = self.close_object(0, offset);
        self.push_root(node)
    }

    fn push_root(&mut self, node: Stored) -> NodeIndex {
        self.tape.push_stored(node, self.no_key)
    }

    #[inline]
    fn value(&mut self, reader: &mut Reader, depth: u32) -> Result<Stored, Fault> {
        match self.plain(reader) {
            Some(node) => Ok(node),
            None => self.any_value(reader, depth),
        }
    }

    /// A value without parts that is written plainly, as most are, where texts are kept.
    #[inline(always)]
    fn plain(&mut self, reader: &mut Reader) -> Option<Stored> {
        if matches!(self.keep, Keep::Shape | Keep::Deferred) {
            return None;
        }
        let (offset, value) = reader.plain()?;
        let value = match value {
            Plain::Text(text) => NodeValue::Text(self.scratch.cache.intern(text, self.strings)),
            Plain::Integer(digits) => number(digits, self.strings),
            Plain::Bool(value) => NodeValue::Bool(value),
            Plain::Null => NodeValue::Null,
        };
        Some(Stored::new(Node { value, offset: offset as u32 }))
    }

    fn any_value(&mut self, reader: &mut Reader, depth: u32) -> Result<Stored, Fault> {
        let peek = reader.peek()?;
        let offset = reader.offset() as u32;
        // Each kind is stored where it is known, which takes no looking at kinds again.
        let stored = |value| Ok(Stored::new(Node { value, offset }));
        match peek {
            Peek::String => match self.keep {
                Keep::Shape => {
                    reader.skip()?;
                    stored(NodeValue::Null)
                }
                Keep::Deferred => {
                    stored(NodeValue::List { first: DEFERRED, len: reader.known_written_text()? })
                }
                _ => {
                    let text = reader.known_text(|text| self.scratch.cache.intern(text, self.strings))?;
                    stored(NodeValue::Text(text))
                }
            },
            Peek::Object => self.whole_object(reader, None, depth),
            Peek::Array => self.list(reader, None, depth),
            Peek::True | Peek::False => stored(NodeValue::Bool(reader.boolean()?)),
            Peek::Null => {
                reader.null()?;
                stored(NodeValue::Null)
            }
            _ => stored(reader.number(|digits| number(digits, self.strings))?),
        }
    }

    /// A value something is known about beside its own text.
    fn overlaid(
        &mut self,
        reader: &mut Reader,
        overlay: &Overlay,
        layer: Layer,
        depth: u32,
    ) -> Result<Stored, Fault> {
        if layer.is_empty() {
            return self.value(reader, depth);
        }
        let is_null = reader.peek()? == Peek::Null;
        let offset = reader.offset() as u32;
        let is_unknown = overlay.is_unknown(layer);
        let value = match (is_unknown && layer.given.is_given(), overlay.is_sensitive(layer)) {
            (true, true) => NodeValue::Unknown(UnknownCause::Sensitive),
            (true, false) => NodeValue::Unknown(UnknownCause::KnownAfterApply),
            (false, true) if is_null => NodeValue::Null,
            (false, true) => NodeValue::Unknown(UnknownCause::Sensitive),
            (false, false) => return self.inside(reader, overlay, layer, depth),
        };
        reader.skip()?;
        Ok(Stored::new(Node { value, offset }))
    }

    fn inside(
        &mut self,
        reader: &mut Reader,
        overlay: &Overlay,
        layer: Layer,
        depth: u32,
    ) -> Result<Stored, Fault> {
        let peek = reader.peek()?;
        if overlay.hides_other_shape(layer, peek == Peek::Object, peek == Peek::Array) && peek != Peek::Null {
            let offset = reader.skip_from()? as u32;
            return Ok(Stored::new(Node { value: NodeValue::Unknown(UnknownCause::Sensitive), offset }));
        }
        match peek {
            Peek::Object => self.whole_object(reader, Some((overlay, layer)), depth),
            Peek::Array => self.list(reader, Some((overlay, layer)), depth),
            _ => self.value(reader, depth),
        }
    }

    fn object(
        &mut self,
        reader: &mut Reader,
        filter: AttributeFilter,
        usual: &mut UsualNames,
        over: Option<(&Overlay, Layer)>,
        depth: u32,
    ) -> Result<Stored, Fault> {
        reader.peek()?;
        let offset = reader.offset();
        check_depth(depth, offset)?;
        let start = self.scratch.pending.len();
        let mut next = reader
            .first_usual_member(usual, |name| keep(filter, name, &mut self.scratch.cache, self.strings))?;
        while let Some(wanted) = next {
            match wanted {
                Some(key) => self.member(reader, key, over, depth)?,
                None => reader.skip()?,
            }
            next = reader
                .next_usual_member(usual, |name| keep(filter, name, &mut self.scratch.cache, self.strings))?;
        }
        if let Some((overlay, layer)) = over {
            self.add_unknown_members(overlay, layer, filter, start);
        }
        self.add_unreported(filter, offset);
        self.refuse_duplicates(reader, start)?;
        Ok(self.close_object(start, offset))
    }

    /// An object of which every member is wanted.
    fn whole_object(
        &mut self,
        reader: &mut Reader,
        over: Option<(&Overlay, Layer)>,
        depth: u32,
    ) -> Result<Stored, Fault> {
        let offset = reader.offset();
        check_depth(depth, offset)?;
        let start = self.scratch.pending.len();
        let holder = self.scratch.member;
        match self.scratch.take_usual(holder) {
            Some(mut usual) => {
                let intern = |name: &str| self.scratch.cache.intern(name, self.strings);
                let mut next = reader.first_usual_member(&mut usual, intern)?;
                while let Some(key) = next {
                    self.member(reader, key, over, depth)?;
                    let intern = |name: &str| self.scratch.cache.intern(name, self.strings);
                    next = reader.next_usual_member(&mut usual, intern)?;
                }
                self.scratch.give_back(holder, usual);
            }
            None => {
                let mut next = reader.first_member(|name| self.scratch.cache.intern(name, self.strings))?;
                while let Some(key) = next {
                    self.member(reader, key, over, depth)?;
                    next = reader.next_member(|name| self.scratch.cache.intern(name, self.strings))?;
                }
            }
        }
        if let Some((overlay, layer)) = over {
            self.add_unknown_members(overlay, layer, AttributeFilter::All(&[]), start);
        }
        self.refuse_duplicates(reader, start)?;
        Ok(self.close_object(start, offset))
    }

    fn member(
        &mut self,
        reader: &mut Reader,
        key: Symbol,
        over: Option<(&Overlay, Layer)>,
        depth: u32,
    ) -> Result<(), Fault> {
        self.scratch.member = key;
        let node = match (over, self.keep) {
            (_, Keep::AllBut(hidden)) if hidden == key => {
                Stored::new(Node { offset: reader.skip_from()? as u32, value: NodeValue::Null })
            }
            (Some((overlay, layer)), _) => {
                self.overlaid(reader, overlay, overlay.member(layer, key), depth + 1)?
            }
            (None, _) => self.value(reader, depth + 1)?,
        };
        self.scratch.pending.push(Pending { key, node, is_left_to_provider: false });
        Ok(())
    }

    /// Members the value lacks because they are unknown. What the author gave becomes a node; what the author left out
    /// is left out, but for lists and maps, where the configuration can't tell a `dynamic` block from nothing.
    fn add_unknown_members(
        &mut self,
        overlay: &Overlay,
        layer: Layer,
        filter: AttributeFilter,
        start: usize,
    ) {
        let Some(unknown) = layer.unknown else { return };
        let members = self.scratch.pending.get(start..).unwrap_or_default();
        let present: FxHashSet<Symbol> = members.iter().map(|pending| pending.key).collect();
        for (key, shape) in overlay.shapes.members(unknown) {
            if present.contains(&key) || !overlay.has_true(shape) || !filter.keeps(self.strings.resolve(&key))
            {
                continue;
            }
            let member = overlay.member(layer, key);
            let value = match (member.given.is_given(), overlay.is_sensitive(member)) {
                (true, true) => NodeValue::Unknown(UnknownCause::Sensitive),
                (true, false) => NodeValue::Unknown(UnknownCause::KnownAfterApply),
                (false, _) if overlay.is_collection(layer, key) => NodeValue::Null,
                (false, _) => continue,
            };
            let node = Stored::new(Node { value, offset: overlay.shapes.node(shape).offset });
            let is_left_to_provider = value == NodeValue::Null;
            self.scratch.pending.push(Pending { key, node, is_left_to_provider });
        }
    }

    /// What Terraform knows of an object and neither plans nor state say: where an adapter asks for it by its name.
    fn add_unreported(&mut self, filter: AttributeFilter, offset: usize) {
        if matches!(self.keep, Keep::Shape) || !filter.names(LIFECYCLE) {
            return;
        }
        let key = self.scratch.cache.intern(LIFECYCLE, self.strings);
        if self.scratch.pending.iter().any(|pending| pending.key == key) {
            return;
        }
        let value = NodeValue::Unknown(UnknownCause::NotReported);
        let node = Stored::new(Node { value, offset: offset as u32 });
        self.scratch.pending.push(Pending { key, node, is_left_to_provider: false });
    }

    fn list(
        &mut self,
        reader: &mut Reader,
        over: Option<(&Overlay, Layer)>,
        depth: u32,
    ) -> Result<Stored, Fault> {
        reader.peek()?;
        let offset = reader.offset();
        check_depth(depth, offset)?;
        let start = self.scratch.pending.len();
        let blocks =
            over.and_then(|(overlay, layer)| self.blocks(overlay, layer, offset)).unwrap_or_default();
        let mut position = 0;
        let holder = self.scratch.member;
        let mut has_element = reader.first_element()?;
        while has_element {
            self.scratch.member = holder;
            let node = match over {
                Some((overlay, layer)) => {
                    let block = blocks.get(position as usize).copied();
                    self.overlaid(reader, overlay, overlay.element(layer, position, block), depth + 1)?
                }
                None => self.value(reader, depth + 1)?,
            };
            self.scratch.pending.push(Pending { key: self.no_key, node, is_left_to_provider: false });
            position += 1;
            has_element = reader.next_element()?;
        }
        if let Some((overlay, layer)) = over {
            self.add_unknown_elements(overlay, layer, position);
        }
        let (first, len) = self.close(start);
        Ok(Stored::new(Node { value: NodeValue::List { first, len }, offset: offset as u32 }))
    }

    /// The blocks the elements of a list come from; only where something is unknown does it matter.
    fn blocks(&self, overlay: &Overlay, layer: Layer, offset: usize) -> Option<Vec<NodeIndex>> {
        match layer {
            Layer { unknown: Some(_), given: Given::Blocks(blocks), .. } => {
                align(self.text, offset as u32, blocks, overlay.expressions, self.strings)
            }
            _ => None,
        }
    }

    /// Elements that the value lacks: Terraform writes null in their place, other writers cut the list.
    fn add_unknown_elements(&mut self, overlay: &Overlay, layer: Layer, from: u32) {
        let Some(unknown) = layer.unknown else { return };
        for shape in overlay.shapes.elements(unknown).skip(from as usize) {
            if overlay.has_true(shape) {
                let value = NodeValue::Unknown(UnknownCause::KnownAfterApply);
                let node = Stored::new(Node { value, offset: overlay.shapes.node(shape).offset });
                self.scratch.pending.push(Pending { key: self.no_key, node, is_left_to_provider: false });
            }
        }
    }

    fn close_object(&mut self, start: usize, offset: usize) -> Stored {
        let (first, len) = self.close(start);
        Stored::new(Node { value: NodeValue::Object { first, len }, offset: offset as u32 })
    }

    fn refuse_duplicates(&mut self, reader: &Reader, start: usize) -> Result<(), Fault> {
        while let Some(position) = self.scratch.duplicate(start) {
            let repeated = self.scratch.pending.remove(position);
            let members = self.scratch.pending.get(start..).unwrap_or_default();
            let first = members.iter().find(|member| member.key == repeated.key);
            let written = |pending: &Pending| reader.written_value(pending.node.offset() as usize);
            if first.and_then(written) != written(&repeated) {
                return Err(duplicate_name(repeated.node.offset() as usize));
            }
            self.scratch.repeated.push(repeated.node.offset());
        }
        Ok(())
    }

    /// Moves the children of a container to the tape.
    fn close(&mut self, start: usize) -> (NodeIndex, u32) {
        let first = self.tape.len() as u32;
        let Scratch { pending, deferred, .. } = &mut *self.scratch;
        if pending.len() == start {
            return (NodeIndex(first), 0);
        }
        let children = pending.get(start..).unwrap_or_default();
        match self.keep {
            Keep::Deferred => {
                for (index, child) in (first..).zip(children) {
                    if let NodeValue::List { first: DEFERRED, len } = child.node.value() {
                        deferred.push((NodeIndex(index), len));
                    }
                }
            }
            _ => {
                for (index, child) in (first..).zip(children) {
                    note(self.tape, NodeIndex(index), child);
                }
            }
        }
        self.tape.extend(children.iter().map(|child| (child.node, child.key)));
        pending.truncate(start);
        (NodeIndex(first), self.tape.len() as u32 - first)
    }
}

/// Marks a node that is about to be put on the tape, if there is something to say.
fn note(tape: &mut Tape, index: NodeIndex, pending: &Pending) {
    let is_sensitive = pending.node.is_sensitive();
    if is_sensitive || pending.is_left_to_provider {
        let mark = tape.marks.entry(index).or_default();
        mark.sensitive = is_sensitive;
        mark.is_left_to_provider = pending.is_left_to_provider;
    }
}

/// The block that says how Terraform replaces and destroys an object. No attribute of any object is called so.
pub(crate) const LIFECYCLE: &str = "lifecycle";

impl AttributeFilter<'_> {
    /// Whether it asks for an attribute by its name.
    pub(crate) fn names(self, name: &str) -> bool {
        contains(self.asked(), name)
    }

    /// True if a top-level attribute of this name is wanted.
    pub(crate) fn keeps(self, name: &str) -> bool {
        match self {
            AttributeFilter::All(_) => true,
            AttributeFilter::These(names) => contains(names, name),
        }
    }
}

fn contains(sorted: &[String], name: &str) -> bool {
    sorted.binary_search_by(|wanted| wanted.as_str().cmp(name)).is_ok()
}

fn keep(
    filter: AttributeFilter,
    name: &str,
    cache: &mut InternCache,
    strings: &mut Strings,
) -> Option<Symbol> {
    filter.keeps(name).then(|| cache.intern(name, strings))
}

fn check_depth(depth: u32, offset: usize) -> Result<(), Fault> {
    if depth < DEPTH_LIMIT {
        return Ok(());
    }
    Err(Fault::malformed(offset, format!("nested more than {DEPTH_LIMIT} levels deep")))
}

/// Terraform never writes a name twice, and readers disagree on which one counts: a file that does is not to be trusted
/// with a verdict.
pub(crate) fn duplicate_name(offset: usize) -> Fault {
    Fault::malformed(
        offset,
        "the name occurs twice in one JSON object with different values, and which one counts is not defined",
    )
}
