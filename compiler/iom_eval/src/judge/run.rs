use std::sync::atomic::{AtomicUsize, Ordering};

use iom_model::QualifiedName;
use iom_state::document::Layer;
use rustc_hash::{FxHashMap, FxHashSet};
use smol_str::SmolStr;

use super::disposition::{CurrentMode, Exceptions};
use super::finding::FindingMaker;
use super::place::report_layer;
use super::row::{RowJudge, SubjectOutcome, Unseen};
use super::subject::Subject;
use super::{Options, diagnostic, evidence, outcome};
use crate::evaluate::Evaluator;
use crate::facts::{Estate, Origin};
use crate::program::StepCode;
use crate::report::{
    Decision, Escalation, EscalationCause, Finding, FindingMode, REPORT_VERSION, Report, Summary, Verdict,
};
use crate::value::ElementId;

/// The stack of a worker, in bytes; where evaluation needs more it grows by itself.
const WORKER_STACK: usize = 8 << 20;

/// After so many subjects whose judging was cut short, a policy is not tried on further ones: they are unknown.
const MAX_EXHAUSTED: usize = 8;

/// One policy judged, before modes, exceptions and dates.
#[derive(Debug)]
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
        let mut firsts = vec![0];
        for source in &estate.sources {
            let before = firsts.last().copied().unwrap_or(0);
            firsts.push(before + source.document.objects.len() as u32);
        }
        let mut judgement = Judgement { estate, policies: Vec::new(), firsts };
        let chosen: Vec<usize> = (0..estate.program.policies.len())
            .filter(|position| {
                let name = &estate.program.policies[*position].name;
                is_chosen(&estate.program.model.policies[name], options, estate.at) && wanted(name)
            })
            .collect();
        judgement.policies = judgement.judge_all(&chosen, options.threads);
        judgement
    }

    /// Judges policies side by side. Whoever is first to need a fact reads it, and it is the same fact whoever that is.
    fn judge_all(&self, chosen: &[usize], threads: usize) -> Vec<RawPolicy> {
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
        };
        for (rule_position, rule) in code.rules.iter().enumerate() {
            for evaluator in evaluators.iter_mut() {
                let layer = &evaluator.layer.clone();
                if !is_judged_on(policy, *layer) {
                    continue;
                }
                let subjects = Subject::all(evaluator, rule);
                raw.candidates += subjects.len();
                let mut judge = RowJudge::new(evaluator, code);
                for subject in subjects {
                    let is_given_up = raw.exhausted.len() >= MAX_EXHAUSTED;
                    if is_given_up {
                        judge.unjudged(rule);
                    } else if !judge.subject(rule, &subject, &mut Unseen) {
                        continue;
                    }
                    let is_exhausted = is_given_up || judge.exhausted.is_some();
                    raw.exhausted.extend(judge.exhausted);
                    for member in subject.members() {
                        let number = self.number(judge.evaluator, *member);
                        raw.applies.insert(number);
                    }
                    if judge.has_faults() {
                        raw.outcomes.push(SubjectOutcome {
                            subject,
                            layer: *layer,
                            rule: rule_position as u32,
                            clauses: judge.faults().collect(),
                            is_exhausted,
                        });
                    }
                }
            }
        }
        raw
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
    fn resources(&self, evaluator: &mut Evaluator<'_>) -> u64 {
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

    /// The whole report.
    pub fn report(&self, options: &Options) -> Report {
        let estate = self.estate;
        let model = &estate.program.model;
        let mut exceptions = Exceptions::new(estate);
        let mut evaluator = Evaluator::new(estate, Layer::Intended);
        let mut summary = Summary { policies: self.policies.len() as u64, ..Summary::default() };
        summary.resources = self.resources(&mut evaluator);
        let mut findings = Vec::new();
        let mut escalations = Vec::new();
        let mut claims = evidence::Claims::default();
        for raw in &self.policies {
            let code = &estate.program.policies[raw.policy];
            let policy = &model.policies[&code.name];
            let Some(mode) = CurrentMode::of(policy, options.default_mode, estate.at) else { continue };
            let mut worst: FxHashMap<u32, Verdict> = FxHashMap::default();
            let mut maker = FindingMaker::new(estate, policy, code, mode.clone());
            for outcome in &raw.outcomes {
                let first = findings.len();
                maker.findings(outcome, &mut exceptions, &mut findings);
                for finding in &findings[first..] {
                    for member in outcome.subject.members() {
                        let number = self.number(&mut evaluator, *member);
                        let slot = worst.entry(number).or_insert(Verdict::Pass);
                        *slot = (*slot).max(finding.verdict);
                    }
                    escalations.extend(escalation(finding, policy));
                }
            }
            for verdict in worst.values() {
                match verdict {
                    Verdict::Fail => summary.fail += 1,
                    Verdict::Unknown => summary.unknown += 1,
                    Verdict::Excepted => summary.excepted += 1,
                    Verdict::Pass | Verdict::NotApplicable => {}
                }
            }
            summary.pass += raw.applies.count() - worst.len() as u64;
            if options.with_passes {
                self.passes(raw, &mut maker, &mut findings);
            }
            claims.add(&code.name, raw, maker.verdicts());
        }
        let judged = summary.pass + summary.fail + summary.unknown + summary.excepted;
        summary.not_applicable = (summary.resources * summary.policies).saturating_sub(judged);
        escalations.sort();
        escalations.dedup();
        let decision = findings.iter().map(|finding| finding.decision).max().unwrap_or_default();
        let decision = if escalations.is_empty() { decision } else { decision.max(Decision::Escalate) };
        let mut report = Report {
            version: REPORT_VERSION,
            tool: options.tool.clone(),
            at: iom_model::scalar::instant::format_time(estate.at).into(),
            model: options.model_hash.clone().unwrap_or_else(|| model.hash().into()),
            sources: diagnostic::sources(estate),
            decision,
            summary,
            findings,
            escalations,
            evidence: evidence::results(self, &claims),
            outcomes: outcome::results(self, &claims),
            diagnostics: Vec::new(),
        };
        report.diagnostics = diagnostic::diagnostics(self, &exceptions, options);
        report.sort();
        report
    }

    /// A finding for each subject that passes.
    fn passes(&self, raw: &RawPolicy, maker: &mut FindingMaker<'_>, findings: &mut Vec<Finding>) {
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
                        findings.extend(passes.flat_map(|clause| maker.pass(*clause, subject, rule, *layer)));
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
fn escalation(finding: &Finding, policy: &iom_model::Policy) -> Option<Escalation> {
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
