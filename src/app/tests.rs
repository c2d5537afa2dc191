//! The present, the past and a store that comes and goes.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use jiff::civil::{Date, date};

use crate::app::{App, Error, SearchQuery, Snapshot};
use crate::auth::Actor;
use crate::history::testing::{area, code, drawn, founding, new_record};
use crate::history::{
    AreaFact, AuditDraft, AuditEntry, AuditFault, AuditHead, Entry, Fact, Key, Kind, NewRecord, Put, Unlocated, Version,
};
use crate::model::{
    AreaCode, AsOf, DeliveredFile, Delivery, DeliveryId, Exception, ExceptionId, NewDelivery, NewException, RecordKind,
    Revision, Trace, Validity,
};
use crate::store::memory::Memory;
use crate::store::{
    AuditQuery, Changes, DeliveryStore, Document, DocumentChange, DocumentKind, Question, Receipt, Register, Row,
    SenderColumns, Store, StoreError, Vault,
};
use crate::tiles::{TileCoord, TileLayer};

/// A store that can be away, and behind which another register can be put.
pub(super) struct Switch {
    register: Mutex<Arc<Memory>>,
    away: AtomicBool,
    /// What others do, each just before a commit.
    before_commits: Mutex<VecDeque<Box<dyn FnOnce() + Send>>>,
}

impl Switch {
    pub(super) fn new(register: Arc<Memory>) -> Arc<Self> {
        let register = Mutex::new(register);
        Arc::new(Self { register, away: AtomicBool::new(false), before_commits: Mutex::default() })
    }

    pub(super) fn before_commits(&self, others: impl Iterator<Item = Box<dyn FnOnce() + Send>>) {
        self.before_commits.lock().unwrap().extend(others);
    }

    fn here(&self) -> Result<Arc<Memory>, StoreError> {
        if self.away.load(Ordering::Relaxed) {
            return Err(StoreError::Corrupt { table: "all", row: 0, message: "away".to_owned() });
        }
        Ok(Arc::clone(&self.register.lock().unwrap()))
    }
}

impl Store for Switch {
    fn revision(&self) -> Result<Option<Revision>, StoreError> {
        self.here()?.revision()
    }

    fn load(&self, question: Question) -> Result<Register, StoreError> {
        self.here()?.load(question)
    }

    fn changes(&self, from: AsOf, to: AsOf) -> Result<Changes, StoreError> {
        self.here()?.changes(from, to)
    }

    fn history(&self, area: &AreaCode) -> Result<Vec<Version>, StoreError> {
        self.here()?.history(area)
    }

    fn versions(&self, key: &Key) -> Result<Vec<Version>, StoreError> {
        self.here()?.versions(key)
    }

    fn revision_of_request(&self, request: &str) -> Result<Option<Revision>, StoreError> {
        self.here()?.revision_of_request(request)
    }

    fn touched_by(&self, revision: Revision) -> Result<Vec<AreaCode>, StoreError> {
        self.here()?.touched_by(revision)
    }

    fn commit_with(
        &self,
        record: &NewRecord,
        entry: &Entry,
        documents: &[DocumentChange],
    ) -> Result<Revision, StoreError> {
        let other = self.before_commits.lock().unwrap().pop_front();
        if let Some(other) = other {
            other();
        }
        self.here()?.commit_with(record, entry, documents)
    }

    fn keys_touched_by(&self, revision: Revision) -> Result<Vec<Key>, StoreError> {
        self.here()?.keys_touched_by(revision)
    }

    fn wait_beyond(&self, seen: Option<Revision>, longest: Duration) -> Result<Option<Revision>, StoreError> {
        self.here()?.wait_beyond(seen, longest.min(Duration::from_millis(20)))
    }

    fn check(&self) -> Result<Vec<String>, StoreError> {
        self.here()?.check()
    }

    fn export(&self, sink: &mut dyn FnMut(Row) -> Result<(), StoreError>) -> Result<(), StoreError> {
        self.here()?.export(sink)
    }

    fn import(&self, rows: &mut dyn Iterator<Item = Result<Row, StoreError>>) -> Result<Option<Revision>, StoreError> {
        self.here()?.import(rows)
    }
}

impl DeliveryStore for Switch {
    fn receive(&self, delivery: &NewDelivery, contents: &[&[u8]], audit: &[AuditDraft]) -> Result<Receipt, StoreError> {
        self.here()?.receive(delivery, contents, audit)
    }

    fn deliveries(&self) -> Result<Vec<Delivery>, StoreError> {
        self.here()?.deliveries()
    }

    fn delivery(&self, id: DeliveryId) -> Result<Option<Delivery>, StoreError> {
        self.here()?.delivery(id)
    }

    fn contents(&self, id: DeliveryId) -> Result<Vec<(DeliveredFile, Vec<u8>)>, StoreError> {
        self.here()?.contents(id)
    }

    fn unlocated(&self) -> Result<Vec<Unlocated>, StoreError> {
        self.here()?.unlocated()
    }

    fn note_check(
        &self,
        id: DeliveryId,
        settings: &str,
        summary: &str,
        audit: &[AuditDraft],
    ) -> Result<(), StoreError> {
        self.here()?.note_check(id, settings, summary, audit)
    }

    fn traces_of_area(&self, area: &AreaCode) -> Result<Vec<Trace>, StoreError> {
        self.here()?.traces_of_area(area)
    }

    fn traces_of_record(&self, revision: Revision) -> Result<Vec<Trace>, StoreError> {
        self.here()?.traces_of_record(revision)
    }

    fn remember_columns(&self, columns: &SenderColumns, audit: &[AuditDraft]) -> Result<(), StoreError> {
        self.here()?.remember_columns(columns, audit)
    }

    fn remembered_columns(&self, sender: &str, heads: &str) -> Result<Option<String>, StoreError> {
        self.here()?.remembered_columns(sender, heads)
    }

    fn record_exception(&self, exception: &NewException, audit: &[AuditDraft]) -> Result<ExceptionId, StoreError> {
        self.here()?.record_exception(exception, audit)
    }

    fn exceptions(&self) -> Result<Vec<Exception>, StoreError> {
        self.here()?.exceptions()
    }

    fn withdraw_exception(&self, id: ExceptionId, at: Timestamp, audit: &[AuditDraft]) -> Result<bool, StoreError> {
        self.here()?.withdraw_exception(id, at, audit)
    }
}

impl Vault for Switch {
    fn document(&self, kind: DocumentKind, id: &str) -> Result<Option<Document>, StoreError> {
        self.here()?.document(kind, id)
    }

    fn documents(&self, kind: DocumentKind) -> Result<Vec<Document>, StoreError> {
        self.here()?.documents(kind)
    }

    fn write(&self, changes: &[DocumentChange], audit: &[AuditDraft]) -> Result<(), StoreError> {
        self.here()?.write(changes, audit)
    }

    fn audit_entries(&self, query: &AuditQuery) -> Result<Vec<AuditEntry>, StoreError> {
        self.here()?.audit_entries(query)
    }

    fn audit_head(&self) -> Result<Option<AuditHead>, StoreError> {
        self.here()?.audit_head()
    }

    fn verify_audit(&self, known: Option<AuditHead>) -> Result<Option<AuditFault>, StoreError> {
        self.here()?.verify_audit(known)
    }
}

fn founded() -> (Arc<Memory>, App) {
    let store = Arc::new(Memory::new());
    let app = App::new(Arc::<Memory>::clone(&store));
    app.publish(&new_record(RecordKind::SurveyRound, date(2020, 1, 1)), &founding()).unwrap();
    (store, app)
}

/// From a day on the first area has another name.
fn renaming(name: &str, day: Date) -> (NewRecord, Entry) {
    let fact = Fact::Area(AreaFact { name: name.to_owned(), ..area(1, drawn(0, 0, 10, 10)) });
    let put = Put::Set { fact, valid: Validity::since(day) };
    (new_record(RecordKind::Rename, day), Entry { puts: vec![put], ..Entry::default() })
}

fn name(snapshot: &Snapshot) -> String {
    snapshot.area(snapshot.area_position(&code(1)).unwrap()).name.clone()
}

fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let started = Instant::now();
    while !holds() {
        assert!(started.elapsed() < Duration::from_secs(20), "{what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn assert_like_anew(app: &App, store: &dyn Store) {
    let (told, anew) = (app.snapshot().unwrap(), Snapshot::build(store.load(Question::default()).unwrap()).unwrap());
    assert_eq!(told.as_of(), anew.as_of());
    assert!(told.areas().eq(anew.areas()));
    assert_eq!(told.tallies(), anew.tallies());
    assert_eq!(told.records(), anew.records());
    assert_eq!(told.managers(), anew.managers());
}

#[test]
fn an_edit_is_published_by_what_changed() {
    let (store, app) = founded();
    let (record, entry) = renaming("甲院(演示)", date(2021, 6, 1));
    assert_eq!(app.publish(&record, &entry).unwrap(), Revision(2));
    let snapshot = app.snapshot().unwrap();
    assert_eq!((snapshot.data_date(), name(&snapshot).as_str()), (date(2021, 6, 1), "甲院(演示)"));
    assert!(snapshot.patched_count() > 0, "it was not built anew");
    assert!(app.health().last_delta.is_some());
    assert_like_anew(&app, &*store);

    let end = Put::End { key: Key::new(Kind::Area, code(2).as_str()), valid: Validity::since(date(2021, 7, 1)) };
    let entry = Entry { puts: vec![end], ..Entry::default() };
    app.publish(&new_record(RecordKind::Retirement, date(2021, 7, 1)), &entry).unwrap();
    let snapshot = app.snapshot().unwrap();
    assert_eq!(snapshot.area_position(&code(2)), None);
    assert_eq!(snapshot.absent(&code(2)).unwrap().valid.until, Some(date(2021, 7, 1)));
    assert_like_anew(&app, &*store);
    // The same edit again from elsewhere.
    let (record, entry) = renaming("乙院(演示)", date(2021, 8, 1));
    store.commit(&record, &entry).unwrap();
    assert_eq!(name(&app.catch_up().unwrap()), "乙院(演示)");
    assert_like_anew(&app, &*store);
}

#[test]
fn the_past_is_told_as_of_both_clocks_and_built_once() {
    let (_, app) = founded();
    let before = name(&app.snapshot().unwrap());
    let (record, entry) = renaming("甲院(演示)", date(2021, 6, 1));
    app.publish(&record, &entry).unwrap();

    let question = Question { day: Some(date(2021, 5, 31)), known: None };
    let states: Vec<Arc<Snapshot>> = std::thread::scope(|scope| {
        let asked: Vec<_> = (0..4).map(|_| scope.spawn(|| app.snapshot_at(question).unwrap())).collect();
        asked.into_iter().map(|asked| asked.join().unwrap()).collect()
    });
    assert!(states.iter().all(|state| Arc::ptr_eq(state, &states[0])), "four questions, one state");
    assert_eq!(name(&states[0]), before.clone());
    assert_eq!(app.health().past_snapshots, 1);
    assert!(app.health().past_snapshot_bytes > 0);

    let known = |known| Question { day: None, known: Some(Revision(known)) };
    let first = app.snapshot_at(known(1)).unwrap();
    assert_eq!((first.data_date(), name(&first)), (date(2020, 1, 1), before.clone()));
    let query = SearchQuery { text: "1号院".to_owned(), limit: 5, near: None, street: None };
    assert_eq!(first.search(&Actor::at_the_machine(), &query).unwrap()[0].hit.text, before);
    let tile = TileCoord::at(first.label(0), 16).unwrap();
    assert!(!first.tile(TileLayer::Areas, tile).is_empty());
    for present in [Question::default(), known(2), Question { day: Some(date(2021, 6, 1)), known: None }] {
        assert!(Arc::ptr_eq(&app.snapshot_at(present).unwrap(), &app.snapshot().unwrap()));
    }
    for none in [0, 3] {
        assert!(matches!(app.snapshot_at(known(none)), Err(Error::NoSuchRevision { latest: Revision(2), .. })));
    }
    let small = app.clone().with_past_memory(1);
    assert_eq!(small.snapshot_at(question).unwrap().data_date(), date(2021, 5, 31));
    assert_eq!(small.health().past_snapshots, 1, "one state is kept however large it is");
}

#[test]
fn a_store_that_was_away_is_caught_up_with() {
    let (memory, writer) = founded();
    let store = Switch::new(memory);
    let app = App::new(Arc::<Switch>::clone(&store));
    app.refresh().unwrap();
    let stop = Arc::new(AtomicBool::new(false));
    let following = app.follow(Arc::clone(&stop)).unwrap();
    let seen = |wanted: &str| name(&app.snapshot().unwrap()) == wanted;

    let (record, entry) = renaming("甲院(演示)", date(2021, 6, 1));
    writer.publish(&record, &entry).unwrap();
    eventually("what another one wrote", || seen("甲院(演示)"));

    store.away.store(true, Ordering::Relaxed);
    eventually("the loss is told", || app.health().store_lost_since.is_some());
    let (record, entry) = renaming("乙院(演示)", date(2021, 7, 1));
    writer.publish(&record, &entry).unwrap();
    assert!(seen("甲院(演示)"), "the last snapshot is served");
    store.away.store(false, Ordering::Relaxed);
    eventually("what was written meanwhile", || seen("乙院(演示)"));
    eventually("the store is back", || app.health().store_lost_since.is_none());

    // Another register of as many records is put in its place while the store is away.
    let (other, restored) = founded();
    for name in ["丙院(演示)", "丁院(演示)"] {
        let (record, entry) = renaming(name, date(2021, 8, 1));
        restored.publish(&record, &entry).unwrap();
    }
    store.away.store(true, Ordering::Relaxed);
    eventually("the loss is told", || app.health().store_lost_since.is_some());
    *store.register.lock().unwrap() = other;
    store.away.store(false, Ordering::Relaxed);
    eventually("the register that was put there", || seen("丁院(演示)"));

    // A backup without the last records, under the running server.
    let (older, _) = founded();
    *store.register.lock().unwrap() = older;
    eventually("the older register", || app.snapshot().unwrap().revision() == Revision(1));
    stop.store(true, Ordering::Relaxed);
    following.join().unwrap();
}
