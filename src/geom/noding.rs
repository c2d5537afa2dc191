//! Makes neighbouring rings share their vertices: nearly equal vertices become one, and a vertex that lies on another
//! ring's side is put into that side (a T-junction becomes a node).

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use geo::Coord;
use rayon::slice::ParallelSliceMut as _;

/// Longest side over grid cell: bounds the cells that one side is entered in.
const CELLS_PER_SIDE_LIMIT: f64 = 1024.0;

/// Rings over one list of points. Rings are open (the first point is not repeated) and may be empty.
pub struct Noded {
    /// Every point once.
    pub points: Vec<Coord>,
    /// Points of each ring, in the order of the rings given.
    pub rings: Vec<Vec<u32>>,
}

/// Nodes rings to each other. `tolerance` is in the unit of the coordinates; rings may be closed or open.
///
/// A ring that has fewer than three points left is returned empty.
pub fn node(rings: &[Vec<Coord>], tolerance: f64) -> Noded {
    let mut noded = merge_points(rings, tolerance);
    let hits = points_on_sides(&noded, tolerance);
    let mut hits = hits.iter().peekable();
    for (number, ring) in noded.rings.iter_mut().enumerate() {
        if hits.peek().is_some_and(|hit| hit.ring == number) {
            let mut with_nodes = Vec::with_capacity(ring.len() + 4);
            for (side, point) in ring.iter().enumerate() {
                with_nodes.push(*point);
                while let Some(hit) = hits.next_if(|hit| hit.ring == number && hit.side == side) {
                    if with_nodes.last() != Some(&hit.point) {
                        with_nodes.push(hit.point);
                    }
                }
            }
            *ring = with_nodes;
        }
    }
    noded
}

/// Mixes integer keys; the keys are places on a map, which nobody can choose to collide at a cost worth the attempt.
#[derive(Default)]
pub struct CellHasher(u64);

impl Hasher for CellHasher {
    fn finish(&self) -> u64 {
        self.0 ^ (self.0 >> 29)
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_u32(&mut self, value: u32) {
        self.write_u64(u64::from(value));
    }

    fn write_u64(&mut self, value: u64) {
        self.0 = (self.0.rotate_left(23) ^ value).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }

    fn write_i64(&mut self, value: i64) {
        self.write_u64(value.cast_unsigned());
    }
}

/// A map keyed by integers.
pub type CellMap<K, V> = HashMap<K, V, BuildHasherDefault<CellHasher>>;

fn merge_points(rings: &[Vec<Coord>], tolerance: f64) -> Noded {
    let size = 2.0 * tolerance;
    let vertices = rings.iter().map(Vec::len).sum();
    let mut points: Vec<Coord> = Vec::with_capacity(vertices);
    // Points of a cell are chained through `next`, so that the map holds one number a cell.
    let mut next: Vec<u32> = Vec::with_capacity(vertices);
    let mut cells: CellMap<(i64, i64), u32> =
        CellMap::with_capacity_and_hasher(vertices, BuildHasherDefault::default());
    let mut number_of = |vertex: Coord| -> u32 {
        let (u, v) = (vertex.x / size, vertex.y / size);
        let (column, row) = (u.floor() as i64, v.floor() as i64);
        // A point within half a cell's width is in this cell or one of the three on the nearer sides.
        let beside = if u - u.floor() < 0.5 { column - 1 } else { column + 1 };
        let above = if v - v.floor() < 0.5 { row - 1 } else { row + 1 };
        for cell in [(column, row), (beside, row), (column, above), (beside, above)] {
            let mut found = cells.get(&cell).copied().unwrap_or(u32::MAX);
            while found != u32::MAX {
                let other = points[found as usize];
                if (other.x - vertex.x).hypot(other.y - vertex.y) <= tolerance {
                    return found;
                }
                found = next[found as usize];
            }
        }
        let number = u32::try_from(points.len()).expect("fewer than four billion vertices fit in memory");
        points.push(vertex);
        next.push(cells.insert((column, row), number).unwrap_or(u32::MAX));
        number
    };
    let rings = rings
        .iter()
        .map(|ring| {
            let mut numbers: Vec<u32> = ring.iter().map(|vertex| number_of(*vertex)).collect();
            numbers.dedup();
            while numbers.len() > 1 && numbers.first() == numbers.last() {
                numbers.pop();
            }
            if numbers.len() < 3 {
                numbers.clear();
            }
            numbers
        })
        .collect();
    Noded { points, rings }
}

/// A point on a side of a ring, strictly between the side's ends.
struct Hit {
    ring: usize,
    side: usize,
    along: f64,
    point: u32,
}

/// Points within `tolerance` of sides they are not an end of, ordered by ring, side and place along the side.
fn points_on_sides(noded: &Noded, tolerance: f64) -> Vec<Hit> {
    let mut sides = Vec::with_capacity(noded.points.len() * 2);
    for (ring, points) in noded.rings.iter().enumerate() {
        for (side, from) in points.iter().enumerate() {
            let to = points[(side + 1) % points.len()];
            sides.push((ring, side, *from, to));
        }
    }
    let Some(grid) = Grid::around(noded, &sides, tolerance) else { return Vec::new() };

    let mut entries: Vec<(u64, u32)> = Vec::with_capacity(sides.len() * 3);
    for (number, (_, _, from, to)) in sides.iter().enumerate() {
        let number = u32::try_from(number).expect("fewer than four billion sides fit in memory");
        grid.cells_along(noded.points[*from as usize], noded.points[*to as usize], |key| entries.push((key, number)));
    }
    entries.par_sort_unstable();
    let mut places: Vec<(u64, u32)> =
        noded.points.iter().zip(0_u32..).map(|(point, number)| (grid.key_at(*point), number)).collect();
    places.par_sort_unstable();

    let mut hits = Vec::new();
    let mut start = 0;
    for (key, point) in places {
        while start < entries.len() && entries[start].0 < key {
            start += 1;
        }
        for (_, number) in entries[start..].iter().take_while(|entry| entry.0 == key) {
            let (ring, side, from, to) = sides[*number as usize];
            if point == from || point == to {
                continue;
            }
            let place = noded.points[point as usize];
            if let Some(along) = share_along(noded.points[from as usize], noded.points[to as usize], place, tolerance) {
                hits.push(Hit { ring, side, along, point });
            }
        }
    }
    hits.sort_unstable_by(|a, b| (a.ring, a.side).cmp(&(b.ring, b.side)).then(a.along.total_cmp(&b.along)));
    hits
}

/// Where on the side, 0..1, the point lies, if it is within `tolerance` of it.
fn share_along(from: Coord, to: Coord, point: Coord, tolerance: f64) -> Option<f64> {
    let (side, offset) = (to - from, point - from);
    let squared = side.x * side.x + side.y * side.y;
    let along = (side.x * offset.x + side.y * offset.y) / squared;
    let across = (side.x * offset.y - side.y * offset.x).abs();
    (along > 0.0 && along < 1.0 && across <= tolerance * squared.sqrt()).then_some(along)
}

/// Square cells over the plane, about twice a mean side wide.
struct Grid {
    origin: Coord,
    size: f64,
    tolerance: f64,
}

impl Grid {
    fn around(noded: &Noded, sides: &[(usize, usize, u32, u32)], tolerance: f64) -> Option<Self> {
        let first = noded.points.first()?;
        let origin = noded.points.iter().fold(*first, |o, p| Coord { x: o.x.min(p.x), y: o.y.min(p.y) });
        let (mut sum, mut longest) = (0.0, 0.0_f64);
        for (_, _, from, to) in sides {
            let side = noded.points[*to as usize] - noded.points[*from as usize];
            sum += side.x.abs() + side.y.abs();
            longest = longest.max(side.x.abs().max(side.y.abs()));
        }
        let mean = sum / (sides.len() as f64).max(1.0);
        let size = (2.0 * mean).max(longest / CELLS_PER_SIDE_LIMIT).max(4.0 * tolerance);
        Some(Self { origin, size, tolerance })
    }

    fn index(&self, offset: f64) -> u64 {
        // Cells start one to the left of the origin, so that the margin of the first side has a place.
        ((offset / self.size).floor() + 1.0).max(0.0) as u64
    }

    fn key_at(&self, point: Coord) -> u64 {
        (self.index(point.x - self.origin.x) << 32) | self.index(point.y - self.origin.y)
    }

    /// Every cell that the side, widened by the tolerance, runs through.
    fn cells_along(&self, from: Coord, to: Coord, mut enter: impl FnMut(u64)) {
        let (from, to) = (from - self.origin, to - self.origin);
        let (left, right) = if from.x <= to.x { (from, to) } else { (to, from) };
        let slope = if right.x > left.x { (right.y - left.y) / (right.x - left.x) } else { 0.0 };
        for column in self.index(left.x - self.tolerance)..=self.index(right.x + self.tolerance) {
            let west = (column as f64 - 1.0) * self.size - self.tolerance;
            let east = west + self.size + 2.0 * self.tolerance;
            let (y0, y1) = if right.x - left.x <= 2.0 * self.tolerance {
                (left.y, right.y)
            } else {
                let y_at = |x: f64| left.y + (x.clamp(left.x, right.x) - left.x) * slope;
                (y_at(west), y_at(east))
            };
            let rows = self.index(y0.min(y1) - self.tolerance)..=self.index(y0.max(y1) + self.tolerance);
            for row in rows {
                enter((column << 32) | row);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ring(points: &[(f64, f64)]) -> Vec<Coord> {
        points.iter().map(|p| Coord::from(*p)).collect()
    }

    #[test]
    fn nearly_equal_vertices_become_one_point() {
        let left = ring(&[(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0), (0.0, 0.0)]);
        let right = ring(&[(1.0 + 5e-9, 0.0), (2.0, 0.0), (2.0, 1.0), (1.0, 1.0 - 5e-9)]);
        let noded = node(&[left, right], 1e-8);
        assert_eq!(noded.points.len(), 6);
        assert_eq!(noded.rings[0], [0, 1, 2, 3]);
        assert_eq!(noded.rings[1], [1, 4, 5, 2]);
    }

    #[test]
    fn a_vertex_on_a_neighbours_side_is_put_into_it() {
        let tall = ring(&[(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)]);
        let low = ring(&[(1.0, 0.0), (2.0, 0.0), (2.0, 0.4), (1.0 + 3e-9, 0.4)]);
        let high = ring(&[(1.0, 0.4), (2.0, 0.4), (2.0, 1.0), (1.0, 1.0)]);
        let noded = node(&[tall, low, high], 1e-8);
        assert_eq!(noded.rings[0].len(), 5);
        assert_eq!(noded.points[noded.rings[0][2] as usize].y, 0.4);
        assert_eq!(noded.rings[1].len(), 4);
        assert_eq!(noded.rings[2].len(), 4);
    }

    #[test]
    fn rings_without_surface_to_speak_of_come_back_empty() {
        let speck = ring(&[(0.0, 0.0), (1e-9, 0.0), (0.0, 1e-9)]);
        assert_eq!(node(&[speck, vec![]], 1e-8).rings, [vec![], Vec::<u32>::new()]);
    }
}
