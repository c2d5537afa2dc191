use jiff::ToSpan as _;
use jiff::civil::date;

use super::*;
use crate::app::tests::Switch;
use crate::history::testing::{code, drawn, founding, new_record, successor};
use crate::history::{ChangeSource, Fate, Fates, Operation};
use crate::model::RecordKind;
use crate::store::memory::Memory;

impl App {
    fn changed(&self, request: &ChangeRequest, mode: Mode) -> Result<Changed, Error> {
        self.change(&Actor::at_the_machine(), &Occasion::now(), request, mode)
    }
}

fn app() -> App {
    let app = App::new(Arc::new(Memory::new()));
    app.publish(&new_record(RecordKind::SurveyRound, date(2020, 1, 1)), &founding()).unwrap();
    app
}

fn request(operation: Operation, seen: u64) -> ChangeRequest {
    let dated = date(2021, 6, 1);
    let [document, authority, author] = ["试文2号", "试验区", "test"].map(str::to_owned);
    let source = ChangeSource { document, authority, dated, author, note: String::new() };
    let seen = operation.touched().into_iter().map(|area| (area, Revision(seen))).collect();
    ChangeRequest { source, effective: dated, seen, request: None, operation }
}

fn split() -> Operation {
    let committees = Fates::from([("C-1".to_owned(), Fate::Serves(code(11)))]);
    let into = vec![successor(11, drawn(0, 0, 5, 10)), successor(12, drawn(5, 0, 5, 10))];
    Operation::Split { area: code(1), into, committees }
}

fn rename(area: u32, name: &str) -> Operation {
    Operation::Rename { area: code(area), name: name.to_owned() }
}

#[test]
fn a_dry_run_says_what_would_change_and_changes_nothing() {
    let app = app();
    let dry = app.changed(&request(split(), 1), Mode::DryRun).unwrap();
    assert_eq!(app.snapshot().unwrap().revision(), Revision(1));
    let done = app.changed(&request(split(), 1), Mode::Commit).unwrap();
    assert_eq!((done.revision, &done.areas), (Revision(2), &dry.areas));
    let kinds = [(1, ChangeKind::Ended), (11, ChangeKind::Added), (12, ChangeKind::Added)];
    assert_eq!(done.areas, kinds.into_iter().map(|(area, kind)| (code(area), vec![kind])).collect());
    let snapshot = app.snapshot().unwrap();
    assert_eq!((snapshot.revision(), snapshot.area_count()), (Revision(2), 5));
    assert_eq!(snapshot.lineage().count(), 2);
}

#[test]
fn of_two_who_change_the_same_area_the_second_is_told() {
    let app = app();
    app.changed(&request(rename(1, "甲院(演示)"), 1), Mode::Commit).unwrap();
    for mode in [Mode::DryRun, Mode::Commit] {
        let err = app.changed(&request(split(), 1), mode).unwrap_err();
        assert!(
            matches!(&err, Error::Changed { area, seen: Revision(1), latest: Revision(2) } if *area == code(1)),
            "{err}"
        );
    }
    app.changed(&request(rename(2, "乙院(演示)"), 1), Mode::Commit).unwrap();
    app.changed(&request(split(), 2), Mode::Commit).unwrap();
    let mut blind = request(rename(3, "丙院(演示)"), 1);
    blind.seen.clear();
    assert!(matches!(app.changed(&blind, Mode::Commit), Err(Error::NotSeen(area)) if area == code(3)));
    let early = app.changed(&request(rename(3, "丙院(演示)"), 99), Mode::DryRun);
    assert!(matches!(early, Err(Error::ChangeFaults(faults)) if faults[0].place == "/seen/DEMO-JS-0003"));
}

#[test]
fn the_same_request_is_answered_as_the_first_time() {
    let app = app();
    let request = ChangeRequest { request: Some("r-1".to_owned()), ..request(split(), 1) };
    let first = app.changed(&request, Mode::Commit).unwrap();
    assert_eq!(app.changed(&request, Mode::Commit).unwrap(), first);
    assert_eq!(app.snapshot().unwrap().revision(), Revision(2));
    let other = ChangeRequest { operation: rename(99, "甲院(演示)"), ..request };
    assert!(matches!(app.changed(&other, Mode::Commit), Err(Error::RequestReused { revision: Revision(2) })));
}

#[test]
fn boundaries_do_not_overlap_what_is_around_at_any_time() {
    let app = app();
    let adjust = |right: i32| {
        request(Operation::Adjust { boundaries: vec![(code(2), drawn(10, 0, right, 10))], committees: Fates::new() }, 1)
    };
    let faults = |right| match app.changed(&adjust(right), Mode::DryRun) {
        Err(Error::ChangeFaults(faults)) => faults.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "),
        other => panic!("{other:?}"),
    };
    assert!(
        faults(11).contains("/adjust/boundaries/0/geometry, DEMO-JS-0002: the boundary overlaps area DEMO-JS-0003")
    );
    // Its neighbour ends later, so on some days they would still overlap.
    let retire = Operation::Retire { area: code(3), committees: Fates::new() };
    let later = ChangeRequest { effective: date(2022, 1, 1), ..request(retire, 1) };
    app.changed(&later, Mode::Commit).unwrap();
    assert!(faults(11).contains("overlaps area DEMO-JS-0003"));
    let after = ChangeRequest { effective: date(2022, 1, 1), ..adjust(11) };
    assert_eq!(app.changed(&after, Mode::Commit).unwrap().areas[&code(2)], [ChangeKind::Geometry]);
}

/// A register into which others enter something, one after the other, each just before a commit.
fn meddled(meddling: Vec<ChangeRequest>) -> App {
    let memory = Arc::new(Memory::new());
    let other = App::new(Arc::<Memory>::clone(&memory));
    other.publish(&new_record(RecordKind::SurveyRound, date(2020, 1, 1)), &founding()).unwrap();
    let store = Switch::new(memory);
    store.before_commits(meddling.into_iter().map(|request| {
        let other = other.clone();
        Box::new(move || assert!(other.changed(&request, Mode::Commit).is_ok())) as Box<dyn FnOnce() + Send>
    }));
    let app = App::new(store);
    app.refresh().unwrap();
    app
}

fn renames(count: usize) -> Vec<ChangeRequest> {
    (0..count).map(|at| request(rename(2, &format!("乙院{at}(演示)")), 1 + at as u64)).collect()
}

#[test]
fn a_change_is_planned_again_when_others_were_faster_but_not_for_ever() {
    let last = PLANS_MAX as u64 - 1;
    let app = meddled(renames(PLANS_MAX - 1));
    assert_eq!(app.changed(&request(split(), 1), Mode::Commit).unwrap().revision, Revision(last + 2));
    let app = meddled(renames(PLANS_MAX));
    assert!(matches!(app.changed(&request(split(), 1), Mode::Commit), Err(Error::Busy)));
    assert_eq!(app.catch_up().unwrap().revision(), Revision(last + 2), "nothing but what the others entered");
}

#[test]
fn two_who_draw_on_the_same_ground_at_once_do_not_overlap() {
    let day = date(2021, 6, 1);
    let adjust = |area, boundary, committees| {
        let operation = Operation::Adjust { boundaries: vec![(code(area), boundary)], committees };
        ChangeRequest { effective: day, ..request(operation, 1) }
    };
    let retire = Operation::Retire { area: code(2), committees: Fates::new() };
    let committees = Fates::from([("C-1".to_owned(), Fate::Serves(code(1)))]);
    let (mine, theirs) = (adjust(1, drawn(0, 0, 15, 10), committees), adjust(3, drawn(12, 0, 18, 10), Fates::new()));
    let app = meddled(vec![ChangeRequest { effective: day, ..request(retire, 1) }, theirs]);
    let gone = app.changed(&request(rename(2, "乙院(演示)"), 1), Mode::Commit);
    assert!(matches!(gone, Err(Error::Changed { latest: Revision(2), .. })), "area 2 is retired first: {gone:?}");
    assert!(app.changed(&mine, Mode::DryRun).is_ok(), "the ground of area 2 is free");
    let Err(Error::ChangeFaults(faults)) = app.changed(&mine, Mode::Commit) else { panic!("it overlaps") };
    assert!(faults.iter().any(|fault| fault.message.contains("overlaps area DEMO-JS-0003")), "{faults:?}");
}

#[test]
fn a_request_asked_again_before_it_was_answered_is_answered_the_same() {
    let keyed = ChangeRequest { request: Some("r-1".to_owned()), ..request(split(), 1) };
    let app = meddled(vec![keyed.clone()]);
    let told = app.changed(&keyed, Mode::Commit).unwrap();
    assert_eq!((told.revision, told.areas.len()), (Revision(2), 3));
    assert_eq!(app.catch_up().unwrap().revision(), Revision(2));

    // The same number at the same moment, but another request.
    let other = ChangeRequest { operation: rename(1, "甲院(演示)"), ..keyed.clone() };
    let reused = meddled(vec![other]).changed(&keyed, Mode::Commit);
    assert!(matches!(reused, Err(Error::RequestReused { revision: Revision(2) })), "{reused:?}");
}

#[test]
fn a_request_number_is_not_used_for_another_document() {
    let app = app();
    let keyed = ChangeRequest { request: Some("r-1".to_owned()), ..request(rename(2, "乙院(演示)"), 1) };
    app.changed(&keyed, Mode::Commit).unwrap();
    let source = |document: &str, dated| ChangeSource { document: document.to_owned(), dated, ..keyed.source.clone() };
    let others = [
        ChangeRequest { source: source("试文3号", keyed.source.dated), ..keyed.clone() },
        ChangeRequest { source: source("试文2号", date(2021, 6, 2)), ..keyed.clone() },
        ChangeRequest { request: keyed.request.clone(), ..request(rename(3, "乙院(演示)"), 1) },
        ChangeRequest { request: keyed.request.clone(), ..request(split(), 1) },
    ];
    for other in others {
        let told = app.changed(&other, Mode::Commit);
        assert!(matches!(told, Err(Error::RequestReused { revision: Revision(2) })), "{told:?}");
    }
    assert_eq!(app.changed(&keyed, Mode::Commit).unwrap().revision, Revision(2));
}

#[test]
fn a_document_is_not_dated_after_today_but_may_take_effect_later() {
    assert_eq!(today("2026-11-24T15:59:59Z".parse().unwrap()), date(2026, 11, 24));
    assert_eq!(today("2026-11-24T16:00:00Z".parse().unwrap()), date(2026, 11, 25));
    let app = app();
    let dated = today(Timestamp::now()).saturating_add(2.days());
    let mut ahead = ChangeRequest { effective: dated, ..request(rename(1, "甲院(演示)"), 1) };
    ahead.source.dated = dated;
    let Err(Error::ChangeFaults(faults)) = app.changed(&ahead, Mode::DryRun) else { panic!("it is too early") };
    assert_eq!(faults.iter().map(|fault| fault.place.as_str()).collect::<Vec<_>>(), ["/record/dated"]);
    ahead.source.dated = date(2021, 6, 1);
    app.changed(&ahead, Mode::Commit).unwrap();
    assert_eq!(app.snapshot().unwrap().data_date(), date(2021, 6, 1));
}

#[test]
fn a_record_is_stamped_when_it_is_entered() {
    let app = meddled(renames(1));
    app.changed(&request(split(), 1), Mode::Commit).unwrap();
    let snapshot = app.snapshot().unwrap();
    let stamps: Vec<Timestamp> = snapshot.records()[1..].iter().map(|record| record.recorded_at).collect();
    assert!(stamps.is_sorted(), "{stamps:?}");
}
