//! What the pieces of a template come to, as far as the template says it.

use rustc_hash::FxHashMap;

use super::names::Names;
use super::value::{Computed, Item, Origin, Referred};
use crate::document::ObjectId;
use crate::ends::Assembly;
use crate::tape::{Strings, Symbol, UnknownCause};
use crate::tree::{NodeId, Tree, TreeValue, shown};

/// How much text functions may make of a template, beyond what it has.
const MADE_TEXT: usize = 16 << 20;
/// The longest text that a function makes.
const LONGEST: usize = 1 << 20;

/// A template that is being evaluated.
pub(super) struct Evaluator<'a, 't> {
    pub tree: &'a Tree<'t>,
    pub strings: &'a Strings,
    pub names: &'a Names,
    pub parameters: FxHashMap<Symbol, NodeId>,
    pub conditions: FxHashMap<Symbol, NodeId>,
    pub mappings: FxHashMap<Symbol, NodeId>,
    /// Resources by logical id; those that are not there have no object.
    pub resources: FxHashMap<Symbol, Option<ObjectId>>,
    /// Conditions so far; `None` while one is being found out.
    pub known: FxHashMap<Symbol, Option<Truth>>,
    /// Text that functions may still make.
    pub left: usize,
    /// What there is to say: where, and what.
    pub told: Vec<(u32, String)>,
    pub base: u32,
}

/// `None` is unknown.
pub(super) type Truth = Option<bool>;

/// A call of a function.
pub(super) struct Call<'c> {
    /// `Ref`, `Sub`, `GetAtt`, `Condition`
    pub name: &'c str,
    pub argument: NodeId,
    /// The argument's own tag is the call: it counts as if it had none.
    pub is_tag: bool,
}

impl<'a, 't> Evaluator<'a, 't> {
    pub(super) fn budget(text: &str) -> usize {
        text.len() + MADE_TEXT
    }

    /// The function that a value is a call of.
    pub(super) fn call(&self, node: NodeId) -> Option<Call<'a>> {
        if let Some(tag) = self.tree.tag(node) {
            return tag.strip_prefix('!').map(|name| Call { name, argument: node, is_tag: true });
        }
        let [only] = self.tree.members(node) else { return None };
        let strings: &'a Strings = self.strings;
        let name = strings.resolve(&only.key);
        let name = match name {
            "Ref" => name,
            "Condition" if self.tree.text(only.node).is_some() => name,
            _ => name.strip_prefix("Fn::")?,
        };
        Some(Call { name, argument: only.node, is_tag: false })
    }

    /// What a value comes to. Trees are of a bounded depth.
    pub(super) fn value(&mut self, node: NodeId) -> Item {
        match self.call(node) {
            Some(call) if call.name != "Condition" => {
                let mut found = self.function(&call, node);
                found.offset = self.offset(node);
                found
            }
            _ => self.plain(node),
        }
    }

    /// The argument of a call, if it is no call itself.
    pub(super) fn argument(&mut self, call: &Call<'_>) -> Item {
        if call.is_tag { self.plain(call.argument) } else { self.value(call.argument) }
    }

    pub(super) fn offset(&self, node: NodeId) -> u32 {
        self.base + self.tree.offset(node)
    }

    /// A value whose own tag does not count.
    pub(super) fn plain(&mut self, node: NodeId) -> Item {
        let tree = self.tree;
        let offset = self.offset(node);
        let value = match tree.value(node) {
            TreeValue::Null => Computed::Null,
            TreeValue::Bool(value) => Computed::Bool(*value),
            TreeValue::Int(value) => Computed::Int(*value),
            TreeValue::Number(text) => Computed::Number(text.to_string()),
            TreeValue::Text(text) => Computed::Text(text.to_string()),
            TreeValue::List { .. } => {
                let items = tree.children(node).iter().map(|child| self.value(child.node));
                Computed::List(items.filter(|item| !matches!(item.value, Computed::Nothing)).collect())
            }
            TreeValue::Object { .. } => {
                let mut members = Vec::with_capacity(tree.children(node).len());
                for child in tree.children(node) {
                    let item = self.value(child.node);
                    if !matches!(item.value, Computed::Nothing) {
                        members.push((child.key, item));
                    }
                }
                Computed::Object(members)
            }
        };
        Item::new(value, offset)
    }

    /// `Ref`: a parameter, a resource, or what AWS says of the stack.
    pub(super) fn reference(&mut self, name: &str, offset: u32) -> Item {
        if name == "AWS::NoValue" {
            return Item::new(Computed::Nothing, offset);
        }
        let Some(symbol) = self.strings.get(name) else { return self.of_stack(name, offset) };
        if let Some(parameter) = self.parameters.get(&symbol).copied() {
            return self.parameter(parameter, offset);
        }
        match self.resources.get(&symbol).copied() {
            Some(target) => refers(target, None, name.to_owned(), offset),
            None => self.of_stack(name, offset),
        }
    }

    /// `AWS::Region` and the like; everything else is a name that the template does not have.
    fn of_stack(&mut self, name: &str, offset: u32) -> Item {
        if name.starts_with("AWS::") {
            return Item::open(offset);
        }
        self.tell(offset, format!("the template has neither a resource nor a parameter {}", shown(name)));
        refers(None, None, name.to_owned(), offset)
    }

    /// Says something, once.
    pub(super) fn tell(&mut self, offset: u32, message: String) {
        const MOST: usize = 100;
        if self.told.len() < MOST && !self.told.iter().any(|(_, told)| *told == message) {
            self.told.push((offset, message));
        }
    }

    /// A parameter: its default, where it has one and that is not the name of what is meant.
    fn parameter(&mut self, node: NodeId, offset: u32) -> Item {
        let tree = self.tree;
        let is_hidden =
            tree.member(node, self.names.no_echo).is_some_and(|no_echo| match tree.value(no_echo) {
                TreeValue::Bool(value) => *value,
                TreeValue::Text(text) => text.eq_ignore_ascii_case("true"),
                _ => true,
            });
        if is_hidden {
            let origin = Origin { has_other_inputs: true, is_sensitive: true, ..Origin::default() };
            return Item::unknown(UnknownCause::Sensitive, offset, origin);
        }
        let ty = tree.member_text(node, self.names.ty).unwrap_or("String");
        let default = tree.member(node, self.names.default).filter(|default| !tree.is_null(*default));
        let Some(default) = default.filter(|_| !ty.starts_with("AWS::SSM::Parameter::Value")) else {
            return Item::open(offset);
        };
        let mut found = self.plain(default);
        if (ty == "CommaDelimitedList" || ty.starts_with("List<"))
            && let Some(text) = found.as_text()
        {
            let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
            found.value = Computed::List(items.map(|item| Item::text(item, offset)).collect());
        } else if ty == "String"
            && let Some(text) = found.as_text()
        {
            found.value = Computed::Text(text);
        }
        found.offset = offset;
        self.copied(found)
    }

    /// A value that stands elsewhere in the template, if there is room for another one.
    pub(super) fn copied(&mut self, item: Item) -> Item {
        match self.left.checked_sub(item.size()) {
            Some(left) => {
                self.left = left;
                item
            }
            None => Item::invalid(item.offset),
        }
    }

    /// `Fn::GetAtt`
    pub(super) fn attribute(&mut self, resource: &str, attribute: Option<&str>, offset: u32) -> Item {
        let written = attribute.map_or(resource.to_owned(), |attribute| format!("{resource}.{attribute}"));
        let target =
            self.strings.get(resource).and_then(|symbol| self.resources.get(&symbol).copied()).flatten();
        refers(target, attribute.map(str::to_owned), written, offset)
    }

    /// A text that a function made, if there is room for it.
    pub(super) fn made(&mut self, text: String, offset: u32) -> Item {
        match self.left.checked_sub(text.len()).filter(|_| text.len() <= LONGEST) {
            Some(left) => {
                self.left = left;
                Item::text(text, offset)
            }
            None => Item::invalid(offset),
        }
    }

    /// A text of which some parts may not be known.
    pub(super) fn joined(&mut self, parts: &[&Item], offset: u32) -> Item {
        let mut origin = Origin::default();
        let mut text = Assembly::default();
        for part in parts {
            origin.add(part);
            match part.as_text() {
                Some(part) if text.len() <= LONGEST => text.push(&part),
                Some(_) => return Item::invalid(offset),
                None => {
                    if matches!(
                        part.value,
                        Computed::Unknown(UnknownCause::Invalid) | Computed::List(_) | Computed::Object(_)
                    ) {
                        return Item::invalid(offset);
                    }
                    match part.origin.as_ref().and_then(|origin| origin.ends.as_ref()) {
                        Some(ends) => text.push_partly_known(ends),
                        None => text.push_unknown(),
                    }
                }
            }
        }
        match text.finish() {
            Ok(text) => self.made(text, offset),
            Err(ends) => {
                let ends = ends.filter(|_| !origin.is_sensitive);
                Item::unknown(origin.cause(), offset, Origin { ends, ..origin })
            }
        }
    }
}

/// What is known of a resource only once it is there.
fn refers(target: Option<ObjectId>, attribute: Option<String>, written: String, offset: u32) -> Item {
    let reference = Referred { target, attribute, written };
    let origin = Origin { references: vec![reference], ..Origin::default() };
    Item::unknown(UnknownCause::KnownAfterApply, offset, origin)
}
