//! What can be said of a ring by itself, vertex by vertex.

use geo::{Coord, Orientation};

use crate::geom::LocalFrame;
use crate::geom::cleaning::{Vertex, clean};
use crate::geom::contact::orient;
use crate::geom::examine::Flaws;
use crate::geom::flaw::{Flaw, FlawKind};

/// Sine of the widest angle of a spike, one degree: no plot of land and no building has such a corner.
const SPIKE_SINE: f64 = 0.017_452_4;

/// A spike is shorter than this nowhere, metres: less is a rounded coordinate.
const SPIKE_LENGTH_M: f64 = 0.5;

/// A spike is wider than this nowhere, metres: a wall is as wide, and may be a border.
const SPIKE_WIDTH_M: f64 = 0.2;

/// A ring that has a surface.
#[derive(Debug)]
pub(crate) struct Ring {
    pub(crate) polygon: usize,
    pub(crate) number: usize,
    pub(crate) vertices: Vec<Vertex>,
    /// Which way it runs; known only of a simple ring.
    pub(crate) is_counter_clockwise: bool,
    /// Whether it neither crosses nor touches itself.
    pub(crate) is_simple: bool,
}

/// Lists the flaws of the ring's vertices. `None` when the ring cannot be looked at any further. The frame is set by the
/// first ring that is on earth.
pub(crate) fn examine_ring(
    polygon: usize,
    number: usize,
    ring: &[Coord],
    frame: &mut Option<LocalFrame>,
    flaws: &mut Flaws,
) -> Option<Ring> {
    let mut add = |kind, vertex: usize, measure| {
        let at = ring.get(vertex).copied().unwrap_or_default();
        flaws.add(Flaw { kind, polygon, ring: number, vertex, at, measure });
    };
    let is_finite = |c: &Coord| c.x.is_finite() && c.y.is_finite();
    let on_earth = |c: &Coord| c.x.abs() <= 180.0 && c.y.abs() <= 90.0;
    for (kind, is_fine) in
        [(FlawKind::NotFinite, &is_finite as &dyn Fn(&Coord) -> bool), (FlawKind::OffEarth, &on_earth)]
    {
        if let Some(first) = ring.iter().position(|c| !is_fine(c)) {
            add(kind, first, ring.iter().filter(|c| !is_fine(c)).count() as f64);
            return None;
        }
    }
    let cleaned = clean(ring);
    if cleaned.distinct < 3 {
        add(FlawKind::TooFewVertices, 0, cleaned.distinct as f64);
        return None;
    }
    let frame = frame.get_or_insert_with(|| LocalFrame::new(ring[0]));
    let metres = |a: Coord, b: Coord| {
        let along = frame.to_metres(b) - frame.to_metres(a);
        along.x.hypot(along.y)
    };
    if !cleaned.is_closed {
        add(FlawKind::Unclosed, ring.len() - 1, metres(ring[ring.len() - 1], ring[0]));
    }
    if cleaned.repeated > 0 {
        add(FlawKind::DuplicateVertices, cleaned.first_repeated, cleaned.repeated as f64);
    }
    if cleaned.vertices.is_empty() {
        add(FlawKind::ZeroSurface, 0, 0.0);
        return None;
    }
    for fold in &cleaned.folds {
        add(FlawKind::FoldedSpike, fold.tip.number as usize, metres(fold.tip.at, fold.from));
    }
    let scale = frame.metres_per_degree();
    let vertices = cleaned.vertices;
    let mut before = vertices[vertices.len() - 1].at;
    for (i, vertex) in vertices.iter().enumerate() {
        let after = vertices[if i + 1 == vertices.len() { 0 } else { i + 1 }].at;
        if let Some(length) = spike_length(before, vertex.at, after, scale) {
            add(FlawKind::Spike, vertex.number as usize, length);
        }
        before = vertex.at;
    }
    let is_counter_clockwise = runs_counter_clockwise(&vertices);
    Some(Ring { polygon, number, vertices, is_counter_clockwise, is_simple: true })
}

/// Metres of the shorter side of a spike with its tip in the middle one of three vertices.
fn spike_length(before: Coord, tip: Coord, after: Coord, scale: Coord) -> Option<f64> {
    let u = Coord { x: (before.x - tip.x) * scale.x, y: (before.y - tip.y) * scale.y };
    let v = Coord { x: (after.x - tip.x) * scale.x, y: (after.y - tip.y) * scale.y };
    if u.x * v.x + u.y * v.y <= 0.0 {
        return None;
    }
    let across = (u.x * v.y - u.y * v.x).abs();
    let (long, short) = (u.x * u.x + u.y * u.y, v.x * v.x + v.y * v.y);
    if across * across > SPIKE_SINE * SPIKE_SINE * long * short {
        return None;
    }
    let (long, short) = (long.max(short).sqrt(), long.min(short).sqrt());
    // The shorter side's distance to the longer one, at its end.
    (short >= SPIKE_LENGTH_M && across / long <= SPIKE_WIDTH_M).then_some(short)
}

/// Decided in the vertex that is farthest west and then south: exact for a simple ring without folds.
pub(crate) fn runs_counter_clockwise(vertices: &[Vertex]) -> bool {
    let west = |a: &Coord, b: &Coord| a.x.total_cmp(&b.x).then(a.y.total_cmp(&b.y)).is_lt();
    let count = vertices.len();
    let corner = (1..count).fold(0, |least, i| if west(&vertices[i].at, &vertices[least].at) { i } else { least });
    let at = |i: usize| vertices[i % count].at;
    orient(at(corner + count - 1), at(corner), at(corner + 1)) == Orientation::CounterClockwise
}

/// Puts rings that lie near each other next to each other, along a Z-order curve, so that boxes over runs of them are small.
pub(crate) fn spatial_order(rings: &mut [Ring]) {
    let spread = |value: f64| {
        let cell = ((value + 180.0) / 360.0 * f64::from(u32::MAX)) as u64;
        (0..32).fold(0_u64, |spread, i| spread | (((cell >> i) & 1) << (2 * i)))
    };
    rings.sort_by_cached_key(|ring| {
        let first = ring.vertices[0].at;
        (spread(first.x) | (spread(first.y) << 1), ring.polygon, ring.number)
    });
}
