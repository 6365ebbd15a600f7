//! What a run in GitHub Actions shows: [`annotations`] at lines of a change, and the [`summary`] of the job.

mod annotations;
mod markdown;
mod summary;

pub use annotations::annotations;
pub use summary::summary;

use crate::report::{Finding, Report, Verdict};

/// What is to be shown, the worst first.
fn by_weight(report: &Report) -> Vec<&Finding> {
    let is_fault = |finding: &&Finding| matches!(finding.verdict, Verdict::Fail | Verdict::Unknown);
    let mut findings: Vec<&Finding> =
        report.findings.iter().map(|finding| &**finding).filter(is_fault).collect();
    // Stable: equal ones stay in the order of the report.
    findings.sort_by_key(|finding| std::cmp::Reverse((finding.decision, finding.severity, finding.verdict)));
    findings
}
