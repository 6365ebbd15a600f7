use hcl_edit::expr::{Expression, ForExpr, FuncCall, ObjectKey, Traversal, TraversalOperator};
use hcl_edit::template::ForTemplateExpr;
use hcl_edit::visit::{self, Visit};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::terraform_plan::addresses;

/// What the value of a `local` is made of.
#[derive(Clone, PartialEq, Default, Debug)]
pub(crate) struct Local {
    /// All references of the expression, as the `references` lists of plans write them: `aws_kms_key.k[0].arn`, `var.x`.
    references: Vec<String>,
    /// The value is what its only reference leads to.
    is_path: bool,
    /// It calls a function whose result is not known before the plan is applied.
    is_known_late: bool,
    /// The members of an object or the elements of a list, where all of them are written out.
    parts: FxHashMap<String, Local>,
}

impl Local {
    pub fn of(value: &Expression) -> Local {
        let mut references = References::default();
        references.visit_expr(value);
        let References { found, is_known_late, .. } = references;
        Local { references: found, is_path: is_path(value), is_known_late, parts: parts(value) }
    }

    /// Whether the value is not known before the plan is applied, whatever its references say.
    pub fn is_known_late(&self) -> bool {
        self.is_known_late
    }

    /// The references of the part of the value that a reference to it goes on to read: `rest` is what follows the name, as
    /// `["k"].arn`.
    pub fn references(&self, rest: &str) -> Vec<String> {
        let rest = rest.strip_prefix('.').unwrap_or(rest);
        let mut local = self;
        // How much of the rest led into the value.
        let mut read = 0;
        for step in addresses::steps(rest) {
            let names =
                [Some(step.name).filter(|name| !name.is_empty()), step.key.map(|key| key.trim_matches('"'))];
            let inside = names.into_iter().flatten().try_fold(local, |local, name| local.parts.get(name));
            let Some(inside) = inside else { break };
            (local, read) = (inside, step.end);
        }
        let rest = rest.get(read..).unwrap_or_default();
        match local.references.as_slice() {
            [only] if local.is_path && !rest.is_empty() => {
                let separator = if rest.starts_with(['.', '[']) { "" } else { "." };
                vec![format!("{only}{separator}{rest}")]
            }
            references => references.to_vec(),
        }
    }
}

/// The parts of a value that is written out; none where some name of a member has to be computed.
fn parts(value: &Expression) -> FxHashMap<String, Local> {
    match value {
        Expression::Array(items) => {
            let items = items.iter().enumerate();
            items.map(|(position, item)| (position.to_string(), Local::of(item))).collect()
        }
        Expression::Object(members) => {
            let parts = members.iter().map(|(key, value)| {
                let name = match key {
                    ObjectKey::Ident(name) => name.as_str(),
                    ObjectKey::Expression(Expression::String(name)) => name.as_str(),
                    ObjectKey::Expression(Expression::Variable(name)) => name.as_str(),
                    ObjectKey::Expression(_) => return None,
                };
                Some((name.to_owned(), Local::of(value.expr())))
            });
            parts.collect::<Option<FxHashMap<_, _>>>().unwrap_or_default()
        }
        Expression::Parenthesis(inner) => parts(inner.inner()),
        _ => FxHashMap::default(),
    }
}

/// Whether an expression is a path and nothing else.
fn is_path(value: &Expression) -> bool {
    match value {
        Expression::Traversal(traversal) => matches!(written(traversal), (Some(_), [])),
        Expression::Parenthesis(inner) => is_path(inner.inner()),
        _ => false,
    }
}

/// A path as far as it is constant, and the operators after.
fn written(traversal: &Traversal) -> (Option<String>, &[hcl_edit::Decorated<TraversalOperator>]) {
    let Expression::Variable(root) = &traversal.expr else { return (None, &traversal.operators) };
    let mut text = root.as_str().to_owned();
    for (position, operator) in traversal.operators.iter().enumerate() {
        match operator.value() {
            TraversalOperator::GetAttr(name) => {
                text.push('.');
                text.push_str(name.as_str());
            }
            TraversalOperator::Index(Expression::Number(number)) => {
                text.push_str(&format!("[{}]", number.value()))
            }
            TraversalOperator::Index(Expression::String(key)) => {
                text.push_str(&format!("[{:?}]", key.as_str()))
            }
            TraversalOperator::LegacyIndex(number) => text.push_str(&format!("[{}]", number.value())),
            _ => return (Some(text), traversal.operators.get(position..).unwrap_or_default()),
        }
    }
    (Some(text), &[])
}

/// Functions that Terraform calls once more when a plan is applied.
const KNOWN_LATE: [&str; 3] = ["bcrypt", "timestamp", "uuid"];

/// Collects the references of an expression.
#[derive(Default)]
struct References {
    /// In the order of the text, each once.
    found: Vec<String>,
    seen: FxHashSet<String>,
    /// Names that a `for` around binds.
    bound: Vec<String>,
    is_known_late: bool,
}

impl References {
    fn add(&mut self, text: String) {
        let root = text.split(['.', '[']).next().unwrap_or_default();
        if !self.bound.iter().any(|bound| bound == root) && self.seen.insert(text.clone()) {
            self.found.push(text);
        }
    }
}

impl Visit for References {
    fn visit_traversal(&mut self, node: &Traversal) {
        let (text, rest) = written(node);
        match text {
            Some(text) => self.add(text),
            None => self.visit_expr(&node.expr),
        }
        rest.iter().for_each(|operator| self.visit_traversal_operator(operator));
    }

    fn visit_func_call(&mut self, node: &FuncCall) {
        let name = &node.name;
        self.is_known_late |= !name.is_namespaced() && KNOWN_LATE.contains(&name.name.as_str());
        visit::visit_func_call(self, node);
    }

    fn visit_for_expr(&mut self, node: &ForExpr) {
        self.visit_expr(&node.intro.collection_expr);
        let before = self.bound.len();
        self.bound.extend(node.intro.key_var.iter().map(|name| name.as_str().to_owned()));
        self.bound.push(node.intro.value_var.as_str().to_owned());
        node.key_expr.iter().for_each(|key| self.visit_expr(key));
        self.visit_expr(&node.value_expr);
        node.cond.iter().for_each(|condition| self.visit_for_cond(condition));
        self.bound.truncate(before);
    }

    fn visit_for_template_expr(&mut self, node: &ForTemplateExpr) {
        self.visit_expr(&node.collection_expr);
        let before = self.bound.len();
        self.bound.extend(node.key_var.iter().map(|name| name.as_str().to_owned()));
        self.bound.push(node.value_var.as_str().to_owned());
        self.visit_template(&node.template);
        self.bound.truncate(before);
    }
}
