//! Outlines one by one: placed on earth, examined, repaired where that changes next to nothing.

use geo::{Coord, LineString, MultiPolygon, Polygon};

use crate::formats::Place;
use crate::geom::{
    Flaw, FlawKind, RawPolygon, RawRing, RepairLimits, VERTEX_LIMIT, examine, fingerprint, repair, surface_m2,
};
use crate::ingest::delivery::catalogue as issues;
use crate::ingest::delivery::{Finding, FindingState, Issue, Outline, Param};

/// What became of the polygons of a row.
#[derive(Debug, Default)]
pub(super) struct Examined {
    /// The outline, where it can be used as it is or was repaired.
    pub(super) outline: Option<Outline>,
    /// The outline as delivered, where it cannot be used but can be drawn.
    pub(super) unusable: Option<MultiPolygon>,
    /// What is wrong, or was.
    pub(super) findings: Vec<Finding>,
}

/// Examines the polygons of a row, degrees, lng lat, and repairs what can be repaired without moving a border by more than
/// the limit of [`RepairLimits`].
pub(super) fn examine_outline(polygons: &[RawPolygon], source: String, place: &Place) -> Examined {
    let flaws = examine(polygons);
    let mut examined = Examined::default();
    let repaired = repair(polygons, RepairLimits::default());
    let usable = repaired.refused.is_none() && !repaired.boundary.0.is_empty();
    let vertices: usize = polygons.iter().flat_map(|polygon| &polygon.rings).map(Vec::len).sum();
    let mut told: Vec<(FlawKind, usize, usize)> = Vec::new();
    for flaw in &flaws {
        // A ring that crosses itself ten times has one flaw to its owner: the first place is told, and how often.
        let ring = (flaw.kind, flaw.polygon, flaw.ring);
        if told.contains(&ring) {
            continue;
        }
        told.push(ring);
        let times = flaws.iter().filter(|other| (other.kind, other.polygon, other.ring) == ring).count();
        let mut finding = finding_of(flaw, place).with("times", times);
        if flaw.kind == FlawKind::TooManyVertices {
            finding = finding.with("vertices", vertices).with("limit", VERTEX_LIMIT);
        }
        if usable && flaw.kind != FlawKind::Spike {
            finding.state = FindingState::Repaired;
            finding.params.insert("changed_m2", Param::Number(repaired.changed_m2, 2));
        }
        examined.findings.push(finding);
    }
    if usable {
        let boundary = repaired.boundary;
        let surface_m2 = surface_m2(&boundary);
        let fingerprint = fingerprint_text(&boundary);
        examined.outline = Some(Outline { boundary, source, surface_m2, fingerprint });
        return examined;
    }
    examined.unusable = as_delivered(polygons).filter(|_| vertices <= VERTEX_LIMIT);
    if !flaws.iter().any(|flaw| flaw.kind.is_invalid()) {
        // What keeps an outline out must be told, also when nothing that was looked for is wrong with it.
        let why = repaired.refused.map_or_else(|| "it has no surface".to_owned(), |refusal| refusal.to_string());
        examined.findings.push(Finding::new(&issues::UNREADABLE_GEOMETRY, place.clone()).with("why", why));
    }
    examined
}

/// Rings as they were delivered, but closed; `None` where there is nothing to draw.
fn as_delivered(polygons: &[RawPolygon]) -> Option<MultiPolygon> {
    let is_finite = |ring: &&RawRing| ring.iter().all(|at| at.x.is_finite() && at.y.is_finite());
    let line = |ring: &RawRing| LineString(ring.clone());
    let polygon = |polygon: &RawPolygon| {
        let mut rings = polygon.rings.iter().filter(|ring| ring.len() > 1).filter(is_finite).map(line);
        rings.next().map(|exterior| Polygon::new(exterior, rings.collect()))
    };
    let drawn: Vec<Polygon> = polygons.iter().filter_map(polygon).collect();
    (!drawn.is_empty()).then_some(MultiPolygon(drawn))
}

/// Fingerprint of a boundary in hexadecimal, as findings and exceptions tell it.
pub fn fingerprint_text(boundary: &MultiPolygon) -> String {
    fingerprint(boundary).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn finding_of(flaw: &Flaw, place: &Place) -> Finding {
    let issue: &'static Issue = match flaw.kind {
        FlawKind::NotFinite | FlawKind::OffEarth => &issues::OFF_EARTH,
        FlawKind::TooManyVertices => &issues::TOO_MANY_VERTICES,
        FlawKind::TooFewVertices | FlawKind::ZeroSurface => &issues::DEGENERATE_RING,
        FlawKind::Unclosed => &issues::UNCLOSED_RING,
        FlawKind::DuplicateVertices => &issues::DUPLICATE_VERTICES,
        FlawKind::Spike => &issues::SPIKE,
        FlawKind::SelfIntersection => &issues::SELF_INTERSECTION,
        FlawKind::SelfTouch | FlawKind::SplitInterior => &issues::SELF_TOUCH,
        FlawKind::FoldedSpike | FlawKind::CollinearOverlap => &issues::COLLINEAR_OVERLAP,
        FlawKind::WrongWinding => &issues::WRONG_WINDING,
        FlawKind::HoleOutside => &issues::HOLE_OUTSIDE,
        FlawKind::HolesCross | FlawKind::HoleInHole => &issues::HOLES_CROSS,
        FlawKind::PartsOverlap => &issues::PARTS_OVERLAP,
        FlawKind::RepeatedRing => &issues::REPEATED_RING,
        FlawKind::Unchecked => &issues::UNCHECKED_OUTLINE,
    };
    let mut finding = Finding::new(issue, place.clone()).with("ring", flaw.ring + 1).with("vertex", flaw.vertex + 1);
    let decimals = if flaw.kind == FlawKind::DuplicateVertices { 0 } else { 2 };
    finding.params.insert("measure", Param::Number(flaw.measure, decimals));
    finding.params.insert("why", flaw.kind.describe().into());
    finding.at = Some(flaw.at).filter(|at: &Coord| at.x.is_finite() && at.y.is_finite());
    finding
}
