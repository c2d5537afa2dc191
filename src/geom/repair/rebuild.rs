//! Rings that cross, touch or overlap, cut and put together again.

use std::collections::HashMap;

use geo::algorithm::bool_ops::FillRule;
use geo::orient::Direction;
use geo::{BooleanOps as _, Coord, LineString, MakeValid as _, MapCoords as _, MultiPolygon, Orient as _, Polygon};

use crate::geom::LocalFrame;
use crate::geom::contact::meet;
use crate::geom::examine::{PAIR_BUDGET, examine_boundary};
use crate::geom::flaw::{Flaw, FlawKind};
use crate::geom::raw::RawPolygon;
use crate::geom::repair::{RepairRefusal, is_counter_clockwise, tidy};
use crate::geom::sides::{Bounds, Sides, Walk};
use crate::geom::topology::{flat_surface, frame_of, ring_surface};

/// A vertex of a result that lies this near to one of the outline is that one, metres: overlays round to a grid.
const SNAP_M: f64 = 1e-4;

/// Changes below this are the rounding of sums, m2.
const ROUNDING_M2: f64 = 1e-6;

/// Crossings and overlaps of sides in an outline, from which it is not rebuilt.
const MEETINGS: usize = 1_000;

/// A valid boundary from cleaned rings, and the surface by which it differs from what may have been meant.
///
/// Errors when no valid boundary could be made, or nothing is left of it.
pub(super) fn rebuild(polygons: &[RawPolygon], flaws: &[Flaw]) -> Result<(MultiPolygon, f64), RepairRefusal> {
    if is_tangled(polygons) {
        return Err(RepairRefusal::NoRepair(flaws[0].kind));
    }
    let mut bounds = Bounds::EMPTY;
    polygons.iter().flat_map(|polygon| &polygon.rings).flatten().for_each(|vertex| bounds.add(*vertex));
    let frame = frame_of(&bounds);
    let before: Vec<Polygon> = polygons.iter().map(|polygon| flatten(polygon, &frame)).collect();
    let known = Known::new(polygons, &frame);
    let mut parts = Vec::new();
    let mut changed_m2 = 0.0;
    for (number, polygon) in before.iter().enumerate() {
        let is_broken = flaws.iter().any(|flaw| flaw.polygon == number && flaw.kind != FlawKind::PartsOverlap);
        if is_broken {
            let valid = polygon.make_valid().map_err(|_| RepairRefusal::NoRepair(flaws[0].kind))?;
            changed_m2 += doubtful_surface(polygon, &valid);
            parts.extend(valid);
        } else {
            parts.push(polygon.clone());
        }
    }
    let mut after = MultiPolygon::new(parts);
    let mut boundary = known.to_degrees(&after);
    if first_invalid(&boundary).is_some() {
        // Parts that overlap or share a border become one: in one overlay, whose grid is the same for all of them.
        let none = MultiPolygon::new(Vec::new());
        let apart = flat_surface(&after);
        after = after.orient(Direction::Default).union_with_fill_rule(&none, FillRule::NonZero);
        changed_m2 += (apart - flat_surface(&after)).abs();
        boundary = known.to_degrees(&after);
    }
    if boundary.0.is_empty() {
        return Err(RepairRefusal::NothingLeft);
    }
    if let Some(kind) = first_invalid(&boundary) {
        return Err(RepairRefusal::NoRepair(kind));
    }
    // What went with pieces too thin to be kept.
    let kept = boundary.map_coords(|vertex| frame.to_metres(vertex));
    changed_m2 += (flat_surface(&after) - flat_surface(&kept)).abs();
    Ok((boundary, if changed_m2 < ROUNDING_M2 { 0.0 } else { changed_m2 }))
}

/// Surface that the even-odd reading of a polygon, which is what was made of it, treats otherwise than other readings.
///
/// The signed surfaces of its rings count every place as often as they run around it: once inside and not at all outside,
/// where they are drawn as they should be. A place that they run around twice or backwards is counted two too much or too
/// little. Places of both kinds in one polygon make up for each other.
fn doubtful_surface(before: &Polygon, after: &MultiPolygon) -> f64 {
    let rings = std::iter::once(before.exterior()).chain(before.interiors());
    let signed: f64 = rings.map(|ring| twice_signed(&ring.0) / 2.0).sum();
    (signed - flat_surface(after)).abs() / 2.0
}

/// Whether sides meet so often that putting the pieces together would take long, and could not be what was meant.
fn is_tangled(polygons: &[RawPolygon]) -> bool {
    let rings = || polygons.iter().flat_map(|polygon| &polygon.rings);
    let mut sides = Sides::with_capacity(rings().map(Vec::len).sum(), rings().count());
    // Rings come cleaned and closed.
    rings().for_each(|ring| sides.add_ring(ring[1..].iter().copied()));
    sides.index();
    let mut meetings = 0;
    let walk = sides.pairs(PAIR_BUDGET, |a, b| {
        let contact = meet(&sides.all()[a], &sides.all()[b]);
        meetings += usize::from(contact.crosses || contact.overlaps);
        meetings < MEETINGS
    });
    walk == Walk::Stopped
}

fn first_invalid(boundary: &MultiPolygon) -> Option<FlawKind> {
    examine_boundary(boundary).iter().find(|flaw| flaw.is_invalid()).map(|flaw| flaw.kind)
}

/// The polygon in metres, exteriors counter-clockwise and holes clockwise by their surface, which rings that cross
/// themselves have too.
fn flatten(polygon: &RawPolygon, frame: &LocalFrame) -> Polygon {
    let mut rings = polygon.rings.iter().enumerate().map(|(number, ring)| {
        let mut ring: Vec<Coord> = ring.iter().map(|vertex| frame.to_metres(*vertex)).collect();
        if (twice_signed(&ring) > 0.0) != (number == 0) {
            ring.reverse();
        }
        LineString::new(ring)
    });
    let exterior = rings.next().unwrap_or_else(|| LineString::new(Vec::new()));
    Polygon::new(exterior, rings.collect())
}

fn twice_signed(ring: &[Coord]) -> f64 {
    ring.windows(2)
        .map(|side| {
            let (a, b) = (side[0] - ring[0], side[1] - ring[0]);
            a.x * b.y - a.y * b.x
        })
        .sum()
}

/// The vertices of the outline, to be found again in results that were rounded.
struct Known<'a> {
    frame: &'a LocalFrame,
    cells: HashMap<(i64, i64), Vec<(Coord, Coord)>>,
}

impl<'a> Known<'a> {
    fn new(polygons: &[RawPolygon], frame: &'a LocalFrame) -> Self {
        let mut cells: HashMap<(i64, i64), Vec<(Coord, Coord)>> = HashMap::new();
        for vertex in polygons.iter().flat_map(|polygon| &polygon.rings).flatten() {
            let flat = frame.to_metres(*vertex);
            let cell = cells.entry(cell_of(flat)).or_default();
            if !cell.iter().any(|(_, known)| known == vertex) {
                cell.push((flat, *vertex));
            }
        }
        Self { frame, cells }
    }

    fn to_degrees_of(&self, flat: Coord) -> Coord {
        let (x, y) = cell_of(flat);
        let near = (-1..=1).flat_map(|dx| (-1..=1).map(move |dy| (x + dx, y + dy)));
        let squared = |(known, _): &&(Coord, Coord)| (known.x - flat.x).powi(2) + (known.y - flat.y).powi(2);
        near.filter_map(|cell| self.cells.get(&cell))
            .flatten()
            .filter(|entry| squared(entry) <= SNAP_M * SNAP_M)
            .min_by(|a, b| squared(a).total_cmp(&squared(b)))
            .map_or_else(|| self.frame.to_degrees(flat), |(_, degrees)| *degrees)
    }

    /// The shape in degrees, without rings that have no surface, turned as they should be.
    fn to_degrees(&self, flat: &MultiPolygon) -> MultiPolygon {
        let ring = |line: &LineString, is_exterior: bool| {
            let vertices: Vec<Coord> = line.0.iter().map(|vertex| self.to_degrees_of(*vertex)).collect();
            let mut vertices = tidy(&vertices, self.frame).vertices;
            if vertices.is_empty() || ring_surface(line) <= 0.0 {
                return None;
            }
            if is_counter_clockwise(&vertices) != is_exterior {
                vertices.reverse();
            }
            Some(LineString::new(vertices))
        };
        flat.iter()
            .filter_map(|polygon| {
                let holes = polygon.interiors().iter().filter_map(|hole| ring(hole, false));
                Some(Polygon::new(ring(polygon.exterior(), true)?, holes.collect()))
            })
            .collect()
    }
}

fn cell_of(flat: Coord) -> (i64, i64) {
    ((flat.x / SNAP_M).floor() as i64, (flat.y / SNAP_M).floor() as i64)
}
