//! From a block to plots that share their edges exactly: straight cuts, L-shapes, and every vertex that touches a
//! neighbour's edge made a vertex of that neighbour too.

use crate::demo::draw::Draw;
use crate::demo::plane::{
    Corner, Line, ON_LINE_M, Point, cut, extent, main_direction, places, squareness, surface_m2, to_segment_m,
};

/// No plot is smaller, square metres. The limit for areas is 3,000; rounding needs a little room.
pub const LEAST_PLOT_M2: f64 = 3_300.0;
/// Pieces of a cut are at least this square.
const LEAST_SQUARENESS: f64 = 0.55;
/// Attempts to find a cut before a piece is left whole.
const ATTEMPTS: usize = 8;

/// Divides a convex block into plots of about `target_m2`. Edges between plots are the same vertices on both sides.
pub fn plots(block: &[Point], target_m2: f64, draw: &mut Draw) -> Vec<Vec<Point>> {
    let mut mesh = Mesh { points: Vec::new() };
    let outline = weathered(block, draw);
    let first = mesh.ring(&outline);
    let mut pieces = Vec::new();
    let mut open = vec![first];
    while let Some(piece) = open.pop() {
        let surface = surface_m2(&mesh.places(&piece));
        if surface > target_m2 * draw.between(1.2, 1.9)
            && let Some((a, b)) = halves(&mut mesh, &piece, draw)
        {
            open.extend([a, b]);
        } else {
            pieces.push(piece);
        }
    }
    let mut joints = Vec::new();
    for i in 0..pieces.len() {
        if draw.chance(14)
            && surface_m2(&mesh.places(&pieces[i])) > 15_000.0
            && let Some((arm, corner, rest)) = l_shape(&mut mesh, &pieces[i], draw)
        {
            pieces[i] = corner;
            joints.push((pieces.len(), pieces.len() + 1));
            pieces.extend([arm, rest]);
        }
    }
    let mut rings: Vec<Vec<usize>> = pieces.iter().map(|piece| mesh.noded(piece)).collect();
    for (a, b) in joints {
        if let Some(joined) = joined(&rings[a], &rings[b]) {
            rings[a] = joined;
            rings[b].clear();
        }
    }
    rings.iter().filter(|ring| ring.len() >= 3).map(|ring| mesh.places(ring)).collect()
}

/// A block whose corners and sides are less perfect: corners cut off at crossings, a slanting side, a bend.
fn weathered(block: &[Point], draw: &mut Draw) -> Vec<Point> {
    let n = block.len();
    let slanted = draw.chance(9).then(|| draw.below(n));
    let mut kept = Vec::with_capacity(2 * n);
    for i in 0..n {
        let (before, at, after) = (block[(i + n - 1) % n], block[i], block[(i + 1) % n]);
        let room = at.to(before).length().min(at.to(after).length());
        let cut_m = if slanted == Some(i) {
            room * draw.between(0.2, 0.4)
        } else if draw.chance(30) {
            draw.between(7.0, 16.0)
        } else {
            0.0
        };
        if cut_m > 0.0 && room > 60.0 {
            kept.push(at.shifted(at.to(before).unit(), cut_m));
            kept.push(at.shifted(at.to(after).unit(), cut_m * draw.between(0.8, 1.2)));
        } else {
            kept.push(at);
        }
        let length = at.to(after).length();
        // A bend next to a slanting side could lie within what the slant took away.
        let beside_slant = slanted.is_some_and(|s| s == i || s == (i + 1) % n);
        if length > 140.0 && !beside_slant && draw.chance(22) {
            let inward = at.to(after).unit().left();
            kept.push(at.part_way(after, draw.between(0.35, 0.65)).shifted(inward, draw.between(2.5, 9.0)));
        }
    }
    if surface_m2(&kept) > 0.7 * surface_m2(block) { kept } else { block.to_vec() }
}

/// Two pieces of reasonable shape, by a cut across the longer side.
fn halves(mesh: &mut Mesh, piece: &[usize], draw: &mut Draw) -> Option<(Vec<usize>, Vec<usize>)> {
    let ring = mesh.places(piece);
    let axis = main_direction(&ring);
    for attempt in 0..ATTEMPTS {
        let (low, high) = extent(&ring, axis);
        let (near, far) = extent(&ring, axis.left());
        let lengthwise = (high - low >= far - near) == (attempt < ATTEMPTS - 2);
        let along = if lengthwise { axis } else { axis.left() };
        let tilt = if draw.chance(15) { draw.whole(15, 70) * if draw.chance(50) { 1 } else { -1 } } else { 0 };
        let line = crossing_line(&ring, along, draw.between(0.33, 0.67), tilt);
        if let Some(found) = mesh.cut_in_two(piece, &line)
            && mesh.is_decent(&found.0)
            && mesh.is_decent(&found.1)
        {
            return Some(found);
        }
    }
    None
}

/// An arm, a corner and the rest: the arm and the rest together make an L around the corner.
fn l_shape(mesh: &mut Mesh, piece: &[usize], draw: &mut Draw) -> Option<(Vec<usize>, Vec<usize>, Vec<usize>)> {
    let ring = mesh.places(piece);
    let axis = main_direction(&ring);
    let (arm, other) = mesh.cut_in_two(piece, &crossing_line(&ring, axis, draw.between(0.4, 0.6), 0))?;
    let rest_ring = mesh.places(&other);
    let (corner, rest) =
        mesh.cut_in_two(&other, &crossing_line(&rest_ring, axis.left(), draw.between(0.45, 0.6), 0))?;
    let (corner, rest) = if draw.chance(50) { (corner, rest) } else { (rest, corner) };
    let decent = [&arm, &corner, &rest].into_iter().all(|p| mesh.is_decent(p));
    decent.then_some((arm, corner, rest))
}

/// The line at `share` of the ring's extent along `along`, at a right angle to it but for the tilt.
fn crossing_line(ring: &[Point], along: Point, share: f64, tilt: i64) -> Line {
    let (low, high) = extent(ring, along);
    let (near, far) = extent(ring, along.left());
    let through =
        Point { x: 0.0, y: 0.0 }.shifted(along, low + (high - low) * share).shifted(along.left(), (near + far) / 2.0);
    Line { through, along: along.left().turned(tilt) }
}

/// The vertices of one block, each kept once, so that equal places are equal numbers.
struct Mesh {
    points: Vec<Point>,
}

impl Mesh {
    fn vertex(&mut self, point: Point) -> usize {
        if let Some(known) = self.points.iter().position(|p| p.to(point).length() < 2.0 * ON_LINE_M) {
            return known;
        }
        self.points.push(point);
        self.points.len() - 1
    }

    fn ring(&mut self, points: &[Point]) -> Vec<usize> {
        let mut ring: Vec<usize> = points.iter().map(|p| self.vertex(*p)).collect();
        ring.dedup();
        while ring.len() > 1 && ring.first() == ring.last() {
            ring.pop();
        }
        ring
    }

    fn places(&self, ring: &[usize]) -> Vec<Point> {
        ring.iter().map(|v| self.points[*v]).collect()
    }

    fn is_decent(&self, ring: &[usize]) -> bool {
        let ring = self.places(ring);
        surface_m2(&ring) > LEAST_PLOT_M2 && squareness(&ring) > LEAST_SQUARENESS
    }

    fn cut_in_two(&mut self, ring: &[usize], line: &Line) -> Option<(Vec<usize>, Vec<usize>)> {
        let corners: Vec<Corner> = self.places(ring).into_iter().map(|at| Corner { at, half_road_m: 0.0 }).collect();
        let (left, right) = cut(&corners, line, 0.0);
        match (left.as_slice(), right.as_slice()) {
            ([left], [right]) => Some((self.ring(&places(left)), self.ring(&places(right)))),
            _ => None,
        }
    }

    /// The ring with every vertex of the mesh that lies on one of its edges.
    fn noded(&self, ring: &[usize]) -> Vec<usize> {
        let mut noded = Vec::with_capacity(ring.len() + 4);
        for i in 0..ring.len() {
            let (a, b) = (ring[i], ring[(i + 1) % ring.len()]);
            let edge = (self.points[a], self.points[b]);
            let along = edge.0.to(edge.1);
            let mut between: Vec<(f64, usize)> = (0..self.points.len())
                .filter(|v| !ring.contains(v) && to_segment_m(self.points[*v], edge) < ON_LINE_M)
                .map(|v| (edge.0.to(self.points[v]).dot(along), v))
                .collect();
            between.sort_by(|a, b| a.0.total_cmp(&b.0));
            noded.push(a);
            noded.extend(between.into_iter().map(|(_, v)| v));
        }
        noded
    }
}

/// Two rings that share one stretch of edges, without that stretch.
fn joined(a: &[usize], b: &[usize]) -> Option<Vec<usize>> {
    let pairs = |ring: &[usize]| -> Vec<(usize, usize)> {
        (0..ring.len()).map(|i| (ring[i], ring[(i + 1) % ring.len()])).collect()
    };
    let (of_a, of_b) = (pairs(a), pairs(b));
    let mut free: Vec<(usize, usize)> = of_a.iter().filter(|(p, q)| !of_b.contains(&(*q, *p))).copied().collect();
    if free.len() == of_a.len() {
        return None;
    }
    free.extend(of_b.iter().filter(|(p, q)| !of_a.contains(&(*q, *p))));
    let start = free.first()?.0;
    let mut ring = vec![start];
    let mut at = free.first()?.1;
    while at != start {
        ring.push(at);
        at = free.iter().find(|(p, _)| *p == at)?.1;
        if ring.len() > free.len() {
            return None;
        }
    }
    (ring.len() == free.len()).then_some(ring)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::draw::Purpose;
    use crate::demo::plane::edges;

    fn share_an_edge(a: &[Point], b: &[Point]) -> bool {
        edges(a).any(|(p, q)| edges(b).any(|(r, s)| p == s && q == r))
    }

    fn rectangle(width: f64, height: f64) -> Vec<Point> {
        [(0.0, 0.0), (width, 0.0), (width, height), (0.0, height)].map(|(x, y)| Point { x, y }).to_vec()
    }

    #[test]
    fn plots_fill_their_block_without_overlap() {
        for stream in 0..40 {
            let mut draw = Draw::new(11, stream, Purpose::Ground);
            let found = plots(&rectangle(420.0, 310.0), 15_000.0, &mut draw);
            assert!(found.len() > 3);
            let neighbours = (0..found.len())
                .filter(|i| (0..found.len()).any(|j| *i != j && share_an_edge(&found[*i], &found[j])))
                .count();
            assert_eq!(neighbours, found.len(), "stream {stream}");
            assert!(found.iter().all(|ring| surface_m2(ring) > LEAST_PLOT_M2 * 0.99));
        }
    }

    #[test]
    fn an_l_is_the_sum_of_its_parts() {
        let joined = joined(&[0, 1, 2, 3], &[1, 4, 5, 2]).unwrap();
        assert_eq!(joined.len(), 6);
        assert!(super::joined(&[0, 1, 2], &[5, 6, 7]).is_none());
    }
}
