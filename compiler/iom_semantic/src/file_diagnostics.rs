//! Everything that is wrong in one file, at its places in the text.

use std::sync::Arc;

use iom_base::{Span, TextRange, TextSize};
use iom_diagnostics::{Diagnostic, code};
use iom_syntax::ast::NodeId;

use crate::check::{self, check_item};
use crate::db::Db;
use crate::input::SourceFile;
use crate::items::{items, span_of, syntax_errors};
use crate::{messages, names};

/// In order of places.
pub type FileDiagnostics = Arc<[Diagnostic<Span>]>;

#[salsa::tracked]
pub(crate) fn file_diagnostics(db: &dyn Db, file: SourceFile) -> FileDiagnostics {
    let mut found: Vec<Diagnostic<Span>> = syntax_errors(db, file).clone();
    let mut places = names::name_faults(db, file).clone();
    for item in items(db, file) {
        places.extend(check_item(db, *item).diagnostics.iter().cloned());
        if file.is_library(db) {
            places.extend(check::library_faults(db, *item));
        }
    }
    // They were looked into, and will hardly be again.
    items(db, file).iter().for_each(|item| item.syntax(db).forget());
    let whole = Span::new(file.id(db), TextRange::default());
    let syntax: Vec<_> = found.iter().map(|error| error.primary.place.range()).collect();
    let secrets = secrets_in(db, file);
    let placed = places.into_iter().map(|one| one.map_places(|place| span_of(db, &place).unwrap_or(whole)));
    // What does not even parse there has been reported; what it would mean is a guess.
    let is_guess = |one: &Diagnostic<Span>| {
        let place = one.primary.place.range();
        syntax.iter().any(|error| error.intersect(place).is_some())
    };
    // Nor can it be said what is missing in text that could not be read.
    let broken = broken_items(db, file, &syntax);
    let may_be_there = |one: &Diagnostic<Span>| {
        let is_missing = one.code == code::MISSING_FIELD || one.code == code::NO_SUBJECT;
        is_missing && broken.iter().any(|item| item.contains_range(one.primary.place.range()))
            || one.code == code::UNUSED_IMPORT && !syntax.is_empty()
    };
    found.extend(placed.filter(|one| !is_guess(one) && !may_be_there(one)));
    // A text may be known for a secret by its type, too.
    let is_told = |one: &Diagnostic<Span>| {
        let mut told = found.iter().filter(|other| other.code == code::SECRET_WRITTEN);
        told.any(|other| other.primary.place.range().intersect(one.primary.place.range()).is_some())
    };
    let untold: Vec<_> = secrets.into_iter().filter(|one| !is_told(one)).collect();
    found.extend(untold);
    found.sort_by_key(|diagnostic| (diagnostic.primary.place.start(), diagnostic.code.number()));
    found.into()
}

/// Secrets in the text of a file; tests make theirs up.
fn secrets_in(db: &dyn Db, file: SourceFile) -> Vec<Diagnostic<Span>> {
    if file.is_library(db) {
        return Vec::new();
    }
    let written = iom_stdlib::secrets::in_code(file.text(db));
    if written.is_empty() {
        return Vec::new();
    }
    let tests = items(db, file).iter().filter(|item| item.keyword(db) == "test");
    let tests: Vec<TextRange> = tests.map(|item| item.span(db, NodeId::DECLARATION).range()).collect();
    let size = |at: usize| TextSize::new(u32::try_from(at).unwrap_or(u32::MAX));
    let placed =
        written.into_iter().map(|one| (TextRange::new(size(one.place.start), size(one.place.end)), one.what));
    placed
        .filter(|(range, _)| !tests.iter().any(|test| test.contains_range(*range)))
        .map(|(range, what)| messages::secret_written(Span::new(file.id(db), range), what))
        .collect()
}

/// Declarations with text that does not parse.
fn broken_items(db: &dyn Db, file: SourceFile, errors: &[TextRange]) -> Vec<TextRange> {
    if errors.is_empty() {
        return Vec::new();
    }
    let ranges = items(db, file).iter().map(|item| {
        let end = item.span(db, NodeId::DECLARATION).range().end();
        TextRange::new(item.offset(db), end)
    });
    ranges.filter(|range| errors.iter().any(|error| error.intersect(*range).is_some())).collect()
}
