use std::ops::Range;

use codespan_reporting::diagnostic::{Diagnostic as Report, Label, Severity as ReportSeverity};
use codespan_reporting::files::{Error, Files};
use codespan_reporting::term::{self, Config, DisplayStyle};
use iom_base::{FileId, Span, TextSize};

use super::SourceTexts;
use super::files::{SourceFile, SourceFiles};
use super::order::sorted;
use super::terminal::one_line;
use crate::{Diagnostic, Severity};

/// Diagnostics for logs and for editors that read a compiler's output, one line each:
/// `path:line:column: error[IOM0203]: what is wrong`.
pub fn short(diagnostics: &[Diagnostic<Span>], sources: &dyn SourceTexts) -> String {
    let files = SourceFiles::new(diagnostics.iter().map(|found| found.primary.place), sources);
    let config = Config { display_style: DisplayStyle::Short, ..Config::default() };
    sorted(diagnostics, sources).into_iter().map(|found| line(found, &files, &config)).collect()
}

fn line(diagnostic: &Diagnostic<Span>, files: &SourceFiles<'_>, config: &Config) -> String {
    let place = diagnostic.primary.place;
    let severity = match diagnostic.severity {
        Severity::Error => ReportSeverity::Error,
        Severity::Warning => ReportSeverity::Warning,
        Severity::Note => ReportSeverity::Note,
    };
    let mut report = Report::new(severity)
        .with_code(diagnostic.code.to_string())
        .with_message(one_line(&diagnostic.message));
    let file = files.get(place.file);
    // Without a text there is no line to name; the path is then put before the line by hand.
    let mut line = match file {
        Some(file) if file.text.is_empty() => format!("{}: ", file.path),
        _ => String::new(),
    };
    if let Some(file) = file.filter(|file| !file.text.is_empty()) {
        let start = file.boundary(place.start()) as usize;
        report = report.with_label(Label::primary(place.file, start..start));
    }
    // Writing to a string fails only for a file that isn't there, which the label above rules out.
    line.push_str(&term::emit_into_string(config, files, &report).unwrap_or_default());
    line
}

impl<'files> Files<'files> for SourceFiles<'_> {
    type FileId = FileId;
    type Name = &'files str;
    type Source = &'files str;

    fn name(&'files self, id: FileId) -> Result<&'files str, Error> {
        Ok(self.file(id)?.path.as_ref())
    }

    fn source(&'files self, id: FileId) -> Result<&'files str, Error> {
        Ok(self.file(id)?.text.as_ref())
    }

    fn line_index(&'files self, id: FileId, byte: usize) -> Result<usize, Error> {
        let offset = TextSize::new(u32::try_from(byte).unwrap_or(u32::MAX));
        Ok(self.file(id)?.lines.line_column(offset).line.saturating_sub(1) as usize)
    }

    fn line_range(&'files self, id: FileId, line_index: usize) -> Result<Range<usize>, Error> {
        let line = u32::try_from(line_index + 1).unwrap_or(u32::MAX);
        let range = self
            .file(id)?
            .lines
            .line(line)
            .ok_or(Error::LineTooLarge { given: line_index, max: u32::MAX as usize })?;
        Ok(range.start().into()..range.end().into())
    }
}

impl<'text> SourceFiles<'text> {
    fn file(&self, id: FileId) -> Result<&SourceFile<'text>, Error> {
        self.get(id).ok_or(Error::FileMissing)
    }
}
