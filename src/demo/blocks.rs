//! From the cell of a street to blocks between roads: main roads across the whole cell first, then lanes within each
//! quarter between them, then everything drawn back from the middle of its roads.

use crate::demo::draw::Draw;
use crate::demo::plane::{
    Corner, Line, Point, clip, cut, edges, extent, is_reflex, main_direction, places, squareness, surface_m2,
};

/// Half the width of roads along the border of a cell, metres; areas of two streets are therefore never neighbours.
const BORDER_HALF_ROAD_M: (f64, f64) = (15.0, 22.0);
/// Half the width of main roads, metres.
const MAIN_HALF_ROAD_M: (f64, f64) = (15.0, 21.0);
/// Half the width of lanes, metres.
const LANE_HALF_ROAD_M: (f64, f64) = (6.0, 9.5);
/// Blocks below this surface or squareness are left-over corners without a use.
const LEAST_BLOCK_M2: f64 = 6_000.0;
const LEAST_BLOCK_SQUARENESS: f64 = 0.5;
/// In how many cases of a hundred a block with a sharp corner is built on; most are small parks.
const POINTED_PERCENT: usize = 15;
/// More cuts of one quarter than this mean that its shape defeats the rules.
const MOST_CUTS: usize = 400;

/// How the ground of a street is divided.
#[derive(Debug, Clone, Copy)]
pub struct Texture {
    /// Turn of the street grid, see [`Point::turned`].
    pub turn: i64,
    /// Metres between main roads, least and most.
    pub main_spacing_m: (f64, f64),
    /// Surfaces at which a quarter's blocks stop being divided, square metres; each quarter draws one.
    pub block_m2: &'static [f64],
}

/// Blocks of one polygon of a cell, each convex and counter-clockwise.
///
/// `cell` is a simple ring in metres, in either winding, without repeated first vertex.
pub fn blocks(cell: &[Point], texture: &Texture, draw: &mut Draw) -> Vec<Vec<Point>> {
    let mut outline = cell.to_vec();
    if surface_m2(&outline) < 0.0 {
        outline.reverse();
    }
    let border = draw.between(BORDER_HALF_ROAD_M.0, BORDER_HALF_ROAD_M.1);
    let whole = outline.into_iter().map(|at| Corner { at, half_road_m: border }).collect();
    let east = Point { x: 1.0, y: 0.0 }.turned(texture.turn);
    let mut quarters = main_roads(vec![whole], east, texture, draw);
    quarters = main_roads(quarters, east.left(), texture, draw);
    quarters
        .into_iter()
        .flat_map(|quarter| {
            let stop_m2 = *draw.pick(texture.block_m2);
            lanes(quarter, east, stop_m2, draw)
        })
        .collect::<Vec<_>>()
        .into_iter()
        .map(|block| drawn_back(&block))
        .filter(|b| b.len() >= 3 && surface_m2(b) > LEAST_BLOCK_M2 && squareness(b) > LEAST_BLOCK_SQUARENESS)
        .filter(|b| !is_pointed(b) || draw.chance(POINTED_PERCENT))
        .collect()
}

/// Cuts every piece by roads that run along `along` at irregular distances.
fn main_roads(mut pieces: Vec<Vec<Corner>>, along: Point, texture: &Texture, draw: &mut Draw) -> Vec<Vec<Corner>> {
    let all: Vec<Point> = pieces.iter().flatten().map(|c| c.at).collect();
    let (low, high) = extent(&all, along.left());
    let (start, end) = extent(&all, along);
    let spacing = texture.main_spacing_m;
    let mut at = low + draw.between(0.35, 1.0) * spacing.1;
    while at < high - 0.35 * spacing.0 {
        let middle = Point { x: 0.0, y: 0.0 }.shifted(along.left(), at).shifted(along, (start + end) / 2.0);
        let tilt = draw.whole(45, 160) * if draw.chance(50) { 1 } else { -1 };
        let line = Line { through: middle, along: along.turned(tilt) };
        let half_road_m = draw.between(MAIN_HALF_ROAD_M.0, MAIN_HALF_ROAD_M.1);
        pieces = pieces
            .iter()
            .flat_map(|piece| {
                let (left, right) = cut(piece, &line, half_road_m);
                left.into_iter().chain(right)
            })
            .collect();
        at += draw.between(spacing.0, spacing.1);
    }
    pieces
}

/// Divides a quarter by lanes until its blocks are convex and small enough.
fn lanes(quarter: Vec<Corner>, east: Point, stop_m2: f64, draw: &mut Draw) -> Vec<Vec<Corner>> {
    let mut done = Vec::new();
    let mut open = vec![quarter];
    let mut cuts = 0;
    while let Some(block) = open.pop() {
        let ring = places(&block);
        let reflex = (0..ring.len()).find(|i| is_reflex(&ring, *i));
        let large = surface_m2(&ring) > stop_m2 * draw.between(0.7, 1.6) || squareness(&ring) < 0.5;
        cuts += 1;
        if cuts > MOST_CUTS || (reflex.is_none() && !large) {
            if reflex.is_none() {
                done.push(block);
            }
            continue;
        }
        let line = match reflex {
            Some(vertex) => through_vertex(&ring, vertex, east),
            None => across(&ring, east, draw),
        };
        let wide = if surface_m2(&ring) > 250_000.0 { 1.5 } else { 1.0 };
        let half_road_m = draw.between(LANE_HALF_ROAD_M.0, LANE_HALF_ROAD_M.1) * wide;
        let (left, right) = cut(&block, &line, half_road_m);
        if left.is_empty() || right.is_empty() {
            done.extend(left.into_iter().chain(right).filter(|b| is_convex(&places(b))));
        } else {
            open.extend(left.into_iter().chain(right));
        }
    }
    done
}

/// Whether a corner is sharper than about 55 degrees.
fn is_pointed(ring: &[Point]) -> bool {
    let n = ring.len();
    (0..n).any(|i| {
        let before = ring[i].to(ring[(i + n - 1) % n]).unit();
        let after = ring[i].to(ring[(i + 1) % n]).unit();
        before.dot(after) > 0.57
    })
}

fn is_convex(ring: &[Point]) -> bool {
    (0..ring.len()).all(|i| !is_reflex(ring, i))
}

/// The grid line through a vertex that divides the ring most evenly.
fn through_vertex(ring: &[Point], vertex: usize, east: Point) -> Line {
    let through = ring[vertex];
    let evenness = |along: Point| {
        let line = Line { through, along };
        let left = ring.iter().map(|p| line.offset(*p)).fold(0.0, f64::max);
        let right = ring.iter().map(|p| -line.offset(*p)).fold(0.0, f64::max);
        left.min(right) / left.max(right).max(1.0)
    };
    let along = if evenness(east) >= evenness(east.left()) { east } else { east.left() };
    Line { through, along }
}

/// A line across the longer side, near the middle, along the grid or along the block's own longest edge.
fn across(ring: &[Point], east: Point, draw: &mut Draw) -> Line {
    let own = main_direction(ring);
    let axis = if draw.chance(65) { own } else { east };
    let (low, high) = extent(ring, axis);
    let (near, far) = extent(ring, axis.left());
    let (along, from, to) = if high - low >= far - near { (axis, low, high) } else { (axis.left(), near, far) };
    let share = if draw.chance(25) { draw.between(0.30, 0.38) } else { draw.between(0.42, 0.58) };
    let share = if draw.chance(50) { share } else { 1.0 - share };
    let through = Point { x: 0.0, y: 0.0 }.shifted(along, from + (to - from) * share);
    let tilt = if draw.chance(30) { draw.whole(12, 60) * if draw.chance(50) { 1 } else { -1 } } else { 0 };
    // The line must pass the block, not the origin: the place on it is moved next to the block first.
    let side = along.left();
    let (near, far) = extent(ring, side);
    Line { through: through.shifted(side, (near + far) / 2.0), along: side.turned(tilt) }
}

/// The part of a block that is half a road away from all its edges.
fn drawn_back(block: &[Corner]) -> Vec<Point> {
    let ring = places(block);
    let (west, east) = extent(&ring, Point { x: 1.0, y: 0.0 });
    let (south, north) = extent(&ring, Point { x: 0.0, y: 1.0 });
    let mut kept = vec![
        Point { x: west, y: south },
        Point { x: east, y: south },
        Point { x: east, y: north },
        Point { x: west, y: north },
    ];
    for ((a, b), corner) in edges(&ring).zip(block) {
        let along = a.to(b).unit();
        kept = clip(&kept, &Line { through: a.shifted(along.left(), corner.half_road_m), along });
    }
    merged(&kept)
}

/// Without edges shorter than five metres and vertices on a straight line.
fn merged(ring: &[Point]) -> Vec<Point> {
    let mut kept: Vec<Point> = Vec::with_capacity(ring.len());
    for point in ring {
        if kept.last().is_none_or(|last| last.to(*point).length() > 5.0) {
            kept.push(*point);
        }
    }
    while kept.len() > 1 && kept[0].to(kept[kept.len() - 1]).length() <= 5.0 {
        kept.pop();
    }
    let n = kept.len();
    (0..n)
        .filter(|&i| {
            let before = kept[(i + n - 1) % n].to(kept[i]);
            let after = kept[i].to(kept[(i + 1) % n]);
            before.unit().cross(after.unit()).abs() > 0.01
        })
        .map(|i| kept[i])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::draw::Purpose;
    use crate::demo::plane::to_segment_m;

    const TEXTURE: Texture = Texture { turn: 20, main_spacing_m: (500.0, 700.0), block_m2: &[40_000.0, 90_000.0] };

    #[test]
    fn blocks_are_convex_and_keep_their_distance_from_the_border() {
        let cell: Vec<Point> = [(0.0, 0.0), (2000.0, 0.0), (2000.0, 1500.0), (1000.0, 700.0), (0.0, 1500.0)]
            .map(|(x, y)| Point { x, y })
            .to_vec();
        let found = blocks(&cell, &TEXTURE, &mut Draw::new(3, 1, Purpose::Ground));
        assert!(found.len() > 15, "{}", found.len());
        let covered: f64 = found.iter().map(|b| surface_m2(b)).sum();
        assert!(covered > 0.6 * surface_m2(&cell) && covered < surface_m2(&cell), "{covered}");
        for block in &found {
            assert!(is_convex(block));
            for point in block {
                assert!(edges(&cell).all(|edge| to_segment_m(*point, edge) > 14.9));
            }
        }
    }
}
