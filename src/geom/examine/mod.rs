//! Looks at an outline as delivered and lists what is wrong with it.

mod nesting;
mod ring;
#[cfg(test)]
mod tests;

use geo::{Coord, MultiPolygon};

use crate::geom::LocalFrame;
use crate::geom::contact::{Contact, Corner, crossing, meet, shared_stretch};
use crate::geom::flaw::{Flaw, FlawKind};
use crate::geom::raw::RawPolygon;
use crate::geom::sides::{Sides, Walk};
use crate::geom::validate::VERTEX_LIMIT;
use nesting::Pairs;
pub(crate) use ring::runs_counter_clockwise;
use ring::{Ring, examine_ring, spatial_order};

/// Flaws of one kind that are listed for one outline.
pub const FLAWS_PER_KIND: usize = 100;

/// Outlines of so few sides are examined faster by comparing all with all.
const FEW_SIDES: usize = 24;

/// Pairs of sides that are compared at most. A real outline of 100,000 vertices needs a few million.
pub(crate) const PAIR_BUDGET: usize = 20_000_000;

/// Meetings of different rings that are remembered at most.
const CONTACT_LIMIT: usize = 400_000;

/// What is wrong with an outline: degrees, lng lat, rings closed or not. Empty when nothing is.
///
/// The outline is valid (OGC Simple Features 1.2.1, 6.1.11) when no flaw is [invalidating](Flaw::is_invalid). Of each
/// kind at most [`FLAWS_PER_KIND`] are listed. Parts of an outline may lie in holes of others. Time grows about linearly
/// with the vertices, of which there may be [`VERTEX_LIMIT`]; where too many sides lie over one another, the work ends
/// with [`FlawKind::Unchecked`].
pub fn examine(polygons: &[RawPolygon]) -> Vec<Flaw> {
    examine_rings(|visit| {
        for (number, polygon) in polygons.iter().enumerate() {
            if polygon.rings.is_empty() {
                visit(number, 0, &[]);
            }
            for (ring, vertices) in polygon.rings.iter().enumerate() {
                visit(number, ring, vertices);
            }
        }
    })
}

/// [`examine`] for a boundary that was already built. Empty holes are not looked at.
pub fn examine_boundary(boundary: &MultiPolygon) -> Vec<Flaw> {
    examine_rings(|visit| {
        for (number, polygon) in boundary.iter().enumerate() {
            visit(number, 0, &polygon.exterior().0);
            for (hole, ring) in polygon.interiors().iter().enumerate().filter(|(_, ring)| !ring.0.is_empty()) {
                visit(number, hole + 1, &ring.0);
            }
        }
    })
}

/// The flaws found so far, so many of each kind.
#[derive(Debug, Default)]
struct Flaws {
    list: Vec<Flaw>,
    counts: [usize; FlawKind::ALL.len()],
}

impl Flaws {
    fn add(&mut self, flaw: Flaw) {
        let count = &mut self.counts[flaw.kind as usize];
        if *count < FLAWS_PER_KIND {
            *count += 1;
            self.list.push(flaw);
        }
    }

    fn is_full(&self, kind: FlawKind) -> bool {
        self.counts[kind as usize] == FLAWS_PER_KIND
    }
}

/// A visitor of rings: polygon, ring, vertices.
type Visit<'a> = dyn FnMut(usize, usize, &[Coord]) + 'a;

fn examine_rings(each: impl Fn(&mut Visit<'_>)) -> Vec<Flaw> {
    let mut flaws = Flaws::default();
    let (mut vertices, mut rings) = (0, 0);
    each(&mut |_, _, ring| {
        vertices += ring.len();
        rings += 1;
    });
    if vertices > VERTEX_LIMIT + rings {
        let mut first = None;
        each(&mut |_, _, ring| first = first.or(ring.first().copied()));
        let at = first.unwrap_or_default();
        let (kind, measure) = (FlawKind::TooManyVertices, vertices as f64);
        return vec![Flaw { kind, polygon: 0, ring: 0, vertex: 0, at, measure }];
    }
    let mut outline = Outline { rings: Vec::with_capacity(rings), sides: Sides::with_capacity(vertices, rings) };
    let mut frame = None;
    each(&mut |polygon, number, ring| {
        if let Some(cleaned) = examine_ring(polygon, number, ring, &mut frame, &mut flaws) {
            outline.rings.push(cleaned);
        }
    });
    let Some(frame) = frame else { return flaws.list };
    if outline.rings.len() > 2 {
        spatial_order(&mut outline.rings);
    }
    for ring in &outline.rings {
        outline.sides.add_ring(ring.vertices.iter().map(|vertex| vertex.at));
    }
    if outline.sides.all().len() > FEW_SIDES {
        outline.sides.index();
    }
    let pairs = outline.find_contacts(&frame, &mut flaws);
    if outline.rings.len() > 1 {
        outline.examine_nesting(pairs, &frame, &mut flaws);
    }
    outline.examine_winding(&mut flaws);
    flaws.list.sort_by_key(|flaw| (flaw.polygon, flaw.ring, flaw.vertex, flaw.kind));
    flaws.list
}

/// The rings that can be looked at, without what [cleaning](crate::geom::cleaning) takes away.
struct Outline {
    rings: Vec<Ring>,
    sides: Sides,
}

impl Outline {
    /// Number, as delivered, of the vertex where a side starts.
    fn flaw(&self, kind: FlawKind, side: usize, at: Coord, measure: f64) -> Flaw {
        let number = self.sides.ring_of(side);
        let ring = &self.rings[number];
        let vertex = ring.vertices[side - self.sides.of_ring(number).start].number as usize;
        Flaw { kind, polygon: ring.polygon, ring: ring.number, vertex, at, measure }
    }

    fn corner(&self, side: usize) -> Corner {
        let side_at = self.sides.all()[side];
        Corner { before: self.sides.vertex_before(side), at: side_at.from, after: side_at.to }
    }

    /// The path through a point where `side` meets another: a corner at its start, or straight on.
    fn path(&self, side: usize, at: Coord) -> Corner {
        let side_at = self.sides.all()[side];
        if at == side_at.from { self.corner(side) } else { Corner { before: side_at.from, at, after: side_at.to } }
    }

    /// Lists where rings meet themselves, and gives back where they meet each other.
    fn find_contacts(&mut self, frame: &LocalFrame, flaws: &mut Flaws) -> Pairs {
        let mut pairs = Pairs::default();
        let sides = self.sides.all();
        let one_ring = self.rings.len() == 1;
        let mut broken: Vec<usize> = Vec::new();
        let walk = self.sides.pairs(PAIR_BUDGET, |a, b| {
            if one_ring && (b == a + 1 || (a == 0 && b + 1 == sides.len())) {
                return true;
            }
            let contact = meet(&sides[a], &sides[b]);
            if contact.is_none() {
                return true;
            }
            let (ring_a, ring_b) = if one_ring { (0, 0) } else { (self.sides.ring_of(a), self.sides.ring_of(b)) };
            if ring_a != ring_b {
                return pairs.add(ring_a, ring_b, a, b, contact);
            }
            let range = self.sides.of_ring(ring_a);
            if b == a + 1 || (a == range.start && b + 1 == range.end) {
                return true;
            }
            broken.push(ring_a);
            self.note_self_contact(a, b, contact, frame, flaws);
            // Enough is known of such a ring.
            broken.len() < 10 * FLAWS_PER_KIND && !flaws.is_full(FlawKind::SelfIntersection)
        });
        for ring in broken {
            self.rings[ring].is_simple = false;
        }
        let enough = flaws.is_full(FlawKind::SelfIntersection) || pairs.crossings() >= FLAWS_PER_KIND;
        if walk == Walk::Stopped && !enough && self.rings.iter().all(|ring| ring.is_simple) {
            flaws.add(self.flaw(FlawKind::Unchecked, 0, sides[0].from, sides.len() as f64));
            self.rings.iter_mut().for_each(|ring| ring.is_simple = false);
        }
        pairs
    }

    fn note_self_contact(&self, a: usize, b: usize, contact: Contact, frame: &LocalFrame, flaws: &mut Flaws) {
        let sides = self.sides.all();
        if contact.crosses {
            let at = crossing(&sides[a], &sides[b]);
            flaws.add(self.flaw(FlawKind::SelfIntersection, a, at, 0.0));
        }
        if contact.overlaps {
            let (from, to) = shared_stretch(&sides[a], &sides[b]);
            let along = frame.to_metres(to) - frame.to_metres(from);
            flaws.add(self.flaw(FlawKind::CollinearOverlap, a, from, along.x.hypot(along.y)));
        }
        let starts = [(contact.first_starts, a, b), (contact.second_starts, b, a)];
        for (_, on, other) in starts.into_iter().filter(|(starts, _, _)| *starts) {
            let corner = self.corner(on);
            let path = self.path(other, corner.at);
            let (left, right) = (
                [corner.before, corner.after].map(|c| path.has_left(c)),
                [corner.before, corner.after].map(|c| path.has_right(c)),
            );
            // Where the ring goes on along itself, the overlap tells of it.
            if (0..2).all(|i| left[i] || right[i]) {
                let crosses = left[0] != left[1];
                let kind = if crosses { FlawKind::SelfIntersection } else { FlawKind::SelfTouch };
                flaws.add(self.flaw(kind, on, corner.at, 0.0));
            }
        }
    }

    fn examine_winding(&self, flaws: &mut Flaws) {
        for (number, ring) in self.rings.iter().enumerate().filter(|(_, ring)| ring.is_simple) {
            if ring.is_counter_clockwise != (ring.number == 0) {
                let start = self.sides.of_ring(number).start;
                flaws.add(self.flaw(FlawKind::WrongWinding, start, self.sides.all()[start].from, 0.0));
            }
        }
    }
}
