//! What Terraform providers say about their types: which attributes and blocks there are. Adapters are held against it.
//!
//! A file of `stdlib/schemas/` has one line per type, sorted by bytes: the name, then its members. A member is a name with its
//! shape: nothing for text, `#` a number, `?` a bool, `*` anything, `[..]` a list or set, `{..}` a map, `&7` the object of line `&7`;
//! a `+` before the shape marks a block. Types of data sources begin with `data.`. Lines are found by bisection and read in
//! place: nothing is parsed that nobody asks for. Beside it stands what the library knows of newer versions, in the same notation.

use std::cmp::Ordering;

/// The types of one provider, of one version.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Schema {
    /// What its types begin with: `aws`.
    prefix: &'static str,
    text: &'static str,
    /// Members of newer versions, and types that only they have.
    newer: &'static str,
}

const SCHEMAS: &[Schema] = &[
    Schema {
        prefix: "aws",
        text: include_str!("../../../stdlib/schemas/aws.txt"),
        newer: include_str!("../../../stdlib/schemas/aws-newer.txt"),
    },
    Schema {
        prefix: "google",
        text: include_str!("../../../stdlib/schemas/google.txt"),
        newer: include_str!("../../../stdlib/schemas/google-newer.txt"),
    },
];

/// An object: a type, a block, or a value with members.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Object {
    schema: Schema,
    members: &'static str,
    /// What newer versions add.
    newer: &'static str,
    is_partial: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Member {
    pub name: &'static str,
    pub is_block: bool,
    pub shape: Shape,
}

/// What a value is, looked into one level at a time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Shape {
    schema: Schema,
    text: &'static str,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ShapeKind {
    Text,
    Number,
    Bool,
    Any,
    List(Shape),
    Map(Shape),
    Object(Object),
}

/// The schema that has, or would have, a type: by the name up to the first `_`.
pub fn schema_of(source_type: &str) -> Option<Schema> {
    let (prefix, _) = source_type.split_once('_')?;
    SCHEMAS.iter().copied().find(|schema| schema.prefix == prefix)
}

/// All schemas that are shipped.
pub fn schemas() -> &'static [Schema] {
    SCHEMAS
}

impl Schema {
    /// `hashicorp/aws`
    pub fn provider(self) -> &'static str {
        self.header("# provider ")
    }

    /// `4.36.1`
    pub fn version(self) -> &'static str {
        self.header("# version ")
    }

    fn header(self, start: &str) -> &'static str {
        let header = self.text.lines().take_while(|line| line.starts_with('#'));
        header.filter_map(|line| line.strip_prefix(start)).next().unwrap_or_default()
    }

    /// A resource type, or the type of a data source.
    pub fn find(self, is_data: bool, name: &str) -> Option<Object> {
        let prefix = if is_data { "data." } else { "" };
        self.object(&[prefix, name])
    }

    fn object(self, key: &[&str]) -> Option<Object> {
        let (members, newer) = (line(self.text, key), line(self.newer, key));
        let is_partial = members.is_none();
        members.or(newer)?;
        Some(Object {
            schema: self,
            members: members.unwrap_or_default(),
            newer: newer.unwrap_or_default(),
            is_partial,
        })
    }

    /// Names of all types, or of all data sources; some twice.
    pub fn type_names(self, is_data: bool) -> impl Iterator<Item = &'static str> {
        let lines = self.text.lines().chain(self.newer.lines());
        let names = lines.filter(|line| !line.starts_with(['#', '&']));
        names.filter_map(move |line| {
            let name = line.split(' ').next()?;
            match name.strip_prefix("data.") {
                Some(name) => is_data.then_some(name),
                None => (!is_data).then_some(name),
            }
        })
    }
}

impl Object {
    pub fn schema(self) -> Schema {
        self.schema
    }

    /// Whether it may have members that are not listed: a type that is newer than the schema.
    pub fn is_partial(self) -> bool {
        self.is_partial
    }

    pub fn member(self, name: &str) -> Option<Member> {
        self.members().find(|member| member.name == name)
    }

    pub fn members(self) -> impl Iterator<Item = Member> {
        let all = self.members.split(' ').chain(self.newer.split(' '));
        all.filter(|member| !member.is_empty()).map(move |member| {
            let end = member
                .find(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_' || letter == '-'));
            let (name, shape) = member.split_at(end.unwrap_or(member.len()));
            let block = shape.strip_prefix('+');
            let shape = Shape { schema: self.schema, text: block.unwrap_or(shape) };
            Member { name, is_block: block.is_some(), shape }
        })
    }
}

impl Shape {
    pub fn kind(self) -> ShapeKind {
        let inner = |text: &'static str, close: char| Shape {
            text: text.strip_suffix(close).unwrap_or(text),
            ..self
        };
        let mut letters = self.text.chars();
        match (letters.next(), letters.as_str()) {
            (None, _) => ShapeKind::Text,
            (Some('#'), _) => ShapeKind::Number,
            (Some('?'), _) => ShapeKind::Bool,
            (Some('['), rest) => ShapeKind::List(inner(rest, ']')),
            (Some('{'), rest) => ShapeKind::Map(inner(rest, '}')),
            (Some('&'), _) => self.schema.object(&[self.text]).map_or(ShapeKind::Any, ShapeKind::Object),
            (Some(_), _) => ShapeKind::Any,
        }
    }
}

/// What follows a key, given in pieces, on its line in a sorted text.
fn line(text: &'static str, key: &[&str]) -> Option<&'static str> {
    let (mut low, mut high) = (0, text.len());
    while low < high {
        let middle = low + (high - low) / 2;
        let start = text.get(low..middle)?.rfind('\n').map_or(low, |found| low + found + 1);
        let end = text.get(start..)?.find('\n').map_or(text.len(), |found| start + found);
        let (own, rest) = text.get(start..end)?.split_once(' ').unwrap_or((text.get(start..end)?, ""));
        match own.bytes().cmp(key.iter().flat_map(|piece| piece.bytes())) {
            Ordering::Equal => return Some(rest),
            Ordering::Less => low = end + 1,
            Ordering::Greater => high = start,
        }
    }
    None
}
