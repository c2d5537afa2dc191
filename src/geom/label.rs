//! Where to write a name: a point well inside a boundary.

use std::collections::BinaryHeap;

use geo::{BoundingRect as _, Coord, LineString, MultiPolygon, Polygon};

/// Cells looked at, at least and at most: quality where the rings are short, a bound on time where they are long.
const CELLS: (usize, usize) = (24, 96);

/// Sides measured for one boundary, about: cells times sides.
const SIDES_MEASURED: usize = 4_000;

/// The search ends when no cell can be better by more than this share of the best distance.
const GOOD_ENOUGH: f64 = 0.05;

/// A point inside the largest polygon of a boundary, far from its rings (near its pole of inaccessibility).
///
/// Boundary: degrees, lng lat, valid. `None` when it is empty or has no surface. Distances are compared with longitudes
/// shortened by the cosine of the latitude. The search is bounded, so it takes microseconds also for the longest rings.
pub fn label_point(boundary: &MultiPolygon) -> Option<Coord> {
    let polygon = boundary.iter().max_by(|a, b| twice_surface(a).total_cmp(&twice_surface(b)))?;
    let envelope = polygon.bounding_rect()?;
    let (width, height) = (envelope.width(), envelope.height());
    if !(width > 0.0 && height > 0.0) {
        return None;
    }
    let middle = envelope.center();
    let stretch = middle.y.to_radians().cos().max(1e-6);
    let flat = |c: &Coord| Coord { x: (c.x - middle.x) * stretch, y: c.y - middle.y };
    let rings: Vec<Vec<Coord>> = std::iter::once(polygon.exterior())
        .chain(polygon.interiors())
        .map(|ring: &LineString| ring.0.iter().map(flat).collect())
        .collect();
    let found = farthest_inside(&rings, Coord { x: width * stretch, y: height })?;
    Some(Coord { x: middle.x + found.x / stretch, y: middle.y + found.y })
}

fn twice_surface(polygon: &Polygon) -> f64 {
    let ring = polygon.exterior();
    let Some(origin) = ring.0.first() else { return 0.0 };
    ring.lines()
        .map(|side| {
            (side.start - *origin).x * (side.end - *origin).y - (side.start - *origin).y * (side.end - *origin).x
        })
        .sum::<f64>()
        .abs()
}

/// A square around a point of the search.
struct Cell {
    at: Coord,
    half: f64,
    /// Distance to the rings, negative outside.
    distance: f64,
}

impl Cell {
    fn new(at: Coord, half: f64, rings: &[Vec<Coord>]) -> Self {
        Self { at, half, distance: signed_distance(at, rings) }
    }

    /// No point of the square is farther from the rings than this.
    fn promise(&self) -> f64 {
        self.distance + self.half * std::f64::consts::SQRT_2
    }
}

impl PartialEq for Cell {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Cell {}

impl PartialOrd for Cell {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Cell {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.promise().total_cmp(&other.promise())
    }
}

/// Quarters the most promising square until nothing better is in sight (Garcia-Castellanos and Lombardo 2007, with
/// squares). `size` is the extent of the rings, which lie around (0, 0).
fn farthest_inside(rings: &[Vec<Coord>], size: Coord) -> Option<Coord> {
    let sides: usize = rings.iter().map(Vec::len).sum();
    let mut left = (SIDES_MEASURED / sides.max(1)).clamp(CELLS.0, CELLS.1);
    let mut best = Cell::new(widest_middle(rings, 0.0).unwrap_or(Coord { x: 0.0, y: 0.0 }), 0.0, rings);
    let mut heap = BinaryHeap::new();
    let half = size.x.min(size.y) / 2.0;
    // A long strip starts with few squares, larger than its breadth, so that they do not use up the search.
    let half = half.max(size.x.max(size.y) / 16.0);
    let (columns, rows) = ((size.x / half / 2.0).ceil(), (size.y / half / 2.0).ceil());
    for column in 0..columns as usize {
        for row in 0..rows as usize {
            let x = (2.0 * column as f64 + 1.0 - columns) * half;
            let y = (2.0 * row as f64 + 1.0 - rows) * half;
            heap.push(Cell::new(Coord { x, y }, half, rings));
        }
    }
    while let Some(cell) = heap.pop() {
        let promise = cell.promise();
        let (at, half) = (cell.at, cell.half / 2.0);
        if cell.distance > best.distance {
            best = cell;
        }
        if left == 0 || promise <= best.distance.max(0.0) * (1.0 + GOOD_ENOUGH) {
            break;
        }
        left = left.saturating_sub(4);
        for (dx, dy) in [(-half, -half), (half, -half), (-half, half), (half, half)] {
            let quarter = Cell::new(Coord { x: at.x + dx, y: at.y + dy }, half, rings);
            if quarter.distance > best.distance {
                best = Cell { half: 0.0, ..quarter };
            }
            heap.push(quarter);
        }
    }
    if best.distance > 0.0 {
        return Some(best.at);
    }
    // A sliver that every square missed: the middle of its widest line.
    (1..16)
        .filter_map(|i| widest_middle(rings, size.y * (f64::from(i) / 16.0 - 0.5)))
        .find(|at| signed_distance(*at, rings) > 0.0)
}

/// Middle of the widest stretch inside the rings on the horizontal line at `y`.
fn widest_middle(rings: &[Vec<Coord>], y: f64) -> Option<Coord> {
    let mut crossings: Vec<f64> = Vec::new();
    for side in rings.iter().flat_map(|ring| ring.windows(2)) {
        let (a, b) = (side[0], side[1]);
        if (a.y > y) != (b.y > y) {
            crossings.push(a.x + (y - a.y) / (b.y - a.y) * (b.x - a.x));
        }
    }
    crossings.sort_unstable_by(f64::total_cmp);
    crossings
        .chunks_exact(2)
        .max_by(|a, b| (a[1] - a[0]).total_cmp(&(b[1] - b[0])))
        .map(|stretch| Coord { x: f64::midpoint(stretch[0], stretch[1]), y })
}

/// Distance from a point to the nearest ring, negative outside the polygon.
fn signed_distance(point: Coord, rings: &[Vec<Coord>]) -> f64 {
    let mut inside = false;
    let mut least = f64::INFINITY;
    for side in rings.iter().flat_map(|ring| ring.windows(2)) {
        let (a, b) = (side[0], side[1]);
        let (along, offset) = (b - a, point - a);
        if (a.y > point.y) != (b.y > point.y) && offset.x < offset.y / along.y * along.x {
            inside = !inside;
        }
        let squared = along.x * along.x + along.y * along.y;
        let share = ((along.x * offset.x + along.y * offset.y) / squared.max(f64::MIN_POSITIVE)).clamp(0.0, 1.0);
        let away = offset - along * share;
        least = least.min(away.x * away.x + away.y * away.y);
    }
    if inside { least.sqrt() } else { -least.sqrt() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::Contains as _;
    use proptest::prelude::*;

    fn degrees(points: &[(f64, f64)]) -> LineString {
        points.iter().map(|(x, y)| (116.4 + x * 1e-3, 39.9 + y * 1e-3)).collect()
    }

    #[test]
    fn the_label_of_a_u_lies_in_the_broadest_limb() {
        let u =
            degrees(&[(0., 0.), (10., 0.), (10., 10.), (9., 10.), (9., 1.), (4., 1.), (4., 10.), (0., 10.), (0., 0.)]);
        let at = label_point(&MultiPolygon::from(Polygon::new(u, vec![]))).unwrap();
        let (x, y) = ((at.x - 116.4) * 1e3, (at.y - 39.9) * 1e3);
        assert!((1.5..2.5).contains(&x) && (1.4..8.6).contains(&y), "{x} {y}");
    }

    #[test]
    fn holes_and_smaller_parts_are_avoided() {
        let square = degrees(&[(0., 0.), (10., 0.), (10., 10.), (0., 10.), (0., 0.)]);
        let hole = degrees(&[(1., 1.), (1., 8.), (8., 8.), (8., 1.), (1., 1.)]);
        let island = degrees(&[(20., 0.), (21., 0.), (21., 1.), (20., 0.)]);
        let boundary = MultiPolygon::new(vec![Polygon::new(island, vec![]), Polygon::new(square, vec![hole])]);
        let at = label_point(&boundary).unwrap();
        assert!(boundary.0[1].contains(&at));
        assert!(label_point(&MultiPolygon::new(vec![])).is_none());
    }

    proptest! {
        #[test]
        fn the_label_is_inside_also_of_thin_and_jagged_boundaries(
            radii in proptest::collection::vec(0.05_f64..1.0, 3..60), flatness in 0.002_f64..1.0, turn in 0.0_f64..3.0
        ) {
            let step = std::f64::consts::TAU / radii.len() as f64;
            let ring: LineString = radii.iter().chain(&radii[..1]).enumerate().map(|(i, r)| {
                let (x, y) = (r * (step * i as f64).cos(), flatness * r * (step * i as f64).sin());
                (116.4 + 1e-3 * (x * turn.cos() - y * turn.sin()), 39.9 + 1e-3 * (x * turn.sin() + y * turn.cos()))
            }).collect();
            let boundary = MultiPolygon::from(Polygon::new(ring, vec![]));
            let at = label_point(&boundary).unwrap();
            prop_assert!(boundary.contains(&at));
        }
    }
}
