//! Plane geometry in local metres. Only `+ - * /` and `sqrt` are used, which give the same bits on every platform.

/// Below this many metres a vertex counts as lying on a line.
pub const ON_LINE_M: f64 = 0.5;
/// Pieces smaller than this are rounding dust, square metres.
const DUST_M2: f64 = 4.0;

/// A place or a direction, metres east and north.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// Metres east.
    pub x: f64,
    /// Metres north.
    pub y: f64,
}

impl Point {
    /// The place `metres` further along a unit direction.
    pub fn shifted(self, direction: Self, metres: f64) -> Self {
        Self { x: self.x + direction.x * metres, y: self.y + direction.y * metres }
    }

    /// From `self` to `other`.
    pub fn to(self, other: Self) -> Self {
        Self { x: other.x - self.x, y: other.y - self.y }
    }

    /// The place at `share` of the way to `other`.
    pub fn part_way(self, other: Self, share: f64) -> Self {
        self.shifted(self.to(other), share)
    }

    /// Scalar product.
    pub fn dot(self, other: Self) -> f64 {
        self.x * other.x + self.y * other.y
    }

    /// Positive when `other` lies counter-clockwise of `self`.
    pub fn cross(self, other: Self) -> f64 {
        self.x * other.y - self.y * other.x
    }

    /// Length of a direction.
    pub fn length(self) -> f64 {
        self.dot(self).sqrt()
    }

    /// The same direction with length 1.
    pub fn unit(self) -> Self {
        let length = self.length();
        Self { x: self.x / length, y: self.y / length }
    }

    /// A quarter turn counter-clockwise.
    pub fn left(self) -> Self {
        Self { x: -self.y, y: self.x }
    }

    /// Turned by the angle whose half has the tangent `1 / m`: a rational cosine and sine, and hence no library function.
    /// `m` = 3 turns by 37 degrees, 10 by 11 degrees, 40 by 3 degrees; a negative `m` turns clockwise and 0 not at all.
    pub fn turned(self, m: i64) -> Self {
        if m == 0 {
            return self;
        }
        let m = m as f64;
        let (cos, sin) = ((m * m - 1.0) / (m * m + 1.0), 2.0 * m / (m * m + 1.0));
        Self { x: self.x * cos - self.y * sin, y: self.x * sin + self.y * cos }
    }
}

/// A straight line with a unit direction.
#[derive(Debug, Clone, Copy)]
pub struct Line {
    /// A place on it.
    pub through: Point,
    /// Its unit direction.
    pub along: Point,
}

impl Line {
    /// Metres from the line, positive on its left.
    pub fn offset(&self, point: Point) -> f64 {
        self.along.cross(self.through.to(point))
    }
}

/// A vertex of a ring, and half the width of the road along the edge that starts there.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Corner {
    /// Where it is.
    pub at: Point,
    /// Half the width of the road along the following edge, metres.
    pub half_road_m: f64,
}

/// Surface of a ring, positive when counter-clockwise.
pub fn surface_m2(ring: &[Point]) -> f64 {
    edges(ring).map(|(a, b)| a.cross(b)).sum::<f64>() / 2.0
}

/// Sixteen times the surface over the squared perimeter: 1 for a square, 0.64 for 1:4, 0.49 for 1:6.
pub fn squareness(ring: &[Point]) -> f64 {
    let perimeter: f64 = edges(ring).map(|(a, b)| a.to(b).length()).sum();
    16.0 * surface_m2(ring).abs() / (perimeter * perimeter)
}

/// Mean of the vertices, inside for a convex ring.
pub fn centre(ring: &[Point]) -> Point {
    let n = ring.len() as f64;
    Point { x: ring.iter().map(|p| p.x).sum::<f64>() / n, y: ring.iter().map(|p| p.y).sum::<f64>() / n }
}

/// The edges of a ring that does not repeat its first vertex.
pub fn edges(ring: &[Point]) -> impl Iterator<Item = (Point, Point)> + '_ {
    (0..ring.len()).map(|i| (ring[i], ring[(i + 1) % ring.len()]))
}

/// Direction of the longest edge.
pub fn main_direction(ring: &[Point]) -> Point {
    let mut best = Point { x: 1.0, y: 0.0 };
    let mut longest = 0.0;
    for (a, b) in edges(ring) {
        let edge = a.to(b);
        if edge.length() > longest {
            longest = edge.length();
            best = edge.unit();
        }
    }
    best
}

/// Least and greatest extent of a ring along a unit direction, measured from the origin.
pub fn extent(ring: &[Point], along: Point) -> (f64, f64) {
    ring.iter()
        .map(|p| p.dot(along))
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), at| (low.min(at), high.max(at)))
}

/// Metres from a place to a segment.
pub fn to_segment_m(point: Point, (a, b): (Point, Point)) -> f64 {
    let along = a.to(b);
    let share = (a.to(point).dot(along) / along.dot(along)).clamp(0.0, 1.0);
    a.part_way(b, share).to(point).length()
}

/// Positions of the corners of a ring.
pub fn places(ring: &[Corner]) -> Vec<Point> {
    ring.iter().map(|corner| corner.at).collect()
}

/// Whether the ring turns clockwise at a vertex by more than a degree or two.
pub fn is_reflex(ring: &[Point], i: usize) -> bool {
    let n = ring.len();
    let before = ring[(i + n - 1) % n].to(ring[i]).unit();
    let after = ring[i].to(ring[(i + 1) % n]).unit();
    before.cross(after) < -0.03
}

/// Keeps the part of a convex ring on the left of a line.
pub fn clip(ring: &[Point], line: &Line) -> Vec<Point> {
    let mut kept = Vec::with_capacity(ring.len() + 1);
    for (a, b) in edges(ring) {
        let (from, to) = (line.offset(a), line.offset(b));
        if from >= 0.0 {
            kept.push(a);
        }
        if (from >= 0.0) != (to >= 0.0) {
            kept.push(a.part_way(b, from / (from - to)));
        }
    }
    kept
}

/// Cuts a simple counter-clockwise ring along a line and gives the pieces on its left and on its right.
///
/// A vertex within [`ON_LINE_M`] of the line becomes the end of the cut itself, so that no tiny edges arise. The new edges
/// get `half_road_m`; all others keep theirs.
pub fn cut(ring: &[Corner], line: &Line, half_road_m: f64) -> (Vec<Vec<Corner>>, Vec<Vec<Corner>>) {
    let sides = sides(ring, line);
    let mut crossings = crossings(ring, line, &sides);
    if crossings.is_empty() {
        let whole = vec![ring.to_vec()];
        return if sides.first().is_some_and(|d| *d > 0.0) { (whole, vec![]) } else { (vec![], whole) };
    }
    crossings.sort_by(|a, b| a.position.total_cmp(&b.position));
    let pieces = |left: bool| {
        let mut visited = vec![false; crossings.len()];
        let mut found = Vec::new();
        for start in 0..crossings.len() {
            if !visited[start] && (sides[crossings[start].edge] < 0.0) == left {
                let piece = tidy(walk(ring, &crossings, start, half_road_m, &mut visited));
                if piece.len() >= 3 && surface_m2(&places(&piece)) > DUST_M2 {
                    found.push(piece);
                }
            }
        }
        found
    };
    (pieces(true), pieces(false))
}

/// Where the outline crosses the line: on which edge, at which place, and how far along the line.
struct Crossing {
    edge: usize,
    at: Point,
    position: f64,
}

/// Offsets of the vertices, with those on the line moved a millimetre to the side that keeps both parts simple.
fn sides(ring: &[Corner], line: &Line) -> Vec<f64> {
    let n = ring.len();
    let offsets: Vec<f64> = ring.iter().map(|c| line.offset(c.at)).collect();
    (0..n)
        .map(|i| {
            if offsets[i].abs() >= ON_LINE_M {
                return offsets[i];
            }
            let both_left = offsets[(i + n - 1) % n] > 0.0 && offsets[(i + 1) % n] > 0.0;
            if both_left && is_reflex(&places(ring), i) { -1e-3 } else { 1e-3 }
        })
        .collect()
}

fn crossings(ring: &[Corner], line: &Line, sides: &[f64]) -> Vec<Crossing> {
    let n = ring.len();
    let mut found = Vec::new();
    for edge in 0..n {
        let next = (edge + 1) % n;
        let (from, to) = (sides[edge], sides[next]);
        if (from > 0.0) == (to > 0.0) {
            continue;
        }
        let exact = ring[edge].at.part_way(ring[next].at, from / (from - to));
        let at = if from.abs() < ON_LINE_M {
            ring[edge].at
        } else if to.abs() < ON_LINE_M {
            ring[next].at
        } else {
            exact
        };
        found.push(Crossing { edge, at, position: line.through.to(exact).dot(line.along) });
    }
    found
}

/// Follows the outline from a crossing, and the line between two crossings, back to the start. Inside stretches of the
/// line lie between the first and second crossing, the third and fourth, and so on.
fn walk(ring: &[Corner], crossings: &[Crossing], start: usize, half_road_m: f64, visited: &mut [bool]) -> Vec<Corner> {
    let n = ring.len();
    let mut piece = Vec::new();
    let mut entry = start;
    loop {
        visited[entry] = true;
        let first = crossings[entry].edge;
        piece.push(Corner { at: crossings[entry].at, half_road_m: ring[first].half_road_m });
        let mut vertex = (first + 1) % n;
        let exit = loop {
            piece.push(ring[vertex]);
            if let Some(exit) = crossings.iter().position(|c| c.edge == vertex) {
                break exit;
            }
            vertex = (vertex + 1) % n;
        };
        visited[exit] = true;
        piece.push(Corner { at: crossings[exit].at, half_road_m });
        entry = exit ^ 1;
        if entry == start || entry >= crossings.len() || visited[entry] {
            return piece;
        }
    }
}

/// Drops edges shorter than a few decimetres; the place stays, the following edge's road wins.
fn tidy(piece: Vec<Corner>) -> Vec<Corner> {
    let mut kept: Vec<Corner> = Vec::with_capacity(piece.len());
    for corner in piece {
        match kept.last_mut() {
            Some(last) if last.at.to(corner.at).length() < ON_LINE_M => last.half_road_m = corner.half_road_m,
            _ => kept.push(corner),
        }
    }
    while kept.len() > 1 && kept[0].at.to(kept[kept.len() - 1].at).length() < ON_LINE_M {
        kept.pop();
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ring(places: &[(f64, f64)]) -> Vec<Corner> {
        places.iter().map(|&(x, y)| Corner { at: Point { x, y }, half_road_m: 0.0 }).collect()
    }

    fn surfaces(pieces: &[Vec<Corner>]) -> Vec<f64> {
        pieces.iter().map(|p| surface_m2(&places(p))).collect()
    }

    fn upright(x: f64) -> Line {
        Line { through: Point { x, y: 0.0 }, along: Point { x: 0.0, y: 1.0 } }
    }

    #[test]
    fn a_cut_through_a_u_shape_gives_two_arms() {
        let u = ring(&[
            (0.0, 0.0),
            (90.0, 0.0),
            (90.0, 90.0),
            (60.0, 90.0),
            (60.0, 30.0),
            (30.0, 30.0),
            (30.0, 90.0),
            (0.0, 90.0),
        ]);
        let line = Line { through: Point { x: 0.0, y: 50.0 }, along: Point { x: 1.0, y: 0.0 } };
        let (above, below) = cut(&u, &line, 6.0);
        assert_eq!(surfaces(&above), vec![1200.0, 1200.0]);
        assert_eq!(surfaces(&below), vec![3900.0]);
    }

    #[test]
    fn a_cut_through_a_reflex_vertex_keeps_every_piece_simple() {
        let notch = ring(&[(0.0, 0.0), (100.0, 0.0), (100.0, 100.0), (50.0, 60.0), (0.0, 100.0)]);
        let (left, right) = cut(&notch, &upright(50.0), 6.0);
        assert_eq!((left.len(), right.len()), (1, 1));
        assert_eq!(surfaces(&left), surfaces(&right));
        let level = Line { through: Point { x: 50.0, y: 60.0 }, along: Point { x: 1.0, y: 0.0 } };
        let (above, below) = cut(&notch, &level, 6.0);
        assert_eq!((above.len(), below.len()), (2, 1));
        let opposite = Line { through: Point { x: 50.0, y: 60.0 }, along: Point { x: -1.0, y: 0.0 } };
        let (below, above) = cut(&notch, &opposite, 6.0);
        assert_eq!((above.len(), below.len()), (2, 1));
    }

    #[test]
    fn a_line_that_misses_cuts_nothing() {
        let square = ring(&[(0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 10.0)]);
        assert_eq!(cut(&square, &upright(20.0), 1.0).0.len(), 1);
        assert_eq!(cut(&square, &upright(-20.0), 1.0).1.len(), 1);
    }

    #[test]
    fn turning_keeps_the_length() {
        for m in [-40, -3, 0, 5, 17] {
            assert!((Point { x: 3.0, y: 4.0 }.turned(m).length() - 5.0).abs() < 1e-12);
        }
    }
}
