use std::fmt::Write as _;

use iom_diagnostics::render::{harmless, one_line};
use iom_eval::testing::ExpectationFailure;

use super::{Run, coverage, located};

pub fn text(run: &Run, quiet: bool, color: bool) -> String {
    let paint = |code: &str, text: &str| {
        if color { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    };
    let mut out = String::new();
    for outcome in &run.outcomes {
        // Writing to a string cannot fail.
        let name = match outcome.module.as_str() {
            "" => one_line(&outcome.title),
            module => one_line(&format!("{module}: {}", outcome.title)),
        };
        if outcome.passed() {
            if !quiet {
                let _ = writeln!(out, "{}  {name}", paint("1;32", "ok  "));
            }
            continue;
        }
        let _ = writeln!(out, "{}  {name}", paint("1;31", "FAIL"));
        for failure in &outcome.failures {
            failed(failure, &paint, &mut out);
        }
    }
    let failed = run.failed();
    if failed > 0 || !quiet {
        out.push_str(&summary(run.outcomes.len() - failed, failed));
    }
    if let Some(coverage) = &run.coverage {
        coverage::human(coverage, &mut out);
    }
    out
}

fn failed(failure: &ExpectationFailure, paint: &dyn Fn(&str, &str) -> String, out: &mut String) {
    let mut line = |indent: usize, text: &str| {
        let _ = writeln!(out, "{:indent$}{text}", "");
    };
    line(6, &format!("{}: {}", located(&failure.location), one_line(&failure.source)));
    line(8, &harmless(&failure.message));
    if let (Some(expected), Some(found)) = (&failure.expected, &failure.found) {
        line(8, &format!("expected: {}", harmless(expected)));
        line(8, &format!("found:    {}", harmless(found)));
    }
    for value in &failure.values {
        line(8, &paint("2", &harmless(&format!("{} is {}", one_line(&value.source), value.value))));
    }
    for detail in &failure.details {
        line(8, &paint("2", &harmless(detail)));
    }
}

fn summary(passed: usize, failed: usize) -> String {
    match (passed, failed) {
        (0, 0) => "There are no tests.\n".to_owned(),
        (1, 0) => "1 test passed.\n".to_owned(),
        (passed, 0) => format!("{passed} tests passed.\n"),
        (passed, failed) => format!("{passed} passed, {failed} failed.\n"),
    }
}
