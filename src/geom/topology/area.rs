//! A boundary as its sides, with the inside on their left.

use geo::{BooleanOps as _, Coord, LineString, MapCoords as _, MultiPolygon, OpType, Polygon};

use crate::geom::LocalFrame;
use crate::geom::contact::{Corner, is_above};
use crate::geom::sides::{Bounds, Side, Sides, Walk};

/// The sides of a boundary, each with the inside on its left.
#[derive(Debug)]
pub(super) struct Area {
    pub(super) sides: Sides,
    pub(super) bounds: Bounds,
}

impl Area {
    /// The boundary is valid. With boxes over its sides where `indexed`.
    pub(super) fn new(boundary: &MultiPolygon, indexed: bool) -> Self {
        let rings = boundary.iter().map(|polygon| 1 + polygon.interiors().len()).sum();
        let mut sides = Sides::with_capacity(vertex_count(boundary), rings);
        for polygon in boundary {
            add_ring(&mut sides, polygon.exterior(), true);
            polygon.interiors().iter().for_each(|ring| add_ring(&mut sides, ring, false));
        }
        if indexed {
            sides.index();
        }
        Self { sides, bounds: bounds_of(boundary) }
    }

    /// Whether a point lies inside, by the sides that a ray from it straight down crosses. Not to be asked of points on a side.
    pub(super) fn contains(&self, point: Coord) -> bool {
        let window = Bounds { min: Coord { x: point.x, y: f64::NEG_INFINITY }, max: point };
        let mut inside = false;
        self.sides.within(&window, |side| {
            inside ^= is_above(point, &self.sides.all()[side]);
            true
        });
        inside
    }

    /// The path through a point where a side of another boundary meets this one: its inside is on the left.
    pub(super) fn path(&self, side: usize, at: Coord) -> Corner {
        let Side { from, to } = self.sides.all()[side];
        let before = if at == from { self.sides.vertex_before(side) } else { from };
        Corner { before, at, after: to }
    }

    /// Calls `found` with the sides of this and of the other whose boxes meet, until it says `false`.
    pub(super) fn near(&self, other: &Self, mut found: impl FnMut(usize, usize) -> bool) -> Walk {
        let window = self.bounds.shared(&other.bounds);
        self.sides.within(&window, |a| {
            let near = Bounds::of_side(&self.sides.all()[a]);
            other.sides.within(&near, |b| found(a, b)) == Walk::Done
        })
    }
}

fn add_ring(sides: &mut Sides, ring: &LineString, is_exterior: bool) {
    let Some((first, rest)) = ring.0.split_first() else { return sides.add_ring(std::iter::empty()) };
    let open = if rest.last() == Some(first) { &ring.0[..rest.len()] } else { &ring.0[..] };
    let repeats = |i: usize| i > 0 && open[i] == open[i - 1];
    let counter_clockwise = turns_left(open);
    let count = open.len();
    if counter_clockwise == is_exterior {
        sides.add_ring((0..count).filter(|i| !repeats(*i)).map(|i| open[i]));
    } else {
        sides.add_ring((0..count).rev().filter(|i| !repeats(*i)).map(|i| open[i]));
    }
}

/// Which way a simple ring runs, by its surface around its first vertex.
fn turns_left(open: &[Coord]) -> bool {
    let origin = open[0];
    let twice: f64 = open
        .windows(2)
        .map(|side| {
            let (a, b) = (side[0] - origin, side[1] - origin);
            a.x * b.y - a.y * b.x
        })
        .sum();
    twice > 0.0
}

pub(super) fn vertex_count(boundary: &MultiPolygon) -> usize {
    let rings = boundary.iter().flat_map(|polygon| std::iter::once(polygon.exterior()).chain(polygon.interiors()));
    rings.map(|ring| ring.0.len()).sum()
}

pub(super) fn bounds_of(boundary: &MultiPolygon) -> Bounds {
    let mut bounds = Bounds::EMPTY;
    boundary.iter().flat_map(|polygon| &polygon.exterior().0).for_each(|vertex| bounds.add(*vertex));
    bounds
}

/// The frame in metres around the middle of a box.
pub(crate) fn frame_of(bounds: &Bounds) -> LocalFrame {
    LocalFrame::new(Coord {
        x: f64::midpoint(bounds.min.x, bounds.max.x),
        y: f64::midpoint(bounds.min.y, bounds.max.y),
    })
}

/// A boolean operation in a plane in metres; the result too is in metres.
pub(crate) fn overlay(a: &MultiPolygon, b: &MultiPolygon, frame: &LocalFrame, operation: OpType) -> MultiPolygon {
    let flat = |boundary: &MultiPolygon| boundary.map_coords(|vertex| frame.to_metres(vertex));
    flat(a).boolean_op(&flat(b), operation)
}

/// Surface of polygons in a plane, whatever their winding, in the square of its unit.
pub(crate) fn flat_surface(shape: &MultiPolygon) -> f64 {
    shape.iter().map(flat_surface_of).sum()
}

pub(crate) fn flat_surface_of(polygon: &Polygon) -> f64 {
    let holes: f64 = polygon.interiors().iter().map(ring_surface).sum();
    (ring_surface(polygon.exterior()) - holes).max(0.0)
}

pub(crate) fn ring_surface(ring: &LineString) -> f64 {
    let Some(origin) = ring.0.first() else { return 0.0 };
    let twice: f64 = ring
        .lines()
        .map(|side| {
            let (a, b) = (side.start - *origin, side.end - *origin);
            a.x * b.y - a.y * b.x
        })
        .sum();
    twice.abs() / 2.0
}

/// Length of all rings of a polygon in a plane.
pub(crate) fn perimeter(polygon: &Polygon) -> f64 {
    let rings = std::iter::once(polygon.exterior()).chain(polygon.interiors());
    rings.flat_map(LineString::lines).map(|side| side.dx().hypot(side.dy())).sum()
}

/// Twice the surface over the perimeter: how wide a strip is, and half of what a square is.
pub(crate) fn strip_width(polygon: &Polygon) -> f64 {
    let perimeter = perimeter(polygon);
    if perimeter > 0.0 { 2.0 * flat_surface_of(polygon) / perimeter } else { 0.0 }
}
