use iom_model::{Duration, Exception};
use iom_syntax::ast::{Body, Name};

use super::Lowered;
use super::apply::group_members;
use super::unplaced;
use crate::infer::Checker;
use crate::items::Item;
use crate::messages;
use crate::names::definition_of;
use crate::signatures::max_exception;

const FIELDS: &[&str] =
    &["title", "policy", "target", "reason", "approved_by", "opened", "expires", "compensating", "ticket"];

impl<'db> Checker<'db> {
    /// The longest exception that a policy, or every policy of a group, allows, and which one says so.
    fn longest_exception(&self, item: Item<'db>) -> Option<(Duration, Item<'db>)> {
        if item.keyword(self.db) != "group" {
            return max_exception(self.db, item).map(|most| (most, item));
        }
        let members = group_members(self.db, item).members.iter();
        let policies = members.filter_map(|member| definition_of(self.db, &member.policy));
        let limits = policies.filter_map(|policy| max_exception(self.db, policy).map(|most| (most, policy)));
        limits.min_by_key(|(most, _)| most.comparable())
    }

    pub(super) fn check_exception(&mut self, name: &Name, body: &Body) -> Lowered {
        self.only_fields(body, "an exception");
        let found = self.settings(body, "exception", FIELDS);
        self.require_settings(
            name.id,
            "exception",
            body,
            &["policy", "target", "reason", "approved_by", "opened", "expires"],
        );
        let (mut claim, mut target, mut reason) = (None, None, None);
        let (mut opened, mut expires) = (None, None);
        let (mut approved_by, mut compensating) = (Vec::new(), Vec::new());
        let mut expires_node = name.id;
        for (name, field) in found {
            match name.text.as_str() {
                "policy" => claim = self.plain_value(field).and_then(|expr| self.claim(expr)),
                "target" => target = self.plain_value(field).and_then(|expr| self.selection(expr)),
                "reason" | "title" | "ticket" => {
                    let text = self.text_setting(field);
                    if name.text == "reason" {
                        if text.as_deref().is_some_and(|text| text.trim().is_empty()) {
                            self.report(messages::bad_exception(
                                self.place(field.value.id),
                                "the reason is empty",
                                "say why the policy does not hold here: an auditor will read it",
                            ));
                        }
                        reason = text;
                    }
                }
                "approved_by" => {
                    approved_by = self.elements_setting(field);
                }
                "opened" => opened = self.plain_value(field).and_then(|expr| self.instant_setting(expr)),
                "expires" => {
                    expires_node = field.value.id;
                    expires = self.plain_value(field).and_then(|expr| self.instant_setting(expr));
                }
                "compensating" => compensating = self.policies_setting(field),
                _ => {}
            }
        }
        let (Some((claim, policy)), Some(target), Some(opened), Some(expires)) =
            (claim, target, opened, expires)
        else {
            return Lowered::Nothing;
        };
        if expires <= opened {
            self.report(messages::bad_exception(
                self.place(expires_node),
                "this exception ends before it begins",
                "an exception holds from `opened` up to, and without, `expires`",
            ));
        } else if let Some((most, policy)) = self.longest_exception(policy) {
            let lasts = Duration { months: 0, milliseconds: (expires - opened).saturating_mul(1000) };
            if lasts.comparable() > most.comparable() {
                let place = self.place(expires_node);
                self.report(messages::exception_too_long(
                    place,
                    &lasts.to_string(),
                    &most.to_string(),
                    self.name_place(policy),
                ));
            }
        }
        Lowered::Exception(Box::new(Exception {
            name: self.item.qualified_name(self.db),
            location: unplaced(name.id),
            policy: claim.policy,
            label: claim.label,
            target,
            reason: reason.unwrap_or_default(),
            approved_by,
            opened,
            expires,
            compensating: compensating.into_iter().map(|claim| claim.policy).collect(),
        }))
    }
}
