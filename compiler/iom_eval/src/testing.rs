//! Runs tests of the language: what they give is judged, and what they expect is compared with what was found.

mod group;

use std::sync::Arc;

use iom_model::{Claim, ExpectationKind, ExpectedVerdict, Location, Model, QualifiedName, Test};
use iom_state::document::Layer;
use lasso::RodeoReader;
use smol_str::SmolStr;

use crate::evaluate::Evaluator;
use crate::facts::Estate;
use crate::judge::{Judgement, Options, SubjectFix};
use crate::program::{Program, ResourceId, Scope};
use crate::report::{Decision, Finding, Report, Verdict};
use crate::value::{ElementId, Truth};

/// What became of one test.
#[derive(Clone, PartialEq, Debug)]
pub struct TestOutcome {
    pub title: String,
    pub module: QualifiedName,
    pub location: Location,
    /// Empty where the test passes.
    pub failures: Vec<ExpectationFailure>,
    /// What the test judged, for coverage: policy, label or number of the clause, and the verdict.
    pub judged: Vec<(QualifiedName, SmolStr, Verdict)>,
}

/// An expectation that is not met.
#[derive(Clone, PartialEq, Debug)]
pub struct ExpectationFailure {
    pub location: Location,
    /// The expectation as written.
    pub source: SmolStr,
    /// What was found instead.
    pub message: String,
    /// Messages of the rules, and the values they read.
    pub details: Vec<String>,
}

impl TestOutcome {
    pub fn passed(&self) -> bool {
        self.failures.is_empty()
    }
}

/// Runs the tests whose title (or `module: title`) the filter takes; `at` is the instant of those that say none.
pub fn run_tests(model: &Arc<Model>, at: i64, filter: &dyn Fn(&Test) -> bool) -> Vec<TestOutcome> {
    let mut strings = iom_state::tape::Strings::default();
    let scope = Scope { with_tests: true, ..Scope::default() };
    let program = Arc::new(Program::compile(model.clone(), &scope, &Default::default(), &mut strings));
    let strings = Arc::new(strings.into_reader());
    let mut outcomes = Vec::new();
    for (position, test) in model.tests.iter().enumerate() {
        if filter(test) {
            outcomes.push(TestRun::new(&program, &strings, position as u32, test, at).outcome());
        }
    }
    outcomes
}

struct TestRun<'t> {
    program: &'t Arc<Program>,
    strings: &'t Arc<RodeoReader>,
    position: u32,
    test: &'t Test,
    at: i64,
    estate: Estate,
    options: Options,
}

impl<'t> TestRun<'t> {
    fn new(
        program: &'t Arc<Program>,
        strings: &'t Arc<RodeoReader>,
        position: u32,
        test: &'t Test,
        at: i64,
    ) -> TestRun<'t> {
        let at = test.at.unwrap_or(at);
        let estate = Estate::build_for(program.clone(), strings.clone(), Vec::new(), at, Some(position));
        // The hash of the model says nothing here, and is not for nothing.
        let options = Options {
            with_passes: true,
            is_workspace: false,
            model_hash: Some(SmolStr::default()),
            ..Options::default()
        };
        TestRun { program, strings, position, test, at, estate, options }
    }

    fn outcome(&self) -> TestOutcome {
        let mut outcome = TestOutcome {
            title: self.test.title.clone(),
            module: self.test.module.clone(),
            location: self.test.location.clone(),
            failures: Vec::new(),
            judged: Vec::new(),
        };
        let claimed: Vec<&QualifiedName> = self
            .test
            .expectations
            .iter()
            .filter_map(|expectation| match &expectation.kind {
                ExpectationKind::Verdict { claim, .. } => Some(&claim.policy),
                _ => None,
            })
            .collect();
        let judgement = Judgement::of_policies(&self.estate, &self.options, &|name| claimed.contains(&name));
        let report = judgement.report(&self.options);
        for finding in &report.findings {
            let clause = finding.label.clone().or_else(|| {
                finding
                    .clause
                    .as_ref()
                    .map(|clause| SmolStr::new(format!("{}:{}", clause.line, clause.column)))
            });
            outcome.judged.push((finding.policy.clone(), clause.unwrap_or_default(), finding.verdict));
        }
        outcome.judged.sort();
        outcome.judged.dedup();
        for (position, expectation) in self.test.expectations.iter().enumerate() {
            let failure = match &expectation.kind {
                ExpectationKind::Verdict { claim, verdict, on, because, after_fix } => {
                    let wanted = Wanted { claim, verdict: *verdict, because: because.as_deref() };
                    if *after_fix {
                        self.after_fix(&judgement, &wanted, on.as_ref())
                    } else {
                        self.verdict(&judgement, &report, &wanted, on.as_ref())
                    }
                }
                ExpectationKind::Decision(expected) => self.decision(expected),
                ExpectationKind::Condition { .. } => self.condition(position),
            };
            if let Some((message, details)) = failure {
                outcome.failures.push(ExpectationFailure {
                    location: expectation.location.clone(),
                    source: expectation.source.clone(),
                    message,
                    details,
                });
            }
        }
        outcome
    }

    fn resource(&self, name: &QualifiedName) -> Option<ResourceId> {
        let own = self.program.tests[self.position as usize].given.get(name).copied();
        own.or_else(|| self.program.resource_named(name))
    }

    fn verdict(
        &self,
        judgement: &Judgement<'_>,
        report: &Report,
        wanted: &Wanted<'_>,
        on: Option<&QualifiedName>,
    ) -> Option<(String, Vec<String>)> {
        match self.of_groups(judgement, report, wanted, on) {
            None => {}
            Some(None) if on.is_none() && !judgement.subjects(&wanted.claim.policy).is_empty() => {}
            Some(found) => return found,
        }
        let subjects: Vec<ElementId> = match on {
            Some(name) => {
                let id = self.resource(name)?;
                self.estate.declared(id).to_vec()
            }
            None => judgement.subjects(&wanted.claim.policy),
        };
        if subjects.is_empty() {
            return Some((format!("{} judges nothing here", short(&wanted.claim.policy)), Vec::new()));
        }
        subjects.into_iter().find_map(|subject| {
            let findings: Vec<&Finding> =
                report.findings.iter().filter(|one| self.is_about(one, wanted.claim, subject)).collect();
            let applies = judgement.applies(&wanted.claim.policy, subject);
            self.compare(wanted, self.estate.short_name(subject), &findings, applies)
        })
    }

    fn is_claimed(&self, finding: &Finding, claim: &Claim) -> bool {
        finding.policy == claim.policy && (claim.label.is_none() || finding.label == claim.label)
    }

    fn is_about(&self, finding: &Finding, claim: &Claim, subject: ElementId) -> bool {
        self.is_claimed(finding, claim) && finding.resource.address == self.estate.address(subject)
    }

    fn compare(
        &self,
        wanted: &Wanted<'_>,
        name: &str,
        findings: &[&Finding],
        applies: bool,
    ) -> Option<(String, Vec<String>)> {
        let found = match findings.iter().map(|finding| finding.verdict).max() {
            _ if !applies => Verdict::NotApplicable,
            Some(worst) => worst,
            None => Verdict::Pass,
        };
        let policy = short(&wanted.claim.policy);
        let decisive: Vec<&&Finding> = findings.iter().filter(|finding| finding.verdict == found).collect();
        let mut details = Vec::new();
        for finding in &decisive {
            details.push(finding.message.to_string());
            for fact in &finding.facts {
                let value = fact
                    .unknown
                    .as_ref()
                    .map_or_else(|| fact.value.to_string(), |cause| format!("unknown ({cause})"));
                details.push(format!("{} is {value}", fact.path));
            }
        }
        if found != wanted.found() {
            return Some((format!("{policy} {} on {name}", words(found)), details));
        }
        let because = wanted.because?;
        let says = |finding: &&&Finding| {
            let message = finding.message.contains(because);
            message || finding.witnesses.iter().any(|witness| witness.message.contains(because))
        };
        if decisive.iter().any(says) {
            return None;
        }
        Some((format!("{policy} {} on {name}, but no message has \"{because}\"", words(found)), details))
    }

    /// Judges once more, with the subject's fields set as the failing clauses propose.
    fn after_fix(
        &self,
        judgement: &Judgement<'_>,
        wanted: &Wanted<'_>,
        on: Option<&QualifiedName>,
    ) -> Option<(String, Vec<String>)> {
        let subjects = match on {
            Some(name) => self.estate.declared(self.resource(name)?).to_vec(),
            None => judgement.subjects(&wanted.claim.policy),
        };
        let mut fixed = Estate::build_for(
            self.program.clone(),
            self.strings.clone(),
            Vec::new(),
            self.at,
            Some(self.position),
        );
        let mut count = 0;
        for subject in &subjects {
            for SubjectFix { field, value } in
                judgement.fixes(&wanted.claim.policy, wanted.claim.label.as_deref(), *subject)
            {
                fixed.set_field(*subject, field, value);
                count += 1;
            }
        }
        if count == 0 {
            return Some((format!("{} proposes no fix here", short(&wanted.claim.policy)), Vec::new()));
        }
        let again = Judgement::of_policies(&fixed, &self.options, &|name| *name == wanted.claim.policy);
        let report = again.report(&self.options);
        subjects.into_iter().find_map(|subject| {
            let findings: Vec<&Finding> =
                report.findings.iter().filter(|one| self.is_about(one, wanted.claim, subject)).collect();
            let applies = again.applies(&wanted.claim.policy, subject);
            self.compare(wanted, self.estate.short_name(subject), &findings, applies)
        })
    }

    fn decision(&self, expected: &str) -> Option<(String, Vec<String>)> {
        let model = &self.program.model;
        let applies =
            |name: &QualifiedName| model.policies.get(name).is_some_and(|policy| !policy.is_parametric);
        let options = Options { with_passes: false, ..self.options.clone() };
        let report = Judgement::of_policies(&self.estate, &options, &applies).report(&options);
        let found = match report.decision {
            Decision::Admit => "admit",
            Decision::Escalate => "escalate",
            Decision::Block => "block",
        };
        if found == expected {
            return None;
        }
        let decisive = report.findings.iter().filter(|finding| finding.decision == report.decision);
        let details =
            decisive.map(|finding| format!("{}: {}", short(&finding.policy), finding.message)).collect();
        Some((format!("the decision is {found}"), details))
    }

    fn condition(&self, position: usize) -> Option<(String, Vec<String>)> {
        let (code, locals) = self.program.tests[self.position as usize].conditions.get(position)?.as_ref()?;
        let layer = self.estate.layers().first().copied().unwrap_or(Layer::Intended);
        let mut evaluator = Evaluator::new(&self.estate, layer);
        match evaluator.run(*locals, |ev| ev.truth(code)) {
            Truth::True => None,
            Truth::False => Some(("it is false".to_owned(), Vec::new())),
            Truth::Unknown(causes) => {
                let causes: Vec<&str> = causes.names().collect();
                Some((format!("it is unknown ({})", causes.join(", ")), Vec::new()))
            }
        }
    }
}

/// One expected verdict.
struct Wanted<'t> {
    claim: &'t Claim,
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
