//! Outlines in metres, and what hands do to them.

use geo::{Coord, LineString, Polygon};

use crate::trial::chance::Chance;

pub type Ring = Vec<Coord>;

pub fn at(x: f64, y: f64) -> Coord {
    Coord { x, y }
}

pub fn rect(x: f64, y: f64, width: f64, height: f64) -> Ring {
    vec![at(x, y), at(x + width, y), at(x + width, y + height), at(x, y + height)]
}

pub fn surface(ring: &[Coord]) -> f64 {
    let cross = |(a, b): (&Coord, &Coord)| a.x * b.y - b.x * a.y;
    ring.iter().zip(ring.iter().cycle().skip(1)).map(cross).sum::<f64>() / 2.0
}

pub fn centre(ring: &[Coord]) -> Coord {
    ring.iter().fold(at(0.0, 0.0), |sum, point| sum + *point) / ring.len() as f64
}

/// What of the ring lies left of the line through `through` along `along`.
pub fn clip(ring: &[Coord], through: Coord, along: Coord) -> Ring {
    let side = |p: Coord| along.x * (p.y - through.y) - along.y * (p.x - through.x);
    let mut kept = Ring::new();
    for (a, b) in ring.iter().zip(ring.iter().cycle().skip(1)) {
        let (sa, sb) = (side(*a), side(*b));
        if sa >= 0.0 {
            kept.push(*a);
        }
        if sa * sb < 0.0 {
            kept.push(*a + (*b - *a) * (sa / (sa - sb)));
        }
    }
    kept
}

/// The convex ring moved inwards (outwards when negative) by so many metres.
pub fn inset(ring: &[Coord], by: f64) -> Ring {
    if by < 0.0 {
        let middle = centre(ring);
        let grow = |p: &Coord| {
            let off = *p - middle;
            let length = off.x.hypot(off.y).max(1.0);
            *p - off * (by * 1.25 / length)
        };
        return ring.iter().map(grow).collect();
    }
    let mut kept = ring.to_vec();
    for (a, b) in ring.iter().zip(ring.iter().cycle().skip(1)) {
        let along = *b - *a;
        let length = along.x.hypot(along.y);
        if length > 0.01 {
            let inward = at(-along.y, along.x) / length;
            kept = clip(&kept, *a + inward * by, along);
        }
    }
    kept
}

/// Two parts on either side of a cut across the longer direction, at a share of it; `turned` cuts along it.
pub fn cut(ring: &[Coord], share: f64, turned: Turned) -> (Ring, Ring) {
    let longest = ring.iter().zip(ring.iter().cycle().skip(1)).map(|(a, b)| *b - *a);
    let along = longest.max_by(|a, b| a.x.hypot(a.y).total_cmp(&b.x.hypot(b.y))).unwrap();
    let axis = if turned == Turned::Yes { at(-along.y, along.x) } else { along };
    let axis = axis / axis.x.hypot(axis.y);
    let spread = |p: &Coord| p.x * axis.x + p.y * axis.y;
    let (least, most) = ring.iter().map(spread).fold((f64::MAX, f64::MIN), |(a, b), s| (a.min(s), b.max(s)));
    let through = axis * (least + share * (most - least));
    let across = at(-axis.y, axis.x);
    (clip(ring, through, across), clip(ring, through, across * -1.0))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turned {
    No,
    Yes,
}

/// The ring drawn by another hand.
pub fn redraw(ring: &[Coord], noise: f64, chance: &mut Chance) -> Ring {
    let mut drawn = Ring::new();
    let count = ring.len();
    for (i, point) in ring.iter().enumerate() {
        // Short sides are generalised away.
        let next = ring[(i + 1) % count] - *point;
        if count > 5 && next.x.hypot(next.y) < 4.0 * noise && chance.is(0.6) {
            continue;
        }
        drawn.push(*point + at(chance.normal(), chance.normal()) * noise);
        if next.x.hypot(next.y) > 90.0 && chance.is(0.12) {
            drawn.push(*point + next * 0.5 + at(chance.normal(), chance.normal()) * noise);
        }
    }
    if drawn.len() < 3 { ring.to_vec() } else { drawn }
}

/// The plain box around the ring, along its longest side.
pub fn boxed(ring: &[Coord]) -> Ring {
    let along = ring.iter().zip(ring.iter().cycle().skip(1)).map(|(a, b)| *b - *a);
    let along = along.max_by(|a, b| a.x.hypot(a.y).total_cmp(&b.x.hypot(b.y))).unwrap();
    let u = along / along.x.hypot(along.y);
    let v = at(-u.y, u.x);
    let range = |axis: Coord| {
        ring.iter().map(|p| p.x * axis.x + p.y * axis.y).fold((f64::MAX, f64::MIN), |(a, b), s| (a.min(s), b.max(s)))
    };
    let ((a, b), (c, d)) = (range(u), range(v));
    vec![u * a + v * c, u * b + v * c, u * b + v * d, u * a + v * d]
}

/// One side pushed in or out, so that the surface changes by about this share.
pub fn push_side(ring: &[Coord], share: f64, chance: &mut Chance) -> Ring {
    let mut pushed = ring.to_vec();
    let longest =
        |i: &usize| (ring[(*i + 1) % ring.len()] - ring[*i]).x.hypot((ring[(*i + 1) % ring.len()] - ring[*i]).y);
    let mut order: Vec<usize> = (0..ring.len()).collect();
    order.sort_by(|a, b| longest(b).total_cmp(&longest(a)));
    let i = order[chance.below(2)];
    let j = (i + 1) % ring.len();
    let along = ring[j] - ring[i];
    let length = along.x.hypot(along.y);
    let outward = at(along.y, -along.x) / length;
    let by = outward * (share * surface(ring) / length);
    pushed[i] = pushed[i] + by;
    pushed[j] = pushed[j] + by;
    pushed
}

/// A ring that crosses itself: two neighbouring corners exchanged.
pub fn crossed(ring: &[Coord], chance: &mut Chance) -> Ring {
    let mut crossed = ring.to_vec();
    let i = chance.below(ring.len());
    crossed.swap(i, (i + 1) % ring.len());
    crossed
}

pub fn polygon(ring: &[Coord], place: &impl Fn(Coord) -> Coord) -> Polygon {
    let placed: Vec<Coord> = ring.iter().map(|point| place(*point)).collect();
    Polygon::new(LineString::new(placed), Vec::new())
}
