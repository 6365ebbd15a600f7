//! Type inference and lowering in one pass: an expression goes in, its type and its checked form come out.
//!
//! Bidirectional: the expected type, where there is one, decides what a bare name, a string or a record means. Optional
//! values are narrowed by tests along `and`, `if`, `where` and earlier `require` clauses; paths are immutable, so what held
//! once holds.

mod adapters;
mod calls;
mod collections;
mod comparisons;
mod conditions;
mod conforms;
mod constant;
mod copying;
mod declared;
mod doubts;
mod fields;
mod instances;
mod literals;
mod matching;
mod membership;
mod names;
mod narrowing;
mod operators;
mod pattern;
mod records;
mod tagged;
mod unquoted;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::sync::Arc;

use iom_diagnostics::Diagnostic;
use iom_model::{Expr, Local, Nominal, Type};
use iom_syntax::ast::{self, ExprKind, NodeId};
use smol_str::SmolStr;

pub use calls::builtin_names;
pub(crate) use instances::Called;
pub(crate) use narrowing::Narrowing;
pub(crate) use records::{Definitions, Entry, Inside, Override, Overrides, Parts, Set};

use crate::blueprints::InstanceOf;
use crate::check::Settings;
use crate::db::Db;
use crate::items::{Item, Place};
use crate::look::Look;
use crate::messages;
use crate::names::{FileScope, file_scope};
use crate::types::{expand, fits};

/// An expression with its type.
#[derive(Clone, Debug)]
pub struct Typed {
    pub ty: Type,
    pub expr: Expr,
}

impl Typed {
    pub(crate) fn new(ty: Type, expr: Expr) -> Typed {
        Typed { ty, expr }
    }

    /// Stands where a mistake was reported.
    pub(crate) fn error() -> Typed {
        Typed { ty: Type::Error, expr: Expr::Error }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Binding {
    pub name: SmolStr,
    pub local: Local,
    pub ty: Type,
    pub node: NodeId,
    /// Clauses that what it holds relies on: a `let` of something that an earlier `require` made sure of.
    pub relies: BTreeSet<u32>,
}

/// What is around the expression at hand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Surroundings {
    /// Policies, functions, configuration.
    Ordinary,
    /// An adapter: paths are json and null-propagating, lists drop absent elements.
    Adapter,
}

/// Checks the expressions of one declaration.
pub struct Checker<'db> {
    pub(crate) db: &'db dyn Db,
    pub(crate) item: Item<'db>,
    /// The declaration's own place.
    here: Place,
    pub(crate) scope: &'db FileScope,
    pub(crate) diagnostics: Vec<Diagnostic<Place>>,
    pub(crate) bindings: Vec<Binding>,
    /// What `.x` reads from, innermost last.
    pub(crate) at_hand: Vec<(Local, Type)>,
    /// What `^` means.
    pub(crate) outer: Option<(Local, Type)>,
    pub(crate) narrowings: Vec<Narrowing>,
    /// The clause whose condition is being added to the narrowings.
    pub(crate) clause: Option<u32>,
    /// Clauses whose narrowing was relied on since this was last cleared.
    pub(crate) relied_on: BTreeSet<u32>,
    pub(crate) surroundings: Surroundings,
    /// Messages may print optional values; everything else must handle them first.
    pub(crate) prints_absent: bool,
    /// Names that only the declaration at hand knows: resources given in a test.
    pub(crate) given: Vec<(SmolStr, SmolStr, Nominal)>,
    /// Names of given resources whose kinds are not known: what follows from them has been said.
    pub(crate) given_in_vain: Vec<SmolStr>,
    /// What those resources set, by qualified name.
    pub(crate) given_settings: Vec<(SmolStr, Arc<Settings>)>,
    /// Which of them are instances of blueprints, by qualified name.
    pub(crate) given_instances: Vec<(SmolStr, InstanceOf)>,
    /// Slots of a blueprint's parts that a `for` multiplies.
    pub(crate) many_parts: Vec<Local>,
    /// What the parts of a blueprint set, by the node of their names.
    pub(crate) part_settings: Vec<(NodeId, Arc<Settings>)>,
    /// Slots of a blueprint's parts that are instances in turn.
    pub(crate) part_instances: Vec<(Local, InstanceOf)>,
    /// Types of nodes, while somebody wants to know.
    pub(crate) types: Option<Vec<(NodeId, Type)>>,
    /// Places in other declarations that the lowered one names.
    pub(crate) places_elsewhere: Vec<Place>,
    /// A dotted field sets a part of what is there: the rest of its record need not be given.
    pub(crate) sets_parts: bool,
    /// The record at hand is such a part.
    pub(crate) is_part: bool,
    /// What became of each expression, while somebody wants to know.
    pub(crate) recorded: Option<Vec<(NodeId, Typed)>>,
    /// What names and expressions mean, while an editor looks.
    pub(crate) look: Option<Box<RefCell<Look>>>,
    /// Syntax to check in place of the declaration's own.
    pub(crate) instead: Option<Arc<ast::Declaration>>,
    /// Types are lowered without what they compute or ask: see [`crate::tied`].
    pub(crate) lowers_shapes: bool,
    /// Refined types that were lowered before: see `refined_alike`.
    pub(crate) refined: Vec<Type>,
    next_local: u32,
    locals_needed: u32,
}

impl<'db> Checker<'db> {
    pub fn new(db: &'db dyn Db, item: Item<'db>) -> Checker<'db> {
        Checker {
            db,
            item,
            here: item.place(db, NodeId::DECLARATION),
            scope: file_scope(db, item.file(db)),
            diagnostics: Vec::new(),
            bindings: Vec::new(),
            at_hand: Vec::new(),
            outer: None,
            narrowings: Vec::new(),
            clause: None,
            relied_on: BTreeSet::new(),
            surroundings: Surroundings::Ordinary,
            prints_absent: false,
            given: Vec::new(),
            given_in_vain: Vec::new(),
            given_settings: Vec::new(),
            given_instances: Vec::new(),
            many_parts: Vec::new(),
            part_settings: Vec::new(),
            part_instances: Vec::new(),
            types: None,
            places_elsewhere: Vec::new(),
            recorded: None,
            look: None,
            instead: None,
            sets_parts: false,
            is_part: false,
            lowers_shapes: false,
            refined: Vec::new(),
            next_local: 0,
            locals_needed: 0,
        }
    }

    pub(crate) fn place(&self, node: NodeId) -> Place {
        Place { node, ..self.here.clone() }
    }

    pub(crate) fn note_type(&mut self, node: NodeId, ty: &Type) {
        if let Some(types) = &mut self.types {
            types.push((node, ty.clone()));
        }
        self.note(|look| drop(look.types.insert(node, ty.clone())));
    }

    /// Adds a diagnostic. A second one of the same kind at the same place is the same mistake met twice.
    pub(crate) fn report(&mut self, diagnostic: Diagnostic<Place>) {
        // A declaration with this many mistakes is no iom; the rest of them says nothing new.
        const MOST: usize = 1_000;
        if self.diagnostics.len() >= MOST {
            return;
        }
        let is_known = self.diagnostics.iter().any(|other| {
            other.primary.place == diagnostic.primary.place && other.is_error() == diagnostic.is_error()
        });
        if !is_known {
            self.diagnostics.push(diagnostic);
        }
    }

    /// Runs a check whose complaints do not count.
    pub(crate) fn silently<T>(&mut self, run: impl FnOnce(&mut Self) -> T) -> T {
        let kept = std::mem::take(&mut self.diagnostics);
        let types = self.types.take();
        let result = run(self);
        self.diagnostics = kept;
        self.types = types;
        result
    }

    /// A body with a frame of its own: nothing around it is visible. Gives how many locals the frame needs.
    pub(crate) fn in_new_body<T>(&mut self, run: impl FnOnce(&mut Self) -> T) -> (T, u32) {
        let bindings = std::mem::take(&mut self.bindings);
        let at_hand = std::mem::take(&mut self.at_hand);
        let narrowings = std::mem::take(&mut self.narrowings);
        let outer = self.outer.take();
        let next = std::mem::replace(&mut self.next_local, 0);
        let needed = std::mem::replace(&mut self.locals_needed, 0);
        let result = run(self);
        let locals = std::mem::replace(&mut self.locals_needed, needed);
        self.next_local = next;
        self.outer = outer;
        self.narrowings = narrowings;
        self.at_hand = at_hand;
        self.bindings = bindings;
        (result, locals)
    }

    /// A block: what it binds and learns is gone after it; its slots are used again.
    pub(crate) fn in_scope<T>(&mut self, run: impl FnOnce(&mut Self) -> T) -> T {
        let bindings = self.bindings.len();
        let at_hand = self.at_hand.len();
        let narrowings = self.narrowings.len();
        let next = self.next_local;
        let result = run(self);
        self.bindings.truncate(bindings);
        self.at_hand.truncate(at_hand);
        self.narrowings.truncate(narrowings);
        self.next_local = next;
        result
    }

    pub(crate) fn fresh_local(&mut self) -> Local {
        let local = Local(self.next_local);
        self.next_local += 1;
        self.locals_needed = self.locals_needed.max(self.next_local);
        local
    }

    pub(crate) fn bind(&mut self, name: &ast::Name, ty: Type) -> Local {
        let local = self.fresh_local();
        self.note_type(name.id, &ty);
        self.bind_again(name, local, ty);
        local
    }

    /// Makes a slot visible under a name once more, after its scope has ended.
    pub(crate) fn bind_again(&mut self, name: &ast::Name, local: Local, ty: Type) {
        self.next_local = self.next_local.max(local.0 + 1);
        self.note_declared(name.id, || Some(self.place(name.id)));
        self.bindings.push(Binding {
            name: name.text.clone(),
            local,
            ty,
            node: name.id,
            relies: BTreeSet::new(),
        });
    }

    pub(crate) fn bind_thing_at_hand(&mut self, ty: Type) -> Local {
        let local = self.fresh_local();
        self.at_hand.push((local, ty));
        local
    }

    pub(crate) fn binding(&self, name: &str) -> Option<&Binding> {
        self.bindings.iter().rev().find(|binding| binding.name == name)
    }

    /// Infers, then makes sure that the value fits.
    pub(crate) fn check(&mut self, expr: &ast::Expr, expected: &Type) -> Expr {
        if let ExprKind::Name(name) = &expr.kind {
            self.note_value_cursor(name, Some(expected));
        }
        if let Some(text) = self.unquoted_text(expr, expected) {
            self.report(messages::unquoted_text(self.place(expr.id), &text));
            return Expr::Error;
        }
        self.check_no_secret(expr, expected);
        let typed = self.infer(expr, Some(expected));
        self.require_fit(expr.id, typed, expected)
    }

    pub(crate) fn require_fit(&mut self, node: NodeId, typed: Typed, expected: &Type) -> Expr {
        if typed.ty.is_optional() && !expected.is_optional() && !matches!(expected, Type::Json | Type::Error)
        {
            let required = typed.ty.required().clone();
            if matches!(typed.ty, Type::Absent) || fits(self.db, &required, expected) {
                self.report(messages::optional_where_required(self.place(node), &typed.ty, expected));
                return Expr::Error;
            }
        }
        if !fits(self.db, &typed.ty, expected) {
            let message = match typed.expr {
                Expr::Literal(_) | Expr::Interpolation(_) => messages::literal_mismatch,
                _ => messages::type_mismatch,
            };
            self.report(message(self.place(node), &typed.ty, expected));
            return Expr::Error;
        }
        if matches!(expected, Type::Named(_) | Type::Refined(..) | Type::Optional(_)) {
            let place = self.place(node);
            self.check_refinement(&place, &typed.expr, expected);
        }
        if matches!(typed.ty.required(), Type::Json)
            && !matches!(expected.required(), Type::Json | Type::Error)
        {
            return Expr::Convert { value: Box::new(typed.expr), to: expected.clone() };
        }
        typed.expr
    }

    /// The type and checked form of an expression.
    pub(crate) fn infer(&mut self, expr: &ast::Expr, expected: Option<&Type>) -> Typed {
        if let ExprKind::Name(name) = &expr.kind {
            self.note_value_cursor(name, expected);
        }
        let typed = self.infer_kind(expr, expected);
        let typed = self.apply_narrowing(typed);
        self.note_type(expr.id, &typed.ty);
        if let Some(recorded) = &mut self.recorded {
            recorded.push((expr.id, typed.clone()));
        }
        typed
    }

    fn infer_kind(&mut self, expr: &ast::Expr, expected: Option<&Type>) -> Typed {
        match &expr.kind {
            ExprKind::Missing => Typed::error(),
            ExprKind::Literal(literal) => self.infer_literal(expr.id, literal, expected),
            ExprKind::String(parts) => self.infer_string(expr.id, parts, expected),
            ExprKind::Name(name) => self.infer_name(expr.id, name, expected),
            ExprKind::DotField(name) => self.infer_dot_field(expr.id, name),
            ExprKind::Outer => self.infer_outer(expr.id),
            ExprKind::Context(name) => self.infer_context(name),
            ExprKind::Record(fields) => self.infer_record(expr.id, fields, expected),
            ExprKind::Set(items) => self.infer_set(items, expected),
            ExprKind::List(items) => self.infer_list(expr.id, items, expected),
            ExprKind::ListComprehension { binders, value } => {
                self.infer_list_comprehension(binders, value, expected)
            }
            ExprKind::MapComprehension { binders, key, value } => {
                self.infer_map_comprehension(binders, key, value, expected)
            }
            ExprKind::Quantifier { quantifier, binder, body } => {
                self.infer_quantifier(*quantifier, binder, body).0
            }
            ExprKind::If { condition, then, otherwise } => {
                self.infer_if(condition, then, otherwise, expected)
            }
            ExprKind::Let { name, value, body } => self.infer_let(name, value, body, expected),
            ExprKind::Match { scrutinee, arms } => self.infer_match(expr.id, scrutinee, arms, expected),
            ExprKind::Unary { op, operand } => self.infer_unary(expr.id, *op, operand, expected),
            ExprKind::Binary { op, op_id, left, right } => {
                self.infer_binary(*op, *op_id, left, right, expected)
            }
            ExprKind::Is { value, negated, test } => self.infer_is(value, *negated, test),
            ExprKind::Field { base, name, optional } => {
                self.infer_field(expr, base, name, *optional, expected)
            }
            ExprKind::Index { base, index, optional } => self.infer_index(base, index, *optional),
            ExprKind::Call { callee, arguments } => self.infer_call(expr.id, callee, arguments, expected),
            ExprKind::AsRecord { base, fields } => self.infer_as_record(base, fields, expected),
            ExprKind::AsType { base, ty } => self.infer_as_type(base, ty),
            ExprKind::With { base, fields } => self.infer_with(expr.id, base, fields, expected),
        }
    }

    /// The type that decides what a literal means: names and refinements resolved, `?` and `secret` taken off.
    pub(crate) fn wanted(&self, expected: Option<&Type>) -> Option<Type> {
        let mut current = expand(self.db, expected?);
        loop {
            current = match current {
                Type::Optional(inner) | Type::Secret(inner) => expand(self.db, &inner),
                Type::Error => return None,
                other => return Some(other),
            };
        }
    }

    /// The item type of a collection, if it is one.
    pub(crate) fn item_type(&self, ty: &Type) -> Option<Type> {
        match expand(self.db, ty) {
            Type::List(item) | Type::Set(item) => Some((*item).clone()),
            Type::Json => Some(Type::Json),
            Type::Error => Some(Type::Error),
            _ => None,
        }
    }
}

/// A list of elements of a nominal.
pub(crate) fn population_type(nominal: Nominal) -> Type {
    Type::List(Arc::new(Type::Element(nominal)))
}
