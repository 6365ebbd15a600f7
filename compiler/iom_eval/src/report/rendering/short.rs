use std::fmt::Write;

use iom_diagnostics::Severity as Level;

use super::plain::one_line;
use super::word_of;
use crate::report::policy::full_name;
use crate::report::{Finding, Place, Report, ReportDiagnostic, Verdict};

/// One line per finding, for logs, `grep` and editors:
/// `file:line:column: severity[policy] message (verdict, decision)`.
pub fn short(report: &Report) -> String {
    let mut out = String::new();
    for found in &report.findings {
        // Writing to a string cannot fail.
        let _ = writeln!(out, "{}", finding(found));
    }
    for line in report.diagnostics.iter().filter_map(diagnostic) {
        let _ = writeln!(out, "{line}");
    }
    out
}

/// One finding, without the end of the line.
pub fn line(found: &Finding) -> String {
    finding(found)
}

pub(super) fn finding(finding: &Finding) -> String {
    let place = match finding.location.clone().map(Place::written) {
        Some(place) => format!("{}:{}:{}: ", one_line(&place.file), place.line, place.column),
        None => String::new(),
    };
    // A message need not say which resource it is about.
    let address = one_line(&finding.resource.address);
    let message = one_line(&finding.message);
    let about = if message.contains(address.as_ref()) { String::new() } else { format!("{address}: ") };
    let outcome = match finding.verdict {
        Verdict::Pass | Verdict::NotApplicable | Verdict::Excepted => word_of(&finding.verdict),
        Verdict::Unknown | Verdict::Fail if finding.known => format!("{}, known", word_of(&finding.verdict)),
        Verdict::Unknown | Verdict::Fail => {
            format!("{}, {}", word_of(&finding.verdict), word_of(&finding.decision))
        }
    };
    let policy = full_name(&finding.policy, finding.arguments.as_deref());
    let policy = one_line(&policy);
    format!("{place}{}[{policy}] {about}{message} ({outcome})", word_of(&finding.severity))
}

/// A remark of evaluation; the front end's own are shown by its own renderer.
pub(super) fn diagnostic(diagnostic: &ReportDiagnostic) -> Option<String> {
    let ReportDiagnostic::Evaluation(diagnostic) = diagnostic else { return None };
    let level = match diagnostic.severity {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note => "note",
    };
    let place = &diagnostic.primary.place;
    let place = match place.file.as_str() {
        "" => String::new(),
        file => format!("{}:{}:{}: ", one_line(file), place.line, place.column),
    };
    let help = diagnostic.help.as_deref().map(|help| format!(" ({})", one_line(help))).unwrap_or_default();
    Some(format!("{place}{level}[{}]: {}{help}", diagnostic.code, one_line(&diagnostic.message)))
}
