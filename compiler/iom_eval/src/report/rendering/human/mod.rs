//! The report that people read: what is wrong with each resource, the worst first, with the place, the values that were
//! read and what to do; then evidence, what a person has to decide, and one line that sums up.

mod closing;
mod finding;

use std::collections::BTreeMap;
use std::fmt::Write;

use iom_model::Severity;

use super::excerpt::{Excerpts, StateTexts};
use super::plain::one_line;
use super::short;
use super::style::{Style, Tone};
use super::word_of;
use crate::report::{Decision, Finding, Layer, Report, Resource, Verdict};

/// Resources shown in full. A first run over a large estate finds thousands; the rest is listed one line each.
const MOST_RESOURCES_IN_FULL: usize = 30;

/// The whole report as text, ending in a line break. A run that found nothing is one line.
pub fn human(report: &Report, texts: &dyn StateTexts, color: bool) -> String {
    let style = Style { color };
    let mut page = Page { style, excerpts: Excerpts::new(texts), out: String::new() };
    let groups = groups(report.findings.iter().map(|finding| &**finding));
    for group in groups.iter().take(MOST_RESOURCES_IN_FULL) {
        page.resource(group);
    }
    let rest = groups.get(MOST_RESOURCES_IN_FULL..).unwrap_or_default();
    page.one_line_each("MORE FINDINGS", rest.iter().flat_map(|group| group.findings.iter().copied()));
    page.one_line_each(
        "KNOWN",
        report.findings.iter().map(|finding| &**finding).filter(|finding| finding.known),
    );
    page.one_line_each(
        "PASSES",
        report.findings.iter().map(|finding| &**finding).filter(|finding| finding.verdict == Verdict::Pass),
    );
    page.evidence(report);
    page.outcomes(report);
    page.escalations(report);
    page.diagnostics(report);
    page.summary(report);
    page.out
}

/// What a report says that an earlier one did not: some of its findings, and one line that sums all up.
pub fn news(report: &Report, findings: &[&Finding], texts: &dyn StateTexts, color: bool) -> String {
    let style = Style { color };
    let mut page = Page { style, excerpts: Excerpts::new(texts), out: String::new() };
    let groups = groups(findings.iter().copied());
    groups.iter().for_each(|group| page.resource(group));
    page.summary(report);
    page.out
}

/// What is being written, with what it takes to write it.
struct Page<'a> {
    style: Style,
    excerpts: Excerpts<'a>,
    out: String,
}

/// The findings about one resource in one layer, and what they lead to together.
struct Group<'a> {
    resource: &'a Resource,
    decision: Decision,
    severity: Severity,
    findings: Vec<&'a Finding>,
}

/// Findings by resource: what blocks first, then by severity, then by address.
fn groups<'f>(findings: impl Iterator<Item = &'f Finding>) -> Vec<Group<'f>> {
    let mut by_resource: BTreeMap<(&str, Layer, &str), Vec<&Finding>> = BTreeMap::new();
    for finding in findings.filter(|finding| finding.verdict != Verdict::Pass && !finding.known) {
        let resource = &finding.resource;
        let key = (resource.address.as_str(), resource.layer, resource.kind.as_str());
        by_resource.entry(key).or_default().push(finding);
    }
    let mut groups: Vec<Group<'_>> = by_resource.into_values().filter_map(group).collect();
    // Stable, so that equal ones stay in the order of their addresses.
    groups.sort_by_key(|group| std::cmp::Reverse((group.decision, group.severity)));
    groups
}

fn group(mut findings: Vec<&Finding>) -> Option<Group<'_>> {
    findings.sort_by_key(|finding| std::cmp::Reverse((finding.decision, finding.verdict, finding.severity)));
    let resource = &findings.first()?.resource;
    let decision = findings.iter().map(|finding| finding.decision).max()?;
    let severity = findings.iter().map(|finding| finding.severity).max()?;
    Some(Group { resource, decision, severity, findings })
}

impl Page<'_> {
    fn heading(&mut self, text: &str) {
        let _ = writeln!(self.out, "{}", self.style.paint(Tone::Bold, text));
    }

    fn one_line_each<'f>(&mut self, heading: &str, findings: impl Iterator<Item = &'f Finding>) {
        let mut findings = findings.peekable();
        if findings.peek().is_none() {
            return;
        }
        self.heading(heading);
        for found in findings {
            let _ = writeln!(self.out, "  {}", short::finding(found));
        }
        self.out.push('\n');
    }

    fn resource(&mut self, group: &Group<'_>) {
        let (word, tone) = match group.decision {
            Decision::Block => ("BLOCK", Tone::Red),
            Decision::Escalate => ("ESCALATE", Tone::Magenta),
            Decision::Admit => ("ADMIT", Tone::Green),
        };
        let resource = group.resource;
        let mut about = vec![resource.kind.to_string(), word_of(&resource.layer)];
        about.extend(resource.owner.iter().map(|owner| format!("owner {owner}")));
        about.extend(resource.environment.iter().map(|name| format!("environment {name}")));
        let _ = writeln!(
            self.out,
            "{}  {}\n       {}\n",
            self.style.paint(tone, format!("{word:<5}")),
            self.style.paint(Tone::Bold, one_line(&resource.address)),
            self.style.paint(Tone::Dim, one_line(&about.join(", "))),
        );
        for found in &group.findings {
            self.finding(found);
        }
    }
}
