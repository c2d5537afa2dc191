//! Repairs of an outline that change next to nothing, and a refusal of all others.

mod rebuild;
#[cfg(test)]
mod tests;

use geo::{Coord, LineString, MultiPolygon, Polygon};

use crate::geom::LocalFrame;
use crate::geom::cleaning::{Vertex, clean, is_same_place};
use crate::geom::examine::{examine, runs_counter_clockwise};
use crate::geom::flaw::{Flaw, FlawKind};
use crate::geom::raw::RawPolygon;
use rebuild::rebuild;

/// Surface below which a repair is made without asking, m2.
pub const REPAIR_SURFACE_M2: f64 = 1.0;

/// Vertices of an outline beyond which it is not repaired.
pub const REPAIR_VERTICES: usize = 20_000;

/// How far a repair may go.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RepairLimits {
    /// Most vertices of the outline.
    pub vertices: usize,
    /// A repair that changes as much or more is refused, m2.
    pub changed_m2: f64,
}

impl Default for RepairLimits {
    fn default() -> Self {
        Self { vertices: REPAIR_VERTICES, changed_m2: REPAIR_SURFACE_M2 }
    }
}

/// What a step of a repair did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RepairKind {
    /// The first vertex was repeated at the end.
    ClosedRing,
    /// The ring was turned: exteriors run counter-clockwise, holes clockwise (RFC 7946, 3.1.6).
    TurnedRing,
    /// Vertices at the place of the one before were taken out.
    RemovedDuplicates,
    /// A way out and back on one line was taken out.
    RemovedSpike,
    /// A ring without surface was taken out, with the holes in it where it was an exterior.
    DroppedRing,
    /// The rings were cut where they cross or touch, and put together again from the pieces.
    Rebuilt,
}

/// A step of a repair.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RepairStep {
    /// What was done.
    pub kind: RepairKind,
    /// Polygon of the outline as delivered, from 0.
    pub polygon: usize,
    /// Ring of the polygon, from 0.
    pub ring: usize,
    /// Where, degrees, lng lat.
    pub at: Coord,
    /// Surface that it changed.
    pub changed_m2: f64,
}

/// Why an outline was not repaired.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum RepairRefusal {
    /// It has flaws for which there is no repair.
    #[error("it cannot be repaired: {}", .0.describe())]
    NoRepair(FlawKind),
    /// More vertices than [`RepairLimits::vertices`].
    #[error("it has {0} vertices, too many to be repaired: correct it where it was drawn")]
    TooManyVertices(usize),
    /// Nothing with a surface is left.
    #[error("it has no surface")]
    NothingLeft,
    /// The repair is a matter of opinion.
    #[error(
        "a repair would change {changed_m2:.1} m2 or more, which is not done without asking: correct it where it was drawn"
    )]
    ChangesTooMuch {
        /// By how much.
        changed_m2: f64,
    },
}

/// What became of an outline.
#[derive(Debug, Clone, PartialEq)]
pub struct Repaired {
    /// Degrees, lng lat; valid, exteriors counter-clockwise, holes clockwise. When the repair was refused for what it would
    /// change, the proposal; when for anything else, empty.
    pub boundary: MultiPolygon,
    /// What was done, in the order of the rings; nothing for an outline without flaws.
    pub steps: Vec<RepairStep>,
    /// Surface that all steps together changed.
    pub changed_m2: f64,
    /// Why it was not repaired, if it was not.
    pub refused: Option<RepairRefusal>,
}

impl Repaired {
    fn refused(refusal: RepairRefusal) -> Self {
        let boundary = MultiPolygon::new(Vec::new());
        Self { boundary, steps: Vec::new(), changed_m2: 0.0, refused: Some(refusal) }
    }
}

/// Repairs an outline as delivered (degrees, lng lat) as far as that changes less than [`RepairLimits::changed_m2`].
///
/// What is changed is the surface by which the result differs from the outline read by the even-odd rule, and where rings
/// cross, what they run around twice or backwards, which other readings treat otherwise: a figure eight of two large loops,
/// whose drawer may have meant something else, is not taken for repaired. Vertices keep their coordinates to the last
/// bit; new ones come where sides cross. The repair of a repaired outline changes nothing.
pub fn repair(polygons: &[RawPolygon], limits: RepairLimits) -> Repaired {
    let vertices = polygons.iter().flat_map(|polygon| &polygon.rings).map(Vec::len).sum();
    if vertices > limits.vertices {
        return Repaired::refused(RepairRefusal::TooManyVertices(vertices));
    }
    let hopeless = [FlawKind::NotFinite, FlawKind::OffEarth, FlawKind::TooManyVertices, FlawKind::Unchecked];
    if let Some(flaw) = examine(polygons).iter().find(|flaw| hopeless.contains(&flaw.kind)) {
        return Repaired::refused(RepairRefusal::NoRepair(flaw.kind));
    }
    let mut steps = Vec::new();
    let Some(frame) = polygons.iter().flat_map(|p| &p.rings).flatten().next().map(|c| LocalFrame::new(*c)) else {
        return Repaired::refused(RepairRefusal::NothingLeft);
    };
    let cleaned: Vec<(usize, RawPolygon)> = polygons
        .iter()
        .enumerate()
        .filter_map(|(number, polygon)| Some((number, clean_polygon(number, polygon, &frame, &mut steps)?)))
        .collect();
    if cleaned.is_empty() {
        return Repaired::refused(RepairRefusal::NothingLeft);
    }
    let (numbers, cleaned): (Vec<usize>, Vec<RawPolygon>) = cleaned.into_iter().unzip();
    let flaws: Vec<Flaw> = examine(&cleaned).into_iter().filter(Flaw::is_invalid).collect();
    let boundary = if flaws.is_empty() {
        turn(&numbers, &cleaned, &mut steps)
    } else {
        match rebuild(&cleaned, &flaws) {
            Ok((boundary, changed_m2)) => {
                let first = flaws[0];
                let (polygon, ring, at) = (numbers[first.polygon], first.ring, first.at);
                steps.push(RepairStep { kind: RepairKind::Rebuilt, polygon, ring, at, changed_m2 });
                boundary
            }
            Err(refusal) => return Repaired::refused(refusal),
        }
    };
    let changed_m2 = steps.iter().map(|step| step.changed_m2).sum();
    // Also when it is not a number.
    let is_small = changed_m2 < limits.changed_m2;
    let refused = (!is_small).then_some(RepairRefusal::ChangesTooMuch { changed_m2 });
    Repaired { boundary, steps, changed_m2, refused }
}

/// Rings without what adds nothing to them, closed; `None` when the exterior has no surface.
fn clean_polygon(
    number: usize,
    polygon: &RawPolygon,
    frame: &LocalFrame,
    steps: &mut Vec<RepairStep>,
) -> Option<RawPolygon> {
    let mut rings = Vec::with_capacity(polygon.rings.len());
    for (ring_number, ring) in polygon.rings.iter().enumerate() {
        let mut step = |kind, at, changed_m2| {
            steps.push(RepairStep { kind, polygon: number, ring: ring_number, at, changed_m2 });
        };
        let tidied = tidy(ring, frame);
        let Some(first) = tidied.vertices.first().copied() else {
            step(RepairKind::DroppedRing, ring.first().copied().unwrap_or_default(), 0.0);
            if ring_number == 0 {
                return None;
            }
            continue;
        };
        if ring.first() != ring.last() {
            step(RepairKind::ClosedRing, first, 0.0);
        }
        if let Some(at) = tidied.repeated {
            step(RepairKind::RemovedDuplicates, at, tidied.changed_m2);
        }
        for tip in &tidied.tips {
            step(RepairKind::RemovedSpike, *tip, 0.0);
        }
        rings.push(tidied.vertices);
    }
    (!rings.is_empty()).then_some(RawPolygon { rings })
}

/// A ring without repeated vertices and ways out and back.
#[derive(Debug, Default)]
struct Tidied {
    /// Closed; empty when the ring has no surface.
    vertices: Vec<Coord>,
    /// The first vertex that was taken out for lying where another does.
    repeated: Option<Coord>,
    tips: Vec<Coord>,
    changed_m2: f64,
}

/// Takes out of a ring what adds nothing to it, until nothing is left to take out.
fn tidy(ring: &[Coord], frame: &LocalFrame) -> Tidied {
    let mut tidied = Tidied { vertices: ring.to_vec(), ..Tidied::default() };
    loop {
        let count = tidied.vertices.len();
        tidied.thin(frame);
        let cleaned = clean(&tidied.vertices);
        tidied.tips.extend(cleaned.folds.iter().map(|fold| fold.tip.at));
        tidied.vertices = cleaned.vertices.iter().map(|vertex| vertex.at).collect();
        tidied.vertices.extend(cleaned.vertices.first().map(|vertex| vertex.at));
        // The closing vertex may have been added.
        if tidied.vertices.len() >= count {
            return tidied;
        }
    }
}

impl Tidied {
    /// Takes out vertices at the place of the one before, and the last ones at the place of the first.
    fn thin(&mut self, frame: &LocalFrame) {
        let ring = std::mem::take(&mut self.vertices);
        let is_closed = ring.len() > 1 && ring.first() == ring.last();
        let open = if is_closed { &ring[..ring.len() - 1] } else { &ring[..] };
        let mut kept: Vec<Coord> = Vec::with_capacity(ring.len());
        for (i, vertex) in open.iter().enumerate() {
            match kept.last() {
                Some(last) if is_same_place(*last, *vertex) => {
                    let after = open[(i + 1) % open.len()];
                    self.note_repeated(*vertex, triangle(*last, *vertex, after, frame));
                }
                _ => kept.push(*vertex),
            }
        }
        while kept.len() > 1 && is_same_place(kept[0], kept[kept.len() - 1]) {
            if let (Some(last), [first, .., before]) = (kept.pop(), &kept[..]) {
                self.note_repeated(last, triangle(*before, last, *first, frame));
            }
        }
        kept.extend(kept.first().copied());
        self.vertices = kept;
    }

    fn note_repeated(&mut self, at: Coord, changed_m2: f64) {
        self.repeated = self.repeated.or(Some(at));
        self.changed_m2 += changed_m2;
    }
}

/// Surface of a triangle, m2.
fn triangle(a: Coord, b: Coord, c: Coord, frame: &LocalFrame) -> f64 {
    let (u, v) = (frame.to_metres(b) - frame.to_metres(a), frame.to_metres(c) - frame.to_metres(a));
    (u.x * v.y - u.y * v.x).abs() / 2.0
}

/// Builds valid rings, turned as they should be.
fn turn(numbers: &[usize], polygons: &[RawPolygon], steps: &mut Vec<RepairStep>) -> MultiPolygon {
    let mut boundary = Vec::with_capacity(polygons.len());
    for (number, polygon) in numbers.iter().zip(polygons) {
        let mut rings = polygon.rings.iter().enumerate().map(|(ring_number, ring)| {
            let mut ring = ring.clone();
            if is_counter_clockwise(&ring) != (ring_number == 0) {
                ring.reverse();
                let (kind, at) = (RepairKind::TurnedRing, ring[0]);
                steps.push(RepairStep { kind, polygon: *number, ring: ring_number, at, changed_m2: 0.0 });
            }
            LineString::new(ring)
        });
        if let Some(exterior) = rings.next() {
            boundary.push(Polygon::new(exterior, rings.collect()));
        }
    }
    MultiPolygon::new(boundary)
}

/// Which way a closed simple ring runs.
fn is_counter_clockwise(ring: &[Coord]) -> bool {
    let open = ring.split_last().map_or(ring, |(_, open)| open);
    let vertices: Vec<Vertex> = open.iter().map(|at| Vertex { at: *at, number: 0 }).collect();
    runs_counter_clockwise(&vertices)
}
