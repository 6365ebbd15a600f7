//! What is made from blueprints: arguments, and the parts of an instance as names.

use iom_diagnostics::nearest;
use iom_model::{Built, Expr, Instance, Type};
use iom_syntax::ast::{self, Argument, ExprKind, Name, NodeId};
use smol_str::{SmolStr, format_smolstr};

use super::{Checker, Typed};
use crate::blueprints::{
    BlueprintParameter, BlueprintSignature, InstanceOf, TARGET, blueprint_signature, instance_of,
    signature_named,
};
use crate::items::{Item, Place, declaration};
use crate::look::{Called as Noted, Cursor, given_arguments};
use crate::messages;
use crate::names::{Target, definition_of, resolve};

/// A blueprint that a call names.
#[derive(Clone)]
pub(crate) struct Called<'db> {
    pub item: Item<'db>,
    pub name: SmolStr,
    pub signature: &'db BlueprintSignature,
}

impl<'db> Checker<'db> {
    /// The blueprint that a dotted name stands for.
    pub(crate) fn blueprint_at(&self, callee: &ast::Expr) -> Option<Called<'db>> {
        let segments = self.as_global_path(callee)?;
        let names: Vec<SmolStr> = segments.iter().map(|(name, _)| name.clone()).collect();
        let found = resolve(self.db, self.scope, &names)?;
        let Target::Item(item) = found.target else { return None };
        let signature = blueprint_signature(self.db, item).as_deref()?;
        (found.used == names.len()).then_some(Called { item, name: found.qualified, signature })
    }

    pub(crate) fn blueprint_place(&self, item: Item<'db>) -> Place {
        item.place(self.db, declaration(self.db, item).name().map_or(NodeId::DECLARATION, |name| name.id))
    }

    /// The arguments of a call by parameter. `requires_all`: those without a default must be given.
    pub(crate) fn blueprint_arguments(
        &mut self,
        id: NodeId,
        called: &Called<'db>,
        arguments: &[Argument],
        requires_all: bool,
    ) -> Instance {
        let signature = called.signature;
        self.note_call(
            id,
            || Noted::Declared {
                name: called.name.clone(),
                place: self.blueprint_place(called.item),
                parameters: signature.parameters.iter().map(BlueprintParameter::as_called).collect(),
                result: signature.root_of(None).and_then(|root| root.nominal.clone()).map(Type::Element),
            },
            || given_arguments(arguments, signature.parameters.iter().map(|one| &one.name)),
        );
        let mut values: Vec<Option<Expr>> = vec![None; signature.parameters.len()];
        let mut target = None;
        let mut position = 0;
        let mut is_misnamed = false;
        for argument in arguments {
            if argument.name.as_ref().is_some_and(|name| name.text == TARGET)
                && !signature.parameters.iter().any(|parameter| parameter.name == TARGET)
            {
                target = self.build_target(argument, called).or(target);
                continue;
            }
            let index = match &argument.name {
                Some(name) => signature.parameters.iter().position(|one| one.name == name.text),
                None => {
                    position += 1;
                    (position <= values.len()).then(|| position - 1)
                }
            };
            let Some(index) = index else {
                is_misnamed = true;
                self.silently(|checker| checker.infer(&argument.value, None));
                self.report_no_parameter(argument, called);
                continue;
            };
            let parameter = &signature.parameters[index];
            if let Some(name) = &argument.name {
                self.note_declared(name.id, || Some(called.item.place(self.db, parameter.node)));
            }
            if values[index].is_some() {
                self.report(messages::argument_given_twice(self.place(argument.id), &parameter.name));
                continue;
            }
            let declared = called.item.place(self.db, parameter.node);
            let before = self.diagnostics.len();
            values[index] = Some(self.check(&argument.value, &parameter.ty));
            for diagnostic in self.diagnostics.iter_mut().skip(before) {
                if diagnostic.secondary.is_empty() {
                    let message = format!("`{}` is declared as `{}`", parameter.name, parameter.ty);
                    *diagnostic = diagnostic.clone().also(declared.clone(), message);
                }
            }
        }
        let missing: Vec<&str> = signature
            .parameters
            .iter()
            .zip(&values)
            .filter(|(parameter, value)| value.is_none() && !parameter.has_default)
            .map(|(parameter, _)| parameter.name.as_str())
            .collect();
        // A misspelt argument is what is missing.
        if requires_all && !missing.is_empty() && !is_misnamed {
            let declared = self.blueprint_place(called.item);
            let message = messages::missing_arguments(self.place(id), &called.name, &missing);
            self.report(message.also(declared, "the blueprint"));
        }
        Instance { blueprint: called.name.clone(), target, arguments: values }
    }

    fn report_no_parameter(&mut self, argument: &Argument, called: &Called<'db>) {
        let names: Vec<&str> = called.signature.parameters.iter().map(|one| one.name.as_str()).collect();
        let message = match &argument.name {
            Some(name) => {
                let near = nearest(&name.text, names.iter().copied());
                messages::unknown_parameter(self.place(name.id), &name.text, &called.name, near, &names)
            }
            None => messages::too_many_arguments(self.place(argument.id), &called.name, names.len()),
        };
        self.report(message.also(self.blueprint_place(called.item), "the blueprint"));
    }

    /// `target: kubernetes` chooses the `build` block.
    fn build_target(&mut self, argument: &Argument, called: &Called<'db>) -> Option<SmolStr> {
        let targets: Vec<&str> = called.signature.targets.iter().map(SmolStr::as_str).collect();
        let found = match &argument.value.kind {
            ExprKind::Name(word) => word.clone(),
            ExprKind::Missing => return None,
            _ => SmolStr::default(),
        };
        if targets.contains(&found.as_str()) {
            return Some(found);
        }
        let declared = self.blueprint_place(called.item);
        if found.is_empty() {
            let example = targets.first().map_or("terraform", |target| target);
            self.report(messages::wanted_value(
                self.place(argument.value.id),
                "the name of a `build` block",
                &format!("`target: {example}`"),
            ));
        } else if targets.is_empty() {
            self.report_no_parameter(argument, called);
        } else {
            self.report(messages::no_target(self.place(argument.value.id), &found, &targets, declared));
        }
        None
    }

    /// What could follow a value and a dot.
    pub(super) fn note_member_cursor(&self, base: &Typed, name: &Name) {
        self.note_cursor(&name.text, || {
            let parts = self.instance_behind(&base.expr).and_then(|instance| {
                let signature = signature_named(self.db, &instance.blueprint)?;
                let target = signature.target(instance.target.as_deref());
                let parts = signature
                    .parts_of(target)
                    .filter_map(|part| Some((part.name.clone(), part.nominal.clone()?)));
                Some(parts.collect())
            });
            Cursor::Member { of: base.ty.clone(), parts: parts.unwrap_or_default() }
        });
    }

    /// The blueprint that what an expression names was made from.
    fn instance_behind(&self, expr: &Expr) -> Option<InstanceOf> {
        match expr {
            Expr::Resource(name) => self.instance_at(name),
            Expr::Local(local) => self
                .part_instances
                .iter()
                .find(|(part, _)| part == local)
                .map(|(_, instance)| instance.clone()),
            Expr::Built { blueprint, what: Built::Part(slot), .. } => {
                let signature = signature_named(self.db, blueprint)?;
                signature.parts.iter().find(|part| part.slot == *slot)?.instance.clone()
            }
            _ => None,
        }
    }

    /// The same for a qualified name: a declared resource, or a part of one.
    fn instance_at(&self, name: &str) -> Option<InstanceOf> {
        if let Some((_, instance)) = self.given_instances.iter().find(|(given, _)| given == name) {
            return Some(instance.clone());
        }
        if let Some(item) = definition_of(self.db, name) {
            return instance_of(self.db, item).clone();
        }
        let (around, part) = name.rsplit_once('.')?;
        let outer = self.instance_at(around)?;
        let signature = signature_named(self.db, &outer.blueprint)?;
        signature.part(part, signature.target(outer.target.as_deref()))?.instance.clone()
    }

    /// Whether a name stands for all that a `for` makes.
    pub(super) fn is_many(&self, expr: &Expr) -> bool {
        match expr {
            Expr::Resource(name) => self.is_many_at(name),
            Expr::Local(local) => self.many_parts.contains(local),
            Expr::Built { root, blueprint, what: Built::Part(slot) } => {
                let parts = signature_named(self.db, blueprint).map(|signature| signature.parts.iter());
                self.is_many(root)
                    || parts.is_some_and(|mut parts| parts.any(|part| part.slot == *slot && part.is_many))
            }
            _ => false,
        }
    }

    fn is_many_at(&self, name: &str) -> bool {
        if let Some(item) = definition_of(self.db, name) {
            let declaration = declaration(self.db, item);
            return matches!(&declaration.kind, ast::DeclarationKind::Resource(one) if one.each.is_some());
        }
        let Some((around, part)) = name.rsplit_once('.') else { return false };
        let Some(outer) = self.instance_at(around) else { return false };
        let Some(signature) = signature_named(self.db, &outer.blueprint) else { return false };
        let target = signature.target(outer.target.as_deref());
        signature.part(part, target).is_some_and(|part| part.is_many) || self.is_many_at(around)
    }

    /// `invoices.block`: a part of an instance, by the name it has in its blueprint. It goes before a field of the root.
    pub(super) fn part_of_instance(&self, base: &Typed, name: &Name) -> Option<Typed> {
        let instance = self.instance_behind(&base.expr)?;
        let signature = signature_named(self.db, &instance.blueprint)?;
        let part = signature.part(&name.text, signature.target(instance.target.as_deref()))?;
        self.note_declared(name.id, || {
            Some(definition_of(self.db, &instance.blueprint)?.place(self.db, part.node))
        });
        let ty = Type::Element(part.nominal.clone()?);
        let expr = match &base.expr {
            // A root that is built by another blueprint has parts of its own, found by its name.
            _ if part.slot == 0 && part.instance.is_none() => base.expr.clone(),
            Expr::Resource(whole) => Expr::Resource(format_smolstr!("{whole}.{}", part.name)),
            root => Expr::Built {
                root: Box::new(root.clone()),
                blueprint: instance.blueprint,
                what: Built::Part(part.slot),
            },
        };
        Some(Typed::new(ty, expr))
    }
}
