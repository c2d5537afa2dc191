//! Shapes of many boundaries, prepared for each zoom or drawn on demand.

use std::ops::RangeInclusive;

use geo::{Coord, MultiPolygon};
use rayon::iter::{
    IndexedParallelIterator as _, IntoParallelIterator as _, IntoParallelRefMutIterator as _, ParallelIterator as _,
};

use crate::crs::mercator;
use crate::geom::Coverage;
use crate::tiles::grid::{Cell, Contact, Sides, cells_across, snap};
use crate::tiles::shape::{Shape, ShapeRef};

/// Highest zoom whose shapes are prepared and simplified; above it the full boundary is drawn.
pub const LAST_LEVEL: u8 = 14;

/// A vertex nearer to a neighbour's vertex or side than this is on it: two centimetres, more than coordinates with seven
/// decimals are off by.
const NODING_TOLERANCE_DEGREES: f64 = 1.8e-7;

/// How far a border may move at a zoom, in grid cells: 0.4 pixels of a tile drawn 256 pixels wide.
const TOLERANCE_CELLS: f64 = 6.4;

/// Shares of the tolerance that the arcs of a shape are given in turn until it is simple.
const SHARES: [f64; 4] = [1.0, 0.3, 0.1, 0.0];

/// Side in cells of the square that stands for what the grid swallows: a quarter of a pixel.
const LEAST_SIDE: i32 = 4;

/// One boundary among many.
#[derive(Debug)]
struct Outline {
    /// Rings in the coverage.
    rings: std::ops::Range<usize>,
    /// Where its square is drawn when the grid swallows it; unit square.
    anchor: Coord,
    /// Surface in the unit square.
    surface: f64,
}

/// Boundaries with shared borders, and their shapes at every zoom of a range.
#[derive(Debug)]
pub(crate) struct Shapes {
    coverage: Coverage,
    /// Whether each ring is an exterior.
    exterior: Vec<bool>,
    outlines: Vec<Outline>,
    first_level: u8,
    levels: Vec<Level>,
}

/// The shapes of one zoom, end to end.
#[derive(Debug)]
struct Level {
    shape: Shape,
    /// Ring after the last of each boundary.
    ends: Vec<u32>,
}

/// A shape while its level is built.
struct Draft {
    shape: Shape,
    contact: Contact,
}

impl Shapes {
    /// Projects boundaries (degrees, lng lat) and finds their shared borders. Each comes with a point in it, degrees.
    ///
    /// Shapes of the zooms are prepared by [`Shapes::prepare`].
    pub(crate) fn build<'a>(boundaries: impl Iterator<Item = (&'a MultiPolygon, Coord)>) -> Self {
        let mut rings: Vec<Vec<Coord>> = Vec::new();
        let mut exterior = Vec::new();
        let mut outlines = Vec::new();
        for (boundary, anchor) in boundaries {
            let first = rings.len();
            for polygon in boundary {
                for (place, line) in std::iter::once(polygon.exterior()).chain(polygon.interiors()).enumerate() {
                    rings.push(line.0.clone());
                    exterior.push(place == 0);
                }
            }
            outlines.push(Outline { rings: first..rings.len(), anchor: mercator::to_unit(anchor), surface: 0.0 });
        }
        // Sides are straight in degrees, so that is where a vertex is or is not on one.
        let coverage = Coverage::build(&rings, NODING_TOLERANCE_DEGREES, mercator::to_unit);
        for outline in &mut outlines {
            outline.surface = outline
                .rings
                .clone()
                .map(|ring| ring_surface(&coverage, ring) * if exterior[ring] { 1.0 } else { -1.0 })
                .sum();
        }
        Self { coverage, exterior, outlines, first_level: 0, levels: Vec::new() }
    }

    /// Prepares the zooms from `first` to [`LAST_LEVEL`].
    pub(crate) fn prepare(mut self, first: u8) -> Self {
        self.first_level = first;
        let zooms: RangeInclusive<u8> = first..=LAST_LEVEL;
        self.levels = zooms.into_par_iter().map(|zoom| self.build_level(zoom)).collect();
        self
    }

    /// Surfaces in the unit square, one a boundary.
    pub(crate) fn surfaces(&self) -> impl Iterator<Item = f64> + '_ {
        self.outlines.iter().map(|outline| outline.surface)
    }

    /// The shape of a boundary at a zoom, on no finer a grid than that of the zoom `finest`. `room` is used where it is not prepared; it is not repaired then, for what is
    /// clipped afterwards is repaired there.
    pub(crate) fn shape<'a>(&'a self, number: usize, (zoom, finest): (u8, u8), room: &'a mut Shape) -> ShapeRef<'a> {
        if let Some(level) = zoom.checked_sub(self.first_level).and_then(|level| self.levels.get(usize::from(level))) {
            let from = if number == 0 { 0 } else { level.ends[number - 1] as usize };
            return level.shape.part(from, level.ends[number] as usize);
        }
        self.draw(number, (zoom, finest), |_| 0.0, room);
        if is_too_small(room) {
            self.draw_square(number, zoom, room);
        }
        room.all()
    }

    /// Whether [`Shapes::shape`] gives valid shapes at that zoom.
    pub(crate) fn is_prepared(&self, zoom: u8) -> bool {
        zoom >= self.first_level && usize::from(zoom - self.first_level) < self.levels.len()
    }

    fn build_level(&self, zoom: u8) -> Level {
        let across = cells_across(zoom);
        let mut shares = vec![0_u8; self.coverage.arc_count()];
        let mut drafts: Vec<Draft> = (0..self.outlines.len())
            .into_par_iter()
            .map_init(Sides::default, |sides, number| self.draft(number, zoom, &shares, sides))
            .collect();
        for round in 1..SHARES.len() {
            let mut changed = vec![false; shares.len()];
            for (number, draft) in drafts.iter().enumerate() {
                // What the square will stand for needs no more vertices; what only touches itself is repaired better.
                let hopeless = self.outlines[number].surface * across * across < f64::from(LEAST_SIDE * LEAST_SIDE);
                if hopeless || (draft.contact != Contact::Cross && !is_too_small(&draft.shape)) {
                    continue;
                }
                for arc in self.outlines[number].rings.clone().flat_map(|ring| self.coverage.arcs_of(ring)) {
                    if usize::from(shares[arc]) < round {
                        shares[arc] = round as u8;
                        changed[arc] = true;
                    }
                }
            }
            drafts.par_iter_mut().enumerate().for_each_init(Sides::default, |sides, (number, draft)| {
                let mut arcs = self.outlines[number].rings.clone().flat_map(|ring| self.coverage.arcs_of(ring));
                if arcs.any(|arc| changed[arc]) {
                    *draft = self.draft(number, zoom, &shares, sides);
                }
            });
        }
        let mut level = Level { shape: Shape::default(), ends: Vec::with_capacity(drafts.len()) };
        for (number, mut draft) in drafts.into_iter().enumerate() {
            if draft.contact != Contact::None {
                draft.shape.repair();
            }
            if is_too_small(&draft.shape) {
                self.draw_square(number, zoom, &mut draft.shape);
            }
            level.shape.append(draft.shape.all());
            level
                .ends
                .push(u32::try_from(level.shape.ring_count()).expect("fewer than four billion rings fit in memory"));
        }
        level
    }

    fn draft(&self, number: usize, zoom: u8, shares: &[u8], sides: &mut Sides) -> Draft {
        let tolerance = TOLERANCE_CELLS / cells_across(zoom);
        let mut shape = Shape::default();
        self.draw(number, (zoom, zoom), |arc| tolerance * SHARES[usize::from(shares[arc])], &mut shape);
        Draft { contact: shape.contact(sides), shape }
    }

    /// Snaps the vertices that the tolerances keep. Holes of an exterior that vanished vanish with it.
    fn draw(&self, number: usize, (zoom, finest): (u8, u8), tolerance_of: impl Fn(usize) -> f64, out: &mut Shape) {
        out.clear();
        let coarser = zoom.saturating_sub(finest);
        let across = cells_across(zoom - coarser);
        let mut has_exterior = false;
        let mut cells: Vec<Cell> = Vec::new();
        for ring in self.outlines[number].rings.clone() {
            if !self.exterior[ring] && !has_exterior {
                continue;
            }
            cells.clear();
            self.coverage.walk(ring, &tolerance_of, |vertex| {
                let Cell { x, y } = snap(vertex, across);
                cells.push(Cell { x: x << coarser, y: y << coarser });
            });
            let kept = out.push(self.exterior[ring], &mut cells);
            if self.exterior[ring] {
                has_exterior = kept;
            }
        }
    }

    fn draw_square(&self, number: usize, zoom: u8, out: &mut Shape) {
        out.clear();
        out.push_square(snap(self.outlines[number].anchor, cells_across(zoom)), LEAST_SIDE);
    }
}

/// Whether the square says more than the shape.
fn is_too_small(shape: &Shape) -> bool {
    shape.twice_area() < 2 * i128::from(LEAST_SIDE * LEAST_SIDE)
}

/// Appends a square that stands for a thing at a point of the unit square.
pub(crate) fn square_at(unit: Coord, zoom: u8) -> Shape {
    let mut shape = Shape::default();
    shape.push_square(snap(unit, cells_across(zoom)), LEAST_SIDE);
    shape
}

fn ring_surface(coverage: &Coverage, ring: usize) -> f64 {
    let mut twice = 0.0;
    let (mut origin, mut before) = (None, Coord { x: 0.0, y: 0.0 });
    coverage.walk(
        ring,
        |_| 0.0,
        |vertex| {
            let here = vertex - *origin.get_or_insert(vertex);
            twice += before.x * here.y - here.x * before.y;
            before = here;
        },
    );
    f64::abs(twice) / 2.0
}
