//! What a run found, as plain data in exactly the shape of `iomc eval --format json` (version 1), and the texts made of
//! it ([`rendering`]). Evaluation fills a [`Report`]; nothing here judges anything or reads a file.
//!
//! The contract is `spec/schema/eval-report.v1.json`: fields keep their names and meanings, new ones may be added.

mod baseline;
mod diagnostics;
mod finding;
mod fingerprint;
mod policy;
pub mod rendering;
mod run;

pub use baseline::Baseline;
pub use diagnostics::ReportDiagnostic;
pub use finding::{
    AppliedException, Clause, Fact, Finding, FindingMode, Fix, Layer, Place, ProposedField, Related,
    Resource, SourceChange, UnknownValue, Verdict, Witness, WrittenPlace,
};
pub use fingerprint::fingerprint;
pub use policy::PolicyResult;
pub use run::{
    Decision, Escalation, EscalationCause, EvidenceResult, EvidenceStatus, OutcomeResult, OutcomeStatus,
    REPORT_VERSION, Report, Skipped, Source, Summary,
};
