//! The origins of a declared resource's value, those of what it copies first.

use iom_model::{Model, OriginRole, QualifiedName, ResourceDeclaration, SettingOrigin};

use super::{OriginStep, Role, Segment};
use crate::facts::instant_text;
use crate::judge::source_place;

/// A chain of copies longer than this is a mistake of the caller: rings are refused before.
const MOST_COPIES: usize = 256;

/// A step with what decides whether it holds.
pub(super) struct Placed {
    pub step: OriginStep,
    /// Below the field.
    pub path: Vec<String>,
    pub is_override: bool,
    pub is_active: bool,
}

/// What a declaration says of a field, and what it copies.
pub(super) fn said(model: &Model, resource: &ResourceDeclaration, path: &[Segment], at: i64) -> Vec<Placed> {
    let Some((Segment::Name(field), rest)) = path.split_first() else { return Vec::new() };
    let wanted: Vec<String> = rest.iter().map(Segment::key).collect();
    let mut found = Vec::new();
    collect(model, resource, field, &wanted, at, None, &mut found, 0);
    found
}

/// Which of them hold, the oldest first.
pub(super) fn settled(found: Vec<Placed>) -> Vec<OriginStep> {
    let holds: Vec<bool> = (0..found.len())
        .map(|position| {
            let covers = |later: &Placed| {
                later.is_override && later.is_active && found[position].path.starts_with(&later.path)
            };
            found[position].is_active && !found[position + 1..].iter().any(covers)
        })
        .collect();
    found.into_iter().zip(holds).map(|(one, holds)| OriginStep { holds, ..one.step }).collect()
}

#[allow(clippy::too_many_arguments, reason = "one walk over a chain; a struct would hold the same")]
fn collect(
    model: &Model,
    resource: &ResourceDeclaration,
    field: &str,
    wanted: &[String],
    at: i64,
    of: Option<&QualifiedName>,
    found: &mut Vec<Placed>,
    depth: usize,
) {
    let Some(setting) = resource.fields.iter().find(|setting| setting.name == field) else { return };
    let mut bases: Vec<&QualifiedName> = Vec::new();
    for origin in setting.origins.iter().filter(|origin| is_about(origin, wanted)) {
        let OriginRole::Base(base) = &origin.role else {
            found.push(placed(origin, field, at, of));
            continue;
        };
        if bases.contains(&base) || depth >= MOST_COPIES {
            continue;
        }
        bases.push(base);
        if let Some(declaration) = model.resources.get(base) {
            collect(model, declaration, field, wanted, at, Some(base), found, depth + 1);
        }
    }
}

/// Whether it sets what is asked for, something around it, or a part of it.
fn is_about(origin: &SettingOrigin, wanted: &[String]) -> bool {
    origin.path.iter().zip(wanted).all(|(own, wanted)| own == wanted)
}

fn placed(origin: &SettingOrigin, field: &str, at: i64, of: Option<&QualifiedName>) -> Placed {
    let path: Vec<String> = origin.path.iter().map(|name| name.to_string()).collect();
    let role = match (&origin.role, &origin.change, of) {
        (_, Some(_), _) => Role::Override,
        (OriginRole::Amend, ..) => Role::Amend,
        (OriginRole::Name, ..) => Role::Name,
        (_, _, Some(_)) => Role::Base,
        (..) => Role::Body,
    };
    let until = origin.change.as_ref().and_then(|change| change.until);
    let mut full = vec![field.to_owned()];
    full.extend(path.iter().cloned());
    let mut step = OriginStep::new(role, full.join("."));
    step.resource = of.cloned();
    step.location = Some(source_place(&origin.location));
    step.reason = origin.change.as_ref().map(|change| change.reason.clone());
    step.until = until.map(instant_text);
    step.ended = until.is_some_and(|until| until <= at);
    Placed { is_active: !step.ended, is_override: origin.change.is_some(), step, path }
}
