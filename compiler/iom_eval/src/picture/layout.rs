//! Places for the things of a graph: columns by how far things are from what they depend on, lanes by group. In a lane the
//! things of a column are put in the order in which the fewest lines should cross.

use std::collections::BTreeMap;

/// Sizes are in pixels.
pub const HEIGHT: f64 = 40.0;
const BETWEEN_ROWS: f64 = 14.0;
const BETWEEN_COLUMNS: f64 = 84.0;
const BETWEEN_LANES: f64 = 22.0;
pub const LANE_HEADER: f64 = 30.0;
const LANE_PADDING: f64 = 16.0;
const MARGIN: f64 = 24.0;

/// More things of one lane and column stand in several columns beside one another.
const MOST_ROWS: usize = 16;

/// How often the order of things follows that of their neighbours.
const SWEEPS: usize = 8;

/// What is to be placed.
pub struct Drawing<'a> {
    /// By thing.
    pub widths: &'a [f64],
    pub edges: &'a [(usize, usize)],
    /// The lanes, with the things in each.
    pub lanes: &'a [Vec<usize>],
}

#[derive(Debug, PartialEq)]
pub struct Layout {
    /// By thing: left and top.
    pub places: Vec<(f64, f64)>,
    /// By lane: top and height.
    pub lanes: Vec<(f64, f64)>,
    pub width: f64,
    pub height: f64,
}

impl Drawing<'_> {
    pub fn layout(&self) -> Layout {
        let ranks = self.ranks();
        let columns = self.columns(&ranks);
        self.placed(&columns)
    }

    /// By thing: its distance from the left. What depends on something stands left of it, but for rings.
    fn ranks(&self) -> Vec<usize> {
        let count = self.widths.len();
        let edges = without_rings(count, self.edges);
        let mut waiting = vec![0_usize; count];
        let mut targets: Vec<Vec<usize>> = vec![Vec::new(); count];
        for (from, to) in &edges {
            waiting[*to] += 1;
            targets[*from].push(*to);
        }
        let mut ranks = vec![0_usize; count];
        let mut order: Vec<usize> = (0..count).filter(|thing| waiting[*thing] == 0).collect();
        let mut next = 0;
        while let Some(thing) = order.get(next).copied() {
            next += 1;
            for target in &targets[thing] {
                ranks[*target] = ranks[*target].max(ranks[thing] + 1);
                waiting[*target] -= 1;
                if waiting[*target] == 0 {
                    order.push(*target);
                }
            }
        }
        // Nearer to what it depends on, as far as that goes: short lines cross fewer others.
        for thing in order.iter().rev() {
            if let Some(nearest) = targets[*thing].iter().map(|target| ranks[*target]).min() {
                ranks[*thing] = ranks[*thing].max(nearest.saturating_sub(1));
            }
        }
        ranks
    }

    /// By lane: its columns from the left, each with its things from the top.
    fn columns(&self, ranks: &[usize]) -> Vec<BTreeMap<(usize, usize), Vec<usize>>> {
        let mut by_rank: Vec<BTreeMap<usize, Vec<usize>>> = Vec::with_capacity(self.lanes.len());
        for lane in self.lanes {
            let mut columns: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
            lane.iter().for_each(|thing| columns.entry(ranks[*thing]).or_default().push(*thing));
            by_rank.push(columns);
        }
        self.untangle(&mut by_rank);
        let split = |columns: BTreeMap<usize, Vec<usize>>| {
            let pieces = columns.into_iter().flat_map(|(rank, things)| {
                let pieces: Vec<Vec<usize>> = things.chunks(MOST_ROWS).map(<[usize]>::to_vec).collect();
                pieces.into_iter().enumerate().map(move |(piece, things)| ((rank, piece), things))
            });
            pieces.collect()
        };
        by_rank.into_iter().map(split).collect()
    }

    /// Puts things into the order of the middle of their neighbours, from left to right and back.
    fn untangle(&self, lanes: &mut [BTreeMap<usize, Vec<usize>>]) {
        let mut neighbours: Vec<Vec<usize>> = vec![Vec::new(); self.widths.len()];
        for (from, to) in self.edges {
            neighbours[*from].push(*to);
            neighbours[*to].push(*from);
        }
        let mut heights = vec![0.0_f64; self.widths.len()];
        measure(lanes, &mut heights);
        for _ in 0..SWEEPS {
            for columns in lanes.iter_mut() {
                for things in columns.values_mut() {
                    let middle = |thing: &usize| {
                        let around = &neighbours[*thing];
                        if around.is_empty() {
                            return heights[*thing];
                        }
                        around.iter().map(|other| heights[*other]).sum::<f64>() / around.len() as f64
                    };
                    let mut keyed: Vec<(f64, usize)> = things.iter().map(|one| (middle(one), *one)).collect();
                    keyed.sort_by(|left, right| left.0.total_cmp(&right.0).then(left.1.cmp(&right.1)));
                    *things = keyed.into_iter().map(|(_, thing)| thing).collect();
                }
            }
            measure(lanes, &mut heights);
        }
    }

    fn placed(&self, lanes: &[BTreeMap<(usize, usize), Vec<usize>>]) -> Layout {
        // A column is as wide as its widest thing in any lane.
        let mut widths: BTreeMap<(usize, usize), f64> = BTreeMap::new();
        for (column, things) in lanes.iter().flatten() {
            let widest = things.iter().map(|thing| self.widths[*thing]).fold(0.0, f64::max);
            let width = widths.entry(*column).or_default();
            *width = width.max(widest);
        }
        let mut lefts: BTreeMap<(usize, usize), f64> = BTreeMap::new();
        let mut right = MARGIN + LANE_PADDING;
        let mut rank_before = None;
        for (column, width) in &widths {
            if let Some(before) = rank_before {
                right += if before == column.0 { BETWEEN_ROWS * 2.0 } else { BETWEEN_COLUMNS };
            }
            rank_before = Some(column.0);
            lefts.insert(*column, right);
            right += width;
        }
        let mut layout = Layout {
            places: vec![(0.0, 0.0); self.widths.len()],
            lanes: Vec::with_capacity(lanes.len()),
            width: right + LANE_PADDING + MARGIN,
            height: MARGIN,
        };
        for columns in lanes {
            let rows = columns.values().map(Vec::len).max().unwrap_or(0);
            let inner = rows as f64 * (HEIGHT + BETWEEN_ROWS) - BETWEEN_ROWS;
            let top = layout.height;
            let height = LANE_HEADER + inner.max(0.0) + LANE_PADDING;
            for (column, things) in columns {
                let own = things.len() as f64 * (HEIGHT + BETWEEN_ROWS) - BETWEEN_ROWS;
                // Short columns stand in the middle of their lane.
                let mut y = top + LANE_HEADER + (inner - own) / 2.0;
                for thing in things {
                    layout.places[*thing] = (lefts[column], y);
                    y += HEIGHT + BETWEEN_ROWS;
                }
            }
            layout.lanes.push((top, height));
            layout.height += height + BETWEEN_LANES;
        }
        layout.height += MARGIN - BETWEEN_LANES;
        layout
    }
}

/// By thing: where it would stand if every row were one high.
fn measure(lanes: &[BTreeMap<usize, Vec<usize>>], heights: &mut [f64]) {
    let mut top = 0.0;
    for columns in lanes {
        let rows = columns.values().map(Vec::len).max().unwrap_or(0) as f64;
        for things in columns.values() {
            let start = top + (rows - things.len() as f64) / 2.0;
            for (row, thing) in things.iter().enumerate() {
                heights[*thing] = start + row as f64;
            }
        }
        top += rows + 1.0;
    }
}

/// The edges without those that close a ring, which is found in the order of the things.
fn without_rings(count: usize, edges: &[(usize, usize)]) -> Vec<(usize, usize)> {
    let mut targets: Vec<Vec<usize>> = vec![Vec::new(); count];
    edges.iter().filter(|(from, to)| from != to).for_each(|(from, to)| targets[*from].push(*to));
    #[derive(Clone, Copy, PartialEq)]
    enum Seen {
        Not,
        OnTheWay,
        Done,
    }
    let mut seen = vec![Seen::Not; count];
    let mut kept = Vec::with_capacity(edges.len());
    for start in 0..count {
        if seen[start] != Seen::Not {
            continue;
        }
        seen[start] = Seen::OnTheWay;
        let mut way = vec![(start, 0)];
        while let Some((thing, next)) = way.last_mut() {
            let Some(target) = targets[*thing].get(*next).copied() else {
                seen[*thing] = Seen::Done;
                way.pop();
                continue;
            };
            *next += 1;
            if seen[target] == Seen::OnTheWay {
                continue;
            }
            kept.push((*thing, target));
            if seen[target] == Seen::Not {
                seen[target] = Seen::OnTheWay;
                way.push((target, 0));
            }
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawing(count: usize, edges: &[(usize, usize)], lanes: &[Vec<usize>]) -> Layout {
        let widths: Vec<f64> = (0..count).map(|thing| 80.0 + (thing % 7) as f64 * 20.0).collect();
        Drawing { widths: &widths, edges, lanes }.layout()
    }

    #[test]
    fn what_depends_on_something_stands_left_of_it() {
        let layout = drawing(4, &[(0, 1), (1, 2), (3, 2), (2, 0)], &[vec![0, 1, 2, 3]]);
        let left = |thing: usize| layout.places[thing].0;
        assert!(left(0) < left(1) && left(1) < left(2), "{layout:?}");
        // Next to what it depends on, not at the far left.
        assert_eq!(left(3), left(1));
    }

    #[test]
    fn two_hundred_things_do_not_overlap() {
        let edges: Vec<(usize, usize)> =
            (0..200).flat_map(|thing| [(thing, (thing * 7 + 3) % 200), (thing, thing / 2)]).collect();
        let lanes: Vec<Vec<usize>> =
            (0..5).map(|lane| (0..200).filter(|thing| thing % 5 == lane).collect()).collect();
        let layout = drawing(200, &edges, &lanes);
        let boxes: Vec<_> = (0..200)
            .map(|thing| {
                let (x, y) = layout.places[thing];
                (x, y, x + 80.0 + (thing % 7) as f64 * 20.0, y + HEIGHT)
            })
            .collect();
        for (position, one) in boxes.iter().enumerate() {
            assert!(one.2 <= layout.width && one.3 <= layout.height);
            for other in &boxes[position + 1..] {
                let is_apart = one.2 < other.0 || other.2 < one.0 || one.3 < other.1 || other.3 < one.1;
                assert!(is_apart, "{one:?} {other:?}");
            }
        }
        assert_eq!(layout, drawing(200, &edges, &lanes));
    }
}
