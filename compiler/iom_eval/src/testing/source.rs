use iom_model::{Location, Test, TestContent, TestFormat, TestSource};
use iom_state::document::{Format, ImportError, Layer};
use iom_state::tape::Strings;
use iom_state::{About, import_file, terraform};

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
    let unreadable = |location: Location, message: String| {
        let what = source.format.word();
        Unreadable { location, what, message }
    };
    let (path, bytes) = match &source.content {
        TestContent::Text(text) => (&source.location.file, text.as_bytes().to_vec()),
        TestContent::File(file) => {
            let bytes = read_file(file);
            (file, bytes.map_err(|why| unreadable(source.location.clone(), format!("{file}: {why}")))?)
        }
    };
    let may_be_yaml = !matches!(
        source.format,
        TestFormat::Terraform | TestFormat::TerraformPlan | TestFormat::TerraformState | TestFormat::Csv
    );
    let (bytes, indentation) = match &source.content {
        TestContent::Text(text) if may_be_yaml => {
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
    let format = match source.format {
        TestFormat::Terraform => {
            let text = String::from_utf8(bytes)
                .map_err(|_| unreadable(source.location.clone(), format!("{path} is no UTF-8 text")))?;
            let mut document = terraform::import_text(&text, demand, strings).map_err(failed)?;
            iom_state::secrets::hide(&mut document, strings);
            return Ok(StateSource::new(path.clone(), Layer::Intended, document));
        }
        TestFormat::TerraformPlan => Format::TerraformPlan,
        TestFormat::TerraformState => Format::TerraformState,
        TestFormat::Kubernetes => Format::Kubernetes,
        TestFormat::Cloudformation => Format::Cloudformation,
        TestFormat::AwsConfig => Format::AwsConfig,
        TestFormat::Json => Format::Json,
        TestFormat::Csv => Format::Csv,
    };
    let name = match &source.content {
        TestContent::File(file) => file.rsplit('/').next().unwrap_or(file),
        TestContent::Text(_) => "",
    };
    let about = About { format: Some(format), name, ..About::default() };
    let document = import_file(&bytes, &about, demand, strings).map_err(failed)?;
    // Things that nothing else says a type of are of the type that their file is called by.
    if name.is_empty()
        && document.objects.iter().any(|object| strings.resolve(&object.source_type).is_empty())
    {
        let message = "a file's name says what is in it, and a text in a test has none: \
                       put it into a file, or into a list with a name, `{\"hosts\": [..]}`";
        return Err(unreadable(source.location.clone(), message.to_owned()));
    }
    let mut state = StateSource::new(path.clone(), document.usual_layer(), document);
    state.is_partial = state.document.is_partial;
    Ok(state)
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
