//! The shift that most rows agree on.

use std::collections::HashMap;

use geo::Coord;

/// A row says that the right side has to be carried by this vector, metres.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Vote {
    pub(crate) row: u32,
    pub(crate) by: Coord,
}

/// What rows agree on.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Agreed {
    /// The vector, metres.
    pub(crate) by: Coord,
    /// How many rows agree with it.
    pub(crate) rows: usize,
}

/// Side of the cells in which vectors are counted, metres; three by three are looked at together.
const CELL_M: f64 = 10.0;

/// Vectors within this distance of the common one agree with it, metres.
pub(crate) const AGREE_M: f64 = 22.0;

/// The densest place among the votes; `None` without votes. Among equal places the one of the smallest shift is taken.
pub(crate) fn densest(votes: &[Vote]) -> Option<Agreed> {
    let cell = |by: Coord| ((by.x / CELL_M).round() as i64, (by.y / CELL_M).round() as i64);
    let mut counts: HashMap<(i64, i64), u32> = HashMap::new();
    for vote in votes {
        *counts.entry(cell(vote.by)).or_default() += 1;
    }
    let around = |(x, y): (i64, i64)| -> u32 {
        let beside = (-1..=1).flat_map(|dx| (-1..=1).map(move |dy| (x + dx, y + dy)));
        beside.filter_map(|cell| counts.get(&cell)).sum()
    };
    let worth = |at: &(i64, i64)| (around(*at), -(at.0 * at.0 + at.1 * at.1), *at);
    let best = counts.keys().max_by_key(|at| worth(at))?;
    let mut by = Coord { x: best.0 as f64 * CELL_M, y: best.1 as f64 * CELL_M };
    for reach in [AGREE_M, AGREE_M, AGREE_M * 0.6, AGREE_M * 0.6] {
        let near: Vec<Coord> = votes.iter().map(|vote| vote.by).filter(|other| length(*other - by) <= reach).collect();
        if near.is_empty() {
            break;
        }
        by = Coord { x: median(near.iter().map(|v| v.x).collect()), y: median(near.iter().map(|v| v.y).collect()) };
    }
    Some(Agreed { by, rows: agreeing(votes, by) })
}

/// Rows with a vote near the vector.
pub(crate) fn agreeing(votes: &[Vote], by: Coord) -> usize {
    let mut rows: Vec<u32> = votes.iter().filter(|vote| length(vote.by - by) <= AGREE_M).map(|vote| vote.row).collect();
    rows.sort_unstable();
    rows.dedup();
    rows.len()
}

pub(crate) fn length(by: Coord) -> f64 {
    by.x.hypot(by.y)
}

/// The middle one; 0 of none.
pub(crate) fn median(mut numbers: Vec<f64>) -> f64 {
    if numbers.is_empty() {
        return 0.0;
    }
    let middle = numbers.len() / 2;
    *numbers.select_nth_unstable_by(middle, f64::total_cmp).1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_common_vector_is_found_among_others() {
        let vote = |row: u32, x: f64, y: f64| Vote { row, by: Coord { x, y } };
        let mut votes: Vec<Vote> = (0..10).map(|row| vote(row, 31.0 + f64::from(row % 3), -18.0)).collect();
        votes
            .extend((0..30).map(|row| vote(row, f64::from(row * 37 % 400) - 200.0, f64::from(row * 91 % 400) - 200.0)));
        let agreed = densest(&votes).unwrap();
        assert!((agreed.by.x - 32.0).abs() < 2.0 && (agreed.by.y + 18.0).abs() < 2.0, "{agreed:?}");
        assert!(agreed.rows >= 10);
        assert_eq!(densest(&[]), None);
    }
}
