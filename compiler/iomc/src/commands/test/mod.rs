//! `iomc test`: runs `test` declarations, and says what they cover.

mod coverage;
mod human;
mod json;
mod junit;
mod lcov;

use std::io;

use iom_diagnostics::Severity;
use iom_diagnostics::render::one_line;
use iom_eval::testing::{Coverage, ExpectationFailure, TestOptions, TestOutcome};
use iom_model::scalar::Glob;
use iom_model::{Location, Test};
use iom_semantic::LibrarySelection;

use crate::arguments::{ColorChoice, Format, TestArguments};
use crate::exit::{Exit, Failure, Outcome};
use crate::front_end::FrontEnd;
use crate::lock::Locking;
use crate::selection::is_inside;
use crate::workspace::Workspace;
use crate::{clock, judge, output, threads};

/// What one run of the tests gave.
struct Run {
    outcomes: Vec<TestOutcome>,
    /// Where it was asked for.
    coverage: Option<Coverage>,
    at: i64,
}

impl Run {
    fn failed(&self) -> usize {
        self.outcomes.iter().filter(|outcome| !outcome.passed()).count()
    }
}

pub fn run(arguments: &TestArguments, color: ColorChoice) -> Outcome {
    let format = arguments.output.format;
    output::supported(format, &[Format::Human, Format::Short, Format::Json, Format::Junit])?;
    let at = clock::instant(arguments.at.as_deref())?;
    let mut workspace = Workspace::require(arguments.path.as_deref())?;
    let front_end = FrontEnd::load(&mut workspace, Locking::Verify);
    let error_color = output::use_color(color, &io::stderr());
    let remarks = front_end.without_errors(format, error_color)?;
    let has_warnings = remarks.iter().any(|found| found.severity == Severity::Warning);

    let model = front_end.model(&LibrarySelection::None);
    let focus = front_end.focus();
    let is_focused = |location: &Location| focus.is_none_or(|focus| is_inside(&location.file, focus));
    let is_wanted = |test: &Test| is_focused(&test.location) && matches(arguments.filter.as_deref(), test);
    if let Some(filter) = arguments.filter.as_deref().filter(|_| !model.tests.iter().any(is_wanted)) {
        let failure = Failure::new(format!("no test matches \"{filter}\""));
        return Err(match model.tests.iter().filter(|test| is_focused(&test.location)).count() {
            0 => failure.help("there are no tests here"),
            count => failure.help(format!("there are {count} tests here, by title or `module: title`")),
        });
    }
    let read_file =
        |path: &str| std::fs::read(workspace.reference_file(path)?).map_err(|error| output::reason(&error));
    let threads = threads::number(arguments.threads);
    let options = TestOptions { at, filter: &is_wanted, read_file: &read_file, threads };
    let model = std::sync::Arc::new(model);
    let outcomes = judge::test(&model, &workspace, &options)?;
    let wants_coverage = arguments.coverage || arguments.coverage_out.is_some();
    // The library and dependencies have tests of their own; here they would only hide what is missing.
    let own: std::collections::BTreeSet<smol_str::SmolStr> = front_end.paths().collect();
    let is_own = |location: &Location| own.contains(&location.file) && is_focused(location);
    let coverage = wants_coverage.then(|| Coverage::of(&model, &outcomes, &is_own));
    let run = Run { outcomes, coverage, at };

    if !remarks.is_empty() && !arguments.quiet && format != Format::Json {
        output::to_standard_error(&front_end.rendered(&remarks, format, error_color));
    }
    let text = match format {
        Format::Short => short(&run.outcomes),
        Format::Json => json::document(&run),
        Format::Junit => junit::document(&run),
        _ => human::text(&run, arguments.quiet, output::use_color_for(color, &arguments.output)),
    };
    output::deliver(&arguments.output, |out| out.write_all(text.as_bytes()))?;
    if let (Some(path), Some(coverage)) = (&arguments.coverage_out, &run.coverage) {
        let trace = lcov::trace(coverage);
        output::to_file(path.as_ref(), |out| out.write_all(trace.as_bytes()))
            .map_err(|error| Failure::new(format!("{path}: can't be written: {}", output::reason(&error))))?;
    }
    let failed = run.failed() > 0 || (arguments.deny_warnings && has_warnings);
    Ok(if failed { Exit::Failed } else { Exit::Fine })
}

/// A test is found by a part of its title or of `module: title`, in any case; with `*` by all of it.
fn matches(filter: Option<&str>, test: &Test) -> bool {
    let Some(filter) = filter else { return true };
    let full = format!("{}: {}", test.module, test.title);
    if filter.contains('*') {
        let glob = Glob::nocase(filter);
        return glob.matches(&test.title) || glob.matches(&full);
    }
    full.to_lowercase().contains(&filter.to_lowercase())
}

/// One line per expectation that is not met.
fn short(outcomes: &[TestOutcome]) -> String {
    let line = |outcome: &TestOutcome, failure: &ExpectationFailure| {
        let message = one_line(&format!("{}: {}", outcome.title, sentence(failure)));
        format!("{}: error[test] {message}\n", located(&failure.location))
    };
    outcomes
        .iter()
        .flat_map(|outcome| outcome.failures.iter().map(move |failure| line(outcome, failure)))
        .collect()
}

/// What is wrong, in one sentence.
fn sentence(failure: &ExpectationFailure) -> String {
    match (&failure.expected, &failure.found) {
        (Some(expected), Some(found)) if !failure.message.contains(found.as_str()) => {
            format!("expected {expected}, found {found}")
        }
        (Some(expected), _) => format!("{}, expected: {expected}", failure.message),
        _ => failure.message.clone(),
    }
}

fn located(location: &Location) -> String {
    format!("{}:{}:{}", location.file, location.line, location.column)
}
