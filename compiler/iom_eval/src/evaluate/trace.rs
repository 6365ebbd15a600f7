//! What a value rests on, written down while it is computed. Sessions keep results and need to know; a single run writes
//! nothing down.

use std::hash::{Hash, Hasher};
use std::sync::Mutex;

use iom_state::document::Layer;
use rustc_hash::{FxHashSet, FxHasher};

use super::Evaluator;
use crate::facts::{FactRemark, layer_index};
use crate::program::{GlobalId, JoinId, KindId, ReachId, SharedId};
use crate::value::ElementId;

/// Something that is read once and kept: a field of an element, a constant, an index. In eight bytes, because there are
/// millions of readings.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct Fact(u64);

/// What kind of fact it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Sort {
    Field,
    Global,
    Join,
    Graph,
    Keys,
    Identities,
    Names,
    Referrers,
    Reach,
    Shared,
    Parts,
    Parameter,
    Note,
    Probe,
}

/// By number.
const SORTS: [Sort; 14] = [
    Sort::Field,
    Sort::Global,
    Sort::Join,
    Sort::Graph,
    Sort::Keys,
    Sort::Identities,
    Sort::Names,
    Sort::Referrers,
    Sort::Reach,
    Sort::Shared,
    Sort::Parts,
    Sort::Parameter,
    Sort::Note,
    Sort::Probe,
];

impl Fact {
    const fn new(sort: Sort, about: u32, detail: u16) -> Fact {
        Fact((about as u64) << 32 | (sort as u64) << 16 | detail as u64)
    }

    pub fn field(element: ElementId, position: u16) -> Fact {
        Fact::new(Sort::Field, element.0, position)
    }

    pub fn global(id: GlobalId, layer: Layer) -> Fact {
        Fact::new(Sort::Global, id.0, layer_index(layer) as u16)
    }

    /// The index of a join.
    pub fn join(id: JoinId, layer: Layer) -> Fact {
        Fact::new(Sort::Join, id.0, layer_index(layer) as u16)
    }

    /// The references of a world.
    pub fn graph(layer: Layer) -> Fact {
        Fact::new(Sort::Graph, 0, layer_index(layer) as u16)
    }

    /// What elements of a kind are referred to by.
    pub fn keys(kind: KindId) -> Fact {
        Fact::new(Sort::Keys, kind.0, 0)
    }

    /// Which elements of different layers are one thing.
    pub const IDENTITIES: Fact = Fact::new(Sort::Identities, 0, 0);

    /// The names of elements of some kinds. Two of these that share a number are taken for one.
    pub fn names(of: &impl Hash) -> Fact {
        Fact::new(Sort::Names, short_hash(of), 0)
    }

    pub fn referrers(of: &impl Hash) -> Fact {
        Fact::new(Sort::Referrers, short_hash(of), 0)
    }

    pub fn reach(id: ReachId, layer: Layer) -> Fact {
        Fact::new(Sort::Reach, id.0, layer_index(layer) as u16)
    }

    /// What is the same for everybody in a world.
    pub fn shared(id: SharedId, layer: Layer) -> Fact {
        Fact::new(Sort::Shared, id.0, layer_index(layer) as u16)
    }

    /// Which siblings are parts of which objects.
    pub fn parts(of: &impl Hash) -> Fact {
        Fact::new(Sort::Parts, short_hash(of), 0)
    }

    /// A parameter of an instance of a blueprint.
    pub fn parameter(of: &impl Hash) -> Fact {
        Fact::new(Sort::Parameter, short_hash(of), 0)
    }

    /// All of the source's object that an element was made of.
    pub fn whole(element: ElementId) -> Fact {
        Fact::new(Sort::Field, element.0, u16::MAX)
    }

    /// What an index has for a key. Two of these that share a number are taken for one.
    pub fn probe(index: Fact, key: &impl Hash) -> Fact {
        Fact::new(Sort::Probe, short_hash(&(index, key)), index.sort() as u16)
    }

    pub fn sort(self) -> Sort {
        SORTS.get(usize::from((self.0 >> 16) as u16)).copied().unwrap_or(Sort::Note)
    }

    fn about(self) -> u32 {
        (self.0 >> 32) as u32
    }

    /// The element that a field is of.
    pub fn element(self) -> ElementId {
        ElementId(self.about())
    }

    /// The position of a field; the layer of everything else.
    pub fn detail(self) -> u16 {
        self.0 as u16
    }

    pub fn global_id(self) -> GlobalId {
        GlobalId(self.about())
    }

    pub fn join_id(self) -> JoinId {
        JoinId(self.about())
    }

    pub fn kind_id(self) -> KindId {
        KindId(self.about())
    }

    pub fn shared_id(self) -> SharedId {
        SharedId(self.about())
    }

    pub fn reach_id(self) -> ReachId {
        ReachId(self.about())
    }

    /// A byte that is the same for equal facts, and mostly another for others.
    pub fn mark(self) -> u8 {
        (self.0.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 56) as u8
    }

    fn note(number: u32) -> Fact {
        Fact::new(Sort::Note, number, 0)
    }

    /// The number of a note, if it is one.
    pub fn as_note(self) -> Option<u32> {
        (self.sort() == Sort::Note).then(|| self.about())
    }
}

fn short_hash(of: &impl Hash) -> u32 {
    let mut hasher = FxHasher::default();
    of.hash(&mut hasher);
    (hasher.finish() >> 32) as u32
}

/// Something to be said in a report about a value, as long as anything in the report rests on that value.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) enum Note {
    Remark(FactRemark),
    /// A constant whose computation was cut short.
    Expensive(String),
}

/// What the values of an estate rest on.
#[derive(Debug, Default)]
pub(crate) struct Book {
    /// Computed since it was asked last: each fact with those it was computed from, sorted.
    computed: Mutex<Vec<(Fact, Box<[Fact]>)>>,
    /// Read by nothing that is kept: by what is made anew with every report.
    loose: Mutex<Vec<Fact>>,
    notes: Mutex<indexmap::IndexSet<Note>>,
    /// Texts that were made because nothing was called so: interned later, they would not equal themselves.
    made: Mutex<FxHashSet<Box<str>>>,
}

impl Book {
    pub fn take_computed(&self) -> Vec<(Fact, Box<[Fact]>)> {
        self.computed.lock().map(|mut computed| std::mem::take(&mut *computed)).unwrap_or_default()
    }

    pub fn take_loose(&self) -> Vec<Fact> {
        self.loose.lock().map(|mut loose| std::mem::take(&mut *loose)).unwrap_or_default()
    }

    fn number(&self, note: Note) -> Option<u32> {
        self.notes.lock().ok().map(|mut notes| notes.insert_full(note).0 as u32)
    }

    pub fn has_notes(&self) -> bool {
        self.notes.lock().is_ok_and(|notes| !notes.is_empty())
    }

    pub fn note(&self, number: u32) -> Option<Note> {
        self.notes.lock().ok()?.get_index(number as usize).cloned()
    }

    pub fn was_made(&self, text: &str) {
        if let Ok(mut made) = self.made.lock()
            && !made.contains(text)
        {
            made.insert(text.into());
        }
    }

    pub fn has_made(&self, text: &str) -> bool {
        self.made.lock().is_ok_and(|made| made.contains(text))
    }
}

/// The readings of one evaluator, innermost computation last.
pub(crate) struct Trace<'e> {
    book: &'e Book,
    read: Vec<Fact>,
    /// Where the readings of the innermost computation begin, and how many it may have before repetitions are left out.
    start: usize,
    most: usize,
    computed: Vec<(Fact, Box<[Fact]>)>,
    /// The element whose fields alone are expected to be read, and whether something else was.
    own: Option<ElementId>,
    has_strayed: bool,
}

/// A loop reads the same fields again and again: so many readings are looked through for repetitions.
const MANY: usize = 1 << 16;

impl<'e> Trace<'e> {
    pub fn new(book: &'e Book) -> Trace<'e> {
        Trace {
            book,
            read: Vec::new(),
            start: 0,
            most: MANY,
            computed: Vec::new(),
            own: None,
            has_strayed: false,
        }
    }

    fn push(&mut self, fact: Fact) {
        if let Some(own) = self.own {
            self.has_strayed |= fact.sort() != Sort::Field || fact.element() != own;
        }
        if self.read.last() == Some(&fact) && self.read.len() > self.start {
            return;
        }
        self.read.push(fact);
        if self.read.len() - self.start > self.most {
            let mut facts = self.since(self.start);
            self.most = facts.len() * 2 + MANY;
            self.read.append(&mut facts);
        }
    }

    /// The readings since `start`, each once, in order.
    fn since(&mut self, start: usize) -> Vec<Fact> {
        let mut facts = self.read.split_off(start.min(self.read.len()));
        facts.sort_unstable();
        facts.dedup();
        facts
    }
}

impl Drop for Trace<'_> {
    fn drop(&mut self) {
        if let Ok(mut computed) = self.book.computed.lock() {
            computed.append(&mut self.computed);
        }
        if let Ok(mut loose) = self.book.loose.lock() {
            loose.append(&mut self.read);
        }
    }
}

impl Evaluator<'_> {
    /// Whether it is written down what is read.
    #[inline]
    pub(crate) fn is_traced(&self) -> bool {
        self.trace.is_some()
    }

    /// Says that what is being computed rests on a fact.
    #[inline]
    pub(crate) fn rests_on(&mut self, fact: Fact) {
        if let Some(trace) = &mut self.trace {
            trace.push(fact);
        }
    }

    /// Computes a fact that is kept, whose readings are its own.
    #[inline]
    pub(crate) fn traced<T>(&mut self, fact: Fact, compute: impl FnOnce(&mut Self) -> T) -> T {
        let outer = self.trace.as_mut().map(|trace| {
            let start = trace.read.len();
            let most = std::mem::replace(&mut trace.most, MANY);
            let watched = (trace.own.take(), std::mem::take(&mut trace.has_strayed));
            (std::mem::replace(&mut trace.start, start), most, watched)
        });
        let computed = compute(self);
        if let (Some(outer), Some(trace)) = (outer, &mut self.trace) {
            let facts = trace.since(trace.start);
            (trace.start, trace.most, (trace.own, trace.has_strayed)) = outer;
            if !facts.is_empty() {
                trace.computed.push((fact, facts.into()));
            }
        }
        computed
    }

    /// Computes something that is expected to read fields of one element alone.
    pub(crate) fn watching<T>(&mut self, own: Option<ElementId>, compute: impl FnOnce(&mut Self) -> T) -> T {
        if let Some(trace) = &mut self.trace {
            trace.own = own;
        }
        let computed = compute(self);
        if let Some(trace) = &mut self.trace {
            trace.own = None;
        }
        computed
    }

    /// Whether something else was read since this was asked last.
    pub(crate) fn has_strayed(&mut self) -> bool {
        self.trace.as_mut().is_some_and(|trace| std::mem::take(&mut trace.has_strayed))
    }

    /// What was read since this was asked last, by nothing that is kept itself.
    pub(crate) fn take_readings(&mut self) -> Vec<Fact> {
        self.trace.as_mut().map(|trace| trace.since(trace.start)).unwrap_or_default()
    }

    /// The same, put behind other facts.
    pub(crate) fn take_readings_into(&mut self, facts: &mut Vec<Fact>) {
        let Some(trace) = &mut self.trace else { return };
        let read = trace.read.get_mut(trace.start..).unwrap_or_default();
        read.sort_unstable();
        let mut last = None;
        facts.extend(read.iter().copied().filter(|fact| last.replace(*fact) != Some(*fact)));
        trace.read.truncate(trace.start);
    }

    /// Remembers what a report is to say of a value.
    pub(crate) fn note(&mut self, note: Note) {
        self.known.remarks += 1;
        match &mut self.trace {
            Some(trace) => {
                if let Some(number) = trace.book.number(note) {
                    trace.push(Fact::note(number));
                }
            }
            None => self.estate.keep_note(note),
        }
    }
}
