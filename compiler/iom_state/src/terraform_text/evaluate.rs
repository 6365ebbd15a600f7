use hcl_edit::Ident;
use hcl_edit::expr::{Expression, ForExpr, Object, ObjectKey, TraversalOperator};
use hcl_edit::structure::{Block, Body, Structure};
use hcl_edit::template::{Element, Template};

use super::declared::{Declared, Resource, attribute, offset_of};
use super::instances::Instances;
use super::tree::{Shape, Tree};
use crate::document::ObjectId;
use crate::tape::UnknownCause;

/// Blocks that say how Terraform works, not what the object is.
const META_BLOCKS: &[&str] = &["lifecycle", "provisioner", "connection", "timeouts"];
const META_ATTRIBUTES: &[&str] = &["count", "for_each", "provider", "depends_on"];

/// Values inside values inside values: deeper is a circle.
const MAX_DEPTH: u32 = 200;
/// Values that one object may be made of, with all that is copied on the way.
const FUEL: usize = 1_000_000;

/// Gives expressions their values.
pub(super) struct Evaluator<'a> {
    pub declared: &'a Declared<'a>,
    /// Not there while they are being made.
    pub instances: Option<&'a Instances>,
    /// `each`, `count` and what `for` and `dynamic` bind, innermost last.
    pub scope: Vec<(String, Tree)>,
    pub depth: u32,
    fuel: usize,
}

impl<'a> Evaluator<'a> {
    pub fn new(declared: &'a Declared<'a>, instances: Option<&'a Instances>) -> Evaluator<'a> {
        Evaluator { declared, instances, scope: Vec::new(), depth: 0, fuel: FUEL }
    }

    /// A body as plans have it: an attribute is a member, blocks of one name are a list of objects.
    pub fn body(&mut self, body: &Body, offset: u32, is_outermost: bool) -> Tree {
        let mut members: Vec<(String, Tree)> = Vec::new();
        for structure in body.iter() {
            match structure {
                Structure::Attribute(found) => {
                    let name = found.key.as_str();
                    if !(is_outermost && META_ATTRIBUTES.contains(&name)) {
                        let mut value = self.expression(&found.value);
                        value.offset = offset_of(found);
                        set(&mut members, name, value);
                    }
                }
                Structure::Block(block) => {
                    let name = block.ident.as_str();
                    if name == "dynamic" {
                        self.dynamic(block, &mut members);
                    } else if !(is_outermost && META_BLOCKS.contains(&name)) {
                        let value = self.body(&block.body, offset_of(block), false);
                        add(&mut members, name, vec![value], offset_of(block));
                    }
                }
            }
        }
        Tree::new(Shape::Object(members), offset)
    }

    /// `dynamic "ingress" { for_each = .. content { .. } }`
    fn dynamic(&mut self, block: &Block, members: &mut Vec<(String, Tree)>) {
        let offset = offset_of(block);
        let Some(name) = block.labels.first().map(|label| label.as_str()) else { return };
        let content = block.body.iter().filter_map(Structure::as_block);
        let content = content.filter(|inner| inner.ident.as_str() == "content").last();
        let over = attribute(&block.body, "for_each").map(|over| self.expression(over));
        let iterator = match attribute(&block.body, "iterator") {
            Some(Expression::Variable(name)) => name.as_str().to_owned(),
            _ => name.to_owned(),
        };
        let (Some(content), Some(over)) = (content, over) else { return };
        let pairs = match over.shape {
            Shape::List(items) => {
                let key = |position: usize, item: &Tree| {
                    item.text().map_or(Shape::Int(position as i64), Shape::Text)
                };
                let pairs = items.into_iter().enumerate();
                pairs.map(|(position, item)| (Tree::new(key(position, &item), offset), item)).collect()
            }
            Shape::Object(entries) => {
                let pairs = entries.into_iter();
                pairs.map(|(key, item)| (Tree::new(Shape::Text(key), offset), item)).collect()
            }
            Shape::Null => Vec::new(),
            _ => {
                // How many there are is not known, so neither is the list.
                let mut value = Tree::unknown(over.doubt().unwrap_or(UnknownCause::Invalid), offset);
                value.inherit(&over);
                return set(members, name, value);
            }
        };
        let mut made = Vec::with_capacity(pairs.len());
        for (key, value) in pairs {
            let at_hand = vec![("key".to_owned(), key), ("value".to_owned(), value)];
            self.scope.push((iterator.clone(), Tree::new(Shape::Object(at_hand), offset)));
            made.push(self.body(&content.body, offset_of(content), false));
            self.scope.pop();
        }
        add(members, name, made, offset);
    }

    /// What the block is said to depend on.
    pub fn depends_on(&mut self, resource: &Resource<'_>) -> Vec<ObjectId> {
        let Some(Expression::Array(named)) = attribute(&resource.block.body, "depends_on") else {
            return Vec::new();
        };
        let mut found: Vec<ObjectId> = Vec::new();
        for one in named.iter() {
            let value = self.expression(one);
            found.extend(value.references.iter().flat_map(|reference| reference.targets.iter().copied()));
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    pub fn expression(&mut self, expression: &Expression) -> Tree {
        let offset = offset_of(expression);
        if self.depth >= MAX_DEPTH || self.fuel == 0 {
            return Tree::unknown(UnknownCause::Invalid, offset);
        }
        self.depth += 1;
        let mut value = self.any(expression, offset);
        self.depth -= 1;
        self.fuel = self.fuel.saturating_sub(value.size());
        value.offset = offset;
        value
    }

    fn any(&mut self, expression: &Expression, offset: u32) -> Tree {
        match expression {
            Expression::Null(_) => Tree::new(Shape::Null, offset),
            Expression::Bool(value) => Tree::new(Shape::Bool(*value.value()), offset),
            Expression::Number(number) => Tree::new(
                match number.value().as_i64() {
                    Some(value) => Shape::Int(value),
                    None => Shape::Number(number.value().to_string()),
                },
                offset,
            ),
            Expression::String(text) => Tree::new(Shape::Text(text.as_str().to_owned()), offset),
            Expression::Array(items) => {
                Tree::new(Shape::List(items.iter().map(|item| self.expression(item)).collect()), offset)
            }
            Expression::Object(object) => self.object(object, offset),
            Expression::StringTemplate(template) => self.template(template, offset),
            Expression::HeredocTemplate(heredoc) => {
                let mut heredoc = (**heredoc).clone();
                heredoc.dedent();
                self.template(&heredoc.template, offset)
            }
            Expression::Parenthesis(inner) => self.expression(inner.inner()),
            Expression::Variable(name) => self.bound(name).unwrap_or_else(|| self.elsewhere(offset)),
            Expression::Traversal(traversal) => {
                let operators: Vec<&TraversalOperator> =
                    traversal.operators.iter().map(|operator| operator.value()).collect();
                match &traversal.expr {
                    Expression::Variable(root) => self.path(root, &operators, expression),
                    other => {
                        let value = self.expression(other);
                        self.along(value, &operators)
                    }
                }
            }
            Expression::Conditional(conditional) => {
                let condition = self.expression(&conditional.cond_expr);
                match condition.shape {
                    Shape::Bool(true) => self.expression(&conditional.true_expr),
                    Shape::Bool(false) => self.expression(&conditional.false_expr),
                    _ => {
                        let branches = [&conditional.true_expr, &conditional.false_expr];
                        let branches = branches.map(|branch| self.expression(branch));
                        self.not_computed(&[&condition, &branches[0], &branches[1]], offset)
                    }
                }
            }
            Expression::UnaryOp(operation) => {
                let value = self.expression(&operation.expr);
                self.unary(*operation.operator.value(), value)
            }
            Expression::BinaryOp(operation) => {
                let left = self.expression(&operation.lhs_expr);
                let right = self.expression(&operation.rhs_expr);
                self.binary(*operation.operator.value(), &left, &right)
            }
            Expression::FuncCall(call) => {
                let arguments: Vec<Tree> =
                    call.args.iter().map(|argument| self.expression(argument)).collect();
                let name = call.name.name.as_str();
                let is_plain = call.name.namespace.is_empty() && !call.args.expand_final();
                let value = is_plain.then(|| super::functions::call(name, &arguments, offset)).flatten();
                let mut value = value.unwrap_or_else(|| {
                    let parts: Vec<&Tree> = arguments.iter().collect();
                    self.not_computed(&parts, offset)
                });
                arguments.iter().for_each(|argument| value.inherit_all(argument));
                value
            }
            Expression::ForExpr(comprehension) => self.comprehension(comprehension, offset),
        }
    }

    pub fn bound(&self, name: &Ident) -> Option<Tree> {
        let found = self.scope.iter().rev().find(|(bound, _)| bound == name.as_str());
        found.map(|(_, value)| value.clone())
    }

    /// Something that the text does not tell.
    pub fn elsewhere(&self, offset: u32) -> Tree {
        let mut value = Tree::unknown(UnknownCause::NotReported, offset);
        value.has_other_inputs = true;
        value
    }

    /// A value computed from others in a way that is not evaluated here.
    pub fn not_computed(&self, parts: &[&Tree], offset: u32) -> Tree {
        let doubt = parts.iter().find_map(|part| part.doubt());
        let mut value = Tree::unknown(doubt.unwrap_or(UnknownCause::NotReported), offset);
        value.has_other_inputs = doubt.is_none();
        parts.iter().for_each(|part| value.inherit_all(part));
        value
    }

    fn object(&mut self, object: &Object, offset: u32) -> Tree {
        let mut members: Vec<(String, Tree)> = Vec::new();
        for (key, value) in object.iter() {
            let value = self.expression(value.expr());
            let key = match key {
                ObjectKey::Ident(name) => Ok(name.as_str().to_owned()),
                ObjectKey::Expression(Expression::Variable(name)) => Ok(name.as_str().to_owned()),
                ObjectKey::Expression(key) => {
                    let key = self.expression(key);
                    key.text().ok_or(key)
                }
            };
            match key {
                Ok(key) => set(&mut members, &key, value),
                Err(key) => return self.not_computed(&[&key, &value], offset),
            }
        }
        Tree::new(Shape::Object(members), offset)
    }

    fn template(&mut self, template: &Template, offset: u32) -> Tree {
        // `"${x}"` is x, whatever it is.
        if let Some(Element::Interpolation(interpolation)) = template.as_single_element() {
            return self.expression(&interpolation.expr);
        }
        let mut value = Tree::new(Shape::Null, offset);
        let mut text = Some(String::new());
        let mut doubt = None;
        for element in template.iter() {
            match element {
                Element::Literal(literal) => text = text.map(|text| text + literal.as_str()),
                Element::Interpolation(interpolation) => {
                    let part = self.expression(&interpolation.expr);
                    value.inherit(&part);
                    doubt = doubt.or(part.doubt());
                    text = text.zip(part.text()).map(|(text, part)| text + &part);
                }
                Element::Directive(_) => {
                    value.has_other_inputs = true;
                    text = None;
                }
            }
        }
        value.shape = match text {
            Some(text) => Shape::Text(text),
            None => Shape::Unknown(doubt.unwrap_or(UnknownCause::NotReported)),
        };
        value
    }

    /// `[for x in xs : f(x)]`, `{for k, v in m : k => v}`
    fn comprehension(&mut self, comprehension: &ForExpr, offset: u32) -> Tree {
        let intro = &comprehension.intro;
        let over = self.expression(&intro.collection_expr);
        let pairs: Vec<(Tree, Tree)> = match &over.shape {
            Shape::List(items) => items
                .iter()
                .enumerate()
                .map(|(position, item)| (Tree::new(Shape::Int(position as i64), offset), item.clone()))
                .collect(),
            Shape::Object(members) => members
                .iter()
                .map(|(key, value)| (Tree::new(Shape::Text(key.clone()), offset), value.clone()))
                .collect(),
            _ => return self.not_computed(&[&over], offset),
        };
        let mut items = Vec::new();
        let mut members = Vec::new();
        for (key, item) in pairs {
            let before = self.scope.len();
            if let Some(name) = &intro.key_var {
                self.scope.push((name.as_str().to_owned(), key));
            }
            self.scope.push((intro.value_var.as_str().to_owned(), item));
            let kept = comprehension.cond.as_ref().map(|condition| self.expression(&condition.expr));
            let value = self.expression(&comprehension.value_expr);
            let key = comprehension.key_expr.as_ref().map(|key| self.expression(key));
            self.scope.truncate(before);
            match kept.map(|kept| kept.shape) {
                None | Some(Shape::Bool(true)) => {}
                Some(Shape::Bool(false)) => continue,
                Some(_) => return self.not_computed(&[&over, &value], offset),
            }
            match key.map(|key| key.text()) {
                None => items.push(value),
                // Groups are lists of their own: too rare to follow.
                Some(Some(key)) if !comprehension.grouping => set(&mut members, &key, value),
                Some(_) => return self.not_computed(&[&over, &value], offset),
            }
        }
        let is_object = comprehension.key_expr.is_some();
        Tree::new(if is_object { Shape::Object(members) } else { Shape::List(items) }, offset)
    }
}

/// The last one of a name wins.
pub(super) fn set(members: &mut Vec<(String, Tree)>, name: &str, value: Tree) {
    match members.iter_mut().find(|(known, _)| known == name) {
        Some((_, before)) => *before = value,
        None => members.push((name.to_owned(), value)),
    }
}

/// Adds blocks to those of their name.
fn add(members: &mut Vec<(String, Tree)>, name: &str, mut blocks: Vec<Tree>, offset: u32) {
    match members.iter_mut().find(|(known, _)| known == name) {
        Some((_, Tree { shape: Shape::List(items), .. })) => items.append(&mut blocks),
        // How many there are is not known already.
        Some(_) => {}
        None => members.push((name.to_owned(), Tree::new(Shape::List(blocks), offset))),
    }
}
