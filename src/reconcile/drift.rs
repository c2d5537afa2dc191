//! Whether a boundary changed, beyond what two drawings of one boundary differ by: ground that only one covers and that is
//! thicker than the noise, or a side that lies further off than the sides around it.

use std::collections::BTreeMap;

use geo::Coord;

use crate::reconcile::align::median;
use crate::reconcile::noise::{Noise, log_moved};
use crate::reconcile::plane::Flat;
use crate::reconcile::sides::{Moved, moved};

/// Rows of the raster in which outlines are compared.
const LINES: usize = 72;

/// A change counts when it keeps this share of the smaller outline after thin slivers are taken off.
pub(crate) const DRIFT_SHARE: f64 = 0.045;

/// Slivers up to this many times the noise of the delivery and this many metres on either side are taken off.
const THIN_NOISE: f64 = 1.5;
const THIN_M: f64 = 0.6;

/// A side that was moved has to sweep over this share of the surface.
const SIDE_SHARE: f64 = 0.03;

/// Shorter sides say little of the noise, metres.
pub(crate) const SIDE_MIN_M: f64 = 20.0;

/// What the noise of the delivery counts for beside the sides of a batch.
const DELIVERY_COUNT: f64 = 20.0;

/// Median of how far normal noise lies off, to its deviation.
const OF_MEDIAN: f64 = 1.4826;

/// Rows that one hand drew: of a source, in a street.
type Batch = (u64, u64);

/// How the boundaries of a delivery were drawn.
#[derive(Debug, Default)]
pub(crate) struct Drawing {
    /// Median width of what only one drawing of a boundary covers, metres.
    pub(crate) noise_m: f64,
    /// Deviation of a side, metres: of all, and of the batches.
    side_m: f64,
    of_batch: BTreeMap<Batch, f64>,
    noise: Noise,
}

impl Drawing {
    /// From pairs that are one area: their batch, the width of what only one of them covers, and their sides.
    pub(crate) fn of(pairs: Vec<(Batch, f64, Vec<Moved>)>) -> Self {
        let noise_m = median(pairs.iter().map(|(_, width, _)| *width).collect());
        let mut batches: BTreeMap<Batch, Vec<f64>> = BTreeMap::new();
        for (batch, _, sides) in &pairs {
            let long = sides.iter().filter(|side| side.length > SIDE_MIN_M);
            batches.entry(*batch).or_default().extend(long.map(|side| side.by.abs()));
        }
        let side_m = OF_MEDIAN * median(batches.values().flatten().copied().collect());
        let shrunk = |(batch, offsets): (Batch, Vec<f64>)| {
            let (count, own) = (offsets.len() as f64, OF_MEDIAN * median(offsets));
            let square = (count * own * own + DELIVERY_COUNT * side_m * side_m) / (count + DELIVERY_COUNT);
            (batch, square.sqrt())
        };
        let of_batch: BTreeMap<Batch, f64> = batches.into_iter().map(shrunk).collect();
        let sides: Vec<(f64, &[Moved])> = pairs
            .iter()
            .map(|(batch, _, sides)| (of_batch.get(batch).copied().unwrap_or(side_m), sides.as_slice()))
            .collect();
        Self { noise_m, side_m, noise: Noise::of(&sides), of_batch }
    }

    /// Half the width of what counts as a sliver, metres.
    pub(crate) fn thin_m(&self) -> f64 {
        THIN_NOISE * self.noise_m + THIN_M
    }

    /// Square metres that a side swept over which was moved rather than drawn otherwise; `None` when no side was.
    pub(crate) fn moved_m2(&self, batch: Batch, a: &Flat, b: &Flat) -> Option<f64> {
        let sides = moved(a, b);
        let drawn = self.noise.log_drawn(&sides, self.of_batch.get(&batch).copied().unwrap_or(self.side_m));
        let swept = sides.iter().zip(drawn).filter_map(|(side, drawn)| {
            let share = side.share_of(a.surface);
            (share >= SIDE_SHARE && log_moved(side.by) > drawn).then_some(share * a.surface)
        });
        swept.max_by(f64::total_cmp)
    }
}

type Spans = Vec<(f64, f64)>;

/// Square metres that only one of the outlines covers, where they are thicker than twice `thin_m`.
///
/// Both outlines are turned so that the longest side lies level, cut into level lines, and what only one of them covers is
/// eroded by a square of half the side `thin_m`.
pub(crate) fn thick_difference_m2(a: &Flat, b: &Flat, thin_m: f64) -> f64 {
    let turn = level_turn(a);
    let level = |flat: &Flat| {
        flat.moved(|point| Coord { x: turn.0 * point.x + turn.1 * point.y, y: turn.0 * point.y - turn.1 * point.x })
    };
    let (a, b) = (level(a), level(b));
    let (low, high) = (a.min.y.min(b.min.y), a.max.y.max(b.max.y));
    let step = (high - low) / LINES as f64;
    if step <= 0.0 || !step.is_finite() {
        return 0.0;
    }
    let at = |line: usize| low + (line as f64 + 0.5) * step;
    let lines: Vec<(Spans, Spans)> = (0..LINES).map(|line| (spans(&a, at(line)), spans(&b, at(line)))).collect();
    let only: [Vec<Spans>; 2] =
        [lines.iter().map(|(a, b)| without(a, b)).collect(), lines.iter().map(|(a, b)| without(b, a)).collect()];
    let reach = (thin_m / step).round() as usize;
    only.iter().map(|side| eroded(side, thin_m, reach)).sum::<f64>() * step
}

/// Cosine and sine of the turn that brings the longest side to level.
fn level_turn(flat: &Flat) -> (f64, f64) {
    let longest = flat.edges().map(|(a, b)| b - a).max_by(|a, b| a.x.hypot(a.y).total_cmp(&b.x.hypot(b.y)));
    longest.map_or((1.0, 0.0), |side| (side.x / side.x.hypot(side.y), side.y / side.x.hypot(side.y)))
}

/// Where a level line is inside the outline.
fn spans(flat: &Flat, y: f64) -> Spans {
    let mut crossings: Vec<(f64, i32)> = flat
        .edges()
        .filter(|(a, b)| (a.y <= y) != (b.y <= y))
        .map(|(a, b)| (a.x + (y - a.y) / (b.y - a.y) * (b.x - a.x), if b.y > a.y { 1 } else { -1 }))
        .collect();
    crossings.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut spans = Spans::new();
    let (mut winding, mut from) = (0, 0.0);
    for (x, turn) in crossings {
        if winding == 0 {
            from = x;
        }
        winding += turn;
        if winding == 0 && x > from {
            spans.push((from, x));
        }
    }
    spans
}

/// What the first covers and the second does not.
fn without(ours: &[(f64, f64)], theirs: &[(f64, f64)]) -> Spans {
    let mut left = Spans::new();
    for (from, to) in ours {
        let mut from = *from;
        for (start, end) in theirs {
            if *end <= from || *start >= *to {
                continue;
            }
            if *start > from {
                left.push((from, *start));
            }
            from = from.max(*end);
        }
        if from < *to {
            left.push((from, *to));
        }
    }
    left
}

fn common(a: &[(f64, f64)], b: &[(f64, f64)]) -> Spans {
    let pair = |(p, q): (&(f64, f64), &(f64, f64))| {
        let (from, to) = (p.0.max(q.0), p.1.min(q.1));
        (from < to).then_some((from, to))
    };
    a.iter().flat_map(|p| b.iter().filter_map(move |q| pair((p, q)))).collect()
}

/// Length that is left after erosion along and across the lines.
fn eroded(lines: &[Spans], thin_m: f64, reach: usize) -> f64 {
    let shrunk: Vec<Spans> = lines
        .iter()
        .map(|spans| spans.iter().map(|(a, b)| (a + thin_m, b - thin_m)).filter(|(a, b)| a < b).collect())
        .collect();
    let mut total = 0.0;
    for line in reach..lines.len().saturating_sub(reach) {
        let mut kept = shrunk[line].clone();
        for other in &shrunk[line - reach..=line + reach] {
            if kept.is_empty() {
                break;
            }
            kept = common(&kept, other);
        }
        total += kept.iter().map(|(a, b)| b - a).sum::<f64>();
    }
    total
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::{MultiPolygon, Rect};

    fn rect(x: f64, y: f64, width: f64, height: f64) -> Flat {
        let rect = Rect::new(Coord { x, y }, Coord { x: x + width, y: y + height });
        Flat::new(&MultiPolygon::from(rect.to_polygon()), |point| point).unwrap()
    }

    #[test]
    fn a_thin_sliver_is_noise_and_a_thick_one_is_not() {
        let area = rect(0.0, 0.0, 200.0, 100.0);
        assert!(thick_difference_m2(&area, &rect(1.0, -1.0, 200.0, 100.0), 2.0) < 1.0);
        let grown = thick_difference_m2(&area, &rect(0.0, 0.0, 230.0, 100.0), 2.0);
        assert!((grown - 26.0 * 96.0).abs() < 200.0, "{grown}");
        assert!((thick_difference_m2(&rect(0.0, 0.0, 230.0, 100.0), &area, 2.0) - grown).abs() < 200.0);
    }

    #[test]
    fn a_side_that_moves_more_than_its_neighbours_was_moved() {
        let area = rect(0.0, 0.0, 150.0, 100.0);
        let drawn = |off: f64| moved(&area, &rect(off, -off, 150.0, 100.0 + 2.0 * off));
        let pairs = (0..30).map(|nth| ((1, 1), 2.0, drawn(f64::from(nth % 7) - 3.0))).collect();
        let drawing = Drawing::of(pairs);
        let by = |by: f64| drawing.moved_m2((1, 1), &area, &rect(0.0, 0.0, 150.0, 100.0 + by));
        assert_eq!(by(3.0), None);
        assert!((by(15.0).unwrap() - 15.0 * 150.0).abs() < 1.0 && by(-15.0).is_some());
        // All sides lie off: coarse work, or another shift.
        assert_eq!(drawing.moved_m2((1, 1), &area, &rect(9.0, 9.0, 150.0, 100.0)), None);
    }

    #[test]
    fn a_turned_area_is_measured_alike() {
        let turned = |flat: &Flat| flat.moved(|p| Coord { x: 0.8 * p.x - 0.6 * p.y, y: 0.6 * p.x + 0.8 * p.y });
        let (area, grown) = (rect(0.0, 0.0, 200.0, 100.0), rect(0.0, 0.0, 230.0, 100.0));
        let level = thick_difference_m2(&area, &grown, 2.0);
        assert!((thick_difference_m2(&turned(&area), &turned(&grown), 2.0) - level).abs() < 100.0);
    }
}
