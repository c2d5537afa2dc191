//! From the fits of all readings to a verdict.

use geo::Coord;

use crate::crs::assumption::Assumption;
use crate::crs::detect::field::{self, Field};
use crate::crs::detect::fit::{self, Fit, Reading, SHIFT_PRICE};
use crate::crs::detect::rows;
use crate::crs::detect::{Candidate, Detection, Question, Sighting, Verdict, hypotheses};
use crate::crs::reference::Crs;
use crate::crs::transform::Transformer;

/// Fewer matched records decide nothing.
const MATCHED_MIN: usize = 20;

/// Fewer matched records, as share of those looked at, decide nothing.
const SHARE_MIN: f64 = 0.35;

/// More noise decides nothing, metres. Half of it is the outlines' own, when each is drawn to 5 metres.
const NOISE_MAX_M: f64 = 8.0;

/// A file that is shifted less lies where it should, metres.
const SHIFT_MIN_M: f64 = 5.0;

/// A reading that leaves more shift does not explain the file, metres. Whole deliveries are off by some tens of metres.
const SHIFT_MAX_M: f64 = 55.0;

/// What share of the records has to come to lie in the place.
const SHARE_IN_BOX_MIN: f64 = 0.6;

/// Records looked at for the verdict; odd rows are looked for among all.
const SAMPLE: usize = 600;

/// How far areas of the same shape are looked for, metres, and how far when that finds nothing.
const REACHES_M: [f64; 2] = [1_500.0, 6_000.0];

/// What is expected keeps its place unless another reading is better by this many tenths of the records.
const LEAD: f64 = 0.5;

/// The same where a shift is left under every reading, so that only noise tells them apart.
const LEAD_BY_NOISE: f64 = 1.0;

/// Readings closer than this cannot be told apart.
const TIE: f64 = 0.3;

/// One reading and all that is known of it.
struct Attempt {
    assumption: Assumption,
    is_carrier: bool,
    share_in_box: f64,
    reading: Option<Reading>,
    fit: Option<Fit>,
}

/// Finds the system that a file is in. Pure and deterministic; under 0.2 s for a district.
pub fn detect(question: &Question) -> Detection {
    let sound = |sighting: &&Sighting| {
        let Coord { x, y } = sighting.outline.centre;
        x.abs() < 1e9 && y.abs() < 1e9
    };
    let in_degrees = |sighting: &&Sighting| {
        let Coord { x, y } = sighting.outline.centre;
        x.abs() <= 180.0 && y.abs() <= 90.0
    };
    let held: Vec<Sighting> = question.held.iter().filter(in_degrees).copied().collect();
    let rows: Vec<usize> = (0..question.seen.len()).filter(|row| sound(&&question.seen[*row])).collect();
    let sample = sample(&rows);
    let seen: Vec<&Sighting> = sample.iter().map(|row| &question.seen[*row]).collect();
    let field = Field::new(&held, question.place);
    let expected = question.declared.cloned().unwrap_or(Assumption::new(Crs::Degrees));
    let mut attempts = attempts(question, field.as_ref(), &seen, &expected);

    let all_pairs = field::pairs(question.seen, &held);
    let pairs: Vec<Option<usize>> = sample.iter().map(|row| all_pairs[*row]).collect();
    let decided = field.as_ref().and_then(|field| by_fit(&mut attempts, field, &seen, &pairs, &expected));
    // A shift that decided nothing is none.
    let shift = decided.as_ref().and_then(|(_, chosen)| attempts[(*chosen)?].fit.as_ref()).map(|fit| fit.shift);
    let (verdict, chosen) = decided.unwrap_or_else(|| by_magnitude(&attempts, &expected));
    let odd_rows = match (&field, chosen) {
        (Some(field), Some(chosen)) => {
            let shift = shift.unwrap_or(Coord::zero());
            let crowd = rows::Crowd { question, field, pairs: &all_pairs, shift, rows: &rows };
            let alternatives: Vec<&Assumption> = attempts.iter().map(|attempt| &attempt.assumption).collect();
            rows::odd_rows(&crowd, &attempts[chosen].assumption, &alternatives)
        }
        _ => Vec::new(),
    };
    let candidates = candidates(&attempts, field.as_ref(), &expected, chosen);
    Detection { declared: question.declared.cloned(), candidates, verdict, odd_rows }
}

/// Some of the rows, in order, drawn evenly but without a period: files repeat themselves every few rows.
fn sample(rows: &[usize]) -> Vec<usize> {
    let mixed = |row: &usize| {
        (*row as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(29).wrapping_mul(0xBF58_476D_1CE4_E5B9)
    };
    let mut drawn = rows.to_vec();
    if drawn.len() > SAMPLE {
        drawn.select_nth_unstable_by_key(SAMPLE, mixed);
        drawn.truncate(SAMPLE);
        drawn.sort_unstable();
    }
    drawn
}

fn attempts(question: &Question, field: Option<&Field>, seen: &[&Sighting], expected: &Assumption) -> Vec<Attempt> {
    let raw = |of: fn(Coord) -> f64| fit::median(seen.iter().map(|s| of(s.outline.centre)).collect()).unwrap_or(0.0);
    let raw = Coord { x: raw(|c| c.x), y: raw(|c| c.y) };
    let mut carriers = hypotheses::carriers(field.map(Field::middle), raw, question.operator);
    if let Some(same) = carriers.iter_mut().find(|carrier| carrier.means(expected)) {
        *same = expected.clone();
    }
    let attempt = |assumption: Assumption, is_carrier: bool| {
        let transformer = Transformer::unshifted(&assumption, question.operator).ok();
        let (share_in_box, reading) = match (transformer, field) {
            (Some(transformer), Some(field)) => {
                let reading = Reading::new(&transformer, field, seen);
                (reading.share_in(field), Some(reading))
            }
            (Some(transformer), None) => {
                let centres: Vec<Coord> = seen.iter().map(|sighting| sighting.outline.centre).collect();
                let possible = transformer.each_to_degrees(&centres).iter().flatten().count();
                (possible as f64 / seen.len().max(1) as f64, None)
            }
            (None, _) => (0.0, None),
        };
        Attempt { assumption, is_carrier, share_in_box, reading, fit: None }
    };
    let mut attempts: Vec<Attempt> = carriers.into_iter().map(|carrier| attempt(carrier, true)).collect();
    let inside = attempts.iter().filter(|attempt| attempt.share_in_box >= SHARE_IN_BOX_MIN);
    let shifted: Vec<Assumption> = inside.flat_map(|attempt| hypotheses::shifted(&attempt.assumption)).collect();
    attempts.extend(shifted.into_iter().map(|assumption| attempt(assumption, false)));
    if !attempts.iter().any(|attempt| attempt.assumption.means(expected)) {
        attempts.push(attempt(expected.clone(), true));
    }
    attempts
}

/// The verdict by outlines; `None` when too few could be compared.
fn by_fit(
    attempts: &mut [Attempt],
    field: &Field,
    seen: &[&Sighting],
    pairs: &[Option<usize>],
    expected: &Assumption,
) -> Option<(Verdict, Option<usize>)> {
    if field.centres.len() < MATCHED_MIN || seen.len() < MATCHED_MIN {
        return None;
    }
    let none = vec![None; pairs.len()];
    // Keys that pair rows wrongly, such as serial numbers, explain nothing; shapes are asked then.
    let keyed = pairs.iter().flatten().count() >= MATCHED_MIN;
    let ways = [(keyed, pairs, REACHES_M[0]), (true, &none[..], REACHES_M[0]), (true, &none[..], REACHES_M[1])];
    ways.into_iter().filter(|(useful, ..)| *useful).find_map(|(_, pairs, reach_m)| {
        for attempt in attempts.iter_mut().filter(|attempt| attempt.share_in_box >= SHARE_IN_BOX_MIN) {
            attempt.fit = attempt.reading.as_ref().and_then(|reading| fit::fit(reading, field, seen, pairs, reach_m));
        }
        let (verdict, chosen) = judge(attempts, expected)?;
        Some((verdict, Some(chosen)))
    })
}

fn judge(attempts: &[Attempt], expected: &Assumption) -> Option<(Verdict, usize)> {
    let sound: Vec<(usize, &Fit)> = attempts
        .iter()
        .enumerate()
        .filter_map(|(at, attempt)| Some((at, attempt.fit.as_ref()?)))
        .filter(|(_, fit)| fit.matches.len() >= MATCHED_MIN && fit.share >= SHARE_MIN && fit.residual_m <= NOISE_MAX_M)
        .collect();
    let explained: Vec<_> = sound.iter().copied().filter(|(_, fit)| fit.shift_m() <= SHIFT_MAX_M).collect();
    let is_expected = |at: usize| attempts[at].assumption.means(expected);
    if let Some(ranked) = rank(&explained, SHIFT_PRICE) {
        let (at, fit) = prefer(&ranked, is_expected, SHIFT_PRICE, LEAD);
        let assumption = attempts[at].assumption.clone();
        if is_expected(at) {
            let verdict = if fit.shift_m() < SHIFT_MIN_M { Verdict::Confirmed } else { Verdict::Shifted };
            return Some((verdict(assumption), at));
        }
        let best = fit.score(SHIFT_PRICE);
        let ties: Vec<_> = ranked.iter().filter(|(_, other)| best - other.score(SHIFT_PRICE) < TIE).collect();
        if ties.len() > 1 {
            return Some((
                Verdict::Ambiguous(ties.iter().map(|(at, _)| attempts[*at].assumption.clone()).collect()),
                at,
            ));
        }
        return Some((Verdict::Suspect(assumption), at));
    }
    // A shift is left whatever is tried: no reading is better for having less of it.
    let ranked = rank(&sound, 0.0)?;
    let plain = prefer(&ranked, |at| attempts[at].is_carrier, 0.0, LEAD_BY_NOISE);
    let best = prefer(&ranked, is_expected, 0.0, LEAD_BY_NOISE);
    let (at, fit) = if is_expected(best.0) { best } else { plain };
    let assumption = attempts[at].assumption.clone();
    let verdict = match hypotheses::beijing_1954(&assumption, fit.shift_m(), fit.azimuth_deg()) {
        Some(old) if old.means(expected) => Verdict::Confirmed(expected.clone()),
        Some(old) => Verdict::Suspect(old),
        None if is_expected(at) => Verdict::Shifted(assumption),
        None => Verdict::Suspect(assumption),
    };
    Some((verdict, at))
}

/// Best first; `None` when there is nothing to rank.
fn rank<'a>(fits: &[(usize, &'a Fit)], shift_price: f64) -> Option<Vec<(usize, &'a Fit)>> {
    let mut ranked = fits.to_vec();
    ranked.sort_by(|a, b| b.1.score(shift_price).total_cmp(&a.1.score(shift_price)));
    (!ranked.is_empty()).then_some(ranked)
}

/// The first one wanted, unless the best leads it by more.
fn prefer<'a>(
    ranked: &[(usize, &'a Fit)],
    wanted: impl Fn(usize) -> bool,
    shift_price: f64,
    lead: f64,
) -> (usize, &'a Fit) {
    let best = ranked[0];
    let close = |fit: &Fit| best.1.score(shift_price) - fit.score(shift_price) <= lead;
    ranked.iter().copied().find(|(at, fit)| wanted(*at) && close(fit)).unwrap_or(best)
}

/// The verdict by the size of the numbers alone.
fn by_magnitude(attempts: &[Attempt], expected: &Assumption) -> (Verdict, Option<usize>) {
    let mut inside: Vec<usize> = (0..attempts.len())
        .filter(|at| attempts[*at].is_carrier && attempts[*at].share_in_box >= SHARE_IN_BOX_MIN)
        .collect();
    inside.sort_by(|a, b| attempts[*b].share_in_box.total_cmp(&attempts[*a].share_in_box));
    let as_expected = attempts
        .iter()
        .position(|attempt| attempt.share_in_box >= SHARE_IN_BOX_MIN && attempt.assumption.means(expected));
    match (as_expected, inside.as_slice()) {
        (Some(at), _) => (Verdict::Plausible(expected.clone()), Some(at)),
        (None, []) => (Verdict::Impossible, None),
        (None, [one]) => (Verdict::Suspect(attempts[*one].assumption.clone()), Some(*one)),
        (None, several) => {
            (Verdict::Ambiguous(several.iter().map(|at| attempts[*at].assumption.clone()).collect()), None)
        }
    }
}

fn candidates(
    attempts: &[Attempt],
    field: Option<&Field>,
    expected: &Assumption,
    chosen: Option<usize>,
) -> Vec<Candidate> {
    let plain = attempts.iter().find(|attempt| attempt.assumption.means(expected));
    let before = |fit: &Fit| {
        let (reading, field) = (plain?.reading.as_ref()?, field?);
        let off = |m: &fit::Match| Some(field::distance(reading.points[m.row]?, field.centres[m.held]));
        fit::median(fit.matches.iter().filter_map(off).collect())
    };
    let kept = |at: &usize| {
        let attempt = &attempts[*at];
        attempt.share_in_box >= SHARE_IN_BOX_MIN || attempt.assumption.means(expected)
    };
    let mut order: Vec<usize> = (0..attempts.len()).filter(kept).collect();
    let worth = |at: usize| attempts[at].fit.as_ref().map_or(f64::NEG_INFINITY, |fit| fit.score(SHIFT_PRICE));
    order.sort_by(|a, b| {
        let first = (Some(*b) == chosen).cmp(&(Some(*a) == chosen));
        first
            .then(worth(*b).total_cmp(&worth(*a)))
            .then(attempts[*b].share_in_box.total_cmp(&attempts[*a].share_in_box))
    });
    let candidate = |at: usize| {
        let Attempt { assumption, share_in_box, fit, .. } = &attempts[at];
        let fit = fit.as_ref();
        Candidate {
            assumption: assumption.clone(),
            share_in_box: *share_in_box,
            matched: fit.map_or(0, |fit| fit.matches.len()),
            share_matched: fit.map_or(0.0, |fit| fit.share),
            median_before_m: fit.and_then(before),
            median_after_m: fit.map(|fit| fit.median_m),
            residual_m: fit.map(|fit| fit.residual_m),
            shift_m: fit.map(Fit::shift_m),
            azimuth_deg: fit.map(Fit::azimuth_deg),
        }
    };
    order.into_iter().map(candidate).collect()
}
