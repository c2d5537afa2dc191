//! What keeps accepted cases from being entered: findings of the check, and ground that would be covered twice.

use std::collections::{BTreeMap, BTreeSet};

use geo::{BoundingRect as _, MultiPolygon};

use crate::app::reconciliation::plan::Planned;
use crate::app::reconciliation::run::Run;
use crate::app::reconciliation::state::Standing;
use crate::formats::{Item, Place};
use crate::geom::{OverlapRules, overlaps};
use crate::ingest::delivery::{Finding, FindingState};
use crate::model::AreaCode;
use crate::reconcile::Class;

/// Findings about two outlines: what the entry itself would cover twice is looked at instead.
const OF_TWO_OUTLINES: [&str; 4] = ["overlap", "overlap-register", "duplicate-geometry", "contained-duplicate"];

/// Findings about the reference system: an outline that the matcher put right is right.
const OF_PLACE: [&str; 4] = ["crs-suspect", "crs-unknown", "crs-parameters", "crs-odd-row"];

/// Findings about two rows, of which one may be left out.
const OF_TWO_ROWS: [&str; 2] = ["row-repeated", "duplicate-code"];

/// How many findings must be fixed before what is planned can be entered.
pub(super) fn blocking(run: &Run, standing: &Standing, planned: &Planned) -> usize {
    of_rows(run, standing, planned) + covered_twice(run, planned)
}

fn of_rows(run: &Run, standing: &Standing, planned: &Planned) -> usize {
    let drawn: BTreeSet<usize> = planned.drawn.iter().map(|(right, ..)| *right).collect();
    let mut entered: BTreeMap<&Place, usize> = BTreeMap::new();
    for view in &run.cases {
        // A copy that is dropped enters nothing, whatever is wrong with it.
        let enters = view.case.class != Class::Duplicate;
        if enters && standing.decision_on(view).is_some_and(|decision| decision.enters()) {
            for right in &view.case.rights {
                entered.extend(run.draft(*right).places.iter().map(|place| (place, *right)));
            }
        }
    }
    let files: BTreeSet<&str> = drawn.iter().map(|right| &*run.draft(*right).place().file).collect();
    let blocks = |finding: &&Finding| {
        let id = finding.issue.id;
        if !finding.blocks() || OF_TWO_OUTLINES.contains(&id) {
            return false;
        }
        if finding.place.item == Item::File {
            return files.contains(&*finding.place.file) && !OF_PLACE.contains(&id);
        }
        let Some(right) = entered.get(&finding.place) else { return false };
        let other = finding.other.as_ref().and_then(|other| other.place.as_ref());
        let left_out = other.is_some_and(|place| !entered.contains_key(place));
        let of_outline = !finding.fingerprint.is_empty() || OF_PLACE.contains(&id);
        !(OF_PLACE.contains(&id) || OF_TWO_ROWS.contains(&id) && left_out || of_outline && !drawn.contains(right))
    };
    run.check.delivered.findings.iter().filter(blocks).count()
}

/// Boundaries of the entry that cover ground of another area, by more than the noise of drawing and more than before.
fn covered_twice(run: &Run, planned: &Planned) -> usize {
    let snapshot = &run.snapshot;
    let drawn: BTreeSet<&AreaCode> = planned.drawn.iter().map(|(_, code, _)| code).collect();
    let ended: BTreeSet<&AreaCode> = planned.ended.iter().collect();
    let own = planned.drawn.iter().map(|(_, _, boundary)| boundary);
    let near: BTreeSet<usize> = own
        .clone()
        .filter_map(|boundary| boundary.bounding_rect())
        .flat_map(|envelope| snapshot.index().within(envelope).collect::<Vec<_>>())
        .filter(|position| {
            let code = &snapshot.area(*position).code;
            !drawn.contains(code) && !ended.contains(code)
        })
        .collect();
    let boundaries: Vec<&MultiPolygon> = own.chain(near.iter().map(|position| snapshot.boundary(*position))).collect();
    let count = planned.drawn.len();
    // As wide as two drawings of one border may lie apart.
    let noise_m = 2.0 * (1.35 * run.outcome.noise_m + 0.6);
    let excepted: BTreeSet<&Place> = run
        .check
        .delivered
        .findings
        .iter()
        .filter(|finding| OF_TWO_OUTLINES.contains(&finding.issue.id))
        .filter(|finding| matches!(finding.state, FindingState::Excepted(_)))
        .map(|finding| &finding.place)
        .collect();
    let found = overlaps(&boundaries, OverlapRules::default());
    let told = found.iter().filter(|overlap| overlap.a < count && overlap.width_m > noise_m);
    let is_new = |overlap: &&crate::geom::Overlap| {
        let place = run.draft(planned.drawn[overlap.a].0).place();
        if excepted.contains(place) {
            return false;
        }
        // Where the register itself has the two over each other, the delivery is not to blame.
        let before = |at: usize| match at.checked_sub(count) {
            None => snapshot.area_position(&planned.drawn[at].1).map(|position| snapshot.boundary(position)),
            Some(beyond) => near.iter().nth(beyond).map(|position| snapshot.boundary(*position)),
        };
        let both = before(overlap.a).zip(before(overlap.b));
        let already = both.map_or(0.0, |(a, b)| {
            overlaps(&[a, b], OverlapRules::default()).iter().map(|overlap| overlap.surface_m2).sum()
        });
        overlap.surface_m2 > already + OverlapRules::default().noise_m2
    };
    told.filter(is_new).count()
}
