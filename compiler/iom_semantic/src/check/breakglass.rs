use iom_model::scalar::instant;
use iom_model::{BreakGlass, Duration, Expr, Nominal, QualifiedName, Type};
use iom_syntax::ast::{self, Body, Field, Name, NodeId, TailKind};

use super::{Lowered, unplaced};
use crate::infer::Checker;
use crate::messages;

const FIELDS: &[&str] = &["title", "identity", "scope", "opened", "max", "reason", "review", "ticket"];
const REQUIRED: &[&str] = &["identity", "scope", "opened", "max", "reason", "review"];

/// What lasts longer is no emergency any more.
const LONGEST: Duration = Duration { months: 0, milliseconds: 24 * 3_600_000 };
const NOTHING: Duration = Duration { months: 0, milliseconds: 0 };

impl<'db> Checker<'db> {
    pub(super) fn check_breakglass(&mut self, name: &Name, body: &Body) -> Lowered {
        self.only_fields(body, "a breakglass");
        let found = self.settings(body, "breakglass", FIELDS);
        self.require_settings(name.id, "breakglass", body, REQUIRED);
        let (mut identity, mut scope, mut opened, mut max) = (None, None, None, None);
        let (mut reason, mut review) = (None, None);
        for (name, field) in found {
            match name.text.as_str() {
                "identity" => {
                    identity = self.plain_value(field).and_then(|expr| self.one(expr, "std.prelude.Actor"));
                }
                "scope" => scope = self.plain_value(field).and_then(|expr| self.selection(expr)),
                "opened" => opened = self.plain_value(field).and_then(|expr| self.instant_setting(expr)),
                "max" => max = self.longest(field),
                "reason" => {
                    reason = self.text_setting(field);
                    if reason.as_deref().is_some_and(|text| text.trim().is_empty()) {
                        self.report(messages::bad_breakglass(
                            self.place(field.value.id),
                            "the reason is empty",
                            "name the incident: whoever reviews it will look for it",
                        ));
                    }
                }
                "review" => review = self.review(field).map(|review| (review, field.value.id)),
                _ => drop(self.text_setting(field)),
            }
        }
        if let (Some(identity), Some(((reviewer, _), node))) = (&identity, &review)
            && identity == reviewer
        {
            self.report(messages::bad_breakglass(
                self.place(*node),
                "whoever breaks the glass cannot review it",
                "name somebody else",
            ));
        }
        let (Some(identity), Some(scope), Some(opened), Some(max), Some(((reviewer, due), _))) =
            (identity, scope, opened, max, review)
        else {
            return Lowered::Nothing;
        };
        Lowered::BreakGlass(Box::new(BreakGlass {
            name: self.item.qualified_name(self.db),
            location: unplaced(name.id),
            identity,
            scope,
            opened,
            until: instant::add(opened, max).unwrap_or(opened),
            max,
            reason: reason.unwrap_or_default(),
            reviewer,
            due,
        }))
    }

    /// A declared element that has a trait.
    fn one(&mut self, expr: &ast::Expr, wanted: &str) -> Option<QualifiedName> {
        match self.check(expr, &Type::Element(Nominal::Trait(wanted.into()))) {
            Expr::Resource(name) => Some(name),
            Expr::Error => None,
            _ => {
                self.report(messages::wanted_value(self.place(expr.id), "a declared person", "`alice`"));
                None
            }
        }
    }

    fn longest(&mut self, field: &Field) -> Option<Duration> {
        let max = self.plain_value(field).and_then(|expr| self.duration_setting(expr))?;
        self.positive(max, field.value.id)?;
        if max.comparable() > LONGEST.comparable() {
            let message = format!("a window of {max} is no emergency: the longest is {LONGEST}");
            let help = "if the incident lasts, open another one: each gets its own review";
            self.report(messages::bad_breakglass(self.place(field.value.id), &message, help));
            return None;
        }
        Some(max)
    }

    fn positive(&mut self, duration: Duration, node: NodeId) -> Option<()> {
        if duration.comparable() > NOTHING.comparable() {
            return Some(());
        }
        self.report(messages::bad_breakglass(
            self.place(node),
            "this lasts no time at all",
            "write a duration, for example `4h`",
        ));
        None
    }

    /// `sre_lead due 3d`
    fn review(&mut self, field: &Field) -> Option<(QualifiedName, Duration)> {
        let who = self.head(field).and_then(|expr| self.one(expr, "std.prelude.Approver"));
        let mut due = None;
        for tail in &field.value.tails {
            match &tail.kind {
                TailKind::Due(expr) => {
                    due = Some(self.duration_setting(expr));
                    if let Some(Some(due)) = due {
                        self.positive(due, expr.id);
                    }
                }
                _ => self.report(messages::tail_not_taken(self.place(tail.id))),
            }
        }
        if due.is_none() && who.is_some() {
            self.report(messages::bad_breakglass(
                self.place(field.value.id),
                "nothing says when the review is due",
                "write `review: sre_lead due 3d`",
            ));
        }
        who.zip(due.flatten())
    }
}
