//! What a report says about one policy, and the report that is made of it.

use std::sync::Arc;

use iom_model::scalar::instant;
use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use super::disposition::{CurrentMode, Exceptions};
use super::evidence::{Claims, Faults, Verdicts};
use super::finding::FindingMaker;
use super::row::SubjectOutcome;
use super::run::{Judgement, RawPolicy, escalation};
use super::{Options, diagnostic, evidence, outcome};
use crate::evaluate::Evaluator;
use crate::report::{
    Decision, Escalation, Finding, PolicyResult, REPORT_VERSION, Report, Source, Summary, Verdict,
};
use crate::value::ElementId;
use iom_state::document::Layer;

/// What a report says of subjects that did not pass: of one where results are kept, else of all those of a policy.
#[derive(Debug, Default)]
pub(crate) struct SubjectReport {
    /// Each with the number of its clause.
    pub findings: Vec<(u32, Arc<Finding>)>,
    escalations: Vec<Escalation>,
    /// By resource that it is about: the worst that is said.
    worst: Vec<(u32, Verdict)>,
    /// By element: what became of its clauses.
    faults: Verdicts,
    /// Exceptions that excused something, by position in the model.
    used: Vec<usize>,
}

/// One policy with modes, exceptions and dates.
#[derive(Clone, Debug, Default)]
pub(crate) struct PolicyReport {
    /// In the order of reports.
    pub findings: Vec<Arc<Finding>>,
    pub escalations: Vec<Escalation>,
    /// Resources by the worst that the policy says about them.
    pub pass: u64,
    pub fail: u64,
    pub unknown: u64,
    pub excepted: u64,
    /// By element: clauses that did not pass.
    pub faults: Arc<FxHashMap<ElementId, Faults>>,
    /// Exceptions that excused something, by position in the model.
    pub used: Vec<usize>,
    /// The worst that a finding leads to.
    pub decision: Decision,
}

impl<'e> Judgement<'e> {
    /// Adds what a report says about one subject of a policy; `maker` makes its findings.
    pub(crate) fn subject_report(
        &self,
        outcome: &SubjectOutcome,
        exceptions: &mut Exceptions<'_>,
        maker: &mut FindingMaker<'e>,
        report: &mut SubjectReport,
    ) {
        let before = report.findings.len();
        exceptions.used.clear();
        maker.findings(outcome, exceptions, &mut report.findings, &mut report.faults);
        let made = report.findings.iter().skip(before).map(|(_, finding)| finding);
        if let Some(worst) = made.clone().map(|finding| finding.verdict).max() {
            let evaluator = maker.evaluator(outcome.layer);
            let members = outcome.subject.members().iter();
            report.worst.extend(members.map(|member| (self.number(evaluator, *member), worst)));
        }
        report.escalations.extend(made.filter_map(|finding| escalation(finding, maker.policy)));
        report.used.extend(exceptions.used.iter());
    }

    /// What a report says about a judged policy: what it says about its subjects, and about those that pass where that is
    /// asked for.
    pub(crate) fn policy_report<'r>(
        &self,
        raw: &RawPolicy,
        subjects: impl Iterator<Item = &'r SubjectReport> + Clone,
        passes: Option<&mut FindingMaker<'_>>,
    ) -> PolicyReport {
        let mut report = PolicyReport::default();
        let mut worst: FxHashMap<u32, Verdict> = FxHashMap::default();
        for (number, verdict) in subjects.clone().flat_map(|subject| &subject.worst) {
            let slot = worst.entry(*number).or_insert(Verdict::Pass);
            *slot = (*slot).max(*verdict);
        }
        for verdict in worst.values() {
            match verdict {
                Verdict::Fail => report.fail += 1,
                Verdict::Unknown => report.unknown += 1,
                Verdict::Excepted => report.excepted += 1,
                Verdict::Pass | Verdict::NotApplicable => {}
            }
        }
        report.pass = raw.applies.count() - worst.len() as u64;
        let findings = subjects.clone().flat_map(|subject| &subject.findings);
        report.findings = findings.map(|(_, finding)| finding.clone()).collect();
        if let Some(maker) = passes {
            self.passes(raw, maker, &mut report.findings);
        }
        report.findings.sort_by(|left, right| Finding::order_in_policy(left, right));
        report.decision = report.findings.iter().map(|finding| finding.decision).max().unwrap_or_default();
        report.escalations =
            subjects.clone().flat_map(|subject| subject.escalations.iter().cloned()).collect();
        report.faults = Arc::new(evidence::by_element(
            subjects.clone().flat_map(|subject| subject.faults.iter().cloned()),
        ));
        report.used = subjects.flat_map(|subject| subject.used.iter().copied()).collect();
        report.used.sort_unstable();
        report.used.dedup();
        report
    }

    /// The whole report.
    pub fn report(&self, options: &Options) -> Report {
        let estate = self.estate;
        let mut exceptions = Exceptions::new(estate);
        let mut reports = Vec::with_capacity(self.policies.len());
        for raw in &self.policies {
            let code = &estate.program.policies[raw.policy];
            let policy = &estate.program.model.policies[&code.name];
            let Some(mode) = CurrentMode::of(policy, options.default_mode, estate.at) else { continue };
            let mut maker = FindingMaker::new(estate, policy, code, mode);
            let mut said = SubjectReport::default();
            said.findings.reserve_exact(raw.outcomes.len());
            for outcome in &raw.outcomes {
                self.subject_report(outcome, &mut exceptions, &mut maker, &mut said);
            }
            let passes = options.with_passes.then_some(&mut maker);
            reports.push(self.policy_report(raw, std::iter::once(&said), passes));
        }
        let mut report = self.assembled(options, diagnostic::sources(estate), reports.iter());
        report.diagnostics = self.diagnostics(options, reports.iter());
        report
    }

    /// The report that those about its policies make, but for remarks.
    pub(crate) fn assembled<'r>(
        &self,
        options: &Options,
        sources: Vec<Source>,
        reports: impl Iterator<Item = &'r PolicyReport> + Clone,
    ) -> Report {
        let mut report = Report { sources, ..Report::default() };
        report.findings.reserve_exact(reports.clone().map(|report| report.findings.len()).sum());
        for one in reports.clone() {
            report.findings.extend_from_slice(&one.findings);
            report.escalations.extend_from_slice(&one.escalations);
        }
        report.escalations.sort();
        report.escalations.dedup();
        self.sum_up(options, reports, &mut report);
        report.sort();
        report
    }

    /// What a report says beyond its sources, findings, questions and remarks, which are there already.
    pub(crate) fn sum_up<'r>(
        &self,
        options: &Options,
        reports: impl Iterator<Item = &'r PolicyReport> + Clone,
        whole: &mut Report,
    ) {
        let estate = self.estate;
        let mut summary = Summary { policies: self.policies.len() as u64, ..Summary::default() };
        summary.resources = self.resources(&mut Evaluator::new(estate, Layer::Intended));
        let mut claims = Claims::default();
        let mut worst = Decision::Admit;
        whole.policies.clear();
        for (raw, report) in self.policies.iter().zip(reports) {
            whole.policies.extend(self.policy_result(raw, report, options));
            summary.pass += report.pass;
            summary.fail += report.fail;
            summary.unknown += report.unknown;
            summary.excepted += report.excepted;
            worst = worst.max(report.decision);
            claims.add(&estate.program.policies[raw.policy].name, report.faults.clone());
        }
        let judged = summary.pass + summary.fail + summary.unknown + summary.excepted;
        summary.not_applicable = (summary.resources * summary.policies).saturating_sub(judged);
        whole.version = REPORT_VERSION;
        whole.summary = summary;
        whole.tool = options.tool.clone();
        whole.at = instant::format_time(estate.at).into();
        let model = &estate.program.model;
        whole.model = options.model_hash.clone().unwrap_or_else(|| SmolStr::from(model.hash()));
        // A question that is open is asked.
        whole.decision = if whole.escalations.is_empty() { worst } else { worst.max(Decision::Escalate) };
        whole.evidence = evidence::results(self, &claims);
        whole.outcomes = outcome::results(self, &claims);
        whole.sort_results();
    }

    fn policy_result(
        &self,
        raw: &RawPolicy,
        report: &PolicyReport,
        options: &Options,
    ) -> Option<PolicyResult> {
        let estate = self.estate;
        let policy = &estate.program.model.policies[&estate.program.policies[raw.policy].name];
        let mode = CurrentMode::of(policy, options.default_mode, estate.at)?;
        Some(PolicyResult {
            policy: policy.declared.clone(),
            arguments: policy.arguments.clone(),
            title: policy.title.as_deref().map(Into::into),
            severity: policy.severity,
            mode: mode.mode,
            covers: policy.covers.iter().map(|control| SmolStr::from(control.to_string())).collect(),
            aliases: policy.all_aliases().into(),
            pass: report.pass,
            fail: report.fail,
            unknown: report.unknown,
            excepted: report.excepted,
            doc: policy.doc.as_deref().map(Into::into),
        })
    }

    /// Remarks about the rules and the sources.
    pub(crate) fn diagnostics<'r>(
        &self,
        options: &Options,
        reports: impl Iterator<Item = &'r PolicyReport>,
    ) -> Vec<crate::report::ReportDiagnostic> {
        let used = reports.flat_map(|report| &report.used).copied().collect();
        diagnostic::diagnostics(self, &used, options)
    }
}
