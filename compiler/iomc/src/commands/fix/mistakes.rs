//! What diagnostics propose.

use iom_base::{Lines, Span};
use iom_diagnostics::render::SourceTexts;
use iom_diagnostics::{Applicability, Code, Edit, Fix};
use iom_eval::report::Place;

use super::edits::{Done, Files};
use super::{Cause, Left, MOST_ROUNDS, Mended};
use crate::front_end::FrontEnd;

/// Does what is sure, again and again, until nothing is proposed any more.
pub fn mend(
    front_end: &mut FrontEnd,
    files: &mut Files,
    with_suggested: bool,
    (mended, left): (&mut Vec<Mended>, &mut Vec<Left>),
) {
    let mut refused: Vec<(Code, String)> = Vec::new();
    for _ in 0..MOST_ROUNDS {
        let proposed = proposed(front_end, with_suggested);
        let proposed: Vec<_> = proposed
            .into_iter()
            .filter(|(code, fix)| !refused.iter().any(|(other, title)| other == code && *title == fix.title))
            .collect();
        let places: Vec<Place> = proposed
            .iter()
            .map(|(_, fix)| place(front_end, fix.edits.first().map(|edit| edit.place)))
            .collect();
        let groups: Vec<Vec<Edit>> = proposed.iter().map(|(_, fix)| fix.edits.clone()).collect();
        let done = files.apply(front_end, &groups);
        for (((code, fix), place), done) in proposed.into_iter().zip(places).zip(&done) {
            let cause = Cause::Code(code);
            match done {
                Done::Applied => mended.push(Mended { place, title: fix.title, cause }),
                Done::Refused => {
                    refused.push((code, fix.title.clone()));
                    let why = "it would bring about another error".to_owned();
                    left.push(Left { place: Some(place), what: fix.title, why, cause });
                }
                Done::NotYet | Done::Elsewhere => {}
            }
        }
        if !done.contains(&Done::Applied) {
            break;
        }
    }
}

fn proposed(front_end: &FrontEnd, with_suggested: bool) -> Vec<(Code, Fix)> {
    let is_wanted = |fix: &Fix| match fix.applicability {
        Applicability::Safe => true,
        Applicability::Suggested => with_suggested,
        Applicability::Placeholder => false,
    };
    // Of several ways to mend one thing, a person chooses.
    let found = front_end.diagnostics().into_iter();
    found
        .filter_map(|found| {
            let mut fixes = found.fixes.into_iter().filter(is_wanted);
            let first = fixes.next().filter(|fix| !fix.edits.is_empty())?;
            fixes.next().is_none().then_some((found.code, first))
        })
        .collect()
}

pub(super) fn place(texts: &dyn SourceTexts, span: Option<Span>) -> Place {
    let mut place =
        Place { file: "".into(), line: 1, column: 1, pointer: None, document: None, written: None };
    if let Some(span) = span {
        let at = Lines::new(texts.text(span.file)).line_column(span.start());
        place.file = texts.path(span.file).into();
        (place.line, place.column) = (at.line, at.column);
    }
    place
}
