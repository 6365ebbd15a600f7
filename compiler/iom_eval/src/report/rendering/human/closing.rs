use std::collections::BTreeMap;
use std::fmt::Write;

use super::super::plain::{counted, one_line};
use super::super::short;
use super::super::style::Tone;
use super::super::word_of;
use super::Page;
use crate::report::{Decision, Escalation, EscalationCause, EvidenceStatus, OutcomeStatus, Report, Verdict};

/// Types of skipped resources that are named.
const MOST_TYPES: usize = 3;

impl Page<'_> {
    pub(super) fn evidence(&mut self, report: &Report) {
        if report.evidence.is_empty() {
            return;
        }
        self.heading("EVIDENCE");
        let name_width = report.evidence.iter().map(|one| one.evidence.chars().count()).max().unwrap_or(0);
        for one in &report.evidence {
            let tone = match one.status {
                EvidenceStatus::Fresh => Tone::Green,
                EvidenceStatus::Failing => Tone::Red,
                EvidenceStatus::Stale | EvidenceStatus::Missing | EvidenceStatus::Unknown => Tone::Yellow,
            };
            let status = self.style.paint(tone, format!("{:<8}", word_of(&one.status)));
            let mut counts = vec![format!("{} of {} pass", one.pass, one.population)];
            counts.extend((one.fail > 0).then(|| counted(one.fail, "fails", "fail")));
            counts.extend((one.unknown > 0).then(|| format!("{} unknown", one.unknown)));
            counts.extend((one.excepted > 0).then(|| format!("{} excepted", one.excepted)));
            let controls = self.style.paint(Tone::Dim, one.satisfies.join(", "));
            let counts = counts.join(", ");
            let _ = writeln!(self.out, "  {status}  {:<name_width$}  {counts}  {controls}", one.evidence);
        }
        self.out.push('\n');
    }

    /// What environments are for, and whether it holds.
    pub(super) fn outcomes(&mut self, report: &Report) {
        if report.outcomes.is_empty() {
            return;
        }
        self.heading("OUTCOMES");
        let width = report.outcomes.iter().map(|one| one.environment.chars().count()).max().unwrap_or(0);
        for one in &report.outcomes {
            let tone = match one.status {
                OutcomeStatus::Holds => Tone::Green,
                OutcomeStatus::Fails => Tone::Red,
                OutcomeStatus::Unknown => Tone::Yellow,
            };
            let status = self.style.paint(tone, format!("{:<8}", word_of(&one.status)));
            let counts = match one.population {
                0 => "nothing was judged".to_owned(),
                all => format!("{} of {all} pass", one.pass),
            };
            let environment = one_line(&one.environment);
            let _ = writeln!(self.out, "  {status}  {environment:<width$}  {}  {counts}", one.policy);
        }
        self.out.push('\n');
    }

    /// Who has to decide what. Beyond a few, the same question is asked once with its count.
    pub(super) fn escalations(&mut self, report: &Report) {
        if report.escalations.is_empty() {
            return;
        }
        self.heading("A PERSON HAS TO DECIDE");
        let mut questions: BTreeMap<(Option<&str>, String), Vec<&Escalation>> = BTreeMap::new();
        for one in &report.escalations {
            let why = match (&one.message, &one.policy) {
                (Some(message), _) => message.to_string(),
                (None, Some(policy)) => format!("{} ({policy})", question(one.cause)),
                (None, None) => question(one.cause).to_owned(),
            };
            questions.entry((one.to.as_deref(), why)).or_default().push(one);
        }
        for ((who, why), about) in &questions {
            let who = self.style.paint(Tone::Magenta, who.unwrap_or("nobody is named"));
            // A message mostly says itself what it is about.
            let resources = about.iter().filter_map(|one| one.resource.as_deref());
            let resources: Vec<&str> = resources.filter(|address| !why.contains(*address)).collect();
            let _ = writeln!(self.out, "  {who}: {}{}", one_line(why), listed(&resources));
        }
        self.out.push('\n');
    }

    pub(super) fn diagnostics(&mut self, report: &Report) {
        let lines: Vec<String> = report.diagnostics.iter().filter_map(short::diagnostic).collect();
        if lines.is_empty() {
            return;
        }
        self.heading("ABOUT THE RULES");
        for line in lines {
            let _ = writeln!(self.out, "  {line}");
        }
        self.out.push('\n');
    }

    /// The one line that a person in a hurry reads.
    pub(super) fn summary(&mut self, report: &Report) {
        let (word, tone) = match report.decision {
            Decision::Block => ("Blocked", Tone::Red),
            Decision::Escalate => ("Escalated", Tone::Magenta),
            Decision::Admit => ("Admitted", Tone::Green),
        };
        let summary = &report.summary;
        let judged = format!(
            "{} over {}",
            counted(summary.policies, "policy", "policies"),
            counted(summary.resources, "resource", "resources"),
        );
        let counts = [
            (summary.fail, "fail"),
            (summary.unknown, "unknown"),
            (summary.excepted, "excepted"),
            (summary.pass, "pass"),
        ];
        let counts = listed_counts(counts.map(|(number, word)| (number, format!("{number} {word}"))));
        let counts = if counts.is_empty() { "nothing to judge".to_owned() } else { counts };
        let word = self.style.paint(tone, word);
        let _ = writeln!(self.out, "{word}: {}{judged}: {counts}.{}", effects(report), not_judged(report));
    }
}

/// `2 findings block, 1 escalates, 6 are advice. `: what the failing ones do.
fn effects(report: &Report) -> String {
    let (mut block, mut escalate, mut advice, mut known) = (0, 0, 0, 0);
    for finding in &report.findings {
        match (finding.verdict, finding.decision) {
            (_, Decision::Block) => block += 1,
            (_, Decision::Escalate) => escalate += 1,
            (Verdict::Fail | Verdict::Unknown, _) if finding.known => known += 1,
            (Verdict::Fail, Decision::Admit) => advice += 1,
            _ => {}
        }
    }
    let effects = listed_counts([
        (block, counted(block, "finding blocks", "findings block")),
        (escalate, counted(escalate, "finding escalates", "findings escalate")),
        (advice, counted(advice, "is advice", "are advice")),
        (known, counted(known, "is known", "are known")),
    ]);
    if effects.is_empty() { effects } else { effects + ". " }
}

/// Those that are not zero.
fn listed_counts<const N: usize>(counts: [(u64, String); N]) -> String {
    let shown: Vec<String> =
        counts.into_iter().filter(|(number, _)| *number > 0).map(|(_, text)| text).collect();
    shown.join(", ")
}

fn question(cause: EscalationCause) -> &'static str {
    match cause {
        EscalationCause::UnknownValue => "a value is not known",
        EscalationCause::StaleFact => "a fact is too old to rely on",
        EscalationCause::NoCoveringRule => "no rule covers this",
        EscalationCause::ConflictingRules => "rules contradict one another",
        EscalationCause::UnratifiedIntent => "the intent is not ratified",
        EscalationCause::RadiusOverLimit => "more would be affected than the limit allows",
        EscalationCause::EscalatingRule => "a rule asks for a decision",
    }
}

/// `, on a, b and 4 more`
fn listed(addresses: &[&str]) -> String {
    let shown: Vec<_> = addresses.iter().take(MOST_TYPES).map(|address| one_line(address)).collect();
    match addresses.len().saturating_sub(MOST_TYPES) {
        _ if shown.is_empty() => String::new(),
        0 => format!(", on {}", shown.join(", ")),
        left => format!(", on {} and {left} more", shown.join(", ")),
    }
}

/// ` 37 resources are not judged: no kind maps aws_foo (12), aws_bar (8) and 2 more types; no policy asks for 9 of known types.`
fn not_judged(report: &Report) -> String {
    let mut unknown: BTreeMap<&str, u64> = BTreeMap::new();
    let mut unconcerned = 0;
    for skipped in report.sources.iter().flat_map(|source| &source.skipped) {
        if skipped.reason.starts_with("no policy") {
            unconcerned += 1;
        } else {
            *unknown.entry(skipped.source_type.as_deref().unwrap_or(&skipped.reason)).or_default() += 1;
        }
    }
    let total = unknown.values().sum::<u64>() + unconcerned;
    if total == 0 {
        return String::new();
    }
    let mut why = Vec::new();
    if !unknown.is_empty() {
        why.push(format!("no kind maps {}", types(unknown)));
    }
    if unconcerned > 0 {
        why.push(format!("no policy of this run asks for {}", counted(unconcerned, "of them", "of them")));
    }
    let resources = counted(total, "resource is", "resources are");
    format!(" {resources} not judged: {}.", why.join(", and "))
}

/// `aws_foo (12), aws_bar (8) and 2 more types`, the most frequent first.
fn types(by_type: BTreeMap<&str, u64>) -> String {
    let mut types: Vec<(&str, u64)> = by_type.into_iter().collect();
    types.sort_by_key(|(_, number)| std::cmp::Reverse(*number));
    let shown: Vec<String> = types
        .iter()
        .take(MOST_TYPES)
        .map(|(name, number)| format!("{} ({number})", one_line(name)))
        .collect();
    let left = types.len().saturating_sub(MOST_TYPES) as u64;
    let more =
        if left > 0 { format!(" and {}", counted(left, "more type", "more types")) } else { String::new() };
    format!("{}{more}", shown.join(", "))
}
