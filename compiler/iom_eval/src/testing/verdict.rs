//! Expectations about the verdict of a policy.

use iom_model::{Claim, ExpectedVerdict, QualifiedName};
use iom_state::document::Layer;

use super::run::TestRun;
use super::unmet::{Unmet, short};
use super::{JudgedClause, ShownValue};
use crate::facts::instant_text;
use crate::judge::{GroupAtHand, Judgement, Subject, is_off};
use crate::report::{Fact, Finding, Report, Verdict};
use crate::value::ElementId;

/// One expected verdict.
pub(super) struct Wanted<'t> {
    pub(super) claim: &'t Claim,
    pub(super) verdict: ExpectedVerdict,
    pub(super) because: Option<&'t str>,
}

impl Wanted<'_> {
    fn found(&self) -> Verdict {
        match self.verdict {
            ExpectedVerdict::Passes => Verdict::Pass,
            ExpectedVerdict::Fails => Verdict::Fail,
            ExpectedVerdict::Unknown => Verdict::Unknown,
            ExpectedVerdict::Excepted => Verdict::Excepted,
            ExpectedVerdict::NotApplicable => Verdict::NotApplicable,
        }
    }
}

impl TestRun<'_> {
    /// The groups that an expectation is about, where the policy is about groups.
    pub(super) fn named_groups(
        &self,
        judgement: &Judgement<'_>,
        claim: &Claim,
        on: Option<&QualifiedName>,
    ) -> Vec<GroupAtHand> {
        let groups = judgement.groups(&claim.policy);
        match on {
            Some(name) => self.meant(groups, name),
            None => groups,
        }
    }

    /// One expectation of a verdict.
    pub(super) fn claimed(
        &self,
        judgement: &Judgement<'_>,
        report: &Report,
        wanted: &Wanted<'_>,
        (on, after_fix): (Option<&QualifiedName>, bool),
        judged: &mut Vec<JudgedClause>,
    ) -> Result<(), Unmet> {
        let groups = self.named_groups(judgement, wanted.claim, on);
        for group in &groups {
            self.note(judgement, wanted.claim, &[(group.subject.clone(), group.layer)], judged);
            self.of_group(judgement, report, wanted, group)?;
        }
        // Without a name it is about everything, and a policy may be about groups and about elements.
        let is_about_elements = !judgement.subjects(&wanted.claim.policy).is_empty();
        let is_done = !groups.is_empty() && (on.is_some() || !is_about_elements);
        if is_done {
            return Ok(());
        }
        let subjects = self.subjects(judgement, wanted.claim, on)?;
        self.note(judgement, wanted.claim, &self.alone(&subjects), judged);
        if after_fix {
            self.after_fix(judgement, wanted, &subjects, judged)
        } else {
            self.verdict(judgement, report, wanted, &subjects)
        }
    }

    pub(super) fn alone(&self, subjects: &[ElementId]) -> Vec<(Subject, Layer)> {
        subjects.iter().map(|id| (Subject::Element(*id), self.estate.layer_of(*id))).collect()
    }

    /// The elements that an expectation is about.
    fn subjects(
        &self,
        judgement: &Judgement<'_>,
        claim: &Claim,
        on: Option<&QualifiedName>,
    ) -> Result<Vec<ElementId>, Unmet> {
        let Some(name) = on else {
            let subjects = judgement.subjects(&claim.policy);
            if subjects.is_empty() {
                return Err(Unmet::new(format!("{} judges nothing here", short(&claim.policy))));
            }
            return Ok(subjects);
        };
        if let Some(resource) = self.resource(name) {
            return Ok(self.estate.declared(resource).to_vec());
        }
        let all = (0..self.estate.elements.len() as u32).map(ElementId);
        let found: Vec<ElementId> = all.filter(|id| self.estate.address(*id) == name.as_str()).collect();
        if found.is_empty() {
            let mut unmet = Unmet::new(format!("nothing here has the address \"{name}\""));
            let mut known: Vec<&str> =
                judgement.subjects(&claim.policy).into_iter().map(|id| self.estate.address(id)).collect();
            known.sort_unstable();
            known.dedup();
            if !known.is_empty() {
                unmet.details.push(format!("{} judges {}", short(&claim.policy), known.join(", ")));
            }
            return Err(unmet);
        }
        Ok(found)
    }

    /// Remembers what became of the clauses that an expectation is about.
    pub(super) fn note(
        &self,
        judgement: &Judgement<'_>,
        claim: &Claim,
        subjects: &[(Subject, Layer)],
        judged: &mut Vec<JudgedClause>,
    ) {
        let codes = self.program.policies.iter();
        for code in codes.filter(|code| self.program.means(&claim.policy, code)) {
            let states = subjects
                .iter()
                .flat_map(|(subject, layer)| judgement.clauses_of(&code.name, subject, *layer));
            for (clause, state) in states {
                let own = code.clauses.iter().find(|one| one.clause == clause);
                if claim.label.is_none() || own.is_some_and(|own| own.label == claim.label) {
                    judged.push(JudgedClause { policy: code.name.clone(), clause, verdict: state.into() });
                }
            }
        }
    }

    pub(super) fn verdict(
        &self,
        judgement: &Judgement<'_>,
        report: &Report,
        wanted: &Wanted<'_>,
        subjects: &[ElementId],
    ) -> Result<(), Unmet> {
        for subject in subjects {
            let findings: Vec<&Finding> = report
                .findings
                .iter()
                .map(|one| &**one)
                .filter(|one| self.is_about(one, wanted.claim, *subject))
                .collect();
            let is_applicable = judgement.applies(&wanted.claim.policy, *subject);
            let facts = || judgement.facts_of(&wanted.claim.policy, wanted.claim.label.as_deref(), *subject);
            self.compare(wanted, self.estate.short_name(*subject), &findings, is_applicable, &facts)?;
        }
        Ok(())
    }

    /// Whether a claimed name means a policy of the model.
    pub(super) fn is_meant(&self, claimed: &str, name: &QualifiedName) -> bool {
        let model = &self.program.model;
        model.policies.get(name).is_some_and(|policy| model.means(claimed, policy))
    }

    pub(super) fn is_claimed(&self, finding: &Finding, claim: &Claim) -> bool {
        let groups = &self.program.model.groups;
        let is_grouped =
            || groups.get(&claim.policy).is_some_and(|group| group.policies.contains(&finding.policy));
        (finding.policy == claim.policy || is_grouped())
            && (claim.label.is_none() || finding.label == claim.label)
    }

    fn is_about(&self, finding: &Finding, claim: &Claim, subject: ElementId) -> bool {
        self.is_claimed(finding, claim) && finding.resource.address == self.estate.address(subject)
    }

    /// Whether what was found of a subject is as expected. `read` gives the facts where no finding has any.
    pub(super) fn compare(
        &self,
        wanted: &Wanted<'_>,
        name: &str,
        findings: &[&Finding],
        is_applicable: bool,
        read: &dyn Fn() -> Vec<Fact>,
    ) -> Result<(), Unmet> {
        let claim = wanted.claim;
        let found = match findings.iter().map(|finding| finding.verdict).max() {
            _ if !is_applicable => Verdict::NotApplicable,
            Some(worst) => worst,
            None => Verdict::Pass,
        };
        let decisive: Vec<&&Finding> = findings.iter().filter(|finding| finding.verdict == found).collect();
        let says = |finding: &&&Finding, because: &str| {
            let message = finding.message.contains(because);
            message || finding.witnesses.iter().any(|witness| witness.message.contains(because))
        };
        let is_as_expected = found == wanted.found();
        if is_as_expected
            && wanted.because.is_none_or(|because| decisive.iter().any(|finding| says(finding, because)))
        {
            return Ok(());
        }
        let (policy, verdict) = (short(&claim.policy), words(found));
        let mut unmet = match wanted.because {
            Some(because) if is_as_expected => {
                Unmet::new(format!("{policy} {verdict} on {name}, but no message has \"{because}\""))
            }
            _ => Unmet {
                expected: Some(words(wanted.found()).to_owned()),
                found: Some(verdict.to_owned()),
                ..Unmet::new(format!("{policy} {verdict} on {name}"))
            },
        };
        let mut facts: Vec<Fact> =
            decisive.iter().flat_map(|finding| finding.facts.iter().cloned()).collect();
        if facts.is_empty() && found != Verdict::NotApplicable {
            facts = read();
        }
        for fact in facts {
            let value = match &fact.unknown {
                Some(cause) => format!("unknown ({cause})"),
                None if fact.value.is_null() => "nothing".to_owned(),
                None => fact.value.to_string(),
            };
            let shown = ShownValue { source: fact.path, value };
            if !unmet.values.contains(&shown) {
                unmet.values.push(shown);
            }
        }
        let messages = decisive.iter().filter(|finding| finding.verdict != Verdict::Pass);
        unmet.details = messages.map(|finding| finding.message.to_string()).collect();
        unmet.details.dedup();
        let policy = self.program.model.policies.get(&claim.policy);
        if policy.is_some_and(|policy| is_off(policy, self.at)) {
            unmet.details.push(format!("its mode is `off` on {}", instant_text(self.at)));
        }
        Err(unmet)
    }
}

fn words(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "passes",
        Verdict::NotApplicable => "is not applicable",
        Verdict::Excepted => "is excepted",
        Verdict::Unknown => "is unknown",
        Verdict::Fail => "fails",
    }
}
