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

/// Beside the noise of the corners every outline lies off as a whole and is drawn wider or narrower, by so much of that noise:
/// offsets of opposite sides of real drawings go together, which noise of the corners alone does not explain.
const WHOLE_OFF: f64 = 0.6;
const WHOLE_WIDER: f64 = 0.4;

/// The ring drawn by another hand.
pub fn redraw(ring: &[Coord], noise: f64, chance: &mut Chance) -> Ring {
    let by = at(chance.normal(), chance.normal()) * noise * WHOLE_OFF;
    let whole: Ring = inset(ring, chance.normal() * noise * WHOLE_WIDER).iter().map(|point| *point + by).collect();
    let mut drawn = Ring::new();
    let count = whole.len();
    for (i, point) in whole.iter().enumerate() {
        // Short sides are generalised away.
        let next = whole[(i + 1) % count] - *point;
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

/// What changes of a boundary look like: one of the long sides lies so many metres further out, as where a lane or a strip
/// of ground was added, and less often and less far further in. In metres rather than in shares, because what is added does
/// not depend on how large the area is.
const PUSHED_OUT_M: (f64, f64) = (15.0, 45.0);
const PUSHED_IN_M: (f64, f64) = (12.0, 25.0);
const PUSHED_IN: f64 = 0.15;

/// No more of the surface than this is taken away.
const TAKEN_MOST: f64 = 0.35;

/// One side pushed in or out.
pub fn push_side(ring: &[Coord], chance: &mut Chance) -> Ring {
    let mut pushed = ring.to_vec();
    let longest =
        |i: &usize| (ring[(*i + 1) % ring.len()] - ring[*i]).x.hypot((ring[(*i + 1) % ring.len()] - ring[*i]).y);
    let mut order: Vec<usize> = (0..ring.len()).collect();
    order.sort_by(|a, b| longest(b).total_cmp(&longest(a)));
    let i = order[chance.below(order.len().min(4))];
    let j = (i + 1) % ring.len();
    let along = ring[j] - ring[i];
    let length = along.x.hypot(along.y);
    let by = if chance.is(PUSHED_IN) {
        -chance.within(PUSHED_IN_M.0, PUSHED_IN_M.1).min(TAKEN_MOST * surface(ring) / length)
    } else {
        chance.within(PUSHED_OUT_M.0, PUSHED_OUT_M.1)
    };
    let by = at(along.y, -along.x) * (by / length);
    pushed[i] = pushed[i] + by;
    pushed[j] = pushed[j] + by;
    pushed
}

/// A ring that is not valid: two neighbouring corners exchanged so that it crosses itself, a spike, or a corner repeated.
pub fn spoilt(ring: &[Coord], chance: &mut Chance) -> Ring {
    let mut spoilt = ring.to_vec();
    let count = ring.len();
    let i = chance.below(count);
    match chance.below(4) {
        0 => {
            let tip = ring[i] + (ring[i] - centre(ring)) * chance.within(-0.5, 0.5);
            spoilt.splice(i..i, [ring[i], tip]);
        }
        1 => spoilt.insert(i, ring[i]),
        _ => {
            // A corner within a side that is exchanged with the end of the side would make another shape, not a crossing.
            let crosses = |i: &usize| {
                let [a, b, c, d] = [count - 1, 0, 1, 2].map(|step| ring[(i + step) % count]);
                let turn = |p: Coord, q: Coord, r: Coord| (q.x - p.x) * (r.y - p.y) - (q.y - p.y) * (r.x - p.x);
                turn(a, c, b) * turn(a, c, d) < 0.0 && turn(b, d, a) * turn(b, d, c) < 0.0
            };
            let order = (0..count).map(|step| (i + step) % count);
            if let Some(i) = order.into_iter().find(crosses) {
                spoilt.swap(i, (i + 1) % count);
            }
        }
    }
    spoilt
}

pub fn polygon(ring: &[Coord], place: &impl Fn(Coord) -> Coord) -> Polygon {
    let placed: Vec<Coord> = ring.iter().map(|point| place(*point)).collect();
    Polygon::new(LineString::new(placed), Vec::new())
}
