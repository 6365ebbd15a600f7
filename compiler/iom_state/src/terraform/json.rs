//! Configuration in JSON, `*.tf.json`: the same blocks, written as objects. Texts are templates.

use std::rc::Rc;

use jiter::Peek;

use super::lower::Lowering;
use super::syntax::{Block, Body, Expr, Item, Kind, Name};
use crate::fault::Fault;
use crate::reader::{DEPTH_LIMIT, Reader};

/// Reads a file that begins at an offset.
pub(super) fn read(text: &str, start: u32) -> Result<Body, Fault> {
    let mut reader = Reader::at(text, 0);
    let top = value(&mut reader, 0)?;
    reader.finish()?;
    let writing = Writing { text, start };
    let mut items = Vec::new();
    for (offset, member, inside) in top.into_members().unwrap_or_default() {
        writing.top(&member, offset, inside, &mut items);
    }
    Ok(Body { items })
}

/// Values of variables, `*.tfvars.json`: texts are texts.
pub(super) fn read_values(text: &str, start: u32) -> Result<Vec<(Name, Expr)>, Fault> {
    let mut reader = Reader::at(text, 0);
    let top = value(&mut reader, 0)?;
    reader.finish()?;
    let writing = Writing { text, start };
    let members = top.into_members().unwrap_or_default().into_iter();
    Ok(members.map(|(_, name, inside)| (name.as_str().into(), writing.plain(inside))).collect())
}

/// Any JSON as an expression without templates.
pub(super) fn plain(text: &str, start: u32) -> Result<Expr, Fault> {
    let mut reader = Reader::at(text, 0);
    let top = value(&mut reader, 0)?;
    reader.finish()?;
    Ok(Writing { text, start }.plain(top))
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
    fn into_members(self) -> Option<Vec<(usize, String, Json)>> {
        match self.value {
            JsonValue::Object(members) => Some(members),
            _ => None,
        }
    }
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

/// How many labels a block at the top has, and whether what is inside of it are only attributes.
fn labels(word: &str) -> Option<usize> {
    Some(match word {
        "resource" | "data" => 2,
        "variable" | "output" | "module" | "provider" => 1,
        "locals" | "terraform" => 0,
        _ => return None,
    })
}

struct Writing<'t> {
    text: &'t str,
    start: u32,
}

impl Writing<'_> {
    fn offset(&self, offset: usize) -> u32 {
        self.start + offset as u32
    }

    fn top(&self, word: &str, offset: usize, inside: Json, items: &mut Vec<Item>) {
        let Some(labels) = labels(word) else { return };
        self.blocks(word.into(), offset, labels, Vec::new(), inside, items);
    }

    /// The blocks under a name: labels are names of members, and several blocks are a list.
    fn blocks(
        &self,
        word: Name,
        offset: usize,
        left: usize,
        labels: Vec<Name>,
        json: Json,
        items: &mut Vec<Item>,
    ) {
        match json.value {
            JsonValue::List(blocks) => {
                for block in blocks {
                    self.blocks(word.clone(), block.offset, left, labels.clone(), block, items);
                }
            }
            JsonValue::Object(members) if left > 0 => {
                for (offset, name, inside) in members.into_iter().filter(|(_, name, _)| name != "//") {
                    let mut labels = labels.clone();
                    labels.push(name.as_str().into());
                    self.blocks(word.clone(), offset, left - 1, labels, inside, items);
                }
            }
            JsonValue::Object(members) => {
                let body = self.body(&word, members);
                items.push(Item::Block(Block { name: word, labels, offset: self.offset(offset), body }));
            }
            _ => {}
        }
    }

    fn body(&self, word: &str, members: Vec<(usize, String, Json)>) -> Body {
        let mut items = Vec::with_capacity(members.len());
        for (offset, name, inside) in members.into_iter().filter(|(_, name, _)| name != "//") {
            let name: Name = name.as_str().into();
            match (word, &*name) {
                ("terraform", "backend") => self.blocks(name, offset, 1, Vec::new(), inside, &mut items),
                ("terraform", "required_providers" | "cloud") | ("resource" | "data", "lifecycle") => {
                    self.blocks(name, offset, 0, Vec::new(), inside, &mut items);
                }
                ("resource" | "data" | "provider", "dynamic") => {
                    self.dynamic(offset, inside, &mut items);
                }
                ("variable", "type") | (_, "depends_on" | "provider" | "providers") => {
                    let value = self.reference(inside);
                    items.push(Item::Attribute { name, offset: self.offset(offset), value });
                }
                ("variable", _) => {
                    let value = self.plain(inside);
                    items.push(Item::Attribute { name, offset: self.offset(offset), value });
                }
                _ => {
                    let value = self.expression(inside);
                    items.push(Item::Attribute { name, offset: self.offset(offset), value });
                }
            }
        }
        Body { items }
    }

    /// `{"dynamic": {"ingress": {"for_each": .., "content": {..}}}}`
    fn dynamic(&self, offset: usize, json: Json, items: &mut Vec<Item>) {
        let blocks = match json.value {
            JsonValue::List(blocks) => blocks,
            value => vec![Json { offset, value }],
        };
        for (offset, label, inside) in blocks.into_iter().filter_map(Json::into_members).flatten() {
            let several = match inside.value {
                JsonValue::List(several) => several,
                value => vec![Json { offset: inside.offset, value }],
            };
            for members in several.into_iter().filter_map(Json::into_members) {
                let mut body = Body::default();
                for (offset, name, inside) in members {
                    let name: Name = name.as_str().into();
                    if &*name == "content" {
                        self.blocks(name, offset, 0, Vec::new(), inside, &mut body.items);
                    } else {
                        let value = if &*name == "iterator" {
                            self.reference(inside)
                        } else {
                            self.expression(inside)
                        };
                        body.items.push(Item::Attribute { name, offset: self.offset(offset), value });
                    }
                }
                let labels = vec![label.as_str().into()];
                items.push(Item::Block(Block {
                    name: "dynamic".into(),
                    labels,
                    offset: self.offset(offset),
                    body,
                }));
            }
        }
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
                let members = members.into_iter().filter(|(_, name, _)| name != "//");
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
        Lowering { text, start, has_one_place: !is_as_written }
    }
}
