use std::io::{self, Write};

use iom_diagnostics::Severity;
use iom_diagnostics::render;
use iom_eval::report::rendering;
use iom_eval::report::{Decision, Report, ReportDiagnostic};
use iom_semantic::LibrarySelection;

use crate::arguments::{ColorChoice, EvalArguments, FailOn, Format};
use crate::clock;
use crate::commands::texts::Texts;
use crate::exit::{Exit, Failure, Outcome};
use crate::front_end::FrontEnd;
use crate::judge::{self, Question};
use crate::lock::Locking;
use crate::output;
use crate::selection::{self, Wanted};
use crate::sources;
use crate::threads;
use crate::workspace::Workspace;

/// `iomc eval`: judges state and decides.
pub fn run(arguments: &EvalArguments, color: ColorChoice) -> Outcome {
    if let Some(flag) = arguments.reserved.used() {
        return Err(Failure::new(format!("{flag} is not built yet")));
    }
    let format = arguments.output.format;
    output::supported(format, &[Format::Human, Format::Short, Format::Json])?;
    let at = clock::instant(arguments.at.as_deref())?;
    let found = Workspace::find(arguments.path.as_deref())?;
    let has_workspace = found.is_some();
    if !has_workspace && arguments.state.is_empty() {
        let failure =
            Failure::new("there is nothing to judge: no --state was given, and there is no workspace here");
        return Err(failure.help("iomc eval --state plan.json judges a plan by the standard library"));
    }
    let mut workspace = found.unwrap_or_default();
    let front_end = FrontEnd::load(&mut workspace, Locking::Extend);
    let error_color = output::use_color(color, &io::stderr());
    let mut remarks = front_end.without_errors(format, error_color)?;
    remarks.retain(|_| !arguments.quiet || arguments.deny_warnings);

    if !arguments.quiet && has_workspace && arguments.only.is_empty() {
        remarks.extend(front_end.unapplied_policies());
    }
    let overrides = front_end.overrides(&arguments.set)?;
    let model = front_end.model_with(&library(has_workspace, &arguments.only), &overrides);
    let wanted = Wanted {
        patterns: arguments.only.clone(),
        min_severity: arguments.min_severity.map(Into::into),
        stage: arguments.stage.map(|stage| stage.name()),
        focus: front_end.focus().map(str::to_owned),
    };
    let selected = selection::select(&model, &wanted)?;
    let sources = sources::read(&arguments.state, Some(&workspace))?;
    let question = Question {
        at,
        selected,
        patterns: &arguments.only,
        lists_passes: arguments.all,
        has_workspace,
        workspace: &workspace,
        threads: threads::number(arguments.threads),
    };
    // Excerpts are the only reason to keep what was read.
    let keeps_texts = format == Format::Human;
    let (mut report, texts) = judge::judge(model, sources, &question, keeps_texts)?;

    front_end.write_lock();
    let has_warnings = remarks.iter().any(|found| found.severity == Severity::Warning)
        || report.diagnostics.iter().any(is_warning);
    if format == Format::Json {
        let values = render::json(&remarks, &front_end).into_iter().map(ReportDiagnostic::FrontEnd);
        report.diagnostics.splice(0..0, values);
    } else if !remarks.is_empty() && !arguments.quiet {
        output::to_standard_error(&front_end.rendered(&remarks, format, error_color));
    }
    let is_silent = arguments.quiet && report.findings.is_empty() && report.decision == Decision::Admit;
    if format == Format::Json || !is_silent {
        let color = output::use_color_for(color, &arguments.output);
        write(&report, arguments, color, &Texts { front_end: &front_end, sources: texts })?;
    }
    Ok(exit(report.decision, arguments.fail_on, arguments.deny_warnings && has_warnings))
}

/// Without a workspace the standard library judges; with one, only what the workspace applies of it.
fn library(has_workspace: bool, only: &[String]) -> LibrarySelection {
    match (has_workspace, only) {
        (true, _) => LibrarySelection::None,
        (false, []) => LibrarySelection::All,
        (false, only) => LibrarySelection::Matching(only.to_vec()),
    }
}

fn is_warning(diagnostic: &ReportDiagnostic) -> bool {
    matches!(diagnostic, ReportDiagnostic::Evaluation(found) if found.severity == Severity::Warning)
}

fn write(report: &Report, arguments: &EvalArguments, color: bool, texts: &Texts<'_>) -> Result<(), Failure> {
    output::deliver(&arguments.output, |out: &mut dyn Write| match arguments.output.format {
        Format::Json => rendering::json(report, out),
        Format::Short => out.write_all(rendering::short(report).as_bytes()),
        _ => out.write_all(rendering::human(report, texts, color).as_bytes()),
    })
}

fn exit(decision: Decision, fail_on: FailOn, warned: bool) -> Exit {
    match (decision, fail_on) {
        (Decision::Block, FailOn::Block | FailOn::Escalate) => Exit::Failed,
        (Decision::Escalate, FailOn::Escalate) => Exit::Escalate,
        _ if warned => Exit::Failed,
        _ => Exit::Fine,
    }
}
