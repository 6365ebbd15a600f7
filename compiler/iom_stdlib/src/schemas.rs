//! What Terraform providers say about their types: which attributes and blocks there are. Adapters are held against it.
//!
//! A file of `stdlib/schemas/` has one line per type, sorted by bytes: the name, then its members. A member is a name, who
//! gives its value (`!` the author has to, `~` the author or the provider, `=` the provider, nothing: the author may), `$` where it is
//! secret, and its shape: nothing for text, `#` a number, `?` a bool, `*` anything, `[..]` a list or set, `{..}` a map, `&7` the object of line `&7`;
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
    pub given: Given,
    pub is_secret: bool,
    pub is_block: bool,
    pub shape: Shape,
}

/// Who gives a value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Given {
    /// The author has to.
    Required,
    /// The author may.
    Optional,
    /// The author may, else the provider does.
    OrProvider,
    /// The provider.
    ByProvider,
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
        let find = |text| line(text, key).map(|(_, members)| members);
        let (members, newer) = (find(self.text), find(self.newer));
        let is_partial = members.is_none();
        members.or(newer)?;
        Some(Object {
            schema: self,
            members: members.unwrap_or_default(),
            newer: newer.unwrap_or_default(),
            is_partial,
        })
    }

    /// Where a type stands in the schema: a number that belongs to no other type of it, and the same in every run.
    pub(crate) fn position(self, is_data: bool, name: &str) -> Option<u32> {
        let prefix = if is_data { "data." } else { "" };
        let known = line(self.text, &[prefix, name]).map(|(start, _)| start);
        let found = known
            .or_else(|| line(self.newer, &[prefix, name]).map(|(start, _)| self.text.len() + 1 + start))?;
        u32::try_from(found).ok()
    }

    /// The type at a position: its name, and whether it is a data source.
    pub(crate) fn type_at(self, position: u32) -> Option<(bool, &'static str)> {
        let position = position as usize;
        let (text, start) = match position.checked_sub(self.text.len() + 1) {
            Some(start) => (self.newer, start),
            None => (self.text, position),
        };
        let is_start = start == 0 || text.as_bytes().get(start - 1) == Some(&b'\n');
        let line = text.get(start..)?.lines().next().filter(|_| is_start)?;
        let name = line.split(' ').next().filter(|name| !name.starts_with(['#', '&']))?;
        Some(name.strip_prefix("data.").map_or((false, name), |name| (true, name)))
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

    /// What it is made of, as written: equal for equal objects.
    pub(crate) fn body(self) -> (&'static str, &'static str) {
        (self.members, self.newer)
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
            let (name, rest) = member.split_at(end.unwrap_or(member.len()));
            let (given, rest) = match rest.as_bytes().first() {
                Some(b'!') => (Given::Required, &rest[1..]),
                Some(b'~') => (Given::OrProvider, &rest[1..]),
                Some(b'=') => (Given::ByProvider, &rest[1..]),
                _ => (Given::Optional, rest),
            };
            let secret = rest.strip_prefix('$');
            let rest = secret.unwrap_or(rest);
            let block = rest.strip_prefix('+');
            let shape = Shape { schema: self.schema, text: block.unwrap_or(rest) };
            Member { name, given, is_secret: secret.is_some(), is_block: block.is_some(), shape }
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

/// Where the line of a key, given in pieces, begins in a sorted text, and what follows the key on it.
fn line(text: &'static str, key: &[&str]) -> Option<(usize, &'static str)> {
    let (mut low, mut high) = (0, text.len());
    while low < high {
        let middle = low + (high - low) / 2;
        let start = text.get(low..middle)?.rfind('\n').map_or(low, |found| low + found + 1);
        let end = text.get(start..)?.find('\n').map_or(text.len(), |found| start + found);
        let (own, rest) = text.get(start..end)?.split_once(' ').unwrap_or((text.get(start..end)?, ""));
        match own.bytes().cmp(key.iter().flat_map(|piece| piece.bytes())) {
            Ordering::Equal => return Some((start, rest)),
            Ordering::Less => low = end + 1,
            Ordering::Greater => high = start,
        }
    }
    None
}
