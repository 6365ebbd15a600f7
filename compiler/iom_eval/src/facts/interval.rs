/// Ranges of addresses of both families, each with the number of the thing that has it: all that have an address in common
/// with a range are found without a look at the others.
#[derive(Debug, Default)]
pub(super) struct Intervals {
    v4: Tree,
    v6: Tree,
}

impl Intervals {
    /// Ranges say whether they are of IPv6, and their first and last address.
    pub fn add(&mut self, ranges: &[(bool, u128, u128)], number: u32) {
        for (is_v6, low, high) in ranges {
            let tree = if *is_v6 { &mut self.v6 } else { &mut self.v4 };
            tree.ranges.push((*low, *high, number));
        }
    }

    /// Must be called after the last range was added.
    pub fn finish(&mut self) {
        self.v4.finish();
        self.v6.finish();
    }

    /// Adds the numbers of all ranges that have an address in common with this one.
    pub fn overlapping(&self, is_v6: bool, low: u128, high: u128, found: &mut Vec<u32>) {
        let tree = if is_v6 { &self.v6 } else { &self.v4 };
        tree.overlapping(0, tree.ranges.len(), (low, high), found);
    }
}

/// A balanced tree of ranges, by where they start, without pointers: the root of a run of ranges is the one in the middle.
#[derive(Debug, Default)]
struct Tree {
    ranges: Vec<(u128, u128, u32)>,
    /// By range: the last address of all ranges below it.
    highest: Vec<u128>,
}

impl Tree {
    fn finish(&mut self) {
        self.ranges.sort_unstable();
        self.highest = vec![0; self.ranges.len()];
        self.climb(0, self.ranges.len());
    }

    /// As deep as the logarithm of the number of ranges.
    fn climb(&mut self, from: usize, to: usize) -> u128 {
        if from >= to {
            return 0;
        }
        let middle = from + (to - from) / 2;
        let below = self.climb(from, middle).max(self.climb(middle + 1, to));
        self.highest[middle] = below.max(self.ranges[middle].1);
        self.highest[middle]
    }

    fn overlapping(&self, from: usize, to: usize, wanted: (u128, u128), found: &mut Vec<u32>) {
        if from >= to {
            return;
        }
        let middle = from + (to - from) / 2;
        if self.highest[middle] < wanted.0 {
            return;
        }
        self.overlapping(from, middle, wanted, found);
        let (low, high, number) = self.ranges[middle];
        if low <= wanted.1 {
            if high >= wanted.0 {
                found.push(number);
            }
            self.overlapping(middle + 1, to, wanted, found);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exactly_the_ranges_with_a_common_address_are_found() {
        let ranges: Vec<(u128, u128)> =
            (0..200_u128).map(|n| (n * 37 % 400, n * 37 % 400 + n % 60)).collect();
        let mut intervals = Intervals::default();
        for (number, (low, high)) in ranges.iter().enumerate() {
            intervals.add(&[(number % 2 == 0, *low, *high)], number as u32);
        }
        intervals.finish();
        for low in (0..460).step_by(7) {
            let high = low + low % 11;
            let mut found = Vec::new();
            intervals.overlapping(true, low, high, &mut found);
            found.sort_unstable();
            let expected = ranges
                .iter()
                .enumerate()
                .filter(|(number, range)| number % 2 == 0 && range.0 <= high && range.1 >= low);
            assert_eq!(found, expected.map(|(number, _)| number as u32).collect::<Vec<_>>());
        }
    }
}
