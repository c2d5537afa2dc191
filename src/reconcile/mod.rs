//! Two descriptions of the same areas compared: what is the same, what changed, and what somebody has to decide.
//!
//! Pure and deterministic: the order of the records does not matter, and nothing is read, written or remembered here. The
//! left side (the register) stays where it is; the right side (a delivery) is brought onto its map for the comparison
//! (`align`), outlines that cover one another become cases (`graph`, `relation`), rows without an outline are placed by what
//! they say (`place`), and `decide` says what is certain enough to be stated without asking.

mod align;
mod assemble;
mod cases;
mod conflicts;
mod decide;
mod drift;
mod evidence;
mod features;
mod graph;
mod ground;
mod groups;
mod noise;
mod outcome;
mod partition;
mod place;
mod placing;
mod plane;
mod postings;
mod reason;
mod record;
mod relation;
mod sides;
mod text;

use rayon::prelude::*;

use crate::reconcile::align::{Left, Right};
use crate::reconcile::assemble::{Bench, statements};
use crate::reconcile::evidence::{Likeness, Tally, Weights};
use crate::reconcile::graph::Edge;

pub use cases::{Case, Class, Consequence, NEAR_IDENTICAL_IOU, NEAR_IDENTICAL_M2, Side, case_key, cases};
pub use conflicts::is_of_street;
pub use outcome::{Alignment, Conflict, Field, Outcome, Relation, Statement, Status, Suggestion, Weight};
pub use placing::Placing;
pub use reason::{Reason, chinese, english};
pub use record::{Record, Shape};
pub use text::address::AddressLevel;
pub use text::coding::{Committee, Management, committee, households, management};
pub use text::name::NameLevel;

/// Pairs from which the weights are estimated at most.
const LEARN_FROM: usize = 20_000;

/// Areas from anywhere in the district with which each of them is compared, and how far apart they are taken.
const FAR_OTHERS: usize = 4;
const FAR_STEP: usize = 7_919;

/// Pairs that cover so much of their union are settled by geometry, and teach what the words are worth.
const SETTLED_IOU: f64 = 0.6;

/// What may be stated without asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Policy {
    /// Pairs only.
    #[default]
    Pairs,
    /// Pairs, and splits and merges whose pieces make up the whole.
    Groups,
}

/// Compares two sides. Positions in the answer are those of the lists given.
pub fn reconcile(left: &[Record], right: &[Record]) -> Outcome {
    reconcile_in_stages(left, right, &mut |_| {})
}

/// What [`reconcile_in_stages`] goes through, in its order.
pub const STAGES: [&str; 15] = [
    "left",
    "right",
    "base",
    "batches",
    "readjust",
    "odd rows",
    "alignments",
    "edges",
    "weights",
    "graph",
    "cases",
    "places",
    "pairs",
    "statements",
    "conflicts",
];

/// As [`reconcile`]; `done` hears the name of each of the [`STAGES`] when it is over.
pub fn reconcile_in_stages(left: &[Record], right: &[Record], done: &mut dyn FnMut(&'static str)) -> Outcome {
    reconcile_by(Policy::Pairs, left, right, done)
}

/// As [`reconcile_in_stages`], with another policy of what is stated without asking.
pub fn reconcile_by(policy: Policy, left: &[Record], right: &[Record], done: &mut dyn FnMut(&'static str)) -> Outcome {
    let (ours, theirs) = (sorted(left), sorted(right));
    let left_refs: Vec<&Record> = ours.iter().map(|at| &left[*at]).collect();
    let right_refs: Vec<&Record> = theirs.iter().map(|at| &right[*at]).collect();
    let left_side = Left::new(&left_refs, &right_refs);
    done("left");
    let right_side = Right::new(&left_side, &right_refs, done);
    let edges = graph::edges(&left_side, &right_side);
    done("edges");
    let weights = learn(&left_side, &right_side, &edges);
    done("weights");
    let bench = Bench { left: &left_side, right: &right_side, edges: &edges, weights: &weights, policy };
    let (mut statements, noise_m) = statements(&bench, done);
    let pairs: Vec<(usize, usize)> = statements
        .iter()
        .filter(|statement| statement.relation == Relation::OneToOne)
        .filter_map(|statement| statement.left.zip(statement.right))
        .collect();
    let conflicts = pairs
        .par_iter()
        .flat_map_iter(|(l, r)| {
            let features = (&left_side.features[*l], &right_side.features[*r]);
            conflicts::of_pair((ours[*l], theirs[*r]), features, (left_refs[*l], right_refs[*r]))
        })
        .collect();
    for statement in &mut statements {
        statement.left = statement.left.map(|at| ours[at]);
        statement.right = statement.right.map(|at| theirs[at]);
    }
    let mut placings = vec![None; right.len()];
    for (sorted, placement) in right_side.placements.iter().enumerate() {
        placings[theirs[sorted]] = Some(Placing::new(*placement, left_side.frame));
    }
    done("conflicts");
    Outcome {
        statements,
        conflicts,
        alignments: right_side.alignments,
        shift_m: right_side.shift_m,
        turn_deg: right_side.turn_deg,
        weights: weights.table(),
        noise_m,
        placings: placings.into_iter().flatten().collect(),
    }
}

/// Positions in the order of the records' codes, so that the order of the lists does not matter.
fn sorted(records: &[Record]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..records.len()).collect();
    order.par_sort_by(|a, b| records[*a].id.cmp(&records[*b].id).then_with(|| records[*a].name.cmp(&records[*b].name)));
    order
}

/// The weights of the words, from pairs that geometry has settled, from other areas near by, and from areas anywhere.
fn learn(left: &Left<'_>, right: &Right<'_>, edges: &[Edge]) -> Weights {
    let mut settled: Vec<&Edge> = edges.iter().filter(|edge| edge.iou > SETTLED_IOU).collect();
    let step = settled.len().div_ceil(LEARN_FROM).max(1);
    settled = settled.into_iter().step_by(step).collect();
    let (mut matches, mut others, mut far) = (Tally::default(), Tally::default(), Tally::default());
    for (nth, edge) in settled.iter().enumerate() {
        let features = &right.features[edge.right as usize];
        matches.add(&Likeness::of(&left.features[edge.left as usize], features));
        // Steps that have no factor in common with the number of pairs, as a rule: areas from all over the district.
        let anywhere = (1..=FAR_OTHERS).map(|step| settled[(nth * FAR_STEP + step * FAR_STEP) % settled.len()].left);
        // A street has a name once: a namesake lies in another one.
        let street = |area: u32| left.features[area as usize].street;
        let elsewhere =
            |other: &u32| *other != edge.left && (street(*other) == 0 || street(*other) != street(edge.left));
        for other in anywhere.filter(elsewhere) {
            far.add(&Likeness::of(&left.features[other as usize], features));
        }
        let Some(centre) = right.spots[edge.right as usize].centre() else { continue };
        let mut beside: Vec<u32> = left.ground.near(centre, centre, 250.0).collect();
        beside.sort_unstable();
        beside.truncate(8);
        for other in beside.into_iter().filter(|other| *other != edge.left) {
            others.add(&Likeness::of(&left.features[other as usize], features));
        }
    }
    Weights::learn(&matches, &others, &far)
}
