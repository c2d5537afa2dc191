//! Whether two boundaries share ground, decided without constructing anything: neighbours along a border do not.

use geo::Coord;

use crate::geom::contact::{Corner, meet, same_way};
use crate::geom::sides::{Bounds, Side, Walk, squared_distance};
use crate::geom::topology::area::Area;

/// Crossings of two boundaries beyond which their overlay is not constructed.
pub(super) const CROSSING_LIMIT: usize = 20_000;

/// A vertex that lies this near to a neighbour's border, in metres, is meant to lie on it: it is the rounding of a split side.
const ON_BORDER_M: f64 = 1e-3;

/// What two boundaries have to do with each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sharing {
    /// No ground in common, but perhaps a border or points.
    Apart,
    /// Ground in common.
    Together,
    /// They cross more than [`CROSSING_LIMIT`] times.
    Tangled,
}

/// How much ground a meeting of two borders shows to be shared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Evidence {
    None,
    /// Less than [`ON_BORDER_M`] deep, as where a side was split and the new vertex rounded.
    Shallow,
    Deep,
}

/// Decides whether the insides of two areas have a point in common, borders counted as touching where they are nearer than
/// [`ON_BORDER_M`]. `scale`: metres in a degree.
pub(super) fn share_ground(a: &Area, b: &Area, scale: Coord) -> Sharing {
    let mut met = Met { in_a: vec![false; a.sides.rings()], in_b: vec![false; b.sides.rings()] };
    let mut crossings = 0;
    let mut evidence = Evidence::None;
    a.near(b, |i, j| {
        let (side_a, side_b) = (&a.sides.all()[i], &b.sides.all()[j]);
        let contact = meet(side_a, side_b);
        if contact.is_none() {
            return true;
        }
        met.in_a[a.sides.ring_of(i)] = true;
        met.in_b[b.sides.ring_of(j)] = true;
        if contact.crosses {
            crossings += 1;
            evidence = evidence.max(evidence_of_crossing(side_a, side_b, scale));
        } else if evidence != Evidence::Deep {
            for (_, at) in [(contact.first_starts, side_a.from), (contact.second_starts, side_b.from)]
                .into_iter()
                .filter(|(starts, _)| *starts)
            {
                evidence = evidence.max(evidence_of_corners(&a.path(i, at), &b.path(j, at), scale));
            }
        }
        crossings < CROSSING_LIMIT
    });
    if crossings >= CROSSING_LIMIT {
        return Sharing::Tangled;
    }
    let together = evidence == Evidence::Deep
        || lies_inside(a, &met.in_a, b)
        || lies_inside(b, &met.in_b, a)
        || (evidence == Evidence::Shallow && (reaches_into(a, b, scale) || reaches_into(b, a, scale)));
    if together { Sharing::Together } else { Sharing::Apart }
}

/// Which rings of two areas meet the other area.
struct Met {
    in_a: Vec<bool>,
    in_b: Vec<bool>,
}

/// Whether a ring of the first that does not meet the second lies inside it.
fn lies_inside(first: &Area, met: &[bool], second: &Area) -> bool {
    (0..first.sides.rings()).filter(|ring| !met[*ring]).any(|ring| {
        let start = first.sides.of_ring(ring).start;
        let inside = |side: &Side| {
            let at = side.from;
            let (min, max) = (second.bounds.min, second.bounds.max);
            (min.x..=max.x).contains(&at.x) && (min.y..=max.y).contains(&at.y) && second.contains(at)
        };
        !first.sides.of_ring(ring).is_empty() && inside(&first.sides.all()[start])
    })
}

/// What two paths through one point, each with its inside on the left, show of common ground there.
fn evidence_of_corners(a: &Corner, b: &Corner, scale: Coord) -> Evidence {
    let at = a.at;
    if same_way(at, a.after, b.after) || same_way(at, a.before, b.before) {
        return Evidence::Deep;
    }
    let of = |corner: &Corner, way: Coord| {
        if !corner.has_left(way) {
            Evidence::None
        } else if runs_along(at, way, corner.before, scale) || runs_along(at, way, corner.after, scale) {
            Evidence::Shallow
        } else {
            Evidence::Deep
        }
    };
    of(a, b.after).max(of(a, b.before)).max(of(b, a.after)).max(of(b, a.before))
}

/// Whether two sides from one point run so near to one another that the end of the shorter one lies on the longer one.
fn runs_along(at: Coord, one: Coord, other: Coord, scale: Coord) -> bool {
    let flat = |c: Coord| Coord { x: (c.x - at.x) * scale.x, y: (c.y - at.y) * scale.y };
    let (u, v) = (flat(one), flat(other));
    let longer = u.x.hypot(u.y).max(v.x.hypot(v.y));
    u.x * v.x + u.y * v.y > 0.0 && (u.x * v.y - u.y * v.x).abs() <= ON_BORDER_M * longer
}

/// Crossing sides of which one ends on the other do so only by rounding.
fn evidence_of_crossing(a: &Side, b: &Side, scale: Coord) -> Evidence {
    let near = |end: Coord, side: &Side| squared_distance(end, side, scale) <= ON_BORDER_M * ON_BORDER_M;
    if near(a.from, b) || near(a.to, b) || near(b.from, a) || near(b.to, a) {
        Evidence::Shallow
    } else {
        Evidence::Deep
    }
}

/// Whether the first reaches farther into the second than [`ON_BORDER_M`]: with a vertex, the middle of a side, or a
/// whole ring that runs along the second's border on the inside.
fn reaches_into(first: &Area, second: &Area, scale: Coord) -> bool {
    let window = first.bounds.shared(&second.bounds);
    let is_deep =
        |at: Coord| second.contains(at) && second.sides.nearest_squared(at, scale) > ON_BORDER_M * ON_BORDER_M;
    let walk = first.sides.within(&window, |side| {
        let Side { from, to } = first.sides.all()[side];
        !is_deep(from) && !is_deep((from + to) / 2.0)
    });
    walk == Walk::Stopped
        || (0..first.sides.rings()).any(|ring| {
            let range = first.sides.of_ring(ring);
            !range.is_empty()
                && inner_point(&first.sides.all()[range]).is_some_and(|at| first.contains(at) && is_deep(at))
        })
}

/// A point inside a ring, in the middle of the widest stretch of the line halfway up.
fn inner_point(ring: &[Side]) -> Option<Coord> {
    let bounds = ring.iter().fold(Bounds::EMPTY, |bounds, side| bounds.join(&Bounds::of_side(side)));
    let y = f64::midpoint(bounds.min.y, bounds.max.y);
    let mut crossings: Vec<f64> = ring
        .iter()
        .filter(|side| (side.from.y > y) != (side.to.y > y))
        .map(|side| side.from.x + (y - side.from.y) / (side.to.y - side.from.y) * (side.to.x - side.from.x))
        .collect();
    crossings.sort_unstable_by(f64::total_cmp);
    let widest = crossings.chunks_exact(2).max_by(|a, b| (a[1] - a[0]).total_cmp(&(b[1] - b[0])))?;
    Some(Coord { x: f64::midpoint(widest[0], widest[1]), y })
}

/// Whether any sides of two areas meet at all.
pub(super) fn sides_meet(a: &Area, b: &Area) -> bool {
    a.near(b, |i, j| meet(&a.sides.all()[i], &b.sides.all()[j]).is_none()) == Walk::Stopped
}
