use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

use ariadne::{
    Cache, CharSet, Color, Config, IndexType, Label as Mark, LabelAttach, Report, ReportKind, Source,
};
use iom_base::{FileId, Span};

use super::files::SourceFiles;
use super::order::sorted;
use super::terminal::harmless;
use super::{SourceTexts, summary};
use crate::{Diagnostic, Label, Severity};

/// More than anybody reads; a file that is no iom at all would fill the screen for minutes.
pub(super) const MOST_SHOWN: usize = 200;

/// Diagnostics for people: the excerpt with the place marked, why it is wrong, and what to do. Ends with a line that
/// counts what was found; empty where nothing was.
pub fn human(diagnostics: &[Diagnostic<Span>], sources: &dyn SourceTexts, color: bool) -> String {
    let Some(summary) = summary(diagnostics) else { return String::new() };
    let files = SourceFiles::new(diagnostics.iter().flat_map(places), sources);
    let mut excerpts = Excerpts { files: &files, prepared: HashMap::new() };
    let mut out = String::new();
    for diagnostic in sorted(diagnostics, sources).into_iter().take(MOST_SHOWN) {
        out.push_str(&header(diagnostic, color));
        out.push_str(&body(diagnostic, &mut excerpts, color));
        out.push('\n');
    }
    out.push_str(&summary);
    if diagnostics.len() > MOST_SHOWN {
        out.push_str(&format!(", of which the first {MOST_SHOWN} are shown"));
    }
    out.push('\n');
    out
}

fn places(diagnostic: &Diagnostic<Span>) -> impl Iterator<Item = Span> {
    std::iter::once(&diagnostic.primary).chain(&diagnostic.secondary).map(|label| label.place)
}

/// `error[IOM0203]: what is wrong`, the same words as the short form, so that one can be searched for in the other.
fn header(diagnostic: &Diagnostic<Span>, color: bool) -> String {
    let word = severity_word(diagnostic.severity);
    let message = harmless(&diagnostic.message);
    if color {
        let number = match diagnostic.severity {
            Severity::Error => 31,
            Severity::Warning => 33,
            Severity::Note => 36,
        };
        format!("\u{1b}[1;{number}m{word}[{}]\u{1b}[0m\u{1b}[1m: {message}\u{1b}[0m\n", diagnostic.code)
    } else {
        format!("{word}[{}]: {message}\n", diagnostic.code)
    }
}

fn severity_word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

fn body(diagnostic: &Diagnostic<Span>, excerpts: &mut Excerpts<'_, '_>, color: bool) -> String {
    let mut excerpt =
        excerpt(diagnostic, excerpts, color).unwrap_or_else(|| location(diagnostic, excerpts.files));
    // The excerpt's last line closes its frame; what follows from it is written inside.
    let tail_start = excerpt.trim_end().rfind('\n').map_or(0, |at| at + 1);
    let tail = excerpt.split_off(tail_start);
    let width = tail.matches('─').count();
    let margin = paint("│", MARGIN_COLOR, color);
    for (number, (word, text)) in remarks(diagnostic, excerpts.files).into_iter().enumerate() {
        if number == 0 {
            excerpt.push_str(&format!("{:width$}{margin}\n", ""));
        }
        for (number, line) in text.lines().enumerate() {
            let word =
                if number == 0 { paint(word, REMARK_COLOR, color) + ": " } else { "      ".to_owned() };
            excerpt.push_str(&format!("{:width$}{margin} {word}{line}\n", ""));
        }
    }
    excerpt + &tail
}

/// What is said below the excerpt: why it matters, then what to do.
fn remarks<'a>(
    diagnostic: &'a Diagnostic<Span>,
    files: &SourceFiles<'_>,
) -> Vec<(&'static str, Cow<'a, str>)> {
    let unmarked = |label: &&Label<Span>| !is_marked(&diagnostic.primary, files) || !is_marked(label, files);
    let places = diagnostic.secondary.iter().filter(unmarked).filter_map(|label| {
        let located = files.get(label.place.file)?.located(label.place);
        Some(("also", format!("{located} {}", harmless(&label.message)).into()))
    });
    let notes = diagnostic.notes.iter().map(|note| ("note", harmless(note)));
    // A fix says in its title what it would do, so it stands in where no help was written.
    let titles = diagnostic.fixes.iter().map(|fix| fix.title.as_str());
    let helps = diagnostic.help.as_deref().into_iter().chain(titles.filter(|_| diagnostic.help.is_none()));
    places.chain(notes).chain(helps.map(|help| ("help", harmless(help)))).collect()
}

fn is_marked(label: &Label<Span>, files: &SourceFiles<'_>) -> bool {
    files.get(label.place.file).is_some_and(|file| file.marked(label.place).is_some())
}

/// Colours of the 256-colour table, the ones that ariadne takes for its own margins and notes.
const MARGIN_COLOR: u8 = 246;
const REMARK_COLOR: u8 = 115;

fn paint(text: &str, table_color: u8, color: bool) -> String {
    if color { format!("\u{1b}[38;5;{table_color}m{text}\u{1b}[0m") } else { text.to_owned() }
}

/// The marked lines in their frame; `None` where no line can be shown.
fn excerpt(diagnostic: &Diagnostic<Span>, excerpts: &mut Excerpts<'_, '_>, color: bool) -> Option<String> {
    if !is_marked(&diagnostic.primary, excerpts.files) {
        return None;
    }
    let place = diagnostic.primary.place;
    let start = excerpts.files.get(place.file).map_or(0, |file| file.boundary(place.start()) as usize);
    let config = Config::new()
        .with_color(color)
        .with_index_type(IndexType::Byte)
        .with_char_set(CharSet::Unicode)
        .with_label_attach(LabelAttach::Start)
        .with_tab_width(2);
    // The kind is never shown: the header line is ours.
    let report = Report::build(ReportKind::Error, (place.file, start..start))
        .with_config(config)
        .with_labels(labels(diagnostic, excerpts.files));
    let mut bytes = Vec::new();
    report.finish().write(excerpts, &mut bytes).ok()?;
    let text = String::from_utf8_lossy(&bytes);
    let (_, body) = text.split_once('\n')?;
    // Margins end in blanks, which no log or test wants.
    Some(body.lines().map(|line| format!("{}\n", line.trim_end())).collect())
}

/// For files without a text, and for lines too long to show: the same frame, with the label alone in it.
fn location(diagnostic: &Diagnostic<Span>, files: &SourceFiles<'_>) -> String {
    let label = &diagnostic.primary;
    let located = files.get(label.place.file).map(|file| file.located(label.place)).unwrap_or_default();
    let message: String = harmless(&label.message).lines().map(|line| format!("   │ {line}\n")).collect();
    format!("   ╭─[ {located} ]\n{message}───╯\n")
}

fn labels(diagnostic: &Diagnostic<Span>, files: &SourceFiles<'_>) -> Vec<Mark<Place>> {
    let primary_color = match diagnostic.severity {
        Severity::Error => Color::Red,
        Severity::Warning => Color::Yellow,
        Severity::Note => Color::Cyan,
    };
    let mut marked: Vec<(bool, Place, &str)> = std::iter::once((true, &diagnostic.primary))
        .chain(diagnostic.secondary.iter().map(|label| (false, label)))
        .filter_map(|(primary, label)| {
            let range = files.get(label.place.file)?.marked(label.place)?;
            Some((primary, (label.place.file, range), label.message.as_str()))
        })
        .collect();
    // One excerpt per file, the primary one first, each from top to bottom.
    let first = diagnostic.primary.place.file;
    marked.sort_by_key(|(_, (file, range), _)| (*file != first, *file, range.start, range.end));
    marked
        .into_iter()
        .map(|(primary, place, message)| {
            let color = if primary { primary_color } else { Color::Blue };
            let label = Mark::new(place).with_color(color).with_priority(i32::from(primary));
            // A label without a message would not even be underlined.
            label.with_message(if message.is_empty() { "here".into() } else { harmless(message) })
        })
        .collect()
}

/// A range of bytes in a file, as ariadne takes it.
type Place = (FileId, std::ops::Range<usize>);

/// The texts in ariadne's own form, split into lines when first needed.
struct Excerpts<'a, 'text> {
    files: &'a SourceFiles<'text>,
    prepared: HashMap<FileId, Source<&'a str>>,
}

impl<'a> Cache<FileId> for Excerpts<'a, '_> {
    type Storage = &'a str;

    fn fetch(&mut self, id: &FileId) -> Result<&Source<&'a str>, impl fmt::Debug> {
        let files = self.files;
        let file = files.get(*id).ok_or("no such file")?;
        Ok::<_, &str>(self.prepared.entry(*id).or_insert_with(|| Source::from(file.text.as_ref())))
    }

    fn display<'b>(&self, id: &'b FileId) -> Option<impl fmt::Display + 'b> {
        self.files.get(*id).map(|file| file.path.to_string())
    }
}
