//! The types of variables, and values made to fit them.

use std::rc::Rc;

use super::evaluate::Evaluator;
use super::operators::{number, truth};
use super::syntax::{Expr, Kind};
use super::value::{self, Shape, Value};

/// Deeper types are taken as any.
const MOST_DEPTH: u32 = 32;

/// Makes a value fit the type that a variable is declared with: what does not fit is wrong.
pub(super) fn convert(evaluator: &mut Evaluator<'_>, value: Value, constraint: &Expr) -> Value {
    Converting { evaluator }.value(value, constraint, 0)
}

struct Converting<'e, 'c> {
    evaluator: &'e mut Evaluator<'c>,
}

impl Converting<'_, '_> {
    fn value(&mut self, value: Value, constraint: &Expr, depth: u32) -> Value {
        let is_left = matches!(
            value.shape,
            Shape::Null
                | Shape::Unknown(_)
                | Shape::Partial(..)
                | Shape::Json(..)
                | Shape::Instance(_)
                | Shape::Instances(_)
                | Shape::Module(_)
        );
        if is_left || depth > MOST_DEPTH || !self.evaluator.charge(1, value.offset) {
            return value;
        }
        match &constraint.kind {
            Kind::Path(path) if path.steps.is_empty() => plain(value, &path.root),
            // Terraform of before 0.12: `type = "map"`
            Kind::Text(word) => plain(value, word),
            Kind::Call(call) => match (&*call.name, call.arguments.as_slice()) {
                ("list", [item]) => self.items(value, item, depth, false),
                ("set", [item]) => self.items(value, item, depth, true),
                ("map", [item]) => self.map(value, item, depth),
                ("object", [Expr { kind: Kind::Object(members), .. }]) => self.object(value, members, depth),
                ("tuple", [Expr { kind: Kind::List(types), .. }]) => self.tuple(value, types, depth),
                ("optional", [of, ..]) => self.value(value, of, depth + 1),
                _ => value,
            },
            _ => value,
        }
    }

    fn items(&mut self, value: Value, item: &Expr, depth: u32, is_set: bool) -> Value {
        let Some(items) = value.items() else { return fit(value, None) };
        let items: Vec<Value> = items.iter().map(|one| self.value(one.clone(), item, depth + 1)).collect();
        let shape = if is_set { value::set(items) } else { value::list(items) };
        fit(value, Some(shape))
    }

    fn map(&mut self, value: Value, item: &Expr, depth: u32) -> Value {
        let Some(members) = value.members() else { return fit(value, None) };
        let members: Vec<(Rc<str>, Value)> = members
            .iter()
            .map(|(name, one)| (Rc::clone(name), self.value(one.clone(), item, depth + 1)))
            .collect();
        fit(value, Some(value::object(members)))
    }

    fn tuple(&mut self, value: Value, types: &[Expr], depth: u32) -> Value {
        let Some(items) = value.items().filter(|items| items.len() == types.len()) else {
            return fit(value, None);
        };
        let items: Vec<Value> =
            items.iter().zip(types).map(|(one, of)| self.value(one.clone(), of, depth + 1)).collect();
        fit(value, Some(value::list(items)))
    }

    /// Members that are not declared are left out; those that are optional get their default.
    fn object(&mut self, value: Value, declared: &[(Expr, Expr)], depth: u32) -> Value {
        if value.members().is_none() {
            return fit(value, None);
        }
        let mut members = Vec::with_capacity(declared.len());
        for (name, of) in declared {
            let Some(name) = name.as_text() else { continue };
            let optional = match &of.kind {
                Kind::Call(call) if &*call.name == "optional" => Some(call.arguments.as_slice()),
                _ => None,
            };
            let given = value.member(name).cloned();
            let default = match optional {
                Some([_, default]) => Some(default),
                _ => None,
            };
            let member = match (given, default, optional.is_some()) {
                (Some(given), Some(default), _) if matches!(given.shape, Shape::Null) => {
                    self.evaluator.expression(default)
                }
                (Some(given), _, _) => given,
                (None, Some(default), _) => self.evaluator.expression(default),
                (None, None, true) => Value::new(Shape::Null, value.offset),
                (None, None, false) => return fit(value, None),
            };
            members.push((name.into(), self.value(member, of, depth + 1)));
        }
        fit(value, Some(value::object(members)))
    }
}

fn plain(value: Value, word: &str) -> Value {
    let shape = match word {
        "string" => value.to_text().map(Shape::Text),
        "number" => number(&value).map(super::operators::Number::shape),
        "bool" => truth(&value).map(Shape::Bool),
        "list" => match &value.shape {
            Shape::List(items) | Shape::Set(items) => Some(Shape::List(Rc::clone(items))),
            _ => None,
        },
        "set" => value.items().map(|items| value::set(items.to_vec())),
        "map" => value.members().is_some().then(|| value.shape.clone()),
        _ => return value,
    };
    fit(value, shape)
}

fn fit(value: Value, shape: Option<Shape>) -> Value {
    match shape {
        Some(shape) => Value { shape, ..value },
        None => Value { shape: Shape::Unknown(crate::tape::UnknownCause::Invalid), ..value },
    }
}
