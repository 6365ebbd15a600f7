use std::collections::HashSet;
use std::sync::Arc;

use serde::Serialize;
use smol_str::SmolStr;

use super::{Finding, Layer, PolicyResult, ReportDiagnostic};

/// The version of the report's shape. Adding a field keeps it.
pub const REPORT_VERSION: u32 = 1;

/// Everything one run found. Fields are in the order in which they are written.
#[derive(Clone, PartialEq, Default, Debug, Serialize)]
pub struct Report {
    /// Always [`REPORT_VERSION`].
    pub version: u32,
    /// The version of the tool that judged.
    pub tool: SmolStr,
    /// The instant everything was judged at: `2026-11-22T00:00:00Z`.
    pub at: SmolStr,
    /// The model's hash, `sha256:..`: reports with the same hash were judged by the same rules.
    pub model: SmolStr,
    pub sources: Vec<Source>,
    /// The worst decision over all resources.
    pub decision: Decision,
    pub summary: Summary,
    /// Those that were judged, by name.
    pub policies: Vec<PolicyResult>,
    /// In the order that [`Report::sort`] gives.
    pub findings: Vec<Arc<Finding>>,
    pub escalations: Vec<Escalation>,
    pub evidence: Vec<EvidenceResult>,
    /// What environments are for, and whether it holds.
    pub outcomes: Vec<OutcomeResult>,
    pub diagnostics: Vec<ReportDiagnostic>,
}

/// May the change, or the state as it is, go ahead? In order of strictness, so that `max` is the worst.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    #[default]
    Admit,
    Escalate,
    Block,
}

/// One imported source.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Source {
    /// As people should see it: relative to the workspace or the folder of the run, `-` for standard input.
    pub path: SmolStr,
    /// The name that `--state FORMAT:` takes: `terraform-plan`.
    pub format: SmolStr,
    pub layer: Layer,
    /// Lower-case hex of the SHA-256 of the bytes as read.
    pub sha256: SmolStr,
    /// When the source says that it was made; a source that says nothing is taken to be as old as the run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub observed_at: Option<SmolStr>,
    /// From when on its facts are too old to be believed: then they are unknown (`stale`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fresh_until: Option<SmolStr>,
    /// All resources the source lists, the skipped ones too.
    pub resources: u64,
    /// What was seen and could not be judged.
    pub skipped: Vec<Skipped>,
}

/// A resource of a source that no rule could judge.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Skipped {
    pub address: SmolStr,
    /// `no kind maps aws_foo`
    pub reason: SmolStr,
    /// The source's own type name, `aws_foo`, where there is one.
    #[serde(rename = "type")]
    pub source_type: Option<SmolStr>,
}

/// Counts of (policy, resource) pairs, each the worst over layers.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Summary {
    /// Resources of all sources and declarations.
    pub resources: u64,
    /// Policies that were judged.
    pub policies: u64,
    pub pass: u64,
    pub fail: u64,
    pub unknown: u64,
    pub excepted: u64,
    pub not_applicable: u64,
    /// Findings that the baseline lists, where there is one: of `fail` and `unknown`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub known: Option<u64>,
}

/// Something that a person has to decide.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
pub struct Escalation {
    pub cause: EscalationCause,
    /// Who decides; `None` where nobody is named.
    pub to: Option<SmolStr>,
    /// The resource's address.
    pub resource: Option<SmolStr>,
    pub policy: Option<SmolStr>,
    /// One sentence, where the cause alone does not say enough.
    pub message: Option<SmolStr>,
}

/// The closed list of reasons why a person is asked.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EscalationCause {
    UnknownValue,
    StaleFact,
    NoCoveringRule,
    ConflictingRules,
    UnratifiedIntent,
    RadiusOverLimit,
    /// A rule whose mode is `escalate to X` does not hold.
    EscalatingRule,
}

/// One evidence requirement, judged over its population.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct EvidenceResult {
    /// Its qualified name.
    pub evidence: SmolStr,
    pub satisfies: Vec<SmolStr>,
    pub status: EvidenceStatus,
    pub population: u64,
    pub pass: u64,
    pub fail: u64,
    pub unknown: u64,
    /// When it was last recorded; `None` where no ledger was read.
    pub last_collected: Option<SmolStr>,
    pub title: Option<SmolStr>,
    pub excepted: u64,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EvidenceStatus {
    Fresh,
    Stale,
    Failing,
    Missing,
    Unknown,
}

/// A policy that an environment names as an outcome it is for, over the resources of that environment.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct OutcomeResult {
    /// As it was declared.
    pub environment: SmolStr,
    /// The qualified name of a policy or a group.
    pub policy: SmolStr,
    pub status: OutcomeStatus,
    /// Resources that the policy was judged over.
    pub population: u64,
    pub pass: u64,
    pub fail: u64,
    pub unknown: u64,
    pub excepted: u64,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum OutcomeStatus {
    Holds,
    Fails,
    /// Something about it is not known, or nothing was judged.
    Unknown,
}

impl Report {
    /// Puts findings in the contract's order: policy, resource address, layer. What is left open (several clauses, or
    /// one address in two files) is ordered by place, so that equal runs give equal bytes.
    pub fn sort(&mut self) {
        self.findings.sort_by(|left, right| Finding::order(left, right));
        self.escalations.sort();
        self.sort_results();
    }

    /// Puts the rest in the contract's order.
    pub(crate) fn sort_results(&mut self) {
        self.evidence.sort_by(|left, right| left.evidence.cmp(&right.evidence));
        let name = |result: &PolicyResult| (result.policy.clone(), result.arguments.clone());
        self.policies.sort_by_cached_key(name);
    }

    /// The decision that findings and escalations lead to, after what some of the findings lead to has changed: questions
    /// that none of them asks any more are taken out.
    pub(super) fn decide_again(&mut self) {
        let asking: HashSet<(&str, &str, &str)> = self
            .findings
            .iter()
            .filter(|finding| finding.decision == Decision::Escalate)
            .map(|finding| (&*finding.policy, &*finding.resource.address, &*finding.message))
            .collect();
        self.escalations.retain(|one| match (&one.policy, &one.resource, &one.message) {
            (Some(policy), Some(resource), Some(message)) => asking.contains(&(policy, resource, message)),
            _ => true,
        });
        self.decision = decision(&self.findings, &self.escalations);
    }
}

/// The worst that findings lead to; a question that is open is asked.
fn decision(findings: &[Arc<Finding>], escalations: &[Escalation]) -> Decision {
    let worst = findings.iter().map(|finding| finding.decision).max().unwrap_or_default();
    if escalations.is_empty() { worst } else { worst.max(Decision::Escalate) }
}
