use std::sync::Arc;

use iom_model::{ExpectationKind, QualifiedName, Test};
use iom_state::tape::Strings;
use smol_str::{SmolStr, format_smolstr};

use super::authority::{judged_by_authority, tell};
use super::source::Unreadable;
use super::verdict::Wanted;
use super::{ExpectationFailure, TestOutcome};
use crate::facts::{Estate, StateSource};
use crate::judge::{Answer, Judgement, Options, answers};
use crate::program::{Program, ResourceId};

/// A test whose state cannot be read fails as a whole.
pub(super) fn unreadable(test: &Test, unreadable: &Unreadable) -> TestOutcome {
    let mut outcome = nothing_yet(test);
    outcome.failures.push(ExpectationFailure {
        location: unreadable.location.clone(),
        source: format_smolstr!("given {}", unreadable.what),
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
    pub(super) program: &'t Arc<Program>,
    strings: &'t Arc<Strings>,
    pub(super) position: u32,
    pub(super) test: &'t Test,
    sources: &'t [StateSource],
    pub(super) at: i64,
    pub(super) estate: Estate,
    /// What authority says of the changes.
    pub(super) answers: Vec<Answer>,
    pub(super) options: Options,
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
    pub(super) fn build(&self) -> Estate {
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
}
