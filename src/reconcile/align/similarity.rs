//! A turn, a scale and a shift in one, and how it is found among pairs of which many are wrong.

use geo::Coord;

use crate::reconcile::align::vote::length;

/// Positions of the right side to the left side's map: turned, scaled, carried. Metres of the common frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Similarity {
    /// Scale times cosine and sine of the turn.
    pub(crate) a: f64,
    pub(crate) b: f64,
    pub(crate) by: Coord,
}

/// A position of the right side and where the left side has it.
pub(crate) type Anchor = (Coord, Coord);

/// A scale further from one is no map of the same ground.
const SCALE_OFF: f64 = 0.02;

/// Anchors that come this close are explained, metres.
const EXPLAINED_M: f64 = 40.0;

/// Pairs of anchors that are tried.
const TRIES: usize = 600;

impl Similarity {
    pub(crate) const NONE: Self = Self { a: 1.0, b: 0.0, by: Coord { x: 0.0, y: 0.0 } };

    pub(crate) fn shift(by: Coord) -> Self {
        Self { by, ..Self::NONE }
    }

    pub(crate) fn apply(&self, point: Coord) -> Coord {
        Coord { x: self.a * point.x - self.b * point.y + self.by.x, y: self.b * point.x + self.a * point.y + self.by.y }
    }

    /// Degrees counter-clockwise.
    pub(crate) fn turn_deg(&self) -> f64 {
        self.b.atan2(self.a).to_degrees()
    }

    /// The one that brings two positions to two others.
    fn of_two((p, q): Anchor, (r, s): Anchor) -> Option<Self> {
        let (from, to) = (r - p, s - q);
        let square = from.x * from.x + from.y * from.y;
        if square < 1e4 {
            return None;
        }
        let (a, b) = ((from.x * to.x + from.y * to.y) / square, (from.x * to.y - from.y * to.x) / square);
        let sound = (a.hypot(b) - 1.0).abs() < SCALE_OFF;
        sound.then(|| {
            let turned = Self { a, b, by: Coord::zero() };
            Self { by: q - turned.apply(p), ..turned }
        })
    }

    /// Least squares over the anchors; as it is for fewer than two.
    fn fitted(self, anchors: &[Anchor]) -> Self {
        let n = anchors.len() as f64;
        let sum = |pick: fn(&Anchor) -> Coord| anchors.iter().fold(Coord::zero(), |sum, one| sum + pick(one)) / n;
        let (from, to) = (sum(|one| one.0), sum(|one| one.1));
        let (mut square, mut dot, mut cross) = (0.0, 0.0, 0.0);
        for (p, q) in anchors {
            let (p, q) = (*p - from, *q - to);
            square += p.x * p.x + p.y * p.y;
            dot += p.x * q.x + p.y * q.y;
            cross += p.x * q.y - p.y * q.x;
        }
        if anchors.len() < 2 || square < 1e4 {
            return self;
        }
        let turned = Self { a: dot / square, b: cross / square, by: Coord::zero() };
        Self { by: to - turned.apply(from), ..turned }
    }

    /// Anchors that it explains.
    pub(crate) fn explained(&self, anchors: &[Anchor]) -> Vec<Anchor> {
        anchors.iter().copied().filter(|(p, q)| length(self.apply(*p) - *q) <= EXPLAINED_M).collect()
    }

    /// The one that explains most anchors, when it explains a third of them: streets may be in other systems. The same
    /// anchors give the same answer.
    pub(crate) fn search(anchors: &[Anchor]) -> Option<Self> {
        if anchors.len() < 12 {
            return None;
        }
        let step = anchors.len() / 2 + 1;
        let mut best: Option<(usize, Self)> = None;
        for at in 0..TRIES {
            let first = anchors[at % anchors.len()];
            let second = anchors[(at + step + at / anchors.len() * 7) % anchors.len()];
            let Some(tried) = Self::of_two(first, second) else { continue };
            let count = tried.explained(anchors).len();
            if best.is_none_or(|(most, _)| count > most) {
                best = Some((count, tried));
            }
        }
        let (_, mut found) = best?;
        for _ in 0..4 {
            found = found.fitted(&found.explained(anchors));
        }
        (found.explained(anchors).len() * 3 >= anchors.len()).then_some(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turn_is_found_among_wrong_pairs() {
        let truth =
            Similarity { a: 3_f64.to_radians().cos(), b: 3_f64.to_radians().sin(), by: Coord { x: 210.0, y: -90.0 } };
        let spread = |n: i64| Coord { x: (n * 7919 % 9000) as f64 - 4500.0, y: (n * 104_729 % 9000) as f64 - 4500.0 };
        let anchors: Vec<Anchor> =
            (0..100).map(|n| (spread(n), if n % 3 == 0 { spread(n + 1000) } else { truth.apply(spread(n)) })).collect();
        let found = Similarity::search(&anchors).unwrap();
        assert!((found.turn_deg() - 3.0).abs() < 0.01 && length(found.by - truth.by) < 1.0, "{found:?}");
        assert!(Similarity::search(&anchors[..8]).is_none());
    }
}
