//! Paths into values, held against the types of the model.

use iom_diagnostics::nearest;
use iom_model::{FieldDefinition, Model, Type};

/// A step of a path as it is written: `.name`, `["key"]` or `[0]`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Segment {
    Name(String),
    Index(usize),
}

impl Segment {
    pub(super) fn key(&self) -> String {
        match self {
            Segment::Name(name) => name.clone(),
            Segment::Index(position) => position.to_string(),
        }
    }
}

/// A path that leads nowhere.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Unexplained {
    /// The thing has fields, and this is none of them.
    NoField { name: String, owner: String, near: Option<String>, names: Vec<String> },
    /// The value has no parts of this sort.
    NoPart { name: String, ty: String },
    /// The path goes on behind a reference: that is a value of something else.
    Reference { name: String },
    /// The path is empty.
    NoPath { names: Vec<String> },
}

pub(crate) struct Walked {
    pub ty: Type,
    pub is_secret: bool,
    /// Nothing in the whole field can be secret.
    pub is_quotable: bool,
}

/// Names behind names; a ring of them is refused by the front end.
const MOST_NAMES: usize = 32;

/// The type at the end of a path that starts at an element of a kind.
pub(crate) fn walk(model: &Model, kind: &str, path: &[Segment]) -> Result<Walked, Unexplained> {
    let fields = model.kinds.get(kind).map(|kind| kind.fields.as_slice()).unwrap_or_default();
    let Some((first, rest)) = path.split_first() else {
        return Err(Unexplained::NoPath {
            names: fields.iter().map(|field| field.name.to_string()).collect(),
        });
    };
    let mut ty = field_type(fields, first, kind)?;
    let mut is_secret = is_secret(model, &ty);
    let is_quotable = !holds_secret(model, &ty, MOST_NAMES);
    for segment in rest {
        ty = step(model, &ty, segment)?;
        is_secret |= self::is_secret(model, &ty);
    }
    Ok(Walked { ty, is_secret, is_quotable })
}

/// The path as it would be written.
pub fn text(path: &[Segment]) -> String {
    let mut out = String::new();
    for segment in path {
        match segment {
            Segment::Name(name) => {
                let is_word = name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
                if !out.is_empty() {
                    out.push('.');
                }
                let quote = if is_word { "" } else { "\"" };
                out.push_str(&format!("{quote}{name}{quote}"));
            }
            Segment::Index(position) => out.push_str(&format!("[{position}]")),
        }
    }
    out
}

fn field_type(fields: &[FieldDefinition], segment: &Segment, owner: &str) -> Result<Type, Unexplained> {
    let name = segment.key();
    match fields.iter().find(|field| field.name == name) {
        Some(field) => Ok(field.ty.clone()),
        None => {
            let names: Vec<String> = fields.iter().map(|field| field.name.to_string()).collect();
            let near = nearest(&name, names.iter().map(String::as_str)).map(str::to_owned);
            Err(Unexplained::NoField { name, owner: owner.to_owned(), near, names })
        }
    }
}

fn step(model: &Model, ty: &Type, segment: &Segment) -> Result<Type, Unexplained> {
    let plain = plain(model, ty);
    let no_part = || Unexplained::NoPart { name: segment.key(), ty: ty.required().to_string() };
    match (&plain, segment) {
        (Type::Json, _) => Ok(Type::Json),
        (Type::Record(record), Segment::Name(_)) => {
            field_type(&record.fields, segment, &ty.required().to_string())
        }
        (Type::Union(alternatives), Segment::Name(_)) => {
            let mut steps = alternatives.iter().map(|alternative| step(model, alternative, segment));
            steps.find(Result::is_ok).unwrap_or_else(|| Err(no_part()))
        }
        (Type::Map(_, value), _) => Ok((**value).clone()),
        (Type::List(item) | Type::Set(item), Segment::Index(_)) => Ok((**item).clone()),
        (Type::Element(_), _) => Err(Unexplained::Reference { name: segment.key() }),
        _ => Err(no_part()),
    }
}

/// Without a name, `?`, refinements and `secret` around it.
fn plain(model: &Model, ty: &Type) -> Type {
    let mut current = ty.clone();
    for _ in 0..MOST_NAMES {
        current = match &current {
            Type::Named(name) => match model.types.get(name) {
                Some(definition) => definition.ty.clone(),
                None => return Type::Error,
            },
            Type::Optional(inner) | Type::Refined(inner, _) | Type::Secret(inner) => (**inner).clone(),
            _ => return current,
        };
    }
    Type::Error
}

/// Declared `secret`, at the outside.
fn is_secret(model: &Model, ty: &Type) -> bool {
    let mut current = ty.clone();
    for _ in 0..MOST_NAMES {
        current = match &current {
            Type::Secret(_) => return true,
            Type::Named(name) => match model.types.get(name) {
                Some(definition) => definition.ty.clone(),
                None => return false,
            },
            Type::Optional(inner) | Type::Refined(inner, _) | Type::List(inner) | Type::Set(inner) => {
                (**inner).clone()
            }
            Type::Map(_, value) => (**value).clone(),
            _ => return false,
        };
    }
    false
}

/// Whether a value of the type may hold a secret anywhere, so that the words that set it are not to be shown.
fn holds_secret(model: &Model, ty: &Type, depth: usize) -> bool {
    // What is too deep to be looked at is better not shown.
    let Some(depth) = depth.checked_sub(1) else { return true };
    match ty {
        Type::Secret(_) => true,
        Type::Optional(inner) | Type::Refined(inner, _) | Type::List(inner) | Type::Set(inner) => {
            holds_secret(model, inner, depth)
        }
        Type::Map(key, value) => holds_secret(model, key, depth) || holds_secret(model, value, depth),
        Type::Union(types) => types.iter().any(|ty| holds_secret(model, ty, depth)),
        Type::Record(record) => record.fields.iter().any(|field| holds_secret(model, &field.ty, depth)),
        Type::Named(name) => {
            model.types.get(name).is_none_or(|definition| holds_secret(model, &definition.ty, depth))
        }
        _ => false,
    }
}
