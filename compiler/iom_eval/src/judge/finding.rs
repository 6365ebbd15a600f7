use std::sync::Arc;

use iom_model::Policy;
use iom_state::document::Layer;
use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use super::cause::{self, Causing};
use super::disposition::{CurrentMode, Exceptions, Excuse, short};
use super::evidence::Verdicts;
use super::fix;
use super::place::source_place;
use super::row::{ClauseState, RowJudge, RowState, RowVisitor, SubjectOutcome};
use super::subject::Subject;
use crate::evaluate::{Evaluator, FUEL, Fact};
use crate::facts::{Estate, LAYERS, layer_index, text::instant_text};
use crate::program::{ClauseCode, Code, PolicyCode, RuleCode};
use crate::report::{
    AppliedException, Clause, Decision, Finding, Fix, Place, ProposedField, Resource, UnknownValue, Verdict,
    Witness,
};
use crate::value::{Causes, Value};

/// Rows listed beside the first.
const MAX_WITNESSES: usize = 5;

/// What a row that did not pass has to say.
#[derive(Default)]
struct RowReport {
    message: String,
    place: Option<Place>,
    causing: Causing,
    sets: Vec<ProposedField>,
}

/// Rows of one clause, in the clause's worst state.
#[derive(Default)]
struct ClauseRows {
    clause: u32,
    rows: Vec<RowReport>,
    more: u64,
    /// Whether the rows kept are failures.
    fails: bool,
}

/// Listens to the rows of one subject.
#[derive(Default)]
struct Listener {
    clauses: Vec<ClauseRows>,
    open: Vec<(u32, Causes, Causing)>,
}

impl RowVisitor for Listener {
    fn row(&mut self, judge: &mut RowJudge<'_, '_>, clause: &ClauseCode, row: RowState) {
        let is_fail = row.state == ClauseState::Fail;
        let known = self.clauses.iter().position(|known| known.clause == clause.clause);
        let position = known.unwrap_or_else(|| {
            self.clauses.push(ClauseRows { clause: clause.clause, fails: is_fail, ..ClauseRows::default() });
            self.clauses.len() - 1
        });
        let Some(known) = self.clauses.get_mut(position) else { return };
        match (known.fails, is_fail) {
            // Failures push unknown rows out.
            (true, false) => return,
            (false, true) => {
                *known = ClauseRows { clause: clause.clause, fails: true, ..ClauseRows::default() };
            }
            _ => {}
        }
        let ClauseRows { rows, more, .. } = known;
        if rows.len() > MAX_WITNESSES {
            *more += 1;
            return;
        }
        let is_first = rows.is_empty();
        // What is said about a row takes nothing from the fuel of the rows that follow.
        let fuel = judge.evaluator.save_fuel();
        let report = report_row(judge, clause, row, is_first);
        judge.evaluator.restore_fuel(fuel);
        if is_first {
            // Mostly it is the only one, and it is large.
            rows.reserve_exact(1);
        }
        rows.push(report);
    }

    fn open(&mut self, judge: &mut RowJudge<'_, '_>, source: &Code, clauses: &[u32], causes: Causes) {
        let fuel = judge.evaluator.save_fuel();
        let causing = cause::of_source(judge, source, causes);
        judge.evaluator.restore_fuel(fuel);
        self.open.extend(clauses.iter().map(|clause| (*clause, causes, causing.clone())));
    }
}

/// What a row has to say; with the causes, where it is the first.
fn report_row(judge: &mut RowJudge<'_, '_>, clause: &ClauseCode, row: RowState, is_first: bool) -> RowReport {
    let estate = judge.evaluator.estate;
    judge.evaluator.refuel();
    let causing = if is_first { cause::of_clause(judge, clause, row) } else { Causing::default() };
    // What the author says of a violation is no message for what nobody knows yet.
    let has_own_message = is_first && matches!(row.state, ClauseState::Unknown(_));
    let message = clause.message.as_ref().filter(|_| !has_own_message);
    if message.is_none() && clause.fix.is_empty() && clause.at.is_none() {
        return RowReport { causing, ..RowReport::default() };
    }
    cause::bind_witness(judge.evaluator, &clause.condition);
    let message = message.map(|message| judge.evaluator.message(message)).unwrap_or_default();
    let sets = fix::written(judge, clause);
    let place = clause.at.as_ref().and_then(|at| match judge.evaluator.raw(at) {
        Value::Element(id) => estate.element_place(id),
        Value::Node { source, node } => estate.place_of_node(source, node),
        _ => cause::place_of(judge, at),
    });
    RowReport { message, place, causing, sets }
}

/// Makes the findings of one policy.
pub(crate) struct FindingMaker<'e> {
    estate: &'e Estate,
    pub policy: &'e Policy,
    code: &'e PolicyCode,
    mode: CurrentMode,
    /// By layer.
    evaluators: [Evaluator<'e>; 3],
    covers: Arc<[SmolStr]>,
    title: Option<SmolStr>,
    aliases: FxHashMap<(u32, SmolStr), Arc<[SmolStr]>>,
    /// Empty between subjects; kept for its room.
    listener: Listener,
}

impl<'e> FindingMaker<'e> {
    pub fn new(estate: &'e Estate, policy: &'e Policy, code: &'e PolicyCode, mode: CurrentMode) -> Self {
        FindingMaker {
            estate,
            policy,
            code,
            mode,
            evaluators: LAYERS.map(|layer| Evaluator::new(estate, layer)),
            covers: policy.covers.iter().map(|control| SmolStr::from(control.to_string())).collect(),
            title: policy.title.as_deref().map(SmolStr::from),
            aliases: FxHashMap::default(),
            listener: Listener::default(),
        }
    }

    pub fn evaluator(&mut self, layer: Layer) -> &mut Evaluator<'e> {
        &mut self.evaluators[layer_index(layer)]
    }

    /// What was read since this was asked last, where results are kept.
    pub fn take_readings(&mut self) -> Vec<Fact> {
        let mut facts: Vec<Fact> = self.evaluators.iter_mut().flat_map(Evaluator::take_readings).collect();
        facts.sort_unstable();
        facts.dedup();
        facts
    }

    /// Adds the findings of one subject, one per clause that did not pass, each with the number of its clause, and what
    /// became of these clauses.
    pub fn findings(
        &mut self,
        outcome: &SubjectOutcome,
        exceptions: &mut Exceptions<'_>,
        out: &mut Vec<(u32, Arc<Finding>)>,
        verdicts: &mut Verdicts,
    ) {
        let code = self.code;
        let evaluator = &mut self.evaluators[layer_index(outcome.layer)];
        let mut listener = std::mem::take(&mut self.listener);
        let mut judge = RowJudge::new(evaluator, code);
        let rule = &code.rules[outcome.rule as usize];
        if !outcome.is_exhausted {
            judge.subject(rule, &outcome.subject, &mut listener);
        }
        let resource = outcome.subject.resource(evaluator, rule, outcome.layer);
        let members = outcome.subject.members();
        for (clause, state) in &outcome.clauses {
            let listened = listener.clauses.iter_mut().find(|one| one.clause == *clause);
            let ClauseRows { mut rows, more, .. } = listened.map(std::mem::take).unwrap_or_default();
            let open = listener.open.iter().find(|(one, ..)| one == clause);
            if rows.is_empty()
                && let Some((_, _, causing)) = open
            {
                rows.push(RowReport { causing: causing.clone(), ..RowReport::default() });
            }
            let mut finding = self.finding(*clause, *state, outcome, &resource, rows, more);
            if outcome.is_exhausted && finding.verdict == Verdict::Unknown {
                finding.note = Some(format!("judging it takes more than {FUEL} steps").into());
            }
            let label = finding.label.clone();
            let evaluator = &mut self.evaluators[layer_index(outcome.layer)];
            let policy = &self.policy.declared;
            let excuse = exceptions.excuse(evaluator, policy, label.as_deref(), members);
            self.apply(excuse, &mut finding);
            finding.decision = self.mode.decision(finding.verdict, self.policy.severity);
            if finding.decision == Decision::Block
                && members.iter().all(|id| self.evaluators[layer_index(outcome.layer)].is_unratified(*id))
            {
                // Nobody has said yet that it should be so: that is for a person to decide.
                finding.decision = Decision::Escalate;
                let note = "the declaration is not ratified: remove `unratified` when it is what should be";
                finding.note.get_or_insert(note.into());
            }
            verdicts.extend(members.iter().map(|id| (*id, label.clone(), finding.verdict)));
            out.push((*clause, Arc::new(finding)));
        }
        listener.clauses.clear();
        listener.open.clear();
        self.listener = listener;
    }

    fn apply(&self, excuse: Excuse, finding: &mut Finding) {
        let exceptions = &self.estate.program.model.exceptions;
        match excuse {
            Excuse::None => {}
            Excuse::Perhaps(position) => {
                let name = exceptions[position].name.clone();
                finding.note =
                    Some(format!("the exception {name} may cover this: whether it does is not known").into());
            }
            Excuse::By(position) => {
                let exception = &exceptions[position];
                finding.verdict = Verdict::Excepted;
                finding.exception = Some(Box::new(AppliedException {
                    name: exception.name.clone(),
                    reason: exception.reason.as_str().into(),
                    approved_by: exception.approved_by.iter().map(|name| short(name)).collect(),
                    opened: instant_text(exception.opened).into(),
                    expires: instant_text(exception.expires).into(),
                    location: Some(source_place(&exception.location)),
                }));
            }
        }
    }

    fn finding(
        &mut self,
        clause: u32,
        state: ClauseState,
        outcome: &SubjectOutcome,
        resource: &Resource,
        rows: Vec<RowReport>,
        more: u64,
    ) -> Finding {
        let verdict = Verdict::from(state);
        let mut rows = rows.into_iter();
        let first = rows.next().unwrap_or_default();
        let mut unknown = first.causing.unknown;
        if let (ClauseState::Unknown(causes), true) = (state, unknown.is_empty()) {
            let (path, location) = first.causing.doubtful.unwrap_or_default();
            unknown.extend(causes.names().map(|cause| UnknownValue {
                path: path.clone(),
                cause: cause.into(),
                location: location.clone(),
            }));
        }
        let own_place = outcome.subject.first().and_then(|id| self.estate.element_place(id));
        let says_so = !first.message.is_empty() && !matches!(state, ClauseState::Unknown(_));
        let message = says_so.then(|| first.message.into());
        let mut finding = self.bare(clause, verdict, resource.clone(), message);
        finding.location = first.place.or_else(|| own_place.clone());
        finding.facts = first.causing.facts;
        finding.unknown = if verdict == Verdict::Unknown { unknown } else { Vec::new() };
        finding.related = first.causing.related;
        for member in outcome.subject.related(&self.evaluators[layer_index(outcome.layer)]) {
            if !finding.related.iter().any(|one| one.address == member.address) {
                finding.related.push(member);
            }
        }
        finding.path = first.causing.path;
        let deviations = first.causing.deviations.into_iter().map(|(message, place)| Witness {
            message: message.into(),
            location: place.or_else(|| own_place.clone()),
        });
        finding.witnesses = deviations.collect();
        let mut sets = first.sets;
        for row in rows {
            let (message, location) = (row.message.into(), row.place.or_else(|| own_place.clone()));
            finding.witnesses.push(Witness { message, location });
            sets.extend(row.sets);
        }
        if let Some(fix) = &mut finding.fix {
            fix.sets = sets;
        }
        finding.more_witnesses = more;
        finding
    }

    /// What all findings of a clause have in common. Without a message of its author it gets one of our own.
    fn bare(
        &mut self,
        clause: u32,
        verdict: Verdict,
        subject: Resource,
        message: Option<SmolStr>,
    ) -> Finding {
        let require = self.code.clauses.iter().find(|one| one.clause == clause);
        let aliases = self.aliases_of(clause, &subject.kind);
        let source = require.map_or("", |require| require.source.as_str());
        let message = message.unwrap_or_else(|| {
            let says = match verdict {
                Verdict::Pass => " satisfies: ",
                Verdict::Unknown => ": it is not known whether ",
                _ => " does not satisfy: ",
            };
            [subject.address.as_str(), says, source].concat().into()
        });
        Finding {
            policy: self.policy.declared.clone(),
            arguments: self.policy.arguments.clone(),
            label: require.and_then(|require| require.label.clone()),
            title: self.title.clone(),
            verdict,
            mode: self.mode.mode,
            severity: self.policy.severity,
            covers: self.covers.clone(),
            aliases,
            resource: subject,
            message,
            clause: require.map(|require| Clause {
                file: require.location.file.clone(),
                line: require.location.line,
                column: require.location.column,
                source: require.source.clone(),
            }),
            location: None,
            facts: Vec::new(),
            unknown: Vec::new(),
            exception: None,
            fix: require
                .and_then(|require| require.fix_source.clone())
                .map(|source| Fix { source, sets: Vec::new() }),
            decision: self.mode.decision(verdict, self.policy.severity),
            escalate_to: self.mode.escalate_to.clone(),
            related: Vec::new(),
            path: Vec::new(),
            witnesses: Vec::new(),
            more_witnesses: 0,
            note: self.mode.until.map(|until| format!("the mode changes on {}", instant_text(until)).into()),
            known: false,
        }
    }

    /// Those of the policy, of the kind and of the clause.
    fn aliases_of(&mut self, clause: u32, kind: &SmolStr) -> Arc<[SmolStr]> {
        let key = (clause, kind.clone());
        if let Some(found) = self.aliases.get(&key) {
            return found.clone();
        }
        let mut aliases: Vec<SmolStr> = self.policy.aliases.clone();
        for (name, more) in &self.policy.kind_aliases {
            if name == kind {
                aliases.extend(more.iter().cloned());
            }
        }
        if let Some(require) = self.code.clauses.iter().find(|one| one.clause == clause) {
            aliases.extend(require.aliases.iter().cloned());
        }
        let mut seen = Vec::with_capacity(aliases.len());
        aliases.retain(|alias| {
            let is_new = !seen.contains(alias);
            seen.push(alias.clone());
            is_new
        });
        let aliases: Arc<[SmolStr]> = aliases.into();
        self.aliases.insert(key, aliases.clone());
        aliases
    }

    /// A finding for a clause that passes.
    pub fn pass(&mut self, clause: u32, subject: &Subject, rule: &RuleCode, layer: Layer) -> Option<Finding> {
        self.code.clauses.iter().find(|one| one.clause == clause)?;
        let resource = subject.resource(&mut self.evaluators[layer_index(layer)], rule, layer);
        let mut finding = self.bare(clause, Verdict::Pass, resource, None);
        finding.fix = None;
        finding.location = subject.first().and_then(|id| self.estate.element_place(id));
        Some(finding)
    }
}
