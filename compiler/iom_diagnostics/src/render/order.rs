use std::cmp::Ordering;
use std::collections::BTreeSet;

use iom_base::Span;

use super::SourceTexts;
use crate::{Diagnostic, Severity};

/// Puts diagnostics in the order in which they are shown: by path, then place, then code, then message.
pub fn sort(diagnostics: &mut [Diagnostic<Span>], sources: &dyn SourceTexts) {
    diagnostics.sort_by(|left, right| compare(left, right, sources));
}

/// The same order over borrowed diagnostics, for the renderers.
pub(super) fn sorted<'a>(
    diagnostics: &'a [Diagnostic<Span>],
    sources: &dyn SourceTexts,
) -> Vec<&'a Diagnostic<Span>> {
    let mut sorted: Vec<&Diagnostic<Span>> = diagnostics.iter().collect();
    sorted.sort_by(|left, right| compare(left, right, sources));
    sorted
}

fn compare(left: &Diagnostic<Span>, right: &Diagnostic<Span>, sources: &dyn SourceTexts) -> Ordering {
    let (left_place, right_place) = (left.primary.place, right.primary.place);
    sources
        .path(left_place.file)
        .cmp(sources.path(right_place.file))
        .then(left_place.file.cmp(&right_place.file))
        .then(left_place.start().cmp(&right_place.start()))
        .then(left.code.number().cmp(&right.code.number()))
        .then(left_place.end().cmp(&right_place.end()))
        .then_with(|| left.message.cmp(&right.message))
}

/// One line that says how much was found: `2 errors and 1 warning in 2 files`; `None` where nothing was.
pub fn summary(diagnostics: &[Diagnostic<Span>]) -> Option<String> {
    let count = |severity| diagnostics.iter().filter(|found| found.severity == severity).count();
    let parts: Vec<String> = [
        (count(Severity::Error), "error"),
        (count(Severity::Warning), "warning"),
        (count(Severity::Note), "note"),
    ]
    .into_iter()
    .filter(|(number, _)| *number > 0)
    .map(|(number, word)| counted(number, word))
    .collect();
    let list = match parts.as_slice() {
        [] => return None,
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    };
    let files: BTreeSet<_> = diagnostics.iter().map(|found| found.primary.place.file).collect();
    Some(format!("{list} in {}", counted(files.len(), "file")))
}

fn counted(number: usize, word: &str) -> String {
    if number == 1 { format!("1 {word}") } else { format!("{number} {word}s") }
}
