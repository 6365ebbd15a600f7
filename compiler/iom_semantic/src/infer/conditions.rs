use std::sync::Arc;

use iom_diagnostics::nearest;
use iom_model::{Binder, Expr, GroupBy, IsTest, Local, Nominal, Quantifier, Type};
use iom_syntax::ast::{self, InBinder, Name, Path};

use super::{Checker, Typed};
use crate::messages;
use crate::names::Target;
use crate::types::{expand, join};

/// The words that may follow `is` besides kinds and traits.
const TESTS: &[(&str, IsTest)] = &[
    ("present", IsTest::Present),
    ("absent", IsTest::Absent),
    ("known", IsTest::Known),
    ("unknown", IsTest::Unknown),
    ("empty", IsTest::Empty),
    ("nonempty", IsTest::Nonempty),
    ("dangling", IsTest::Dangling),
    ("modelled", IsTest::Modelled),
    ("private", IsTest::Private),
    ("all", IsTest::All),
];

/// `present` and its like, which are no kinds.
pub(super) fn is_test_word(test: &Path) -> bool {
    matches!(&*test.segments, [single] if TESTS.iter().any(|(word, _)| *word == single.text))
}

impl<'db> Checker<'db> {
    pub(super) fn infer_is(&mut self, value: &ast::Expr, negated: bool, test: &Path) -> Typed {
        let typed = self.infer(value, None);
        let test = match &*test.segments {
            [single] if TESTS.iter().any(|(word, _)| *word == single.text) => {
                TESTS.iter().find(|(word, _)| *word == single.text).map(|(_, test)| test.clone())
            }
            _ => self.element_test(test),
        };
        let Some(test) = test else { return Typed::error() };
        if matches!(test, IsTest::Empty | IsTest::Nonempty) && typed.ty.is_optional() {
            self.report(messages::optional_operand(self.place(value.id), &typed.ty, "tested for emptiness"));
        }
        Typed::new(Type::BOOL, Expr::Is { value: Box::new(typed.expr), test, negated })
    }

    fn element_test(&mut self, path: &Path) -> Option<IsTest> {
        match self.resolve_path(path) {
            Some((Target::Item(item), qualified)) if item.keyword(self.db) == "kind" => {
                Some(IsTest::Element(Nominal::Kind(qualified)))
            }
            Some((Target::Item(item), qualified)) if item.keyword(self.db) == "trait" => {
                Some(IsTest::Element(Nominal::Trait(qualified)))
            }
            Some((Target::Item(item), _)) => {
                let keyword = item.keyword(self.db);
                self.report(messages::wrong_kind_of_name(
                    self.place(path.id),
                    path,
                    keyword,
                    "a kind, a trait or a test such as `present`",
                ));
                None
            }
            _ => {
                let words = TESTS.iter().map(|(word, _)| (*word).into()).collect();
                let _ = nearest("", []);
                self.report_unknown_name(path, "kind, trait or test", words);
                None
            }
        }
    }

    /// A condition: a bool that is surely there.
    pub(crate) fn condition(&mut self, expr: &ast::Expr) -> Expr {
        self.check(expr, &Type::BOOL)
    }

    pub(super) fn infer_if(
        &mut self,
        condition: &ast::Expr,
        then: &ast::Expr,
        otherwise: &ast::Expr,
        expected: Option<&Type>,
    ) -> Typed {
        let written = condition;
        let complaints = self.complaints();
        let condition = self.condition(written);
        let is_faulty = self.is_faulty(&condition, complaints);
        let learn = |checker: &mut Self, outcome| {
            checker.learn(&condition, outcome);
            if is_faulty {
                checker.doubt(written);
            }
        };
        let yes = self.in_scope(|checker| {
            learn(checker, true);
            checker.infer(then, expected)
        });
        let no = self.in_scope(|checker| {
            learn(checker, false);
            let hint = expected.cloned().or_else(|| Some(yes.ty.clone()));
            checker.infer(otherwise, hint.as_ref())
        });
        let ty = self.join_or_report(otherwise.id, &yes.ty, &no.ty, "the branches of an `if`");
        Typed::new(
            ty,
            Expr::If {
                condition: Box::new(condition),
                then: Box::new(yes.expr),
                otherwise: Box::new(no.expr),
            },
        )
    }

    pub(super) fn join_or_report(&mut self, node: ast::NodeId, a: &Type, b: &Type, what: &str) -> Type {
        match join(self.db, a, b) {
            Some(ty) => ty,
            None => {
                self.report(messages::no_common_type(self.place(node), a, b, what));
                Type::Error
            }
        }
    }

    pub(super) fn infer_let(
        &mut self,
        name: &Name,
        value: &ast::Expr,
        body: &ast::Expr,
        expected: Option<&Type>,
    ) -> Typed {
        let value = self.infer(value, None);
        self.in_scope(|checker| {
            let local = checker.bind(name, value.ty.clone());
            checker.forget(local);
            let body = checker.infer(body, expected);
            Typed::new(body.ty, Expr::Let { local, value: Box::new(value.expr), body: Box::new(body.expr) })
        })
    }

    /// Also gives the binder's slot, for messages that name the witness.
    pub(crate) fn infer_quantifier(
        &mut self,
        quantifier: ast::Quantifier,
        binder: &InBinder,
        body: &ast::Expr,
    ) -> (Typed, (Local, Type)) {
        self.in_scope(|checker| {
            let binder = checker.bind_in(binder);
            let witness = (binder.local, checker.binding_type(binder.local));
            let body = checker.condition(body);
            let quantifier = match quantifier {
                ast::Quantifier::All => Quantifier::All,
                ast::Quantifier::Any => Quantifier::Any,
                ast::Quantifier::None => Quantifier::None,
            };
            let expr = Expr::Quantifier { quantifier, binder: Box::new(binder), body: Box::new(body) };
            (Typed::new(Type::BOOL, expr), witness)
        })
    }

    fn binding_type(&self, local: Local) -> Type {
        self.bindings
            .iter()
            .rev()
            .find(|binding| binding.local == local)
            .map_or(Type::Error, |binding| binding.ty.clone())
    }

    /// Binds the names of `x in xs by .. where ..`; they stay bound until the scope ends.
    pub(crate) fn bind_in(&mut self, binder: &InBinder) -> Binder {
        let source = self.infer(&binder.source, None);
        let (first, second) = self.bound_types(&binder.source, &source.ty, binder.second.is_some());
        let (by, first) = self.group_by(binder.by.as_ref(), first);
        let local = self.bind(&binder.name, first.clone());
        self.forget(local);
        let second = binder.second.as_ref().zip(second).map(|(name, ty)| {
            let local = self.bind(name, ty);
            self.forget(local);
            local
        });
        let filter = binder.filter.as_ref().map(|filter| {
            self.at_hand.push((local, first));
            let complaints = self.complaints();
            let lowered = self.condition(filter);
            self.learn_from(filter, &lowered, true, complaints);
            self.at_hand.pop();
            lowered
        });
        Binder { local, second, source: source.expr, by, filter }
    }

    /// `by .owner`: how items are grouped, and the type of what is gone through then: groups of them, if they are.
    pub(crate) fn group_by(&mut self, by: Option<&ast::Expr>, item: Type) -> (Option<GroupBy>, Type) {
        let Some(by) = by else { return (None, item) };
        let (lowered, key) = self.in_scope(|checker| {
            let local = checker.bind_thing_at_hand(item.clone());
            let key = checker.infer(by, None);
            if matches!(expand(checker.db, key.ty.required()), Type::Secret(_)) {
                checker.report(messages::secret_used(checker.place(by.id), "what things are grouped by"));
                return (GroupBy { local, key: Expr::Error }, Type::Error);
            }
            (GroupBy { local, key: key.expr }, key.ty)
        });
        (Some(lowered), Type::Group { key: Arc::new(key), item: Arc::new(item) })
    }

    /// The types of `x` and of `y` in `for x, y in source`.
    fn bound_types(&mut self, source: &ast::Expr, ty: &Type, wants_two: bool) -> (Type, Option<Type>) {
        match expand(self.db, ty) {
            Type::List(item) | Type::Set(item) if wants_two => ((*item).clone(), Some(Type::INT)),
            Type::List(item) | Type::Set(item) => ((*item).clone(), None),
            Type::Map(key, value) => ((*key).clone(), Some((*value).clone())),
            Type::Json => (Type::Json, Some(Type::Json)),
            Type::Error => (Type::Error, Some(Type::Error)),
            other => {
                let place = self.place(source.id);
                self.report(if other.is_optional() {
                    messages::optional_operand(place, &other, "gone through")
                } else {
                    messages::not_a_collection(place, &other)
                });
                (Type::Error, Some(Type::Error))
            }
        }
    }
}
