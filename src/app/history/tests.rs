use std::sync::Arc;

use jiff::civil::date;

use super::*;
use crate::history::testing::{code, drawn, founding, new_record, street, successor};
use crate::history::{Fate, Fates, Known, Operation, plan};
use crate::model::{Area, RecordKind};
use crate::store::Store as _;
use crate::store::memory::Memory;

const DAY: Date = date(2021, 6, 1);

/// Areas 1 to 4; 1 is renamed under revision 2 and split under revision 3, the years of 2 are corrected under revision 4.
fn app() -> App {
    let store = Memory::new();
    store.commit(&new_record(RecordKind::SurveyRound, date(2020, 1, 1)), &founding()).unwrap();
    let mut amendment = crate::history::Amendment::default();
    amendment.attributes.built_year = Some(Some(1987));
    let operations = [
        (Operation::Rename { area: code(1), name: "新名(演示)".to_owned() }, date(2020, 6, 1)),
        (
            Operation::Split {
                area: code(1),
                into: vec![successor(11, drawn(0, 0, 5, 10)), successor(12, drawn(5, 0, 5, 10))],
                committees: Fates::from([("C-1".to_owned(), Fate::Serves(code(11)))]),
            },
            DAY,
        ),
        (
            Operation::Correct {
                area: code(2),
                amendment: Box::new(amendment),
                valid: Validity::default(),
                committees: Fates::new(),
            },
            DAY,
        ),
    ];
    for (operation, effective) in operations {
        let keys = operation.mentions().into_iter();
        let versions = keys.flat_map(|key| match AreaCode::parse(&key.code) {
            Ok(area) => store.history(&area).unwrap(),
            Err(_) => store.versions(&key).unwrap(),
        });
        let planned = plan(&operation, effective, &Known::new(versions, Vec::new())).unwrap();
        store.commit(&new_record(planned.kind, effective), &planned.entry).unwrap();
    }
    let app = App::new(Arc::new(store));
    app.refresh().unwrap();
    app
}

fn as_of(day: Date, known: u64) -> AsOf {
    AsOf { day, known: Revision(known) }
}

#[test]
fn a_history_tells_every_version_and_what_it_changed() {
    let app = app();
    let history = app.area_history(&code(1)).unwrap();
    assert_eq!((history.present, history.began_on, history.ended_on), (false, None, Some(DAY)));
    assert_eq!((history.name.as_str(), history.revision), ("新名(演示)", Revision(3)));
    let of_area = history.versions.iter().filter(|part| matches!(part.version.fact, Fact::Area(_)));
    let told: Vec<_> = of_area
        .map(|part| (part.version.valid.from, part.version.recorded.from.0, part.changed.as_slice(), part.record.kind))
        .collect();
    let renamed = Some(date(2020, 6, 1));
    let names: &[&str] = &["name", "other_names"];
    let expected = [
        (renamed, 3, names, RecordKind::Split),
        (renamed, 2, names, RecordKind::Rename),
        (None, 2, &[], RecordKind::Rename),
        (None, 1, &[], RecordKind::SurveyRound),
    ];
    assert_eq!(told, expected);
    let kin: Vec<_> = history.successors.iter().map(|kin| (kin.code.clone(), kin.from, kin.record)).collect();
    assert_eq!(kin, [(code(11), DAY, Revision(3)), (code(12), DAY, Revision(3))]);
    assert!(matches!(app.area_history(&code(99)), Err(Error::NoSuchArea(_))));

    let corrected = app.area_history(&code(2)).unwrap();
    let latest = corrected.versions.iter().find(|part| part.version.recorded.from == Revision(4)).unwrap();
    assert_eq!(latest.changed, ["built_year"], "against what was held to be so");
}

#[test]
fn a_record_tells_what_it_changed_on_whatever_day() {
    let app = app();
    let told = |record| -> Vec<_> {
        let changes = app.areas_of_record(Revision(record)).unwrap().1;
        changes.into_iter().map(|change| (change.code, change.difference.kinds)).collect()
    };
    assert_eq!(told(1).len(), 4);
    assert_eq!(told(2), [(code(1), vec![ChangeKind::Attributes])]);
    let split = [(1, ChangeKind::Ended), (11, ChangeKind::Added), (12, ChangeKind::Added)];
    assert_eq!(told(3), split.map(|(area, kind)| (code(area), vec![kind])));
    assert_eq!(told(4), [(code(2), vec![ChangeKind::Attributes])]);
    assert!(matches!(app.areas_of_record(Revision(9)), Err(Error::BadQuestion(_))));
}

#[test]
fn lineage_is_told_from_either_end() {
    let app = app();
    let graph = app.lineage(&code(12)).unwrap();
    assert_eq!(graph, app.lineage(&code(1)).unwrap());
    let areas: Vec<_> = graph.areas.iter().map(|area| (area.code.clone(), area.valid, area.present)).collect();
    let before = Validity { from: None, until: Some(DAY) };
    let since = Validity::since(DAY);
    assert_eq!(areas, [(code(1), before, false), (code(11), since, true), (code(12), since, true)]);
    assert_eq!(graph.edges.len(), 2);
    assert_eq!(app.lineage(&code(4)).unwrap().areas.len(), 1);
}

#[test]
fn changes_are_counted_in_the_district_and_its_streets() {
    let app = app();
    let comparison = app.changes(as_of(date(2020, 1, 1), 1), as_of(DAY, 4), None).unwrap();
    let told: Vec<_> = comparison
        .areas
        .iter()
        .map(|area| (area.code.clone(), area.difference.kinds.clone(), area.difference.fields.clone()))
        .collect();
    let expected = [
        (code(1), vec![ChangeKind::Ended], vec![]),
        (code(2), vec![ChangeKind::Attributes], vec!["built_year"]),
        (code(11), vec![ChangeKind::Added], vec![]),
        (code(12), vec![ChangeKind::Added], vec![]),
    ];
    assert_eq!(told, expected);
    let counts = ChangeCounts { added: 2, ended: 1, geometry: 0, attributes: 1, unchanged: 2, changed: 1 };
    assert_eq!((comparison.totals, comparison.streets[&street()]), (counts, counts));
    let one = app.changes(as_of(date(2020, 1, 1), 1), as_of(DAY, 4), Some(&street())).unwrap();
    assert_eq!(one, comparison);
    let nowhere = crate::model::StreetCode::parse("110105999").unwrap();
    assert!(matches!(
        app.changes(as_of(DAY, 4), as_of(DAY, 4), Some(&nowhere)),
        Err(Error::NoSuchStreet(street)) if street == "110105999"
    ));
}

#[test]
fn the_sums_hold_between_any_two_states() {
    let app = app();
    let days = [date(2020, 1, 1), date(2020, 7, 1), DAY];
    let states = || days.into_iter().flat_map(|day| (1..=4).map(move |known| as_of(day, known)));
    let count = |state: AsOf| {
        app.snapshot_at(Question { day: Some(state.day), known: Some(state.known) }).unwrap().area_count()
    };
    for from in states() {
        for to in states() {
            let totals = app.changes(from, to, None).unwrap().totals;
            assert_eq!((totals.before(), totals.after()), (count(from), count(to)), "{from:?} {to:?}");
        }
    }
}

/// The present state, without what its past may change.
fn told(snapshot: &Snapshot) -> Vec<Area> {
    let bare = |area: &Area| Area {
        validity: Validity::default(),
        record: crate::model::RecordId(0),
        changed: Revision(0),
        ..area.clone()
    };
    snapshot.areas().map(bare).collect()
}

#[test]
fn the_past_of_the_demonstration_district_leaves_its_present_as_it_is() {
    let app = App::new(Arc::new(Memory::new()));
    app.load_demo(None).unwrap();
    let now = app.snapshot().unwrap();
    assert_eq!((now.revision(), now.data_date(), now.area_count()), (Revision(8), date(2022, 10, 27), 1637));
    let survey = app.snapshot_at(Question { day: None, known: Some(Revision(1)) }).unwrap();
    assert!(told(&now) == told(&survey));
    assert_eq!(format!("{:?}", now.tallies()), format!("{:?}", survey.tallies()));
    assert_eq!(now.figures(), survey.figures());
    assert_eq!((now.absent_areas().count(), now.lineage().count()), (5, 6));
    let comparison = app.changes(survey.as_of(), now.as_of(), None).unwrap();
    assert_eq!((comparison.areas.len(), comparison.totals.unchanged), (0, 1637));
}

#[test]
fn an_area_whose_status_follows_from_the_day_alone_differs_between_two_days() {
    let app = App::new(Arc::new(Memory::new()));
    app.load_demo(None).unwrap();
    let now = app.snapshot().unwrap();
    let since = AsOf { day: date(2020, 1, 1), ..now.as_of() };
    let before = app.snapshot_at(Question { day: Some(since.day), known: Some(since.known) }).unwrap();
    let turned = |area: &&Area| {
        let position = before.area_position(&area.code);
        position.is_some_and(|position| before.status(position) != area.committee_status(now.data_date()))
    };
    let expected: Vec<AreaCode> = now.areas().filter(turned).map(|area| area.code.clone()).collect();
    let comparison = app.changes(since, now.as_of(), None).unwrap();
    let told = comparison.areas.iter().filter(|area| area.difference.fields.contains(&"committee"));
    assert_eq!(told.map(|area| area.code.clone()).collect::<Vec<_>>(), expected);
    assert!(!expected.is_empty());
    assert_eq!((comparison.totals.before(), comparison.totals.after()), (before.area_count(), now.area_count()));
}
