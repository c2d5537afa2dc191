//! Outlines compared with each other, with the register's, and with the ground they should lie on.

use std::collections::{HashMap, HashSet};

use geo::{BoundingRect as _, Centroid as _, MultiPolygon};
use rayon::prelude::*;

use crate::geom::{Overlap, OverlapKind, OverlapRules, Territory, overlaps, slivers};
use crate::index::AreaIndex;
use crate::ingest::delivery::catalogue as issues;
use crate::ingest::delivery::{About, Draft, Finding, Known, Other, Param};

/// Overlaps that are told; a delivery with more of them is drawn wrong as a whole, and each is kept with its shape.
const OVERLAPS_MAX: usize = 5_000;

/// Metres by which an outline may reach beyond the district's: its outline is generalised by up to 1.3 km.
const DISTRICT_TOLERANCE_M: f64 = 1_500.0;

/// Metres beyond which an outline cannot belong to the district, however roughly that is drawn.
const DISTRICT_REACH_M: f64 = 5_000.0;

/// Share of an outline outside its street that is told: streets are drawn by offices of their own.
const STREET_SHARE: f64 = 0.05;

/// The same for a street whose outline is a sketch, which holds about three quarters of its ground.
const SKETCHED_STREET_SHARE: f64 = 0.95;

/// An outline larger than the largest of the register by more than this factor, or smaller than the smallest, is told.
const SIZE_FACTOR: f64 = 4.0;

/// Sizes in square metres that no area has, whatever the register holds.
const SIZES_M2: std::ops::RangeInclusive<f64> = 10.0..=100_000_000.0;

/// Differences of a stated and a drawn surface that are told: 10 % and 500 m² (reconciliation kind AreaMismatch).
const STATED_SURFACE: (f64, f64) = (0.10, 500.0);

/// Finds what is wrong with outlines beside each other.
pub(super) fn compare_outlines(drafts: &[Draft], known: &Known<'_>, findings: &mut Vec<Finding>) {
    let outlined: Vec<usize> = (0..drafts.len()).filter(|at| drafts[*at].outline.is_some()).collect();
    let boundary = |at: usize| drafts[at].outline.as_ref().map(|outline| &outline.boundary);
    let own: Vec<&MultiPolygon> = outlined.iter().filter_map(|at| boundary(*at)).collect();
    let told: HashSet<usize> = drafts
        .iter()
        .filter_map(|draft| match draft.about {
            About::Existing(area) if draft.outline.is_some() => Some(area),
            _ => None,
        })
        .collect();

    // Areas of the register that the delivery does not tell anew, and that lie where it tells something.
    let index = AreaIndex::build(known.areas.iter().map(|area| &area.boundary));
    let near: HashSet<usize> = own
        .iter()
        .filter_map(|boundary| boundary.bounding_rect())
        .flat_map(|envelope| index.within(envelope).collect::<Vec<_>>())
        .filter(|area| !told.contains(area))
        .collect();
    let mut near: Vec<usize> = near.into_iter().collect();
    near.sort_unstable();
    let mut boundaries = own.clone();
    boundaries.extend(near.iter().map(|area| &known.areas[*area].boundary));

    for overlap in overlaps(&boundaries, OverlapRules { limit: OVERLAPS_MAX, ..OverlapRules::default() }) {
        let (first, second) = (overlap.a.min(overlap.b), overlap.a.max(overlap.b));
        if first >= own.len() {
            // Both are the register's own: not this delivery's fault.
            continue;
        }
        let draft = &drafts[outlined[first]];
        // Of two rows the later one is told, as with codes that stand twice.
        let finding = if second < own.len() {
            between_rows(&overlap, &drafts[outlined[second]], draft, known)
        } else {
            with_register(&overlap, draft, near[second - own.len()], known)
        };
        findings.push(finding);
    }
    let alone: Vec<Vec<Finding>> = outlined.par_iter().map(|at| of_outline(&drafts[*at], known)).collect();
    findings.extend(alone.into_iter().flatten());
    findings.extend(outside(drafts, &outlined, known));
}

fn between_rows(overlap: &Overlap, draft: &Draft, other: &Draft, known: &Known<'_>) -> Finding {
    let issue = match overlap.kind {
        OverlapKind::Equal => &issues::DUPLICATE_GEOMETRY,
        OverlapKind::Contains | OverlapKind::Inside => &issues::CONTAINED_DUPLICATE,
        OverlapKind::Unmeasured => &issues::OVERLAP_UNMEASURED,
        OverlapKind::Partial => &issues::OVERLAP,
    };
    let mut finding = measured(super::check::finding_of(issue, draft, known), overlap);
    let subject = super::check::subject_of(other, known);
    finding.params.insert("other", Param::Text(other.row.name.clone().unwrap_or_else(|| subject.clone())));
    finding.params.insert("other_place", Param::Text(other.place().to_string()));
    finding.other = Some(Other { subject, name: other.row.name.clone(), place: Some(other.place().clone()) });
    finding.fingerprint = both(draft, other.outline.as_ref().map_or("", |outline| &outline.fingerprint));
    finding
}

fn with_register(overlap: &Overlap, draft: &Draft, area: usize, known: &Known<'_>) -> Finding {
    let area = known.areas[area];
    let mut finding = measured(super::check::finding_of(&issues::OVERLAP_REGISTER, draft, known), overlap);
    finding.params.insert("other", Param::Text(format!("{} {}", area.code, area.name)));
    finding.other = Some(Other { subject: area.code.to_string(), name: Some(area.name.clone()), place: None });
    finding.fingerprint = both(draft, &super::outline::fingerprint_text(&area.boundary));
    finding
}

/// Both fingerprints, in an order that does not depend on which row comes first.
fn both(draft: &Draft, other: &str) -> String {
    let own = draft.outline.as_ref().map_or("", |outline| &*outline.fingerprint);
    if own <= other { format!("{own}+{other}") } else { format!("{other}+{own}") }
}

fn measured(mut finding: Finding, overlap: &Overlap) -> Finding {
    finding.params.insert("surface_m2", Param::Number(overlap.surface_m2, 1));
    finding.params.insert("width_m", Param::Number(overlap.width_m, 2));
    finding.at = overlap.shape.centroid().map(|point| point.0);
    finding.shape = Some(overlap.shape.clone()).filter(|shape| !shape.0.is_empty());
    finding
}

/// What can be said of an outline alone, beside its stated surface.
fn of_outline(draft: &Draft, known: &Known<'_>) -> Vec<Finding> {
    let Some(outline) = &draft.outline else { return Vec::new() };
    let mut findings = Vec::new();
    let finding = |issue| super::check::finding_of(issue, draft, known);
    for sliver in slivers(&outline.boundary) {
        let mut found = finding(&issues::SLIVER).with("surface_m2", Param::Number(sliver.surface_m2, 1));
        found.params.insert("width_m", Param::Number(sliver.width_m, 2));
        found.at = Some(sliver.at);
        findings.push(found);
    }
    if let Some(stated) = draft.row.site_area_m2 {
        let difference = (stated - outline.surface_m2).abs();
        if difference > STATED_SURFACE.1 && difference > STATED_SURFACE.0 * outline.surface_m2 {
            let found = finding(&issues::SITE_AREA_DIFFERS).with("stated_m2", Param::Number(stated, 0));
            findings.push(found.with("drawn_m2", Param::Number(outline.surface_m2, 0)));
        }
    }
    findings
}

/// Outlines outside the district or their street, and of sizes that no area here has.
fn outside(drafts: &[Draft], outlined: &[usize], known: &Known<'_>) -> Vec<Finding> {
    let district = known.district.map(|district| Territory::new(&district.boundary));
    let streets: HashMap<&str, (Territory, bool)> = known
        .streets
        .iter()
        .map(|street| (street.code.as_str(), (Territory::new(&street.boundary), street.schematic)))
        .collect();
    let sizes = known.areas.iter().map(|area| area.site_area_m2);
    let (least, most) = sizes.fold((f64::INFINITY, 0.0_f64), |(least, most), size| (least.min(size), most.max(size)));
    let usual = if known.areas.is_empty() { SIZES_M2 } else { least / SIZE_FACTOR..=most * SIZE_FACTOR };
    let of_draft = |at: &usize| {
        let draft = &drafts[*at];
        let Some(outline) = &draft.outline else { return Vec::new() };
        let mut findings = Vec::new();
        let at = outline.boundary.centroid().map(|point| point.0);
        if let Some(district) = &district {
            let beyond_m = district.distance_outside_m(&outline.boundary);
            if beyond_m > DISTRICT_TOLERANCE_M {
                let issue =
                    if beyond_m > DISTRICT_REACH_M { &issues::FAR_OUTSIDE_DISTRICT } else { &issues::OUTSIDE_DISTRICT };
                let mut finding = super::check::finding_of(issue, draft, known);
                finding.at = at;
                findings.push(finding.with("distance_m", Param::Number(beyond_m, 0)));
            }
        }
        let street = draft.row.street.as_ref().and_then(|street| streets.get(street.as_str()));
        if let Some((territory, sketched)) = street {
            let share = territory.share_outside(&outline.boundary);
            if share > if *sketched { SKETCHED_STREET_SHARE } else { STREET_SHARE } {
                let mut finding = super::check::finding_of(&issues::OUTSIDE_STREET, draft, known);
                finding.at = at;
                findings.push(finding.with("share_percent", Param::Number(share * 100.0, 1)));
            }
        }
        if known.is_register() && !usual.contains(&outline.surface_m2) {
            let mut finding = super::check::finding_of(&issues::IMPLAUSIBLE_SIZE, draft, known);
            finding.at = at;
            findings.push(finding.with("surface_m2", Param::Number(outline.surface_m2, 0)));
        }
        findings
    };
    let found: Vec<Vec<Finding>> = outlined.par_iter().map(of_draft).collect();
    found.into_iter().flatten().collect()
}
