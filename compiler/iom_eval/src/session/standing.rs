//! The report that stands from one update to the next: only what is said of policies that were judged or told again is put
//! into it anew. Findings of the others are not looked at.

use std::collections::BTreeMap;
use std::sync::Arc;

use iom_model::QualifiedName;
use rustc_hash::FxHashSet;
use smol_str::SmolStr;

use super::Change;
use crate::judge::PolicyReport;
use crate::report::{Escalation, Finding, Report};

/// A report, and which of its findings are of which policy.
#[derive(Debug, Default)]
pub(super) struct Standing {
    pub report: Report,
    /// In the order of the findings: by policy as it is declared.
    parts: Vec<Part>,
    /// What the last update changed.
    pub changes: Vec<Change>,
}

/// The findings of one declared policy: one after the other.
#[derive(Debug)]
struct Part {
    policy: SmolStr,
    /// It is judged once for each list of arguments.
    members: Vec<QualifiedName>,
    count: usize,
    has_escalations: bool,
}

/// What is said of a policy with its arguments.
pub(super) struct Member<'m> {
    pub name: &'m QualifiedName,
    pub report: &'m PolicyReport,
    /// It is in the report as it stands.
    pub is_told: bool,
}

impl Standing {
    /// Puts findings and questions into the report, by declared policy.
    pub fn put(&mut self, said: BTreeMap<&SmolStr, Vec<Member<'_>>>) {
        self.changes.clear();
        let mut known = std::mem::take(&mut self.parts).into_iter().peekable();
        let mut asked = Asked::default();
        let mut at = 0;
        for (policy, members) in said {
            while let Some(part) = known.next_if(|part| part.policy < *policy) {
                self.remove(part, at, &mut asked);
            }
            let known = known.next_if(|part| part.policy == *policy);
            let is_same = |part: &Part| {
                part.members.iter().eq(members.iter().map(|member| member.name))
                    && members.iter().all(|member| member.is_told)
            };
            let part = match known {
                Some(part) if is_same(&part) => part,
                known => {
                    let part = Part::of(policy, &members);
                    let had = known.as_ref().is_some_and(|known| known.has_escalations);
                    asked.anew(policy, &members, had || part.has_escalations);
                    let count = known.map_or(0, |known| known.count);
                    self.replace(policy.clone(), at, count, findings(&members));
                    part
                }
            };
            at += part.count;
            self.parts.push(part);
        }
        known.for_each(|part| self.remove(part, at, &mut asked));
        asked.put(&mut self.report);
    }

    fn remove(&mut self, part: Part, at: usize, asked: &mut Asked) {
        asked.anew(&part.policy, &[], part.has_escalations);
        self.replace(part.policy, at, part.count, Vec::new());
    }

    fn replace(&mut self, policy: SmolStr, at: usize, count: usize, findings: Vec<Arc<Finding>>) {
        let after = at..at + findings.len();
        let before: Vec<Arc<Finding>> = self.report.findings.splice(at..at + count, findings).collect();
        self.changes.push(Change { policy, before, after });
    }
}

impl Part {
    fn of(policy: &SmolStr, members: &[Member<'_>]) -> Part {
        Part {
            policy: policy.clone(),
            members: members.iter().map(|member| member.name.clone()).collect(),
            count: members.iter().map(|member| member.report.findings.len()).sum(),
            has_escalations: members.iter().any(|member| !member.report.escalations.is_empty()),
        }
    }
}

/// In the order of reports.
fn findings(members: &[Member<'_>]) -> Vec<Arc<Finding>> {
    let all = members.iter().flat_map(|member| &member.report.findings);
    let mut all: Vec<Arc<Finding>> = all.cloned().collect();
    if members.len() > 1 {
        all.sort_by(|left, right| Finding::order(left, right));
    }
    all
}

/// What is asked because of policies that are told anew.
#[derive(Default)]
struct Asked {
    policies: FxHashSet<SmolStr>,
    questions: Vec<Escalation>,
}

impl Asked {
    fn anew(&mut self, policy: &SmolStr, members: &[Member<'_>], has_escalations: bool) {
        if has_escalations {
            self.policies.insert(policy.clone());
            let questions = members.iter().flat_map(|member| &member.report.escalations);
            self.questions.extend(questions.cloned());
        }
    }

    fn put(self, report: &mut Report) {
        if self.policies.is_empty() {
            return;
        }
        let is_kept =
            |one: &Escalation| one.policy.as_ref().is_none_or(|policy| !self.policies.contains(policy));
        report.escalations.retain(is_kept);
        report.escalations.extend(self.questions);
        report.escalations.sort();
        report.escalations.dedup();
    }
}
