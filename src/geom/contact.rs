//! How two sides meet, and on which side of a corner a third point lies. Decided exactly (Shewchuk's predicates in `geo`).

use geo::{Coord, Kernel as _, Orientation};

use crate::geom::sides::Side;

/// How two sides meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Contact {
    /// They cross in a point inside of both.
    pub(crate) crosses: bool,
    /// The first one starts on the second, its end excepted.
    pub(crate) first_starts: bool,
    /// The second one starts on the first, its ends excepted.
    pub(crate) second_starts: bool,
    /// They share more than a point.
    pub(crate) overlaps: bool,
}

impl Contact {
    pub(crate) fn is_none(self) -> bool {
        self == Self::default()
    }
}

pub(crate) fn orient(a: Coord, b: Coord, c: Coord) -> Orientation {
    geo::algorithm::kernels::RobustKernel::orient2d(a, b, c)
}

/// How two sides meet. Where one ends on the other is left to the side that goes on from there, so that rings which share
/// a point do so in one pair of their sides.
pub(crate) fn meet(first: &Side, second: &Side) -> Contact {
    let none = Contact::default();
    let start = orient(second.from, second.to, first.from);
    let end = orient(second.from, second.to, first.to);
    if start == end && start != Orientation::Collinear {
        return none;
    }
    let other_start = orient(first.from, first.to, second.from);
    let other_end = orient(first.from, first.to, second.to);
    if other_start == other_end && other_start != Orientation::Collinear {
        return none;
    }
    let on_line = Orientation::Collinear;
    let first_starts = start == on_line && first.from != second.to && in_box(first.from, second);
    let second_starts =
        other_start == on_line && second.from != first.from && second.from != first.to && in_box(second.from, first);
    let collinear = start == on_line && end == on_line;
    let touching = start == on_line || end == on_line || other_start == on_line || other_end == on_line;
    Contact {
        crosses: !touching,
        first_starts,
        second_starts,
        overlaps: collinear && shared_length_along(first, second) > 0.0,
    }
}

fn in_box(point: Coord, side: &Side) -> bool {
    point.x >= side.from.x.min(side.to.x)
        && point.x <= side.from.x.max(side.to.x)
        && point.y >= side.from.y.min(side.to.y)
        && point.y <= side.from.y.max(side.to.y)
}

/// What two sides on one line share, measured along the axis that the first one follows more.
fn shared_length_along(first: &Side, second: &Side) -> f64 {
    let along_x = (first.to.x - first.from.x).abs() >= (first.to.y - first.from.y).abs();
    let of = |c: Coord| if along_x { c.x } else { c.y };
    let (a, b, c, d) = (of(first.from), of(first.to), of(second.from), of(second.to));
    a.max(b).min(c.max(d)) - a.min(b).max(c.min(d))
}

/// The ends of what two overlapping sides share.
pub(crate) fn shared_stretch(first: &Side, second: &Side) -> (Coord, Coord) {
    let mut ends = [first.from, first.to, second.from, second.to];
    ends.sort_unstable_by(|a, b| a.x.total_cmp(&b.x).then(a.y.total_cmp(&b.y)));
    (ends[1], ends[2])
}

/// The point where two sides cross, rounded.
pub(crate) fn crossing(first: &Side, second: &Side) -> Coord {
    let (u, v, w) = (first.to - first.from, second.to - second.from, second.from - first.from);
    let across = u.x * v.y - u.y * v.x;
    let share = if across == 0.0 { 0.5 } else { ((w.x * v.y - w.y * v.x) / across).clamp(0.0, 1.0) };
    first.from + u * share
}

/// A corner of a path: the vertex before, the vertex, the vertex after.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Corner {
    pub(crate) before: Coord,
    pub(crate) at: Coord,
    pub(crate) after: Coord,
}

impl Corner {
    /// Whether the way from the corner to `point` starts strictly to the left of the path.
    pub(crate) fn has_left(&self, point: Coord) -> bool {
        let turn = orient(self.before, self.at, self.after);
        let first = || orient(self.before, self.at, point) == Orientation::CounterClockwise;
        let second = || orient(self.at, self.after, point) == Orientation::CounterClockwise;
        match turn {
            Orientation::CounterClockwise => first() && second(),
            Orientation::Clockwise => first() || second(),
            Orientation::Collinear => first(),
        }
    }

    /// Whether the way from the corner to `point` starts strictly to the right of the path.
    pub(crate) fn has_right(&self, point: Coord) -> bool {
        Self { before: self.after, at: self.at, after: self.before }.has_left(point)
    }
}

/// Whether `point` lies on the ray from `at` through `through`.
pub(crate) fn same_way(at: Coord, through: Coord, point: Coord) -> bool {
    let (u, v) = (through - at, point - at);
    u.x * v.x + u.y * v.y > 0.0 && orient(at, through, point) == Orientation::Collinear
}

/// Whether the ray from `point` straight down crosses the side; a side through `point` itself does not count.
pub(crate) fn is_above(point: Coord, side: &Side) -> bool {
    let (left, right) = if side.from.x <= side.to.x { (side.from, side.to) } else { (side.to, side.from) };
    left.x <= point.x && point.x < right.x && orient(left, right, point) == Orientation::CounterClockwise
}

#[cfg(test)]
mod tests {
    use super::*;

    fn side(a: (f64, f64), b: (f64, f64)) -> Side {
        Side { from: a.into(), to: b.into() }
    }

    #[test]
    fn sides_cross_touch_overlap_or_do_not_meet() {
        let flat = side((0., 0.), (4., 0.));
        assert!(meet(&flat, &side((1., -1.), (1., 1.))).crosses);
        assert_eq!(meet(&flat, &side((1., 0.), (1., 1.))), Contact { second_starts: true, ..Contact::default() });
        assert!(meet(&flat, &side((1., 1.), (1., 0.))).is_none(), "an end is left to the next side");
        assert_eq!(meet(&flat, &side((0., 0.), (1., 1.))), Contact { first_starts: true, ..Contact::default() });
        assert!(meet(&flat, &side((2., 0.), (6., 0.))).overlaps);
        assert!(meet(&flat, &side((4., 0.), (6., 0.))).is_none());
        assert!(meet(&flat, &side((5., 0.), (6., 0.))).is_none());
        assert!(meet(&flat, &side((0., 1.), (4., 1.))).is_none());
        assert_eq!(crossing(&flat, &side((1., -1.), (1., 1.))), Coord { x: 1., y: 0. });
        assert_eq!(shared_stretch(&flat, &side((6., 0.), (2., 0.))), ((2., 0.).into(), (4., 0.).into()));
    }

    #[test]
    fn a_corner_knows_left_from_right_and_neither() {
        let corner = Corner { before: (0., 0.).into(), at: (1., 0.).into(), after: (1., 1.).into() };
        assert!(corner.has_left((0., 1.).into()) && !corner.has_right((0., 1.).into()));
        assert!(corner.has_right((2., -1.).into()) && !corner.has_left((2., -1.).into()));
        for on in [(1., 5.), (-3., 0.)] {
            assert!(!corner.has_left(on.into()) && !corner.has_right(on.into()));
        }
        assert!(same_way(corner.at, corner.after, (1., 9.).into()));
        assert!(!same_way(corner.at, corner.after, (1., -9.).into()));
    }
}
