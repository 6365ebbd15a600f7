use iom_model::{Location, Test, TestContent, TestFormat, TestSource};
use iom_state::document::{Format, ImportError, Layer};
use iom_state::tape::Strings;
use iom_state::{import, terraform};

use super::ReadFile;
use crate::facts::StateSource;
use crate::program::Demand;

/// Why something given cannot be read, and where that is.
#[derive(Clone, Debug)]
pub(super) struct Unreadable {
    pub location: Location,
    pub what: &'static str,
    pub message: String,
}

/// Reads what a test gives in the form of other tools.
pub(super) fn read(
    test: &Test,
    demand: &Demand,
    strings: &mut Strings,
    read_file: &ReadFile<'_>,
) -> Result<Vec<StateSource>, Unreadable> {
    test.sources.iter().map(|source| read_one(source, demand, strings, read_file)).collect()
}

fn read_one(
    source: &TestSource,
    demand: &Demand,
    strings: &mut Strings,
    read_file: &ReadFile<'_>,
) -> Result<StateSource, Unreadable> {
    let what = match source.format {
        TestFormat::Terraform => "given terraform",
        TestFormat::TerraformPlan => "given plan",
        TestFormat::Kubernetes => "given kubernetes",
        TestFormat::Cloudformation => "given cloudformation",
    };
    let unreadable = |location: Location, message: String| Unreadable { location, what, message };
    let (path, bytes) = match &source.content {
        TestContent::Text(text) => (&source.location.file, text.as_bytes().to_vec()),
        TestContent::File(file) => {
            let bytes = read_file(file);
            (file, bytes.map_err(|why| unreadable(source.location.clone(), format!("{file}: {why}")))?)
        }
    };
    let (bytes, indentation) = match (&source.content, source.format) {
        (TestContent::Text(text), TestFormat::Kubernetes | TestFormat::Cloudformation) => {
            let (text, indentation) = unindented(text);
            (text.into_bytes(), indentation)
        }
        _ => (bytes, 0),
    };
    let failed = |mut error: ImportError| {
        error.place = error.place.map(|(line, column)| (line, column + indentation));
        let (location, place) = place_of(source, &error);
        unreadable(location, format!("{place}{}", error.message))
    };
    match source.format {
        TestFormat::Terraform => {
            let text = String::from_utf8(bytes)
                .map_err(|_| unreadable(source.location.clone(), format!("{path} is no UTF-8 text")))?;
            let mut document = terraform::import_text(&text, demand, strings).map_err(failed)?;
            iom_state::secrets::hide(&mut document, strings);
            Ok(StateSource::new(path.clone(), Layer::Intended, document))
        }
        TestFormat::TerraformPlan => {
            let document = import(&bytes, Some(Format::TerraformPlan), demand, strings).map_err(failed)?;
            Ok(StateSource::new(path.clone(), Layer::Built, document))
        }
        TestFormat::Kubernetes | TestFormat::Cloudformation => {
            let format = match source.format {
                TestFormat::Kubernetes => Format::Kubernetes,
                _ => Format::Cloudformation,
            };
            let document = import(&bytes, Some(format), demand, strings).map_err(failed)?;
            let mut state = StateSource::new(path.clone(), document.usual_layer(), document);
            state.is_partial = state.document.is_partial;
            Ok(state)
        }
    }
}

/// A text without what all its lines are indented by, and how much that is: YAML begins documents at the margin.
fn unindented(text: &str) -> (String, u32) {
    let indented = |line: &str| line.len() - line.trim_start_matches(' ').len();
    let lines = || text.split('\n').filter(|line| !line.trim().is_empty());
    let indentation = lines().map(indented).min().unwrap_or_default();
    let shorter = text.split('\n').map(|line| line.get(indentation..).unwrap_or_default());
    (shorter.collect::<Vec<_>>().join("\n"), indentation as u32)
}

/// The place of a mistake: in the test's own file where the text stands there, else written out before the message.
fn place_of(source: &TestSource, error: &ImportError) -> (Location, String) {
    /// Three quotes stand before the text.
    const QUOTES: u32 = 3;
    let own = source.location.clone();
    match (&source.content, error.place) {
        (_, None) => (own, String::new()),
        (TestContent::File(file), Some((line, column))) => (own, format!("{file}:{line}:{column}: ")),
        (TestContent::Text(_), Some((line, column))) => {
            let column = if line == 1 { own.column + QUOTES + column - 1 } else { column };
            (Location { line: own.line + line - 1, column, ..own }, String::new())
        }
    }
}
