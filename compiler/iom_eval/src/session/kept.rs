//! Verdicts and findings of policies that are kept.

use std::collections::BTreeSet;
use std::sync::Arc;

use iom_model::QualifiedName;
use rustc_hash::FxHashMap;

use super::definitions::{Definitions, PolicyDefinition};
use super::world::World;
use super::{Task, Work};
use crate::evaluate::{Fact, Note};
use crate::judge::{CurrentMode, Exceptions, FindingMaker, Judgement, Options, PolicyReport, RawPolicy};
use crate::program::PolicyCode;
use crate::report::{Finding, Report};

/// One policy judged.
#[derive(Debug)]
pub(super) struct KeptPolicy {
    definition: PolicyDefinition,
    pub raw: RawPolicy,
    /// When it was judged.
    at: i64,
    /// What there is to say of the values it was judged by.
    pub notes: BTreeSet<u32>,
    pub said: Option<Said>,
}

/// What a report says of it.
#[derive(Debug)]
pub(super) struct Said {
    report: PolicyReport,
    at: i64,
    notes: BTreeSet<u32>,
    /// What it was made from.
    pub readings: Vec<Fact>,
}

impl World {
    /// Judges what is not judged yet, and makes the report.
    pub fn judged(&mut self, task: &Task, definitions: Arc<Definitions>, work: &mut Work) -> Report {
        let chosen = Judgement::chosen(&self.estate, &task.options);
        work.subjects += std::mem::take(&mut self.judged_again);
        self.drop_changed(&definitions);
        self.ask(&definitions);
        let name = |position: usize| &self.estate.program.policies[position].name;
        let missing: Vec<usize> =
            chosen.iter().copied().filter(|position| !self.policies.contains_key(name(*position))).collect();
        let judged = Judgement::of_nothing(&self.estate).judge_all(&missing, task.options.threads);
        self.take_notes();
        for raw in judged {
            work.policies += 1;
            work.subjects += raw.candidates as u64;
            let name = self.estate.program.policies[raw.policy].name.clone();
            let Some(definition) = definitions.policies.get(&name).cloned() else { continue };
            let notes = self.notes.of(raw.readings.all());
            self.policies.insert(name, KeptPolicy { definition, raw, at: task.at, notes, said: None });
        }
        self.drop_unsaid(task, &definitions);
        self.definitions = definitions;
        self.options = Some(task.options.clone());
        self.reported(task, &chosen, work)
    }

    pub fn take_notes(&mut self) {
        if let Some(book) = &self.estate.book {
            self.notes.take(book);
        }
    }

    /// Verdicts that may be others now. What is only not judged at the moment, because it is off, is kept.
    fn drop_changed(&mut self, definitions: &Definitions) {
        let at = self.estate.at;
        self.policies.retain(|name, kept| {
            let is_same = |now: &PolicyDefinition| now.verdicts.hash == kept.definition.verdicts.hash;
            let is_kept = definitions.policies.get(name).is_some_and(is_same);
            is_kept && !kept.definition.verdicts.clock.differs(kept.at, at)
        });
    }

    /// Findings that may be others now; where only lines moved they are set right.
    fn drop_unsaid(&mut self, task: &Task, definitions: &Definitions) {
        let is_as_before = |options: &Options| {
            options.default_mode == task.options.default_mode
                && options.with_passes == task.options.with_passes
        };
        let keeps =
            self.options.as_ref().is_some_and(is_as_before) && self.definitions.places == definitions.places;
        let codes: FxHashMap<&QualifiedName, &PolicyCode> =
            self.estate.program.policies.iter().map(|code| (&code.name, code)).collect();
        for (name, kept) in &mut self.policies {
            let Some(now) = definitions.policies.get(name) else { continue };
            let before = std::mem::replace(&mut kept.definition, now.clone());
            let Some(said) = &mut kept.said else { continue };
            let is_said =
                keeps && before.words.hash == now.words.hash && !now.words.clock.differs(said.at, task.at);
            match codes.get(name) {
                Some(code) if is_said && before.places != now.places => said.report.set_places(code),
                Some(_) if is_said => {}
                _ => kept.said = None,
            }
        }
    }

    fn reported(&mut self, task: &Task, chosen: &[usize], work: &mut Work) -> Report {
        let mut found: Vec<KeptPolicy> = Vec::with_capacity(chosen.len());
        for position in chosen {
            let name = &self.estate.program.policies[*position].name;
            if let Some(mut kept) = self.policies.remove(name) {
                kept.raw.policy = *position;
                found.push(kept);
            }
        }
        let mut exceptions = Exceptions::new(&self.estate);
        let judgement = Judgement::of_nothing(&self.estate);
        let mut readings = Vec::new();
        for kept in found.iter_mut().filter(|kept| kept.said.is_none()) {
            let code = &self.estate.program.policies[kept.raw.policy];
            let policy = &self.estate.program.model.policies[&code.name];
            let Some(mode) = CurrentMode::of(policy, task.options.default_mode, task.at) else { continue };
            drop(self.loose());
            let mut maker = FindingMaker::new(&self.estate, policy, code, mode);
            let report = judgement.policy_report(&kept.raw, &task.options, &mut exceptions, &mut maker);
            drop(maker);
            let mut facts = self.loose();
            facts.sort_unstable();
            facts.dedup();
            readings.push((kept.raw.policy, facts));
            work.reports += 1;
            work.findings += report.findings.len() as u64;
            kept.said = Some(Said { report, at: task.at, notes: BTreeSet::new(), readings: Vec::new() });
        }
        drop(judgement);
        self.take_notes();
        for (position, facts) in readings {
            let made = found.iter_mut().find(|kept| kept.raw.policy == position);
            if let Some(said) = made.and_then(|kept| kept.said.as_mut()) {
                said.notes = self.notes.of(facts.iter().copied());
                said.readings = facts;
            }
        }
        self.assembled(task, found)
    }

    fn assembled(&mut self, task: &Task, mut found: Vec<KeptPolicy>) -> Report {
        drop(self.loose());
        let mut judgement = Judgement::of_nothing(&self.estate);
        judgement.policies = found.iter_mut().map(|kept| std::mem::take(&mut kept.raw)).collect();
        let reports = found.iter().filter_map(|kept| kept.said.as_ref()).map(|said| &said.report);
        let mut report = judgement.assembled(&task.options, reports.clone());
        let raws = std::mem::take(&mut judgement.policies);
        drop(judgement);
        let loose = self.loose();
        self.take_notes();
        let mut live = self.notes.of(loose.into_iter().chain(self.notes.of_elements.iter().copied()));
        for kept in &found {
            live.extend(kept.notes.iter().chain(kept.said.iter().flat_map(|said| &said.notes)));
        }
        self.estate.forget_notes();
        let book = self.estate.book.as_deref();
        let notes: Vec<Note> = live.into_iter().filter_map(|number| book?.note(number)).collect();
        notes.into_iter().for_each(|note| self.estate.keep_note(note));
        let mut judgement = Judgement::of_nothing(&self.estate);
        judgement.policies = raws;
        report.diagnostics = judgement.diagnostics(&task.options, reports);
        let raws = std::mem::take(&mut judgement.policies);
        drop(judgement);
        for (mut kept, raw) in found.into_iter().zip(raws) {
            let name = self.estate.program.policies[raw.policy].name.clone();
            kept.raw = raw;
            self.policies.insert(name, kept);
        }
        report
    }
}

impl PolicyReport {
    /// Says where clauses are written now.
    fn set_places(&mut self, code: &PolicyCode) {
        for (clause, finding) in &mut self.findings {
            let Some(require) = code.clauses.iter().find(|one| one.clause == *clause) else { continue };
            if let Some(place) = &mut Arc::make_mut(finding).clause {
                place.file = require.location.file.clone();
                (place.line, place.column) = (require.location.line, require.location.column);
            }
        }
        self.findings.sort_by(|(_, left), (_, right)| Finding::order(left, right));
    }
}
