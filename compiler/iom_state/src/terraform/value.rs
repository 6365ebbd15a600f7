//! Values of expressions, also those that are not known or only in part.

use std::rc::Rc;

use crate::document::ObjectId;
use crate::ends::{Assembly, Ends};
use crate::tape::UnknownCause;

/// A value of deeper nesting is not made.
pub(super) const MOST_DEPTH: u16 = 100;
/// References of one value; more than these are not told apart any more.
const MOST_REFERENCES: usize = 128;

#[derive(Clone, Debug)]
pub(super) struct Value {
    pub shape: Shape,
    pub offset: u32,
    /// What the value was made of, where there is something to say.
    pub origin: Option<Rc<Origin>>,
}

#[derive(Clone, Debug)]
pub(super) enum Shape {
    Null,
    Bool(bool),
    Int(i64),
    /// As written.
    Number(Rc<str>),
    Text(Rc<str>),
    List(Rc<Items>),
    Set(Rc<Items>),
    Object(Rc<Members>),
    /// An object of the configuration as a whole: its attributes are read when they are asked for.
    Instance(ObjectId),
    /// The only known one of instances whose number is not known.
    Instances(ObjectId),
    /// An instance of a module as a whole: its outputs are read when they are asked for.
    Module(u32),
    Unknown(UnknownCause),
    /// A text of which not everything is known.
    Partial(UnknownCause, Ends),
    /// JSON text of which some values are not known: what it would be read as.
    Json(UnknownCause, Rc<Value>),
}

impl Shape {
    /// A text put together of parts; the reason is why some of them are not known.
    pub fn of_parts(text: Assembly, cause: UnknownCause) -> Shape {
        match text.finish() {
            Ok(text) => Shape::Text(text.into()),
            Err(Some(ends)) => Shape::Partial(cause, ends),
            Err(None) => Shape::Unknown(cause),
        }
    }
}

/// Elements, with what is to be known of all of them together.
#[derive(Debug)]
pub(super) struct Items {
    pub values: Vec<Value>,
    pub sum: Sum,
}

/// Members in order of their names.
#[derive(Debug)]
pub(super) struct Members {
    pub values: Vec<(Rc<str>, Value)>,
    pub sum: Sum,
}

/// What is known of everything inside of a value without looking at it again.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sum {
    /// How many values it is made of, counted as often as they occur.
    pub size: u64,
    pub depth: u16,
    /// Why some part is not known; that it is wrong goes before everything else.
    pub doubt: Option<UnknownCause>,
}

/// What a value was made of.
#[derive(Clone, Default, Debug)]
pub(super) struct Origin {
    pub references: Vec<Named>,
    /// It also depends on something that is no object.
    pub has_other_inputs: bool,
}

/// What an expression refers to.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Named {
    pub targets: Vec<ObjectId>,
    pub attribute: Option<Rc<str>>,
    pub written: Rc<str>,
}

impl Value {
    pub fn new(shape: Shape, offset: u32) -> Value {
        Value { shape, offset, origin: None }
    }

    pub fn unknown(cause: UnknownCause, offset: u32) -> Value {
        Value::new(Shape::Unknown(cause), offset)
    }

    /// What Terraform would refuse.
    pub fn wrong(offset: u32) -> Value {
        Value::unknown(UnknownCause::Invalid, offset)
    }

    /// Something that the configuration does not tell.
    pub fn elsewhere(offset: u32) -> Value {
        let origin = Origin { has_other_inputs: true, ..Origin::default() };
        Value { origin: Some(Rc::new(origin)), ..Value::unknown(UnknownCause::NotReported, offset) }
    }

    pub fn text(text: impl Into<Rc<str>>, offset: u32) -> Value {
        Value::new(Shape::Text(text.into()), offset)
    }

    pub fn list(values: Vec<Value>, offset: u32) -> Value {
        Value::new(list(values), offset)
    }

    pub fn object(members: Vec<(Rc<str>, Value)>, offset: u32) -> Value {
        Value::new(object(members), offset)
    }

    pub fn at(mut self, offset: u32) -> Value {
        self.offset = offset;
        self
    }

    pub fn references(&self) -> &[Named] {
        self.origin.as_ref().map_or(&[], |origin| &origin.references)
    }

    pub fn has_other_inputs(&self) -> bool {
        self.origin.as_ref().is_some_and(|origin| origin.has_other_inputs)
    }

    /// Adds what another value came from.
    pub fn inherit(&mut self, other: &Value) {
        let Some(theirs) = &other.origin else { return };
        match &mut self.origin {
            None => self.origin = Some(Rc::clone(theirs)),
            Some(own) if Rc::ptr_eq(own, theirs) => {}
            Some(own) => Rc::make_mut(own).add(theirs),
        }
    }

    /// Adds what everything inside of another value came from, for values made of it as a whole.
    pub fn inherit_all(&mut self, other: &Value) {
        self.inherit(other);
        if other.sum().size > MOST_REFERENCES as u64 * 16 {
            self.depend_on_others();
            return;
        }
        match &other.shape {
            Shape::List(items) | Shape::Set(items) => {
                items.values.iter().for_each(|item| self.inherit_all(item))
            }
            Shape::Object(members) => members.values.iter().for_each(|(_, member)| self.inherit_all(member)),
            Shape::Json(_, inside) => self.inherit_all(inside),
            _ => {}
        }
    }

    /// Says that the value also depends on something that is no object.
    pub fn depend_on_others(&mut self) {
        match &mut self.origin {
            Some(origin) if origin.has_other_inputs => {}
            Some(origin) => Rc::make_mut(origin).has_other_inputs = true,
            None => self.origin = Some(Rc::new(Origin { has_other_inputs: true, ..Origin::default() })),
        }
    }

    /// Says what it refers to, in place of what was said before.
    pub fn refer(&mut self, named: Named) {
        self.origin = Some(Rc::new(Origin { references: vec![named], has_other_inputs: false }));
    }

    /// Calls everything it refers to by the name that leads to it here.
    pub fn rename_references(&mut self, written: &Rc<str>) {
        if let Some(origin) = self.origin.as_mut().filter(|origin| !origin.references.is_empty()) {
            Rc::make_mut(origin).references.iter_mut().for_each(|named| named.written = Rc::clone(written));
        }
    }

    pub fn sum(&self) -> Sum {
        let one = |doubt| Sum { size: 1, depth: 0, doubt };
        match &self.shape {
            Shape::List(items) | Shape::Set(items) => items.sum,
            Shape::Object(members) => members.sum,
            Shape::Text(text) => Sum { size: 1 + text.len() as u64 / 64, depth: 0, doubt: None },
            Shape::Unknown(cause) | Shape::Partial(cause, _) => one(Some(*cause)),
            Shape::Json(cause, inside) => Sum { doubt: Some(*cause), ..inside.sum() },
            Shape::Instance(_) | Shape::Instances(_) | Shape::Module(_) => {
                one(Some(UnknownCause::KnownAfterApply))
            }
            _ => one(None),
        }
    }

    /// Puts a value that is not known into a text: what is known of how it begins and ends.
    pub fn push_to(&self, text: &mut Assembly) {
        match &self.shape {
            Shape::Partial(_, ends) => text.push_partly_known(ends),
            _ => text.push_unknown(),
        }
    }

    /// Why some part of the value is not known.
    pub fn doubt(&self) -> Option<UnknownCause> {
        self.sum().doubt
    }

    pub fn is_known(&self) -> bool {
        self.doubt().is_none()
    }

    /// Terraform would refuse it.
    pub fn is_wrong(&self) -> bool {
        self.doubt() == Some(UnknownCause::Invalid)
    }

    /// The value as a whole is not known: neither what it is nor how many parts it has.
    pub fn is_unknown(&self) -> bool {
        matches!(self.shape, Shape::Unknown(_))
    }

    /// As a template or a key writes it, if it is known and has a text.
    pub fn to_text(&self) -> Option<Rc<str>> {
        match &self.shape {
            Shape::Bool(value) => Some(value.to_string().into()),
            Shape::Int(value) => Some(value.to_string().into()),
            Shape::Number(text) | Shape::Text(text) => Some(Rc::clone(text)),
            _ => None,
        }
    }

    pub fn items(&self) -> Option<&[Value]> {
        match &self.shape {
            Shape::List(items) | Shape::Set(items) => Some(&items.values),
            _ => None,
        }
    }

    pub fn members(&self) -> Option<&[(Rc<str>, Value)]> {
        match &self.shape {
            Shape::Object(members) => Some(&members.values),
            _ => None,
        }
    }

    pub fn member(&self, name: &str) -> Option<&Value> {
        let members = self.members()?;
        let position = members.binary_search_by(|(known, _)| (**known).cmp(name)).ok()?;
        members.get(position).map(|(_, value)| value)
    }
}

impl Origin {
    fn add(&mut self, other: &Origin) {
        for named in &other.references {
            if self.references.contains(named) {
                continue;
            }
            if self.references.len() >= MOST_REFERENCES {
                self.has_other_inputs = true;
                break;
            }
            self.references.push(named.clone());
        }
        self.has_other_inputs |= other.has_other_inputs;
    }
}

impl Sum {
    fn of<'v>(values: impl Iterator<Item = &'v Value>) -> Sum {
        let mut sum = Sum { size: 1, depth: 0, doubt: None };
        for value in values {
            let inside = value.sum();
            sum.size = sum.size.saturating_add(inside.size);
            sum.depth = sum.depth.max(inside.depth + 1);
            sum.doubt = graver(sum.doubt, inside.doubt);
        }
        sum
    }
}

/// The doubt that goes before: that something is wrong, then that it is secret, then the first one.
pub(super) fn graver(left: Option<UnknownCause>, right: Option<UnknownCause>) -> Option<UnknownCause> {
    for grave in [UnknownCause::Invalid, UnknownCause::Sensitive] {
        if left == Some(grave) || right == Some(grave) {
            return Some(grave);
        }
    }
    left.or(right)
}

pub(super) fn list(values: Vec<Value>) -> Shape {
    let sum = Sum::of(values.iter());
    if sum.depth > MOST_DEPTH {
        Shape::Unknown(UnknownCause::NotReported)
    } else {
        Shape::List(Rc::new(Items { values, sum }))
    }
}

/// A set: in order, each element once. What is not known as a whole has no order.
pub(super) fn set(values: Vec<Value>) -> Shape {
    let mut values = values;
    values.sort_by(super::operators::order);
    values.dedup_by(|later, first| super::operators::equal(later, first) == Some(true));
    match list(values) {
        Shape::List(items) => Shape::Set(items),
        other => other,
    }
}

/// An object of members; of those of one name the last.
pub(super) fn object(mut members: Vec<(Rc<str>, Value)>) -> Shape {
    members.sort_by(|(left, _), (right, _)| left.cmp(right));
    let mut values: Vec<(Rc<str>, Value)> = Vec::with_capacity(members.len());
    for member in members {
        match values.last_mut() {
            Some(last) if last.0 == member.0 => *last = member,
            _ => values.push(member),
        }
    }
    let sum = Sum::of(values.iter().map(|(_, value)| value));
    if sum.depth > MOST_DEPTH {
        Shape::Unknown(UnknownCause::NotReported)
    } else {
        Shape::Object(Rc::new(Members { values, sum }))
    }
}
