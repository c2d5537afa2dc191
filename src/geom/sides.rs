//! The sides of rings in a row, with boxes over runs of them: what lies near what, without comparing all with all.

use geo::Coord;

/// Sides in a run, and boxes in a box.
const RUN: usize = 8;

/// A side of a ring, from one vertex to the next.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Side {
    pub(crate) from: Coord,
    pub(crate) to: Coord,
}

/// A box with sides parallel to the axes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    pub(crate) min: Coord,
    pub(crate) max: Coord,
}

impl Bounds {
    pub(crate) const EMPTY: Self = Self {
        min: Coord { x: f64::INFINITY, y: f64::INFINITY },
        max: Coord { x: f64::NEG_INFINITY, y: f64::NEG_INFINITY },
    };

    pub(crate) fn of_side(side: &Side) -> Self {
        let (a, b) = (side.from, side.to);
        Self { min: Coord { x: a.x.min(b.x), y: a.y.min(b.y) }, max: Coord { x: a.x.max(b.x), y: a.y.max(b.y) } }
    }

    pub(crate) fn add(&mut self, point: Coord) {
        self.min = Coord { x: self.min.x.min(point.x), y: self.min.y.min(point.y) };
        self.max = Coord { x: self.max.x.max(point.x), y: self.max.y.max(point.y) };
    }

    pub(crate) fn join(&self, other: &Self) -> Self {
        let mut joined = *self;
        joined.add(other.min);
        joined.add(other.max);
        joined
    }

    pub(crate) fn meets(&self, other: &Self) -> bool {
        self.min.x <= other.max.x && self.max.x >= other.min.x && self.min.y <= other.max.y && self.max.y >= other.min.y
    }

    /// The box that both share; not a box where they do not meet.
    pub(crate) fn shared(&self, other: &Self) -> Self {
        Self {
            min: Coord { x: self.min.x.max(other.min.x), y: self.min.y.max(other.min.y) },
            max: Coord { x: self.max.x.min(other.max.x), y: self.max.y.min(other.max.y) },
        }
    }
}

/// Whether a walk went to its end; `Stopped` when the visitor or the budget ended it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Walk {
    Done,
    Stopped,
}

/// Sides of rings, ring after ring. Rings are closed whatever their last vertex is.
#[derive(Debug, Default)]
pub(crate) struct Sides {
    sides: Vec<Side>,
    /// First side of each ring, and the number of all sides at the end.
    starts: Vec<u32>,
    /// Boxes over runs of sides, then over runs of boxes.
    levels: Vec<Vec<Bounds>>,
}

impl Sides {
    pub(crate) fn with_capacity(sides: usize, rings: usize) -> Self {
        let mut starts = Vec::with_capacity(rings + 1);
        starts.push(0);
        Self { sides: Vec::with_capacity(sides), starts, levels: Vec::new() }
    }

    /// Adds a ring: its vertices in order, the first not repeated at the end, no two equal in a row.
    pub(crate) fn add_ring(&mut self, vertices: impl Iterator<Item = Coord>) {
        let start = self.sides.len();
        for vertex in vertices {
            if let Some(last) = self.sides[start..].last_mut() {
                last.to = vertex;
            }
            self.sides.push(Side { from: vertex, to: vertex });
        }
        if self.sides.len() > start {
            let first = self.sides[start].from;
            if let Some(last) = self.sides.last_mut() {
                last.to = first;
            }
        }
        self.starts.push(self.sides.len() as u32);
    }

    /// Builds the boxes. Without them, walks compare all with all.
    pub(crate) fn index(&mut self) {
        let mut level: Vec<Bounds> = self
            .sides
            .chunks(RUN)
            .map(|run| run.iter().fold(Bounds::EMPTY, |bounds, side| bounds.join(&Bounds::of_side(side))))
            .collect();
        while level.len() > RUN {
            let above = level
                .chunks(RUN)
                .map(|run| run.iter().fold(Bounds::EMPTY, |bounds, below| bounds.join(below)))
                .collect();
            self.levels.push(std::mem::replace(&mut level, above));
        }
        self.levels.push(level);
    }

    pub(crate) fn all(&self) -> &[Side] {
        &self.sides
    }

    pub(crate) fn rings(&self) -> usize {
        self.starts.len() - 1
    }

    /// Numbers of the sides of a ring.
    pub(crate) fn of_ring(&self, ring: usize) -> std::ops::Range<usize> {
        self.starts[ring] as usize..self.starts[ring + 1] as usize
    }

    pub(crate) fn ring_of(&self, side: usize) -> usize {
        if self.starts.len() == 2 {
            return 0;
        }
        self.starts.partition_point(|start| *start as usize <= side) - 1
    }

    /// The vertex before the one where this side starts.
    pub(crate) fn vertex_before(&self, side: usize) -> Coord {
        let ring = self.of_ring(self.ring_of(side));
        self.sides[if side == ring.start { ring.end - 1 } else { side - 1 }].from
    }

    /// Calls `found` with every two sides whose boxes meet, the smaller number first, until it says `false`.
    /// At most `budget` pairs are compared.
    pub(crate) fn pairs(&self, budget: usize, mut found: impl FnMut(usize, usize) -> bool) -> Walk {
        let mut left = budget;
        let Some(top) = self.levels.len().checked_sub(1) else {
            return self.compare(&(0..self.sides.len()), &(0..self.sides.len()), &mut left, &mut found);
        };
        let all = 0..self.levels[top].len();
        let mut stack = Vec::new();
        push_pairs(&mut stack, top, &all, &all);
        while let Some((level, i, j)) = stack.pop() {
            let boxes = &self.levels[level];
            if !boxes[i].meets(&boxes[j]) {
                continue;
            }
            let (of_i, of_j) = (self.below(level, i), self.below(level, j));
            if level == 0 {
                if self.compare(&of_i, &of_j, &mut left, &mut found) == Walk::Stopped {
                    return Walk::Stopped;
                }
            } else {
                push_pairs(&mut stack, level - 1, &of_i, &of_j);
                if left < RUN * RUN {
                    return Walk::Stopped;
                }
                left -= RUN * RUN;
            }
        }
        Walk::Done
    }

    fn below(&self, level: usize, i: usize) -> std::ops::Range<usize> {
        let count = if level == 0 { self.sides.len() } else { self.levels[level - 1].len() };
        i * RUN..((i + 1) * RUN).min(count)
    }

    fn compare(
        &self,
        of_i: &std::ops::Range<usize>,
        of_j: &std::ops::Range<usize>,
        left: &mut usize,
        found: &mut impl FnMut(usize, usize) -> bool,
    ) -> Walk {
        let pairs = of_i.len() * of_j.len();
        if *left < pairs {
            return Walk::Stopped;
        }
        *left -= pairs;
        for a in of_i.clone() {
            let bounds = Bounds::of_side(&self.sides[a]);
            for b in of_j.start.max(a + 1)..of_j.end {
                if bounds.meets(&Bounds::of_side(&self.sides[b])) && !found(a, b) {
                    return Walk::Stopped;
                }
            }
        }
        Walk::Done
    }

    /// Calls `found` with every side whose box meets `window`, until it says `false`.
    pub(crate) fn within(&self, window: &Bounds, mut found: impl FnMut(usize) -> bool) -> Walk {
        let mut visit = |range: std::ops::Range<usize>| {
            range.into_iter().all(|i| !Bounds::of_side(&self.sides[i]).meets(window) || found(i))
        };
        let Some(top) = self.levels.len().checked_sub(1) else {
            return if visit(0..self.sides.len()) { Walk::Done } else { Walk::Stopped };
        };
        let mut stack: Vec<(usize, usize)> = (0..self.levels[top].len()).map(|i| (top, i)).collect();
        while let Some((level, i)) = stack.pop() {
            if !self.levels[level][i].meets(window) {
                continue;
            }
            let below = self.below(level, i);
            if level > 0 {
                stack.extend(below.map(|child| (level - 1, child)));
            } else if !visit(below) {
                return Walk::Stopped;
            }
        }
        Walk::Done
    }

    /// Squared distance to the nearest side, in a plane where a unit of x measures `scale.x` and one of y `scale.y`.
    pub(crate) fn nearest_squared(&self, point: Coord, scale: Coord) -> f64 {
        let mut best = f64::INFINITY;
        let Some(top) = self.levels.len().checked_sub(1) else {
            return self.sides.iter().fold(best, |best, side| best.min(squared_distance(point, side, scale)));
        };
        let far = |bounds: &Bounds| {
            let dx = (bounds.min.x - point.x).max(point.x - bounds.max.x).max(0.0) * scale.x;
            let dy = (bounds.min.y - point.y).max(point.y - bounds.max.y).max(0.0) * scale.y;
            dx * dx + dy * dy
        };
        let mut stack: Vec<(f64, usize, usize)> =
            self.levels[top].iter().enumerate().map(|(i, bounds)| (far(bounds), top, i)).collect();
        stack.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
        while let Some((least, level, i)) = stack.pop() {
            if least >= best {
                continue;
            }
            let below = self.below(level, i);
            if level == 0 {
                best = below.fold(best, |best, side| best.min(squared_distance(point, &self.sides[side], scale)));
            } else {
                let first = stack.len();
                stack.extend(below.map(|child| (far(&self.levels[level - 1][child]), level - 1, child)));
                stack[first..].sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
            }
        }
        best
    }
}

fn push_pairs(
    stack: &mut Vec<(usize, usize, usize)>,
    level: usize,
    of_i: &std::ops::Range<usize>,
    of_j: &std::ops::Range<usize>,
) {
    for i in of_i.clone() {
        stack.extend((of_j.start.max(i)..of_j.end).map(|j| (level, i, j)));
    }
}

/// Squared distance to a side, in a plane where a unit of x measures `scale.x` and one of y `scale.y`.
pub(crate) fn squared_distance(point: Coord, side: &Side, scale: Coord) -> f64 {
    let flat = |c: Coord| Coord { x: c.x * scale.x, y: c.y * scale.y };
    let (along, offset) = (flat(side.to - side.from), flat(point - side.from));
    let squared = along.x * along.x + along.y * along.y;
    let share = ((along.x * offset.x + along.y * offset.y) / squared.max(f64::MIN_POSITIVE)).clamp(0.0, 1.0);
    let away = offset - along * share;
    away.x * away.x + away.y * away.y
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sides_of(points: &[(f64, f64)], indexed: bool) -> Sides {
        let mut sides = Sides::with_capacity(points.len(), 1);
        sides.add_ring(points.iter().map(|p| Coord::from(*p)));
        if indexed {
            sides.index();
        }
        sides
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn boxes_find_what_comparing_all_with_all_finds(points in prop::collection::vec((0.0..1.0, 0.0..1.0), 0..300)) {
            let (plain, indexed) = (sides_of(&points, false), sides_of(&points, true));
            let collect = |sides: &Sides| {
                let mut pairs = Vec::new();
                let walk = sides.pairs(usize::MAX, |a, b| { pairs.push((a, b)); true });
                pairs.sort_unstable();
                (walk, pairs)
            };
            prop_assert_eq!(collect(&plain), collect(&indexed));
            let window = Bounds { min: Coord { x: 0.4, y: 0.4 }, max: Coord { x: 0.5, y: 0.6 } };
            let inside = |sides: &Sides| {
                let mut found = Vec::new();
                sides.within(&window, |i| { found.push(i); true });
                found.sort_unstable();
                found
            };
            prop_assert_eq!(inside(&plain), inside(&indexed));
            let (at, scale) = (Coord { x: 0.3, y: 1.2 }, Coord { x: 2.0, y: 3.0 });
            let (near, found) = (plain.nearest_squared(at, scale), indexed.nearest_squared(at, scale));
            prop_assert!(near == found || (near - found).abs() < 1e-12 * near, "{near} {found}");
        }
    }

    #[test]
    fn a_walk_ends_when_its_budget_does() {
        let points: Vec<(f64, f64)> = (0..1000).map(|i| (f64::from(i % 2), f64::from(i % 7))).collect();
        assert_eq!(sides_of(&points, true).pairs(10_000, |_, _| true), Walk::Stopped);
        assert_eq!(sides_of(&points, true).pairs(usize::MAX, |_, _| false), Walk::Stopped);
    }

    #[test]
    fn a_ring_knows_its_sides_and_what_is_before_them() {
        let mut sides = sides_of(&[(0.0, 0.0), (1.0, 0.0), (0.0, 1.0)], false);
        sides.add_ring([(5.0, 5.0), (6.0, 5.0), (5.0, 6.0)].into_iter().map(Coord::from));
        assert_eq!((sides.rings(), sides.of_ring(1), sides.ring_of(2), sides.ring_of(3)), (2, 3..6, 0, 1));
        assert_eq!(sides.vertex_before(3), Coord { x: 5.0, y: 6.0 });
        assert_eq!(sides.all()[5].to, Coord { x: 5.0, y: 5.0 });
    }
}
