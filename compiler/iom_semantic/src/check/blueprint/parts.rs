use std::sync::Arc;

use iom_model::{
    Binder, Blueprint, BlueprintPart, Expr, Local, Nominal, PartSearch, ResourceDeclaration, Type,
};
use iom_syntax::ast::{self, Name};

use super::fixed::{fixed_fields, search_order};
use crate::blueprints::{PartSignature, call_in};
use crate::check::unplaced;
use crate::infer::Checker;
use crate::messages;

impl<'db> Checker<'db> {
    /// Makes the parts' names visible, each in its slot.
    pub(super) fn bind_parts(&mut self, declared: &[&ast::Resource], parts: &[&PartSignature], root: Local) {
        let mut seen: Vec<&Name> = Vec::new();
        for resource in declared {
            let name = &resource.name;
            let Some(part) = parts.iter().find(|part| part.node == name.id) else { continue };
            if let Some(first) = seen.iter().find(|other| other.text == name.text) {
                let first = self.place(first.id);
                self.report(messages::duplicate_name(self.place(name.id), first, &name.text));
                continue;
            }
            let local = Local(root.0 + part.slot);
            if let Some(parameter) = self.binding(&name.text).filter(|binding| binding.local.0 < root.0) {
                let parameter = self.place(parameter.node);
                self.report(messages::part_is_parameter(self.place(name.id), &name.text, parameter));
                continue;
            }
            seen.push(name);
            let ty = part.nominal.clone().map_or(Type::Error, Type::Element);
            self.note_type(name.id, &ty);
            self.bind_again(name, local, ty);
            self.many_parts.retain(|other| *other != local);
            self.many_parts.extend(part.is_many.then_some(local));
            self.part_instances.retain(|(other, _)| *other != local);
            self.part_instances.extend(part.instance.clone().map(|instance| (local, instance)));
        }
    }

    pub(super) fn lower_parts(
        &mut self,
        blueprint: &mut Blueprint,
        declared: &[&ast::Resource],
        parts: &[&PartSignature],
        root: Local,
        lets: &[(Local, Expr)],
    ) {
        let first = blueprint.parts.len();
        for resource in declared {
            let Some(part) = parts.iter().find(|part| part.node == resource.name.id) else { continue };
            let lowered = self.in_scope(|checker| {
                let each = resource.each.as_ref().map(|binder| checker.bind_in(binder));
                checker.lower_part(resource, part, root, each)
            });
            let Some(mut lowered) = lowered else { continue };
            for field in &mut lowered.declaration.fields {
                with_lets(&mut field.value, lets);
            }
            if let Some(instance) = &mut lowered.declaration.instance {
                instance.arguments.iter_mut().flatten().for_each(|value| with_lets(value, lets));
            }
            if let Some(each) = &mut lowered.declaration.each {
                with_lets(&mut each.source, lets);
            }
            lowered.fixed = fixed_fields(self, &lowered, root, blueprint.parameters.len() as u32);
            blueprint.parts.push(lowered);
        }
        search_order(&mut blueprint.parts[first..], root);
    }

    fn lower_part(
        &mut self,
        resource: &ast::Resource,
        part: &PartSignature,
        root: Local,
        each: Option<Binder>,
    ) -> Option<BlueprintPart> {
        let slot = Local(root.0 + part.slot);
        let (nominal, fields, instance) = match &resource.value {
            ast::ResourceValue::Body(body) => {
                let path = resource.kind.as_ref()?;
                let nominal = self.nominal(path)?;
                if part.target.is_some() && matches!(nominal, Nominal::Trait(_)) {
                    self.report(messages::wrong_kind_of_name(self.place(path.id), path, "trait", "a kind"));
                    return None;
                }
                let (fields, settings) = self.part_fields(resource, body, &nominal);
                self.part_settings.push((resource.name.id, Arc::new(settings)));
                (nominal, fields, None)
            }
            ast::ResourceValue::Expr(expr) => {
                let Some((called, arguments)) = call_in(expr)
                    .and_then(|(callee, arguments)| Some((self.blueprint_at(callee)?, arguments)))
                else {
                    self.report(messages::not_evaluated_yet(
                        self.place(resource.name.id),
                        "a part of a blueprint made from another resource",
                    ));
                    return None;
                };
                let (instance, kind, levels) = self.instance(resource, expr, &called, arguments)?;
                let on_root = self.fields_on_root(resource, (&kind, &instance), levels, &[], 0);
                self.part_settings.push((resource.name.id, Arc::new(on_root.settings)));
                (Nominal::Kind(kind), on_root.fields, Some(Box::new(instance)))
            }
        };
        let kind = nominal.name().clone();
        let declaration = ResourceDeclaration {
            name: resource.name.text.clone(),
            location: unplaced(resource.name.id),
            kind,
            fields,
            each: each.map(Box::new),
            locals: 0,
            layer: None,
            instance,
        };
        Some(BlueprintPart {
            slot,
            nominal,
            target: part.target.clone(),
            declaration,
            search: PartSearch::Subject,
            fixed: Vec::new(),
        })
    }
}

/// Puts the `let`s that a value reads around it, so that it needs nothing but parameters and parts.
pub(super) fn with_lets(value: &mut Expr, lets: &[(Local, Expr)]) {
    for (local, bound) in lets.iter().rev() {
        let mut is_read = false;
        value.walk(&mut |part| is_read |= matches!(part, Expr::Local(read) if read == local));
        if is_read {
            let body = std::mem::replace(value, Expr::Error);
            *value = Expr::Let { local: *local, value: Box::new(bound.clone()), body: Box::new(body) };
        }
    }
}
