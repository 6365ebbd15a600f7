//! What the schema says about a value of an adapter.

use iom_stdlib::schemas::{Object, Schema, Shape, ShapeKind};
use smol_str::SmolStr;

/// What is known of a value: it is one of these.
#[derive(Clone, Debug)]
pub(super) struct Value {
    /// What it is called in messages: the type, or the last name of the path.
    pub name: SmolStr,
    pub alternatives: Vec<Known>,
    /// It may be something else too, about which nothing is known.
    pub is_open: bool,
}

#[derive(Clone, Debug)]
pub(super) enum Known {
    /// Text, a number, a bool.
    Plain,
    Object(Object),
    List(Shape),
    Map(Shape),
    /// A list that the adapter makes.
    ListOf(Box<Value>),
}

impl Value {
    pub fn open() -> Value {
        Value { name: SmolStr::default(), alternatives: Vec::new(), is_open: true }
    }

    /// Absent, unknown, an empty list: adds nothing to what stands beside it.
    pub fn nothing() -> Value {
        Value { is_open: false, ..Value::open() }
    }

    pub fn of_shape(name: &str, shape: Shape) -> Value {
        let known = match shape.kind() {
            ShapeKind::Text | ShapeKind::Number | ShapeKind::Bool => Known::Plain,
            ShapeKind::Any => return Value::open(),
            ShapeKind::List(item) => Known::List(item),
            ShapeKind::Map(item) => Known::Map(item),
            ShapeKind::Object(object) => Known::Object(object),
        };
        Value { name: name.into(), alternatives: vec![known], is_open: false }
    }

    pub fn list_of(item: Value) -> Value {
        Value { name: item.name.clone(), alternatives: vec![Known::ListOf(Box::new(item))], is_open: false }
    }

    pub fn or(mut self, other: Value) -> Value {
        if self.alternatives.is_empty() {
            self.name = other.name;
        }
        self.alternatives.extend(other.alternatives);
        self.is_open |= other.is_open;
        self
    }

    /// Whether it is the object of a resource as a whole: it is called like its type.
    pub fn is_source_object(&self) -> bool {
        let is_of_type = |object: &Object| {
            let schema = object.schema();
            [false, true].into_iter().any(|is_data| schema.find(is_data, &self.name).as_ref() == Some(object))
        };
        self.alternatives.iter().any(|known| matches!(known, Known::Object(object) if is_of_type(object)))
    }

    /// What going through it gives, one by one.
    pub fn item(&self) -> Value {
        let mut all = if self.is_open { Value::open() } else { Value::nothing() };
        for known in &self.alternatives {
            all = all.or(match known {
                Known::List(item) => Value::of_shape(&self.name, *item),
                Known::ListOf(item) => (**item).clone(),
                Known::Plain | Known::Object(_) | Known::Map(_) => Value::open(),
            });
        }
        all
    }

    /// The values of a map, for the second name of a binder.
    pub fn map_value(&self) -> Value {
        match self.alternatives.as_slice() {
            [Known::Map(item)] if !self.is_open => Value::of_shape(&self.name, *item),
            _ => Value::open(),
        }
    }

    pub fn schema(&self) -> Option<Schema> {
        self.alternatives.iter().find_map(|known| match known {
            Known::Object(object) => Some(object.schema()),
            _ => None,
        })
    }
}
