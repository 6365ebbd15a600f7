use std::collections::BTreeMap;
use std::sync::Arc;

use iom_model::{Claim, ExpectationKind, ExpectedVerdict, QualifiedName, Test};
use iom_state::document::Layer;
use iom_state::tape::{Strings, Symbol};
use smol_str::SmolStr;

use super::source::Unreadable;
use super::{ExpectationFailure, JudgedClause, ShownValue, TestOutcome, operand};
use crate::evaluate::{Evaluator, FUEL};
use crate::facts::{Estate, StateSource, instant_text};
use crate::judge::{Answer, GroupAtHand, Judgement, Options, Subject, SubjectFix, answers, is_off};
use crate::program::{Program, ResourceId};
use crate::report::{Decision, Fact, Finding, Report, Verdict};
use crate::value::{Causes, ElementId, Truth, Value};

/// Rounds of fixes: more clauses than this do not wait for one another.
const MAX_FIXES: usize = 16;

/// What is wrong with an expectation, before it has a place.
#[derive(Default)]
pub(super) struct Unmet {
    message: String,
    expected: Option<String>,
    found: Option<String>,
    values: Vec<ShownValue>,
    details: Vec<String>,
}

impl Unmet {
    fn new(message: impl Into<String>) -> Unmet {
        Unmet { message: message.into(), ..Unmet::default() }
    }

    fn after_fix(self) -> Unmet {
        Unmet { message: format!("after the fix {}", self.message), ..self }
    }
}

/// Puts what authority says where expectations read it.
fn tell(estate: &mut Estate, answers: &[Answer]) {
    for answer in answers {
        let approvers: Vec<Value> = answer.approvers.iter().map(|id| Value::Element(*id)).collect();
        let fields = [
            ("decision", estate.text(words_for(answer.decision))),
            ("cause", estate.text(answer.ground.name())),
            ("approver", approvers.first().cloned().unwrap_or_default()),
            ("approvers", Value::list(approvers)),
            ("message", estate.text(&answer.message)),
            (
                "decided_by",
                answer.decided_by.as_deref().map_or(Value::Absent, |name| estate.text(short(name))),
            ),
        ];
        for (name, value) in fields {
            if let Some(name) = estate.symbol(name) {
                estate.set_field(answer.change, name, value);
            }
        }
    }
}

fn judged_by_authority(answer: &Answer) -> impl Iterator<Item = JudgedClause> + '_ {
    answer.clauses.iter().map(|(authority, clause, truth)| JudgedClause {
        policy: authority.clone(),
        clause: *clause,
        // A clause that applies is one that is not let pass.
        verdict: match truth {
            Truth::True => Verdict::Fail,
            Truth::False => Verdict::Pass,
            Truth::Unknown(_) => Verdict::Unknown,
        },
    })
}

fn words_for(decision: Decision) -> &'static str {
    match decision {
        Decision::Admit => "admit",
        Decision::Escalate => "escalate",
        Decision::Block => "block",
    }
}

/// A test whose state cannot be read fails as a whole.
pub(super) fn unreadable(test: &Test, unreadable: &Unreadable) -> TestOutcome {
    let mut outcome = nothing_yet(test);
    outcome.failures.push(ExpectationFailure {
        location: unreadable.location.clone(),
        source: unreadable.what.into(),
        message: unreadable.message.clone(),
        expected: None,
        found: None,
        values: Vec::new(),
        details: Vec::new(),
    });
    outcome
}

fn too_large(test: &Test) -> ExpectationFailure {
    ExpectationFailure {
        location: test.location.clone(),
        source: SmolStr::default(),
        message: format!("more than {} resources are declared", crate::program::MOST_RESOURCES),
        expected: None,
        found: None,
        values: Vec::new(),
        details: Vec::new(),
    }
}

fn nothing_yet(test: &Test) -> TestOutcome {
    TestOutcome {
        title: test.title.clone(),
        module: test.module.clone(),
        location: test.location.clone(),
        failures: Vec::new(),
        judged: Vec::new(),
    }
}

pub(super) struct TestRun<'t> {
    program: &'t Arc<Program>,
    strings: &'t Arc<Strings>,
    position: u32,
    test: &'t Test,
    sources: &'t [StateSource],
    at: i64,
    pub(super) estate: Estate,
    /// What authority says of the changes.
    answers: Vec<Answer>,
    options: Options,
}

impl<'t> TestRun<'t> {
    pub(super) fn new(
        (program, strings): (&'t Arc<Program>, &'t Arc<Strings>),
        position: u32,
        test: &'t Test,
        sources: &'t [StateSource],
        at: i64,
    ) -> TestRun<'t> {
        let at = test.at.unwrap_or(at);
        let mut estate =
            Estate::build_for(program.clone(), strings.clone(), sources.to_vec(), at, Some(position), None);
        let answers = answers(&estate);
        tell(&mut estate, &answers);
        // The hash of the model says nothing here, and is not for nothing.
        let options = Options {
            with_passes: true,
            is_workspace: false,
            model_hash: Some(SmolStr::default()),
            ..Options::default()
        };
        TestRun { program, strings, position, test, sources, at, estate, answers, options }
    }

    /// The estate once more, with nothing read of it yet.
    fn build(&self) -> Estate {
        let (program, strings) = (self.program.clone(), self.strings.clone());
        Estate::build_for(program, strings, self.sources.to_vec(), self.at, Some(self.position), None)
    }

    pub(super) fn outcome(&self) -> TestOutcome {
        let mut outcome = nothing_yet(self.test);
        if self.estate.is_too_large {
            outcome.failures.push(too_large(self.test));
            return outcome;
        }
        let claimed: Vec<&QualifiedName> = self
            .test
            .expectations
            .iter()
            .filter_map(|expectation| match &expectation.kind {
                ExpectationKind::Verdict { claim, .. } => Some(&claim.policy),
                _ => None,
            })
            .collect();
        let is_claimed = |name: &QualifiedName| claimed.iter().any(|claimed| self.is_meant(claimed, name));
        let judgement = Judgement::of_policies(&self.estate, &self.options, &is_claimed);
        let report = judgement.report(&self.options);
        for (position, expectation) in self.test.expectations.iter().enumerate() {
            let unmet = match &expectation.kind {
                ExpectationKind::Verdict { claim, verdict, on, because, after_fix } => {
                    let wanted = Wanted { claim, verdict: *verdict, because: because.as_deref() };
                    let about = (on.as_ref(), *after_fix);
                    self.claimed(&judgement, &report, &wanted, about, &mut outcome.judged)
                }
                ExpectationKind::BreakGlass { name, is_open } => self.window(name, *is_open),
                ExpectationKind::Decision(expected) => self.decision(expected),
                ExpectationKind::Condition { .. } => self.condition(position),
            };
            if let Err(unmet) = unmet {
                outcome.failures.push(ExpectationFailure {
                    location: expectation.location.clone(),
                    source: expectation.source.clone(),
                    message: unmet.message,
                    expected: unmet.expected,
                    found: unmet.found,
                    values: unmet.values,
                    details: unmet.details,
                });
            }
        }
        outcome.judged.extend(self.answers.iter().flat_map(judged_by_authority));
        outcome.judged.sort();
        outcome.judged.dedup();
        outcome
    }

    pub(super) fn resource(&self, name: &QualifiedName) -> Option<ResourceId> {
        let own = self.program.tests[self.position as usize].given.get(name).copied();
        own.or_else(|| self.program.resource_named(name))
    }

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
    fn claimed(
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

    fn alone(&self, subjects: &[ElementId]) -> Vec<(Subject, Layer)> {
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
    fn note(
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

    fn verdict(
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
    fn is_meant(&self, claimed: &str, name: &QualifiedName) -> bool {
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

    /// Judges once more, with the subjects' fields set as the clauses that do not pass propose. What a first fix lets
    /// another clause find is fixed too.
    fn after_fix(
        &self,
        judgement: &Judgement<'_>,
        wanted: &Wanted<'_>,
        subjects: &[ElementId],
        judged: &mut Vec<JudgedClause>,
    ) -> Result<(), Unmet> {
        let claim = wanted.claim;
        let label = claim.label.as_deref();
        let propose = |judgement: &Judgement<'_>| {
            let fixes = subjects.iter().map(|id| (*id, judgement.fixes(&claim.policy, label, *id)));
            let fixes = fixes.flat_map(|(id, fixes)| fixes.into_iter().map(move |fix| (id, fix)));
            fixes.collect::<Vec<(ElementId, SubjectFix)>>()
        };
        let is_it = |name: &QualifiedName| self.is_meant(&claim.policy, name);
        let mut proposed = propose(judgement);
        if proposed.is_empty() {
            return Err(Unmet::new(format!("{} proposes no fix here", short(&claim.policy))));
        }
        let mut applied: BTreeMap<(ElementId, Symbol), SubjectFix> = BTreeMap::new();
        for _ in 0..MAX_FIXES {
            applied.extend(proposed.into_iter().map(|(id, fix)| ((id, fix.field), fix)));
            let mut fixed = self.build();
            for ((id, _), fix) in &applied {
                fixed.set_field(*id, fix.field, fix.value.clone());
            }
            let again = Judgement::of_policies(&fixed, &self.options, &is_it);
            let report = again.report(&self.options);
            let verdict = self.verdict(&again, &report, wanted, subjects);
            proposed = propose(&again);
            if verdict.is_ok() || proposed.is_empty() {
                self.note(&again, claim, &self.alone(subjects), judged);
                return verdict.map_err(Unmet::after_fix);
            }
        }
        Err(Unmet::new(format!(
            "the fixes of {} lead from one to the next without end",
            short(&claim.policy)
        )))
    }

    fn window(&self, name: &QualifiedName, is_open: bool) -> Result<(), Unmet> {
        let Some(window) = self.program.model.break_glass.get(name) else {
            return Err(Unmet::new("it was not understood"));
        };
        if window.is_open(self.at) == is_open {
            return Ok(());
        }
        let words = |is_open: bool| if is_open { "active" } else { "locked" };
        let (opened, until) = (instant_text(window.opened), instant_text(window.until));
        Err(Unmet {
            expected: Some(words(is_open).to_owned()),
            found: Some(words(!is_open).to_owned()),
            details: vec![format!(
                "it is open from {opened} until {until}, and now is {}",
                instant_text(self.at)
            )],
            ..Unmet::new(format!("{} is {}", short(name), words(!is_open)))
        })
    }

    /// An answer of authority in a sentence.
    fn told(&self, answer: &Answer) -> String {
        let name = |id: &ElementId| self.estate.short_name(*id);
        let approvers: Vec<&str> = answer.approvers.iter().map(name).collect();
        let to = if approvers.is_empty() { String::new() } else { format!(" to {}", approvers.join(", ")) };
        let (change, decision) = (name(&answer.change), words_for(answer.decision));
        format!("{change}: {decision}{to} ({}): {}", answer.ground.name(), answer.message)
    }

    fn decision(&self, expected: &str) -> Result<(), Unmet> {
        let model = &self.program.model;
        let applies = |name: &QualifiedName| model.policies.get(name).is_some_and(|policy| policy.is_applied);
        let options = Options { with_passes: false, ..self.options.clone() };
        let report = Judgement::of_policies(&self.estate, &options, &applies).report(&options);
        let answers = self.answers.iter().map(|answer| answer.decision);
        let decision = answers.fold(report.decision, Decision::max);
        let found = words_for(decision);
        if found == expected {
            return Ok(());
        }
        let decisive = report.findings.iter().filter(|finding| finding.decision == decision);
        let decisive = decisive.filter(|finding| finding.decision != Decision::Admit);
        Err(Unmet {
            expected: Some(expected.to_owned()),
            found: Some(found.to_owned()),
            details: decisive
                .map(|finding| format!("{}: {}", short(&finding.policy), finding.message))
                .chain(self.answers.iter().filter(|one| one.decision == decision).map(|one| self.told(one)))
                .collect(),
            ..Unmet::new(format!("the decision is {found}"))
        })
    }

    fn condition(&self, position: usize) -> Result<(), Unmet> {
        let ExpectationKind::Condition { compared, operands, .. } = &self.test.expectations[position].kind
        else {
            return Ok(());
        };
        let conditions = &self.program.tests[self.position as usize].conditions;
        let Some(code) = conditions.get(position).and_then(Option::as_ref) else {
            return Err(Unmet::new("it was not understood"));
        };
        let layer = self.estate.layers().first().copied().unwrap_or(Layer::Intended);
        let mut evaluator = Evaluator::new(&self.estate, layer);
        evaluator.run(code.locals, |evaluator| {
            let truth = evaluator.truth(&code.value);
            let is_exhausted = evaluator.is_exhausted();
            let message = match if is_exhausted { Truth::Unknown(Causes::INVALID) } else { truth } {
                Truth::True => return Ok(()),
                Truth::False => "it is false".to_owned(),
                Truth::Unknown(causes) => {
                    let causes: Vec<&str> = causes.names().collect();
                    format!("it is unknown ({})", causes.join(", "))
                }
            };
            evaluator.refuel();
            let sides = compared.as_ref().and_then(|compared| operand::sides(evaluator, code, compared));
            let (expected, found) = sides.unzip();
            let values = operand::values(evaluator, code, operands);
            // What authority said of the changes that the expectation names.
            let source = &self.test.expectations[position].source;
            let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
            let words: Vec<&str> = source.split(|c| !is_word(c)).collect();
            let is_named = |one: &&Answer| words.contains(&self.estate.short_name(one.change));
            let mut details: Vec<String> =
                self.answers.iter().filter(is_named).map(|one| self.told(one)).collect();
            details.extend(self.estate.expensive());
            if is_exhausted {
                details.push(format!("evaluating it takes more than {FUEL} steps"));
            }
            Err(Unmet { message, expected, found, values, details })
        })
    }
}

/// One expected verdict.
pub(super) struct Wanted<'t> {
    pub(super) claim: &'t Claim,
    verdict: ExpectedVerdict,
    because: Option<&'t str>,
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

fn short(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
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
