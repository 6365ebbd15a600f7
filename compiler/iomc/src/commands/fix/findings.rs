//! What policies propose for what they find.

use iom_diagnostics::{Applicability, Edit};
use iom_eval::report::{Finding, Report, Verdict};
use iom_ide::{PolicyFix, policy_fix};
use iom_model::Model;
use iom_semantic::LibrarySelection;

use super::edits::{Done, Files};
use super::mistakes::place;
use super::{Cause, Left, MOST_ROUNDS, Mended};
use crate::arguments::FixArguments;
use crate::exit::Failure;
use crate::front_end::FrontEnd;
use crate::judge::{self, Question};
use crate::selection::{self, Wanted};
use crate::sources::{self, Source};
use crate::threads;
use crate::workspace::Workspace;

/// How it is judged before and after.
pub struct Judged<'a> {
    pub arguments: &'a FixArguments,
    pub workspace: &'a Workspace,
    pub library: LibrarySelection,
    pub at: i64,
    pub has_workspace: bool,
}

impl Judged<'_> {
    /// Judges and does what is sure, again and again, until nothing is proposed that could be done.
    pub fn mend(
        &self,
        front_end: &mut FrontEnd,
        files: &mut Files,
        (mended, left): (&mut Vec<Mended>, &mut Vec<Left>),
    ) -> Result<(), Failure> {
        let sources = sources::open(&self.arguments.state, Some(self.workspace))?;
        for round in 0..=MOST_ROUNDS {
            let (report, model) = self.report(front_end, &sources)?;
            let fixes: Vec<(&Finding, PolicyFix)> = failing(&report)
                .filter_map(|finding| Some((finding, policy_fix(front_end.host(), &model, finding)?)))
                .collect();
            let mut groups: Vec<Vec<Edit>> = Vec::new();
            for (_, fix) in &fixes {
                groups.push(match fix {
                    PolicyFix::Edits(fix) if round < MOST_ROUNDS && self.is_wanted(fix.applicability) => {
                        fix.edits.clone()
                    }
                    _ => Vec::new(),
                });
            }
            let places: Vec<_> =
                groups.iter().map(|group| place(front_end, group.first().map(|edit| edit.place))).collect();
            let done = files.apply(front_end, &groups);
            let is_over =
                !done.iter().zip(&groups).any(|(done, group)| *done == Done::Applied && !group.is_empty());
            for (((finding, fix), place), done) in fixes.into_iter().zip(places).zip(done) {
                let cause = Cause::Policy {
                    policy: policy_name(finding),
                    resource: finding.resource.address.to_string(),
                };
                match fix {
                    PolicyFix::Edits(fix) if !is_over => {
                        if done == Done::Applied && !fix.edits.is_empty() && self.is_wanted(fix.applicability)
                        {
                            mended.push(Mended { place, title: fix.title, cause });
                        }
                    }
                    PolicyFix::Edits(fix) => {
                        let why = match done {
                            Done::Refused => "it would bring about an error",
                            Done::Elsewhere => "it is not in what was asked for",
                            _ if fix.applicability == Applicability::Suggested => {
                                "one declaration makes several resources: --suggested changes all of them"
                            }
                            _ => "it was done, and the finding is still there",
                        };
                        let place =
                            fix.edits.first().map(|edit| super::mistakes::place(front_end, Some(edit.place)));
                        left.push(Left { place, what: fix.title, why: why.to_owned(), cause });
                    }
                    PolicyFix::ByHand(changes) if is_over => left.extend(changes.into_iter().map(|change| {
                        Left { place: change.place, what: change.what, why: change.why, cause: cause.clone() }
                    })),
                    PolicyFix::ByHand(_) => {}
                }
            }
            if is_over {
                break;
            }
        }
        Ok(())
    }

    fn is_wanted(&self, applicability: Applicability) -> bool {
        match applicability {
            Applicability::Safe => true,
            Applicability::Suggested => self.arguments.suggested,
            Applicability::Placeholder => false,
        }
    }

    fn report(&self, front_end: &FrontEnd, sources: &[Source]) -> Result<(Report, Model), Failure> {
        let model = || front_end.model_with(&self.library, &[], sources::stated(sources));
        let rules = model();
        let wanted = Wanted { patterns: self.arguments.only.clone(), ..Wanted::default() };
        let selected = selection::select(&rules, &wanted)?;
        let question = Question {
            at: self.at,
            selected,
            patterns: &self.arguments.only,
            lists_passes: false,
            has_workspace: self.has_workspace,
            threads: threads::number(None),
            workspace: self.workspace,
        };
        Ok((judge::judge(model(), sources, &question)?, rules))
    }
}

fn failing(report: &Report) -> impl Iterator<Item = &Finding> {
    let findings = report.findings.iter().map(|finding| &**finding);
    findings.filter(|finding| finding.verdict == Verdict::Fail && !finding.known && finding.fix.is_some())
}

fn policy_name(finding: &Finding) -> String {
    match &finding.label {
        Some(label) => format!("{}.{label}", finding.policy),
        None => finding.policy.to_string(),
    }
}
