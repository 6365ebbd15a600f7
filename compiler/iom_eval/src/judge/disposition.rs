use iom_model::{Mode, Policy, Severity};
use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use super::row::ClauseState;
use crate::evaluate::Evaluator;
use crate::facts::Estate;
use crate::program::{ExceptionCode, SelectionCode};
use crate::report::{Decision, FindingMode, Verdict};
use crate::value::{ElementId, Truth, Value};

/// The mode of policies that say none.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DefaultMode {
    /// A workspace's own policies.
    Enforce,
    /// The standard library's where there is no workspace: critical and high enforce, the rest advise.
    BySeverity,
}

/// The mode that holds now.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct CurrentMode {
    pub mode: FindingMode,
    pub escalate_to: Option<SmolStr>,
    /// When it changes.
    pub until: Option<i64>,
}

impl CurrentMode {
    /// `None` where the policy is off.
    pub fn of(policy: &Policy, default: DefaultMode, at: i64) -> Option<CurrentMode> {
        let plain = |mode| CurrentMode { mode, escalate_to: None, until: None };
        let Some(steps) = &policy.mode else {
            let enforces = default == DefaultMode::Enforce || policy.severity >= Severity::High;
            return Some(plain(if enforces { FindingMode::Enforce } else { FindingMode::Advise }));
        };
        let step = steps.iter().find(|step| step.until.is_none_or(|until| at < until)).or(steps.last())?;
        let mut mode = match &step.mode {
            Mode::Enforce => plain(FindingMode::Enforce),
            Mode::Advise => plain(FindingMode::Advise),
            Mode::Escalate(to) => {
                CurrentMode { escalate_to: Some(short(to)), ..plain(FindingMode::Escalate) }
            }
            Mode::Off => return None,
        };
        mode.until = step.until.filter(|until| at < *until);
        Some(mode)
    }

    /// What one verdict leads to.
    pub fn decision(&self, verdict: Verdict, severity: Severity) -> Decision {
        match (self.mode, verdict) {
            (FindingMode::Enforce, Verdict::Fail) => Decision::Block,
            (FindingMode::Enforce, Verdict::Unknown) if severity >= Severity::High => Decision::Escalate,
            (FindingMode::Escalate, Verdict::Fail | Verdict::Unknown) => Decision::Escalate,
            _ => Decision::Admit,
        }
    }
}

/// Whether a policy's mode at an instant is `off`: then it is not judged.
pub fn is_off(policy: &Policy, at: i64) -> bool {
    CurrentMode::of(policy, DefaultMode::Enforce, at).is_none()
}

/// A name without its module.
pub(crate) fn short(name: &str) -> SmolStr {
    name.rsplit('.').next().unwrap_or(name).into()
}

/// The exceptions that hold now, by policy.
pub(crate) struct Exceptions<'e> {
    by_policy: FxHashMap<SmolStr, Vec<usize>>,
    codes: &'e [ExceptionCode],
    /// Exceptions that excused something, by position in the model.
    pub used: std::collections::BTreeSet<usize>,
}

/// What exceptions make of a clause's verdict.
pub(crate) enum Excuse {
    None,
    /// By position in the model.
    By(usize),
    /// Whether it covers the subject is not known.
    Perhaps(usize),
}

impl<'e> Exceptions<'e> {
    pub fn new(estate: &'e Estate) -> Exceptions<'e> {
        let model = &estate.program.model;
        let mut by_policy: FxHashMap<SmolStr, Vec<usize>> = FxHashMap::default();
        for (position, exception) in model.exceptions.values().enumerate() {
            if exception.opened <= estate.at && estate.at < exception.expires {
                let alone = std::slice::from_ref(&exception.policy);
                let policies = model.groups.get(&exception.policy).map_or(alone, |group| &group.policies);
                for policy in policies {
                    by_policy.entry(policy.clone()).or_default().push(position);
                }
            }
        }
        let codes = &estate.program.exceptions;
        Exceptions { by_policy, codes, used: Default::default() }
    }

    /// The first exception that covers a clause of a policy, by its declared name, for a subject: for all its members, where it
    /// is a group.
    pub fn excuse(
        &mut self,
        evaluator: &mut Evaluator<'_>,
        policy: &str,
        label: Option<&str>,
        members: &[ElementId],
    ) -> Excuse {
        let Some(found) = self.by_policy.get(policy) else { return Excuse::None };
        let mut perhaps = Excuse::None;
        for position in found {
            let exception = &evaluator.program.model.exceptions[*position];
            if exception.label.is_some() && exception.label.as_deref() != label {
                continue;
            }
            let target = &self.codes[*position].target;
            let covered = members.iter().map(|id| is_selected(evaluator, target, *id));
            match covered.reduce(Truth::and).unwrap_or(Truth::False) {
                Truth::True => {
                    self.used.insert(*position);
                    return Excuse::By(*position);
                }
                Truth::Unknown(_) if matches!(perhaps, Excuse::None) => perhaps = Excuse::Perhaps(*position),
                _ => {}
            }
        }
        perhaps
    }
}

/// Whether an element belongs to a selection.
pub(crate) fn is_selected(evaluator: &mut Evaluator<'_>, selection: &SelectionCode, id: ElementId) -> Truth {
    match selection {
        SelectionCode::These(resources) => {
            let canonical = evaluator.canonical(id);
            let estate = evaluator.estate;
            let mut all = resources.iter().flat_map(|resource| estate.declared(*resource));
            all.any(|one| evaluator.canonical(*one) == canonical).into()
        }
        SelectionCode::Where { population, filter, locals } => {
            if !population.has(evaluator.estate.element(id).kind) {
                return Truth::False;
            }
            let Some(filter) = filter else { return Truth::True };
            evaluator.refuel();
            evaluator.run(*locals, |ev| {
                ev.set(0, Value::Element(id));
                ev.truth(filter)
            })
        }
    }
}

impl From<ClauseState> for Verdict {
    fn from(state: ClauseState) -> Verdict {
        match state {
            ClauseState::Fail => Verdict::Fail,
            ClauseState::Unknown(_) => Verdict::Unknown,
            ClauseState::Pass => Verdict::Pass,
            ClauseState::NotJudged => Verdict::NotApplicable,
        }
    }
}
