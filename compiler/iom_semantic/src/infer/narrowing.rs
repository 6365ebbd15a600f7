//! What a condition tells about the values it tests.

use iom_model::{Expr, FieldOwner, IsTest, Literal, Local, Nominal, Type};
use smol_str::SmolStr;

use super::{Checker, Typed};
use crate::types::{expand, tag};

/// A value that does not change while a body is evaluated: a local or a declared resource, and fields of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct ValuePath {
    root: Root,
    fields: Vec<SmolStr>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Root {
    Local(Local),
    Resource(SmolStr),
    /// Any value at all.
    Anything,
}

/// Something learnt about a path.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Narrowing {
    path: ValuePath,
    what: Learnt,
    /// The clause that taught it, where an earlier `require` did.
    clause: Option<u32>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Learnt {
    Present,
    /// Whatever is below the path would have been made sure of, had there been no mistake.
    PresentBelow,
    /// Whatever the value would be known to be, had there been no mistake.
    Anything,
    Is(Nominal),
    /// The field that tells a union's branches apart has one of these values, or none of them.
    Tag {
        field: SmolStr,
        values: Vec<SmolStr>,
        is_among: bool,
    },
}

impl ValuePath {
    pub(super) fn anything() -> ValuePath {
        ValuePath { root: Root::Anything, fields: Vec::new() }
    }

    pub(super) fn of(expr: &Expr) -> Option<ValuePath> {
        match expr {
            Expr::Local(local) => Some(ValuePath { root: Root::Local(*local), fields: Vec::new() }),
            Expr::Resource(name) => {
                Some(ValuePath { root: Root::Resource(name.clone()), fields: Vec::new() })
            }
            Expr::Field { base, name, .. } => {
                let mut path = ValuePath::of(base)?;
                path.fields.push(name.clone());
                Some(path)
            }
            _ => None,
        }
    }

    fn is_local(&self, local: Local) -> bool {
        self.root == Root::Local(local)
    }

    fn is_below(&self, other: &ValuePath) -> bool {
        other.root == Root::Anything || self.root == other.root && self.fields.starts_with(&other.fields)
    }
}

impl Narrowing {
    fn is_about(&self, path: &ValuePath) -> bool {
        match self.what {
            Learnt::PresentBelow => path.is_below(&self.path),
            _ => self.path == *path,
        }
    }
}

impl<'db> Checker<'db> {
    /// The type of a path after all that was learnt about it.
    pub(super) fn apply_narrowing(&mut self, typed: Typed) -> Typed {
        if self.narrowings.is_empty() {
            return typed;
        }
        let can_be_narrowed = typed.ty.is_optional()
            || matches!(typed.ty, Type::Element(_))
            || matches!(expand(self.db, &typed.ty), Type::Union(_));
        if !can_be_narrowed {
            return typed;
        }
        let Some(path) = ValuePath::of(&typed.expr) else { return typed };
        let mut ty = typed.ty;
        for narrowing in self.narrowings.iter().filter(|narrowing| narrowing.is_about(&path)) {
            let narrowed = match &narrowing.what {
                Learnt::Present | Learnt::PresentBelow => ty.required().clone(),
                Learnt::Anything => Type::Error,
                Learnt::Is(nominal) => Type::Element(nominal.clone()),
                Learnt::Tag { field, values, is_among } => {
                    self.branches_left(&ty, field, values, *is_among).unwrap_or_else(|| ty.clone())
                }
            };
            if narrowed != ty {
                self.relied_on.extend(narrowing.clause);
                ty = narrowed;
            }
        }
        Typed { ty, expr: typed.expr }
    }

    /// Adds what holds where the condition came out true (or false).
    pub(crate) fn learn(&mut self, condition: &Expr, outcome: bool) {
        match (condition, outcome) {
            (Expr::Not(inner), _) => self.learn(inner, !outcome),
            (Expr::And(left, right), true) | (Expr::Or(left, right), false) => {
                self.learn(left, outcome);
                self.learn(right, outcome);
            }
            (Expr::Is { value, test, negated }, _) => self.learn_test(value, test, outcome != *negated),
            (Expr::Compare { op: iom_model::CompareOp::NotEqual, left, right, .. }, _) => {
                self.learn_equal(left, right, !outcome);
            }
            // Equal to something present is present.
            (Expr::Compare { op: iom_model::CompareOp::Equal, left, right, .. }, false) => {
                self.learn_equal(left, right, false);
            }
            (Expr::Compare { op: iom_model::CompareOp::Equal, left, right, .. }, true) => {
                if is_surely_present(right) {
                    self.learn_present(left);
                }
                if is_surely_present(left) {
                    self.learn_present(right);
                }
                self.learn_equal(left, right, true);
            }
            (Expr::Binary { op: iom_model::BinaryOp::In, left, right }, _) => {
                if outcome {
                    self.learn_present(left);
                }
                if let Expr::List { items, .. } | Expr::Set(items) = &**right
                    && let Some(values) = items.iter().map(enum_value).collect::<Option<Vec<_>>>()
                {
                    self.learn_tag(left, values, outcome);
                }
            }
            _ => {}
        }
    }

    fn learn_equal(&mut self, left: &Expr, right: &Expr, is_equal: bool) {
        if let Some(value) = enum_value(right) {
            self.learn_tag(left, vec![value], is_equal);
        } else if let Some(value) = enum_value(left) {
            self.learn_tag(right, vec![value], is_equal);
        }
    }

    /// What the value of one of its fields tells about a union.
    pub(super) fn learn_tag(&mut self, value: &Expr, values: Vec<SmolStr>, is_among: bool) {
        if let Expr::Field { base, name, owner: FieldOwner::Record } = value
            && let Some(path) = ValuePath::of(base)
        {
            let what = Learnt::Tag { field: name.clone(), values, is_among };
            self.narrowings.push(Narrowing { path, what, clause: self.clause });
        }
    }

    fn branches_left(&self, ty: &Type, field: &SmolStr, values: &[SmolStr], is_among: bool) -> Option<Type> {
        let Type::Union(alternatives) = expand(self.db, ty.required()) else { return None };
        let tag = tag(self.db, &alternatives).filter(|tag| tag.field == *field)?;
        let left: Vec<SmolStr> =
            tag.values().map(SmolStr::new).filter(|value| values.contains(value) == is_among).collect();
        let narrowed = tag.narrowed(&left)?;
        Some(if ty.is_optional() { narrowed.optional() } else { narrowed })
    }

    fn learn_test(&mut self, value: &Expr, test: &IsTest, holds: bool) {
        match (test, holds) {
            (IsTest::Present | IsTest::Nonempty, true) | (IsTest::Absent, false) => self.learn_present(value),
            (IsTest::Element(nominal), true) => {
                self.learn_present(value);
                if let Some(path) = ValuePath::of(value) {
                    self.narrowings.push(Narrowing {
                        path,
                        what: Learnt::Is(nominal.clone()),
                        clause: self.clause,
                    });
                }
            }
            _ => {}
        }
    }

    /// Everything below a path may be there: nobody knows.
    pub(super) fn doubt_below(&mut self, path: ValuePath) {
        self.narrowings.push(Narrowing { path, what: Learnt::PresentBelow, clause: None });
    }

    /// A value may be whatever is asked of it: nobody knows.
    pub(super) fn doubt_all_of(&mut self, path: ValuePath) {
        self.narrowings.push(Narrowing { path, what: Learnt::Anything, clause: None });
    }

    /// A path is present, and so is everything it was read through.
    pub(super) fn learn_present(&mut self, value: &Expr) {
        let mut current = value;
        while let Some(path) = ValuePath::of(current) {
            self.narrowings.push(Narrowing { path, what: Learnt::Present, clause: self.clause });
            match current {
                Expr::Field { base, .. } => current = base,
                _ => break,
            }
        }
    }

    /// Forgets what was learnt about a slot that is given away again.
    pub(super) fn forget(&mut self, local: Local) {
        self.narrowings.retain(|narrowing| !narrowing.path.is_local(local));
    }
}

fn enum_value(expr: &Expr) -> Option<SmolStr> {
    match expr {
        Expr::Literal(Literal::Enum(value)) => Some(value.clone()),
        _ => None,
    }
}

fn is_surely_present(expr: &Expr) -> bool {
    matches!(expr, Expr::Literal(literal) if *literal != Literal::Absent && *literal != Literal::Unknown)
        || matches!(expr, Expr::Resource(_) | Expr::Interpolation(_))
}
