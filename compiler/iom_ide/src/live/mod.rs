//! What the rules say of the workspace's state, at the places where it is edited: from an [`Analysis`] and a [`Report`].
//!
//! A [`Live`] is made once for each report, on the thread that judges, and asked by everybody: it knows by file and by
//! declaration what there is to say, so that no question walks all findings. A report belongs to the texts that it was made
//! from. Where they are others by now its places are looked up line by line, and what stands in a changed line is left out
//! until it has been judged again.

mod answers;
mod dependencies;
mod diagnostics;
mod hierarchy;
mod hover;
mod lenses;
mod rules;
mod state;
mod texts;
mod words;

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use iom_eval::report::{Decision, Finding, Layer, Place, Report, Verdict};
use iom_model::Model;
use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use crate::Analysis;
use texts::JudgedTexts;

pub use answers::Answer;
pub use dependencies::Dependencies;
pub use diagnostics::{LiveDiagnostic, LiveSeverity, LiveSubject, RelatedPlace};
pub use hierarchy::{CallItem, CallLink, TypeItem};
pub use lenses::{Lens, LensCommand};
pub use rules::Rules;
pub use state::StateDiagnostic;

/// Failures whose places are shown with a policy.
const MOST_RELATED: usize = 5;

/// A report with ways into it. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Live {
    report: Arc<Report>,
    model: Arc<Model>,
    texts: JudgedTexts,
    index: Arc<Index>,
    dependencies: Option<Arc<Dependencies>>,
}

#[derive(Debug, Default)]
struct Index {
    /// By the file that declares the resource: findings that do not pass.
    declared: FxHashMap<SmolStr, Vec<u32>>,
    /// By the address of a declared resource, the same.
    addresses: BTreeMap<SmolStr, Vec<u32>>,
    policies: FxHashMap<SmolStr, PolicyVerdicts>,
    /// The policies of each group.
    groups: FxHashMap<SmolStr, Vec<SmolStr>>,
    evidence: FxHashMap<SmolStr, u32>,
    /// Remarks of the report, by file.
    remarks: FxHashMap<SmolStr, Vec<u32>>,
    /// By the file of a source: findings that stand there.
    state: BTreeMap<SmolStr, Vec<u32>>,
}

/// What one policy says, with whatever parameters it is applied.
#[derive(Clone, Debug, Default)]
struct PolicyVerdicts {
    counts: Counts,
    /// Its findings are one after the other.
    findings: Range<u32>,
    /// The first that fail.
    failing: Vec<u32>,
}

/// Resources by the worst that is said about them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Counts {
    pub pass: u64,
    pub fail: u64,
    pub unknown: u64,
    pub excepted: u64,
}

impl Counts {
    pub fn total(self) -> u64 {
        self.pass + self.fail + self.unknown + self.excepted
    }

    fn add(&mut self, other: Counts) {
        self.pass += other.pass;
        self.fail += other.fail;
        self.unknown += other.unknown;
        self.excepted += other.excepted;
    }

    /// `3 fail · 1 unknown · 408 pass`
    fn text(self) -> String {
        let parts = [
            (self.fail, "fail"),
            (self.unknown, "unknown"),
            (self.excepted, "excepted"),
            (self.pass, "pass"),
        ];
        let said: Vec<String> = parts
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| format!("{count} {what}"))
            .collect();
        if said.is_empty() { "judges nothing here".to_owned() } else { said.join(" · ") }
    }
}

impl Live {
    /// `analysis` and `model` are those that the report was made from.
    pub fn new(report: Arc<Report>, model: Arc<Model>, analysis: &Analysis) -> Live {
        Live::with_texts(report, model, JudgedTexts::of(analysis))
    }

    /// Of the rules that the report was made from.
    pub fn of(report: Arc<Report>, rules: &Rules) -> Live {
        Live::with_texts(report, rules.model.clone(), rules.texts.clone())
    }

    fn with_texts(report: Arc<Report>, model: Arc<Model>, texts: JudgedTexts) -> Live {
        let index = Arc::new(Index::of(&report, &model, &texts));
        Live { report, model, texts, index, dependencies: None }
    }

    /// The same with what depends on what, which takes longer to find out than the verdicts.
    pub fn with_dependencies(self, dependencies: Option<Arc<Dependencies>>) -> Live {
        Live { dependencies, ..self }
    }

    pub fn report(&self) -> &Report {
        &self.report
    }

    /// The rules that judged.
    pub fn model(&self) -> &Arc<Model> {
        &self.model
    }

    pub fn dependencies(&self) -> Option<&Dependencies> {
        self.dependencies.as_deref()
    }

    pub(crate) fn finding(&self, number: u32) -> Option<&Finding> {
        self.report.findings.get(number as usize).map(|finding| &**finding)
    }

    /// Findings about what is declared in a file, by their numbers; those that pass left out.
    fn declared_in(&self, path: &str) -> impl Iterator<Item = (u32, &Finding)> {
        let numbers = self.index.declared.get(path).into_iter().flatten();
        numbers.filter_map(|number| Some((*number, self.finding(*number)?)))
    }

    /// Whether nothing has been edited since: places of the model are places of the texts.
    pub fn is_of(&self, analysis: &Analysis) -> bool {
        self.texts.are_of(analysis)
    }

    /// Findings about a declaration: about the resource itself, the elements of a `for`, and what a blueprint builds.
    fn about<'a>(&'a self, path: &'a str, declared: &'a str) -> impl Iterator<Item = &'a Finding> + 'a {
        let from = self.index.addresses.range(SmolStr::new(declared)..);
        let of_it = from.take_while(move |(address, _)| address.starts_with(declared));
        let of_it = of_it.filter(move |(address, _)| is_part_of(address, declared));
        let findings = of_it.flat_map(|(_, numbers)| numbers);
        let is_here =
            move |finding: &&Finding| declared_place(finding).is_some_and(|place| place.file == path);
        findings.filter_map(|number| self.finding(*number)).filter(is_here)
    }

    /// The worst that findings about a declaration lead to, and how many there are.
    fn decision(&self, path: &str, declared: &str) -> (Decision, Counts) {
        let mut counts = Counts::default();
        let mut worst = Decision::Admit;
        for finding in self.about(path, declared) {
            worst = worst.max(finding.decision);
            match finding.verdict {
                Verdict::Fail => counts.fail += 1,
                Verdict::Unknown => counts.unknown += 1,
                Verdict::Excepted => counts.excepted += 1,
                Verdict::Pass | Verdict::NotApplicable => {}
            }
        }
        (worst, counts)
    }
}

/// Whether an address is that of a declared resource, of one of its elements or of a part of what it builds.
fn is_part_of(address: &str, declared: &str) -> bool {
    address.strip_prefix(declared).is_some_and(|rest| rest.is_empty() || rest.starts_with(['[', '.']))
}

/// Where the resource is declared that a finding is about.
fn declared_place(finding: &Finding) -> Option<&Place> {
    finding.location.as_ref().filter(|_| finding.resource.layer == Layer::Intended)
}

/// Where a person would change something: where it is written, if that is known.
fn written(place: &Place) -> (&SmolStr, u32, u32) {
    match &place.written {
        Some(written) => (&written.file, written.line, written.column),
        None => (&place.file, place.line, place.column),
    }
}

impl Index {
    fn of(report: &Report, model: &Model, texts: &JudgedTexts) -> Index {
        let mut index = Index::default();
        for (number, finding) in (0..).zip(&report.findings) {
            index.add(number, finding, &report.findings, texts);
        }
        for result in &report.policies {
            let counts = Counts {
                pass: result.pass,
                fail: result.fail,
                unknown: result.unknown,
                excepted: result.excepted,
            };
            index.policies.entry(result.policy.clone()).or_default().counts.add(counts);
        }
        for (number, result) in (0..).zip(&report.evidence) {
            index.evidence.insert(result.evidence.clone(), number);
        }
        for (number, remark) in (0..).zip(&report.diagnostics) {
            if let Some(location) = diagnostics::remark(remark).map(|remark| &remark.primary.place) {
                index.remarks.entry(location.file.clone()).or_default().push(number);
            }
        }
        for group in model.groups.values() {
            index.groups.insert(group.name.clone(), group.policies.clone());
        }
        index
    }

    fn add(&mut self, number: u32, finding: &Finding, all: &[Arc<Finding>], texts: &JudgedTexts) {
        if matches!(finding.verdict, Verdict::Pass | Verdict::NotApplicable) {
            return;
        }
        match self.policies.get_mut(&finding.policy) {
            Some(known) => known.findings.end = number + 1,
            None => {
                let known = PolicyVerdicts { findings: number..number + 1, ..PolicyVerdicts::default() };
                self.policies.insert(finding.policy.clone(), known);
            }
        }
        if finding.verdict == Verdict::Fail
            && let Some(known) = self.policies.get_mut(&finding.policy)
            && known.failing.len() < MOST_RELATED
            && !known.failing.last().is_some_and(|last| are_about_one(all, *last, finding))
        {
            known.failing.push(number);
        }
        let Some(place) = &finding.location else { return };
        let (file, ..) = written(place);
        if texts.has(file) {
            self.declare(number, finding, all, file);
            self.addresses.entry(finding.resource.address.clone()).or_default().push(number);
        } else {
            self.state.entry(file.clone()).or_default().push(number);
        }
    }

    /// What a clause says of a declared resource in several layers is said once: as the declaration itself has it, if that is
    /// judged, too.
    fn declare(&mut self, number: u32, finding: &Finding, all: &[Arc<Finding>], file: &SmolStr) {
        let known = self.declared.entry(file.clone()).or_default();
        let clause = |finding: &Finding| {
            let clause = finding.clause.as_ref();
            clause.map(|clause| (clause.file.clone(), clause.line, clause.column))
        };
        let of_it = known.iter_mut().rev().take_while(|other| are_about_one(all, **other, finding));
        let mut same = of_it
            .filter(|other| all.get(**other as usize).is_some_and(|other| clause(other) == clause(finding)));
        match same.next() {
            Some(known) if finding.resource.layer == Layer::Intended => *known = number,
            Some(_) => {}
            None => known.push(number),
        }
    }
}

/// Whether an earlier finding is of the same policy and about the same resource; those stand side by side.
fn are_about_one(all: &[Arc<Finding>], earlier: u32, finding: &Finding) -> bool {
    all.get(earlier as usize).is_some_and(|other| {
        other.policy == finding.policy && other.resource.address == finding.resource.address
    })
}

#[cfg(test)]
mod tests;
