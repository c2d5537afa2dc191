//! Outlines in metres of a flat frame, and how much two of them share.

use geo::{Coord, LineString, MultiPolygon};

/// An outline: rings without their closing point, exteriors counter-clockwise, holes clockwise.
#[derive(Debug, Clone, Default)]
pub(crate) struct Flat {
    points: Vec<Coord>,
    /// Where each ring ends in `points`.
    ends: Vec<u32>,
    pub(crate) min: Coord,
    pub(crate) max: Coord,
    pub(crate) centre: Coord,
    pub(crate) surface: f64,
    pub(crate) perimeter: f64,
    /// Whether a ring crossed itself and was put right.
    pub(crate) crossed: bool,
}

impl Flat {
    /// The outline with each position passed through `to_metres`; `None` when it encloses nothing.
    pub(crate) fn new(outline: &MultiPolygon, mut to_metres: impl FnMut(Coord) -> Coord) -> Option<Self> {
        let mut flat = Self::default();
        for polygon in outline {
            flat.push(polygon.exterior(), Turn::Left, &mut to_metres);
            for hole in polygon.interiors() {
                flat.push(hole, Turn::Right, &mut to_metres);
            }
        }
        flat.measure()
    }

    fn push(&mut self, ring: &LineString, turn: Turn, to_metres: &mut impl FnMut(Coord) -> Coord) {
        let from = self.points.len();
        self.points.extend(ring.0.iter().map(|point| to_metres(*point)));
        while self.points.len() > from + 1 && self.points.last() == self.points.get(from) {
            self.points.pop();
        }
        let ring = &mut self.points[from..];
        if ring.len() < 3 || ring.iter().any(|point| !point.x.is_finite() || !point.y.is_finite()) {
            self.points.truncate(from);
            return;
        }
        self.crossed |= uncross(ring);
        let left = twice_surface(ring) > 0.0;
        if left != (turn == Turn::Left) {
            ring.reverse();
        }
        self.ends.push(self.points.len() as u32);
    }

    fn measure(mut self) -> Option<Self> {
        let first = *self.points.first()?;
        let (mut min, mut max) = (first, first);
        for point in &self.points {
            min = Coord { x: min.x.min(point.x), y: min.y.min(point.y) };
            max = Coord { x: max.x.max(point.x), y: max.y.max(point.y) };
        }
        let (mut twice, mut moment, mut perimeter) = (0.0, Coord::zero(), 0.0);
        for (a, b) in self.edges() {
            let (p, q) = (a - first, b - first);
            let cross = p.x * q.y - q.x * p.y;
            twice += cross;
            moment = moment + (p + q) * cross;
            perimeter += (b - a).x.hypot((b - a).y);
        }
        (self.min, self.max, self.perimeter) = (min, max, perimeter);
        self.surface = twice / 2.0;
        self.centre = first + moment / (3.0 * twice);
        (self.surface > 1e-3 && self.centre.x.is_finite()).then_some(self)
    }

    /// The outline with every side moved outwards by so many metres (inwards when negative); as it is where nothing of it
    /// would be left, or corners are too sharp for that.
    pub(crate) fn grown(&self, by: f64) -> Self {
        let mut grown = self.clone();
        let mut from = 0_usize;
        for end in &self.ends {
            let ring = &self.points[from..*end as usize];
            for (at, point) in ring.iter().enumerate() {
                let before = ring[(at + ring.len() - 1) % ring.len()];
                let after = ring[(at + 1) % ring.len()];
                grown.points[from + at] = *point + corner_shift(*point - before, after - *point, by);
            }
            from = *end as usize;
        }
        let grown = grown.measure();
        let sound = |grown: &Self| {
            let expected = self.surface + by * self.perimeter;
            grown.surface > 0.2 * self.surface && (grown.surface - expected).abs() < 0.35 * self.surface
        };
        grown.filter(sound).unwrap_or_else(|| self.clone())
    }

    /// Every ring without its closing point: exteriors counter-clockwise, holes clockwise.
    pub(crate) fn rings(&self) -> impl Iterator<Item = &[Coord]> + '_ {
        let mut from = 0_usize;
        self.ends.iter().map(move |end| {
            let ring = &self.points[from..*end as usize];
            from = *end as usize;
            ring
        })
    }

    /// Every side of every ring.
    pub(crate) fn edges(&self) -> impl Iterator<Item = (Coord, Coord)> + '_ {
        self.rings().flat_map(|ring| ring.iter().zip(ring.iter().cycle().skip(1)).map(|(a, b)| (*a, *b)))
    }

    /// The outline with every position passed through `place`, which must keep sizes.
    pub(crate) fn moved(&self, place: impl Fn(Coord) -> Coord) -> Self {
        let mut moved = self.clone();
        for point in &mut moved.points {
            *point = place(*point);
        }
        moved.measure().unwrap_or_else(|| self.clone())
    }

    /// The outline carried by a vector.
    pub(crate) fn carry(&mut self, by: Coord) {
        for point in &mut self.points {
            *point = *point + by;
        }
        self.min = self.min + by;
        self.max = self.max + by;
        self.centre = self.centre + by;
    }

    /// Square metres that both outlines cover.
    ///
    /// An outline is the sum of the strips under its sides, each counted by the side's direction; what two strips share is
    /// the integral of the lower side. This is exact for valid outlines and gives a sensible figure for others.
    pub(crate) fn shared_with(&self, other: &Self) -> f64 {
        let from = Coord { x: self.min.x.max(other.min.x), y: self.min.y.max(other.min.y) };
        let to = Coord { x: self.max.x.min(other.max.x), y: self.max.y.min(other.max.y) };
        if from.x >= to.x || from.y >= to.y {
            return 0.0;
        }
        let ground = self.min.y.min(other.min.y);
        let theirs: Vec<Side> = other.edges().filter_map(|(a, b)| Side::new(a, b, ground, from.x, to.x)).collect();
        let mut sum = 0.0;
        for ours in self.edges().filter_map(|(a, b)| Side::new(a, b, ground, from.x, to.x)) {
            sum += theirs.iter().map(|side| ours.shared(side)).sum::<f64>();
        }
        sum.clamp(0.0, self.surface.min(other.surface).max(0.0))
    }

    /// Whether the point lies inside.
    pub(crate) fn contains(&self, point: Coord) -> bool {
        let mut winding = 0;
        for (a, b) in self.edges() {
            if (a.y <= point.y) != (b.y <= point.y) {
                let x = a.x + (point.y - a.y) / (b.y - a.y) * (b.x - a.x);
                if x > point.x {
                    winding += if b.y > a.y { 1 } else { -1 };
                }
            }
        }
        winding != 0
    }

    /// Metres from the point to the outline, 0 inside.
    pub(crate) fn distance_to(&self, point: Coord) -> f64 {
        if self.contains(point) { 0.0 } else { self.distance_to_rings(point) }
    }

    /// Metres from the point to the nearest side.
    pub(crate) fn distance_to_rings(&self, point: Coord) -> f64 {
        let to_side = |(a, b): (Coord, Coord)| {
            let (along, off) = (b - a, point - a);
            let length = along.x * along.x + along.y * along.y;
            let share = if length > 0.0 { ((off.x * along.x + off.y * along.y) / length).clamp(0.0, 1.0) } else { 0.0 };
            let left = off - along * share;
            left.x * left.x + left.y * left.y
        };
        self.edges().map(to_side).fold(f64::INFINITY, f64::min).sqrt()
    }
}

/// Where a corner goes when the sides before and after it move outwards; exteriors run counter-clockwise.
fn corner_shift(before: Coord, after: Coord, by: f64) -> Coord {
    let outward = |side: Coord| {
        let length = side.x.hypot(side.y);
        if length > 0.0 { Coord { x: side.y, y: -side.x } / length } else { Coord::zero() }
    };
    let (a, b) = (outward(before), outward(after));
    let sum = a + b;
    let square = sum.x * sum.x + sum.y * sum.y;
    // Sharper than 60 degrees: the corner would run far out.
    if square < 1.0 { (if square > 0.0 { sum } else { a }) * by } else { sum * (2.0 * by / square) }
}

#[derive(PartialEq, Clone, Copy)]
enum Turn {
    Left,
    Right,
}

fn twice_surface(ring: &[Coord]) -> f64 {
    let first = ring[0];
    let cross = |(a, b): (&Coord, &Coord)| {
        let (p, q) = (*a - first, *b - first);
        p.x * q.y - q.x * p.y
    };
    ring.iter().zip(ring.iter().cycle().skip(1)).map(cross).sum()
}

/// Larger rings are taken as they are.
const UNCROSS_MAX: usize = 400;

/// Takes loops out of a ring that crosses itself, by walking the part between two sides that cross the other way round:
/// for two corners in the wrong order this is what was meant. Answers whether anything was done.
fn uncross(ring: &mut [Coord]) -> bool {
    let count = ring.len();
    let mut done = false;
    if !(4..=UNCROSS_MAX).contains(&count) {
        return false;
    }
    for _ in 0..8 {
        let Some((i, j)) = first_crossing(ring) else { break };
        ring[i + 1..=j].reverse();
        done = true;
    }
    done
}

fn first_crossing(ring: &[Coord]) -> Option<(usize, usize)> {
    let count = ring.len();
    let side = |i: usize| (ring[i], ring[(i + 1) % count]);
    (0..count).find_map(|i| {
        let last = if i == 0 { count - 1 } else { count };
        (i + 2..last).find(|j| cross(side(i), side(*j))).map(|j| (i, j))
    })
}

fn cross((a, b): (Coord, Coord), (c, d): (Coord, Coord)) -> bool {
    if a.x.max(b.x) < c.x.min(d.x)
        || c.x.max(d.x) < a.x.min(b.x)
        || a.y.max(b.y) < c.y.min(d.y)
        || c.y.max(d.y) < a.y.min(b.y)
    {
        return false;
    }
    let turn = |p: Coord, q: Coord, r: Coord| (q.x - p.x) * (r.y - p.y) - (q.y - p.y) * (r.x - p.x);
    turn(a, b, c) * turn(a, b, d) < 0.0 && turn(c, d, a) * turn(c, d, b) < 0.0
}

/// The strip between a side and the ground.
struct Side {
    from: f64,
    to: f64,
    height: f64,
    slope: f64,
    sign: f64,
}

impl Side {
    /// The strip within the given bounds; `None` for an upright side and outside of them.
    fn new(a: Coord, b: Coord, ground: f64, least: f64, most: f64) -> Option<Self> {
        let (left, right, sign) = if a.x < b.x { (a, b, 1.0) } else { (b, a, -1.0) };
        if left.x >= right.x || right.x <= least || left.x >= most {
            return None;
        }
        let slope = (right.y - left.y) / (right.x - left.x);
        let (from, to) = (left.x.max(least), right.x.min(most));
        Some(Self { from, to, height: left.y - ground + slope * (from - left.x), slope, sign })
    }

    fn shared(&self, other: &Self) -> f64 {
        let (from, to) = (self.from.max(other.from), self.to.min(other.to));
        let width = to - from;
        if width <= 0.0 {
            return 0.0;
        }
        let ours = self.height + self.slope * (from - self.from);
        let theirs = other.height + other.slope * (from - other.from);
        let (ours_end, theirs_end) = (ours + self.slope * width, theirs + other.slope * width);
        let (gap, gap_end) = (ours - theirs, ours_end - theirs_end);
        let mut lower = (ours.min(theirs) + ours_end.min(theirs_end)) / 2.0 * width;
        if gap * gap_end < 0.0 {
            // The sides cross: the corner above the lower line of the two ends belongs to it too.
            lower += width / 2.0 * corner(gap, gap_end);
        }
        lower * self.sign * other.sign
    }
}

/// What the lower of two crossing lines has more than the line between the lower ends, as a height over half the width.
fn corner(gap: f64, gap_end: f64) -> f64 {
    let (a, b) = (gap.abs(), gap_end.abs());
    a * b / (a + b)
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::{Area as _, BooleanOps as _, Polygon};
    use proptest::prelude::*;

    fn flat(outline: &MultiPolygon) -> Flat {
        Flat::new(outline, |point| point).unwrap()
    }

    /// A star around a centre: simple, and seldom convex.
    fn star(radii: &[f64], centre: (f64, f64)) -> MultiPolygon {
        let step = std::f64::consts::TAU / radii.len() as f64;
        let at = |(i, r): (usize, &f64)| Coord {
            x: centre.0 + r * (step * i as f64).cos(),
            y: centre.1 + r * (step * i as f64).sin(),
        };
        MultiPolygon::from(Polygon::new(radii.iter().enumerate().map(at).collect(), vec![]))
    }

    #[test]
    fn a_hole_is_not_inside() {
        let square = |at: f64, side: f64| {
            LineString::from(vec![(at, at), (at + side, at), (at + side, at + side), (at, at + side), (at, at)])
        };
        let ring = flat(&MultiPolygon::from(Polygon::new(square(0.0, 10.0), vec![square(2.0, 6.0)])));
        let middle = flat(&MultiPolygon::from(Polygon::new(square(4.0, 2.0), vec![])));
        assert!((ring.surface - 64.0).abs() < 1e-9 && ring.shared_with(&middle).abs() < 1e-9);
        assert!(!ring.contains(Coord { x: 5.0, y: 5.0 }) && ring.contains(Coord { x: 1.0, y: 1.0 }));
        assert!((ring.distance_to(Coord { x: 5.0, y: 5.0 }) - 3.0).abs() < 1e-9);
        assert!((ring.shared_with(&ring) - 64.0).abs() < 1e-9);
    }

    #[test]
    fn an_outline_grows_by_its_sides() {
        let square = LineString::from(vec![(0.0, 0.0), (100.0, 0.0), (100.0, 50.0), (0.0, 50.0)]);
        let area = flat(&MultiPolygon::from(Polygon::new(square, vec![])));
        assert!((area.grown(5.0).surface - 110.0 * 60.0).abs() < 1e-6);
        assert!((area.grown(5.0).grown(-5.0).surface - 5000.0).abs() < 1e-6);
        assert!((area.grown(-40.0).surface - 5000.0).abs() < 1e-6, "nothing would be left");
    }

    #[test]
    fn corners_in_the_wrong_order_are_put_right() {
        let quad = LineString::from(vec![(0.0, 0.0), (10.0, 0.0), (0.0, 10.0), (10.0, 10.0)]);
        let flat = flat(&MultiPolygon::from(Polygon::new(quad, vec![])));
        assert!(flat.crossed && (flat.surface - 100.0).abs() < 1e-9);
    }

    proptest! {
        #[test]
        fn what_two_outlines_share_is_what_the_overlay_says(
            a in prop::collection::vec(5.0..60.0, 3..14),
            b in prop::collection::vec(5.0..60.0, 3..14),
            x in -60.0..60.0,
            y in -60.0..60.0,
        ) {
            let (a, b) = (star(&a, (0.0, 0.0)), star(&b, (x, y)));
            let shared = flat(&a).shared_with(&flat(&b));
            let exact = a.intersection(&b).unsigned_area();
            prop_assert!((shared - exact).abs() < 1e-3 * exact.max(1.0), "{shared} {exact}");
            prop_assert!((flat(&a).surface - a.unsigned_area()).abs() < 1e-6);
        }
    }
}
