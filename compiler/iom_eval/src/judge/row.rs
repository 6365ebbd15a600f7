use iom_state::document::Layer;

use super::subject::Subject;
use crate::evaluate::Evaluator;
use crate::program::{ClauseCode, PolicyCode, RuleCode, StepCode};
use crate::value::{Causes, Truth};

/// What a clause says, the worst over all rows of a subject.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ClauseState {
    NotJudged,
    Pass,
    Unknown(Causes),
    Fail,
}

impl ClauseState {
    /// The worse of the two; the causes of two unknowns are united.
    pub fn worst(self, other: ClauseState) -> ClauseState {
        match (self, other) {
            (ClauseState::Fail, _) | (_, ClauseState::Fail) => ClauseState::Fail,
            (ClauseState::Unknown(left), ClauseState::Unknown(right)) => {
                ClauseState::Unknown(left.union(right))
            }
            (unknown @ ClauseState::Unknown(_), _) | (_, unknown @ ClauseState::Unknown(_)) => unknown,
            (ClauseState::Pass, _) | (_, ClauseState::Pass) => ClauseState::Pass,
            _ => ClauseState::NotJudged,
        }
    }

    /// What a clause says in a row that is there as far as the guard says, where its condition is worth so much.
    pub(super) fn of(guard: Truth, condition: Truth) -> ClauseState {
        match (guard, condition) {
            (_, Truth::True) => ClauseState::Pass,
            (Truth::True, Truth::False) => ClauseState::Fail,
            (Truth::True, Truth::Unknown(causes)) => ClauseState::Unknown(causes),
            (Truth::Unknown(causes), Truth::Unknown(more)) => ClauseState::Unknown(causes.union(more)),
            (Truth::Unknown(causes), Truth::False) => ClauseState::Unknown(causes),
            // A row whose guard is false is never judged.
            (Truth::False, _) => ClauseState::NotJudged,
        }
    }
}

/// One subject that did not pass everything.
#[derive(Clone, Debug)]
pub struct SubjectOutcome {
    pub subject: Subject,
    pub layer: Layer,
    /// The rule of the policy, by position.
    pub rule: u32,
    /// Clauses that failed or are unknown.
    pub clauses: Vec<(u32, ClauseState)>,
    /// Judging it was cut short: what was not decided by then is unknown.
    pub is_exhausted: bool,
}

/// What a clause says in one row.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RowState {
    /// Whether the row is there.
    pub guard: Truth,
    pub condition: Truth,
    /// What the two give.
    pub state: ClauseState,
}

/// Looks at rows while their slots are filled.
pub(crate) trait RowVisitor {
    /// Whether it also looks at rows that pass.
    const SEES_PASSES: bool = false;

    /// A clause was judged in a row.
    fn row(&mut self, judge: &mut RowJudge<'_, '_>, clause: &ClauseCode, row: RowState);

    /// A loop ranges over something that is not completely known, so that its clauses are unknown.
    fn open(
        &mut self,
        judge: &mut RowJudge<'_, '_>,
        source: &crate::program::Code,
        clauses: &[u32],
        causes: Causes,
    );
}

/// Nobody looks.
pub(crate) struct Unseen;

impl RowVisitor for Unseen {
    fn row(&mut self, _: &mut RowJudge<'_, '_>, _: &ClauseCode, _: RowState) {}
    fn open(&mut self, _: &mut RowJudge<'_, '_>, _: &crate::program::Code, _: &[u32], _: Causes) {}
}

/// Judges one subject after the other.
pub(crate) struct RowJudge<'j, 'e> {
    pub evaluator: &'j mut Evaluator<'e>,
    /// By clause: the worst over the rows of the subject at hand.
    pub states: Vec<ClauseState>,
    /// By clause: in the row at hand.
    row: Vec<ClauseState>,
    /// The rule at hand.
    pub rule: Option<&'j RuleCode>,
    /// The clause at which the fuel for the subject at hand ran out; of a rule that got to none, its first.
    pub exhausted: Option<u32>,
    /// Steps that all subjects took.
    pub steps: u64,
}

impl<'j, 'e> RowJudge<'j, 'e> {
    pub fn new(evaluator: &'j mut Evaluator<'e>, policy: &'j PolicyCode) -> RowJudge<'j, 'e> {
        let count = policy.clauses.iter().map(|clause| clause.clause as usize + 1).max().unwrap_or(0);
        RowJudge {
            evaluator,
            states: vec![ClauseState::NotJudged; count],
            row: vec![ClauseState::NotJudged; count],
            rule: None,
            exhausted: None,
            steps: 0,
        }
    }

    /// Judges all rows of a subject. False where the rule does not apply to it.
    pub fn subject(&mut self, rule: &'j RuleCode, subject: &Subject, visitor: &mut impl RowVisitor) -> bool {
        self.rule = Some(rule);
        self.states.fill(ClauseState::NotJudged);
        self.row.fill(ClauseState::NotJudged);
        self.exhausted = None;
        self.evaluator.refuel();
        let base = self.evaluator.enter(rule.locals.max(rule.subject + 1));
        self.evaluator.set(rule.subject, subject.value());
        let guard = match &rule.filter {
            None => subject.exists(),
            Some(filter) => subject.exists().and(self.evaluator.truth(filter)),
        };
        let applies = !guard.is_false() || self.evaluator.is_exhausted();
        if applies && !self.evaluator.is_exhausted() {
            self.steps(&rule.steps, guard, visitor);
        }
        self.evaluator.leave(base);
        if self.evaluator.is_exhausted() {
            self.exhausted = self.exhausted.or(rule.clauses.first().copied());
            self.give_up(rule);
        }
        self.steps += self.evaluator.steps_taken();
        self.evaluator.refuel();
        applies
    }

    /// Judges a subject without looking at it: whatever its rule says is unknown.
    pub fn unjudged(&mut self, rule: &'j RuleCode) {
        self.states.fill(ClauseState::NotJudged);
        self.exhausted = None;
        self.give_up(rule);
    }

    /// What was not decided when the fuel ran out is unknown: never a pass.
    fn give_up(&mut self, rule: &RuleCode) {
        for clause in &rule.clauses {
            self.note(*clause, ClauseState::Unknown(Causes::INVALID));
        }
    }

    fn steps(&mut self, steps: &[StepCode], guard: Truth, visitor: &mut impl RowVisitor) {
        for step in steps {
            match step {
                StepCode::Let { local, value } => {
                    let value = self.evaluator.raw(value);
                    self.evaluator.set(*local, value);
                }
                StepCode::Require(clause) => self.clause(clause, guard, visitor),
                StepCode::For { over, steps, clauses } => {
                    let items = self.evaluator.items(over);
                    for position in 0..items.len() {
                        if !self.evaluator.step() {
                            self.exhausted = self.exhausted.or(clauses.first().copied());
                            return;
                        }
                        let belongs = self.evaluator.bind(over, position, items.get(position));
                        if belongs.is_false() {
                            continue;
                        }
                        self.steps(steps, guard.and(belongs), visitor);
                    }
                    if let Some(causes) = items.open {
                        for clause in clauses {
                            self.note(*clause, ClauseState::Unknown(causes));
                        }
                        visitor.open(self, &over.source, clauses, causes);
                    }
                }
            }
        }
    }

    fn clause<V: RowVisitor>(&mut self, clause: &ClauseCode, guard: Truth, visitor: &mut V) {
        let relies = clause
            .after
            .iter()
            .all(|earlier| self.row.get(*earlier as usize).is_none_or(|state| *state == ClauseState::Pass));
        if !relies {
            self.set_row(clause.clause, ClauseState::NotJudged);
            return;
        }
        let condition = self.evaluator.truth(&clause.condition);
        if self.evaluator.is_exhausted() {
            // What it says now it says of values that were not computed.
            self.exhausted = self.exhausted.or(Some(clause.clause));
            return;
        }
        let state = ClauseState::of(guard, condition);
        self.set_row(clause.clause, state);
        self.note(clause.clause, state);
        if V::SEES_PASSES || !matches!(state, ClauseState::Pass) {
            visitor.row(self, clause, RowState { guard, condition, state });
        }
    }

    fn set_row(&mut self, clause: u32, state: ClauseState) {
        if let Some(slot) = self.row.get_mut(clause as usize) {
            *slot = state;
        }
    }

    fn note(&mut self, clause: u32, state: ClauseState) {
        if let Some(slot) = self.states.get_mut(clause as usize) {
            *slot = slot.worst(state);
        }
    }

    pub fn has_faults(&self) -> bool {
        self.states.iter().any(|state| matches!(state, ClauseState::Fail | ClauseState::Unknown(_)))
    }

    /// Clauses that did not pass.
    pub fn faults(&self) -> impl Iterator<Item = (u32, ClauseState)> + '_ {
        let states = self.states.iter().enumerate();
        let faults = states.filter(|(_, state)| matches!(state, ClauseState::Fail | ClauseState::Unknown(_)));
        faults.map(|(clause, state)| (clause as u32, *state))
    }
}
