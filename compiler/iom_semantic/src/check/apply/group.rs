use std::sync::Arc;

use iom_model::Group;
use iom_syntax::ast::{Body, DeclarationKind, Name};
use smol_str::SmolStr;

use super::super::{Lowered, unplaced};
use super::settings::SHARED;
use super::{ApplicationSettings, Member, Members};
use crate::db::Db;
use crate::infer::Checker;
use crate::items::{Item, declaration};
use crate::messages;

const FIELDS: &[&str] =
    &["title", "description", "policies", "aliases", "covers", "mode", "severity", "owner", "at", "on"];

/// The policies of a group, also through other groups. A group that contains itself has none.
#[salsa::tracked(cycle_result = group_cycle)]
pub(crate) fn group_members<'db>(db: &'db dyn Db, item: Item<'db>) -> Arc<Members> {
    let declaration = declaration(db, item);
    let DeclarationKind::Group { body, .. } = &declaration.kind else { return Arc::default() };
    let mut checker = Checker::new(db, item);
    checker.types = Some(Vec::new());
    let members = checker.members_of_group(body);
    Arc::new(Members { diagnostics: checker.diagnostics, members, types: checker.types.unwrap_or_default() })
}

fn group_cycle<'db>(_: &'db dyn Db, _: salsa::Id, _: Item<'db>) -> Arc<Members> {
    Arc::default()
}

impl<'db> Checker<'db> {
    pub(in crate::check) fn check_group(&mut self, name: &Name, body: &Body) -> Lowered {
        if self.is_looked_at() {
            self.silently(|checker| checker.members_of_group(body));
        }
        let found = group_members(self.db, self.item).clone();
        self.diagnostics.extend(found.diagnostics.iter().cloned());
        found.types.iter().for_each(|(node, ty)| self.note_type(*node, ty));
        self.only_fields(body, "a group");
        let fields = self.settings(body, "group", FIELDS);
        self.require_settings(name.id, "group", body, &["policies"]);
        let mut group = Group {
            name: self.item.qualified_name(self.db),
            location: unplaced(name.id),
            title: None,
            policies: found.members.iter().map(|member| member.policy.clone()).collect(),
            aliases: Vec::new(),
            covers: Vec::new(),
            owner: None,
        };
        group.policies.sort();
        group.policies.dedup();
        for (name, field) in fields {
            match name.text.as_str() {
                "title" => group.title = self.text_setting(field),
                "description" => drop(self.text_setting(field)),
                "aliases" => {
                    group.aliases = self.plain_value(field).map_or_else(Vec::new, |list| self.texts(list));
                }
                "covers" => group.covers = self.controls_setting(field),
                // Its mistakes have been found with the members.
                "owner" => {
                    group.owner = self.silently(|checker| checker.elements_setting(field)).into_iter().next();
                }
                _ => {}
            }
        }
        Lowered::Group(Box::new(group))
    }

    fn members_of_group(&mut self, body: &Body) -> Vec<Member> {
        let mut settings = ApplicationSettings::default();
        let mut members: Vec<Member> = Vec::new();
        // Unknown and doubled fields are reported once, by the check of the group as a whole.
        for (name, field) in self.silently(|checker| checker.settings(body, "group", FIELDS)) {
            if name.text == "policies" {
                for entry in self.list_items(field) {
                    let target = self.application_target(entry);
                    for member in target.into_iter().flat_map(|target| target.members) {
                        self.add_member(&mut members, member);
                    }
                }
            } else if SHARED.contains(&name.text.as_str()) {
                self.shared_setting(&mut settings, name, field);
            }
        }
        for member in &mut members {
            member.settings = settings.over(&member.settings);
        }
        members
    }

    /// The same policy may come in twice, as long as both ways say the same of it.
    fn add_member(&mut self, members: &mut Vec<Member>, member: Member) {
        let same = |other: &&mut Member| other.policy == member.policy && other.text == member.text;
        let Some(first) = members.iter_mut().find(same) else {
            members.push(member);
            return;
        };
        let first_place = first.node;
        let is_doubled = first.reach == member.reach
            && (member.reach == super::Reach::Itself || first.settings != member.settings);
        if member.reach < first.reach {
            *first = member.clone();
        }
        if is_doubled {
            let first = self.place(first_place);
            let name: SmolStr = member.policy.clone();
            self.report(messages::member_twice(self.place(member.node), first, &name));
        }
    }
}
