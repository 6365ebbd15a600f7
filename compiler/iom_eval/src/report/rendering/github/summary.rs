use std::fmt::Write;

use super::super::plain::counted;
use super::super::word_of;
use super::super::words::remedy;
use super::by_weight;
use super::markdown::{cell, code};
use crate::report::{Decision, Finding, Report, Verdict};

/// Rows of a table: a summary may have 1 MiB.
const MOST_ROWS: usize = 500;

/// The summary of a job, in the Markdown that the service shows.
pub fn summary(report: &Report) -> String {
    let mut out = String::new();
    let word = match report.decision {
        Decision::Block => "❌ Blocked",
        Decision::Escalate => "⚠️ A person has to decide",
        Decision::Admit => "✅ Admitted",
    };
    // Writing to a string cannot fail.
    let _ = writeln!(out, "## {word}\n");
    counts(report, &mut out);
    let (known, new): (Vec<&Finding>, Vec<&Finding>) =
        by_weight(report).into_iter().partition(|finding| finding.known);
    findings(&new, &mut out);
    let excepted = report.findings.iter().map(|finding| &**finding);
    let excepted: Vec<&Finding> = excepted.filter(|finding| finding.verdict == Verdict::Excepted).collect();
    folded("excepted", &excepted, &mut out);
    folded("known from the baseline", &known, &mut out);
    evidence(report, &mut out);
    escalations(report, &mut out);
    not_judged(report, &mut out);
    out
}

fn counts(report: &Report, out: &mut String) {
    let summary = &report.summary;
    let _ = writeln!(out, "| resources | policies | fail | unknown | excepted | pass |");
    let _ = writeln!(out, "| ---: | ---: | ---: | ---: | ---: | ---: |");
    let _ = writeln!(
        out,
        "| {} | {} | {} | {} | {} | {} |\n",
        summary.resources, summary.policies, summary.fail, summary.unknown, summary.excepted, summary.pass
    );
}

fn findings(findings: &[&Finding], out: &mut String) {
    if findings.is_empty() {
        return;
    }
    let _ = writeln!(out, "| | severity | resource | finding | policy | where |");
    let _ = writeln!(out, "| --- | --- | --- | --- | --- | --- |");
    for finding in findings.iter().take(MOST_ROWS) {
        row(finding, out);
    }
    more(findings.len(), out);
    out.push('\n');
}

fn row(finding: &Finding, out: &mut String) {
    let mark = match (finding.verdict, finding.decision) {
        (_, Decision::Block) => "❌ blocks",
        (_, Decision::Escalate) => "⚠️ escalates",
        (Verdict::Unknown, _) => "❔ unknown",
        (Verdict::Excepted, _) => "excepted",
        _ if finding.known => "known",
        _ => "💡 advice",
    };
    let place = finding.location.clone().map(|place| place.written());
    let place = place.map(|place| code(&format!("{}:{}", place.file, place.line))).unwrap_or_default();
    let reason = finding
        .exception
        .as_ref()
        .map(|exception| format!("{} until {}: {}", exception.name, exception.expires, exception.reason));
    let mut message = cell(reason.as_deref().unwrap_or(&finding.message));
    if let Some(remedy) = remedy(finding) {
        let _ = write!(message, "<br>{} {}", remedy.verb, code(&remedy.what));
    }
    let title = finding.title.as_deref().map(|title| format!("{}<br>", cell(title))).unwrap_or_default();
    let _ = writeln!(
        out,
        "| {mark} | {} | {} | {message} | {title}{} | {place} |",
        word_of(&finding.severity),
        code(&finding.resource.address),
        code(&finding.policy),
    );
}

fn more(all: usize, out: &mut String) {
    if let Some(left) = all.checked_sub(MOST_ROWS).filter(|left| *left > 0) {
        let _ = writeln!(out, "\n{left} more are in the report.");
    }
}

/// What is not to be done now.
fn folded(what: &str, findings: &[&Finding], out: &mut String) {
    if findings.is_empty() {
        return;
    }
    let _ = writeln!(out, "<details><summary>{} {what}</summary>\n", findings.len());
    self::findings(findings, out);
    let _ = writeln!(out, "</details>\n");
}

fn evidence(report: &Report, out: &mut String) {
    if report.evidence.is_empty() {
        return;
    }
    let _ = writeln!(out, "| evidence | status | pass | of | controls |");
    let _ = writeln!(out, "| --- | --- | ---: | ---: | --- |");
    for one in &report.evidence {
        let controls = one.satisfies.join(", ");
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {} |",
            code(&one.evidence),
            word_of(&one.status),
            one.pass,
            one.population,
            cell(&controls)
        );
    }
    out.push('\n');
}

fn escalations(report: &Report, out: &mut String) {
    if report.escalations.is_empty() {
        return;
    }
    let _ = writeln!(out, "| who decides | about | why |");
    let _ = writeln!(out, "| --- | --- | --- |");
    for one in report.escalations.iter().take(MOST_ROWS) {
        let why = one.message.as_deref().map_or_else(|| word_of(&one.cause).replace('_', " "), str::to_owned);
        let who = one.to.as_deref().unwrap_or("nobody is named");
        let about = one.resource.as_deref().map(code).unwrap_or_default();
        let _ = writeln!(out, "| {} | {about} | {} |", cell(who), cell(&why));
    }
    more(report.escalations.len(), out);
    out.push('\n');
}

fn not_judged(report: &Report, out: &mut String) {
    let skipped: usize = report.sources.iter().map(|source| source.skipped.len()).sum();
    if skipped > 0 {
        let resources = counted(skipped as u64, "resource was", "resources were");
        let _ =
            writeln!(out, "{resources} not judged: `iomc eval --format json` lists them under `skipped`.");
    }
}
