use std::ops::Range;

/// Where what stood in a file stands now.
#[derive(Debug, Default)]
pub struct Shifts {
    /// Parts of the old text that are in the new one, each with how much further on; sorted, none of them empty.
    runs: Vec<Run>,
}

#[derive(Debug)]
pub(crate) struct Run {
    pub old: Range<u32>,
    pub by: i64,
}

impl Shifts {
    /// Adds a part that follows those before.
    pub(crate) fn push(&mut self, old: Range<u32>, by: i64) {
        match self.runs.last_mut() {
            Some(last) if last.old.end == old.start && last.by == by => last.old.end = old.end,
            _ if old.is_empty() => {}
            _ => self.runs.push(Run { old, by }),
        }
    }

    pub(crate) fn runs(&self) -> &[Run] {
        &self.runs
    }

    /// Where something stands now that is in both texts.
    pub fn place(&self, offset: u32) -> Option<u32> {
        let after = self.runs.partition_point(|run| run.old.start <= offset);
        let run = self.runs.get(after.checked_sub(1)?).filter(|run| offset < run.old.end)?;
        u32::try_from(i64::from(offset) + run.by).ok()
    }

    /// Moves offsets of what is in both texts; the others stay.
    pub(crate) fn apply<'o>(&self, offsets: impl Iterator<Item = &'o mut u32>) {
        let mut moving = self.runs.iter().filter(|run| run.by != 0);
        match (moving.next(), moving.next()) {
            (None, _) => {}
            // One change: there are millions of offsets, and nothing is looked up for each.
            (Some(run), None) => {
                let (Range { start, end }, by) = (run.old.clone(), run.by as u32);
                for offset in offsets {
                    let is_in = start <= *offset && *offset < end;
                    *offset = offset.wrapping_add(if is_in { by } else { 0 });
                }
            }
            _ => offsets.for_each(|offset| *offset = self.place(*offset).unwrap_or(*offset)),
        }
    }

    /// The first offset of the old text from which on something is different, and the first from which on nothing is.
    pub fn different(&self) -> Range<u32> {
        let first = self.runs.first().filter(|run| run.old.start == 0).map_or(0, |run| run.old.end);
        let last = self.runs.last().map_or(u32::MAX, |run| run.old.start);
        if self.runs.len() < 2 { u32::MAX..u32::MAX } else { first..last }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_in_both_texts_moves() {
        let mut shifts = Shifts::default();
        shifts.push(0..10, 0);
        shifts.push(10..20, 0);
        shifts.push(25..30, -2);
        shifts.push(30..30, 7);
        shifts.push(40..50, 5);
        assert_eq!(shifts.runs().len(), 3);
        let now = |offset| shifts.place(offset);
        assert_eq!(
            (now(0), now(19), now(20), now(25), now(39), now(40), now(50)),
            (Some(0), Some(19), None, Some(23), None, Some(45), None)
        );
        assert_eq!(shifts.different(), 20..40);
        let mut offsets = [3, 22, 26, 41];
        shifts.apply(offsets.iter_mut());
        assert_eq!(offsets, [3, 22, 24, 46]);
        let mut one = Shifts::default();
        one.push(0..10, 0);
        one.push(12..20, -3);
        one.apply(offsets.iter_mut());
        assert_eq!(offsets, [3, 22, 24, 46], "beyond the end");
        let mut inside = [9, 11, 12, 19];
        one.apply(inside.iter_mut());
        assert_eq!(inside, [9, 11, 9, 16]);
        let mut same = Shifts::default();
        same.push(0..10, 0);
        assert!(same.different().is_empty());
    }
}
