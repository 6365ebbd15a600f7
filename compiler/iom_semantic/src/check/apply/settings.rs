//! The fields that an `apply` and a `group` share: what they say of the policies they name.

use iom_syntax::ast::{Body, Field, Member as BodyMember, Name};

use super::super::policy::{LAYERS, STAGES};
use super::target::Target;
use super::{ApplicationSettings, Member};
use crate::infer::Checker;

/// Settings of policies that whoever applies them may choose.
pub(super) const SHARED: &[&str] = &["mode", "severity", "owner", "at", "on"];

const FIELDS: &[&str] = &["mode", "severity", "owner", "at", "on", "only", "except"];

/// The names of the fields of a body.
pub(super) fn names(body: &Body) -> impl Iterator<Item = &Name> {
    body.members.iter().filter_map(|member| match member {
        BodyMember::Field(field) => field.path.first(),
        _ => None,
    })
}

impl ApplicationSettings {
    /// These settings, and where they say nothing those.
    pub(super) fn over(&self, weaker: &ApplicationSettings) -> ApplicationSettings {
        ApplicationSettings {
            mode: self.mode.clone().or_else(|| weaker.mode.clone()),
            severity: self.severity.or(weaker.severity),
            owner: self.owner.clone().or_else(|| weaker.owner.clone()),
            stages: self.stages.clone().or_else(|| weaker.stages.clone()),
            layers: self.layers.clone().or_else(|| weaker.layers.clone()),
        }
    }
}

impl<'db> Checker<'db> {
    /// The settings of an `apply`, and which of the policies it names are left. Without a target only mistakes are looked for.
    pub(super) fn application_body(
        &mut self,
        body: &Body,
        target: Option<&Target<'db>>,
    ) -> (ApplicationSettings, Vec<Member>) {
        self.only_fields(body, "an application");
        let mut settings = ApplicationSettings::default();
        let mut members = target.map(|target| target.members.clone()).unwrap_or_default();
        for (name, field) in self.settings(body, "application", FIELDS) {
            match (name.text.as_str(), target) {
                ("only" | "except", Some(target)) => {
                    members = self.picked(name, field, target, members);
                }
                ("only" | "except", None) => {}
                _ => self.shared_setting(&mut settings, name, field),
            }
        }
        (settings, members)
    }

    pub(super) fn shared_setting(&mut self, settings: &mut ApplicationSettings, name: &Name, field: &Field) {
        match name.text.as_str() {
            "mode" => settings.mode = self.mode(&field.value),
            "severity" => settings.severity = self.severity(field),
            "owner" => settings.owner = self.elements_setting(field).into_iter().next(),
            "at" => settings.stages = Some(self.words_setting(field, STAGES)),
            "on" => settings.layers = Some(self.words_setting(field, LAYERS)),
            _ => {}
        }
    }
}
