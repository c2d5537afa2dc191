//! Clipping to a box on the grid.

use crate::tiles::grid::{Cell, Contact, Sides};
use crate::tiles::shape::{Shape, ShapeRef};

/// A box on the grid, edges included.
#[derive(Debug, Clone, Copy)]
pub(crate) struct GridBox {
    pub min: Cell,
    pub max: Cell,
}

/// Reusable lists of a [`clip`].
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    pub sides: Sides,
    front: Vec<Cell>,
    back: Vec<Cell>,
}

/// One side of the box.
#[derive(Debug, Clone, Copy)]
enum Limit {
    West(i32),
    East(i32),
    North(i32),
    South(i32),
}

impl Limit {
    fn holds(self, cell: Cell) -> bool {
        match self {
            Self::West(x) => cell.x >= x,
            Self::East(x) => cell.x <= x,
            Self::North(y) => cell.y >= y,
            Self::South(y) => cell.y <= y,
        }
    }

    /// Where the side between two points, one on either hand, crosses: the same for both directions.
    fn crossing(self, a: Cell, b: Cell) -> Cell {
        match self {
            Self::West(x) | Self::East(x) => Cell { x, y: between((a.x, a.y), (b.x, b.y), x) },
            Self::North(y) | Self::South(y) => Cell { x: between((a.y, a.x), (b.y, b.x), y), y },
        }
    }
}

/// The second coordinate, rounded to the grid, where the first is `at`.
fn between(a: (i32, i32), b: (i32, i32), at: i32) -> i32 {
    let (a, b) = (a.min(b), a.max(b));
    let run = i64::from(b.0) - i64::from(a.0);
    let rise = i64::from(b.1) - i64::from(a.1);
    let offset = 2 * rise * (i64::from(at) - i64::from(a.0)) + run;
    (i64::from(a.1) + offset.div_euclid(2 * run)) as i32
}

/// Puts the part of `shape` inside `window` into `out`, valid. `out` is cleared first.
///
/// Each ring is cut by the four sides in turn (Sutherland and Hodgman 1974). Where that leaves limbs joined along the edge
/// of the box, or a hole on it, the shape is repaired, so no bridges remain and holes stay in the right exterior.
pub(crate) fn clip(shape: ShapeRef<'_>, window: GridBox, out: &mut Shape, scratch: &mut Scratch) {
    out.clear();
    let mut has_exterior = false;
    for (exterior, ring) in shape.rings() {
        if !exterior && !has_exterior {
            continue;
        }
        scratch.front.clear();
        scratch.front.extend_from_slice(ring);
        for limit in [
            Limit::West(window.min.x),
            Limit::East(window.max.x),
            Limit::North(window.min.y),
            Limit::South(window.max.y),
        ] {
            cut(&scratch.front, limit, &mut scratch.back);
            std::mem::swap(&mut scratch.front, &mut scratch.back);
        }
        // A piece that lies with a foreign exterior's holes would be wrong: holes follow their own exterior or are dropped.
        let kept = out.push(exterior, &mut scratch.front);
        if exterior {
            has_exterior = kept;
        }
    }
    if out.contact(&mut scratch.sides) != Contact::None {
        out.repair();
    }
}

/// The part of an open ring on the inner hand of one limit.
fn cut(ring: &[Cell], limit: Limit, out: &mut Vec<Cell>) {
    out.clear();
    let Some(mut before) = ring.last().copied() else { return };
    let mut before_inside = limit.holds(before);
    for cell in ring {
        let inside = limit.holds(*cell);
        if inside != before_inside {
            out.push(limit.crossing(before, *cell));
        }
        if inside {
            out.push(*cell);
        }
        (before, before_inside) = (*cell, inside);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tiles::grid::twice_area;
    use geo::{Area as _, BooleanOps as _, Coord, LineString, MultiPolygon, Polygon, Rect, Validation as _};
    use proptest::prelude::*;

    const WINDOW: GridBox = GridBox { min: Cell { x: -64, y: -64 }, max: Cell { x: 4160, y: 4160 } };

    fn shape(rings: &[(bool, Vec<(i32, i32)>)]) -> Shape {
        let mut shape = Shape::default();
        for (exterior, ring) in rings {
            let mut cells = ring.iter().map(|(x, y)| Cell { x: *x, y: *y }).collect();
            assert!(shape.push(*exterior, &mut cells));
        }
        shape
    }

    fn polygons(shape: &Shape) -> MultiPolygon {
        let mut polygons: Vec<Polygon> = Vec::new();
        for (exterior, ring) in shape.all().rings() {
            let ring: LineString = ring.iter().map(|c| Coord { x: f64::from(c.x), y: f64::from(c.y) }).collect();
            if exterior {
                polygons.push(Polygon::new(ring, vec![]));
            } else {
                polygons.last_mut().unwrap().interiors_push(ring);
            }
        }
        MultiPolygon::new(polygons)
    }

    fn clipped(rings: &[(bool, Vec<(i32, i32)>)]) -> Shape {
        let mut out = Shape::default();
        clip(shape(rings).all(), WINDOW, &mut out, &mut Scratch::default());
        out
    }

    #[test]
    fn a_shape_around_the_box_becomes_the_box() {
        let around = vec![(-9000, -9000), (9000, -9000), (9000, 9000), (-9000, 9000)];
        let out = clipped(&[(true, around.clone())]);
        assert_eq!(polygons(&out).unsigned_area(), f64::from(4224 * 4224));
        let hole = vec![(-8000, -8000), (8000, -8000), (8000, 8000), (-8000, 8000)];
        assert!(clipped(&[(true, around.clone()), (false, hole)]).all().is_empty());
        let bite = vec![(-8000, 1000), (2000, 1000), (2000, 2000), (-8000, 2000)];
        let out = clipped(&[(true, around), (false, bite)]);
        assert_eq!(out.ring_count(), 1);
        assert_eq!(polygons(&out).unsigned_area(), f64::from(4224 * 4224 - 2064 * 1000));
    }

    #[test]
    fn a_comb_that_enters_three_times_leaves_three_pieces() {
        let mut comb = vec![(-500, 0), (-500, 3000)];
        for tooth in (0..3).rev() {
            let y = tooth * 1000;
            comb.extend([(1000, y + 500), (1000, y), (-300, y)]);
        }
        let out = clipped(&[(true, comb)]);
        assert_eq!(out.ring_count(), 3);
        assert!(polygons(&out).is_valid());
    }

    #[test]
    fn crossings_do_not_depend_on_the_direction() {
        for (a, b) in [((-100, 7), (33, 1000)), ((5, -3), (-70, 99)), ((5, 99), (-70, -3)), ((-65, 0), (-63, 1))] {
            let (a, b) = (Cell { x: a.0, y: a.1 }, Cell { x: b.0, y: b.1 });
            assert_eq!(Limit::West(-64).crossing(a, b), Limit::West(-64).crossing(b, a));
            assert_eq!(Limit::South(90).crossing(a, b), Limit::South(90).crossing(b, a));
        }
        assert_eq!(between((0, 0), (2, 1), 1), 1);
        assert_eq!(between((7, 5), (-7, 5), 1), 5);
        assert_eq!(between((0, 0), (2, -3), 1), -1);
    }

    proptest! {
        #[test]
        fn a_clip_stays_inside_and_is_the_intersection(
            radii in proptest::collection::vec(300.0_f64..5000.0, 3..40),
            centre in (-3000.0_f64..7000.0, -3000.0_f64..7000.0),
            hole in prop::bool::ANY,
        ) {
            let ring = |scale: f64| -> Vec<(i32, i32)> {
                let step = std::f64::consts::TAU / radii.len() as f64;
                radii.iter().enumerate().map(|(i, r)| {
                    let at = step * i as f64;
                    ((centre.0 + scale * r * at.cos()) as i32, (centre.1 + scale * r * at.sin()) as i32)
                }).collect()
            };
            let mut rings = vec![(true, ring(1.0))];
            if hole {
                rings.push((false, ring(0.5)));
            }
            let whole = shape(&rings);
            prop_assume!(whole.contact(&mut Sides::default()) == Contact::None);
            let out = clipped(&rings);
            for (exterior, ring) in out.all().rings() {
                prop_assert_eq!(twice_area(ring) > 0, exterior);
                for cell in ring {
                    prop_assert!((-64..=4160).contains(&cell.x) && (-64..=4160).contains(&cell.y));
                }
            }
            let pieces = polygons(&out);
            prop_assert!(pieces.is_valid(), "{:?}", pieces);
            let frame = Rect::new(Coord { x: -64.0, y: -64.0 }, Coord { x: 4160.0, y: 4160.0 }).to_polygon();
            let exact = polygons(&whole).intersection(&frame);
            // A cut point is off by half a cell at most, which costs at most half the length of its side.
            let allowed = 5000.0 * 2.0 * f64::from(u16::try_from(radii.len()).unwrap());
            prop_assert!((pieces.unsigned_area() - exact.unsigned_area()).abs() <= allowed);
            prop_assert!(pieces.xor(&exact).unsigned_area() <= allowed);
        }
    }
}
