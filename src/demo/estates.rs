//! From the cell of a street to the boundaries of its areas: which blocks are lived in, which plots are left out, holes,
//! and areas of two parts.

use geo::{Coord, LineString, MultiPolygon, Polygon};

use crate::demo::DemoError;
use crate::demo::blocks::{Texture, blocks};
use crate::demo::draw::Draw;
use crate::demo::plan::StreetPlan;
use crate::demo::plane::{Point, centre, edges, main_direction, surface_m2, to_segment_m};
use crate::demo::plots::{LEAST_PLOT_M2, plots};

/// Metres in a degree of longitude and of latitude in the middle of the district; a fixed scale, within half a percent.
const METRES_PER_DEGREE: Point = Point { x: 85_400.0, y: 111_030.0 };
/// Written coordinates are whole multiples of this part of a degree, about a centimetre.
const STEPS_PER_DEGREE: f64 = 1e7;
/// No plot is larger, square metres. The limit for areas is 350,000.
const MOST_PLOT_M2: f64 = 320_000.0;
/// Cells with less ground than this for each area are dense, square metres.
const DENSE_M2: f64 = 130_000.0;
/// Attempts with ever smaller plots before a cell is declared too small.
const ATTEMPTS: usize = 40;
/// Plots below this surface get no hole, square metres.
const LEAST_HOLED_M2: f64 = 32_000.0;
/// Clear ground between a hole and the outline, metres.
const HOLE_MARGIN_M: f64 = 14.0;
/// One area in so many is tried as a two-part area, and one in so many gets a hole.
const AREAS_PER_PAIR: usize = 55;
const AREAS_PER_HOLE: usize = 40;

/// The ground of one area.
#[derive(Debug, Clone)]
pub struct Estate {
    /// Degrees, lng lat, rings closed, exteriors counter-clockwise, holes clockwise.
    pub boundary: MultiPolygon,
    /// Surface in square metres on the flat scale of the generator.
    pub site_m2: f64,
}

/// Degrees to metres around an origin, by a fixed scale.
struct Scale {
    origin: Coord,
}

impl Scale {
    fn to_metres(&self, c: &Coord) -> Point {
        Point { x: (c.x - self.origin.x) * METRES_PER_DEGREE.x, y: (c.y - self.origin.y) * METRES_PER_DEGREE.y }
    }

    fn to_degrees(&self, p: &Point) -> Coord {
        let rounded = |degrees: f64| (degrees * STEPS_PER_DEGREE).round() / STEPS_PER_DEGREE;
        Coord {
            x: rounded(self.origin.x + p.x / METRES_PER_DEGREE.x),
            y: rounded(self.origin.y + p.y / METRES_PER_DEGREE.y),
        }
    }
}

/// An area under construction: one part or more, with a hole or without.
#[derive(Debug, Clone)]
struct Ground {
    parts: Vec<Vec<Point>>,
    hole: Option<Vec<Point>>,
    block: usize,
}

impl Ground {
    fn surface_m2(&self) -> f64 {
        let outer: f64 = self.parts.iter().map(|p| surface_m2(p)).sum();
        outer - self.hole.as_ref().map_or(0.0, |h| surface_m2(h))
    }

    fn is_plain(&self) -> bool {
        self.hole.is_none() && self.parts.len() == 1
    }
}

/// The areas of a street, in the order in which a clerk walking up and down the street would number them.
///
/// `cell`: degrees, lng lat. Errors: [`DemoError::DoesNotFit`].
pub fn estates(cell: &MultiPolygon, plan: &StreetPlan, draw: &mut Draw) -> Result<Vec<Estate>, DemoError> {
    let first = cell.iter().flat_map(|p| p.exterior().0.first()).next();
    let scale = Scale { origin: *first.ok_or(DemoError::DoesNotFit { street: plan.code, found: 0 })? };
    let rings: Vec<Vec<Point>> =
        cell.iter().map(|p| p.exterior().0.iter().skip(1).map(|c| scale.to_metres(c)).collect()).collect();
    let ground_m2: f64 = rings.iter().map(|r| surface_m2(r).abs()).sum();
    let terrain = Terrain { rings, per_area_m2: ground_m2 / plan.areas as f64 };
    let texture = texture(plan, terrain.per_area_m2);
    let all: Vec<Vec<Point>> = terrain.rings.iter().flat_map(|ring| blocks(ring, &texture, draw)).collect();
    let pairs = (plan.areas + AREAS_PER_PAIR / 2) / AREAS_PER_PAIR;

    let mut pool = inhabited(all, plan.areas + pairs, &terrain, draw)
        .map_err(|found| DemoError::DoesNotFit { street: plan.code, found })?;
    let inner = dig_holes(&mut pool, (plan.areas + AREAS_PER_HOLE / 2) / AREAS_PER_HOLE, draw);
    join_pairs(&mut pool, pairs, draw);
    while pool.len() + inner.len() > plan.areas {
        let spare = pool.iter().rposition(Ground::is_plain);
        pool.remove(spare.ok_or(DemoError::DoesNotFit { street: plan.code, found: pool.len() })?);
    }
    pool.extend(inner);
    walk_in_rows(&mut pool);
    Ok(pool.iter().map(|ground| estate(ground, &scale)).collect())
}

fn texture(plan: &StreetPlan, per_area_m2: f64) -> Texture {
    if per_area_m2 < DENSE_M2 {
        let block_m2 = &[60_000.0, 85_000.0, 120_000.0, 160_000.0];
        Texture { turn: plan.turn, main_spacing_m: (380.0, 640.0), block_m2 }
    } else if per_area_m2 < 3.0 * DENSE_M2 {
        let block_m2 = &[80_000.0, 120_000.0, 170_000.0, 230_000.0];
        Texture { turn: plan.turn, main_spacing_m: (480.0, 850.0), block_m2 }
    } else {
        let block_m2 = &[110_000.0, 180_000.0, 250_000.0, 330_000.0];
        Texture { turn: plan.turn, main_spacing_m: (650.0, 1_200.0), block_m2 }
    }
}

/// The cell in metres, and how much of it there is for each area.
struct Terrain {
    rings: Vec<Vec<Point>>,
    per_area_m2: f64,
}

impl Terrain {
    fn is_dense(&self) -> bool {
        self.per_area_m2 < DENSE_M2
    }

    fn metres_to_border(&self, point: Point) -> f64 {
        self.rings.iter().flat_map(|r| edges(r)).map(|edge| to_segment_m(point, edge)).fold(f64::INFINITY, f64::min)
    }
}

/// At least `wanted` plots in the blocks around a few centres, those furthest from them dropped. Errors: how many there were.
fn inhabited(all: Vec<Vec<Point>>, wanted: usize, terrain: &Terrain, draw: &mut Draw) -> Result<Vec<Ground>, usize> {
    if all.is_empty() {
        return Err(0);
    }
    let dense = terrain.is_dense();
    let centres = centres(&all, wanted.div_ceil(if dense { 4 } else { 5 }), terrain, draw);
    let mut ranked: Vec<(f64, Vec<Point>)> = all
        .into_iter()
        .map(|block| {
            let at = centre(&block);
            let nearest = centres.iter().map(|c| c.to(at).length()).fold(f64::INFINITY, f64::min);
            ((nearest + if dense { 250.0 } else { 120.0 }) * draw.between(0.4, 1.6), block)
        })
        .collect();
    ranked.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut found = 0;
    for attempt in 0..ATTEMPTS {
        // Plots shrink from one attempt to the next until they are enough.
        let size = (if dense { 1.85 } else { 2.2 }) * (1.0 - 0.02 * attempt as f64);
        let mut pool = Vec::new();
        for (block, (_, ring)) in ranked.iter().enumerate() {
            pool.extend(settled(ring, block, size, draw));
            if pool.len() >= wanted {
                return Ok(pool);
            }
        }
        found = pool.len();
    }
    Err(found)
}

/// Middles of blocks that lie well apart and not at the border: each is the best of a few.
fn centres(all: &[Vec<Point>], count: usize, terrain: &Terrain, draw: &mut Draw) -> Vec<Point> {
    const CANDIDATES: usize = 4;
    let mut found: Vec<Point> = Vec::with_capacity(count);
    for _ in 0..count {
        let apart = |at: &Point| {
            let others = found.iter().map(|c| c.to(*at).length()).fold(f64::INFINITY, f64::min);
            others.min(2.5 * terrain.metres_to_border(*at))
        };
        let candidates = [(); CANDIDATES].map(|()| centre(&all[draw.below(all.len())]));
        let furthest = candidates.into_iter().max_by(|a, b| apart(a).total_cmp(&apart(b)));
        found.extend(furthest);
    }
    found
}

/// The plots of one block that are areas; now and then one is a school or an office and left out.
fn settled(ring: &[Point], block: usize, size: f64, draw: &mut Draw) -> Vec<Ground> {
    const TARGETS_M2: [f64; 12] = [
        7_000.0, 11_000.0, 15_000.0, 20_000.0, 24_000.0, 28_000.0, 32_000.0, 38_000.0, 45_000.0, 60_000.0, 90_000.0,
        200_000.0,
    ];
    let target_m2 = draw.pick(&TARGETS_M2) * size * draw.between(0.85, 1.2);
    let mut rings = plots(ring, target_m2, draw);
    if rings.len() > 3 && draw.chance(45) {
        rings.remove(draw.below(rings.len()));
    }
    rings
        .into_iter()
        .filter(|r| (LEAST_PLOT_M2..MOST_PLOT_M2).contains(&surface_m2(r)))
        .map(|r| Ground { parts: vec![r], hole: None, block })
        .collect()
}

/// Gives some larger plots a hole: a school that belongs to nobody, or an area of its own. Returns the latter.
fn dig_holes(pool: &mut [Ground], wanted: usize, draw: &mut Draw) -> Vec<Ground> {
    let mut candidates: Vec<usize> = (0..pool.len()).filter(|i| pool[*i].surface_m2() > LEAST_HOLED_M2).collect();
    draw.shuffle(&mut candidates);
    let mut inner = Vec::new();
    let mut dug = 0;
    for i in candidates {
        if dug == wanted {
            break;
        }
        let own_area = draw.chance(50);
        let hole = hole(&pool[i].parts[0], own_area, draw);
        if !lies_well_inside(&hole, &pool[i].parts[0]) {
            continue;
        }
        dug += 1;
        if own_area && surface_m2(&hole) > LEAST_PLOT_M2 {
            inner.push(Ground { parts: vec![hole.clone()], hole: None, block: pool[i].block });
        }
        pool[i].hole = Some(hole);
    }
    inner
}

/// A rectangle near the middle, along the outline's longest edge.
fn hole(outline: &[Point], own_area: bool, draw: &mut Draw) -> Vec<Point> {
    let along = main_direction(outline);
    let (length, width) = if own_area {
        (draw.between(68.0, 100.0), draw.between(52.0, 75.0))
    } else {
        (draw.between(40.0, 95.0), draw.between(28.0, 60.0))
    };
    let middle =
        centre(outline).shifted(along, draw.between(-30.0, 30.0)).shifted(along.left(), draw.between(-20.0, 20.0));
    [(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)]
        .map(|(u, v)| middle.shifted(along, u * length / 2.0).shifted(along.left(), v * width / 2.0))
        .to_vec()
}

fn lies_well_inside(hole: &[Point], outline: &[Point]) -> bool {
    let clear = |p: &Point| edges(outline).all(|edge| to_segment_m(*p, edge) > HOLE_MARGIN_M);
    let clear_of_hole = |p: &Point| edges(hole).all(|edge| to_segment_m(*p, edge) > HOLE_MARGIN_M);
    hole.iter().all(|p| holds(outline, *p) && clear(p)) && outline.iter().all(|p| !holds(hole, *p) && clear_of_hole(p))
}

/// Even-odd rule along a ray to the east.
fn holds(ring: &[Point], point: Point) -> bool {
    edges(ring)
        .filter(|(a, b)| {
            (a.y > point.y) != (b.y > point.y) && point.x < a.x + (point.y - a.y) / (b.y - a.y) * (b.x - a.x)
        })
        .count()
        % 2
        == 1
}

/// Makes one area of two plots that face each other across a lane.
fn join_pairs(pool: &mut Vec<Ground>, wanted: usize, draw: &mut Draw) {
    let mut order: Vec<usize> = (0..pool.len()).collect();
    draw.shuffle(&mut order);
    let mut given_up = vec![false; pool.len()];
    let mut joined = 0;
    for &i in &order {
        if joined == wanted {
            break;
        }
        let partner = order.iter().copied().find(|&j| {
            j != i
                && !given_up[i]
                && !given_up[j]
                && pool[i].block != pool[j].block
                && pool[i].is_plain()
                && pool[j].is_plain()
                && pool[i].surface_m2() + pool[j].surface_m2() < 150_000.0
                && face_each_other(&pool[i].parts[0], &pool[j].parts[0])
        });
        if let Some(j) = partner {
            let part = pool[j].parts[0].clone();
            pool[i].parts.push(part);
            given_up[j] = true;
            joined += 1;
        }
    }
    let mut position = 0;
    pool.retain(|_| {
        position += 1;
        !given_up[position - 1]
    });
}

/// Whether two vertices or more of one ring lie within a lane's width of the other.
fn face_each_other(a: &[Point], b: &[Point]) -> bool {
    const LANE_M: f64 = 24.0;
    if centre(a).to(centre(b)).length() > 700.0 {
        return false;
    }
    let near = |from: &[Point], to: &[Point]| {
        from.iter().filter(|p| edges(to).any(|edge| to_segment_m(**p, edge) < LANE_M)).count()
    };
    near(a, b) + near(b, a) >= 3
}

/// Sorts into rows of 400 m from north to south, walked alternately east and west.
fn walk_in_rows(pool: &mut [Ground]) {
    let key = |ground: &Ground| {
        let at = centre(&ground.parts[0]);
        let row = -((at.y / 400.0).floor() as i64);
        (row, if row % 2 == 0 { at.x } else { -at.x })
    };
    pool.sort_by(|a, b| {
        let (a, b) = (key(a), key(b));
        a.0.cmp(&b.0).then(a.1.total_cmp(&b.1))
    });
}

fn estate(ground: &Ground, scale: &Scale) -> Estate {
    let ring = |points: &[Point]| {
        let mut coords: Vec<Coord> = points.iter().map(|p| scale.to_degrees(p)).collect();
        coords.extend(coords.first().copied());
        LineString::new(coords)
    };
    let polygons = ground
        .parts
        .iter()
        .map(|part| {
            let holes = ground.hole.iter().map(|hole| ring(&hole.iter().rev().copied().collect::<Vec<_>>())).collect();
            Polygon::new(ring(part), holes)
        })
        .collect();
    Estate { boundary: MultiPolygon::new(polygons), site_m2: ground.surface_m2() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::draw::Purpose;
    use crate::demo::plan::STREETS;

    fn cell(size: f64) -> MultiPolygon {
        MultiPolygon::from(
            geo::Rect::new(Coord { x: 116.4, y: 39.9 }, Coord { x: 116.4 + size, y: 39.9 + size }).to_polygon(),
        )
    }

    #[test]
    fn a_cell_yields_exactly_the_planned_number() {
        for (stream, size) in [(1, 0.02), (2, 0.03), (3, 0.06)] {
            let found = estates(&cell(size), &STREETS[16], &mut Draw::new(5, stream, Purpose::Ground)).unwrap();
            assert_eq!(found.len(), STREETS[16].areas);
        }
    }

    #[test]
    fn a_cell_that_is_too_small_is_named() {
        let fault = estates(&cell(0.002), &STREETS[16], &mut Draw::new(5, 1, Purpose::Ground)).unwrap_err();
        assert!(fault.to_string().contains("110105017"), "{fault}");
    }
}
