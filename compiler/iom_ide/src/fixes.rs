//! What a policy's `fix` makes of a declared resource: edits of the workspace's own sources, or, where those do not set the
//! field, what a person would change where. For code actions and for `iomc fix`.

mod syntax;

use iom_base::{FileId, Span};
use iom_diagnostics::{Applicability, Edit, Fix};
use iom_eval::explain::Segment;
use iom_eval::report::{Finding, Place, ProposedField};
use iom_model::{Expr, Location, Model, OriginRole, ResourceDeclaration, SettingOrigin};
use iom_semantic::Host;
use iom_syntax::SyntaxNode;

/// How a finding is mended.
#[derive(Clone, PartialEq, Debug)]
pub enum PolicyFix {
    /// `Safe` where the edits change that one resource, `Suggested` where one declaration makes several.
    Edits(Fix),
    /// What to change, and where: it is not the workspace's own, or somebody has decided it.
    ByHand(Vec<HandChange>),
}

/// A change that is left to a person.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HandChange {
    pub place: Option<Place>,
    /// `set versioning: true`, `write versioning { enabled = true }`
    pub what: String,
    /// Why it is not done; empty where that needs no word.
    pub why: String,
}

/// What a finding's policy proposes for its resource; nothing where it proposes nothing.
pub fn policy_fix(host: &Host, model: &Model, finding: &Finding) -> Option<PolicyFix> {
    let fix = finding.fix.as_ref()?;
    let name = finding.resource.address.split_once('[').map_or(&*finding.resource.address, |(name, _)| name);
    let by_hand = |change: HandChange| Some(PolicyFix::ByHand(vec![change]));
    if fix.sets.is_empty() {
        let source = fix.source.split_whitespace().collect::<Vec<_>>().join(" ");
        let why = "the value can't be worked out here".to_owned();
        return by_hand(HandChange { place: finding.location.clone(), what: format!("set {source}"), why });
    }
    let Some(declaration) = model.resources.get(name) else {
        let changes = fix.sets.iter().flat_map(|set| of_source(finding, set)).collect();
        return Some(PolicyFix::ByHand(changes));
    };
    let mut fixer = Fixer { host, model, declaration, edits: Vec::new() };
    let refused: Vec<HandChange> = fix.sets.iter().filter_map(|set| fixer.set(set).err()).collect();
    if !refused.is_empty() {
        return Some(PolicyFix::ByHand(refused));
    }
    let applicability = match declaration.each {
        None => Applicability::Safe,
        Some(_) => Applicability::Suggested,
    };
    let settings: Vec<String> = fix.sets.iter().map(setting).collect();
    let title = format!("set {}", settings.join(", "));
    Some(PolicyFix::Edits(Fix { title, edits: fixer.edits, applicability }))
}

/// `versioning: true`
fn setting(set: &ProposedField) -> String {
    format!("{}: {}", set.path, set.value)
}

/// What to change in the source that a thing was imported from, or in a resource that a blueprint builds.
fn of_source(finding: &Finding, set: &ProposedField) -> Vec<HandChange> {
    let place = |own: &Option<Place>| own.clone().or_else(|| finding.location.clone()).map(Place::written);
    if set.changes.is_empty() {
        let what = format!("set {}", setting(set));
        return vec![HandChange { place: place(&None), what, why: String::new() }];
    }
    let changes = set.changes.iter().map(|change| HandChange {
        place: place(&change.location),
        what: match &change.of {
            Some(other) => format!("write {} in its {other}", change.text),
            None => format!("write {}", change.text),
        },
        why: String::new(),
    });
    changes.collect()
}

struct Fixer<'a> {
    host: &'a Host,
    model: &'a Model,
    declaration: &'a ResourceDeclaration,
    edits: Vec<Edit>,
}

impl Fixer<'_> {
    /// Adds the edits that set a field, or says what to do instead.
    fn set(&mut self, set: &ProposedField) -> Result<(), HandChange> {
        let Some(Segment::Name(field)) = set.segments.first() else {
            return Err(self.refused(set, &self.declaration.location, "it is no field"));
        };
        let own = self.declaration.fields.iter().find(|setting| setting.name == *field);
        let origins: Vec<&SettingOrigin> = own
            .iter()
            .flat_map(|setting| &setting.origins)
            .filter(|origin| is_about(origin, &set.segments[1..]))
            .filter(|origin| origin.role != OriginRole::Name)
            .collect();
        if let Some(change) = origins.iter().find_map(|origin| Some((origin, origin.change.as_ref()?))) {
            let why = format!("somebody set it on purpose, because \"{}\"", change.1.reason);
            return Err(self.refused(set, &change.0.location, &why));
        }
        let base = origins.iter().find_map(|origin| match &origin.role {
            OriginRole::Base(base) => Some(base),
            _ => None,
        });
        let (amended, body): (Vec<&SettingOrigin>, Vec<&SettingOrigin>) =
            origins.iter().partition(|origin| origin.role == OriginRole::Amend);
        match (base, amended.as_slice(), body.as_slice()) {
            (Some(base), ..) => {
                let place = self.model.resources.get(base).map_or(&self.declaration.location, |base| {
                    let setting = base.fields.iter().find(|setting| setting.name == *field);
                    setting.map_or(&base.location, |setting| &setting.location)
                });
                let why = format!("it is copied from {base}: change it there, or override it with a reason");
                Err(self.refused(set, place, &why))
            }
            (None, [amendment], []) => self.edit_at(set, &amendment.location, syntax::fields_around),
            (None, [amendment, ..], _) => {
                Err(self.refused(set, &amendment.location, "several places say what it is"))
            }
            (None, [], []) if self.declaration.instance.is_some() => self.set_built(set, field),
            (None, [], _) => self.edit_at(set, &self.declaration.location, syntax::own_fields),
        }
    }

    /// A field that a blueprint sets: by the argument that is given for it, or not at all.
    fn set_built(&mut self, set: &ProposedField, field: &str) -> Result<(), HandChange> {
        let Some(instance) = &self.declaration.instance else { return Ok(()) };
        let blueprint = self.model.blueprints.get(&instance.blueprint);
        let root = blueprint.and_then(|blueprint| blueprint.parts.first());
        let setting =
            root.and_then(|root| root.declaration.fields.iter().find(|setting| setting.name == field));
        let (Some(blueprint), Some(setting)) = (blueprint, setting) else {
            return self.edit_at(set, &self.declaration.location, syntax::own_fields);
        };
        let parameter = match &setting.value {
            Expr::Local(local) if set.segments.len() == 1 => {
                let position = local.0 as usize;
                blueprint.parameters.get(position).map(|parameter| (position, &parameter.name))
            }
            _ => None,
        };
        let Some((position, parameter)) = parameter else {
            let why = format!("the blueprint {} says so for all that it builds", blueprint.name);
            return Err(self.refused(set, &setting.location, &why));
        };
        match self.host.quote_argument(&self.declaration.name, parameter, position) {
            Some(argument) => self.edit_at(set, &argument.location, syntax::argument),
            None => {
                let mut change = self.refused(set, &self.declaration.location, "");
                change.what = format!("give `{parameter}: {}` to {}", set.value, blueprint.name);
                Err(change)
            }
        }
    }

    fn edit_at(
        &mut self,
        set: &ProposedField,
        location: &Location,
        target: fn(&SyntaxNode) -> Option<syntax::Target>,
    ) -> Result<(), HandChange> {
        let Some((file, node)) = self.node_at(location) else {
            return Err(self.refused(set, location, "it belongs to another package"));
        };
        let order = self.host.fields_of_kind(&self.declaration.kind);
        let edits = target(&node).and_then(|target| target.set(&set.segments, &set.value, &order));
        let Some(edits) = edits else {
            return Err(self.refused(set, location, "what is written there computes it"));
        };
        self.edits.extend(
            edits.into_iter().map(|edit| Edit { place: Span::new(file, edit.place), text: edit.text }),
        );
        Ok(())
    }

    /// What is written at a place of the workspace's own files.
    fn node_at(&self, location: &Location) -> Option<(FileId, SyntaxNode)> {
        if !self.host.own_files().contains(&location.file) {
            return None;
        }
        self.host.node_at(location)
    }

    fn refused(&self, set: &ProposedField, location: &Location, why: &str) -> HandChange {
        let place = Place {
            file: location.file.clone(),
            line: location.line,
            column: location.column,
            pointer: None,
            document: None,
            written: None,
        };
        HandChange { place: Some(place), what: format!("set {}", setting(set)), why: why.to_owned() }
    }
}

/// Whether it sets what is asked for, something around it, or a part of it.
fn is_about(origin: &SettingOrigin, wanted: &[Segment]) -> bool {
    origin.path.iter().zip(wanted).all(|(own, wanted)| match wanted {
        Segment::Name(name) => own == name,
        Segment::Index(_) => false,
    })
}

#[cfg(test)]
mod tests;
