//! Random records and questions: whatever is entered, a store answers as the register in memory does.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, date};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::history::testing::{area, code, committee, drawn, founding, new_record, successor, uscc};
use crate::history::{
    Assignment, CommitteeFact, Entry, Fact, Fate, Fates, Key, Kind, Known, Lineage, NewRecord, Operation, Put, Seen,
    Version, plan,
};
use crate::model::{AreaCode, AsOf, PrintedFigure, RateId, RecordKind, Revision, Validity};
use crate::store::geopackage::{Access, GeoPackage};
use crate::store::memory::Memory;
use crate::store::{Changes, Question, Register, Store, StoreError};

/// Bytes that make one record and the questions after it.
const STEP_BYTES: usize = 12;

/// Runs random sequences of records and questions on new stores and on the register in memory, and compares every answer.
pub(crate) fn behaves_like_the_ledger<S: Store>(cases: u32, make: impl Fn() -> S) {
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 200, ..Config::default() };
    let steps = prop::collection::vec(prop::array::uniform12(any::<u8>()), 1..14);
    let outcome = TestRunner::new(config).run(&steps, |steps| {
        let mut trial = Trial { store: make(), model: Memory::new(), asked: Vec::new() };
        trial.enter(&new_record(RecordKind::SurveyRound, date(2020, 1, 1)), &founding());
        for step in steps {
            trial.step(step);
        }
        trial.finish();
        Ok(())
    });
    outcome.unwrap_or_else(|err| panic!("{err}"));
}

/// A store beside the one it must behave like.
struct Trial<S> {
    store: S,
    model: Memory,
    /// Answers that were given; the same question always has the same answer.
    asked: Vec<(AsOf, Register)>,
}

impl<S: Store> Trial<S> {
    fn step(&mut self, bytes: [u8; STEP_BYTES]) {
        let [what, more, seen, request, asked @ ..] = bytes;
        let mut entry = self.entry(what, [bytes[4], bytes[5], bytes[6], bytes[7]]);
        if more % 4 == 0 {
            let further = self.entry(more / 4, [bytes[7], bytes[6], bytes[5], bytes[4]]);
            entry.puts.extend(further.puts);
            entry.lineage.extend(further.lineage);
        }
        if seen % 3 == 0 {
            entry.seen.push(Seen { area: code(1 + u32::from(seen) % 8), at: Revision(u64::from(seen) / 16) });
        }
        let record = NewRecord {
            request: (request % 3 == 0).then(|| format!("r-{}", request % 5)),
            ..new_record(RecordKind::ALL[usize::from(what) % RecordKind::ALL.len()], day(request))
        };
        self.enter(&record, &entry);
        self.ask(asked);
    }

    fn enter(&mut self, record: &NewRecord, entry: &Entry) {
        let before = self.model.revision().unwrap();
        let (ours, theirs) = (self.store.commit(record, entry), self.model.commit(record, entry));
        match (ours, theirs) {
            (Ok(ours), Ok(theirs)) => assert_eq!(ours, theirs, "{entry:?}"),
            (Err(StoreError::Refused(ours)), Err(StoreError::Refused(theirs))) => {
                assert_eq!(ours, theirs, "{entry:?}");
                assert_eq!(self.model.revision().unwrap(), before);
            }
            (ours, theirs) => panic!("{ours:?}, but in memory {theirs:?}: {entry:?}"),
        }
        assert_eq!(self.store.revision().unwrap(), self.model.revision().unwrap());
        if let Some(request) = &record.request {
            let [ours, theirs] =
                [&self.store as &dyn Store, &self.model].map(|of| of.revision_of_request(request).unwrap());
            assert_eq!(ours, theirs);
        }
    }

    /// What a record enters, made of a few bytes.
    fn entry(&self, what: u8, bytes: [u8; 4]) -> Entry {
        let [a, b, c, d] = bytes;
        let (serial, valid) = (1 + u32::from(a) % 9, period(b, c));
        let puts = match what % 9 {
            0 => vec![Put::New { fact: Fact::Area(area(serial, place(d))), valid }],
            1 => {
                let mut fact = area(serial, place(d));
                fact.name = format!("{d}号院(演示)");
                vec![Put::Set { fact: Fact::Area(fact), valid }]
            }
            2 => vec![Put::End { key: Key::new(Kind::Area, code(serial).as_str()), valid }],
            3 => {
                let fact = Fact::Assignment(Assignment { area: code(serial), manager: uscc(usize::from(d) % 2) });
                vec![Put::Set { fact, valid }]
            }
            4 => vec![Put::End { key: Key::new(Kind::Assignment, code(serial).as_str()), valid }],
            5 => {
                let committee =
                    crate::model::Committee { members: Some(d.into()), ..committee(&format!("C-{}", d % 4)) };
                let fact = Fact::Committee(CommitteeFact { area: code(serial), committee });
                vec![if d % 2 == 0 { Put::New { fact, valid } } else { Put::Set { fact, valid } }]
            }
            6 => vec![Put::End { key: Key::new(Kind::Committee, format!("C-{}", d % 4)), valid }],
            7 => {
                let (percent, dated) = (f64::from(a), day(d % 3));
                let (rate, source) = (RateId::ALL[usize::from(a) % 2], "试验".to_owned());
                let figure = PrintedFigure { rate, percent, numerator: None, denominator: None, source, dated };
                vec![Put::New { fact: Fact::Figure(figure), valid }]
            }
            _ => return self.operation(bytes),
        };
        Entry { puts, ..Entry::default() }
    }

    /// What an operation enters that people could do now; nothing where it has faults.
    fn operation(&self, [a, b, c, d]: [u8; 4]) -> Entry {
        let (serial, next) = (1 + u32::from(a) % 9, 100 + self.model.revision().unwrap().map_or(0, |r| r.0 as u32) * 2);
        let (one, other) = (code(serial), code(1 + u32::from(b) % 9));
        let places = self.model.history(&one).unwrap();
        let drawn_now = places.iter().rev().find_map(|version| match &version.fact {
            Fact::Area(area) => Some(area.boundary.clone()),
            _ => None,
        });
        let fates = |serves: &AreaCode| -> Fates {
            let fate = if d % 2 == 0 { Fate::Serves(serves.clone()) } else { Fate::Dissolved(day(c)) };
            (0..4).map(|at| (format!("C-{at}"), fate.clone())).collect()
        };
        let operation = match d % 4 {
            0 => Operation::Rename { area: one, name: format!("{next}号(演示)") },
            1 => Operation::Retire { area: one, committees: fates(&other) },
            2 => {
                let whole = drawn_now.unwrap_or_else(|| place(b).boundary);
                let mut into = vec![successor(next, place(b)), successor(next + 1, place(c))];
                for (successor, part) in into.iter_mut().zip(halves(&whole)) {
                    successor.drawn.boundary = part;
                }
                let committees = fates(&into[0].code);
                Operation::Split { area: one, into, committees }
            }
            _ => {
                let into = Box::new(successor(next, place(b)));
                let committees = fates(&into.code);
                Operation::Merge { areas: vec![one, other], into, committees }
            }
        };
        // Committees that none of the areas has must not be given a fate; the plan says which.
        let mut operation = operation;
        for _ in 0..2 {
            match plan(&operation, day(c), &self.known(&operation)) {
                Ok(planned) => return planned.entry,
                Err(faults) => drop_fates(&mut operation, &faults),
            }
        }
        Entry::default()
    }

    fn known(&self, operation: &Operation) -> Known {
        let keys = operation.mentions().into_iter();
        let versions = keys.flat_map(|key| match AreaCode::parse(&key.code).ok().filter(|_| key.kind == Kind::Area) {
            Some(area) => self.model.history(&area).unwrap(),
            None => self.model.versions(&key).unwrap(),
        });
        Known::new(versions, Vec::new())
    }

    fn ask(&mut self, bytes: [u8; 8]) {
        let latest = self.model.revision().unwrap().expect("the founding entry is there");
        let known = |byte: u8| Revision(1 + u64::from(byte) % latest.0);
        let one = AsOf { day: day(bytes[0]), known: known(bytes[1]) };
        let other = AsOf { day: day(bytes[2]), known: known(bytes[3]) };
        let question = |as_of: AsOf| Question { day: Some(as_of.day), known: Some(as_of.known) };
        for as_of in [one, other, AsOf { known: latest, ..one }] {
            let (ours, theirs) = (self.store.load(question(as_of)).unwrap(), self.model.load(question(as_of)).unwrap());
            let told = if as_of.known == latest { |register| register } else { without_changed };
            assert_eq!(told(ours.clone()), told(theirs), "{as_of:?}");
            self.asked.push((as_of, without_changed(ours)));
        }
        let (ours, theirs) = (self.store.load(Question::default()), self.model.load(Question::default()));
        assert_eq!(ours.unwrap(), theirs.unwrap());
        for (from, to) in [(one, other), (other, one), (one, AsOf { known: latest, ..one })] {
            compare_changes(&self.store.changes(from, to).unwrap(), &self.model.changes(from, to).unwrap());
        }
        let area = code(1 + u32::from(bytes[4]) % 9);
        let history = |of: &dyn Store| sorted(of.history(&area).unwrap());
        assert_eq!(history(&self.store), history(&self.model), "history of {area}");
        let kind = Kind::ALL[usize::from(bytes[5]) % Kind::ALL.len()];
        for code in [area.to_string(), format!("C-{}", bytes[6] % 4), uscc(0).to_string(), "110105017".to_owned()] {
            let key = Key::new(kind, code);
            assert_eq!(self.store.versions(&key).unwrap(), self.model.versions(&key).unwrap(), "{key}");
        }
    }

    /// Every answer stands, lineage never comes back to where it began, nothing is damaged, and all of it can be copied.
    fn finish(self) {
        for (as_of, answer) in &self.asked {
            let question = Question { day: Some(as_of.day), known: Some(as_of.known) };
            assert_eq!(without_changed(self.store.load(question).unwrap()), *answer, "{as_of:?}");
        }
        let present = self.store.load(Question::default()).unwrap();
        assert!(is_acyclic(&present.lineage), "{:?}", present.lineage);
        assert_eq!(self.store.check().unwrap(), Vec::<String>::new());
        let mut rows = Vec::new();
        self.store
            .export(&mut |row| {
                rows.push(Ok(row));
                Ok(())
            })
            .unwrap();
        let copy = Memory::new();
        copy.import(&mut rows.into_iter()).unwrap();
        assert_eq!(copy.load(Question::default()).unwrap(), present);
    }
}

/// Compares what must be the same; a store may name further areas that were touched but tell the same.
fn compare_changes(ours: &Changes, theirs: &Changes) {
    let areas = |changes: &Changes| {
        let content = |mut area: crate::model::Area| {
            area.changed = Revision(0);
            area
        };
        let areas = changes
            .areas
            .iter()
            .cloned()
            .map(|change| (change.code, change.before.map(content), change.after.map(content)));
        areas.filter(|(_, before, after)| before != after).collect::<Vec<_>>()
    };
    assert_eq!((ours.from, ours.to), (theirs.from, theirs.to));
    assert_eq!(areas(ours), areas(theirs), "areas between {:?} and {:?}", ours.from, ours.to);
    assert!(theirs.managers.iter().all(|manager| ours.managers.contains(manager)));
    assert!(ours.territory || !theirs.territory);
    assert!(
        theirs.absent.iter().all(|absent| ours.absent.contains(absent)),
        "{:?}, not {:?}",
        ours.absent,
        theirs.absent
    );
    assert_eq!(ours.records, theirs.records);
    assert_eq!(ours.lineage, theirs.lineage);
}

/// The latest revision of an area is told at present only; it is the one thing in a past state that goes on.
fn without_changed(mut register: Register) -> Register {
    for area in &mut register.areas {
        area.changed = Revision(0);
    }
    register
}

/// Versions of several things: by record, the order of the things within one left open.
fn sorted(mut versions: Vec<Version>) -> Vec<Version> {
    versions.sort_by_key(|version| (version.recorded.from, version.fact.key(), version.valid.from));
    versions
}

fn is_acyclic(lineage: &[Lineage]) -> bool {
    let mut left: BTreeMap<&AreaCode, BTreeSet<&AreaCode>> = BTreeMap::new();
    for edge in lineage {
        left.entry(&edge.predecessor).or_default().insert(&edge.successor);
    }
    // Areas without successors are taken away until none is left that has some.
    loop {
        let open: BTreeSet<&AreaCode> = left.keys().copied().collect();
        let before = left.len();
        left.retain(|_, successors| successors.iter().any(|successor| open.contains(successor)));
        if left.len() == before {
            return left.is_empty();
        }
    }
}

fn drop_fates(operation: &mut Operation, faults: &[crate::history::ChangeFault]) {
    let (Operation::Split { committees, .. }
    | Operation::Merge { committees, .. }
    | Operation::Retire { committees, .. }) = operation
    else {
        return;
    };
    for fault in faults.iter().filter(|fault| fault.place.contains("/committees/")) {
        committees.retain(|code, _| Some(code) != fault.code.as_ref());
    }
}

/// West and east half of the box around a boundary.
fn halves(boundary: &crate::model::Boundary) -> [crate::model::Boundary; 2] {
    use geo::BoundingRect as _;
    let bounds = boundary.bounding_rect().expect("areas of the small world are rectangles");
    let (low, high, middle) = (bounds.min(), bounds.max(), bounds.center());
    let west = geo::Rect::new(low, geo::Coord { x: middle.x, y: high.y });
    let east = geo::Rect::new(geo::Coord { x: middle.x, y: low.y }, high);
    [west, east].map(|half| half.to_polygon().into())
}

fn place(byte: u8) -> crate::history::Drawn {
    drawn(i32::from(byte % 8) * 10, i32::from(byte / 8 % 4) * 10, 10, 10)
}

fn day(byte: u8) -> Date {
    date(2017 + i16::from(byte % 8), 1 + i8::try_from(byte / 8 % 3).expect("it is below three"), 1)
}

/// Periods with and without ends, some of them without a day.
fn period(from: u8, until: u8) -> Validity {
    let end = |byte: u8| (!byte.is_multiple_of(4)).then(|| day(byte / 4));
    Validity { from: end(from), until: end(until) }
}

#[test]
fn the_register_in_memory_behaves_like_itself_and_its_answers_stand() {
    behaves_like_the_ledger(48, Memory::new);
}

#[test]
fn a_geopackage_behaves_like_the_register_in_memory() {
    let folder = tempfile::tempdir().unwrap();
    let made = std::cell::Cell::new(0);
    behaves_like_the_ledger(24, || {
        made.set(made.get() + 1);
        GeoPackage::open(&folder.path().join(format!("{}.gpkg", made.get())), Access::Create).unwrap()
    });
}

#[test]
fn a_circle_in_the_lineage_is_found() {
    let edge = |a, b| Lineage { predecessor: code(a), successor: code(b), from: day(0) };
    assert!(is_acyclic(&[edge(1, 2), edge(2, 3), edge(1, 3)]));
    assert!(!is_acyclic(&[edge(1, 2), edge(2, 3), edge(3, 1)]));
}
