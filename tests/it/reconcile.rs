//! The matcher on made-up districts whose truth is known.

use std::collections::BTreeSet;

use onemap::crs::gcj02;
use onemap::reconcile::{
    Outcome, Policy, Reason, Record, Relation, STAGES, Shape, Statement, Status, reconcile, reconcile_by,
    reconcile_in_stages,
};
use proptest::prelude::*;

use crate::trial::chance::Chance;
use crate::trial::delivery::trial;
use crate::trial::ledger::ledger;
use crate::trial::levels::{EASY, HARD, Level, MEDIUM, STRANGE};
use crate::trial::score::{Score, score};
use crate::trial::shapes::{Ring, Turned, cut, polygon, rect};

/// What a level has to reach on every seed that is tried.
struct Floor {
    pairs: f64,
    relations: f64,
    groups: f64,
    review: f64,
    drift: f64,
    conflicts: f64,
}

fn scored(seed: u64, count: usize, level: &Level) -> Score {
    let trial = trial(seed, count, level);
    let outcome = reconcile(&trial.left, &trial.right);
    score(&outcome, (&trial.left, &trial.right), &trial.truth)
}

fn hold(level: &Level, floor: &Floor) {
    for seed in [101, 102] {
        let found = scored(seed, 430, level);
        let line = format!("{} {seed}: {}", level.name, found.line());
        assert_eq!(found.silent_wrong, Vec::<String>::new(), "{line}");
        assert!(
            found.pair_f1 >= floor.pairs && found.relation_accuracy >= floor.relations,
            "{line}\n{:#?}",
            found.wrong
        );
        assert!(found.groups_exact >= floor.groups && found.review <= floor.review, "{line}\n{:#?}", found.wrong);
        assert!(found.drift_f1 >= floor.drift && found.conflict_f1 >= floor.conflicts, "{line}\n{:#?}", found.wrong);
    }
}

#[test]
fn an_easy_delivery_is_matched_with_nothing_wrong_unasked() {
    hold(&EASY, &Floor { pairs: 0.999, relations: 0.998, groups: 0.98, review: 0.19, drift: 0.92, conflicts: 0.985 });
}

#[test]
fn a_shifted_delivery_with_streets_in_another_system_is_matched() {
    hold(
        &MEDIUM,
        &Floor { pairs: 0.996, relations: 0.993, groups: 0.97, review: 0.215, drift: 0.88, conflicts: 0.985 },
    );
}

#[test]
fn a_delivery_of_points_tables_boxes_and_new_names_is_matched() {
    hold(&HARD, &Floor { pairs: 0.98, relations: 0.965, groups: 0.93, review: 0.285, drift: 0.8, conflicts: 0.96 });
}

#[test]
fn a_turned_delivery_with_a_street_twice_and_rows_in_wrong_places_is_matched() {
    hold(&STRANGE, &Floor { pairs: 0.98, relations: 0.965, groups: 0.93, review: 0.32, drift: 0.75, conflicts: 0.95 });
}

#[test]
fn names_that_mostly_lie_are_not_believed() {
    let level = Level { extra: 0.3, ..HARD };
    for seed in [101, 102, 103] {
        let found = scored(seed, 430, &level);
        assert_eq!(found.silent_wrong, Vec::<String>::new(), "{seed}: {}", found.line());
    }
}

#[test]
fn splits_and_merges_of_which_the_pieces_make_up_the_whole_are_sure_where_that_is_wanted() {
    for level in [EASY, HARD, STRANGE] {
        let trial = trial(101, 430, &level);
        let asked = reconcile(&trial.left, &trial.right);
        let mut sure = reconcile_by(Policy::Groups, &trial.left, &trial.right, &mut |_| {});
        let found = score(&sure, (&trial.left, &trial.right), &trial.truth);
        assert_eq!(found.silent_wrong, Vec::<String>::new(), "{}: {}", level.name, found.line());
        let mut groups = 0;
        for (one, before) in sure.statements.iter_mut().zip(&asked.statements) {
            if one.status != before.status {
                assert!(matches!(one.relation, Relation::OneToMany | Relation::ManyToOne), "{one:?}");
                groups += 1;
                one.status = before.status;
            }
        }
        assert!(groups >= 8, "{}: {groups}", level.name);
        assert_eq!(sure, asked, "nothing but the status of groups depends on the policy");
    }
}

#[test]
fn a_piece_in_another_system_fills_what_the_other_pieces_leave_open() {
    let ledger = ledger(7, 60, 0.0);
    let at = 20;
    let (first, second) = cut(&ledger.plots[at].ring, 0.45, Turned::No);
    let piece = |ring: &Ring, mark: &str, odd: bool| {
        let degrees = |point| {
            let degrees = ledger.frame.to_degrees(point);
            if odd { gcj02::from_degrees(degrees) } else { degrees }
        };
        let record = &ledger.records[at];
        Record {
            id: format!("{}{mark}", record.id),
            name: format!("{}{mark}", record.name),
            shape: Shape::Outline(polygon(ring, &degrees).into()),
            ..record.clone()
        }
    };
    let mut right = ledger.records.clone();
    right.remove(at);
    right.extend([piece(&first, "东区", false), piece(&second, "西区", true)]);
    let outcome = reconcile(&ledger.records, &right);
    let of_area: Vec<(Option<usize>, Relation)> =
        outcome.statements.iter().filter(|one| one.left == Some(at)).map(|one| (one.right, one.relation)).collect();
    assert_eq!(of_area, [(Some(59), Relation::OneToMany), (Some(60), Relation::OneToMany)]);
}

#[test]
fn a_row_in_another_system_that_happens_to_lie_on_another_area_is_found_by_its_name() {
    let ledger = ledger(7, 60, 0.0);
    let mut left = ledger.records.clone();
    let there = |point| ledger.frame.to_degrees(point);
    let on = polygon(&rect(0.0, 20_000.0, 150.0, 110.0), &there);
    let meant = polygon(&rect(0.0, 20_000.0, 150.0, 110.0), &|point| gcj02::to_degrees(there(point)));
    let area = |id: &str, name: &str, outline: geo::Polygon| Record {
        id: id.to_owned(),
        name: name.to_owned(),
        shape: Shape::Outline(outline.into()),
        ..Record::default()
    };
    left.extend([area("Z1", "枫林晚照家园", on.clone()), area("Z2", "水岸长堤", meant)]);
    let mut right = ledger.records.clone();
    right.push(area("Z2", "水岸长堤", on));
    let outcome = reconcile(&left, &right);
    let row = outcome.statements.iter().find(|one| one.right == Some(60)).unwrap();
    assert_eq!((row.left, row.relation, row.status), (Some(61), Relation::OneToOne, Status::Review), "{row:?}");
}

#[test]
fn names_that_neighbours_without_a_place_exchanged_are_asked_about() {
    let ledger = ledger(7, 60, 0.0);
    let (mut left, mut right) = (ledger.records.clone(), ledger.records.clone());
    for at in [20, 21] {
        left[at].shape = Shape::None;
        right[at].name = ledger.records[41 - at].name.clone();
        right[at].company = String::new();
        right[at].households = String::new();
    }
    left[20].address = left[21].address.clone();
    right[20].address = left[21].address.clone();
    right[21].address = left[21].address.clone();
    let outcome = reconcile(&left, &right);
    let stated: Vec<&Statement> =
        outcome.statements.iter().filter(|one| one.right.is_some_and(|at| [20, 21].contains(&at))).collect();
    assert!(stated.len() == 2 && stated.iter().all(|one| one.status == Status::Review), "{stated:?}");
}

/// Statements by the codes of their records, without what depends on positions.
fn by_codes(outcome: &Outcome, left: &[Record], right: &[Record]) -> BTreeSet<String> {
    let code = |records: &[Record], at: Option<usize>| at.map(|at| records[at].id.clone());
    let one = |statement: &Statement| {
        let Statement { relation, status, drift, probability, reasons, .. } = statement;
        let codes = (code(left, statement.left), code(right, statement.right));
        format!("{codes:?} {relation:?} {status:?} {drift} {probability:.6} {reasons:?}")
    };
    outcome.statements.iter().map(one).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, ..ProptestConfig::default() })]

    #[test]
    fn a_ledger_is_itself(seed in 0_u64..10_000, count in 40_usize..160) {
        let records = ledger(seed, count, 0.0).records;
        let outcome = reconcile(&records, &records);
        prop_assert_eq!(outcome.statements.len(), records.len());
        for statement in &outcome.statements {
            prop_assert_eq!(statement.left, statement.right);
            prop_assert_eq!((statement.relation, statement.status, statement.drift), (Relation::OneToOne, Status::Auto, false));
        }
        prop_assert!(outcome.conflicts.is_empty());
    }

    #[test]
    fn the_order_of_the_rows_does_not_matter(seed in 0_u64..10_000) {
        let trial = trial(seed, 90, &HARD);
        let first = reconcile(&trial.left, &trial.right);
        let (mut left, mut right) = (trial.left.clone(), trial.right.clone());
        let mut chance = Chance::new(seed);
        chance.shuffle(&mut left);
        chance.shuffle(&mut right);
        let second = reconcile(&left, &right);
        prop_assert_eq!(by_codes(&first, &trial.left, &trial.right), by_codes(&second, &left, &right));
        prop_assert_eq!(first.weights, second.weights);
    }

    #[test]
    fn the_sides_exchanged_give_the_relations_mirrored(seed in 0_u64..10_000) {
        let level = Level { points: 0.0, tables: 0.0, noise_m: 0.5, ..EASY };
        let mut trial = trial(seed, 90, &level);
        // Copies that only words tell of are looked for among the rows of the right side.
        trial.left.retain(|one| matches!(one.shape, Shape::Outline(_)));
        trial.right.retain(|one| matches!(one.shape, Shape::Outline(_)));
        // Which of two copies repeats the other does not matter.
        let relations = |outcome: &Outcome| -> BTreeSet<(Option<usize>, Option<usize>, Relation)> {
            let all = &outcome.statements;
            let copied: BTreeSet<usize> =
                all.iter().filter(|one| one.relation == Relation::Duplicate).map(|one| one.group).collect();
            let relation = |one: &Statement| if copied.contains(&one.group) { Relation::Duplicate } else { one.relation };
            all.iter().map(|one| (one.left, one.right, relation(one))).collect()
        };
        let (there, back) = (reconcile(&trial.left, &trial.right), reconcile(&trial.right, &trial.left));
        // Only rows of the right side are looked for in other systems than they are said to be in.
        let moved = |outcome: &Outcome| outcome.statements.iter().any(|one| {
            one.reasons.iter().any(|reason| matches!(reason, Reason::System(_)))
        });
        prop_assume!(!moved(&there) && !moved(&back));
        let (there, back) = (relations(&there), relations(&back));
        let mirrored: BTreeSet<_> = back.into_iter().map(|(left, right, relation)| (right, left, relation.mirrored())).collect();
        prop_assert_eq!(there, mirrored);
    }

    #[test]
    fn every_record_is_in_a_statement(seed in 0_u64..10_000) {
        let trial = trial(seed, 120, &STRANGE);
        let outcome = reconcile(&trial.left, &trial.right);
        let lefts: BTreeSet<usize> = outcome.statements.iter().filter_map(|one| one.left).collect();
        let rights: BTreeSet<usize> = outcome.statements.iter().filter_map(|one| one.right).collect();
        prop_assert_eq!((lefts.len(), rights.len()), (trial.left.len(), trial.right.len()));
        for statement in &outcome.statements {
            prop_assert!((0.0..=1.0).contains(&statement.probability) && !statement.reasons.is_empty());
            let certain = statement.status == Status::Auto;
            prop_assert!(!certain || statement.relation == Relation::OneToOne);
        }
    }
}

#[test]
fn every_stage_is_told_once_and_in_order() {
    let trial = trial(3, 40, &EASY);
    let mut told = Vec::new();
    reconcile_in_stages(&trial.left, &trial.right, &mut |stage| told.push(stage));
    assert_eq!(told, STAGES);
}

#[test]
fn nothing_against_something_is_all_without_a_partner() {
    let records = ledger(7, 40, 0.1).records;
    for (left, right, relation) in [(&records[..], &[][..], Relation::LeftOnly), (&[], &records, Relation::RightOnly)] {
        let outcome = reconcile(left, right);
        assert_eq!(outcome.statements.len(), records.len());
        assert!(outcome.statements.iter().all(|one| one.relation == relation && one.status == Status::Review));
    }
    assert_eq!(reconcile(&[], &[]).statements, []);
}
