//! From what the parser of HCL makes to what is evaluated.

use std::rc::Rc;

use hcl_edit::Span;
use hcl_edit::expr::{Expression, ObjectKey, Traversal, TraversalOperator};
use hcl_edit::structure::{self, Structure};
use hcl_edit::template::{self, Directive, Element, Strip};

use super::syntax::{
    Block, Body, Call, Expr, For, Item, Kind, Name, Part, Path, Step, Template, TemplateFor,
};

/// Lowers what was parsed of a text that begins at an offset.
#[derive(Clone, Copy)]
pub(super) struct Lowering<'t> {
    pub text: &'t str,
    pub start: u32,
    /// Everything gets the offset of the beginning: places in the text are not places in the file.
    pub has_one_place: bool,
    /// Where the text has line breaks that the file has not, in order.
    pub added: &'t [usize],
}

impl Lowering<'_> {
    fn offset(&self, node: &impl Span) -> u32 {
        match node.span() {
            Some(span) if !self.has_one_place => {
                let added = self.added.partition_point(|at| *at < span.start);
                self.start + (span.start - added) as u32
            }
            _ => self.start,
        }
    }

    pub fn body(&self, body: &structure::Body) -> Body {
        let items = body.iter().map(|structure| match structure {
            Structure::Attribute(attribute) => Item::Attribute {
                name: name(attribute.key.as_str()),
                offset: self.offset(attribute),
                value: self.expression(&attribute.value),
            },
            Structure::Block(block) => Item::Block(self.block(block)),
        });
        Body { items: items.collect() }
    }

    pub fn block(&self, block: &structure::Block) -> Block {
        Block {
            name: name(block.ident.as_str()),
            labels: block.labels.iter().map(|label| name(label.as_str())).collect(),
            offset: self.offset(block),
            body: self.body(&block.body),
        }
    }

    pub fn expression(&self, expression: &Expression) -> Expr {
        Expr { offset: self.offset(expression), kind: self.kind(expression) }
    }

    fn kind(&self, expression: &Expression) -> Kind {
        match expression {
            Expression::Null(_) => Kind::Null,
            Expression::Bool(value) => Kind::Bool(*value.value()),
            Expression::Number(number) => match number.value().as_i64() {
                Some(value) => Kind::Int(value),
                None => Kind::Number(number.value().to_string().into()),
            },
            Expression::String(text) => Kind::Text(text.as_str().into()),
            Expression::Array(items) => Kind::List(items.iter().map(|item| self.expression(item)).collect()),
            Expression::Object(members) => Kind::Object(
                members.iter().map(|(key, value)| (self.key(key), self.expression(value.expr()))).collect(),
            ),
            Expression::StringTemplate(template) => self.template_kind(template.iter()),
            Expression::HeredocTemplate(heredoc) => self.heredoc(heredoc, expression),
            Expression::Parenthesis(inner) => self.kind(inner.inner()),
            Expression::Variable(root) => Kind::Path(Box::new(Path {
                root: name(root.as_str()),
                steps: Vec::new(),
                written: root.as_str().into(),
            })),
            Expression::Traversal(traversal) => self.traversal(traversal, expression),
            Expression::Conditional(conditional) => Kind::Conditional(Box::new([
                self.expression(&conditional.cond_expr),
                self.expression(&conditional.true_expr),
                self.expression(&conditional.false_expr),
            ])),
            Expression::UnaryOp(operation) => {
                Kind::Unary(*operation.operator.value(), Box::new(self.expression(&operation.expr)))
            }
            Expression::BinaryOp(operation) => Kind::Binary(
                *operation.operator.value(),
                Box::new((self.expression(&operation.lhs_expr), self.expression(&operation.rhs_expr))),
            ),
            Expression::FuncCall(call) => {
                let namespace = call.name.namespace.iter().map(|part| format!("{}::", part.as_str()));
                Kind::Call(Box::new(Call {
                    name: name(&format!("{}{}", namespace.collect::<String>(), call.name.name.as_str())),
                    arguments: call.args.iter().map(|argument| self.expression(argument)).collect(),
                    expands: call.args.expand_final(),
                }))
            }
            Expression::ForExpr(all) => Kind::For(Box::new(For {
                key_name: all.intro.key_var.as_ref().map(|key| name(key.as_str())),
                value_name: name(all.intro.value_var.as_str()),
                over: self.expression(&all.intro.collection_expr),
                key: all.key_expr.as_ref().map(|key| self.expression(key)),
                value: self.expression(&all.value_expr),
                condition: all.cond.as_ref().map(|condition| self.expression(&condition.expr)),
                groups: all.grouping,
            })),
        }
    }

    /// A name as a key is a text; an expression in brackets is its value.
    fn key(&self, key: &ObjectKey) -> Expr {
        match key {
            ObjectKey::Ident(word) => {
                Expr { offset: self.offset(word), kind: Kind::Text(word.as_str().into()) }
            }
            ObjectKey::Expression(Expression::Variable(word)) => {
                Expr { offset: self.offset(word), kind: Kind::Text(word.as_str().into()) }
            }
            ObjectKey::Expression(expression) => self.expression(expression),
        }
    }

    fn traversal(&self, traversal: &Traversal, whole: &Expression) -> Kind {
        let steps: Vec<Step> =
            traversal.operators.iter().map(|operator| self.step(operator.value())).collect();
        match &traversal.expr {
            Expression::Variable(root) => {
                let written = whole.span().and_then(|span| self.text.get(span)).map(str::trim);
                let written = written.map_or_else(|| whole.to_string().trim().into(), Rc::from);
                Kind::Path(Box::new(Path { root: name(root.as_str()), steps, written }))
            }
            other => Kind::Steps(Box::new((self.expression(other), steps))),
        }
    }

    fn step(&self, operator: &TraversalOperator) -> Step {
        match operator {
            TraversalOperator::AttrSplat(_) => Step::AttributeSplat,
            TraversalOperator::FullSplat(_) => Step::FullSplat,
            TraversalOperator::GetAttr(word) => Step::Attribute(name(word.as_str())),
            TraversalOperator::Index(index) => match self.expression(index) {
                Expr { kind: Kind::Int(position), .. } => Step::Position(position),
                index => Step::Index(index),
            },
            TraversalOperator::LegacyIndex(position) => {
                Step::Position(i64::try_from(*position.value()).unwrap_or(i64::MAX))
            }
        }
    }

    /// `"${x}"` is x, whatever it is; a template without any value is a text.
    fn template_kind<'e>(&self, elements: impl Iterator<Item = &'e Element>) -> Kind {
        let mut parts = self.template(elements, false, false);
        match parts.as_mut_slice() {
            [] => Kind::Text("".into()),
            [Part::Literal(text)] => Kind::Text(text.clone()),
            [Part::Value(_)] => match parts.pop() {
                Some(Part::Value(value)) => value.kind,
                _ => Kind::Null,
            },
            _ => Kind::Template(parts),
        }
    }

    /// The parser takes the indentation from what stands directly in a heredoc, and leaves it in what stands in directives:
    /// then it is taken from the text, and the text is read again.
    fn heredoc(&self, heredoc: &template::HeredocTemplate, whole: &Expression) -> Kind {
        let has_directives = heredoc.template.iter().any(|element| matches!(element, Element::Directive(_)));
        let again = heredoc.indent().filter(|_| has_directives).and_then(|_| {
            let written = self.text.get(whole.span()?)?;
            let text = without_indentation(written.split_once('\n')?.1);
            let parsed = hcl_edit::parser::parse_template(&text).ok()?;
            let start = self.offset(whole);
            Some(
                Lowering { text: &text, start, has_one_place: true, added: &[] }.template_kind(parsed.iter()),
            )
        });
        again.unwrap_or_else(|| self.template_kind(heredoc.template.iter()))
    }

    /// The parts of a template. `strips_start` and `strips_end`: what stands around it has a `~` towards it.
    fn template<'e>(
        &self,
        elements: impl Iterator<Item = &'e Element>,
        strips_start: bool,
        strips_end: bool,
    ) -> Template {
        let elements: Vec<&Element> = elements.collect();
        let mut parts = Vec::with_capacity(elements.len());
        for (position, element) in elements.iter().enumerate() {
            let before = position.checked_sub(1).and_then(|before| elements.get(before));
            match element {
                Element::Literal(literal) => {
                    let after = before.map_or(strips_start, |before| strips(before).1);
                    let ahead = elements.get(position + 1).map_or(strips_end, |next| strips(next).0);
                    let mut text = literal.as_str();
                    text = if after { without_start(text) } else { text };
                    text = if ahead { without_end(text) } else { text };
                    if !text.is_empty() {
                        parts.push(Part::Literal(text.into()));
                    }
                }
                Element::Interpolation(value) => parts.push(Part::Value(self.expression(&value.expr))),
                Element::Directive(directive) => parts.push(self.directive(directive)),
            }
        }
        parts
    }

    fn directive(&self, directive: &Directive) -> Part {
        match directive {
            Directive::If(choice) => {
                let no = choice.else_expr.as_ref();
                let after_yes = no.map_or(choice.endif_expr.strip, |no| no.strip);
                let yes = self.template(
                    choice.if_expr.template.iter(),
                    choice.if_expr.strip.strip_end(),
                    after_yes.strip_start(),
                );
                let no = no.map(|no| {
                    let end = choice.endif_expr.strip.strip_start();
                    self.template(no.template.iter(), no.strip.strip_end(), end)
                });
                Part::If(Box::new((self.expression(&choice.if_expr.cond_expr), yes, no.unwrap_or_default())))
            }
            Directive::For(all) => {
                let body = self.template(
                    all.for_expr.template.iter(),
                    all.for_expr.strip.strip_end(),
                    all.endfor_expr.strip.strip_start(),
                );
                Part::For(Box::new(TemplateFor {
                    key_name: all.for_expr.key_var.as_ref().map(|key| name(key.as_str())),
                    value_name: name(all.for_expr.value_var.as_str()),
                    over: self.expression(&all.for_expr.collection_expr),
                    body,
                }))
            }
        }
    }

    /// The template that a text is.
    pub fn whole_template(&self, template: &template::Template) -> Expr {
        Expr { offset: self.start, kind: self.template_kind(template.iter()) }
    }
}

/// Whether an element strips what stands before and after it.
fn strips(element: &Element) -> (bool, bool) {
    let both = |first: Strip, last: Strip| (first.strip_start(), last.strip_end());
    match element {
        Element::Literal(_) => (false, false),
        Element::Interpolation(value) => both(value.strip, value.strip),
        Element::Directive(directive) => match &**directive {
            Directive::If(choice) => both(choice.if_expr.strip, choice.endif_expr.strip),
            Directive::For(all) => both(all.for_expr.strip, all.endfor_expr.strip),
        },
    }
}

/// Blanks go up to the end of the line: the lines of a template are stripped one by one.
fn without_start(text: &str) -> &str {
    let line = text.find('\n').map_or(text.len(), |end| end + 1);
    let (first, rest) = text.split_at(line);
    if first.trim().is_empty() { rest } else { text.trim_start() }
}

fn without_end(text: &str) -> &str {
    let line = text.rfind('\n').map_or(0, |end| end + 1);
    let last = text.get(line..).unwrap_or_default();
    text.get(..line + last.trim_end().len()).unwrap_or(text)
}

/// The lines of a heredoc up to its end, without the blanks that all of them begin with.
fn without_indentation(lines: &str) -> String {
    let lines = lines.rfind('\n').map_or("", |end| lines.get(..=end).unwrap_or_default());
    let indentation = |line: &str| line.len() - line.trim_start_matches([' ', '\t']).len();
    let common = lines.lines().filter(|line| !line.trim().is_empty()).map(indentation).min().unwrap_or(0);
    lines
        .split_inclusive('\n')
        .map(|line| line.get(common.min(indentation(line))..).unwrap_or_default())
        .collect()
}

fn name(text: &str) -> Name {
    text.into()
}
