//! What a report says about one policy, and the report that is made of it.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use super::disposition::{CurrentMode, Exceptions};
use super::evidence::{Claims, Faults};
use super::finding::FindingMaker;
use super::run::{Judgement, RawPolicy, escalation};
use super::{Options, diagnostic, evidence, outcome};
use crate::evaluate::Evaluator;
use crate::report::{Decision, Escalation, Finding, REPORT_VERSION, Report, Summary, Verdict};
use crate::value::ElementId;
use iom_state::document::Layer;

/// One policy with modes, exceptions and dates.
#[derive(Clone, Debug, Default)]
pub(crate) struct PolicyReport {
    /// In the order of reports, each with the number of its clause.
    pub findings: Vec<(u32, Arc<Finding>)>,
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
}

impl<'e> Judgement<'e> {
    /// What a report says about a judged policy; `maker` makes its findings.
    pub(crate) fn policy_report(
        &self,
        raw: &RawPolicy,
        options: &Options,
        exceptions: &mut Exceptions<'_>,
        maker: &mut FindingMaker<'e>,
    ) -> PolicyReport {
        let estate = self.estate;
        let policy = &estate.program.model.policies[&estate.program.policies[raw.policy].name];
        let mut evaluator = Evaluator::new(estate, Layer::Intended);
        let mut report = PolicyReport::default();
        let mut worst: FxHashMap<u32, Verdict> = FxHashMap::default();
        let mut made = Vec::new();
        exceptions.used.clear();
        for outcome in &raw.outcomes {
            maker.findings(outcome, exceptions, &mut made);
            for finding in &made {
                for member in outcome.subject.members() {
                    let number = self.number(&mut evaluator, *member);
                    let slot = worst.entry(number).or_insert(Verdict::Pass);
                    *slot = (*slot).max(finding.verdict);
                }
                report.escalations.extend(escalation(finding, policy));
            }
            let clauses = outcome.clauses.iter().map(|(clause, _)| *clause);
            report.findings.extend(clauses.zip(made.drain(..).map(Arc::new)));
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
        if options.with_passes {
            self.passes(raw, maker, &mut report.findings);
        }
        report.findings.sort_by(|(_, left), (_, right)| Finding::order(left, right));
        report.faults = Arc::new(evidence::by_element(maker.take_verdicts()));
        report.used = exceptions.used.iter().copied().collect();
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
            reports.push(self.policy_report(raw, options, &mut exceptions, &mut maker));
        }
        let mut report = self.assembled(options, reports.iter());
        report.diagnostics = self.diagnostics(options, reports.iter());
        report
    }

    /// The report that those about its policies make, but for remarks.
    pub(crate) fn assembled<'r>(
        &self,
        options: &Options,
        reports: impl Iterator<Item = &'r PolicyReport> + Clone,
    ) -> Report {
        let estate = self.estate;
        let model = &estate.program.model;
        let mut summary = Summary { policies: self.policies.len() as u64, ..Summary::default() };
        summary.resources = self.resources(&mut Evaluator::new(estate, Layer::Intended));
        let mut findings = Vec::with_capacity(reports.clone().map(|report| report.findings.len()).sum());
        let mut escalations = Vec::new();
        let mut claims = Claims::default();
        for (raw, report) in self.policies.iter().zip(reports) {
            summary.pass += report.pass;
            summary.fail += report.fail;
            summary.unknown += report.unknown;
            summary.excepted += report.excepted;
            findings.extend(report.findings.iter().map(|(_, finding)| finding.clone()));
            escalations.extend_from_slice(&report.escalations);
            claims.add(&estate.program.policies[raw.policy].name, report.faults.clone());
        }
        let judged = summary.pass + summary.fail + summary.unknown + summary.excepted;
        summary.not_applicable = (summary.resources * summary.policies).saturating_sub(judged);
        escalations.sort();
        escalations.dedup();
        let decision = findings.iter().map(|finding| finding.decision).max().unwrap_or_default();
        let decision = if escalations.is_empty() { decision } else { decision.max(Decision::Escalate) };
        let mut report = Report {
            version: REPORT_VERSION,
            tool: options.tool.clone(),
            at: iom_model::scalar::instant::format_time(estate.at).into(),
            model: options.model_hash.clone().unwrap_or_else(|| SmolStr::from(model.hash())),
            sources: diagnostic::sources(estate),
            decision,
            summary,
            findings,
            escalations,
            evidence: evidence::results(self, &claims),
            outcomes: outcome::results(self, &claims),
            diagnostics: Vec::new(),
        };
        report.sort();
        report
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
