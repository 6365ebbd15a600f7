//! What a piece of a template comes to.

use crate::document::ObjectId;
use crate::ends::Ends;
use crate::tape::{Symbol, UnknownCause};

/// A value with the place where it stands.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub value: Computed,
    pub offset: u32,
    /// What it is made of, where that says more than the value.
    pub origin: Option<Box<Origin>>,
}

#[derive(Clone, Debug)]
pub(super) enum Computed {
    Null,
    Bool(bool),
    Int(i64),
    /// As JSON writes it.
    Number(String),
    Text(String),
    List(Vec<Item>),
    Object(Vec<(Symbol, Item)>),
    Unknown(UnknownCause),
    /// `AWS::NoValue`: as if nothing were written.
    Nothing,
}

/// What a value that is not known is made of.
#[derive(Clone, Default, Debug)]
pub(super) struct Origin {
    pub references: Vec<Referred>,
    /// Something that is no resource has a say: a parameter, a mapping, another stack.
    pub has_other_inputs: bool,
    pub is_sensitive: bool,
    /// How the text begins and ends, as far as that is known.
    pub ends: Option<Ends>,
}

/// A resource that is referred to.
#[derive(Clone, Debug)]
pub(super) struct Referred {
    /// `None` where the template has no such resource, or it is not there under the conditions that hold.
    pub target: Option<ObjectId>,
    pub attribute: Option<String>,
    /// `Bucket.Arn`
    pub written: String,
}

impl Item {
    pub(super) fn new(value: Computed, offset: u32) -> Item {
        Item { value, offset, origin: None }
    }

    pub(super) fn text(text: impl Into<String>, offset: u32) -> Item {
        Item::new(Computed::Text(text.into()), offset)
    }

    /// What depends on something that the template does not say.
    pub(super) fn open(offset: u32) -> Item {
        let origin = Origin { has_other_inputs: true, ..Origin::default() };
        Item::unknown(UnknownCause::NotReported, offset, origin)
    }

    pub(super) fn unknown(cause: UnknownCause, offset: u32, origin: Origin) -> Item {
        Item { value: Computed::Unknown(cause), offset, origin: Some(Box::new(origin)) }
    }

    /// What makes no sense where it stands.
    pub(super) fn invalid(offset: u32) -> Item {
        Item::new(Computed::Unknown(UnknownCause::Invalid), offset)
    }

    /// How much it takes, roughly, in bytes.
    pub(super) fn size(&self) -> usize {
        let inside = match &self.value {
            Computed::Text(text) | Computed::Number(text) => text.len(),
            Computed::List(items) => items.iter().map(Item::size).sum(),
            Computed::Object(members) => members.iter().map(|(_, item)| item.size()).sum(),
            _ => 0,
        };
        inside + size_of::<Item>()
    }

    /// A scalar as CloudFormation makes text of it; `None` for everything else.
    pub(super) fn as_text(&self) -> Option<String> {
        match &self.value {
            Computed::Text(text) | Computed::Number(text) => Some(text.clone()),
            Computed::Int(value) => Some(value.to_string()),
            Computed::Bool(value) => Some(value.to_string()),
            _ => None,
        }
    }
}

impl Origin {
    /// What something made of several parts is made of.
    pub(super) fn add(&mut self, part: &Item) {
        let is_unknown = matches!(part.value, Computed::Unknown(_));
        match &part.origin {
            Some(origin) => {
                self.references.extend(origin.references.iter().cloned());
                self.has_other_inputs |= origin.has_other_inputs;
                self.is_sensitive |= origin.is_sensitive;
            }
            None => self.has_other_inputs |= is_unknown,
        }
    }

    /// Why a text with such parts is not known.
    pub(super) fn cause(&self) -> UnknownCause {
        match () {
            () if self.is_sensitive => UnknownCause::Sensitive,
            () if self.references.is_empty() => UnknownCause::NotReported,
            () => UnknownCause::KnownAfterApply,
        }
    }
}
