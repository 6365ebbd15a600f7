//! Sources that were read again: objects that differ are followed, findings about the others say where they stand now.

use std::sync::Arc;

use iom_state::files::{FilePlace, SourceFiles};
use iom_state::rewritten::{Rewritten, Shifts};
use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use super::Inputs;
use super::replace::{Changing, Replaced};
use super::world::World;
use crate::facts::{Offsets, StateSource};
use crate::report::{Finding, Place};

/// More objects than this that differ are judged with all the others.
const MOST_OBJECTS: usize = 1000;

impl World {
    /// Reads the sources again. Where the elements are to be made anew, that is of what was read; missing is what cannot be
    /// read, because somebody else holds the texts.
    ///
    /// # Errors
    /// Those of `inputs`.
    pub fn renew<I: Inputs>(&mut self, inputs: &mut I) -> Result<Replaced, I::Error> {
        let Some(strings) = Arc::get_mut(&mut self.estate.strings) else { return Ok(Replaced::Missing) };
        let known = strings.len();
        if let Some(rewritten) = inputs.rewritten(&self.estate.sources, &self.wanted, strings)?
            && !self.has_made_since(known)
            && self.can_follow(&rewritten)
        {
            return Ok(self.take_over_rewritten(rewritten));
        }
        let Some(strings) = Arc::get_mut(&mut self.estate.strings) else { return Ok(Replaced::Missing) };
        let sources = inputs.sources(&self.wanted, strings)?;
        self.has_told_sources = false;
        let is_same = !self.has_made_since(known)
            && sources.len() == self.estate.sources.len()
            && sources.iter().enumerate().all(|(position, new)| self.estate.has_same_objects(position, new));
        if !is_same {
            self.estate.sources = sources;
            return Ok(Replaced::Rebuild);
        }
        Ok(self.take_over(sources))
    }

    /// Whether objects that are written in another way can be told apart from the others.
    fn can_follow(&self, rewritten: &[Option<Rewritten>]) -> bool {
        let is_there = |(known, new): (&StateSource, &Option<Rewritten>)| {
            let objects = new.iter().flat_map(|new| new.positions.iter().zip(&new.document.objects));
            objects.into_iter().all(|(position, written)| {
                let known = known.document.objects.get(*position as usize);
                known.is_some_and(|known| known.values.is_some() == written.values.is_some())
            })
        };
        let count: usize = rewritten.iter().flatten().map(|new| new.positions.len()).sum();
        rewritten.len() == self.estate.sources.len()
            && count <= MOST_OBJECTS
            && self.estate.sources.iter().zip(rewritten).all(is_there)
    }

    fn take_over_rewritten(&mut self, rewritten: Vec<Option<Rewritten>>) -> Replaced {
        let mut changing: Vec<Changing> = Vec::new();
        let mut compared = Vec::with_capacity(rewritten.len());
        for (position, new) in rewritten.into_iter().enumerate() {
            let Some(mut new) = new else { continue };
            let shifts = std::mem::take(&mut new.shifts);
            let lines = Lines::different(&self.estate.sources[position].document.files, &new, &shifts);
            let looked_for = self.looked_for(position, &lines);
            let renewed = self.estate.compare_rewritten(position, &new, &shifts, &looked_for);
            let objects = renewed.changed.iter();
            changing.extend(objects.map(|object| self.changing(position as u32, *object)));
            compared.push((position, new, renewed, Rest { shifts, lines }));
        }
        for (position, new, renewed, rest) in compared {
            let after = new.document.files.clone();
            let path = self.estate.sources[position].path.clone();
            let before = self.estate.take_over_rewritten(position, new, &renewed.changed);
            let moving = Moving { path, before, after, moved: renewed.moved, rest: Some(rest) };
            self.relocate(&moving);
        }
        self.follow(&mut changing)
    }

    /// Says in findings where values of a source stand now.
    fn relocate(&mut self, moving: &Moving) {
        let has_passes = self.options.as_ref().is_some_and(|options| options.with_passes);
        for said in self.policies.values_mut().filter_map(|kept| kept.said.as_mut()) {
            said.relocate(moving, has_passes);
        }
    }

    fn take_over(&mut self, sources: Vec<StateSource>) -> Replaced {
        let mut changing: Vec<Changing> = Vec::new();
        let mut compared = Vec::with_capacity(sources.len());
        for (position, new) in sources.iter().enumerate() {
            let looked_for = self.looked_for(position, &Lines::ALL);
            let renewed = self.estate.compare(position, new, &looked_for);
            if changing.len() + renewed.changed.len() <= MOST_OBJECTS {
                let objects = renewed.changed.iter();
                changing.extend(objects.map(|object| self.changing(position as u32, *object)));
            }
            compared.push(renewed);
        }
        let count: usize = compared.iter().map(|renewed| renewed.changed.len()).sum();
        if count > MOST_OBJECTS {
            self.estate.sources = sources;
            return Replaced::Rebuild;
        }
        for (position, (new, renewed)) in sources.into_iter().zip(compared).enumerate() {
            let document = &self.estate.sources[position].document;
            let has_configuration = document.sources.is_some() || new.document.sources.is_some();
            let moving = Moving {
                path: new.path.clone(),
                before: document.files.clone(),
                after: new.document.files.clone(),
                moved: renewed.moved,
                rest: None,
            };
            self.estate.take_over(position, new, &renewed.changed);
            if has_configuration {
                self.policies.values_mut().for_each(|kept| kept.said = None);
            } else {
                self.relocate(&moving);
            }
        }
        self.follow(&mut changing)
    }

    /// The places in some lines of a source that findings name.
    fn looked_for(&mut self, position: usize, lines: &Lines) -> Offsets {
        let mut found = Offsets::default();
        let source = &self.estate.sources[position];
        for finding in
            self.policies.values().filter_map(|kept| kept.said.as_ref()).flat_map(|said| said.findings())
        {
            found.extend(places(finding).filter(|place| lines.has(place.line)).filter_map(|place| {
                source.document.files.offset(file_of(&source.path, place)?, place.line, place.column)
            }));
        }
        found
    }
}

/// Where the values of a source stand now.
pub(super) struct Moving {
    path: SmolStr,
    before: SourceFiles,
    after: SourceFiles,
    moved: FxHashMap<u32, Option<u32>>,
    /// Where everything else stands; nothing where all places were looked for.
    rest: Option<Rest>,
}

/// What of a file says the same.
struct Rest {
    shifts: Shifts,
    lines: Lines,
}

/// Lines in which something is different, from the first to the last, and by how many lines what follows stands further on.
struct Lines {
    first: u32,
    last: u32,
    by: i64,
}

impl Lines {
    const ALL: Lines = Lines { first: 0, last: u32::MAX, by: 0 };

    fn different(before: &SourceFiles, new: &Rewritten, shifts: &Shifts) -> Lines {
        let different = shifts.different();
        let Some(end) = shifts.place(different.end) else {
            // Nothing is, or everything.
            return if different.is_empty() {
                Lines { first: u32::MAX, last: u32::MAX, by: 0 }
            } else {
                Lines::ALL
            };
        };
        let (first, last) = (before.place(different.start).line, before.place(different.end).line);
        Lines { first, last, by: i64::from(new.document.files.place(end).line) - i64::from(last) }
    }

    fn has(&self, line: u32) -> bool {
        (self.first..=self.last).contains(&line)
    }

    /// Where a line is now that is none of these.
    fn now(&self, line: u32) -> Option<u32> {
        match self.has(line) {
            true => None,
            false if line < self.first => Some(line),
            false => u32::try_from(i64::from(line) + self.by).ok(),
        }
    }
}

impl Moving {
    /// Whether a finding says something else than where its values stand now; nothing where it is not known where they do.
    pub fn is_moved(&self, finding: &Finding) -> Option<bool> {
        let mut is_moved = false;
        for place in places(finding) {
            is_moved |= self.place(place)? != (place.line, place.column);
        }
        Some(is_moved)
    }

    pub fn relocate(&self, finding: &mut Finding) {
        for place in places_mut(finding) {
            if let Some(now) = self.place(place) {
                (place.line, place.column) = now;
            }
        }
    }

    fn place(&self, place: &Place) -> Option<(u32, u32)> {
        let Some(file) = file_of(&self.path, place) else { return Some((place.line, place.column)) };
        if let Some(line) = self.rest.as_ref().and_then(|rest| rest.lines.now(place.line)) {
            return Some((line, place.column));
        }
        let offset = self.before.offset(file, place.line, place.column)?;
        let now = match self.rest.as_ref().and_then(|rest| rest.shifts.place(offset)) {
            Some(now) => now,
            None => (*self.moved.get(&offset)?)?,
        };
        let FilePlace { file: after, line, column } = self.after.place(now);
        // Objects that go from one file to another are not moved but judged anew.
        (after == file).then_some((line, column))
    }
}

/// Which file of a source a place is in, if it is in the source: the other way of `StateSource::file`.
fn file_of<'p>(path: &str, place: &'p Place) -> Option<&'p str> {
    match path {
        _ if place.file == path => Some(""),
        "." | "" => Some(&place.file),
        _ => place.file.strip_prefix(path.trim_end_matches('/'))?.strip_prefix('/'),
    }
}

/// The places that a finding names, but for those of its clause and its exception.
fn places(finding: &Finding) -> impl Iterator<Item = &Place> {
    let facts = finding.facts.iter().filter_map(|fact| fact.location.as_ref());
    let unknown = finding.unknown.iter().filter_map(|value| value.location.as_ref());
    let related = finding.related.iter().filter_map(|related| related.location.as_ref());
    let witnesses = finding.witnesses.iter().filter_map(|witness| witness.location.as_ref());
    finding.location.iter().chain(facts).chain(unknown).chain(related).chain(witnesses)
}

fn places_mut(finding: &mut Finding) -> impl Iterator<Item = &mut Place> {
    let facts = finding.facts.iter_mut().filter_map(|fact| fact.location.as_mut());
    let unknown = finding.unknown.iter_mut().filter_map(|value| value.location.as_mut());
    let related = finding.related.iter_mut().filter_map(|related| related.location.as_mut());
    let witnesses = finding.witnesses.iter_mut().filter_map(|witness| witness.location.as_mut());
    finding.location.iter_mut().chain(facts).chain(unknown).chain(related).chain(witnesses)
}
