use iom_model::Scalar;
use iom_state::tape::Symbol;
use rustc_hash::FxHashMap;

use super::{Code, EnumId, KindSet, RecordId, TypeId};
use crate::pattern::TextPattern;
use crate::value::RecordValue;

/// A type as conversion needs it.
#[derive(Debug)]
pub enum TypeCode {
    /// Takes every value as it is.
    Any,
    Absent,
    Scalar(Scalar),
    Optional(TypeId),
    List(TypeId),
    Set(TypeId),
    Map(TypeId, TypeId),
    Enum(EnumId),
    Record(RecordId),
    Union(Box<[TypeId]>),
    Element(Box<KindSet>),
    Refined(TypeId, RefinementCode),
}

#[derive(Debug)]
pub struct EnumCode {
    /// Alternatives in order.
    pub names: Vec<Symbol>,
    /// What sources write, and the names themselves.
    pub spellings: FxHashMap<Symbol, Symbol>,
}

impl EnumCode {
    /// The alternative that a text means. What a source writes is a wire spelling first; anything else is a name first, as
    /// literals are, and may have been read already.
    pub fn alternative(&self, text: Symbol, is_of_source: bool) -> Option<Symbol> {
        if !is_of_source && self.names.contains(&text) {
            return Some(text);
        }
        self.spellings.get(&text).copied()
    }

    pub fn rank(&self, name: Symbol) -> Option<usize> {
        self.names.iter().position(|alternative| *alternative == name)
    }
}

#[derive(Debug)]
pub struct RecordCode {
    pub fields: Vec<RecordField>,
}

impl RecordCode {
    /// Whether a record has the fields of the type that are no computed ones, in their order, and no others.
    pub fn has_fields(&self, record: &RecordValue) -> bool {
        let stored = self.fields.iter().filter(|field| field.derive.is_none());
        stored.map(|field| field.name).eq(record.fields.iter().map(|(name, _)| *name))
    }
}

#[derive(Debug)]
pub struct RecordField {
    pub name: Symbol,
    pub ty: TypeId,
    pub default: Option<Code>,
    pub derive: Option<(Code, u32)>,
    pub is_optional: bool,
    /// Declared `secret`: never shown.
    pub is_secret: bool,
    /// Refers to elements that its owner does not depend on.
    pub is_link: bool,
}

#[derive(Debug)]
pub enum RefinementCode {
    Range {
        low: Option<Code>,
        high: Option<Code>,
    },
    Matching(TextPattern),
    Size {
        low: Option<u64>,
        high: Option<u64>,
    },
    Where {
        condition: Code,
        locals: u32,
    },
    /// Nothing that could be checked.
    Nothing,
}

/// All types of a program.
#[derive(Debug, Default)]
pub struct TypeTable {
    pub types: Vec<TypeCode>,
    pub enums: Vec<EnumCode>,
    pub records: Vec<RecordCode>,
}

impl TypeTable {
    #[inline]
    pub fn get(&self, id: TypeId) -> &TypeCode {
        &self.types[id.index()]
    }

    pub fn enumeration(&self, id: EnumId) -> &EnumCode {
        &self.enums[id.index()]
    }

    pub fn record(&self, id: RecordId) -> &RecordCode {
        &self.records[id.index()]
    }

    /// Whether empty text may be a value of the type.
    pub fn is_text(&self, id: TypeId) -> bool {
        match self.get(id) {
            TypeCode::Any => true,
            TypeCode::Scalar(scalar) => {
                matches!(scalar, Scalar::String | Scalar::StringNocase | Scalar::Glob | Scalar::GlobNocase)
            }
            TypeCode::Optional(inner) | TypeCode::Refined(inner, _) => self.is_text(*inner),
            TypeCode::Union(types) => types.iter().any(|ty| self.is_text(*ty)),
            _ => false,
        }
    }

    /// Whether values are texts as they are written, or nothing.
    pub fn is_string(&self, id: TypeId) -> bool {
        match self.get(id) {
            TypeCode::Scalar(Scalar::String | Scalar::StringNocase) => true,
            TypeCode::Optional(inner) | TypeCode::Refined(inner, _) => self.is_string(*inner),
            _ => false,
        }
    }

    /// Whether the type takes every text and nothing else.
    pub fn is_plain_text(&self, id: TypeId) -> bool {
        matches!(self.get(id), TypeCode::Scalar(Scalar::String))
    }

    /// Whether values are references, or nothing.
    pub fn is_reference(&self, id: TypeId) -> bool {
        match self.get(id) {
            TypeCode::Element(_) => true,
            TypeCode::Optional(inner) => self.is_reference(*inner),
            _ => false,
        }
    }

    /// Whether values are maps of texts, which stay where their source has them.
    pub fn is_map_of_texts(&self, id: TypeId) -> bool {
        match self.get(id) {
            TypeCode::Optional(inner) => self.is_map_of_texts(*inner),
            TypeCode::Map(key, item) => self.is_plain_text(*key) && self.is_plain_text(*item),
            _ => false,
        }
    }

    /// Whether absent is a value of the type.
    pub fn is_optional(&self, id: TypeId) -> bool {
        matches!(self.get(id), TypeCode::Optional(_) | TypeCode::Any | TypeCode::Absent)
    }
}
