//! Dotted paths: to other blocks, to variables and locals, and on into their values.

use hcl_edit::Ident;
use hcl_edit::expr::{Expression, TraversalOperator};

use super::declared::{attribute, offset_of};
use super::evaluate::Evaluator;
use super::instances::keyed;
use super::tree::{Named, Shape, Tree};
use crate::document::ObjectId;
use crate::tape::UnknownCause;

impl Evaluator<'_> {
    pub fn path(&mut self, root: &Ident, operators: &[&TraversalOperator], whole: &Expression) -> Tree {
        let offset = offset_of(whole);
        if let Some(value) = self.bound(root) {
            return self.along(value, operators);
        }
        match (root.as_str(), operators) {
            ("local", [TraversalOperator::GetAttr(name), rest @ ..]) => {
                match self.declared.locals.get(name.as_str()) {
                    Some(value) => {
                        // What a local is made of does not see what is bound here.
                        let scope = std::mem::take(&mut self.scope);
                        let value = self.expression(value);
                        self.scope = scope;
                        self.along(value, rest)
                    }
                    None => self.elsewhere(offset),
                }
            }
            ("var", [TraversalOperator::GetAttr(name), rest @ ..]) => {
                let value = match self.declared.variables.get(name.as_str()) {
                    Some(variable) if variable.is_sensitive => Tree::unknown(UnknownCause::Sensitive, offset),
                    Some(variable) => match variable.default {
                        Some(default) => self.expression(default),
                        None => self.elsewhere(offset),
                    },
                    None => self.elsewhere(offset),
                };
                let mut value = self.along(value, rest);
                value.has_other_inputs = true;
                value
            }
            ("data", [TraversalOperator::GetAttr(kind), TraversalOperator::GetAttr(name), rest @ ..]) => {
                self.attribute_of((true, kind.as_str(), name.as_str()), rest, whole)
            }
            ("module" | "path" | "terraform" | "self" | "each" | "count", _) => self.elsewhere(offset),
            (kind, [TraversalOperator::GetAttr(name), rest @ ..]) => {
                self.attribute_of((false, kind, name.as_str()), rest, whole)
            }
            _ => self.elsewhere(offset),
        }
    }

    /// `aws_s3_bucket.a[0].id`
    fn attribute_of(
        &mut self,
        (is_data, kind, name): (bool, &str, &str),
        operators: &[&TraversalOperator],
        whole: &Expression,
    ) -> Tree {
        let offset = offset_of(whole);
        let written = whole.to_string().trim().to_owned();
        let Some(position) = self.declared.resource(is_data, kind, name) else {
            let mut value = Tree::unknown(UnknownCause::Unmodelled, offset);
            value.references.push(Named { targets: Vec::new(), attribute: None, written });
            return value;
        };
        let all = self.instances.map_or(&[][..], |instances| instances.of_resource(position)).to_vec();
        let (targets, rest, is_many) = match operators {
            [TraversalOperator::AttrSplat(_) | TraversalOperator::FullSplat(_), rest @ ..] => {
                (all, rest, true)
            }
            [TraversalOperator::Index(key), rest @ ..] => {
                let key = self.expression(key);
                let key = match &key.shape {
                    Shape::Int(number) => Some(format!("[{number}]")),
                    Shape::Text(text) => Some(keyed(text)),
                    _ => None,
                };
                let one = key.and_then(|key| self.instances?.with_key(position, &key));
                (one.map_or(all, |one| vec![one]), rest, false)
            }
            [TraversalOperator::LegacyIndex(number), rest @ ..] => {
                let key = format!("[{}]", number.value());
                let one = self.instances.and_then(|instances| instances.with_key(position, &key));
                (one.map_or(all, |one| vec![one]), rest, false)
            }
            rest => (all, rest, false),
        };
        let (attribute, rest) = match rest {
            [TraversalOperator::GetAttr(name), rest @ ..] => (Some(name.as_str()), rest),
            rest => (None, rest),
        };
        let mut value = match (targets.as_slice(), attribute) {
            ([one], Some(attribute)) if !is_many => self.written_in(*one, attribute, offset),
            _ => Tree::unknown(UnknownCause::KnownAfterApply, offset),
        };
        value = self.along(value, rest);
        value.references = vec![Named { targets, attribute: attribute.map(str::to_owned), written }];
        value.has_other_inputs = false;
        value
    }

    /// An attribute of another object, where its block writes it; what the provider makes is known after apply.
    fn written_in(&mut self, target: ObjectId, name: &str, offset: u32) -> Tree {
        let after_apply = Tree::unknown(UnknownCause::KnownAfterApply, offset);
        let Some(instance) = self.instances.and_then(|instances| instances.all.get(target.0 as usize)) else {
            return after_apply;
        };
        let block = self.declared.resources[instance.resource].block;
        let Some(written) = attribute(&block.body, name) else { return after_apply };
        let scope = std::mem::replace(&mut self.scope, instance.scope.clone());
        let value = self.expression(written);
        self.scope = scope;
        value
    }

    /// On from a value.
    pub fn along(&mut self, mut value: Tree, operators: &[&TraversalOperator]) -> Tree {
        for (position, operator) in operators.iter().enumerate() {
            let offset = value.offset;
            let mut next = match (operator, &value.shape) {
                (_, Shape::Unknown(cause)) => Tree::unknown(*cause, offset),
                (TraversalOperator::GetAttr(name), Shape::Object(members)) => {
                    member(members, name.as_str(), offset)
                }
                (TraversalOperator::Index(key), _) => {
                    let key = self.expression(key);
                    match (&key.shape, &value.shape) {
                        (Shape::Int(number), Shape::List(items)) => item(items, *number, offset),
                        (Shape::Text(name), Shape::Object(members)) => member(members, name, offset),
                        (Shape::Unknown(cause), _) => Tree::unknown(*cause, offset),
                        _ => Tree::unknown(UnknownCause::Invalid, offset),
                    }
                }
                (TraversalOperator::LegacyIndex(number), Shape::List(items)) => {
                    item(items, i64::try_from(*number.value()).unwrap_or(i64::MAX), offset)
                }
                (TraversalOperator::AttrSplat(_) | TraversalOperator::FullSplat(_), Shape::List(items)) => {
                    let rest = &operators[position + 1..];
                    let items = items.clone();
                    let found = items.into_iter().map(|item| self.along(item, rest)).collect();
                    let mut found = Tree::new(Shape::List(found), offset);
                    found.inherit(&value);
                    return found;
                }
                _ => Tree::unknown(UnknownCause::Invalid, offset),
            };
            next.inherit(&value);
            value = next;
        }
        value
    }
}

fn member(members: &[(String, Tree)], name: &str, offset: u32) -> Tree {
    let found = members.iter().find(|(known, _)| known == name);
    found.map_or_else(|| Tree::unknown(UnknownCause::Invalid, offset), |(_, value)| value.clone())
}

fn item(items: &[Tree], number: i64, offset: u32) -> Tree {
    let found = usize::try_from(number).ok().and_then(|number| items.get(number));
    found.cloned().unwrap_or_else(|| Tree::unknown(UnknownCause::Invalid, offset))
}
