//! Cases, places and what is left over, made into statements.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use crate::reconcile::Policy;
use crate::reconcile::align::{Left, Right};
use crate::reconcile::decide::{self, PairFacts, PlacedFacts};
use crate::reconcile::drift::{self, Drawing};
use crate::reconcile::evidence::{Agreement, Likeness, Weights};
use crate::reconcile::graph::{Copy, Edge, Graph};
use crate::reconcile::groups::{Member, Surroundings};
use crate::reconcile::outcome::{Relation, Statement, Status};
use crate::reconcile::place::{Candidate, Free, Placed, Places, Settled, place};
use crate::reconcile::reason::Reason;
use crate::reconcile::relation::{Case, cases};
use crate::reconcile::sides;
use crate::reconcile::text::address::AddressLevel;
use crate::reconcile::text::name::{NameLevel, hash};

/// Everything that statements are made of.
pub(crate) struct Bench<'a> {
    pub(crate) left: &'a Left<'a>,
    pub(crate) right: &'a Right<'a>,
    pub(crate) edges: &'a [Edge],
    pub(crate) weights: &'a Weights,
    pub(crate) policy: Policy,
}

/// Statements by position in the sorted lists, and the noise of drawing in metres.
pub(crate) fn statements(bench: &Bench<'_>, done: &mut dyn FnMut(&'static str)) -> (Vec<Statement>, f64) {
    let graph = Graph::new(bench.left, bench.right, (bench.edges, bench.weights));
    done("graph");
    let found = cases(&graph.kept);
    let sound: Vec<Case> = found.into_iter().filter(|case| bench.is_sound(case)).collect();
    let mut free = Free { lefts: vec![true; bench.left.spots.len()], rights: vec![true; bench.right.spots.len()] };
    for case in &sound {
        case.lefts.iter().for_each(|at| free.lefts[*at as usize] = false);
        case.rights.iter().for_each(|at| free.rights[*at as usize] = false);
    }
    // A copy of a row that found no partner is no copy.
    let kept_copy = |copy: &&Copy, free: &[bool]| !free[copy.of as usize];
    let right_copies: Vec<Copy> =
        graph.right_copies.iter().filter(|copy| kept_copy(copy, &free.rights)).copied().collect();
    let left_copies: Vec<Copy> =
        graph.left_copies.iter().filter(|copy| kept_copy(copy, &free.lefts)).copied().collect();
    right_copies.iter().for_each(|copy| free.rights[copy.row as usize] = false);
    left_copies.iter().for_each(|copy| free.lefts[copy.row as usize] = false);
    let partner: BTreeMap<u32, u32> =
        sound.iter().filter(|case| case.is_pair()).map(|case| (case.lefts[0], case.rights[0])).collect();
    done("cases");
    let settled = Settled { weights: bench.weights, partner: &partner };
    let places = place(bench.left, bench.right, (&mut free, &settled));
    done("places");
    let drawing = bench.drawing(&sound);
    let repeats: BTreeSet<Member> = right_copies
        .iter()
        .flat_map(|copy| [Member::Right(copy.row), Member::Right(copy.of)])
        .chain(left_copies.iter().flat_map(|copy| [Member::Left(copy.row), Member::Left(copy.of)]))
        .chain(places.copies.iter().map(|placed| Member::Left(placed.candidate.left)))
        .collect();
    let surroundings = Surroundings::new(bench, repeats);
    let mut statements: Vec<Statement> = sound
        .par_iter()
        .flat_map_iter(|case| {
            if case.is_pair() {
                vec![bench.pair(case, &partner, &drawing)]
            } else {
                bench.several(case, surroundings.as_ref())
            }
        })
        .collect();
    done("pairs");
    statements.extend(right_copies.iter().map(|copy| bench.outline_copy((copy.area, copy.row), &drawing)));
    statements.extend(left_copies.iter().map(|copy| bench.outline_copy((copy.row, copy.area), &drawing)));
    bench.places(&places, &mut statements);
    bench.alone(&free, &mut statements);
    number(&mut statements);
    done("statements");
    (statements, drawing.noise_m)
}

impl Bench<'_> {
    pub(crate) fn likeness(&self, left: u32, right: u32) -> Likeness {
        Likeness::of(&self.left.features[left as usize], &self.right.features[right as usize])
    }

    /// A pair that hardly covers one another and is called differently is two records without a partner.
    fn is_sound(&self, case: &Case) -> bool {
        if !case.is_pair() {
            return true;
        }
        let edge = case.edges[0];
        let likeness = self.likeness(edge.left, edge.right);
        let other_use =
            self.left.features[edge.left as usize].other_use() != self.right.features[edge.right as usize].other_use();
        let words = likeness.bits(self.weights) - if other_use { 9.0 } else { 0.0 };
        edge.iou > 0.5 && words > -12.0 || edge.iou > 0.3 && words > -3.0 || edge.iou > 0.08 && words > 3.0
    }

    /// How the boundaries of the pairs were drawn.
    fn drawing(&self, cases: &[Case]) -> Drawing {
        let seen = |case: &Case| {
            let edge = *case.edges.first().filter(|_| case.is_pair())?;
            let (a, b) = (self.left.spots[edge.left as usize].flat()?, self.right.spots[edge.right as usize].flat()?);
            let width = (a.surface + b.surface - 2.0 * edge.shared) / (a.perimeter + b.perimeter) * 2.0;
            Some((self.batch_of(edge), width, sides::moved(a, b)))
        };
        Drawing::of(cases.par_iter().filter_map(seen).collect())
    }

    /// Rows that one hand drew: of a source, in a street.
    fn batch_of(&self, edge: Edge) -> (u64, u64) {
        let source = hash(&self.right.records[edge.right as usize].source);
        (source, self.left.features[edge.left as usize].street)
    }

    fn pair(&self, case: &Case, partner: &BTreeMap<u32, u32>, drawing: &Drawing) -> Statement {
        let edge = case.edges[0];
        let likeness = self.likeness(edge.left, edge.right);
        let bits = likeness.bits(self.weights);
        let swapped = self.is_swapped(edge, partner);
        let right = edge.right as usize;
        let (ours, theirs) = (&self.left.features[edge.left as usize], &self.right.features[right]);
        let range = ours.is_range() || theirs.is_range();
        let odd = range || ours.other_use() != theirs.other_use();
        let (intruded, moved) = (self.intruded(edge), self.right.odd[right]);
        let elsewhere = !swapped && !likeness.is_named_alike() && self.is_missed(edge.right, partner);
        let facts = PairFacts { edge, likeness, bits, intruded, doubt: case.doubt, swapped, elsewhere, moved, odd };
        let (status, probability) = decide::pair(&facts);
        let mut statement = self.statement((Some(edge.left), Some(edge.right)), Relation::OneToOne, status);
        statement.probability = probability;
        self.compare(edge, drawing, &mut statement);
        let mut reasons = vec![Reason::Overlap(edge.iou)];
        reasons.extend(words(&likeness, (ours.households, theirs.households)));
        reasons.push(Reason::Score(bits));
        reasons.extend(swapped.then_some(Reason::SwappedNames));
        reasons.extend(self.right.odd[right].then_some(Reason::System(self.right.placements[right].system.key())));
        let crossed = self.right.spots[right].flat().is_some_and(|flat| flat.crossed);
        reasons.extend((crossed || self.right.records[right].repaired).then_some(Reason::Repaired));
        reasons.append(&mut statement.reasons);
        reasons.shrink_to_fit();
        Statement { reasons, ..statement }
    }

    /// Whether the row has the name of a neighbour, whose row has the name of this area.
    fn is_swapped(&self, edge: Edge, partner: &BTreeMap<u32, u32>) -> bool {
        let (ours, theirs) =
            (self.left.features[edge.left as usize].name(), self.right.features[edge.right as usize].name());
        let Some((ours, theirs)) = ours.zip(theirs).filter(|(a, b)| a.key_hash() != b.key_hash()) else { return false };
        let mut holders = self.left.lists.names.of(theirs.key_hash()).take(8);
        holders.any(|other| {
            let row = partner.get(&other).and_then(|row| self.right.features[*row as usize].name());
            other != edge.left && row.is_some_and(|name| name.key_hash() == ours.key_hash())
        })
    }

    /// Whether an area of the row's name has no outline of the other side.
    fn is_missed(&self, right: u32, partner: &BTreeMap<u32, u32>) -> bool {
        let name = self.right.features[right as usize].name();
        name.is_some_and(|name| self.left.lists.names.of(name.key_hash()).any(|area| !partner.contains_key(&area)))
    }

    /// The largest share of either outline that a third record covers.
    fn intruded(&self, edge: Edge) -> f64 {
        let from = self.edges.partition_point(|other| other.left < edge.left);
        let of_left = self.edges[from..].iter().take_while(|other| other.left == edge.left);
        let others =
            of_left.filter(|other| other.right != edge.right).map(|other| other.of_left.max(other.of_right * 0.5));
        others.fold(0.0, f64::max)
    }

    /// Difference and drift of a pair of outlines.
    fn compare(&self, edge: Edge, drawing: &Drawing, statement: &mut Statement) {
        let (a, b) = (self.left.spots[edge.left as usize].flat(), self.right.spots[edge.right as usize].flat());
        let Some((a, b)) = a.zip(b) else { return };
        let difference = a.surface + b.surface - 2.0 * edge.shared;
        statement.difference_m2 = Some(difference);
        let least = drift::DRIFT_SHARE * a.surface.min(b.surface);
        if difference > least && !is_piece(edge) {
            let thick = drift::thick_difference_m2(a, b, drawing.thin_m());
            let side = drawing.moved_m2(self.batch_of(edge), a, b);
            statement.drift = thick > least || side.is_some();
            statement.reasons.extend(statement.drift.then_some(Reason::Drift(side.unwrap_or(thick).max(thick))));
        }
    }

    fn several(&self, case: &Case, surroundings: Option<&Surroundings>) -> Vec<Statement> {
        let relation = match (case.lefts.len(), case.rights.len()) {
            (1, _) => Relation::OneToMany,
            (_, 1) => Relation::ManyToOne,
            _ => Relation::ManyToMany,
        };
        let pairs = case.lefts.iter().flat_map(|left| case.rights.iter().map(move |right| (*left, *right)));
        let probability = decide::logistic(14.0 * (case.jaccard() - 0.5) - 4.0 * case.doubt);
        let status = surroundings.map_or(Status::Review, |around| around.status(self, case));
        pairs
            .map(|(left, right)| {
                let mut statement = self.statement((Some(left), Some(right)), relation, status);
                statement.probability = probability;
                statement.reasons.push(Reason::Members(case.lefts.len(), case.rights.len()));
                if let Some(edge) = case.edges.iter().find(|edge| edge.left == left && edge.right == right) {
                    statement.reasons.push(Reason::Shares(edge.of_left, edge.of_right));
                }
                statement.reasons.push(Reason::Name(self.likeness(left, right).name));
                statement
            })
            .collect()
    }

    fn copy(&self, left: u32, right: u32) -> Statement {
        let mut statement = self.statement((Some(left), Some(right)), Relation::Duplicate, Status::Review);
        let likeness = self.likeness(left, right);
        statement.probability = decide::logistic(4.0 + likeness.bits(self.weights).clamp(-3.0, 8.0));
        statement.reasons.push(Reason::Copy);
        statement.reasons.push(Reason::Name(likeness.name));
        let right = right as usize;
        statement
            .reasons
            .extend(self.right.odd[right].then_some(Reason::System(self.right.placements[right].system.key())));
        statement
    }

    /// A copy that has an outline: its boundary may be a newer one than that of the row it repeats.
    fn outline_copy(&self, (left, right): (u32, u32), drawing: &Drawing) -> Statement {
        let mut statement = self.copy(left, right);
        if let Ok(at) = self.edges.binary_search_by_key(&(left, right), |edge| (edge.left, edge.right)) {
            self.compare(self.edges[at], drawing, &mut statement);
            statement.difference_m2 = None;
        }
        statement
    }

    fn places(&self, places: &Places, statements: &mut Vec<Statement>) {
        // Areas without a place, by their street.
        let mut placeless: BTreeMap<u64, usize> = BTreeMap::new();
        for (features, spot) in self.left.features.iter().zip(&self.left.spots) {
            if spot.centre().is_none() {
                *placeless.entry(features.street).or_default() += 1;
            }
        }
        for placed in &places.placed {
            let left = placed.candidate.left;
            let (ours, theirs) = (&self.left.features[left as usize], &self.right.features[placed.right as usize]);
            let outlines = (self.left.spots[left as usize].flat(), self.right.spots[placed.right as usize].flat());
            let (status, probability) = decide::placed(&PlacedFacts {
                placed,
                apart: matches!(outlines, (Some(_), Some(_))),
                odd: ours.is_range() || theirs.is_range() || ours.other_use() != theirs.other_use(),
                unplaced: placeless.get(&ours.street).is_some_and(|areas| *areas > 1)
                    && self.left.spots[left as usize].centre().is_none()
                    && self.right.spots[placed.right as usize].centre().is_some(),
                doors: (ours.is_named_by_door(), theirs.is_named_by_door()),
            });
            let mut statement = self.statement((Some(left), Some(placed.right)), Relation::OneToOne, status);
            statement.probability = probability;
            statement.reasons = self.placed_reasons(placed);
            statements.push(statement);
        }
        for placed in &places.copies {
            let mut statement = self.copy(placed.candidate.left, placed.right);
            statement.probability = placed.candidate.posterior.min(0.9999);
            statement.reasons.extend(self.placed_reasons(placed));
            statements.push(statement);
        }
        let mut range = |lefts: &[u32], rights: &[u32], relation: Relation| {
            for (left, right) in lefts.iter().flat_map(|left| rights.iter().map(move |right| (*left, *right))) {
                let mut statement = self.statement((Some(left), Some(right)), relation, Status::Review);
                statement.probability = 0.95;
                statement.reasons.push(Reason::Range(lefts.len().max(rights.len())));
                statements.push(statement);
            }
        };
        places.right_ranges.iter().for_each(|(row, lefts)| range(lefts, &[*row], Relation::ManyToOne));
        places.left_ranges.iter().for_each(|(area, rights)| range(&[*area], rights, Relation::OneToMany));
    }

    fn placed_reasons(&self, placed: &Placed) -> Vec<Reason> {
        let Candidate { left, likeness, bits, distance, system, .. } = placed.candidate;
        let (ours, theirs) = (&self.left.features[left as usize], &self.right.features[placed.right as usize]);
        let mut reasons = words(&likeness, (ours.households, theirs.households));
        reasons.extend(distance.map(Reason::Distance));
        reasons.push(Reason::Score(bits));
        reasons.extend((placed.runner_up > -6.0).then_some(Reason::RunnerUp(placed.runner_up)));
        reasons.extend((placed.namesakes > 1).then_some(Reason::Namesakes(placed.namesakes)));
        reasons.extend(system.map(|system| Reason::System(system.key())));
        let first = self.left.spots[left as usize].flat().is_none();
        reasons.extend(
            (first && self.right.spots[placed.right as usize].flat().is_some()).then_some(Reason::FirstOutline),
        );
        reasons
    }

    fn alone(&self, free: &Free, statements: &mut Vec<Statement>) {
        let positions =
            |free: &[bool]| -> Vec<u32> { (0..free.len() as u32).filter(|at| free[*at as usize]).collect() };
        for left in positions(&free.lefts) {
            let mut statement = self.statement((Some(left), None), Relation::LeftOnly, Status::Review);
            statement.probability = 0.9;
            statement.reasons.push(Reason::NoPartner);
            statements.push(statement);
        }
        for right in positions(&free.rights) {
            let mut statement = self.statement((None, Some(right)), Relation::RightOnly, Status::Review);
            statement.probability = 0.9;
            statement.reasons.push(Reason::NoPartner);
            let features = &self.right.features[right as usize];
            statement.reasons.extend(features.other_use().then_some(Reason::OtherUse));
            let here = self.right.spots[right as usize].centre();
            let namesake = features.name().and_then(|name| self.left.lists.names.of(name.key_hash()).next());
            let there = namesake.and_then(|other| self.left.spots[other as usize].centre());
            if let Some((here, there)) = here.zip(there) {
                statement.reasons.push(Reason::NamesakeElsewhere((here - there).x.hypot((here - there).y)));
            }
            statements.push(statement);
        }
    }

    fn statement(&self, (left, right): (Option<u32>, Option<u32>), relation: Relation, status: Status) -> Statement {
        Statement {
            left: left.map(|at| at as usize),
            right: right.map(|at| at as usize),
            relation,
            group: 0,
            status,
            drift: false,
            probability: 0.5,
            difference_m2: None,
            reasons: Vec::new(),
        }
    }
}

/// A row within an area of which most is missing is a piece whose other pieces are not there, not a change of a boundary.
fn is_piece(edge: Edge) -> bool {
    edge.iou < 0.62 && edge.of_left < 0.62 * edge.of_right
}

/// What the words say, as reasons.
fn words(likeness: &Likeness, households: (Option<u32>, Option<u32>)) -> Vec<Reason> {
    let mut reasons = vec![Reason::Name(likeness.name)];
    reasons.extend((likeness.address != AddressLevel::Unknown).then_some(Reason::Address(likeness.address)));
    let known = |agreement: Agreement| (agreement != Agreement::Unknown).then_some(agreement == Agreement::Same);
    reasons.extend(known(likeness.company).map(Reason::Company));
    reasons.extend(known(likeness.street).map(Reason::Street));
    let told = likeness.name < NameLevel::Same;
    reasons.extend(households.0.zip(households.1).filter(|_| told).map(|(a, b)| Reason::Households(a, b)));
    reasons
}

/// Numbers the cases: statements that share a record belong to one. Sorted by left, then by right record.
fn number(statements: &mut [Statement]) {
    let none = usize::MAX;
    statements.par_sort_by_key(|one| (one.left.unwrap_or(none), one.right.unwrap_or(none), one.relation));
    let count =
        |pick: fn(&Statement) -> Option<usize>| statements.iter().filter_map(pick).max().map_or(0, |most| most + 1);
    let mut of_left = vec![none; count(|one| one.left)];
    let mut of_right = vec![none; count(|one| one.right)];
    let mut parents: Vec<usize> = (0..statements.len()).collect();
    fn root(parents: &mut [usize], mut at: usize) -> usize {
        while parents[at] != at {
            parents[at] = parents[parents[at]];
            at = parents[at];
        }
        at
    }
    for (at, statement) in statements.iter().enumerate() {
        let first = |of: &mut [usize], record: usize| {
            of[record] = of[record].min(at);
            of[record]
        };
        let left = statement.left.map(|left| first(&mut of_left, left));
        let right = statement.right.map(|right| first(&mut of_right, right));
        for other in [left, right].into_iter().flatten() {
            let (a, b) = (root(&mut parents, at), root(&mut parents, other));
            parents[a.max(b)] = a.min(b);
        }
    }
    // The root of a case is its first statement.
    let mut cases = 0;
    for at in 0..statements.len() {
        let first = root(&mut parents, at);
        if first == at {
            cases += 1;
            statements[at].group = cases;
        } else {
            statements[at].group = statements[first].group;
        }
    }
}
