//! What is wanted of the types that no kind maps. Conditions that name the type leave all others in the file.

use std::collections::{BTreeMap, BTreeSet};

use iom_model::{BinaryOp, CompareOp, Expr, KindDefinition, Literal, Local, Model, QualifiedName};

use super::demand::Attributes;

/// Source types, by name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Types {
    All,
    These(BTreeSet<String>),
}

impl Types {
    fn has(&self, source_type: &str) -> bool {
        match self {
            Types::All => true,
            Types::These(names) => names.contains(source_type),
        }
    }

    fn covers(&self, other: &Types) -> bool {
        match (self, other) {
            (Types::All, _) => true,
            (Types::These(_), Types::All) => false,
            (Types::These(own), Types::These(others)) => others.is_subset(own),
        }
    }

    /// True where that makes it more.
    fn add(&mut self, more: Types) -> bool {
        if self.covers(&more) {
            return false;
        }
        match (self, more) {
            (Types::These(own), Types::These(names)) => own.extend(names),
            (own, _) => *own = Types::All,
        }
        true
    }
}

/// What is taken of the rest.
#[derive(Clone, Debug, Default)]
pub(super) struct Rest {
    /// By the position of a kind that takes it.
    kinds: BTreeMap<usize, Taken>,
    resources: Attributes,
    data_sources: Attributes,
}

#[derive(Clone, PartialEq, Eq, Debug)]
struct Taken {
    types: Types,
    takes_resources: bool,
    takes_data: bool,
}

impl Rest {
    /// The kinds of a model that take it: nothing yet.
    pub fn of(model: &Model) -> Rest {
        let mut rest = Rest::default();
        for (position, kind) in model.kinds.values().enumerate() {
            let takes = |is_data| {
                kind.adapters.iter().any(|adapter| adapter.takes_the_rest() && adapter.is_data == is_data)
            };
            let (takes_resources, takes_data) = (takes(false), takes(true));
            if takes_resources || takes_data {
                // What a kind maps by name is taken whenever the kind is.
                let types = if kind.takes_the_rest() { Types::These(BTreeSet::new()) } else { Types::All };
                rest.kinds.insert(position, Taken { types, takes_resources, takes_data });
            }
        }
        rest
    }

    /// Whether elements of a kind are made of objects of a type that one of its adapters reads.
    pub fn takes(&self, kind: usize, source_type: &str) -> bool {
        self.kinds.get(&kind).is_none_or(|taken| taken.types.has(source_type))
    }

    /// Takes more types for a kind. True where there is anything new in it.
    pub fn want(&mut self, kind: usize, types: Types) -> bool {
        self.kinds.get_mut(&kind).is_some_and(|taken| taken.types.add(types))
    }

    /// What is read of the objects, as far as it is told by data sources from resources.
    pub fn attributes(&mut self, is_data: bool) -> &mut Attributes {
        if is_data { &mut self.data_sources } else { &mut self.resources }
    }

    /// What is read of the objects of a type, if anybody takes it.
    pub fn of_type(&self, source_type: &str, is_data: bool) -> Option<&Attributes> {
        let is_taken = self.kinds.values().any(|taken| {
            let is_read = if is_data { taken.takes_data } else { taken.takes_resources };
            is_read && taken.types.has(source_type)
        });
        is_taken.then_some(if is_data { &self.data_sources } else { &self.resources })
    }

    /// Whether both make the same elements.
    pub fn takes_as(&self, other: &Rest) -> bool {
        self.kinds == other.kinds
    }

    /// Whether sources that were read for this one hold what another one needs.
    pub fn covers(&self, other: &Rest) -> bool {
        let types = other
            .kinds
            .iter()
            .all(|(kind, taken)| self.kinds.get(kind).is_some_and(|own| own.types.covers(&taken.types)));
        types && self.resources.covers(&other.resources) && self.data_sources.covers(&other.data_sources)
    }
}

/// The types that elements of a kind have which fulfil a condition on the element in a slot.
pub(super) fn types_of(kind: &KindDefinition, condition: Option<&Expr>, element: Local) -> Types {
    let named = type_field(kind)
        .zip(condition)
        .and_then(|(field, condition)| Condition { field, element }.types(condition));
    named.map_or(Types::All, Types::These)
}

/// The field that tells what type an object has.
fn type_field(kind: &KindDefinition) -> Option<&QualifiedName> {
    let is_type = |value: &Expr| matches!(value, Expr::Context(name) if name == "type");
    let (field, _) = kind.adapters.first()?.fields.iter().find(|(_, value)| is_type(value))?;
    let says = |adapter: &iom_model::Adapter| {
        adapter.fields.iter().any(|(name, value)| name == field && is_type(value))
    };
    kind.adapters.iter().all(says).then_some(field)
}

struct Condition<'k> {
    field: &'k QualifiedName,
    element: Local,
}

impl Condition<'_> {
    /// The types that something of which the condition holds, or may hold, can have; nothing where it can be any.
    fn types(&self, condition: &Expr) -> Option<BTreeSet<String>> {
        match condition {
            Expr::And(left, right) => match (self.types(left), self.types(right)) {
                (Some(left), Some(right)) => Some(left.intersection(&right).cloned().collect()),
                (left, right) => left.or(right),
            },
            Expr::Or(left, right) => {
                let (mut left, right) = (self.types(left)?, self.types(right)?);
                left.extend(right);
                Some(left)
            }
            Expr::Compare { op: CompareOp::Equal, left, right, .. } => {
                let other = if self.is_type(left) {
                    right
                } else if self.is_type(right) {
                    left
                } else {
                    return None;
                };
                text(other).map(|text| BTreeSet::from([text]))
            }
            Expr::Binary { op: BinaryOp::In, left, right } if self.is_type(left) => match &**right {
                Expr::List { items, .. } | Expr::Set(items) => items.iter().map(text).collect(),
                _ => None,
            },
            _ => None,
        }
    }

    fn is_type(&self, expr: &Expr) -> bool {
        matches!(expr, Expr::Field { base, name, .. }
            if name == self.field && **base == Expr::Local(self.element))
    }
}

fn text(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Literal(Literal::Text(text)) => Some(text.to_string()),
        _ => None,
    }
}
