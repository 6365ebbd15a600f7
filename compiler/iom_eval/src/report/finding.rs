use std::cmp::Ordering;
use std::sync::Arc;

use iom_model::Severity;
use serde::Serialize;
use smol_str::SmolStr;

use super::Decision;
use crate::explain::Segment;

/// One clause of one policy over one resource in one layer. Names and texts that many findings share are cheap to clone.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Finding {
    /// The policy's qualified name.
    pub policy: SmolStr,
    /// The values of the policy's parameters, where it has any: `registries: ["registry.example"]`. One policy applied with
    /// different ones makes findings that differ in this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arguments: Option<SmolStr>,
    /// The clause's label.
    pub label: Option<SmolStr>,
    pub title: Option<SmolStr>,
    pub verdict: Verdict,
    pub mode: FindingMode,
    pub severity: Severity,
    /// `nist.SC-28`
    pub covers: Arc<[SmolStr]>,
    pub aliases: Arc<[SmolStr]>,
    pub resource: Resource,
    /// What the clause's `else` says; a sentence of our own where it says nothing.
    pub message: SmolStr,
    /// The `require` that judged; `None` only for findings that no clause makes.
    pub clause: Option<Clause>,
    /// Where the resource, or the part of it that is at fault, stands.
    pub location: Option<Place>,
    /// The smallest set of facts that caused the verdict.
    pub facts: Vec<Fact>,
    /// What could not be known, for the verdict `unknown`.
    pub unknown: Vec<UnknownValue>,
    /// What excuses it: of few findings, so that it takes room of its own.
    pub exception: Option<Box<AppliedException>>,
    pub fix: Option<Fix>,

    // What follows is beyond the contract of version 1, for people who read the report.
    /// What this finding alone leads to.
    pub decision: Decision,
    /// Who decides, for the mode `escalate`.
    pub escalate_to: Option<SmolStr>,
    /// Other elements that the verdict rests on: partners of a join, the witness of a quantifier.
    pub related: Vec<Related>,
    /// Addresses from the resource to the one at fault, both included, for rules about reachability.
    pub path: Vec<SmolStr>,
    /// More rows of the same clause that failed.
    pub witnesses: Vec<Witness>,
    /// Rows beyond the listed ones.
    pub more_witnesses: u64,
    /// What to know about the verdict: an exception that may or may not cover it, a mode that changes soon.
    pub note: Option<SmolStr>,
    /// Recorded in the baseline: it is shown and does not decide.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub known: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Pass,
    NotApplicable,
    Excepted,
    Unknown,
    Fail,
}

/// The mode that holds at the instant of the run.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingMode {
    Enforce,
    Escalate,
    Advise,
}

/// The world a resource was seen in, in the order in which findings are listed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Layer {
    Built,
    Intended,
    Running,
}

impl Layer {
    /// As the language and JSON write it.
    pub fn name(self) -> &'static str {
        match self {
            Layer::Built => "built",
            Layer::Intended => "intended",
            Layer::Running => "running",
        }
    }
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Resource {
    /// The source tool's own address.
    pub address: SmolStr,
    /// `aws.Bucket`
    pub kind: SmolStr,
    pub layer: Layer,
    /// Names as they were declared.
    pub owner: Option<SmolStr>,
    pub environment: Option<SmolStr>,
    /// When its source saw it, where the source says so of each of its objects.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub observed_at: Option<SmolStr>,
}

/// The place of a clause in an `.iom` file.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Clause {
    pub file: SmolStr,
    pub line: u32,
    pub column: u32,
    /// The condition as written.
    pub source: SmolStr,
}

/// A place in a source or an `.iom` file; line and column from 1, the column in bytes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
pub struct Place {
    pub file: SmolStr,
    pub line: u32,
    pub column: u32,
    /// JSON pointer inside the document, where the source is a JSON or YAML document.
    pub pointer: Option<SmolStr>,
    /// Which document of a multi-document file, from 0.
    pub document: Option<u32>,
    /// Where the configuration that the source was made of writes it, if that is at hand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub written: Option<Arc<WrittenPlace>>,
}

/// A place in configuration; line and column from 1, the column in bytes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
pub struct WrittenPlace {
    pub file: SmolStr,
    pub line: u32,
    pub column: u32,
}

impl Place {
    /// Where a person would change it: where it is written, if that is known.
    pub fn written(self) -> Place {
        match self.written {
            Some(written) => Place {
                file: written.file.clone(),
                line: written.line,
                column: written.column,
                pointer: None,
                document: None,
                written: None,
            },
            None => self,
        }
    }
}

/// A value that was read. Secrets never get here: a sensitive value is `unknown` with the cause `sensitive`.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Fact {
    /// `encryption.key`, from the subject; from another element with its address before it.
    pub path: SmolStr,
    /// `null` where absent or unknown.
    pub value: serde_json::Value,
    pub location: Option<Place>,
    /// Present where the value is not known: `known_after_apply`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unknown: Option<SmolStr>,
    /// The source does not name what is referred to; it was concluded: the only thing of its sort in the same module.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub inferred: bool,
    /// The layer the value came from, where it is another one than the resource's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub layer: Option<Layer>,
}

/// A value that could not be known, and why.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct UnknownValue {
    pub path: SmolStr,
    /// `known_after_apply`, `not_reported`, ..
    pub cause: SmolStr,
    pub location: Option<Place>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct AppliedException {
    /// Its qualified name.
    pub name: SmolStr,
    pub reason: SmolStr,
    pub approved_by: Vec<SmolStr>,
    /// Dates or instants, `2026-12-24` or `2026-12-24T12:00:00Z`.
    pub opened: SmolStr,
    pub expires: SmolStr,
    /// Where it is written.
    pub location: Option<Place>,
}

/// What would satisfy the clause.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Fix {
    /// Fields as the policy's author wrote them.
    pub source: SmolStr,
    /// The same for this resource. Values that cannot be written are left out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sets: Vec<ProposedField>,
}

/// A field and the value that it is to have.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct ProposedField {
    /// From the resource: `encryption.algorithm`, `pod.containers[0].privileged`.
    pub path: SmolStr,
    /// The same in its steps.
    #[serde(skip)]
    pub segments: Vec<Segment>,
    /// As the language writes it.
    pub value: SmolStr,
    /// The same in the words of the source that the resource comes from; empty where it is declared, or where that cannot be
    /// told.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<SourceChange>,
}

/// What to write in a source.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct SourceChange {
    /// `versioning { enabled = true }`, `spec.hostPID: false`
    pub text: SmolStr,
    /// Where it belongs in another object beside the resource: that one's type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of: Option<SmolStr>,
    /// What stands there now, else the resource.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<Place>,
}

/// Another element that a verdict rests on.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Related {
    pub address: SmolStr,
    pub kind: SmolStr,
    /// What it is to the clause, mostly the binder's name.
    pub role: SmolStr,
    pub location: Option<Place>,
}

/// One more row of the same clause that failed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Witness {
    pub message: SmolStr,
    pub location: Option<Place>,
}

impl Finding {
    pub(crate) fn order(left: &Finding, right: &Finding) -> Ordering {
        left.policy.cmp(&right.policy).then_with(|| Finding::order_in_policy(left, right))
    }

    /// The order of the findings of one policy.
    pub(crate) fn order_in_policy(left: &Finding, right: &Finding) -> Ordering {
        fn clause(finding: &Finding) -> Option<(&str, u32, u32)> {
            finding.clause.as_ref().map(|clause| (clause.file.as_str(), clause.line, clause.column))
        }
        let addresses = left.resource.address.as_str().cmp(&right.resource.address);
        addresses
            .then_with(|| left.resource.layer.cmp(&right.resource.layer))
            .then_with(|| clause(left).cmp(&clause(right)))
            .then_with(|| left.arguments.cmp(&right.arguments))
            .then_with(|| left.location.cmp(&right.location))
            .then_with(|| left.message.cmp(&right.message))
    }
}
