//! Configuration in JSON, `*.tf.json`: the same blocks, written as objects. Texts are templates.

use std::rc::Rc;

use iom_stdlib::schemas::{self, Object, ShapeKind};
use jiter::Peek;

use super::lower::Lowering;
use super::syntax::{Block, Body, Expr, Item, Kind, Name};
use crate::fault::Fault;
use crate::reader::{DEPTH_LIMIT, Reader};

/// Reads a file that begins at an offset: an object, or a list of objects that count one after the other.
pub(super) fn read(text: &str, start: u32) -> Result<Body, Fault> {
    let top = whole(text)?;
    let writing = Writing { text, start };
    let mut items = Vec::new();
    let objects = match top.value {
        JsonValue::List(objects) => objects,
        _ => vec![top],
    };
    for object in objects {
        for (offset, member, inside) in object.into_members()? {
            if let Some(heading) = Heading::of(&member) {
                writing.blocks(heading, offset, inside, &mut items)?;
            }
        }
    }
    Ok(Body { items })
}

/// Values of variables, `*.tfvars.json`: texts are texts.
pub(super) fn read_values(text: &str, start: u32) -> Result<Vec<(Name, Expr)>, Fault> {
    let writing = Writing { text, start };
    let members = whole(text)?.into_members()?.into_iter();
    Ok(members.map(|(_, name, inside)| (name.as_str().into(), writing.plain(inside))).collect())
}

/// Any JSON as an expression without templates.
pub(super) fn plain(text: &str, start: u32) -> Result<Expr, Fault> {
    Ok(Writing { text, start }.plain(whole(text)?))
}

fn whole(text: &str) -> Result<Json, Fault> {
    let mut reader = Reader::at(text, 0);
    let top = value(&mut reader, 0)?;
    reader.finish()?;
    Ok(top)
}

struct Json {
    offset: usize,
    value: JsonValue,
}

enum JsonValue {
    Null,
    Bool(bool),
    Number(String),
    Text(String),
    List(Vec<Json>),
    /// With where each name stands.
    Object(Vec<(usize, String, Json)>),
}

impl Json {
    fn into_members(self) -> Result<Vec<(usize, String, Json)>, Fault> {
        match self.value {
            JsonValue::Object(members) => Ok(members),
            _ => Err(Fault::malformed(self.offset, "Terraform takes nothing but an object here")),
        }
    }

    /// Whether it could be written as blocks: an object, or a list of objects.
    fn may_be_blocks(&self) -> bool {
        match &self.value {
            JsonValue::Object(_) => true,
            JsonValue::List(items) => items.iter().all(|item| matches!(item.value, JsonValue::Object(_))),
            _ => false,
        }
    }
}

fn one_or_several(offset: usize, json: Json) -> Vec<Json> {
    match json.value {
        JsonValue::List(several) => several,
        JsonValue::Null => Vec::new(),
        value => vec![Json { offset, value }],
    }
}

/// Members called `//` are for people.
fn is_no_comment((_, name, _): &(usize, String, Json)) -> bool {
    name != "//"
}

fn value(reader: &mut Reader, depth: u32) -> Result<Json, Fault> {
    let peek = reader.peek()?;
    let offset = reader.offset();
    if depth > DEPTH_LIMIT {
        return Err(Fault::malformed(offset, format!("nested more than {DEPTH_LIMIT} levels deep")));
    }
    let value = match peek {
        Peek::Null => {
            reader.null()?;
            JsonValue::Null
        }
        Peek::True | Peek::False => JsonValue::Bool(reader.boolean()?),
        Peek::String => JsonValue::Text(reader.text(str::to_owned)?),
        Peek::Array => {
            let mut items = Vec::new();
            let mut has_element = reader.first_element()?;
            while has_element {
                items.push(value(reader, depth + 1)?);
                has_element = reader.next_element()?;
            }
            JsonValue::List(items)
        }
        Peek::Object => {
            let mut members = Vec::new();
            let mut next = reader.first_member(str::to_owned)?;
            while let Some(name) = next {
                let inside = value(reader, depth + 1)?;
                members.push((inside.offset, name, inside));
                next = reader.next_member(str::to_owned)?;
            }
            JsonValue::Object(members)
        }
        _ => JsonValue::Number(reader.number(|digits| String::from_utf8_lossy(digits).into_owned())?),
    };
    Ok(Json { offset, value })
}

/// What a block is called, as far as it is read, and how many labels follow.
#[derive(Clone)]
struct Heading {
    word: Name,
    labels: Vec<Name>,
    left: usize,
    /// What the provider says of blocks of a type and of the blocks in them.
    object: Option<Object>,
}

impl Heading {
    /// Of a block at the top.
    fn of(word: &str) -> Option<Heading> {
        let left = match word {
            "resource" | "data" => 2,
            "variable" | "output" | "module" | "provider" => 1,
            "locals" | "terraform" => 0,
            _ => return None,
        };
        Some(Heading { word: word.into(), labels: Vec::new(), left, object: None })
    }

    /// Of a block in a block.
    fn inside(word: Name, left: usize, object: Option<Object>) -> Heading {
        Heading { word, labels: Vec::new(), left, object }
    }

    fn label(&self, label: &str) -> Heading {
        let mut next = self.clone();
        if let ("resource" | "data", []) = (&*self.word, self.labels.as_slice()) {
            let schema = schemas::schema_of(label);
            next.object = schema.and_then(|schema| schema.find(&*self.word == "data", label));
        }
        next.labels.push(label.into());
        next.left -= 1;
        next
    }

    /// What stands in the blocks of a name, where the provider says that they are blocks.
    fn block(&self, name: &str) -> Option<Option<Object>> {
        let member = self.object?.member(name).filter(|member| member.is_block)?;
        Some(match member.shape.kind() {
            ShapeKind::Object(object) => Some(object),
            ShapeKind::List(item) => match item.kind() {
                ShapeKind::Object(object) => Some(object),
                _ => None,
            },
            _ => None,
        })
    }
}

struct Writing<'t> {
    text: &'t str,
    start: u32,
}

impl Writing<'_> {
    fn offset(&self, offset: usize) -> u32 {
        self.start + offset as u32
    }

    /// The blocks under a name: labels are names of members, and several blocks are a list.
    fn blocks(
        &self,
        heading: Heading,
        offset: usize,
        json: Json,
        items: &mut Vec<Item>,
    ) -> Result<(), Fault> {
        match json.value {
            JsonValue::Null => {}
            JsonValue::List(blocks) => {
                for block in blocks {
                    self.blocks(heading.clone(), block.offset, block, items)?;
                }
            }
            _ if heading.left > 0 => {
                for (offset, label, inside) in json.into_members()?.into_iter().filter(is_no_comment) {
                    self.blocks(heading.label(&label), offset, inside, items)?;
                }
            }
            _ => {
                let body = self.body(&heading, json.into_members()?)?;
                let Heading { word: name, labels, .. } = heading;
                items.push(Item::Block(Block { name, labels, offset: self.offset(offset), body }));
            }
        }
        Ok(())
    }

    fn body(&self, heading: &Heading, members: Vec<(usize, String, Json)>) -> Result<Body, Fault> {
        let mut items = Vec::with_capacity(members.len());
        for (offset, name, inside) in members.into_iter().filter(is_no_comment) {
            let name: Name = name.as_str().into();
            let block = heading.block(&name).filter(|_| inside.may_be_blocks());
            let value = match (&*heading.word, &*name) {
                ("terraform", "backend") => {
                    self.blocks(Heading::inside(name, 1, None), offset, inside, &mut items)?;
                    continue;
                }
                ("terraform", "required_providers" | "cloud") | ("resource" | "data", "lifecycle") => {
                    self.blocks(Heading::inside(name, 0, None), offset, inside, &mut items)?;
                    continue;
                }
                (word, "dynamic")
                    if matches!(word, "resource" | "data" | "provider" | "content")
                        || heading.object.is_some() =>
                {
                    self.dynamic(heading, offset, inside, &mut items)?;
                    continue;
                }
                ("variable", "type") | (_, "depends_on" | "provider" | "providers") => self.reference(inside),
                ("variable", _) => self.plain(inside),
                _ if block.is_some() => {
                    self.blocks(Heading::inside(name, 0, block.flatten()), offset, inside, &mut items)?;
                    continue;
                }
                _ => self.expression(inside),
            };
            items.push(Item::Attribute { name, offset: self.offset(offset), value });
        }
        Ok(Body { items })
    }

    /// `{"dynamic": {"ingress": {"for_each": .., "content": {..}}}}`
    fn dynamic(
        &self,
        around: &Heading,
        offset: usize,
        json: Json,
        items: &mut Vec<Item>,
    ) -> Result<(), Fault> {
        for blocks in one_or_several(offset, json) {
            for (offset, label, inside) in blocks.into_members()?.into_iter().filter(is_no_comment) {
                for one in one_or_several(offset, inside) {
                    let mut body = Body::default();
                    for (offset, name, inside) in one.into_members()?.into_iter().filter(is_no_comment) {
                        let name: Name = name.as_str().into();
                        if &*name == "content" {
                            let heading = Heading::inside(name, 0, around.block(&label).flatten());
                            self.blocks(heading, offset, inside, &mut body.items)?;
                            continue;
                        }
                        let is_name = &*name == "iterator";
                        let value = if is_name { self.reference(inside) } else { self.expression(inside) };
                        body.items.push(Item::Attribute { name, offset: self.offset(offset), value });
                    }
                    let labels = vec![label.as_str().into()];
                    let offset = self.offset(offset);
                    items.push(Item::Block(Block { name: "dynamic".into(), labels, offset, body }));
                }
            }
        }
        Ok(())
    }

    /// A value whose texts are templates.
    fn expression(&self, json: Json) -> Expr {
        self.any(json, &|text, offset| self.template(text, offset))
    }

    /// A value whose texts are expressions: `"aws_x.y"`, also `"${aws_x.y}"`.
    fn reference(&self, json: Json) -> Expr {
        self.any(json, &|text, offset| {
            let inside = text.strip_prefix("${").and_then(|text| text.strip_suffix('}')).unwrap_or(text);
            match hcl_edit::parser::parse_expr(inside) {
                Ok(found) => self.lowering(inside, offset).expression(&found).kind,
                Err(_) => Kind::Text(text.into()),
            }
        })
    }

    /// A value whose texts are texts.
    fn plain(&self, json: Json) -> Expr {
        self.any(json, &|text, _| Kind::Text(text.into()))
    }

    fn any(&self, json: Json, text_kind: &dyn Fn(&str, u32) -> Kind) -> Expr {
        let offset = self.offset(json.offset);
        let kind = match json.value {
            JsonValue::Null => Kind::Null,
            JsonValue::Bool(value) => Kind::Bool(value),
            JsonValue::Number(digits) => match digits.parse() {
                Ok(value) => Kind::Int(value),
                Err(_) => Kind::Number(digits.into()),
            },
            JsonValue::Text(text) => text_kind(&text, offset),
            JsonValue::List(items) => {
                Kind::List(items.into_iter().map(|item| self.any(item, text_kind)).collect())
            }
            JsonValue::Object(members) => {
                let members = members.into_iter().filter(is_no_comment);
                let member = |(offset, name, value): (usize, String, Json)| {
                    let key = Expr { offset: self.offset(offset), kind: Kind::Text(Rc::from(name)) };
                    (key, self.any(value, text_kind))
                };
                Kind::Object(members.map(member).collect())
            }
        };
        Expr { offset, kind }
    }

    fn template(&self, text: &str, offset: u32) -> Kind {
        if !text.contains("${") && !text.contains("%{") {
            return Kind::Text(text.into());
        }
        match hcl_edit::parser::parse_template(text) {
            Ok(found) => self.lowering(text, offset).whole_template(&found).kind,
            Err(_) => Kind::Text(text.into()),
        }
    }

    /// Places inside of a text are places in the file where the text is written without escape sequences.
    fn lowering<'t>(&self, text: &'t str, offset: u32) -> Lowering<'t> {
        let after_quote = (offset - self.start) as usize + 1;
        let is_as_written = self.text.get(after_quote..).is_some_and(|rest| rest.starts_with(text));
        let start = if is_as_written { offset + 1 } else { offset };
        Lowering { text, start, has_one_place: !is_as_written, added: &[] }
    }
}
