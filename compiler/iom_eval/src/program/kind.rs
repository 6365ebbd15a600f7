use iom_model::QualifiedName;
use iom_state::tape::Symbol;

use super::{AdapterId, Code, KindId, KindSetId, TypeId};

/// A compiled kind.
#[derive(Debug)]
pub struct Kind {
    pub name: QualifiedName,
    pub traits: Vec<QualifiedName>,
    pub fields: Vec<KindField>,
    /// Positions in `fields`.
    pub identity: Vec<u16>,
    /// Positions of the fields that refer to elements: the edges of the graph.
    pub edges: Vec<u16>,
    /// Positions of the fields that refer to elements by `link`: no edges.
    pub links: Vec<u16>,
    pub adapters: Vec<AdapterId>,
    /// Formats that are imported into the kind; without any, its elements are in every world.
    pub formats: Vec<&'static str>,
    /// The adapter that reads plain json: `x as K`.
    pub from_json: Option<AdapterId>,
    /// Shows objects as their source has them: see [`iom_model::KindDefinition::stands_aside`].
    pub stands_aside: bool,
}

impl Kind {
    /// Only declared, never imported: in every world.
    pub fn is_everywhere(&self) -> bool {
        self.formats.is_empty()
    }

    pub fn field_position(&self, name: Symbol) -> Option<u16> {
        self.fields.iter().position(|field| field.name == name).map(|position| position as u16)
    }
}

#[derive(Debug)]
pub struct KindField {
    pub name: Symbol,
    pub ty: TypeId,
    pub default: Option<Code>,
    /// Computed from the element, which is slot 0; with the slots it needs.
    pub derive: Option<(Code, u32)>,
    pub is_optional: bool,
    /// Declared `secret`: never shown.
    pub is_secret: bool,
    /// A bind may set it where a source does not.
    pub is_bound: bool,
}

/// Where each kind keeps a field of this name.
#[derive(Debug)]
pub struct FieldTable {
    pub name: Symbol,
    /// By kind; [`FieldTable::NONE`] where the kind has no such field.
    pub positions: Box<[u16]>,
}

impl FieldTable {
    pub const NONE: u16 = u16::MAX;

    pub fn position(&self, kind: KindId) -> Option<u16> {
        self.positions.get(kind.index()).copied().filter(|position| *position != FieldTable::NONE)
    }
}

/// A kind, or all kinds with a trait: sorted.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct KindSet {
    /// What is kept about the set is kept by this; `None` for sets that are made while evaluating.
    pub id: Option<KindSetId>,
    pub kinds: Box<[KindId]>,
    /// By kind.
    members: Box<[bool]>,
    pub is_trait: bool,
    pub name: QualifiedName,
}

impl KindSet {
    pub fn new(name: QualifiedName, is_trait: bool, kinds: Vec<KindId>, count: usize) -> KindSet {
        let mut members = vec![false; count];
        for kind in &kinds {
            members[kind.index()] = true;
        }
        KindSet { id: None, kinds: kinds.into(), members: members.into(), is_trait, name }
    }

    pub fn has(&self, kind: KindId) -> bool {
        self.members.get(kind.index()).copied().unwrap_or(false)
    }
}
