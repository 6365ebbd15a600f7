//! The workspace's own files while they are mended.

use std::collections::BTreeMap;

use iom_base::Span;
use iom_diagnostics::render::SourceTexts;
use iom_diagnostics::{Diagnostic, Edit};

use crate::front_end::FrontEnd;

/// Files that may be changed, as they were and as they are now.
pub struct Files {
    all: BTreeMap<String, File>,
}

struct File {
    before: String,
    now: String,
    was_formatted: bool,
}

impl Files {
    pub fn of(front_end: &FrontEnd, is_wanted: impl Fn(&str) -> bool) -> Files {
        let paths = front_end.paths().filter(|path| is_wanted(path));
        let file = |path: &str| {
            let text = front_end.text_of(path).unwrap_or_default().to_owned();
            let was_formatted = iom_fmt::format(&text).is_ok_and(|formatted| formatted == text);
            File { before: text.clone(), now: text, was_formatted }
        };
        Files { all: paths.map(|path| (path.to_string(), file(&path))).collect() }
    }

    /// Does all groups of edits that touch nothing another one touches; the others are left for the next round. Says which
    /// were done: a group is done as a whole or not at all, and not where the workspace then has an error that it did not
    /// have.
    pub fn apply(&mut self, front_end: &mut FrontEnd, groups: &[Vec<Edit>]) -> Vec<Done> {
        let mut done = vec![Done::NotYet; groups.len()];
        let mut chosen: Vec<usize> = Vec::new();
        for (number, group) in groups.iter().enumerate() {
            if !group.iter().all(|edit| self.all.contains_key(front_end.path(edit.place.file))) {
                done[number] = Done::Elsewhere;
            } else if !chosen.iter().any(|other| overlap(group, &groups[*other])) {
                chosen.push(number);
            }
        }
        let known = errors(front_end);
        if !self.try_groups(front_end, groups, &chosen, &known) {
            // One of them is at fault: they are done one by one, the last first, so that places stay what they are.
            chosen.sort_by_key(|number| groups[*number].iter().map(|edit| edit.place.start()).max());
            chosen.reverse();
            chosen.retain(|number| {
                let is_fine = self.try_groups(front_end, groups, &[*number], &known);
                done[*number] = if is_fine { Done::Applied } else { Done::Refused };
                is_fine
            });
        }
        chosen.iter().for_each(|number| done[*number] = Done::Applied);
        done
    }

    /// Whether the workspace has no new error with these edits; they are undone where it has.
    fn try_groups(
        &mut self,
        front_end: &mut FrontEnd,
        groups: &[Vec<Edit>],
        chosen: &[usize],
        known: &[String],
    ) -> bool {
        let mut by_file: BTreeMap<String, Vec<&Edit>> = BTreeMap::new();
        for edit in chosen.iter().flat_map(|number| &groups[*number]) {
            by_file.entry(front_end.path(edit.place.file).to_owned()).or_default().push(edit);
        }
        let texts: Vec<(String, String)> = by_file
            .into_iter()
            .filter_map(|(path, edits)| Some((path.clone(), edited(&self.all.get(&path)?.now, edits))))
            .collect();
        front_end.edit(texts.iter().map(|(path, text)| (path.as_str(), text.as_str())));
        let is_fine = errors(front_end).iter().all(|error| known.contains(error));
        for (path, text) in texts {
            let Some(file) = self.all.get_mut(&path) else { continue };
            match is_fine {
                true => file.now = text,
                false => front_end.edit([(path.as_str(), file.now.as_str())]),
            }
        }
        is_fine
    }

    /// Path, text as it was, text as it is to be. What was formatted is so again.
    pub fn changed(&self) -> Vec<(&str, &str, String)> {
        let changed = self.all.iter().filter(|(_, file)| file.now != file.before);
        let text = |file: &File| match file.was_formatted {
            true => iom_fmt::format(&file.now).unwrap_or_else(|_| file.now.clone()),
            false => file.now.clone(),
        };
        changed.map(|(path, file)| (path.as_str(), file.before.as_str(), text(file))).collect()
    }
}

/// What became of a group of edits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Done {
    Applied,
    /// Another one touches the same place.
    NotYet,
    /// The workspace would have a new error.
    Refused,
    /// In files that are not to be changed.
    Elsewhere,
}

/// An insertion at the end of another edit's place touches it, too: nothing says which comes first.
fn overlap(left: &[Edit], right: &[Edit]) -> bool {
    let touch = |left: &Span, right: &Span| {
        left.file == right.file && left.start() <= right.end() && right.start() <= left.end()
    };
    left.iter().any(|left| right.iter().any(|right| touch(&left.place, &right.place)))
}

fn edited(text: &str, mut edits: Vec<&Edit>) -> String {
    edits.sort_by_key(|edit| (edit.place.start(), edit.place.end()));
    let (mut out, mut at) = (String::with_capacity(text.len()), 0);
    for edit in edits {
        let range = edit.place.range();
        out.push_str(text.get(at..usize::from(range.start())).unwrap_or_default());
        out.push_str(&edit.text);
        at = usize::from(range.end());
    }
    out.push_str(text.get(at..).unwrap_or_default());
    out
}

/// Errors by what they say and in which file: their places move.
fn errors(front_end: &FrontEnd) -> Vec<String> {
    let found = front_end.diagnostics();
    let errors = found.iter().filter(|found| found.is_error());
    errors
        .map(|error: &Diagnostic<Span>| {
            let path = front_end.path(error.primary.place.file);
            format!("{path}: {}: {}", error.code, error.message)
        })
        .collect()
}
