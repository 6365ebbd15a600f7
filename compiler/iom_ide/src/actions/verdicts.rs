//! What can be done about a verdict: what its policy proposes, or letting it be until a date.

use iom_base::{TextRange, TextSize};
use iom_diagnostics::Applicability;
use iom_eval::draft::{ExceptionDraft, start_of_day};
use iom_model::Model;
use iom_model::scalar::instant;

use super::edit::{Patch, formatted};
use super::{ActionKind, CodeAction, FileEdit, MOST_DIAGNOSTICS, touches};
use crate::live::{Live, LiveDiagnostic, LiveSubject};
use crate::{Analysis, PolicyFix};

/// Where exceptions are written, as `iomc exception new` does.
const FILE: &str = "exceptions.iom";
const MODULE: &str = "exceptions";
/// Who has to be named before the declaration is one.
const NOBODY_YET: &str = "say_who_approves";

pub(super) fn for_verdicts(
    analysis: &Analysis,
    live: &Live,
    path: &str,
    range: TextRange,
) -> Vec<CodeAction> {
    let found = live.diagnostics(analysis, path).into_iter();
    let here = found.filter(|one| touches(one.range, range)).take(MOST_DIAGNOSTICS);
    let mut actions = Vec::new();
    for one in here {
        actions.extend(proposed(analysis, live, &one));
        actions.extend(let_be(analysis, live, &one));
    }
    actions
}

/// The policy's `fix`. It is written by the places of the model, which have to be those of the texts.
fn proposed(analysis: &Analysis, live: &Live, found: &LiveDiagnostic) -> Option<CodeAction> {
    let finding = live.finding(found.subject.as_ref()?.finding)?;
    if finding.fix.is_none() || !live.is_of(analysis) {
        return None;
    }
    let PolicyFix::Edits(fix) = analysis.policy_fix(live.model(), finding)? else { return None };
    let mut action = analysis.edited(&fix)?;
    action.is_preferred = fix.applicability == Applicability::Safe;
    action.about = Some((found.range, found.code.clone()));
    Some(action)
}

fn let_be(analysis: &Analysis, live: &Live, found: &LiveDiagnostic) -> Option<CodeAction> {
    let subject = found.subject.as_ref()?;
    let at = instant::parse_time(&live.report().at).ok()?;
    let draft = draft(live.model(), subject, start_of_day(at))?;
    let text = draft.declaration();
    let edit = match analysis.text(FILE) {
        Some(before) => {
            let end = TextSize::of(before.trim_end());
            let rest = TextRange::new(end, TextSize::of(before));
            formatted(FILE, before, vec![Patch::new(rest, format!("\n\n{text}"))])?
        }
        None => FileEdit {
            path: FILE.into(),
            range: TextRange::default(),
            text: format!("module {MODULE}\n\n{text}"),
            is_new_file: true,
        },
    };
    Some(CodeAction {
        title: format!("write an exception from {} until a date", subject.policy),
        kind: ActionKind::QuickFix,
        edits: vec![edit],
        is_preferred: false,
        is_template: true,
        about: Some((found.range, found.code.clone())),
    })
}

fn draft(model: &Model, subject: &LiveSubject, opened: i64) -> Option<ExceptionDraft> {
    // What a blueprint promises is no policy that exceptions name.
    let policy = model.policies.values().find(|policy| policy.declared == subject.policy)?;
    let label = subject.label.as_ref().map(|label| format!(".{label}")).unwrap_or_default();
    let approver = policy.owner.as_ref().map_or(NOBODY_YET, |owner| owner.as_str());
    Some(ExceptionDraft {
        name: ExceptionDraft::usual_name(&subject.policy, &subject.address, model),
        policy: format!("{}{label}", subject.policy),
        target: subject.address.to_string(),
        reason: "say why, and what is done meanwhile".to_owned(),
        approved_by: vec![approver.to_owned()],
        opened,
        expires: ExceptionDraft::usual_end(policy, opened)?,
    })
}
