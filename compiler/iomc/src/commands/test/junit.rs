use std::io;

use iom_diagnostics::render::one_line;
use iom_eval::testing::{ExpectationFailure, TestOutcome};
use iom_model::scalar::instant::format_time;
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use super::{Run, located, sentence};

/// The form that CI systems read: a suite per module, in order of the tests. Times are zero, so that equal runs give
/// equal bytes.
pub fn document(run: &Run) -> String {
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
    // Writing to memory does not fail.
    let _ = suites(run, &mut writer);
    let mut bytes = writer.into_inner();
    bytes.push(b'\n');
    String::from_utf8(bytes).unwrap_or_default()
}

fn suites(run: &Run, writer: &mut Writer<Vec<u8>>) -> io::Result<()> {
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    // CI systems want to know when, and take no zone.
    let at = format_time(run.at);
    let timestamp = at.trim_end_matches('Z');
    let mut modules: Vec<(&str, Vec<&TestOutcome>)> = Vec::new();
    for outcome in &run.outcomes {
        match modules.iter_mut().find(|(module, _)| *module == outcome.module) {
            Some((_, outcomes)) => outcomes.push(outcome),
            None => modules.push((&outcome.module, vec![outcome])),
        }
    }
    let (tests, failed) = (run.outcomes.len().to_string(), run.failed().to_string());
    writer
        .create_element("testsuites")
        .with_attributes([("name", "iomc test"), ("tests", &tests), ("failures", &failed)])
        .with_attributes([("errors", "0"), ("time", "0")])
        .write_inner_content(|writer| {
            modules.iter().try_for_each(|(module, outcomes)| suite(module, outcomes, timestamp, writer))
        })?;
    Ok(())
}

fn suite(
    module: &str,
    outcomes: &[&TestOutcome],
    timestamp: &str,
    writer: &mut Writer<Vec<u8>>,
) -> io::Result<()> {
    let failed = outcomes.iter().filter(|outcome| !outcome.passed()).count().to_string();
    let tests = outcomes.len().to_string();
    writer
        .create_element("testsuite")
        .with_attributes([("name", suite_name(module)), ("tests", &tests), ("failures", &failed)])
        .with_attributes([("errors", "0"), ("skipped", "0"), ("time", "0"), ("timestamp", timestamp)])
        .write_inner_content(|writer| outcomes.iter().try_for_each(|outcome| case(outcome, writer)))?;
    Ok(())
}

/// Files without `module` are in the nameless one.
fn suite_name(module: &str) -> &str {
    if module.is_empty() { "tests" } else { module }
}

fn case(outcome: &TestOutcome, writer: &mut Writer<Vec<u8>>) -> io::Result<()> {
    let (title, line) = (one_line(&outcome.title), outcome.location.line.to_string());
    let element = writer
        .create_element("testcase")
        .with_attributes([("name", title.as_str()), ("classname", suite_name(&outcome.module))])
        .with_attributes([("file", outcome.location.file.as_str()), ("line", &line), ("time", "0")]);
    if outcome.passed() {
        element.write_empty()?;
        return Ok(());
    }
    // One per test: several are not understood everywhere.
    element.write_inner_content(|writer| {
        let first = outcome.failures.first().map(sentence).unwrap_or_default();
        let text: Vec<String> = outcome.failures.iter().map(described).collect();
        writer
            .create_element("failure")
            .with_attributes([("message", one_line(&first).as_str()), ("type", "expectation")])
            .write_text_content(BytesText::new(&text.join("\n")))?;
        Ok(())
    })?;
    Ok(())
}

fn described(failure: &ExpectationFailure) -> String {
    let mut lines = vec![
        format!("{}: {}", located(&failure.location), one_line(&failure.source)),
        one_line(&sentence(failure)),
    ];
    lines
        .extend(failure.values.iter().map(|value| one_line(&format!("{} is {}", value.source, value.value))));
    lines.extend(failure.details.iter().map(|detail| one_line(detail)));
    lines.join("\n  ")
}
