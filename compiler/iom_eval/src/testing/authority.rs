//! Expectations about what authority says, about break-glass windows and about the decision as a whole.

use iom_model::QualifiedName;

use super::JudgedClause;
use super::run::TestRun;
use super::unmet::{Unmet, short};
use crate::facts::{Estate, instant_text};
use crate::judge::{Answer, Judgement, Options};
use crate::report::{Decision, Verdict};
use crate::value::{ElementId, Truth, Value};

/// Puts what authority says where expectations read it.
pub(super) fn tell(estate: &mut Estate, answers: &[Answer]) {
    for answer in answers {
        let approvers: Vec<Value> = answer.approvers.iter().map(|id| Value::Element(*id)).collect();
        let fields = [
            ("decision", estate.text(words_for(answer.decision))),
            ("cause", estate.text(answer.ground.name())),
            ("approver", approvers.first().cloned().unwrap_or_default()),
            ("approvers", Value::list(approvers)),
            ("message", estate.text(&answer.message)),
            (
                "decided_by",
                answer.decided_by.as_deref().map_or(Value::Absent, |name| estate.text(short(name))),
            ),
        ];
        for (name, value) in fields {
            if let Some(name) = estate.symbol(name) {
                estate.set_field(answer.change, name, value);
            }
        }
    }
}

pub(super) fn judged_by_authority(answer: &Answer) -> impl Iterator<Item = JudgedClause> + '_ {
    answer.clauses.iter().map(|(authority, clause, truth)| JudgedClause {
        policy: authority.clone(),
        clause: *clause,
        // A clause that applies is one that is not let pass.
        verdict: match truth {
            Truth::True => Verdict::Fail,
            Truth::False => Verdict::Pass,
            Truth::Unknown(_) => Verdict::Unknown,
        },
    })
}

fn words_for(decision: Decision) -> &'static str {
    match decision {
        Decision::Admit => "admit",
        Decision::Escalate => "escalate",
        Decision::Block => "block",
    }
}

impl TestRun<'_> {
    pub(super) fn window(&self, name: &QualifiedName, is_open: bool) -> Result<(), Unmet> {
        let Some(window) = self.program.model.break_glass.get(name) else {
            return Err(Unmet::new("it was not understood"));
        };
        if window.is_open(self.at) == is_open {
            return Ok(());
        }
        let words = |is_open: bool| if is_open { "active" } else { "locked" };
        let (opened, until) = (instant_text(window.opened), instant_text(window.until));
        Err(Unmet {
            expected: Some(words(is_open).to_owned()),
            found: Some(words(!is_open).to_owned()),
            details: vec![format!(
                "it is open from {opened} until {until}, and now is {}",
                instant_text(self.at)
            )],
            ..Unmet::new(format!("{} is {}", short(name), words(!is_open)))
        })
    }

    /// An answer of authority in a sentence.
    pub(super) fn told(&self, answer: &Answer) -> String {
        let name = |id: &ElementId| self.estate.short_name(*id);
        let approvers: Vec<&str> = answer.approvers.iter().map(name).collect();
        let to = if approvers.is_empty() { String::new() } else { format!(" to {}", approvers.join(", ")) };
        let (change, decision) = (name(&answer.change), words_for(answer.decision));
        format!("{change}: {decision}{to} ({}): {}", answer.ground.name(), answer.message)
    }

    pub(super) fn decision(&self, expected: &str) -> Result<(), Unmet> {
        let model = &self.program.model;
        let applies = |name: &QualifiedName| model.policies.get(name).is_some_and(|policy| policy.is_applied);
        let options = Options { with_passes: false, ..self.options.clone() };
        let report = Judgement::of_policies(&self.estate, &options, &applies).report(&options);
        let answers = self.answers.iter().map(|answer| answer.decision);
        let decision = answers.fold(report.decision, Decision::max);
        let found = words_for(decision);
        if found == expected {
            return Ok(());
        }
        let decisive = report.findings.iter().filter(|finding| finding.decision == decision);
        let decisive = decisive.filter(|finding| finding.decision != Decision::Admit);
        Err(Unmet {
            expected: Some(expected.to_owned()),
            found: Some(found.to_owned()),
            details: decisive
                .map(|finding| format!("{}: {}", short(&finding.policy), finding.message))
                .chain(self.answers.iter().filter(|one| one.decision == decision).map(|one| self.told(one)))
                .collect(),
            ..Unmet::new(format!("the decision is {found}"))
        })
    }
}
