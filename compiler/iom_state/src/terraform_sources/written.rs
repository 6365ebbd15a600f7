use hcl_edit::Span;
use hcl_edit::expr::{Expression, ObjectKey};
use hcl_edit::structure::{Block, Body, Structure};

/// Where a value and what is inside of it are written.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Written {
    /// Bytes from the start of the file.
    offset: u32,
    inside: Inside,
}

#[derive(Clone, PartialEq, Debug)]
enum Inside {
    Nothing,
    /// In the order of the text.
    Members(Vec<(Box<str>, Written)>),
    Items(Vec<Written>),
    /// The content of a `dynamic` block, which every item has been made of.
    Each(Box<Written>),
}

impl Written {
    pub fn block(block: &Block) -> Written {
        Written { offset: offset_of(block), inside: Inside::Members(members(&block.body)) }
    }

    /// The offset of the value at the end of a JSON pointer, or of the nearest one around it that is written.
    pub fn at(&self, pointer: &str) -> u32 {
        let mut found = self;
        for step in pointer.split('/').skip(1) {
            let next = match &found.inside {
                Inside::Nothing => None,
                Inside::Members(members) => {
                    let step = step.replace("~1", "/").replace("~0", "~");
                    members.iter().find(|(name, _)| **name == *step).map(|(_, value)| value)
                }
                Inside::Items(items) => match (step.parse::<usize>(), items.as_slice()) {
                    (Ok(position), items) => items.get(position),
                    // A block that occurs once may be a plain object in the plan.
                    (Err(_), [only]) => only.member(step),
                    (Err(_), _) => None,
                },
                Inside::Each(content) if step.parse::<usize>().is_ok() => Some(&**content),
                Inside::Each(content) => content.member(step),
            };
            match next {
                Some(next) => found = next,
                None => break,
            }
        }
        found.offset
    }

    fn member(&self, wanted: &str) -> Option<&Written> {
        match &self.inside {
            Inside::Members(members) => {
                members.iter().find(|(name, _)| **name == *wanted).map(|(_, value)| value)
            }
            _ => None,
        }
    }

    fn of(value: &Expression, offset: u32) -> Written {
        let inside = match value {
            Expression::Array(items) => {
                Inside::Items(items.iter().map(|item| Written::of(item, offset_of(item))).collect())
            }
            Expression::Object(members) => {
                let known = members.iter().filter_map(|(key, value)| {
                    let (name, offset) = match key {
                        ObjectKey::Ident(name) => (name.as_str(), offset_of(name)),
                        ObjectKey::Expression(Expression::String(name)) => (name.as_str(), offset_of(name)),
                        ObjectKey::Expression(Expression::Variable(name)) => (name.as_str(), offset_of(name)),
                        ObjectKey::Expression(_) => return None,
                    };
                    Some((name.into(), Written::of(value.expr(), offset)))
                });
                Inside::Members(known.collect())
            }
            Expression::Parenthesis(inner) => return Written::of(inner.inner(), offset),
            _ => Inside::Nothing,
        };
        Written { offset, inside }
    }
}

/// Attributes where their name stands; blocks of one name as the items of a list.
fn members(body: &Body) -> Vec<(Box<str>, Written)> {
    let mut members: Vec<(Box<str>, Written)> = Vec::new();
    for structure in body.iter() {
        match structure {
            Structure::Attribute(attribute) => {
                let written = Written::of(&attribute.value, offset_of(attribute));
                members.push((attribute.key.as_str().into(), written));
            }
            Structure::Block(block) if block.ident.as_str() == "dynamic" => {
                let Some(name) = block.labels.first() else { continue };
                let content = block.body.iter().filter_map(Structure::as_block);
                let content = content.filter(|inner| inner.ident.as_str() == "content").last();
                let content = content.map_or_else(|| Written::block(block), Written::block);
                let inside = Inside::Each(Box::new(content));
                members.push((name.as_str().into(), Written { offset: offset_of(block), inside }));
            }
            Structure::Block(block) => {
                let written = Written::block(block);
                let same = members.iter_mut().find(|(name, _)| **name == *block.ident.as_str());
                match same {
                    Some((_, Written { inside: Inside::Items(items), .. })) => items.push(written),
                    _ => {
                        let list = Written { offset: written.offset, inside: Inside::Items(vec![written]) };
                        members.push((block.ident.as_str().into(), list));
                    }
                }
            }
        }
    }
    members
}

fn offset_of(node: &impl Span) -> u32 {
    node.span().map_or(0, |span| span.start as u32)
}
