use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use iom_model::QualifiedName;
use iom_state::document::Layer;
use rustc_hash::FxHashSet;
use smol_str::SmolStr;

use super::Options;
use super::disposition::CurrentMode;
use super::finding::FindingMaker;
use super::place::report_layer;
use super::readings::Readings;
use super::row::{ClauseState, RowJudge, SubjectOutcome, Unseen};
use super::subject::{Subject, Subjects};
use crate::evaluate::{Compilation, Evaluator, Outcome};
use crate::facts::{Estate, Origin, layer_index};
use crate::program::{RuleCode, StepCode};
use crate::report::{Decision, Escalation, EscalationCause, Finding, FindingMode};
use crate::value::{ElementId, Truth};

/// The stack of a worker, in bytes; where evaluation needs more it grows by itself.
const WORKER_STACK: usize = 8 << 20;

/// After so many subjects whose judging was cut short, a policy is not tried on further ones: they are unknown.
const MAX_EXHAUSTED: usize = 8;

/// One policy judged, before modes, exceptions and dates.
#[derive(Debug, Default)]
pub struct RawPolicy {
    /// In the program.
    pub policy: usize,
    /// Subjects that did not pass, in order of rules, layers and elements.
    pub outcomes: Vec<SubjectOutcome>,
    /// By resource: the policy applies to it.
    pub applies: Resources,
    /// Subjects that the policy could have: without any it is vacuous.
    pub candidates: usize,
    /// By subject whose judging was cut short: the clause at which the fuel ran out.
    pub exhausted: Vec<u32>,
    /// Steps that judging the subjects took that were looked at row by row: the same on every machine. Indexes are made
    /// apart from that.
    pub steps: u64,
    /// What the verdicts rest on, where results are kept.
    pub(crate) readings: Readings,
}

impl RawPolicy {
    /// Puts what was found about one subject in the place of what was known, and says what has become of the outcomes.
    fn put(&mut self, rule: u32, layer: Layer, id: ElementId, found: RawPolicy) -> Option<Put> {
        let key =
            |outcome: &SubjectOutcome| (outcome.rule, layer_index(outcome.layer), outcome.subject.first());
        let place = self.outcomes.binary_search_by_key(&(rule, layer_index(layer), Some(id)), key);
        self.exhausted.extend(found.exhausted);
        Some(match (place, found.outcomes.into_iter().next()) {
            (Ok(at), Some(outcome)) => {
                self.outcomes[at] = outcome;
                Put::Replaced(at)
            }
            (Ok(at), None) => {
                self.outcomes.remove(at);
                Put::Removed(at)
            }
            (Err(at), Some(outcome)) => {
                self.outcomes.insert(at, outcome);
                Put::Inserted(at)
            }
            (Err(_), None) => return None,
        })
    }
}

/// What has become of the outcomes of a policy, in the order in which it did: by position.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Put {
    Replaced(usize),
    Inserted(usize),
    Removed(usize),
}

/// A set of resources, by number.
#[derive(Clone, Debug, Default)]
pub struct Resources {
    bits: Vec<u64>,
}

impl Resources {
    pub fn insert(&mut self, number: u32) {
        let (word, bit) = (number as usize / 64, number % 64);
        if word >= self.bits.len() {
            self.bits.resize(word + 1, 0);
        }
        self.bits[word] |= 1 << bit;
    }

    pub fn has(&self, number: u32) -> bool {
        self.bits.get(number as usize / 64).is_some_and(|word| word >> (number % 64) & 1 == 1)
    }

    pub fn count(&self) -> u64 {
        self.bits.iter().map(|word| u64::from(word.count_ones())).sum()
    }
}

/// Everything that policies say about an estate.
#[derive(Debug)]
pub struct Judgement<'e> {
    pub estate: &'e Estate,
    pub policies: Vec<RawPolicy>,
    /// By source: the number of its first object; then that of the first declared element.
    firsts: Vec<u32>,
}

impl<'e> Judgement<'e> {
    /// Judges all policies that bite at the stage asked for and are not off.
    pub fn of(estate: &'e Estate, options: &Options) -> Judgement<'e> {
        Judgement::of_policies(estate, options, &|_| true)
    }

    /// Judges those of the policies that are wanted.
    pub fn of_policies(
        estate: &'e Estate,
        options: &Options,
        wanted: &dyn Fn(&QualifiedName) -> bool,
    ) -> Judgement<'e> {
        let mut chosen = Judgement::chosen(estate, options);
        chosen.retain(|position| wanted(&estate.program.policies[*position].name));
        let mut judgement = Judgement::of_nothing(estate);
        judgement.policies = judgement.judge_all(&chosen, options.threads);
        judgement
    }

    /// Nothing judged yet.
    pub(crate) fn of_nothing(estate: &'e Estate) -> Judgement<'e> {
        let mut firsts = vec![0];
        for source in &estate.sources {
            let before = firsts.last().copied().unwrap_or(0);
            firsts.push(before + source.document.objects.len() as u32);
        }
        Judgement { estate, policies: Vec::new(), firsts }
    }

    /// Policies that bite at the stage asked for and are not off, by position in the program.
    pub(crate) fn chosen(estate: &Estate, options: &Options) -> Vec<usize> {
        let is_chosen = |position: &usize| {
            let policy = &estate.program.model.policies[&estate.program.policies[*position].name];
            is_chosen(policy, options, estate.at)
        };
        (0..estate.program.policies.len()).filter(is_chosen).collect()
    }

    /// Judges policies side by side. Whoever is first to need a fact reads it, and it is the same fact whoever that is.
    pub(crate) fn judge_all(&self, chosen: &[usize], threads: usize) -> Vec<RawPolicy> {
        let next = AtomicUsize::new(0);
        let work = || {
            // What an evaluator has read once serves all policies of its layer.
            let layers = self.estate.layers().iter();
            let mut evaluators: Vec<Evaluator<'e>> =
                layers.map(|layer| Evaluator::new(self.estate, *layer)).collect();
            let mut done = Vec::new();
            while let Some(position) = chosen.get(next.fetch_add(1, Ordering::Relaxed)) {
                done.push(self.raw(*position, &mut evaluators));
            }
            done
        };
        let threads = threads.clamp(1, chosen.len().max(1));
        let mut raw = if threads == 1 {
            work()
        } else {
            std::thread::scope(|scope| {
                // A thread that the system refuses to start is one worker less.
                let worker =
                    || std::thread::Builder::new().stack_size(WORKER_STACK).spawn_scoped(scope, work);
                let workers: Vec<_> = (1..threads).filter_map(|_| worker().ok()).collect();
                let own = work();
                // What a worker that panicked had judged is lost, and a run must not look as if it had passed.
                let joined = |worker: std::thread::ScopedJoinHandle<'_, Vec<RawPolicy>>| {
                    worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
                };
                workers.into_iter().flat_map(joined).chain(own).collect()
            })
        };
        raw.sort_by_key(|raw| raw.policy);
        raw
    }

    fn raw(&self, position: usize, evaluators: &mut [Evaluator<'e>]) -> RawPolicy {
        let estate = self.estate;
        let code = &estate.program.policies[position];
        let policy = &estate.program.model.policies[&code.name];
        let mut raw = RawPolicy {
            policy: position,
            outcomes: Vec::new(),
            applies: Resources::default(),
            candidates: 0,
            exhausted: Vec::new(),
            steps: 0,
            readings: Readings::default(),
        };
        let is_traced = estate.book.is_some();
        for (rule_position, rule) in code.rules.iter().enumerate() {
            for evaluator in evaluators.iter_mut() {
                let layer = &evaluator.layer.clone();
                if !is_judged_on(policy, *layer) {
                    continue;
                }
                let subjects = Subjects::of(evaluator, rule);
                raw.candidates += subjects.len();
                raw.readings.add_common(estate, evaluator.take_readings());
                let mut judge = RowJudge::new(evaluator, code);
                let rule = (rule_position as u32, rule);
                match subjects {
                    Subjects::Elements(runs) => {
                        runs.into_iter().for_each(|ids| self.elements(&mut judge, rule, ids, &mut raw));
                    }
                    Subjects::Groups(groups) => {
                        for subject in groups {
                            let applies = self.subject(&mut judge, rule, subject, &mut raw);
                            if is_traced {
                                raw.readings.add(judge.evaluator, applies);
                            }
                        }
                    }
                }
                raw.steps += judge.steps;
            }
        }
        raw
    }

    /// Judges elements of one kind. Most subjects pass, or the rule is not about them: that is told at a glance, and so is
    /// what a rule of one clause says. Only the others are looked at row by row.
    fn elements<'j>(
        &self,
        judge: &mut RowJudge<'j, 'e>,
        rule: (u32, &'j RuleCode),
        ids: Range<u32>,
        raw: &mut RawPolicy,
    ) {
        let estate = self.estate;
        let is_traced = estate.book.is_some();
        let shard = estate.shard_with(ElementId(ids.start)).filter(|_| !ids.is_empty());
        let direct =
            shard.and_then(|shard| Some((shard, Compilation::of_rule(&estate.program, shard.kind, rule.1)?)));
        let frame = judge.evaluator.enter(direct.as_ref().map_or(0, |(_, direct)| direct.locals));
        for id in ids.map(ElementId) {
            let outcome = match &direct {
                Some((shard, direct)) if raw.exhausted.len() < MAX_EXHAUSTED => {
                    judge.evaluator.glance(direct, shard, id)
                }
                _ => Outcome::Undecided,
            };
            let applies = match outcome {
                Outcome::NotApplicable => false,
                Outcome::Pass => {
                    let number = self.number(judge.evaluator, id);
                    raw.applies.insert(number);
                    true
                }
                Outcome::Fault(condition) => {
                    let state = ClauseState::of(Truth::True, condition);
                    raw.outcomes.push(SubjectOutcome {
                        subject: Subject::Element(id),
                        layer: judge.evaluator.layer,
                        rule: rule.0,
                        clauses: rule.1.clauses.iter().map(|clause| (*clause, state)).collect(),
                        is_exhausted: false,
                    });
                    raw.applies.insert(self.number(judge.evaluator, id));
                    true
                }
                Outcome::Undecided => self.subject(judge, rule, Subject::Element(id), raw),
            };
            if is_traced {
                raw.readings.add(judge.evaluator, applies);
            }
        }
        judge.evaluator.leave(frame);
        judge.evaluator.refuel();
    }

    fn subject<'j>(
        &self,
        judge: &mut RowJudge<'j, '_>,
        (position, rule): (u32, &'j RuleCode),
        subject: Subject,
        raw: &mut RawPolicy,
    ) -> bool {
        let is_given_up = raw.exhausted.len() >= MAX_EXHAUSTED;
        if is_given_up {
            judge.unjudged(rule);
        } else if !judge.subject(rule, &subject, &mut Unseen) {
            return false;
        }
        let is_exhausted = is_given_up || judge.exhausted.is_some();
        raw.exhausted.extend(judge.exhausted);
        for member in subject.members() {
            let number = self.number(judge.evaluator, *member);
            raw.applies.insert(number);
        }
        if judge.has_faults() {
            let layer = judge.evaluator.layer;
            let clauses = judge.faults().collect();
            raw.outcomes.push(SubjectOutcome { subject, layer, rule: position, clauses, is_exhausted });
        }
        true
    }

    /// Judges some of the subjects of a policy again, by their order; subjects are elements. Gives what has become of the
    /// outcomes, and whether the policy applies to other resources now.
    pub(crate) fn judge_subjects(&self, raw: &mut RawPolicy, subjects: &[u32]) -> (Vec<Put>, bool) {
        let estate = self.estate;
        let code = &estate.program.policies[raw.policy];
        let policy = &estate.program.model.policies[&code.name];
        let (mut puts, mut is_applied) = (Vec::new(), false);
        let mut first = 0;
        let mut left = subjects;
        for (rule_position, rule) in code.rules.iter().enumerate() {
            for layer in estate.layers().iter().filter(|layer| is_judged_on(policy, **layer)) {
                let mut evaluator = Evaluator::new(estate, *layer);
                let mut judge = RowJudge::new(&mut evaluator, code);
                for ids in rule.population.kinds.iter().map(|kind| estate.population(*kind, *layer)) {
                    let count = left.partition_point(|subject| *subject < first + ids.len() as u32);
                    let (here, after) = left.split_at(count);
                    for subject in here {
                        let id = ElementId(ids.start + (subject - first));
                        let mut found = RawPolicy::default();
                        let rule = (rule_position as u32, rule);
                        let applies = self.subject(&mut judge, rule, Subject::Element(id), &mut found);
                        let readings = judge.evaluator.take_readings();
                        raw.readings.set(estate, *subject, readings);
                        puts.extend(raw.put(rule.0, *layer, id, found));
                        if let Some(slot) = raw.readings.applies.get_mut(*subject as usize) {
                            is_applied |= std::mem::replace(slot, applies) != applies;
                        }
                    }
                    left = after;
                    first += ids.len() as u32;
                }
            }
        }
        if is_applied {
            raw.applies = self.applied(code, policy, &raw.readings);
        }
        (puts, is_applied)
    }

    /// The resources that a policy applies to.
    fn applied(
        &self,
        code: &crate::program::PolicyCode,
        policy: &iom_model::Policy,
        readings: &Readings,
    ) -> Resources {
        let estate = self.estate;
        let mut applies = readings.applies.iter();
        let mut resources = Resources::default();
        for rule in &code.rules {
            for layer in estate.layers().iter().filter(|layer| is_judged_on(policy, **layer)) {
                let mut evaluator = Evaluator::new(estate, *layer);
                for id in rule.population.kinds.iter().flat_map(|kind| estate.population(*kind, *layer)) {
                    if applies.next() == Some(&true) {
                        resources.insert(self.number(&mut evaluator, ElementId(id)));
                    }
                }
            }
        }
        resources
    }

    /// The number of the resource an element belongs to: pieces of one object, and the same thing in several layers,
    /// have one number.
    pub(crate) fn number(&self, evaluator: &mut Evaluator<'_>, element: ElementId) -> u32 {
        let canonical = evaluator.canonical(element);
        match &self.estate.element(canonical).origin {
            Origin::Imported { source, object, .. } => self.firsts[*source as usize] + object,
            Origin::Declared { .. } => self.firsts.last().copied().unwrap_or(0) + canonical.0,
        }
    }

    /// All resources: objects of all sources and declared elements, each thing once.
    pub(super) fn resources(&self, evaluator: &mut Evaluator<'_>) -> u64 {
        let elements = (0..self.estate.elements.len() as u32).map(ElementId);
        let has_several_layers = self.estate.layers().len() > 1;
        if has_several_layers && let Some(first) = elements.clone().next() {
            // Whoever is told the number rests on which things are one.
            evaluator.canonical(first);
        }
        *self.estate.resources.get_or_init(|| {
            let objects = u64::from(self.firsts.last().copied().unwrap_or(0));
            let is_declared =
                |id: &ElementId| matches!(self.estate.element(*id).origin, Origin::Declared { .. });
            let declared = elements.clone().filter(is_declared).count() as u64;
            if !has_several_layers {
                return objects + declared;
            }
            // The same thing seen in two layers is one resource.
            let mut merged = Resources::default();
            for id in elements.filter(|id| evaluator.canonical(*id) != *id) {
                merged.insert(match &self.estate.element(id).origin {
                    Origin::Imported { source, object, .. } => self.firsts[*source as usize] + object,
                    Origin::Declared { .. } => self.firsts.last().copied().unwrap_or(0) + id.0,
                });
            }
            (objects + declared).saturating_sub(merged.count())
        })
    }

    /// A finding for each subject that passes.
    pub(super) fn passes(
        &self,
        raw: &RawPolicy,
        maker: &mut FindingMaker<'_>,
        findings: &mut Vec<Arc<Finding>>,
    ) {
        let estate = self.estate;
        let code = &estate.program.policies[raw.policy];
        let policy = &estate.program.model.policies[&code.name];
        let faulty: FxHashSet<_> =
            raw.outcomes.iter().map(|outcome| (outcome.subject.identity(), outcome.layer)).collect();
        for layer in estate.layers() {
            if !is_judged_on(policy, *layer) {
                continue;
            }
            let mut evaluator = Evaluator::new(estate, *layer);
            for rule in &code.rules {
                // Without a fault every clause of the rule passes, also one that had nothing to look at.
                let mut clauses = Vec::new();
                clauses_of(&rule.steps, &mut clauses);
                Subjects::of(&mut evaluator, rule).for_each(|subject| {
                    if faulty.contains(&(subject.identity(), *layer)) {
                        return;
                    }
                    let mut judge = RowJudge::new(&mut evaluator, code);
                    if judge.subject(rule, &subject, &mut Unseen) {
                        let passes = clauses.iter();
                        findings.extend(passes.filter_map(|clause| {
                            Some(Arc::new(maker.pass(*clause, &subject, rule, *layer)?))
                        }));
                    }
                });
            }
        }
    }
}

fn clauses_of(steps: &[StepCode], clauses: &mut Vec<u32>) {
    for step in steps {
        match step {
            StepCode::Let { .. } => {}
            StepCode::Require(clause) => clauses.push(clause.clause),
            StepCode::For { clauses: inner, .. } => clauses.extend(inner),
        }
    }
}

pub(super) fn is_judged_on(policy: &iom_model::Policy, layer: Layer) -> bool {
    policy.layers.is_empty() || policy.layers.iter().any(|name| name == layer_name(layer))
}

/// Whether a policy is on and bites where and how severely it is asked for.
fn is_chosen(policy: &iom_model::Policy, options: &Options, at: i64) -> bool {
    let bites = match &options.stage {
        Some(stage) => policy.stages.is_empty() || policy.stages.contains(stage),
        None => true,
    };
    bites
        && options.min_severity.is_none_or(|least| policy.severity >= least)
        && CurrentMode::of(policy, options.default_mode, at).is_some()
}

/// Whom a finding makes a person decide.
pub(super) fn escalation(finding: &Finding, policy: &iom_model::Policy) -> Option<Escalation> {
    if finding.decision != Decision::Escalate {
        return None;
    }
    let is_stale = finding.unknown.iter().any(|value| value.cause == "stale");
    let cause = match finding.mode {
        FindingMode::Escalate => EscalationCause::EscalatingRule,
        // What fails and is enforced blocks, unless nobody has said that it should be so.
        FindingMode::Enforce if finding.verdict == crate::report::Verdict::Fail => {
            EscalationCause::UnratifiedIntent
        }
        _ if is_stale => EscalationCause::StaleFact,
        _ => EscalationCause::UnknownValue,
    };
    let owner = policy.owner.as_deref().map(super::disposition::short);
    Some(Escalation {
        cause,
        to: finding.escalate_to.clone().or(owner).or(finding.resource.owner.clone()),
        resource: Some(finding.resource.address.clone()),
        policy: Some(finding.policy.clone()),
        message: Some(finding.message.clone()),
    })
}

pub(crate) fn layer_name(layer: Layer) -> &'static str {
    match layer {
        Layer::Intended => "intended",
        Layer::Built => "built",
        Layer::Running => "running",
    }
}

/// How an element is called in reports.
pub(crate) fn resource(
    evaluator: &mut Evaluator<'_>,
    id: ElementId,
    layer: Layer,
) -> crate::report::Resource {
    let estate = evaluator.estate;
    let program = &estate.program;
    let element = estate.element(id);
    let kind = program.kind(element.kind);
    let mut named = |name| -> Option<SmolStr> {
        let position = kind.field_position(name)?;
        match evaluator.field(id, position) {
            crate::value::Value::Element(owner) => Some(estate.short_name(owner).into()),
            _ => None,
        }
    };
    crate::report::Resource {
        address: estate.address(id).into(),
        kind: kind.name.clone(),
        owner: named(program.names.owner),
        environment: named(program.names.environment),
        layer: report_layer(layer),
        observed_at: estate.observed_at(id),
    }
}
