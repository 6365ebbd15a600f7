use std::sync::Arc;

use iom_model::{Binder, Expr, FieldSetting, Nominal, OriginRole, SettingOrigin, Type};
use iom_syntax::ast::{self, Body as AstBody, Field, Member, ResourceValue};
use smol_str::SmolStr;

use super::copy::Copy;
use super::identity::naming_field;
use super::merge::{Body, Contribution, Fault, Merging, names_set};
use super::{Amendment, amendment};
use crate::check::{ELSEWHERE, ONLY_HERE};
use crate::db::Db;
use crate::infer::{Checker, Definitions, Entry, Inside, Overrides, Set};
use crate::items::{Item, Place};
use crate::messages;
use crate::names::{amendments_of, definition_of};
use crate::signatures::{NominalSignature, nominal_signature};

/// What a resource sets, for those that copy it: names and places, no values, so that a changed value re-checks no copy.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Settings {
    /// Made by a `for`.
    pub is_many: bool,
    pub fields: Vec<SetField>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SetField {
    pub name: SmolStr,
    pub place: Place,
    /// Where it is set part by part.
    pub parts: Option<Vec<SetField>>,
}

/// Nothing where the resource itself has a mistake that leaves it without meaning. Found out once more for the few that are
/// copied, so that all the others need not keep it.
#[salsa::tracked]
pub(crate) fn settings_of<'db>(db: &'db dyn Db, item: Item<'db>) -> Option<Arc<Settings>> {
    Checker::new(db, item).check_declaration(&mut Vec::new()).1
}

/// The fields of a kind as a resource sets them.
#[salsa::tracked]
fn fields_of_resource<'db>(db: &'db dyn Db, kind: Item<'db>) -> Arc<NominalSignature> {
    let signature = nominal_signature(db, kind);
    let Some(name) = naming_field(db, kind) else { return signature.clone() };
    let mut signature = NominalSignature::clone(signature);
    if let Some(field) = signature.fields.iter_mut().find(|field| field.name == *name) {
        field.has_default = true;
    }
    Arc::new(signature)
}

/// The values of a resource, put together from all that is written about it.
pub(in crate::check) struct Composed {
    pub kind: Nominal,
    pub each: Option<Binder>,
    pub fields: Vec<FieldSetting>,
    pub locals: u32,
    pub settings: Settings,
}

impl<'db> Checker<'db> {
    /// What a declaration of a resource comes to, with what it copies and how it is amended.
    pub(in crate::check) fn compose(
        &mut self,
        resource: &ast::Resource,
        kind: Nominal,
        copy: Option<Copy<'_>>,
        amendments: &[Arc<Amendment>],
    ) -> Composed {
        let inside = self.fields_of_resource(&kind);
        let ((each, numbered, levels), mut locals) = self.in_new_body(|checker| {
            let each = resource.each.as_ref().map(|binder| checker.bind_in(binder));
            let numbered = resource.each.as_ref().is_some_and(|binder| checker.is_number(&binder.name.text));
            let levels = checker.own_levels(resource, copy.as_ref(), &inside);
            (each, numbered, levels)
        });
        let mut merging = match &copy {
            Some(copy) => {
                let set = names_set(
                    levels
                        .iter()
                        .map(Vec::as_slice)
                        .chain(amendments.iter().map(|one| one.entries.as_slice())),
                );
                self.check_identity_is_new(resource, copy, &kind, &set);
                self.check_identity_varies(resource, each.as_ref(), &kind, &levels);
                Merging::inheriting(self.inherited(copy, &kind, &set), &copy.base)
            }
            None => Merging::default(),
        };
        locals = self.lay_levels(&mut merging, resource, levels, amendments, locals);
        let settings = Settings { is_many: resource.each.is_some(), fields: skeleton(&merging.entries) };
        self.default_name(resource, each.as_ref().map(|each| (each, numbered)), &kind, &mut merging);
        let place = self.place(resource.name.id);
        let built = self.build_fields(merging.entries, &inside, &place);
        let mut fields = Vec::with_capacity(built.len());
        fields.extend(
            built
                .into_iter()
                .map(|(name, value, place)| self.setting(name, value, &place, &merging.contributions)),
        );
        Composed { kind, each, fields, locals, settings }
    }

    /// The trees of the declaration's own bodies, in the order in which one is laid over the other.
    fn own_levels(
        &mut self,
        resource: &ast::Resource,
        copy: Option<&Copy<'_>>,
        inside: &Inside,
    ) -> Vec<Vec<Entry>> {
        let mut levels = Vec::new();
        match (&resource.value, copy) {
            (ResourceValue::Body(body), _) => {
                let fields = self.only_plain_fields(body, "a resource");
                levels.push(self.body_entries(fields, inside));
            }
            (ResourceValue::Expr(_), Some(copy)) => {
                levels.extend(copy.levels.iter().map(|fields| self.body_entries(*fields, inside)));
            }
            (ResourceValue::Expr(_), None) => {}
        }
        if levels.is_empty() {
            levels.push(Vec::new());
        }
        levels
    }

    pub(super) fn body_entries<'f>(
        &mut self,
        fields: impl IntoIterator<Item = &'f Field>,
        inside: &Inside,
    ) -> Vec<Entry> {
        let mut entries = Vec::new();
        self.set_fields(fields, inside, Overrides::Taken, &mut entries);
        entries
    }

    /// Lays what each `with` says over what is there, the amendments beside the last of them. `own`: the slots of the
    /// resource's own body; gives those of all bodies.
    pub(super) fn lay_levels(
        &mut self,
        merging: &mut Merging,
        resource: &ast::Resource,
        levels: Vec<Vec<Entry>>,
        amendments: &[Arc<Amendment>],
        own: u32,
    ) -> u32 {
        let bound = resource.each.as_ref().map_or(0, |each| 1 + u32::from(each.second.is_some()));
        let mut locals = own;
        let count = levels.len();
        for (position, entries) in levels.into_iter().enumerate() {
            let mut bodies = vec![Body { role: OriginRole::Body, entries }];
            if position + 1 == count {
                for one in amendments {
                    locals = locals.max(own + one.locals);
                    bodies.push(Body { role: OriginRole::Amend, entries: shifted(&one.entries, own) });
                }
            }
            merging.lay(bodies, own.saturating_sub(bound));
        }
        for fault in std::mem::take(&mut merging.faults) {
            self.report_fault(fault);
        }
        locals
    }

    /// The fields of a body that holds nothing else.
    pub(in crate::check) fn only_plain_fields<'a>(
        &mut self,
        body: &'a AstBody,
        owner: &str,
    ) -> Vec<&'a Field> {
        let mut fields: Vec<&Field> = Vec::with_capacity(body.members.len());
        for member in &body.members {
            match member {
                Member::Field(field) => fields.push(field),
                Member::Clause(clause) => {
                    let help = format!("{owner} holds fields only");
                    self.report(messages::misplaced(self.place(clause.id), "a clause", owner, &help));
                }
                Member::Declaration(inner) if !inner.keyword().is_empty() => {
                    self.misplaced_declaration(inner, owner);
                }
                _ => {}
            }
        }
        fields
    }

    /// What can be set in a resource of a kind. A single text that identifies it is its declared name where nothing else
    /// is said.
    pub(super) fn fields_of_resource(&self, kind: &Nominal) -> Inside {
        let definitions = match definition_of(self.db, kind.name()) {
            Some(item) => fields_of_resource(self.db, item).clone(),
            None => Arc::default(),
        };
        Inside::Fields { definitions: Definitions::Element(definitions), owner: Type::Element(kind.clone()) }
    }

    /// What every `amend` of the declaration at hand says.
    pub(in crate::check) fn amendments(&self) -> Vec<Arc<Amendment>> {
        if self.item.file(self.db).is_library(self.db) {
            return Vec::new();
        }
        let amending = amendments_of(self.db, self.item);
        // A second declaration of the name is a mistake, and nothing that is amended.
        if amending.is_empty()
            || definition_of(self.db, &self.item.qualified_name(self.db)) != Some(self.item)
        {
            return Vec::new();
        }
        amending.into_iter().map(|item| amendment(self.db, item).clone()).collect()
    }

    pub(super) fn report_fault(&mut self, fault: Fault) {
        self.report(match fault {
            Fault::NotOverridden { place, first, path, base } => {
                messages::not_overridden(place, first, &path, &base)
            }
            Fault::Disagree { place, other, path } => messages::settings_disagree(place, other, &path),
            Fault::OverridesDisagree { place, other, path } => {
                messages::overrides_disagree(place, other, &path)
            }
            Fault::SetAsAWhole { place, other, path } => messages::set_as_a_whole(place, other, &path),
            Fault::NothingToOverride { place, path } => messages::nothing_to_override(place, &path),
        });
    }

    /// A field with everything that had a say in it.
    pub(super) fn setting(
        &mut self,
        name: SmolStr,
        value: Expr,
        place: &Place,
        contributions: &[Contribution],
    ) -> FieldSetting {
        let mut location = self.location(place);
        let mut own = contributions.iter().filter(|one| one.path.first() == Some(&name));
        let is_only_here = |one: &Contribution| {
            one.path.len() == 1
                && one.role == OriginRole::Body
                && one.change.is_none()
                && one.place == *place
                && location.column != ELSEWHERE
        };
        let origins = if own.next().is_some_and(is_only_here) && own.next().is_none() {
            location.column = ONLY_HERE;
            Vec::new()
        } else {
            self.origins(&name, contributions)
        };
        FieldSetting { name, value, location, origins }
    }

    fn origins(&mut self, field: &str, contributions: &[Contribution]) -> Vec<SettingOrigin> {
        let own = contributions.iter().filter(|one| one.path.first().is_some_and(|name| name == field));
        // Kept for long, and never grows.
        let mut origins = Vec::with_capacity(own.clone().count());
        origins.extend(own.map(|one| SettingOrigin {
            path: one.path[1..].to_vec(),
            role: one.role.clone(),
            location: self.location(&one.place),
            change: one.change.clone(),
        }));
        origins
    }
}

pub(super) fn skeleton(entries: &[Entry]) -> Vec<SetField> {
    entries
        .iter()
        .map(|entry| SetField {
            name: entry.name.clone(),
            place: entry.place.clone(),
            parts: match &entry.set {
                Set::Parts(parts) => Some(skeleton(&parts.entries)),
                _ => None,
            },
        })
        .collect()
}

/// The entries for a frame whose first slots belong to somebody else.
fn shifted(entries: &[Entry], by: u32) -> Vec<Entry> {
    let mut entries = entries.to_vec();
    for entry in &mut entries {
        match &mut entry.set {
            Set::Value(value) => value.shift_locals(by),
            Set::Override(over) => over.value.shift_locals(by),
            Set::Parts(parts) => parts.entries = shifted(&parts.entries, by),
        }
    }
    entries
}
