//! `only` and `except`: some of the policies of a group or a module.

use iom_diagnostics::nearest;
use iom_syntax::ast::{self, Field, Name};
use smol_str::SmolStr;

use super::target::{Named, Target};
use super::{Member, group_members};
use crate::infer::Checker;
use crate::messages;
use crate::names::{Target as NameTarget, resolve};

impl<'db> Checker<'db> {
    /// The members that `only` keeps or `except` leaves.
    pub(super) fn picked(
        &mut self,
        name: &Name,
        field: &Field,
        target: &Target<'db>,
        members: Vec<Member>,
    ) -> Vec<Member> {
        if let Named::Policy(_) = target.named {
            self.report(messages::nothing_to_pick(self.place(name.id), &name.text));
            return members;
        }
        let mut named: Vec<SmolStr> = Vec::new();
        for item in self.list_items(field) {
            named.extend(self.picked_policies(item, target));
        }
        let keeps_named = name.text == "only";
        members.into_iter().filter(|member| named.contains(&member.policy) == keeps_named).collect()
    }

    /// The policies that one entry of the list means: itself, or those of a group. All must be members.
    fn picked_policies(&mut self, expr: &ast::Expr, target: &Target<'db>) -> Vec<SmolStr> {
        let Some(segments) = self.name_of_policy(expr) else { return Vec::new() };
        let names: Vec<SmolStr> = segments.iter().map(|(name, _)| name.clone()).collect();
        let is_member = |policy: &SmolStr| target.members.iter().any(|member| member.policy == *policy);
        // Inside the list of a group its members' own names are enough.
        if let [(single, _)] = segments.as_slice() {
            let mut ending = target.members.iter().map(|member| &member.policy).filter(|policy| {
                policy.strip_suffix(single.as_str()).is_some_and(|module| module.ends_with('.'))
            });
            if let Some(found) = ending.next()
                && ending.all(|other| other == found)
            {
                return vec![found.clone()];
            }
        }
        let found = resolve(self.db, self.scope, &names).filter(|found| found.used == names.len());
        let policies: Vec<SmolStr> = match found.as_ref().map(|found| found.target) {
            Some(NameTarget::Item(item)) if item.keyword(self.db) == "policy" => {
                vec![item.qualified_name(self.db)]
            }
            Some(NameTarget::Item(item)) if item.keyword(self.db) == "group" => {
                group_members(self.db, item).members.iter().map(|member| member.policy.clone()).collect()
            }
            _ => Vec::new(),
        };
        if !policies.is_empty() && policies.iter().all(is_member) {
            return policies;
        }
        if found.is_none()
            && let Some((name, node)) = segments.first()
            && self.is_ambiguous(name, *node)
        {
            return Vec::new();
        }
        let last = segments.last().map_or(expr.id, |(_, node)| *node);
        let known: Vec<SmolStr> = target.members.iter().map(|member| short(&member.policy)).collect();
        let written = names.last().cloned().unwrap_or_default();
        let near = nearest(&written, known.iter().map(SmolStr::as_str));
        self.report(messages::not_in_group(self.place(last), &written, &target.name, near, &known));
        Vec::new()
    }
}

fn short(name: &str) -> SmolStr {
    name.rsplit('.').next().unwrap_or(name).into()
}
