use std::fmt::Write as _;
use std::io;

use iom_diagnostics::Severity;
use iom_eval::testing::{ExpectationFailure, TestOutcome};
use iom_model::scalar::Glob;
use iom_model::scalar::instant::format_time;
use iom_model::{Location, Test};
use iom_semantic::LibrarySelection;
use serde_json::{Value, json};

use crate::arguments::{ColorChoice, Format, TestArguments};
use crate::exit::{Exit, Failure, Outcome};
use crate::front_end::FrontEnd;
use crate::selection::is_inside;
use crate::workspace::Workspace;
use crate::{clock, judge, output};

/// `iomc test`: runs `test` declarations.
pub fn run(arguments: &TestArguments, color: ColorChoice) -> Outcome {
    let format = arguments.output.format;
    output::supported(format, &[Format::Human, Format::Short, Format::Json])?;
    let at = clock::instant(arguments.at.as_deref())?;
    let mut workspace = Workspace::require(arguments.path.as_deref())?;
    let front_end = FrontEnd::load(&mut workspace);
    let error_color = output::use_color(color, &io::stderr());
    let remarks = front_end.without_errors(format, error_color)?;
    let has_warnings = remarks.iter().any(|found| found.severity == Severity::Warning);

    let model = front_end.model(&LibrarySelection::None);
    let is_focused =
        |test: &Test| front_end.focus().is_none_or(|focus| is_inside(&test.location.file, focus));
    let is_wanted = |test: &Test| is_focused(test) && matches(arguments.filter.as_deref(), test);
    if let Some(filter) = arguments.filter.as_deref().filter(|_| !model.tests.iter().any(is_wanted)) {
        return Err(Failure::new(format!("no test matches \"{filter}\"")));
    }
    let outcomes = judge::test(model, at, &is_wanted);

    if !remarks.is_empty() && !arguments.quiet && format != Format::Json {
        output::to_standard_error(&front_end.rendered(&remarks, format, error_color));
    }
    let text = match format {
        Format::Short => short(&outcomes),
        Format::Json => to_json(&outcomes, at),
        _ => human(&outcomes, arguments.quiet, output::use_color_for(color, &arguments.output)),
    };
    output::deliver(&arguments.output, |out| out.write_all(text.as_bytes()))?;
    let failed =
        outcomes.iter().any(|outcome| !outcome.passed()) || (arguments.deny_warnings && has_warnings);
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

fn human(outcomes: &[TestOutcome], quiet: bool, color: bool) -> String {
    let paint = |code: &str, text: &str| {
        if color { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    };
    let mut out = String::new();
    for outcome in outcomes {
        // Writing to a string cannot fail.
        if outcome.passed() {
            if !quiet {
                let _ = writeln!(out, "{}  {}: {}", paint("1;32", "ok  "), outcome.module, outcome.title);
            }
            continue;
        }
        let _ = writeln!(out, "{}  {}: {}", paint("1;31", "FAIL"), outcome.module, outcome.title);
        for failure in &outcome.failures {
            let _ = writeln!(out, "      {}: {}", located(&failure.location), on_one_line(&failure.source));
            let _ = writeln!(out, "        {}", failure.message);
            for detail in &failure.details {
                let _ = writeln!(out, "        {}", paint("2", detail));
            }
        }
    }
    let failed = outcomes.iter().filter(|outcome| !outcome.passed()).count();
    if failed > 0 || !quiet {
        out.push_str(&summary(outcomes.len() - failed, failed));
    }
    out
}

fn summary(passed: usize, failed: usize) -> String {
    match (passed, failed) {
        (0, 0) => "There are no tests.\n".to_owned(),
        (1, 0) => "1 test passed.\n".to_owned(),
        (passed, 0) => format!("{passed} tests passed.\n"),
        (passed, failed) => format!("{passed} passed, {failed} failed.\n"),
    }
}

/// One line per expectation that is not met.
fn short(outcomes: &[TestOutcome]) -> String {
    let line = |outcome: &TestOutcome, failure: &ExpectationFailure| {
        format!("{}: error[test] {}: {}\n", located(&failure.location), outcome.title, failure.message)
    };
    outcomes
        .iter()
        .flat_map(|outcome| outcome.failures.iter().map(move |failure| line(outcome, failure)))
        .collect()
}

fn to_json(outcomes: &[TestOutcome], at: i64) -> String {
    let failed = outcomes.iter().filter(|outcome| !outcome.passed()).count();
    let tests: Vec<Value> = outcomes
        .iter()
        .map(|outcome| {
            let failures: Vec<Value> = outcome
                .failures
                .iter()
                .map(|failure| {
                    json!({
                        "location": failure.location,
                        "expectation": failure.source,
                        "message": failure.message,
                        "details": failure.details,
                    })
                })
                .collect();
            json!({
                "title": outcome.title,
                "module": outcome.module,
                "location": outcome.location,
                "passed": outcome.passed(),
                "failures": failures,
            })
        })
        .collect();
    let document = json!({
        "version": 1,
        "tool": env!("CARGO_PKG_VERSION"),
        "at": format_time(at),
        "summary": { "passed": outcomes.len() - failed, "failed": failed },
        "tests": tests,
    });
    format!("{document:#}\n")
}

fn located(location: &Location) -> String {
    format!("{}:{}:{}", location.file, location.line, location.column)
}

fn on_one_line(source: &str) -> String {
    source.split_whitespace().collect::<Vec<_>>().join(" ")
}
