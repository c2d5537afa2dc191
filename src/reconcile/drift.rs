//! Whether a boundary changed, beyond what two drawings of one boundary differ by.

use geo::Coord;

use crate::reconcile::plane::Flat;

/// Rows of the raster in which outlines are compared.
const LINES: usize = 72;

/// A change counts when it keeps this share of the smaller outline after thin slivers are taken off.
pub(crate) const DRIFT_SHARE: f64 = 0.045;

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
    fn a_turned_area_is_measured_alike() {
        let turned = |flat: &Flat| flat.moved(|p| Coord { x: 0.8 * p.x - 0.6 * p.y, y: 0.6 * p.x + 0.8 * p.y });
        let (area, grown) = (rect(0.0, 0.0, 200.0, 100.0), rect(0.0, 0.0, 230.0, 100.0));
        let level = thick_difference_m2(&area, &grown, 2.0);
        assert!((thick_difference_m2(&turned(&area), &turned(&grown), 2.0) - level).abs() < 100.0);
    }
}
