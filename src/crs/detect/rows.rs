//! Rows in another system than the rest of their file.

use geo::Coord;
use rstar::RTree;
use rstar::primitives::GeomWithData;

use crate::crs::assumption::Assumption;
use crate::crs::detect::field::{Field, distance};
use crate::crs::detect::fit::Reading;
use crate::crs::detect::{Evidence, OddRow, Question, Sighting, hypotheses};
use crate::crs::transform::Transformer;

/// A row this near to its area is in the system of the file, metres. No two systems are nearer to each other.
const HOME_M: f64 = 60.0;

/// A row has to come this near to its area under the other reading, metres: whole streets are off by some tens of metres.
const REACH_M: f64 = 60.0;

/// An area of a row's shape this near may be its own, metres.
const SHAPE_HOME_M: f64 = 40.0;

/// So many other odd rows of the same system bear out one that only a shape speaks for, when they lie so near and beside
/// their areas in the same direction as it does, metres.
const COMPANY: usize = 2;
const COMPANY_M: f64 = 1_500.0;
const AGREEMENT_M: f64 = 12.0;

/// All rows of a file, for the search.
pub(crate) struct Crowd<'a> {
    pub(crate) question: &'a Question<'a>,
    pub(crate) field: &'a Field,
    /// The area held with the key of each row.
    pub(crate) pairs: &'a [Option<usize>],
    /// Common shift of the file under the chosen reading, metres.
    pub(crate) shift: Coord,
    /// Rows with a finite place.
    pub(crate) rows: &'a [usize],
}

/// A row without a home in the system of its file.
struct Stray<'a> {
    row: usize,
    sighting: &'a Sighting<'a>,
    pair: Option<usize>,
    inside: bool,
}

struct Find {
    odd: OddRow,
    place: Coord,
    /// From its area held, metres.
    off: Coord,
}

/// The rows that fit another reading than the chosen one, in order.
pub(crate) fn odd_rows(crowd: &Crowd, chosen: &Assumption, attempts: &[&Assumption]) -> Vec<OddRow> {
    let strays = strays(crowd, chosen);
    let sightings: Vec<&Sighting> = strays.iter().map(|stray| stray.sighting).collect();
    let mut best: Vec<Option<Find>> = strays.iter().map(|_| None).collect();
    for (assumption, reading) in readings(crowd, chosen, attempts, &sightings) {
        for (at, stray) in strays.iter().enumerate() {
            let Some(place) = reading.points[at].filter(|point| crowd.field.contains(*point)) else { continue };
            let Some((evidence, off)) = evidence(crowd.field, &reading, stray, place) else { continue };
            let off_m = (evidence != Evidence::Magnitude).then_some(off.x.hypot(off.y));
            let rank = |evidence: Evidence, off_m: Option<f64>| (evidence as u8, off_m.unwrap_or(f64::INFINITY));
            let better = best[at].as_ref().is_none_or(|find| {
                rank(evidence, off_m).partial_cmp(&rank(find.odd.evidence, find.odd.off_m))
                    == Some(std::cmp::Ordering::Less)
            });
            if better {
                let odd = OddRow { row: stray.row, assumption: assumption.clone(), evidence, off_m };
                best[at] = Some(Find { odd, place, off });
            }
        }
    }
    borne_out(best.into_iter().flatten().collect())
}

fn strays<'a>(crowd: &Crowd<'a>, chosen: &Assumption) -> Vec<Stray<'a>> {
    let question = crowd.question;
    let sightings: Vec<&Sighting> = crowd.rows.iter().map(|row| &question.seen[*row]).collect();
    let Ok(transformer) = Transformer::unshifted(chosen, question.operator) else { return Vec::new() };
    let reading = Reading::new(&transformer, crowd.field, &sightings);
    let shift = crowd.shift;
    let stray = |(at, row): (usize, &usize)| {
        let (sighting, pair) = (&question.seen[*row], crowd.pairs[*row]);
        let point = reading.points[at].map(|point| point - shift).filter(|point| crowd.field.contains(*point));
        let at_home = point.is_some_and(|point| match (pair, reading.shape(sighting)) {
            (Some(pair), _) => distance(point, crowd.field.centres[pair]) <= HOME_M,
            (None, Some(shape)) if !crowd.field.centres.is_empty() => {
                crowd.field.nearest_alike(point, shape, SHAPE_HOME_M).is_some()
            }
            (None, _) => true,
        });
        (!at_home).then_some(Stray { row: *row, sighting, pair, inside: point.is_some() })
    };
    crowd.rows.iter().enumerate().filter_map(stray).collect()
}

/// The other readings that put a stray into the place.
fn readings(
    crowd: &Crowd,
    chosen: &Assumption,
    attempts: &[&Assumption],
    strays: &[&Sighting],
) -> Vec<(Assumption, Reading)> {
    let read = |assumption: Assumption| {
        let transformer = Transformer::unshifted(&assumption, crowd.question.operator).ok()?;
        let reading = Reading::new(&transformer, crowd.field, strays);
        (reading.share_in(crowd.field) > 0.0).then_some((assumption, reading))
    };
    let mut readings: Vec<(Assumption, Reading)> = Vec::new();
    let mut wanted: Vec<Assumption> = attempts.iter().map(|assumption| (*assumption).clone()).collect();
    while let Some(assumption) = wanted.pop() {
        let known = assumption.means(chosen) || readings.iter().any(|(other, _)| other.means(&assumption));
        if let Some(found) = (!known).then(|| read(assumption)).flatten() {
            wanted.extend(hypotheses::shifted(&found.0));
            readings.push(found);
        }
    }
    // Simple systems first: among equals the first one stays.
    readings.sort_by_key(|(assumption, _)| hypotheses::rarity(assumption));
    readings
}

/// What speaks for a reading of a stray, and how it then lies beside its area held.
fn evidence(field: &Field, reading: &Reading, stray: &Stray, place: Coord) -> Option<(Evidence, Coord)> {
    let off = |held: usize| place - field.centres[held];
    if let Some(pair) = stray.pair {
        if distance(place, field.centres[pair]) <= REACH_M {
            return Some((Evidence::Key, off(pair)));
        }
    } else if let Some(shape) = reading.shape(stray.sighting)
        && let Some((held, _)) = field.nearest_alike(place, shape, REACH_M)
    {
        return Some((Evidence::Shape, off(held)));
    }
    (!stray.inside).then_some((Evidence::Magnitude, Coord::zero()))
}

/// Drops those that only a shape speaks for and that are alone.
fn borne_out(finds: Vec<Find>) -> Vec<OddRow> {
    let spots = finds.iter().enumerate().map(|(at, find)| GeomWithData::new([find.place.x, find.place.y], at));
    let tree = RTree::bulk_load(spots.collect());
    let has_company = |find: &Find| {
        let near = tree.locate_within_distance([find.place.x, find.place.y], COMPANY_M * COMPANY_M);
        let alike = near.map(|spot| &finds[spot.data]).filter(|other| {
            other.odd.assumption == find.odd.assumption && distance(other.off, find.off) <= AGREEMENT_M
        });
        alike.count() > COMPANY
    };
    let kept = finds.iter().filter(|find| find.odd.evidence != Evidence::Shape || has_company(find));
    kept.map(|find| find.odd.clone()).collect()
}
