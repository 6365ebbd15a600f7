use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use iom_model::QualifiedName;
use iom_state::document::Layer;
use rustc_hash::{FxHashMap, FxHashSet};
use smol_str::SmolStr;

use super::Options;
use super::disposition::CurrentMode;
use super::finding::FindingMaker;
use super::place::report_layer;
use super::row::{RowJudge, SubjectOutcome, Unseen};
use super::subject::Subject;
use crate::evaluate::{Evaluator, Fact};
use crate::facts::{Estate, Origin, layer_index};
use crate::program::{RuleCode, StepCode};
use crate::report::{Decision, Escalation, EscalationCause, Finding, FindingMode};
use crate::value::ElementId;

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
    /// Steps that judging the subjects took: the same on every machine. Indexes are made apart from that.
    pub steps: u64,
    /// What the verdicts rest on, where results are kept.
    pub(crate) readings: Readings,
}

impl RawPolicy {
    /// Puts what was found about one subject in the place of what was known. Whether there is or was anything to say.
    fn put(&mut self, rule: u32, layer: Layer, id: ElementId, found: RawPolicy) -> bool {
        let key =
            |outcome: &SubjectOutcome| (outcome.rule, layer_index(outcome.layer), outcome.subject.first());
        let place = self.outcomes.binary_search_by_key(&(rule, layer_index(layer), Some(id)), key);
        self.exhausted.extend(found.exhausted);
        match (place, found.outcomes.into_iter().next()) {
            (Ok(at), Some(outcome)) => self.outcomes[at] = outcome,
            (Ok(at), None) => drop(self.outcomes.remove(at)),
            (Err(at), Some(outcome)) => self.outcomes.insert(at, outcome),
            (Err(_), None) => return false,
        }
        true
    }
}

/// What was read to judge a policy.
#[derive(Debug, Default)]
pub(crate) struct Readings {
    /// To find the subjects.
    pub common: Vec<Fact>,
    /// Of one subject after the other, in the order in which they are judged.
    pub facts: Vec<Fact>,
    /// By subject: where its facts end.
    pub ends: Vec<u32>,
    /// By subject: whether the policy applies to it.
    pub applies: Vec<bool>,
    /// Facts of subjects that were judged again.
    pub again: FxHashMap<u32, Vec<Fact>>,
}

impl Readings {
    fn add(&mut self, mut facts: Vec<Fact>, applies: bool) {
        self.facts.append(&mut facts);
        self.ends.push(self.facts.len() as u32);
        self.applies.push(applies);
    }

    /// Subjects with a fact that is looked for, in order.
    pub fn subjects_of(&self, is_it: impl Fn(Fact) -> bool) -> Vec<u32> {
        let hits = self.facts.iter().enumerate().filter(|(_, fact)| is_it(**fact));
        let subjects = hits.map(|(at, _)| self.ends.partition_point(|end| *end as usize <= at) as u32);
        let again = self.again.iter().filter(|(_, facts)| facts.iter().any(|fact| is_it(*fact)));
        let subjects = subjects.filter(|subject| !self.again.contains_key(subject));
        let mut subjects: Vec<u32> = subjects.chain(again.map(|(subject, _)| *subject)).collect();
        subjects.sort_unstable();
        subjects.dedup();
        subjects
    }

    /// All facts.
    pub fn all(&self) -> impl Iterator<Item = Fact> + '_ {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        let runs = (0..).zip(starts.zip(self.ends.iter().copied()));
        let own = runs.flat_map(|(subject, (start, end))| match self.again.get(&subject) {
            Some(facts) => facts.as_slice(),
            None => self.facts.get(start as usize..end as usize).unwrap_or(&[]),
        });
        self.common.iter().chain(own).copied()
    }
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
                let subjects = Subject::all(evaluator, rule);
                raw.candidates += subjects.len();
                raw.readings.common.append(&mut evaluator.take_readings());
                let mut judge = RowJudge::new(evaluator, code);
                for subject in subjects {
                    let applies = self.subject(&mut judge, (rule_position as u32, rule), subject, &mut raw);
                    if is_traced {
                        raw.readings.add(judge.evaluator.take_readings(), applies);
                    }
                }
                raw.steps += judge.steps;
            }
        }
        raw
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

    /// Judges some of the subjects of a policy again, by their order; subjects are elements. Whether there is anything else
    /// to say now, or was before.
    pub(crate) fn judge_subjects(&self, raw: &mut RawPolicy, subjects: &[u32]) -> bool {
        let estate = self.estate;
        let code = &estate.program.policies[raw.policy];
        let policy = &estate.program.model.policies[&code.name];
        let (mut is_other, mut is_applied) = (false, false);
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
                        raw.readings.again.insert(*subject, readings);
                        is_other |= raw.put(rule.0, *layer, id, found);
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
        is_other || is_applied
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
        let objects = u64::from(self.firsts.last().copied().unwrap_or(0));
        let elements = (0..self.estate.elements.len() as u32).map(ElementId);
        let is_declared = |id: &ElementId| matches!(self.estate.element(*id).origin, Origin::Declared { .. });
        let declared = elements.clone().filter(is_declared).count() as u64;
        if self.estate.layers().len() < 2 {
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
    }

    /// A finding for each subject that passes.
    pub(super) fn passes(
        &self,
        raw: &RawPolicy,
        maker: &mut FindingMaker<'_>,
        findings: &mut Vec<(u32, Arc<Finding>)>,
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
                let subjects = Subject::all(&mut evaluator, rule);
                let sound = subjects.iter().filter(|one| !faulty.contains(&(one.identity(), *layer)));
                for subject in sound {
                    let mut judge = RowJudge::new(&mut evaluator, code);
                    if judge.subject(rule, subject, &mut Unseen) {
                        let passes = clauses.iter();
                        findings.extend(passes.filter_map(|clause| {
                            Some((*clause, Arc::new(maker.pass(*clause, subject, rule, *layer)?)))
                        }));
                    }
                }
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
    }
}
