//! Tests of the language, run from where they are written.

use std::fmt::Write as _;
use std::sync::Arc;

use iom_base::TextSize;
use iom_diagnostics::render::one_line;
use iom_eval::testing::{ExpectationFailure, TestOptions, TestOutcome, run_tests};
use iom_model::Test;
use iom_state::tape::Strings;
use smol_str::SmolStr;

use crate::Analysis;
use crate::live::Answer;

impl Analysis {
    /// The module and the title of the test at an offset.
    pub fn test_at(&self, path: &str, offset: TextSize) -> Option<(SmolStr, SmolStr)> {
        let mut outline = self.outline(path).into_iter();
        let test = outline.find(|one| one.keyword == "test" && one.range.contains_inclusive(offset))?;
        Some((self.host.module_of(path).cloned().unwrap_or_default(), test.name))
    }

    /// Runs the test of a module with a title, as of an instant in seconds since 1970, and says what came of it; nothing where
    /// the rules have errors, or there is no such test.
    pub fn run_test(&self, module: &str, title: &str, at: i64) -> Option<Answer> {
        let model = Arc::new(self.model()?);
        let mut strings = Strings::default();
        let mut data = rustc_hash::FxHashMap::default();
        for (name, source) in &model.data {
            let text = self.read(&source.file).ok()?;
            data.insert(name.clone(), iom_eval::data::read(source, &model, &text, &mut strings).ok()?);
        }
        let is_it = |test: &Test| test.module == module && test.title == title;
        let read_file = |path: &str| self.read(path).map(String::into_bytes);
        let options = TestOptions { at, filter: &is_it, read_file: &read_file, threads: 1 };
        let outcomes = run_tests(&model, strings, &data, &options);
        let outcome = outcomes.first()?;
        Some(Answer { title: title.to_owned(), text: told(outcome), ..Answer::default() })
    }
}

fn told(outcome: &TestOutcome) -> String {
    let mut text = format!("# {}\n\n", one_line(&outcome.title));
    if outcome.passed() {
        text.push_str("**passes**\n");
        return text;
    }
    text.push_str("**fails**\n");
    outcome.failures.iter().for_each(|failure| tell(failure, &mut text));
    text
}

fn tell(failure: &ExpectationFailure, text: &mut String) {
    let mut line = |indent: &str, line: &str| {
        let _ = write!(text, "\n{indent}{}", one_line(line));
    };
    line("- line ", &format!("{}: `{}`", failure.location.line, failure.source.replace('`', "'")));
    let code = |text: &str| format!("`{}`", one_line(text).replace('`', "'"));
    line("  - ", &code(&failure.message));
    if let (Some(expected), Some(found)) = (&failure.expected, &failure.found) {
        line("  - ", &format!("expected {}, found {}", code(expected), code(found)));
    }
    for value in &failure.values {
        line("  - ", &format!("{} is {}", code(&value.source), code(&value.value)));
    }
    for detail in &failure.details {
        line("  - ", &code(detail));
    }
    text.push('\n');
}
