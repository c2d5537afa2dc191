//! Which rings of a shape record are outlines, and which are holes of which outline.
//!
//! The format (ESRI Shapefile Technical Description, 1998, "Polygon") turns outlines clockwise and holes the other way, and
//! leaves open whose hole a hole is. Many programs turn rings as they like, so what lies in what decides where the turns
//! make no sense.

use std::cmp::Ordering;

use geo::Coord;

use crate::geom::{RawPolygon, RawRing};

/// Comparisons of one geometry before the order in the file has to do instead of containment.
const STEPS: usize = 50_000_000;

/// Positions of a ring that are asked for their side, the others being taken to lie on the same.
const PROBES: usize = 16;

/// Groups rings, whose order is kept within a polygon, into polygons in the order of their outlines. The rings themselves
/// stay as they are.
pub(super) fn group(rings: Vec<RawRing>) -> Vec<RawPolygon> {
    if rings.len() == 1 {
        return vec![RawPolygon { rings }];
    }
    let outlines: Vec<Outline> = rings.iter().map(|ring| Outline::of(ring)).collect();
    let owners = match Nesting::find(&rings, &outlines, STEPS) {
        Some(nesting) => nesting.by_winding(&outlines).unwrap_or_else(|| nesting.by_depth()),
        None => by_order(&outlines),
    };
    assemble(rings, &owners)
}

/// `owners[i]` is the outline that ring `i` is a hole of, or `i` itself for an outline.
fn assemble(rings: Vec<RawRing>, owners: &[usize]) -> Vec<RawPolygon> {
    let mut polygon_of = vec![usize::MAX; rings.len()];
    let mut polygons: Vec<RawPolygon> = Vec::new();
    for (at, _) in owners.iter().enumerate().filter(|(at, owner)| at == *owner) {
        polygon_of[at] = polygons.len();
        polygons.push(RawPolygon { rings: Vec::new() });
    }
    let mut holes = vec![Vec::new(); polygons.len()];
    for (at, ring) in rings.into_iter().enumerate() {
        let polygon = polygon_of[owners[at]];
        if owners[at] == at {
            polygons[polygon].rings.push(ring);
        } else {
            holes[polygon].push(ring);
        }
    }
    for (polygon, holes) in polygons.iter_mut().zip(holes) {
        polygon.rings.extend(holes);
    }
    polygons
}

/// A hole belongs to the outline before it.
fn by_order(outlines: &[Outline]) -> Vec<usize> {
    let mut last = 0;
    let owner = |(at, outline): (usize, &Outline)| {
        if at == 0 || outline.clockwise {
            last = at;
        }
        last
    };
    outlines.iter().enumerate().map(owner).collect()
}

struct Outline {
    clockwise: bool,
    /// Twice the surface enclosed, in the file's units squared.
    size: f64,
    min: Coord,
    max: Coord,
}

impl Outline {
    fn of(ring: &[Coord]) -> Self {
        let first = ring.first().copied().unwrap_or_default();
        let (mut min, mut max, mut twice) = (first, first, 0.0);
        for (at, a) in ring.iter().enumerate() {
            let b = ring.get(at + 1).unwrap_or(&first);
            twice += (a.x - first.x) * (b.y - first.y) - (b.x - first.x) * (a.y - first.y);
            min = Coord { x: min.x.min(a.x), y: min.y.min(a.y) };
            max = Coord { x: max.x.max(a.x), y: max.y.max(a.y) };
        }
        // A ring without a surface has no turn; it is taken for an outline.
        Self { clockwise: twice <= 0.0 || twice.is_nan(), size: twice.abs(), min, max }
    }

    fn covers(&self, other: &Self) -> bool {
        self.min.x <= other.min.x && self.min.y <= other.min.y && self.max.x >= other.max.x && self.max.y >= other.max.y
    }
}

/// For every ring the smallest one that it lies in.
struct Nesting {
    parents: Vec<Option<usize>>,
    /// Number of rings around it.
    depths: Vec<usize>,
}

impl Nesting {
    /// `None` when it would take more than that many steps.
    fn find(rings: &[RawRing], outlines: &[Outline], mut steps: usize) -> Option<Self> {
        let mut by_size: Vec<usize> = (0..rings.len()).collect();
        // Of two rings over the same ground the counter-clockwise one is the smaller: a hole that fills its outline.
        by_size.sort_by(|a, b| {
            let (a, b) = (&outlines[*a], &outlines[*b]);
            a.size.partial_cmp(&b.size).unwrap_or(Ordering::Equal).then(a.clockwise.cmp(&b.clockwise))
        });
        let mut parents = vec![None; rings.len()];
        for (rank, inner) in by_size.iter().enumerate() {
            for outer in &by_size[rank + 1..] {
                steps = steps.checked_sub(1)?;
                if !outlines[*outer].covers(&outlines[*inner]) {
                    continue;
                }
                let inside = lies_in(&rings[*inner], &rings[*outer], &mut steps)?;
                if inside.unwrap_or(!outlines[*inner].clockwise && outlines[*outer].clockwise) {
                    parents[*inner] = Some(*outer);
                    break;
                }
            }
        }
        let mut depths = vec![0; rings.len()];
        for at in by_size.iter().rev() {
            depths[*at] = parents[*at].map_or(0, |parent: usize| depths[parent] + 1);
        }
        Some(Self { parents, depths })
    }

    /// Owners by the rings' turns; `None` where these make no sense: no outline at all, a hole that lies in no outline, or
    /// rings in each other that all turn like outlines.
    fn by_winding(&self, outlines: &[Outline]) -> Option<Vec<usize>> {
        let all_alike = outlines.iter().all(|outline| outline.clockwise);
        if all_alike && self.depths.iter().any(|depth| *depth > 0) {
            return None;
        }
        let owner = |(at, outline): (usize, &Outline)| {
            if outline.clockwise {
                return Some(at);
            }
            let mut around = self.parents[at]?;
            while !outlines[around].clockwise {
                around = self.parents[around]?;
            }
            Some(around)
        };
        outlines.iter().enumerate().map(owner).collect()
    }

    /// Owners by what lies in what: outline, hole, island in the hole, and so on inwards.
    fn by_depth(&self) -> Vec<usize> {
        let owner = |at: usize| if self.depths[at].is_multiple_of(2) { at } else { self.parents[at].unwrap_or(at) };
        (0..self.parents.len()).map(owner).collect()
    }
}

/// Whether a ring lies in another, by the first of its positions that is not on the other's line. The outer `None` means
/// that the steps are used up, the inner that every probe is on the line.
fn lies_in(inner: &[Coord], outer: &[Coord], steps: &mut usize) -> Option<Option<bool>> {
    let stride = (inner.len() / PROBES).max(1);
    for probe in inner.iter().step_by(stride) {
        *steps = steps.checked_sub(outer.len())?;
        if let Some(inside) = is_inside(*probe, outer) {
            return Some(Some(inside));
        }
    }
    Some(None)
}

/// Even-odd rule; `None` on the line itself.
fn is_inside(point: Coord, ring: &[Coord]) -> Option<bool> {
    let mut inside = false;
    let mut a = *ring.last()?;
    for b in ring {
        let cross = (b.x - a.x) * (point.y - a.y) - (b.y - a.y) * (point.x - a.x);
        let within = |p: f64, q: f64, value: f64| value >= p.min(q) && value <= p.max(q);
        if cross == 0.0 && within(a.x, b.x, point.x) && within(a.y, b.y, point.y) {
            return None;
        }
        if (a.y > point.y) != (b.y > point.y) && (cross > 0.0) == (b.y > a.y) {
            inside = !inside;
        }
        a = *b;
    }
    Some(inside)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(x: f64, y: f64, half: f64, clockwise: bool) -> RawRing {
        let mut ring: RawRing = [(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0), (-1.0, -1.0)]
            .iter()
            .map(|(dx, dy)| Coord { x: x + dx * half, y: y + dy * half })
            .collect();
        if clockwise {
            ring.reverse();
        }
        ring
    }

    /// Polygons as lists of half side lengths, which tell the rings apart.
    fn grouped(rings: &[(f64, f64, f64, bool)]) -> Vec<Vec<f64>> {
        let rings: Vec<RawRing> = rings.iter().map(|(x, y, half, cw)| square(*x, *y, *half, *cw)).collect();
        let half = |ring: &RawRing| (ring[0].x - ring[2].x).abs() / 2.0;
        group(rings).iter().map(|polygon| polygon.rings.iter().map(half).collect()).collect()
    }

    #[test]
    fn a_hole_belongs_to_the_outline_around_it_wherever_it_stands_in_the_file() {
        let (big, far) = ((0.0, 0.0, 8.0, true), (50.0, 0.0, 4.0, true));
        let (hole, far_hole) = ((1.0, 1.0, 2.0, false), (50.0, 0.0, 1.0, false));
        assert_eq!(grouped(&[big, hole, far, far_hole]), [vec![8.0, 2.0], vec![4.0, 1.0]]);
        assert_eq!(grouped(&[big, far, far_hole, hole]), [vec![8.0, 2.0], vec![4.0, 1.0]]);
        assert_eq!(grouped(&[far_hole, hole, far, big]), [vec![4.0, 1.0], vec![8.0, 2.0]]);
    }

    #[test]
    fn an_island_in_a_hole_is_a_polygon_with_its_own_hole() {
        let rings = [(0.0, 0.0, 4.0, true), (0.0, 0.0, 16.0, true), (0.0, 0.0, 2.0, false), (0.0, 0.0, 8.0, false)];
        assert_eq!(grouped(&rings), [vec![4.0, 2.0], vec![16.0, 8.0]]);
    }

    #[test]
    fn rings_that_turn_the_wrong_way_are_told_by_what_lies_in_what() {
        let reversed = [(0.0, 0.0, 8.0, false), (0.0, 0.0, 2.0, true), (50.0, 0.0, 4.0, false)];
        assert_eq!(grouped(&reversed), [vec![8.0, 2.0], vec![4.0]]);
        let all_clockwise = [(0.0, 0.0, 8.0, true), (0.0, 0.0, 2.0, true)];
        assert_eq!(grouped(&all_clockwise), [vec![8.0, 2.0]]);
        let none_clockwise = [(0.0, 0.0, 2.0, false), (0.0, 0.0, 8.0, false)];
        assert_eq!(grouped(&none_clockwise), [vec![8.0, 2.0]]);
        let two_parts = [(0.0, 0.0, 8.0, true), (50.0, 0.0, 4.0, false)];
        assert_eq!(grouped(&two_parts), [vec![8.0], vec![4.0]]);
    }

    #[test]
    fn a_hole_that_fills_its_outline_stays_its_hole() {
        assert_eq!(grouped(&[(0.0, 0.0, 8.0, true), (0.0, 0.0, 8.0, false)]), [vec![8.0, 8.0]]);
    }

    #[test]
    fn overlapping_parts_of_a_file_that_knows_holes_stay_parts() {
        let rings = [(0.0, 0.0, 8.0, true), (1.0, 1.0, 3.0, true), (50.0, 0.0, 5.0, true), (50.0, 0.0, 1.0, false)];
        assert_eq!(grouped(&rings), [vec![8.0], vec![3.0], vec![5.0, 1.0]]);
    }

    #[test]
    fn without_steps_the_order_of_the_file_decides() {
        let rings = [square(0.0, 0.0, 8.0, true), square(0.0, 0.0, 2.0, false)];
        let outlines: Vec<Outline> = rings.iter().map(|ring| Outline::of(ring)).collect();
        assert!(Nesting::find(&rings, &outlines, 3).is_none());
        assert_eq!(by_order(&outlines), [0, 0]);
    }

    #[test]
    fn numbers_that_are_none_do_no_harm() {
        let mut rings = vec![square(0.0, 0.0, 8.0, true), square(0.0, 0.0, 2.0, false), vec![]];
        rings[0][1].x = f64::NAN;
        rings[1][2].y = f64::INFINITY;
        let kept: usize = group(rings).iter().map(|polygon| polygon.rings.len()).sum();
        assert_eq!(kept, 3);
        assert!(group(vec![]).is_empty());
    }
}
