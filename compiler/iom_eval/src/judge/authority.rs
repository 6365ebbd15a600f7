//! May this change happen? Judged by authority rules over changes, after the break-glass windows: deny over escalate over
//! allow, and where no rule says anything a person is asked.

use iom_model::Right;
use smol_str::SmolStr;

use super::disposition::{is_selected, short};
use crate::evaluate::Evaluator;
use crate::facts::{Estate, instant_text};
use crate::program::{AuthorityClauseCode, AuthorityCode, AuthorityStepCode, Code};
use crate::report::{Decision, EscalationCause};
use crate::value::{Causes, ElementId, Truth, Value};
use iom_state::tape::UnknownCause;

/// The kind that authority judges.
pub const CHANGE: &str = "std.prelude.Change";

/// What authority says of one change.
#[derive(Clone, Debug)]
pub struct Answer {
    pub change: ElementId,
    pub decision: Decision,
    pub ground: Ground,
    /// Whom to ask, the first one first; whoever reviews where a glass was broken.
    pub approvers: Vec<ElementId>,
    pub message: String,
    /// The authority or break-glass that decided, by qualified name.
    pub decided_by: Option<SmolStr>,
    /// By authority and number: whether each clause applied.
    pub clauses: Vec<(SmolStr, u32, Truth)>,
}

/// Why the answer is as it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ground {
    Allowed,
    BreakGlass,
    Denied,
    /// An emergency identity outside of its window.
    Locked,
    Escalated(EscalationCause),
}

impl Ground {
    /// As the standard library's `DecisionCause` writes it.
    pub fn name(self) -> &'static str {
        match self {
            Ground::Allowed => "allowed",
            Ground::BreakGlass => "break_glass",
            Ground::Denied => "denied",
            Ground::Locked => "locked",
            Ground::Escalated(cause) => match cause {
                EscalationCause::UnknownValue => "unknown_value",
                EscalationCause::StaleFact => "stale_fact",
                EscalationCause::NoCoveringRule => "no_covering_rule",
                EscalationCause::ConflictingRules => "conflicting_rules",
                EscalationCause::UnratifiedIntent => "unratified_intent",
                EscalationCause::RadiusOverLimit => "radius_over_limit",
                EscalationCause::EscalatingRule => "escalating_rule",
            },
        }
    }
}

/// The answers for all changes of an estate, in order of their elements.
pub fn answers(estate: &Estate) -> Vec<Answer> {
    let Some(kind) = estate.program.kind_named(CHANGE) else { return Vec::new() };
    let all = (0..estate.elements.len() as u32).map(ElementId);
    let changes = all.filter(|id| estate.element(*id).kind == kind);
    changes.map(|change| Asked::new(estate, change).answer()).collect()
}

/// What one clause said in one row.
struct Said<'e> {
    authority: &'e AuthorityCode,
    clause: u32,
    truth: Truth,
    to: Option<ElementId>,
    message: Option<String>,
}

struct Asked<'e> {
    estate: &'e Estate,
    evaluator: Evaluator<'e>,
    change: ElementId,
    said: Vec<Said<'e>>,
}

impl<'e> Asked<'e> {
    fn new(estate: &'e Estate, change: ElementId) -> Asked<'e> {
        let evaluator = Evaluator::new(estate, estate.layer_of(change));
        Asked { estate, evaluator, change, said: Vec::new() }
    }

    fn answer(mut self) -> Answer {
        for authority in &self.estate.program.authorities {
            self.ask(authority);
        }
        let mut answer = self.by_break_glass().unwrap_or_else(|| self.by_rules());
        answer.clauses =
            self.said.iter().map(|said| (said.authority.name.clone(), said.clause, said.truth)).collect();
        answer
    }

    fn ask(&mut self, authority: &'e AuthorityCode) {
        for rule in &authority.rules {
            self.evaluator.refuel();
            let base = self.evaluator.enter(rule.locals.max(rule.subject + 1));
            self.evaluator.set(rule.subject, Value::Element(self.change));
            let guard = rule.filter.as_ref().map_or(Truth::True, |filter| self.evaluator.truth(filter));
            if !guard.is_false() {
                self.steps(authority, &rule.steps, guard);
            }
            self.evaluator.leave(base);
        }
    }

    fn steps(&mut self, authority: &'e AuthorityCode, steps: &'e [AuthorityStepCode], guard: Truth) {
        for step in steps {
            match step {
                AuthorityStepCode::Let { local, value } => {
                    let value = self.evaluator.raw(value);
                    self.evaluator.set(*local, value);
                }
                AuthorityStepCode::Clause(clause) => self.clause(authority, clause, guard),
                AuthorityStepCode::For { over, steps, clauses } => {
                    let items = self.evaluator.items(over);
                    for position in 0..items.len() {
                        let belongs = self.evaluator.bind(over, position, items.get(position));
                        if !belongs.is_false() {
                            self.steps(authority, steps, guard.and(belongs));
                        }
                    }
                    if let Some(causes) = items.open {
                        let unknown = guard.and(Truth::Unknown(causes));
                        self.said.extend(clauses.iter().map(|clause| Said {
                            authority,
                            clause: *clause,
                            truth: unknown,
                            to: None,
                            message: None,
                        }));
                    }
                }
            }
        }
    }

    fn clause(&mut self, authority: &'e AuthorityCode, clause: &'e AuthorityClauseCode, guard: Truth) {
        self.evaluator.refuel();
        let when = clause.when.as_ref().map_or(Truth::True, |when| self.evaluator.truth(when));
        let truth = guard.and(when);
        let to = clause.to.as_ref().filter(|_| !truth.is_false()).and_then(|to| self.element(to));
        let message = clause.message.as_ref().filter(|_| truth.is_true());
        let message = message.map(|message| self.evaluator.message(message));
        self.said.push(Said { authority, clause: clause.number, truth, to, message });
    }

    fn element(&mut self, code: &Code) -> Option<ElementId> {
        match self.evaluator.eval(code) {
            Value::Element(id) => Some(id),
            _ => None,
        }
    }

    /// A field of the change.
    fn of_change(&mut self, name: &str) -> Value {
        self.field(self.change, name)
    }

    fn field(&mut self, id: ElementId, name: &str) -> Value {
        let kind = self.estate.program.kind(self.estate.element(id).kind);
        let position = self.estate.symbol(name).and_then(|name| kind.field_position(name));
        position.map_or(Value::Absent, |position| self.evaluator.field(id, position))
    }

    /// `alice may .. delete orders`, for sentences.
    fn in_words(&mut self) -> (String, String, String) {
        let mut words = |name| {
            let value = self.of_change(name);
            self.estate.render(&value)
        };
        (words("actor"), words("action"), words("resource"))
    }

    /// Who answers for what is changed.
    fn owners(&mut self) -> Vec<ElementId> {
        let Value::Element(resource) = self.of_change("resource") else { return Vec::new() };
        match self.field(resource, "owner") {
            Value::Element(owner) => vec![owner],
            _ => Vec::new(),
        }
    }

    fn declared(&self, name: &str) -> Option<ElementId> {
        let resource = self.estate.program.resource_named(name)?;
        self.estate.declared(resource).first().copied()
    }

    /// An emergency identity may do everything inside its window and scope, and nothing outside.
    fn by_break_glass(&mut self) -> Option<Answer> {
        let estate = self.estate;
        let Value::Element(actor) = self.of_change("actor") else { return None };
        let model = &estate.program.model;
        let own: Vec<_> = model
            .break_glass
            .values()
            .zip(&estate.program.break_glass)
            .filter(|(window, _)| self.declared(&window.identity) == Some(actor))
            .collect();
        let resource = self.of_change("resource");
        let mut doubtful = None;
        for (window, code) in &own {
            if !window.is_open(estate.at) {
                continue;
            }
            let covers = match &resource {
                Value::Element(resource) => is_selected(&mut self.evaluator, &code.scope, *resource),
                Value::Unknown(causes) => Truth::Unknown(*causes),
                _ => Truth::Unknown(Causes::UNMODELLED),
            };
            let reviewer = self.declared(&window.reviewer);
            let (name, until) = (short(&window.name), instant_text(window.until));
            match covers {
                Truth::True => {
                    let (reviewer_name, due) = (short(&window.reviewer), window.due);
                    let message = format!(
                        "{name} is open until {until}; {reviewer_name} reviews it within {due} after that"
                    );
                    return Some(self.decided(
                        Decision::Admit,
                        Ground::BreakGlass,
                        reviewer,
                        message,
                        &window.name,
                    ));
                }
                Truth::Unknown(causes) => {
                    let message = format!("it is not known whether {name} covers this");
                    doubtful.get_or_insert((
                        Ground::Escalated(cause(causes)),
                        reviewer,
                        message,
                        &window.name,
                    ));
                }
                Truth::False => {}
            }
        }
        if let Some((ground, reviewer, message, name)) = doubtful {
            return Some(self.decided(Decision::Escalate, ground, reviewer, message, name));
        }
        let (window, _) = own.first()?;
        let (actor, action, resource) = self.in_words();
        let name = short(&window.name);
        let why = if window.is_open(estate.at) {
            format!("{name} does not cover it")
        } else if estate.at < window.opened {
            format!("{name} opens at {}", instant_text(window.opened))
        } else {
            format!("{name} was open until {}", instant_text(window.until))
        };
        let message = format!("{actor} is for emergencies and may not {action} {resource}: {why}");
        Some(self.decided(Decision::Block, Ground::Locked, None, message, &window.name))
    }

    fn decided(
        &self,
        decision: Decision,
        ground: Ground,
        approver: Option<ElementId>,
        message: String,
        decided_by: &SmolStr,
    ) -> Answer {
        Answer {
            change: self.change,
            decision,
            ground,
            approvers: approver.into_iter().collect(),
            message,
            decided_by: Some(decided_by.clone()),
            clauses: Vec::new(),
        }
    }

    fn by_rules(&mut self) -> Answer {
        let said = std::mem::take(&mut self.said);
        let answer = self.weigh(&said);
        self.said = said;
        answer
    }

    /// Deny over escalate over allow. A `deny` or `escalate` that is not known is asked about; an `allow` that is not known
    /// allows nothing.
    fn weigh(&mut self, said: &[Said<'e>]) -> Answer {
        let (actor, action, resource) = self.in_words();
        if let Some(denied) = said.iter().find(|one| one.truth.is_true() && *right_of(one) == Right::Deny) {
            let source = &clause_of(denied).source;
            let message = denied.message.clone();
            let message =
                message.unwrap_or_else(|| format!("{actor} may not {action} {resource}, because {source}"));
            return self.decided(Decision::Block, Ground::Denied, None, message, &denied.authority.name);
        }
        let asks = |one: &&Said<'_>| *right_of(one) != Right::Allow;
        let fired: Vec<&Said<'_>> = said.iter().filter(asks).filter(|one| one.truth.is_true()).collect();
        let doubtful: Vec<&Said<'_>> =
            said.iter().filter(asks).filter(|one| matches!(one.truth, Truth::Unknown(_))).collect();
        if let Some(first) = fired.first().or(doubtful.first()) {
            let source = &clause_of(first).source;
            let (ground, message) = match first.truth {
                Truth::Unknown(causes) => {
                    (Ground::Escalated(cause(causes)), format!("it is not known whether {source}"))
                }
                _ => {
                    let message = first.message.clone();
                    let message =
                        message.unwrap_or_else(|| format!("{actor} asks to {action} {resource}: {source}"));
                    (Ground::Escalated(EscalationCause::EscalatingRule), message)
                }
            };
            let mut answer = self.decided(Decision::Escalate, ground, None, message, &first.authority.name);
            let named = fired.iter().chain(&doubtful).filter_map(|one| one.to);
            for approver in named.collect::<Vec<_>>() {
                if !answer.approvers.contains(&approver) {
                    answer.approvers.push(approver);
                }
            }
            if answer.approvers.is_empty() {
                answer.approvers = self.owners();
            }
            return answer;
        }
        let allows = |one: &&Said<'_>| *right_of(one) == Right::Allow;
        if let Some(allowed) = said.iter().filter(allows).find(|one| one.truth.is_true()) {
            let message = clause_of(allowed).source.to_string();
            return self.decided(Decision::Admit, Ground::Allowed, None, message, &allowed.authority.name);
        }
        let doubtful = said.iter().filter(allows).find_map(|one| match one.truth {
            Truth::Unknown(causes) => Some((one, causes)),
            _ => None,
        });
        let (cause, message, by) = match doubtful {
            Some((one, causes)) => {
                let message = format!("it is not known whether {}", clause_of(one).source);
                (cause(causes), message, Some(one.authority.name.clone()))
            }
            None => {
                let message = format!("no rule says whether {actor} may {action} {resource}");
                (EscalationCause::NoCoveringRule, message, None)
            }
        };
        Answer {
            change: self.change,
            decision: Decision::Escalate,
            ground: Ground::Escalated(cause),
            approvers: self.owners(),
            message,
            decided_by: by,
            clauses: Vec::new(),
        }
    }
}

fn clause_of<'s>(said: &Said<'s>) -> &'s iom_model::AuthorityClause {
    // Numbers count the clauses of an authority from 0.
    &said.authority.clauses[said.clause as usize]
}

fn right_of<'s>(said: &Said<'s>) -> &'s Right {
    &clause_of(said).right
}

fn cause(causes: Causes) -> EscalationCause {
    if causes.has(UnknownCause::Stale) { EscalationCause::StaleFact } else { EscalationCause::UnknownValue }
}
