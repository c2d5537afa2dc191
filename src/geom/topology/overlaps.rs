//! Boundaries that cover the same ground.

use geo::{MapCoords as _, MultiPolygon, OpType, Polygon};
use rayon::iter::{IndexedParallelIterator as _, IntoParallelRefIterator as _, ParallelIterator as _};
use rstar::{AABB, RTree, RTreeObject};

use crate::geom::sides::Bounds;
use crate::geom::topology::area::{
    Area, bounds_of, flat_surface, flat_surface_of, frame_of, overlay, strip_width, vertex_count,
};
use crate::geom::topology::pair::{Sharing, share_ground};
use crate::geom::{Flaw, examine_boundary, fingerprint};

/// Boundaries with more vertices are prepared once and not for every neighbour.
const PREPARED_FROM: usize = 128;

/// Boundaries of so many vertices get boxes over their sides when they are prepared.
const INDEXED_FROM: usize = 48;

/// Vertices of two boundaries beyond which their overlay is not constructed.
const OVERLAY_VERTICES: usize = 250_000;

/// Pieces of an overlap below this surface are left out of its shape, m2: they are rounding.
const PIECE_M2: f64 = 0.01;

/// Shared part of both surfaces together from which two boundaries count as the same (intersection over union).
const SAME_IOU: f64 = 0.99;

/// Shared part of a boundary from which it counts as covered.
const COVERED_SHARE: f64 = 0.999;

/// Boundaries that are looked at together, between two looks at [`OverlapRules::limit`].
const BATCH: usize = 1_024;

/// Overlaps that are listed for one boundary, at most.
const OVERLAPS_PER_BOUNDARY: usize = 200;

/// Which overlaps are worth telling.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OverlapRules {
    /// Smaller overlaps are noise, m2.
    pub noise_m2: f64,
    /// An overlap that is a smaller share of both surfaces is noise.
    pub noise_share: f64,
    /// Overlaps that are listed at most, about.
    pub limit: usize,
}

impl Default for OverlapRules {
    /// Below 2 m2, or below a thousandth of both.
    fn default() -> Self {
        Self { noise_m2: 2.0, noise_share: 0.001, limit: 100_000 }
    }
}

/// How two boundaries lie that share ground.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OverlapKind {
    /// Each has ground of its own.
    Partial,
    /// They are the same: by vertices, or to 99 % of what they cover together.
    Equal,
    /// The first covers the second.
    Contains,
    /// The first is covered by the second.
    Inside,
    /// They share ground, but it was not measured: one is not valid, or they are too large or too entangled.
    Unmeasured,
}

/// Ground that two boundaries both cover.
#[derive(Debug, Clone, PartialEq)]
pub struct Overlap {
    /// Position of the first boundary in the list.
    pub a: usize,
    /// Position of the second one, larger than `a`.
    pub b: usize,
    /// Surface of the shared ground; 0 when unmeasured.
    pub surface_m2: f64,
    /// Width of its widest piece, as twice the surface over the perimeter: right for strips, half the side for squares.
    pub width_m: f64,
    /// Share of the first boundary's surface, 0..1.
    pub share_a: f64,
    /// Share of the second boundary's surface, 0..1.
    pub share_b: f64,
    /// The shared ground, degrees; empty when unmeasured.
    pub shape: MultiPolygon,
    /// How the two lie.
    pub kind: OverlapKind,
}

/// Lists the pairs of boundaries that cover the same ground, in order of `a`, then `b`.
///
/// Boundaries: degrees, lng lat, valid. One that is not is met with [`OverlapKind::Unmeasured`]. Borders that coincide,
/// or nearly (a millimetre), are no overlap. At most 200 overlaps are listed for one boundary as the first of a pair,
/// and the search ends after about [`OverlapRules::limit`].
pub fn overlaps(boundaries: &[&MultiPolygon], rules: OverlapRules) -> Vec<Overlap> {
    let slots: Vec<Slot> = boundaries
        .par_iter()
        .zip(0_u32..boundaries.len() as u32)
        .map(|(boundary, position)| Slot { position, bounds: bounds_of(boundary) })
        .filter(|slot| slot.bounds.min.x <= slot.bounds.max.x && slot.bounds.min.y <= slot.bounds.max.y)
        .collect();
    let order: Vec<Slot> = slots.clone();
    let tree = RTree::bulk_load(slots);
    let prepared: Vec<Option<Area>> = boundaries
        .par_iter()
        .map(|boundary| (vertex_count(boundary) > PREPARED_FROM).then(|| Area::new(boundary, true)))
        .collect();
    let search = Search { boundaries, tree, prepared, rules };
    let mut found = Vec::new();
    for batch in order.chunks(BATCH) {
        let lists: Vec<Vec<Overlap>> = batch.par_iter().map(|slot| search.overlaps_of(slot)).collect();
        found.extend(lists.into_iter().flatten());
        if found.len() >= rules.limit {
            found.truncate(rules.limit);
            break;
        }
    }
    found
}

/// Entry of the tree: a boundary's place in the list, and its box.
#[derive(Debug, Clone, Copy)]
struct Slot {
    position: u32,
    bounds: Bounds,
}

impl RTreeObject for Slot {
    type Envelope = AABB<[f64; 2]>;

    fn envelope(&self) -> Self::Envelope {
        envelope_of(&self.bounds)
    }
}

fn envelope_of(bounds: &Bounds) -> AABB<[f64; 2]> {
    AABB::from_corners([bounds.min.x, bounds.min.y], [bounds.max.x, bounds.max.y])
}

struct Search<'a> {
    boundaries: &'a [&'a MultiPolygon],
    tree: RTree<Slot>,
    prepared: Vec<Option<Area>>,
    rules: OverlapRules,
}

impl Search<'_> {
    /// Overlaps with boundaries later in the list.
    fn overlaps_of(&self, slot: &Slot) -> Vec<Overlap> {
        let scale = frame_of(&slot.bounds).metres_per_degree();
        let mut others: Vec<Slot> = self
            .tree
            .locate_in_envelope_intersecting(envelope_of(&slot.bounds))
            .filter(|other| other.position > slot.position)
            .filter(|other| {
                // What two boundaries share lies in the box that their boxes share.
                let shared = slot.bounds.shared(&other.bounds);
                let (width, height) = (shared.max.x - shared.min.x, shared.max.y - shared.min.y);
                width * scale.x * height * scale.y >= self.rules.noise_m2
            })
            .copied()
            .collect();
        if others.is_empty() {
            return Vec::new();
        }
        others.sort_unstable_by_key(|other| other.position);
        let mut own = None;
        let area = self.area(slot.position, &mut own);
        others
            .iter()
            .filter_map(|other| {
                let mut its_own = None;
                let sharing = share_ground(area, self.area(other.position, &mut its_own), scale);
                self.measure(slot, other, sharing)
            })
            .take(OVERLAPS_PER_BOUNDARY)
            .collect()
    }

    fn area<'b>(&'b self, position: u32, made: &'b mut Option<Area>) -> &'b Area {
        let boundary = self.boundaries[position as usize];
        match &self.prepared[position as usize] {
            Some(area) => area,
            None => made.insert(Area::new(boundary, vertex_count(boundary) > INDEXED_FROM)),
        }
    }

    fn measure(&self, a: &Slot, b: &Slot, sharing: Sharing) -> Option<Overlap> {
        if sharing == Sharing::Apart {
            return None;
        }
        let (first, second) = (self.boundaries[a.position as usize], self.boundaries[b.position as usize]);
        let mut overlap = Overlap {
            a: a.position as usize,
            b: b.position as usize,
            surface_m2: 0.0,
            width_m: 0.0,
            share_a: 0.0,
            share_b: 0.0,
            shape: MultiPolygon::new(Vec::new()),
            kind: OverlapKind::Unmeasured,
        };
        let is_valid = |boundary| !examine_boundary(boundary).iter().any(Flaw::is_invalid);
        if sharing == Sharing::Tangled
            || vertex_count(first) + vertex_count(second) > OVERLAY_VERTICES
            || !is_valid(first)
            || !is_valid(second)
        {
            return Some(overlap);
        }
        let frame = frame_of(&a.bounds.shared(&b.bounds));
        let flat = |boundary: &MultiPolygon| boundary.map_coords(|vertex| frame.to_metres(vertex));
        let (of_a, of_b) = (flat_surface(&flat(first)), flat_surface(&flat(second)));
        let shared = if same_box(&a.bounds, &b.bounds) && fingerprint(first) == fingerprint(second) {
            flat(first)
        } else {
            overlay(first, second, &frame, OpType::Intersection)
        };
        let pieces: Vec<Polygon> = shared.into_iter().filter(|piece| flat_surface_of(piece) >= PIECE_M2).collect();
        let shared = MultiPolygon::new(pieces);
        overlap.surface_m2 = flat_surface(&shared);
        overlap.width_m = shared.iter().map(strip_width).fold(0.0, f64::max);
        overlap.share_a = (overlap.surface_m2 / of_a).min(1.0);
        overlap.share_b = (overlap.surface_m2 / of_b).min(1.0);
        let is_noise = overlap.surface_m2 < self.rules.noise_m2
            || (overlap.share_a < self.rules.noise_share && overlap.share_b < self.rules.noise_share);
        if is_noise {
            return None;
        }
        overlap.kind = if overlap.surface_m2 >= SAME_IOU * (of_a + of_b - overlap.surface_m2) {
            OverlapKind::Equal
        } else if overlap.share_b >= COVERED_SHARE {
            OverlapKind::Contains
        } else if overlap.share_a >= COVERED_SHARE {
            OverlapKind::Inside
        } else {
            OverlapKind::Partial
        };
        overlap.shape = shared.map_coords(|vertex| frame.to_degrees(vertex));
        Some(overlap)
    }
}

fn same_box(a: &Bounds, b: &Bounds) -> bool {
    let near = |a: f64, b: f64| (a - b).abs() <= 2e-9;
    near(a.min.x, b.min.x) && near(a.min.y, b.min.y) && near(a.max.x, b.max.x) && near(a.max.y, b.max.y)
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::{BooleanOps as _, Coord, LineString};
    use proptest::prelude::*;

    const METRE: f64 = 1e-5;

    fn at(x: f64, y: f64) -> Coord {
        Coord { x: 116.4 + x * METRE, y: 39.9 + y * METRE }
    }

    fn shape(points: &[(f64, f64)]) -> MultiPolygon {
        let ring: LineString = points.iter().map(|(x, y)| at(*x, *y)).collect();
        MultiPolygon::from(Polygon::new(ring, vec![]))
    }

    fn square(x: f64, y: f64, size: f64) -> MultiPolygon {
        shape(&[(x, y), (x + size, y), (x + size, y + size), (x, y + size)])
    }

    fn kinds(boundaries: &[MultiPolygon]) -> Vec<(usize, usize, OverlapKind)> {
        let list: Vec<&MultiPolygon> = boundaries.iter().collect();
        overlaps(&list, OverlapRules::default()).into_iter().map(|o| (o.a, o.b, o.kind)).collect()
    }

    #[test]
    fn neighbours_with_a_common_border_do_not_overlap() {
        let slanted = |x: f64| shape(&[(x, 0.), (x + 40., 3.), (x + 50., 100.), (x + 10., 97.)]);
        let split = shape(&[(40., 3.), (80., 6.), (90., 103.), (50., 100.), (42., 22.4), (41., 12.7)]);
        assert_eq!(kinds(&[slanted(0.), slanted(0.), split.clone()])[..], [(0, 1, OverlapKind::Equal)]);
        let corner = square(90., 103., 30.);
        assert_eq!(kinds(&[slanted(0.), corner, split]), []);
    }

    #[test]
    fn a_border_split_where_it_rounds_is_no_overlap() {
        // The first has one long side, its neighbours put vertices on it, which lie on it only nearly.
        let long = shape(&[(0., 0.), (100., 33.), (100., 100.), (0., 100.)]);
        let part = |from: f64, to: f64| shape(&[(from, 0.33 * from), (from, -50.), (to, -50.), (to, 0.33 * to)]);
        let parts: Vec<MultiPolygon> = (0..9).map(|i| part(f64::from(i) * 11.1, f64::from(i + 1) * 11.1)).collect();
        assert_eq!(kinds(&[vec![long], parts].concat()), []);
    }

    #[test]
    fn overlaps_are_told_by_how_they_lie() {
        let big = square(0., 0., 100.);
        assert_eq!(kinds(&[big.clone(), square(50., 50., 100.)]), [(0, 1, OverlapKind::Partial)]);
        assert_eq!(kinds(&[big.clone(), square(20., 20., 10.)]), [(0, 1, OverlapKind::Contains)]);
        assert_eq!(kinds(&[square(0., 0., 10.), big.clone()]), [(0, 1, OverlapKind::Inside)]);
        assert_eq!(kinds(&[big.clone(), square(0.05, 0.05, 100.)]), [(0, 1, OverlapKind::Equal)]);
        assert_eq!(kinds(&[big.clone(), square(0.00005, 0., 100.)]), [(0, 1, OverlapKind::Equal)]);
        let turned = shape(&[(100., 100.), (100., 0.), (0., 0.), (0., 50.), (0., 100.)]);
        assert_eq!(kinds(&[big.clone(), turned]), [(0, 1, OverlapKind::Equal)]);
        // Both through the same corners, so that no sides cross.
        assert_eq!(
            kinds(&[big.clone(), shape(&[(0., 0.), (100., 0.), (100., 100.)])]),
            [(0, 1, OverlapKind::Contains)]
        );
        let bow_tie = shape(&[(0., 0.), (50., 50.), (50., 0.), (0., 50.)]);
        assert_eq!(kinds(&[big, bow_tie]), [(0, 1, OverlapKind::Unmeasured)]);
    }

    #[test]
    fn an_overlap_is_measured() {
        // A strip 2 units wide and 50 long; a unit is 0.854 m by 1.11 m.
        let (a, b) = (square(0., 0., 100.), shape(&[(98., 10.), (200., 10.), (200., 60.), (98., 60.)]));
        let found = overlaps(&[&a, &b], OverlapRules::default());
        let scale = frame_of(&bounds_of(&a)).metres_per_degree() * METRE;
        let surface = 100.0 * scale.x * scale.y;
        assert!((found[0].surface_m2 - surface).abs() < 0.01, "{} {surface}", found[0].surface_m2);
        assert!((found[0].width_m - 2.0 * scale.x).abs() < 0.06, "{}", found[0].width_m);
        assert!((found[0].share_a - 0.01).abs() < 1e-6 && (found[0].share_b - 100.0 / 5_100.0).abs() < 1e-6);
        assert_eq!(found[0].shape.0.len(), 1);
        let alone = overlaps(&[&found[0].shape, &a], OverlapRules::default());
        assert_eq!(alone[0].kind, OverlapKind::Inside);
    }

    #[test]
    fn noise_is_not_told() {
        let big = square(0., 0., 1000.);
        assert_eq!(kinds(&[big.clone(), square(999.99, 0., 100.)]), [], "0.9 m2");
        assert_eq!(kinds(&[big.clone(), square(999.9, 0., 1000.)]), [], "95 m2, but a ten-thousandth of both");
        assert_eq!(kinds(&[big, square(999.9, 0., 60.)]), [(0, 1, OverlapKind::Partial)], "0.2 % of one");
    }

    #[test]
    fn what_lies_in_a_hole_does_not_overlap() {
        let hole: LineString =
            [(20., 20.), (20., 80.), (80., 80.), (80., 20.)].iter().map(|(x, y)| at(*x, *y)).collect();
        let mut around = square(0., 0., 100.);
        around.0[0].interiors_push(hole);
        assert_eq!(kinds(&[around.clone(), square(20., 20., 60.)]), []);
        assert_eq!(kinds(&[around.clone(), square(30., 30., 10.)]), []);
        assert_eq!(kinds(&[around, square(10., 30., 20.)]), [(0, 1, OverlapKind::Partial)]);
    }

    #[test]
    fn the_list_ends_at_its_limit_and_empty_boundaries_have_no_part_in_it() {
        let same = vec![square(0., 0., 10.); 40];
        let mut list: Vec<&MultiPolygon> = same.iter().collect();
        let empty = MultiPolygon::new(vec![]);
        list.push(&empty);
        assert_eq!(overlaps(&list, OverlapRules { limit: 50, ..OverlapRules::default() }).len(), 50);
        assert_eq!(overlaps(&list, OverlapRules::default()).len(), 40 * 39 / 2);
    }

    fn lattice_shape() -> impl Strategy<Value = MultiPolygon> {
        let star = (0_i32..6, 0_i32..6, prop::collection::vec(1_i32..5, 4..9)).prop_map(|(x, y, radii)| {
            let count = radii.len() as f64;
            let points: Vec<(f64, f64)> = radii
                .iter()
                .enumerate()
                .map(|(i, radius)| {
                    let turn = i as f64 / count * std::f64::consts::TAU;
                    let reach = f64::from(*radius) * 10.0;
                    // On a lattice, so that vertices and sides of two shapes often coincide.
                    (
                        f64::from(x * 10) + (reach * turn.cos() / 10.0).round() * 10.0,
                        f64::from(y * 10) + (reach * turn.sin() / 10.0).round() * 10.0,
                    )
                })
                .collect();
            shape(&points)
        });
        star.prop_filter("valid", |shape| crate::geom::check_boundary(shape).is_ok())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]

        #[test]
        fn every_overlap_is_found_and_none_invented(a in lattice_shape(), b in lattice_shape()) {
            let frame = frame_of(&bounds_of(&a));
            let flat = |boundary: &MultiPolygon| boundary.map_coords(|c| frame.to_metres(c));
            let expected = flat_surface(&flat(&a).intersection(&flat(&b)));
            let found = overlaps(&[&a, &b], OverlapRules { noise_share: 0.0, ..OverlapRules::default() });
            let told = found.first().map_or(0.0, |overlap| overlap.surface_m2);
            prop_assert!(found.iter().all(|overlap| overlap.kind != OverlapKind::Unmeasured));
            prop_assert!((expected - told).abs() < 0.5 || expected < 2.5, "{expected} {told}");
            let area = |shape| Area::new(shape, false);
            let sharing = share_ground(&area(&a), &area(&b), frame.metres_per_degree());
            prop_assert_eq!(sharing == Sharing::Together, expected > 0.1, "{}", expected);
        }
    }
}
