//! The origins of what a blueprint built: its line, the arguments and defaults of the parameters it reads, through all
//! blueprints around it, and what is set on the instances it is the root of.

use std::collections::BTreeSet;

use iom_model::Expr;

use super::declared::{self, Placed};
use super::{ArgumentOf, Definition, OriginStep, Role, Segment};
use crate::facts::{Estate, Instance, Saying};
use crate::judge::source_place;
use crate::value::ElementId;

/// Blueprints inside one another whose parameters are followed: more than can be nested.
const MOST_LEVELS: usize = 128;

pub(super) fn said(estate: &Estate, id: ElementId, path: &[Segment]) -> Vec<Placed> {
    let Some(Segment::Name(field)) = path.first() else { return Vec::new() };
    let model = &estate.program.model;
    let mut found = Vec::new();
    for saying in estate.sayings(id) {
        let mut own = declared::said(model, saying.declaration, path, estate.at);
        let setting = saying.declaration.fields.iter().find(|setting| setting.name == *field);
        if let (Some((blueprint, _)), Some(setting)) = (&saying.part, setting) {
            let mut given = Vec::new();
            if let Some(instance) = &saying.instance {
                arguments(estate, instance, &setting.value, 0, &mut given);
            }
            // What is given is there before the line that reads it.
            found.extend(given.into_iter().map(plain));
            if own.is_empty() {
                let mut line = OriginStep::new(Role::Blueprint, field.clone());
                line.location = Some(source_place(&setting.location));
                own.push(plain(line));
            }
            for placed in own.iter_mut().filter(|placed| placed.step.role != Role::Override) {
                placed.step.role = Role::Blueprint;
                placed.step.resource = Some(format!("{blueprint}.{}", saying.declaration.name).into());
            }
        }
        found.append(&mut own);
    }
    found
}

fn plain(step: OriginStep) -> Placed {
    Placed { step, path: Vec::new(), is_override: false, is_active: true }
}

/// What the parameters of an instance are that an expression of its blueprint reads.
fn arguments(estate: &Estate, instance: &Instance, value: &Expr, level: usize, found: &mut Vec<OriginStep>) {
    let Some((name, blueprint)) = estate.program.model.blueprints.get_index(instance.blueprint.index())
    else {
        return;
    };
    let mut read: BTreeSet<usize> = BTreeSet::new();
    value.walk(&mut |part| {
        if let Expr::Local(local) = part
            && (local.0 as usize) < blueprint.parameters.len()
        {
            read.insert(local.0 as usize);
        }
    });
    let Some(holder) = estate.holder(instance).filter(|_| level < MOST_LEVELS) else { return };
    let given = holder.declaration.instance.as_ref();
    for position in read {
        let parameter = blueprint.parameters[position].name.clone();
        let argument = given.and_then(|given| given.arguments.get(position)).and_then(Option::as_ref);
        let (role, definition) = match argument {
            Some(argument) => {
                if let Some(around) = &holder.instance {
                    arguments(estate, around, argument, level + 1, found);
                }
                let resource = argument_of(&holder);
                (Role::Argument, Definition::Argument { resource, parameter: parameter.clone(), position })
            }
            None => (
                Role::Parameter,
                Definition::Parameter { blueprint: name.clone(), parameter: parameter.clone() },
            ),
        };
        let mut step = OriginStep::new(role, parameter.to_string());
        step.definition = Some(definition);
        if !found.iter().any(|other| other.definition == step.definition) {
            found.push(step);
        }
    }
}

fn argument_of(holder: &Saying<'_>) -> ArgumentOf {
    let name = holder.declaration.name.clone();
    match &holder.part {
        None => ArgumentOf::Declared(name),
        Some((blueprint, target)) => {
            ArgumentOf::Part { blueprint: blueprint.clone(), target: target.clone(), name }
        }
    }
}
