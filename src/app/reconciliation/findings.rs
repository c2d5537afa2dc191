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

/// A finding that keeps an accepted case from being entered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlockedCase {
    /// Key of the case; `None` for what is wrong with a whole file.
    pub key: Option<String>,
    /// What it is about: a name, or the name of the file.
    pub name: String,
    /// What is wrong, in Chinese and English.
    pub what: (String, String),
}

/// The findings that must be fixed before what is planned can be entered.
pub(super) fn blocking(run: &Run, standing: &Standing, planned: &Planned) -> Vec<BlockedCase> {
    let mut blocked = of_rows(run, standing, planned);
    blocked.extend(covered_twice(run, planned));
    blocked
}

fn of_row(run: &Run, right: usize, what: (String, String)) -> BlockedCase {
    let view = run.case_of_row(right);
    let name = view.map(|view| run.name_of(view)).unwrap_or_default();
    BlockedCase { key: view.map(|view| view.key.clone()), name, what }
}

fn of_rows(run: &Run, standing: &Standing, planned: &Planned) -> Vec<BlockedCase> {
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
    let told = |finding: &Finding| {
        let title = finding.issue.title;
        let what = (title.zh.to_owned(), title.en.to_owned());
        match entered.get(&finding.place) {
            Some(right) => of_row(run, *right, what),
            None => BlockedCase { key: None, name: finding.place.file.to_string(), what },
        }
    };
    run.check.delivered.findings.iter().filter(blocks).map(told).collect()
}

fn sorted(mut pair: [String; 2]) -> [String; 2] {
    pair.sort_unstable();
    pair
}

/// Boundaries of the entry that cover ground of another area, by more than the noise of drawing and more than before.
fn covered_twice(run: &Run, planned: &Planned) -> Vec<BlockedCase> {
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
    // Of whom an exception says that they may lie over each other: a row by its place, an area by its code.
    let excepted: BTreeSet<[String; 2]> = run
        .check
        .delivered
        .findings
        .iter()
        .filter(|finding| OF_TWO_OUTLINES.contains(&finding.issue.id))
        .filter(|finding| matches!(finding.state, FindingState::Excepted(_)))
        .filter_map(|finding| {
            let other = finding.other.as_ref()?;
            let other = other.place.as_ref().map_or_else(|| other.subject.clone(), Place::to_string);
            Some(sorted([finding.place.to_string(), other]))
        })
        .collect();
    let near: Vec<usize> = near.into_iter().collect();
    let code_of = |at: usize| match at.checked_sub(count) {
        None => planned.drawn[at].1.to_string(),
        Some(beyond) => snapshot.area(near[beyond]).code.to_string(),
    };
    let found = overlaps(&boundaries, OverlapRules::default());
    let told = found.iter().filter(|overlap| overlap.a < count && overlap.width_m > noise_m);
    let is_new = |overlap: &&crate::geom::Overlap| {
        let known_as = |at: usize| match at.checked_sub(count) {
            None => {
                let (right, code, _) = &planned.drawn[at];
                [run.draft(*right).place().to_string(), code.to_string()]
            }
            Some(_) => [code_of(at), String::new()],
        };
        let pairs = known_as(overlap.a).into_iter().flat_map(|a| known_as(overlap.b).map(|b| sorted([a.clone(), b])));
        if pairs.into_iter().any(|pair| excepted.contains(&pair)) {
            return false;
        }
        // Where the register itself has the two over each other, the delivery is not to blame.
        let before = |at: usize| match at.checked_sub(count) {
            None => snapshot.area_position(&planned.drawn[at].1).map(|position| snapshot.boundary(position)),
            Some(beyond) => Some(snapshot.boundary(near[beyond])),
        };
        let both = before(overlap.a).zip(before(overlap.b));
        let already = both.map_or(0.0, |(a, b)| {
            overlaps(&[a, b], OverlapRules::default()).iter().map(|overlap| overlap.surface_m2).sum()
        });
        overlap.surface_m2 > already + OverlapRules::default().noise_m2
    };
    let name = |at: usize| match at.checked_sub(count) {
        None => planned.drawn[at].1.to_string(),
        Some(beyond) => snapshot.area(near[beyond]).name.clone(),
    };
    let told = told.filter(is_new).map(|overlap| {
        let (other, m2) = (name(overlap.b), overlap.surface_m2);
        let what = (format!("与 {other} 重叠 {m2:.0} m²"), format!("covers {m2:.0} m² of {other}"));
        of_row(run, planned.drawn[overlap.a].0, what)
    });
    told.collect()
}
