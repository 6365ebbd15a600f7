//! What is wrong around the rules: with the files of the workspace, its packages, its state.

use iom_base::{Lines, Span, TextRange, TextSize};
use iom_diagnostics::render::SourceTexts;
use iom_diagnostics::{Code, Diagnostic, code};
use iom_project::judging::DataFault;
use iom_project::{Failure, Workspace};

use crate::snapshot::THIS_FILE;

/// A diagnostic by its file and a place in it as it is on disk.
#[derive(Clone, PartialEq, Debug)]
pub struct Problem {
    pub path: String,
    place: Place,
    /// With a place that means nothing.
    found: Diagnostic<Span>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Place {
    Range(TextRange),
    /// From a line and column, both from 1, to the end of that line.
    Line(u32, u32),
}

fn nowhere() -> Span {
    Span::new(THIS_FILE, TextRange::default())
}

impl Problem {
    /// A failure about what `iom.toml` names.
    pub fn in_manifest(range: TextRange, failure: &Failure) -> Problem {
        Problem {
            path: iom_manifest::FILE_NAME.to_owned(),
            place: Place::Range(range),
            found: diagnostic(failure),
        }
    }

    /// A data file that cannot be read: where it is named.
    pub fn in_data(fault: &DataFault) -> Problem {
        let place = &fault.location;
        let found = Diagnostic::new(code::BAD_DATA_FILE, nowhere(), format!("{}: {}", fault.file, fault.why));
        Problem { path: place.file.to_string(), place: Place::Line(place.line, place.column), found }
    }

    /// What was found while the workspace was read, but for what the manifest's own text says.
    pub fn of_workspace(workspace: &Workspace) -> Vec<Problem> {
        let texts = &workspace.own_texts;
        let mut problems = Vec::new();
        for found in &workspace.diagnostics {
            let path = texts.path(found.primary.place.file);
            let text = texts.text(found.primary.place.file);
            let is_of_manifest = path == iom_manifest::FILE_NAME
                && iom_manifest::read(text, found.primary.place.file).1.contains(found);
            if !is_of_manifest {
                let place = Place::Range(found.primary.place.range());
                let mut found = found.clone();
                // Other places may be in texts that nobody else knows.
                found.secondary.retain(|label| label.place.file == found.primary.place.file);
                let found = found.map_places(|place| Span::new(THIS_FILE, place.range()));
                problems.push(Problem { path: path.to_owned(), place, found });
            }
        }
        problems
    }

    /// As it is shown in a text.
    pub fn shown(&self, text: &str) -> Diagnostic<Span> {
        let range = match self.place {
            Place::Range(range) => range,
            Place::Line(line, column) => {
                let lines = Lines::new(text);
                let range = lines.line(line).unwrap_or_default();
                let before = text.get(usize::from(range.start())..usize::from(range.end()));
                let before = before.unwrap_or_default().chars().take(column.saturating_sub(1) as usize);
                let start = range.start() + TextSize::new(before.map(char::len_utf8).sum::<usize>() as u32);
                TextRange::new(start, range.end())
            }
        };
        let mut found = self.found.clone();
        found.primary.place = Span::new(THIS_FILE, range);
        found
    }
}

fn diagnostic(failure: &Failure) -> Diagnostic<Span> {
    match failure {
        Failure::Message { code, text, help } => {
            let code: Code = code.unwrap_or(code::UNREADABLE_SOURCE);
            let found = Diagnostic::new(code, nowhere(), text.clone());
            match help {
                Some(help) => found.help(help.clone()),
                None => found,
            }
        }
        Failure::Diagnostics(text) => Diagnostic::new(code::UNREADABLE_SOURCE, nowhere(), text.clone()),
    }
}
