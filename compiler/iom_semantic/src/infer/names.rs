use std::sync::Arc;

use iom_diagnostics::nearest;
use iom_model::{Expr, Literal, Nominal, Scalar, Type};
use iom_syntax::ast::{self, ExprKind, Name, NodeId, Path};
use smol_str::SmolStr;

use super::{Checker, Surroundings, Typed, population_type};
use crate::items::{Item, Place};
use crate::messages;
use crate::names::{
    GlobalName, Target, declares, definition_of, near_in_module, offering_globs, qualify, resolve,
    visible_from,
};
use crate::signatures::{resource_kind, value_type};
use crate::types::{expand, field_names};

/// Words of the prelude that are values.
const PRELUDE_VALUES: &[&str] = &["absent", "unknown", "now", "self", "internet"];

impl<'db> Checker<'db> {
    /// What a whole path names; nothing where part of it is left over.
    pub(crate) fn resolve_path(&self, path: &Path) -> Option<(Target<'db>, SmolStr)> {
        let segments: Vec<SmolStr> = path.segments.iter().map(|segment| segment.text.clone()).collect();
        if segments.iter().all(SmolStr::is_empty) {
            return None;
        }
        if self.is_looked_at() {
            for (position, segment) in path.segments.iter().enumerate() {
                self.note_path(&segments[..=position], segment.id);
                self.note_name_cursor(&segments[..=position]);
            }
        }
        let found = resolve(self.db, self.scope, &segments)?;
        (found.used == segments.len()).then_some((found.target, found.qualified))
    }

    /// Reports a path that names nothing, at its first faulty segment.
    pub(crate) fn report_unknown_name(&mut self, path: &Path, what: &str, extra: Vec<SmolStr>) {
        // What is not there at all has been told.
        if path.segments.iter().all(|segment| segment.text.is_empty()) {
            return;
        }
        let segments: Vec<SmolStr> = path.segments.iter().map(|segment| segment.text.clone()).collect();
        self.report_unknown_segments(&segments, |index| path.segments[index].id, what, extra);
    }

    pub(crate) fn report_unknown_segments(
        &mut self,
        segments: &[SmolStr],
        node: impl Fn(usize) -> NodeId,
        what: &str,
        extra: Vec<SmolStr>,
    ) {
        let is_failed_import = self
            .scope
            .imports
            .get(&segments[0])
            .is_some_and(|_| resolve(self.db, self.scope, segments).is_none());
        if self.is_ambiguous(&segments[0], node(0))
            || is_failed_import
            || self.is_failed_package(&segments[0])
            || segments.iter().any(|segment| segment.is_empty())
        {
            return; // The `use`, or the parser, has already complained.
        }
        let (index, container, listed) = match resolve(self.db, self.scope, segments) {
            Some(found) if found.used < segments.len() => {
                let module = GlobalName::new(self.db, found.qualified.clone());
                (found.used, Some(found.qualified), near_in_module(self.db, module))
            }
            _ => (0, None, visible_from(self.db, self.item.file(self.db))),
        };
        // Functions of the language may be called through a module that speaks of the same things.
        let extra = if what == "function" || index == 0 { extra.as_slice() } else { &[] };
        let bound = self.bindings.iter().filter(|_| index == 0).map(|binding| &binding.name);
        let written = &segments[index];
        let candidates = extra.iter().chain(bound).map(SmolStr::as_str).chain(listed.nearest(written));
        let near = nearest(written, candidates).map(SmolStr::new);
        let near = near.as_deref();
        let declared = near.and_then(|near| self.place_of_name(container.as_deref(), near));
        let place = self.place(node(index));
        if let (0, "name" | "text", Some(owner)) = (index, what, self.owner_of_field(&segments[0])) {
            self.report(messages::field_without_owner(place, &segments[0], &owner));
            return;
        }
        let elsewhere =
            if container.is_none() { self.modules_that_declare(&segments[0]) } else { Vec::new() };
        let mut message =
            messages::unknown_name(place, &segments[index], what, container.as_deref(), near, &elsewhere);
        if let (Some((name, declared)), true) = (near.zip(declared), elsewhere.is_empty()) {
            message = message.also(declared, format!("`{name}` is declared here"));
        }
        self.report(message);
    }

    /// The nearest thing in scope that has a field of this name: the empty text for the thing at hand.
    fn owner_of_field(&self, name: &SmolStr) -> Option<SmolStr> {
        let has_it = |ty: &Type| field_names(self.db, ty.required()).contains(name);
        if self.at_hand.last().is_some_and(|(_, ty)| has_it(ty)) {
            return Some(SmolStr::default());
        }
        self.bindings.iter().rev().find(|binding| has_it(&binding.ty)).map(|binding| binding.name.clone())
    }

    /// Reports a name that several modules named with a star offer; whether it is one.
    pub(crate) fn is_ambiguous(&mut self, name: &str, node: NodeId) -> bool {
        let modules = offering_globs(self.db, self.scope, name);
        if modules.len() < 2 {
            return false;
        }
        let mut message = messages::ambiguous_name(self.place(node), name, &modules);
        for module in modules.iter().take(2) {
            if let Some(item) = definition_of(self.db, &qualify(module, name)) {
                message = message.also(self.item_place(item), format!("`{module}` declares it here"));
            }
        }
        self.report(message);
        true
    }

    /// Where a name that could stand here is declared, in this file or another.
    fn place_of_name(&self, container: Option<&str>, name: &str) -> Option<Place> {
        if container.is_none()
            && let Some(binding) = self.binding(name)
        {
            return Some(self.place(binding.node));
        }
        let found = match container {
            Some(module) => definition_of(self.db, &qualify(module, name)),
            None => match resolve(self.db, self.scope, &[SmolStr::new(name)])?.target {
                Target::Item(item) => Some(item),
                Target::Module => None,
            },
        };
        found.map(|item| self.item_place(item))
    }

    /// Modules that declare a name which is not visible here: what is missing is a `use`.
    pub(crate) fn modules_that_declare(&self, name: &str) -> Vec<SmolStr> {
        crate::names::module_names(self.db)
            .into_iter()
            .filter(|module| declares(self.db, module, name))
            .collect()
    }

    pub(super) fn infer_name(&mut self, id: NodeId, name: &SmolStr, expected: Option<&Type>) -> Typed {
        let wanted = self.wanted(expected);
        let is_alternative = matches!(&wanted, Some(Type::Enum(ty)) if ty.has(name));
        if let Some(binding) = self.binding(name) {
            self.note_declared(id, || Some(self.place(binding.node)));
            let typed = Typed::new(binding.ty.clone(), Expr::Local(binding.local));
            let relies = binding.relies.clone();
            if is_alternative && !matches!(typed.ty.required(), Type::Enum(_) | Type::Error | Type::Json) {
                let node = binding.node;
                self.report(messages::shadowed_value(self.place(id), name, self.place(node)));
                return Typed::error();
            }
            self.relied_on.extend(relies);
            return typed;
        }
        if let (true, Some(ty)) = (is_alternative, wanted) {
            if let Type::Enum(alternatives) = &ty {
                self.note_declared(id, || self.place_of_alternative(alternatives, name));
            }
            return Typed::new(ty, Expr::Literal(Literal::Enum(name.clone())));
        }
        if let Some((_, qualified, kind)) = self.given.iter().find(|(given, _, _)| given == name) {
            self.note_use_of_given(id, name);
            return Typed::new(Type::Element(kind.clone()), Expr::Resource(qualified.clone()));
        }
        if self.given_in_vain.contains(name) {
            return Typed::error();
        }
        if let Some(typed) = self.prelude_value(id, name) {
            self.note_word(id, name);
            return typed;
        }
        self.infer_global(&[(name.clone(), id)], expected)
    }

    fn prelude_value(&mut self, id: NodeId, name: &str) -> Option<Typed> {
        Some(match name {
            "absent" => Typed::new(Type::Absent, Expr::Literal(Literal::Absent)),
            "unknown" => {
                // Fits every type; in adapters it can also be looked into.
                let is_adapter = self.surroundings == Surroundings::Adapter;
                Typed::new(if is_adapter { Type::Json } else { Type::Error }, Expr::Literal(Literal::Unknown))
            }
            "now" => Typed::new(Type::Scalar(Scalar::Time), Expr::Now),
            "internet" => Typed::new(
                Type::Set(Arc::new(Type::Scalar(Scalar::Cidr))),
                Expr::Literal(Literal::Scalar(Scalar::Cidr, SmolStr::new_static("internet"))),
            ),
            "self" => match self.at_hand.last() {
                Some((local, ty)) => Typed::new(ty.clone(), Expr::Local(*local)),
                None => {
                    self.report(messages::nothing_at_hand(self.place(id), "self"));
                    Typed::error()
                }
            },
            _ => return None,
        })
    }

    /// The segments of a dotted name whose head is no binder, as far as it is one.
    pub(crate) fn as_global_path(&self, expr: &ast::Expr) -> Option<Vec<(SmolStr, NodeId)>> {
        match &expr.kind {
            ExprKind::Name(name) => {
                let is_local = self.binding(name).is_some()
                    || self.given.iter().any(|(given, _, _)| given == name)
                    || self.given_in_vain.contains(name)
                    || PRELUDE_VALUES.contains(&name.as_str());
                if is_local {
                    return None;
                }
                self.note_path(std::slice::from_ref(name), expr.id);
                self.note_name_cursor(std::slice::from_ref(name));
                Some(vec![(name.clone(), expr.id)])
            }
            ExprKind::Field { base, name, optional: false } => {
                let mut segments = self.as_global_path(base)?;
                segments.push((name.text.clone(), name.id));
                if self.is_looked_at() {
                    let names: Vec<SmolStr> = segments.iter().map(|(name, _)| name.clone()).collect();
                    self.note_path(&names, name.id);
                    self.note_name_cursor(&names);
                }
                Some(segments)
            }
            _ => None,
        }
    }

    /// A name from outside the body, with fields read from it.
    pub(super) fn infer_global(&mut self, segments: &[(SmolStr, NodeId)], expected: Option<&Type>) -> Typed {
        let names: Vec<SmolStr> = segments.iter().map(|(name, _)| name.clone()).collect();
        if let ([name], [(_, node)]) = (names.as_slice(), segments) {
            self.note_path(std::slice::from_ref(name), *node);
        }
        let Some(found) = resolve(self.db, self.scope, &names) else {
            if self.scope.imports.contains_key(&names[0]) {
                return Typed::error(); // The `use` has already been complained about.
            }
            if self.is_ambiguous(&names[0], segments[0].1) {
                return Typed::error();
            }
            let extra = self.extra_candidates(expected);
            let enum_type = match self.wanted(expected) {
                Some(Type::Enum(ty)) if names.len() == 1 => Some(ty),
                _ => None,
            };
            if let Some(ty) = enum_type
                && !names[0].is_empty()
            {
                let alternatives = ty.alternatives.iter().map(|one| one.name.as_str());
                self.report(messages::no_alternative(self.place(segments[0].1), &names[0], alternatives));
                return Typed::error();
            }
            let (what, extra) = match self.wanted(expected) {
                Some(Type::Scalar(Scalar::Policy)) => ("policy", Vec::new()),
                Some(Type::Scalar(Scalar::String)) if names.len() == 1 => ("text", extra),
                _ => ("name", extra),
            };
            self.report_unknown_segments(&names, |index| segments[index].1, what, extra);
            return Typed::error();
        };
        let Target::Item(item) = found.target else {
            if found.used < names.len() {
                self.report_unknown_segments(&names, |index| segments[index].1, "name", Vec::new());
            } else {
                let place = self.place(segments[found.used - 1].1);
                self.report(messages::not_a_value(place, &found.qualified, "module"));
            }
            return Typed::error();
        };
        if found.used == names.len()
            && matches!(item.keyword(self.db), "policy" | "group")
            && self.wanted(expected) == Some(Type::Scalar(Scalar::Policy))
        {
            let name = Literal::Scalar(Scalar::Policy, found.qualified);
            return Typed::new(Type::Scalar(Scalar::Policy), Expr::Literal(name));
        }
        let head = self.item_as_value(item, &found.qualified, segments[found.used - 1].1);
        let mut typed = self.apply_narrowing(head);
        for (name, id) in &segments[found.used..] {
            let name = Name { id: *id, text: name.clone(), quoted: false };
            typed = self.read_field(typed, &name, false, segments[0].1);
            typed = self.apply_narrowing(typed);
        }
        typed
    }

    fn extra_candidates(&self, expected: Option<&Type>) -> Vec<SmolStr> {
        let mut extra: Vec<SmolStr> = PRELUDE_VALUES.iter().map(|name| SmolStr::new_static(name)).collect();
        if let Some(Type::Enum(ty)) = self.wanted(expected) {
            extra.extend(ty.alternatives.iter().map(|one| one.name.clone()));
        }
        extra
    }

    fn item_as_value(&mut self, item: Item<'db>, qualified: &SmolStr, node: NodeId) -> Typed {
        match item.keyword(self.db) {
            "resource" => match resource_kind(self.db, item) {
                Some(kind) => Typed::new(Type::Element(kind.clone()), Expr::Resource(qualified.clone())),
                None => Typed::error(),
            },
            "const" | "data" => {
                Typed::new(value_type(self.db, item).clone(), Expr::Global(qualified.clone()))
            }
            "kind" => {
                let nominal = Nominal::Kind(qualified.clone());
                Typed::new(population_type(nominal.clone()), Expr::Population(nominal))
            }
            "trait" => {
                let nominal = Nominal::Trait(qualified.clone());
                Typed::new(population_type(nominal.clone()), Expr::Population(nominal))
            }
            other => {
                self.report(messages::not_a_value(self.place(node), qualified, other));
                Typed::error()
            }
        }
    }

    pub(super) fn infer_dot_field(&mut self, id: NodeId, name: &Name) -> Typed {
        let Some((local, ty)) = self.at_hand.last().cloned() else {
            let binder = self.bindings.iter().rev().find(|binding| {
                matches!(expand(self.db, binding.ty.required()), Type::Element(_) | Type::Record(_))
            });
            let binder = binder.map(|binding| binding.name.clone());
            self.report(messages::field_of_nothing(self.place(id), &name.text, binder.as_deref()));
            return Typed::error();
        };
        let base = self.apply_narrowing(Typed::new(ty, Expr::Local(local)));
        self.read_field(base, name, false, id)
    }

    pub(super) fn infer_outer(&mut self, id: NodeId) -> Typed {
        match &self.outer {
            Some((local, ty)) => Typed::new(ty.clone(), Expr::Local(*local)),
            None => {
                self.report(messages::nothing_at_hand(self.place(id), "^"));
                Typed::error()
            }
        }
    }

    pub(super) fn infer_context(&mut self, name: &Name) -> Typed {
        const CONTEXTS: &[&str] = &[
            "account",
            "region",
            "namespace",
            "cluster",
            "project",
            "address",
            "type",
            "name",
            "module",
            "provider",
        ];
        if self.surroundings != Surroundings::Adapter {
            self.report(messages::nothing_at_hand(self.place(name.id), &format!("${}", name.text)));
            return Typed::error();
        }
        if !CONTEXTS.contains(&name.text.as_str()) {
            let near = nearest(&name.text, CONTEXTS.iter().copied());
            self.report(messages::unknown_name(self.place(name.id), &name.text, "context", None, near, &[]));
            return Typed::error();
        }
        Typed::new(Type::Json, Expr::Context(name.text.clone()))
    }
}
