//! A delivered ring without what adds nothing to it: the closing vertex, repeated vertices, ways out and back.

use geo::{Coord, Orientation};

use crate::geom::contact::orient;

/// Vertices nearer than this in both coordinates, degrees, are one: a tenth of a millimetre, as far as coordinates are kept.
pub(crate) const SAME_PLACE_DEG: f64 = 1e-9;

/// A vertex and its number in the ring as delivered.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Vertex {
    pub(crate) at: Coord,
    pub(crate) number: u32,
}

/// A way out and back on one line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Fold {
    pub(crate) tip: Vertex,
    /// Where it leaves the ring.
    pub(crate) from: Coord,
}

/// What is left of a ring, and what was taken away.
#[derive(Debug, Default)]
pub(crate) struct Cleaned {
    /// Vertices, the first not repeated; fewer than three when the ring has no surface.
    pub(crate) vertices: Vec<Vertex>,
    /// Ways out and back.
    pub(crate) folds: Vec<Fold>,
    /// Number of vertices in the place of the one before (within [`SAME_PLACE_DEG`]), and the first of them.
    pub(crate) repeated: usize,
    pub(crate) first_repeated: usize,
    /// Distinct vertices in a row, before ways out and back were taken away.
    pub(crate) distinct: usize,
    /// Whether the last vertex is the first.
    pub(crate) is_closed: bool,
}

/// Cleans a ring of finite coordinates. Only exactly equal vertices are merged.
pub(crate) fn clean(ring: &[Coord]) -> Cleaned {
    let is_closed = ring.len() > 1 && ring.first() == ring.last();
    let open = if is_closed { &ring[..ring.len() - 1] } else { ring };
    let mut cleaned = Cleaned { vertices: Vec::with_capacity(open.len()), is_closed, ..Cleaned::default() };
    let mut last_fold = usize::MAX;
    for (number, at) in open.iter().enumerate() {
        if number > 0 {
            let before = open[number - 1];
            if is_same_place(*at, before) {
                cleaned.note_repeated(number);
            }
            if *at == before {
                continue;
            }
        }
        cleaned.distinct += 1;
        let vertex = Vertex { at: *at, number: number as u32 };
        if cleaned.push(vertex, last_fold == number.wrapping_sub(1)) {
            last_fold = number;
        }
    }
    if let [first, .., last] = open {
        if first == last {
            cleaned.distinct -= 1;
        }
        if is_closed && is_same_place(*first, *last) {
            cleaned.note_repeated(open.len() - 1);
        }
    }
    cleaned.close_up();
    cleaned
}

/// Whether two vertices are nearer than [`SAME_PLACE_DEG`].
pub(crate) fn is_same_place(a: Coord, b: Coord) -> bool {
    (a.x - b.x).abs() <= SAME_PLACE_DEG && (a.y - b.y).abs() <= SAME_PLACE_DEG
}

impl Cleaned {
    fn note_repeated(&mut self, number: usize) {
        if self.repeated == 0 {
            self.first_repeated = number;
        }
        self.repeated += 1;
    }

    /// Appends a vertex; says whether that folded the ring back. `goes_on`: the vertex before did so too.
    fn push(&mut self, vertex: Vertex, goes_on: bool) -> bool {
        let mut folded = false;
        while let [.., before, tip] = self.vertices[..] {
            if !folds(before.at, tip.at, vertex.at) {
                break;
            }
            self.vertices.pop();
            self.note_fold(tip, before.at, vertex.at, goes_on || folded);
            folded = true;
            if before.at == vertex.at {
                return folded;
            }
        }
        if self.vertices.last().is_none_or(|last| last.at != vertex.at) {
            self.vertices.push(vertex);
        }
        folded
    }

    fn note_fold(&mut self, tip: Vertex, before: Coord, after: Coord, goes_on: bool) {
        let squared = |c: Coord| (c.x - tip.at.x).powi(2) + (c.y - tip.at.y).powi(2);
        let from = if squared(before) < squared(after) { before } else { after };
        match self.folds.last_mut() {
            Some(fold) if goes_on => fold.from = from,
            _ => self.folds.push(Fold { tip, from }),
        }
    }

    /// The same where the ring ends and starts.
    fn close_up(&mut self) {
        let mut first = 0;
        let mut goes_on = false;
        while self.vertices.len() - first >= 3 {
            let last = self.vertices.len() - 1;
            let (a, b, c, d) =
                (self.vertices[last - 1], self.vertices[last], self.vertices[first], self.vertices[first + 1]);
            if b.at == c.at {
                self.vertices.pop();
            } else if folds(a.at, b.at, c.at) {
                self.vertices.pop();
                self.note_fold(b, a.at, c.at, goes_on);
                goes_on = true;
            } else if folds(b.at, c.at, d.at) {
                first += 1;
                self.note_fold(c, b.at, d.at, goes_on);
                goes_on = true;
            } else {
                break;
            }
        }
        self.vertices.drain(..first);
        if self.vertices.len() < 3 {
            self.vertices.clear();
        }
    }
}

fn folds(before: Coord, tip: Coord, after: Coord) -> bool {
    let (u, v) = (tip - before, after - tip);
    u.x * v.x + u.y * v.y < 0.0 && orient(before, tip, after) == Orientation::Collinear
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cleaned(points: &[(f64, f64)]) -> (Vec<u32>, Vec<u32>, usize) {
        let ring: Vec<Coord> = points.iter().map(|p| Coord::from(*p)).collect();
        let cleaned = clean(&ring);
        let numbers = cleaned.vertices.iter().map(|v| v.number).collect();
        (numbers, cleaned.folds.iter().map(|f| f.tip.number).collect(), cleaned.repeated)
    }

    #[test]
    fn a_plain_ring_stays_as_it_is() {
        assert_eq!(cleaned(&[(0., 0.), (4., 0.), (4., 4.), (0., 4.), (0., 0.)]), (vec![0, 1, 2, 3], vec![], 0));
        assert_eq!(cleaned(&[(0., 0.), (4., 0.), (4., 4.), (0., 4.)]), (vec![0, 1, 2, 3], vec![], 0));
    }

    #[test]
    fn repeated_vertices_count_wherever_they_are() {
        let ring = [(0., 0.), (0., 0.), (4., 0.), (4., 0.), (4., 0.), (4., 4.), (0., 0.), (0., 0.)];
        assert_eq!(cleaned(&ring), (vec![0, 2, 5], vec![], 4));
    }

    #[test]
    fn a_way_out_and_back_over_several_vertices_is_one_fold() {
        let ring = [(0., 0.), (4., 0.), (4., 4.), (6., 6.), (6., 9.), (6., 6.), (4., 4.), (0., 4.), (0., 0.)];
        assert_eq!(cleaned(&ring), (vec![0, 1, 2, 7], vec![4], 0));
        let at_the_end = [(9., 9.), (0., 0.), (4., 0.), (0., 4.), (0., 0.), (9., 9.)];
        assert_eq!(cleaned(&at_the_end), (vec![1, 2, 3], vec![0], 0));
    }

    #[test]
    fn nothing_is_left_of_a_line() {
        let lines: [&[(f64, f64)]; 4] =
            [&[(0., 0.), (1., 1.), (3., 3.), (0., 0.)], &[(0., 0.), (1., 1.)], &[(0., 0.)], &[]];
        assert!(lines.iter().all(|line| cleaned(line).0.is_empty()));
    }
}
