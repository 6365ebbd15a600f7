use iom_diagnostics::nearest;
use iom_model::{Claim, Duration, Evidence, QualifiedName, Selection, Type};
use iom_syntax::ast::{Body, ExprKind, Field, Name, TailKind};
use smol_str::SmolStr;

use super::apply::is_applied;
use super::{Lowered, unplaced};
use crate::infer::Checker;
use crate::messages;
use crate::types::element_fields;

const FIELDS: &[&str] = &[
    "title",
    "satisfies",
    "claims",
    "population",
    "collect",
    "every",
    "fresh",
    "retain",
    "attest",
    "prohibited",
    "description",
];

impl<'db> Checker<'db> {
    pub(super) fn check_evidence(&mut self, name: &Name, body: &Body) -> Lowered {
        self.only_fields(body, "an evidence requirement");
        let found = self.settings(body, "evidence requirement", FIELDS);
        self.require_settings(name.id, "evidence", body, &["satisfies", "claims", "population"]);
        let mut evidence = Evidence {
            name: self.item.qualified_name(self.db),
            location: unplaced(name.id),
            title: None,
            satisfies: Vec::new(),
            claims: Vec::new(),
            population: Selection::These(Vec::new()),
            collect: Vec::new(),
            every: None,
            fresh: None,
            retain: None,
            attest: None,
        };
        let mut collect: Option<&Field> = None;
        for (name, field) in found {
            match name.text.as_str() {
                "title" => evidence.title = self.text_setting(field),
                "satisfies" => evidence.satisfies = self.controls_setting(field),
                "claims" => evidence.claims = self.claims(field),
                "population" => {
                    if let Some(population) = self.plain_value(field).and_then(|expr| self.selection(expr)) {
                        evidence.population = population;
                    }
                }
                "collect" => collect = Some(field),
                "every" => {
                    evidence.every = self.plain_value(field).and_then(|expr| self.duration_setting(expr))
                }
                "fresh" => {
                    evidence.fresh = self.plain_value(field).and_then(|expr| self.duration_setting(expr))
                }
                "retain" => {
                    evidence.retain = self.plain_value(field).and_then(|expr| self.duration_setting(expr))
                }
                "attest" => evidence.attest = self.attestation(field),
                _ => {}
            }
        }
        if let Some(field) = collect {
            evidence.collect = self.collected(field, &evidence.population);
        }
        self.check_cadence(name, &evidence);
        Lowered::Evidence(Box::new(evidence))
    }

    /// The policies that prove it; one that is never judged proves nothing.
    fn claims(&mut self, field: &Field) -> Vec<Claim> {
        let mut claims = Vec::new();
        for item in self.list_items(field) {
            let Some((claim, policy)) = self.claim(item) else { continue };
            if !is_applied(self.db, policy) {
                let declared = self.name_place(policy);
                self.report(messages::unapplied_claim(self.place(item.id), &claim.policy, declared));
            }
            claims.push(claim);
        }
        claims
    }

    /// `compliance_lead every 90d`
    fn attestation(&mut self, field: &Field) -> Option<(QualifiedName, Option<Duration>)> {
        let who = self.head(field).and_then(|expr| self.element(expr));
        let mut every = None;
        for tail in &field.value.tails {
            match &tail.kind {
                TailKind::Every(expr) => every = self.duration_setting(expr),
                _ => self.report(messages::tail_not_taken(self.place(tail.id))),
            }
        }
        who.map(|who| (who, every))
    }

    /// Field names of the population; secret ones are never collected.
    fn collected(&mut self, field: &Field, population: &Selection) -> Vec<SmolStr> {
        let Selection::Where { population, .. } = population else { return Vec::new() };
        let known = element_fields(self.db, population);
        let mut names = Vec::new();
        for item in self.list_items(field) {
            let ExprKind::Name(name) = &item.kind else {
                if !matches!(item.kind, ExprKind::Missing) {
                    self.report(messages::wanted_value(
                        self.place(item.id),
                        "a field's name",
                        "`encryption`",
                    ));
                }
                continue;
            };
            let owner = Type::Element(population.clone());
            self.note_declared(item.id, || self.place_of_field(&owner, name));
            self.note_words(item.id, name, &known.iter().map(|one| one.name.as_str()).collect::<Vec<_>>());
            match known.iter().find(|field| field.name == *name) {
                Some(field) if matches!(field.ty.required(), Type::Secret(_)) => {
                    self.report(messages::secret_used(self.place(item.id), "collected as evidence"));
                }
                Some(_) => names.push(name.clone()),
                None => {
                    let all: Vec<SmolStr> = known.iter().map(|field| field.name.clone()).collect();
                    let near = nearest(name, all.iter().map(|name| name.as_str()));
                    let owner = Type::Element(population.clone());
                    self.report(messages::unknown_field(self.place(item.id), name, &owner, near, &all, None));
                }
            }
        }
        names
    }

    fn check_cadence(&mut self, name: &Name, evidence: &Evidence) {
        if let (Some(every), Some(fresh)) = (evidence.every, evidence.fresh)
            && fresh.comparable() < every.comparable()
        {
            self.report(messages::bad_evidence(
                self.place(name.id),
                &format!("evidence collected every {every} and fresh for {fresh} is stale most of the time"),
                "let `fresh` be at least as long as `every`",
            ));
        }
    }
}
