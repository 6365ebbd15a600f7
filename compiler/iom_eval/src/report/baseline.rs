//! Findings that somebody has seen and put up with for now, in a file beside the sources: they are shown as known, and what
//! is new decides. Unlike exceptions they have no reason, no approver and no end, so they are for starting out.

use std::collections::HashMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::{Decision, Finding, Report, Verdict, fingerprint};

/// The version of the file's shape.
const VERSION: u32 = 1;

/// Entries about one clause and resource that a finding is compared with row by row.
const MOST_COMPARED: usize = 64;

/// `--baseline FILE`
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    version: u32,
    findings: Vec<Entry>,
}

/// One finding as it was recorded.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
struct Entry {
    #[serde(flatten)]
    subject: Subject,
    /// Of the row that was reported first, then of the others.
    messages: Vec<SmolStr>,
    /// Rows that were not listed.
    #[serde(default, skip_serializing_if = "is_zero")]
    more: u64,
    /// Of the values read in the first row.
    fingerprint: String,
}

/// What is found fault with.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
struct Subject {
    policy: SmolStr,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    arguments: Option<SmolStr>,
    label: Option<SmolStr>,
    resource: SmolStr,
    layer: SmolStr,
    verdict: Fault,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Fault {
    Unknown,
    Fail,
}

impl Entry {
    /// `None` for verdicts that find no fault.
    fn of(finding: &Finding) -> Option<Entry> {
        let verdict = match finding.verdict {
            Verdict::Fail => Fault::Fail,
            Verdict::Unknown => Fault::Unknown,
            Verdict::Pass | Verdict::NotApplicable | Verdict::Excepted => return None,
        };
        let others = finding.witnesses.iter().map(|witness| witness.message.clone());
        let mut entry = Entry {
            subject: Subject {
                policy: finding.policy.clone(),
                arguments: finding.arguments.clone(),
                label: finding.label.clone(),
                resource: finding.resource.address.clone(),
                layer: finding.resource.layer.name().into(),
                verdict,
            },
            messages: std::iter::once(finding.message.clone()).chain(others).collect(),
            more: finding.more_witnesses,
            fingerprint: fingerprint(finding),
        };
        entry.messages.sort();
        Some(entry)
    }

    fn rows(&self) -> u64 {
        self.messages.len() as u64 + self.more
    }

    /// Whether this says nothing that another one does not say, too: rows may be gone. Where none is, the first one has the
    /// same values: messages need not say them.
    fn is_part_of(&self, other: &Entry) -> bool {
        let mut recorded = other.messages.iter();
        // Both are sorted.
        let is_listed = self.messages.iter().all(|message| recorded.any(|one| one == message));
        let is_less = self.rows() < other.rows();
        is_listed && self.more <= other.more && (is_less || self.fingerprint == other.fingerprint)
    }

    /// Whether both read the same values, whatever their messages make of them: an age grows from day to day.
    fn has_same_values(&self, other: &Entry) -> bool {
        self.rows() == 1 && other.rows() == 1 && self.fingerprint == other.fingerprint
    }
}

impl Baseline {
    /// Everything that a report finds fault with or cannot know.
    pub fn of(report: &Report) -> Baseline {
        let mut findings: Vec<Entry> =
            report.findings.iter().filter_map(|finding| Entry::of(finding)).collect();
        findings.sort();
        Baseline { version: VERSION, findings }
    }

    /// Reads what [`Baseline::text`] writes. The error is one sentence, with line and column where there is a place.
    pub fn read(text: &str) -> Result<Baseline, String> {
        let mut baseline: Baseline = serde_json::from_str(text.trim_start_matches('\u{feff}'))
            .map_err(|error| format!("this is no baseline: {error}"))?;
        baseline.findings.iter_mut().for_each(|entry| entry.messages.sort());
        match baseline.version {
            VERSION => Ok(baseline),
            other => Err(format!("this baseline has version {other}, and only version {VERSION} is known")),
        }
    }

    /// One finding a line, so that a change of the file can be read.
    pub fn text(&self) -> String {
        let lines = self.findings.iter().filter_map(|entry| serde_json::to_string(entry).ok());
        let lines: Vec<String> = lines.map(|line| format!("\n    {line}")).collect();
        let end = if lines.is_empty() { "" } else { "\n  " };
        format!("{{\n  \"version\": {VERSION},\n  \"findings\": [{}{end}]\n}}\n", lines.join(","))
    }

    /// Marks what is known: it does not decide, and nobody is asked about it. Says how many findings of the baseline there
    /// are no more.
    pub fn apply(&self, report: &mut Report) -> usize {
        let mut open = Open::of(self);
        let found: Vec<Option<Entry>> = report.findings.iter().map(|finding| Entry::of(finding)).collect();
        let mut known = 0;
        // Whatever is exactly the same goes first, so that nothing takes its place.
        for is_same in [Entry::eq, Entry::is_part_of, Entry::has_same_values] {
            for (finding, entry) in report.findings.iter_mut().zip(&found) {
                let Some(entry) = entry.as_ref().filter(|_| !finding.known) else { continue };
                if open.take(entry, is_same) {
                    let finding = Arc::make_mut(finding);
                    (finding.known, finding.decision) = (true, Decision::Admit);
                    known += 1;
                }
            }
        }
        report.decide_again();
        report.summary.known = Some(known);
        open.left()
    }
}

/// Entries that no finding has taken yet.
struct Open<'b> {
    by_subject: HashMap<&'b Subject, Vec<&'b Entry>>,
}

impl<'b> Open<'b> {
    fn of(baseline: &'b Baseline) -> Open<'b> {
        let mut by_subject: HashMap<&Subject, Vec<&Entry>> = HashMap::new();
        // The first one last, where it is found first.
        for entry in baseline.findings.iter().rev() {
            by_subject.entry(&entry.subject).or_default().push(entry);
        }
        Open { by_subject }
    }

    fn take(&mut self, entry: &Entry, is_same: fn(&Entry, &Entry) -> bool) -> bool {
        let Some(open) = self.by_subject.get_mut(&entry.subject) else { return false };
        let position = open.iter().rev().take(MOST_COMPARED).position(|recorded| is_same(entry, recorded));
        // Counted from the end; the order of the others stays.
        position.map(|position| open.remove(open.len() - 1 - position)).is_some()
    }

    fn left(&self) -> usize {
        self.by_subject.values().map(Vec::len).sum()
    }
}

fn is_zero(number: &u64) -> bool {
    *number == 0
}
