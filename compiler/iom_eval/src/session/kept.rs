//! Verdicts and findings of policies that are kept.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use iom_model::QualifiedName;
use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use super::definitions::{Definitions, PolicyDefinition};
use super::renew::Moving;
use super::standing::{Member, Standing};
use super::world::World;
use super::{PolicyCounts, Task, Work};
use crate::evaluate::{Fact, Note};
use crate::judge::{
    self, CurrentMode, Exceptions, FindingMaker, Judgement, Options, PolicyReport, Put, RawPolicy,
    SubjectReport,
};
use crate::program::PolicyCode;
use crate::report::Finding;

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
    /// By outcome; nothing where it is to be made.
    subjects: Vec<Option<SaidSubject>>,
    /// What these make, and what passes where that is asked for.
    report: Option<PolicyReport>,
    /// That is in the report as it stands.
    is_told: bool,
    at: i64,
    /// What the findings about what passes were made from, and what there is to say of that.
    of_passes: (Vec<Fact>, BTreeSet<u32>),
}

#[derive(Debug)]
struct SaidSubject {
    report: SubjectReport,
    /// What it was made from.
    readings: Vec<Fact>,
    notes: BTreeSet<u32>,
    /// Its notes are not known yet.
    is_new: bool,
}

impl Said {
    fn of(raw: &RawPolicy, at: i64) -> Said {
        let subjects = raw.outcomes.iter().map(|_| None).collect();
        Said { subjects, report: None, is_told: false, at, of_passes: Default::default() }
    }

    /// Follows the outcomes.
    pub fn put(&mut self, puts: &[Put]) {
        self.report = None;
        for put in puts {
            match *put {
                Put::Replaced(at) => self.subjects[at] = None,
                Put::Inserted(at) => self.subjects.insert(at, None),
                Put::Removed(at) => drop(self.subjects.remove(at)),
            }
        }
    }

    /// Forgets what was made from one of some facts.
    pub fn forget(&mut self, is_touched: impl Fn(&[Fact]) -> bool) {
        for subject in &mut self.subjects {
            if subject.as_ref().is_some_and(|said| is_touched(&said.readings)) {
                *subject = None;
                self.report = None;
            }
        }
        if is_touched(&self.of_passes.0) {
            self.report = None;
        }
    }

    /// All findings about subjects.
    pub fn findings(&self) -> impl Iterator<Item = &Finding> {
        let subjects = self.subjects.iter().flatten();
        subjects.flat_map(|subject| subject.report.findings.iter().map(|(_, finding)| &**finding))
    }

    /// Says where values of a source stand now.
    pub fn relocate(&mut self, moving: &Moving, has_passes: bool) {
        let is_here = |(_, finding): &(u32, Arc<Finding>)| moving.is_moved(finding) == Some(false);
        let stays = |subject: &SaidSubject| subject.report.findings.iter().all(is_here);
        if !has_passes && self.subjects.iter().flatten().all(stays) {
            return;
        }
        // What else is said of them is said again soon.
        self.report = None;
        for slot in &mut self.subjects {
            let Some(subject) = slot else { continue };
            for (_, finding) in &mut subject.report.findings {
                match moving.is_moved(finding) {
                    Some(false) => {}
                    Some(true) => moving.relocate(Arc::make_mut(finding)),
                    None => {
                        *slot = None;
                        break;
                    }
                }
            }
        }
    }

    /// Says where clauses are written now.
    fn set_places(&mut self, code: &PolicyCode) {
        self.report = None;
        let subjects = self.subjects.iter_mut().flatten();
        for (clause, finding) in subjects.flat_map(|subject| &mut subject.report.findings) {
            let Some(require) = code.clauses.iter().find(|one| one.clause == *clause) else { continue };
            if let Some(place) = &mut Arc::make_mut(finding).clause {
                place.file = require.location.file.clone();
                (place.line, place.column) = (require.location.line, require.location.column);
            }
        }
    }

    fn notes(&self) -> impl Iterator<Item = u32> + '_ {
        let of_subjects = self.subjects.iter().flatten().flat_map(|subject| &subject.notes);
        of_subjects.chain(&self.of_passes.1).copied()
    }
}

impl World {
    /// Judges what is not judged yet, and makes the report.
    pub fn judged(
        &mut self,
        task: &Task,
        definitions: Arc<Definitions>,
        standing: &mut Standing,
        work: &mut Work,
    ) {
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
        self.report(task, &chosen, standing, work);
        self.notes.settle();
    }

    pub fn by_policy(&self) -> Vec<PolicyCounts> {
        let counts = |(name, kept): (&QualifiedName, &KeptPolicy)| {
            let report = kept.said.as_ref()?.report.as_ref()?;
            let PolicyReport { pass, fail, unknown, excepted, .. } = *report;
            Some(PolicyCounts { policy: name.clone(), pass, fail, unknown, excepted })
        };
        let mut found: Vec<PolicyCounts> = self.policies.iter().filter_map(counts).collect();
        found.sort_by(|left, right| left.policy.cmp(&right.policy));
        found
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
                Some(code) if is_said && before.places != now.places => said.set_places(code),
                Some(_) if is_said => {}
                _ => kept.said = None,
            }
        }
    }

    fn report(&mut self, task: &Task, chosen: &[usize], standing: &mut Standing, work: &mut Work) {
        let mut found: Vec<KeptPolicy> = Vec::with_capacity(chosen.len());
        for position in chosen {
            let name = &self.estate.program.policies[*position].name;
            if let Some(mut kept) = self.policies.remove(name) {
                kept.raw.policy = *position;
                found.push(kept);
            }
        }
        drop(self.loose());
        for kept in &mut found {
            self.say(task, kept, work);
        }
        self.take_notes();
        for said in found.iter_mut().filter_map(|kept| kept.said.as_mut()) {
            for subject in said.subjects.iter_mut().flatten().filter(|subject| subject.is_new) {
                subject.is_new = false;
                subject.notes = self.notes.of(subject.readings.iter().copied());
            }
            said.of_passes.1 = self.notes.of(said.of_passes.0.iter().copied());
        }
        self.put_in_report(task, found, standing);
    }

    /// Makes the findings of a policy that are not there.
    fn say(&self, task: &Task, kept: &mut KeptPolicy, work: &mut Work) {
        let (estate, raw) = (&self.estate, &kept.raw);
        let is_new = kept.said.is_none();
        let said = kept.said.get_or_insert_with(|| Said::of(raw, task.at));
        if said.report.is_some() {
            return;
        }
        let code = &estate.program.policies[raw.policy];
        let policy = &estate.program.model.policies[&code.name];
        let Some(mode) = CurrentMode::of(policy, task.options.default_mode, task.at) else { return };
        let judgement = Judgement::of_nothing(estate);
        let mut exceptions = Exceptions::new(estate);
        let mut maker = FindingMaker::new(estate, policy, code, mode);
        work.reports += u64::from(is_new || said.subjects.iter().any(Option::is_none));
        let missing = raw.outcomes.iter().zip(&mut said.subjects).filter(|(_, said)| said.is_none());
        for (outcome, said) in missing {
            let mut report = SubjectReport::default();
            judgement.subject_report(outcome, &mut exceptions, &mut maker, &mut report);
            work.findings += report.findings.len() as u64;
            let readings = maker.take_readings();
            *said = Some(SaidSubject { report, readings, notes: BTreeSet::new(), is_new: true });
        }
        let subjects = said.subjects.iter().flatten().map(|subject| &subject.report);
        let passes = task.options.with_passes.then_some(&mut maker);
        said.report = Some(judgement.policy_report(raw, subjects, passes));
        said.is_told = false;
        drop(maker);
        said.of_passes.0 = self.loose();
    }

    /// Puts what is said of policies into the report.
    fn put_in_report(&mut self, task: &Task, mut found: Vec<KeptPolicy>, standing: &mut Standing) {
        let program = &self.estate.program;
        let mut said: BTreeMap<&SmolStr, Vec<Member<'_>>> = BTreeMap::new();
        for kept in &found {
            let name = &program.policies[kept.raw.policy].name;
            if let Some(Said { report: Some(report), is_told, .. }) = &kept.said {
                let member = Member { name, report, is_told: *is_told };
                said.entry(&program.model.policies[name].declared).or_default().push(member);
            }
        }
        standing.put(said);
        found.iter_mut().filter_map(|kept| kept.said.as_mut()).for_each(|said| said.is_told = true);
        let report = &mut standing.report;
        if !std::mem::replace(&mut self.has_told_sources, true) {
            report.sources = judge::sources(&self.estate);
        }
        for (told, source) in report.sources.iter_mut().zip(&self.estate.sources) {
            // Of the same objects nothing else is told.
            if told.sha256 != source.document.sha256 {
                told.sha256 = source.document.sha256.as_str().into();
            }
        }
        drop(self.loose());
        let mut judgement = Judgement::of_nothing(&self.estate);
        judgement.policies = found.iter_mut().map(|kept| std::mem::take(&mut kept.raw)).collect();
        let reports = found.iter().filter_map(|kept| kept.said.as_ref()?.report.as_ref());
        judgement.sum_up(&task.options, reports.clone(), report);
        let raws = std::mem::take(&mut judgement.policies);
        drop(judgement);
        let loose = self.loose();
        self.take_notes();
        let mut live = self.notes.of(loose.into_iter().chain(self.notes.of_elements.iter().copied()));
        for kept in &found {
            live.extend(kept.notes.iter().copied().chain(kept.said.iter().flat_map(Said::notes)));
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
    }
}
