use std::io::{self, Write};

use camino::Utf8Path;
use iom_base::Span;
use iom_diagnostics::{Diagnostic, Severity};
use iom_eval::plan::{self, PolicyPlan};
use iom_eval::report::rendering;
use iom_eval::report::{Decision, Report, ReportDiagnostic};
use iom_model::Model;
use iom_semantic::{LibrarySelection, Stated};
use serde_json::json;

use crate::arguments::{ColorChoice, EvalArguments, FailOn, Format};
use crate::clock;
use crate::commands::repository::Repository;
use crate::commands::texts::Texts;
use crate::commands::{baseline, github, watch};
use crate::exit::{Exit, Failure, Outcome};
use crate::front_end::FrontEnd;
use crate::judge::{self, Question};
use crate::lock::Locking;
use crate::masking;
use crate::output;
use crate::selection::{self, Selected, Wanted};
use crate::sources::{self, Source};
use crate::threads;
use crate::workspace::Workspace;

/// What reports are written as; what can be shown report after report first.
const FORMATS: &[Format] =
    &[Format::Human, Format::Short, Format::Json, Format::Sarif, Format::Junit, Format::Github];
const SHOWN_AGAIN: usize = 3;

/// `iomc eval`: judges state and decides.
pub fn run(arguments: &EvalArguments, color: ColorChoice) -> Outcome {
    if let Some(flag) = arguments.reserved.used() {
        return Err(Failure::new(format!("{flag} is not built yet")));
    }
    let format = arguments.output.format;
    output::supported(format, FORMATS)?;
    if arguments.watch && !FORMATS[..SHOWN_AGAIN].contains(&format) {
        return Err(Failure::new("--watch shows report after report").help("use human, short or json"));
    }
    let at = clock::instant(arguments.at.as_deref())?;
    let found = Workspace::find(arguments.path.as_deref())?;
    let has_workspace = found.is_some();
    if !has_workspace && arguments.state.sources.is_empty() {
        let failure =
            Failure::new("there is nothing to judge: no --state was given, and there is no workspace here");
        return Err(failure.help("iomc eval --state plan.json judges a plan by the standard library"));
    }
    if arguments.watch {
        return watch::run(arguments, color);
    }
    let mut workspace = found.unwrap_or_default();
    let front_end = FrontEnd::load(&mut workspace, Locking::Extend);
    let run = Run { arguments, color, has_workspace };
    // Mistakes in the rules are told before those in what they are to judge.
    front_end.without_errors(format, output::use_color(color, &io::stderr()))?;
    let sources = sources::open(&arguments.state, Some(&workspace))?;
    let (model, selected, remarks) = run.rules(&front_end, sources::stated(&sources))?;
    let question = run.question(&workspace, selected, at);
    if arguments.explain_plan.is_some() {
        return explain_plan(judge::plans(model, &sources, &question)?, arguments);
    }
    // A baseline that cannot be read is told before there is anything to wait for.
    let baseline = arguments.baseline.as_deref().map(baseline::read).transpose()?;
    let mut report = judge::judge(model, &sources, &question)?;
    front_end.write_lock();
    baseline::apply(baseline, arguments, &mut report)?;
    let shown = Shown { sources: &sources, root: &workspace.root };
    let outcome = run.deliver(&mut report, remarks, &front_end, &shown);
    // The process ends here, and a large report is many small pieces.
    std::mem::forget(report);
    outcome
}

/// What a report is about, for those who show it.
pub(super) struct Shown<'a> {
    pub sources: &'a [Source],
    /// The folder of the workspace; empty without one.
    pub root: &'a Utf8Path,
}

/// One run of the command, as far as it does not matter whether others follow.
pub(super) struct Run<'a> {
    pub arguments: &'a EvalArguments,
    pub color: ColorChoice,
    pub has_workspace: bool,
}

impl Run<'_> {
    /// What to judge by, and what there is to say about it.
    pub fn rules(
        &self,
        front_end: &FrontEnd,
        stated: Stated,
    ) -> Result<(Model, Selected, Vec<Diagnostic<Span>>), Failure> {
        let arguments = self.arguments;
        let error_color = output::use_color(self.color, &io::stderr());
        let mut remarks = front_end.without_errors(arguments.output.format, error_color)?;
        remarks.retain(|_| !arguments.quiet || arguments.deny_warnings);
        if !arguments.quiet && self.has_workspace && self.patterns().is_empty() {
            remarks.extend(front_end.unapplied_policies());
        }
        let overrides = front_end.overrides(&arguments.set)?;
        let model = front_end.model_with(&library(self.has_workspace, self.patterns()), &overrides, stated);
        let wanted = Wanted {
            patterns: self.patterns().to_vec(),
            min_severity: arguments.min_severity.map(Into::into),
            stage: arguments.stage.map(|stage| stage.name()),
            focus: front_end.focus().map(str::to_owned),
        };
        let selected = selection::select(&model, &wanted)?;
        Ok((model, selected, remarks))
    }

    pub fn question<'q>(&'q self, workspace: &'q Workspace, selected: Selected, at: i64) -> Question<'q> {
        Question {
            at,
            selected,
            patterns: self.patterns(),
            lists_passes: self.arguments.all,
            has_workspace: self.has_workspace,
            workspace,
            threads: threads::number(self.arguments.threads),
        }
    }

    /// The policies that are asked for; none: all of them.
    fn patterns(&self) -> &[String] {
        self.arguments.explain_plan.as_ref().map_or(&self.arguments.only[..], std::slice::from_ref)
    }

    fn remark(&self, remarks: &[Diagnostic<Span>], front_end: &FrontEnd) {
        if !remarks.is_empty() && !self.arguments.quiet {
            let error_color = output::use_color(self.color, &io::stderr());
            output::to_standard_error(&front_end.rendered(
                remarks,
                self.arguments.output.format,
                error_color,
            ));
        }
    }

    /// Writes what is new in a report, and says how the command would end.
    pub fn tell(
        &self,
        report: &Report,
        remarks: &[Diagnostic<Span>],
        front_end: &FrontEnd,
        news: impl FnOnce(bool) -> String,
    ) -> Outcome {
        let arguments = self.arguments;
        self.remark(remarks, front_end);
        let text = news(output::use_color(self.color, &io::stdout()));
        output::to_standard_output(|out| out.write_all(text.as_bytes()))?;
        let has_warnings = has_warnings(remarks, report);
        Ok(exit(report.decision, arguments.fail_on, arguments.deny_warnings && has_warnings))
    }

    /// Writes a report, and says how the command ends.
    pub fn deliver(
        &self,
        report: &mut Report,
        remarks: Vec<Diagnostic<Span>>,
        front_end: &FrontEnd,
        shown: &Shown<'_>,
    ) -> Outcome {
        let arguments = self.arguments;
        let format = arguments.output.format;
        let has_warnings = has_warnings(&remarks, report);
        if format == Format::Json {
            let values = masking::json(&remarks, front_end).into_iter().map(ReportDiagnostic::FrontEnd);
            report.diagnostics.splice(0..0, values);
        } else {
            self.remark(&remarks, front_end);
        }
        let is_silent = arguments.quiet && report.findings.is_empty() && report.decision == Decision::Admit;
        let is_for_people = matches!(format, Format::Human | Format::Short);
        if !(is_silent && is_for_people) {
            let color = output::use_color_for(self.color, &arguments.output);
            let texts = Texts { front_end, sources: shown.sources };
            write(report, arguments, color, &texts, &Repository::around(shown.root))?;
        }
        if format == Format::Github {
            github::add_summary(report)?;
        }
        Ok(exit(report.decision, arguments.fail_on, arguments.deny_warnings && has_warnings))
    }
}

fn has_warnings(remarks: &[Diagnostic<Span>], report: &Report) -> bool {
    remarks.iter().any(|found| found.severity == Severity::Warning)
        || report.diagnostics.iter().any(is_warning)
}

/// `--explain-plan`
fn explain_plan(plans: Vec<PolicyPlan>, arguments: &EvalArguments) -> Outcome {
    let text = match arguments.output.format {
        Format::Json => {
            let document = json!({ "version": 1, "tool": env!("CARGO_PKG_VERSION"), "plans": plans });
            format!("{document:#}\n")
        }
        _ => plan::words(&plans),
    };
    output::deliver(&arguments.output, |out| out.write_all(text.as_bytes()))?;
    Ok(Exit::Fine)
}

/// Without a workspace the standard library judges; with one, only what the workspace applies of it.
pub(super) fn library(has_workspace: bool, only: &[String]) -> LibrarySelection {
    match (has_workspace, only) {
        (true, _) => LibrarySelection::None,
        (false, []) => LibrarySelection::All,
        (false, only) => LibrarySelection::Matching(only.to_vec()),
    }
}

fn is_warning(diagnostic: &ReportDiagnostic) -> bool {
    matches!(diagnostic, ReportDiagnostic::Evaluation(found) if found.severity == Severity::Warning)
}

fn write(
    report: &Report,
    arguments: &EvalArguments,
    color: bool,
    texts: &Texts<'_>,
    paths: &Repository,
) -> Result<(), Failure> {
    output::deliver(&arguments.output, |out: &mut dyn Write| match arguments.output.format {
        // Whoever reads report after report reads them line by line.
        Format::Json if arguments.watch => {
            serde_json::to_writer(&mut *out, report)?;
            out.write_all(b"\n")
        }
        Format::Json => rendering::json(report, out),
        Format::Short => out.write_all(rendering::short(report).as_bytes()),
        Format::Sarif => rendering::sarif(report, paths, texts, out),
        Format::Junit => rendering::junit(report, out),
        Format::Github => rendering::github::annotations(report, paths, out),
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
