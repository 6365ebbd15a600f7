//! What could stand at a cursor: a word no program has is put there, and the check says what it meets it as.

use iom_model::{Nominal, Type};
use smol_str::SmolStr;

use crate::infer::{Checker, Definitions, Inside};
use crate::types::expand;

/// The word that stands at the cursor.
pub const MARKER: &str = "iom_cursor_stands_here";

pub(super) fn is_marked(name: &str) -> bool {
    name.ends_with(MARKER)
}

/// Something that could be set.
#[derive(Clone, PartialEq, Debug)]
pub struct Offered {
    pub name: SmolStr,
    pub ty: Type,
    /// It must be set, and nothing sets it by itself.
    pub is_required: bool,
}

/// What a cursor stands at.
#[derive(Clone, PartialEq, Debug)]
pub enum Cursor {
    /// An expression.
    Value {
        expected: Option<Type>,
        /// Names that the declaration at hand binds, the nearest last.
        bindings: Vec<(SmolStr, Type)>,
        /// What `.x` reads from.
        at_hand: Option<Type>,
        is_adapter: bool,
    },
    /// After the dot of a value.
    Member { of: Type, parts: Vec<(SmolStr, Nominal)> },
    /// A dotted name of modules and declarations; what stands before the last dot, as it resolves.
    Name { inside: Option<SmolStr> },
    /// The name of a field.
    Field { owner: Type, fields: Vec<Offered> },
    /// The key of a map.
    Key { of: Type },
    /// The name of a setting of a declaration: `severity` of a policy.
    Setting { owner: SmolStr, known: Vec<SmolStr>, required: Vec<SmolStr> },
    /// One of these words.
    Word { known: Vec<SmolStr> },
    /// A control, or a catalog before it.
    Control,
    /// A policy, or a clause of one.
    Claim,
    /// The clause of a policy, after its dot.
    Label { labels: Vec<SmolStr> },
}

impl Cursor {
    /// Of two that were met at one place the one that says more counts.
    fn rank(&self) -> u8 {
        match self {
            Cursor::Value { expected: None, .. } | Cursor::Name { inside: None } => 0,
            Cursor::Value { .. } | Cursor::Name { .. } => 1,
            _ => 2,
        }
    }
}

impl<'db> Checker<'db> {
    pub(crate) fn note_cursor(&self, name: &str, cursor: impl FnOnce() -> Cursor) {
        if self.is_looked_at() && is_marked(name) {
            let found = cursor();
            self.note(|look| {
                if look.cursor.as_ref().is_none_or(|known| known.rank() <= found.rank()) {
                    look.cursor = Some(found);
                }
            });
        }
    }

    pub(crate) fn note_value_cursor(&self, name: &str, expected: Option<&Type>) {
        self.note_cursor(name, || {
            let mut bindings: Vec<(SmolStr, Type)> = self
                .given
                .iter()
                .map(|(name, _, kind)| (name.clone(), Type::Element(kind.clone())))
                .collect();
            bindings.extend(self.bindings.iter().map(|one| (one.name.clone(), one.ty.clone())));
            Cursor::Value {
                expected: expected.filter(|ty| !ty.is_error()).cloned(),
                bindings,
                at_hand: self.at_hand.last().map(|(_, ty)| ty.clone()),
                is_adapter: self.surroundings == crate::infer::Surroundings::Adapter,
            }
        });
    }

    pub(crate) fn note_name_cursor(&self, segments: &[SmolStr]) {
        let Some((last, before)) = segments.split_last() else { return };
        self.note_cursor(last, || {
            let found = crate::names::resolve(self.db, self.scope, before);
            let inside = found.filter(|found| found.used == before.len() && !before.is_empty());
            Cursor::Name { inside: inside.map(|found| found.qualified) }
        });
    }

    pub(crate) fn note_field_cursor(&self, name: &str, inside: &Inside) {
        self.note_cursor(name, || match inside {
            Inside::Fields { definitions, owner } => {
                Cursor::Field { owner: owner.clone(), fields: self.offered(definitions) }
            }
            Inside::Map { key, .. } => Cursor::Key { of: key.clone() },
            Inside::Json => Cursor::Key { of: Type::Json },
        });
    }

    fn offered(&self, definitions: &Definitions) -> Vec<Offered> {
        let fields = definitions.iter().filter(|field| !field.is_derived);
        fields
            .map(|field| Offered {
                name: field.name.clone(),
                ty: field.ty.clone(),
                is_required: !field.has_default
                    && !field.ty.is_optional()
                    && !matches!(expand(self.db, field.ty), Type::Json | Type::Optional(_)),
            })
            .collect()
    }
}
